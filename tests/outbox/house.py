"""What the tests of the outbox stand on: the real store, and a sender that does what it is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from intakebot.core.events import Incoming, Message
from intakebot.core.session import Tongue
from intakebot.core.talking.delivery import (
    Delivered,
    Delivery,
    Outcome,
    Way,
)
from intakebot.outbox import Outbox
from intakebot.pacing import Pace
from intakebot.store import outgoing
from intakebot.store.outgoing import Claimed
from intakebot.store.presence import Present
from intakebot.store.problems import Unavailable
from intakebot.store.sqlite import Sqlite
from intakebot.store.vault import Vault
from intakebot.store.work import MakeWork, Work

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
WAY = Way("telegram", "42")
NL = Tongue(lang="nl")
FAST = Pace(chat_per_s=10_000, bot_per_s=10_000)


class Channel:
    """Takes messages, and gives the outcomes that a test laid ready; else all goes well."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.deliveries: list[Delivery] = []
        self.outcomes: list[Outcome | Exception] = []
        self.slow: set[str] = set()  # chats whose messages never arrive
        self.at: list[float] = []
        self.gate = asyncio.Event()  # nothing arrives while it is closed
        self.gate.set()

    async def send(self, delivery: Delivery) -> Outcome:
        self.deliveries.append(delivery)
        self.at.append(asyncio.get_running_loop().time())
        if delivery.chat in self.slow:
            await asyncio.Event().wait()
        await self.gate.wait()
        outcome = self.outcomes.pop(0) if self.outcomes else Delivered(ref=f"m{len(self.taken)}")
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, Delivered):
            self.taken.append((delivery.chat, delivery.message.text))
        return outcome

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.taken]


class World:
    """A store, an outbox and a channel; the clock stands still until it is put on."""

    def __init__(self, database: Sqlite, vault: Vault) -> None:
        self.database = database
        self.vault = vault
        self.channel = Channel()
        self.now = NOW
        self.passed_s = 3e6  # by the stopwatch: the machine is up since a month
        self.chance = 1.0
        self.received: list[Incoming] = []
        self.outbox = self.an_outbox()
        self._said = 0

    def an_outbox(
        self,
        pace: Pace = FAST,
        database: Sqlite | None = None,
        owner: str | Present = "machine",
    ) -> Outbox:
        return Outbox(
            database=database or self.database,
            vault=self.vault,
            senders={WAY: self.channel.send},
            receive=self._receive,
            now=lambda: self.now,
            chance=lambda: self.chance,
            pace=pace,
            owner=owner,
            passed_s=lambda: self.passed_s,
        )

    async def _receive(self, incoming: Incoming) -> None:
        self.received.append(incoming)

    async def say(self, text: str, chat: str = "7", wait: timedelta | None = None) -> None:
        self._said += 1
        at, key = self.now, f"u{self._said}"
        message = Message(text=text, tongue=NL, unasked=wait is not None)
        not_before = None if wait is None else at + wait
        place = self.vault.chat(*WAY, chat)
        await self.database.run(
            lambda: outgoing.add(place, self.vault, message, dkey=key, at=at, not_before=not_before)
        )

    async def turn(
        self, *texts: str, chat: str = "7", stopped: Callable[[], Awaitable[object]] | None = None
    ) -> bool:
        """What a turn says, leased when the outbox wants it so; whether it was.

        *stopped*: what goes on around this process while it stands still after its commit.
        """
        self._said += 1
        place, key, at = self.vault.chat(*WAY, chat), f"u{self._said}", self.now
        lease = self.outbox.lease(WAY)
        if lease is None:
            for text in texts:
                await self.say(text, chat)
            return False
        messages = [(f"{key}:{n}", Message(text=text, tongue=NL)) for n, text in enumerate(texts)]

        def write() -> Work[tuple[Claimed, ...]]:
            begun: tuple[Claimed, ...] = ()
            for dkey, message in messages:
                begun += yield from outgoing.begin(
                    place, self.vault, message, dkey=dkey, at=at, lease=lease
                )
            return begun

        claimed = await self.database.run(write)
        if stopped:
            await stopped()
        self.outbox.hand(WAY, claimed, lease)
        return len(claimed) == len(texts)

    async def pass_time(self, **time: float) -> None:
        self.now += timedelta(**time)
        self.passed_s += timedelta(**time).total_seconds()
        await self.outbox.drain()


@contextlib.asynccontextmanager
async def running(run: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - what is waited for happens elsewhere
            await asyncio.sleep(0.002)


class Failing(Sqlite):
    """A database that is away for the first calls."""

    failures = 3

    async def run(self, make_work: MakeWork[object]) -> object:  # type: ignore[override]  # one type is enough
        if self.failures:
            self.failures -= 1
            raise Unavailable("SQLITE_BUSY")
        return await super().run(make_work)


class Forgetful(Sqlite):
    """A database that is away at the moment of these calls, counted from now."""

    def fail_at(self, *calls: int, with_: Exception) -> None:
        self._calls, self._fail_at, self._fault = 0, calls, with_

    async def run(self, make_work: MakeWork[object]) -> object:  # type: ignore[override]  # one type is enough
        self._calls += 1
        if self._calls in self._fail_at:
            raise self._fault
        return await super().run(make_work)


class Deaf(Forgetful):
    """A database whose answer is lost at these calls: what was asked is done."""

    async def run(self, make_work: MakeWork[object]) -> object:  # type: ignore[override]  # one type is enough
        done = await Sqlite.run(self, make_work)
        self._calls += 1
        if self._calls in self._fail_at:
            raise self._fault
        return done


async def sent(world: World, count: int) -> None:
    await eventually(lambda: len(world.channel.taken) >= count)


async def too_early(world: World) -> None:
    """Hand over what was leased before something was given back."""
    place = world.vault.chat(*WAY, "7")
    lease = world.outbox.lease(WAY)
    assert lease is not None
    message = Message(text="a", tongue=NL)
    claimed = await world.database.run(
        lambda: outgoing.begin(place, world.vault, message, dkey="a", at=world.now, lease=lease)
    )
    world.outbox.hand(WAY, claimed, replace(lease, epoch=lease.epoch - 1))
