"""SQL of the tests themselves, for what the store has no verb for: tampering, and looking."""

import re
from collections.abc import Sequence

from intakebot.store.database import Database
from intakebot.store.postgres import Postgres, numbered
from intakebot.store.queries import Query
from intakebot.store.sqlite import Sqlite
from intakebot.store.work import Row


async def rows(database: Database, sql: str, **values: object) -> Sequence[Row]:
    """The rows that this gives, asked on a connection that writes."""
    if isinstance(database, Sqlite):
        return await database._writer.do(lambda c: c.execute(sql, values).fetchall())
    assert isinstance(database, Postgres)
    query = numbered(Query("", re.sub(r"x'(\w+)'", r"'\\x\1'", sql), frozenset(values)))
    async with database._pool.acquire() as connection:
        found: Sequence[Row] = await connection.fetch(query.sql, *map(values.get, query.names))
        return found


async def script(database: Database, sql: str) -> None:
    """Several statements at once."""
    if isinstance(database, Sqlite):
        await database._writer.do(lambda c: c.executescript(sql).fetchall())
        return
    assert isinstance(database, Postgres)
    async with database._pool.acquire() as connection:
        await connection.execute(sql)
