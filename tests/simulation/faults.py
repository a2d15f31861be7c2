"""What goes wrong in one run: which faults, how often, and how many of each at most.

A seed draws for each fault whether it happens never, now and then, or often; each fault has chance
of its own, so that one can be left out and the others stay much as they were (`shrink.py`). When
the world grows calm nothing goes wrong any more: then everything must come right by itself.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

# How often, of how many times that it could happen: now and then, often.
RATES: dict[str, tuple[float, float]] = {
    # the database and its processes
    "crash before a statement": (0.0005, 0.003),
    "crash after a statement": (0.0005, 0.003),
    "crash around a commit": (0.005, 0.03),
    "database busy": (0.0005, 0.005),
    "slow disk": (0.005, 0.03),
    # Telegram, on the way in and on the way out
    "slow line": (0.1, 0.5),
    "lost acknowledgement": (0.05, 0.2),
    "late copy": (0.1, 0.4),
    "lost batch": (0.05, 0.2),
    "flood limit": (0.03, 0.2),
    "server error": (0.03, 0.2),
    "lost answer": (0.03, 0.2),
    "lost file": (0.1, 0.4),
    # browsers
    "lost form": (0.03, 0.2),
    "lost page": (0.03, 0.2),
    "reload": (0.05, 0.2),
    "second tab": (0.05, 0.2),
    "other device": (0.02, 0.1),
    # people
    "double tap": (0.1, 0.4),
    "old button": (0.05, 0.2),
    "correction": (0.05, 0.2),
    "photos": (0.2, 0.5),
    "throws away": (0.05, 0.2),
    "withdraws": (0.2, 0.5),
    "asks erasure": (0.2, 0.5),
    "block": (0.02, 0.06),
    "leaves for good": (0.1, 0.3),
}
# What happens to the whole world: so many times a run.
EVENTS: dict[str, tuple[int, ...]] = {
    "outage": (0, 0, 1, 2),
    "clock jump": (0, 1, 1, 2),
    "deploy": (0, 1, 2, 3),
    "publish": (0, 1, 2, 3),
    "restore": (0, 0, 0, 1),
}
ALL = (*RATES, *EVENTS)


class Faults:
    """Says of every moment whether something goes wrong in it; *most*: not oftener than this."""

    def __init__(self, seed: int, most: Mapping[str, int] | None = None) -> None:
        self.calm = False
        self.most = dict(most or {})
        self._chances = {
            name: random.Random(f"{seed} {name}")  # noqa: S311 - the same chance in every run
            for name in ALL
        }
        self.rates = {
            name: self._chances[name].choice((0.0, *rates)) for name, rates in RATES.items()
        }
        self.events = {
            name: min(self._chances[name].choice(times), self.most.get(name, times[-1]))
            for name, times in EVENTS.items()
        }
        self.struck: dict[str, int] = {}

    def strike(self, fault: str) -> bool:
        """Whether this goes wrong now."""
        rate = self.rates[fault]
        if self.calm or not rate or self._chances[fault].random() >= rate:
            return False
        if self.struck.get(fault, 0) >= self.most.get(fault, 1_000_000):
            return False
        self.note(fault)
        return True

    def note(self, fault: str) -> None:
        """It went wrong."""
        self.struck[fault] = self.struck.get(fault, 0) + 1
