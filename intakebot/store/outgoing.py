"""Messages: the outbox and the thread in one table.

For Telegram the rows are what is to be sent: in order within a chat, leased while being sent, at
least once. For the web chat and the terminal they are the list that the person sees. What the
person and the contact person say to each other stands between them, in both directions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf
from typing import Literal

import msgspec

from intakebot.core.events import Message
from intakebot.store import queries as q
from intakebot.store.problems import Unreadable
from intakebot.store.sessions import Stored
from intakebot.store.vault import Vault
from intakebot.store.work import Chat, Row, Work, micros, moment

Author = Literal["bot", "member", "inhabitant"]

# No lease and no wait of a reply is longer than this. Past it, a clock that was wrong wrote
# them, and they are due: else the chat would be silent until that wrong moment comes.
HORIZON = timedelta(minutes=10)
# Messages of a thread that one page or one poll brings.
THREAD_MAX = 500


class _Sealed(msgspec.Struct, frozen=True):
    """What is inside the sealed column."""

    address: str
    message: Message
    attachment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One message of a thread."""

    nth: int  # its place: rises within a chat
    at: datetime
    author: Author
    via: str  # the channel that it went or came through
    state: Literal["queued", "leased", "sent", "shown", "failed"]
    dkey: str
    message: Message
    attachment: str | None


@dataclass(frozen=True, kw_only=True)
class Lease:
    """What a message can be born with: this process sends it as soon as it is committed."""

    owner: str
    until: datetime | None  # None: for as long as its process is there
    epoch: int = 0  # of the owner, who counts what it gave back
    sure_until: float = inf  # by the owner's stopwatch: until then nobody else can have it


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A message that is this process's to send, until the lease ends."""

    chat: Chat
    session: str | None
    nth: int
    owner: str
    attempts: int  # this one counted
    unasked: bool
    dkey: str
    at: datetime
    message: Message
    sure_until: float = inf  # as `Lease` has it


_decoder = msgspec.json.Decoder(_Sealed)


def add(
    chat: Chat,
    sealer: Stored | Vault,
    message: Message,
    *,
    dkey: str,
    at: datetime,
    author: Author = "bot",
    attachment: str | None = None,
    not_before: datetime | None = None,
) -> Work[int | None]:
    """Say this in the chat, or put what the inhabitant said in its thread.

    Gives its place, or None when a message with this *dkey* was said there before. *sealer*: the
    session that it belongs to, or the vault when nothing is kept of the person; the latter are
    forgotten within a day. *not_before* is for unasked messages: the safe times of the person.
    """
    sealed = _Sealed(chat.address, message, attachment)
    added = _Adding(dkey=dkey, at=at, not_before=not_before or at, author=author)
    row = yield from _add(chat, sealer, sealed, added)
    return row["nth"] if row else None


def begin(
    chat: Chat,
    sealer: Stored | Vault,
    message: Message,
    *,
    dkey: str,
    at: datetime,
    lease: Lease,
    author: Author = "bot",
) -> Work[tuple[Claimed, ...]]:
    """Say this in the chat, and lease it at once: then it is given, to be sent after the commit.

    Empty when it was said before, or when something of another owner must be sent before it.
    """
    sealed = _Sealed(chat.address, message)
    added = _Adding(dkey=dkey, at=at, not_before=at, author=author, lease=lease)
    row = yield from _add(chat, sealer, sealed, added)
    if row is None or row["state"] != "leased":
        return ()
    home = chat if isinstance(sealer, Vault) else sealer.home
    claimed = Claimed(
        chat=Chat(*home[:3], chat.address),
        session=None if isinstance(sealer, Vault) else sealer.home.session,
        nth=row["nth"],
        owner=lease.owner,
        attempts=1,
        unasked=message.unasked,
        dkey=dkey,
        at=at,
        message=message,
        sure_until=lease.sure_until,
    )
    return (claimed,)


