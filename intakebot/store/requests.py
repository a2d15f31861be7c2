"""Requests: what the bot and the inhabitant do with them. What members do is in scoped.py.

A request shares the home and the data key of its session. Every change writes a row of the audit
in the same transaction.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

import msgspec

from intakebot.core.law.summary import untranslated
from intakebot.core.request import Clock, Request
from intakebot.store import audit
from intakebot.store import queries as q
from intakebot.store.problems import Conflict
from intakebot.store.sessions import Stored
from intakebot.store.vault import DataKey, Vault
from intakebot.store.work import Home, Row, Work, home_of, maybe_moment, micros, moment

# The bot is not the archive: what no rule speaks of is kept this long after closing (DOMAIN 2).
RETENTION_DAYS_DEFAULT = 30
_RANKS = {"nu": 0, "vandaag": 1, "drie_werkdagen": 2, "week": 3, "gewoon": 4}
_NAME_WORD = re.compile(r"[^\W\d_]+")


class Status(StrEnum):
    """Where a request stands. Never ownerless: in a queue, or with a contact person."""

    OPEN = "open"  # stands in its queue; a promise date runs
    TAKEN = "taken"  # has one contact person
    CLOSED = "closed"  # by the team, with an outcome
    WITHDRAWN = "withdrawn"  # by the inhabitant


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What a line of a queue shows of a request."""

    type: str
    called: str | None
    language: str
    domains: tuple[str, ...]
    place: str | None
    wants_call: bool
    interpreter: bool
    clock: str | None = None  # key of the legal clock that ends first
    unheard: int = 0  # voice notes of the story to which nobody listened
    seconds: int | None = None  # how long those are together
    only_spoken: bool = False  # there are no other words that we understood
    contacted: str | None = None  # what the inhabitant says about first contact


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A request as a line of a queue."""

    home: Home
    reference: str
    gm: str | None
    queue: str
    status: Status
    urgency: str
    due_on: date | None  # of the first legal clock that runs
    promise_on: date  # last day for first contact
    contact: str | None  # member
    contact_name: str | None
    version: int
    created_at: datetime
    taken_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    erase_asked_on: date | None
    erase_due_on: date | None
    card: Card


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A whole request, and the key of what belongs to it."""

    listed: Listed
    request: Request
    key: DataKey


@dataclass(frozen=True, kw_only=True)
class Note:
    """A note of a member, or of the bot to the team (no author)."""

    nth: int
    at: datetime
    author: str | None
    author_name: str | None
    text: str


_cards = msgspec.json.Decoder(Card)
_requests = msgspec.json.Decoder(Request)


def insert(vault: Vault, stored: Stored, request: Request, at: datetime) -> Work[bool]:
    """Put a request in its queue. False: the reference is taken, make it another one.

    A session has one request at most: a second one raises, for it is our mistake.
    """
    first = first_clock(request)
    due = first.due if first else None
    rows = yield q.add_request(
        **stored.home.columns(),
        reference=request.reference,
        gm=request.place.gm,
        queue=request.routing.queue,
        urgency=request.urgency.level,
        urgency_rank=_RANKS[request.urgency.level],
        due_on=None if due is None else due.isoformat(),
        promise_on=request.promise_on.isoformat(),
        first_on=min(due or request.promise_on, request.promise_on).isoformat(),
        created_at=micros(at),
        **sealed_columns(stored.key, stored.home, request),
    )
    if not rows:
        return False
    if untranslated(request):
        yield q.add_translation(**stored.home.columns(), not_before=micros(at))
    for part in part_tokens(vault, stored.home, request):
        yield q.add_part(**stored.home.columns(), part=part)
    for token in name_tokens(vault, request.contact.called, request.subject.called):
        yield q.add_name(token=token, **stored.home.columns())
    yield from audit.append(
        vault,
        at=at,
        actor="inhabitant",
        action="create",
        session=stored.home.session,
        detail=f"queue={request.routing.queue} rule={request.routing.rule}",
    )
    return True


