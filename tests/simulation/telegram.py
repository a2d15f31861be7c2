"""Telegram in the simulation: its queues on the way in, its screens on the way out.

In, as its server's source has it: an update waits until it is acknowledged, a message 24 hours, a
press 150 seconds. Each queue (messages, presses, memberships of one chat) goes in order, different
queues do not wait for each other. After a failure the first retry comes at once, then after 2, 4, 8
… seconds, at most a minute or two. An answer that does not come in a minute is none.
Out (`calls.py`): what is accepted stands on the screen of the chat, and who brought it is noted.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulation.world import World

BOT = "7"
MESSAGE_KEPT_S = 86_400.0
PRESS_KEPT_S = 150.0
PRESSES, MEMBERSHIPS = 3 << 33, 5 << 33
ANSWER_S_MAX = 60.0
RETRY_S_MAX = 90.0
Json = dict[str, Any]


@dataclass(kw_only=True)
class Update:
    """An update on its way to us."""

    number: int
    chat: int
    json: Json
    says: str  # for the story of a run
    expires_at: float
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    tried: int = 0
    dropped: bool = False

    @property
    def acknowledged(self) -> bool:
        """Whether Telegram heard that it was taken."""
        return self.taken.is_set()

    async def came(self) -> None:
        """Until it was taken; a message is never too old for that."""
        await self.taken.wait()


@dataclass(kw_only=True)
class Arrival:
    """One copy of a message came to somebody."""

    at: float
    by: str  # the process that brought it
    unsure: bool = False  # that process never heard that it came


@dataclass(kw_only=True)
class Shown:
    """A message of the bot on somebody's screen."""

    id: int
    text: str
    keys: tuple[tuple[str, str], ...]  # label, data

    @property
    def token(self) -> str | None:
        """What its buttons carry."""
        return self.keys[0][1].partition(":")[0] if self.keys else None


@dataclass(kw_only=True)
class Screen:
    """What one person sees; `changed` is set whenever something is added or altered."""

    shown: list[Shown] = field(default_factory=list)
    blocked: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Telegram:
    """The server."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.screens: dict[int, Screen] = {}
        self.arrivals: dict[str, list[Arrival]] = {}  # a message of the outbox -> its copies
        self.order: dict[str, int] = {}  # the same -> as the how-manieth it first came
        self.files: dict[str, bytes] = {}
        self._queues: dict[int, deque[Update]] = {}
        self._bringing: dict[int, asyncio.Task[None]] = {}
        self._numbers = 1_000
        self._messages = 0
        self.arrived = asyncio.Event()  # for whoever polls

    # ---- in -------------------------------------------------------------------------------------

    def enqueue(self, chat: int, kind: str, body: Json, says: str) -> Update:
        """Put an update in its queue."""
        self._numbers += 1
        press, member = kind == "callback_query", kind == "my_chat_member"
        kept_s = PRESS_KEPT_S if press else MESSAGE_KEPT_S
        update = Update(
            number=self._numbers,
            chat=chat,
            json={"update_id": self._numbers, kind: body},
            says=says,
            expires_at=self._world.time + kept_s,
        )
        queue = chat + (PRESSES if press else MEMBERSHIPS if member else 0)
        self._queues.setdefault(queue, deque()).append(update)
        self._world.tell(f"chat {chat}", f"{says} (update {update.number})")
        if self._world.polls:
            self.arrived.set()
        elif queue not in self._bringing:
            self._bringing[queue] = asyncio.create_task(self._bring(queue))
        return update

    def message_id(self) -> int:
        """The next one."""
        self._messages += 1
        return self._messages

    @property
    def is_quiet(self) -> bool:
        """Whether nothing waits to be brought."""
        return not any(self._queues.values())

    async def _bring(self, queue: int) -> None:
        """The updates of one queue, in order, each until it is taken or expires."""
        waiting, failures = self._queues[queue], 0
        while waiting:
            update = waiting[0]
            if self._world.faults.strike("slow line"):
                await asyncio.sleep(self._world.chance.uniform(0.5, 20))
            if update.expires_at <= self._world.time:
                self._drop(update)
                waiting.popleft()
                failures = 0
                continue
            if await self._try(update):
                waiting.popleft()
                failures = 0
                continue
            pause = 0.01 if failures == 0 else min(RETRY_S_MAX, 2.0**failures)
            failures += 1
            await asyncio.sleep(pause)
        del self._bringing[queue]

    def _drop(self, update: Update) -> None:
        self._world.tell("telegram", f"drops update {update.number}: too old")
        update.dropped = True

    async def _try(self, update: Update) -> bool:
        """Whether Telegram heard that it was taken."""
        await asyncio.sleep(self._world.chance.uniform(0.01, 0.2))
        update.tried += 1
        status: int | None = None
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                status = await self._world.post(update.json)
        except TimeoutError:
            pass
        if status != 200:
            return False
        if self._world.faults.strike("lost acknowledgement"):
            self._world.tell("telegram", f"does not hear that update {update.number} was taken")
            return False
        self.acknowledge(update)
        return True

    def acknowledge(self, update: Update) -> None:
        """It was taken: it will not come again, but for a late copy."""
        update.taken.set()
        self._world.tell("telegram", f"update {update.number} is acknowledged")
        self.may_copy(update)

    def may_copy(self, update: Update) -> None:
        """Whether a copy is on its way, of what was brought; who polls gets none."""
        if not self._world.polls and self._world.faults.strike("late copy"):
            self._world.spawn(self._copy(update))

    async def _copy(self, update: Update) -> None:
        await asyncio.sleep(self._world.chance.uniform(0.1, 120))
        self._world.tell("telegram", f"brings update {update.number} once more")
        await self._world.post(update.json)

    # ---- in, by polling -------------------------------------------------------------------------

    def after(self, offset: int) -> list[Json]:
        """What waits from this number on; what was before it is acknowledged by asking."""
        found: list[Update] = []
        for waiting in self._queues.values():
            for update in list(waiting):
                if update.number < offset:
                    waiting.remove(update)
                    self.acknowledge(update)
                elif update.expires_at <= self._world.time:
                    waiting.remove(update)
                    self._drop(update)
                else:
                    update.tried += 1
                    found.append(update)
        return [update.json for update in sorted(found, key=lambda it: it.number)][:100]

    # ---- out ------------------------------------------------------------------------------------

    def screen(self, chat: int) -> Screen:
        """The screen of this chat."""
        return self.screens.setdefault(chat, Screen())

    def accept(self, chat: int, place: str, shown: Shown, *, by: str) -> None:
        """A message arrives; *place* is the outbox's own name for it."""
        screen = self.screen(chat)
        screen.shown.append(shown)
        self.arrivals.setdefault(place, []).append(Arrival(at=self._world.time, by=by))
        self.note(place)
        if place.partition(":")[0] != self._world.vault.chat("telegram", BOT, str(chat)).key:
            self._world.unhandled.append(f"chat {chat} reads what was said to another")
        self._world.tell(
            f"chat {chat}", f"sees {shown.text.splitlines()[0][:60]!r} ({place.partition(':')[2]})"
        )
        screen.changed.set()

    def note(self, place: str) -> None:
        """It came through: the message stands there, or its buttons were changed."""
        self.order.setdefault(place, len(self.order))

    def lose_answer(self, place: str) -> None:
        """Who sent the newest copy does not hear that it came."""
        for arrival in self.arrivals.get(place, [])[-1:]:
            arrival.unsure = True
