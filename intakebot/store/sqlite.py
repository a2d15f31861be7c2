"""SQLite, through aiosqlite: one thread that writes, one that reads, many works in one commit.

Works that wait are taken together, at most `BATCH_MAX`, in one trip to the writing thread:
BEGIN IMMEDIATE, each under a SAVEPOINT of its own, one COMMIT, one fsync. A work that raises
rolls back itself and nothing else. Nobody hears of a result before the COMMIT has returned.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import aiosqlite

from intakebot.store import queries, schema
from intakebot.store.problems import Unavailable
from intakebot.store.work import MakeWork, Row, Work

T = TypeVar("T")
Connect = Callable[[str], sqlite3.Connection]

# At 0.2 ms a work, a caller waits 13 ms for the 63 before it (LIBRARIES: 64 gave the top speed).
BATCH_MAX = 64
BUSY_TIMEOUT_MS = 5_000
CHECKPOINT_TIMEOUT_MS = 250
MEMORY = ":memory:"

# synchronous=FULL: NORMAL loses commits at a power cut. trusted_schema: a tampered schema runs no
# functions. secure_delete: freed pages are zeroed. temp_store: nothing spills outside the folder.
# cache_size: 8 MB for each connection; the 2 MB of SQLite make a batch of turns read pages twice.
_SETTINGS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -8000",
)


def connect_file(path: str) -> sqlite3.Connection:
    """The usual connection; tests give `open_sqlite` another one, with faults in it."""
    return sqlite3.connect(path, isolation_level=None, cached_statements=256)


class _Line(aiosqlite.Connection):
    """A connection on a thread of its own that does whole functions, not single calls."""

    async def do(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run this on the thread, in one trip."""
        result: T = await self._execute(function, self._conn)  # type: ignore[no-untyped-call]  # aiosqlite leaves it untyped
        return result


class _Turn(Generic[T]):
    """A work that waits, and who waits for it."""

    __slots__ = ("future", "make_work")

    def __init__(self, make_work: MakeWork[T], future: asyncio.Future[T]) -> None:
        self.make_work = make_work
        self.future = future


class Sqlite:
    """A `Database` in one file, or in memory; made by `open_sqlite`."""

    def __init__(self, writer: _Line, reader: _Line) -> None:
        self._writer = writer
        self._reader = reader
        self._waiting: deque[_Turn[Any]] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._closed = False

    async def run(self, make_work: MakeWork[T]) -> T:
        """See `Database.run`."""
        if self._closed:
            raise Unavailable("the database is closed")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Turn(make_work, future))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await future

    async def read(self, make_work: MakeWork[T]) -> T:
        """See `Database.read`."""
        if self._closed:
            raise Unavailable("the database is closed")
        try:
            return await self._reader.do(lambda connection: _look(connection, make_work))
        except sqlite3.DatabaseError as fault:
            raise _told(fault) from fault

    async def checkpoint(self) -> bool:
        """See `Database.checkpoint`."""
        try:
            return await self._writer.do(_checkpoint)
        except sqlite3.DatabaseError as fault:
            raise _told(fault) from fault

    async def close(self) -> None:
        """See `Database.close`; safe to call twice. The threads of aiosqlite end here."""
        self._closed = True
        while self._writing is not None:
            await asyncio.wait([self._writing])
        if self._reader is not self._writer:
            await self._reader.close()
        await self._writer.close()

    async def _write(self) -> None:
        try:
            while self._waiting:
                turns = [self._waiting.popleft() for _ in range(min(BATCH_MAX, len(self._waiting)))]
                await self._commit([turn for turn in turns if not turn.future.cancelled()])
        finally:
            self._writing = None

    async def _commit(self, turns: list[_Turn[Any]]) -> None:
        works = [turn.make_work for turn in turns]
        results: Sequence[Any | _Failed]
        try:
            results = await self._writer.do(lambda connection: _together(connection, works))
        except BaseException as fault:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
            results = [_Failed(fault)] * len(turns)
        for turn, result in zip(turns, results, strict=True):
            if turn.future.done():
                continue  # its caller went away; what was committed stays committed
            if isinstance(result, _Failed):
                turn.future.set_exception(_told(result.fault))
            else:
                turn.future.set_result(result)


