"""Phrases as people write them in `content/safety.yaml`, made into patterns over folded text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from intakebot.core.factors import factors
from intakebot.core.folding import fold, fold_char

# A longer phrase is two phrases.
PHRASE_CHARS_MAX = 400
# How far `…` reaches.
GAP_WORDS_MAX = 3
# No phrase is longer than this, gaps and all: as far as is looked to both sides of a factor.
REACH_CHARS = 200
# A set may name a set, and no deeper.
SET_DEPTH_MAX = 3

_SET = re.compile(r"\{([a-z_]+)\}")
_TOKEN = re.compile(r"\(\?<?[!=:]|\\.|.", re.DOTALL)
_SYNTAX = frozenset("()[]|?*+.^$-{},0123456789")
_LOOKS = ("(?!", "(?=", "(?<")
# A repeat of a repeat, or of anything at all, can take the time of the universe.
_SLOW = re.compile(r"\)[*+]|\)\{\d*,\}|(?<!\\)\.[*+]")
_GAP = " … "


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """One phrase, compiled; a text without any of its factors does not have it."""

    pattern: re.Pattern[str]
    factors: tuple[str, ...]


class Text:
    """A folded text to look for phrases in; remembers where the factors stand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._places: dict[str, tuple[int, ...]] = {}

    def matches(self, phrase: Phrase) -> Iterator[re.Match[str]]:
        """Where the phrase stands, from left to right; looks only around its factors."""
        for start, end in self._windows(phrase):
            yield from phrase.pattern.finditer(self.text, start, end)

    def _windows(self, phrase: Phrase) -> list[tuple[int, int]]:
        if not phrase.factors:
            return [(0, len(self.text))]
        windows: list[tuple[int, int]] = []
        for place in sorted(at for factor in phrase.factors for at in self._at(factor)):
            start = max(0, place - REACH_CHARS)
            if windows and start <= windows[-1][1]:
                start = windows.pop()[0]
            windows.append((start, place + REACH_CHARS))
        return windows

    def _at(self, factor: str) -> tuple[int, ...]:
        if factor not in self._places:
            self._places[factor] = tuple(found.start() for found in re.finditer(factor, self.text))
        return self._places[factor]


def compiled(
    phrase: str, sets: Mapping[str, Sequence[str]], *, negations: Sequence[str], joined: str
) -> Phrase:
    """The phrase made ready; it must have passed `wrong`."""
    anchored = not phrase.startswith("~")
    words = _translated(_expanded(phrase.removeprefix("~"), sets), _gap(negations))
    start = rf"(?<!\w)(?:{joined})?" if joined else r"(?<!\w)"
    pattern = rf"{start}(?:{words})" if anchored else words
    return Phrase(pattern=re.compile(pattern), factors=factors(words))


def wrong(phrase: str, sets: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """What is wrong with this phrase, each as one sentence; nothing when it can be used."""
    unknown = [name for name in _SET.findall(phrase) if name not in sets]
    if unknown:
        return tuple(f"there is no set {{{name}}}" for name in unknown)
    if len(phrase) > PHRASE_CHARS_MAX:
        return (f"longer than {PHRASE_CHARS_MAX} characters: make it two phrases",)
    if _SLOW.search(phrase):
        return ("repeats a group or a point without end, which can be slow: say how often",)
    try:
        ready = compiled(phrase, sets, negations=(), joined="").pattern
    except (re.error, RecursionError, OverflowError) as error:
        return (f"not a regular expression: {error}",)
    return ("matches the empty text, so every message",) if ready.search("") else ()


def _expanded(phrase: str, sets: Mapping[str, Sequence[str]], depth: int = SET_DEPTH_MAX) -> str:
    """The phrase with each set as alternatives that are whole words."""
    if depth == 0:
        return phrase

    def words(name: re.Match[str]) -> str:
        inner = (_expanded(word, sets, depth - 1) for word in sets.get(name[1], ()))
        return rf"(?:{'|'.join(inner)})(?!\w)"

    return _SET.sub(words, phrase)


def _gap(negations: Sequence[str]) -> str:
    """Up to three words on the same line, none of them a negation."""
    refused = "|".join(re.escape(fold(word)) for word in negations)
    ahead = rf"(?!(?:{refused})(?!\w))" if refused else ""
    return rf" (?:{ahead}[\w']+ ){{0,{GAP_WORDS_MAX}}}"


def _translated(phrase: str, gap: str) -> str:
    """Folded, letter by letter; a space between words may be the end of a sentence.

    Inside a look-ahead or look-behind a space is a space: what takes a signal away must stand in
    the same sentence.
    """
    out: list[str] = []
    looking: list[bool] = []
    for part in re.split(f"({_GAP})", phrase):
        if part == _GAP:
            out.append(gap)
            continue
        for token in _TOKEN.findall(part):
            if token.startswith("("):
                looking.append(token[:3] in _LOOKS)
            elif token == ")" and looking:
                looking.pop()
            out.append(_token(token, within=any(looking)))
    return "".join(out)


def _token(token: str, *, within: bool) -> str:
    if token == " ":
        return " " if within else r"[ \n]"
    if len(token) > 1 or token in _SYNTAX:
        return token
    return fold_char(token).strip()
