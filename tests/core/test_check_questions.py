"""Questions, each part of `check` asked on its own: what an admin reads, whole, with place and remedy."""

from __future__ import annotations

import pytest

from intakebot.core.check import Around, errors
from intakebot.core.check.conditions import conditions
from intakebot.core.check.keys import keys
from intakebot.core.check.kinds import kinds
from intakebot.core.flow import (
    AllOf,
    AnswerIn,
    AnyOf,
    Choice,
    FactIn,
    Kind,
    Known,
    Not,
    Question,
    Rank,
    Revision,
    Rule,
    Section,
    UrgencyRule,
)
from intakebot.core.hearing.lexicon import DOMAINS
from intakebot.core.region import Region

NOWHERE = Around(region=Region(name="Hier", languages=("nl",), municipalities=()), heard={})
LATER = "Put that question first."


def ask(key: str, kind: Kind = Kind.TEXT, *choices: Choice, **more: str) -> Question:
    fact, domain = more.get("fact"), more.get("domain")
    rank = Rank(more["rank"]) if "rank" in more else None
    return Question(
        key=key, kind=kind, text="?", choices=choices, fact=fact, domain=domain, rank=rank
    )


def waits(key: str, when: Rule | None = None, *depends: str) -> Question:
    return Question(key=key, kind=Kind.TEXT, text="?", when=when, depends=depends)


def pick(name: str, label: str = "", *also: str) -> Choice:
    return Choice(id=name, label=label or f"Keuze {name}", also=also)


PLACE = (ask("postcode", fact="postcode"), ask("plaats", fact="plaats"))
PHONE = ask("telefoon", fact="telefoon")
LAST = ask("controle", Kind.READ_BACK)


def flow(*questions: Question, urgency: tuple[UrgencyRule, ...] = ()) -> Revision:
    return in_sections(Section(key="alles", title="Alles", questions=questions), urgency=urgency)


def in_sections(*sections: Section, urgency: tuple[UrgencyRule, ...] = ()) -> Revision:
    return Revision(
        schema="intakebot-flow/1",
        id="proef",
        revision="1",
        title="Proef",
        sections=sections,
        urgency=urgency,
        clocks=(),
        types=(),
        routing=(),
    )


def of_keys(*questions: Question) -> list[str]:
    return [str(one) for one in keys(flow(*questions))]


def of_kinds(*questions: Question) -> list[str]:
    return [str(one) for one in kinds(flow(*questions))]


def of_conditions(revision: Revision) -> list[str]:
    return [str(one) for one in conditions(revision, NOWHERE)]


# ---- keys and choices


def test_each_section_and_question_has_a_key_of_its_own() -> None:
    first = Section(key="a", title="A", questions=(ask("x"),))
    second = Section(key="b", title="B", questions=(ask("y"), ask("x")))
    again = Section(key="a", title="C", questions=())

    assert [str(one) for one in keys(in_sections(first, second, again))] == [
        'F102 Section "a": has the key of an earlier section. Give each section a key of its own.',
        'F101 Question "x": has the key of an earlier question. Give each question a key of its own.',
    ]


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("a" * 30, []),
        ("0_a", []),
        (
            "a" * 31,
            ["F105 {0}: does not fit on a button of Telegram: 31 bytes. Use 30 bytes at most."],
        ),
        (
            "/x",
            [
                (
                    'F106 {0}: begins with "/", as the buttons that move do (/back, /stop). '
                    "Take away the slash."
                )
            ],
        ),
        (
            "é" * 16,
            [
                (
                    'F104 {0}: "éééééééééééééééé" is no plain word. Use only small letters a-z, '
                    "digits and _, and begin with a letter or a digit."
                ),
                "F105 {0}: does not fit on a button of Telegram: 32 bytes. Use 30 bytes at most.",
            ],
        ),
    ],
)
def test_a_key_fits_on_a_button(key: str, says: list[str]) -> None:
    choice = ask("x", Kind.CHOICE, pick(key))

    assert of_keys(ask(key)) == [one.format(f'Question "{key}"') for one in says]
    assert of_keys(choice) == [one.format(f'Question "x", choice "{key}"') for one in says]


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (
            pick("huis", "Iets anders"),
            (
                '"huis": has the id of an earlier choice. '
                "Give each choice of a question an id of its own."
            ),
        ),
        (
            pick("klaar"),
            (
                '"klaar": has the id of the button that closes this question. '
                "Use another word as its id."
            ),
        ),
        (
            pick("flat", "keuze  HUIS"),
            '"flat": has the same words on its button as choice "huis". Make the labels differ.',
        ),
        (
            pick("flat", "Flat", "Thuis"),
            (
                '"flat": is meant by "Thuis", and so is choice "huis": whoever types it is asked '
                "again. Keep that spelling under one of the two."
            ),
        ),
        (
            pick("flat", "a" * 61),
            ('"flat": label does not fit on a button: 61 characters. Use 60 characters at most.'),
        ),
    ],
)
def test_choices_are_told_apart(second: Choice, says: str) -> None:
    first = pick("huis", "", "thuis")

    found = of_keys(ask("x", Kind.CHOICES, first, second))
    assert [one[5:] for one in found] == [f'Question "x", choice {says}']


# ---- kinds


