"""One server process: the real intake, outbox, pages and clock on the world's database, until it dies.

What is real: `Intake`, `Outbox`, `Clock`, `Line`, `Fetching`, `Arrivals`, `Sending` and the routes of
the web chat, the batches of `store.sqlite`, every statement and the encryption. What is not: the
disk thread (each trip to it is one step of the loop), sockets, and the clock on the wall.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from starlette.types import ASGIApp

from intakebot.channels.telegram.arrivals import Arrivals
from intakebot.channels.telegram.sending import Sending
from intakebot.clock import Clock
from intakebot.core.talking.delivery import Delivery, FetchOutcome, Outcome, Way
from intakebot.fetching import Fetching
from intakebot.intake import Chance, Intake
from intakebot.line import Line
from intakebot.outbox import Outbox
from intakebot.pacing import Pace
from intakebot.store import flows, sqlite
from intakebot.store.presence import Watch
from intakebot.store.problems import Conflict, Unavailable
from intakebot.store.sqlite import Sqlite
from intakebot.store.work import MakeWork, Work
from tests.conversation import shipped_words
from tests.simulation.calls import Calls
from tests.simulation.disk import Breaking
from tests.simulation.site import site
from tests.simulation.telegram import BOT, Json

if TYPE_CHECKING:
    from tests.simulation.world import World

T = TypeVar("T")
TICK_S = 30.0
POLL_S = 30.0
HEAR_S = 20.0

# Which process the code that runs now belongs to; tasks inherit it.
current: ContextVar[Process | None] = ContextVar("current", default=None)


class Dead(BaseException):
    """Code of a process that is no more: it must not do anything."""


class _Thread:
    """The trip to a database thread: a step of the loop, with the real functions of the store."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.connection = process.world.disk.take(self._before, self._after)

    @property
    def here(self) -> Breaking:
        """The connection, as the loop itself uses it."""
        self._process.expect_alive()
        return self.connection

    async def do(self, function: Callable[[sqlite3.Connection], T]) -> T:
        world, process = self._process.world, self._process
        process.expect_alive()
        if world.faults.strike("slow disk"):
            took_s = world.chance.uniform(0.5, 90)
            await asyncio.sleep(took_s)
        if function is sqlite._begin_patiently:
            await world.disk.wait(self.connection)
        await asyncio.sleep(0.002)
        process.expect_alive()
        result = function(self.connection)
        process.expect_alive()
        return result

    async def close(self) -> None:
        """The database outlives its processes."""

    def _before(self, sql: str) -> None:
        self._process.expect_alive()
        faults = self._process.world.faults
        if faults.strike(
            "crash around a commit" if sql == "COMMIT" else "crash before a statement"
        ):
            self._process.die(f"dies before {sql[:40]!r}")
            raise Dead
        if faults.strike("database busy"):
            raise sqlite3.OperationalError("disk I/O error")

    def _after(self, sql: str) -> None:
        faults = self._process.world.faults
        if faults.strike("crash around a commit" if sql == "COMMIT" else "crash after a statement"):
            self._process.die(f"dies after {sql[:40]!r}")
            raise Dead


class _Presence:
    """`store.presence`, without its files: the world knows who lives, and what each counted."""

    def __init__(self, process: Process) -> None:
        self.name = process.name
        self._world = process.world
        self._process = process
        self._watch = Watch(lambda: self._world.time)

    def beat(self) -> bool:
        self._process.expect_alive()
        if not self._watch.is_due():
            return False
        self._world.counts[self.name] = self._world.counts.get(self.name, 0) + 1
        return True

    def is_alive(self, name: str) -> bool:
        if not any(process.name == name for process in self._world.processes):
            return False
        return self._watch.goes_on(name, b"%d" % self._world.counts.get(name, 0))


