"""The short ways between a socket and a page: they change how fast it goes, and nothing else."""

import asyncio
import gzip

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from intakebot.web.direct import Direct
from intakebot.web.once import Gathering
from intakebot.web.packing import packed

PAGE = ("<p>" + "Vertel wat er is. " * 60).encode()
HTML = (b"content-type", b"text/html; charset=utf-8")


async def say(request: Request) -> Response:
    return PlainTextResponse(f"{request.url.path} {(await request.body()).decode()}")


async def refuse(_request: Request) -> Response:
    raise HTTPException(404)


async def break_down(_request: Request) -> Response:
    raise ValueError


async def gone(_request: Request, _fault: Exception) -> Response:
    return PlainTextResponse("a page of ours", status_code=404)


async def broken(_request: Request, _fault: Exception) -> Response:
    return PlainTextResponse("our fault", status_code=500)


SITE = Starlette(
    routes=[
        Route("/here", say, methods=["GET", "POST"]),
        Route("/x/{name}", say, methods=["GET"]),
        Route("/x/plain", refuse, methods=["GET"]),  # never reached: the one above takes it
        Route("/gone", refuse, methods=["GET"]),
        Route("/broken", break_down, methods=["GET"]),
        Route(
            "/wide",
            say,
            methods=["POST"],
            middleware=[Middleware(RequestBodyLimitMiddleware, max_body_size=3)],
        ),
    ],
    exception_handlers={404: gone, 500: broken},
)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/here", b""),
        ("POST", "/here", b"abc"),
        ("HEAD", "/here", b""),
        ("DELETE", "/here", b""),
        ("GET", "/here/", b""),
        ("GET", "/x/plain", b""),
        ("GET", "/gone", b""),
        ("GET", "/broken", b""),
        ("GET", "/nowhere", b""),
        ("POST", "/wide", b"abc"),
        ("POST", "/wide", b"abcd"),
    ],
)
async def test_the_short_way_gives_the_answer_of_the_long_one(
    method: str, path: str, body: bytes
) -> None:
    answers = []
    for app in (SITE, Direct(SITE)):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as browser:
            answer = await browser.request(method, path, content=body)
            answers.append((answer.status_code, answer.text, dict(answer.headers)))

    assert answers[0] == answers[1]


async def test_a_fault_behind_the_short_way_is_heard_of() -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=Direct(SITE)), base_url="http://a"
    ) as browser:
        with pytest.raises(ValueError, match=r"^$"):
            await browser.get("/broken")


def test_a_page_is_packed_for_who_can_unpack_it() -> None:
    head, body = packed([HTML, (b"content-length", b"%d" % len(PAGE))], PAGE, b"gzip, br")

    assert gzip.decompress(body) == PAGE
    assert len(body) < len(PAGE) / 5
    assert dict(head)[b"content-length"] == str(len(body)).encode()
    assert [name for name, _ in head].count(b"content-length") == 1
    assert (b"content-encoding", b"gzip") in head
    assert (b"vary", b"Accept-Encoding") in head


@pytest.mark.parametrize(
    ("head", "body", "accepted"),
    [
        ([HTML], PAGE, b""),
        ([HTML], b"short", b"gzip"),
        ([(b"content-type", b"audio/ogg")], PAGE, b"gzip"),
        ([HTML, (b"content-encoding", b"gzip")], PAGE, b"gzip"),
    ],
)
def test_the_rest_goes_as_it_is(
    head: list[tuple[bytes, bytes]], body: bytes, accepted: bytes
) -> None:
    assert packed(head, body, accepted)[1] == body


class Written(asyncio.Transport):
    """Remembers what was written, and when it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[bytes | str] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.done.append(bytes(data))

    def close(self) -> None:
        self.done.append("closed")

    def abort(self) -> None:
        self.done.append("aborted")


async def test_head_and_body_are_one_write() -> None:
    transport = Written()
    gathering = Gathering(transport)
    gathering.write(b"head ")
    gathering.write(b"body")
    before = list(transport.done)
    await asyncio.sleep(0)
    gathering.write(b"again")
    await asyncio.sleep(0)

    assert before == []
    assert transport.done == [b"head body", b"again"]


async def test_what_was_written_goes_out_before_the_end() -> None:
    closed, aborted = Written(), Written()
    for transport in (closed, aborted):
        Gathering(transport).write(b"")
    gathering = Gathering(closed)
    gathering.write(b"last words")
    gathering.close()
    other = Gathering(aborted)
    other.write(b"never sent")
    other.abort()
    await asyncio.sleep(0)

    assert [it for it in closed.done if it] == [b"last words", "closed"]
    assert [it for it in aborted.done if it] == ["aborted"]
