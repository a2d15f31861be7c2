"""One run of the world: inhabitants, members, Telegram, browsers and processes, and what goes wrong.

report = live(seed)        a storm of some minutes, then calm, until everybody is done
report.broken              the promises that were not kept, in sentences
report.trace               all that happened, line by line: the same for the same seed
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
from collections.abc import Callable, Coroutine, Generator, Iterator, Mapping
from contextvars import Context
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import structlog

from intakebot.core.flow import Flow
from intakebot.core.law import reference
from intakebot.core.law.reference import ALPHABET, SYMBOLS
from intakebot.saying import Scope
from intakebot.store import people, ring
from intakebot.store.vault import Vault
from intakebot.store.work import Chat
from tests.simulation import events, promises, revisions, virtual
from tests.simulation.disk import Disk
from tests.simulation.faults import Faults
from tests.simulation.inhabitant import Inhabitant
from tests.simulation.member import Member
from tests.simulation.process import Process, current
from tests.simulation.site import Drawn
from tests.simulation.telegram import Json, Telegram
from tests.simulation.visitor import Visitor

# Monday 23 November 2026, ten o'clock in the Netherlands: unasked messages may go at once.
REFERENCE = """SELECT reference FROM requests
    WHERE channel = :channel AND bot = :bot AND chat = :chat"""
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STORM_S = (200.0, 900.0)
# What happens to all comes while they talk, and not when they are done.
EVENTS_WITHIN_S = 300.0
# What may still be under way when the storm is over: a retry after a long row of failures.
PATIENCE_S = 1_500.0
SETTLE_S = 900.0
# After the last word of an inhabitant: the team works on.
AFTERWARDS_S = 90.0
LOOK_S = 20.0


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of one seed."""

    seed: int
    broken: tuple[str, ...]
    trace: tuple[str, ...]
    digest: str  # of the whole trace
    struck: dict[str, int]
    updates: int
    crashes: int
    events: int  # lines of the trace
    most: Mapping[str, int] = field(default_factory=dict)  # faults that were held back

    def without_trace(self) -> Report:
        """The figures alone."""
        return replace(self, trace=())

    def story(self, lines: int = 60) -> str:
        """What happened last, and how to see it again."""
        most = " ".join(f"'{name}={count}'" for name, count in sorted(self.most.items()))
        return "\n".join(
            [
                *self.trace[len(self.trace) - lines :],
                f"Seed {self.seed} breaks a promise:",
                *(f"- {sentence}" for sentence in self.broken),
                f"Again: .venv/bin/python -m tests.simulation {self.seed} {most}".rstrip(),
            ]
        )


