"""SQLite, through aiosqlite: many works in one commit, and what waits for a disk on a thread.

Works that wait are taken together, at most `BATCH_MAX`: BEGIN IMMEDIATE, each under a SAVEPOINT of
its own, one COMMIT, one fsync. A work that raises rolls back itself and nothing else. Nobody hears
of a result before the COMMIT has returned.

The statements of a work take microseconds and are done on the event loop itself. On a thread they
would each ask for Python's lock anew, and wait up to 5 ms for it while the loop is busy: that cost
ten times what the statements did. COMMIT syncs, and a file that another process is writing is
waited for: these two go to the thread. Long reads have a thread and a connection of their own.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Generic, TypeVar

import aiosqlite

from intakebot.store import queries, schema
from intakebot.store.problems import Unavailable
from intakebot.store.work import MakeWork, Row, Work

T = TypeVar("T")
Connect = Callable[[str], sqlite3.Connection]

BEGIN = "BEGIN IMMEDIATE"
# Where a disk is slow, more wait for it and are synced together; the loop does nothing else while
# a batch is walked, some 40 ms for so many turns.
BATCH_MAX = 128
BUSY_TIMEOUT_MS = 5_000
CHECKPOINT_TIMEOUT_MS = 250
# So many works are copied from the log to the file as soon as nobody waits. SQLite itself does that
# in a COMMIT, for some 120 turns at once, which then wait for it. Busy all the time, it still does.
COPIED_AFTER = 32
MEMORY = ":memory:"

# synchronous=FULL: NORMAL loses commits at a power cut. trusted_schema: a tampered schema runs no
# functions. secure_delete: freed pages are zeroed. temp_store: nothing spills outside the folder.
# cache_size: 2 MB for each connection, as SQLite has it. With 8 MB the process was 6 MB larger and
# a turn no quicker (tests/bench).
_SETTINGS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -2000",
)


def connect_file(path: str) -> sqlite3.Connection:
    """The usual connection; tests give `open_sqlite` another one, with faults in it.

    It is used by the loop and by its thread, never by both at once: SQLite is built for that.
    """
    return sqlite3.connect(
        path, isolation_level=None, cached_statements=256, check_same_thread=False
    )


class _Line(aiosqlite.Connection):
    """A connection on a thread of its own that does whole functions, not single calls."""

    async def do(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run this on the thread, in one trip."""
        result: T = await self._execute(function, self._conn)  # type: ignore[no-untyped-call]  # aiosqlite leaves it untyped
        return result

    @property
    def here(self) -> sqlite3.Connection:
        """The connection, for what is done at once on the loop while the thread does nothing."""
        return self._conn


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
        self._alone = asyncio.Lock()  # whoever uses the writing connection
        self._waiting: deque[_Turn[Any]] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._uncopied = 0  # works since the log was copied to the file
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
            if self._reader is not self._writer:
                return await self._reader.do(lambda line: _look(line, make_work))
            return await self._alone_to_its_end(lambda line: _look(line, make_work))
        except sqlite3.DatabaseError as fault:
            raise _told(fault) from fault

    async def checkpoint(self) -> bool:
        """See `Database.checkpoint`."""
        try:
            return await self._alone_to_its_end(_checkpoint)
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
                self._uncopied += len(turns)
                if not self._waiting and self._uncopied >= COPIED_AFTER:
                    self._uncopied = 0
                    await self._copy()
        finally:
            self._writing = None

    async def _commit(self, turns: list[_Turn[Any]]) -> None:
        results: Sequence[Any | _Failed]
        try:
            async with self._alone:
                results = await self._together([turn.make_work for turn in turns])
        except BaseException as fault:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
            results = [_Failed(fault)] * len(turns)
        for turn, result in zip(turns, results, strict=True):
            if turn.future.done():
                continue  # its caller went away; what was committed stays committed
            if isinstance(result, _Failed):
                turn.future.set_exception(_told(result.fault))
            else:
                turn.future.set_result(result)

    async def _alone_to_its_end(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Its caller may go away: the thread does not, and has the connection until it is done."""

        async def do() -> T:
            async with self._alone:
                return await self._writer.do(function)

        return await asyncio.shield(asyncio.create_task(do()))

    async def _copy(self) -> None:
        """A fault here takes nothing away: the next COMMIT meets it, and tells whom it is about."""
        with suppress(sqlite3.DatabaseError):
            async with self._alone:
                await self._writer.do(_copied)

    async def _together(self, works: list[MakeWork[Any]]) -> list[Any | _Failed]:
        """The results after one COMMIT. What a fault takes away is done again, each alone."""
        await self._begin()
        try:
            results = [_apart(self._writer.here, make_work) for make_work in works]
            await self._writer.do(_to_disk)
        except sqlite3.DatabaseError as fault:
            await self._writer.do(_undo)
            if len(works) == 1:
                return [_Failed(fault)]
        except BaseException:
            await self._writer.do(_undo)
            raise
        else:
            return results
        return [await self._singly(make_work) for make_work in works]

    async def _singly(self, make_work: MakeWork[Any]) -> Any | _Failed:  # noqa: ANN401 - of any work
        try:
            return (await self._together([make_work]))[0]
        except sqlite3.DatabaseError as fault:
            return _Failed(fault)

    async def _begin(self) -> None:
        """Begin to write: at once, or on the thread when another process is writing."""
        try:
            self._writer.here.execute(BEGIN)
        except sqlite3.OperationalError as fault:
            if getattr(fault, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            await self._writer.do(_begin_patiently)


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
    connection.execute("PRAGMA busy_timeout = 0").fetchall()  # the loop never waits: `_begin`
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


def _begin_patiently(connection: sqlite3.Connection) -> None:
    with _patience(connection, BUSY_TIMEOUT_MS):
        connection.execute(BEGIN)


def _to_disk(connection: sqlite3.Connection) -> None:
    connection.execute("COMMIT")


def _copied(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


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
    with _patience(connection, CHECKPOINT_TIMEOUT_MS):
        busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return busy == 0


@contextmanager
def _patience(connection: sqlite3.Connection, ms: int) -> Iterator[None]:
    """Wait so long for other processes; on the thread, because nothing else goes on meanwhile."""
    connection.execute(f"PRAGMA busy_timeout = {ms}").fetchall()
    try:
        yield
    finally:
        connection.execute("PRAGMA busy_timeout = 0").fetchall()


def _told(fault: BaseException) -> BaseException:
    """The fault as the rest of the program knows it; broken constraints are our own mistakes.

    Only the code of SQLite is told: its sentence may hold values.
    """
    if isinstance(fault, sqlite3.DatabaseError) and not isinstance(
        fault, sqlite3.IntegrityError | sqlite3.ProgrammingError
    ):
        return Unavailable(getattr(fault, "sqlite_errorname", type(fault).__name__))
    return fault
