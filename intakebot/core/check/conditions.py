"""Conditions: every condition names what is there, in time, and can be true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from intakebot.core.check import places, problems
from intakebot.core.check.facts import Around, Source, answers, sources
from intakebot.core.check.logic import can_hold
from intakebot.core.check.problems import Problem, listed, meant
from intakebot.core.flow import (
    AllOf,
    AnswerIn,
    AnyOf,
    DomainIn,
    FactIn,
    Kind,
    Known,
    Not,
    Question,
    Revision,
    Rule,
    SignalIn,
)
from intakebot.core.hearing.lexicon import DOMAINS
from intakebot.core.hearing.safety import CATEGORIES
from intakebot.core.law.urgency import MOMENT
from intakebot.core.limits import RULE_DEPTH_MAX, RULES_MAX

# A fact of a moment is also known in these words, to the rules (`urgency.seen_from`).
NEAR = ("vandaag", "morgen")


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose condition it is; `before` are the questions asked before it, None for a rule."""

    where: str
    before: tuple[str, ...] | None
    fact: str = ""  # the fact that the question itself makes known


@dataclass(frozen=True, kw_only=True)
class _Scope:
    """What a condition may name."""

    questions: Mapping[str, Question]
    facts: Mapping[str, tuple[Source, ...]]

    @property
    def single(self) -> frozenset[str]:
        """The questions that have one answer."""
        many = (Kind.CHOICES, Kind.DOMAINS)
        return frozenset(key for key, one in self.questions.items() if one.kind not in many)


def conditions(revision: Revision, surroundings: Around) -> Iterator[Problem]:
    """What is wrong with the conditions of questions and rules, and with `depends`."""
    scope = _Scope(
        questions={question.key: question for question in revision.questions()},
        facts=sources(revision, surroundings),
    )
    for owner, rule in owned(revision):
        yield from _condition(owner, rule, scope)
    before: list[str] = []
    for question in revision.questions():
        yield from _depends(question, before, scope)
        yield from _domains(question)
        before.append(question.key)


def owned(revision: Revision) -> Iterator[tuple[Owner, Rule]]:
    """Every condition with its owner."""
    before: tuple[str, ...] = ()
    for question in revision.questions():
        where = places.question(question)
        if question.when is not None:
            yield Owner(where=where, before=before, fact=question.fact or ""), question.when
        before = (*before, question.key)
    for part in places.RULES:
        for number, rule in enumerate(getattr(revision, part), 1):
            if rule.when is not None:
                yield Owner(where=place_of(part, number, rule), before=None), rule.when


def place_of(part: str, number: int, rule: object) -> str:
    """Where a rule is: by its key, else by its number."""
    if part in places.KNOWN_BY:
        return places.named(part, getattr(rule, places.KNOWN_BY[part]))
    return places.numbered(part, number)


def _condition(owner: Owner, rule: Rule, scope: _Scope) -> Iterator[Problem]:
    parts = tuple(_parts(rule, 1))
    if max(depth for depth, _ in parts) > RULE_DEPTH_MAX:
        yield problems.RULE_TOO_DEEP.at(owner.where, most=RULE_DEPTH_MAX)
    if len(parts) > RULES_MAX:
        yield problems.RULE_TOO_BIG.at(owner.where, count=len(parts), most=RULES_MAX)
        return
    found: list[Problem] = []
    for _, part in parts:
        found += _leaf(owner, part, scope)
    # A condition often stands in two branches; what is wrong with it is said once.
    yield from dict.fromkeys(found)
    if not can_hold(rule, single=scope.single, unknown=owner.fact):
        yield problems.NEVER.at(owner.where)


def _parts(rule: Rule, depth: int) -> Iterator[tuple[int, Rule]]:
    yield depth, rule
    match rule:
        case AllOf(of=rules) | AnyOf(of=rules):
            for one in rules:
                yield from _parts(one, depth + 1)
        case Not(of=other):
            yield from _parts(other, depth + 1)
        case _:
            pass


def _leaf(owner: Owner, rule: Rule, scope: _Scope) -> Iterator[Problem]:
    match rule:
        case AnswerIn(question=key, among=among):
            yield from _answer(owner, key, among, scope)
        case FactIn(name=name, among=among):
            yield from _fact(owner, name, scope)
            yield from _values(owner, name, among, scope)
        case Known(name=name):
            yield from _fact(owner, name, scope)
        case DomainIn(among=among):
            for code in among:
                yield from _domain(owner.where, code)
        case SignalIn(among=among):
            for category in among:
                if category not in CATEGORIES:
                    says = meant(category, CATEGORIES, f"Use one of: {listed(CATEGORIES)}.")
                    yield problems.UNKNOWN_SIGNAL.at(owner.where, category=category, meant=says)
        case _:
            pass


def _answer(owner: Owner, key: str, among: tuple[str, ...], scope: _Scope) -> Iterator[Problem]:
    question = scope.questions.get(key)
    if question is None:
        says = meant(key, scope.questions, "Name a question that is there.")
        yield problems.UNKNOWN_QUESTION.at(owner.where, name=key, meant=says)
        return
    if owner.before is not None and key not in owner.before:
        yield problems.COMES_LATER.at(owner.where, name=key)
    known = answers(question)
    for value in among:
        if known and value not in known:
            says = meant(value, known, f"Use one of: {listed(known)}.")
            yield problems.NOT_A_CHOICE.at(owner.where, value=value, question=key, meant=says)


def _fact(owner: Owner, name: str, scope: _Scope) -> Iterator[Problem]:
    known = scope.facts.get(name)
    if known is None:
        says = meant(name, scope.facts, "Add it to a question (`fact`) or a choice (`sets`).")
        yield problems.UNKNOWN_FACT.at(owner.where, name=name, meant=says)
    elif owner.before is not None:
        in_time = any(one.question is None or one.question in owner.before for one in known)
        if not in_time:
            later = known[0].question
            yield problems.KNOWN_LATER.at(owner.where, name=name, question=later)


def _values(owner: Owner, name: str, among: tuple[str, ...], scope: _Scope) -> Iterator[Problem]:
    known = scope.facts.get(name, ())
    if any(not one.values for one in known) or not known:
        return
    values = dict.fromkeys(value for one in known for value in one.values)
    for value in among:
        if value not in values and not (name.endswith(MOMENT) and value in NEAR):
            says = meant(value, values, f"Use one of: {listed(values)}.")
            yield problems.UNKNOWN_VALUE.at(owner.where, value=value, fact=name, meant=says)


def _domain(where: str, code: str) -> Iterator[Problem]:
    if code not in DOMAINS:
        says = meant(code, DOMAINS, f"Use one of: {listed(DOMAINS)}.")
        yield problems.UNKNOWN_DOMAIN.at(where, code=code, meant=says)


def _domains(question: Question) -> Iterator[Problem]:
    """Life domains that a question or its choices name."""
    if question.domain is not None:
        yield from _domain(places.question(question), question.domain)
    for choice in question.choices:
        if choice.domain is not None:
            yield from _domain(places.choice(question, choice), choice.domain)


def _depends(question: Question, before: list[str], scope: _Scope) -> Iterator[Problem]:
    where = places.question(question)
    for key in question.depends:
        if key not in scope.questions:
            says = meant(key, scope.questions, "Name a question that is there.")
            yield problems.DEPENDS_ON_NOTHING.at(where, name=key, meant=says)
        elif key not in before:
            yield problems.DEPENDS_LATER.at(where, name=key)
