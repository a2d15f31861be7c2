"""The clock: what happens because time goes by, and not because somebody does something.

    clock = Clock(intake=…, files=…, passed_s=…)
    await clock.tick(now)          every half minute, with the moment of `house.now`

On day 3 of an unfinished story a reminder; on day 14 it is erased; on the first working day after
the promised one a person is asked, once, whether there was contact; a closed request is erased part
by part when its retention ends; links, codes, update numbers and goodbyes are forgotten when they
are of no more use. Each job does a bounded piece of work a tick, on its own: one that fails is
tried again at the next tick and stops no other.

Nothing is asked, erased or forgotten by a clock that has just jumped, nor in the first hour after a
start, for nobody knows what it did before: a wrong date would erase all at once. That hour is one
that passes, and not one that the same clock says has passed.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog

from intakebot.core.events import Event, Expired, PromisePassed, Reminded
from intakebot.store import erasure, outgoing, paces, people, sessions, updates, ways_back
from intakebot.store.database import Database
from intakebot.store.problems import Conflict
from intakebot.store.sessions import Stored
from intakebot.store.vault import Vault
from intakebot.store.work import Chat, Work

# Between two ticks lie seconds; after more than this the machine slept, or its date was set.
JUMP_MIN = timedelta(days=1)
# How long people then have to notice, before anything is erased.
DISTRUST_S = 3_600.0
# The goodbye after an erasure hangs on no session; a day is enough to read it.
GOODBYE_KEPT = timedelta(days=1)

log = structlog.get_logger(__name__)


class Carrying(Protocol):
    """What the clock needs of the intake."""

    @property
    def database(self) -> Database:
        """Where sessions lie."""
        ...

    @property
    def vault(self) -> Vault:
        """What opens them."""
        ...

    def carry(
        self,
        stored: Stored,
        event: Event,
        *,
        chat: Chat,
        key: str,
        at: datetime,
    ) -> Work[object]:
        """Carry out what did not come from the inhabitant, as part of a transaction."""
        ...


class Clock:
    """Does what is due."""

    def __init__(
        self,
        *,
        intake: Carrying,
        files: Path,
        passed_s: Callable[[], float],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """*passed_s*: a stopwatch, untouched by whoever sets a date."""
        self._intake = intake
        self._database = intake.database
        self._vault = intake.vault
        self._files = files
        self._wake = wake
        self._passed_s = passed_s
        self._ticked_at: datetime | None = None
        self._erases_from_s = math.inf  # by the stopwatch

    async def tick(self, now: datetime) -> None:
        """Do what is due at this moment. Raises nothing that the next tick could mend."""
        await self._do("remind", lambda: self._remind(now))
        if self._trusts(now):
            await self._do("check", lambda: self._check(now))
            await self._do("expire", lambda: self._expire(now))
            await self._do("retention", lambda: self._end_retention(now))
            await self._do("forget", lambda: self._forget(now))
        await self._do("sweep", lambda: erasure.sweep(self._database, self._files, now))

    async def _do(self, job: str, do: Callable[[], Awaitable[object]]) -> None:
        try:
            await do()
        except Exception as error:  # noqa: BLE001 - the edge of a job: the next tick tries again
            log.warning("clock-job-failed", job=job, error=type(error).__name__)

    def _trusts(self, now: datetime) -> bool:
        """Whether the date can be right: it moved as far as the ticks did, for an hour now."""
        before, self._ticked_at, passed_s = self._ticked_at, now, self._passed_s()
        if before is None or abs(now - before) > JUMP_MIN:
            self._erases_from_s = passed_s + DISTRUST_S
        if before is not None and abs(now - before) > JUMP_MIN:
            log.error("clock-jumped", before=before.isoformat(), now=now.isoformat())
        return passed_s >= self._erases_from_s

    async def _remind(self, now: datetime) -> None:
        due = await self._database.read(lambda: sessions.to_remind(self._vault, now))
        for stored in due:
            await self._let_happen(stored, Reminded(), f"clock:remind:{stored.seq}", now)

    async def _check(self, now: datetime) -> None:
        due = await self._database.read(lambda: sessions.to_check(self._vault, now))
        for stored in due:
            await self._let_happen(stored, PromisePassed(), f"clock:check:{stored.seq}", now)

    async def _expire(self, now: datetime) -> None:
        due = await self._database.read(lambda: sessions.to_expire(self._vault, now))
        for stored in due:
            await self._let_happen(stored, Expired(), f"clock:expire:{stored.seq}", now)

    async def _let_happen(self, due: Stored, event: Event, key: str, now: datetime) -> None:
        """One session in one transaction; not when the person has just come back to it."""

        def work() -> Work[bool]:
            stored = yield from sessions.load(self._vault, due.home)
            if stored is None or stored.seq != due.seq:
                return False
            yield from self._intake.carry(stored, event, chat=stored.chat, key=key, at=now)
            return True

        async def do() -> None:
            try:
                if await self._database.run(work):
                    self._wake()
            except Conflict:
                log.info("clock-came-second", session=due.home.session)

        await self._do(type(event).__name__.lower(), do)

    async def _end_retention(self, now: datetime) -> None:
        await self._database.run(lambda: erasure.end_retention(self._vault, now))

    async def _forget(self, now: datetime) -> None:
        """What is of no more use to anyone."""

        def work() -> Work[None]:
            yield from updates.forget_old(now)
            yield from people.forget_old(now)
            yield from ways_back.forget_old(now)
            yield from paces.forget_old(now)
            yield from outgoing.forget_loose(now - GOODBYE_KEPT)

        await self._database.run(work)
