"""Pace: how fast a channel may be spoken to, so that it does not refuse us."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

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


class Pacer:
    """When the next message of a chat, and of the bot, may go.

    By the generic cell rate algorithm: of each one moment is kept, up to which its messages are
    spread out.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._bot_until = 0.0
        self._chats_until: dict[str, float] = {}
        self._closed_until = 0.0

    def closed_s(self) -> float:
        """How long nothing may be sent at all."""
        return self._closed_until - asyncio.get_running_loop().time()

    def close(self, seconds: float) -> None:
        """Send nothing to anyone for so long."""
        until = asyncio.get_running_loop().time() + seconds
        self._closed_until = max(self._closed_until, until)

    async def wait(self, chat: str) -> float:
        """Wait for the turn of a message to this chat; then how long all is still closed.

        Who finds it closed gives its lease back, because that would end before the flood limit.
        """
        now = asyncio.get_running_loop().time()
        if len(self._chats_until) > CHATS_MAX:
            self._chats_until = {key: at for key, at in self._chats_until.items() if at > now}
        of_chat = max(self._chats_until.get(chat, 0.0), now) + 1 / self._pace.chat_per_s
        of_bot = max(self._bot_until, now) + 1 / self._pace.bot_per_s
        self._chats_until[chat], self._bot_until = of_chat, of_bot
        seconds = max(
            of_chat - self._pace.chat_burst / self._pace.chat_per_s - now,
            of_bot - self._pace.bot_burst / self._pace.bot_per_s - now,
        )
        if seconds > 0:
            await asyncio.sleep(seconds)
        return self.closed_s()
