"""Reviewing: a language counts as read when every part of it says who read it, and when."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from intakebot.core.flow import Translated
from intakebot.core.reviewing import Review, languages_of, reviewed, unread
from tests.conversation import shipped_flow

READ = Translated(text="x", source="0", reviewed_by="Amal", reviewed_on="2026-11-01")
AMAL = Review(by="Amal", on=date(2026, 11, 1))


def read(texts: dict[str, Translated], signed: dict[str, Review]) -> frozenset[str]:
    revision = msgspec.structs.replace(shipped_flow().revision, translations={"ar": texts})
    return reviewed(revision, signed)


def test_dutch_is_the_reference_and_needs_no_reader() -> None:
    assert read({}, {}) == {"nl"}


def test_a_language_is_read_when_its_catalogue_and_every_text_say_so() -> None:
    assert read({"a": READ, "b": READ}, {"ar": AMAL}) == {"nl", "ar"}
    assert read({"a": READ, "b": READ}, {"en": AMAL}) == {"nl"}
    assert read({}, {"ar": AMAL}) == {"nl"}


@pytest.mark.parametrize("field", ["reviewed_by", "reviewed_on"])
def test_a_text_without_a_name_or_a_day_was_not_read(field: str) -> None:
    undone = msgspec.structs.replace(READ, **{field: None})

    assert unread({"a": READ, "b": undone}) == 1
    assert read({"a": READ, "b": undone}, {"ar": AMAL}) == {"nl"}


def test_easy_dutch_is_dutch() -> None:
    assert languages_of(("nl", "nl-A2", "en", "fa_AF")) == ("nl", "en", "fa_AF")
