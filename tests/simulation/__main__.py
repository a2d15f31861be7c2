"""One seed, told from the beginning: `python -m tests.simulation SEED [NAME OF A PLANTED FAULT]`."""

import sys

import pytest

from tests.simulation.planted import PLANTED
from tests.simulation.world import live


def main() -> int:
    """Print what happened; 1 when a promise was broken."""
    seed, *fault = sys.argv[1:]
    with pytest.MonkeyPatch.context() as patch:
        if fault:
            PLANTED[" ".join(fault)](patch)
        report = live(int(seed))
    lines = len(report.trace)
    sys.stdout.write(report.story(lines) if report.broken else "\n".join(report.trace))
    sys.stdout.write(f"\n{report.updates} updates, {report.crashes} crashes, {report.struck}\n")
    return int(bool(report.broken))


if __name__ == "__main__":
    sys.exit(main())
