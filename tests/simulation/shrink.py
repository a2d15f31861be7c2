"""From a seed that breaks a promise to the few things that it takes, and the lines that tell of them.

One kind of fault after another is left out, or happens less often, as long as the promise stays
broken. What remains is a story that a person can read.
"""

from __future__ import annotations

import re

from tests.simulation.faults import ALL
from tests.simulation.world import Report, live

TRIES_MAX = 80
LINES_MAX = 120
# Who a broken promise is about.
WHO = re.compile(r"(?:chat|visitor) \d+")


def shrunk(seed: int) -> Report:
    """The same seed with as few faults as break a promise. Its trace is of that run."""
    best, most, tries = live(seed), dict[str, int](), 0
    assert best.broken
    for name in sorted(ALL, key=lambda it: best.struck.get(it, 0)):
        count = best.struck.get(name, 0)
        for fewer in dict.fromkeys((0, 1, 2, count // 2)):
            if fewer >= count and count:
                break
            tries += 1
            found = live(seed, most={**most, name: fewer})
            if found.broken:
                best, most = found, {**most, name: fewer}
                break
            if tries >= TRIES_MAX or not count:
                break
        if tries >= TRIES_MAX:
            break
    return best


def told(report: Report) -> str:
    """What happened to whom it is about, and to the world."""
    about = {found[0] for sentence in report.broken for found in WHO.finditer(sentence)}
    others = ("chat ", "visitor ", "thief ")
    lines = [
        line
        for line in report.trace
        if not about
        or any(f" {name} " in line or line.endswith(name) for name in about)
        or not line[12:].startswith((*others, "telegram", "Marieke"))
    ]
    needed = ", ".join(f"{name} ({n})" for name, n in sorted(report.struck.items()))
    return "\n".join(
        [
            *lines[-LINES_MAX:],
            f"It takes: {needed or 'nothing'}.",
            report.story(0),
        ]
    )
