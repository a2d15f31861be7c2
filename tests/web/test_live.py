"""What is new is on the page at once, whichever process it happened in and whichever the page hangs on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import asyncpg
import httpx
import pytest

from intakebot.house import open_house
from intakebot.settings import Settings
from intakebot.site import guarded
from intakebot.store import bells, listening
from intakebot.store.bells import Bell
from intakebot.store.database import Database
from intakebot.store.postgres import open_postgres
from intakebot.store.work import Work
from tests.attacks.stage import SITE, Target, reference_in, signed_in, tell
from tests.attacks.stage import form as hidden
from tests.postgres import execute
from tests.web.office import fields
from tests.web.place import shipped_content

PATIENCE_S = 60.0
STORY = "Ik heb schulden en ik slaap slecht."
END_ALL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'intakebot listening'
"""


@pytest.fixture(autouse=True)
def _hangs_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody comes back just because the time is up."""
    monkeypatch.setattr(bells, "HOLD_S", 3_600.0)


async def stays() -> dict[str, Any]:
    """A browser that does not go away."""
    await asyncio.Event().wait()
    raise AssertionError


@dataclass
class Hanging:
    """A look that waits for something new."""

    seen: int = 0
    now: int = 0

    async def look(self) -> int:
        self.seen += 1
        return self.now

    def until(
        self, bell: Bell, session: str | None, receive: Callable[[], Awaitable[Any]] = stays
    ) -> asyncio.Future[int]:
        waits = bell.until(session, self.look, lambda it: it > 0, receive)
        return asyncio.ensure_future(waits)


async def soon(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not what():  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.01)


async def test_a_ring_makes_look_who_waits_for_that_session_or_for_any() -> None:
    bell, mine, other, every = Bell(), Hanging(), Hanging(), Hanging()
    waiting = [mine.until(bell, "a"), other.until(bell, "b"), every.until(bell, None)]
    await soon(lambda: mine.seen + other.seen + every.seen == 3)
    mine.now = 1
    bell.rung(bells._number("a"))
    assert await waiting[0] == 1
    await soon(lambda: every.seen == 2)
    assert other.seen == 1

    bell.rung(None)
    await soon(lambda: other.seen == 2)
    bell.close()
    assert [await it for it in waiting[1:]] == [0, 0]
    assert bell._waiting == {}


async def test_what_is_new_already_is_given_at_once() -> None:
    assert await Hanging(now=1).until(Bell(), "a") == 1


async def test_a_ring_between_two_looks_is_not_lost() -> None:
    bell, hanging = Bell(), Hanging()

    async def look() -> int:
        hanging.seen += 1
        bell.rung(None)  # just after the database was read
        return hanging.seen - 1

    async with asyncio.timeout(PATIENCE_S):
        assert await bell.until("a", look, lambda it: it > 2, stays) == 3


async def test_nobody_waits_for_a_browser_that_has_gone_nor_when_too_many_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = asyncio.Event()

    async def leaves() -> dict[str, Any]:
        await left.wait()
        return {"type": "http.disconnect"}

    bell, hanging = Bell(), Hanging()
    waiting = hanging.until(bell, "a", leaves)
    await soon(lambda: hanging.seen == 1)
    monkeypatch.setattr(bells, "HELD_MAX", 1)
    assert await Hanging().until(bell, "b") == 0
    left.set()
    async with asyncio.timeout(PATIENCE_S):
        assert await waiting == 0


async def test_it_looks_a_last_time_when_the_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bells, "HOLD_S", 0.05)
    hanging = Hanging()

    assert await hanging.until(Bell(), "a") == 0
    assert hanging.seen == 2


class Broken(Exception):
    """Something that goes wrong in a work."""


def ring(session: str, *, wrong: bool = False) -> Callable[[], Work[None]]:
    def work() -> Work[None]:
        yield from bells.ring(session)
        if wrong:
            raise Broken

    return work


async def test_a_ring_goes_to_other_processes_with_the_commit_and_not_without(
    postgres_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, bell = await open_postgres(postgres_address), Bell()
    heard: list[str | None] = []
    monkeypatch.setattr(bell, "rung", heard.append)
    hears = asyncio.ensure_future(listening.listen(postgres_address, bell))
    await soon(lambda: heard == [None])

    with pytest.raises(Broken):
        await database.run(ring("a", wrong=True))
    await database.run(ring("b"))
    await soon(lambda: len(heard) > 1)
    hears.cancel()
    await asyncio.wait((hears,))
    await database.close()
    assert heard == [None, bells._number("b")]
    assert "b" not in heard, "a ring names nobody"


async def test_who_could_not_hear_for_a_while_looks_at_everything(
    postgres_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "AGAIN_S", 0.05)
    database, bell, hanging = await open_postgres(postgres_address), Bell(), Hanging()
    hears = asyncio.ensure_future(listening.listen(postgres_address, bell))
    waiting = hanging.until(bell, "a")
    for _ in range(2):
        seen = hanging.seen
        await execute(postgres_address, END_ALL)
        await soon(lambda seen=seen: hanging.seen > seen)  # type: ignore[misc]  # mypy loses it
    hanging.now = 1
    await soon(lambda: hears.done() or not bell._closed)
    while not waiting.done():
        await database.run(ring("a"))
        await asyncio.sleep(0.05)
    assert await waiting == 1
    hears.cancel()
    await asyncio.wait((hears,))
    await database.close()


async def test_a_library_that_is_at_a_loss_is_no_end_of_hearing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When the server ends a connection between two messages of its beginning."""
    tried: list[str] = []

    async def connect(address: str, **_how: object) -> None:
        tried.append(address)
        raise asyncpg.InternalClientError("cannot switch to state 12")

    monkeypatch.setattr(listening, "AGAIN_S", 0.01)
    monkeypatch.setattr(asyncpg, "connect", connect)
    hears = asyncio.ensure_future(listening.listen("postgresql://nowhere", Bell()))
    await soon(lambda: len(tried) > 2)
    assert not hears.done()
    hears.cancel()
    await asyncio.wait((hears,))