def test_of_a_conversation_nothing_is_told() -> None:
    assert of_kinds(ask("verhaal", Kind.STORY), *PLACE, PHONE, LAST) == []


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (ask("x", Kind.CHOICE), "F301 {0}: is of kind choice and has no choices. Add `choices`."),
        (ask("x", Kind.DOMAINS), "F301 {0}: is of kind domains and has no choices. Add `choices`."),
        (
            ask("x", Kind.YES_NO, pick("a")),
            (
                "F302 {0}: is of kind yes_no, which has no choices of its own. "
                'Take away `choices`, or make it "choice" or "choices".'
            ),
        ),
        (
            ask("x", Kind.DOMAINS, *(pick(code) for code in DOMAINS[2:])),
            (
                f"F306 {{0}}: offers no choice for life domain {DOMAINS[0]}, {DOMAINS[1]}. "
                "Offer all sixteen life domains."
            ),
        ),
        (
            ask("x", rank="safety"),
            (
                "F312 {0}: is a follow-up of rank safety and belongs to no life domain. "
                "Add `domain`, so that the team finds the answer there."
            ),
        ),
    ],
)
def test_a_question_has_what_its_kind_needs(question: Question, says: str) -> None:
    assert of_kinds(question, *PLACE, PHONE, LAST) == [says.format('Question "x"')]


@pytest.mark.parametrize("kind", [Kind.STORY, Kind.DOMAINS, Kind.READ_BACK])
def test_some_kinds_are_asked_once(kind: Kind) -> None:
    """Each one too many is told beside the first."""
    choices = tuple(pick(code) for code in DOMAINS) if kind is Kind.DOMAINS else ()
    three = [ask(key, kind, *choices) for key in ("a", "b", "c")]
    last = () if kind is Kind.READ_BACK else (LAST,)

    assert of_kinds(*PLACE, PHONE, *three, *last) == [
        f'F303 Question "{key}": is the second question of kind {kind}, after "a". Keep one.'
        for key in ("b", "c")
    ]


def test_at_the_end_everything_is_read_back() -> None:
    assert of_kinds(*PLACE, PHONE) == [
        (
            "F304 The flow: has no read-back, so nobody could look at what is sent. "
            "End with a question of kind read_back."
        )
    ]
    assert of_kinds(LAST, *PLACE, PHONE) == [
        (
            'F305 Question "controle": comes before "telefoon", which would then not be looked at. '
            "Put the read-back last."
        )
    ]


def test_it_is_asked_where_somebody_lives_and_can_be_reached() -> None:
    assert of_kinds(LAST) == [
        *(
            (
                f'F310 The flow: never asks for fact "{fact}", by which a team is found: people '
                f"must look for it. Add a question of kind {kind} with `fact: {fact}`."
            )
            for fact, kind in (("postcode", "postcode"), ("plaats", "place"))
        ),
        (
            'F311 The flow: never asks for fact "telefoon", so people can be reached in the chat '
            "only. Add a question of kind phone with `fact: telefoon`."
        ),
    ]


def test_only_an_error_stands_in_the_way() -> None:
    """Without a question for a number a flow can be used; somebody should look."""
    found = tuple(kinds(flow()))

    assert [one.code for one in found] == ["F304", "F310", "F310", "F311"]
    assert [one.code for one in errors(found)] == ["F304"]


def test_the_usual_way_has_twelve_questions_at_most() -> None:
    more = [ask(f"x{number}") for number in range(8)]
    named = "x0, x1, x2, x3, x4, x5, x6, x7, postcode, plaats, telefoon, controle"

    assert of_kinds(*more[1:], *PLACE, PHONE, LAST) == []
    assert of_kinds(*more, *PLACE, PHONE, LAST) == [
        (
            f"F309 The flow: asks 13 questions on the usual way: {named}, and the language. "
            "12 at most: give some a `rank` or a `when`, or take them out."
        )
    ]


# ---- conditions


def deep(levels: int) -> Rule:
    """Something that is known, within so many conditions."""
    return Not(of=deep(levels - 1)) if levels else Known(name="taal")


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (deep(7), None),
        (
            deep(8),
            (
                "F409 {0}: has a condition with conditions within conditions, deeper than 8. "
                "Say it with fewer all, any and not within each other."
            ),
        ),
        (AnyOf(of=(Known(name="taal"),) * 199), None),
        (
            AnyOf(of=(Known(name="taal"),) * 200),
            "F410 {0}: has a condition of 201 parts. 200 at most: say it with fewer.",
        ),
        (
            AllOf(of=(deep(0), deep(1))),
            (
                "F411 {0}: has a condition that can never be true. "
                "Look for two parts that exclude each other."
            ),
        ),
    ],
)
def test_a_condition_can_be_read_and_can_be_true(rule: Rule, says: str | None) -> None:
    """Of a question and of a rule."""
    urgency = (UrgencyRule(key="haast", level="week", when=rule, because="Er is haast."),)

    assert of_conditions(flow(waits("x", rule))) == ([says.format('Question "x"')] if says else [])
    assert of_conditions(flow(urgency=urgency)) == (
        [says.format('Urgency rule "haast"')] if says else []
    )


def test_a_question_waits_for_what_was_asked_before_it() -> None:
    home = ask("woning", Kind.CHOICE, pick("huis"), fact="woont")
    answer = waits("x", AnswerIn(question="woning", among=("huis",)))
    fact = waits("y", FactIn(name="woont", among=("huis",)))
    change = waits("z", None, "woning")

    assert of_conditions(flow(home, answer, fact, change)) == []
    assert of_conditions(flow(answer, fact, change, home)) == [
        f'F403 Question "x": looks at the answer to "woning", which is not asked before it. {LATER}',
        (
            'F406 Question "y": looks at fact "woont", which only a later question makes known '
            f'("woning"). {LATER}'
        ),
        f'F413 Question "z": depends on "woning", which is not asked before it. {LATER}',
    ]


def test_a_question_belongs_to_a_life_domain_that_is_there() -> None:
    assert of_conditions(flow(ask("x", domain="justitie"))) == []
    assert of_conditions(flow(ask("x", domain="justitiee"))) == [
        (
            'F407 Question "x": names life domain "justitiee", which there is not. '
            'Did you mean "justitie"?'
        )
    ]
