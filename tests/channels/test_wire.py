"""HTTP under the library: bounds, errors without the token, a proxy, and an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import RequestData

from intakebot.channels.telegram import wire
from intakebot.channels.telegram.wire import FloodError, Wire
from tests.bot_api.server import Serving

SECRET = "geheim-in-het-adres"


class Far:
    """A server that does as the path says, and knows what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.clients: set[tuple[str, int]] = set()

    async def answer(self, request: Request) -> Response:
        fields = await request.json() if await request.body() else {}
        self.asked.append((request.method, request.url.path, fields))
        assert request.client is not None
        self.clients.add((request.client.host, request.client.port))
        match request.path_params["what"]:
            case "slow":
                await asyncio.sleep(30)
            case "flood":
                return PlainTextResponse('{"parameters": {"retry_after": 7}}', 429)
            case "flood-of-words":
                return PlainTextResponse("<html>", 429)
            case "elsewhere":
                return Response(status_code=302, headers={"Location": "/ok"})
            case "long":
                return Response(b"x" * 5_000)
            case _:
                pass
        return PlainTextResponse('{"ok": true}')


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
async def url(far: Far) -> AsyncIterator[str]:
    route = Route(f"/bot{SECRET}/{{what}}", far.answer, methods=["GET", "POST"])
    async with Serving(Starlette(routes=[route])) as serving:
        yield f"{serving.url}/bot{SECRET}"


@pytest.fixture
async def line() -> AsyncIterator[Wire]:
    line = Wire(4)
    yield line
    await line.shutdown()


async def test_a_call_is_json_over_a_connection_that_is_kept(
    far: Far, url: str, line: Wire
) -> None:
    for text in ("één & twee", "drie"):
        await line.do_request(f"{url}/ok", "POST", _asked(text=text))

    assert [fields for _, _, fields in far.asked] == [{"text": "één & twee"}, {"text": "drie"}]
    assert len(far.clients) == 1


def _asked(**parameters: str) -> RequestData:
    from telegram.request._requestparameter import RequestParameter  # noqa: PLC0415 - theirs

    return RequestData([RequestParameter(name, value, None) for name, value in parameters.items()])


@pytest.mark.parametrize(
    ("what", "error"),
    [("flood", FloodError), ("flood-of-words", FloodError), ("long", NetworkError)],
)
async def test_what_is_no_good_answer_is_an_error_of_the_library(
    url: str,
    line: Wire,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    error: type[TelegramError],
) -> None:
    monkeypatch.setattr(wire, "ANSWER_BYTES_MAX", 4_000)
    with pytest.raises(error) as raised:
        await line.do_request(f"{url}/{what}", "POST")

    assert SECRET not in str(raised.value)


async def test_a_flood_says_how_long(url: str, line: Wire) -> None:
    for what, seconds in (("flood", 7.0), ("flood-of-words", 1.0)):
        with pytest.raises(FloodError) as raised:
            await line.do_request(f"{url}/{what}", "POST")
        assert raised.value.seconds == seconds


async def test_a_redirect_is_not_followed(far: Far, url: str, line: Wire) -> None:
    code, _ = await line.do_request(f"{url}/elsewhere", "GET")

    assert (code, len(far.asked)) == (302, 1)


async def test_what_does_not_answer_in_time_has_timed_out(url: str, line: Wire) -> None:
    with pytest.raises(TimedOut) as raised:
        await line.do_request(f"{url}/slow", "POST", read_timeout=0.05)

    assert raised.value.__cause__ is None


async def test_an_unreachable_server_is_an_error_without_the_address(line: Wire) -> None:
    with pytest.raises(NetworkError) as raised:
        await line.do_request(f"http://127.0.0.1:9/bot{SECRET}/getMe", "POST")

    assert SECRET not in f"{raised.value!r} {raised.value.__cause__!r}"
    assert raised.value.__suppress_context__


async def test_no_more_connections_than_allowed(far: Far, url: str) -> None:
    narrow = Wire(2)
    await asyncio.gather(*(narrow.do_request(f"{url}/ok", "POST") for _ in range(20)))
    await narrow.shutdown()

    assert len(far.asked) == 20
    assert len(far.clients) <= 2


async def test_after_its_end_a_call_opens_anew(far: Far, url: str, line: Wire) -> None:
    await line.do_request(f"{url}/ok", "POST")
    await line.shutdown()
    await line.shutdown()
    await line.do_request(f"{url}/ok", "POST")

    assert len(far.clients) == 2


async def test_the_proxy_of_the_machine_is_used_but_not_for_what_is_near(
    far: Far, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed_on = Far()
    proxy = Starlette(routes=[Route("/{rest:path}/{what}", passed_on.answer, methods=["POST"])])
    async with Serving(proxy) as serving:
        monkeypatch.setenv("http_proxy", serving.url)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        through = Wire(1)
        await through.do_request("http://telegram.example/bot1/away", "POST")
        await through.do_request(f"{url}/near", "POST")
        await through.shutdown()

    assert [path.rpartition("/")[2] for _, path, _ in passed_on.asked] == ["away"]
    assert [path.rpartition("/")[2] for _, path, _ in far.asked] == ["near"]


async def test_files_are_never_sent(line: Wire) -> None:
    from telegram import InputFile  # noqa: PLC0415 - only here
    from telegram.request._requestparameter import RequestParameter  # noqa: PLC0415 - theirs

    photo = RequestParameter("photo", "attach://x", [InputFile(b"x")])
    with pytest.raises(NetworkError, match="not sent"):
        await line.do_request("http://127.0.0.1:9/", "POST", RequestData([photo]))
