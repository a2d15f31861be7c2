"""What members see and do: every function takes the member, every query holds the member's scope.

The scope is the member's queues as they are in the database at that moment: who is taken out of a
team sees nothing of it from the next statement on. What is out of scope is the same as what does
not exist. Every view and change writes a row of the audit first, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import NamedTuple

from msgspec.structs import replace

from intakebot.core.request import Request, StoryPart, Urgency, UrgencyReason
from intakebot.store import attachments, audit, outgoing, requests, sessions
from intakebot.store import queries as q
from intakebot.store.attachments import Kept
from intakebot.store.outgoing import Line
from intakebot.store.problems import Conflict
from intakebot.store.requests import Listed, Note, Opened, Status
from intakebot.store.sessions import Stored
from intakebot.store.vault import DataKey, Vault
from intakebot.store.work import Row, Work, micros, moment

# A page of a queue; counting goes no further than people read.
PAGE_MAX = 50
COUNT_MAX = 1_000
# Places in a chat are microseconds since 1970: 16 digits.
_PLACE_CHARS = 18


class _Place(NamedTuple):
    """Where a request stands in the order of a queue."""

    first_on: str  # day, ISO
    urgency_rank: int
    created_at: int


_FIRST, _LAST = _Place("", 0, 0), _Place("9999-12-31", 0, 0)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Everything of one request that its page shows."""

    opened: Opened
    attachments: tuple[Kept, ...]
    notes: tuple[Note, ...]
    thread: tuple[Line, ...]
    mark: str = ""  # what `mark` gives as long as nothing changed


@dataclass(frozen=True, kw_only=True)
class Take:
    """What became of an attempt to take a request."""

    won: bool
    contact_name: str | None  # who is the contact person now; None: it was changed or closed
    stored: Stored  # its session, to tell the inhabitant
    queue: str  # where it stands


def scope(member: str) -> Work[tuple[str, ...]]:
    """The queues that this member may see."""
    rows = yield q.scope(member=member)
    return tuple(row["queue"] for row in rows)


def counts(member: str, status: Status = Status.OPEN) -> Work[Mapping[str, int]]:
    """How many requests stand in each queue of the member, counted up to `COUNT_MAX`."""
    found = {}
    for queue in (yield from scope(member)):
        rows = yield q.count_queue(queue=queue, status=status, member=member, count=COUNT_MAX)
        found[queue] = rows[0]["count"]
    return found


def count_mine(member: str) -> Work[int]:
    """Of how many requests the member is the contact person, counted up to `COUNT_MAX`."""
    rows = yield q.count_mine(member=member, count=COUNT_MAX)
    number: int = rows[0]["count"]
    return number


def list_queue(
    vault: Vault,
    member: str,
    at: datetime,
    *,
    queue: str | None = None,
    status: Status = Status.OPEN,
    skip: int = 0,
) -> Work[tuple[Listed, ...]]:
    """A page of one queue of the member, or of all together: what is due first comes first.

    Due is the sooner of the first legal clock and the promised contact; then urgency; then age.
    """
    queues = [it for it in (yield from scope(member)) if queue in (None, it)]
    begin, same = yield from _place_after(skip, member, queues, status)
    pages = []
    for it in queues:
        rows = yield q.list_queue(
            queue=it, status=status, member=member, **begin._asdict(), count=same + PAGE_MAX
        )
        pages.append(rows)
    yield from audit.append(
        vault,
        at=at,
        actor=_actor(member),
        action="list",
        session=None,
        detail=f"queue={queue or '*'} status={status}",
    )
    ordered = merge(*pages, key=_place)
    return tuple(requests.listed(vault, row) for row in islice(ordered, same, same + PAGE_MAX))


def _place_after(
    skip: int, member: str, queues: Sequence[str], status: Status
) -> Work[tuple[_Place, int]]:
    """The place that comes after so many in these queues; and how many of those share it.

    Found in the index alone: to read all that comes before a page took ten times as long as the
    page (tests/bench, 20 pages down among a million).
    """
    if not skip:
        return _FIRST, 0
    orders = []
    for it in queues:
        rows = yield q.list_places(queue=it, status=status, member=member, count=skip + 1)
        orders.append(map(_place, rows))
    above = [*islice(merge(*orders), skip + 1)]
    if len(above) <= skip:
        return _LAST, 0
    return above[skip], skip - above.index(above[skip])


