"""What stands before every page, chat and inbox alike."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from intakebot.web import static
from intakebot.web.security import Stamps, protect
from tests.web.place import place

SITE = "http://testserver"
AT = datetime.fromisoformat("2026-11-23T10:00:00+00:00")


@asynccontextmanager
async def site(*, https: bool = False) -> AsyncIterator[httpx.AsyncClient]:
    async def said(request: Request) -> Response:
        return PlainTextResponse(await request.body())

    app = protect(
        Starlette(routes=[Route("/", said, methods=["GET", "POST"]), *static.read().routes()]),
        hosts=frozenset({"testserver"}),
        https=https,
        new_nonce=random.Random(1).randbytes,  # noqa: S311 - the same chance in every run
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=SITE) as browser:
        yield browser


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),  # typed, or sent again after a reload
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": SITE}, 403),
        ({"Origin": SITE}, 200),  # a browser from before 2023
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 200),  # no browser: Telegram's webhook has its own secret
    ],
)
async def test_only_our_own_pages_may_change_anything(headers: dict[str, str], status: int) -> None:
    async with site() as browser:
        posted = await browser.post("/", content=b"x", headers=headers)
        looked = await browser.get("/", headers=headers)

    assert (posted.status_code, looked.status_code) == (status, 200)


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "", "testserver@evil"])
async def test_another_host_gets_nothing(host: str) -> None:
    async with site() as browser:
        assert (await browser.get("/", headers={"Host": host})).status_code == 421


async def test_a_body_without_a_length_is_bounded_too() -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    async with site() as browser:
        assert (await browser.post("/", content=endless())).status_code == 413


async def test_https_is_remembered_only_where_there_is_https() -> None:
    async with site() as plain, site(https=True) as safe:
        assert "strict-transport-security" not in (await plain.get("/")).headers
        assert "strict-transport-security" in (await safe.get("/")).headers


async def test_static_files_are_kept_for_a_year_and_compressed_once() -> None:
    address = static.read().address("chat/chat.css")
    async with site() as browser:
        found = await browser.get(address)
        other = await browser.get(address.replace("chat.", "chat.x"))

    assert found.headers["cache-control"] == "public,max-age=31536000,immutable"
    assert found.headers["content-encoding"] == "gzip"
    assert other.status_code == 404


def test_a_stamp_holds_for_its_holder_only_and_is_new_each_time() -> None:
    stamps = Stamps(b"key", random.Random(1).randbytes, lambda: AT)  # noqa: S311 - the same chance in every run
    one, two = stamps.make("a"), stamps.make("a")

    assert one != two
    assert stamps.read("a", one) != stamps.read("a", two)
    assert stamps.read("a", one) is not None
    assert stamps.read("b", one) is None
    assert [stamps.read("a", bent) for bent in ("", "é", one[:-3], "A" * 43, one + "AAAA")] == [None] * 5  # fmt: skip


@pytest.mark.parametrize(("hours", "late"), [(-1, False), (0, False), (24, False), (24.1, True)])
def test_a_stamp_is_late_after_a_day(hours: float, *, late: bool) -> None:
    at = [AT]
    stamps = Stamps(b"key", random.Random(1).randbytes, lambda: at[0])  # noqa: S311 - as above
    stamp = stamps.make("a")
    at[0] += timedelta(hours=hours)

    assert stamps.is_late(stamp) is late
    assert stamps.read("a", stamp) is not None


async def test_the_cookie_is_for_this_host_over_https_only(tmp_path: Path) -> None:
    async with place(tmp_path, https=True) as here:
        transport = httpx.ASGITransport(app=here.app)
        async with httpx.AsyncClient(transport=transport, base_url=SITE) as browser:
            cookie = (await browser.get("/")).headers["set-cookie"]

    assert cookie.startswith("__Host-chat=")
    assert {"httponly", "path=/", "samesite=lax", "secure"} <= {
        part.strip().lower() for part in cookie.split(";")
    }
