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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from intakebot.core.folding import fold, trace
from intakebot.core.limits import LINE_CHARS_MAX
from intakebot.core.phrases import Phrase, Text, compiled, wrong
from intakebot.core.session import Value

Category = Literal["immediate", "suicide", "violence", "child", "basic_need"]
Strength = Literal["hard", "soft"]
CATEGORIES: tuple[Category, ...] = ("immediate", "suicide", "violence", "child", "basic_need")

_SENTENCE = re.compile(r"[^.!?…;\n\r؟؛。]+")
_STRETCHED = re.compile(r"([^\W\d])\1{2,}")  # slaaaat, helpppp
# What stands where a mask was: no letter and no space, so that no phrase reaches over it.
_MASKED = "\x00"


class Strengths(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The phrases of one category in one language."""

    hard: tuple[str, ...] = ()  # card, and a person looks today
    soft: tuple[str, ...] = ()  # card only


class PhrasesData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The crisis phrases of one language, as people write them."""

    review: Literal["high", "medium", "low"]  # how sure the author is; a native reader must agree
    note: str = ""
    joined: str = ""  # pattern of letters that may be written onto the first word: Arabic و
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
    masks: tuple[Phrase, ...]
    long_ago: tuple[Phrase, ...]
    still: tuple[Phrase, ...]


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """All crisis phrases, compiled."""

    languages: tuple[Language, ...]


def compile_phrases(data: Mapping[str, object]) -> Phrases:
    """The phrases per language, as decoded YAML; raises `BadPhrases` with all that is wrong."""
    faults = check_phrases(data)
    if faults:
        raise BadPhrases(faults)
    return Phrases(languages=tuple(map(_language, _read(data).values())))


def check_phrases(data: Mapping[str, object]) -> tuple[Fault, ...]:
    """Everything that is wrong in these phrases, at once; a wrong shape is said alone."""
    try:
        languages = _read(data)
    except msgspec.ValidationError as error:
        return (Fault(where="safety", what=str(error)),)
    return tuple(
        Fault(where=f"{lang}.{where}", what=what)
        for lang, phrases in languages.items()
        for where, phrase in _every(phrases)
        for what in wrong(phrase, phrases.sets)
    )


def find(phrases: Phrases, text: str) -> tuple[Found, ...]:
    """The signals in this message: hard before soft, one per category, in fixed order."""
    sentences = [(one, fold(one)) for one in _SENTENCE.findall(text)]
    sentences = [(raw, _STRETCHED.sub(r"\1\1", folded)) for raw, folded in sentences if folded]
    folded = "\n".join(line for _, line in sentences)
    found: dict[tuple[Category, Strength], Found] = {}
    for category, strength, start in _hits(phrases, folded):
        words = _own_words(sentences, start)
        signal = Found(category=category, strength=strength, words=words)
        found.setdefault((category, strength), signal)
    hard = [found[c, "hard"] for c in CATEGORIES if (c, "hard") in found]
    soft = [
        found[c, "soft"] for c in CATEGORIES if (c, "soft") in found and (c, "hard") not in found
    ]
    return (*hard, *soft)


def _read(data: Mapping[str, object]) -> dict[str, PhrasesData]:
    return msgspec.convert(dict(data), dict[str, PhrasesData])


def _hits(phrases: Phrases, folded: str) -> Iterator[tuple[Category, Strength, int]]:
    """Where phrases stand in the folded text, whose sentences are lines.

    Masks are looked for only where a phrase was found: they only ever take away.
    """
    text = Text(folded)
    for language in phrases.languages:
        heard = [one for one in language.phrases if any(text.matches(one[2]))]
        if not heard:
            continue
        masked = Text(_without(text, language.masks))
        for category, strength, phrase in heard:
            for match in masked.matches(phrase):
                yield category, _weighed(language, masked, match, strength), match.start()


def _without(text: Text, masks: Iterable[Phrase]) -> str:
    """The text with every masked span taken out, as long as it was."""
    plain = text.text
    for mask in masks:
        for match in text.matches(mask):
            start, end = match.span()
            plain = plain[:start] + _MASKED * (end - start) + plain[end:]
    return plain


def _weighed(language: Language, text: Text, match: re.Match[str], strength: Strength) -> Strength:
    """Hard as long as the sentence is not about long ago."""
    start = text.text.rfind("\n", 0, match.start()) + 1
    end = text.text.find("\n", match.end())
    sentence = Text(text.text[start : end if end >= 0 else None])
    past = any(any(sentence.matches(one)) for one in language.long_ago)
    still = past and any(any(sentence.matches(one)) for one in language.still)
    return "soft" if past and not still else strength


def _own_words(sentences: list[tuple[str, str]], start: int) -> str:
    """The sentence that has this place in the folded text, or the part of it around the place."""
    raw, place = "", start
    for raw, line in sentences:  # noqa: B007 - the last one looked at is the one
        if place <= len(line):
            break
        place -= len(line) + 1
    if len(raw) <= LINE_CHARS_MAX:
        return raw.strip()
    way = trace(raw)
    kept = [
        i for i in range(len(way.text)) if not _STRETCHED.fullmatch(way.text[max(0, i - 2) : i + 1])
    ]
    first = way.origins[kept[min(place, len(kept) - 1)]]
    begin = max(0, first - LINE_CHARS_MAX // 2)
    return raw[begin : begin + LINE_CHARS_MAX].strip()


def _language(data: PhrasesData) -> Language:
    def ready(phrase: str) -> Phrase:
        return compiled(phrase, data.sets, negations=data.negations, joined=data.joined)

    hard = [(category, "hard", strengths.hard) for category, strengths in data.strengths()]
    soft = [(category, "soft", strengths.soft) for category, strengths in data.strengths()]
    return Language(
        phrases=tuple(
            (category, "hard" if strength == "hard" else "soft", ready(phrase))
            for category, strength, listed in (*hard, *soft)
            for phrase in listed
        ),
        masks=tuple(map(ready, data.masks)),
        long_ago=tuple(map(ready, data.long_ago)),
        still=tuple(map(ready, data.still)),
    )


def _every(data: PhrasesData) -> Iterator[tuple[str, str]]:
    """All phrases of a language with where they stand."""
    for category, strengths in data.strengths():
        yield from _numbered(f"{category}.hard", strengths.hard)
        yield from _numbered(f"{category}.soft", strengths.soft)
    yield from _numbered("masks", data.masks)
    yield from _numbered("long_ago", data.long_ago)
    yield from _numbered("still", data.still)
    for name, words in data.sets.items():
        yield from _numbered(f"sets.{name}", words)


def _numbered(where: str, phrases: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    return ((f"{where}[{at}]", phrase) for at, phrase in enumerate(phrases))
