"""Leading: what one process does at a time, whatever the number of processes.

    await leading.while_leading(place, "telegram 123", poll)     for ever

Whoever leads does `poll()`; the others wait, and one of them begins within seconds when it ends. On
PostgreSQL who leads holds a lock of its session, on a connection of its own. When that connection
is lost, so is the lock: `poll()` is cancelled at once. The server ends the session of a process
that says nothing, so that one that hangs, or whose machine lost its power, does not lead for ever.
On SQLite a lock on a file does the same for the processes of one machine.

Two may lead for a moment: one that hung goes on until it notices. So what is done here must be
harmless when two do it; an update that is brought to both counts once (updates.py).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from pathlib import Path

import asyncpg
import structlog

from intakebot.store.folder import private_folder
from intakebot.store.postgres import LOST

Do = Callable[[], Awaitable[None]]

# How often those that wait look, and who leads says that it is there.
LOOK_S = 1.0
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


async def while_leading(place: Path | str, what: str, do: Do) -> None:
    """Do this whenever we lead, for ever. What it raises comes out here; when it ends, so do we.

    *place*: a folder of this machine, or the address of a PostgreSQL server. Each *what* is led
    apart from the others.
    """
    if isinstance(place, Path):
        await _with_file(place, what, do)
        return
    done = False
    while not done:
        try:
            done = await _with_session(place, what, do)
        except _Lost as lost:
            log.warning("lead-lost", what=what, error=str(lost))
            await asyncio.sleep(AGAIN_S)


class _Lost(Exception):
    """The connection that the lock hangs on."""


async def _with_session(address: str, what: str, do: Do) -> bool:
    """Whether it was done to its end."""
    try:
        connection = await asyncpg.connect(
            address, timeout=ANSWER_S_MAX, command_timeout=ANSWER_S_MAX, server_settings=SETTINGS
        )
    except LOST as fault:
        raise _Lost(type(fault).__name__) from None
    try:
        lock = "SELECT pg_try_advisory_lock($1, $2)"
        while not await _ask(connection, lock, FAMILY, _number(what)):  # noqa: ASYNC110 - asked of a server
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


async def _with_file(folder: Path, what: str, do: Do) -> None:
    """The kernel lets go of the lock at any death. The file stays: it is the lock that counts."""
    path = private_folder(folder) / f"{_number(what) & 0xFFFFFFFF:08x}"
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not _locked(file):  # noqa: ASYNC110 - another process has no event of ours
            await asyncio.sleep(LOOK_S)
        log.info("leads", what=what)
        await do()
    finally:
        os.close(file)


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _number(what: str) -> int:
    """A number of 32 bits, as the server wants it: with a sign."""
    return int.from_bytes(blake2b(what.encode(), digest_size=4).digest(), signed=True)
