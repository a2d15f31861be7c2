"""One event, one response: the step, its messages in final words, and what is to be stored.

Everything here is pure; chance comes in as `Fresh`. `intake` writes a `Response` in the same
transaction that took the event in; the terminal keeps it in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, assert_never
from zoneinfo import ZoneInfo

from intakebot.core.events import (
    Amend,
    Ask,
    AskErasure,
    Began,
    Chose,
    Edited,
    Effect,
    Erase,
    Event,
    Fetch,
    HandOver,
    Late,
    MarkContact,
    Marked,
    Message,
    NoteForTeam,
    OfferWeb,
    PassOn,
    Pressed,
    Relay,
    Said,
    Sent,
    SharedPhone,
    ShowCard,
    StartAgain,
    Submit,
    Tell,
    Withdraw,
)
from intakebot.core.flow import Flow
from intakebot.core.hearing.masking import mask
from intakebot.core.law import building
from intakebot.core.region import Region, municipality_of, team_of
from intakebot.core.request import Request
from intakebot.core.session import Attachment, Outcome, Promise, Session
from intakebot.core.talking import moves, render
from intakebot.core.talking.confirming import confirmation
from intakebot.core.talking.engine import step
from intakebot.core.talking.page import Page, Words
from intakebot.core.talking.path import to_ask, walk

ZONE = ZoneInfo("Europe/Amsterdam")
# Moves that do no harm when the button is an old one: a person in danger presses what is in sight.
ALWAYS = ("/unsafe", "/help", "/person")


@dataclass(frozen=True, kw_only=True)
class Fresh:
    """What chance gives for one event."""

    reference: str  # for a request, when this event sends one
    session_id: str  # for a new session, when this event starts over


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """When and where an event came in, and what chance gives for it."""

    at: datetime  # aware
    channel: str
    fresh: Fresh


@dataclass(frozen=True, kw_only=True)
class Response:
    """What came of one event."""

    session: Session
    messages: tuple[Message, ...] = ()
    request: Request | None = None
    erase: bool = False
    withdraw: bool = False
    ask_erasure: bool = False
    contacted: Literal["ja", "nee", "nog_niet"] | None = None  # to write on the request
    relays: tuple[Relay, ...] = ()
    fetches: tuple[Attachment, ...] = ()
    notes: tuple[NoteForTeam, ...] = ()
    offers_web: bool = False  # a one-time link to the web chat follows the messages
    started: Session | None = None  # a new session in the same chat
    started_messages: tuple[Message, ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What every response is made with: the flow, the words, and the stamp on buttons."""

    flow: Flow
    words: Words
    stamp: Callable[[str], str]  # a token that only we can make
    web_address: str = ""

    def respond(self, session: Session, event: Event, now: Circumstances) -> Response:
        """The response to this event; days are those of the Netherlands."""
        bound = self._bound(session, event)
        after, effects = step(self.flow, session, bound, now.at)
        response = Response(session=after)
        for effect in effects:
            response = self._carry(response, effect, now)
        return _amending(response, event)

    def again(self, session: Session, at: datetime) -> tuple[Message, ...]:
        """The question on screen once more, after nobody could reach us; nothing without one.

        It keeps its turn, so the buttons of the first copy go on working too.
        """
        if session.outcome is not Outcome.OPEN or session.asked is None:
            return ()
        page = self._page(session, at)
        ask = Ask(question=session.asked)
        return render.tell(page, Tell(key="away")), render.ask(page, ask, self.prompt(session))

    def echo(
        self, session: Session, event: Event, at: datetime, shown: Message | None = None
    ) -> str | None:
        """What the person said or pressed, in words, as the chat shows it back. BSNs masked.

        *shown*: the question on screen, where it is known; else it is worked out again.
        """
        match event:
            case Said() | Edited():
                return mask(event.text).text
            case Sent():
                spoken = "line.voice" if event.attachment.kind == "voice" else "line.file"
                said = mask(event.caption or "").text
                return said or self._page(session, at).say(spoken)
            case SharedPhone():
                return event.number
            case Pressed() | Chose():
                shown = shown or self._on_screen(session, at)
                ids = (event.id,) if isinstance(event, Pressed) else event.ids
                labels = [button.label for button in shown.buttons if button.id in ids]
                return ", ".join(labels) or None
            case _:
                return None

    def _on_screen(self, session: Session, at: datetime) -> Message:
        ask = Ask(question=session.asked or moves.LANGUAGE)
        return render.ask(self._page(session, at), ask, "")

    def prompt(self, session: Session) -> str:
        """The token of the question on screen: the same for every copy of that question."""
        return self.stamp(f"{session.id}|{session.turn}|{session.asked}")

    def _bound(self, session: Session, event: Event) -> Event:
        """A press under another question than the one on screen is late; it answers nothing."""
        if not isinstance(event, Pressed | Chose | Marked) or event.prompt is None:
            return event
        if event.prompt == self.prompt(session):
            return event
        if isinstance(event, Pressed) and event.id in ALWAYS:
            return event
        return Late()

    def _carry(self, response: Response, effect: Effect, now: Circumstances) -> Response:
        """The response with this effect carried out."""
        page = self._page(response.session, now.at)
        match effect:
            case Tell() | Ask() | Amend() | ShowCard() | HandOver() | PassOn():
                return _with(response, self._message(page, effect))
            case OfferWeb():
                return replace(response, offers_web=True)
            case Submit():
                return self._submit(response, now)
            case StartAgain():
                return self._start_again(response, now)
            case Erase():
                self.flow.forget()
                return replace(response, erase=True)
            case Withdraw():
                return replace(response, withdraw=True)
            case AskErasure():
                return replace(response, ask_erasure=True)
            case Relay():
                return replace(response, relays=(*response.relays, effect))
            case MarkContact():
                return replace(response, contacted=effect.contacted)
            case Fetch():
                return replace(response, fetches=(*response.fetches, effect.attachment))
            case NoteForTeam():
                return replace(response, notes=(*response.notes, effect))
            case _:
                assert_never(effect)

    def _message(
        self, page: Page, effect: Tell | Ask | Amend | ShowCard | HandOver | PassOn
    ) -> Message:
        match effect:
            case Tell():
                return render.tell(page, effect)
            case Ask():
                return render.ask(page, effect, self.prompt(page.session))
            case Amend():
                return render.amend(page, effect, self.prompt(page.session))
            case ShowCard():
                return render.card(page, effect)
            case HandOver():
                return render.hand_over(page, effect)
            case PassOn():
                contact = page.session.contact
                return render.pass_on(page, effect, contact.name if contact else "")
            case _:
                assert_never(effect)

    def _submit(self, response: Response, now: Circumstances) -> Response:
        """Build and route the request, and confirm it."""
        session = response.session
        path = walk(self.flow, session)
        request = building.build(
            self.flow,
            session,
            path.known,
            channel=now.channel,
            reference=now.fresh.reference,
            created_at=now.at,
            to_ask=to_ask(path),
        )
        session = session.replace(
            reference=request.reference,
            asked=None,
            only_thanks=request.type == "zorgsignaal_derde",
            promise=_promise(self.flow.region, request),
        )
        page = self._page(session, now.at)
        found = self.flow.place_of(path.known.value("postcode"), path.known.value("plaats"))
        message = confirmation(page, request, found.municipality)
        return _with(replace(response, session=session, request=request), message)

    def _start_again(self, response: Response, now: Circumstances) -> Response:
        old = response.session
        new = Session(
            id=now.fresh.session_id,
            flow=self.flow.revision.id,
            revision=self.flow.revision.revision,
            started_at=now.at,
            scope=old.scope,
            tongue=old.tongue,
        )
        begun = self.respond(new, Began(), now)
        told = render.tell(self._page(new, now.at), Tell(key="restarted"))
        return replace(response, started=begun.session, started_messages=(told, *begun.messages))

    def _page(self, session: Session, at: datetime) -> Page:
        return Page(
            flow=self.flow,
            session=session,
            words=self.words,
            today=at.astimezone(ZONE).date(),
            web_address=self.web_address,
        )


def _amending(response: Response, event: Event) -> Response:
    """Each amendment with the message whose button was pressed: another may be the newest by now.

    What was typed stands under nothing.
    """
    if not isinstance(event, Pressed | Marked) or event.under is None:
        return response
    messages = (it.replace(under=event.under) if it.amends else it for it in response.messages)
    return replace(response, messages=tuple(messages))


def _with(response: Response, message: Message) -> Response:
    return replace(response, messages=(*response.messages, message))


def _promise(region: Region, request: Request) -> Promise | None:
    """What the confirmation promised; who worries about another is promised nothing."""
    if request.type == "zorgsignaal_derde":
        return None
    queue = request.routing.queue
    found, municipality = team_of(region, queue), municipality_of(region, queue)
    name = found.label if found else municipality.name if municipality else region.name
    number = found.phone if found else municipality.phone if municipality else None
    return Promise(on=request.promise_on, team=name, phone=number.number if number else None)