class Process:
    """A process that serves; `post` is what Telegram reaches, `site` what browsers reach."""

    def __init__(self, world: World, number: int, revision: str) -> None:
        self.world = world
        self.name = f"process {number}"
        self.alive = True
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._answers: dict[asyncio.Future[Any], None] = {}
        self._threads = (_Thread(self), _Thread(self))
        self.database = Sqlite(*cast("Any", self._threads))
        woken = asyncio.Event()
        self.flow = world.flow(revision)
        self.intake = Intake(
            database=self.database,
            vault=world.vault,
            flow=self.flow,
            words=shipped_words(),
            chance=Chance(reference=world.reference, session_id=world.session_id),
            scope=world.scope,
            base_url="https://chat.example",
            files=world.disk.files,
            wake=woken.set,
        )
        self.calls = Calls(world, self)
        self._sending = Sending(cast("Any", self.calls), cast("Any", self.calls), scope=world.scope)
        way = Way("telegram", BOT)
        self.outbox = Outbox(
            database=self.database,
            vault=world.vault,
            senders={way: self._send},
            receive=self.intake.receive,
            now=self.now,
            chance=world.chance.random,
            pace=Pace(chat_per_s=5, bot_per_s=50),
            woken=woken,
            owner=_Presence(self),
        )
        self.intake.send_by(self.outbox)
        self.fetching = Fetching(
            database=self.database,
            vault=world.vault,
            folder=world.disk.files,
            fetchers={way: self._fetch},
            now=self.now,
        )
        self.clock = Clock(
            intake=self.intake,
            files=world.disk.files,
            passed_s=world.loop.time,
            wake=woken.set,
        )
        self.line = Line(intake=self.intake, way=way, now=self.now, wake=woken.set)
        self.arrivals = Arrivals(bot=BOT, now=self.now, confirm=lambda _: None)
        self.site: ASGIApp = site(self)

    def begin(self) -> None:
        """Start serving."""
        self.world.tell(self.name, f"starts with revision {self.flow.revision.revision}")
        self.spawn(self._serve())

    def now(self) -> datetime:
        """The clock on the wall of this machine."""
        return self.world.now()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run this as a part of the process."""
        token = current.set(self)
        try:
            asyncio.get_running_loop().create_task(work)
        finally:
            current.reset(token)

    def own(self, task: asyncio.Task[Any]) -> None:
        """This task dies with the process."""
        self._tasks[task] = None
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and isinstance(task._exception, Exception):
            self.world.failed.append((self.name, task))

    def expect_alive(self) -> None:
        if not self.alive:
            raise Dead

    def die(self, why: str) -> None:
        """SIGKILL: from here on nothing of it does anything; its connections are cut."""
        if not self.alive:
            return
        self.alive = False
        self.world.tell(self.name, why)
        for task in list(self._tasks):
            task.cancel()
        for answer in self._answers:
            if not answer.done():
                answer.set_result(None)
        # Once the statement that it died at is off the stack.
        asyncio.get_running_loop().call_soon(self._let_go)
        self.world.died(self)

    def _let_go(self) -> None:
        for thread in self._threads:
            self.world.disk.give_back(thread.connection)

    # ---- serving --------------------------------------------------------------------------------

    async def _serve(self) -> None:
        revision = self.flow.revision

        def publish() -> Work[None]:
            published = yield from flows.published(revision.id)
            if published is None or published.revision != revision.revision:
                yield from flows.publish(
                    self.world.vault, revision, by="release", at=self.world.now()
                )

        try:
            await self.database.run(publish)
        except Exception as fault:  # noqa: BLE001 - whatever it is, a start that fails is a process that ends
            self.die(f"could not start: {type(fault).__name__}")
            return
        self.spawn(self.outbox.run())
        self.spawn(self.fetching.run())
        self.spawn(self._tick())
        self.spawn(self.line.run())
        self.spawn(self._hear())
        if self.world.polls:
            self.spawn(self._poll())

    async def _tick(self) -> None:
        while True:
            await self.clock.tick(self.now())
            await asyncio.sleep(TICK_S)

    async def _hear(self) -> None:
        """As `Telegram.watch` does it: we can be reached."""
        while True:
            await self.line.opened(self.now())
            await asyncio.sleep(HEAR_S)

    async def _poll(self) -> None:
        """As `Telegram.poll` does it."""
        offset, failures, telegram = 0, 0, self.world.telegram
        while True:
            self.expect_alive()
            found = telegram.after(offset)
            if not found:
                telegram.arrived.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await telegram.arrived.wait()
                found = telegram.after(0)
            self.expect_alive()
            if self.world.faults.strike("lost batch"):
                await asyncio.sleep(self.world.chance.uniform(1, 20))
                continue
            decoded = [self.arrivals.decoded(raw) for raw in found]
            batch = [update for update in decoded if update is not None]
            offset, complete = await self.arrivals.take_all(batch, self.intake.receive)
            failures = 0 if complete else failures + 1
            await asyncio.sleep(min(60.0, 2.0**failures) if failures else 0.01)

    async def post(self, raw: Json) -> int | None:
        """The status that Telegram reads; None: the connection broke."""

        async def take() -> int:
            update = self.arrivals.decoded(raw)
            taken = update is None or await self.arrivals.take(update, self.intake.receive)
            return 200 if taken else 503

        return await self.ask(take())

    async def do(self, make_work: MakeWork[T]) -> T | Exception | None:
        """What a page of a member does, or why not; None: the connection broke."""

        async def work() -> T | Exception:
            try:
                return await self.intake.carried(make_work)
            except (Conflict, Unavailable) as fault:
                return fault

        return await self.ask(work())

    async def ask(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What it gives, over a connection that breaks when the process dies."""
        if not self.alive:
            work.close()
            return None
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[answer] = None

        async def reply() -> None:
            result = await work
            if not answer.done():
                answer.set_result(result)

        self.spawn(reply())
        try:
            return cast("T | None", await answer)
        finally:
            del self._answers[answer]

    async def _send(self, delivery: Delivery) -> Outcome:
        self.expect_alive()
        self.calls.places[int(delivery.chat)] = delivery.id
        return await self._sending.send(delivery)

    async def _fetch(self, source: str) -> FetchOutcome:
        self.expect_alive()
        return await self._sending.fetch(source)
