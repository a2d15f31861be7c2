"""What is made ready once of the questions of a revision, so that a walk past them is short."""

from __future__ import annotations

import msgspec

from intakebot.core.facts import Fact
from intakebot.core.flow import (
    AllOf,
    AnswerIn,
    AnyOf,
    Choice,
    ClockRule,
    FactIn,
    Kind,
    Known,
    Not,
    Question,
    Rank,
    Section,
    facts_in,
)
from intakebot.core.law.ledger import Ledger
from intakebot.core.milestones import Milestones, milestones
from intakebot.core.revision import Rule
from intakebot.core.texts import dutch, fingerprint
from tests.conversation import shipped_flow
from tests.core.stage import a_flow, a_question, choices

CLOCK = ClockRule(
    key="klok",
    law="Wet",
    when=AllOf(of=(FactIn(name="inkomen", among=("geen",)), Not(of=Known(name="huis")))),
    started_by="de aanvraag",
)


def made(*questions: Question, clocks: tuple[ClockRule, ...] = ()) -> Milestones:
    """The milestones of these questions."""
    return milestones(msgspec.structs.replace(a_flow(*questions).revision, clocks=clocks))


def test_the_facts_of_a_rule_are_those_that_it_looks_at_however_deep() -> None:
    rule: Rule = AnyOf(
        of=(
            AllOf(of=(FactIn(name="inkomen", among=("geen",)), Known(name="leeftijd"))),
            Not(of=FactIn(name="huis", among=("ja",))),
            AnswerIn(question="kleur", among=("rood",)),
        )
    )

    assert sorted(facts_in(rule)) == ["huis", "inkomen", "leeftijd"]


def test_what_starts_a_clock_is_asked_before_the_rest_of_its_rank() -> None:
    income = a_question("inkomen", fact="inkomen", rank=Rank.LAW)
    by_choice = a_question(
        "woning",
        Kind.CHOICE,
        rank=Rank.LAW,
        choices=(Choice(id="eigen", label="Eigen", sets={"huis": "ja"}),),
    )
    other = a_question("anders", fact="anders", rank=Rank.LAW)

    found = made(other, income, by_choice, clocks=(CLOCK,)).by_key

    assert found["inkomen"].turn < found["anders"].turn
    assert found["woning"].turn < found["anders"].turn


def test_only_a_fact_that_is_asked_as_a_day_is_a_day() -> None:
    found = made(
        a_question("wanneer", Kind.DATE, fact="datum"),
        a_question("gewoon", fact="woord"),
        a_question("dag", Kind.DATE),
    )

    assert found.days == {"datum"}


def test_only_a_question_for_a_number_is_one_for_a_telephone() -> None:
    found = made(a_question("bellen", Kind.PHONE), a_question("naam", Kind.NAME))

    assert found.phones == {"bellen"}


def test_a_choice_may_say_whom_a_story_is_about() -> None:
    about = Choice(id="ander", label="Een ander", sets={"voor_wie": "ander"})
    found = made(
        a_question("wie", Kind.CHOICE, choices=(*choices("mij"), about)),
        a_question("kleur", Kind.CHOICE, choices=choices("rood", "blauw")),
        a_question("voor", Kind.CHOICE, fact="voor_wie", choices=choices("mij", "ander")),
    ).by_key

    assert [found[key].asks_whom for key in ("wie", "kleur", "voor")] == [True, False, True]


def test_a_day_that_may_be_asked_without_anything_known_is_always_looked_at() -> None:
    never = Not(of=FactIn(name="inkomen", among=("geen",)))
    found = made(
        a_question("wanneer", Kind.DATE, fact="datum", when=never),
        a_question("later", Kind.DATE, fact="datum2", when=Known(name="inkomen")),
    )

    assert found.always == (0,)
    assert {entry for entry, places in found.woken.items() if 1 in places} == {
        ("fact", "inkomen", None),
        ("fact", "datum2", None),
    }


def test_an_answer_counts_before_what_the_story_tells_whichever_is_noted_last() -> None:
    answer = Fact(name="postcode", value="7101", source="answer")
    told = Fact(name="postcode", value="3461", source="story")

    for facts in ([answer, told], [told, answer]):
        assert Ledger(facts, (), (), danger_now=False).value("postcode") == "7101"


def test_every_text_of_a_question_is_translated_by_its_path() -> None:
    question = a_question("wie", other="Over wie?", help="Zeg het maar.")
    section = Section(key="alles", title="Alles", questions=(question,))

    assert dutch((section,)) == {
        "section.alles.title": "Alles",
        "wie.text": "wie?",
        "wie.other": "Over wie?",
        "wie.help": "Zeg het maar.",
        "wie.label": "wie",
    }


def test_a_text_with_half_a_sign_still_has_a_fingerprint() -> None:
    """It is told elsewhere that such a sign cannot be sent; the check must come that far."""
    assert fingerprint("\ud83d") != fingerprint("a")


def test_the_shipped_flow_knows_where_to_call() -> None:
    found = milestones(shipped_flow().revision)

    assert all(found.by_key[key].question.kind is Kind.PHONE for key in found.phones)
    assert found.phones
