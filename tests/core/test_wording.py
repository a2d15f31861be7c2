"""Which words of a flow a person reads, and what may be typed for a choice."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from intakebot.core.facts import Fact, Known
from intakebot.core.flow import Choice, Flow, Kind, Question, Translated
from intakebot.core.reading.parsing import Option
from intakebot.core.session import Tongue
from intakebot.core.talking import wording
from tests.core.stage import a_flow, a_question, choices

NL, EASY, AR = Tongue(lang="nl"), Tongue(lang="nl", level="A2"), Tongue(lang="ar")
APPLE = Choice(id="appel", label="Appel", easy="Ronde appel", other="Haar appel", also=("elstar",))
PLAIN = a_question("vraag", Kind.CHOICE, choices=(APPLE, *choices("peer")))
EVERY = {"easy": "Makkelijk", "other": "Over haar", "other_easy": "Makkelijk haar"}


def translated(question: Question, **parts: str) -> Flow:
    """The flow with these parts in Arabic; `appel_label` is that of the choice."""
    flow = a_flow(question)
    paths = {f"vraag.{part.replace('_', '.', 1)}": text for part, text in parts.items()}
    overlay = {path: Translated(text=text, source="") for path, text in paths.items()}
    revision = msgspec.structs.replace(flow.revision, translations={"ar": overlay, "nl": overlay})
    return replace(flow, revision=revision)


@pytest.mark.parametrize(
    ("code", "tongue"), [("nl", NL), ("nl-A2", EASY), ("ar", AR), ("nl-B1", NL)]
)
def test_a_code_of_the_picker_is_a_language_and_a_level(code: str, tongue: Tongue) -> None:
    assert wording.tongue_of(code) == tongue


def test_who_tells_about_another_is_known_by_one_answer() -> None:
    other = Fact(name="voor_wie", value="ander", source="answer")

    assert wording.about_other(Known(facts=(other,)))
    assert not wording.about_other(Known(facts=(other.replace(value="mij"),)))
    assert not wording.about_other(Known())


@pytest.mark.parametrize(
    ("tongue", "other", "parts", "text"),
    [
        (NL, False, EVERY, "vraag?"),
        (NL, True, EVERY, "Over haar"),
        (EASY, False, EVERY, "Makkelijk"),
        (EASY, True, EVERY, "Makkelijk haar"),
        (EASY, True, {"easy": "Makkelijk", "other": "Over haar"}, "Over haar"),
        (EASY, True, {"easy": "Makkelijk"}, "vraag?"),
        (EASY, False, {}, "vraag?"),
        (NL, True, {}, "vraag?"),
        (AR, False, EVERY, "vraag?"),
    ],
)
def test_a_question_is_asked_in_the_words_for_this_person(
    tongue: Tongue,
    *,
    other: bool,
    parts: dict[str, str],
    text: str,
) -> None:
    question = msgspec.structs.replace(PLAIN, **parts)

    assert text == wording.text(a_flow(question), question, tongue, other=other)


@pytest.mark.parametrize(
    ("parts", "other", "text"),
    [
        ({"text": "س", "other": "ها"}, True, "ها"),
        ({"text": "س", "other": "ها"}, False, "س"),
        ({"text": "س"}, True, "س"),
        ({}, True, "Over haar"),
    ],
)
def test_a_translation_goes_before_the_dutch_and_dutch_is_never_translated(
    parts: dict[str, str],
    *,
    other: bool,
    text: str,
) -> None:
    question = msgspec.structs.replace(PLAIN, other="Over haar")
    flow = translated(question, **parts)

    assert text == wording.text(flow, question, AR, other=other)
    assert wording.text(flow, question, NL, other=False) == "vraag?"


@pytest.mark.parametrize(("other", "text"), [(False, "سهل"), (True, "سهل ها")])
def test_a_language_can_have_easy_words_of_its_own(*, other: bool, text: str) -> None:
    """For each that Dutch has."""
    question = msgspec.structs.replace(PLAIN, **EVERY)
    parts = {"text": "س", "easy": "سهل", "other": "ها"}
    flow = translated(question, **parts)
    paths = flow.revision.translations["ar"] | {
        "vraag.other_easy": Translated(text="سهل ها", source="")
    }
    whole = replace(
        flow, revision=msgspec.structs.replace(flow.revision, translations={"ar": paths})
    )
    easy = Tongue(lang="ar", level="A2")

    assert text == wording.text(whole, question, easy, other=other)
    button = translated(PLAIN, appel_label="تفاح", appel_easy="كرة")
    assert wording.choice_label(button, PLAIN, APPLE, easy, other=False) == "كرة"


def test_in_a_language_without_any_translation_it_is_dutch() -> None:
    assert wording.text(a_flow(PLAIN), PLAIN, Tongue(lang="xx"), other=False) == "vraag?"
    assert wording.options(a_flow(PLAIN), PLAIN, Tongue(lang="xx"))[1].spellings == ("peer",)


def test_help_and_the_line_of_the_read_back_are_the_question_where_they_are_missing() -> None:
    bare = msgspec.structs.replace(PLAIN, label="")
    whole = msgspec.structs.replace(PLAIN, label="Regel", help="Uitleg")
    flow = translated(whole, help="شرح", label="سطر")

    assert wording.help_text(a_flow(bare), bare, NL) == "vraag?"
    assert wording.line_label(a_flow(bare), bare, NL) == "vraag?"
    assert (wording.help_text(flow, whole, NL), wording.help_text(flow, whole, AR)) == (
        "Uitleg",
        "شرح",
    )
    assert (wording.line_label(flow, whole, NL), wording.line_label(flow, whole, AR)) == (
        "Regel",
        "سطر",
    )


@pytest.mark.parametrize(
    ("tongue", "other", "label"),
    [
        (NL, False, "Appel"),
        (NL, True, "Haar appel"),
        (EASY, False, "Ronde appel"),
        (EASY, True, "Haar appel"),
        (AR, False, "تفاح"),
        (AR, True, "تفاحها"),
    ],
)
def test_a_button_has_the_words_for_this_person(
    tongue: Tongue,
    *,
    other: bool,
    label: str,
) -> None:
    flow = translated(PLAIN, appel_label="تفاح", appel_other="تفاحها")

    assert label == wording.choice_label(flow, PLAIN, APPLE, tongue, other=other)


def test_every_label_in_the_language_and_in_dutch_may_be_typed() -> None:
    dutch = ("Appel", "Ronde appel", "Haar appel", "elstar", "appel")
    words = {"appel_label": "تفاح", "appel_easy": "كرة", "appel_other": "تفاحها"}
    flow = translated(PLAIN, **words, appel_also="أحمر | أخضر")
    apple, pear = wording.options(flow, PLAIN, AR)

    assert apple == Option(id="appel", spellings=(*words.values(), "أحمر", "أخضر", *dutch))
    assert pear == Option(id="peer", spellings=("peer",))
    assert wording.options(a_flow(PLAIN), PLAIN, NL)[0].spellings == dutch


def test_the_answers_of_these_kinds_are_choices_of_the_question() -> None:
    found = {kind for kind in Kind if wording.has_choices(a_question("vraag", kind))}

    assert found == {Kind.CHOICE, Kind.CHOICES, Kind.DOMAINS}
