"""Keys and choices: every name is there once, is a plain word, and fits on a button."""

from __future__ import annotations

import re
from collections.abc import Iterator

from intakebot.core.check import places, problems
from intakebot.core.check.problems import Problem
from intakebot.core.flow import Choice, Kind, Question, Revision
from intakebot.core.limits import (
    BUTTON_ID_BYTES_MAX,
    BUTTON_LABEL_CHARS_MAX,
    CHOICES_MAX,
    QUESTIONS_IN_FLOW_MAX,
    RULES_MAX,
    SECTIONS_MAX,
)
from intakebot.core.reading.spoken import key as folded

PLAIN = re.compile(r"[a-z0-9][a-z0-9_]*")
# Under ticks these agree with the ticks, or ask for other ones.
RESERVED = ("klopt", "klaar", "wijzig")


def keys(revision: Revision) -> Iterator[Problem]:
    """What is wrong with the keys of sections, questions and choices."""
    yield from _too_many(places.FLOW, "sections", len(revision.sections), SECTIONS_MAX)
    questions = revision.questions()
    yield from _too_many(places.FLOW, "questions", len(questions), QUESTIONS_IN_FLOW_MAX)
    for part in places.RULES:
        yield from _too_many(
            places.FLOW, f"rules of {part}", len(getattr(revision, part)), RULES_MAX
        )
    seen: set[str] = set()
    for section in revision.sections:
        yield from _key(places.section(section), section.key)
        if section.key in seen:
            yield problems.SECTION_TWICE.at(places.section(section))
        seen.add(section.key)
    asked: set[str] = set()
    for question in questions:
        yield from _key(places.question(question), question.key)
        if question.key in asked:
            yield problems.QUESTION_TWICE.at(places.question(question))
        asked.add(question.key)
        yield from _choices(question)


def _key(where: str, key: str) -> Iterator[Problem]:
    """What is wrong with one key: it becomes the id of a button."""
    size = len(key.encode(errors="replace"))
    if key.startswith("/"):
        yield problems.IS_MOVE.at(where)
    elif not PLAIN.fullmatch(key):
        yield problems.NOT_PLAIN.at(where, name=key)
    if size > BUTTON_ID_BYTES_MAX:
        yield problems.ID_TOO_LONG.at(where, bytes=size, most=BUTTON_ID_BYTES_MAX)


def _choices(question: Question) -> Iterator[Problem]:
    yield from _too_many(places.question(question), "choices", len(question.choices), CHOICES_MAX)
    many = question.kind in (Kind.CHOICES, Kind.DOMAINS)
    ids: set[str] = set()
    labels: dict[str, str] = {}
    for choice in question.choices:
        where = places.choice(question, choice)
        yield from _key(where, choice.id)
        if choice.id in ids:
            yield problems.CHOICE_TWICE.at(where)
        if many and choice.id in RESERVED:
            yield problems.RESERVED.at(where)
        label = folded(choice.label)
        if label and labels.setdefault(label, choice.id) != choice.id:
            yield problems.SAME_LABEL.at(where, other=labels[label])
        yield from _labels(where, choice)
        ids.add(choice.id)
    yield from _spellings(question)


def _labels(where: str, choice: Choice) -> Iterator[Problem]:
    for variant in ("label", "easy", "other"):
        label = getattr(choice, variant)
        if label and len(label) > BUTTON_LABEL_CHARS_MAX:
            yield problems.LABEL_TOO_LONG.at(
                where, variant=variant, chars=len(label), most=BUTTON_LABEL_CHARS_MAX
            )


def _spellings(question: Question) -> Iterator[Problem]:
    """Words that mean two choices of one question."""
    labels = {folded(choice.label) for choice in question.choices}
    first: dict[str, str] = {}
    for choice in question.choices:
        for word in choice.also:
            spelling = folded(word)
            owner = first.setdefault(spelling, choice.id)
            if owner != choice.id and spelling not in labels:
                where = places.choice(question, choice)
                yield problems.SAME_SPELLING.at(where, word=word, other=owner)


def _too_many(where: str, what: str, count: int, most: int) -> Iterator[Problem]:
    if count > most:
        yield problems.TOO_MANY.at(where, count=count, what=what, most=most)
