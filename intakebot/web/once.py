"""The head and the body of an answer in one write: one system call, and most often one packet.

uvicorn writes the head as soon as it has it, and the body after it. The second write costs as much
as reading the request; and a page that fits in one packet goes out in two.

Who has the whole answer at once hands it over by an extension of ASGI, `WHOLE`: a function that
puts it on the wire without asking of each header anew what it is. What is not as usual (HEAD, the
end of a connection, a browser that does not read, a header that breaks its line) it leaves alone
and gives False: that goes uvicorn's own way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.types import Scope
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from intakebot.web.packing import Head

WHOLE = "intakebot.whole"
# Scope, status, headers with a content-length among them, body; False: nothing was written.
Whole = Callable[[Scope, int, Head, bytes], bool]


class OneWrite(HttpToolsProtocol):
    """uvicorn's HTTP, which writes at the end of each round of the loop."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin, with a transport that waits a moment."""
        super().connection_made(Gathering(transport))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        cycle.scope["extensions"] = {WHOLE: self._whole}  # type: ignore[dict-item]  # a function: ASGI leaves open what it is
        super()._start_asgi_task(cycle, app)

    def _whole(self, scope: Scope, status: int, head: Head, body: bytes) -> bool:
        cycle = self.cycle
        lines = b"".join([b"%b: %b\r\n" % pair for pair in head])
        usual = (
            cycle.scope is scope  # else another request came meanwhile, and waits for this one
            and cycle.keep_alive
            and not cycle.response_started
            and not cycle.disconnected
            and not cycle.default_headers
            and not self.flow.write_paused
            and scope["method"] != "HEAD"
            and lines.count(b"\r") == lines.count(b"\n") == len(head)
            and b"\0" not in lines
        )
        if usual:
            cycle.response_started = cycle.response_complete = True
            cycle.waiting_for_100_continue = False
            self.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[status], lines, body))
            cycle.message_event.set()
            cycle.on_response()
        return usual


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
