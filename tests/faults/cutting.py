"""A wire to PostgreSQL that breaks around a COMMIT: `async with Cutting(server.socket, dice) as wire`.

The program connects to it over TCP, it connects to the socket of the server. It reads what the
program sends message by message (protocol 3.0, chapter "Message Formats" of the manual: a letter,
four bytes of length, the rest), and cuts at the COMMIT of a transaction that writes.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import struct
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

# Before the server has it; when it has it, and may or may not have done it; after it was done.
WAYS = ("before", "on the way", "after")
QUERY, PARSE = b"Q", b"P"
HEAD_BYTES = 5


class Cutting:
    """One wire; *share* is the part of the commits that it breaks at."""

    def __init__(self, socket: Path, dice: random.Random) -> None:
        self.share = 0.0
        self.cuts: Counter[str] = Counter()
        self._socket = socket
        self._dice = dice
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()

    @property
    def dsn(self) -> str:
        """The address for the program; in the clear, because messages are read here."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return f"postgresql://test@127.0.0.1:{port}/postgres?sslmode=disable"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the program, for as long as both sides keep it."""
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        try:
            theirs, ours = await asyncio.open_unix_connection(str(self._socket))
            answers = asyncio.create_task(_pass_on(theirs, writer))
            try:
                last, how = await self._until_a_cut(reader, ours)
                if how == "after":
                    answers.cancel()  # the program hears nothing of it …
                    await asyncio.wait([answers])
                if how != "before":
                    ours.write(last)
                    await ours.drain()
                if how == "after":
                    await theirs.read(1)  # … and the server says that it is done
            finally:
                answers.cancel()
                ours.transport.abort()
        except (OSError, asyncio.IncompleteReadError):
            pass  # one of the two went away
        finally:
            writer.transport.abort()
            self._lines.discard(line)

    async def _until_a_cut(
        self, reader: asyncio.StreamReader, server: asyncio.StreamWriter
    ) -> tuple[bytes, str]:
        """Pass on what the program says; gives the COMMIT that is not passed on yet, and the way."""
        (length,) = struct.unpack("!i", greeting := await reader.readexactly(4))
        server.write(greeting + await reader.readexactly(length - 4))
        reads = False
        while True:
            head = await reader.readexactly(HEAD_BYTES)
            (length,) = struct.unpack("!i", head[1:])
            body = await reader.readexactly(length - 4)
            said = _said(head[:1], body)
            if said.startswith(b"BEGIN"):
                reads = b"READ ONLY" in said
            if said.startswith(b"COMMIT") and not reads and self._dice.random() < self.share:
                how = self._dice.choice(WAYS)
                self.cuts[how] += 1
                return head + body, how
            server.write(head + body)
            await server.drain()


def _said(kind: bytes, body: bytes) -> bytes:
    """The statement in this message, in capitals; empty when there is none."""
    if kind == PARSE:
        return body.partition(b"\0")[2].upper()
    return body.upper() if kind == QUERY else b""


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What the server answers."""
    with contextlib.suppress(OSError):
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()
    writer.transport.abort()
