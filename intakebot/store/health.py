"""Health: what the database can say about itself. It tells numbers and ids, and opens nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from intakebot.store import audit, updates
from intakebot.store import queries as q
from intakebot.store.problems import StoreProblem
from intakebot.store.vault import Vault
from intakebot.store.work import Work, maybe_moment, micros

FAULTS_MAX = 5
BEAT = "health"


@dataclass(frozen=True, kw_only=True)
class Held:
    """Messages that wait until a person says what becomes of them."""

    count: int
    first_at: datetime | None
    last_at: datetime | None


def beat(now: datetime) -> Work[None]:
    """Write one small row that says nothing: whoever gets this committed can write.

    It stands with the paces of a channel that there is not, where it is forgotten by itself.
    """
    yield q.write_beat(channel=BEAT, now=micros(now))


def newest_at() -> Work[datetime | None]:
    """The last moment at which anything was stored; None in an empty database."""
    rows = yield q.newest_moments()
    moments = (maybe_moment(rows[0][name]) for name in ("received_at", "audited_at"))
    return max((at for at in moments if at is not None), default=None)


def kids_in_use() -> Work[dict[str, int]]:
    """Every key of the ring that something in the database needs, and for how much."""
    rows = yield q.kids_in_use()
    return {row["kid"]: row["count"] for row in rows}


def held() -> Work[Held]:
    """What a restore holds back."""
    rows = yield q.messages_in_state(state="held")
    return Held(
        count=rows[0]["count"],
        first_at=maybe_moment(rows[0]["first_at"]),
        last_at=maybe_moment(rows[0]["last_at"]),
    )


def aside() -> Work[int]:
    """How many updates broke the program and were put aside."""
    rows = yield q.count_poisons(attempts=updates.ATTEMPTS_MAX)
    count: int = rows[0]["count"]
    return count


def audit_faults(vault: Vault) -> Work[tuple[str, ...]]:
    """Where the chain of the audit does not hold, at most a few places."""
    found = yield from audit.verify(vault)
    return tuple(f"{it.kind} at row {it.seq}" for it in found[:FAULTS_MAX])


def file_faults(path: Path, tell: Callable[[int], object] = lambda _: None) -> tuple[str, ...]:
    """What SQLite finds broken in this file; empty when it is whole. Blocks; others may write.

    *tell* is called every million steps. Raises `StoreProblem` when the file is no database.
    """
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        steps = 0

        def step() -> int:
            nonlocal steps
            steps += 1
            tell(steps)
            return 0

        connection.set_progress_handler(step, 1_000_000)
        try:
            pages = connection.execute(f"PRAGMA quick_check({FAULTS_MAX})").fetchall()
            strays = connection.execute("PRAGMA foreign_key_check").fetchmany(FAULTS_MAX)
        except sqlite3.DatabaseError as fault:
            raise unusable(path, fault) from None
    found = [str(row[0]) for row in pages if row[0] != "ok"]
    return (*found, *(f"a row of {row[0]} hangs on none of {row[2]}" for row in strays))


def guarded(path: Path) -> bool:
    """Whether this file refuses to change the audit; a file without one needs not."""
    names = ("audit_is_never_changed", "audit_is_never_shortened")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        there = connection.execute(
            "SELECT COUNT(*) FROM sqlite_master WHERE name = 'audit'"
            " OR type = 'trigger' AND name IN (?, ?)",
            names,
        ).fetchone()[0]
    return there in (0, 1 + len(names))


def unusable(path: Path, fault: sqlite3.DatabaseError) -> StoreProblem:
    """A file that cannot be read as a database; only the code of SQLite is told."""
    code = getattr(fault, "sqlite_errorname", type(fault).__name__)
    return StoreProblem(
        str(path),
        f"The database cannot be read ({code}).",
        "Stop intakebot, keep the file as it is, and restore the newest backup in an empty place.",
    )
