"""Bringing a database up to date, and refusing one that this program does not know."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol

from intakebot.store.problems import StoreProblem

# The newest file in migrations/versions; test_schema.py holds them together.
HEAD = "0006"
EARLIER = ("0001", "0002", "0003", "0004", "0005")


class Migrating(Protocol):
    """What `store.migrating` gives; it is loaded when first needed."""

    def upgrade(self, opened: sqlite3.Connection, to: str) -> None:
        """Bring a database of SQLite to this revision."""
        ...

    def upgrade_script(self, found: str | None, to: str) -> str:
        """The SQL that brings a PostgreSQL database there."""
        ...

    def as_script(self, dialect: Literal["sqlite", "postgresql"]) -> str:
        """The whole schema as SQL."""
        ...

    def names(self) -> tuple[str, ...]:
        """The names of the tables."""
        ...


def migrate(
    path: Path, connect: Callable[[str], sqlite3.Connection] | None = None, *, to: str = HEAD
) -> None:
    """Bring the database in this file to this revision; makes it when there is none.

    Each revision is one transaction: killed half-way, nothing of it is kept. Blocks; call it
    before the event loop starts, or on another thread.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    opened = (connect or _connect)(str(path))
    try:
        found = version(opened)
        expect_known(found, str(path))
        if found != to:
            _migrating().upgrade(opened, to)
    finally:
        opened.close()


def version(connection: sqlite3.Connection) -> str | None:
    """The revision of the schema in this database; None when it is empty."""
    tables = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
    ).fetchall()
    rows = (
        connection.execute("SELECT version_num FROM alembic_version").fetchall() if tables else []
    )
    return rows[0][0] if rows else None


def expect_known(found: str | None, where: str) -> None:
    """Raise `StoreProblem` when a newer program made this revision."""
    if found is not None and found not in (*EARLIER, HEAD):
        raise _unknown(where, found)


def expect_current(found: str | None, where: str) -> None:
    """Raise `StoreProblem` unless this revision is exactly that of this program."""
    if found == HEAD:
        return
    if found is None or found in EARLIER:
        raise StoreProblem(
            where,
            f"The database has schema {found or 'none'}; this program needs {HEAD}.",
            "Make a backup and run: python -m intakebot migrate",
        )
    raise _unknown(where, found)


def upgrade_script(found: str | None, to: str = HEAD) -> str:
    """The SQL that brings a PostgreSQL database of this revision to *to*, for one transaction."""
    return _migrating().upgrade_script(found, to)


def as_script(dialect: Literal["sqlite", "postgresql"] = "sqlite") -> str:
    """The whole schema as SQL, for a database in memory, and for comparing."""
    return _migrating().as_script(dialect)


def names() -> tuple[str, ...]:
    """The names of our tables, each after those that it refers to."""
    return _migrating().names()


def _connect(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def _migrating() -> Migrating:
    from intakebot.store import migrating  # noqa: PLC0415 - loads SQLAlchemy and Alembic, 18 MB

    return migrating


def _unknown(where: str, found: str) -> StoreProblem:
    return StoreProblem(
        where,
        f"The database has schema {found}, which this program ({HEAD}) does not know.",
        "Start the newer program that wrote it, or restore a backup of before the upgrade.",
    )
