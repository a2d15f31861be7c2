"""One process at a time does what is led; when its lock is gone it stops, and another begins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from intakebot.store import leading, leading_on_server
from tests.postgres import execute

PATIENCE_S = 60.0
END_ALL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'intakebot leading'
"""


class Led:
    """Something that is to be done by one at a time."""

    def __init__(self) -> None:
        self.by: list[str] = []  # who does it now
        self.begun: list[str] = []
        self.together = 0  # the most at once

    def by_whom(self, name: str) -> Callable[[], asyncio.Future[None]]:
        async def do() -> None:
            self.by.append(name)
            self.begun.append(name)
            self.together = max(self.together, len(self.by))
            try:
                await asyncio.Event().wait()
            finally:
                self.by.remove(name)

        return lambda: asyncio.ensure_future(do())

    async def until(self, what: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not what():  # noqa: ASYNC110 - it has no event
                await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leading, "LOOK_S", 0.05)
    monkeypatch.setattr(leading_on_server, "LOOK_S", 0.05)
    monkeypatch.setattr(leading_on_server, "AGAIN_S", 0.05)


@pytest.fixture(params=["file", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    if request.param == "file":
        return tmp_path / "leading"
    address: str = request.getfixturevalue("postgres_address")
    return address


async def test_one_leads_and_the_next_takes_over_when_it_ends(place: Path | str) -> None:
    led = Led()
    tasks = {
        name: asyncio.ensure_future(leading.while_leading(place, "bot", led.by_whom(name)))
        for name in ("one", "two", "three")
    }
    for others_left in (2, 1, 0):
        await led.until(lambda: bool(led.by))
        await asyncio.sleep(0.2)
        [leader] = led.by
        tasks[leader].cancel()
        await asyncio.wait({tasks.pop(leader)})
        assert len(tasks) == others_left

    assert sorted(led.begun) == ["one", "three", "two"]
    assert led.together == 1


async def test_what_is_led_apart_is_led_by_whoever(place: Path | str) -> None:
    led = Led()
    tasks = [
        asyncio.ensure_future(leading.while_leading(place, bot, led.by_whom(bot)))
        for bot in ("bot 1", "bot 2")
    ]
    await led.until(lambda: sorted(led.by) == ["bot 1", "bot 2"])
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_what_goes_wrong_with_it_comes_out(place: Path | str) -> None:
    async def wrong() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await leading.while_leading(place, "bot", wrong)
    async with asyncio.timeout(PATIENCE_S):
        await leading.while_leading(place, "bot", lambda: asyncio.sleep(0))


async def test_who_loses_its_connection_stops_before_it_leads_again(postgres_address: str) -> None:
    led = Led()
    tasks = [
        asyncio.ensure_future(leading.while_leading(postgres_address, "bot", led.by_whom(name)))
        for name in ("one", "two")
    ]
    for nth in range(1, 4):
        await led.until(lambda nth=nth: len(led.begun) >= nth and len(led.by) == 1)  # type: ignore[misc]  # mypy loses it
        await execute(postgres_address, END_ALL)
        await led.until(lambda nth=nth: len(led.begun) > nth)  # type: ignore[misc]  # mypy loses it
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)

    assert led.by == []


async def test_the_server_ends_the_lead_of_a_process_that_hangs(
    postgres_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(leading_on_server.SETTINGS, "idle_session_timeout", "300ms")
    held = asyncio.Event()
    connection = await asyncpg.connect(postgres_address, server_settings=leading_on_server.SETTINGS)
    try:
        assert await connection.fetchval(
            "SELECT pg_try_advisory_lock($1, $2)",
            leading_on_server.FAMILY,
            leading.number_of("bot"),
        )

        async def do() -> None:
            held.set()

        async with asyncio.timeout(PATIENCE_S):  # nothing is heard of the first any more
            await leading.while_leading(postgres_address, "bot", do)
        assert held.is_set()
    finally:
        connection.terminate()
