"""What is yours once it was sent: the story card, who has your story, and all your data.

Only the browser that the conversation is in can see them, and each look is in the audit. Looking
at an address never shows one's data: that takes a form, and each form shows them once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from intakebot.channels.webchat import ways
from intakebot.channels.webchat.chat import WebChat
from intakebot.channels.webchat.own_pages import (
    AskData,
    ChooseCard,
    File,
    Looked,
    MyData,
    Row,
    Said,
    StoryCard,
    WhoHas,
)
from intakebot.channels.webchat.spans import spans
from intakebot.core.law.clocks import dutch_day
from intakebot.core.request import Request as Sent
from intakebot.core.request import StoryPart
from intakebot.core.session import Outcome
from intakebot.core.talking import read_back, story_card
from intakebot.core.talking.page import Page
from intakebot.core.talking.path import walk
from intakebot.core.talking.story_card import DUTCH, CardLine
from intakebot.store import audit, outgoing, requests, sessions, updates
from intakebot.store.audit import Entry
from intakebot.store.outgoing import Line
from intakebot.store.requests import RETENTION_DAYS_DEFAULT, Opened
from intakebot.store.work import Work

SHEET = ("chat/own.css",)
MINE, BACK = "/mijn", "/"
SIGNAL = "zorgsignaal_derde"
# Days of looking that fit on a screen; the newest.
DAYS_MAX = 10
YEAR_DAYS = 365
FILE_NAME = "mijn-gegevens.json"
SENT = (Outcome.SUBMITTED, Outcome.WITHDRAWN)


@dataclass(frozen=True, kw_only=True)
class Mine:
    """One's own request with what drawing needs."""

    page: Page
    opened: Opened
    entries: tuple[Entry, ...] = ()
    thread: tuple[Line, ...] = ()

    @property
    def sent(self) -> Sent:
        """What was sent."""
        return self.opened.request

    @property
    def signal(self) -> bool:
        """Told about somebody else, who did not ask: nothing comes back but thanks."""
        return self.sent.type == SIGNAL


def routes(chat: WebChat) -> list[BaseRoute]:
    """The addresses of what is yours."""
    return [
        Route("/kaart", partial(show_card, chat), methods=["GET"]),
        Route("/wie", partial(show_who, chat), methods=["GET"]),
        Route(MINE, partial(ask_data, chat), methods=["GET"]),
        Route(MINE, partial(give_data, chat), methods=["POST"]),
    ]


async def show_card(chat: WebChat, request: Request) -> Response:
    """Which lines may stand on the card; with `toon`, the card with those."""
    mine = await _mine(chat, request, "card")
    if mine is None:
        return RedirectResponse(BACK, status_code=303)
    if mine.signal:
        return ways.fault(chat, request, "own.no_card", 404)
    lines = story_card.lines(mine.page, mine.sent, mine.opened.listed.queue)
    wanted = request.query_params.getlist("toon")
    shown = [line for line in lines if line.key in wanted]
    if not shown:
        choose = ChooseCard(tongue=mine.page.tongue, brand=chat.brand, lines=lines)
        return chat.page(request, choose, more=SHEET)
    card = StoryCard(
        tongue=mine.page.tongue,
        brand=chat.brand,
        rows=tuple(_row(line) for line in shown),
        title_nl=chat.words.say(DUTCH, "own.card"),
        note_nl=chat.words.say(DUTCH, "own.card_note"),
    )
    return chat.page(request, card, more=SHEET)


async def show_who(chat: WebChat, request: Request) -> Response:
    """Who has my story."""
    mine = await _mine(chat, request, "who")
    if mine is None:
        return RedirectResponse(BACK, status_code=303)
    page, consents = mine.page, mine.sent.consents
    who = WhoHas(
        tongue=page.tongue,
        brand=chat.brand,
        has=tuple(_has(mine)),
        looked=() if mine.signal else tuple(_looked(mine)),
        given=tuple(
            page.say(
                "own.given",
                partner=it.recipient,
                purpose=it.purpose,
                date=page.words.day(page.tongue, dutch_day(it.at)),
            )
            for it in consents
            if it.withdrawn_at is None
        ),
        kept=_kept(mine),
        officer=page.flow.region.privacy_officer,
    )
    return chat.page(request, who, more=SHEET)


