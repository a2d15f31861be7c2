"""Numbers and ages that people type: in digits of any script, or as words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from intakebot.core.limits import LINE_CHARS_MAX
from intakebot.core.reading.spoken import Spoken, key, short_form, western

# A count in a conversation: children, months, debts in euros.
NUMBER_MAX = 999_999
AGE_MAX = 120
# In a longer sentence a number may be about anything.
SENTENCE_WORDS_MAX = 10
# First age of each band; the names are those of the fact `leeftijd`.
BANDS = (
    (0, "onder_12"),
    (12, "12_15"),
    (16, "16_17"),
    (18, "18_26"),
    (27, "27_66"),
    (67, "67_plus"),
)

# Words that one number is written in: "twenty five", "ثلاثة وعشرون".
NUMBER_WORDS_MAX = 3

_THOUSANDS = re.compile(r"(?<=\d)[.,](?=\d{3}(?!\d))")
_NOT_WHOLE = re.compile(r"(?<!\w)[-−–]\s?\d|\d[.,]\d|\d\s*[/:%]\s*\d?")


class _Number(NamedTuple):
    """A number in a sentence, and its words: from `begin` to before `end`."""

    value: int
    begin: int
    end: int


def read_number(spoken: Spoken, lang: str | None, text: str) -> int | None:
    """The whole number, zero or more, that was said, alone or as the only one in a short sentence.

    Words count too; "een" in a sentence does not, it is an article. Negative numbers, parts and
    ranges are refused, and so is more than `NUMBER_MAX`.
    """
    whole = _THOUSANDS.sub("", western(text[:LINE_CHARS_MAX]))
    if len(text) > LINE_CHARS_MAX or _NOT_WHOLE.search(whole):
        return None
    said = short_form(spoken, whole)
    found = numbers_in(spoken, lang, said)
    return found[0] if len(found) == 1 and found[0] <= NUMBER_MAX else None


def numbers_in(spoken: Spoken, lang: str | None, said: str) -> tuple[int, ...]:
    """All numbers in this folded text, in order; a number word of one needs the text to itself."""
    for words in spoken.tables(lang):
        if said in words.numbers:
            return (words.numbers[said],)
    tokens = said.split()
    if len(tokens) > SENTENCE_WORDS_MAX:
        return ()
    return tuple(number.value for number in _spelt(spoken, lang, tokens))


def read_age_band(spoken: Spoken, lang: str | None, text: str) -> str | None:
    """The age band of the age or range that was said: "19", "ik ben 38 jaar", "18-26", "67+"."""
    if len(text) > LINE_CHARS_MAX:
        return None
    said = key(text)
    tokens = set(said.split())
    ages = _ages(spoken, lang, said)
    bands = {_band(age) for age in ages}
    if not ages or max(ages) > AGE_MAX:
        return None
    if len(ages) == 1 and not tokens.isdisjoint(spoken.shared.under):
        return _band(max(ages[0] - 1, 0)) if ages[0] == BANDS[1][0] else None
    if len(ages) == 1 and ("+" in text or not tokens.isdisjoint(spoken.shared.over)):
        return BANDS[-1][1] if ages[0] >= BANDS[-1][0] - 1 else None
    return bands.pop() if len(bands) == 1 else None


def _ages(spoken: Spoken, lang: str | None, said: str) -> tuple[int, ...]:
    """The numbers that are an age: those beside a word such as "jaar", when there are such.

    The end of a number that we do not know whole is none: "dertig vijf jaar" is not five.
    """
    tokens = said.split()
    numbers = tuple(_spelt(spoken, lang, tokens))
    ends = {
        after
        for before, after in pairwise(numbers)
        if not tokens[after.begin].isdecimal()
        and _goes_on(spoken, tokens[before.end : after.begin])
    }
    ages = [
        number
        for number in numbers
        if number not in ends
        and number.end < len(tokens)
        and tokens[number.end] in spoken.shared.age
    ]
    # "15, 16 of 17 jaar", "18 до 26 лет": of more ages only the last stands beside the word.
    for before, after in reversed(tuple(pairwise(numbers))):
        between = tokens[before.end : after.begin]
        together = _goes_on(spoken, between) or _is_range(spoken, between)
        if after in ages and together and before.value <= AGE_MAX:
            ages.append(before)
    return tuple(it.value for it in ages) or numbers_in(spoken, lang, said)


def _is_range(spoken: Spoken, between: list[str]) -> bool:
    """Whether what stands between two numbers is one word such as "до": up to."""
    return len(between) == 1 and between[0] in spoken.shared.under


def _goes_on(spoken: Spoken, between: list[str]) -> bool:
    """Whether a number goes on after these words: none, or one such as "en"."""
    return not between or (len(between) == 1 and bool(spoken.shared.joins.fullmatch(between[0])))


def _band(age: int) -> str:
    return next(name for first, name in reversed(BANDS) if age >= first)


def _spelt(spoken: Spoken, lang: str | None, tokens: list[str]) -> Iterator[_Number]:
    """The numbers in these words; one that is written in several words is one."""
    at = 0
    while at < len(tokens):
        for end in range(min(at + NUMBER_WORDS_MAX, len(tokens)), at, -1):
            value = _value(spoken, lang, " ".join(tokens[at:end]))
            if value is not None:
                yield _Number(value, at, end)
                break
        else:
            end = at + 1
        at = end


def _value(spoken: Spoken, lang: str | None, token: str) -> int | None:
    if token.isdecimal():
        return int(token[:7])
    found = (words.numbers.get(token) for words in spoken.tables(lang))
    return next((number for number in found if number is not None and number != 1), None)
