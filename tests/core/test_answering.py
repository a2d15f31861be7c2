"""How each kind of question reads what is typed, and what a misreading says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from intakebot.core.events import Edited, Event, Marked, Said, SharedPhone
from intakebot.core.flow import Kind, Known, Not
from intakebot.core.reading.parsing import SpokenData, compile_spoken
from intakebot.core.session import Tongue
from tests.core.stage import Stage, a_flow, a_question, choices

LONG = "Ik heb al heel lang ruzie met de buren en dat is moeilijk"


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (Kind.NUMBER, "drie", "3"),
        (Kind.DATE, "26 november", "2026-11-26"),
        (Kind.AGE_BAND, "31", "27_66"),
        (Kind.POSTCODE, "7101 ab", "7101AB"),
        (Kind.PHONE, "06 12345678", "+31612345678"),
        (Kind.PHONE, "nee", None),
        (Kind.NUMBER, "weet ik niet", None),
        (Kind.PLACE, "Groenlo", "Groenlo"),
        (Kind.PLACE, "ik woon in groenlo", "Groenlo"),
        (Kind.TEXT, "koken", "koken"),
        (Kind.YES_NO, "ja hoor", "ja"),
    ],
)
def test_what_is_kept(kind: Kind, text: str, expected: str | None) -> None:
    stage = Stage(a_question("vraag", kind), a_question("controle", Kind.READ_BACK))

    assert stage.say(text) == ["?controle"]
    assert stage.answers() == {"vraag": expected}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Kind.NUMBER, "not-number"),
        (Kind.DATE, "not-date"),
        (Kind.AGE_BAND, "not-age"),
        (Kind.POSTCODE, "not-postcode"),
        (Kind.PHONE, "not-phone"),
        (Kind.YES_NO, "choose-button"),
        (Kind.CHOICES, "choose-button"),
        (Kind.READ_BACK, "choose-button"),
        (Kind.ATTACHMENT, "not-understood"),
    ],
)
def test_what_was_not_understood_and_what_is_too_long_to_be_an_answer(
    kind: Kind, told: str
) -> None:
    stage = Stage(a_question("vraag", kind, choices=choices("appel")))

    assert stage.say("blub") == [told, "?vraag"]
    assert stage.say(LONG) == ["joined-story", "?vraag"]


def test_a_long_text_is_no_name_and_a_button_of_age_answers() -> None:
    stage = Stage(a_question("leeftijd", Kind.AGE_BAND), a_question("naam", Kind.NAME))

    assert stage.press("27_66") == ["?naam"]
    assert stage.say(LONG) == ["joined-story", "?naam"]


@pytest.mark.parametrize(
    ("number", "own", "expected"),
    [
        ("0612345678", True, ["Submit"]),
        ("31612345678", True, ["Submit"]),
        ("0612345678", False, ["foreign-contact", "?telefoon"]),
        ("12", True, ["not-phone", "?telefoon"]),
    ],
)
def test_a_contact_card(number: str, own: bool, expected: list[str]) -> None:  # noqa: FBT001 - a column
    stage = Stage(a_question("telefoon", Kind.PHONE))

    assert expected == stage.hear(SharedPhone(number=number, own=own))


def test_ticks_that_are_typed() -> None:
    stage = Stage(a_question("fruit", Kind.CHOICES, choices=choices("appel", "peer", "pruim")))
    stage.begin()

    assert stage.press("auto") == ["choose-button", "?fruit"]
    assert stage.say("geen") == ["Submit"]
    assert stage.answers() == {"fruit": ()}


def test_ticks_that_were_put_under_one_question_do_not_stand_under_the_next() -> None:
    fruit = a_question("fruit", Kind.CHOICES, choices=choices("appel", "peer"))
    more = a_question("nog_meer", Kind.CHOICES, choices=choices("appel", "peer"))
    stage = Stage(fruit, more, a_question("controle", Kind.READ_BACK))
    stage.begin()
    stage.hear(Marked(id="appel", on=True))
    stage.press("klopt")

    assert stage.press("klopt") == ["?controle"]
    assert stage.answers() == {"fruit": ("appel",), "nog_meer": ()}


def test_the_button_to_change_gives_the_list_even_where_a_question_is_called_so() -> None:
    stage = Stage(a_question("wijzig"), a_question("controle", Kind.READ_BACK))
    stage.begin()
    stage.say("koken")

    assert stage.press("wijzig") == ["?aside:changing"]


FRUIT = choices("appel", "peer")
POSTCODE = a_question("postcode", Kind.POSTCODE, fact="postcode")
PLACE = a_question("plaats", Kind.PLACE, fact="plaats", when=Not(of=Known(name="postcode")))


@pytest.mark.parametrize(
    ("kind", "event", "value"),
    [
        (Kind.NUMBER, Said(text="drie", ref="7"), "3"),
        (Kind.NUMBER, Said(text="weet ik niet", ref="7"), None),
        (Kind.CHOICES, Said(text="klopt", ref="7"), ()),
        (Kind.CHOICES, Said(text="peer", ref="7"), ("peer",)),
        (Kind.STORY, Said(text="klaar", ref="7"), "klaar"),
        (Kind.PHONE, SharedPhone(number="0612345678", own=True, ref="7"), "+31612345678"),
    ],
)
def test_an_answer_is_kept_with_the_own_words_and_the_message_that_it_came_in(
    kind: Kind, event: Event, value: str | tuple[str, ...] | None
) -> None:
    """Its message can still be changed; what was no word, or only an end, is kept as no words."""
    stage = Stage(a_question("vraag", kind, choices=FRUIT), a_question("naam", Kind.NAME))
    stage.begin()
    stage.hear(event)
    (found,) = stage.session.answers
    words = event.text if isinstance(event, Said) and kind is not Kind.STORY else None

    assert (found.value, found.said, found.ref) == (value, words, "7")


def test_a_place_instead_of_a_postcode_is_kept_as_it_was_said_under_both() -> None:
    stage = Stage(POSTCODE, PLACE, a_question("naam", Kind.NAME))
    stage.begin()
    stage.say("ik woon in groenlo", ref="7")
    found = [(one.value, one.said, one.ref) for one in stage.session.answers]

    assert found == [(None, "ik woon in groenlo", "7"), ("Groenlo", "ik woon in groenlo", "7")]


def test_a_place_instead_of_a_postcode_can_be_changed_by_its_message() -> None:
    stage = Stage(POSTCODE, PLACE, a_question("naam", Kind.NAME))
    stage.begin()
    stage.say("Groenlo", ref="7")

    assert stage.hear(Edited(text="Winterswijk", ref="7")) == ["changed", "?naam"]
    found = [(one.question, one.value) for one in stage.session.answers]
    assert found == [("postcode", None), ("plaats", "Winterswijk")]


def test_ticks_that_were_typed_can_be_changed_by_their_message() -> None:
    stage = Stage(a_question("fruit", Kind.CHOICES, choices=FRUIT), a_question("naam", Kind.NAME))
    stage.begin()
    stage.say("appel", ref="7")

    assert stage.hear(Edited(text="peer", ref="7")) == ["changed", "?naam"]
    assert stage.answers() == {"fruit": ("peer",)}


# Half past twelve at night in the Netherlands, in winter and in summer; elsewhere it is a day before.
AT_NIGHT = [
    ("2026-11-23T23:30:00+00:00", "2026-11-25"),
    ("2026-07-06T22:30:00+00:00", "2026-07-08"),
]


@pytest.mark.parametrize(("at", "tomorrow"), AT_NIGHT)
def test_tomorrow_is_counted_from_the_day_in_the_netherlands(at: str, tomorrow: str) -> None:
    stage = Stage(a_question("dag", Kind.DATE), a_question("naam", Kind.NAME))
    stage.at = datetime.fromisoformat(at)
    stage.begin()
    stage.say("morgen", ref="7")
    assert stage.answers() == {"dag": tomorrow}

    stage.hear(Edited(text="overmorgen", ref="7"))
    stage.hear(Edited(text="morgen", ref="7"))
    assert stage.answers() == {"dag": tomorrow}


def test_a_story_under_the_read_back_can_be_changed_by_its_message() -> None:
    stage = Stage(a_question("controle", Kind.READ_BACK))
    stage.begin()
    stage.say(LONG, ref="7")

    assert [(saying.text, saying.ref) for saying in stage.session.story] == [(LONG, "7")]


# Two languages in which the same words mean another thing.
TWO_LANGUAGES = compile_spoken(
    {
        "nl": SpokenData(
            ja=("mo",),
            nee=("ma",),
            weet_niet=("mu",),
            moves={"/who": ("bo",)},
            numbers={"san": 20, "dal": 1},
            months={"tis": 1},
            weekdays={"den": 1},
            names=("ik heet",),
        ),
        "xx": SpokenData(
            ja=("ma", "mu"),
            nee=("mo",),
            moves={"/no-call": ("bo",)},
            numbers={"san": 40, "dal": 2},
            months={"tis": 2},
            weekdays={"den": 2},
            names=("nor",),
        ),
    }
)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.YES_NO, "mo", "nee"),
        (Kind.NUMBER, "san", "40"),
        (Kind.AGE_BAND, "san", "27_66"),
        (Kind.DATE, "den", "2026-11-24"),
        (Kind.DATE, "3 tis", "2027-02-03"),
        (Kind.CHOICE, "dal", "peer"),
        (Kind.CHOICES, "dal", ("peer",)),
        (Kind.CHOICES, "mu", ()),  # agrees
        (Kind.TEXT, "mu", "mu"),
        (Kind.PHONE, "mo", None),
        (Kind.PHONE, "bo", None),
        (Kind.NAME, "nor ik heet Ada", "Ada"),  # said in both, as people do
    ],
)
def test_a_word_means_what_it_means_in_the_language_of_the_conversation(
    kind: Kind, text: str, value: str | tuple[str, ...] | None
) -> None:
    question = a_question("vraag", kind, choices=FRUIT)
    flow = replace(a_flow(question, a_question("controle")), spoken=TWO_LANGUAGES)
    stage = Stage(flow=flow, tongue=Tongue(lang="xx"))
    stage.begin()

    assert stage.say(text) == ["?controle"]
    assert stage.answers() == {"vraag": value}


@pytest.mark.parametrize(("text", "expected"), [("ma", "Submit"), ("mo", "?aside:changing")])
def test_so_it_is_with_the_words_that_send_or_change(text: str, expected: str) -> None:
    check = a_question("controle", Kind.READ_BACK)
    flow = replace(a_flow(check), spoken=TWO_LANGUAGES)
    stage = Stage(flow=flow, tongue=Tongue(lang="xx"))
    stage.begin()

    assert stage.say(text) == [expected]
