"""Paces: how far the messages of a chat, and of a bot, are spread out, for processes together.

Of each one moment is kept, up to which its messages are spread (the generic cell rate algorithm).
The moment is by the clock of the server, which is one for all. One that lies further ahead than
anything of ours can, was written by a clock that was wrong, and does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from intakebot.store import queries as q
from intakebot.store.work import Work, micros

# Whose turn is further away is not given one: its lease would end before it.
AHEAD_MAX = timedelta(seconds=8)
HORIZON = timedelta(minutes=10)
# The row of the bot itself.
OF_BOT = ""

_SECOND = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Rate:
    """So many a second, of which so many at once."""

    per_s: float
    burst: int


class Full(Exception):
    """So many wait for their turn that another would wait for longer than `AHEAD_MAX`."""


def take(
    channel: str, bot: str, chat: str, *, of_chat: Rate, of_bot: Rate, now: datetime
) -> Work[float]:
    """Take the next turn of this chat and of the bot; the seconds until then. Raises `Full`."""
    chat_s = yield from _take(channel, bot, chat, rate=of_chat, now=now)
    bot_s = yield from _take(channel, bot, OF_BOT, rate=of_bot, now=now)
    return max(chat_s, bot_s, 0.0)


def close(channel: str, bot: str, seconds: float, now: datetime) -> Work[None]:
    """Nobody of the bot gets a turn for so long, or for `HORIZON`."""
    closed = min(timedelta(seconds=seconds), HORIZON)
    yield q.close_pace(
        channel=channel,
        bot=bot,
        chat=OF_BOT,
        now=micros(now),
        closed=closed // timedelta(microseconds=1),
    )


def forget_old(now: datetime) -> Work[int]:
    """Forget what says nothing any more; gives how many."""
    rows = yield q.forget_paces(before=micros(now - HORIZON))
    return len(rows)


def _take(channel: str, bot: str, chat: str, *, rate: Rate, now: datetime) -> Work[float]:
    spread_s = rate.burst / rate.per_s
    rows = yield q.take_pace(
        channel=channel,
        bot=bot,
        chat=chat,
        now=micros(now),
        step=round(_SECOND / rate.per_s),
        most=AHEAD_MAX // timedelta(microseconds=1) + round(_SECOND * spread_s),
        horizon=(HORIZON + AHEAD_MAX) // timedelta(microseconds=1) + round(_SECOND * spread_s),
    )
    if not rows:
        raise Full
    ahead: int = rows[0]["ahead"]
    return ahead / _SECOND - spread_s