def of_session(
    vault: Vault, stored: Stored, at: datetime, *, detail: str = "", action: str = "view"
) -> Work[Opened | None]:
    """The request of the inhabitant's own session, for the inhabitant; the audit says so.

    *detail* is a code for what of it was shown, such as `card`.
    """
    rows = yield q.request_of_session(**stored.home.columns())
    if not rows:
        return None
    yield from audit.append(
        vault,
        at=at,
        actor="inhabitant",
        action=action,
        session=stored.home.session,
        detail=detail,
    )
    return opened(vault, rows[0])


def for_operator(vault: Vault, reference: str, *, action: str, at: datetime) -> Work[Opened | None]:
    """A request for `export` or `forget`, whoever's queue it stands in; the audit says who."""
    homes = yield q.request_by_reference(reference=reference)
    if not homes:
        return None
    home = home_of(homes[0])
    rows = yield q.request_of_session(**home.columns())
    yield from audit.append(vault, at=at, actor="operator", action=action, session=home.session)
    return opened(vault, rows[0])


def withdraw(vault: Vault, stored: Stored, note: str, at: datetime) -> Work[bool]:
    """Close the request because the inhabitant takes it back, with a note to the team.

    False: it was closed already. Its retention begins now.
    """
    rows = yield q.request_of_session(**stored.home.columns())
    if not rows or rows[0]["status"] not in (Status.OPEN, Status.TAKEN):
        return False
    found = opened(vault, rows[0])
    yield from add_note(stored.home, stored.key, None, note, at)
    yield from close(vault, found, Status.WITHDRAWN, "withdrawn", at=at)
    yield from audit.append(
        vault, at=at, actor="inhabitant", action="withdraw", session=stored.home.session
    )
    return True


def ask_erasure(
    vault: Vault, stored: Stored, *, asked_on: date, due_on: date, at: datetime
) -> Work[bool]:
    """Make the erasure of a sent request a task with a legal end (AVG 12 lid 3).

    False: it was asked before, or there is no request.
    """
    rows = yield q.ask_erasure(
        **stored.home.columns(), asked_on=asked_on.isoformat(), due_on=due_on.isoformat()
    )
    if rows:
        yield from audit.append(
            vault, at=at, actor="inhabitant", action="ask_erasure", session=stored.home.session
        )
    return bool(rows)


def mark_contact(
    vault: Vault, stored: Stored, contacted: Literal["ja", "nee", "nog_niet"], at: datetime
) -> Work[None]:
    """Write on the request what the inhabitant says about first contact."""
    rows = yield q.request_of_session(**stored.home.columns())
    found = opened(vault, rows[0])
    changed = msgspec.structs.replace(found.request, contacted=contacted)
    written = yield q.change_request(
        **stored.home.columns(),
        version=found.listed.version,
        **urgency_columns(changed.urgency.level),
        **sealed_columns(found.key, stored.home, changed),
    )
    if not written:
        raise Conflict("the request was changed by another")
    yield from audit.append(
        vault,
        at=at,
        actor="inhabitant",
        action="contacted",
        session=stored.home.session,
        detail=contacted,
    )


def tell_team(vault: Vault, stored: Stored, text: str, at: datetime) -> Work[None]:
    """A note of the bot on a sent request: the inhabitant cannot be reached, wants a call."""
    yield from add_note(stored.home, stored.key, None, text, at)
    yield from audit.append(
        vault, at=at, actor="system", action="note", session=stored.home.session
    )


# ---- for scoped.py and erasure.py ---------------------------------------------------------------


def close(vault: Vault, found: Opened, status: Status, outcome: str, *, at: datetime) -> Work[None]:
    """Close a request and start the retention of each of its parts."""
    home = found.listed.home
    rows = yield q.close_request(
        **home.columns(),
        status=status,
        outcome=outcome,
        closed_at=micros(at),
        version=found.listed.version,
    )
    if not rows:
        raise Conflict("the request was changed by another")
    for part, days in part_tokens(vault, home, found.request).items():
        keep_until = micros(at + timedelta(days=days))
        yield q.keep_part_until(**home.columns(), part=part, keep_until=keep_until)


