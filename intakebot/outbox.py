"""The outbox: what is to be said is sent, in order, at least once.

    outbox = Outbox(database=…, vault=…, senders={Way("telegram", bot): telegram.send}, …)
    await outbox.run()         for ever; set `woken` after a commit, else it looks each second

Laws
1. One message of a chat at a time, in the order that they were said. An unasked one that waits for
   safe times holds up nothing.
   What a turn brings is leased in the commit of that turn and handed over (`lease`, `hand`); what
   is found in the store is claimed. Either way the messages of a chat form one train: when one
   cannot be sent now, all behind it are given back, and are claimed again in their order.
2. A message is leased, sent, and then marked. What may or may not have arrived is sent again, with
   the same words and the same tokens in its buttons, so that the second copy does no harm. What a
   turn says waits until all of an earlier turn is marked (`marking.py`): only what stands last on
   the screen can come twice.
3. Every attempt ends somewhere: sent, tried again later, refused for good, or the chat is given up.
   Nothing that one chat does holds up another; a flood limit of the whole bot holds up all.
4. No clock on the wall decides what is given up, nor on one machine whose message it is
   (`leasing.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never

import structlog

from intakebot.core.events import Blocked, Incoming
from intakebot.core.talking.delivery import (
    Busy,
    Delivered,
    Delivery,
    Outcome,
    Refused,
    Unreachable,
    Unsure,
    Way,
    Withheld,
)
from intakebot.leasing import Leasing
from intakebot.marking import Marks, Train
from intakebot.pacing import Pace, pacer
from intakebot.store import outgoing
from intakebot.store.database import Database
from intakebot.store.outgoing import Claimed, Lease
from intakebot.store.presence import Present
from intakebot.store.problems import Unavailable
from intakebot.store.vault import Vault
from intakebot.store.work import Work

# The name of whoever sends alone.
OWNER = "outbox"
# The API takes some 50 ms for each: enough for many turns a second where the pace allows it.
AT_ONCE_MAX = 256
# To look for what waits costs as much for one message as for many: there must be room for so many.
CLAIM_FROM = 64
LOOK_AGAIN_S = 1.0
BACKOFF_S_MAX = 300
# Telegram keeps for us for a day; so do we for Telegram. After that the moment has passed. Counted
# by this process: after a restart it begins anew, for too long is better than lost.
GIVE_UP_AFTER_S = 24 * 3600.0
GIVE_UP_ATTEMPTS = 8
# Messages whose first attempt is remembered.
FAILING_MAX = 10_000
END_S = 10.0

log = structlog.get_logger(__name__)


Send = Callable[[Delivery], Awaitable[Outcome]]


def stopwatch() -> float:
    """Seconds that pass, from nowhere in particular."""
    return asyncio.get_running_loop().time()


# ---- sending ------------------------------------------------------------------------------------


class Outbox:
    """Sends what the store holds, by the sender of each way."""

    def __init__(  # noqa: PLR0913 - built once, in app.py
        self,
        *,
        database: Database,
        vault: Vault,
        senders: Mapping[Way, Send],
        receive: Callable[[Incoming], Awaitable[object]],
        now: Callable[[], datetime],
        chance: Callable[[], float],
        pace: Pace | None = None,
        woken: asyncio.Event | None = None,
        owner: str | Present,
        passed_s: Callable[[], float] = stopwatch,
    ) -> None:
        """*owner*: our name among several machines, or who sends on this one machine."""
        self._leases = Leasing(
            owner, database=database, ways=senders.keys(), now=now, passed_s=passed_s
        )
        self._passed_s = passed_s
        self._first_failed: dict[tuple[str, str], float] = {}  # chat and message, by the stopwatch
        self._lost_count = False  # of our leases: the word that some were written was lost
        self._database = database
        self._marks = Marks(lambda make: self._until_available(partial(self._write, make)))
        self._vault = vault
        self._senders = senders
        self._receive = receive
        self._now = now
        self._chance = chance
        pace = pace or Pace()
        self._pacers = {way: pacer(pace, way, database, now) for way in senders}
        self._woken = woken or asyncio.Event()
        self._trains: dict[tuple[Way, str], Train] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0  # messages in all trains
        self._epoch = 0  # rises when something is given back
        self._is_running = False
        self._look_again = False  # when a train has ended

    def wake(self) -> None:
        """There may be something to send."""
        self._woken.set()

    def lease(self, way: Way) -> Lease | None:
        """See `saying.Sender`."""
        closed = way not in self._pacers or self._pacers[way].closed_s() > 0
        unsure = self._marks.lost or self._lost_count
        if closed or unsure or self._count >= AT_ONCE_MAX or not self._is_running:
            return None
        until, sure_until = self._leases.until(), self._leases.sure_until()
        return Lease(
            owner=self._leases.owner, until=until, epoch=self._epoch, sure_until=sure_until
        )

    def hand(self, way: Way, claimed: Sequence[Claimed], lease: Lease) -> None:
        """See `saying.Sender`. What was leased before something was given back may be too early."""
        for one in claimed:
            self._begin_one(way, one, too_early=lease.epoch != self._epoch)

    def lose_count(self) -> None:
        """See `saying.Sender`."""
        self._lost_count = True
        self._woken.set()

    async def run(self) -> None:
        """Send for ever. When it is cancelled, what was begun is finished first."""
        async with asyncio.TaskGroup() as group:
            beating = group.create_task(self._leases.beat())
            try:
                await self._send_what_comes()
            finally:
                self._is_running = False
                if self._tasks:
                    await asyncio.wait(self._tasks, timeout=END_S)
                beating.cancel()

    async def _send_what_comes(self) -> None:
        await self._until_available(self._leases.take_over)
        self._is_running = True
        while True:
            self._woken.clear()
            await self._until_available(self._leases.take_over)
            await self._until_available(self._begin)
            with contextlib.suppress(TimeoutError):
                # Not wait_for: in Python 3.11 it can swallow a cancellation.
                async with asyncio.timeout(LOOK_AGAIN_S):
                    await self._woken.wait()

    async def drain(self) -> None:
        """Send all that is due now, and come back; for tests and commands."""
        while await self._begin() or self._tasks:
            await asyncio.wait(self._tasks)

    async def _until_available(self, do: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await do()
            except Unavailable as fault:
                log.warning("outbox-waits-for-database", error=str(fault))
                await asyncio.sleep(LOOK_AGAIN_S)
            else:
                return

    async def _give_back(self) -> None:
        """What we could not mark is not ours any more, and is sent again after a while."""
        while self._marks.lost:
            lost = self._marks.lost[0]
            not_before = self._now() + timedelta(seconds=self._backoff_s(lost.attempts))
            await self._write(partial(outgoing.retry, lost, not_before))
            self._marks.lost.popleft()

    async def _count_anew(self) -> bool:
        """Give all our leases back when we do not know which we have; False: not yet.

        Else what nobody sends would wait for its lease to end.
        """
        if not self._lost_count:
            return True
        if self._tasks:
            return False
        self._epoch += 1  # what is handed over from now on was leased before
        await self._leases.give_all_back()
        self._lost_count = False
        return True

    async def _begin(self) -> int:
        """Begin to send what is due; gives how many."""
        await self._give_back()
        if not await self._count_anew():
            return 0
        return sum([await self._begin_on(way) for way in self._senders])

    async def _begin_on(self, way: Way) -> int:
        room, now = AT_ONCE_MAX - self._count, self._now()
        self._look_again = True  # whatever is not begun now waits for a train
        if room < CLAIM_FROM or self._pacers[way].closed_s() > 0:
            return 0
        due_at = await self._database.read(lambda: outgoing.next_at(*way, now))
        if due_at is None or due_at > now:
            self._look_again = False
            return 0
        try:
            claimed = await self._database.run(partial(self._claim, way, now, room))
        except Unavailable:
            self.lose_count()
            raise
        return sum([self._begin_one(way, one) for one in claimed])

    def _claim(self, way: Way, now: datetime, count: int) -> Work[tuple[Claimed, ...]]:
        return outgoing.claim(
            self._vault,
            *way,
            owner=self._leases.owner,
            now=now,
            lease_until=self._leases.until(),
            count=count,
            sure_until=self._leases.sure_until(),
        )

    def _begin_one(self, way: Way, claimed: Claimed, *, too_early: bool = False) -> bool:
        place = (way, claimed.chat.key)
        train = self._trains.get(place) or Train()
        if not train.add(claimed):
            return False
        if place not in self._trains:
            self._trains[place] = train
            task = asyncio.create_task(self._send_train(place, train))
            self._tasks.add(task)
            task.add_done_callback(partial(self._end_train, train))
        train.is_stopped = train.is_stopped or too_early
        self._count += 1
        return True

    async def _send_train(self, place: tuple[Way, str], train: Train) -> None:
        while await train.goes_on():
            claimed = train.waiting[0]
            if train.is_stopped:
                await self._release(claimed)
            else:
                outcome = await self._deliver(place[0], claimed)
                if isinstance(outcome, Delivered | Withheld):
                    ref = outcome.ref if isinstance(outcome, Delivered) else ""
                    self._marks.put(train, claimed, ref)
                train.is_stopped = not isinstance(outcome, Delivered | Withheld | Refused)
            train.waiting.popleft()
            self._count -= 1
        # At once, and not when the task is seen to have ended: what is handed over in between would
        # be sent by nobody.
        del self._trains[place]
        # A turn that began meanwhile took the messages before its own for still ours.
        self._epoch += train.is_stopped

    def _end_train(self, train: Train, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._look_again or train.is_stopped:
            self._woken.set()

    async def _release(self, claimed: Claimed) -> None:
        """It was not sent, and waits for what is before it."""
        retry = partial(outgoing.retry, claimed, self._now())
        try:
            await self._until_available(partial(self._write, retry))
        except Exception as error:  # noqa: BLE001 - the edge of a task: nobody else would hear of it
            self._marks.lose(claimed, error)

    async def _deliver(self, way: Way, claimed: Claimed) -> Outcome | None:
        """One message, sent, or marked as not sent; None: it could not be marked, and is lost.

        Raises nothing: what is not marked is given back. While the database is away the mark waits
        for it.
        """
        try:
            outcome = await self._attempt(way, claimed, plain=False)
            if isinstance(outcome, Refused):
                log.warning("message-refused", nth=claimed.nth, session=claimed.session)
                outcome = await self._attempt(way, claimed, plain=True)
            if isinstance(outcome, Delivered | Withheld):
                self._first_failed.pop((claimed.chat.key, claimed.dkey), None)
            else:
                await self._until_available(partial(self._mark, way, claimed, outcome))
        except Exception as error:  # noqa: BLE001 - the edge of a task: nobody else would hear of it
            self._marks.lose(claimed, error)
            return None
        return outcome

    async def _attempt(self, way: Way, claimed: Claimed, *, plain: bool) -> Outcome:
        closed_s = await self._pacers[way].wait(claimed.chat.key)
        if closed_s > 0 or self._passed_s() > claimed.sure_until:
            return Busy(seconds=closed_s)
        delivery = Delivery(
            id=f"{claimed.chat.key}:{claimed.dkey}",
            chat=claimed.chat.address,
            message=claimed.message,
            plain=plain,
        )
        try:
            return await self._senders[way](delivery)
        except Exception as error:  # noqa: BLE001 - whatever a library raises, we are unsure
            log.warning("message-not-sent", nth=claimed.nth, error=type(error).__name__)
            return Unsure()

    async def _mark(
        self, way: Way, claimed: Claimed, outcome: Busy | Unreachable | Refused | Unsure
    ) -> None:
        """What became of what was not sent, in the store."""
        match outcome:
            case Busy(seconds=seconds, everyone=everyone):
                if everyone:
                    await self._pacers[way].close(seconds)
                await self._try_again(claimed, seconds)
            case Unreachable():
                await self._give_up(way, claimed)
            case Refused():
                log.error("message-refused-for-good", nth=claimed.nth, session=claimed.session)
                await self._write(lambda: outgoing.fail(claimed))
            case Unsure():
                await self._try_again(claimed, self._backoff_s(claimed.attempts))
            case _:
                assert_never(outcome)

    async def _try_again(self, claimed: Claimed, seconds: float) -> None:
        place, now_s = (claimed.chat.key, claimed.dkey), self._passed_s()
        since = self._first_failed.setdefault(place, now_s)
        if claimed.attempts >= GIVE_UP_ATTEMPTS and now_s - since >= GIVE_UP_AFTER_S:
            log.error("message-given-up", nth=claimed.nth, session=claimed.session)
            await self._write(lambda: outgoing.fail(claimed))
            self._first_failed.pop(place, None)
            return
        if len(self._first_failed) > FAILING_MAX:
            self._first_failed.pop(next(iter(self._first_failed)))
        not_before = self._now() + timedelta(seconds=seconds)
        await self._write(lambda: outgoing.retry(claimed, not_before))

    async def _give_up(self, way: Way, claimed: Claimed) -> None:
        """The person cannot be reached: say so once, then drop what waits.

        In this order: after a crash between the two, the same message says it again.
        """
        await self._receive(
            Incoming(
                channel=way.channel,
                bot=way.bot,
                chat=claimed.chat.address,
                update=f"unreachable-{claimed.dkey}",
                at=self._now(),
                event=Blocked(),
            )
        )
        await self._write(lambda: outgoing.give_up(claimed.chat))

    async def _write(self, make_work: Callable[[], Work[object]]) -> None:
        await self._database.run(make_work)

    def _backoff_s(self, attempts: int) -> float:
        return float(min(BACKOFF_S_MAX, 2 ** min(attempts, 10)) * (0.5 + self._chance() / 2))
