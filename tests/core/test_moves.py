"""Moves: what works at every moment, and what the same words mean elsewhere."""

from __future__ import annotations

import io

import msgspec
import pytest

from intakebot.channels.terminal import Talk, run
from intakebot.core.flow import Kind, Known, Not
from intakebot.core.law.reference import make
from intakebot.core.talking.responding import Fresh
from tests.conversation import MONDAY, a_desk
from tests.core.stage import Stage, a_question, a_session, choices

NAME = a_question("naam", Kind.NAME, calls=True)
DOG = a_question("hond", Kind.YES_NO, calls=True)
PHONE = a_question("telefoon", Kind.PHONE, calls=True)
CHECK = a_question("controle", Kind.READ_BACK)
POSTCODE = a_question("postcode", Kind.POSTCODE, fact="postcode")
PLACE = a_question(
    "plaats", Kind.PLACE, fact="plaats", when=Not(of=Known(name="postcode")), depends=("postcode",)
)


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("niet bellen", NAME, ["call-dropped", "?naam"]),
        ("toch niet", NAME, ["call-dropped", "?naam"]),
        ("toch niet", DOG, ["?naam"]),  # the answer to a yes/no question
        ("bel mij niet", DOG, ["call-dropped", "?hond"]),
        ("don't call me", NAME, ["call-dropped", "?naam"]),
        ("لا تتصلوا بي", NAME, ["call-dropped", "?naam"]),
    ],
)
def test_a_wish_to_be_called_can_be_taken_back(
    text: str, asked: object, expected: list[str]
) -> None:
    first = () if asked is NAME else (DOG,)
    stage = Stage(*first, NAME, CHECK, wants_call=True)
    stage.begin()

    assert stage.say(text) == expected


@pytest.mark.parametrize("asked", [DOG, PHONE])
def test_without_such_a_wish_the_words_answer_what_is_open(asked: object) -> None:
    stage = Stage(DOG if asked is DOG else PHONE, NAME, CHECK)
    stage.begin()

    assert stage.say("toch niet" if asked is DOG else "niet bellen") == ["?naam"]


def test_a_button_that_takes_back_a_wish_that_is_gone_changes_nothing() -> None:
    stage = Stage(NAME, CHECK)
    stage.begin()

    assert stage.press("/no-call") == ["?naam"]


def test_more_is_a_line_at_a_terminal_too() -> None:
    """`talk --json` gives every turn a line to read."""
    out = io.StringIO()
    talk = Talk(
        desk=a_desk(),
        session=a_session(tongue=None),
        now=lambda: MONDAY,
        fresh=lambda: Fresh(reference=make("7K3Q9M2"), session_id="s2"),
    )
    run(talk, ['{"choose": "/more"}'], out, language="nl", as_json=True)
    *_, shown, turn = [msgspec.json.decode(line) for line in out.getvalue().splitlines()]

    assert turn == {"turn": "waiting"}
    assert shown["question"] == "voor_wie"
    assert "/stop" in [button["id"] for button in shown["buttons"]]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (Kind.NAME, "hallo", ["resumed", "?vraag"]),
        (Kind.NAME, "Ada", ["resumed", "?vraag"]),
        (Kind.TEXT, "weet ik niet", ["resumed", "?naam"]),  # it says so itself
        (Kind.PLACE, "ja hoor", ["resumed", "?vraag"]),
        (Kind.YES_NO, "hm", ["resumed", "?vraag"]),
        (Kind.YES_NO, "ja", ["resumed", "?naam"]),
        (Kind.PHONE, "0612345678", ["resumed", "?naam"]),
        (Kind.CHOICE, "rood", ["resumed", "?naam"]),
        (Kind.STORY, "hoi, goedemorgen", ["resumed", "?vraag"]),
        (Kind.STORY, "en ik heb schulden", ["resumed", "?vraag"]),
    ],
)
def test_after_a_pause_only_what_says_its_question_answers_it(
    kind: Kind, text: str, expected: list[str]
) -> None:
    stage = Stage(a_question("vraag", kind, choices=choices("rood", "blauw")), NAME, CHECK)
    stage.begin()
    stage.press("/stop")
    stage.press("bewaren")

    assert stage.say(text) == expected
    assert [saying.text for saying in stage.session.story] == ([text] if "schulden" in text else [])


def test_a_label_counts_before_the_language_and_only_when_it_is_one_and_stands_alone() -> None:
    whom = a_question("kleur", Kind.CHOICE, choices=choices("rood", "blauw", "groen"))
    stage = Stage(whom, NAME, CHECK, tongue=None)
    stage.begin()

    assert stage.say("rood. blauw") == ["?taal"]
    assert stage.say("mijn huis is rood") == ["?taal"]
    assert stage.say("Rood!") == ["noted", "?taal"]
    assert stage.press("nl") == ["?naam"]
    assert stage.press("/language") == ["?taal"]
    assert stage.say("blauw") == ["?taal"]
    assert stage.answers() == {"kleur": "rood"}


def test_before_a_language_is_picked_without_any_question_nothing_is_answered() -> None:
    stage = Stage(a_question("zin", Kind.STATEMENT), tongue=None)

    assert stage.say("hallo daar") == ["?taal"]


@pytest.mark.parametrize(
    ("text", "expected", "place"),
    [
        ("Lichtenvoorde", ["?naam"], "Lichtenvoorde"),
        ("ik woon in Groenlo", ["?naam"], "Groenlo"),
        ("I live in Groenlo", ["?naam"], "Groenlo"),
        ("أسكن في Groenlo", ["?naam"], "Groenlo"),
        ("Linschoten", ["hand over GM0335", "Erase"], None),
        ("Timboektoe", ["not-postcode", "?postcode"], None),
        ("Groenlo of Winterswijk", ["not-postcode", "?postcode"], None),
    ],
)
def test_a_place_under_the_postcode_question_is_understood(
    text: str, expected: list[str], place: str | None
) -> None:
    stage = Stage(POSTCODE, PLACE, NAME, CHECK)
    stage.begin()

    assert stage.say(text) == expected
    assert stage.answers().get("plaats") == place


def test_a_place_means_nothing_where_no_place_is_asked() -> None:
    stage = Stage(POSTCODE, NAME, CHECK)
    stage.begin()

    assert stage.say("Groenlo") == ["not-postcode", "?postcode"]


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("De stroom wordt donderdag afgesloten", ["?naam"]),
        ("De stroom wordt donderdag afgesloten. Het water wordt vrijdag afgesloten", ["?dag"]),
    ],
)
def test_two_days_in_one_story_are_none(story: str, expected: list[str]) -> None:
    day = a_question("dag", Kind.DATE, fact="dreiging_wanneer")
    stage = Stage(a_question("verhaal", Kind.STORY), day, NAME, CHECK)
    stage.begin()
    stage.say(story)

    assert stage.press("klaar") == expected