def add_note(home: Home, key: DataKey, author: str | None, text: str, at: datetime) -> Work[None]:
    """Write a note under the others of its request."""
    rows = yield q.last_note(**home.columns())
    nth = rows[0]["nth"] + 1
    yield q.add_note(
        **home.columns(),
        nth=nth,
        author=author,
        at=micros(at),
        sealed=key.seal("notes", str(nth), text.encode()),
    )


def sealed_columns(key: DataKey, home: Home, request: Request) -> dict[str, bytes]:
    """The request and its card as they are written."""
    card = Card(
        type=request.type,
        called=request.contact.called,
        language=request.language,
        domains=tuple(part.code for part in request.domains),
        place=request.place.place,
        wants_call=request.wants_call,
        interpreter=request.contact.interpreter.needed,
        clock=first.key if (first := first_clock(request)) else None,
        unheard=len(request.unheard),
        seconds=request.seconds(request.unheard),
        only_spoken=request.only_spoken,
        contacted=request.contacted,
    )
    return {
        "card": key.seal("requests", f"{home.session}|card", msgspec.json.encode(card)),
        "sealed": key.seal("requests", home.session, msgspec.json.encode(request)),
    }


def first_clock(request: Request) -> Clock | None:
    """The running clock that ends first; one that the confirmation met needs no watching."""
    running = [it for it in request.clocks if it.status == "running" and it.due and not it.met]
    return min(running, key=lambda it: it.due or date.max, default=None)


def urgency_columns(level: str) -> dict[str, object]:
    """An urgency as it is written."""
    return {"urgency": level, "urgency_rank": _RANKS[level]}


def listed(vault: Vault, row: Row) -> Listed:
    """A row of list_queue, list_mine or request."""
    home = home_of(row)
    key = vault.unwrap(home.session, row["kid"], row["wrapped"])
    return _listed(home, key, row)


def opened(vault: Vault, row: Row) -> Opened:
    """A row of request or request_of_session."""
    home = home_of(row)
    key = vault.unwrap(home.session, row["kid"], row["wrapped"])
    request = _requests.decode(key.open("requests", home.session, row["sealed"]))
    return Opened(listed=_listed(home, key, row), request=request, key=key)


def part_tokens(vault: Vault, home: Home, request: Request) -> dict[str, int]:
    """Each part of a request by the blind index of its domain, with its retention in days.

    A request without any domain counts as one part.
    """
    if not request.domains:
        return {part_token(vault, home, ""): RETENTION_DAYS_DEFAULT}
    return {
        part_token(vault, home, part.code): part.retention_days or RETENTION_DAYS_DEFAULT
        for part in request.domains
    }


def part_token(vault: Vault, home: Home, code: str) -> str:
    """The blind index of a domain, another one in every session."""
    return vault.blind("part", home.session, code)


def name_tokens(vault: Vault, *names: str | None) -> tuple[str, ...]:
    """The blind indexes of the words of these names, without accents and capitals."""
    flat = unicodedata.normalize("NFKD", " ".join(name for name in names if name))
    plain = "".join(sign for sign in flat if not unicodedata.combining(sign)).casefold()
    return tuple(vault.blind("name", word) for word in dict.fromkeys(_NAME_WORD.findall(plain)))


def _listed(home: Home, key: DataKey, row: Row) -> Listed:
    return Listed(
        home=home,
        reference=row["reference"],
        gm=row["gm"],
        queue=row["queue"],
        status=Status(row["status"]),
        urgency=row["urgency"],
        due_on=_day(row["due_on"]),
        promise_on=date.fromisoformat(row["promise_on"]),
        contact=row["contact"],
        contact_name=row["contact_name"],
        version=row["version"],
        created_at=moment(row["created_at"]),
        taken_at=maybe_moment(row["taken_at"]),
        closed_at=maybe_moment(row["closed_at"]),
        outcome=row["outcome"],
        erase_asked_on=_day(row["erase_asked_on"]),
        erase_due_on=_day(row["erase_due_on"]),
        card=_cards.decode(key.open("requests", f"{home.session}|card", row["card"])),
    )


def _day(stored: str | None) -> date | None:
    return None if stored is None else date.fromisoformat(stored)
