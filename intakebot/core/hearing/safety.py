"""Crisis signals: plainly said danger, found in every message, in all languages at once.

The phrases are data (`content/safety.yaml`), which an admin can extend. A phrase is a regular
expression over folded text (`folding.fold`), anchored at the start of a word and open at its end,
with three additions: `{name}` is one of the words of that set, as whole words; `…` is up to three
words in between, none of them a negation and all in one sentence; `~` in front: not anchored.

Order: masks first (idioms, negations, bereavement), then hard phrases, then soft ones. A hard
phrase in a sentence about long ago is a soft signal, unless the sentence says that it goes on.
Nobody is told that nothing was found: no phrase found is not the same as no crisis.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from intakebot.core.folding import fold, trace
from intakebot.core.hearing.factors import FACTOR_LETTERS_MIN
from intakebot.core.hearing.likeness import Weights
from intakebot.core.hearing.opinion import alarms
from intakebot.core.hearing.phrases import Phrase, Text, grammar, read, wrong_in_set
from intakebot.core.limits import LINE_CHARS_MAX, WORD_CHARS_REMEMBERED_MAX, WORDS_REMEMBERED_MAX
from intakebot.core.memory import Memory
from intakebot.core.session import Value

Category = Literal["immediate", "suicide", "violence", "child", "basic_need"]
Strength = Literal["hard", "soft"]
CATEGORIES: tuple[Category, ...] = ("immediate", "suicide", "violence", "child", "basic_need")

# Chances of the second opinion, chosen on the stories of tests/understanding that are not kept
# apart: from where danger is as good as said, and from where it is asked after. That there will be
# no food, bed or light has days of its own, which the follow-up questions ask for.
CERTAIN: Mapping[Category, float] = {
    "immediate": 0.5,
    "suicide": 0.5,
    "violence": 0.5,
    "child": 0.5,
    "basic_need": 0.8,
}
POSSIBLE = 0.3

_SENTENCE = re.compile(r"[^.!?…;\n\r؟؛。።፤፧፨]+")
_STRETCHED = re.compile(r"([^\W\d])\1{2,}")  # slaaaat, helpppp
# What stands where a mask was: no letter and no space, so that no phrase reaches over it.
_MASKED = "\x00"


class Strengths(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The phrases of one category in one language."""

    hard: tuple[str, ...] = ()  # card, and a person looks today
    soft: tuple[str, ...] = ()  # card only

    def listed(self) -> tuple[tuple[Strength, tuple[str, ...]], ...]:
        """The phrases per strength, hard first."""
        return (("hard", self.hard), ("soft", self.soft))


class PhrasesData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The crisis phrases of one language, as people write them."""

    review: Literal["high", "medium", "low"]  # how sure the author is; a native reader must agree
    note: str = ""
    joined: str = ""  # letters that may be written onto the first word: Arabic و ف
    negations: tuple[str, ...] = ()  # words over which `…` does not reach
    sets: dict[str, tuple[str, ...]] = {}
    immediate: Strengths = Strengths()
    suicide: Strengths = Strengths()
    violence: Strengths = Strengths()
    child: Strengths = Strengths()
    basic_need: Strengths = Strengths()
    masks: tuple[str, ...] = ()
    long_ago: tuple[str, ...] = ()
    still: tuple[str, ...] = ()

    def strengths(self) -> tuple[tuple[Category, Strengths], ...]:
        """The phrases per category, in the order of `CATEGORIES`."""
        every = (self.immediate, self.suicide, self.violence, self.child, self.basic_need)
        return tuple(zip(CATEGORIES, every, strict=True))


class Found(Value, frozen=True):
    """A signal in a message, with the person's own words around it."""

    category: Category
    strength: Strength
    words: str


class Fault(Value, frozen=True):
    """Something wrong in the phrases: where it stands and what is wrong."""

    where: str  # nl.violence.hard[3]
    what: str


