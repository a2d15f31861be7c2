"""A whole answer goes out at once, the same as uvicorn would write it, or is left to uvicorn."""

import asyncio
import logging

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from intakebot.web.once import WHOLE, OneWrite
from intakebot.web.packing import Head

BODY = b"<p>Dag.</p>"
HEAD: Head = [(b"content-type", b"text/html"), (b"content-length", b"%d" % len(BODY))]
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 11\r\n\r\n" + BODY


class Browser(asyncio.Transport):
    """The other side of a connection: what came, and whether it was closed."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.1", 5), "sockname": ("127.0.0.1", 80)})
        self.got = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.got += bytes(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        """Nothing more is sent anyway."""

    def resume_reading(self) -> None:
        """Nothing more is sent anyway."""


class Site:
    """Answers each request with this head, whole when that is taken; notes whether it was."""

    def __init__(self, head: Head, *, whole: bool = True) -> None:
        self.head = head
        self.whole = whole
        self.taken: list[bool] = []
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        await self.goes_on.wait()
        if self.whole:
            self.taken.append(scope["extensions"][WHOLE](scope, 200, self.head, BODY))
            if self.taken[-1]:
                return
        await send({"type": "http.response.start", "status": 200, "headers": self.head})
        await send({"type": "http.response.body", "body": BODY})


def connected(site: Site) -> tuple[OneWrite, Browser]:
    config = uvicorn.Config(site, log_config=None, lifespan="off")
    protocol, browser = OneWrite(config, ServerState(), {}), Browser()
    protocol.connection_made(browser)
    return protocol, browser


async def asked(site: Site, *requests: bytes) -> Browser:
    protocol, browser = connected(site)
    for request in requests:
        protocol.data_received(request)
        for _ in range(10):
            await asyncio.sleep(0)
    protocol.connection_lost(None)
    return browser


@pytest.mark.parametrize("whole", [True, False])
async def test_it_is_what_uvicorn_writes(*, whole: bool) -> None:
    site = Site(HEAD, whole=whole)
    browser = await asked(site, GET, GET)

    assert browser.got == ANSWER * 2
    assert site.taken == [True, True][: 2 * whole]


@pytest.mark.parametrize(
    "request_",
    [
        b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.0\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ],
)
async def test_what_is_not_as_usual_goes_as_uvicorn_does_it(request_: bytes) -> None:
    site = Site(HEAD)
    browser = await asked(site, request_)
    own = await asked(Site(HEAD, whole=False), request_)

    assert site.taken == [False]
    assert (browser.got, browser.closed) == (own.got, own.closed)


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b", b"a\nb", b"a\rb", b"a\0b"])
async def test_a_header_that_breaks_its_line_never_goes_out(
    value: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "uvicorn.error")
    site = Site([*HEAD, (b"x-said", value)])
    browser = await asked(site, GET)

    assert site.taken == [False]
    assert (browser.got, browser.closed) == (b"", True)


async def test_who_does_not_read_is_waited_for() -> None:
    site = Site(HEAD)
    protocol, browser = connected(site)
    protocol.pause_writing()
    protocol.data_received(GET)
    for _ in range(10):
        await asyncio.sleep(0)
    before = browser.got
    protocol.resume_writing()
    for _ in range(10):
        await asyncio.sleep(0)

    assert site.taken == [False]
    assert (before, browser.got) == (b"", ANSWER)


async def test_two_requests_at_once_are_answered_in_their_order() -> None:
    site = Site(HEAD)
    site.goes_on.clear()
    protocol, browser = connected(site)
    protocol.data_received(GET + GET)
    await asyncio.sleep(0)
    site.goes_on.set()
    for _ in range(20):
        await asyncio.sleep(0)

    assert site.taken == [False, True]
    assert browser.got == ANSWER * 2


async def test_nothing_is_written_to_who_has_gone() -> None:
    site = Site(HEAD)
    site.goes_on.clear()
    protocol, browser = connected(site)
    protocol.data_received(GET)
    await asyncio.sleep(0)
    protocol.connection_lost(ConnectionResetError())
    site.goes_on.set()
    for _ in range(10):
        await asyncio.sleep(0)

    assert site.taken == [False]
    assert browser.got == b""


async def test_headers_that_the_server_adds_are_not_lost() -> None:
    site = Site(HEAD)
    protocol, browser = connected(site)
    protocol.server_state.default_headers.append((b"server", b"ours"))
    protocol.data_received(GET)
    for _ in range(10):
        await asyncio.sleep(0)

    assert site.taken == [False]
    assert b"server: ours\r\n" in browser.got


async def test_an_answer_that_was_begun_is_not_begun_again() -> None:
    taken: list[bool] = []

    async def twice(scope: Scope, _receive: Receive, _send: Send) -> None:
        taken.extend(scope["extensions"][WHOLE](scope, 200, HEAD, BODY) for _ in range(2))

    protocol = OneWrite(uvicorn.Config(twice, log_config=None), ServerState(), {})
    browser = Browser()
    protocol.connection_made(browser)
    protocol.data_received(GET)
    for _ in range(10):
        await asyncio.sleep(0)

    assert (taken, browser.got) == ([True, False], ANSWER)
