"""The story and what is added to it: messages, voice notes, photos, and edits of earlier messages.

All of it is bounded (`limits`); what does not fit gets a sentence and changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from intakebot.core.events import Edited, Effect, Fetch, Said, Sent, Tell
from intakebot.core.flow import Flow, Kind, Question
from intakebot.core.law.clocks import dutch_day
from intakebot.core.limits import (
    ATTACHMENT_BYTES_MAX,
    ATTACHMENTS_MAX,
    STORY_CHARS_MAX,
    STORY_MESSAGES_MAX,
)
from intakebot.core.session import Answer, Saying, Session
from intakebot.core.talking import answering
from intakebot.core.talking.path import basis, walk

Result = tuple[Session, tuple[Effect, ...]]
FULL = Tell(key="story-full")


def told(session: Session, saying: Saying, *effects: Effect) -> Result:
    """The story with this message, so that the domains are looked at again; or that it is full."""
    story = (*session.story, saying)
    if len(story) > STORY_MESSAGES_MAX or _size(story) > STORY_CHARS_MAX:
        return session, (FULL,)
    return session.replace(story=story, marks=None), effects


def spoken_in(session: Session) -> str | None:
    """The language of the session, once picked."""
    return session.tongue.lang if session.tongue else None


def attached(flow: Flow, session: Session, event: Sent, at: datetime) -> Result:
    """A voice note, photo or document: bounded, fetched outside, and a part of the story."""
    attachment = event.attachment
    if attachment.bytes > ATTACHMENT_BYTES_MAX:
        return session, (Tell(key="attachment-too-big"),)
    if len(session.attachments) >= ATTACHMENTS_MAX:
        return session, (Tell(key="attachments-full"),)
    more = one_more_of_an_album(session, event)
    session = session.replace(attachments=(*session.attachments, attachment))
    kept = () if more else (Tell(key=f"{attachment.kind}-kept"),)
    effects: tuple[Effect, ...] = (Fetch(attachment=attachment), *kept)
    audio = attachment.id if attachment.kind == "voice" else None
    path = walk(flow, session)
    if audio or event.caption:
        text, lang = event.caption or "", spoken_in(session)
        under = _spoken_under(session, path.open) if audio else None
        saying = Saying(text=text, lang=lang, at=at, ref=event.ref, audio=audio, question=under)
        session, full = told(session, saying)
        effects += full
    if path.open is not None and _answers(path.open, session, audio):
        given = attachment.id if path.open.kind is Kind.ATTACHMENT else None
        ground = basis(path.open, path.known)
        answer = Answer(question=path.open.key, value=given, at=at, ref=event.ref, basis=ground)
        session = answering.remembered(session, answer).replace(editing=None)
    return session, effects


def _spoken_under(session: Session, question: Question | None) -> str | None:
    """The question that a voice note was said under; the story has none."""
    if question is None or session.asked != question.key or question.kind is Kind.STORY:
        return None
    return question.key


def _answers(question: Question, session: Session, audio: str | None) -> bool:
    """Whether this file answers the question: nobody who said their name must also type it.

    What was said, a person hears: for us the question is passed without a value.
    """
    if question.kind is Kind.ATTACHMENT:
        return True
    on_screen = session.asked == question.key
    return audio is not None and on_screen and question.kind in answering.FREE


def one_more_of_an_album(session: Session, event: Sent) -> bool:
    """Whether a picture sent together with this one was answered: an album is one answer."""
    album = event.attachment.album
    return album is not None and any(a.album == album for a in session.attachments)


def edited(flow: Flow, session: Session, event: Edited, at: datetime) -> Result:
    """An earlier message was changed: its part of the story, or the answer it gave."""
    story = tuple(
        saying.replace(text=event.text) if saying.ref == event.ref else saying
        for saying in session.story
    )
    if _size(story) > STORY_CHARS_MAX:
        return session, (FULL,)
    if story != session.story:
        return session.replace(story=story, marks=None), (Tell(key="changed"),)
    of_this = [answer for answer in session.answers if answer.ref == event.ref]
    # A place that was typed for a postcode answers both: the postcode with nothing.
    earlier = max(of_this, key=lambda answer: answer.value is not None, default=None)
    question = flow.by_key.get(earlier.question) if earlier else None
    if question is None:
        return session, ()
    known = walk(flow, session).known
    asking = answering.Asking(
        flow=flow, session=session, question=question, known=known, today=dutch_day(at)
    )
    said = Said(text=event.text, ref=event.ref)
    reading = answering.read(asking, said)
    if isinstance(reading, answering.Ticked):  # these ticks instead of those that it gave before
        others = tuple(answer for answer in session.answers if answer is not earlier)
        before = session.replace(answers=others, marks=None)
        reading = answering.read(replace(asking, session=before), said)
    if isinstance(reading, answering.Joined):
        saying = Saying(text=event.text, lang=spoken_in(session), at=at, ref=event.ref)
        return told(session, saying, Tell(key="joined-story"))
    if not isinstance(reading, answering.Given):
        return session, (Tell(key="not-understood"),)
    answer = Answer(
        question=question.key,
        value=reading.value,
        at=at,
        said=event.text,
        ref=event.ref,
        basis=basis(question, known),
    )
    return answering.remembered(session, answer), (Tell(key="changed"),)


def _size(story: tuple[Saying, ...]) -> int:
    return sum(len(saying.text) for saying in story)