@dataclass(frozen=True, kw_only=True)
class _Adding:
    """What of a message stands in plain columns."""

    dkey: str
    at: datetime
    not_before: datetime
    author: Author
    lease: Lease | None = None


def _add(chat: Chat, sealer: Stored | Vault, body: _Sealed, added: _Adding) -> Work[Row | None]:
    plain, dkey, message = msgspec.json.encode(body), added.dkey, body.message
    home: dict[str, str | None]
    if isinstance(sealer, Vault):
        home = {**chat.columns(), "session": None}
        kid, sealed = sealer.seal("messages", dkey, plain)
    else:
        home = {**sealer.home.columns()}
        kid, sealed = None, sealer.key.seal("messages", dkey, plain)
    direction = "in" if added.author == "inhabitant" else "out"
    to_send = direction == "out" and chat.channel == "telegram"
    lease = added.lease if to_send else None
    rows = yield q.add_message(
        **home,
        via=chat.channel,
        direction=direction,
        author=added.author,
        dkey=dkey,
        unasked=int(message.unasked),
        kept=int(added.author != "bot"),
        state="queued" if to_send else "shown",
        owner=lease.owner if lease else None,
        lease_until=micros(lease.until) if lease and lease.until else None,
        at=micros(added.at),
        not_before=micros(added.not_before),
        kid=kid,
        sealed=sealed,
    )
    if rows and not isinstance(sealer, Vault):
        sealer.opened[dkey] = body
    return rows[0] if rows else None


def claim(
    vault: Vault,
    channel: str,
    bot: str,
    *,
    owner: str,
    now: datetime,
    lease_until: datetime | None,
    count: int,
    sure_until: float = inf,
) -> Work[tuple[Claimed, ...]]:
    """Lease the oldest unsent message of each chat, in the order that they were said.

    A lease without an end lasts until its owner marks the message, or `free_leases` takes it back.
    A message that cannot be opened any more is marked as failed, so that its chat goes on.
    """
    rows = yield q.claim_messages(
        channel=channel,
        bot=bot,
        owner=owner,
        now=micros(now),
        horizon=micros(now + HORIZON),
        lease_until=None if lease_until is None else micros(lease_until),
        count=count,
    )
    claimed = []
    for row in sorted(rows, key=_nth):
        try:
            claimed.append(replace(_claimed(vault, row, owner), sure_until=sure_until))
        except Unreadable:
            yield q.mark_failed(
                channel=row["channel"],
                bot=row["bot"],
                chat=row["chat"],
                nth=row["nth"],
                dkey=row["dkey"],
            )
    return tuple(claimed)


def mark_sent(claimed: Claimed, provider_id: str) -> Work[bool]:
    """The channel took it. False: the lease was lost, another may send it too."""
    rows = yield q.mark_sent(**_key(claimed), owner=claimed.owner, provider_id=provider_id)
    return bool(rows)


def retry(claimed: Claimed, not_before: datetime) -> Work[bool]:
    """Send it again, not before this; what comes after it in its chat waits."""
    rows = yield q.mark_to_retry(
        **_key(claimed), owner=claimed.owner, not_before=micros(not_before)
    )
    return bool(rows)


def fail(claimed: Claimed) -> Work[None]:
    """It will never be sent; its chat goes on."""
    yield q.mark_failed(**_key(claimed))


def give_up(chat: Chat) -> Work[int]:
    """Nothing more can be sent in this chat; gives how many messages will not be sent."""
    rows = yield q.give_up_messages(**chat.columns())
    return len(rows)


def free_leases(channel: str, bot: str, owner: str) -> Work[int]:
    """Take back what a process of this name had begun to send before it ended."""
    rows = yield q.free_leases(channel=channel, bot=bot, owner=owner)
    return len(rows)


def lease_owners(channel: str, bot: str) -> Work[tuple[str, ...]]:
    """Who holds leases that have no end, dead or alive."""
    rows = yield q.lease_owners(channel=channel, bot=bot)
    return tuple(row["lease_owner"] for row in rows)


