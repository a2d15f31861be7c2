"""What goes wrong in one run: which faults, how often, and the connection that breaks.

A seed draws for each fault whether it happens never, now and then, or often. When the world grows
calm nothing goes wrong any more: then everything must come right by itself.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from typing import Any

# How often, of how many times that it could happen: now and then, often.
RATES: dict[str, tuple[float, float]] = {
    "crash before a statement": (0.0005, 0.003),
    "crash after a statement": (0.0005, 0.003),
    "crash around a commit": (0.005, 0.03),
    "database busy": (0.0005, 0.005),
    "slow disk": (0.005, 0.03),
    "slow line": (0.1, 0.5),
    "lost acknowledgement": (0.05, 0.2),
    "late copy": (0.05, 0.2),
    "flood limit": (0.03, 0.2),
    "server error": (0.03, 0.2),
    "lost answer": (0.03, 0.2),
    "double tap": (0.1, 0.4),
    "old button": (0.05, 0.2),
    "correction": (0.05, 0.2),
    "block": (0.01, 0.04),
}
# What happens to the whole world: at most so many times a run.
EVENTS = {"outage": 2, "clock jump": 2, "deploy": 3}


class Crash(BaseException):
    """The process died here: nothing of it reaches the disk any more."""


class Faults:
    """Says of every moment whether something goes wrong in it."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.calm = False
        self.rates = {name: chance.choice((0.0, *rates)) for name, rates in RATES.items()}
        self.events = {name: chance.randint(0, most) for name, most in EVENTS.items()}
        self.struck: dict[str, int] = {}

    def strike(self, fault: str) -> bool:
        """Whether this goes wrong now."""
        if self.calm or self._chance.random() >= self.rates[fault]:
            return False
        self.struck[fault] = self.struck.get(fault, 0) + 1
        return True


def connect(look: Callable[[str], None], after: Callable[[str], None]) -> sqlite3.Connection:
    """A database in memory; *look* and *after* see every statement, and may raise."""

    class Breaking(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401 - passed on as they came
            look(sql)
            cursor = super().execute(sql, *values)
            after(sql)
            return cursor

    return sqlite3.connect(
        ":memory:",
        isolation_level=None,
        factory=Breaking,
        cached_statements=256,
        check_same_thread=False,
    )
