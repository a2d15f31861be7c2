"""Bringing a database up to date, and refusing one that this program does not know."""

from __future__ import annotations

import io
import os
import sqlite3
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, create_mock_engine, event, pool

from intakebot.store import tables_beside
from intakebot.store.problems import StoreProblem

# The newest file in migrations/versions; test_schema.py holds them together.
HEAD = "0005"
EARLIER = ("0001", "0002", "0003", "0004")


def migrate(
    path: Path, connect: Callable[[str], sqlite3.Connection] | None = None, *, to: str = HEAD
) -> None:
    """Bring the database in this file to this revision; makes it when there is none.

    Each revision is one transaction: killed half-way, nothing of it is kept. Blocks; call it
    before the event loop starts, or on another thread.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    opened = (connect or _connect)(str(path))
    engine = create_engine("sqlite://", creator=lambda: opened, poolclass=pool.StaticPool)
    event.listen(engine, "begin", _begin_immediate)
    try:
        found = version(opened)
        expect_known(found, str(path))
        if found != to:
            with engine.begin() as connection:
                command.upgrade(_config(connection), to)
    finally:
        engine.dispose()
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
    """The SQL that brings a PostgreSQL database of this revision to *to*, for one transaction.

    Alembic writes it without a connection: a revision may not ask the database anything.
    """
    written = io.StringIO()
    config = _config()
    config.attributes["writes_to"] = written
    command.upgrade(config, f"{found or 'base'}:{to}", sql=True)
    return written.getvalue()


def as_script(dialect: Literal["sqlite", "postgresql"] = "sqlite") -> str:
    """The whole schema as SQL, for a database in memory, and for comparing."""
    statements: list[str] = []

    def gather(ddl: Any, *_: object, **__: object) -> None:  # noqa: ANN401 - SQLAlchemy's own
        statements.append(str(ddl.compile(dialect=engine.dialect)).strip())

    engine = create_mock_engine(f"{dialect}://", gather)
    tables_beside.metadata.create_all(engine, checkfirst=False)
    return ";\n".join(statements) + ";"


def _connect(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("intakebot.store").joinpath("migrations")))
    config.attributes["connection"] = connection
    return config


def _unknown(where: str, found: str) -> StoreProblem:
    return StoreProblem(
        where,
        f"The database has schema {found}, which this program ({HEAD}) does not know.",
        "Start the newer program that wrote it, or restore a backup of before the upgrade.",
    )