def _place(row: Row) -> _Place:
    return _Place(row["first_on"], row["urgency_rank"], row["created_at"])


def list_ended(
    vault: Vault, member: str, at: datetime, *, queue: str | None = None, skip: int = 0
) -> Work[tuple[Listed, ...]]:
    """A page of what was closed or withdrawn, the newest first; and one more when there is."""
    last = skip + PAGE_MAX + 1
    pages = []
    for it in (yield from scope(member)):
        if queue in (None, it):
            rows = yield q.list_ended(queue=it, member=member, count=last)
            pages.append(rows)
    told = f"queue={queue or '*'} status=ended"
    yield from audit.append(
        vault, at=at, actor=_actor(member), action="list", session=None, detail=told
    )
    ordered = merge(*pages, key=lambda row: (row["closed_at"], row["reference"]), reverse=True)
    return tuple(requests.listed(vault, row) for row in islice(ordered, skip, last))


def list_mine(vault: Vault, member: str, at: datetime) -> Work[tuple[Listed, ...]]:
    """The requests of which the member is the contact person."""
    rows = yield q.list_mine(member=member, count=COUNT_MAX)
    yield from audit.append(
        vault, at=at, actor=_actor(member), action="list", session=None, detail="mine"
    )
    return tuple(requests.listed(vault, row) for row in rows)


def view(vault: Vault, member: str, reference: str, at: datetime) -> Work[Seen | None]:
    """One request with its notes and thread; None when there is none in the member's scope."""
    found = yield from _find(vault, member, reference, "view", at)
    if found is None:
        return None
    stored = yield from _session(vault, found)
    rows = yield q.notes(**found.listed.home.columns())
    notes = tuple(
        Note(
            nth=row["nth"],
            at=moment(row["at"]),
            author=row["author"],
            author_name=row["author_name"],
            text=found.key.open("notes", str(row["nth"]), row["sealed"]).decode(),
        )
        for row in rows
    )
    thread = yield from outgoing.thread(stored)
    between_people = tuple(line for line in thread if line.author != "bot")
    kept = yield from attachments.of_session(found.listed.home)
    return Seen(
        opened=found,
        attachments=kept,
        notes=notes,
        thread=between_people,
        mark=_mark(found.listed, len(notes), between_people[-1].nth if between_people else 0),
    )


def mark(vault: Vault, member: str, reference: str, known: str) -> Work[str | None]:
    """What stands for all that `view` gives: another text than *known* when something is new.

    Nothing of the request is given, so no row of the audit is written.
    """
    rows = yield q.request(reference=reference, member=member)
    if not rows:
        return None
    found = requests.opened(vault, rows[0])
    notes = yield q.last_note(**found.listed.home.columns())
    last = known.rpartition("-")[2]
    after = int(last) if last.isascii() and last.isdecimal() and len(last) < _PLACE_CHARS else 0
    fresh = yield from outgoing.thread((yield from _session(vault, found)), after)
    places = (line.nth for line in fresh if line.author != "bot")
    return _mark(found.listed, notes[0]["nth"], max(places, default=after))


def take(
    vault: Vault, member: str, reference: str, *, version: int, at: datetime
) -> Work[Take | None]:
    """Become the one contact person. Of many at once, one wins; the others hear who it is."""
    won = yield q.take_request(
        reference=reference, member=member, version=version, taken_at=micros(at)
    )
    detail = "won" if won else "lost"
    found = yield from _find(vault, member, reference, "take", at, detail=detail)
    if found is None:
        return None
    stored = yield from _session(vault, found)
    listed = found.listed
    return Take(won=bool(won), contact_name=listed.contact_name, stored=stored, queue=listed.queue)


def add_note(
    vault: Vault, member: str, reference: str, text: str, *, at: datetime
) -> Work[Opened | None]:
    """Write a note for the team."""
    found = yield from _find(vault, member, reference, "note", at)
    if found is not None:
        yield from requests.add_note(found.listed.home, found.key, member, text, at)
    return found


