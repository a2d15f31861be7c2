"""Reviewing: which languages were read, whole, by somebody who speaks them from home.

One rule: a language is reviewed when its catalogue says who read it and when, and each of its
texts of the flow says so too. The name in the catalogue stands for the interface sentences, the
words that people type and the crisis phrases. Dutch is the reference, and translates nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from intakebot.core.revision import Revision, Translated
from intakebot.core.session import Value
from intakebot.core.talking.wording import DUTCH


class Review(Value, frozen=True):
    """Who read a catalogue, and on which day."""

    by: str
    on: date


def reviewed(revision: Revision, signed: Mapping[str, Review]) -> frozenset[str]:
    """The languages that a native reader read; `signed` are the catalogues that say so."""
    whole = (lang for lang, texts in revision.translations.items() if texts and not unread(texts))
    return frozenset((DUTCH, *(lang for lang in whole if lang in signed)))


def unread(texts: Mapping[str, Translated]) -> int:
    """How many of these texts carry no name and day of who read them."""
    return sum(1 for it in texts.values() if not (it.reviewed_by and it.reviewed_on))


def languages_of(codes: Iterable[str]) -> tuple[str, ...]:
    """The languages of these codes of the picker, each once: `nl-A2` is Dutch."""
    return tuple(dict.fromkeys(code.partition("-")[0] for code in codes))