async def open_sqlite(path: Path | str, *, connect: Connect = connect_file) -> Sqlite:
    """The database in this file, which `schema.migrate` brought up to date, or `MEMORY`.

    Raises `StoreProblem` when its schema is not the one that this program knows.
    """
    where = str(path)
    if where != MEMORY:
        _private(where)
    writer = await _line(connect, where)
    try:
        await writer.do(lambda connection: _ready(connection, where))
        if where == MEMORY:
            return Sqlite(writer, writer)
        reader = await _line(connect, where)
        await reader.do(_only_look)
    except BaseException:
        await writer.close()
        raise
    return Sqlite(writer, reader)


async def _line(connect: Connect, where: str) -> _Line:
    line = _Line(lambda: _connected(connect, where), 64)
    await line
    return line


def _only_look(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = ON")


def _private(where: str) -> None:
    """Make the file readable by its owner only; SQLite gives -wal and -shm the same mode."""
    os.close(os.open(where, os.O_RDWR | os.O_CREAT, 0o600))


def _connected(connect: Connect, where: str) -> sqlite3.Connection:
    connection = connect(where)
    connection.row_factory = sqlite3.Row
    for setting in _SETTINGS:
        connection.execute(setting).fetchall()
    return connection


def _ready(connection: sqlite3.Connection, where: str) -> None:
    if where == MEMORY:
        connection.executescript(schema.as_script())
        return
    schema.expect_current(schema.version(connection), where)
    _checkpoint(connection)  # what was erased just before a crash is wiped now


class _Failed:
    """What a work raised, on its way from the thread."""

    __slots__ = ("fault",)

    def __init__(self, fault: BaseException) -> None:
        self.fault = fault


def _together(connection: sqlite3.Connection, works: list[MakeWork[Any]]) -> list[Any | _Failed]:
    """The results of these works after one COMMIT. What a fault takes away is done again alone."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        results = [_apart(connection, make_work) for make_work in works]
        connection.execute("COMMIT")
    except sqlite3.DatabaseError as fault:
        _undo(connection)
        if len(works) == 1:
            return [_Failed(fault)]
    except BaseException:
        _undo(connection)
        raise
    else:
        return results
    return [_alone(connection, make_work) for make_work in works]


def _alone(connection: sqlite3.Connection, make_work: MakeWork[Any]) -> Any | _Failed:  # noqa: ANN401 - of any work
    try:
        return _together(connection, [make_work])[0]
    except sqlite3.DatabaseError as fault:
        return _Failed(fault)


def _apart(connection: sqlite3.Connection, make_work: MakeWork[Any]) -> Any | _Failed:  # noqa: ANN401 - of any work
    connection.execute("SAVEPOINT work")
    try:
        result = _walk(connection, make_work())
    except Exception as fault:
        if not connection.in_transaction:
            raise  # SQLite rolled everything back: disk full, I/O error
        connection.execute("ROLLBACK TO work")
        result = _Failed(fault)
    connection.execute("RELEASE work")
    return result


def _walk(connection: sqlite3.Connection, work: Work[T]) -> T:
    """Go through a work: do each statement and hand back its rows."""
    try:
        statement = next(work)
        while True:
            sql = queries.ALL[statement.name].sql
            rows: list[Row] = connection.execute(sql, statement.values).fetchall()
            statement = work.send(rows)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        work.close()


def _look(connection: sqlite3.Connection, make_work: MakeWork[T]) -> T:
    connection.execute("BEGIN")
    try:
        return _walk(connection, make_work())
    finally:
        _undo(connection)


def _undo(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _checkpoint(connection: sqlite3.Connection) -> bool:
    """Waits shortly for a reader of another process: turns of conversations wait behind it."""
    connection.execute(f"PRAGMA busy_timeout = {CHECKPOINT_TIMEOUT_MS}").fetchall()
    try:
        busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}").fetchall()
    return busy == 0


def _told(fault: BaseException) -> BaseException:
    """The fault as the rest of the program knows it; broken constraints are our own mistakes.

    Only the code of SQLite is told: its sentence may hold values.
    """
    if isinstance(fault, sqlite3.DatabaseError) and not isinstance(
        fault, sqlite3.IntegrityError | sqlite3.ProgrammingError
    ):
        return Unavailable(getattr(fault, "sqlite_errorname", type(fault).__name__))
    return fault
