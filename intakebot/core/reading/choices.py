"""Which of the choices was meant: by number, label, spelling, beginning, or nearly that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from intakebot.core.limits import BUTTONS_MAX, LINE_CHARS_MAX
from intakebot.core.reading.numbers import read_number
from intakebot.core.reading.spoken import Spoken, Words, key, short_form
from intakebot.core.session import Value

PREFIX_LETTERS_MIN = 3
# Shorter words are too near to each other for one wrong letter: "huur" and "duur".
SLIP_LETTERS_MIN = 5
# A sentence of more words says more than one choice.
SENTENCE_WORDS_MAX = 8


class Option(Value, frozen=True):
    """One way to answer, with everything that may be typed for it."""

    id: str
    spellings: tuple[str, ...]


def read_choice(
    spoken: Spoken, lang: str | None, options: Sequence[Option], text: str
) -> str | None:
    """The id of the one option that was meant, or None when it is none or could be two.

    In this order: a label or spelling as it is, the number of the option, the beginning of one
    option, one slip of the finger, one spelling inside a short sentence without "niet".
    """
    if len(text) > LINE_CHARS_MAX:
        return None
    named = _named(spoken, lang, options, text)
    return named or _inside(spoken.together(lang), _spellings(options), short_form(spoken, text))


def read_choices(
    spoken: Spoken, lang: str | None, options: Sequence[Option], text: str
) -> tuple[str, ...] | None:
    """The ids that were meant, in the order said; () for "none of these"; None: not understood.

    Every part must be understood: half a reading would leave out what somebody needs.
    """
    if len(text) > LINE_CHARS_MAX:
        return None
    whole = _named(spoken, lang, options, text)
    if whole is not None:
        return (whole,)
    if any(short_form(spoken, text) in words.none for words in spoken.tables(lang)):
        return ()
    ways = _ways_to_cut(spoken.together(lang), text)
    for reader in (_named, read_choice):
        for parts in ways:
            named = [reader(spoken, lang, options, part) for part in parts]
            if named and None not in named:
                return tuple(dict.fromkeys(one for one in named if one is not None))
    return None


def takes_away(spoken: Spoken, lang: str | None, text: str) -> bool:
    """Whether the words say that something is not so: "niet werk", "zonder taal"."""
    said = key(text).split()
    return any(not words.negations.isdisjoint(said) for words in spoken.tables(lang))


def _named(spoken: Spoken, lang: str | None, options: Sequence[Option], text: str) -> str | None:
    """The option that the whole text names: its label, number, beginning, or nearly that."""
    said = short_form(spoken, text)
    spellings = _spellings(options)
    return (
        _only(spellings, lambda word: word in (said, key(text)))
        or _by_number(spoken, lang, options, said)
        or _only(spellings, lambda word: _begins(word, said))
        or _only(spellings, lambda word: _slip(word, said))
    )


def _spellings(options: Sequence[Option]) -> list[tuple[str, str]]:
    return [(option.id, key(word)) for option in options for word in option.spellings]


def _by_number(
    spoken: Spoken, lang: str | None, options: Sequence[Option], said: str
) -> str | None:
    together = spoken.together(lang)
    bare = together.numbered.sub("", said).strip()
    if not bare.isdecimal() and bare not in together.numbers:
        return None  # beside any other word it may count something: "2 kinderen", "1, werk"
    number = read_number(spoken, lang, bare)
    if number is None or not 1 <= number <= len(options):
        return None
    return options[number - 1].id


def _only(spellings: Iterable[tuple[str, str]], fits: Callable[[str], bool]) -> str | None:
    """The option of which a spelling fits, when it is one and no more."""
    found = {option for option, word in spellings if word and fits(word)}
    return found.pop() if len(found) == 1 else None


def _begins(word: str, said: str) -> bool:
    return len(said) >= PREFIX_LETTERS_MIN and word.startswith(said)


def _slip(word: str, said: str) -> bool:
    """Whether `said` is `word` with one letter wrong, missing, too many, or two swapped."""
    if len(word) < SLIP_LETTERS_MIN or abs(len(word) - len(said)) > 1 or said.isdecimal():
        return False
    start = 0
    while start < min(len(word), len(said)) and word[start] == said[start]:
        start += 1
    rest, other = word[start:], said[start:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return other == swapped or other[1:] == rest[1:] or other == rest[1:] or other[1:] == rest


def _inside(shared: Words, spellings: Sequence[tuple[str, str]], said: str) -> str | None:
    """The option with a spelling in this short sentence, when no other has one outside it."""
    words = said.split()
    if len(words) > SENTENCE_WORDS_MAX or not shared.negations.isdisjoint(words):
        return None
    found = [pair for pair in spellings if len(pair[1]) >= PREFIX_LETTERS_MIN]
    found = [(option, word) for option, word in found if f" {word} " in f" {said} "]
    longest = max((word for _, word in found), key=len, default="")
    if any(f" {word} " not in f" {longest} " for _, word in found):
        return None
    return _only(found, lambda word: word == longest)


def _ways_to_cut(shared: Words, text: str) -> list[list[str]]:
    """The parts of a list as people write one: by commas, by "en", by spaces."""
    lines = [part for part in re.split(r"[,;/+&\n،؛]", text) if key(part)]
    bare = [" ".join(w for w in key(p).split() if w not in shared.negations) for p in lines]
    joined = [part for line in bare for part in shared.joins.split(line)]
    attached = [part for line in joined for part in shared.joined.split(line)]
    spaced = [word for line in joined for word in line.split()]
    ways = (lines, bare, joined, attached, spaced)
    kept = [[part.strip() for part in parts if part.strip()] for parts in ways]
    return [parts for parts in kept if len(parts) <= BUTTONS_MAX]
