"""The lists of the inbox: open, mine, taken, closed; what breaks first stands on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from intakebot.core.law.clocks import dutch_day
from intakebot.core.request import in_minutes
from intakebot.store.requests import Listed, Status
from intakebot.store.scoped import PAGE_MAX
from intakebot.store.work import Work
from intakebot.web.access import Access
from intakebot.web.inbox import saying
from intakebot.web.inbox.inbox import Inbox
from intakebot.web.inbox.pages import Choice, Queue, Row, Tab

LISTS = ("open", "mine", "taken", "closed")
# As they stand in the address.
IN_ADDRESS = {"open": "open", "mine": "van-mij", "taken": "opgepakt", "closed": "afgesloten"}
PAGES_MAX = 100


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which list is asked for."""

    list: str
    queue: str | None
    page: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """What stands in it."""

    listed: tuple[Listed, ...]
    more: bool  # on the next page
    counts: Mapping[Status, Mapping[str, int]]
    mine: int


def asked(request: Request) -> Asked:
    """What the address asks for; what it does not say is the open list of all queues."""
    wanted = request.query_params
    lists = {said: it for it, said in IN_ADDRESS.items()}
    page = wanted.get("blad", "1")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < len("1000") else 1
    return Asked(
        list=lists.get(wanted.get("lijst", ""), "open"),
        queue=wanted.get("team") or None,
        page=min(max(number, 1), PAGES_MAX),
    )


def find(access: Access, wanted: Asked) -> Work[Found | None]:
    """The requests of the list; None for a queue that is not the member's."""
    if wanted.queue is not None and wanted.queue not in access.member.queues:
        return None
    skip = (wanted.page - 1) * PAGE_MAX
    more = False
    match wanted.list:
        case "mine":
            own = yield from access.mine()
            listed = tuple(it for it in own if wanted.queue in (None, it.queue))
        case "taken":
            listed = yield from access.listed(Status.TAKEN, queue=wanted.queue, skip=skip)
            more = len(listed) == PAGE_MAX
        case "closed":
            found = yield from access.ended(queue=wanted.queue, skip=skip)
            listed, more = found[:PAGE_MAX], len(found) > PAGE_MAX
        case _:
            listed = yield from access.listed(Status.OPEN, queue=wanted.queue, skip=skip)
            more = len(listed) == PAGE_MAX
    counts = yield from count(access)
    mine = yield from access.count_mine()
    return Found(listed=listed, more=more, counts=counts, mine=mine)


def count(access: Access) -> Work[Mapping[Status, Mapping[str, int]]]:
    """How many requests stand open and how many are taken, by queue."""
    counts = {}
    for status in (Status.OPEN, Status.TAKEN):
        counts[status] = yield from access.counts(status)
    return counts


def mark(counts: Mapping[Status, Mapping[str, int]]) -> str:
    """Another text when something came or went."""
    return ".".join(str(number) for by_queue in counts.values() for number in by_queue.values())


def draw(inbox: Inbox, access: Access, wanted: Asked, found: Found, stamp: str) -> Queue:
    """The list as a page."""
    totals = {status: sum(by.values()) for status, by in found.counts.items()}
    numbers = {"open": totals[Status.OPEN], "mine": found.mine, "taken": totals[Status.TAKEN]}
    by_queue = found.counts[Status.OPEN]
    return Queue(
        tongue=inbox.tongue,
        brand=inbox.region.name,
        member=access.member.name,
        stamp=stamp,
        news="/inbox/nieuws",
        mark=mark(found.counts),
        title=inbox.say(f"list.{wanted.list}"),
        list=IN_ADDRESS[wanted.list],
        tabs=tuple(
            Tab(
                href=address(it, wanted.queue),
                label=inbox.say(f"list.{it}"),
                count=numbers.get(it),
                current=it == wanted.list,
            )
            for it in LISTS
        ),
        queues=_queues(inbox, access, wanted, by_queue),
        rows=tuple(_row(inbox, access, it) for it in found.listed),
        empty=inbox.say(f"empty.{wanted.list}"),
        earlier=address(wanted.list, wanted.queue, wanted.page - 1) if wanted.page > 1 else None,
        later=address(wanted.list, wanted.queue, wanted.page + 1) if found.more else None,
    )


def address(list_name: str, queue: str | None, page: int = 1) -> str:
    """Where a list is."""
    said = {"lijst": IN_ADDRESS[list_name]} if list_name != "open" else {}
    said |= {"team": queue} if queue else {}
    said |= {"blad": str(page)} if page > 1 else {}
    return f"/inbox?{urlencode(said)}" if said else "/inbox"


def _queues(
    inbox: Inbox, access: Access, wanted: Asked, counts: Mapping[str, int]
) -> tuple[Choice, ...]:
    """The member's queues to choose from; with one there is nothing to choose."""
    queues = access.member.queues
    if len(queues) < 2:  # noqa: PLR2004 - one queue is no choice
        return ()
    named = sorted((saying.queue_name(inbox, it), it) for it in queues)
    every = Choice(value="", label=inbox.say("filter.all"), chosen=wanted.queue is None)
    return (
        every,
        *(
            Choice(
                value=it,
                label=inbox.say("filter.team", team=label, count=str(counts[it]))
                if counts.get(it)
                else label,
                chosen=it == wanted.queue,
            )
            for label, it in named
        ),
    )


def _row(inbox: Inbox, access: Access, listed: Listed) -> Row:
    card, today = listed.card, dutch_day(access.at)
    return Row(
        href=f"/inbox/{listed.reference}",
        reference=listed.reference,
        name=saying.name(inbox, card.called),
        type=saying.type_name(inbox, card.type),
        level=saying.level(inbox, listed.urgency),
        about=tuple(inbox.names.domain(code) for code in card.domains)
        or (inbox.say("about.none"),),
        place=card.place or saying.municipality(inbox, listed.gm) or inbox.say("place.unknown"),
        team=saying.queue_name(inbox, listed.queue),
        language=saying.language(inbox, card.language),
        interpreter=inbox.say("interpreter") if card.interpreter else None,
        since=saying.moment(inbox, listed.created_at, access.at),
        due=saying.first_due(inbox, listed, today),
        flags=flags(inbox, listed, access),
        contact=listed.contact_name,
        ended=saying.ended(inbox, listed, access.at),
    )


def flags(inbox: Inbox, listed: Listed, access: Access) -> tuple[str, ...]:
    """What must not be overlooked."""
    card = listed.card
    said = [inbox.say("wants_call")] if card.wants_call else []
    if card.unheard:
        said += [inbox.say("unread")] if card.only_spoken else []
        length = inbox.say("minutes", length=in_minutes(card.seconds)) if card.seconds else ""
        said.append(inbox.say("unheard", count=str(card.unheard), length=length).strip())
    if listed.card.contacted == "nee":
        said.append(inbox.say("no_contact"))
    if listed.erase_due_on is not None:
        until = saying.full(inbox, listed.erase_due_on, dutch_day(access.at)).label
        said.append(inbox.say("erase.flag", day=until))
    return tuple(said)
