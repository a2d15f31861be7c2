"""After a time in which nobody could reach us: the open question once more, and only once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette

from intakebot.channels.telegram import bot
from intakebot.channels.telegram.bot import Telegram
from intakebot.core.talking.delivery import Way
from intakebot.line import Line
from intakebot.store.problems import Unavailable
from tests.bot_api.person import Person
from tests.bot_api.server import BotApi, Serving
from tests.bot_api.world import PRESS_KEPT_S
from tests.channels.conftest import NOW
from tests.channels.house import House, open_house
from tests.channels.walking import Walk

AWAY = "Wij waren even niet bereikbaar"
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def house(api: BotApi, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(api, tmp_path) as house:
        yield house


async def at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


def a_line(house: House, sleep: Callable[[float], Awaitable[None]] = at_once) -> Line:
    """The line as a program that has just started has it."""
    way = Way("telegram", house.telegram.bot)
    return Line(
        intake=house.intake, way=way, now=lambda: house.now, wake=house.outbox.wake, sleep=sleep
    )


async def outage(house: House, line: Line, minutes: float, after: Line | None = None) -> Line:
    """Nobody is heard for so long; then people are heard again, by *after*."""
    await house.all_sent()
    await line.opened(house.now)
    house.now += MINUTE * minutes
    line = after or line
    await line.opened(house.now)
    house.now += timedelta(seconds=11)
    return line


def away(person: Person) -> int:
    return person.screen.count(AWAY)


async def asked(house: House) -> tuple[Walk, list[str]]:
    """Somebody who looks at the second question; and the buttons that stand under it."""
    walk = Walk(house.api.person())
    await walk.begin()
    shown = await walk.next_screen()
    return walk, [button["callback_data"] for row in shown.rows for button in row]


async def test_a_press_that_telegram_lost_is_asked_for_again_and_answers_once(
    house: House,
) -> None:
    walk, buttons = await asked(house)
    person = walk.person
    line = await outage(house, a_line(house), 5)

    assert await line.ask_again() == 1

    again = await walk.same_screen()
    assert [b["callback_data"] for row in again.rows for b in row] == buttons
    assert away(person) == 1
    await walk.answer(again)
    await walk.next_screen()


async def test_nobody_is_asked_after_a_short_gap(house: House) -> None:
    await asked(house)
    line = await outage(house, a_line(house), 2)

    assert await line.ask_again() == 0


async def test_nobody_is_asked_by_a_line_that_was_never_open(house: House) -> None:
    await asked(house)
    line = a_line(house)
    await line.opened(house.now + MINUTE * 30)
    house.now += MINUTE * 60

    assert await line.ask_again() == 0


async def test_the_gap_counts_over_a_kill_and_nobody_is_asked_twice(house: House) -> None:
    """Killed in the middle of asking; the next program asks those that were not asked."""
    walks = [(await asked(house))[0] for _ in range(3)]
    times = 0

    async def killed(_seconds: float) -> None:
        nonlocal times
        times += 1
        if times == 2:
            raise KeyboardInterrupt

    line = await outage(house, a_line(house), 5, after=a_line(house, killed))
    with pytest.raises(KeyboardInterrupt):
        await line.ask_again()
    for walk in walks[:2]:
        await walk.person.sees(AWAY)
    after = a_line(house)
    await after.opened(house.now)
    await after.ask_again()
    await after.ask_again()
    await walks[2].person.sees(AWAY)

    assert [away(walk.person) for walk in walks] == [1, 1, 1]
    third = a_line(house)
    await third.opened(house.now)
    assert await third.ask_again() == 0


async def test_who_was_answered_meanwhile_is_not_asked(house: House) -> None:
    """What was typed is taken in before anybody is asked."""
    walk, _ = await asked(house)
    line = await outage(house, a_line(house), 5)
    await walk.person.says("mij")
    await walk.next_screen()

    assert await line.ask_again() == 0
    assert away(walk.person) == 0


async def test_what_was_typed_meanwhile_is_waited_for(house: House) -> None:
    await asked(house)
    line = a_line(house)
    await line.opened(house.now)
    house.now += MINUTE * 5
    await line.opened(house.now)

    assert await line.ask_again() == 0


async def test_who_has_left_off_is_asked_in_the_daytime_only(house: House) -> None:
    walk, _ = await asked(house)
    line = a_line(house)
    house.now = house.now.replace(hour=22)
    await outage(house, line, 5)

    assert await line.ask_again() == 0

    house.now += timedelta(hours=12)
    assert await line.ask_again() == 1
    assert await line.ask_again() == 0
    await walk.person.sees(AWAY)


async def test_who_was_talking_at_night_is_asked_at_once(house: House) -> None:
    house.now = house.now.replace(hour=22)
    await asked(house)
    line = await outage(house, a_line(house), 5)

    assert await line.ask_again() == 1


async def test_who_left_off_days_ago_or_blocked_us_is_left_alone(house: House) -> None:
    walk, _ = await asked(house)
    other, _ = await asked(house)
    await walk.person.blocks()
    async with asyncio.timeout(60):
        while house.api.world.waiting:  # noqa: ASYNC110 - the bot asks for it
            await asyncio.sleep(0.02)
    line = await outage(house, a_line(house), 5)

    assert await line.ask_again() == 1
    await other.person.sees(AWAY)
    assert away(walk.person) == 0

    house.now += timedelta(days=2)
    line = await outage(house, line, 5)
    assert await line.ask_again() == 0


async def test_a_database_that_is_away_counts_as_a_gap(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked(house)
    await house.all_sent()
    line = a_line(house)
    await line.opened(house.now)

    async def is_away(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(house.database, "run", is_away)
    for _ in range(5):
        house.now += MINUTE
        await line.opened(house.now)
    monkeypatch.undo()
    await line.opened(house.now)
    house.now += timedelta(seconds=11)

    assert await line.ask_again() == 1


async def test_it_is_noted_now_and_then_and_not_at_every_call(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, noted = a_line(house), 0
    await line.opened(house.now)

    async def counted(_work: object) -> None:
        nonlocal noted
        noted += 1

    monkeypatch.setattr(house.database, "run", counted)
    for _ in range(20):
        house.now += timedelta(seconds=1)
        await line.opened(house.now)
    monkeypatch.undo()

    assert noted == 1


# ---- how the channel knows ------------------------------------------------------------------------


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - what is waited for happens elsewhere
            await asyncio.sleep(0.005)


@pytest.fixture
def quick(telegram: Telegram, monkeypatch: pytest.MonkeyPatch) -> Telegram:
    async def sleep(_seconds: float) -> None:
        await asyncio.sleep(0.01)

    telegram._sleep = sleep
    telegram._poll_s = 0
    monkeypatch.setattr(bot, "WATCH_S", 0)
    return telegram


async def test_polling_is_open_while_telegram_answers_and_we_can_store(
    api: BotApi, quick: Telegram
) -> None:
    times: list[datetime] = []
    works = False

    async def opened(at: datetime) -> None:
        times.append(at)

    async def receive(_incoming: object) -> None:
        if not works:
            raise OSError

    await api.person().says("hoi")
    task = asyncio.ensure_future(quick.poll(receive, opened))
    await until(lambda: len(api.world.of("getUpdates")) > 5)
    assert times == []

    works = True
    await until(lambda: len(times) > 2)
    api.world.inject = lambda _method, _asked: 500
    asked = len(api.world.of("getUpdates"))
    await until(lambda: len(api.world.of("getUpdates")) > asked + 2)
    known = len(times)
    await until(lambda: len(api.world.of("getUpdates")) > asked + 5)
    assert len(times) == known
    assert set(times) == {NOW}
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_webhook_is_open_while_telegram_can_bring_updates(
    api: BotApi, quick: Telegram
) -> None:
    times: list[datetime] = []

    async def opened(at: datetime) -> None:
        times.append(at)

    async def looked() -> list[datetime]:
        times.clear()
        before = len(api.world.of("getWebhookInfo"))
        await until(lambda: len(api.world.of("getWebhookInfo")) >= before + 3)
        return times

    api.world.speed = 100_000.0
    async with Serving(Starlette()) as serving:  # knows no address: answers 404
        await quick.announce(serving.url)
        task = asyncio.ensure_future(quick.watch(serving.url, opened))
        assert await looked()

        await api.person().says("hoi")
        await until(lambda: api.world.webhook_errors > 3)
        times.clear()
        await looked()
        assert len(times) <= 1

        api.world.waiting.clear()
        await asyncio.sleep(0.05)
        assert await looked()

        await quick.announce("http://127.0.0.1:9")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        task = asyncio.ensure_future(quick.watch(serving.url, opened))
        assert await looked() == []
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_a_press_lives_shorter_than_a_gap_is_long() -> None:
    assert PRESS_KEPT_S > 120
