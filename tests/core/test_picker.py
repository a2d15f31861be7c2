"""What is told before a language is picked: the answer in it counts, and the story is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from intakebot.core.events import Began
from intakebot.core.flow import Choice, Kind, Question
from intakebot.core.region import Unreviewed
from tests.core.stage import Stage, a_flow, a_question, choices

COLOUR = a_question(
    "kleur", Kind.CHOICE, choices=(*choices("rood"), Choice(id="b", label="Blauw", other="Haar b"))
)
NAME = a_question("naam", Kind.NAME)


def a_picker(*questions: Question) -> Stage:
    """The picker is on screen, and these questions come after it."""
    stage = Stage(*questions, tongue=None)
    stage.begin()
    return stage


def test_the_answer_is_kept_with_its_words_and_its_message() -> None:
    stage = a_picker(COLOUR, NAME)

    assert stage.say("Rood!", ref="7") == ["noted", "?taal"]
    (found,) = stage.session.answers
    assert (found.value, found.said, found.ref) == ("rood", "Rood!", "7")


@pytest.mark.parametrize("text", ["Blauw", "haar b"])
def test_the_label_for_who_tells_about_somebody_else_counts_too(text: str) -> None:
    stage = a_picker(COLOUR, NAME)

    assert stage.say(text) == ["noted", "?taal"]
    assert stage.answers() == {"kleur": "b"}


def test_the_answer_stands_when_the_language_is_picked() -> None:
    """Also when its question is asked again once another answer changes."""
    colour = a_question("kleur", Kind.CHOICE, choices=choices("rood"), depends=("naam",))
    stage = a_picker(colour, NAME)
    stage.say("Rood!")

    assert stage.press("nl") == ["?naam"]


def test_a_long_label_is_the_answer_and_no_story() -> None:
    label = "Voor mijn gezin en ook nog een beetje voor mijzelf"
    whom = a_question("wie", Kind.CHOICE, choices=(Choice(id="gezin", label=label),))
    stage = a_picker(whom, NAME)

    assert stage.say(label) == ["noted", "?taal"]
    assert stage.session.story == ()
    assert stage.say(f"{label}. Wij hebben schulden", ref="8") == ["joined-story", "?taal"]
    assert stage.answers() == {"wie": "gezin"}


@pytest.mark.parametrize("text", ["mijn huis is koud", "ik woon in 7101"])
def test_what_says_something_is_kept_as_the_story_of_its_message(text: str) -> None:
    """A life domain that we hear is enough, and so is a fact."""
    stage = a_picker(COLOUR, NAME)

    assert stage.say(text, ref="7") == ["joined-story", "?taal"]
    assert [(one.text, one.ref, one.lang) for one in stage.session.story] == [(text, "7", None)]


@pytest.mark.parametrize(
    ("hint", "kept"),
    [("ar", "ar"), ("ar-SY", "ar"), ("nl", "nl"), ("xx", None), ("", None), (None, None)],
)
def test_the_language_of_the_device_is_kept_when_it_is_offered(
    hint: str | None, kept: str | None
) -> None:
    stage = Stage(NAME, tongue=None)

    assert stage.hear(Began(hint=hint)) == ["?taal"]
    assert stage.session.hint == kept


def test_who_picks_a_language_that_nobody_read_is_told_so_once() -> None:
    """Dutch is no translation; the second language that nobody read says nothing new."""
    decision = Unreviewed(decided_by="x", decided_on=date(2026, 11, 22), languages=("en", "ar"))
    flow = a_flow(NAME)
    region = flow.region.replace(languages=("nl", "en", "ar"), unreviewed=decision)
    stage = Stage(flow=replace(flow, region=region), tongue=None)
    stage.begin()

    assert stage.press("nl") == ["?naam"]
    for lang, told in (("ar", ["unreviewed"]), ("en", []), ("nl", []), ("ar", [])):
        stage.press("/language")
        assert stage.press(lang) == [*told, "?naam"]

    read = Stage(flow=replace(flow, region=region.replace(unreviewed=None)), tongue=None)
    read.begin()
    assert read.press("ar") == ["?naam"]


def test_who_picks_another_language_later_answers_nothing_with_a_label() -> None:
    stage = Stage(COLOUR, NAME)
    stage.begin()
    stage.press("/language")

    assert stage.say("rood") == ["?taal"]
    assert stage.answers() == {}
