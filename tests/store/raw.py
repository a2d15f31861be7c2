"""SQL of the tests themselves, for what the store has no verb for: tampering, and looking."""

import sqlite3

from intakebot.store.sqlite import Sqlite


async def rows(database: Sqlite, sql: str, **values: object) -> list[sqlite3.Row]:
    """The rows that this gives, asked on the connection that writes."""
    return await database._writer.do(lambda c: c.execute(sql, values).fetchall())
