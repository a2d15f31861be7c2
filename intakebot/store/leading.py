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

import structlog

from intakebot.store.folder import private_folder

Do = Callable[[], Awaitable[None]]

# How often those that wait look.
LOOK_S = 1.0

log = structlog.get_logger(__name__)


async def while_leading(place: Path | str, what: str, do: Do) -> None:
    """Do this whenever we lead, for ever. What it raises comes out here; when it ends, so do we.

    *place*: a folder of this machine, or the address of a PostgreSQL server. Each *what* is led
    apart from the others.
    """
    if isinstance(place, Path):
        await _with_file(place, what, do)
        return
    from intakebot.store import leading_on_server  # noqa: PLC0415 - loads asyncpg, 4 MB

    await leading_on_server.with_session(place, number_of(what), what, do)


async def _with_file(folder: Path, what: str, do: Do) -> None:
    """The kernel lets go of the lock at any death. The file stays: it is the lock that counts."""
    path = private_folder(folder) / f"{number_of(what) & 0xFFFFFFFF:08x}"
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


def number_of(what: str) -> int:
    """A number of 32 bits, as the server wants it: with a sign."""
    return int.from_bytes(blake2b(what.encode(), digest_size=4).digest(), signed=True)
