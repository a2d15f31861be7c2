"""PostgreSQL, through asyncpg: every work on a connection of a pool, in a transaction of its own.

READ COMMITTED: each statement sees what others committed before it began, so that whoever waited
for the lock of a chat sees what the one before did there. A snapshot of the whole transaction
would be taken by the very statement that waits, and be too old. What only reads has one snapshot.

Two that stood in each other's way are told apart by the database: it stops one of them, and that
work is walked again. A broken constraint may be such a case too, when another wrote the same row
first; what breaks every time is our mistake.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from intakebot.store import queries, schema
from intakebot.store.problems import Refused, StoreProblem, Unavailable, told
from intakebot.store.work import MakeWork, Work

T = TypeVar("T")
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

# A server takes 100 connections unless told otherwise; some processes share one.
CONNECTIONS_MAX = 10
WALKS_MAX = 5
WAIT_S = 10
# After the answer of a server is this late, we say that it cannot be reached.
ANSWER_S_MAX = 30
# Of the lock that keeps two programs from migrating at once: "intakebot" as a number.
MIGRATING = 0x696E74616B65626F
SETTINGS = {
    "application_name": "intakebot",
    "lock_timeout": f"{WAIT_S}s",
    "statement_timeout": f"{ANSWER_S_MAX}s",
    "idle_in_transaction_session_timeout": f"{2 * ANSWER_S_MAX}s",
}
# For work of an operator, which may take long and waits for whoever is in the way.
UNHURRIED = {
    "application_name": "intakebot",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}

# What an ask of a server can end in. A timeout is an OSError; the library is at a loss for words of
# its own (InternalClientError) when a server ends a connection between two messages.
LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

# Classes of SQLSTATE (appendix A of the manual). Another was in the way: serialization failure,
# deadlock, and a constraint that another's row broke.
_AGAIN = ("23", "40")
# It could not do it now: lost connection, lock timeout, out of room, shut down, system error,
# a server that only reads, such as a standby, or that knows us no longer.
_NOT_NOW = ("08", "25006", "28", "3D", "40", "53", "55P03", "57", "58", "XX")
_ONLY_HERE = re.compile(r"/\*postgresql (.*?)\*/", re.DOTALL)
_VALUE = re.compile(r"(?<!:):([a-z_]+)")


class Numbered(NamedTuple):
    """A query as PostgreSQL wants it: `$1` for a value, and the names of the values in order."""

    sql: str
    names: tuple[str, ...]


def numbered(query: queries.Query) -> Numbered:
    """Translate a query; what stands in a remark `/*postgresql … */` belongs to it."""
    names = tuple(sorted(query.values))
    sql = _ONLY_HERE.sub(r"\1", query.sql)
    return Numbered(_VALUE.sub(lambda found: f"${names.index(found[1]) + 1}", sql), names)


ALL = {name: numbered(query) for name, query in queries.ALL.items()}


class Postgres:
    """A `Database` on a server; made by `open_postgres`."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._pool = pool

    async def run(self, make_work: MakeWork[T]) -> T:
        """See `Database.run`."""
        for _ in range(WALKS_MAX - 1):
            try:
                return await self._once(make_work)
            except asyncpg.PostgresError as fault:
                if not _of(fault, _AGAIN):
                    raise _told(fault) from None
        try:
            return await self._once(make_work)
        except asyncpg.PostgresError as fault:
            raise _told(fault) from None

    async def read(self, make_work: MakeWork[T]) -> T:
        """See `Database.read`."""
        try:
            return await self._once(make_work, isolation="repeatable_read", readonly=True)
        except asyncpg.PostgresError as fault:
            raise _told(fault) from None

    async def checkpoint(self) -> bool:
        """See `Database.checkpoint`. Here: wipe the keys of what was erased from their table.

        The log of the server, and copies of it, keep them for as long as the server keeps its log.
        """
        try:
            async with _reachable(), self._pool.acquire(timeout=WAIT_S) as connection:
                await connection.execute("VACUUM (SKIP_LOCKED) session_keys")
        except asyncpg.PostgresError as fault:
            raise _told(fault) from None
        return True

    async def close(self) -> None:
        """See `Database.close`; safe to call twice."""
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def _once(
        self,
        make_work: MakeWork[T],
        *,
        isolation: Literal["read_committed", "repeatable_read"] = "read_committed",
        readonly: bool = False,
    ) -> T:
        async with _reachable(), self._pool.acquire(timeout=WAIT_S) as connection:
            transaction = connection.transaction(isolation=isolation, readonly=readonly)
            async with _apart(transaction):
                return await walk(connection, make_work())


