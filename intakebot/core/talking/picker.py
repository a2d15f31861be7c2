"""The language picker: by button, by name or by number. What is told before it is not lost.

Somebody may begin with the story, or with the answer to a question that was not asked yet; both
are kept, and the person reads so, in every language on offer.
"""

from __future__ import annotations

from datetime import datetime

from intakebot.core.events import Effect, Event, Pressed, Said, Tell
from intakebot.core.flow import Flow, Question
from intakebot.core.reading import parsing
from intakebot.core.reviewing import languages_of
from intakebot.core.session import Answer, Saying, Session
from intakebot.core.talking import answering, moves, noticing, telling, wording
from intakebot.core.talking.moves import Result
from intakebot.core.talking.path import basis, walk


def pick(flow: Flow, session: Session, event: Event, at: datetime) -> Result:
    """What this event does while the picker is on screen."""
    picked = _picked(flow, event)
    if picked is not None:
        first = session.tongue is None and session.scope == "full"
        told: tuple[Effect, ...] = (Tell(key="telegram-first"),) if first else ()
        session, more = noticing.spoken(flow, session, picked)
        return session, (*told, *more)
    if not isinstance(event, Said):
        return session, ()
    guess = noticing.guessed(flow, event.text)
    session = session.replace(hint=guess[0] if guess else session.hint)
    session, is_answer = _answered(flow, session, event, at)
    if _says_something(flow, event.text) and is_answer != "whole":
        saying = Saying(text=event.text, lang=None, at=at, ref=event.ref)
        return telling.told(session, saying, Tell(key="joined-story"))
    return session, (Tell(key="noted"),) if is_answer else ()


def offered(flow: Flow, hint: str | None) -> str | None:
    """The language that the device speaks, where it is on offer: of "ar-SY" that is Arabic."""
    spoken = (hint or "").partition("-")[0]
    return spoken if spoken in languages_of(flow.region.languages) else None


def _picked(flow: Flow, event: Event) -> str | None:
    choices = moves.languages(flow)
    if isinstance(event, Pressed):
        return event.id if any(option.id == event.id for option in choices) else None
    if isinstance(event, Said):
        return parsing.read_choice(flow.spoken, wording.DUTCH, choices, event.text)
    return None


def _answered(flow: Flow, session: Session, said: Said, at: datetime) -> tuple[Session, str]:
    """The answer to the first question, when its label is the "whole" text or a "part" of it."""
    path = walk(flow, session)
    named = answering.label_in(flow, path.open, said.text) if path.open else None
    if session.tongue is not None or path.open is None or named is None:
        return session, ""
    answer = Answer(
        question=path.open.key,
        value=named,
        at=at,
        said=said.text,
        ref=said.ref,
        basis=basis(path.open, path.known),
    )
    whole = _is_label(flow, path.open, said.text)
    return answering.remembered(session, answer), "whole" if whole else "part"


def _is_label(flow: Flow, question: Question, text: str) -> bool:
    return parsing.short_form(flow.spoken, text) in answering.labels(flow, question)


def _says_something(flow: Flow, text: str) -> bool:
    """Whether this is worth keeping as a story: it is long, or we hear what it is about."""
    heard = flow.hear((text,), None)
    return parsing.story_like(text) or bool(heard.domains or heard.facts)
