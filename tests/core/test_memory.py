"""What is remembered never changes what is said, and never grows without end."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intakebot.core import folding
from intakebot.core.folding import fold, fold_char, trace
from intakebot.core.hearing.domains import hear
from intakebot.core.hearing.safety import find
from intakebot.core.limits import CHARS_REMEMBERED_MAX
from intakebot.core.memory import Memory
from tests.bench.growth_flow import grown
from tests.conversation import Conversation, shipped_flow
from tests.core.inhabitant import STORIES

FLOW = shipped_flow()


def test_a_memory_is_bounded_and_keeps_what_is_asked_for() -> None:
    memory: Memory[int, int] = Memory(3)
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        return number * 2

    def twice(number: int) -> int:
        return memory.recall(number, lambda: make(number))

    for number in (1, 2, 3, 1, 4, 1, 5, 1, 6, 1, 7, 1):
        assert number * 2 == twice(number)

    assert made == [1, 2, 3, 4, 5, 6, 7], "what is asked for all the time stays"
    assert len(memory) <= 6
    twice(2)
    assert made == [1, 2, 3, 4, 5, 6, 7, 2], "what was not asked for is forgotten"


def test_a_memory_may_keep_as_little_as_one_but_not_nothing() -> None:
    memory: Memory[int, int] = Memory(1)
    for number in (1, 2):
        memory.recall(number, lambda: 0)

    assert len(memory) == 2, "the last one, and the one before it until another comes"
    with pytest.raises(AssertionError):
        Memory(0)


def test_a_sign_that_becomes_several_is_traced_with_all_of_them() -> None:
    assert (fold("⑴ euro"), trace("⑴ euro").text) == ("1 euro", "1 euro")
    assert trace("a ⑴").words(2, 3) == "⑴"


@given(st.text())
def test_a_text_is_folded_letter_by_letter(text: str) -> None:
    expected = " ".join("".join(map(fold_char, text)).split())

    assert expected == fold(text)
    assert expected == trace(text).text


def test_more_letters_than_anybody_uses_are_not_all_remembered() -> None:
    every = [chr(code) for code in range(CHARS_REMEMBERED_MAX * 2)]
    letters = [char for char in every if unicodedata.category(char).startswith("L")]
    assert [fold(char) for char in letters] == [fold_char(char).strip() for char in letters]

    assert len(folding._FOLDED) <= CHARS_REMEMBERED_MAX


@given(
    story=st.sampled_from(STORIES),
    word=st.text("aeosmrdkjgin", min_size=1, max_size=60),
    lang=st.sampled_from((None, "nl", "ar")),
)
def test_what_is_found_twice_is_the_same(story: str, word: str, lang: str | None) -> None:
    """Also with a word that nobody ever wrote, short enough to be remembered or not."""
    text = f"{story} {word}"

    assert find(FLOW.phrases, text) == find(FLOW.phrases, text)
    assert hear(FLOW.lexicon, (text,), lang) == hear(FLOW.lexicon, (text,), lang)


def test_every_factor_within_a_word_is_found() -> None:
    """What is looked up by two letters comes to what looking for each factor would find."""
    words = [f"x{factor}y" for factor in ("slaat", "dood", "geweld", "mes")] + ["a" * 50 + "slaat"]
    for word in words:
        plain = {
            (number, at)
            for number, language in enumerate(FLOW.phrases.languages)
            for at, (_, _, phrase) in enumerate(language.phrases)
            if any(factor in word for factor in phrase.factors)
        }
        assert plain == FLOW.phrases.near.word(word)
    assert any(FLOW.phrases.near.word(word) for word in words)


def test_of_an_erased_story_nothing_stays_in_memory() -> None:
    flow = grown(FLOW, 10)
    talk = Conversation("nl", flow=flow)
    talk.press("mij")
    talk.say("Ik heb schulden en de stroom wordt donderdag afgesloten.")
    assert len(flow.paths)
    assert len(flow._heard)
    talk.press("/erase")

    assert [len(flow.paths), len(flow._heard), len(flow._said)] == [0, 0, 0]