async def ask_data(chat: WebChat, request: Request) -> Response:
    """What "my data" is, and the button that shows them. Nothing of them is read here."""
    address = chat.cookies.address(request)
    if address is None or chat.cookies.is_away(request):
        return RedirectResponse(BACK, status_code=303)
    session = (await chat.thread(address)).session
    tongue = session.tongue if session and session.outcome in SENT else None
    if tongue is None:
        return RedirectResponse(BACK, status_code=303)
    page = AskData(tongue=tongue, brand=chat.brand, stamp=chat.stamps.make(address))
    return chat.page(request, page, more=SHEET)


async def give_data(chat: WebChat, request: Request) -> Response:
    """The data, once for each form: as a page, or as a file."""
    chat.expect_calm("post", request)
    address = chat.cookies.address(request)
    fields = await request.form()
    stamp = fields.get("form")
    if address is None or not isinstance(stamp, str):
        return RedirectResponse(MINE, status_code=303)
    drawing = chat.stamps.read(address, stamp)
    if drawing is None or chat.stamps.is_late(stamp):
        return RedirectResponse(MINE, status_code=303)
    as_file = fields.get("press") == "file"
    detail = "file" if as_file else "data"
    mine = await _mine(chat, request, detail, once=f"{drawing}.{detail}")
    if mine is None:
        return RedirectResponse(MINE, status_code=303)
    if as_file:
        told = msgspec.json.format(msgspec.json.encode(_file(mine)), indent=2)
        headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
        return Response(told, media_type="application/json", headers=headers)
    page = MyData(
        tongue=mine.page.tongue,
        brand=chat.brand,
        stamp=chat.stamps.make(address),
        rows=tuple(_all_rows(mine)),
        summary_nl="" if mine.signal else mine.sent.summary_nl,
        thread=tuple(_thread(mine)),
    )
    return chat.page(request, page, more=SHEET)


async def _mine(
    chat: WebChat, request: Request, detail: str, *, once: str | None = None
) -> Mine | None:
    """The request of this browser's conversation; None: there is none, or the curtain is drawn.

    *once*: what was asked under this id before gives nothing again.
    """
    address = chat.cookies.address(request)
    if address is None or chat.cookies.is_away(request):
        return None
    key, at = chat.chat(address), chat.now()

    def look() -> Work[Mine | None]:
        stored = yield from sessions.open_in(chat.vault, key)
        if stored is None or stored.session.outcome not in SENT:
            return None
        if once is not None and not (yield from updates.is_new(key, once, at)):
            return None
        entries = yield from audit.about(chat.vault, stored.home.session)
        action = "export" if detail == "file" else "view"
        opened = yield from requests.of_session(
            chat.vault, stored, at, detail=detail, action=action
        )
        if opened is None:
            return None
        thread = (yield from outgoing.thread(stored)) if once is not None else ()
        desk = yield from chat.desk(stored.session)
        page = Page(flow=desk.flow, session=stored.session, words=chat.words, today=dutch_day(at))
        return Mine(page=page, opened=opened, entries=entries, thread=thread)

    return await chat.database.run(look)


def _row(line: CardLine) -> Row:
    """A line of the card, its numbers as something that can be called."""
    return Row(
        key=line.key,
        label=line.label,
        values=tuple(spans(value, ours=not line.own) for value in line.values),
        label_nl=line.label_nl,
        values_nl=line.values_nl,
        own=line.own,
    )


