"""After sending: the request has an owner or a queue, and the conversation is about that.

While a contact person has the word the bot keeps silent: what the person writes goes to the
contact person, and only the crisis card, "not safe" and stop still come from us.
"""

from __future__ import annotations

from typing import assert_never

from intakebot.core.events import (
    AskErasure,
    Began,
    Chose,
    ClosedByTeam,
    Edited,
    Effect,
    Event,
    Fetch,
    GaveBack,
    Late,
    MarkContact,
    Marked,
    NoteForTeam,
    OfferWeb,
    PassOn,
    Pressed,
    Relay,
    Said,
    Sent,
    SharedPhone,
    StartAgain,
    Taken,
    Tell,
    Withdraw,
    Wrote,
)
from intakebot.core.flow import Flow
from intakebot.core.hearing.masking import mask
from intakebot.core.limits import ATTACHMENT_BYTES_MAX, ATTACHMENTS_MAX
from intakebot.core.session import Aside, Outcome, Session, Tongue
from intakebot.core.talking import moves, wording
from intakebot.core.talking.moves import Result
from intakebot.core.talking.path import walk
from intakebot.core.talking.telling import one_more_of_an_album


def from_team(session: Session, event: Taken | Wrote | GaveBack | ClosedByTeam) -> Result:
    """What the team did, told to the inhabitant at a safe time; of a signal nothing is told."""
    match event:
        case Taken() | GaveBack() if session.only_thanks:
            return session, ()
        case ClosedByTeam() if session.only_thanks:
            return session.replace(closed=True), ()
        case Taken():
            card = event.contact
            values = {"name": card.name, "phone": card.phone or "", "team": card.team}
            key = "taken" if card.phone else "taken-chat"
            return session.replace(contact=card), (Tell(key=key, values=values, unasked=True),)
        case Wrote():
            told = (PassOn(text=event.text),)
            mark = (MarkContact(contacted="ja"),) if session.contacted == "nee" else ()
            contacted = "ja" if mark else session.contacted
            session = session.replace(checked=True, contacted=contacted)
            if session.aside is Aside.CONTACTED:  # a "yes" that follows is meant for the member
                session = session.replace(aside=None, asked=None)
            return session, (*told, *mark)
        case GaveBack():
            return session.replace(contact=None), (Tell(key="given-back", unasked=True),)
        case ClosedByTeam():
            ended = session.replace(closed=True, contact=None)
            return ended, (Tell(key="closed", unasked=True),)
        case _:
            assert_never(event)


def promise_passed(session: Session) -> Result:
    """Ask once whether there was contact; not when the request ended meanwhile."""
    if session.outcome is not Outcome.SUBMITTED or session.closed or session.checked:
        return session, ()
    asking = session.replace(aside=Aside.CONTACTED, checked=True)
    return moves.on_screen(asking, (), f"aside:{Aside.CONTACTED}", unasked=True)


def handle(flow: Flow, session: Session, event: Event, move: str | None) -> Result:
    """An event of the inhabitant after sending, or after it ended."""
    if move == "/who" and session.contact is not None:
        move = None  # it is asked of the contact person
    if move == "/change" and session.contact is not None and isinstance(event, Said):
        move = None  # and so is what is typed about a mistake
    if move is None and session.aside is not None and not isinstance(event, Late):
        answered = _answer_aside(flow, session, event, session.aside)
        if answered is not None:
            return answered
        if session.aside is not Aside.CONTACTED:  # stays: what was written goes on to the team
            session = session.replace(aside=None)
    if move is not None:
        if session.aside is Aside.REWORDING:  # what is written next is about something else
            session = session.replace(aside=None, correcting=None)
        return _move(flow, session, move)
    match event:
        case Said() | Edited():
            return _relayed(session, event.text)
        case Sent():
            return _sent(session, event)
        case SharedPhone():
            return _relayed(session, mask(event.number).text)
        case Began():
            return session, (_where_it_stands(session),)
        case _ if session.aside is not None:
            return _asking(session, ())
        case Pressed() | Chose() | Marked() | Late():  # the contact person does not see it
            return session, (_where_it_stands(session),)
        case _:
            return session, () if session.contact else (_where_it_stands(session),)


def _relayed(session: Session, text: str) -> Result:
    """To the contact person in silence; else to the team, with a word of what follows."""
    relay = Relay(text=text)
    if session.contact is not None:
        return session, (relay,)
    known_closed = session.closed and not session.only_thanks
    return session, (relay, Tell(key="closed-added" if known_closed else "added"))


def _sent(session: Session, event: Sent) -> Result:
    if event.attachment.bytes > ATTACHMENT_BYTES_MAX:
        return session, (Tell(key="attachment-too-big"),)
    if len(session.attachments) >= ATTACHMENTS_MAX:
        return session, (Tell(key="attachments-full"),)
    more = one_more_of_an_album(session, event)
    session = session.replace(attachments=(*session.attachments, event.attachment))
    relay = Relay(text=event.caption or "", attachment=event.attachment.id)
    told: tuple[Effect, ...] = () if session.contact or more else (Tell(key="added"),)
    return session, (Fetch(attachment=event.attachment), relay, *told)


