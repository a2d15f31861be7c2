"""Folding: the same words in one spelling, so that lexicons and phrases find them.

NFKC, casefold, combining marks dropped (é is e, Arabic vowel signs go), letters that people mix
brought together (Arabic, Ge'ez), digits of every script written 0-9, zero-width signs and tatweel
removed, every apostrophe written ', and everything that is not a letter, a digit or an apostrophe
made one space. What is searched for is folded the same way as what is searched in.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from intakebot.core.limits import CHARS_REMEMBERED_MAX
from intakebot.core.session import Value

_APOSTROPHES = frozenset("'`´ʹʻʼʽˈ‘’‛′＇")
_LETTERS: dict[int, str | None] = str.maketrans(
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


# Letters of Ge'ez that sound alike and are written for each other: the row of the first is written
# as that of the second, vowel by vowel; then a long vowel and a rounded letter as the plain one.
_ROWS = (("ሠ", "ሰ"), ("ፀ", "ጸ"), ("ኸ", "ከ"), ("ቐ", "ቀ"), ("ሐ", "ሀ"), ("ኀ", "ሀ"), ("ዐ", "አ"))
_VOWELS = 7
_GEEZ = {
    ord(written) + vowel: chr(ord(meant) + vowel)
    for written, meant in _ROWS
    for vowel in range(_VOWELS)
}
_PLAIN = {"ሃ": "ሀ", "ኣ": "አ", "ጐ": "ጎ", "ቈ": "ቆ", "ኰ": "ኮ"}
_LETTERS |= {code: _PLAIN.get(meant, meant) for code, meant in _GEEZ.items()}
_LETTERS |= {ord(written): meant for written, meant in _PLAIN.items()}


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
