"""The ledger: what is known while the questions are walked past, by name, and rules made quick.

It says the same as `Known` and `conditions.holds`, which stay the definition; a law in the tests
holds both beside each other. A rule is made into a function once, when its revision is made
ready. `triggers` says of which entries a rule needs at least one to be true: without any of them
nobody has to look at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import assert_never

from intakebot.core.facts import Fact, HeardDomain, Known
from intakebot.core.law.conditions import counting_of
from intakebot.core.revision import (
    AllOf,
    AnswerIn,
    AnyOf,
    DomainIn,
    FactIn,
    Kind,
    Not,
    Question,
    Rule,
    SignalIn,
)
from intakebot.core.revision import Known as IsKnown
from intakebot.core.session import Answer, Signal

# What an entry in the ledger is called: ("fact", name, value), ("fact", name, None) for any value,
# ("answer", question, None), ("domain", code, None), ("signal", category, None).
Entry = tuple[str, str, str | None]
Triggers = frozenset[Entry]


class Ledger:
    """What is known so far on one walk; it grows with every question that is passed."""

    __slots__ = (
        "answers",
        "confirmed",
        "counted",
        "danger_now",
        "facts",
        "given",
        "hard",
        "heard",
        "named",
        "signals",
        "warned",
    )

    def __init__(
        self,
        facts: Iterable[Fact],
        heard: tuple[HeardDomain, ...],
        signals: tuple[Signal, ...],
        *,
        danger_now: bool,
    ) -> None:
        self.facts: list[Fact] = []
        self.heard = heard
        self.confirmed = tuple(domain.code for domain in heard)
        self.signals = signals
        self.danger_now = danger_now
        self.answers: dict[str, Answer] = {}
        self.given: dict[str, tuple[str, ...]] = {}  # question -> the values of its answer
        self.named: dict[str, list[Fact]] = {}
        self.counted: dict[str, tuple[str, ...]] = {}  # fact -> the values that count
        self.warned = {signal.category for signal in signals}
        self.hard = {signal.category for signal in signals if signal.strength == "hard"}
        self.add(facts)

    def value(self, name: str) -> str | None:
        """The value of a fact, as `Known.value` says."""
        found = self.named.get(name)
        if found is None:
            return None
        return next((f.value for f in reversed(found) if f.source == "answer"), found[-1].value)

    def is_told(self, name: str) -> bool:
        """Whether the story told this fact, and no answer took its place."""
        return any(fact.source == "story" for fact in self.named.get(name, ()))

    def learn(self, facts: list[Fact]) -> None:
        """Write down what an answer makes known: it takes the place of what was told."""
        new: dict[str, list[Fact]] = {}
        for fact in facts:
            new.setdefault(fact.name, []).append(fact)
        if any(self.is_told(name) for name in new):
            self.facts = [f for f in self.facts if f.name not in new or f.source == "answer"]
        self.facts += facts
        for name, found in new.items():
            before = [f for f in self.named.get(name, ()) if f.source == "answer"]
            self.named[name] = before + found
            self.counted[name] = counting_of(found)

    def put(self, fact: Fact) -> None:
        """Write this fact down instead of all others of its name."""
        if fact.name in self.named:
            self.facts = [one for one in self.facts if one.name != fact.name]
        self.facts.append(fact)
        self.named[fact.name] = [fact]
        self.counted[fact.name] = (fact.value,)

    def add(self, facts: Iterable[Fact]) -> None:
        """Write down what was told as well."""
        for fact in facts:
            self.facts.append(fact)
            found = self.named.setdefault(fact.name, [])
            found.append(fact)
            self.counted[fact.name] = counting_of(found)

    def note(self, answer: Answer) -> None:
        """Write down an answer that is on the path."""
        self.answers[answer.question] = answer
        if answer.value is not None:
            value = answer.value
            self.given[answer.question] = (value,) if isinstance(value, str) else value

    def known(self) -> Known:
        """The same as one value."""
        return Known(
            facts=tuple(self.facts),
            heard=self.heard,
            confirmed=self.confirmed,
            answers=tuple(self.answers.values()),
            signals=self.signals,
            danger_now=self.danger_now,
        )


Test = Callable[[Ledger], bool]


def quick(rule: Rule) -> Test:
    """The rule as a function: the same as `conditions.holds`."""
    match rule:
        case AllOf(of=rules):
            return _all(tuple(quick(one) for one in _flat(rules)))
        case AnyOf(of=rules):
            return _any(tuple(quick(one) for one in rules))
        case Not(of=other):
            test = quick(other)
            return lambda ledger: not test(ledger)
        case AnswerIn(question=question, among=among):
            wanted = frozenset(among)
            return lambda ledger: not wanted.isdisjoint(ledger.given.get(question, ()))
        case FactIn(name=name, among=among):
            wanted = frozenset(among)
            return lambda ledger: not wanted.isdisjoint(ledger.counted.get(name, ()))
        case IsKnown(name=name):
            return lambda ledger: name in ledger.counted
        case DomainIn(among=among):
            wanted = frozenset(among)
            return lambda ledger: not wanted.isdisjoint(ledger.confirmed)
        case SignalIn(among=among, strength="hard"):
            wanted = frozenset(among)
            return lambda ledger: not wanted.isdisjoint(ledger.hard)
        case SignalIn(among=among):
            wanted = frozenset(among)
            return lambda ledger: not wanted.isdisjoint(ledger.warned)
        case _:
            assert_never(rule)


def _flat(rules: Iterable[Rule]) -> list[Rule]:
    """The parts of an `AllOf`, and of each `AllOf` in it; what looks at one thing goes first."""
    parts: list[Rule] = []
    for one in rules:
        parts += _flat(one.of) if isinstance(one, AllOf) else [one]
    return sorted(parts, key=lambda one: isinstance(one, AnyOf | Not))


def _all(tests: tuple[Test, ...]) -> Test:
    def test(ledger: Ledger) -> bool:
        for one in tests:  # noqa: SIM110 - asked thousands of times a second, all() takes twice as long
            if not one(ledger):
                return False
        return True

    return test


def _any(tests: tuple[Test, ...]) -> Test:
    def test(ledger: Ledger) -> bool:
        for one in tests:  # noqa: SIM110 - idem, any()
            if one(ledger):
                return True
        return False

    return test


def triggers(rule: Rule, uses: Mapping[Entry, int]) -> Triggers | None:
    """The entries of which the rule needs at least one to be true; None: it may do without.

    Of the parts of an `AllOf` one is enough: the one whose entries are used least in the flow.
    """
    match rule:
        case AllOf(of=rules):
            parts = [found for one in rules if (found := triggers(one, uses)) is not None]
            return min(parts, key=lambda part: sum(uses.get(e, 0) for e in part), default=None)
        case AnyOf(of=rules):
            every = [triggers(one, uses) for one in rules]
            known = [found for found in every if found is not None]
            return None if len(known) < len(every) else frozenset().union(*known)
        case Not():
            return None
        case AnswerIn(question=question):
            return frozenset({("answer", question, None)})
        case FactIn(name=name, among=among):
            return frozenset(("fact", name, value) for value in among)
        case IsKnown(name=name):
            return frozenset({("fact", name, None)})
        case DomainIn(among=among):
            return frozenset(("domain", code, None) for code in among)
        case SignalIn(among=among):
            return frozenset(("signal", category, None) for category in among)
        case _:
            assert_never(rule)


def entries(rule: Rule) -> Iterable[Entry]:
    """Every entry that the rule looks at."""
    match rule:
        case AllOf(of=rules) | AnyOf(of=rules):
            for one in rules:
                yield from entries(one)
        case Not(of=other):
            yield from entries(other)
        case _:
            yield from triggers(rule, {}) or ()


def learnt(question: Question, value: str | tuple[str, ...], words: str) -> list[Fact]:
    """The facts that this answer makes known; `words` are the own words."""
    values = (value,) if isinstance(value, str) else value
    found = [(question.fact, one) for one in values] if question.fact else []
    for choice in question.choices:
        if choice.id in values:
            found += choice.sets.items()
    return [
        Fact(name=name, value=one, source="answer", question=question.key, evidence=words)
        for name, one in found
    ]


def confirmed(
    question: Question, value: str | tuple[str, ...], before: tuple[str, ...]
) -> tuple[str, ...]:
    """The life domains that are confirmed once this answer counts."""
    values = (value,) if isinstance(value, str) else value
    codes = [c.domain for c in question.choices if c.domain and c.id in values]
    kept = values if question.kind is Kind.DOMAINS else before
    return kept + tuple(code for code in codes if code not in kept)
