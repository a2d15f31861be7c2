"""Parts: each life domain of a request with its words, its facts and its law.

A domain heard in the story stays in the request when the person did not confirm it, and says so.
A fact stands under the first of its domains that is there; what belongs to none stands beside
them. So nothing that was said is lost, and nobody sees a domain that nobody spoke of.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from intakebot.core.facts import Fact, HeardDomain, Known
from intakebot.core.flow import DomainRule, Flow, Kind, Question, Revision
from intakebot.core.law.conditions import answer_label, counting, holds, question_label
from intakebot.core.law.urgency import MOMENT
from intakebot.core.names import Names
from intakebot.core.request import DomainPart, FactPart
from intakebot.core.session import Answer

# A fact for the team, and the domains under which it would be looked for.
_Placed = tuple[tuple[str, ...], FactPart]

# Facts that have a field of their own in the request, or are for the conversation only.
WITH_A_FIELD = frozenset(
    [
        *("taal", "niveau", "tolk", "tolk_wie", "gevaar_nu", "bellen", "telefoon", "veilige_tijd"),
        *("postcode", "plaats", "gebied", "wie_is_het", "voor_wie", "over_ander", "rol", "relatie"),
        *("weet_ervan", "anoniem", "leeftijd", "vraagt_recht", "vraagt_verblijf", "stem"),
    ]
)
# Kinds whose answers say something about the person's life.
TELLING = frozenset({Kind.CHOICE, Kind.CHOICES, Kind.TEXT, Kind.YES_NO, Kind.NUMBER, Kind.DATE})


def parts(flow: Flow, known: Known) -> tuple[tuple[DomainPart, ...], tuple[FactPart, ...]]:
    """The life domains, confirmed ones first, and the facts that belong to none of them."""
    heard = {domain.code: domain for domain in known.heard}
    codes = tuple(dict.fromkeys((*known.confirmed, *heard)))
    under: dict[str, list[FactPart]] = {code: [] for code in codes}
    beside: list[FactPart] = []
    for homes, part in (*_facts(flow, known), *_answers(flow, known)):
        home = next((code for code in homes if code in under), None)
        (under[home] if home else beside).append(part)
    domains = (_domain(flow, known, code, heard.get(code), tuple(under[code])) for code in codes)
    return tuple(domains), tuple(beside)


def _domain(
    flow: Flow, known: Known, code: str, heard: HeardDomain | None, facts: tuple[FactPart, ...]
) -> DomainPart:
    rule = _law(flow.revision, known, code)
    return DomainPart(
        code=code,
        source="story" if heard else _source(flow, known, code),
        confirmed=code in known.confirmed and _agreed(flow, known),
        evidence=heard.evidence if heard else (),
        facts=facts,
        law=rule.law if rule else None,
        visible_to=rule.visible_to if rule else (),
        retention=rule.retention if rule else "",
        retention_days=rule.retention_days if rule else 0,
    )


def _law(revision: Revision, known: Known, code: str) -> DomainRule | None:
    rules = (rule for rule in revision.domains if rule.code == code)
    return next((rule for rule in rules if rule.when is None or holds(rule.when, known)), None)


def _agreed(flow: Flow, known: Known) -> bool:
    """Whether the person saw the list of life domains and agreed."""
    return any(
        question.kind is Kind.DOMAINS and answer.value is not None
        for question, answer in _answered(flow, known)
    )


def _source(flow: Flow, known: Known, code: str) -> Literal["answer", "added"]:
    """Whether the domain follows from an answer, or the person added it to the list."""
    follows = any(
        choice.domain == code and choice.id in _values(answer)
        for question, answer in _answered(flow, known)
        if question.kind is not Kind.DOMAINS
        for choice in question.choices
    )
    return "answer" if follows else "added"


def _facts(flow: Flow, known: Known) -> list[_Placed]:
    """Every fact that counts, in the order in which it became known."""
    counted: dict[tuple[str, str], Fact] = {}
    for fact in known.facts:
        if fact.name not in WITH_A_FIELD and fact.value in counting(known, fact.name):
            counted[fact.name, fact.value] = fact
    return [_fact(flow, fact) for fact in counted.values()]


def _fact(flow: Flow, fact: Fact) -> _Placed:
    names = flow.revision.names
    name = names.fact(fact.name)
    asked = flow.by_key.get(fact.question or "")
    shown = _as_day(names, fact) or names.value(fact.name, fact.value)
    part = FactPart(
        question=fact.question or fact.name,
        value=fact.value,
        words_nl=names.say("fact.line", fact=name.label, value=shown),
        evidence=fact.evidence or None,
    )
    return (*((asked.domain,) if asked and asked.domain else ()), *name.domains), part


def _as_day(names: Names, fact: Fact) -> str | None:
    """A day as Dutch people write it; words that name no day stay the person's own, as a quote."""
    if not fact.name.endswith(MOMENT):
        return None
    try:
        day = date.fromisoformat(fact.value)
    except ValueError:
        return names.say("fact.own_words", words=fact.value)
    return f"{day.day}-{day.month}-{day.year}"


def _answers(flow: Flow, known: Known) -> list[_Placed]:
    """Answers that made no fact known but still tell something."""
    told = {fact.question for fact in known.facts}
    return [
        ((question.domain,) if question.domain else (), _part(flow, question, answer, value))
        for question, answer in _answered(flow, known)
        if question.kind in TELLING and question.key not in told
        for value in _values(answer)
    ]


def _part(flow: Flow, question: Question, answer: Answer, value: str) -> FactPart:
    words = answer_label(question, value, flow.revision)
    return FactPart(
        question=question.key,
        value=value,
        words_nl=flow.revision.names.say("fact.line", fact=question_label(question), value=words),
        evidence=answer.said,
    )


def _answered(flow: Flow, known: Known) -> list[tuple[Question, Answer]]:
    """The answers on the path, each with its question."""
    return [(flow.by_key[a.question], a) for a in known.answers if a.question in flow.by_key]


def _values(answer: Answer) -> tuple[str, ...]:
    return (answer.value,) if isinstance(answer.value, str) else answer.value or ()
