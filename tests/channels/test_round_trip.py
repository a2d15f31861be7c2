"""The program as people run it, with a person in Telegram: stopped, killed, started again.

Nothing that was answered is asked again, nothing that was said is lost, and there is one request.
"""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot_api.server import TOKEN, BotApi
from tests.channels.process import Process
from tests.channels.walking import STORY, Walk

MODES = ["polling", "webhook"]
STOPPED = (0, -signal.SIGTERM)  # the web server passes the signal on when all is done


@pytest.fixture
async def process(api: BotApi, tmp_path: Path, mode: str) -> AsyncIterator[Process]:
    process = Process(
        tmp_path / "state",
        TELEGRAM_TOKEN=TOKEN,
        TELEGRAM_API=api.url,
        TELEGRAM_MODE=mode,
        TELEGRAM_SCOPE="full",
    )
    yield process
    await process.kill()


def requests_sent(state: Path) -> int:
    """How many requests the store holds; read from the outside, while nobody writes."""
    with sqlite3.connect(f"file:{state / 'intakebot.sqlite'}?mode=ro", uri=True) as store:
        count: int = store.execute("SELECT COUNT(*) FROM requests").fetchone()[0]
    store.close()
    return count


@pytest.mark.parametrize("mode", MODES)
async def test_the_conversation_goes_on_after_a_kill(
    api: BotApi, process: Process, tmp_path: Path
) -> None:
    """Just after something was said; while nobody speaks; and something is said meanwhile."""
    api.world.speed = 20.0
    walk = Walk(api.person())
    await process.begin()
    await walk.begin()
    await walk.answer(await walk.next_screen())
    await process.kill()
    await process.begin()
    await walk.answer(await walk.next_screen())
    shown = await walk.next_screen()
    await asyncio.sleep(0.3)
    await process.kill()
    await walk.answer(shown)
    await process.begin()
    await walk.rest()
    await asyncio.sleep(0.3)

    assert await process.stop() in STOPPED
    assert requests_sent(tmp_path / "state") == 1
    assert len(set(walk.asked)) == len(walk.asked)
    assert walk.person.screen.count(STORY) == 1  # in the read-back, once
    assert api.world.waiting == type(api.world.waiting)()


@pytest.mark.faults
@pytest.mark.parametrize("mode", MODES)
async def test_killed_at_any_moment_nothing_is_asked_twice(
    api: BotApi,
    process: Process,
    tmp_path: Path,
    long: bool,  # noqa: FBT001 - a fixture
) -> None:
    api.world.speed = 20.0
    dice = random.Random(11)  # noqa: S311 - the same chance in every run
    walks = [Walk(api.person()) for _ in range(3)]
    await process.begin()
    walking = [asyncio.ensure_future(walk.whole()) for walk in walks]
    for _ in range(20 if long else 2):
        await asyncio.sleep(dice.uniform(0.2, 1.2))
        await process.kill()
        await process.begin()
    await asyncio.gather(*walking)
    await asyncio.sleep(0.5)

    assert await process.stop() in STOPPED
    assert requests_sent(tmp_path / "state") == len(walks)
    for walk in walks:
        assert len(set(walk.asked)) == len(walk.asked)


@pytest.mark.parametrize("mode", ["polling"])
async def test_the_log_of_the_program_holds_no_secret(api: BotApi, process: Process) -> None:
    canary = "kanarie in de kolenmijn met schulden"
    person = api.person()
    await process.begin()
    await person.says("/start")
    await person.sees_button("Nederlands")
    await person.says(canary)
    await person.sees_count(2)
    api.world.inject = lambda method, _: 500 if method == "sendMessage" else None
    await person.says(canary)
    await asyncio.sleep(0.3)
    await process.stop()

    assert TOKEN.partition(":")[2] not in process.log
    assert "kanarie" not in process.log
    assert str(person.id) not in process.log


async def test_a_refused_token_stops_the_start_with_one_sentence(
    tmp_path: Path, api: BotApi
) -> None:
    wrong = Process(
        tmp_path / "state",
        TELEGRAM_TOKEN="1:wrong",
        TELEGRAM_API=api.url,
        TELEGRAM_SCOPE="full",
    )
    with pytest.raises(AssertionError, match="INTAKEBOT_TELEGRAM_TOKEN is refused"):
        await wrong.begin()

    assert "Traceback" not in wrong.log
    assert "1:wrong" not in wrong.log
    assert await wrong.stop() == 2
