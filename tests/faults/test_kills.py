"""The program as people run it, killed and stopped at any moment while many inhabitants talk.

Telegram brings again what was not acknowledged, and some of the rest too. After every kill, what it
took for acknowledged is in the store; at the end every conversation has its one request, nothing
was asked twice, and nobody waits. The long form: 500 kills, some 4 s each on a machine that does
nothing else: half an hour (`--share 1/5` does 100).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.bot_api.server import BotApi
from tests.faults import crowd
from tests.faults.crowd import NOTHING, Crowd, Hasty, Killable, in_file, settings
from tests.faults.evidence import record
from tests.house.length import Progress, Share

PEOPLE, SPEED = 4, 20.0
SHORT, LONG = 3, 500
# Longer than the lease of the outbox: once in so many pauses, in a long run.
LEASE_S, LONG_PAUSE_EVERY = 31.0, 25


@pytest.mark.faults
async def test_nothing_is_lost_however_often_it_is_killed(
    tmp_path: Path,
    root: Path,
    long: bool,  # noqa: FBT001 - a fixture
    share: Share,
    progress: Progress,
) -> None:
    kills = share.part(LONG) if long else range(SHORT)
    dice = random.Random(21 + kills.start)  # noqa: S311 - the same chance in every run
    found, begun = Counter[str](), time.monotonic()
    rows = in_file(tmp_path / "state" / "intakebot.sqlite")
    async with BotApi(speed=SPEED) as api:
        crowd.late_twins(api, dice)
        process, people = Killable(tmp_path / "state", **settings(api)), Crowd(api, PEOPLE)
        await process.begin()
        people.begin()
        for nth in progress("kills on SQLite", kills, len(kills)):
            await asyncio.sleep(dice.uniform(0.1, 1.2))
            if nth % 3 == 1:
                found["pauses"] += 1
                is_long = long and found["pauses"] % LONG_PAUSE_EVERY == 0
                await process.pause(LEASE_S if is_long else dice.uniform(0.2, 1.5))
            await process.kill()
            found["kills"] += 1
            assert await crowd.lost(api, rows) == set()
            await process.begin()
        await people.end()
        await crowd.quiet(rows)
        await process.stop()
        promises = await crowd.broken(api, people, rows)
        if long:
            minutes = round((time.monotonic() - begun) / 60)
            told = {**found, **promises, **crowd.figures(api, people), "minutes": minutes}
            title = share.title("Kills of the real server on SQLite")
            record(root, title, {"seed": 21 + kills.start, **told})

    assert promises == NOTHING
    assert len(people.done) >= PEOPLE


@pytest.mark.faults
async def test_a_server_that_acknowledges_too_soon_is_found_out(tmp_path: Path) -> None:
    """The negative control: the same look at the same store must find what is lost here."""
    async with BotApi(speed=SPEED) as api:
        process = Hasty(tmp_path / "state", **settings(api))
        await process.begin()
        await asyncio.gather(*(crowd.hasty_talk(api.person()) for _ in range(PEOPLE)))
        await asyncio.sleep(0.1)
        await process.kill()

        assert await crowd.lost(api, in_file(tmp_path / "state" / "intakebot.sqlite"))