def next_at(channel: str, bot: str, now: datetime) -> Work[datetime | None]:
    """When there is something to send, or None: nothing is waiting."""
    horizon = micros(now + HORIZON)
    rows = yield q.next_message_at(channel=channel, bot=bot, horizon=horizon)
    at = rows[0]["at"]
    return None if at is None else moment(at)


def oldest_unsent(now: datetime) -> Work[datetime | None]:
    """Since when the oldest message waits that could have been sent; None: none waits."""
    rows = yield q.oldest_unsent(now=micros(now))
    return None if rows[0]["since"] is None else moment(rows[0]["since"])


def hold() -> Work[int]:
    """After a restore: send nothing before a person said so. Gives how many messages."""
    rows = yield q.hold_messages()
    return len(rows)


def release(*, send: bool) -> Work[int]:
    """A person said so: send what was held, or drop it."""
    rows = yield q.release_messages() if send else q.drop_held_messages()
    return len(rows)


def thread(stored: Stored, after: int = 0) -> Work[tuple[Line, ...]]:
    """The newest `THREAD_MAX` messages of a session after this place, oldest first.

    What the bot says in Telegram is not among them: it is wiped once Telegram has it.
    """
    rows = yield q.thread(**stored.home.columns(), after=after, count=THREAD_MAX)
    return tuple(_line(row, stored) for row in reversed(rows))


def loose_thread(vault: Vault, chat: Chat, after: int = 0) -> Work[tuple[Line, ...]]:
    """What was said in this chat after its session was erased: the goodbye."""
    rows = yield q.loose_thread(**chat.columns(), after=after, count=THREAD_MAX)
    return tuple(_loose_line(row, vault) for row in reversed(rows))


def forget_loose(before: datetime) -> Work[int]:
    """Forget goodbyes of before this; gives how many."""
    rows = yield q.forget_loose_messages(before=micros(before))
    return len(rows)


def _nth(row: Row) -> int:
    nth: int = row["nth"]
    return nth


def _key(claimed: Claimed) -> dict[str, object]:
    """Not its place alone: with the clock set back, an erased message's place is given again."""
    return {**claimed.chat.columns(), "nth": claimed.nth, "dkey": claimed.dkey}


def _claimed(vault: Vault, row: Row, owner: str) -> Claimed:
    if row["session"] is None:
        plain = vault.open("messages", row["dkey"], row["kid"], row["sealed"])
    else:
        key = vault.unwrap(row["session"], row["kid"], row["wrapped"])
        plain = key.open("messages", row["dkey"], row["sealed"])
    opened = _decoder.decode(plain)
    return Claimed(
        chat=Chat(row["channel"], row["bot"], row["chat"], opened.address),
        session=row["session"],
        nth=row["nth"],
        owner=owner,
        attempts=row["attempts"],
        unasked=bool(row["unasked"]),
        dkey=row["dkey"],
        at=moment(row["at"]),
        message=opened.message,
    )


def _line(row: Row, stored: Stored) -> Line:
    dkey: str = row["dkey"]
    opened = stored.opened.get(dkey)
    if opened is None:
        plain = stored.key.open("messages", dkey, row["sealed"])
        opened = stored.opened[dkey] = _decoder.decode(plain)
    return _opened_line(row, opened)


def _loose_line(row: Row, vault: Vault) -> Line:
    plain = vault.open("messages", row["dkey"], row["kid"], row["sealed"])
    return _opened_line(row, _decoder.decode(plain))


def _opened_line(row: Row, opened: _Sealed) -> Line:
    return Line(
        nth=row["nth"],
        at=moment(row["at"]),
        author=row["author"],
        via=row["via"],
        state=row["state"],
        dkey=row["dkey"],
        message=opened.message,
        attachment=opened.attachment,
    )
