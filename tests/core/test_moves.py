"""Moves: what works at every moment, and what the same words mean elsewhere."""

from __future__ import annotations

import io
from dataclasses import replace

import msgspec
import pytest

from intakebot.channels.terminal import Talk, run
from intakebot.core.flow import FactIn, Kind, Known, Not
from intakebot.core.law.reference import make
from intakebot.core.reading.spoken import Spoken, SpokenData, compile_spoken
from intakebot.core.session import Tongue
from intakebot.core.talking.responding import Fresh
from tests.conversation import MONDAY, Conversation, a_desk
from tests.core.stage import Stage, a_flow, a_question, a_session, choices

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


def shared_words() -> Spoken:
    """Words that two languages share and do not mean the same with."""
    return compile_spoken(
        {
            "nl": SpokenData(
                ja=("dom",),
                nee=("la",),
                moves={"/help": ("pat",), "/change": ("wijzig",), "/no-call": ("dom la",)},
                numbers={"dom": 1},
            ),
            "en": SpokenData(nee=("dom",), moves={"/stop": ("pat",)}, numbers={"dom": 2}),
        }
    )


@pytest.mark.parametrize(
    ("lang", "before", "text", "expected"),
    [
        ("nl", (), "pat", ["help", "?hond"]),
        ("en", (), "pat", ["?aside:stopping"]),
        ("nl", ("/stop",), "dom", ["kept"]),
        ("en", ("/stop",), "dom", ["thrown-away", "Erase"]),
        ("nl", ("/unsafe",), "dom", ["danger-yes", "?hond"]),
        ("en", ("/unsafe",), "dom", ["danger-no", "?hond"]),
        ("nl", ("ja", "/change"), "dom", ["?taal"]),
        ("en", ("ja", "/change"), "dom", ["?hond"]),
        ("nl", ("ja",), "wijzig dom", ["?taal"]),
        ("en", ("ja",), "wijzig dom", ["?hond"]),
        ("nl", ("/person",), "dom la", ["call-dropped", "?hond"]),
        ("en", ("/person",), "dom la", ["?naam"]),  # only the first word is English: no
    ],
)
def test_a_word_that_languages_share_is_that_of_the_language_that_was_picked(
    lang: str, before: tuple[str, ...], text: str, expected: list[str]
) -> None:
    flow = replace(a_flow(DOG, NAME, CHECK), spoken=shared_words())
    stage = Stage(flow=flow, tongue=Tongue(lang=lang))
    stage.begin()
    for button in before:
        stage.press(button)

    assert stage.say(text) == expected


@pytest.mark.parametrize(
    ("before", "text", "expected"),
    [
        ("/stop", "weggooien", ["thrown-away", "Erase"]),
        ("/restart", "nee", ["?taal"]),
        ("/change", "hond", ["?taal"]),
        ("/person", "niet bellen", ["call-dropped", "?taal"]),
        ("/help", "wijzig naam", ["?taal"]),
        ("/unsafe", "ja", ["?taal"]),  # the card; a question could not be asked in a language
    ],
)
def test_moves_work_before_a_language_is_picked(
    before: str, text: str, expected: list[str]
) -> None:
    stage = Stage(DOG, NAME, CHECK, tongue=None)
    stage.begin()
    stage.press(before)

    assert stage.say(text) == expected
    assert stage.session.danger_now is None


@pytest.mark.parametrize("asked", [DOG, PHONE])
def test_without_such_a_wish_the_words_answer_what_is_open(asked: object) -> None:
    stage = Stage(DOG if asked is DOG else PHONE, NAME, CHECK)
    stage.begin()

    assert stage.say("toch niet" if asked is DOG else "niet bellen") == ["?naam"]


def test_a_button_that_takes_back_a_wish_that_is_gone_changes_nothing() -> None:
    stage = Stage(NAME, CHECK)
    stage.begin()

    assert stage.press("/no-call") == ["?naam"]


def test_more_puts_every_move_in_sight() -> None:
    talk = Conversation()
    shown = talk.open
    (amended,) = talk.press("/more")

    assert (amended.amends, amended.prompt) == (True, shown.prompt)
    assert any(button.quiet for button in shown.buttons)
    assert not any(button.quiet for button in amended.buttons)
    assert {it.id for it in amended.buttons} == {it.id for it in shown.buttons} - {"/more"}


def test_a_line_that_an_answer_made_known_is_changed_at_that_answer() -> None:
    """Not at a question like it that stands before, and that was not asked."""
    colour = a_question("kleur", fact="kleur", when=FactIn(name="hond", among=("ja",)))
    again = a_question("kleur2", fact="kleur")
    dog = a_question("hond", Kind.YES_NO, fact="hond")
    stage = Stage(colour, again, dog, CHECK)
    stage.say("rood")

    assert stage.say("ja") == ["?controle"]
    assert stage.press("/change:kleur") == ["?aside:changing"]
    assert stage.press("kleur2") == ["?kleur2"]


def test_what_was_heard_is_changed_at_the_question_that_has_a_line() -> None:
    among = FactIn(name="inkomen", among=("geen",))
    bare = a_question("leeftijd", Kind.AGE_BAND, fact="leeftijd", label=None, when=among)
    lined = a_question("jaren", Kind.AGE_BAND, fact="leeftijd", when=among)
    stage = Stage(a_question("verhaal", Kind.STORY), bare, lined, CHECK)
    stage.say("ik ben 13")

    assert stage.press("klaar") == ["?controle"]
    assert stage.press("/change:leeftijd") == ["?aside:changing"]
    assert stage.press("jaren") == ["?jaren"]


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


@pytest.mark.parametrize(("scope", "told"), [("web", "shared-device"), ("full", "shared-phone")])
def test_who_shares_a_phone_hears_how_each_has_an_own_chat(scope: str, told: str) -> None:
    stage = Stage(NAME, CHECK, scope=scope)
    stage.begin()

    assert stage.say("wij delen deze telefoon") == [told, "?naam"]
    assert stage.session.shared


def test_the_button_for_who_shares_stands_where_others_read_along() -> None:
    screens = [Conversation(scope=scope) for scope in ("web", "full")]
    shared = ["/shared" in [button.id for button in talk.open.buttons] for talk in screens]

    assert shared == [False, True]
    assert "Sluit de chat hier" in screens[0].press("/shared")[0].text
    assert "https://chat.example" in screens[1].press("/shared")[0].text