class World:
    """Everything of one run; nothing of it is shared with another."""

    def __init__(self, seed: int, faults: Faults) -> None:
        self.seed = seed
        self.chance = random.Random(seed)  # noqa: S311 - the same chance in every run
        self.faults = faults
        self.loop = asyncio.get_running_loop()
        self.loop.set_task_factory(_owned)
        self.trace: list[str] = []
        self.unhandled: list[str] = []
        self.failed: list[tuple[str, asyncio.Task[Any]]] = []  # whoever waits for it may see to it
        self.skew = timedelta()
        self.polls = self.chance.random() < 0.3
        self.scope: Scope = "short" if self.chance.random() < 0.2 else "full"
        self.crashes = 0
        self.jumps = 0
        self.dark_until = 0.0  # an outage: no process starts before this
        self.deaths: dict[str, float] = {}
        self.held: set[str] = set()  # messages that a restore held back
        self.dropped: set[str] = set()  # and that the operator did not want to be sent
        self.vault = Vault(
            ring.new_ring(self.chance.randbytes, date(2026, 11, 1)), self.chance.randbytes
        )
        self.disk = Disk()
        self.pages = Drawn()
        self.telegram = Telegram(self)
        self.processes: list[Process] = []
        self.counts: dict[str, int] = {}  # of each process that ever was: how often it said so
        count = self.chance.randint(3, 5)
        in_browser = self.chance.randint(0, 2)
        self.people: list[Inhabitant | Visitor] = [
            Visitor(self, n) if n <= in_browser else Inhabitant(self, n) for n in range(1, count)
        ]
        self.members = [Member(self, n) for n in (1, 2)]
        self._over = False
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

    def reference_of(self, chat: Chat) -> str:
        """The number of what was sent from this chat."""
        rows = self.disk.looking.execute(REFERENCE, chat.columns()).fetchall()
        reference: str = rows[0]["reference"]
        return reference

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
        task.add_done_callback(self._end)
        return task

    def _end(self, task: asyncio.Task[Any]) -> None:
        self._loose.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            self.unhandled.append(f"the simulation itself: {fault!r}")

    def died(self, process: Process) -> None:
        """Somebody starts another one."""
        self.deaths[process.name] = self.time
        self.processes.remove(process)
        if self._over:
            return
        self.crashes += 1
        revision = process.flow.revision.revision
        self.spawn(self._restart(revision, self.chance.uniform(0.2, 20)))

    # ---- the run ----------------------------------------------------------------------------------

    async def run(self) -> Report:
        """From the first word until all is quiet."""
        for member in self.members:
            self.disk.look(people.put_member(member.person, MONDAY))
        self._begin_process(self.chance.choice(revisions.SHIPPED))
        if not self.polls and self.chance.random() < 0.5:
            self._begin_process(self.chance.choice(revisions.SHIPPED))
        for member in self.members:
            self.spawn(member.work())
        self.spawn(self._watch())
        storm_s = self.chance.uniform(*STORM_S)
        events.plan(self, min(storm_s, EVENTS_WITHIN_S))
        living = [self.spawn(person.live()) for person in self.people]
        _, unfinished = await asyncio.wait(living, timeout=storm_s)
        self._calm_down()
        if unfinished:
            _, unfinished = await asyncio.wait(living, timeout=PATIENCE_S)
        await asyncio.sleep(AFTERWARDS_S)
        settled = await self._settle()
        self._over = True
        for process in list(self.processes):
            process.die("is stopped at the end")
        await asyncio.sleep(0)
        self.unhandled += self._unseen()
        broken = tuple(promises.broken(self, settled=settled))
        return Report(
            seed=self.seed,
            broken=broken,
            trace=tuple(self.trace),
            digest=hashlib.sha256("\n".join((*self.trace, *broken)).encode()).hexdigest(),
            struck=self.faults.struck,
            updates=sum(1 for line in self.trace if "(update " in line or " sends " in line),
            crashes=self.crashes,
            events=len(self.trace),
            most=self.faults.most,
        )

    async def _watch(self) -> None:
        """What may not be for a moment is looked for all the time."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.unhandled += promises.now_broken(self)

    def _unseen(self) -> Iterator[str]:
        """Faults that nobody heard of: a task ended with one, and nobody waited for that task."""
        for name, task in self.failed:
            if task._log_traceback:
                where = getattr(task.get_coro(), "__qualname__", "")
                yield f"{name}: {where}: {task.exception()!r}"

    async def _settle(self) -> bool:
        """Wait until all was brought and sent; False: it does not end."""
        ends_at = self.time + SETTLE_S
        while self.time < ends_at:
            if self.telegram.is_quiet and not self.disk.count(promises.WAITING):
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
        if self.dark_until > self.time:  # it grew longer meanwhile
            await self._restart(revision, 0.0)
        else:
            self._begin_process(revision)

    def _calm_down(self) -> None:
        self.faults.calm = True
        self.dark_until = min(self.dark_until, self.time)
        self.tell("world", "the storm is over")


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


def live(
    seed: int,
    weather: Callable[[Faults], None] | None = None,
    most: Mapping[str, int] | None = None,
) -> Report:
    """Live through this seed; *most*: this fault not oftener than so."""
    faults = Faults(seed, most)
    if weather is not None:
        weather(faults)

    async def main() -> Report:
        world = World(seed, faults)
        try:
            return await world.run()
        finally:
            for process in list(world.processes):
                process.alive = False
            world.disk.close()

    before = structlog.get_config()
    # What is logged of a fault is tested elsewhere; here there are thousands.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        return virtual.run(main)
    finally:
        structlog.configure(**before)
