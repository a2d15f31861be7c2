"""Patterns: how a lexicon says which words to look for, and the search for them.

A pattern is a line of words; it matches words that follow each other within one clause.

    schuld              this word
    schuld* *schuld     a word that begins so, ends so; *schuld* holds it anywhere
    kan|kon             one of these words
    <kind>              one word of the set `kind` of this lexicon
    meer?               may be left out
    *                   any one word, but no negation
    ..                  up to five words between, no negation among them
    ...                 up to five words between, whatever they are
    #                   a number
    ^ $                 the clause begins here, ends here
    {timmerman}         the words to keep

Words are folded (`core.folding`), apostrophes left out. Every step is bounded: a pattern holds at
most two gaps, so that reading stays linear in the length of the story.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import assert_never

from intakebot.core.folding import fold
from intakebot.core.hearing.vocabulary import Vocabulary
from intakebot.core.limits import WORD_CHARS_REMEMBERED_MAX, WORDS_REMEMBERED_MAX
from intakebot.core.memory import Memory

GAP_WORDS_MAX = 5  # more, and the words no longer belong together
GAPS_MAX = 2  # in one pattern; bounds the search to 36 tries a place
STEPS_MAX = 16
NUMBER = "#"


class Kind(Enum):
    """What one step of a pattern takes."""

    WORD = "word"  # a word that one of the atoms knows
    MAYBE = "maybe"  # the same, or nothing
    ANY = "any"  # one word, not a negation
    GAP = "gap"  # no to five words, none a negation
    REACH = "reach"  # no to five words
    OPEN = "open"  # nothing; the words to keep begin here
    CLOSE = "close"  # nothing; they end here
    END = "end"  # nothing, and only at the end of the clause


_MARKS = {
    "*": Kind.ANY,
    "..": Kind.GAP,
    "...": Kind.REACH,
    "{": Kind.OPEN,
    "}": Kind.CLOSE,
    "$": Kind.END,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a pattern."""

    kind: Kind
    # Each once; there are thousands of these, and a set takes 216 bytes.
    atoms: tuple[int, ...] = ()


Steps = tuple[Step, ...]
Needed = tuple[tuple[int, ...], ...]  # of each WORD, its atoms


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern made ready; `sense` is the number under which its lexicon knows what it means."""

    number: int
    sense: int
    steps: Steps  # the first is a WORD
    opening: bool  # only at the beginning of a clause
    needed: Needed


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern was found: words `start` to `end`, and the ones to keep among them."""

    sense: int
    start: int
    end: int
    kept: tuple[int, int]


class PatternError(ValueError):
    """A pattern that cannot be read; the message says why and what to write instead."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns of one lexicon; `anchor` puts each under the rarest word that it needs."""

    vocabulary: Vocabulary
    sets: Mapping[str, Sequence[str]]
    negations: frozenset[str]
    all: list[Pattern] = field(default_factory=list)
    anchored: dict[int, tuple[Pattern, ...]] = field(default_factory=dict)
    # Read before; most patterns are one part, and share what it became.
    parts: dict[str, tuple[Steps, Needed]] = field(default_factory=dict)
    known: Memory[tuple[str, bool], frozenset[int]] = field(
        default_factory=lambda: Memory(WORDS_REMEMBERED_MAX)
    )

    def add(self, sense: int, written: str) -> None:
        """Takes one pattern in, or raises PatternError."""
        opening = written.startswith("^")
        parts = written.removeprefix("^").replace("{", " { ").replace("}", " } ").split()
        read = [self._part(part) for part in parts]
        if len(read) == 1:
            steps, needed = read[0]
        else:
            steps = tuple(step for one, _ in read for step in one)
            needed = tuple(atoms for _, one in read for atoms in one)
        _check(steps)
        self.all.append(
            Pattern(number=len(self.all), sense=sense, steps=steps, opening=opening, needed=needed)
        )

    def anchor(self) -> None:
        """Makes ready for `find`, once all patterns are in."""
        self.parts.clear()
        uses = Counter(atom for pattern in self.all for needed in pattern.needed for atom in needed)
        for pattern in self.all:
            rarest = min(pattern.needed, key=lambda needed: max(uses[atom] for atom in needed))
            for atom in rarest:
                self.anchored[atom] = (*self.anchored.get(atom, ()), pattern)

    def _part(self, part: str) -> tuple[Steps, Needed]:
        if part not in self.parts:
            steps = tuple(self._steps(part))
            needed = tuple(step.atoms for step in steps if step.kind is Kind.WORD)
            self.parts[part] = (steps, needed)
        return self.parts[part]

    def _steps(self, part: str) -> Iterator[Step]:
        if part in _MARKS:
            yield Step(_MARKS[part])
            return
        kind = Kind.MAYBE if part.endswith("?") else Kind.WORD
        spelled = [one for word in part.removesuffix("?").split("|") for one in self._spelled(word)]
        if len(spelled) == 1:  # re-integratie is two words
            for word in spelled[0].split():
                yield Step(kind, (self.vocabulary.atom(word),))
            return
        if loose := [word for word in spelled if " " in word]:
            raise PatternError(f"{loose[0]!r} is more than one word: give it a line of its own")
        yield Step(kind, tuple(dict.fromkeys(map(self.vocabulary.atom, spelled))))

    def _spelled(self, word: str) -> Iterator[str]:
        if word.startswith("<") and word.endswith(">"):
            if word[1:-1] not in self.sets:
                raise PatternError(f"there is no set {word}: add it under `sets`")
            for member in self.sets[word[1:-1]]:
                yield from self._spelled(member)
            return
        bare = NUMBER if word == NUMBER else word_of(word.strip("*"))
        if not bare:
            raise PatternError(f"{word!r} holds no letters: leave it out")
        yield ("*" if word[0] == "*" else "") + bare + ("*" if word[-1] == "*" else "")

    def atoms(self, word: str, *, loosely: bool) -> frozenset[int]:
        """The atoms that know this folded word; a number is known as `#` too."""
        if len(word) > WORD_CHARS_REMEMBERED_MAX:
            return self._atoms(word, loosely=loosely)
        return self.known.recall((word, loosely), lambda: self._atoms(word, loosely=loosely))

    def _atoms(self, word: str, *, loosely: bool) -> frozenset[int]:
        known = self.vocabulary.atoms(word, loosely=loosely)
        if word.isdecimal():
            known |= self.vocabulary.atoms(NUMBER, loosely=False)
        return known

    def find(self, words: Sequence[str], atoms: Sequence[frozenset[int]]) -> Iterator[Match]:
        """Every pattern in one clause, by its first word; a gap takes as little as it can."""
        places: dict[int, list[int]] = {}
        for place, known in enumerate(atoms):
            for atom in known:
                places.setdefault(atom, []).append(place)
        search = _Search(atoms=atoms, barred=[word in self.negations for word in words])
        for pattern in self._possible(frozenset(places)):
            first = {place for atom in pattern.needed[0] for place in places.get(atom, ())}
            for start in sorted(first & {0} if pattern.opening else first):
                end = search.begin(pattern.steps, start)
                if end is not None:
                    yield Match(pattern.sense, start, end, search.kept_in(start, end))

    def _possible(self, present: frozenset[int]) -> Iterator[Pattern]:
        """The patterns of which all words that they need are there, each once."""
        tried: set[int] = set()
        for atom in present:
            for pattern in self.anchored.get(atom, ()):
                if pattern.number in tried:
                    continue
                tried.add(pattern.number)
                for needed in pattern.needed:
                    if present.isdisjoint(needed):
                        break
                else:
                    yield pattern


