"""The bot whole but without pages: Telegram, intake, outbox and store in the test's own process."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Literal

from intakebot.channels.telegram.bot import Telegram
from intakebot.clock import Clock
from intakebot.core.law import reference
from intakebot.core.talking.delivery import Way
from intakebot.fetching import Fetching
from intakebot.intake import Chance, Intake
from intakebot.outbox import OWNER, Outbox
from intakebot.pacing import Pace
from intakebot.store import flows, ring
from intakebot.store.sqlite import MEMORY, Sqlite, open_sqlite
from intakebot.store.vault import Vault
from tests.bot_api.server import BotApi
from tests.conversation import shipped_flow, shipped_words
from tests.store.raw import rows

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
Scope = Literal["full", "short", "front-door"]


@dataclass(kw_only=True)
class House:
    """What a test may look at."""

    api: BotApi
    telegram: Telegram
    intake: Intake
    database: Sqlite
    vault: Vault
    outbox: Outbox
    fetching: Fetching
    clock: Clock
    now: datetime = MONDAY

    async def pass_time(self, time: timedelta) -> None:
        self.now += time
        await self.clock.tick(self.now)

    async def all_sent(self) -> None:
        """What is on the screens is marked as sent too, in a store whose clock stands still."""
        waits = "SELECT 1 FROM messages WHERE state IN ('queued', 'leased')"
        async with asyncio.timeout(20):
            while await self._holds(waits):  # noqa: ASYNC110 - SQLite tells nobody
                await asyncio.sleep(0.002)

    async def _holds(self, question: str) -> bool:
        async with self.database._alone:
            return bool(await rows(self.database, question))


@contextlib.asynccontextmanager
async def open_house(api: BotApi, files: Path, scope: Scope = "full") -> AsyncIterator[House]:
    """The bot, polling; it ends with the block."""
    dice = random.Random(7)  # noqa: S311 - the same chance in every run
    vault = Vault(ring.new_ring(dice.randbytes, date(2026, 11, 1)), dice.randbytes)
    database = await open_sqlite(MEMORY)
    house = _built(api, files, scope, vault, database, dice)
    flow = shipped_flow()
    await database.run(lambda: flows.publish(vault, flow.revision, by="test", at=MONDAY))
    running: list[Awaitable[object]] = [
        house.telegram.poll(house.intake.receive),
        house.outbox.run(),
        house.fetching.run(),
    ]
    tasks = [asyncio.ensure_future(one) for one in running]
    try:
        yield house
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await house.telegram.close()
        await database.close()


def _built(
    api: BotApi, files: Path, scope: Scope, vault: Vault, database: Sqlite, dice: random.Random
) -> House:
    numbers, woken = count(1), asyncio.Event()

    def now() -> datetime:
        return house.now

    def passed_s() -> float:
        return (house.now - MONDAY).total_seconds()  # nobody sets a date here

    def new_reference() -> str:
        return reference.make("".join(dice.choices(reference.ALPHABET, k=reference.SYMBOLS)))

    intake = Intake(
        database=database,
        vault=vault,
        flow=shipped_flow(),
        words=shipped_words(),
        chance=Chance(reference=new_reference, session_id=lambda: f"session{next(numbers)}"),
        scope=scope,
        base_url="https://chat.example",
        files=files,
        wake=woken.set,
    )
    telegram = Telegram(api.token, api=api.url, scope=scope, now=now, chance=dice.random, poll_s=1)
    way = Way("telegram", telegram.bot)
    house = House(
        api=api,
        telegram=telegram,
        intake=intake,
        database=database,
        vault=vault,
        outbox=Outbox(
            database=database,
            vault=vault,
            senders={way: telegram.send},
            receive=intake.receive,
            now=now,
            chance=dice.random,
            pace=Pace(chat_per_s=1_000, bot_per_s=1_000),
            woken=woken,
            owner=OWNER,
        ),
        fetching=Fetching(
            database=database, vault=vault, folder=files, fetchers={way: telegram.fetch}, now=now
        ),
        clock=Clock(intake=intake, files=files, passed_s=passed_s, wake=woken.set),
    )
    return house