def _move(flow: Flow, session: Session, move: str) -> Result:
    """The moves that make sense after sending; the others get the state of things."""
    open_request = session.outcome is Outcome.SUBMITTED and not session.closed
    match move:
        case "/unsafe":
            return _asking(*moves.unsafe(session))
        case "/withdraw" if open_request:
            return _asking(session.replace(aside=Aside.WITHDRAWING), ())
        case "/erase":
            return _asking(session.replace(aside=Aside.ERASING), ())
        case "/mine" if session.outcome is Outcome.SUBMITTED:
            here = session.scope == "web"
            return session, (Tell(key="mine-here") if here else OfferWeb(),)
        case "/change" if open_request:
            return _asking(session.replace(aside=Aside.CORRECTING), ())
        case "/back" if session.asked is not None:
            return session.replace(aside=None, asked=None), (Tell(key="nothing-changed"),)
        case "/person" if open_request:
            phone = walk(flow, session).known.value("telefoon")
            note = NoteForTeam(key="call_me", text=phone or "")
            return session.replace(wants_call=True), (note, Tell(key="call-noted"))
        case "/no-call" if open_request and session.wants_call:
            session, effects = moves.drop_call(session)
            return session, (NoteForTeam(key="no_call"), *effects)
        case "/who":
            return session, (Tell(key="about-computer"), _where_it_stands(session))
        case "/stop":
            return session, (Tell(key="stopped-after"),)
        case "/shared":
            return moves.shared(session)
        case "/restart":
            return session, (StartAgain(),)
        case "/help" if session.contact is None:
            return session, (Tell(key="help-after"),)
        case _:
            return session, (_where_it_stands(session),)


def _where_it_stands(session: Session) -> Tell:
    """The state of the request in one sentence: number, and who is the contact person."""
    values = {"reference": session.reference or ""}
    if session.outcome is Outcome.WITHDRAWN:
        return Tell(key="withdrawn", values=values)
    if session.only_thanks:
        return Tell(key="status-signal")
    if session.closed:
        return Tell(key="closed", values=values)
    if session.contact is not None:
        name, team = session.contact.name, session.contact.team
        values |= {"name": name, "team": team}
        promise = session.promise
        phone = session.contact.phone or (promise.phone if promise else None)
        if promise is None or phone is None:
            return Tell(key="status-taken", values=values)
        return Tell(key="status-has", values={**values, "phone": phone})
    if session.promise is not None and session.promise.phone:
        values |= {"team": session.promise.team, "phone": session.promise.phone}
        return Tell(key="status-waits", values=values)
    return Tell(key="status-sent", values=values)


def _answer_aside(flow: Flow, session: Session, event: Event, aside: Aside) -> Result | None:
    """Danger now, withdraw, erase, what is not right, or whether there was contact."""
    if aside is Aside.REWORDING and isinstance(event, Said):
        return _corrected(flow, session, event.text)
    said = moves.aside_choice(flow, session, event, aside)
    if said is None:
        return None
    if said == moves.UNSURE:
        return _asking(session, moves.unsure(aside))
    closed = session.replace(aside=None, asked=None)
    match aside:
        case Aside.DANGER:
            after, effects = moves.danger(closed, said)
            note = (NoteForTeam(key="danger_now"),) if said == "ja" else ()
            return after, (*note, *effects)
        case Aside.WITHDRAWING if said == "ja":
            gone = closed.replace(outcome=Outcome.WITHDRAWN, contact=None)
            return gone, (Withdraw(), Tell(key="withdrawn"))
        case Aside.ERASING if said == "ja":
            return closed, (AskErasure(), Tell(key="erasure-passed"))
        case Aside.CORRECTING:
            return _asking(closed.replace(aside=Aside.REWORDING, correcting=said), ())
        case Aside.CONTACTED:
            return _contacted(closed, said)
        case _:
            return closed, (Tell(key="nothing-changed"),)


def _corrected(flow: Flow, session: Session, text: str) -> Result:
    """The team reads what should be there; what was sent is not rewritten by us."""
    question = flow.by_key.get(session.correcting or "")
    dutch = Tongue(lang=wording.DUTCH)
    line = wording.line_label(flow, question, dutch) if question else session.correcting or ""
    note = NoteForTeam(key="correction", text=f"{line}: {text}")
    after = session.replace(aside=None, asked=None, correcting=None)
    return after, (note, Tell(key="correction-passed"))


def _contacted(session: Session, said: str) -> Result:
    """Whether there was contact: the request shows it, and "no" says so to the team in words."""
    match said:
        case "ja":
            told: tuple[Effect, ...] = (MarkContact(contacted="ja"), Tell(key="contact-yes"))
        case "nog_niet":
            note = NoteForTeam(key="appointment")
            told = (MarkContact(contacted="nog_niet"), note, Tell(key="contact-later"))
        case _:
            note, state = NoteForTeam(key="no_contact"), _where_it_stands(session)
            told = (MarkContact(contacted="nee"), note, Tell(key="contact-no"), state)
    return session.replace(contacted=said), told


def _asking(session: Session, effects: tuple[Effect, ...]) -> Result:
    """Put the aside on screen."""
    aside = session.aside
    return (
        moves.on_screen(session, effects, f"aside:{aside.value}") if aside else (session, effects)
    )
