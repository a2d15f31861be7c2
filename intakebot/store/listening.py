"""Listening: the bells that other processes ring, heard from PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import structlog

from intakebot.store.bells import Bell
from intakebot.store.postgres import LOST

CHANNEL = "intakebot"
# Between two tries of a server that cannot be reached; meanwhile everybody looks this often.
AGAIN_S = 2.0
ANSWER_S_MAX = 10
SETTINGS = {
    "application_name": "intakebot listening",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}

log = structlog.get_logger(__name__)


async def listen(address: str, bell: Bell) -> None:
    """Hear what other processes ring, for ever, on a connection of our own."""
    while True:
        try:
            async with _listening(address, bell) as connection:
                bell.rung(None)
                while True:
                    await asyncio.sleep(AGAIN_S)
                    await connection.fetchval("SELECT 1")
        except LOST as fault:
            log.warning("bell-not-heard", error=type(fault).__name__)
        bell.rung(None)
        await asyncio.sleep(AGAIN_S)


@asynccontextmanager
async def _listening(address: str, bell: Bell) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(
        address, timeout=ANSWER_S_MAX, command_timeout=ANSWER_S_MAX, server_settings=SETTINGS
    )
    try:
        await connection.add_listener(CHANNEL, lambda *told: bell.rung(str(told[3])))
        yield connection
    finally:
        connection.terminate()
