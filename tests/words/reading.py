"""How easy a Dutch text reads: sentences, words, syllables, and the formula of Flesch-Douma."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pyphen  # type: ignore[import-untyped]  # it has no types

# Stand-ins for what is filled in, about as long as what will stand there.
VALUES = {
    "address": "chat.voorbeeld.nl",
    "date": "maandag 23 november",
    "link": "chat.voorbeeld.nl",
    "name": "Marieke",
    "officer": "de FG",
    "phone": "0800-2000",
    "reference": "IB-7K3Q",
    "team": "Sociaal team",
    "text": "Tot morgen.",
    "value": "ja",
    "words": "geen geld",
}
_PLACE = re.compile(r"\{(\w+)\}")
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)|\n+")
_FIGURES = re.compile(r"\d[\d -]*\d|\d")
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-])*|\d+")
_VOWELS = re.compile(r"ij|[aeiouyàáâäèéêëìíîïòóôöùúûü]+")
_HYPHENATION = pyphen.Pyphen(lang="nl_NL")


@dataclass(frozen=True)
class Measure:
    """What a set of texts measures together."""

    sentences: int
    words: int
    syllables: int

    @property
    def flesch_douma(self) -> float:
        """206.84 - 0.77 x syllables a hundred words - 0.93 x words a sentence; 80-90 is easy."""
        return 206.84 - 77 * self.syllables / self.words - 0.93 * self.words / self.sentences


def filled(text: str) -> str:
    """The text with its places filled in; a number of a help line where the place is no word."""
    return _PLACE.sub(lambda place: VALUES.get(place[1], "0800-2000"), text)


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [part for part in _SENTENCE_END.split(filled(text)) if _WORD.search(part)]


def words(sentence: str) -> list[str]:
    """The words of a sentence; a telephone number or a postcode is one word."""
    return _WORD.findall(_FIGURES.sub("1", sentence))


def syllables(word: str) -> int:
    """How many syllables a word has: as it is hyphenated, or more where its vowels say so.

    Nobody hyphenates "over" and "adres", and vowels alone do not part "cliënt".
    """
    return max(len(_HYPHENATION.positions(word)) + 1, len(_VOWELS.findall(word.lower())))


def measure(texts: Iterable[str]) -> Measure:
    """All texts of a screen set together: the formula is unreliable on a single sentence."""
    parts = [words(sentence) for text in texts for sentence in sentences(text)]
    spoken = [word for part in parts for word in part]
    return Measure(len(parts), len(spoken), sum(map(syllables, spoken)))
