"""One run of the world: inhabitants, members, Telegram and processes, under what a seed lets go wrong.

report = live(seed)        a storm of some minutes, then calm, until everybody is done
report.broken              the promises that were not kept, in sentences
report.trace               all that happened, line by line: the same for the same seed
"""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import structlog

from intakebot.core.flow import Flow
from intakebot.core.law import reference
from intakebot.core.law.reference import ALPHABET, SYMBOLS
from intakebot.store import people, ring, schema
from intakebot.store.vault import Vault
from tests.simulation import promises, revisions, virtual
from tests.simulation.faults import Crash, Faults, connect
from tests.simulation.inhabitant import Inhabitant
from tests.simulation.member import Member
from tests.simulation.process import Process, current
from tests.simulation.telegram import Json, Telegram

# Monday 23 November 2026, ten o'clock in the Netherlands: unasked messages may go at once.
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STORM_S = (100.0, 300.0)
# What may still be under way when the storm is over: a retry after a long row of failures.
PATIENCE_S = 1_500.0
SETTLE_S = 900.0


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of one seed."""

    seed: int
    broken: tuple[str, ...]
    trace: tuple[str, ...]
    struck: dict[str, int]
    updates: int
    crashes: int

    def without_trace(self) -> Report:
        """The figures alone."""
        return replace(self, trace=())

    def story(self, lines: int = 60) -> str:
        """What happened last, and how to see it again."""
        return "\n".join(
            [
                *self.trace[-lines:],
                f"Seed {self.seed} breaks a promise:",
                *(f"- {sentence}" for sentence in self.broken),
                f"Again: .venv/bin/python -m tests.simulation {self.seed}",
            ]
        )


class World:
    """Everything of one run; nothing of it is shared with another."""

    def __init__(self, seed: int, weather: Callable[[Faults], None] | None = None) -> None:
        self.seed = seed
        self.chance = random.Random(seed)  # noqa: S311 - the same chance in every run
        self.faults = Faults(self.chance)
        if weather is not None:
            weather(self.faults)
        self.loop = asyncio.get_running_loop()
        self.loop.set_task_factory(_owned)
        self.trace: list[str] = []
        self.unhandled: list[str] = []
        self.skew = timedelta()
        self.polls = self.chance.random() < 0.3
        self.crashes = 0
        self.jumps = 0
        self.exposed = False  # a process is at the database: only then it breaks
        self.dark_until = 0.0  # an outage: no process starts before this
        self.files = Path("no-files-here")
        self.vault = Vault(
            ring.new_ring(self.chance.randbytes, date(2026, 11, 1)), self.chance.randbytes
        )
        self.connection = self._connected()
        self.telegram = Telegram(self)
        self.processes: list[Process] = []
        self.counts: dict[str, int] = {}  # of each process that ever was: how often it said so
        self.people = [Inhabitant(self, n) for n in range(1, self.chance.randint(3, 5))]
        self.members = [Member(self, n) for n in (1, 2)]
        self._started = 0
        self._sessions = 0
        self._loose: set[asyncio.Task[Any]] = set()

    # ---- what everybody asks ----------------------------------------------------------------------

    @property
    def time(self) -> float:
        """Seconds since the beginning, whatever the clock on the wall says."""
        return self.loop.time()

    def now(self) -> datetime:
        """The clock on the wall."""
        return MONDAY + timedelta(seconds=round(self.time, 6)) + self.skew

    def tell(self, who: str, what: str) -> None:
        """A line for the story of this run."""
        self.trace.append(f"{self.time:10.3f}  {who:<14} {what}")

    def flow(self, revision: str) -> Flow:
        """The flow of this revision."""
        return revisions.flow(revision)

    def reference(self) -> str:
        """A reference; now and then one that is taken."""
        few = "".join(self.chance.choices(ALPHABET[:2], k=3))
        return reference.make(few + ALPHABET[0] * (SYMBOLS - 3))

    def session_id(self) -> str:
        """A session id."""
        self._sessions += 1
        return f"session{self._sessions}"

    def any_process(self) -> Process | None:
        """Whoever answers at this address."""
        alive = [process for process in self.processes if process.alive]
        return self.chance.choice(alive) if alive else None

    async def post(self, raw: Json) -> int | None:
        """Bring an update to whoever answers; None: nobody does."""
        process = self.any_process()
        return None if process is None else await process.post(raw)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Let something happen that belongs to no process."""
        token = current.set(None)
        try:
            task = self.loop.create_task(work)
        finally:
            current.reset(token)
        self._loose.add(task)
        task.add_done_callback(self._loose.discard)
        return task

    def died(self, process: Process) -> None:
        """Somebody starts another one."""
        self.crashes += 1
        self.processes.remove(process)
        if self.connection.in_transaction:
            sqlite3.Connection.execute(self.connection, "ROLLBACK")
        revision = process.flow.revision.revision
        self.spawn(self._restart(revision, self.chance.uniform(0.2, 20)))

    # ---- the run ----------------------------------------------------------------------------------

    async def run(self) -> Report:
        """From the first word until all is quiet."""
        for member in self.members:
            promises.look(self, people.put_member(member.person, MONDAY))
        self._begin_process(self.chance.choice(revisions.REVISIONS))
        if not self.polls and self.chance.random() < 0.5:
            self._begin_process(self.chance.choice(revisions.REVISIONS))
        for member in self.members:
            self.spawn(member.work())
        storm_s = self.chance.uniform(*STORM_S)
        self._plan(storm_s)
        living = [self.spawn(person.live()) for person in self.people]
        _, unfinished = await asyncio.wait(living, timeout=storm_s)
        self._calm_down()
        if unfinished:
            _, unfinished = await asyncio.wait(living, timeout=PATIENCE_S)
        settled = await self._settle()
        broken = promises.broken(self, settled=settled)
        broken += [f"{task.exception()!r}" for task in living if task.done() and task.exception()]
        return Report(
            seed=self.seed,
            broken=tuple(broken),
            trace=tuple(self.trace),
            struck=self.faults.struck,
            updates=sum(1 for line in self.trace if "(update " in line),
            crashes=self.crashes,
        )

    async def _settle(self) -> bool:
        """Wait until all was brought and sent; False: it does not end."""
        ends_at = self.time + SETTLE_S
        while self.time < ends_at:
            waiting = self.connection.cursor().execute(promises.WAITING).fetchone()[0]
            if self.telegram.is_quiet and not waiting:
                return True
            await asyncio.sleep(5)
        return False

    def _begin_process(self, revision: str) -> None:
        self._started += 1
        process = Process(self, self._started, revision)
        self.processes.append(process)
        process.begin()

    async def _restart(self, revision: str, after_s: float) -> None:
        await asyncio.sleep(max(after_s, self.dark_until - self.time))
        self._begin_process(revision)

    def _plan(self, storm_s: float) -> None:
        for name, strikes in (
            ("outage", self._outage),
            ("clock jump", self._clock_jump),
            ("deploy", self._deploy),
        ):
            for _ in range(self.faults.events[name]):
                self.spawn(strikes(self.chance.uniform(0, storm_s)))

    async def _outage(self, after_s: float) -> None:
        """Nobody answers for longer than a press is kept."""
        await asyncio.sleep(after_s)
        if self.faults.calm:
            return
        self.dark_until = max(self.dark_until, self.time + self.chance.uniform(30, 400))
        self.tell("world", f"nothing runs until {self.dark_until:.0f}")
        for process in list(self.processes):
            process.die("is out: the machine stopped")

    async def _clock_jump(self, after_s: float) -> None:
        """The clock on the wall is wrong for a while."""
        await asyncio.sleep(after_s)
        if self.faults.calm:
            return
        self.skew = self.chance.choice(
            (timedelta(hours=1), timedelta(hours=-1), timedelta(days=3650), timedelta(days=-3650))
        )
        self.jumps += 1
        self.tell("world", f"the clock jumps by {self.skew}")
        await asyncio.sleep(self.chance.uniform(10, 200))
        self.tell("world", "the clock is right again")
        self.skew = timedelta()

    async def _deploy(self, after_s: float) -> None:
        """One process is replaced, maybe by another release: another revision is published."""
        await asyncio.sleep(after_s)
        process = self.any_process()
        if process is not None and not self.faults.calm:
            revision = self.chance.choice(revisions.REVISIONS)
            process.flow = self.flow(revision)
            process.die(f"is replaced by a release with revision {revision}")

    def _calm_down(self) -> None:
        self.faults.calm = True
        self.dark_until = self.time
        self.skew = timedelta()
        self.tell("world", "the storm is over")

    # ---- the database -----------------------------------------------------------------------------

    def _connected(self) -> sqlite3.Connection:
        connection = connect(self._before, self._after)
        connection.row_factory = sqlite3.Row
        _template().backup(connection)
        sqlite3.Connection.execute(connection, "PRAGMA foreign_keys = ON")
        return connection

    def _before(self, sql: str) -> None:
        if not self.exposed or sql in ("ROLLBACK", "ROLLBACK TO work", "RELEASE work"):
            return
        if self.faults.strike(
            "crash around a commit" if sql == "COMMIT" else "crash before a statement"
        ):
            self.tell("world", f"crash before {sql[:40]!r}")
            raise Crash
        if self.faults.strike("database busy"):
            raise sqlite3.OperationalError("database is locked")

    def _after(self, sql: str) -> None:
        if not self.exposed or sql == "ROLLBACK":
            return
        if self.faults.strike(
            "crash around a commit" if sql == "COMMIT" else "crash after a statement"
        ):
            self.tell("world", f"crash after {sql[:40]!r}")
            raise Crash


@cache
def _template() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:", check_same_thread=False)
    made.executescript(schema.as_script())
    return made


def _owned(
    loop: asyncio.AbstractEventLoop,
    coro: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
    *,
    context: Context | None = None,
) -> asyncio.Task[Any]:
    """Every task belongs to the process whose code began it, and dies with it."""
    task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, context=context)
    process = current.get()
    if process is not None:
        process.own(task)
    return task


def live(seed: int, weather: Callable[[Faults], None] | None = None) -> Report:
    """Live through this seed."""

    async def main() -> Report:
        world = World(seed, weather)
        try:
            report = await world.run()
        finally:
            for process in list(world.processes):
                process.alive = False
            world.connection.close()
        return report

    before = structlog.get_config()
    # What is logged of a fault is tested elsewhere; here there are thousands.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        return virtual.run(main)
    finally:
        structlog.configure(**before)
