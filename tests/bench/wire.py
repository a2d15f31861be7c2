"""One kept connection of a lean HTTP client: what is measured is the program, not who asks.

Requests are made by hand and answers cut out of the stream; nothing is checked that our own
program does not do. One request at a time.
"""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass

END = b"\r\n\r\n"
GZIP = 31  # the window bits with which zlib reads gzip


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer, as it came over the wire."""

    code: int
    head: bytes
    packed: bytes

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        return len(self.head) + len(END) + len(self.packed)

    @property
    def body(self) -> bytes:
        """What it says."""
        packed = self.field(b"content-encoding") == b"gzip"
        return zlib.decompress(self.packed, GZIP) if packed else self.packed

    def field(self, name: bytes) -> bytes:
        """The first header of this name, which is in small letters; empty: there is none."""
        at = self.head.lower().find(b"\r\n" + name + b": ")
        return b"" if at < 0 else self.head[at + len(name) + 4 :].partition(b"\r\n")[0]


class Wire(asyncio.Protocol):
    """The connection. `sent_bytes` and `got_bytes` count what went over it."""

    def __init__(self) -> None:
        self.sent_bytes = 0
        self.got_bytes = 0
        self._got = b""
        self._answer: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def to(cls, host: str, port: int) -> Wire:
        """A new connection."""
        _, wire = await asyncio.get_running_loop().create_connection(cls, host, port)
        return wire

    async def ask(self, request: bytes) -> Answer:
        """Send this, head and body; gives the answer. OSError: the connection broke."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        self.sent_bytes += len(request)
        return await self._answer

    def close(self) -> None:
        """No more requests."""
        if self._transport is not None:
            self._transport.close()

    # ---- asyncio.Protocol -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self.got_bytes += len(data)
        self._got = self._got + data if self._got else data
        end = self._got.find(END)
        if end < 0 or self._answer is None:
            return
        head = self._got[:end]
        size = _size(head)
        if size < 0:  # in chunks: the last one is empty
            if not self._got.endswith(b"\r\n0" + END):
                return
            body, self._got = _joined(self._got[end + len(END) :]), b""
        elif len(self._got) < end + len(END) + size:
            return
        else:
            start = end + len(END)
            body, self._got = self._got[start : start + size], self._got[start + size :]
        answer, self._answer = self._answer, None
        if not answer.done():
            answer.set_result(Answer(code=int(head[9:12]), head=head, packed=body))


def _size(head: bytes) -> int:
    """How long the body is; -1: it comes in chunks."""
    low = head.lower()
    told = low.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
    return int(told) if told else -1 if b"transfer-encoding: chunked" in low else 0


def _joined(chunks: bytes) -> bytes:
    whole = b""
    while chunks:
        told, _, rest = chunks.partition(b"\r\n")
        size = int(told, 16)
        whole, chunks = whole + rest[:size], rest[size + 2 :]
    return whole
