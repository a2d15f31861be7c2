"""The words that people say to a bot: moves, yes and no, numbers, days; per language, as data.

`SpokenData` is the file `content/spoken.yaml`, one per language; `compile_spoken` folds it once.
Every reader looks in the words of the session's language first and then in those of all others:
people mix languages, and someone who is not safe types the word that comes first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar, get_args

import msgspec

from intakebot.core.folding import fold

T = TypeVar("T")
V = TypeVar("V")
SHADES = "\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"  # of an emoji
NEVER = "(?!)"  # a pattern that matches nothing

Move = Literal[
    "/back",
    "/skip",
    "/change",
    "/stop",
    "/restart",
    "/help",
    "/person",
    "/no-call",
    "/who",
    "/unsafe",
    "/more",
    "/withdraw",
    "/erase",
    "/resume",
    "/status",
    "/language",
    "/shared",
    "/mine",
    "/add",
]
Stop = Literal["bewaren", "weggooien", "doorgaan"]
MOVES: tuple[Move, ...] = get_args(Move)
STOPS: tuple[Stop, ...] = get_args(Stop)


class SpokenData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The spoken words of one language, as people write them; a `#` stands for a number."""

    moves: dict[Move, tuple[str, ...]] = {}
    polite: tuple[str, ...] = ()  # may stand before or after an answer: alstublieft, graag
    ja: tuple[str, ...] = ()
    nee: tuple[str, ...] = ()
    weet_niet: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    confirm: tuple[str, ...] = ()
    none: tuple[str, ...] = ()  # none of the choices
    negations: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()  # words between two choices
    joined: tuple[str, ...] = ()  # letters that join, written onto the next word: Arabic و
    numbered: tuple[str, ...] = ()  # words beside the number of a choice: nummer, optie
    numbers: dict[str, int] = {}
    months: dict[str, int] = {}
    weekdays: dict[str, int] = {}  # ISO: Monday is 1
    days: dict[str, int] = {}  # days from today
    in_days: tuple[str, ...] = ()  # "over # dagen"
    in_weeks: tuple[str, ...] = ()  # "over # weken"
    next_week: tuple[str, ...] = ()
    ordinals: tuple[str, ...] = ()  # what stands between the day and the month: e, of
    age: tuple[str, ...] = ()  # words beside an age: jaar
    under: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    units: tuple[str, ...] = ()  # after a number: it is an amount, not a postcode
    lengths: tuple[str, ...] = ()  # after two numbers: they are no date: 9-11 uur, 2-3 weken
    since: tuple[str, ...] = ()  # before a number: it is a year, not a postcode
    lives: tuple[str, ...] = ()  # before a number: it is the postcode of who says so
    little: tuple[str, ...] = ()  # two-letter words that are not the letters of a postcode
    names: tuple[str, ...] = ()  # before a name: ik heet
    named: tuple[str, ...] = ()  # after a name: is mijn naam
    called: tuple[str, ...] = ()  # what people call this language, in any language
    called_easy: tuple[str, ...] = ()  # what people call its easy form, reading level A2
    stops: dict[Stop, tuple[str, ...]] = {}  # what may be typed after "stop"
    # Words of another language's lists that mean something else in this one: Dutch "onze" is no
    # French eleven. Moves are heard all the same: who is not safe types the word that comes first.
    ours: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Words:
    """Spoken words, folded, ready to look up: of one language, or of all together."""

    moves: dict[str, Move]
    answers: dict[str, str]  # word -> ja, nee, weet_niet
    done: frozenset[str]
    confirm: frozenset[str]
    none: frozenset[str]
    negations: frozenset[str]
    polite_first: re.Pattern[str]
    polite_last: re.Pattern[str]
    joins: re.Pattern[str]
    joined: re.Pattern[str]
    numbered: re.Pattern[str]
    numbers: dict[str, int]
    months: dict[str, int]
    weekdays: dict[str, int]
    days: dict[str, int]
    in_days: re.Pattern[str]
    in_weeks: re.Pattern[str]
    next_week: re.Pattern[str]
    ordinals: re.Pattern[str]
    ordinal_day: re.Pattern[str]
    age: frozenset[str]
    under: frozenset[str]
    over: frozenset[str]
    units: frozenset[str]
    lengths: frozenset[str]
    since: frozenset[str]
    lives: re.Pattern[str]
    little: frozenset[str]
    names: re.Pattern[str]
    named: re.Pattern[str]


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """All spoken words, compiled."""

    data: dict[str, SpokenData]
    shared: Words  # of all languages together; the first language that has a word keeps it
    # Of one language, and of all but what it claims; each made when the language is first read.
    own: dict[str, Words] = field(default_factory=dict)
    without: dict[str, Words] = field(default_factory=dict)
    called: dict[str, tuple[str, ...]]  # language code -> what people call it
    stops: dict[str, tuple[str, ...]]  # bewaren weggooien doorgaan -> what may be typed for it

    def tables(self, lang: str | None) -> tuple[Words, ...]:
        """Where to look, in order: the session's language, then all together."""
        data = self.data.get(lang or "")
        if lang is None or data is None:
            return (self.shared,)
        if lang not in self.own:
            self.own[lang] = _words((data,))
        return (self.own[lang], self.together(lang))

    def together(self, lang: str | None) -> Words:
        """All languages together, without what the session's language claims for itself."""
        own = self.data.get(lang or "")
        if lang is None or own is None or not own.ours:
            return self.shared
        if lang not in self.without:
            ours = _set(own.ours)
            others = (_without(it, ours) for code, it in self.data.items() if code != lang)
            self.without[lang] = _words((own, *others))
        return self.without[lang]


