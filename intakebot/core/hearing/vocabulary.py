"""The words of a lexicon, each with a number, and how a written word is recognised as one of them.

A word of a dialect or a chat is read as the written one too (gin, geen). One that is not known as
it stands is read once more with the sounds of the language evened out (betaalt, betaald), then with
the ending that it should have (hebbe, hebben), and then, when it is long, with one slip of the
finger (afgeslotne). All cost a bounded number of look-ups, however long the text or the lexicon.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

WORD_LETTERS_MAX = 40  # the longest Dutch compound that means something here has 30
SOUND_LETTERS_MIN = 4  # shorter words become each other too easily
SLIP_LETTERS_MIN = 7
REST_LETTERS_MIN = 2  # of a word that a prefix is written onto

# A sound that was evened out, and whether it is the beginning of a word.
Stem = tuple[str, bool]


@dataclass(slots=True)
class Sounds:
    """How the words of a lexicon sound; made when a first word is not known as it is spelled."""

    # Most of these hold one thing, and there are tens of thousands: a tuple is a quarter of a set.
    whole: dict[str, tuple[int, ...]] = field(default_factory=dict)
    begins: dict[str, tuple[int, ...]] = field(default_factory=dict)
    slips: dict[str, tuple[Stem, ...]] = field(default_factory=dict)

    def add(self, sound: str, number: int, *, begins: bool) -> None:
        """An atom sounds so, or begins so."""
        table = self.begins if begins else self.whole
        is_new = sound not in table
        table[sound] = (*table.get(sound, ()), number)
        if is_new and len(sound) >= SLIP_LETTERS_MIN:
            stem = (sound, begins)
            alone = (stem,)
            for variant in set(one_less(sound)):
                others = self.slips.get(variant)
                self.slips[variant] = alone if others is None else (*others, stem)


@dataclass(slots=True)
class Vocabulary:
    """Atoms: whole words, beginnings (`schuld*`), ends (`*schuld`) and insides (`*schuld*`)."""

    sounds: tuple[tuple[str, str], ...] = ()  # written -> heard, in this order
    slips_forgiven: bool = True
    ordinary: frozenset[str] = frozenset()  # words that are spelled well and mean something else
    prefixes: tuple[str, ...] = ()  # written onto a word: wa-, al-, bi-
    alike: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # nie -> niet
    endings: tuple[tuple[str, str], ...] = ()  # written -> meant: hebbe, hebben
    numbers: dict[str, int] = field(default_factory=dict)  # as spelled in the pattern -> atom
    whole: dict[str, int] = field(default_factory=dict)
    begins: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    inside: dict[str, int] = field(default_factory=dict)
    sounds_made: Sounds | None = None
    lengths: dict[str, set[int]] = field(
        default_factory=lambda: {"b": set(), "e": set(), "i": set()}
    )

    def atom(self, spelled: str) -> int:
        """The number of this word; `spelled` is folded and may begin and end with a star."""
        if spelled in self.numbers:
            return self.numbers[spelled]
        number = self.numbers[spelled] = len(self.numbers)
        word = spelled.strip("*")
        match spelled.startswith("*"), spelled.endswith("*"):
            case True, True:
                self.inside[word] = number
                self.lengths["i"].add(len(word))
            case True, False:
                self.ends[word] = number
                self.lengths["e"].add(len(word))
            case False, True:
                self.begins[word] = number
                self.lengths["b"].add(len(word))
            case _:
                self.whole[word] = number
        return number

    def atoms(self, word: str, *, loosely: bool) -> frozenset[int]:
        """The atoms that know this word; loosely: by its sound or with one slip, if none does."""
        known = set(self._spelled(word[:WORD_LETTERS_MAX]))
        for prefix in self.prefixes:
            if word.startswith(prefix) and len(word) >= len(prefix) + REST_LETTERS_MIN:
                known.update(self._spelled(word[len(prefix) : WORD_LETTERS_MAX]))
        for other in self.alike.get(word, ()) if loosely else ():
            known.update(self._spelled(other))
        if loosely and not known and word not in self.ordinary:
            known = self._loosely(word)
        return frozenset(known)

    def _loosely(self, word: str) -> set[int]:
        if not SOUND_LETTERS_MIN <= len(word) <= WORD_LETTERS_MAX:
            return set()
        sound = self.sound(word)
        return (
            self._sounding(sound)
            or self._ending(word)
            or (self._slipped(sound) if self.slips_forgiven else set())
        )

    def sound(self, word: str) -> str:
        """The word as it sounds, double letters made single."""
        for written, heard in self.sounds:
            word = word.replace(written, heard)
        return "".join(a for a, b in zip(word, f" {word}", strict=False) if a != b)

    def _sounds(self) -> Sounds:
        if self.sounds_made is None:
            self.sounds_made = Sounds()
            for table, begins in ((self.whole, False), (self.begins, True)):
                for word, number in table.items():
                    if len(word) >= SOUND_LETTERS_MIN:
                        self.sounds_made.add(self.sound(word), number, begins=begins)
        return self.sounds_made

    def _spelled(self, word: str) -> Iterator[int]:
        size = len(word)
        if word in self.whole:
            yield self.whole[word]
        for length in self.lengths["b"]:
            if (start := word[:length]) in self.begins and length <= size:
                yield self.begins[start]
        for length in self.lengths["e"]:
            if (end := word[-length:]) in self.ends and length <= size:
                yield self.ends[end]
        for length in self.lengths["i"]:
            for at in range(size - length + 1):
                if (part := word[at : at + length]) in self.inside:
                    yield self.inside[part]

    def _sounding(self, sound: str) -> set[int]:
        sounds = self._sounds()
        known = set(sounds.whole.get(sound, ()))
        for length in range(SOUND_LETTERS_MIN - 1, len(sound) + 1):
            known.update(sounds.begins.get(sound[:length], ()))
        return known

    def _ending(self, word: str) -> set[int]:
        """What knows the word with another ending, as it is spelled or as it sounds."""
        known: set[int] = set()
        for written, meant in self.endings:
            if word.endswith(written):
                other = word.removesuffix(written) + meant
                known |= set(self._spelled(other)) or self._sounding(self.sound(other))
        return known

    def _slipped(self, sound: str) -> set[int]:
        sounds = self._sounds()
        known: set[int] = set()
        for length in range(SLIP_LETTERS_MIN - 1, len(sound) + 1):
            head = sound[:length]
            for variant in one_less(head):
                for stem, begins in sounds.slips.get(variant, ()):
                    if (begins or length == len(sound)) and one_slip(head, stem):
                        known.update((sounds.begins if begins else sounds.whole)[stem])
        return known


def one_less(word: str) -> tuple[str, ...]:
    """The word itself, and with each letter but the first left out."""
    return (word, *(word[:at] + word[at + 1 :] for at in range(1, len(word))))


def one_slip(word: str, other: str) -> bool:
    """Whether they differ by one letter: more, less, another, or swapped with its neighbour."""
    at = 0
    while at < min(len(word), len(other)) and word[at] == other[at]:
        at += 1
    return (
        word[at + 1 :] == other[at + 1 :]
        or word[at + 1 :] == other[at:]
        or word[at:] == other[at + 1 :]
        or (word[at : at + 2] == other[at : at + 2][::-1] and word[at + 2 :] == other[at + 2 :])
    )
