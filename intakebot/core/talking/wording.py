"""The words of a flow in the tongue of the person: questions, labels, and what may be typed.

Dutch stands in the question; other languages are an overlay by path. A missing translation falls
back to Dutch, which `check` reports. Telling about another person and easy Dutch have variants.
"""

from __future__ import annotations

from intakebot.core.facts import Known
from intakebot.core.flow import Choice, Flow, Kind, Question
from intakebot.core.reading.parsing import Option
from intakebot.core.session import Tongue

DUTCH = "nl"
YES_NO = ("ja", "nee", "weet_niet")
AGE_BANDS = ("onder_12", "12_15", "16_17", "18_26", "27_66", "67_plus")


def tongue_of(code: str) -> Tongue:
    """The tongue of a code of the picker: `nl`, `nl-A2`, `ar`."""
    lang, _, level = code.partition("-")
    return Tongue(lang=lang, level="A2" if level == "A2" else None)


def about_other(known: Known) -> bool:
    """Whether the person tells about somebody else."""
    return known.value("voor_wie") == "ander"


def text(flow: Flow, question: Question, tongue: Tongue, *, other: bool) -> str:
    """The question itself."""
    easy = tongue.level == "A2"
    wishes = (
        ("other_easy", question.other_easy, easy and other),
        ("other", question.other, other),
        ("easy", question.easy, easy and not other),
        ("text", question.text, True),
    )
    return _first(flow, question.key, tongue, wishes)


def help_text(flow: Flow, question: Question, tongue: Tongue) -> str:
    """What is said on "help" while this question is open; the question itself when it has none."""
    wish = ("help", question.help or question.text, True)
    return _first(flow, question.key, tongue, (wish,))


def line_label(flow: Flow, question: Question, tongue: Tongue) -> str:
    """The short name of the question in the read-back."""
    return _first(flow, question.key, tongue, (("label", question.label or question.text, True),))


def choice_label(
    flow: Flow, question: Question, choice: Choice, tongue: Tongue, *, other: bool
) -> str:
    """The words on the button of a choice."""
    wishes = (
        ("other", choice.other, other),
        ("easy", choice.easy, tongue.level == "A2"),
        ("label", choice.label, True),
    )
    return _first(flow, f"{question.key}.{choice.id}", tongue, wishes)


def options(flow: Flow, question: Question, tongue: Tongue) -> tuple[Option, ...]:
    """What may be typed for each choice: every label in the tongue and in Dutch, and spellings."""
    return tuple(
        Option(id=choice.id, spellings=_spellings(flow, question, choice, tongue))
        for choice in question.choices
    )


def has_choices(question: Question) -> bool:
    """Whether the answers are the question's own choices."""
    return question.kind in (Kind.CHOICE, Kind.CHOICES, Kind.DOMAINS)


def _spellings(flow: Flow, question: Question, choice: Choice, tongue: Tongue) -> tuple[str, ...]:
    overlay = flow.revision.translations.get(tongue.lang, {})
    path = f"{question.key}.{choice.id}"
    found = [
        overlay[f"{path}.{part}"].text
        for part in ("label", "easy", "other", "also")
        if f"{path}.{part}" in overlay
    ]
    dutch = [choice.label, choice.easy or "", choice.other or "", *choice.also, choice.id]
    typed = [word for words in found for word in words.split("|")] + dutch
    return tuple(dict.fromkeys(word.strip() for word in typed if word.strip()))


def _first(
    flow: Flow, path: str, tongue: Tongue, wishes: tuple[tuple[str, str | None, bool], ...]
) -> str:
    """The first wished variant that exists, translated where the tongue is not Dutch."""
    overlay = flow.revision.translations.get(tongue.lang, {})
    wanted = [(part, dutch) for part, dutch, wished in wishes if wished and dutch]
    if tongue.lang != DUTCH:
        for part, _ in wanted:
            if f"{path}.{part}" in overlay:
                return overlay[f"{path}.{part}"].text
    return wanted[0][1]
