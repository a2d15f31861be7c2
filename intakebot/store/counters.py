"""Statistics without identity: numbers a day, a municipality and a name."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from intakebot.store import queries as q
from intakebot.store.work import Work


class Counted(NamedTuple):
    """One number."""

    day: date
    gm: str | None
    name: str
    total: int


def add(day: date, gm: str | None, name: str, count: int = 1) -> Work[None]:
    """Count one more of this, or several."""
    yield q.add_to_counter(day=day.isoformat(), gm=gm or "", name=name, count=count)


def between(first: date, last: date) -> Work[tuple[Counted, ...]]:
    """The numbers of these days, both included."""
    rows = yield q.counters_between(first=first.isoformat(), last=last.isoformat())
    return tuple(
        Counted(date.fromisoformat(row["day"]), row["gm"] or None, row["name"], row["count"])
        for row in rows
    )
