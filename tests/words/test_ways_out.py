"""In every language the words that matter most are understood: stop, help, not safe, a person."""

from __future__ import annotations

import msgspec
import pytest

from intakebot import content
from intakebot.core.reading import parsing, spoken
from tests.words.test_catalogues import LANGUAGES

WAYS_OUT: tuple[spoken.Move, ...] = (
    "/stop", "/help", "/unsafe", "/person", "/back", "/skip", "/erase", "/shared",
)  # fmt: skip
FORMS_MIN = 2
DATA = msgspec.convert(
    content.parse((content.FOLDER / "spoken.yaml").read_text("utf-8")), dict[str, spoken.SpokenData]
)
SPOKEN = spoken.compile_spoken(DATA)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("move", WAYS_OUT)
def test_each_language_has_words_for_it_that_work(lang: str, move: spoken.Move) -> None:
    forms = DATA[lang].moves.get(move, ())
    lost = [form for form in forms if parsing.move(SPOKEN, lang, form) != move]

    assert len(forms) >= FORMS_MIN
    assert lost == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_stop_is_understood_whatever_the_language_of_the_chat(lang: str) -> None:
    first = DATA[lang].moves["/stop"][0]

    assert parsing.move(SPOKEN, "nl", first) == "/stop"
    assert parsing.move(SPOKEN, lang, "stop") == "/stop"
