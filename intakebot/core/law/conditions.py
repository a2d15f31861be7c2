"""Conditions: whether a rule holds for what is known, and the same rule as a Dutch sentence.

A rule is a small tree of eight operators without loops, so both functions are total. Which values
of a fact count: those of the last question that answered it; before any answer, everything that
was heard in the story. So an answer takes back what was heard, and several threats in one story
all count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, assert_never

from intakebot.core.facts import Fact, Known
from intakebot.core.revision import (
    AllOf,
    AnswerIn,
    AnyOf,
    DomainIn,
    FactIn,
    Not,
    Question,
    Revision,
    Rule,
    SignalIn,
)
from intakebot.core.revision import Known as IsKnown


def holds(rule: Rule, known: Known) -> bool:
    """Whether the rule is true."""
    match rule:
        case AllOf(of=rules):
            return all(holds(one, known) for one in rules)
        case AnyOf(of=rules):
            return any(holds(one, known) for one in rules)
        case Not(of=other):
            return not holds(other, known)
        case AnswerIn(question=question, among=among):
            return any(value in among for value in _given(known, question))
        case FactIn(name=name, among=among):
            return any(value in among for value in counting(known, name))
        case IsKnown(name=name):
            return bool(counting(known, name))
        case DomainIn(among=among):
            return any(code in among for code in known.confirmed)
        case SignalIn(among=among, strength=strength):
            return any(
                signal.category in among and strength in ("soft", signal.strength)
                for signal in known.signals
            )
        case _:
            assert_never(rule)


def counting(known: Known, name: str) -> tuple[str, ...]:
    """The values of a fact that count now."""
    return counting_of([fact for fact in known.facts if fact.name == name])


def counting_of(facts: Sequence[Fact]) -> tuple[str, ...]:
    """The values that count now, of these facts of one name."""
    if len(facts) == 1:  # mostly
        return (facts[0].value,)
    answered = [fact for fact in facts if fact.source == "answer"]
    if answered:
        facts = [fact for fact in answered if fact.question == answered[-1].question]
    return tuple(dict.fromkeys(fact.value for fact in facts))


def _given(known: Known, question: str) -> tuple[str, ...]:
    answer = known.answer(question)
    if answer is None or answer.value is None:
        return ()
    return (answer.value,) if isinstance(answer.value, str) else answer.value


# ---- in words ---------------------------------------------------------------------------------


class _Clause(NamedTuple):
    """A clause to stand after "als"; `joined` says which word joins its parts, if it has parts."""

    text: str
    joined: str = ""


def in_words(rule: Rule | None, revision: Revision) -> str:
    """The rule as a Dutch sentence for an admin: "Alleen als … en …", "Altijd."."""
    match rule:
        case None | AllOf(of=()):
            return revision.names.say("rule.always")
        case AnyOf(of=()):
            return revision.names.say("rule.never")
        case _:
            return revision.names.say("rule.only_if", clause=_clause(rule, revision).text)


def _clause(rule: Rule, revision: Revision) -> _Clause:
    names = revision.names
    match rule:
        case AllOf(of=rules):
            return _joined(tuple(_clause(r, revision) for r in rules), "word.and", revision)
        case AnyOf(of=rules):
            return _joined(tuple(_clause(r, revision) for r in rules), "word.or", revision)
        case Not(of=IsKnown(name=name)):
            return _Clause(names.say("rule.unknown", about=names.fact(name).about or name))
        case Not(of=other):
            clause = _clause(other, revision)
            text = f"({clause.text})" if clause.joined else clause.text
            return _Clause(names.say("rule.not", clause=text))
        case AnswerIn(question=key, among=among):
            label, words = _answer_words(key, among, revision)
            return _Clause(names.say("rule.answer", question=label, answers=words))
        case FactIn(name=name, among=among):
            clauses = tuple(_Clause(_fact_clause(name, value, revision)) for value in among)
            return _joined(clauses, "word.or", revision)
        case IsKnown(name=name):
            return _Clause(names.say("rule.known", about=names.fact(name).about or name))
        case DomainIn(among=among):
            domains = _quoted(tuple(names.domain(code) for code in among), revision)
            return _Clause(names.say("rule.domain", domains=domains))
        case SignalIn(among=among, strength=strength):
            named = tuple(names.signals.get(category, category) for category in among)
            signals = _quoted(named, revision)
            return _Clause(names.say(f"rule.signal.{strength}", signals=signals))
        case _:
            assert_never(rule)


def _joined(clauses: tuple[_Clause, ...], word: str, revision: Revision) -> _Clause:
    """Several clauses as one; brackets where "en" and "of" could be read two ways."""
    if not clauses:
        return _Clause(revision.names.say(f"rule.empty.{word}"))
    if len(clauses) == 1:
        return clauses[0]
    texts = tuple(f"({c.text})" if c.joined not in ("", word) else c.text for c in clauses)
    return _Clause(revision.names.one_of(texts, word), joined=word)


def _quoted(words: tuple[str, ...], revision: Revision) -> str:
    return revision.names.one_of(tuple(f"‘{word}’" for word in words), "word.or")


def _fact_clause(name: str, value: str, revision: Revision) -> str:
    fact = revision.names.fact(name)
    if value in fact.clauses:
        return fact.clauses[value]
    words = revision.names.value(name, value)
    return revision.names.say("rule.fact", fact=fact.label, value=words)


def _answer_words(key: str, among: tuple[str, ...], revision: Revision) -> tuple[str, str]:
    question = next((one for one in revision.questions() if one.key == key), None)
    label = question_label(question) if question else key
    words = tuple(answer_label(question, value, revision) for value in among)
    return label, _quoted(words, revision)


def question_label(question: Question) -> str:
    """The short Dutch name of a question."""
    return question.label or question.text


def answer_label(question: Question | None, value: str, revision: Revision) -> str:
    """The Dutch words of one answer: of its choice, of its fact, else the answer itself."""
    if question is not None:
        for choice in question.choices:
            if choice.id == value:
                return choice.label
    return revision.names.value(question.fact or "" if question else "", value)
