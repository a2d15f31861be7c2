"""Likeness: how much words are like what people say of a life domain, or in danger.

A second opinion beside the lexicons and the crisis phrases: those know what somebody thought of,
this has learned from many made-up sentences, and so knows other spellings and turns of phrase too
(`tests/understanding/learning.py`). It is a sum: every word, every piece of three to five letters
of it, and every pair of words adds its weight to each label, and the sum is divided by how much was
said. The words that weigh most are the evidence. It knows no language: all share one table.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import sqrt
from operator import add, sub
from zlib import crc32

import msgspec

from intakebot.core.limits import WORD_CHARS_REMEMBERED_MAX, WORDS_WEIGHED_MAX
from intakebot.core.memory import Memory

PIECES = (3, 4, 5)  # letters, with the < and > around a word
PAIR_LETTERS = 6  # of each of two words that follow each other
APART_LETTERS = 5  # of each of two words with one between
# More words than this are weighed in parts that overlap: one thing is said in so many.
WHOLE_WORDS_MAX = 14
PART_WORDS = 10
STEP_WORDS = 5


class Judging(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the scores of one kind of label become a chance (`opinion`); all are added up."""

    labels: tuple[str, ...]
    first: int  # where their scores begin
    begin: tuple[float, ...]  # of each label
    slopes: tuple[float, ...]  # of each label: times its best score
    sums: tuple[float, ...]  # times each of `opinion.Signs`


class LikenessData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was learned: `content/likeness.msgpack`."""

    learned: str  # the digest of the sentences that it was learned from
    domains: Judging
    danger: Judging
    scales: tuple[float, ...]  # for each label: what one step of its weights is worth
    floors: tuple[float, ...]  # for each label: the score of words that say nothing
    step: float  # what one step of how much was said is worth
    rows: bytes  # a power of two of rows: a signed byte for each label, and one: how much was said


@dataclass(frozen=True, slots=True)
class Part:
    """Some words of a sentence, and how much they are like each label."""

    start: int  # the first of these words
    end: int  # after the last of them
    scores: tuple[float, ...]  # -1: not at all; 1: as like as what was learned from


class Weights:
    """What was learned, made ready."""

    def __init__(self, data: LikenessData) -> None:
        self.domains, self.danger = data.domains, data.danger
        self._scales, self._floors, self._step = data.scales, data.floors, data.step
        self._width = len(data.scales) + 1
        self._last = len(data.rows) // self._width - 1  # a mask
        self._rows = memoryview(data.rows).cast("b")
        self._words: Memory[str, array[int]] = Memory(WORDS_WEIGHED_MAX)

    def parts(self, words: Sequence[str]) -> Iterator[Part]:
        """Every part of these folded words of one sentence, with its scores."""
        nothing = [0] * self._width
        alone = _sums(nothing, (self._word(word) for word in words))
        pairs = _sums(nothing, (self._row(it) for it in _pairs(words)))
        apart = _sums(nothing, (self._row(it) for it in _apart(words)))
        for start, end in _places(len(words)):
            said = [*map(sub, alone[end], alone[start])]
            said = [*map(add, said, map(sub, pairs[end - 1], pairs[start]))]
            if end - start > 1:
                said = [*map(add, said, map(sub, apart[end - 2], apart[start]))]
            length = sqrt(said.pop() * self._step) or 1.0
            yield Part(
                start,
                end,
                tuple(
                    floor + weight * scale / length
                    for floor, weight, scale in zip(self._floors, said, self._scales, strict=True)
                ),
            )

    def _word(self, word: str) -> array[int]:
        """What a word adds, with all its pieces."""
        if len(word) > WORD_CHARS_REMEMBERED_MAX:
            return self._add(word[:WORD_CHARS_REMEMBERED_MAX])
        return self._words.recall(word, lambda: self._add(word))

    def _add(self, word: str) -> array[int]:
        rows = [self._row(piece) for piece in pieces(word)]
        return array("i", map(sum, zip(*rows, strict=True)))

    def _row(self, piece: str) -> Sequence[int]:
        place = (crc32(piece.encode()) & self._last) * self._width
        return self._rows[place : place + self._width]


def pieces(word: str) -> Iterator[str]:
    """A folded word as a whole, and every piece of it."""
    yield f"={word}"
    closed = f"<{word}>"
    for length in PIECES:
        for start in range(len(closed) - length + 1):
            yield closed[start : start + length]


def everything(words: Sequence[str]) -> Iterator[str]:
    """All that is weighed of one part, to learn from it."""
    for word in words:
        yield from pieces(word)
    yield from _pairs(words)
    yield from _apart(words)


def _pairs(words: Sequence[str]) -> Iterator[str]:
    for first, second in pairwise(words):
        yield f"{first[:PAIR_LETTERS]} {second[:PAIR_LETTERS]}"


def _apart(words: Sequence[str]) -> Iterator[str]:
    for first, second in zip(words, words[2:], strict=False):
        yield f"{first[:APART_LETTERS]}_{second[:APART_LETTERS]}"


def _places(count: int) -> Iterator[tuple[int, int]]:
    """Where the parts of so many words begin and end."""
    if count <= WHOLE_WORDS_MAX:
        yield 0, count
        return
    for start in range(0, count - STEP_WORDS, STEP_WORDS):
        yield start, min(count, start + PART_WORDS)


def _sums(nothing: list[int], rows: Iterator[Sequence[int]]) -> list[list[int]]:
    """The sum of all rows before each place."""
    return [*accumulate(rows, lambda so_far, row: [*map(add, so_far, row)], initial=nothing)]
