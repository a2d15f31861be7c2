"""The second opinion: what was learned (`likeness`) says of a story, beside lexicons and phrases.

All that is known is brought together as a chance for each label: how like it the likest words are,
whether other words are too, how far ahead of the other labels it is, and whether patterns speak for
it. What the sums are is learned as well, from stories as people send them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import chain
from math import exp, log
from operator import mul
from typing import NamedTuple

from intakebot.core.facts import HeardDomain
from intakebot.core.hearing.clauses import (
    SENTENCE_CHARS_MAX,
    Clause,
    Word,
    clauses_of,
    sentences_of,
)
from intakebot.core.hearing.likeness import Judging, Part, Weights
from intakebot.core.limits import LINE_CHARS_MAX

# Chances, chosen on the stories of tests/understanding that are not kept apart.
LIKELY = 0.25  # from here a life domain counts that no pattern speaks for …
LIKELY_IN_FEW = 0.5  # … and in a story of few words from here: one word says so much there
FEW_WORDS_MAX = 24
DOUBTFUL = 0.1  # below this one does not count, whatever pattern speaks for it
# Of fewer words nobody has a second opinion: they are answers, and one word decides.
WEIGHED_WORDS_MIN = 9


@dataclass(frozen=True, slots=True)
class Opinion:
    """How likely it is that a story speaks of this, and the words that are likest."""

    label: str
    chance: float
    sentence: int  # of the sentences that were judged
    start: int  # the first of those words in it
    end: int  # after the last of them


class Signs(NamedTuple):
    """What is known of one label in one story."""

    best: float  # the score of the likest part
    second: float  # of the next; the same where there is one part
    mean: float  # of all parts
    margin: float  # how far it was ahead of all other labels, in the part where that is most
    told: float  # 1: patterns speak for it
    others: float  # for how many labels patterns speak
    words: float  # the logarithm of their number


class Judged(NamedTuple):
    """One label, what is known of it, and the part that is likest."""

    signs: Signs
    sentence: int
    part: Part


def second_opinion(
    weights: Weights,
    heard: Sequence[HeardDomain],
    sentences: Mapping[int, Sequence[Clause]],
    denied: Collection[str],
) -> tuple[HeardDomain, ...]:
    """The life domains that patterns speak for, without the doubtful and with the likely ones.

    *denied*: those of which the story says that there is nothing wrong.
    """
    every = [[*chain.from_iterable(it.words for it in each)] for each in sentences.values()]
    folded = [[word.folded for word in words] for words in every]
    said = [each[0].text for each in sentences.values()]
    told = {it.code for it in heard}
    opinions = [*_opinions(weights, weights.domains, folded, told)]
    doubtful = {it.label for it in opinions if it.chance < DOUBTFUL}
    few = sum(map(len, folded)) <= FEW_WORDS_MAX
    least = LIKELY_IN_FEW if few else LIKELY
    likely = [it for it in opinions if it.chance > least and it.label not in {*told, *denied}]
    likely.sort(key=lambda it: (it.sentence, it.start))
    more = (
        HeardDomain(code=it.label, evidence=(_evidence(said[it.sentence], every[it.sentence], it),))
        for it in likely
    )
    return (*(it for it in heard if it.code not in doubtful), *more)


@dataclass(frozen=True, slots=True)
class Alarm:
    """How likely it is that a text speaks of this danger, and the words of it that are likest."""

    category: str
    chance: float
    sentence: str  # as it was written, cut like any evidence


def alarms(weights: Weights, text: str, told: Collection[str]) -> tuple[Alarm, ...]:
    """How likely each danger is in a text; none of few words. *told*: what phrases speak for."""
    every = [
        [*chain.from_iterable(it.words for it in each)]
        for each in sentences_of(clauses_of(frozenset(), [text])).values()
    ]
    if sum(map(len, every)) < WEIGHED_WORDS_MIN:
        return ()
    folded = [[word.folded for word in words] for words in every]
    return tuple(
        Alarm(it.label, it.chance, _evidence(text, every[it.sentence], it))
        for it in _opinions(weights, weights.danger, folded, told)
    )


def _evidence(text: str, words: Sequence[Word], opinion: Opinion) -> str:
    """The sentence as it was written, when it is short; else the words that are likest."""
    start, end = words[0].start, words[-1].end
    if end - start > SENTENCE_CHARS_MAX:
        start, end = words[opinion.start].start, words[opinion.end - 1].end
    return text[start:end][:LINE_CHARS_MAX]


def judged(
    weights: Weights, judging: Judging, sentences: Sequence[Sequence[str]], told: Collection[str]
) -> Iterator[Judged]:
    """What is known of each label of one kind, in their order; there must be words."""
    parts = [(at, part) for at, words in enumerate(sentences) for part in weights.parts(words)]
    words = log(1 + sum(map(len, sentences)))
    kind = slice(judging.first, judging.first + len(judging.labels))
    table = [part.scores[kind] for _, part in parts]
    margins = zip(*map(_margins, table), strict=True)
    for label, scores, ahead in zip(judging.labels, zip(*table, strict=True), margins, strict=True):
        (best, at), (second, _) = _two_best(scores)
        mean = sum(scores) / len(scores)
        signs = Signs(best, second, mean, max(ahead), label in told, len(told), words)
        yield Judged(signs, *parts[at])


def _opinions(
    weights: Weights, judging: Judging, sentences: Sequence[Sequence[str]], told: Collection[str]
) -> Iterator[Opinion]:
    each = zip(judging.labels, judging.begin, judging.slopes, strict=True)
    found = judged(weights, judging, sentences, told)
    for (label, begin, slope), (signs, sentence, part) in zip(each, found, strict=True):
        total = begin + slope * signs.best + sum(map(mul, judging.sums, signs))
        yield Opinion(label, 1 / (1 + exp(-total)), sentence, part.start, part.end)


def _margins(scores: tuple[float, ...]) -> list[float]:
    """How far each is ahead of the best of the others."""
    best, second = nlargest(2, scores)
    return [score - (second if score == best else best) for score in scores]


def _two_best(scores: Sequence[float]) -> list[tuple[float, int]]:
    """The best and the second, with their places; the best twice when there is one."""
    best = nlargest(2, zip(scores, range(len(scores)), strict=True))
    return best if len(best) > 1 else best * 2
