"""Texts: nothing that people read is empty, too long, or impossible to send."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from intakebot.core.check import places, problems
from intakebot.core.check.problems import Problem
from intakebot.core.flow import Choice, Question, Revision
from intakebot.core.limits import TEXT_CHARS_MAX

# Where, field, text, whether the text may be empty.
Text = tuple[str, str, str | None, bool]
LINE_BREAKS = "\n\t"


def texts(revision: Revision) -> Iterator[Problem]:
    """What is wrong with the Dutch texts."""
    for where, name, text, may_be_empty in _all(revision):
        if text is None or (text == "" and may_be_empty):
            continue
        if not text.strip():
            yield problems.EMPTY.at(where, name=name)
        count = units(text)
        if count > TEXT_CHARS_MAX:
            yield problems.TEXT_TOO_LONG.at(where, name=name, count=count, most=TEXT_CHARS_MAX)
        sign = unsendable(text)
        if sign:
            yield problems.UNSENDABLE.at(where, name=name, sign=sign)


def units(text: str) -> int:
    """How long Telegram finds a text: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def unsendable(text: str) -> str:
    """The first sign that is a control code or half a letter, as U+0000; or nothing."""
    for sign in text:
        if unicodedata.category(sign) in ("Cc", "Cs") and sign not in LINE_BREAKS:
            return f"U+{ord(sign):04X}"
    return ""


def _all(revision: Revision) -> Iterator[Text]:
    for name in ("id", "revision", "title"):
        yield places.FLOW, name, getattr(revision, name), False
    for section in revision.sections:
        yield places.section(section), "title", section.title, False
        for question in section.questions:
            yield from _of_question(question)
    for part, name in (
        ("urgency", "because"),
        ("clocks", "law"),
        ("clocks", "started_by"),
        ("routing", "because"),
    ):
        for rule in getattr(revision, part):
            yield places.named(part, rule.key), name, getattr(rule, name), False
    for number, rule in enumerate(revision.domains, 1):
        for name in ("law", "retention"):
            yield places.numbered("domains", number), name, getattr(rule, name), False


def _of_question(question: Question) -> Iterator[Text]:
    where = places.question(question)
    yield where, "text", question.text, False
    yield where, "label", question.label, True
    for name in ("easy", "other", "other_easy", "help"):
        yield where, name, getattr(question, name), False
    for choice in question.choices:
        yield from _of_choice(places.choice(question, choice), choice)


def _of_choice(where: str, choice: Choice) -> Iterator[Text]:
    yield where, "label", choice.label, False
    for name in ("easy", "other"):
        yield where, name, getattr(choice, name), False
    for word in choice.also:
        yield where, "also", word, False