async def open_postgres(address: str) -> Postgres:
    """The database at this address, which `migrate` brought up to date.

    Raises `StoreProblem` when it cannot be reached, or when its schema is not the one that this
    program knows.
    """
    pool = asyncpg.create_pool(
        address,
        min_size=1,
        max_size=CONNECTIONS_MAX,
        timeout=WAIT_S,
        command_timeout=ANSWER_S_MAX + WAIT_S,
        statement_cache_size=2 * len(ALL),
        max_cached_statement_lifetime=0,
        server_settings=SETTINGS,
        init=_durable,
        reset=_tidy,
    )
    database = Postgres(pool)
    try:
        async with _startable(address):
            await pool
            async with pool.acquire() as connection:
                schema.expect_current(await version(connection), told(address))
    except BaseException:
        await database.close()
        raise
    return database


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Connection]:
    """A connection of its own, for work that takes as long as it takes.

    Raises `StoreProblem` when the database cannot be reached, and for every fault of its own.
    """
    async with _startable(address):
        connection = await asyncpg.connect(address, timeout=WAIT_S, server_settings=UNHURRIED)
        try:
            await _durable(connection)
            yield connection
        finally:
            await connection.close(timeout=WAIT_S)


async def migrate(address: str) -> None:
    """Bring the database at this address to `schema.HEAD`, in one transaction."""
    async with connected(address) as connection:
        if await version(connection) != schema.HEAD:
            async with connection.transaction():
                await bring_up(connection, told(address))


async def bring_up(connection: Connection, where: str) -> None:
    """Bring it to `schema.HEAD` in the transaction that is open; until it ends nobody else can.

    It waits for a backup that is being made.
    """
    await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATING)
    found = await version(connection)
    schema.expect_known(found, where)
    if found != schema.HEAD:
        await connection.execute(schema.upgrade_script(found))


async def version(connection: Connection) -> str | None:
    """The revision of the schema in this database; None when there is none."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    found: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return found


async def _durable(connection: Connection) -> None:
    """What is acknowledged is on the disk, also on a server that is set to be faster."""
    await connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false)"
        " WHERE current_setting('synchronous_commit') = 'off'"
    )


async def _tidy(connection: Connection) -> None:
    """No work changes a setting, so there is nothing to set back when a connection is returned."""
    if connection.is_in_transaction():
        await connection.execute("ROLLBACK")


async def walk(connection: Connection, work: Work[T]) -> T:
    """Go through a work: do each statement and hand back its rows."""
    try:
        statement = next(work)
        while True:
            query = ALL[statement.name]
            values = [statement.values[name] for name in query.names]
            rows: list[Any] = await connection.fetch(query.sql, *values)
            statement = work.send(rows)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        work.close()


@asynccontextmanager
async def _apart(transaction: asyncpg.transaction.Transaction) -> AsyncIterator[None]:
    """A transaction; a connection that is lost meanwhile needs no roll-back."""
    await transaction.start()
    try:
        yield
    except BaseException:
        with suppress(*LOST):
            await transaction.rollback()
        raise
    await transaction.commit()


@asynccontextmanager
async def _reachable() -> AsyncIterator[None]:
    try:
        yield
    except (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError) as fault:
        if isinstance(fault, ValueError):  # a value that its column cannot hold
            raise Refused(type(fault).__name__) from None
        raise Unavailable(type(fault).__name__) from None


@asynccontextmanager
async def _startable(address: str) -> AsyncIterator[None]:
    try:
        yield
    except asyncpg.ClientConfigurationError:
        raise StoreProblem(
            told(address),
            "The database cannot be reached as INTAKEBOT_DATABASE says.",
            "Look at what stands behind the ? in it. With sslmode=verify-full it must also name the"
            " certificate of who signed that of the server: sslrootcert=/path/to/root.crt.",
        ) from None
    except (ValueError, *LOST) as fault:
        raise StoreProblem(
            told(address),
            f"The database cannot be used ({_code(fault)}).",
            "Look whether the server runs, and whether INTAKEBOT_DATABASE names its database, user"
            " and password.",
        ) from None


def _of(fault: asyncpg.PostgresError, classes: Sequence[str]) -> bool:
    return _code(fault).startswith(tuple(classes))


def _code(fault: Exception) -> str:
    return getattr(fault, "sqlstate", None) or type(fault).__name__


def _told(fault: asyncpg.PostgresError) -> Exception:
    """The fault as the rest of the program knows it.

    Only code and constraint are told: the sentence of the server may hold values.
    """
    if _of(fault, _NOT_NOW):
        return Unavailable(type(fault).__name__)
    constraint = getattr(fault, "constraint_name", None) or ""
    return Refused(f"{type(fault).__name__} {constraint}".rstrip())
