"""The engine: what one event does to one session. Everything that decides a conversation is here.

Rules
1. `step` is pure and total. It reads no clock (`at` comes in), draws no chance, does no I/O and
   raises for nothing that an inhabitant can send. Only an outcome, a session and effects come out.
2. The open question is derived by walking the flow (`path.walk`). Nothing here stores a position;
   `asked` and `turn` only say what is on screen, so that a late button can be told from a good one.
3. Safety comes before everything: BSNs are masked and crisis signals looked for in every message,
   also in a stop, a skip or a caption. A card is added; the conversation goes on.
4. Moves (back, skip, stop …) work at every moment, by word and by button.
5. Nothing is mandatory, nothing is asked twice, and every event gets a reply, unless a person has
   the word: then the bot keeps silent, except for the card, "not safe" and stop.
6. After a hand-over or "throw away" nothing stays: `Erase` is the last effect about that story.

Stations of one event, in order: `_listen` (masking, signals), then one of: a move (`moves`), an
aside (`moves`), a sent request (`afterwards`), the language picker, the open question; then
`_onward` tells what stands before the next question and asks it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import assert_never

import msgspec

from intakebot.core.events import (
    Amend,
    Ask,
    Began,
    Blocked,
    ClosedByTeam,
    Edited,
    Effect,
    Erase,
    Event,
    Expired,
    Fetch,
    GaveBack,
    HandOver,
    Late,
    Marked,
    NoteForTeam,
    OfferWeb,
    PromisePassed,
    Reminded,
    Said,
    Sent,
    SharedPlace,
    ShowCard,
    StartAgain,
    Submit,
    Taken,
    Tell,
    Unreadable,
    Wrote,
)
from intakebot.core.flow import Flow, Kind, Question
from intakebot.core.hearing.masking import mask
from intakebot.core.hearing.safety import find
from intakebot.core.law.clocks import dutch_day
from intakebot.core.limits import (
    DECISIONS_MAX,
    SAID_CHARS_MAX,
    SIGNALS_MAX,
    TURNS_MAX,
)
from intakebot.core.reading import parsing
from intakebot.core.session import Answer, Outcome, Saying, Session, Signal
from intakebot.core.talking import afterwards, answering, moves, noticing, picker, telling
from intakebot.core.talking.moves import LANGUAGE, Result
from intakebot.core.talking.path import Path, basis, walk

# Events that say nothing about the question on screen: it is shown again, an aside too.
WITHOUT_MEANING = (Began, Late, Unreadable, SharedPlace)
UNFINISHED = (Outcome.OPEN, Outcome.KEPT)
# Nothing is kept of these; the next event begins anew.
GONE = (Outcome.HANDED_OVER, Outcome.THROWN_AWAY)
# What works in a Telegram that is only a front door.
AT_THE_DOOR = ("/unsafe", "/stop", "/erase", "/withdraw")


def step(flow: Flow, session: Session, event: Event, at: datetime) -> Result:
    """The session after this event, and what is to be done about it, in order."""
    match event:
        case Taken() | Wrote() | GaveBack() | ClosedByTeam():
            gone = session.outcome in GONE
            return (session, ()) if gone else afterwards.from_team(session, event)
        case PromisePassed():
            return afterwards.promise_passed(session)
        case Reminded() | Expired() if session.outcome not in UNFINISHED:
            return session, ()  # the clock was read before the last word came in
        case Reminded():
            return session, (Tell(key="reminder", unasked=True),)
        case Expired():
            gone_now = session.emptied(Outcome.THROWN_AWAY)
            return gone_now, (Tell(key="expired", unasked=True), Erase())
        case Blocked():
            return session, _about_reach(session, on=event.on)
        case _:
            return _from_person(flow, session, event, at)


def _about_reach(session: Session, *, on: bool) -> tuple[Effect, ...]:
    """The team hears when a person with a request cannot be reached here, or can again."""
    if session.outcome is not Outcome.SUBMITTED:
        return ()
    return (NoteForTeam(key="unreachable" if on else "reachable"),)


def _from_person(flow: Flow, session: Session, event: Event, at: datetime) -> Result:
    """An event of the inhabitant: listened to first, then handled."""
    session, event, heard = _listen(flow, session, event)
    if session.outcome in GONE:
        return session.emptied(session.outcome), (*heard, StartAgain())
    if session.outcome is Outcome.KEPT:
        session = session.replace(outcome=Outcome.OPEN, asked=None)
        heard += (Tell(key="resumed"),)
    if len(_text_of(event)) > SAID_CHARS_MAX:
        after, effects = _settled(flow, session, (Tell(key="too-long"),), at)
    else:
        after, effects = _handle(flow, session, event, at)
    return after, _with_one_card(heard + effects)


def _with_one_card(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """The same effects with one crisis card at most, in front, for all that was found."""
    cards = [effect for effect in effects if isinstance(effect, ShowCard)]
    if not cards:
        return effects
    categories = tuple(dict.fromkeys(code for card in cards for code in card.categories))
    rest = tuple(effect for effect in effects if not isinstance(effect, ShowCard))
    return (ShowCard(categories=categories), *rest)


def _listen(
    flow: Flow, session: Session, event: Event
) -> tuple[Session, Event, tuple[Effect, ...]]:
    """Mask and look for signals, before anything else is done with a text."""
    text = _text_of(event)
    if not text:
        return session, event, ()
    masked = mask(text)
    found = find(flow.phrases, masked.text)
    seen = {signal.category for signal in session.signals}
    new = tuple(
        Signal(category=f.category, strength=f.strength, question=session.asked, words=f.words)
        for f in found
    )
    shown = tuple(f.category for f in found if f.strength == "hard" or f.category not in seen)
    effects: tuple[Effect, ...] = (ShowCard(categories=shown),) if shown else ()
    if masked.count:
        effects += (Tell(key="bsn-masked"),)
    if session.outcome is Outcome.SUBMITTED:
        effects += tuple(
            NoteForTeam(key="signal", text=signal.words)
            for signal in new
            if signal.strength == "hard"
        )
    kept = tuple(dict.fromkeys(session.signals + new))[:SIGNALS_MAX]
    session = session.replace(signals=kept, masked=session.masked + masked.count)
    field = "caption" if isinstance(event, Sent) else "text"
    return session, msgspec.structs.replace(event, **{field: masked.text}), effects


def _text_of(event: Event) -> str:
    match event:
        case Said() | Edited():
            return event.text
        case Sent():
            return event.caption or ""
        case _:
            return ""


def _handle(flow: Flow, session: Session, event: Event, at: datetime) -> Result:
    """Send the event to the one place that knows what it means now."""
    move = moves.named(flow, session, event)
    at_the_door = session.scope == "front-door" and session.tongue is not None
    if at_the_door and session.aside is None and move not in AT_THE_DOOR:
        return session, (Tell(key="front-door"), OfferWeb())
    if session.outcome is not Outcome.OPEN:
        return afterwards.handle(flow, session, event, move)
    if move is not None:
        session, effects = moves.make(flow, session, move, at)
        return _settled(flow, session, effects, at)
    if session.aside is not None and not isinstance(event, WITHOUT_MEANING):
        answered = moves.answer_aside(flow, session, event, session.aside)
        if answered is not None:
            return _settled(flow, answered[0], answered[1], at)
        session = session.replace(aside=None)
    after, effects = _in_conversation(flow, session, event, at)
    session = noticing.noticed(flow, session, after, event)
    return _settled(flow, session, effects, at)


def _in_conversation(flow: Flow, session: Session, event: Event, at: datetime) -> Result:
    """An event while questions are open."""
    match event:
        case Began(hint=hint):
            return session.replace(hint=picker.offered(flow, hint) or session.hint), ()
        case Late():
            # Also when nothing is on screen here: it may be, through another channel.
            return session, (Tell(key="stale"),) if session.turn else ()
        case Unreadable():
            return session, (Tell(key="unreadable"),)
        case SharedPlace():
            return session, (Tell(key="place-shared"),)
        case Sent():
            return telling.attached(flow, session, event, at)
        case Edited():
            return telling.edited(flow, session, event, at)
        case _ if session.tongue is None or session.editing == LANGUAGE:
            return picker.pick(flow, session, event, at)
        case _:
            return _to_question(flow, session, event, at)


def _to_question(flow: Flow, session: Session, event: Event, at: datetime) -> Result:
    """The event meets the open question."""
    path = walk(flow, session)
    question = path.open
    if question is None:
        return session, ()
    if isinstance(event, Marked):
        return _marked(session, question, path, event)
    remark = _asks_decision(flow, session, event, at)
    joins = question.kind is Kind.STORY or _long_text(event)
    if remark is not None and not joins:
        return remark
    session, effects = remark or (session, ())
    if session.turn >= TURNS_MAX and question.kind is not Kind.READ_BACK:
        return session, (*effects, Tell(key="too-many"))
    asking = answering.Asking(
        flow=flow, session=session, question=question, known=path.known, today=dutch_day(at)
    )
    reading = _heeded(asking, event, answering.read(asking, event))
    # After a pause, and in a narrow Telegram, the open question is not on screen.
    unseen = isinstance(event, Said) and session.asked is None and session.turn > 0
    if unseen and not answering.stands_unseen(asking, reading):
        return session, effects
    match reading:
        case answering.Given():
            after, more = _given(asking, reading, at)
        case answering.Joined():
            after, more = _joined(asking, reading, at)
        case answering.Placed():
            after, more = _placed(asking, reading, at)
        case answering.Ticked():
            after, more = session.replace(marks=reading.marks), ()
        case answering.WantsChange():
            after, more = moves.change(flow, session, reading.question)
        case answering.Misread():
            after, more = session, (Tell(key=reading.tell),)
        case _:
            assert_never(reading)
    return after, effects + more


def _heeded(
    asking: answering.Asking, event: Event, reading: answering.Reading
) -> answering.Reading:
    """A cry for help is no name and is never "not understood": it is a part of the story."""
    if not isinstance(event, Said):
        return reading
    lost = isinstance(reading, answering.Misread)
    if not lost and asking.question.kind not in (Kind.NAME, Kind.PLACE):
        return reading
    found = find(asking.flow.phrases, event.text)
    if any(signal.strength == "hard" for signal in found):
        return answering.Joined(text=event.text, ref=event.ref)
    return reading


def _given(asking: answering.Asking, given: answering.Given, at: datetime) -> Result:
    """An answer: kept with the ground it stands on. The read-back sends."""
    session, question = asking.session, asking.question
    if question.kind is Kind.READ_BACK:
        return session.replace(outcome=Outcome.SUBMITTED, editing=None), (Submit(),)
    answer = Answer(
        question=question.key,
        value=given.value,
        at=at,
        said=given.said,
        ref=given.ref,
        basis=basis(question, asking.known),
    )
    earlier = next((a for a in session.answers if a.question == question.key), None)
    changed = (
        session.editing is not None
        and question.kind is not Kind.STORY
        and (earlier is None or earlier.value != given.value)
    )
    session = answering.remembered(session, answer).replace(editing=None)
    return session, (Tell(key="changed"),) if changed else ()


def _placed(asking: answering.Asking, placed: answering.Placed, at: datetime) -> Result:
    """A place instead of a postcode: the question after it is answered, this one is skipped."""
    skipped = answering.Given(value=None, said=placed.said, ref=placed.ref)
    session, _ = _given(asking, skipped, at)
    path = walk(asking.flow, session)
    if path.open is None or path.open.kind is not Kind.PLACE:
        return asking.session, (Tell(key="not-postcode"),)
    then = replace(asking, session=session, question=path.open, known=path.known)
    return _given(then, skipped.replace(value=placed.place), at)


def _joined(asking: answering.Asking, joined: answering.Joined, at: datetime) -> Result:
    """One more message of the story, also when another question was open."""
    session = asking.session
    saying = Saying(text=joined.text, lang=telling.spoken_in(session), at=at, ref=joined.ref)
    if asking.question.kind is Kind.STORY:
        return telling.told(session, saying)
    label = answering.label_in(asking.flow, asking.question, joined.text)
    if label is not None:  # the story begins with the answer: "Voor mijn gezin. Wij hebben …"
        session, _ = _given(asking, answering.Given(value=label, ref=joined.ref), at)
    return telling.told(session, saying, Tell(key="joined-story"))


def _marked(session: Session, question: Question, path: Path, event: Marked) -> Result:
    """One tick on or off; it carries the wanted state, so a second delivery changes nothing."""
    many = question.kind in (Kind.CHOICES, Kind.DOMAINS)
    if not many or event.id not in {choice.id for choice in question.choices}:
        return session, ()
    now = answering.ticks(session, question, path.known)
    rest = tuple(code for code in now if code != event.id)
    marks = (*rest, event.id) if event.on else rest
    session = session.replace(marks=marks)
    if session.asked != question.key:  # it is not on screen: it is shown whole
        return session, ()
    return session, (Amend(question=question.key),)


def _long_text(event: Event) -> bool:
    return isinstance(event, Said) and parsing.story_like(event.text)


def _asks_decision(flow: Flow, session: Session, event: Event, at: datetime) -> Result | None:
    """Questions about entitlement or residence: a person answers those, never we."""
    if not isinstance(event, Said):
        return None
    lang = telling.spoken_in(session)
    heard = {fact.name for fact in flow.hear((event.text,), lang).facts}
    tells = [key for name, key in moves.DECISIONS.items() if name in heard]
    if not tells:
        return None
    saying = Saying(text=event.text, lang=lang, at=at, ref=event.ref)
    asked = (*session.questions, saying)[:DECISIONS_MAX]
    return session.replace(questions=asked), tuple(Tell(key=key) for key in tells)


def _settled(flow: Flow, session: Session, effects: tuple[Effect, ...], at: datetime) -> Result:
    """After the event: hand over, end, wait in an aside, or go on with the next question."""
    if effects and all(isinstance(effect, Fetch) for effect in effects):
        return session, effects  # one more picture of an album: the question stands already
    if session.outcome is not Outcome.OPEN or any(isinstance(e, Erase | Amend) for e in effects):
        return session, effects
    if session.aside is not None:
        return moves.on_screen(session, effects, f"aside:{session.aside.value}")
    if session.tongue is None or session.editing == LANGUAGE:
        return moves.on_screen(session, effects, LANGUAGE)
    return _onward(flow, session, effects, at)


def _onward(flow: Flow, session: Session, effects: tuple[Effect, ...], at: datetime) -> Result:
    """Tell what stands before the next question, then ask it."""
    if session.scope == "front-door":
        return session, (*effects, Tell(key="front-door"), OfferWeb())
    path = walk(flow, session)
    found = flow.place_of(path.known.value("postcode"), path.known.value("plaats"))
    if found.neighbour is not None:
        gone = session.emptied(Outcome.HANDED_OVER)
        return gone, (*effects, HandOver(gm=found.neighbour.gm), Erase())
    for statement in path.statements:
        effects += (Ask(question=statement.key),)
        session = answering.remembered(session, Answer(question=statement.key, value="", at=at))
    if path.open is None:
        return session.replace(outcome=Outcome.SUBMITTED), (*effects, Submit())
    if session.scope == "short" and path.open.private:
        return session.replace(asked=None), (*effects, OfferWeb())
    return moves.on_screen(session, effects, path.open.key)
