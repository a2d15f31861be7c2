"""Noticing: who writes in another language than was picked is offered that one, once, and no more.

What was written is kept first, as the answer or as a part of the story. Nothing is offered beside a
crisis card. The person picks; we never switch.
"""

from __future__ import annotations

from intakebot.core.events import Effect, Event, Said, Tell
from intakebot.core.flow import Flow, Kind
from intakebot.core.hearing.safety import find
from intakebot.core.hearing.tongues import tongues
from intakebot.core.region import is_unreviewed
from intakebot.core.reviewing import languages_of
from intakebot.core.session import Aside, Outcome, Session
from intakebot.core.talking import wording

# Said once a session: to who picks a language that no native reader has read …
UNREVIEWED = "unreviewed"
# … and the offer of the language that somebody writes in.
OFFER = "offer"
STAY = "nee"


def noticed(flow: Flow, before: Session, after: Session, event: Event) -> Session:
    """The session after this event; with the offer, where its words are in another language."""
    calm = after.aside is None and after.outcome is Outcome.OPEN and OFFER not in after.told
    if not isinstance(event, Said) or before.tongue is None or not calm:
        return after
    guess = guessed(flow, event.text) if _was_kept(flow, before, after) else ()
    if not guess or before.tongue.lang in guess:
        return after
    if find(flow.phrases, event.text):  # no question beside the card, which then speaks both
        return after.replace(guess=guess)
    return after.replace(aside=Aside.TONGUE, guess=guess, told=(*after.told, OFFER))


def _was_kept(flow: Flow, before: Session, after: Session) -> bool:
    """Whether free words were kept. A name, a place or a number has no language."""
    if after.story != before.story:
        return True
    asked = flow.by_key.get(before.asked or "")
    is_free = asked is not None and asked.kind is Kind.TEXT
    return is_free and after.answers != before.answers


def guessed(flow: Flow, text: str) -> tuple[str, ...]:
    """The languages on offer in which this may be written, the likeliest first."""
    offered = languages_of(flow.region.languages)
    return tuple(lang for lang in tongues(flow.lexicon, text) if lang in offered)


def spoken(flow: Flow, session: Session, code: str) -> tuple[Session, tuple[Effect, ...]]:
    """From now on in the language of this code; and what is told once of words nobody has read."""
    tongue = wording.tongue_of(code)
    session = session.replace(tongue=tongue, editing=None)
    if not is_unreviewed(flow.region, tongue.lang) or UNREVIEWED in session.told:
        return session, ()
    return session.replace(told=(*session.told, UNREVIEWED)), (Tell(key=UNREVIEWED),)


def answered(flow: Flow, closed: Session, said: str) -> tuple[Session, tuple[Effect, ...]]:
    """What the person chose: the language that was offered, or the one that was picked."""
    return (closed, ()) if said == STAY else spoken(flow, closed, said)
