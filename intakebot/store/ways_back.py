"""Ways back to a session: one-time links to the web chat, and codes that can be said aloud.

Neither is the reference of a request, which opens nothing. Both are kept as blind indexes only,
and go when the session is erased.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from intakebot.store import queries as q
from intakebot.store import sessions
from intakebot.store.sessions import Stored
from intakebot.store.vault import CODE_DIGITS, Vault
from intakebot.store.work import Chat, Work, home_of, micros, moment

WEB_LINK_LASTS = timedelta(hours=24)
# Five free guesses, then 30 seconds, doubled each time up to a quarter of an hour. At that pace
# 53 bits last longer than anyone's patience.
GUESSES_FREE = 5
_FIRST_WAIT = timedelta(seconds=30)
_WAIT_MAX = timedelta(minutes=15)
_FORGIVEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Too many guesses: not before this."""

    until: datetime


def new_link(
    vault: Vault, stored: Stored, at: datetime, *, lasts: timedelta = WEB_LINK_LASTS
) -> Work[str]:
    """The secret of a link that brings this session to a web chat, once."""
    secret = vault.new_token()
    yield q.add_web_link(
        hash=vault.blind("web_link", secret),
        **stored.home.columns(),
        expires_at=micros(at + lasts),
    )
    return secret


def follow_link(vault: Vault, secret: str, chat: Chat, at: datetime) -> Work[Stored | None]:
    """Use a link: this chat goes on with its session. None: used before, expired or made up."""
    rows = yield q.use_web_link(hash=vault.blind("web_link", secret))
    if not rows or moment(rows[0]["expires_at"]) <= at:
        return None
    yield from sessions.bind(chat, home_of(rows[0]), at)
    return (yield from sessions.load(vault, home_of(rows[0])))


def new_code(vault: Vault, stored: Stored, at: datetime) -> Work[str]:
    """A code of sixteen digits that leads to this session; an earlier one stops working."""
    code = vault.new_code()
    yield q.put_resume_code(
        hash=vault.blind("code", code), **stored.home.columns(), made_at=micros(at)
    )
    return code


def use_code(
    vault: Vault, code: str, chat: Chat, *, source: str, at: datetime
) -> Work[Stored | Wait | None]:
    """Try a code: this chat goes on with its session; None: there is no such code.

    *source* is who guesses, such as the first part of an IP address; it is kept as a blind index,
    for an hour. A guess is counted in the transaction that looks at it.
    """
    who = vault.blind("source", source)
    rows = yield q.tries(source=who)
    count = 0
    if rows and (last := moment(rows[0]["since_at"])) > at - _FORGIVEN_AFTER:
        count = rows[0]["count"]
        if (until := last + _wait_after(count)) > at:
            return Wait(until=until)
    found = yield q.resume_code(hash=vault.blind("code", _digits(code)))
    if not found:
        yield q.put_tries(source=who, since_at=micros(at), count=count + 1)
        return None
    # A right code forgives nothing: else one's own code would make guessing at others free.
    yield from sessions.bind(chat, home_of(found[0]), at)
    return (yield from sessions.load(vault, home_of(found[0])))


def forget_old(now: datetime) -> Work[None]:
    """Forget links that were never used, and guesses that are forgiven."""
    yield q.forget_web_links(now=micros(now))
    yield q.forget_tries(before=micros(now - _FORGIVEN_AFTER))


def _wait_after(count: int) -> timedelta:
    if count < GUESSES_FREE:
        return timedelta()
    doubled: int = 2 ** min(count - GUESSES_FREE, 10)  # by then it is past the most
    return min(_FIRST_WAIT * doubled, _WAIT_MAX)


def _digits(code: str) -> str:
    """The digits of a code as people write it: with spaces or dashes, in any script."""
    found = [str(unicodedata.digit(sign)) for sign in code if unicodedata.digit(sign, -1) >= 0]
    return "".join(found[: CODE_DIGITS + 1])