def close(
    vault: Vault,
    member: str,
    reference: str,
    *,
    version: int,
    outcome: str,
    at: datetime,
) -> Work[Stored | None]:
    """Close a request with an outcome (a code); the retention of its parts begins.

    Raises `Conflict` when it was changed since *version*. Gives its session, to tell the
    inhabitant.
    """
    found = yield from _find(vault, member, reference, "close", at, detail=f"outcome={outcome}")
    if found is None:
        return None
    _expect(found, version)
    yield from requests.close(vault, found, Status.CLOSED, outcome, at=at)
    return (yield from _session(vault, found))


def correct_urgency(
    vault: Vault,
    member: str,
    reference: str,
    *,
    version: int,
    level: str,
    reason: str,
    at: datetime,
) -> Work[Opened | None]:
    """Another urgency than the rules proposed, with the reason of the member."""
    found = yield from _find(vault, member, reference, "urgency", at, detail=f"level={level}")
    if found is None:
        return None
    _expect(found, version)
    because = UrgencyReason(rule=_actor(member), because_nl=reason)
    reasons = (*found.request.urgency.reasons, because)
    urgency = Urgency(level=level, reasons=reasons)  # type: ignore[arg-type]  # the rank knows it
    yield from _change(found, replace(found.request, urgency=urgency))
    return found


def mark_heard(
    vault: Vault, member: str, reference: str, audio: str, *, name: str, at: datetime
) -> Work[Opened | None]:
    """Say that this member listened to a voice note of the story."""
    found = yield from _find(vault, member, reference, "heard", at)
    if found is None:
        return None
    story = tuple(_heard(part, audio, name) for part in found.request.story)
    yield from _change(found, replace(found.request, story=story))
    return found


def attachment(
    vault: Vault, member: str, reference: str, name: str, at: datetime
) -> Work[tuple[Kept, DataKey] | None]:
    """One attachment of a request and the key of its file; None: not in scope, or not its own."""
    found = yield from _find(vault, member, reference, "attachment", at)
    if found is None:
        return None
    kept = yield from attachments.load(found.listed.home, name)
    return None if kept is None else (kept, found.key)


def session_of(
    vault: Vault, member: str, reference: str, *, action: str, at: datetime
) -> Work[Stored | None]:
    """The session of a request of which the member is the contact person, to write in it.

    None: not in scope, or somebody else is the contact person. *action* is what the audit says.
    """
    found = yield from _find(vault, member, reference, action, at)
    if found is None or found.listed.contact != member:
        return None
    return (yield from _session(vault, found))


def _find(
    vault: Vault, member: str, reference: str, action: str, at: datetime, *, detail: str = ""
) -> Work[Opened | None]:
    rows = yield q.request(reference=reference, member=member)
    found = requests.opened(vault, rows[0]) if rows else None
    yield from audit.append(
        vault,
        at=at,
        actor=_actor(member),
        action=action if found else "denied",
        session=found.listed.home.session if found else None,
        detail=detail if found else action,
    )
    return found


def _session(vault: Vault, found: Opened) -> Work[Stored]:
    stored = yield from sessions.load(vault, found.listed.home)
    assert stored is not None, "a request hangs on its session"
    return stored


def _change(found: Opened, request: Request) -> Work[None]:
    rows = yield q.change_request(
        **found.listed.home.columns(),
        version=found.listed.version,
        **requests.urgency_columns(request.urgency.level),
        **requests.sealed_columns(found.key, found.listed.home, request),
    )
    if not rows:
        raise Conflict("the request was changed by another")


def _expect(found: Opened, version: int) -> None:
    if found.listed.version != version:
        raise Conflict("the request was changed by another")


def _heard(part: StoryPart, audio: str, name: str) -> StoryPart:
    return replace(part, heard_by=name) if part.audio == audio and not part.heard_by else part


def _mark(listed: Listed, notes: int, last: int) -> str:
    return f"{listed.version}-{notes}-{last}"


def _actor(member: str) -> str:
    return f"member:{member}"
