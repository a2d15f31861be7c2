"""The line: until when people could reach us, and asking again after they could not.

    line = Line(intake=…, way=Way("telegram", bot))
    await line.opened(at)      from the channel: at this moment we could hear people
    await line.run()           for ever: asks again when there is something to ask about

Telegram keeps a press on a button for 150 seconds and a message for a day. Who pressed while we
were away waits for ever; so after a gap of more than `GAP_MIN` each open question with buttons is
put on screen again, once, with the sentence that we could not be reached. The gap stands in the
store, so a kill half-way asks the rest, and nobody twice: the messages are known by the gap.

Whoever was talking just before the gap hears it at once; who had left off earlier in the day, in
the daytime. Who has spoken since, and whoever still has a message of ours coming, is not asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from intakebot.core.law.safe_times import next_daytime
from intakebot.core.talking.delivery import Way
from intakebot.store import lines, sessions
from intakebot.store.database import Database
from intakebot.store.lines import Gap
from intakebot.store.problems import Unavailable
from intakebot.store.sessions import Stored
from intakebot.store.vault import Vault
from intakebot.store.work import Work, micros

GAP_MIN = timedelta(seconds=120)
# How often it is written down that we can be reached; far below the gap.
NOTE_EVERY = timedelta(seconds=15)
# What people typed meanwhile is taken in first: they are answered by that.
SETTLE = timedelta(seconds=10)
# Who spoke so shortly before the gap sits waiting for us.
IN_TALK = timedelta(hours=1)
# Who left off longer before the gap than this did not press just then.
LATELY = timedelta(hours=24)
# Two messages each: half of what Telegram lets a bot say is left for replies.
A_SECOND = 6
LOOK_S = 1.0

log = structlog.get_logger(__name__)


class Asking(Protocol):
    """What the line needs of the intake."""

    @property
    def database(self) -> Database:
        """Where the gap and the sessions lie."""
        ...

    @property
    def vault(self) -> Vault:
        """What opens them."""
        ...

    def ask_again(self, stored: Stored, *, key: str, at: datetime) -> Work[bool]:
        """Put the open question on screen once more; False when there is none."""
        ...


class Line:
    """The line of one bot."""

    def __init__(
        self,
        *,
        intake: Asking,
        way: Way,
        now: Callable[[], datetime],
        wake: Callable[[], None] = lambda: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._intake = intake
        self._database = intake.database
        self._way = way
        self._now = now
        self._wake = wake
        self._sleep = sleep
        self._noted_at: datetime | None = None
        self._gap: Gap | None = None

    async def opened(self, at: datetime) -> None:
        """At this moment we could hear people. Raises nothing: the next call will do."""
        if self._noted_at is not None and timedelta() <= at - self._noted_at < NOTE_EVERY:
            return
        try:
            gap = await self._database.run(lambda: lines.open_at(*self._way, at, gap_min=GAP_MIN))
        except Unavailable as fault:
            log.warning("line-not-noted", error=str(fault))
            return
        if gap is not None and gap != self._gap:
            log.warning("line-was-cut", since=gap.since.isoformat(), until=gap.until.isoformat())
        self._noted_at, self._gap = at, gap

    async def run(self) -> None:
        """Ask again for ever."""
        while True:
            try:
                await self.ask_again()
            except Exception as error:  # noqa: BLE001 - the edge: the next look tries again
                log.warning("not-asked-again", error=type(error).__name__)
            await self._sleep(LOOK_S)

    async def ask_again(self) -> int:
        """Ask those again who are due; gives how many."""
        gap, now = self._gap, self._now()
        if gap is None or now < gap.until + SETTLE:
            return 0
        asked = await self._ask_between(gap, gap.since - IN_TALK, gap.until)
        if next_daytime(now) == now:
            asked += await self._ask_between(gap, gap.since - LATELY, gap.since - IN_TALK)
            await self._database.run(lambda: lines.asked(*self._way, gap))
            if self._gap == gap:
                self._gap = None
        if asked:
            log.info("asked-again", chats=asked)
        return asked

    async def _ask_between(self, gap: Gap, since: datetime, until: datetime) -> int:
        """Those who were last heard in this time, the longest ago first."""
        asked = 0
        while page := await self._waiting(since, until):
            for _, stored in page:
                if await self._ask(gap, stored):
                    asked += 1
                    self._wake()
                    await self._sleep(1 / A_SECOND)
            last = page[-1][0]
            since = last if last > since else last + timedelta(microseconds=1)
        return asked

    async def _waiting(
        self, since: datetime, until: datetime
    ) -> tuple[tuple[datetime, Stored], ...]:
        return await self._database.read(
            lambda: sessions.waiting(self._intake.vault, *self._way, since=since, until=until)
        )

    async def _ask(self, gap: Gap, waiting: Stored) -> bool:
        """One person in one transaction; not when the person has just spoken."""

        def work() -> Work[bool]:
            stored = yield from sessions.load(self._intake.vault, waiting.home)
            if stored is None or stored.seq != waiting.seq:
                return False
            key = f"away:{micros(gap.until)}:{stored.home.session}"
            return (yield from self._intake.ask_again(stored, key=key, at=self._now()))

        return await self._database.run(work)
