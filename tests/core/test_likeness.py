"""The second opinion: how much words are like what was learned, and what follows from that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intakebot.core.facts import HeardDomain
from intakebot.core.hearing import opinion
from intakebot.core.hearing.clauses import clauses_of, sentences_of
from intakebot.core.hearing.domains import Lexicon, LexiconData, compile_lexicon, hear
from intakebot.core.hearing.lexicon import DomainData
from intakebot.core.hearing.likeness import Weights, everything, pieces
from intakebot.core.hearing.safety import CATEGORIES, Phrases, compile_phrases, find
from tests.core.likely import FILLER, learned

QUIET = (-0.5,) * len(CATEGORIES)
MONEY = learned({"=schuld": (100, 0, -50), "=huur": (50, 100, 0)})


def test_words_score_what_was_learned_of_them() -> None:
    (part,) = MONEY.parts(["schuld"])

    assert (part.start, part.end) == (0, 1)
    assert part.scores == pytest.approx((0.5, -0.5, -1.0, *QUIET))


def test_words_that_nobody_learned_of_say_nothing() -> None:
    (part,) = MONEY.parts(["zon", "maan"])

    assert part.scores == (-0.5, -0.5, -0.5, *QUIET)


def test_what_is_said_beside_it_makes_words_less_sure() -> None:
    weights = learned({"=schuld": (100, 0, 0)}, common=1)

    (alone,) = weights.parts(["schuld"])
    (among,) = weights.parts(["schuld", "zon", "maan"])

    assert alone.scores[0] > among.scores[0] > -0.5


def test_two_words_that_follow_each_other_say_more_than_each() -> None:
    weights = learned({"geen geld": (100, 0, 0), "geen_eten": (0, 0, 100)})

    (together,) = weights.parts(["geen", "geld", "eten"])
    (apart,) = weights.parts(["geld", "eten", "geen"])

    assert together.scores[0] > -0.5 < together.scores[2]
    assert apart.scores == (-0.5, -0.5, -0.5, *QUIET)


def test_a_long_sentence_is_weighed_in_parts_that_cover_all_of_it() -> None:
    words = [*FILLER.split(), *FILLER.split(), "schuld", *FILLER.split()]

    parts = [*MONEY.parts(words)]

    assert {at for part in parts for at in range(part.start, part.end)} == {*range(len(words))}
    likely = [part for part in parts if part.scores[0] > -0.5]
    assert likely
    assert all("schuld" in words[part.start : part.end] for part in likely)
    assert max(part.end - part.start for part in parts) == 10


@pytest.mark.parametrize(("count", "parts"), [(14, 1), (15, 2), (16, 3), (20, 3), (21, 4)])
def test_a_sentence_of_at_most_fourteen_words_is_weighed_as_a_whole(count: int, parts: int) -> None:
    found = [*MONEY.parts(["woord"] * count)]

    assert len(found) == parts
    assert found[-1].end == count


def test_pairs_count_only_where_both_words_are_in_the_part() -> None:
    weights = learned({"geen geld": (100, 0, 0)})
    words = ["zon"] * 4 + ["geen", "geld"] + ["zon"] * 10

    scores = [part.scores[0] > -0.5 for part in weights.parts(words)]

    assert scores == [True, False, False]


def test_a_word_is_known_by_its_pieces_too() -> None:
    assert [*pieces("huur")] == [
        *("=huur", "<hu", "huu", "uur", "ur>"),
        *("<huu", "huur", "uur>", "<huur", "huur>"),
    ]
    (part,) = learned({"huur": (0, 90, 0)}).parts(["huurschuld"])
    assert part.scores[1] > -0.5


def test_all_that_is_weighed_can_be_learned() -> None:
    assert [*everything(["ik", "wil", "hulp"])][-3:] == ["ik wil", "wil hulp", "ik_hulp"]


def test_of_a_word_without_end_the_first_letters_count() -> None:
    (short,) = MONEY.parts(["a" * 40])
    (long,) = MONEY.parts(["a" * 4_000])

    assert short.scores == long.scores


# ---- the opinion ---------------------------------------------------------------------------------


def opinions(text: str, heard: tuple[str, ...] = (), denied: tuple[str, ...] = ()) -> list[str]:
    told = [HeardDomain(code=code, evidence=("…",)) for code in heard]
    sentences = sentences_of(clauses_of(frozenset(), [text]))
    return [it.code for it in opinion.second_opinion(MONEY, told, sentences, denied)]


def test_what_is_likely_counts_though_no_pattern_speaks_for_it() -> None:
    assert opinions("schuld") == ["financien"]


def test_what_patterns_speak_for_stays_before_what_is_likely() -> None:
    assert opinions("huur. schuld", heard=("mantelzorg",)) == [
        "mantelzorg",
        "huisvesting",
        "financien",
    ]


def test_what_was_heard_is_not_heard_twice() -> None:
    assert opinions("schuld", heard=("financien",)) == ["financien"]


def test_what_the_story_takes_back_is_not_brought_back() -> None:
    assert opinions("schuld", denied=("financien",)) == []


def test_a_pattern_is_not_believed_where_the_whole_story_is_unlike_it() -> None:
    assert opinions("zon", heard=("mantelzorg",)) == ["mantelzorg"]
    assert opinions("schuld", heard=("mantelzorg",)) == ["financien"]


def test_in_few_words_it_must_be_more_likely(monkeypatch: pytest.MonkeyPatch) -> None:
    few = "een beetje schuld"
    monkeypatch.setattr(MONEY, "_floors", (-0.75, -0.5, -0.5, *QUIET))

    assert opinions(few) == []
    assert opinions(f"{few}. {FILLER}. {FILLER}") == ["financien"]


def test_the_evidence_is_the_sentence_or_the_likest_words_of_a_long_one() -> None:
    def evidence(text: str) -> str:
        (domain,) = opinion.second_opinion(
            MONEY, (), sentences_of(clauses_of(frozenset(), [text])), ()
        )
        (said,) = domain.evidence
        return said

    assert evidence("Het is mooi weer. Wij hebben Schuld!") == "Wij hebben Schuld"
    long = evidence(f"{FILLER} {FILLER} Schuld {FILLER} {FILLER}")
    assert "Schuld" in long.split()
    assert len(long.split()) == 10


def lexicon(weights: Weights | None) -> Lexicon:
    nl = LexiconData(
        marks=("ik",),
        denials=("geen @",),
        domains={"financien": DomainData(troubles=("schuld",))},
    )
    return replace(compile_lexicon({"nl": nl}), weights=weights)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Nine words are a story; eight may be an answer.
        ("ik zeg je nu dat ik huur heb ja", ["huisvesting"]),
        ("ik zeg je nu dat ik huur ja", []),
        ("ik zeg je nu dat ik geen schuld heb", []),
        ("ik zeg je nu dat ik een schuld heb", ["financien"]),
    ],
)
def test_a_story_gets_a_second_opinion(text: str, expected: list[str]) -> None:
    assert [it.code for it in hear(lexicon(MONEY), [text], "nl").domains] == expected


def test_without_what_was_learned_the_patterns_decide() -> None:
    heard = hear(lexicon(None), ["ik zeg je nu dat ik huur en schuld heb"], "nl")

    assert [it.code for it in heard.domains] == ["financien"]


# ---- danger --------------------------------------------------------------------------------------

# immediate, suicide, violence, child, basic need
FEAR = learned(
    {"=schuld": (100, 0, 0)},
    {"=touw": (0, 100, 0, 0, 0), "=dreigt": (0, 0, 70, 0, 0), "=honger": (0, 0, 0, 0, 90)},
)
NL = {
    "review": "low",
    "long_ago": ["vroeger"],
    "violence": {"soft": ["huiselijk geweld"], "hard": ["hij slaat mij"]},
    "suicide": {"soft": ["donker"]},
}


def signals(text: str, weights: Weights | None = FEAR) -> list[tuple[str, str, str]]:
    phrases: Phrases = compile_phrases({"nl": NL}, weights)
    return [(it.category, it.strength, it.words) for it in find(phrases, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{FILLER}. Er ligt een touw", [("suicide", "hard", "Er ligt een touw")]),
        # Less likely: the card is shown and it is asked, and no more.
        (f"{FILLER}. Iemand dreigt", [("violence", "soft", "Iemand dreigt")]),
        (f"{FILLER}. Er lag vroeger een touw", [("suicide", "soft", "Er lag vroeger een touw")]),
        # Days without food have questions of their own: it takes more to be sure.
        (f"{FILLER}. Wij hebben honger", [("basic_need", "soft", "Wij hebben honger")]),
        # Debts are no danger, and an answer of few words has no second opinion.
        (f"{FILLER}. Ik heb een schuld", []),
        ("Er ligt hier een touw", []),
        ("…", []),
    ],
)
def test_danger_that_no_phrase_knows_is_heard_by_its_likeness(
    text: str, expected: list[tuple[str, str, str]]
) -> None:
    assert signals(text) == expected


def test_what_a_phrase_found_stays_as_it_was_said() -> None:
    said = f"hij slaat mij. {FILLER}. Iemand dreigt"

    assert signals(said) == signals(said, None) == [("violence", "hard", "hij slaat mij")]


def test_a_soft_phrase_becomes_hard_where_the_words_are_very_like_danger() -> None:
    assert signals(f"Het is donker. {FILLER}. Er ligt een touw") == [
        ("suicide", "hard", "Er ligt een touw")
    ]
    assert signals(f"Dit is huiselijk geweld. {FILLER}. Iemand dreigt") == [
        ("violence", "soft", "Dit is huiselijk geweld")
    ]


def test_without_what_was_learned_the_phrases_decide() -> None:
    assert signals(f"{FILLER}. Er ligt een touw. Het is donker", None) == [
        ("suicide", "soft", "Het is donker")
    ]
