"""Workers: several serving processes on one port of one machine, and the one that looks after them.

    python -m intakebot serve --workers 4

The parent brings the database up to date, opens a socket for each worker and starts it. The kernel
spreads connections over the sockets. They stay open in the parent: who connects while a worker is
started again is answered by the new one.

A worker that dies is started again, later each time; one that cannot start, or keeps dying, ends
all, with an exit code for whoever started us. SIGTERM is passed on, and waited for. A worker whose
parent is gone sees the end of its standard input and stops.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import structlog

from intakebot import app, logs
from intakebot.settings import Settings, SettingsProblem

# What a worker ends with when the operator must mend something: it said so itself.
OPERATOR_ERROR = 2
CANNOT_SERVE = 1
# In a row, each within `LIVED_S` of its start.
DEATHS_MAX = 5
LIVED_S = 30.0
BACKOFF_S_MAX = 10.0
# More than the web server and the outbox take to finish what they began.
END_S = 25.0
QUEUE_MAX = 2048

log = structlog.get_logger(__name__)


class Ended(Exception):
    """All is to end, with this exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


async def serve(settings: Settings, *, sample: bool, count: int, command: Sequence[str]) -> int:
    """Serve with so many workers until told to stop. *command* starts one; its socket follows."""
    logs.as_json()
    if not settings.on_postgresql:
        msg = (
            f"--workers {count}: SQLite has one writer at a time, so more processes would not be"
            " faster. Set INTAKEBOT_DATABASE to a PostgreSQL server, or leave --workers out."
        )
        raise SettingsProblem(msg)
    with listening(settings.host, settings.port, count) as sockets:
        links = await app.prepare(settings, sample=sample)
        told = asyncio.Event()
        loop = asyncio.get_running_loop()
        for kind in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(kind, told.set)
        tended = [
            Tended(nth, [*command, f"{one.fileno()}:{count}"], one)
            for nth, one in enumerate(sockets)
        ]
        tasks = [asyncio.ensure_future(one.keep()) for one in tended]
        telling = asyncio.ensure_future(_tell(settings, links, tended))
        try:
            return await _until_told(told, tasks)
        finally:
            telling.cancel()


async def _tell(settings: Settings, links: app.Links, tended: Sequence[Tended]) -> None:
    for one in tended:
        await one.serves.wait()
    app.announce(settings, links)


async def _until_told(told: asyncio.Event, tasks: Sequence[asyncio.Future[None]]) -> int:
    """The exit code, once every worker has ended."""
    stop = asyncio.ensure_future(told.wait())
    every: list[asyncio.Future[Any]] = [stop, *tasks]
    await asyncio.wait(every, return_when=asyncio.FIRST_COMPLETED)
    for task in every:
        task.cancel()
    ended = await asyncio.gather(*every, return_exceptions=True)
    for fault in ended:
        if isinstance(fault, Exception) and not isinstance(fault, Ended):
            raise fault
    return max((fault.code for fault in ended if isinstance(fault, Ended)), default=0)


class Tended:
    """One worker after the other, on one socket."""

    def __init__(self, nth: int, command: Sequence[str], own: socket.socket) -> None:
        self.serves = asyncio.Event()
        self._nth = nth
        self._command = command
        self._socket = own

    async def keep(self) -> None:
        """Keep one alive, until cancelled. Raises `Ended` when that cannot be done."""
        deaths = 0
        while True:
            begun = asyncio.get_running_loop().time()
            code = await self._live()
            lived_s = asyncio.get_running_loop().time() - begun
            deaths = deaths + 1 if lived_s < LIVED_S else 1
            if code == OPERATOR_ERROR:
                raise Ended(OPERATOR_ERROR)
            log.error("worker-ended", worker=self._nth, code=code, lived_s=round(lived_s, 1))
            if deaths >= DEATHS_MAX:
                log.error("worker-cannot-serve", worker=self._nth, deaths=deaths)
                raise Ended(CANNOT_SERVE)
            await asyncio.sleep(min(BACKOFF_S_MAX, 0.25 * 2**deaths))

    async def _live(self) -> int:
        """Start one, and give its exit code; when we are cancelled it is ended in order."""
        child = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=PIPE,
            stdout=PIPE,
            pass_fds=(self._socket.fileno(),),
            start_new_session=True,  # Ctrl-C is for the parent, which passes it on
        )
        try:
            assert child.stdout is not None
            if await child.stdout.readline():
                self.serves.set()
            return await child.wait()
        finally:
            await _ended(child)


async def _ended(child: Process) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    waiting = asyncio.ensure_future(child.wait())
    await asyncio.wait((waiting,), timeout=END_S)
    if not waiting.done():
        log.error("worker-killed", pid=child.pid)
        child.kill()
    await waiting


@contextmanager
def listening(host: str, port: int, count: int) -> Iterator[list[socket.socket]]:
    """So many sockets that share the port. Raises `SettingsProblem` when it is taken."""
    sockets: list[socket.socket] = []
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # One that shares with nobody, and is closed again: another program must not share ours.
        with socket.create_server(address, family=family) as alone:
            address = alone.getsockname()
        open_one = partial(socket.create_server, address, family=family, backlog=QUEUE_MAX)
        sockets.extend(open_one(reuse_port=True) for _ in range(count))
    except OSError as fault:
        _close(sockets)
        msg = f"INTAKEBOT_LISTEN: {host}:{port} cannot be listened on ({fault.strerror})."
        raise SettingsProblem(f"{msg} Stop the program that does, or choose another.") from None
    try:
        yield sockets
    finally:
        _close(sockets)


def _close(sockets: Sequence[socket.socket]) -> None:
    for one in sockets:
        one.close()
