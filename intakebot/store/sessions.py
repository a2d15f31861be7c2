"""Sessions: what one person said so far, sealed with a data key of its own.

A chat points to the session that is open in it. A session may be reached from several chats: the
one that it began in (its home), and web chats that a link or a code brought to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import msgspec

from intakebot.core.law.clocks import check_in_at
from intakebot.core.limits import EXPIRE_DAYS, REMIND_DAYS
from intakebot.core.session import Outcome, Session
from intakebot.store import queries as q
from intakebot.store.problems import Conflict
from intakebot.store.vault import DataKey, Vault
from intakebot.store.work import Chat, Home, Row, Work, home_of, micros, moment

DUE_MAX = 200


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A session as it lies in the store."""

    home: Home
    chat: Chat  # the chat that it began in, with its plain address
    session: Session
    seq: int  # how often it was saved
    key: DataKey  # opens what belongs to the session
    # What was said or read in it in this transaction, by dkey: it needs no opening again.
    opened: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


class _Sealed(msgspec.Struct, frozen=True):
    """What is inside the sealed column."""

    address: str
    session: Session


_decoder = msgspec.json.Decoder(_Sealed)


def alone_in(chat: Chat | Home) -> Work[None]:
    """Wait until nobody else works in this chat, and be alone there until the work ends.

    Say it before reading what another could change. Two chats with one lock only wait longer.
    """
    told = "|".join(chat[:3]).encode()
    lock = int.from_bytes(blake2b(told, digest_size=8).digest(), "big", signed=True)
    yield q.lock_chat(lock=lock)


def open_in(vault: Vault, chat: Chat) -> Work[Stored | None]:
    """The session that is open in this chat, or None: the next message begins one."""
    rows = yield q.open_session(**chat.columns())
    return _stored(vault, rows[0]) if rows else None


def load(vault: Vault, home: Home) -> Work[Stored | None]:
    """The session that lives here, or None: it was erased."""
    rows = yield q.session(**home.columns())
    return _stored(vault, rows[0]) if rows else None


def create(vault: Vault, chat: Chat, session: Session, at: datetime) -> Work[Stored]:
    """Begin a session with a new data key; the chat goes on with it."""
    key, wrapped = vault.new_key(session.id)
    home = Home(*chat[:3], session.id)
    stored = Stored(home=home, chat=chat, session=session, seq=1, key=key)
    yield q.add_session(
        **home.columns(),
        **_plain(session, at),
        flow=session.flow,
        started_at=micros(session.started_at),
        sealed=_seal(stored),
    )
    yield q.add_session_key(**home.columns(), kid=wrapped.kid, wrapped=wrapped.wrapped)
    yield from bind(chat, home, at)
    return stored


def bind(chat: Chat, home: Home, at: datetime) -> Work[None]:
    """Let this chat go on with the session that lives there."""
    yield q.bind_chat(
        **chat.columns(),
        home_channel=home.channel,
        home_bot=home.bot,
        home_chat=home.chat,
        session=home.session,
        touched_at=micros(at),
    )


def unbind(chat: Chat) -> Work[None]:
    """Let go of the session: the next message in this chat begins a new one."""
    yield q.unbind_chat(**chat.columns())


def save(stored: Stored, session: Session, at: datetime, *, touched: bool = True) -> Work[Stored]:
    """Write the session after a turn; raises `Conflict` when another wrote it meanwhile.

    *touched*: the inhabitant did this, so that reminder and expiry start anew. An event of the
    clock or of a member leaves them, and is the last reminder.
    """
    changed = replace(stored, session=session, seq=stored.seq + 1)
    columns = {**stored.home.columns(), "seq": stored.seq, "sealed": _seal(changed)}
    if touched:
        rows = yield q.save_session(**columns, **_plain(session, at))
    else:
        rows = yield q.save_untouched_session(
            **columns, outcome=session.outcome, remind_at=_check_at(session)
        )
    if not rows:
        raise Conflict("the session was saved by another")
    return changed


