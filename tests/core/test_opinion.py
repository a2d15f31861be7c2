"""The second opinion: what is seen of it when everything is made ready anew."""

from __future__ import annotations

import pytest

from intakebot.core.hearing import opinion
from intakebot.core.hearing.clauses import clauses_of, sentences_of
from intakebot.core.hearing.domains import LexiconData, compile_lexicon, hear
from intakebot.core.hearing.likeness import everything, pieces
from intakebot.core.limits import WORD_CHARS_REMEMBERED_MAX
from tests.core.likely import FILLER, learned


def evidence(text: str) -> list[str]:
    """The words with which the team sees each life domain that is likely."""
    weights = learned({"=schuld": (100, 0, -50)})
    sentences = sentences_of(clauses_of(frozenset(), [text]))
    heard = opinion.second_opinion(weights, (), sentences, ())
    return [words for domain in heard for words in domain.evidence]


def test_a_lexicon_with_what_was_learned_hears_what_no_pattern_speaks_for() -> None:
    nl = LexiconData(marks=("ik",), domains={})
    lexicon = compile_lexicon({"nl": nl}, learned({"=schuld": (100, 0, 0)}))

    heard = hear(lexicon, ["ik zeg je nu dat ik een schuld heb"], "nl")

    assert [it.code for it in heard.domains] == ["financien"]


def test_words_may_speak_against_a_life_domain() -> None:
    (part,) = learned({"=schuld": (100, 0, -50)}).parts(["schuld"])

    assert part.scores == pytest.approx((0.5, -0.5, -1.0, *(-0.5,) * 5))


def test_a_short_sentence_is_shown_whole_however_late_it_stands() -> None:
    """Of a long one only a part would be shown; this one has many words, and they are short."""
    short = "Nu is er dan zo een Schuld en wij en jij en ik en zij er aan en nu"

    assert evidence(f"{FILLER}. {FILLER}. {short}") == [short]


def test_of_a_word_without_end_only_the_first_letters_weigh() -> None:
    """They weigh what they would weigh by themselves, and that is something."""
    first = "schuld" * WORD_CHARS_REMEMBERED_MAX
    first = first[:WORD_CHARS_REMEMBERED_MAX]
    weights = learned({f"={first}": (100, 0, 0)})

    (alone,) = weights.parts([first])
    (longer,) = weights.parts([first + "schuldig"])

    assert longer.scores == alone.scores
    assert alone.scores[0] > alone.scores[1]


def test_what_is_learned_from_is_what_is_weighed() -> None:
    learning = [*everything(["geen", "geld"])]

    assert learning == [*pieces("geen"), *pieces("geld"), "geen geld"]


def test_how_far_a_life_domain_is_ahead_is_counted_from_the_best_of_the_others() -> None:
    weights = learned({"=schuld": (100, 40, -50)})

    found = [it.signs.margin for it in opinion.judged(weights, weights.domains, [["schuld"]], ())]

    assert found == pytest.approx([0.6, -0.6, -1.5])
