"""Clauses: a story cut into sentences, and a sentence into clauses (at commas, and at "maar")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from intakebot.core.hearing.patterns import word_of

SENTENCE_CHARS_MAX = 100  # a longer sentence is shown by the words around what was found
CLAUSE_WORDS_MAX = 50  # who uses no commas still gets to the point within these
# A word: letters and digits, with vowel signs and joiners on them, and apostrophes within.
_WORD = re.compile(
    r"[^\W_](?:[^\W_]|[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u200b-\u200f]"
    r"|['`\u00b4\u02bc\u2018\u2019](?=[^\W_]))*"
)
# What ends a sentence between two words, and what ends a clause. 3.30 and 1,5 are numbers.
_SENTENCE_END = re.compile(r"[!?;\n\r\u061f\u061b\u06d4\u2026\u1362\u1364\u1367\u1368]|\.(?!\d)")
_CLAUSE_END = re.compile(r"[,:\u060c\u1363\u1365\u2013\u2014]|\s-\s")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a story, folded, and where it stands in its text."""

    folded: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Clause:
    """Words that belong together; `sentence` and `number` count on through the whole story."""

    text: str
    words: tuple[Word, ...]
    sentence: int
    number: int


def clauses_of(turns: AbstractSet[str], texts: Sequence[str]) -> tuple[Clause, ...]:
    """The clauses of all texts, in order; a text ends its last sentence.

    *turns*: folded words that begin a new clause.
    """
    clauses: list[Clause] = []
    folded: dict[str, str] = {}
    sentence = 0
    for text in texts:
        words: list[Word] = []
        for written in _WORD.finditer(text):
            spelled = written.group()
            if spelled not in folded:
                folded[spelled] = word_of(spelled)
            word = Word(folded[spelled], *written.span())
            between = text[words[-1].end : word.start] if words else ""
            ended = _SENTENCE_END.search(between) is not None
            long = len(words) == CLAUSE_WORDS_MAX
            if ended or long or word.folded in turns or _CLAUSE_END.search(between):
                clauses.append(Clause(text, tuple(words), sentence, len(clauses)))
                words = []
            sentence += ended
            words.append(word)
        clauses.append(Clause(text, tuple(words), sentence, len(clauses)))
        sentence += 1
    return tuple(clause for clause in clauses if clause.words)


def sentences_of(clauses: Sequence[Clause]) -> dict[int, tuple[Clause, ...]]:
    """The clauses of each sentence, by its number."""
    sentences: dict[int, list[Clause]] = {}
    for clause in clauses:
        sentences.setdefault(clause.sentence, []).append(clause)
    return {number: tuple(sentence) for number, sentence in sentences.items()}
