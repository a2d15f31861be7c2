"""How each kind of question reads what is typed, and what a misreading says."""

from __future__ import annotations

import pytest

from intakebot.core.events import SharedPhone
from intakebot.core.flow import Kind
from tests.core.stage import Stage, a_question, choices

LONG = "Ik heb al heel lang geen geld meer en dat is moeilijk"


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
