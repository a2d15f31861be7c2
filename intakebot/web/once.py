"""The head and the body of an answer in one write: one system call, and most often one packet.

uvicorn writes the head as soon as it has it, and the body after it. The second write costs as much
as reading the request; and a page that fits in one packet goes out in two.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class OneWrite(HttpToolsProtocol):
    """uvicorn's HTTP, which writes at the end of each round of the loop."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin, with a transport that waits a moment."""
        super().connection_made(Gathering(transport))


class Gathering(asyncio.Transport):
    """A transport that gathers what is written in one round of the loop."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._gathered: list[bytes] = []
        self._soon = asyncio.get_running_loop().call_soon

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Write this soon."""
        if not self._gathered:
            self._soon(self._flush)
        self._gathered.append(bytes(data))

    def close(self) -> None:
        """Write what there is, and close."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._gathered.clear()
        self._transport.abort()

    def is_closing(self) -> bool:
        """See `asyncio.BaseTransport`."""
        return self._transport.is_closing()

    def is_reading(self) -> bool:
        """See `asyncio.ReadTransport`."""
        return self._transport.is_reading()

    def pause_reading(self) -> None:
        """See `asyncio.ReadTransport`."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """See `asyncio.ReadTransport`."""
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as asyncio has it
        """See `asyncio.BaseTransport`."""
        return self._transport.get_extra_info(name, default)

    def _flush(self) -> None:
        if self._gathered:
            data = b"".join(self._gathered)
            self._gathered.clear()
            self._transport.write(data)
