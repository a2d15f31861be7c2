"""One seed, told from the beginning: `python -m tests.simulation SEED [PLANTED FAULT] [FAULT=TIMES …]`.

`'lost page=0'`: this fault not oftener than so. What a seed that breaks a promise prints last is the
command that shows it again.
"""

import sys

import pytest

from tests.simulation.planted import PLANTED
from tests.simulation.world import live


def main() -> int:
    """Print what happened; 1 when a promise was broken."""
    seed, *rest = sys.argv[1:]
    most = dict(it.rsplit("=", 1) for it in rest if "=" in it)
    fault = " ".join(it for it in rest if "=" not in it)
    with pytest.MonkeyPatch.context() as patch:
        if fault:
            PLANTED[fault](patch)
        report = live(int(seed), most={name: int(count) for name, count in most.items()})
    lines = len(report.trace)
    sys.stdout.write(report.story(lines) if report.broken else "\n".join(report.trace))
    sys.stdout.write(f"\n{report.updates} updates, {report.crashes} crashes, {report.struck}\n")
    return int(bool(report.broken))


if __name__ == "__main__":
    sys.exit(main())
