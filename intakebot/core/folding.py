"""Folding: the same words in one spelling, so that lexicons and phrases find them.

NFKC, casefold, combining marks dropped (é is e, Arabic vowel signs go), Arabic letters that people
mix brought together, digits of every script written 0-9, zero-width signs and tatweel removed,
every apostrophe written ', and everything that is not a letter, a digit or an apostrophe made one
space. What is searched for is folded the same way as what is searched in.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from intakebot.core.limits import CHARS_REMEMBERED_MAX
from intakebot.core.session import Value

_APOSTROPHES = frozenset("'`´ʹʻʼʽˈ‘’‛′＇")
_LETTERS = str.maketrans(
    {
        "ł": "l",
        "ı": "i",
        "ø": "o",
        "đ": "d",
        "ٱ": "ا",
        "ى": "ی",
        "ي": "ی",
        "ك": "ک",
        "ة": "ه",
        "ـ": None,
    }
)


class Folded(Value, frozen=True):
    """A folded text that still knows where each of its characters came from."""

    source: str
    text: str
    origins: tuple[int, ...]  # for each character of `text`, its place in `source`

    def words(self, start: int, end: int) -> str:
        """The person's own words behind `text[start:end]`, as they were written."""
        if start >= end:
            return ""
        last = self.origins[end - 1] + 1
        while last < len(self.source) and not fold_char(self.source[last]):
            last += 1  # vowel signs that follow a letter belong to it
        return self.source[self.origins[start] : last]


def fold(text: str) -> str:
    """The text in its folded spelling, without space around it."""
    return " ".join(text.translate(_FOLDED).split())


def trace(text: str) -> Folded:
    """The folded text (the same as `fold` gives) with the way back to the original words."""
    letters: list[str] = []
    origins: list[int] = []
    for place, char in enumerate(text):
        for letter in fold_char(char):
            if letter == " " and (not letters or letters[-1] == " "):
                continue
            letters.append(letter)
            origins.append(place)
    if letters and letters[-1] == " ":
        letters.pop()
        origins.pop()
    return Folded(source=text, text="".join(letters), origins=tuple(origins))


@lru_cache(maxsize=CHARS_REMEMBERED_MAX)
def fold_char(char: str) -> str:
    """What one character becomes: nothing, one or more letters, an apostrophe or a space."""
    if char in _APOSTROPHES:
        return "'"
    if unicodedata.category(char) == "Cf":  # zero-width joiners, direction marks
        return ""
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", char).casefold())
    kept = (part for part in plain if unicodedata.category(part) != "Mn")
    return "".join(_fold_part(part) for part in "".join(kept).translate(_LETTERS))


class _Folded(dict[int, str]):
    """Code point -> what it becomes; worked out when first met."""

    def __missing__(self, code: int) -> str:
        folded = fold_char(chr(code))
        if len(self) < CHARS_REMEMBERED_MAX:
            self[code] = folded
        return folded


_FOLDED = _Folded()


def _fold_part(part: str) -> str:
    if part.isdecimal():
        return str(unicodedata.decimal(part))
    return part if part.isalnum() else " "
