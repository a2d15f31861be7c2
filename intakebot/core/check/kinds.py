"""Kinds: every question has what its kind needs, and together they are a conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from intakebot.core.check import places, problems
from intakebot.core.check.facts import answers
from intakebot.core.check.problems import Problem, listed, meant
from intakebot.core.facts import Fact, Known
from intakebot.core.flow import Kind, Question, Rank, Revision
from intakebot.core.hearing.lexicon import DOMAINS
from intakebot.core.law.conditions import holds
from intakebot.core.law.parts import WITH_A_FIELD
from intakebot.core.limits import QUESTIONS_MAX
from intakebot.core.session import Answer
from intakebot.core.talking.wording import has_choices

ONCE = (Kind.STORY, Kind.DOMAINS, Kind.READ_BACK)
# The team looks for answers to these first, under the life domain.
RANKS_WITH_DOMAIN = (Rank.SAFETY, Rank.QUEUE)
# Nobody can answer these beforehand for somebody else.
NEVER_ASSUMED = (*ONCE, Kind.CHOICES, Kind.STATEMENT, Kind.ATTACHMENT)
SHAPES = {
    Kind.NUMBER: re.compile(r"\d{1,9}"),
    Kind.POSTCODE: re.compile(r"[1-9]\d{3}([A-Z]{2})?"),
    Kind.PHONE: re.compile(r"\+\d{8,15}"),
}
# When somebody on the usual way answers does not matter.
SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)
EXAMPLES = {
    Kind.NUMBER: "Write digits, such as 2.",
    Kind.POSTCODE: "Write it as 1234 or 1234AB.",
    Kind.PHONE: "Write it as +31612345678.",
    Kind.DATE: "Write it as 2026-12-31.",
}


def kinds(revision: Revision) -> Iterator[Problem]:
    """What is wrong with the kinds of the questions."""
    questions = revision.questions()
    for question in questions:
        yield from _choices(question)
        if question.assumed is not None and not _is_answer(question, question.assumed):
            yield _no_such_answer(question, question.assumed)
        placed = question.domain is not None or question.fact in WITH_A_FIELD
        if question.rank in RANKS_WITH_DOMAIN and not placed:
            where = places.question(question)
            yield problems.RANK_WITHOUT_DOMAIN.at(where, rank=question.rank)
    yield from _once(questions)
    yield from _whole(questions)


def _choices(question: Question) -> Iterator[Problem]:
    where = places.question(question)
    if has_choices(question) and not question.choices:
        yield problems.NO_CHOICES.at(where, kind=question.kind)
    if not has_choices(question) and question.choices:
        yield problems.CHOICES_UNUSED.at(where, kind=question.kind)
    if question.kind is not Kind.DOMAINS or not question.choices:
        return
    ids = [choice.id for choice in question.choices]
    for choice in question.choices:
        if choice.id not in DOMAINS:
            says = meant(choice.id, DOMAINS, f"Use one of: {listed(DOMAINS)}.")
            yield problems.NOT_DOMAIN.at(places.choice(question, choice), meant=says)
    missing = [code for code in DOMAINS if code not in ids]
    if missing:
        yield problems.DOMAIN_MISSING.at(where, codes=listed(missing))


def _is_answer(question: Question, value: str) -> bool:
    if question.kind in NEVER_ASSUMED:
        return False
    if answers(question):
        return value in answers(question)
    if question.kind in SHAPES:
        return SHAPES[question.kind].fullmatch(value) is not None
    if question.kind is Kind.DATE:
        try:
            return date.fromisoformat(value).isoformat() == value
        except ValueError:
            return False
    return bool(value.strip())


def _no_such_answer(question: Question, value: str) -> Problem:
    if question.kind in NEVER_ASSUMED:
        remedy = "Take away `assumed`: only the person can answer this."
    elif answers(question):
        known = answers(question)
        remedy = meant(value, known, f"Use one of: {listed(known)}.")
    else:
        remedy = EXAMPLES.get(question.kind, "Write the words, or take away `assumed`.")
    where = places.question(question)
    return problems.NO_SUCH_ANSWER.at(where, value=value, kind=question.kind, meant=remedy)


def _once(questions: tuple[Question, ...]) -> Iterator[Problem]:
    first: dict[Kind, str] = {}
    for question in questions:
        if question.kind in ONCE and question.kind in first:
            where = places.question(question)
            yield problems.SECOND.at(where, kind=question.kind, first=first[question.kind])
        first.setdefault(question.kind, question.key)


def _whole(questions: tuple[Question, ...]) -> Iterator[Problem]:
    """What is wrong with the questions together."""
    order = [question.kind for question in questions]
    if Kind.READ_BACK not in order:
        yield problems.NO_READ_BACK.at(places.FLOW)
    elif order[-1] is not Kind.READ_BACK:
        where = places.question(questions[order.index(Kind.READ_BACK)])
        yield problems.READ_BACK_NOT_LAST.at(where, later=questions[-1].key)
    facts = {question.fact for question in questions}
    for fact, kind in (("postcode", Kind.POSTCODE), ("plaats", Kind.PLACE)):
        if fact not in facts:
            yield problems.PLACE_NOT_ASKED.at(places.FLOW, fact=fact, kind=kind)
    if "telefoon" not in facts:
        yield problems.PHONE_NOT_ASKED.at(places.FLOW)
    keys = usual_way(questions)
    if len(keys) + 1 > QUESTIONS_MAX:
        yield problems.WAY_TOO_LONG.at(
            places.FLOW, count=len(keys) + 1, keys=listed(keys), most=QUESTIONS_MAX
        )


def usual_way(questions: tuple[Question, ...]) -> tuple[str, ...]:
    """The questions without a rank that somebody meets who always takes the first choice.

    Nothing was heard in the story, every yes-or-no question gets "nee", the postcode is known.
    """
    known = Known(facts=(_fact("taal", "nl"),))
    asked: list[str] = []
    for question in questions:
        if question.rank or question.kind is Kind.STATEMENT or question.assumed is not None:
            continue
        if question.fact and known.value(question.fact) is not None:
            continue
        if question.when is None or holds(question.when, known):
            asked.append(question.key)
            known = _answered(question, known)
    return tuple(asked)


def _answered(question: Question, known: Known) -> Known:
    first = question.choices[0] if question.choices else None
    values = answers(question)
    value = "nee" if question.kind is Kind.YES_NO else (*values, "…")[0]
    learnt = dict(first.sets) if first and question.kind is Kind.CHOICE else {}
    if question.fact:
        learnt[question.fact] = value
    if question.fact == "postcode":
        learnt["gebied"] = "bekend"
    answer = Answer(question=question.key, value=value, at=SOME_TIME)
    facts = (*known.facts, *(_fact(name, one) for name, one in learnt.items()))
    return known.replace(facts=facts, answers=(*known.answers, answer))


def _fact(name: str, value: str) -> Fact:
    return Fact(name=name, value=value, source="answer")
