"""Moves: what works at every moment, and what the same words mean elsewhere."""

from __future__ import annotations

import pytest

from intakebot.core.flow import Kind
from tests.core.stage import Stage, a_question

NAME = a_question("naam", Kind.NAME, calls=True)
DOG = a_question("hond", Kind.YES_NO, calls=True)
PHONE = a_question("telefoon", Kind.PHONE, calls=True)
CHECK = a_question("controle", Kind.READ_BACK)


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