@dataclass(slots=True)
class _Search:
    """One clause, and the words to keep of the match that was found last."""

    atoms: Sequence[frozenset[int]]
    barred: Sequence[bool]  # negations
    opened: int | None = None
    closed: int | None = None

    def kept_in(self, start: int, end: int) -> tuple[int, int]:
        """The words to keep; the whole match when the pattern does not say which."""
        return (start if self.opened is None else self.opened, self.closed or end)

    def begin(self, steps: tuple[Step, ...], start: int) -> int | None:
        """Where a match that begins at word `start` ends, or None."""
        self.opened = self.closed = None
        return self.end(steps, 0, start)

    def end(self, steps: tuple[Step, ...], number: int, at: int) -> int | None:
        """Where the match of the steps from `number` on ends, when they match from word `at` on."""
        for place in range(number, len(steps)):
            step = steps[place]
            here = at < len(self.atoms)
            match step.kind:
                case Kind.WORD:
                    if not here or self.atoms[at].isdisjoint(step.atoms):
                        return None
                    at += 1
                case Kind.ANY:
                    if not here or self.barred[at]:
                        return None
                    at += 1
                case Kind.MAYBE:
                    taken = here and not self.atoms[at].isdisjoint(step.atoms)
                    found = self.end(steps, place + 1, at + 1) if taken else None
                    return self.end(steps, place + 1, at) if found is None else found
                case Kind.GAP | Kind.REACH:
                    return self._after_gap(steps, place + 1, at)
                case Kind.OPEN:
                    self.opened = at
                case Kind.CLOSE:
                    self.closed = at
                case Kind.END:
                    if here:
                        return None
                case _:
                    assert_never(step.kind)
        return at

    def _after_gap(self, steps: tuple[Step, ...], number: int, at: int) -> int | None:
        for skipped in range(GAP_WORDS_MAX + 1):
            found = self.end(steps, number, at + skipped)
            if found is not None:
                return found
            if at + skipped >= len(self.atoms):
                return None
            if self.barred[at + skipped] and steps[number - 1].kind is Kind.GAP:
                return None
        return None


def word_of(written: str) -> str:
    """A word as patterns and stories are compared: folded, without apostrophes."""
    return fold(written).replace("'", "")


def _check(steps: tuple[Step, ...]) -> None:
    kinds = [step.kind for step in steps]
    first = next((kind for kind in kinds if kind is not Kind.OPEN), None)
    if first is not Kind.WORD:
        raise PatternError("begin with a word that is always there")
    gaps = kinds.count(Kind.GAP) + kinds.count(Kind.REACH)
    if gaps > GAPS_MAX or len(steps) > STEPS_MAX:
        raise PatternError(f"too long: at most {GAPS_MAX} gaps and {STEPS_MAX} steps")
    if kinds[-1] in {Kind.GAP, Kind.REACH}:
        raise PatternError("a gap at the end says nothing: leave it out")