def to_remind(vault: Vault, now: datetime) -> Work[tuple[Stored, ...]]:
    """Unfinished sessions that were last touched three days ago, oldest first."""
    rows = yield q.sessions_to_remind(now=micros(now), count=DUE_MAX)
    return tuple(_stored(vault, row) for row in rows)


def to_check(vault: Vault, now: datetime) -> Work[tuple[Stored, ...]]:
    """Sent stories of which the promised day is over, oldest first."""
    rows = yield q.sessions_to_check(now=micros(now), count=DUE_MAX)
    return tuple(_stored(vault, row) for row in rows)


def to_expire(vault: Vault, now: datetime) -> Work[tuple[Stored, ...]]:
    """Unfinished sessions that were last touched fourteen days ago, oldest first."""
    rows = yield q.sessions_to_expire(now=micros(now), count=DUE_MAX)
    return tuple(_stored(vault, row) for row in rows)


def waiting(
    vault: Vault, channel: str, bot: str, *, since: datetime, until: datetime
) -> Work[tuple[tuple[datetime, Stored], ...]]:
    """Open sessions of this channel touched in this time, the longest ago first, each with when.

    Only where the person was told all that there is, and can be reached in the chat it began in.
    """
    rows = yield q.sessions_waiting(
        channel=channel, bot=bot, since=micros(since), until=micros(until), count=DUE_MAX
    )
    return tuple((moment(row["touched_at"]), _stored(vault, row)) for row in rows)


def mark_unreachable(chat: Chat, at: datetime | None) -> Work[Home | None]:
    """Say that the chat cannot be written to, or can again (None); gives the session in it."""
    rows = yield q.mark_reachable(
        **chat.columns(), unreachable_at=None if at is None else micros(at)
    )
    return home_of(rows[0]) if rows and rows[0]["session"] else None


def rewrap(vault: Vault, count: int) -> Work[int]:
    """Wrap data keys anew that an older key of the ring wraps; gives how many, 0 at the end.

    What the keys seal is not touched. Stopped half-way, the next call goes on.
    """
    rows = yield q.session_keys_to_rewrap(kid=vault.newest, count=count)
    for row in rows:
        wrapped = vault.rewrap(row["session"], row["kid"], row["wrapped"])
        yield q.rewrap_session_key(
            **home_of(row).columns(), kid=wrapped.kid, wrapped=wrapped.wrapped
        )
    return len(rows)


def _plain(session: Session, at: datetime) -> dict[str, object]:
    unfinished = session.outcome in (Outcome.OPEN, Outcome.KEPT)
    return {
        "outcome": session.outcome,
        "revision": session.revision,
        "touched_at": micros(at),
        "remind_at": (
            micros(at + timedelta(days=REMIND_DAYS)) if unfinished else _check_at(session)
        ),
        "expire_at": micros(at + timedelta(days=EXPIRE_DAYS)) if unfinished else None,
    }


def _check_at(session: Session) -> int | None:
    """When a sent story asks whether there was contact; None: it does not."""
    due = session.promise is not None and not session.closed and not session.checked
    if session.outcome is not Outcome.SUBMITTED or not due or session.promise is None:
        return None
    return micros(check_in_at(session.promise.on))


def _seal(stored: Stored) -> bytes:
    plain = msgspec.json.encode(_Sealed(stored.chat.address, stored.session))
    return stored.key.seal("sessions", stored.home.session, plain)


def _stored(vault: Vault, row: Row) -> Stored:
    home = home_of(row)
    key = vault.unwrap(home.session, row["kid"], row["wrapped"])
    opened = _decoder.decode(key.open("sessions", home.session, row["sealed"]))
    return Stored(
        home=home,
        chat=Chat(*home[:3], opened.address),
        session=opened.session,
        seq=row["seq"],
        key=key,
    )
