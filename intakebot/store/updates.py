"""What was received: each update counts once, and an update that breaks us is put aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from intakebot.store import queries as q
from intakebot.store.vault import Vault
from intakebot.store.work import Chat, Row, Work, micros, moment

# Telegram keeps an update for 24 hours, and restarts its numbers at random after a week of
# silence: between the two lies how long a number must be known.
KEPT = timedelta(hours=72)
# An update that we fail on is delivered again; the third time it is put aside.
ATTEMPTS_MAX = 3
POISON_KEPT = timedelta(days=14)
# In one transaction, so that nobody waits for it; the clock comes back every half minute.
FORGOTTEN_MAX = 1_000

_PUT_ASIDE_MAX = 1_000


@dataclass(frozen=True, kw_only=True)
class Poison:
    """An update that was put aside."""

    channel: str
    bot: str
    update: str
    failed_at: datetime
    raw: bytes


def is_new(chat: Chat, update: str, at: datetime) -> Work[bool]:
    """Take note of an update; False when it was done before, and nothing is to be done."""
    rows = yield q.add_update(**chat.columns(), update_id=update, received_at=micros(at))
    return bool(rows)


def is_known(chat: Chat, update: str) -> Work[bool]:
    """Whether note was taken of this update."""
    return bool((yield q.known_update(**chat.columns(), update_id=update)))


def failed(vault: Vault, chat: Chat, update: str, raw: bytes, *, at: datetime) -> Work[int]:
    """Count a failure on this update, in a transaction of its own; gives how many there were.

    *raw* is kept sealed, for whoever repairs us: its BSNs masked by the caller. From
    `ATTEMPTS_MAX` on, the caller also says `is_new`, so that the chat goes on.
    """
    kid, sealed = vault.seal("poisons", update, raw)
    rows = yield q.add_poison(
        **chat.columns(), update_id=update, failed_at=micros(at), kid=kid, sealed=sealed
    )
    attempts: int = rows[0]["attempts"]
    return attempts


def put_aside(vault: Vault) -> Work[tuple[Poison, ...]]:
    """The updates that we failed on too often, oldest first."""
    rows = yield q.poisons(attempts=ATTEMPTS_MAX, count=_PUT_ASIDE_MAX)
    return tuple(_poison(vault, row) for row in rows)


def take_back(chat: Chat, update: str) -> Work[bool]:
    """Forget that this update broke us; False when it does not stand aside."""
    rows = yield q.drop_poison(**chat.columns(), update_id=update)
    return bool(rows)


def forget_old(now: datetime) -> Work[int]:
    """Forget what no channel delivers again; gives how many updates were forgotten, some at a time.

    What the bot answered in Telegram goes with them: it was wiped when it was sent, and a message
    is known by its update, so that nothing asks for it any more. Else a chat would leave a line of
    who was written to and when, for every message and for as long as its request is kept.
    """
    yield q.forget_poisons(before=micros(now - POISON_KEPT))
    before = micros(now - KEPT)
    rows = yield q.forget_updates(before=before, count=FORGOTTEN_MAX)
    chats = dict.fromkeys((row["channel"], row["bot"], row["chat"]) for row in rows)
    for channel, bot, chat in chats:
        yield q.forget_sent_messages(channel=channel, bot=bot, chat=chat, before=before)
    return len(rows)


def _poison(vault: Vault, row: Row) -> Poison:
    update = row["update_id"]
    return Poison(
        channel=row["channel"],
        bot=row["bot"],
        update=update,
        failed_at=moment(row["failed_at"]),
        raw=vault.open("poisons", update, row["kid"], row["sealed"]),
    )
