"""The way through the shipped questions: twelve at most, and no legal term is lost on it.

For every pair of life domains the flow is walked with answers that make a clock start. The clock
must then run, however many other questions the two domains bring.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from types import MappingProxyType

import pytest

from intakebot.core.flow import Kind, Question
from intakebot.core.law.conditions import holds
from intakebot.core.limits import QUESTIONS_MAX
from intakebot.core.session import Answer, Session, Signal, Tongue
from intakebot.core.talking.path import Path, basis, to_ask, walk
from tests.conversation import MONDAY, shipped_flow

FLOW = shipped_flow()
DOMAINS = tuple(choice.id for choice in FLOW.by_key["domeinen"].choices)
ONE_OR_TWO = tuple((one,) for one in DOMAINS) + tuple(combinations(DOMAINS, 2))
# Domains that bring the most questions about safety and law.
BUSY = tuple(pair for pair in ONE_OR_TWO if {"financien", "huiselijke_relaties"} & set(pair))
# Answers that start a clock, when it is not started by a domain alone.
STARTS = MappingProxyType(
    {
        "wgs_gesprek": {"schulden": "ja"},
        "wgs_spoed": {"schulden": "ja", "dreiging": "energie_afsluiting"},
        "pw_zoektermijn": {"inkomen": "geen", "leeftijd": "18_26"},
        "pw_voorschot": {"inkomen": "geen"},
        "pw_besluit": {"inkomen": "geen"},
    }
)
EVERYTHING = {"schulden": "ja", "dreiging": "energie_afsluiting"} | STARTS["pw_zoektermijn"]
Answers = dict[str, str | None]


def walked(domains: tuple[str, ...], answers: Answers, *signals: Signal) -> tuple[Path, list[str]]:
    """The end of the way, and everything that was asked on it."""
    session = Session(id="s1", flow="f", revision="1", started_at=MONDAY, tongue=Tongue(lang="nl"))
    session = session.replace(signals=signals)
    asked = ["taal"]
    while (path := walk(FLOW, session)).open is not None:
        question = path.open
        asked.append(question.key)
        if question.kind is Kind.READ_BACK:
            break
        given = Answer(
            question=question.key,
            value=domains if question.kind is Kind.DOMAINS else _answer(question, answers),
            at=MONDAY + timedelta(minutes=len(asked)),
            basis=basis(question, path.known),
        )
        session = session.replace(answers=(*session.answers, given))
    return path, asked


def _answer(question: Question, answers: Answers) -> str | None:
    """What is told here: as the test says, else something that starts nothing."""
    if question.key in answers:
        return answers[question.key]
    match question.kind:
        case Kind.YES_NO:
            return "nee" if question.key in ("schulden", "gevaar_nu") else "ja"
        case Kind.CHOICE:
            return "wel" if question.key == "inkomen" else question.choices[0].id
        case Kind.POSTCODE:
            return "7101"
        case _:
            return "iets"


@pytest.mark.parametrize("clock", STARTS)
def test_a_clock_of_money_starts_with_every_other_domain_beside_it(clock: str) -> None:
    rule = next(rule for rule in FLOW.revision.clocks if rule.key == clock)
    money = [pair for pair in ONE_OR_TWO if "financien" in pair]
    ends = {pair: walked(pair, {"voor_wie": "mij", **STARTS[clock]}) for pair in money}

    assert [pair for pair, (path, _) in ends.items() if not holds(rule.when, path.known)] == []
    assert [pair for pair, (_, asked) in ends.items() if len(asked) > QUESTIONS_MAX] == []


def test_debts_a_threat_and_no_income_below_27_all_start_their_clock() -> None:
    path, asked = walked(("financien",), {"voor_wie": "mij", **EVERYTHING})
    started = {rule.key for rule in FLOW.revision.clocks if holds(rule.when, path.known)}

    assert started >= set(STARTS)
    assert len(asked) <= QUESTIONS_MAX
    assert {"sterk", "naam"} & set(asked) == set()  # they gave way, and are not forgotten
    assert {"sterk", "naam"} <= {question.key for question in to_ask(path)}


def test_every_clock_is_started_by_a_domain_or_by_these_answers() -> None:
    by_domain = {
        rule.key
        for rule in FLOW.revision.clocks
        for one in DOMAINS
        if holds(rule.when, walked((one,), {"voor_wie": "mij"})[0].known)
    }

    assert {rule.key for rule in FLOW.revision.clocks} == by_domain | set(STARTS)


@pytest.mark.parametrize("postcode", ["7101", "9999"])
@pytest.mark.parametrize("signal", [None, "violence", "suicide"])
@pytest.mark.parametrize("whom", ["mij", "ander", "signaal"])
def test_no_way_is_longer_than_twelve(whom: str, signal: str | None, postcode: str | None) -> None:
    answers: Answers = {
        "voor_wie": "mij" if whom == "mij" else "ander",
        "weet_ander": "nee" if whom == "signaal" else "ja",
        "postcode": postcode,
        "veilig_thuis": "nee",
        "dreiging": "ontruiming",
        **EVERYTHING,
    }
    heard = Signal(category=signal or "", strength="soft", question=None, words="zo")
    signals = (heard,) if signal else ()
    ways = {pair: walked(pair, answers, *signals)[1] for pair in BUSY}

    assert {pair: asked for pair, asked in ways.items() if len(asked) > QUESTIONS_MAX} == {}
    assert {"telefoon", "postcode"} <= set.intersection(*map(set, ways.values()))
