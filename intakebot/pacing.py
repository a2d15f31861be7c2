"""Pace: how fast a channel may be spoken to, so that it does not refuse us."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from intakebot.store import paces
from intakebot.store.database import Database
from intakebot.store.paces import AHEAD_MAX, Full, Rate
from intakebot.store.problems import Unavailable

# Chats that are remembered before those whose time has passed are forgotten.
CHATS_MAX = 1_000


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast a channel may be spoken to (core.telegram.org/bots/faq: 1 a second a chat, 30 all).

    A turn brings a few messages at once: so many go out together, and are made up for later.
    """

    chat_per_s: float = 1.0
    chat_burst: int = 4
    bot_per_s: float = 25.0
    bot_burst: int = 5
    # Whether several processes keep to it together, by their database.
    shared: bool = False


class Shared:
    """The pace of one bot where several processes send for it: kept in their database."""

    def __init__(
        self, database: Database, way: tuple[str, str], pace: Pace, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._way = way
        self._of_chat = Rate(per_s=pace.chat_per_s, burst=pace.chat_burst)
        self._of_bot = Rate(per_s=pace.bot_per_s, burst=pace.bot_burst)
        self._now = now

    async def take(self, chat: str) -> float:
        """Seconds until the turn of a message to this chat. Raises `Full`, `Unavailable`."""
        of_chat, of_bot = self._of_chat, self._of_bot
        return await self._database.run(
            lambda: paces.take(*self._way, chat, of_chat=of_chat, of_bot=of_bot, now=self._now())
        )

    async def close(self, seconds: float) -> None:
        """Nobody gets a turn for so long. Raises `Unavailable`."""
        await self._database.run(lambda: paces.close(*self._way, seconds, self._now()))


class Pacer:
    """When the next message of a chat, and of the bot, may go.

    By the generic cell rate algorithm: of each one moment is kept, up to which its messages are
    spread out.
    """

    def __init__(self, pace: Pace, shared: Shared | None = None) -> None:
        self._pace = pace
        self._shared = shared
        self._bot_until = 0.0
        self._chats_until: dict[str, float] = {}
        self._closed_until = 0.0

    def closed_s(self) -> float:
        """How long nothing may be sent at all."""
        return self._closed_until - asyncio.get_running_loop().time()

    async def close(self, seconds: float) -> None:
        """Send nothing to anyone for so long."""
        until = asyncio.get_running_loop().time() + seconds
        self._closed_until = max(self._closed_until, until)
        if self._shared is not None:
            await self._shared.close(seconds)

    async def wait(self, chat: str) -> float:
        """Wait for the turn of a message to this chat; then how long all is still closed.

        Who finds it closed gives its lease back, because that would end before the flood limit.
        """
        try:
            seconds = await self._take(chat)
        except Full:
            return AHEAD_MAX.total_seconds()
        if seconds > 0:
            await asyncio.sleep(seconds)
        return self.closed_s()

    async def _take(self, chat: str) -> float:
        """Seconds until our turn; by ourselves while the others cannot be asked."""
        here_s = self._take_here(chat)
        if self._shared is not None:
            with contextlib.suppress(Unavailable):
                return await self._shared.take(chat)
        return here_s

    def _take_here(self, chat: str) -> float:
        now = asyncio.get_running_loop().time()
        if len(self._chats_until) > CHATS_MAX:
            self._chats_until = {key: at for key, at in self._chats_until.items() if at > now}
        of_chat = max(self._chats_until.get(chat, 0.0), now) + 1 / self._pace.chat_per_s
        of_bot = max(self._bot_until, now) + 1 / self._pace.bot_per_s
        self._chats_until[chat], self._bot_until = of_chat, of_bot
        return max(
            of_chat - self._pace.chat_burst / self._pace.chat_per_s - now,
            of_bot - self._pace.bot_burst / self._pace.bot_per_s - now,
        )


def pacer(
    pace: Pace, way: tuple[str, str], database: Database, now: Callable[[], datetime]
) -> Pacer:
    """The pacer of a way, which (channel, bot) is spoken to at this pace."""
    return Pacer(pace, Shared(database, way, pace, now) if pace.shared else None)
