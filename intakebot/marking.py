"""Marking: what was sent is written down, several messages in one transaction.

    marks = Marks(write)
    marks.put(train, claimed, ref)     once it is durable, the train lets go of it

The first mark is written at once. What is sent while it is being written, or shortly after, is
written together: each commit waits for the disk, and with one for each message there were more
commits for marks than for turns, which waited behind them (a turn says 1.3 messages, tests/bench).
A crash before the mark sends a message once more; to send it takes longer than its mark waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from intakebot.store import outgoing
from intakebot.store.outgoing import Claimed
from intakebot.store.work import MakeWork, Work

# Far less than a call to Telegram takes.
GAP_S = 0.02
TOGETHER_MAX = 100

log = structlog.get_logger(__name__)


class Train:
    """The messages of one chat that are ours to send, in order; the first is on its way."""

    def __init__(self) -> None:
        self.waiting: deque[Claimed] = deque()
        self.is_stopped = False  # from here on they are given back
        self._unmarked: list[Claimed] = []  # sent, and being marked
        self._changed = asyncio.Event()

    def add(self, claimed: Claimed) -> bool:
        """Put this behind the others; False: slower than its lease, it is still being sent."""
        if any(claimed.dkey == one.dkey for one in (*self.waiting, *self._unmarked)):
            return False
        self.waiting.append(claimed)
        self._changed.set()
        return True

    async def goes_on(self) -> bool:
        """Wait until the next may be sent; False: all were sent, and are marked.

        What one turn says goes on at once. The next turn waits until that is marked: else a crash
        would send both again, and people read the old question under the new one.
        """
        while self._unmarked and not self._is_of_the_same_turn():
            self._changed.clear()
            await self._changed.wait()
        return bool(self.waiting)

    def _is_of_the_same_turn(self) -> bool:
        if not self.waiting:
            return False
        turn = _turn(self.waiting[0])
        return all(_turn(one) == turn for one in self._unmarked)

    def sent(self, claimed: Claimed) -> None:
        """It was sent; it is ours until it is marked."""
        self._unmarked.append(claimed)

    def marked(self, claimed: Claimed) -> None:
        """It is marked, or lost count of."""
        self._unmarked.remove(claimed)
        self._changed.set()


class Marks:
    """What was sent, and is not yet marked in the store."""

    def __init__(self, write: Callable[[MakeWork[None]], Awaitable[None]]) -> None:
        """*write* does a work durably, and waits for a database that is away."""
        self.lost: deque[Claimed] = deque()  # sent or not: its mark could not be written
        self._write = write
        self._waiting: list[tuple[Train, Claimed, str]] = []
        self._writing: asyncio.Task[None] | None = None

    def put(self, train: Train, claimed: Claimed, ref: str) -> None:
        """Mark it as sent; *ref*: its number in the channel."""
        train.sent(claimed)
        self._waiting.append((train, claimed, ref))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())

    def lose(self, claimed: Claimed, error: Exception) -> None:
        """Its mark could not be written, for a reason that lies with us."""
        # No traceback: it could hold what is said.
        log.warning("message-not-marked", nth=claimed.nth, error=type(error).__name__)
        self.lost.append(claimed)

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                batch = self._waiting[:TOGETHER_MAX]
                del self._waiting[:TOGETHER_MAX]
                await self._write_together([(claimed, ref) for _, claimed, ref in batch])
                for train, claimed, _ in batch:
                    train.marked(claimed)
                await asyncio.sleep(GAP_S)
        finally:
            self._writing = None

    async def _write_together(self, sent: list[tuple[Claimed, str]]) -> None:
        """One that cannot be written takes none of the others with it."""
        try:
            await self._write(partial(_mark, sent))
        except Exception as error:  # noqa: BLE001 - the edge of a task: nobody else would hear of it
            if len(sent) == 1:
                self.lose(sent[0][0], error)
                return
            for one in sent:
                await self._write_together([one])


def _turn(claimed: Claimed) -> str:
    """What it was said for: the key of the message without its part."""
    return claimed.dkey.rpartition(":")[0] or claimed.dkey


def _mark(sent: list[tuple[Claimed, str]]) -> Work[None]:
    for claimed, ref in sent:
        yield from outgoing.mark_sent(claimed, ref)
