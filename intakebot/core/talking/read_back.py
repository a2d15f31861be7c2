"""The read-back: everything that will be sent, a line each, as the person reads it."""

from __future__ import annotations

from datetime import date

from intakebot.core.events import Line
from intakebot.core.facts import Fact, Known
from intakebot.core.flow import Kind, Question
from intakebot.core.reading.contacts import shown_phone
from intakebot.core.session import Session, Tongue
from intakebot.core.talking import moves, wording
from intakebot.core.talking.page import Page
from intakebot.core.talking.path import walk


def lines(page: Page, known: Known, tongue: Tongue | None = None) -> tuple[Line, ...]:
    """Everything that will be sent, a line each, in the person's tongue, or said in another."""
    session = page.session
    page = page if tongue is None else page.speaking(tongue)
    found = [
        Line(
            question=moves.LANGUAGE,
            label=page.say("line.language"),
            value=_language(page, session, tongue),
        )
    ]
    if session.wants_call:
        wish = page.say("answer.ja")
        found.append(Line(question=moves.CALL, label=page.say("line.call"), value=wish))
    # The lines so far stand first in `changeable` too.
    passed = {q.key for q in walk(page.flow, session).passed}
    for key in moves.changeable(page.flow, session)[len(found) :]:
        question = page.flow.by_key[key]
        label = wording.line_label(page.flow, question, page.tongue)
        value = _line_value(page, question, known, answered=key in passed)
        if value:
            found.append(Line(question=key, label=label, value=value))
    return tuple(found)


def _language(page: Page, session: Session, tongue: Tongue | None) -> str:
    """The language of the conversation, as it calls itself; in Dutch as the Dutch call it."""
    if tongue is None or session.tongue is None:
        return page.words.say(page.tongue, "picker.name")
    lang = session.tongue.lang
    return page.flow.revision.names.languages.get(lang, lang)


def _line_value(page: Page, question: Question, known: Known, *, answered: bool) -> str:
    if question.kind is Kind.STORY:
        # What was said instead of an answer stands in the line of that question.
        elsewhere = {answer.question for answer in known.answers if answer.value is None}
        told = (s for s in page.session.story if s.question not in elsewhere)
        own = [s.text or page.say("line.voice") for s in told]
        return " / ".join(own)
    answer, other = known.answer(question.key), wording.about_other(known)
    if answered and answer is not None:
        if answer.value is None:
            spoken = any(saying.question == question.key for saying in page.session.story)
            return page.say("line.voice" if spoken else "line.skipped")
        return in_words(page, question, answer.value, other=other)
    if question.assumed is not None:
        return in_words(page, question, question.assumed, other=other)
    facts = (fact for fact in known.facts if fact.name == question.fact)
    heard = (_heard_words(page, question, fact, other=other) for fact in facts)
    return page.say("line.comma").join(dict.fromkeys(heard))


def _heard_words(page: Page, question: Question, fact: Fact, *, other: bool) -> str:
    """A fact heard in the story: the label when the question has one, with the own words."""
    named = in_words(page, question, fact.value, other=other)
    if not fact.evidence or named in fact.evidence:
        return fact.evidence or named
    return f"{named} ({page.say('line.heard', words=fact.evidence)})"


def in_words(page: Page, question: Question, value: str | tuple[str, ...], *, other: bool) -> str:
    """An answer as the person reads it; `other`: the person tells about somebody else."""
    values = (value,) if isinstance(value, str) else value
    by_id = {choice.id: choice for choice in question.choices}
    if not values:
        return page.say("line.none")
    if wording.has_choices(question):
        labels = [
            wording.choice_label(page.flow, question, by_id[one], page.tongue, other=other)
            if one in by_id
            else one
            for one in values
        ]
        return page.say("line.comma").join(labels)
    match question.kind:
        case Kind.YES_NO if values[0] in wording.YES_NO:
            return page.say(f"answer.{values[0]}")
        case Kind.AGE_BAND if values[0] in wording.AGE_BANDS:
            return page.say(f"age.{values[0]}")
        case Kind.DATE:
            return _day(page, values[0])
        case Kind.PHONE:
            return shown_phone(values[0])
        case Kind.POSTCODE:
            return f"{values[0][:4]} {values[0][4:]}".strip()
        case Kind.STORY:
            return page.say("answer.klaar")
        case _:
            return values[0]


def _day(page: Page, value: str) -> str:
    try:
        return page.words.day(page.tongue, date.fromisoformat(value))
    except ValueError:
        return value


def line_label(page: Page, key: str) -> str:
    """The short name of a line of the read-back."""
    question = page.flow.by_key.get(key)
    if question is None:
        return page.say("line.call" if key == moves.CALL else "line.language")
    return wording.line_label(page.flow, question, page.tongue)
