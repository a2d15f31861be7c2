"""The stories of strangers are sound, and what is measured of them is what it says."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from intakebot import content
from intakebot.core.hearing.lexicon import DOMAINS
from intakebot.core.hearing.likeness import LikenessData
from intakebot.core.hearing.safety import CATEGORIES
from tests.understanding import learning
from tests.understanding.__main__ import confused, main
from tests.understanding.measuring import Score, Story, languages, measure, read

STORIES_MIN = 60
SENTENCES_MIN = 35  # of each life domain, and of each danger


@pytest.mark.parametrize("lang", languages())
def test_every_language_has_stories_of_strangers_and_keeps_a_third_apart(lang: str) -> None:
    stories = read(lang)
    known = {it.id for it in stories}

    assert len(known) == len(stories) >= STORIES_MIN
    assert 0.3 < sum(it.apart for it in stories) / len(stories) < 0.36
    assert {*DOMAINS} == {code for it in stories for code in it.domains}
    assert all(set(it.domains).isdisjoint(it.may) for it in stories)
    assert not any(it.trap and it.crisis for it in stories)


def test_every_language_with_questions_has_stories(languages_with_questions: set[str]) -> None:
    assert {*languages()} == languages_with_questions


@pytest.fixture
def languages_with_questions() -> set[str]:
    return {"nl", *content.load_revision().translations}


def test_what_was_learned_was_learned_of_the_sentences_as_they_are() -> None:
    """`make learning` learns them anew."""
    data = msgspec.msgpack.decode(learning.WEIGHTS.read_bytes(), type=LikenessData)

    assert data.learned == learning.digest()
    assert data.domains.labels == tuple(learning.DOMAINS.values())
    assert data.danger.labels == CATEGORIES == tuple(learning.DANGER.values())
    assert len(data.rows) == learning.ROWS * (len(data.scales) + 1)
    assert {*data.domains.labels} == {*DOMAINS}


@pytest.mark.parametrize("lang", languages())
def test_every_language_has_sentences_to_learn_from(lang: str) -> None:
    sentences = [*learning.read(learning.SENTENCES / f"{lang}.tsv")]
    carried = Counter(code for it in sentences for code in it.domains or ())
    danger = Counter(code for it in sentences for code in it.danger or ())

    assert {*carried} == {*DOMAINS}
    assert {*danger} == {*CATEGORIES}
    assert min(*carried.values(), *danger.values()) >= SENTENCES_MIN
    assert any(not it.domains for it in sentences)


def test_a_sentence_without_labels_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "nl.tsv"
    path.write_text("fin\tgeen geld\nfim\tgeen geld\n")

    with pytest.raises(ValueError, match=r"nl.tsv, line 2: \{'fim'\}"):
        [*learning.read(path)]


def test_of_a_sentence_about_danger_the_life_domains_may_be_unknown(tmp_path: Path) -> None:
    path = tmp_path / "nl.tsv"
    path.write_text("SUI,?\teen\nVIO,rel\ttwee\nfin,?\tdrie\n-\tvier\n-,?\tvijf\nHVI,rel\tzes\n")
    none: frozenset[str] = frozenset()

    assert [*learning.read(path)] == [
        learning.Sentence("een", None, frozenset({"suicide"})),
        learning.Sentence("twee", frozenset({"huiselijke_relaties"}), frozenset({"violence"})),
        learning.Sentence("drie", frozenset({"financien"}), None),
        learning.Sentence("vier", none, none),
        learning.Sentence("vijf", None, none),
        learning.Sentence("zes", frozenset({"huiselijke_relaties"}), None, hinted=True),
    ]


def test_what_is_heard_is_counted() -> None:
    shelf = content.load()
    stories = [
        Story(id="1", kind="oneline", texts=("Ik heb schulden",), domains=("financien",)),
        Story(id="2", kind="oneline", texts=("Ik heb schulden",), domains=("mantelzorg",)),
        Story(
            id="3",
            kind="oneline",
            texts=("Ik wil dood", "hij slaat mij"),
            domains=(),
            may=("huiselijke_relaties", "geestelijke_gezondheid"),
            crisis={"suicide": "plain", "violence": "plain", "child": "hinted"},
        ),
        Story(id="4", kind="oneline", texts=("Ik wil dood",), domains=(), trap=True),
    ]

    score = measure(shelf.lexicon, shelf.phrases, "nl", stories)

    assert (score.recall, score.precision) == (0.5, 0.5)
    assert (score.said_plainly, score.asked_after) == (1.0, 1.0)
    assert (score.calm, score.alarms, score.cards) == (3, 1, 1)
    assert score.confusions == {("mantelzorg", "financien"): 1}
    assert score.danger == pytest.approx(2 / 3)
    assert score.false_alarms == pytest.approx(1 / 3)
    assert score.wrong == [
        "2: misses mantelzorg",
        "2: hears financien",
        "3: misses child, hinted",
        "4: false alarm, suicide",
    ]


def test_nothing_to_count_is_nothing_missed() -> None:
    shelf = content.load()

    score = measure(shelf.lexicon, shelf.phrases, "nl", [])

    assert (score.recall, score.precision, score.danger, score.false_alarms) == (1, 1, 1, 1)


def test_the_table_shows_what_was_kept_apart_and_what_goes_wrong_in_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["understanding", "en"])
    assert main() == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.split()[:2] == ["recall", "precision"]
    assert line.startswith("en ")

    monkeypatch.setattr(sys, "argv", ["understanding", "--seen", "en"])
    assert main() == 0
    _, line, *wrong = capsys.readouterr().out.splitlines()
    apart = {it.id for it in read("en") if it.apart}
    assert wrong
    assert apart.isdisjoint(it.split(":")[0].strip() for it in wrong)


def test_the_page_and_its_picture_say_what_was_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["understanding", "ti", "so", "--write", str(tmp_path)])

    assert main() == 0

    page = (tmp_path / "understanding.md").read_text("utf-8")
    drawn = (tmp_path / "images" / "understanding.svg").read_text("utf-8")
    count = sum(it.apart for lang in ("ti", "so") for it in read(lang))
    assert f"on {count} made-up stories\nin 2 languages" in page
    assert [it.split(" | ")[0] for it in page.splitlines() if it.startswith("| S")] == [
        "| Somalisch"
    ]
    assert "Tigrinya: of the life domains" in drawn


def test_what_was_taken_for_what_most_often_comes_first() -> None:
    score = Score()
    score.confusions.update({("mantelzorg", ""): 2, ("financien", "justitie"): 3, ("", "wonen"): 9})

    assert confused(score) == "financien as justitie (3), mantelzorg as nothing (2)"
