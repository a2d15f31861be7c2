"""Floods: what one network may, what it hears after that, and that another notices nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest

from intakebot import app
from intakebot.channels.webchat import files
from intakebot.channels.webchat.chat import FILE_AGAIN_S, TooOften, Uploads
from intakebot.settings import Settings, SettingsProblem, read
from intakebot.web.flood import LIMITS, Flood, Limit, network_of
from tests.web.office import fields as fields_of
from tests.web.office import office
from tests.web.place import Place, place
from tests.web.test_chat import begin, form

AT = datetime.fromisoformat("2026-11-23T10:00:00+00:00")
OURS = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "ar"}


class Clock:
    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        return self.at


def a_flood(clock: Clock, at_once: int = 3, buckets_max: int = 100) -> Flood:
    limits = {"post": Limit(at_once=at_once, an_hour=60), "file": Limit(at_once=1, an_hour=1)}
    trusted = (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"))
    return Flood(key=b"k", now=clock, limits=limits, trusted=trusted, buckets_max=buckets_max)


def test_so_many_at_once_and_then_one_by_one() -> None:
    clock = Clock()
    flood = a_flood(clock)
    waits = [flood.wait_s("post", "203.0.113.5") for _ in range(4)]
    clock.at += timedelta(seconds=59)
    early = flood.wait_s("post", "203.0.113.5")
    clock.at += timedelta(seconds=1)

    assert waits == [0, 0, 0, 60]
    assert early == 1
    assert flood.wait_s("post", "203.0.113.5") == 0
    assert flood.wait_s("post", "203.0.113.5") == 60


def test_of_several_processes_each_has_room_for_all_that_come_at_once() -> None:
    """Behind a proxy one of them may hear a whole network; together they give no more an hour."""
    limit = Limit(at_once=10, an_hour=30)

    assert limit.shared_by(4) == Limit(at_once=10, an_hour=8)
    assert limit.shared_by(1) == limit


def test_another_network_and_another_kind_have_room_of_their_own() -> None:
    flood = a_flood(Clock(), at_once=1)
    assert flood.wait_s("post", "203.0.113.5") == 0
    assert flood.wait_s("post", "203.0.113.5") > 0

    assert flood.wait_s("file", "203.0.113.5") == 0
    assert flood.wait_s("post", "203.0.113.6") == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.5", "203.0.113.6", False),
        ("203.0.113.5", "::ffff:203.0.113.5", True),
        ("2001:db8:1:100::1", "2001:db8:1:1ff:2::3", True),
        ("2001:db8:1:100::1", "2001:db8:1:200::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "nonsense", True),
    ],
)
def test_what_counts_as_one_network(one: str, other: str, *, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


def test_a_proxy_that_is_trusted_is_nobody_in_particular() -> None:
    flood = a_flood(Clock(), at_once=1)

    assert [flood.wait_s("post", "127.0.0.1") for _ in range(5)] == [0] * 5
    assert [flood.wait_s("post", "10.1.2.3") for _ in range(5)] == [0] * 5


def test_no_address_stays_in_memory_and_memory_is_bounded() -> None:
    flood = a_flood(Clock(), buckets_max=10)
    for nth in range(30):
        flood.wait_s("post", f"203.0.113.{nth}")

    assert len(flood._buckets) == 10
    assert "203" not in repr(flood._buckets)


def test_a_clock_that_is_set_back_takes_no_room_away() -> None:
    clock = Clock()
    flood = a_flood(clock, at_once=2)
    flood.wait_s("post", "203.0.113.5")
    clock.at -= timedelta(days=1)

    assert flood.wait_s("post", "203.0.113.5") == 0


# ---- over HTTP ----------------------------------------------------------------------------------


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Place]:
    async with place(tmp_path) as made:
        yield made


def from_outside(app: object, host: str = "203.0.113.5") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(host, 1))  # type: ignore[arg-type]  # ASGI
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=OURS)


def narrow(here: Place, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """This kind is bounded as guesses at codes are: else the test would take long."""
    monkeypatch.setitem(here.chat.flood.limits, kind, LIMITS["code"])  # type: ignore[attr-defined]  # the real one


async def until_refused(
    kind: str, send: Callable[[], Awaitable[httpx.Response]]
) -> list[httpx.Response]:
    """The answers up to the first refusal; the clock of the tests runs while they come."""
    answers: list[httpx.Response] = []
    while len(answers) < 2 * LIMITS[kind].at_once:
        answers.append(await send())
        if answers[-1].status_code == 429:
            break
    assert len(answers) > LIMITS[kind].at_once - 2
    return answers


async def test_too_many_forms_get_a_friendly_page_in_the_own_language(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow(here, monkeypatch, "post")
    browser, other = from_outside(here.app), from_outside(here.app, "203.0.113.6")
    await begin(browser, "ar")
    page = (await browser.get("/")).text
    empty = form(page, "text") | {"say": ""}
    answers = await until_refused("code", lambda: browser.post("/", data=empty))
    script = await browser.post("/", data=empty, headers={"X-Part": "1"})

    assert {it.status_code for it in answers[:-1]} == {303}
    assert answers[-1].status_code == script.status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert 'lang="ar" dir="rtl"' in answers[-1].text
    assert "112" in answers[-1].text
    start = (await other.get("/")).text
    assert (await other.post("/", data=form(start, "begin") | {"press": "nl"})).status_code == 303


async def test_too_many_new_chats_are_stopped_and_the_old_ones_go_on(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow(here, monkeypatch, "begin")
    first = from_outside(here.app)
    await begin(first)
    page = (await first.get("/")).text

    async def another() -> httpx.Response:
        browser = from_outside(here.app)
        start = (await browser.get("/")).text
        return await browser.post("/", data=form(start, "begin") | {"press": "nl"})

    answers = await until_refused("code", another)

    assert {it.status_code for it in answers[:-1]} == {303}
    assert answers[-1].status_code == 429
    assert (await first.post("/", data=form(page, "choice") | {"press": "mij"})).status_code == 303


@pytest.mark.parametrize("path", ["/verder", "/w/abc"])
async def test_guesses_at_codes_and_links_are_bounded(here: Place, path: str) -> None:
    browser = from_outside(here.app)
    await browser.get(path)

    assert (await until_refused("code", lambda: browser.post(path)))[-1].status_code == 429


async def test_files_are_bounded(here: Place) -> None:
    browser = from_outside(here.app)
    await begin(browser)
    sent = {"audio": ("a.ogg", b"OggS", "audio/ogg")}
    answers = await until_refused("file", lambda: browser.post("/bestand", files=sent))

    assert answers[-1].status_code == 429


async def test_tries_at_signing_in_are_bounded(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        browser = from_outside(here.app)
        link = f"/inbox/in/{'0' * 64}"
        filled = fields_of((await browser.get(link)).text)
        answers = await until_refused("sign_in", lambda: browser.post(link, data=filled))

    assert {it.status_code for it in answers[:-1]} == {410}
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 1
    assert "Even wachten" in answers[-1].text


# ---- slow files ---------------------------------------------------------------------------------


async def test_one_network_leaves_room_to_send_for_the_others() -> None:
    uploads = Uploads()
    async with uploads.one("a"), uploads.one("a"):
        with pytest.raises(TooOften) as refused:
            async with uploads.one("a"):
                pass
        async with uploads.one("b"), uploads.one("b"):
            assert uploads.room.locked()
    async with uploads.one("a"):
        pass

    assert refused.value.wait_s == FILE_AGAIN_S
    assert not uploads.sending


async def dripping(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def never() -> AsyncIterator[bytes]:
    yield b"x"
    await asyncio.Event().wait()


async def test_a_file_that_stands_still_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "GRACE_S", 0.01)
    with pytest.raises(TimeoutError):
        [it async for it in files._at_most(never(), 100)]  # type: ignore[arg-type]  # a generator


async def test_a_file_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BYTES_PER_S_MIN", 10**12)
    monkeypatch.setattr(files, "GRACE_S", 10)
    passed = iter((0.0, 9.0, 11.0))
    monkeypatch.setattr(files, "_clock", lambda: lambda: next(passed))

    with pytest.raises(TimeoutError):
        [it async for it in files._at_most(dripping(b"a", b"b"), 100)]  # type: ignore[arg-type]  # a generator


# ---- the setting --------------------------------------------------------------------------------


def test_proxies_are_addresses_or_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTAKEBOT_TRUSTED_PROXIES", "10.0.0.0/8, ::1")
    assert read().proxies == (ip_network("10.0.0.0/8"), ip_network("::1"))
    monkeypatch.setenv("INTAKEBOT_TRUSTED_PROXIES", "")
    assert read().proxies == ()
    monkeypatch.setenv("INTAKEBOT_TRUSTED_PROXIES", "proxy.example")
    with pytest.raises(SettingsProblem, match="INTAKEBOT_TRUSTED_PROXIES: must hold addresses"):
        read()
    assert Settings.model_fields["trusted_proxies"].default == "127.0.0.1,::1"


@pytest.mark.parametrize(("proxies", "client"), [("127.0.0.1", "203.0.113.9"), ("", "127.0.0.1")])
async def test_only_a_trusted_proxy_says_who_asks(proxies: str, client: str) -> None:
    seen: list[str] = []

    async def look(scope: dict[str, object], _receive: object, _send: object) -> None:
        seen.append(scope["client"][0])  # type: ignore[index]  # an address and a port

    config = app._uvicorn(Settings(trusted_proxies=proxies), look)  # type: ignore[arg-type]  # ASGI
    config.load()
    headers = [(b"x-forwarded-for", b"198.51.100.7, 203.0.113.9")]
    scope = {"type": "http", "client": ("127.0.0.1", 5), "headers": headers}
    await config.loaded_app(scope, None, None)

    assert seen == [client]
