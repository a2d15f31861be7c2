"""The program as people run it, killed and stopped at any moment while many inhabitants talk.

Telegram brings again what was not acknowledged. After every kill, what it took for acknowledged is
in the store; at the end every conversation has its one request, and nothing was asked twice.
"""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.bot_api.person import Person
from tests.bot_api.server import TOKEN, BotApi
from tests.bot_api.world import Shown
from tests.channels.process import Process
from tests.channels.walking import Walk
from tests.faults.evidence import record

PEOPLE = 4
SHORT, LONG = 3, 500
PATIENCE_S = 240.0
FIRST_UPDATE = 700_000_001
# Longer than the lease of the outbox: once in so many pauses, in a long run.
LEASE_S, LONG_PAUSE_EVERY = 31.0, 25


class Killable(Process):
    """A process that can also be stopped for a while."""

    async def pause(self, seconds: float) -> None:
        """Nothing of it runs for so long, and then it goes on as if nothing had been."""
        assert self._running is not None
        self._running.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self._running.send_signal(signal.SIGCONT)


class Hasty(Killable):
    """The negative control."""

    module = "tests.faults.hasty"


class Patient(Walk):
    """A walk that waits for a server that starts again and again."""

    async def next_screen(self) -> Shown:
        self._last = await self.person.waits(self._is_next, "a next question", PATIENCE_S)
        return self._last


def settings(api: BotApi) -> dict[str, str]:
    return {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API": api.url,
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_SCOPE": "full",
    }


def stored(state: Path, sql: str) -> list[tuple[object, ...]]:
    """Rows of the store, read from outside while nobody serves."""
    store = sqlite3.connect(state / "intakebot.sqlite")
    try:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return store.execute(sql).fetchall()
    finally:
        store.close()


class Counted(BotApi):
    """A server whose numbers can be looked at: a look spends one."""

    def __init__(self) -> None:
        super().__init__(speed=20.0)
        self.spent: set[int] = set()


@pytest.mark.faults
async def test_nothing_is_lost_however_often_it_is_killed(
    tmp_path: Path,
    root: Path,
    long: bool,  # noqa: FBT001 - a fixture
) -> None:
    dice = random.Random(21)  # noqa: S311 - the same chance in every run
    state, found, begun = tmp_path / "state", Counter[str](), time.monotonic()
    done: list[Patient] = []
    async with Counted() as api:
        process = Killable(state, **settings(api))
        await process.begin()
        ends = asyncio.Event()
        walking = [asyncio.ensure_future(walk_on(api, ends, done)) for _ in range(PEOPLE)]
        for nth in range(LONG if long else SHORT):
            await asyncio.sleep(dice.uniform(0.1, 1.2))
            if nth % 3 == 1:
                found["pauses"] += 1
                is_long = long and found["pauses"] % LONG_PAUSE_EVERY == 0
                await process.pause(LEASE_S if is_long else dice.uniform(0.2, 1.5))
            await process.kill()
            found["kills"] += 1
            found["updates lost"] += len(missing := look(api, state))
            assert not missing, missing
            await process.begin()
        ends.set()
        await asyncio.gather(*walking)
        await asyncio.sleep(0.3)
        await process.stop()

    sent = stored(state, "SELECT reference FROM requests")
    found.update(conversations=len(done), requests=len(sent))
    asked_twice = [walk.asked for walk in done if len(set(walk.asked)) < len(walk.asked)]
    if long:
        minutes = round((time.monotonic() - begun) / 60)
        figures = {**found, "questions asked twice": len(asked_twice), "minutes": minutes}
        record(root, "Kills of the real server on SQLite", figures)

    assert len(sent) == len(done) >= PEOPLE
    assert asked_twice == []


async def walk_on(api: BotApi, ends: asyncio.Event, done: list[Patient]) -> None:
    """One inhabitant after the other, until it ends."""
    while not ends.is_set():
        walk = Patient(api.person())
        await walk.whole()
        done.append(walk)


def look(api: Counted, state: Path) -> set[int]:
    """What is missing now."""
    upper = next(api.world.numbers)
    api.spent.add(upper)
    issued = set(range(FIRST_UPDATE, upper))
    waiting = {update.number for update in api.world.waiting}
    rows = stored(state, "SELECT update_id FROM updates WHERE channel = 'telegram'")
    known = {int(str(row[0])) for row in rows if str(row[0]).isdecimal()}
    return issued - waiting - known - api.spent


@pytest.mark.faults
async def test_a_server_that_acknowledges_too_soon_is_found_out(tmp_path: Path) -> None:
    """The negative control: the same look at the same store must find what is lost here."""
    state = tmp_path / "state"
    async with Counted() as api:
        process = Hasty(state, **settings(api))
        await process.begin()
        people = [api.person() for _ in range(PEOPLE)]
        talking = [asyncio.ensure_future(talk(person)) for person in people]
        await asyncio.gather(*talking)
        await asyncio.sleep(0.1)
        await process.kill()

        assert look(api, state)


async def talk(person: Person) -> None:
    """Type without waiting."""
    for _ in range(5):
        await person.says("hallo")
        await asyncio.sleep(0.05)
