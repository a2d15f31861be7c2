"""The database that an installation chose, brought up to date."""

from __future__ import annotations

import asyncio
from pathlib import Path

from intakebot.store import schema
from intakebot.store.database import Database
from intakebot.store.sqlite import open_sqlite


async def open_up_to_date(place: Path | str) -> Database:
    """A path is a file of SQLite, text the address of a PostgreSQL server.

    Raises `StoreProblem` when it cannot be used, or when a newer program wrote it.
    """
    if isinstance(place, Path):
        await asyncio.to_thread(schema.migrate, place)
        return await open_sqlite(place)
    from intakebot.store import postgres  # noqa: PLC0415 - loads asyncpg, 4 MB

    await postgres.migrate(place)
    return await postgres.open_postgres(place)
