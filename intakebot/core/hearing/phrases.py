"""Phrases as people write them in `content/safety.yaml`, made into patterns over folded text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from intakebot.core.folding import fold, fold_char
from intakebot.core.hearing.factors import Factors, factors

# A longer phrase is two phrases.
PHRASE_CHARS_MAX = 400
# How far `…` reaches.
GAP_WORDS_MAX = 3
# How far from one of its factors the rest of a phrase can stand, gaps and all.
REACH_CHARS = 150

_SET = re.compile(r"\{([a-z_]+)\}")
_TOKEN = re.compile(r"\(\?<?[!=:]|\\.|\{[a-z_]+\}|\{\d*,?\d*\}|.", re.DOTALL)
_SYNTAX = frozenset("()[]|?*+.^$-")
_LOOKS = ("(?!", "(?=", "(?<")
_PLAIN = re.compile(r"[\w ']+")
# A repeat of a repeat, or of anything at all, can take the time of the universe.
_SLOW = re.compile(r"\)[*+]|\)\{\d*,\}|(?<!\\)\.[*+]")
_OTHER = re.compile(r"\(\?(?!<?[!=]|:)|\\\d")
_GAP = " … "
# Letters, because a set is one or more words.
_ANY_WORD = "(?:x)"


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """What the phrases of one language share: sets as patterns, the gap, the letters that join."""

    sets: Mapping[str, str]
    factors: Mapping[str, Factors]
    gap: str
    joined: str


class Phrase:
    """One phrase; a text without any of its factors does not have it."""

    __slots__ = ("_compiled", "_language", "_written", "factors")

    def __init__(self, written: str, language: Grammar, found: Iterable[str]) -> None:
        """`written` as in the file: with its sets and gaps filled in, thousands take megabytes."""
        self.factors = tuple(found)
        self._written, self._language = written, language
        self._compiled: re.Pattern[str] | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when first needed: most phrases are never near anything that is said."""
        if self._compiled is None:
            words = _translated(self._written.removeprefix("~"), self._language.gap)
            source = _SET.sub(lambda name: self._language.sets[name[1]], words)
            start = "" if self._written.startswith("~") else rf"\b{self._language.joined}"
            self._compiled = re.compile(rf"{start}(?:{source})")
        return self._compiled


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
            places: list[int] = []
            at = self.text.find(factor)
            while at >= 0:
                places.append(at)
                at = self.text.find(factor, at + 1)
            self._places[factor] = tuple(places)
        return self._places[factor]


def grammar(sets: Mapping[str, Sequence[str]], negations: Sequence[str], joined: str) -> Grammar:
    """What the phrases of a language share; `joined` holds letters, or is empty."""
    refused = "|".join(re.escape(fold(word)) for word in negations)
    ahead = rf"(?!(?:{refused})(?!\w))" if refused else ""
    gap = rf" (?:{ahead}[\w']+ ){{0,{GAP_WORDS_MAX}}}"
    usable = {name: [w for w in words if not wrong_in_set(w)] for name, words in sets.items()}
    ready = {name: "|".join(_translated(w, "") for w in words) for name, words in usable.items()}
    return Grammar(
        sets={name: rf"(?:{words})(?!\w)" for name, words in ready.items() if words},
        factors={name: factors(words, {}) for name, words in ready.items()},
        gap=gap,
        joined=rf"(?:[{re.escape(joined)}])?" if joined else "",
    )


def read(phrase: str, language: Grammar) -> Phrase | str:
    """The phrase made ready, or what is wrong with it, in one sentence."""
    for name in _SET.findall(phrase):
        if not language.sets.get(name):
            return f"there is no set {{{name}}} with words"
    if "(?<" in phrase and _SET.search(phrase):
        return "looks back and has a set: a look back has one length, so write the words out"
    words = _translated(phrase.removeprefix("~"), language.gap)
    fault = _wrong(phrase, _SET.sub(_ANY_WORD, words))
    if fault is not None:
        return fault
    return Phrase(phrase, language, factors(words, language.factors))


def wrong_in_set(word: str) -> tuple[str, ...]:
    """What is wrong with a word of a set; nothing when it can be used."""
    if _SET.search(word):
        return ("a set cannot name a set",)
    fault = _wrong(word, _translated(word, ""))
    return () if fault is None else (fault,)


def _wrong(phrase: str, pattern: str) -> str | None:
    if len(phrase) > PHRASE_CHARS_MAX:
        return f"longer than {PHRASE_CHARS_MAX} characters: make it two phrases"
    if _PLAIN.fullmatch(phrase) and any(map(str.isalpha, pattern)):
        return None  # words alone are their own pattern: half of the start was spent on these
    if _SLOW.search(phrase):
        return "repeats a group or a point without end, which can be slow: say how often"
    if _OTHER.search(phrase):
        return "has a named group, a flag or a reference, which phrases cannot have"
    try:
        ready = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"not a regular expression: {error}"
    return "matches the empty text, so every message" if ready.search("") else None


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
            elif token.endswith(")") and looking:
                looking.pop()
            out.append(_token(token, within=any(looking)))
    return "".join(out)


def _token(token: str, *, within: bool) -> str:
    if token.isspace():
        return " " if within else r"[ \n]"
    if len(token) > 1 or token in _SYNTAX:
        return token
    return fold_char(token).strip()
