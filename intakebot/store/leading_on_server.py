"""Leading on PostgreSQL: a lock of a session, on a connection of its own. See `leading`."""

from __future__ import annotations

import asyncio

import asyncpg
import structlog

from intakebot.store.leading import LOOK_S, Do
from intakebot.store.postgres import LOST

ANSWER_S_MAX = 5
# Between two tries of a server that cannot be reached.
AGAIN_S = 2.0
# Locks by two numbers: apart from those of chats, which are one number (sessions.py).
FAMILY = 0x696E7461
SETTINGS = {
    "application_name": "intakebot leading",
    "statement_timeout": f"{ANSWER_S_MAX}s",
    # A session that is silent for longer loses the lock.
    "idle_session_timeout": "15s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "2",
}

log = structlog.get_logger(__name__)


class _Lost(Exception):
    """The connection that the lock hangs on."""


async def with_session(address: str, number: int, what: str, do: Do) -> None:
    """Do this whenever we hold the lock of this number, until it is done to its end."""
    done = False
    while not done:
        try:
            done = await _in_one_session(address, number, what, do)
        except _Lost as lost:
            log.warning("lead-lost", what=what, error=str(lost))
            await asyncio.sleep(AGAIN_S)


async def _in_one_session(address: str, number: int, what: str, do: Do) -> bool:
    """Whether it was done to its end."""
    try:
        connection = await asyncpg.connect(
            address, timeout=ANSWER_S_MAX, command_timeout=ANSWER_S_MAX, server_settings=SETTINGS
        )
    except LOST as fault:
        raise _Lost(type(fault).__name__) from None
    try:
        lock = "SELECT pg_try_advisory_lock($1, $2)"
        while not await _ask(connection, lock, FAMILY, number):  # noqa: ASYNC110 - asked of a server
            await asyncio.sleep(LOOK_S)
        log.info("leads", what=what)
        return await _until_lost(connection, do)
    finally:
        connection.terminate()


async def _until_lost(connection: asyncpg.Connection[asyncpg.Record], do: Do) -> bool:
    doing = asyncio.ensure_future(do())
    holding = asyncio.ensure_future(_hold(connection))
    try:
        await asyncio.wait((doing, holding), return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            await holding
        else:
            await doing
    finally:
        doing.cancel()
        holding.cancel()
        await asyncio.gather(doing, holding, return_exceptions=True)
    return True


async def _hold(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Say that we are there, until nobody hears it."""
    while True:
        await asyncio.sleep(LOOK_S)
        await _ask(connection, "SELECT true")


async def _ask(connection: asyncpg.Connection[asyncpg.Record], question: str, *values: int) -> bool:
    try:
        return bool(await connection.fetchval(question, *values))
    except LOST as fault:
        raise _Lost(type(fault).__name__) from None
