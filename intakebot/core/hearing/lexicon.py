"""A lexicon: per language, the words by which life domains and facts are recognised.

`LexiconData` is `content/lexicon/<lang>.yaml` as an admin writes it; `compile_lexicon` makes the
lexicons of all languages ready for `domains.hear`, or says everything that is wrong with them.
How a pattern is written stands in `core.patterns`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import msgspec

from intakebot.core.folding import fold
from intakebot.core.hearing.likeness import Weights
from intakebot.core.hearing.patterns import PatternError, Patterns, word_of
from intakebot.core.hearing.vocabulary import Vocabulary

DOMAINS = (
    "financien",
    "werk_opleiding",
    "tijdsbesteding",
    "huisvesting",
    "huiselijke_relaties",
    "geestelijke_gezondheid",
    "lichamelijke_gezondheid",
    "middelengebruik",
    "basale_adl",
    "instrumentele_adl",
    "sociaal_netwerk",
    "maatschappelijke_participatie",
    "justitie",
    "opvoeden_opgroeien",
    "taal_inburgering",
    "mantelzorg",
)


class Keeps(Enum):
    """What the value of a fact is."""

    VALUE = "value"  # the name under which the patterns stand in `say`
    WORDS = "words"  # the words in braces, or all words that matched, as written
    SENTENCE = "sentence"  # the sentence, as written
    AGE = "age"  # the age band of the number in braces


class DomainData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The patterns of one life domain in one language."""

    subjects: tuple[str, ...] = ()  # speak for the domain; "geen" before them changes nothing
    troubles: tuple[str, ...] = ()  # speak for the domain; "geen" before them takes it back
    phrases: tuple[str, ...] = ()  # the same, of several words
    not_: tuple[str, ...] = msgspec.field(default=(), name="not")  # mean something else


class FactData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule that finds a fact in one language."""

    say: dict[str, tuple[str, ...]]  # value -> patterns
    frames: tuple[str, ...] = ("@",)  # each pattern of `say` is read in the place of the @
    not_: tuple[str, ...] = msgspec.field(default=(), name="not")
    unless: tuple[str, ...] = ()  # found anywhere in the story: the rule is off
    keeps: Keeps = Keeps.VALUE
    beside: str | None = None  # only with this fact in the same sentence, or right after it
    nearest: bool = False  # and of several only the one nearest to each value of that fact
    domains: tuple[str, ...] = ()  # life domains that the fact speaks for too
    implies: dict[str, str] = {}  # facts that hold with it


class LexiconData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One language: `content/lexicon/<lang>.yaml`. Patterns are read as core.patterns says."""

    marks: tuple[str, ...]  # words that show that a sentence is in this language
    ours: tuple[str, ...] = ()  # words that the other lexicons must not read in such a sentence
    sounds: tuple[tuple[str, str], ...] = ()  # spellings that sound alike: written, heard
    alike: dict[str, tuple[str, ...]] = {}  # a word of dialect or chat: what it is read as too
    endings: tuple[tuple[str, str], ...] = ()  # of a word that is not known: written, meant
    slips: bool = True  # forgive one wrong letter in a long word
    ordinary: tuple[str, ...] = ()  # words that are no slip of any word below, however near
    prefixes: tuple[str, ...] = ()  # a word is also read without one of these before it
    sets: dict[str, tuple[str, ...]] = {}
    negations: tuple[str, ...] = ()  # no gap skips these
    turns: tuple[str, ...] = ()  # words that begin a new clause: maar
    denials: tuple[str, ...] = ()  # with an @ at the end or at the beginning: "geen @"
    fine: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    domains: dict[str, DomainData]
    facts: dict[str, tuple[FactData, ...]] = {}


class LexiconError(ValueError):
    """Lexicons that cannot be used; the message holds every problem, one a line."""


class Role(Enum):
    """What it means that a pattern was found."""

    SUBJECT = "subject"
    TROUBLE = "trouble"
    FACT = "fact"
    NOT = "not"  # takes back what it overlaps, under the same rule
    UNLESS = "unless"  # switches the rule off
    DENIED_AFTER = "denied_after"  # takes back the trouble that begins where this ends
    DENIED_BEFORE = "denied_before"  # takes back the trouble that ends where this begins
    FINE = "fine"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Sense:
    """What a pattern stands for."""

    role: Role
    name: str = ""  # domain code or fact name
    value: str = ""
    rule: str = ""  # the domain, or the fact and which of its rules
    fact: FactData | None = None