# ---- with pages ---------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
async def both(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[Target, Target]]:
    """Two processes of one installation on PostgreSQL; the one process that SQLite has, twice."""
    on_server = request.param == "postgresql"
    address = request.getfixturevalue("postgres_address") if on_server else ""
    settings = Settings(state=tmp_path / "state", database=address, public_url=SITE)
    shelf = shipped_content()
    async with AsyncExitStack() as stack:
        stack.enter_context(patch("intakebot.house.content.load", lambda: shelf))
        targets = []
        for _ in range(2 if on_server else 1):
            house = await stack.enter_async_context(open_house(settings))
            targets.append(Target(house=house, asgi=guarded(house, None)))
            if on_server:
                hears = asyncio.ensure_future(listening.listen(address, house.bell))
                stack.callback(hears.cancel)
        yield targets[0], targets[-1]


async def press(browser: httpx.AsyncClient, at: str, action: str, **filled: str) -> None:
    page = (await browser.get(at)).text
    answer = await browser.post(f"{at}/{action}", data=fields(page, action) | filled)
    assert answer.status_code == 303, answer.text


async def hangs(browser: httpx.AsyncClient, address: str) -> asyncio.Future[httpx.Response]:
    """A page that asks what is new, and gets no answer yet."""
    hanging = asyncio.ensure_future(browser.get(address, headers={"X-Part": "1"}))
    await asyncio.wait((hanging,), timeout=0.3)
    assert not hanging.done(), hanging.result().text
    return hanging


def seen_by(page: str) -> str:
    found = re.search(r'name="seen" value="(\d+)"', page)
    assert found is not None
    return found[1]


def asks(page: str) -> str:
    """What the script of an inbox page asks."""
    told = dict(re.findall(r'data-(ask|mark)="([^"]*)"', page))
    return f"{told['ask']}?wacht=1&merk={told['mark']}"


async def test_a_page_has_what_happens_in_another_process(both: tuple[Target, Target]) -> None:
    one, other = both
    member, phone = await signed_in(one), other.browser()
    desk = other.browser()
    desk.cookies.update(member.cookies)
    queue = await hangs(desk, asks((await desk.get("/inbox")).text))

    at = f"/inbox/{reference_in(await tell(phone, STORY, naam='Sara', postcode='7101 AB'))}"
    async with asyncio.timeout(PATIENCE_S):
        assert (await queue).status_code == 200, "a request came"
    await press(member, at, "oppakken")
    seen = seen_by((await phone.get("/")).text)
    hanging = await hangs(phone, f"/nieuw?wacht=1&seen={seen}")
    await press(member, at, "bericht", text="Kan ik u om drie uur bellen?")
    async with asyncio.timeout(PATIENCE_S):
        assert "om drie uur bellen" in (await hanging).text

    request = await hangs(member, asks((await member.get(at)).text))
    form = hidden((await phone.get("/")).text, "text") | {"say": "Ja, graag"}
    assert (await phone.post("/", data=form)).status_code == 303
    async with asyncio.timeout(PATIENCE_S):
        assert (await request).status_code == 200, "the inhabitant wrote"


async def test_who_hangs_on_a_process_that_ends_is_let_go(both: tuple[Target, Target]) -> None:
    one, other = both
    member = await signed_in(one)
    desk = other.browser()
    desk.cookies.update(member.cookies)
    queue = await hangs(desk, asks((await desk.get("/inbox")).text))
    other.house.bell.close()

    async with asyncio.timeout(PATIENCE_S):
        assert (await queue).status_code == 204


async def test_who_is_signed_out_hears_that(both: tuple[Target, Target]) -> None:
    one, _ = both
    member = await signed_in(one)
    queue = await hangs(member, asks((await member.get("/inbox")).text))
    page = (await member.get("/inbox")).text
    await member.post("/inbox/uit", data=fields(page, "/inbox/uit"))
    one.house.bell.rung(None)

    async with asyncio.timeout(PATIENCE_S):
        assert (await queue).status_code == 401


async def test_no_turn_of_a_conversation_rings(
    both: tuple[Target, Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    """NOTIFY makes commits wait for each other; a story is told without any."""
    _, other = both
    rung: list[str | None] = []
    monkeypatch.setattr(other.house.bell, "rung", rung.append)
    phone = other.browser()
    page = (await phone.get("/")).text
    for pressed in ("nl", "mij"):
        part = "begin" if pressed == "nl" else "choice"
        await phone.post("/", data=hidden(page, part) | {"press": pressed})
        page = (await phone.get("/")).text
    database: Database = other.house.database
    await database.run(ring("the last"))
    await soon(lambda: bells._number("the last") in rung)

    assert [it for it in rung if it is not None] == [bells._number("the last")]