class BadPhrases(ValueError):
    """The phrases cannot be used; `faults` says all that is wrong."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.where}: {fault.what}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class Language:
    """The phrases of one language, compiled."""

    phrases: tuple[tuple[Category, Strength, Phrase], ...]
    anywhere: tuple[int, ...]  # places in `phrases` of those without factors
    masks: tuple[Phrase, ...]
    long_ago: tuple[Phrase, ...]
    still: tuple[Phrase, ...]


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """All crisis phrases, compiled."""

    languages: tuple[Language, ...]
    near: Near
    weights: Weights | None = None  # a second opinion


# A language by its number, and a place in its `phrases`.
Place = tuple[int, int]


class Near:
    """Which phrases may stand around a word: those of which it holds a factor."""

    def __init__(self, languages: Sequence[Language]) -> None:
        """Put every factor under its first two letters; none is shorter."""
        places: dict[str, list[Place]] = {}
        for number, language in enumerate(languages):
            for at, (_, _, phrase) in enumerate(language.phrases):
                place = (number, at)  # one for all its factors: there are ten thousand of these
                for factor in phrase.factors:
                    places.setdefault(factor, []).append(place)
        self._begun: dict[str, list[tuple[str, tuple[Place, ...]]]] = {}
        for factor, held in places.items():
            begin = factor[:FACTOR_LETTERS_MIN]
            self._begun.setdefault(begin, []).append((factor, tuple(held)))
        self._found: Memory[str, frozenset[Place]] = Memory(WORDS_REMEMBERED_MAX)

    def word(self, word: str) -> frozenset[Place]:
        """The phrases that may stand around this folded word."""
        if len(word) > WORD_CHARS_REMEMBERED_MAX:
            return self._look(word)
        return self._found.recall(word, lambda: self._look(word))

    def _look(self, word: str) -> frozenset[Place]:
        return frozenset(
            place
            for at in range(len(word) - FACTOR_LETTERS_MIN + 1)
            for factor, held in self._begun.get(word[at : at + FACTOR_LETTERS_MIN], ())
            if word.startswith(factor, at)
            for place in held
        )


def compile_phrases(data: Mapping[str, object], weights: Weights | None = None) -> Phrases:
    """The phrases per language, as decoded YAML; raises `BadPhrases` with all that is wrong."""
    try:
        languages = msgspec.convert(dict(data), dict[str, PhrasesData])
    except msgspec.ValidationError as error:
        raise BadPhrases((Fault(where="safety", what=str(error)),)) from error
    faults: list[Fault] = []
    ready = tuple(_language(lang, phrases, faults) for lang, phrases in languages.items())
    if faults:
        raise BadPhrases(tuple(faults))
    return Phrases(languages=ready, near=Near(ready), weights=weights)


def find(phrases: Phrases, text: str) -> tuple[Found, ...]:
    """The signals in this message: hard before soft, one per category, in fixed order."""
    sentences = [(one, fold(one)) for one in _SENTENCE.findall(text)]
    sentences = [(raw, _STRETCHED.sub(r"\1\1", folded)) for raw, folded in sentences if folded]
    folded = Text("\n".join(line for _, line in sentences))
    # A factor stands within a word, so each word needs to be looked at once.
    near = [set(language.anywhere) for language in phrases.languages]
    for word in set(folded.text.split()):
        for number, at in phrases.near.word(word):
            near[number].add(at)
    places: dict[Category, tuple[Strength, int]] = {}
    for language, listed in zip(phrases.languages, near, strict=True):
        if listed:
            _look(language, folded, sorted(listed), places)
    found = [
        Found(category=category, strength=strength, words=_own_words(raw, place))
        for category, (strength, at) in places.items()
        for raw, place in [_sentence(sentences, folded.text, at)]
    ]
    if phrases.weights is not None:
        found = [*_second_opinion(phrases.languages, phrases.weights, text, found)]
    return tuple(sorted(found, key=lambda one: (one.strength, CATEGORIES.index(one.category))))


def _second_opinion(
    languages: Sequence[Language], weights: Weights, text: str, found: Sequence[Found]
) -> Iterator[Found]:
    """What phrases found, and what the text is like though no phrase says so."""
    told = {one.category: one for one in found}
    hard = {one.category for one in found if one.strength == "hard"}
    likely = {it.category: it for it in alarms(weights, text, hard)}
    for category in CATEGORIES:
        one, other = told.get(category), likely.get(category)
        if other is None or other.chance < POSSIBLE or category in hard:
            if one is not None:
                yield one
            continue
        words = other.sentence
        if other.chance > CERTAIN[category] and not _is_long_ago(languages, words):
            yield Found(category=category, strength="hard", words=words)
        else:
            yield one or Found(category=category, strength="soft", words=words)


def _is_long_ago(languages: Sequence[Language], words: str) -> bool:
    folded = fold(words)
    return any(_is_past(language, folded) for language in languages)


def _sentence(sentences: list[tuple[str, str]], folded: str, start: int) -> tuple[str, int]:
    """The sentence, as it was written, that has this place, and the place in its folded form."""
    raw, _ = sentences[folded.count("\n", 0, start)]
    return raw, start - folded.rfind("\n", 0, start) - 1


def _look(
    language: Language, text: Text, near: list[int], places: dict[Category, tuple[Strength, int]]
) -> None:
    """Add to `places` what this language has in the folded text, whose sentences are lines.

    Only the phrases at `near` can be there. Masks are looked for only where a phrase was found:
    they only ever take away.
    """
    listed = (language.phrases[at] for at in near)
    heard = [one for one in listed if any(text.matches(one[2]))]
    if not heard:
        return
    masked = Text(_without(text, language.masks))
    past: dict[int, bool] = {}
    for category, strength, phrase in heard:
        for match in masked.matches(phrase):
            if places.get(category, ("soft", 0))[0] == "hard":
                break
            line = masked.text.rfind("\n", 0, match.start()) + 1
            if strength == "hard" and line not in past:
                past[line] = _is_past(language, masked.text[line:].partition("\n")[0])
            if strength == "hard" and not past[line]:
                places[category] = ("hard", match.start())
            else:
                places.setdefault(category, ("soft", match.start()))


def _without(text: Text, masks: Iterable[Phrase]) -> str:
    """The text with every masked span taken out, as long as it was."""
    letters = list(text.text)
    for mask in masks:
        for match in text.matches(mask):
            letters[match.start() : match.end()] = _MASKED * len(match[0])
    return "".join(letters)


def _is_past(language: Language, sentence: str) -> bool:
    """Whether the sentence is about long ago and does not say that it goes on."""
    line = Text(sentence)
    past = any(any(line.matches(one)) for one in language.long_ago)
    return past and not any(any(line.matches(one)) for one in language.still)


def _own_words(raw: str, place: int) -> str:
    """The sentence, or the part of it around this place in its folded form, when it is long."""
    if len(raw) <= LINE_CHARS_MAX:
        return raw.strip()
    way = trace(raw)
    # Stretched letters were cut to two; count as many as were cut before the place.
    for run in _STRETCHED.finditer(way.text):
        if run.start() + 1 < place:
            place += len(run[0]) - 2
    begin = max(0, way.origins[min(place, len(way.origins) - 1)] - LINE_CHARS_MAX // 2)
    return raw[begin : begin + LINE_CHARS_MAX].strip()


def _language(lang: str, data: PhrasesData, faults: list[Fault]) -> Language:
    """The language made ready; what is wrong is added to `faults`."""
    shared = grammar(data.sets, data.negations, data.joined)

    def ready(where: str, phrases: tuple[str, ...]) -> Iterator[Phrase]:
        for place, phrase in enumerate(phrases):
            found = read(phrase, shared)
            if isinstance(found, Phrase):
                yield found
            else:
                faults.append(Fault(where=f"{lang}.{where}[{place}]", what=found))

    listed: list[tuple[Category, Strength, Phrase]] = []
    for category, strengths in data.strengths():
        for strength, phrases in strengths.listed():
            made = ready(f"{category}.{strength}", phrases)
            listed += [(category, strength, phrase) for phrase in made]
    for name, words in data.sets.items():
        for place, word in enumerate(words):
            faults += [
                Fault(where=f"{lang}.sets.{name}[{place}]", what=w) for w in wrong_in_set(word)
            ]
    return Language(
        phrases=tuple(listed),
        anywhere=tuple(at for at, (_, _, phrase) in enumerate(listed) if not phrase.factors),
        masks=tuple(ready("masks", data.masks)),
        long_ago=tuple(ready("long_ago", data.long_ago)),
        still=tuple(ready("still", data.still)),
    )
