"""The Dutch texts of a flow that are translated, by path, and how a translation remembers them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from intakebot.core.flow import Choice, Question, Section

FINGERPRINT_CHARS = 12


def dutch(sections: tuple[Section, ...]) -> dict[str, str]:
    """Every text that is translated, by its path (`flow.Revision` says how a path is made)."""
    found: dict[str, str] = {}
    for section in sections:
        found[f"section.{section.key}.title"] = section.title
        for question in section.questions:
            found.update(_of_question(question))
    return found


def fingerprint(text: str) -> str:
    """What a translation remembers of its Dutch: the first 12 hex digits of its SHA-256."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:FINGERPRINT_CHARS]


def _of_question(question: Question) -> Iterator[tuple[str, str]]:
    parts = (
        ("text", question.text),
        ("other", question.other),
        ("help", question.help),
        ("label", question.label),
    )
    for part, text in parts:
        if text:
            yield f"{question.key}.{part}", text
    for choice in question.choices:
        yield from _of_choice(f"{question.key}.{choice.id}", choice)


def _of_choice(path: str, choice: Choice) -> Iterator[tuple[str, str]]:
    yield f"{path}.label", choice.label
    if choice.other:
        yield f"{path}.other", choice.other
    if choice.also:
        yield f"{path}.also", "|".join(choice.also)
