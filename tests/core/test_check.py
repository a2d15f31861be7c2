"""Everything that is wrong with a flow is told at once, in its place, and nothing twice.

tests/flows shows each problem with a file; here are the edges of the same rules, and the laws.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import msgspec
import pytest

from intakebot import content
from intakebot.core.check import Around, Problem, around, check, check_data
from intakebot.core.check.facts import Source
from intakebot.core.check.keys import keys
from intakebot.core.check.kinds import usual_way
from intakebot.core.check.logic import always_holds, can_hold
from intakebot.core.check.places import RULES
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
    Section,
    SignalIn,
)
from intakebot.core.hearing.lexicon import DOMAINS
from intakebot.core.hearing.safety import CATEGORIES
from intakebot.core.limits import QUESTIONS_IN_FLOW_MAX, RULE_DEPTH_MAX, RULES_MAX, SECTIONS_MAX
from tests.conversation import shipped_flow

ALWAYS: dict[str, object] = {"if": "all", "of": []}
Data = dict[str, object]


@cache
def here() -> Around:
    """A region with one team and Dutch only, where a story tells of debts."""
    region = content.load().region
    return Around(
        region=region.replace(languages=("nl", "nl-A2"), municipalities=region.municipalities[:1]),
        heard={"schulden": (Source(values=("ja",)),), "wanneer": (Source(values=()),)},
    )


def a_question(key: str, kind: str = "text", **more: object) -> Data:
    return {"key": key, "kind": kind, "text": f"Wat is {key}?", "label": key, **more}


def a_choice(name: str, **more: object) -> Data:
    return {"id": name, "label": f"Keuze {name}", **more}


def a_flow(*questions: Data, **more: object) -> Data:
    """A flow without problems, with these questions before the others."""
    asked = [
        *questions,
        a_question("postcode", "postcode", fact="postcode"),
        a_question("plaats", "place", fact="plaats"),
        a_question("telefoon", "phone", fact="telefoon"),
        a_question("controle", "read_back"),
    ]
    law = {"law": "Wmo", "retention": "15 jaar", "retention_days": 5479}
    facts = ("postcode", "plaats", "telefoon", "schulden", "woont", "dag_wanneer", "leeftijd")
    return {
        "schema": "intakebot-flow/1",
        "id": "proef",
        "revision": "1",
        "title": "Proef",
        "sections": [{"key": "alles", "title": "Alles", "questions": asked}],
        "urgency": [],
        "clocks": [],
        "types": [{"type": "hulpvraag_integraal", "when": ALWAYS}],
        "routing": [{"key": "rest", "queue": "onbekend", "because": "De rest."}],
        "domains": [{"code": code, **law} for code in DOMAINS],
        "names": {
            "domains": {code: code for code in DOMAINS},
            "signals": {code: code for code in CATEGORIES},
            "facts": {name: {"label": name} for name in facts},
        },
        **more,
    }


def told(data: Data, surroundings: Around | None = None) -> list[str]:
    """What is reported, without the remedies."""
    return [shown(one) for one in check_data(data, surroundings or here())[1]]


def shown(problem: Problem) -> str:
    return f"{problem.code} {problem.where}: {problem.what}"


def codes(data: Data, surroundings: Around | None = None) -> list[str]:
    return [one.code for one in check_data(data, surroundings or here())[1]]


def test_a_misspelt_condition_hides_no_later_rule() -> None:
    wrong = {"if": "knwon", "name": "schulden"}
    routing = [
        {"key": "spoed", "queue": "onbekend", "because": "x", "when": wrong},
        {"key": "rest", "queue": "onbekend", "because": "De rest."},
    ]
    types = [
        {"type": "hulpvraag_integraal", "when": wrong},
        {"type": "hulpvraag_integraal", "when": ALWAYS},
    ]
    assert codes(a_flow(routing=routing)) == ["F009"]
    assert codes(a_flow(types=types)) == ["F009"]


def test_the_shipped_flow_has_no_problem() -> None:
    flow = shipped_flow()

    assert check(flow.revision, around(flow.region, flow.lexicon)) == ()


def test_a_good_flow_is_read_as_it_is() -> None:
    data = a_flow()
    revision, found = check_data(data, here())

    assert found == ()
    assert revision is not None
    assert [question.key for question in revision.questions()][-1] == "controle"


def test_a_problem_is_one_line() -> None:
    problem = check_data(a_flow(a_question("x", when={"if": "known", "name": "schuld"})), here())[1]

    assert [str(one) for one in problem] == [
        (
            'F404 Question "x": looks at fact "schuld", which nothing makes known. '
            'Did you mean "schulden"?'
        )
    ]


# ---- shape


def odd() -> Iterator[object]:
    yield from (
        None,
        True,
        3,
        10**30,
        1.5,
        "x",
        "",
        [],
        {},
        [None],
        {1: {}},
        [[]],
        [{}],
        {"if": "all"},
    )
    yield {"if": "not", "of": {"if": "not", "of": {"if": "any", "of": [{"if": "known"}, 3]}}}
    yield {"if": [], "of": 1}


def spots(data: object) -> Iterator[tuple[object, object]]:
    """Every container in the data with each of its keys."""
    if isinstance(data, dict):
        for key in list(data):
            yield data, key
            yield from spots(data[key])
    elif isinstance(data, list):
        for index in range(len(data)):
            yield data, index
            yield from spots(data[index])


def test_whatever_stands_in_a_flow_nothing_raises() -> None:
    """Each value in turn is replaced by odd ones; then there is a revision, or it is told why not."""
    made = msgspec.json.encode(a_whole_flow())
    for number, _ in enumerate(spots(msgspec.json.decode(made))):
        for value in tuple(odd())[number % 4 :: 4]:
            data = msgspec.json.decode(made)
            container, key = list(spots(data))[number]
            container[key] = value  # type: ignore[index]  # a list or a dict, with its own key
            revision, found = check_data(data, here())

            assert revision is not None or found
            assert len({str(one) for one in found}) == len(found), value


def a_whole_flow() -> Data:
    """One of everything."""
    flow = a_flow(
        a_question(
            "woning", "choice", choices=[a_choice("huur", sets={"woont": "huur"}, also=["a"])]
        ),
        a_question("dag", when={"if": "answer", "question": "woning", "among": ["huur"]}),
        urgency=[
            {"key": "a", "level": "week", "because": "b", "when": {"if": "not", "of": ALWAYS}}
        ],
        translations={"en": {"dag.text": {"text": "Day?", "source": "x"}}},
    )
    return {
        **flow,
        "domains": [],
        "names": {"facts": {"woont": {"label": "w", "values": {"a": "b"}}}},
    }


A_PIECE = "stands where a piece with fields is expected. Write its fields below it."
A_TEXT = "stands where a text is expected. Write"
A_FEW = "stands where one of a few words is expected. Use one of:"
A_NAME = "stands where a name is expected. Write it in quotes."
A_NUMBER = "stands where a number is expected. Write a whole number, 1000000 at most."
CLOCK = {"key": "klok", "law": "Wmo", "started_by": "De melding.", "when": ALWAYS}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (
            {"urgency": 3},
            (
                'F009 The flow: field "urgency": 3 stands where a list is expected. '
                "Write a dash (-) before each part."
            ),
        ),
        ({"urgency": [3]}, f'F009 Urgency rule 1: field "": 3 {A_PIECE}'),
        (
            {"urgency": [{"key": 3, "level": "week", "because": "b", "when": ALWAYS}]},
            f'F009 Urgency rule 1: field "key": 3 {A_TEXT} it in quotes.',
        ),
        ({"types": [3]}, f'F009 Type rule 1: field "": 3 {A_PIECE}'),
        ({"title": None}, f'F009 The flow: field "title": nothing {A_TEXT} it in quotes.'),
        ({"title": "x" * 50, "id": 7}, f'F009 The flow: field "id": 7 {A_TEXT} it in quotes.'),
        ({"title": 1.5}, f'F009 The flow: field "title": 1.5 {A_TEXT} it in quotes.'),
        ({"title": ["a"]}, f'F009 The flow: field "title": a list {A_TEXT} one text.'),
        (
            {"schema": "x" * 40},
            f'F009 The flow: field "schema": "{"x" * 40}" {A_FEW} intakebot-flow/1.',
        ),
        (
            {"schema": "x" * 41},
            f'F009 The flow: field "schema": "{"x" * 40}…" {A_FEW} intakebot-flow/1.',
        ),
        (
            {"translations": []},
            (
                'F009 The flow: field "translations": a list stands where names with values is expected. '
                "Write `name: value` on each line."
            ),
        ),
        (
            {"translations": {"en": {False: {}}}},
            f'F009 Language "en": field "False": no (false) {A_NAME}',
        ),
        ({"translations": {False: {}}}, f'F009 Language "False": field "": no (false) {A_NAME}'),
        ({"clocks": [{**CLOCK, "days": "x"}]}, f'F009 Clock "klok": field "days": "x" {A_NUMBER}'),
        (
            {"clocks": [{**CLOCK, "days": 1_000_001}]},
            f'F009 Clock "klok": field "days": 1000001 {A_NUMBER}',
        ),
        (
            {"clocks": [{**CLOCK, "days": True}]},
            f'F009 Clock "klok": field "days": yes (true) {A_NUMBER}',
        ),
    ],
)
def test_what_has_the_wrong_shape_is_told_once(data: Data, says: str) -> None:
    revision, found = check_data({**a_flow(), **data}, here())

    assert revision is None
    assert [str(one) for one in found] == [says]


def test_names_of_the_wrong_shape_are_told_before_those_that_are_missing() -> None:
    data = {**a_flow(), "names": 3}
    names = {**a_flow(), "names": {"domains": {True: "x"}}}

    assert lines(data)[0] == f'F009 The flow: field "names": 3 {A_PIECE}'
    assert lines(names)[0] == (f'F009 The flow: field "names.domains.True": yes (true) {A_NAME}')


def test_a_number_may_be_a_million() -> None:
    assert lines(a_flow(clocks=[{**CLOCK, "days": 1_000_000}])) == []


def test_a_law_without_a_length_is_told_once() -> None:
    """Something stands in for the length, and nothing is told of that."""
    laws = [{"code": code, "law": "Wmo", "retention": "15 jaar"} for code in DOMAINS]

    assert lines(a_flow(domains=laws)) == [
        f'F008 Domain rule {number}: has no field "retention_days". Add it.'
        for number in range(1, len(DOMAINS) + 1)
    ]


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (
            {"calls": "ja"},
            ': field "calls": "ja" stands where yes or no is expected. Write true or false.',
        ),
        ({"key": 3}, f': field "key": 3 {A_TEXT} it in quotes.'),
        (
            {"tekst": "Waar?"},
            ': has a field "tekst" that is not known here. Did you mean "text"?',
        ),
        (
            {"kind": "qqqqq"},
            f': field "kind": "qqqqq" {A_FEW} {", ".join(Kind)}.',
        ),
        (
            {"kind": "choice", "choices": [{"label": "A"}]},
            ', choice 1: has no field "id". Add it.',
        ),
        (
            {"kind": "choice", "choices": ["A"]},
            f', choice 1: field "": "A" {A_PIECE}',
        ),
        (
            {"kind": "choice", "choices": [a_choice("a", sets={"woont": {}})]},
            f', choice "a": field "sets.woont": a piece with fields {A_TEXT} one text.',
        ),
        ({"depends": [1]}, f': field "depends.1": 1 {A_TEXT} it in quotes.'),
        (
            {"when": 3},
            (
                ': field "when": 3 stands where a condition is expected. '
                "Write {if: …} with its fields."
            ),
        ),
        ({"when": {"of": []}}, ': has no field "when.if". Add it.'),
        (
            {"when": {"if": "qqqqq"}},
            (
                ': field "when.if": "qqqqq" stands where the name of a condition is expected. '
                "Use one of: all, any, not, answer, fact, known, domain, signal."
            ),
        ),
        (
            {"when": {"if": "knwon"}},
            (
                ': field "when.if": "knwon" stands where the name of a condition is expected. '
                'Did you mean "known"?'
            ),
        ),
        (
            {"when": {"if": "known", "name": "schulden", "qqqqq": 1}},
            ': has a field "when.qqqqq" that is not known here. Use one of: name.',
        ),
        ({"when": {"if": "not"}}, ': has no field "when.of". Add it.'),
        ({"when": {"if": "known"}}, ': has no field "when.name". Add it.'),
        (
            {"when": {"if": "any", "of": [{"if": "domain"}]}},
            ': has no field "when.of.1.among". Add it.',
        ),
    ],
)
def test_a_wrong_field_of_a_question_is_told_once(question: Data, says: str) -> None:
    where = 'Section "alles", question 1' if "key" in question else 'Question "x"'

    assert [line[5:] for line in lines(a_flow(a_question("x") | question))] == [f"{where}{says}"]


def test_a_condition_within_a_thousand_conditions_is_told() -> None:
    rule: Data = {"if": "known", "name": "schulden"}
    for _ in range(900):
        rule = {"if": "not", "of": rule}

    assert lines(a_flow(a_question("x", when=rule))) == [
        (
            'F409 Question "x": has a condition with conditions within conditions, deeper than 8. '
            "Say it with fewer all, any and not within each other."
        )
    ]


def test_what_is_wrong_elsewhere_is_told_too() -> None:
    """A question that cannot be read hides nothing but itself."""
    data = a_flow(
        a_question("x", "chioce"), a_question("y", text=""), a_question("", depends=["x"])
    )

    assert [line.partition(": ")[0] for line in told(data)] == [
        'F009 Question "x"',
        'F104 Question ""',
        'F201 Question "y"',
    ]


def test_what_follows_from_a_fault_is_not_told() -> None:
    """The read-back is there, with its kind misspelt: nobody is told to add one."""
    data = a_flow()
    section = data["sections"][0]  # type: ignore[index]  # made above
    section["questions"][-1]["kind"] = "readback"

    assert codes(data) == ["F009"]


# ---- keys, texts and kinds


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (a_question("x" * 31), ["F105"]),
        (a_question("x" * 30), []),
        (a_question("/x" + "y" * 30), ["F106", "F105"]),
        (a_question("_x"), ["F104"]),
        (a_question("x", calls=True), []),
        (a_question("x", "choice", choices=[a_choice("klopt")]), []),
        (a_question("x", "choices", choices=[a_choice("klaar"), a_choice("b")]), ["F107"]),
        (a_question("x", "choice", choices=[a_choice("a", easy="b" * 61)]), ["F108"]),
        (a_question("x", "choice", choices=[a_choice("a", other="b" * 61)]), ["F108"]),
        (a_question("x", "choice", choices=[a_choice("a", also=["b", "B"])]), []),
        (a_question("x", help=""), ["F201"]),
        (a_question("x", easy="  "), ["F201"]),
        (a_question("x", label=""), []),
        (a_question("x", label=" "), ["F201"]),
        (a_question("x", text="🙂" * 750), []),
        (a_question("x", text="🙂" * 751), ["F202"]),
        (a_question("x", text="Een\nTwee"), []),
        (a_question("x", text="\ud83d"), ["F203"]),
        (a_question("x", "choice", choices=[a_choice("a", also=[""])]), ["F201"]),
        (a_question("x", "domains"), ["F301"]),
    ],
)
def test_keys_and_texts(question: Data, expected: list[str]) -> None:
    assert codes(a_flow(question)) == expected


def test_a_spelling_that_is_also_a_label_means_the_label() -> None:
    choices = [
        a_choice("a", label="Huis", also=["thuis"]),
        a_choice("b", label="Thuis", also=["thuis"]),
    ]

    assert codes(a_flow(a_question("x", "choice", choices=choices))) == []


@pytest.mark.parametrize(
    ("kind", "value", "good"),
    [
        ("yes_no", "weet_niet", True),
        ("yes_no", "ja!", False),
        ("age_band", "18_26", True),
        ("age_band", "18", False),
        ("number", "12", True),
        ("number", "twee", False),
        ("postcode", "7101", True),
        ("postcode", "7101 AB", False),
        ("phone", "+31612345678", True),
        ("phone", "0612345678", False),
        ("date", "2026-12-31", True),
        ("date", "20261231", False),
        ("date", "morgen", False),
        ("text", "iets", True),
        ("text", " ", False),
        ("statement", "iets", False),
    ],
)
def test_what_is_assumed_is_an_answer(kind: str, value: str, good: bool) -> None:  # noqa: FBT001 - a column of the table
    assert codes(a_flow(a_question("x", kind, assumed=value))) == ([] if good else ["F308"])


def test_an_assumed_choice_is_one_of_the_choices() -> None:
    choices = [a_choice("a"), a_choice("b")]

    assert codes(a_flow(a_question("x", "choice", choices=choices, assumed="a"))) == []
    assert codes(a_flow(a_question("x", "choice", choices=choices, assumed="c"))) == ["F308"]


def test_the_usual_way_is_walked() -> None:
    """Language, and what somebody is asked who tells about itself and takes the first choices."""
    assert usual_way(shipped_flow().revision.questions()) == (
        *("voor_wie", "verhaal", "domeinen", "sterk", "postcode", "naam", "telefoon", "controle"),
    )


def test_twelve_questions_are_not_too_long_and_thirteen_are() -> None:
    seven = [a_question(f"x{number}") for number in range(7)]
    ranked = a_question("y", rank="plan")
    told_only = a_question("z", "statement")

    assert codes(a_flow(*seven, ranked, told_only)) == []
    assert codes(a_flow(*seven, a_question("y"))) == ["F309"]


def test_the_usual_way_leaves_out_what_is_known() -> None:
    seven = [a_question(f"x{number}") for number in range(7)]

    assert "F309" in codes(a_flow(*seven, a_question("y", fact="schulden")))
    assert "F309" not in codes(a_flow(*seven, a_question("y", fact="taal")))


# ---- conditions


def a_condition(rule: Data) -> list[str]:
    """What is told of this condition, of a question after a few others."""
    before = [
        a_question("woning", "choice", fact="woont", choices=[a_choice("huur"), a_choice("geen")]),
        a_question("dag", "date", fact="dag_wanneer"),
        a_question("oud", "age_band", fact="leeftijd"),
        a_question("verhaal", "story"),
    ]
    return codes(a_flow(*before, a_question("x", when=rule, rank="plan")))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"if": "answer", "question": "woning", "among": ["huur"]}, []),
        ({"if": "answer", "question": "woning", "among": ["duur"]}, ["F402"]),
        ({"if": "answer", "question": "dag", "among": ["morgen"]}, []),
        ({"if": "answer", "question": "verhaal", "among": ["klaar"]}, []),
        ({"if": "answer", "question": "x", "among": ["iets"]}, ["F403"]),
        ({"if": "answer", "question": "controle", "among": ["ja"]}, ["F403"]),
        ({"if": "answer", "question": "controle", "among": ["nee"]}, ["F403", "F402"]),
        ({"if": "fact", "name": "woont", "among": ["huur"]}, []),
        ({"if": "fact", "name": "woont", "among": ["hier"]}, ["F405"]),
        ({"if": "fact", "name": "leeftijd", "among": ["18_26"]}, []),
        ({"if": "fact", "name": "leeftijd", "among": ["18"]}, ["F405"]),
        ({"if": "fact", "name": "wanneer", "among": ["straks"]}, []),
        ({"if": "fact", "name": "gebied", "among": ["bekend"]}, []),
        ({"if": "fact", "name": "taal", "among": ["ti"]}, []),
        ({"if": "fact", "name": "postcode", "among": ["7101"]}, ["F406"]),
        ({"if": "known", "name": "niets"}, ["F404"]),
        ({"if": "fact", "name": "niets", "among": ["ja"]}, ["F404"]),
        ({"if": "domain", "among": ["financien"]}, []),
        ({"if": "signal", "among": ["violence"]}, []),
        ({"if": "any", "of": []}, ["F411"]),
        ({"if": "fact", "name": "schulden", "among": []}, ["F411"]),
        ({"if": "all", "of": []}, []),
        (
            {"if": "all", "of": [{"if": "known", "name": "a"}, {"if": "known", "name": "a"}]},
            ["F404"],
        ),
    ],
)
def test_conditions_name_what_is_there(rule: Data, expected: list[str]) -> None:
    assert a_condition(rule) == expected


def test_a_rule_may_look_at_every_question() -> None:
    rule = {"if": "answer", "question": "controle", "among": ["ja"]}
    urgency = [{"key": "a", "level": "week", "because": "b", "when": rule}]

    assert codes(a_flow(urgency=urgency)) == []


def test_near_days_have_words_of_their_own() -> None:
    """`urgency.seen_from` says them of a day that a choice or a question made known."""
    days = a_question("dag", "choice", fact="dag_wanneer", choices=[a_choice("later")])
    rule: Data = {"if": "fact", "name": "dag_wanneer", "among": ["vandaag", "morgen"]}

    assert codes(a_flow(days, a_question("x", when=rule, rank="plan"))) == []


def test_a_question_waits_for_no_fact_of_its_own() -> None:
    """It is asked only while its fact is not known."""
    rule: Data = {"if": "fact", "name": "schulden", "among": ["ja"]}

    assert codes(a_flow(a_question("x", fact="schulden", when=rule))) == ["F411"]


def test_choices_and_questions_name_life_domains() -> None:
    choices = [a_choice("a", domain="geld"), a_choice("b", domain="financien")]

    assert codes(a_flow(a_question("x", "choice", choices=choices, domain="justitie"))) == ["F407"]


A, B = Known(name="a"), Known(name="b")
HUUR = AnswerIn(question="woning", among=("huur",))
KOOP = AnswerIn(question="woning", among=("koop",))


@pytest.mark.parametrize(
    ("rule", "possible"),
    [
        (A, True),
        (AllOf(of=(A, Not(of=A))), False),
        (AllOf(of=(A, Not(of=B))), True),
        (AnyOf(of=(AllOf(of=(A, Not(of=A))), B)), True),
        (Not(of=AllOf(of=())), False),
        (AllOf(of=(HUUR, KOOP)), False),
        (AllOf(of=(HUUR, Not(of=KOOP))), True),
        (AllOf(of=(FactIn(name="a", among=("x",)), FactIn(name="a", among=("y",)))), True),
        (AllOf(of=(FactIn(name="a", among=("x",)), Not(of=A))), False),
        (AllOf(of=(SignalIn(among=("child",)), SignalIn(among=("child",), strength="soft"))), True),
        (
            AllOf(
                of=(SignalIn(among=("child",)), Not(of=SignalIn(among=("child",), strength="soft")))
            ),
            False,
        ),
        (AllOf(of=(DomainIn(among=("a", "b")), Not(of=DomainIn(among=("a",))))), True),
        (AllOf(of=(DomainIn(among=("a",)), Not(of=DomainIn(among=("a", "b"))))), False),
    ],
)
def test_whether_a_condition_can_hold(rule: Rule, possible: bool) -> None:  # noqa: FBT001 - a column of the table
    assert can_hold(rule, single=frozenset({"woning"})) is possible


def test_several_answers_go_together_where_several_may_be_given() -> None:
    assert can_hold(AllOf(of=(HUUR, KOOP)))


def test_what_always_holds() -> None:
    assert always_holds(None)
    assert always_holds(AnyOf(of=(A, Not(of=A))))
    assert not always_holds(A)


def test_a_condition_that_is_too_hard_to_judge_is_possible() -> None:
    """Eight times one of two, and something that is and is not: false, but nobody waits for that."""
    pairs = (AnyOf(of=(Known(name=f"x{n}"), Known(name=f"y{n}"))) for n in range(8))

    assert can_hold(AllOf(of=(*pairs, A, Not(of=A))))
    assert not can_hold(AllOf(of=(AnyOf(of=(A, B)), A, Not(of=A))))


# ---- rules and translations


def test_the_catch_all_of_the_routing_is_for_everybody() -> None:
    gm = here().region.municipalities[0].gm
    rules = [
        {"key": "a", "queue": "onbekend", "because": "x", "gm": [gm]},
        {"key": "b", "queue": "gemeente", "because": "x"},
        {"key": "c", "queue": "onbekend", "because": "x", "when": {"if": "known", "name": "taal"}},
    ]

    assert codes(a_flow(routing=rules)) == ["F502"]
    rules.append({"key": "d", "queue": f"{gm}/onbekend", "because": "x"})
    assert codes(a_flow(routing=rules)) == []


def test_a_clock_may_be_due_at_once() -> None:
    clock = {"key": "a", "law": "Wmo", "started_by": "x", "when": ALWAYS}

    assert codes(a_flow(clocks=[clock])) == []
    assert codes(a_flow(clocks=[{**clock, "days": 1, "workdays": 1}])) == ["F507"]
    assert codes(a_flow(clocks=[{**clock, "days": True}])) == ["F009"]


def test_laws_stand_in_turn() -> None:
    law = {"law": "Wmo", "retention": "15 jaar", "retention_days": 1}
    known = {"if": "known", "name": "schulden"}
    domains = [
        {"code": "financien", "when": known, **law},
        *({"code": code, **law} for code in DOMAINS),
        {"code": "financien", **law},
        {"code": "geld", **law, "retention_days": -1},
    ]

    assert told(a_flow(domains=domains)) == [
        "F503 Domain rule 18: is never reached: Domain rule 2 always matches before it.",
        'F407 Domain rule 19: names life domain "geld", which there is not.',
        'F508 Domain rule 19: field "retention_days" is below zero.',
    ]


def test_a_long_text_is_shown_by_its_beginning() -> None:
    data = a_flow(a_question("x", text="a" * 61), translations={"en": {}})
    remedies = [one.remedy for one in check_data(data, here())[1] if '"x.text"' in one.what]

    assert remedies == [f"Translate: “{'a' * 60}…”"]


def test_every_kind_has_answers_or_takes_words() -> None:
    """A condition on an answer of any kind is understood."""
    for kind in Kind:
        choices = (msgspec.convert(a_choice("a"), type=dict),) if "choice" in kind.value else ()
        question = a_question("y", kind.value, choices=list(choices))
        rule = {"if": "answer", "question": "y", "among": ["iets"]}

        assert set(codes(a_flow(question, a_question("x", when=rule, rank="plan")))) <= {
            *("F402", "F301", "F303", "F305", "F306", "F307"),
        }


def test_questions_are_values() -> None:
    assert usual_way((Question(key="x", kind=Kind.YES_NO, text="?", when=Not(of=A)),)) == ("x",)


# ---- remedies: what the admin reads when no name is near enough to be meant


def lines(data: Data, surroundings: Around | None = None) -> list[str]:
    """Whole lines, as the admin reads them."""
    return [str(one) for one in check_data(data, surroundings or here())[1]]


def an_urgency(rule: Data) -> Data:
    """A flow with a few questions, and an urgency rule with this condition."""
    homes = [a_choice("huur"), a_choice("geen")]
    return a_flow(
        a_question("woning", "choice", fact="woont", choices=homes),
        a_question("dag", "choice", fact="dag_wanneer", choices=[a_choice("later")]),
        a_question("verhaal", "story"),
        urgency=[{"key": "spoed", "level": "week", "because": "Er is haast.", "when": rule}],
    )


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (
            {"if": "answer", "question": "qqqqq", "among": ["ja"]},
            (
                'F401 {0}: looks at "qqqqq", which is not a question in this flow. '
                "Name a question that is there."
            ),
        ),
        (
            {"if": "answer", "question": "woning", "among": ["qqqqq"]},
            (
                'F402 {0}: looks for "qqqqq", which is no answer to question "woning". '
                "Use one of: huur, geen."
            ),
        ),
        (
            {"if": "answer", "question": "verhaal", "among": ["qqqqq"]},
            (
                'F402 {0}: looks for "qqqqq", which is no answer to question "verhaal". '
                "Use one of: klaar."
            ),
        ),
        (
            {"if": "not", "of": {"if": "known", "name": "qqqqq"}},
            (
                'F404 {0}: looks at fact "qqqqq", which nothing makes known. '
                "Add it to a question (`fact`) or a choice (`sets`)."
            ),
        ),
        (
            {"if": "fact", "name": "woont", "among": ["qqqqq"]},
            (
                'F405 {0}: looks for "qqqqq", which is never the value of fact "woont". '
                "Use one of: huur, geen."
            ),
        ),
        (
            {"if": "fact", "name": "woont", "among": ["vandaag"]},
            (
                'F405 {0}: looks for "vandaag", which is never the value of fact "woont". '
                "Use one of: huur, geen."
            ),
        ),
        (
            {"if": "fact", "name": "dag_wanneer", "among": ["qqqqq"]},
            (
                'F405 {0}: looks for "qqqqq", which is never the value of fact "dag_wanneer". '
                "Use one of: later."
            ),
        ),
        (
            {"if": "fact", "name": "gebied", "among": ["qqqqq"]},
            (
                'F405 {0}: looks for "qqqqq", which is never the value of fact "gebied". '
                "Use one of: bekend, onbekend."
            ),
        ),
        (
            {"if": "domain", "among": ["qqqqq"]},
            (
                'F407 {0}: names life domain "qqqqq", which there is not. '
                f"Use one of: {', '.join(DOMAINS)}."
            ),
        ),
        (
            {"if": "signal", "among": ["qqqqq"]},
            (
                'F408 {0}: looks for signal "qqqqq", which there is not. '
                f"Use one of: {', '.join(CATEGORIES)}."
            ),
        ),
    ],
)
def test_a_condition_on_nothing_is_told_with_its_place_and_remedy(rule: Data, says: str) -> None:
    assert lines(an_urgency(rule)) == [says.format('Urgency rule "spoed"')]


def test_all_that_is_wrong_with_a_condition_is_told() -> None:
    names: list[Data] = [{"if": "known", "name": "qqqqq"}, {"if": "known", "name": "zzzzz"}]

    assert codes(an_urgency({"if": "any", "of": names})) == ["F404", "F404"]


def test_a_rule_without_a_name_is_counted() -> None:
    types = [
        {"type": "hulpvraag_licht", "when": {"if": "known", "name": "qqqqq"}},
        {"type": "hulpvraag_integraal", "when": ALWAYS},
    ]

    assert [one[:18] for one in lines(a_flow(types=types))] == ["F404 Type rule 1: "]


def test_a_question_has_one_answer_unless_it_takes_several() -> None:
    both: list[Data] = [
        {"if": "answer", "question": "woning", "among": ["huur"]},
        {"if": "answer", "question": "woning", "among": ["geen"]},
    ]

    assert codes(an_urgency({"if": "all", "of": both})) == ["F411"]


@pytest.mark.parametrize("around_it", ["all", "any", "not"])
def test_a_condition_may_be_as_deep_as_is_said(around_it: str) -> None:
    rule: Data = {"if": "known", "name": "schulden"}
    for _ in range(RULE_DEPTH_MAX - 1):
        rule = {"if": around_it, "of": rule if around_it == "not" else [rule]}
    deeper: Data = {"if": around_it, "of": rule if around_it == "not" else [rule]}

    assert codes(an_urgency(rule)) == []
    assert codes(an_urgency(deeper)) == ["F409"]


def test_a_condition_may_be_as_big_as_is_said() -> None:
    known: Data = {"if": "known", "name": "schulden"}

    assert codes(an_urgency({"if": "any", "of": [known] * (RULES_MAX - 1)})) == []
    assert codes(an_urgency({"if": "any", "of": [known] * RULES_MAX})) == ["F410"]


def test_a_question_that_depends_on_nothing_is_told() -> None:
    assert lines(a_flow(a_question("x", depends=["qqqqq"]))) == [
        (
            'F412 Question "x": depends on "qqqqq", which is not a question in this flow. '
            "Name a question that is there."
        )
    ]


def test_a_life_domain_that_is_not_there_is_told_of_its_choice() -> None:
    choices = [a_choice("a", domain="qqqqq")]

    assert lines(a_flow(a_question("x", "choice", choices=choices))) == [
        (
            'F407 Question "x", choice "a": names life domain "qqqqq", which there is not. '
            f"Use one of: {', '.join(DOMAINS)}."
        )
    ]


def test_a_choice_of_life_domains_is_one_of_them() -> None:
    choices = [*(a_choice(code) for code in DOMAINS), a_choice("qqqqq")]

    assert lines(a_flow(a_question("x", "domains", choices=choices))) == [
        (
            'F307 Question "x", choice "qqqqq": is no code of a life domain. '
            f"Use one of: {', '.join(DOMAINS)}."
        )
    ]


def test_what_a_choice_sets_is_known_when_it_was_chosen() -> None:
    """Not before, and with no other value."""
    home = a_question("woning", "choice", choices=[a_choice("huis", sets={"woont": "huur"})])

    def waiting(value: str) -> Data:
        rule = {"if": "fact", "name": "woont", "among": [value]}
        return a_question("x", when=rule, rank="plan")

    assert lines(a_flow(home, waiting("huur"))) == []
    assert told(a_flow(waiting("huur"), home)) == [
        'F406 Question "x": looks at fact "woont", which only a later question makes known ("woning").'
    ]
    assert lines(a_flow(home, waiting("qqqqq"))) == [
        (
            'F405 Question "x": looks for "qqqqq", which is never the value of fact "woont". '
            "Use one of: huur."
        )
    ]


def test_a_fact_has_the_values_of_all_that_makes_it_known() -> None:
    """The engine says that somebody wants to be called; a story may say when."""
    heard = {**here().heard, "bellen": (Source(values=("straks",)),)}
    rule: Data = {"if": "fact", "name": "bellen", "among": ["ja", "straks"]}

    assert codes(an_urgency(rule), Around(region=here().region, heard=heard)) == []


@pytest.mark.parametrize(
    ("fact", "values"),
    [
        ("schulden", "ja, nee"),
        ("uitkering_vragen", "ja"),
        ("leeftijd", "onder_12, 12_15, 16_17, 18_26, 27_66, 67_plus"),
        ("ontmoeten", "koffie, samen_doen"),
        ("over_ander", "ja"),  # said, and told by whose words they are
    ],
)
def test_what_a_story_tells_has_the_values_of_the_lexicon(fact: str, values: str) -> None:
    flow = shipped_flow()
    surroundings = around(here().region, flow.lexicon)

    assert lines(an_urgency({"if": "fact", "name": fact, "among": ["qqqqq"]}), surroundings) == [
        (
            f'F405 Urgency rule "spoed": looks for "qqqqq", which is never the value of fact "{fact}". '
            f"Use one of: {values}."
        )
    ]


# ---- how much there may be


def some_choices(count: int) -> list[Data]:
    return [a_choice(f"c{number}") for number in range(count)]


def test_there_may_be_as_many_choices_as_is_said() -> None:
    assert lines(a_flow(a_question("x", "choice", choices=some_choices(30)))) == []
    assert lines(a_flow(a_question("x", "choice", choices=some_choices(31)))) == [
        'F111 Question "x": has 31 choices. 30 at most: look for what can be taken out or joined.'
    ]


def test_there_may_be_as_many_questions_and_sections_as_is_said() -> None:
    question = Question(key="x", kind=Kind.TEXT, text="?")

    def counted(questions: int, sections: int) -> list[str]:
        """What is told, but for the keys, which are all the same."""
        asked = Section(key="s", title="t", questions=(question,) * questions)
        empty = (Section(key="s", title="t", questions=()),) * (sections - 1)
        flow = msgspec.structs.replace(a_revision(), sections=(asked, *empty))
        return [str(one) for one in keys(flow) if one.code not in ("F101", "F102")]

    most = "at most: look for what can be taken out or joined."
    assert counted(QUESTIONS_IN_FLOW_MAX, SECTIONS_MAX) == []
    assert counted(201, SECTIONS_MAX) == [f"F111 The flow: has 201 questions. 200 {most}"]
    assert counted(QUESTIONS_IN_FLOW_MAX, 31) == [f"F111 The flow: has 31 sections. 30 {most}"]


@pytest.mark.parametrize("part", RULES)
def test_there_may_be_as_many_rules_as_is_said(part: str) -> None:
    revision = a_revision()
    rule = ("a rule that nobody reads",)

    def counted(rules: int) -> list[str]:
        flow = msgspec.structs.replace(revision, **{part: rule * rules})
        return [str(one) for one in keys(flow)]

    assert counted(RULES_MAX) == []
    assert counted(RULES_MAX + 1) == [
        (
            f"F111 The flow: has 201 rules of {part}. "
            "200 at most: look for what can be taken out or joined."
        )
    ]


@cache
def a_revision() -> Revision:
    """The flow of these tests, read."""
    revision, _ = check_data(a_flow(), here())
    assert revision is not None
    return revision


@pytest.mark.parametrize("variant", ["label", "easy", "other"])
def test_the_words_on_a_button_fit(variant: str) -> None:
    def button(chars: int) -> Data:
        return a_question("x", "choice", choices=[a_choice("a", **{variant: "b" * chars})])

    assert told(a_flow(button(60))) == []
    assert told(a_flow(button(61))) == [
        f'F108 Question "x", choice "a": {variant} does not fit on a button: 61 characters.'
    ]


def test_two_buttons_have_other_words() -> None:
    same = [a_choice("a", label="Huis"), a_choice("b", label="huis")]

    assert told(a_flow(a_question("x", "choice", choices=same))) == [
        'F109 Question "x", choice "b": has the same words on its button as choice "a".'
    ]


def test_a_section_is_told_by_its_key() -> None:
    flow = a_flow()
    flow["sections"][0]["key"] = "_a"  # type: ignore[index]  # made above

    assert told(flow) == ['F104 Section "_a": "_a" is no plain word.']


# ---- what is assumed, what stands with a life domain, and the usual way


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        ("statement", "Take away `assumed`: only the person can answer this."),
        ("yes_no", "Use one of: ja, nee, weet_niet."),
        ("number", "Write digits, such as 2."),
        ("postcode", "Write it as 1234 or 1234AB."),
        ("phone", "Write it as +31612345678."),
        ("date", "Write it as 2026-12-31."),
        ("text", "Write the words, or take away `assumed`."),
    ],
)
def test_what_cannot_be_assumed_is_told_with_a_remedy(kind: str, remedy: str) -> None:
    value = " " if kind == "text" else "qqqqq"

    assert lines(a_flow(a_question("x", kind, assumed=value))) == [
        (
            f'F308 Question "x": assumes "{value}", which is no answer to a question of kind {kind}. '
            f"{remedy}"
        )
    ]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (a_question("x", rank="queue"), ["F312"]),
        (a_question("x", rank="safety"), ["F312"]),
        (a_question("x", rank="queue", domain="financien"), []),
        (a_question("x", rank="queue", fact="leeftijd"), []),
        (a_question("x", rank="queue", fact="woont"), ["F312"]),
        (a_question("x", rank="plan"), []),
    ],
)
def test_an_urgent_follow_up_has_a_place_where_the_team_looks(
    question: Data, expected: list[str]
) -> None:
    assert codes(a_flow(question)) == expected


@pytest.mark.parametrize(
    ("before", "rule", "is_met"),
    [
        ((), {"if": "fact", "name": "taal", "among": ["nl"]}, True),
        (("woning",), {"if": "answer", "question": "woning", "among": ["huur"]}, True),
        (("woning",), {"if": "answer", "question": "woning", "among": ["koop"]}, False),
        (("woning",), {"if": "fact", "name": "woont", "among": ["huur"]}, True),
        (("woning",), {"if": "fact", "name": "alleen", "among": ["ja"]}, True),
        (("schulden",), {"if": "answer", "question": "schulden", "among": ["nee"]}, True),
        (("schulden",), {"if": "answer", "question": "schulden", "among": ["ja"]}, False),
        (("schulden",), {"if": "fact", "name": "schulden", "among": ["nee"]}, True),
        (("steun",), {"if": "fact", "name": "steun", "among": ["ja"]}, False),
        (("naam",), {"if": "known", "name": "naam"}, True),
        (("naam",), {"if": "known", "name": "gebied"}, False),
        (("code",), {"if": "fact", "name": "gebied", "among": ["bekend"]}, True),
        (("schulden", "woning"), {"if": "answer", "question": "schulden", "among": ["nee"]}, True),
    ],
)
def test_the_usual_way_follows_from_its_answers(
    before: tuple[str, ...],
    rule: Data,
    is_met: bool,  # noqa: FBT001 - a column of the table
) -> None:
    home = a_choice("huur", sets={"alleen": "ja"})
    there = {
        "woning": a_question("woning", "choice", fact="woont", choices=[home, a_choice("koop")]),
        "schulden": a_question("schulden", "yes_no", fact="schulden"),
        "steun": a_question("steun", "choices", choices=[a_choice("a", sets={"steun": "ja"})]),
        "naam": a_question("naam", fact="naam"),
        "code": a_question("code", "postcode", fact="postcode"),
    }
    language = a_question("talen", fact="taal")  # known from the start, so that it is not asked
    flow = a_flow(language, *(there[key] for key in before), a_question("x", when=rule))
    revision, _ = check_data(flow, here())

    assert revision is not None
    asked = usual_way(revision.questions())
    assert asked[: len(before)] == before
    assert ("x" in asked) is is_met
    assert asked[-1] == "controle"
