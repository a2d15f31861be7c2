"""Copying all that is stored between a PostgreSQL server and a file of SQLite, row by row.

A backup is a file of SQLite, whatever the data lay in. So there is one form of it: it can be
restored in either, it comes up to date in one way, and it needs no program of a server, which would
have to be of the same version.

While rows are fetched, others go on writing and are not seen; only bringing the database up to date
waits. Rows are loaded in one transaction: whoever looks sees all of them, or an empty database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from intakebot.store import health, postgres, schema
from intakebot.store.postgres import MIGRATING, Connection
from intakebot.store.problems import StoreProblem, told
from intakebot.store.vault import Vault

# Fetched in one go: some megabytes at most.
ROWS = 500


class Gone(NamedTuple):
    """What the ledger says of a session that was erased."""

    session: str
    why: str
    erased_at: int
    files: str


async def fetch(address: str, path: Path, tell: Callable[[int], object]) -> None:
    """Write what the server holds at this moment into a new file, in the same revision.

    *tell* is told how many bytes more were sealed in it. Raises `StoreProblem`.
    """
    where = told(address)
    async with postgres.connected(address) as connection:
        await connection.execute("SELECT pg_advisory_lock_shared($1)", MIGRATING)
        found = await postgres.version(connection)
        if found is None:
            raise StoreProblem(where, "There is no database.", "Nothing is to be kept.")
        schema.expect_known(found, where)
        schema.migrate(path, to=found)
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            copy.execute("BEGIN")
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                for table in tables_of(copy):
                    await _fetch_table(connection, copy, table, tell)
            copy.execute("COMMIT")


async def load(
    path: Path,
    address: str,
    *,
    vault: Vault,
    faults: Sequence[str],
    tell: Callable[[int], object],
) -> None:
    """Bring what this file holds, which is up to date, to an empty database; all of it or nothing.

    *faults*: what is wrong with the chain of the audit in the file; it must arrive as it left.
    Raises `StoreProblem`.
    """
    where = told(address)
    async with postgres.connected(address) as connection, connection.transaction():
        await postgres.bring_up(connection, where)
        await _expect_no_rows(connection, where)
        tables = list(schema.names())
        with closing(sqlite3.connect(path)) as source:
            for table in tables:
                await _load_table(source, connection, table, tell)
        await connection.execute(f"ANALYZE {', '.join(tables)}")
        if await postgres.walk(connection, health.audit_faults(vault)) != tuple(faults):
            what = "The chain of the audit did not arrive as it was in the backup."
            raise StoreProblem(where, what, "Look at the server; then run restore again.")


async def expect_empty(address: str) -> None:
    """Raise `StoreProblem` when there is a row in any of our tables."""
    async with postgres.connected(address) as connection:
        await _expect_no_rows(connection, told(address))


async def holds(address: str, seq: int, digest: str) -> bool:
    """Whether the audit there has this very row: what was loaded with it has come through."""
    async with postgres.connected(address) as connection:
        if await postgres.version(connection) is None:
            return False
        found = "SELECT 1 FROM audit WHERE seq = $1 AND hash = $2"
        return await connection.fetchval(found, seq, digest) is not None


async def ledger(address: str) -> tuple[Gone, ...]:
    """Who was erased there."""
    async with postgres.connected(address) as connection:
        rows = await connection.fetch("SELECT session, why, erased_at, files FROM erasures")
    return tuple(Gone(*row) for row in rows)


async def size_of(address: str) -> int:
    """About how many bytes are stored there, without indexes."""
    ours = "SELECT SUM(pg_table_size(oid)) FROM pg_class WHERE relname = ANY($1) AND relkind = 'r'"
    async with postgres.connected(address) as connection:
        size = await connection.fetchval(ours, list(schema.names()))
    return int(size or 0)


def tables_of(connection: sqlite3.Connection) -> list[str]:
    """The tables of this revision."""
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'"
        " ORDER BY name"
    )
    return [row[0] for row in rows.fetchall()]


def columns_of(connection: sqlite3.Connection, table: str) -> list[str]:
    """The columns of a table, whatever the revision of the schema."""
    rows = connection.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()
    return [row[0] for row in rows]


# ---- parts --------------------------------------------------------------------------------------


async def _fetch_table(
    connection: Connection, copy: sqlite3.Connection, table: str, tell: Callable[[int], object]
) -> None:
    columns = columns_of(copy, table)
    named, marks = ", ".join(columns), ", ".join("?" * len(columns))
    cursor = await connection.cursor(f"SELECT {named} FROM {table}")  # noqa: S608 - names of our own schema
    while rows := [tuple(row) for row in await cursor.fetch(ROWS)]:
        copy.executemany(f"INSERT INTO {table} ({named}) VALUES ({marks})", rows)  # noqa: S608 - idem
        tell(sum(map(_size, rows)))


async def _load_table(
    source: sqlite3.Connection, connection: Connection, table: str, tell: Callable[[int], object]
) -> None:
    columns = columns_of(source, table)
    rows = source.execute(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608 - names of our own schema
    await connection.copy_records_to_table(table, records=_told(rows, tell), columns=columns)


def _told(rows: sqlite3.Cursor, tell: Callable[[int], object]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield row
        tell(_size(row))


def _size(row: tuple[object, ...]) -> int:
    return sum(len(value) for value in row if isinstance(value, bytes))


async def _expect_no_rows(connection: Connection, where: str) -> None:
    """Its tables may be there, as `migrate` makes them."""
    for table in schema.names():
        if await connection.fetchval("SELECT to_regclass($1)", table) is None:
            continue
        if await connection.fetchval(f"SELECT 1 FROM {table} LIMIT 1") is not None:  # noqa: S608 - our own
            what = f"A backup is restored into an empty database only, and {table} has rows."
            remedy = "Make another database, and let INTAKEBOT_DATABASE name it."
            raise StoreProblem(where, what, remedy)