def compile_spoken(data: Mapping[str, SpokenData]) -> Spoken:
    """The spoken words of these languages, in this order of preference."""
    every = tuple(data.values())
    called = {lang: words.called for lang, words in data.items()}
    called |= {f"{lang}-A2": words.called_easy for lang, words in data.items() if words.called_easy}
    return Spoken(data=dict(data), shared=_words(every), called=called, stops=_stops(every))


def key(text: str) -> str:
    """How a word is looked up: folded; a text of only an emoji stays that emoji."""
    return fold(text) or text.strip().rstrip(SHADES)


def western(text: str) -> str:
    """The same text, as long as it was, with every decimal digit of any script as 0-9."""
    if text.isascii():
        return text
    return "".join(map(_western, text))


def _western(char: str) -> str:
    value = unicodedata.decimal(char, -1)
    return char if value < 0 else str(value)


def short_form(spoken: Spoken, text: str) -> str:
    """The folded text without the polite words around it."""
    said = key(text)
    bare = spoken.shared.polite_first.sub("", said)
    return spoken.shared.polite_last.sub("", bare) or said


def _words(languages: tuple[SpokenData, ...]) -> Words:
    """These languages as one; who comes first keeps the word."""

    def every(field: Callable[[SpokenData], Iterable[T]]) -> tuple[T, ...]:
        return tuple(one for language in languages for one in field(language))

    polite = _alternatives(every(lambda d: d.polite))
    ordinals = _alternatives(every(lambda d: d.ordinals))
    return Words(
        moves=_first((p, move) for d in languages for move, ps in d.moves.items() for p in ps),
        answers=_first(every(_answers)),
        done=_set(every(lambda d: d.done)),
        confirm=_set(every(lambda d: d.confirm)),
        none=_set(every(lambda d: d.none)),
        negations=_set(every(lambda d: d.negations)),
        polite_first=re.compile(rf"^(?:(?:{polite}) )+"),
        polite_last=re.compile(rf"(?: (?:{polite}))+$"),
        joins=_phrase(every(lambda d: d.joins)),
        joined=re.compile(rf"(?<!\S)(?:{_alternatives(every(lambda d: d.joined))})(?=\w)"),
        numbered=_phrase(every(lambda d: d.numbered)),
        numbers=_first(every(lambda d: d.numbers.items())),
        months=_first(every(lambda d: d.months.items())),
        weekdays=_first(every(lambda d: d.weekdays.items())),
        days=_first(every(lambda d: d.days.items())),
        in_days=_counted(every(lambda d: d.in_days)),
        in_weeks=_counted(every(lambda d: d.in_weeks)),
        next_week=_phrase(every(lambda d: d.next_week)),
        ordinals=re.compile(ordinals),
        ordinal_day=re.compile(rf"(\d{{1,2}})(?:{ordinals})?"),
        age=_set(every(lambda d: d.age)),
        under=_set(every(lambda d: d.under)),
        over=_set(every(lambda d: d.over)),
        units=_set(every(lambda d: d.units)),
        lengths=_set(every(lambda d: d.lengths)),
        since=_set(every(lambda d: d.since)),
        lives=re.compile(rf"(?<!\S)(?:{_alternatives(every(lambda d: d.lives))})$"),
        little=_set(every(lambda d: d.little)),
        names=re.compile(
            rf"^\W*(?:{_loose(every(lambda d: d.names))})(?:[\s:,]+|$)", re.IGNORECASE
        ),
        named=re.compile(rf"[\s,]+(?:{_loose(every(lambda d: d.named))})\W*$", re.IGNORECASE),
    )