def _has(mine: Mine) -> Iterator[str]:
    """Team and contact person, in sentences."""
    page, listed = mine.page, mine.opened.listed
    team, *number = story_card.team(page, listed.queue)
    if number:
        yield page.say("own.has_team", team=team, phone=number[0])
    else:
        yield page.say("own.has_region", team=team)
    if mine.signal:
        return
    contact = page.session.contact
    yield page.say("own.has_contact", name=contact.name) if contact else page.say("own.has_nobody")


def _looked(mine: Mine) -> Iterator[Looked]:
    """Who looked at it or did something with it, and on which days; never a name but one's own."""
    page, contact = mine.page, mine.opened.listed.contact
    days: dict[str, dict[str, None]] = {}
    for entry in reversed(mine.entries):
        kind, _, member = entry.actor.partition(":")
        if kind not in ("member", "operator"):
            continue
        mine_now = kind == "member" and member == contact
        who = "contact" if mine_now else "team" if kind == "member" else "operator"
        day = page.words.day(page.tongue, dutch_day(entry.at))
        days.setdefault(who, {})[day] = None
    for who, on in days.items():
        name = page.session.contact.name if page.session.contact else ""
        label = page.say("own.by_contact", name=name) if who == "contact" and name else None
        yield Looked(
            who=label or page.say("own.by_operator" if who == "operator" else "own.by_team"),
            days=page.say("line.comma").join(list(on)[:DAYS_MAX]),
        )


def _kept(mine: Mine) -> str:
    """How long it is kept after the request was closed: as long as its longest part."""
    days = max((it.retention_days for it in mine.sent.domains), default=0)
    days = days or RETENTION_DAYS_DEFAULT
    if days >= YEAR_DAYS:
        return mine.page.say("own.kept_years", years=str(round(days / (YEAR_DAYS + 0.25))))
    return mine.page.say("own.kept_days", days=str(days))


def _all_rows(mine: Mine) -> Iterator[Row]:
    """Everything that was told, in both languages."""
    page = mine.page
    other = page.tongue.lang != DUTCH.lang
    number = story_card.lines(page, mine.sent, mine.opened.listed.queue)
    yield from (_row(line) for line in number if line.key in ("number", "team", "contact"))
    known = walk(page.flow, page.session).known
    told, in_dutch = read_back.lines(page, known), read_back.lines(page, known, DUTCH)
    for line, beside in zip(told, in_dutch, strict=True):
        same = beside.value == line.value
        yield Row(
            key=line.question,
            label=line.label,
            values=(spans(line.value, ours=False),),
            label_nl=beside.label if other else "",
            values_nl=() if same else (beside.value,),
            own=True,
        )


def _thread(mine: Mine) -> Iterator[tuple[str, str, str]]:
    """What the person and the team wrote to each other: day, who, words."""
    page = mine.page
    for line in _between_people(mine):
        day = page.words.day(page.tongue, dutch_day(line.at))
        yield day, page.say(f"own.from_{line.author}"), line.message.text


def _between_people(mine: Mine) -> Iterator[Line]:
    """Since it was sent: what was said before that is the story and the answers."""
    later = (line for line in mine.thread if line.at > mine.sent.created_at)
    return (line for line in later if line.author in ("inhabitant", "member"))


def _file(mine: Mine) -> object:
    """The request as its contract says; of a signal only what the person told."""
    said = tuple(
        Said(at=line.at.isoformat(), by=line.author, text=line.message.text)
        for line in _between_people(mine)
    )
    if mine.signal:
        return _Told(
            reference=mine.sent.reference,
            created_at=mine.sent.created_at.isoformat(),
            story=mine.sent.story,
            messages=said,
        )
    whole = {name: getattr(mine.sent, name) for name in mine.sent.__struct_fields__}
    return File(**whole, messages=said)


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody told who worries about another."""

    reference: str
    created_at: str
    story: tuple[StoryPart, ...]
    messages: tuple[Said, ...]
