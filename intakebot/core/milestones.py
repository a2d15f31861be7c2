"""Milestones: the questions of a revision in order, made ready once, walked past at every turn.

A turn must not cost more because a flow has more questions. So for each rule it is written down
which entries of the ledger can make it true (`law.ledger.triggers`); on a walk only those
questions are looked at that have an answer, that need nothing, or of which an entry is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from intakebot.core.facts import Known
from intakebot.core.law.ledger import Entry, Test, Triggers, entries, quick, triggers
from intakebot.core.revision import RANKS, Kind, Question, Rank, Revision, facts_in

# Questions with these facts say where somebody lives: always looked at, for what follows from it.
PLACE_FACTS = ("postcode", "plaats")


@dataclass(frozen=True, kw_only=True)
class Path:
    """The walk over one session.

    `passed` are the questions on the path with an answer that holds, in order; `open` is the
    first one without; `left` are follow-up questions that did not fit or were skipped.
    """

    known: Known
    passed: tuple[Question, ...]
    statements: tuple[Question, ...]  # to be told before the open question is asked
    open: Question | None
    left: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Milestone:
    """One question, with all about it that does not change from turn to turn."""

    question: Question
    key: str
    fact: str | None
    place: int  # in the order of the flow, from 0
    test: Test | None  # None: always asked
    turn: tuple[int, int]  # when a follow-up question is asked: least first
    is_day: bool
    says_where: bool  # its fact is one of PLACE_FACTS
    asks_whom: bool  # the answer may be that the story is about somebody else


@dataclass(frozen=True, kw_only=True)
class Milestones:
    """All of them, and where to look on a walk."""

    all: tuple[Milestone, ...]
    by_key: Mapping[str, Milestone]
    always: tuple[int, ...]  # places of those that need nothing
    woken: Mapping[Entry, tuple[int, ...]]  # entry -> places of those that it may put on the path
    days: frozenset[str]  # facts that are days
    by_fact: Mapping[str, tuple[Question, ...]]
    phones: frozenset[str]  # keys of the questions for a telephone number


def milestones(revision: Revision) -> Milestones:
    """The milestones of this revision."""
    questions = revision.questions()
    clock_facts = frozenset(name for clock in revision.clocks for name in facts_in(clock.when))
    uses = Counter(
        entry
        for question in questions
        if question.when is not None
        for entry in set(entries(question.when))
    )
    always: list[int] = []
    woken: dict[Entry, list[int]] = {}
    for place, question in enumerate(questions):
        found = _triggers(question, uses)
        if found is None:
            always.append(place)
        for entry in found or ():
            woken.setdefault(entry, []).append(place)
    every = tuple(
        _milestone(question, place, clock_facts) for place, question in enumerate(questions)
    )
    return Milestones(
        all=every,
        by_key={one.question.key: one for one in every},
        always=tuple(always),
        woken={entry: tuple(places) for entry, places in woken.items()},
        days=frozenset(q.fact for q in questions if q.fact and q.kind is Kind.DATE),
        by_fact=_by_fact(questions),
        phones=frozenset(q.key for q in questions if q.kind is Kind.PHONE),
    )


def _milestone(question: Question, place: int, clock_facts: frozenset[str]) -> Milestone:
    learns = {question.fact} | {name for choice in question.choices for name in choice.sets}
    rank = RANKS.index(question.rank or Rank.PLAN)
    return Milestone(
        question=question,
        key=question.key,
        fact=question.fact,
        place=place,
        test=None if question.when is None else quick(question.when),
        turn=(rank, int(clock_facts.isdisjoint(learns))),  # what starts a clock before the rest
        is_day=question.kind is Kind.DATE,
        says_where=question.fact in PLACE_FACTS,
        asks_whom=question.fact == "voor_wie"
        or any("voor_wie" in c.sets for c in question.choices),
    )


def _triggers(question: Question, uses: Mapping[Entry, int]) -> Triggers | None:
    """The entries of which one must be there before the question can be on the path unanswered."""
    if question.when is None or question.fact in PLACE_FACTS:
        return None
    found = triggers(question.when, uses)
    if found is None or question.kind is not Kind.DATE or not question.fact:
        return found
    # Two days that were heard are none yet: which one is asked, whatever the rule says.
    return found | {("fact", question.fact, None)}


def _by_fact(questions: Iterable[Question]) -> dict[str, tuple[Question, ...]]:
    found: dict[str, list[Question]] = {}
    for question in questions:
        if question.fact:
            found.setdefault(question.fact, []).append(question)
    return {fact: tuple(asking) for fact, asking in found.items()}
