"""A message as Telegram shows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intakebot.channels.telegram import keyboard, updates
from intakebot.core.events import Button, Expects, Line, Marked, Message, Pressed, Sender
from intakebot.core.session import Tongue
from tests.conversation import shipped_flow

NL = Tongue(lang="nl")
MOVES = (
    Button(id="/unsafe", label="Ik ben niet veilig"),
    Button(id="/back", label="Terug"),
    Button(id="/more", label="Meer"),
    Button(id="/stop", label="Stoppen", quiet=True),
)


def a_message(*buttons: Button, expects: Expects = Expects.CHOICE, text: str = "Vraag?") -> Message:
    return Message(text=text, tongue=NL, buttons=buttons + MOVES, expects=expects, prompt="t0k3n")


def labels(message: Message) -> list[list[str]]:
    return [[key.label for key in row] for row in keyboard.rows(message)]


def test_short_answers_stand_side_by_side_and_moves_come_last() -> None:
    message = a_message(
        Button(id="ja", label="Ja"),
        Button(id="nee", label="Nee"),
        Button(id="anders", label="Het is iets heel anders"),
        Button(id="weet_niet", label="Weet ik niet"),
    )

    assert labels(message) == [
        ["Ja", "Nee"],
        ["Het is iets heel anders"],
        ["Weet ik niet"],
        ["Ik ben niet veilig", "Terug"],
        ["Meer"],
    ]


def test_ticks_show_their_state_and_carry_the_wanted_one() -> None:
    message = a_message(
        Button(id="financien", label="Geld", proposed=True),
        Button(id="huisvesting", label="Wonen"),
        Button(id="klopt", label="Klopt"),
        expects=Expects.CHOICES,
    )

    rows = keyboard.rows(message)
    keys = {key.label: updates.read_press(key.data) for row in rows for key in row}

    assert keys["☑ Geld"] == Marked(id="financien", on=False, prompt="t0k3n")
    assert keys["☐ Wonen"] == Marked(id="huisvesting", on=True, prompt="t0k3n")
    assert keys["Klopt"] == Pressed(id="klopt", prompt="t0k3n")
    assert keys["Terug"] == Pressed(id="/back", prompt="t0k3n")


def test_quiet_moves_are_behind_more() -> None:
    assert "Stoppen" not in str(labels(a_message()))


def test_a_key_that_telegram_would_refuse_is_left_out() -> None:
    message = a_message(Button(id="x" * 80, label="Lang"), Button(id="kort", label="Kort"))

    assert labels(message)[0] == ["Kort"]


def test_every_answer_of_the_shipped_flow_fits_in_a_button() -> None:
    token = "0" * 32  # a stamp of the vault

    for question in shipped_flow().revision.questions():
        buttons = tuple(Button(id=choice.id, label=choice.label) for choice in question.choices)
        shown = Message(text="?", tongue=NL, buttons=buttons, expects=Expects.CHOICES, prompt=token)
        assert len(keyboard.rows(shown)) == len(buttons), question.key


def test_notes_and_lines_stand_in_the_text() -> None:
    message = a_message(Button(id="f", label="Geld", note="ik heb schulden")).replace(
        lines=(Line(question="naam", label="Naam", value="Sara"),)
    )

    assert keyboard.texts(message) == ("Vraag?\n\nNaam: Sara\n\n– Geld: “ik heb schulden”",)


def test_the_member_who_writes_is_named_above_the_text() -> None:
    sender = Sender(name="Els", line="Van Els:")

    assert keyboard.texts(a_message(text="Dag").replace(sender=sender)) == ("Van Els:\nDag",)


def test_values_are_isolated_in_a_text_from_right_to_left() -> None:
    message = Message(
        text="هل هذا صحيح؟",
        tongue=Tongue(lang="ar"),
        lines=(Line(question="postcode", label="الرمز", value="7101 AB"),),
    )

    assert keyboard.texts(message) == ("هل هذا صحيح؟\n\nالرمز: \u20687101 AB\u2069",)


def test_the_plain_text_says_the_labels() -> None:
    (text,) = keyboard.plain_texts(a_message(Button(id="ja", label="Ja")))

    assert text == "Vraag?\n\n– Ja\n– Ik ben niet veilig\n– Terug\n– Meer"


def test_a_message_without_words_has_no_texts() -> None:
    assert keyboard.texts(Message(text=" \n", tongue=NL)) == ()


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("kort", ("kort",)),
        ("eerste deel\n\ntweede deel", ("eerste deel", "tweede deel")),
        ("een twee drie vier", ("een twee drie", "vier")),
        ("a" * 20, ("a" * 15, "a" * 5)),
        ("😀" * 10, ("😀" * 7, "😀" * 3)),
        ("aaaaaaaaaaaaae\u0301\u0301bbbb", ("aaaaaaaaaaaaa", "e\u0301\u0301bbbb")),
        ("aaaaaaaaaaaa👩\u200d👧bb", ("aaaaaaaaaaaa", "👩\u200d👧bb")),
    ],
)
def test_long_texts_are_cut_where_it_hurts_least(text: str, pieces: tuple[str, ...]) -> None:
    assert keyboard.pieces(text, 15) == pieces


@pytest.mark.laws
@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(2, 60))
def test_pieces_fit_and_lose_nothing_but_white_space(text: str, units_max: int) -> None:
    pieces = keyboard.pieces(text, units_max)

    assert all(0 < keyboard.units(piece) <= units_max for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