def _without(data: SpokenData, ours: frozenset[str]) -> SpokenData:
    """The words of another language that are not ours."""

    def kept(words: Iterable[str]) -> list[str]:
        return [word for word in words if key(word) not in ours]

    fields = msgspec.structs.asdict(data)
    lists = {name: tuple(kept(words)) for name, words in fields.items() if type(words) is tuple}
    tables = {
        name: {word: fields[name][word] for word in kept(fields[name])}
        for name in ("numbers", "months", "weekdays", "days")
    }
    return msgspec.structs.replace(data, **lists, **tables)


def _answers(data: SpokenData) -> tuple[tuple[str, str], ...]:
    table = {"ja": data.ja, "nee": data.nee, "weet_niet": data.weet_niet}
    return tuple((word, value) for value, words in table.items() for word in words)


def _stops(languages: tuple[SpokenData, ...]) -> dict[str, tuple[str, ...]]:
    """What may be typed after "stop", per choice, in all languages."""
    return {
        stop: tuple(word for d in languages for word in d.stops.get(stop, ())) for stop in STOPS
    }


def _first(pairs: Iterable[tuple[str, V]]) -> dict[str, V]:
    """Word to meaning; who comes first keeps the word."""
    table: dict[str, V] = {}
    for word, value in pairs:
        table.setdefault(_once(word), value)
    return table


_known: dict[str, str] = {}


def _set(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_once, words))


def _once(word: str) -> str:
    """The word as it is looked up; one in all tables, of which there are several a language."""
    folded = key(word)
    return _known.setdefault(folded, folded)


def _phrase(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S)(?:{_alternatives(words)})(?!\S)")


def _counted(phrases: Iterable[str]) -> re.Pattern[str]:
    """A pattern with the number at the `#` of any of these phrases in its group `count`."""
    halves = [phrase.partition("#") for phrase in phrases]
    before = _alternatives(first for first, _, _ in halves if first)
    after = _alternatives(last for first, _, last in halves if first)
    alone = _alternatives(last for first, _, last in halves if not first)  # "# gün sonra"
    said = rf"(?P<before>(?:{before}) )?(?P<count>\S+) (?(before)(?:{after})|(?:{alone}))"
    return re.compile(rf"(?<!\S){said}(?!\S)")


def _alternatives(words: Iterable[str]) -> str:
    """The folded words as alternatives of a pattern, the longest first; none: matches nothing."""
    folded = sorted({re.escape(key(word)) for word in words}, key=len, reverse=True)
    return "|".join(folded) or NEVER


def _loose(words: Iterable[str]) -> str:
    """The words as alternatives in a pattern for text that is not folded, the longest first."""
    found = sorted({word.strip() for word in words}, key=len, reverse=True)
    return "|".join(r"\s+".join(map(re.escape, word.split())) for word in found) or NEVER