@dataclass(frozen=True, slots=True)
class Language:
    """One lexicon, made ready."""

    code: str
    marks: frozenset[str]
    ours: frozenset[str]
    patterns: Patterns
    senses: tuple[Sense, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The lexicons of all languages, made ready by `compile_lexicon`."""

    languages: tuple[Language, ...]
    turns: frozenset[str]
    weights: Weights | None = None  # a second opinion


def compile_lexicon(lexicons: dict[str, LexiconData], weights: Weights | None = None) -> Lexicon:
    """The lexicons by language code, made ready; raises LexiconError with every problem at once."""
    problems: list[str] = []
    languages = tuple(_language(code, data, problems) for code, data in lexicons.items())
    if problems:
        raise LexiconError("\n".join(problems))
    return Lexicon(
        languages=languages,
        turns=frozenset(word_of(word) for data in lexicons.values() for word in data.turns),
        weights=weights,
    )


def _language(code: str, data: LexiconData, problems: list[str]) -> Language:
    alike = {word_of(word): tuple(map(word_of, others)) for word, others in data.alike.items()}
    negations = frozenset(map(word_of, data.negations))
    patterns = Patterns(
        vocabulary=Vocabulary(
            sounds=data.sounds,
            alike=alike,
            endings=data.endings,
            slips_forgiven=data.slips,
            ordinary=frozenset(map(word_of, data.ordinary)),
            prefixes=tuple(map(fold, data.prefixes)),
        ),
        sets=data.sets,
        negations=negations.union(
            word for word, others in alike.items() if not negations.isdisjoint(others)
        ),
    )
    senses: list[Sense] = []
    for where, sense, written in _senses(data):
        senses.append(sense)
        try:
            patterns.add(len(senses) - 1, written)
        except PatternError as error:
            problems.append(f"{code}.yaml, {where}, {written!r}: {error}.")
    patterns.anchor()
    unknown = sorted(
        {*data.domains, *(d for rule in _rules(data) for d in rule.domains)} - {*DOMAINS}
    )
    problems += [
        f"{code}.yaml: {name!r} is no life domain. The codes stand in core/hearing/lexicon.py."
        for name in unknown
    ]
    return Language(
        code=code,
        marks=frozenset(map(word_of, data.marks)),
        ours=frozenset(map(word_of, data.ours)),
        patterns=patterns,
        senses=tuple(senses),
    )


def _rules(data: LexiconData) -> Iterator[FactData]:
    for rules in data.facts.values():
        yield from rules


def _senses(data: LexiconData) -> Iterator[tuple[str, Sense, str]]:
    """Every pattern of a lexicon: where it stands, what it stands for, and how it is written."""
    for role, general in ((Role.FINE, data.fine), (Role.SETTLED, data.settled)):
        sense = Sense(role)  # one for thousands of patterns
        for written in general:
            yield role.value, sense, written
    for written in data.denials:
        ends = written.endswith("@")
        role = Role.DENIED_AFTER if ends else Role.DENIED_BEFORE
        yield (
            "denials",
            Sense(role),
            written.removesuffix("@") if ends else written.removeprefix("@"),
        )
    for name, domain in data.domains.items():
        kinds = (
            (Role.SUBJECT, domain.subjects),
            (Role.TROUBLE, domain.troubles + domain.phrases),
            (Role.NOT, domain.not_),
        )
        for role, listed in kinds:
            sense = Sense(role, name=name, rule=name)
            for written in listed:
                yield f"{name}, {role.value}", sense, written
    for name, rules in data.facts.items():
        for number, rule in enumerate(rules):
            yield from _fact_senses(name, f"{name} {number + 1}", rule)


def _fact_senses(name: str, where: str, rule: FactData) -> Iterator[tuple[str, Sense, str]]:
    for role, listed in ((Role.NOT, rule.not_), (Role.UNLESS, rule.unless)):
        sense = Sense(role, name=name, rule=where)
        for written in listed:
            yield where, sense, written
    for value, listed in rule.say.items():
        sense = Sense(Role.FACT, name=name, value=value, rule=where, fact=rule)
        for frame in rule.frames:
            for written in listed if frame == "@" else _joined(listed):
                bare = frame == "@" or "{" in frame + written
                yield where, sense, frame.replace("@", written if bare else f"{{{written}}}")


def _joined(listed: tuple[str, ...]) -> Iterator[str]:
    """The patterns, with those of one word brought together: in a frame they are one pattern."""
    single = [written for written in listed if " " not in written]
    if single:
        yield "|".join(single)
    yield from (written for written in listed if " " in written)
