"""Days that people type: 3-4-1980, 3 april, donderdag, overmorgen, over 3 dagen, ISO 8601."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from intakebot.core.limits import LINE_CHARS_MAX
from intakebot.core.reading.numbers import numbers_in
from intakebot.core.reading.spoken import Spoken, Words, key, western

YEAR_MIN, YEAR_MAX = 1900, 2100
# "over # dagen": further away people give the day itself.
DAYS_AHEAD_MAX = 366
WEEKDAY_LETTERS_MIN = 5  # from here on a weekday may have something behind it: donderdagochtend
# How far to look for 29 February.
LEAP_YEARS_MAX = 8

_ISO = re.compile(
    r"(?<!\d)(?P<year>\d{4})\s?[-/.]\s?(?P<month>\d{1,2})\s?[-/.]\s?(?P<day>\d{1,2})(?!\d)"
)
_DUTCH = re.compile(
    r"(?<![\d./-])(?P<day>\d{1,2})\s?[-/.]\s?(?P<month>\d{1,2})(?:\s?[-/.]\s?(?P<year>\d+))?(?![\d])"
)
_SPACED = re.compile(r"^(?P<day>\d{1,2}) (?P<month>\d{1,2}) (?P<year>\d{4})$")


def read_date(spoken: Spoken, lang: str | None, text: str, today: date) -> date | None:
    """The day that was said, or None.

    Two-digit years are refused. A day without a year is the next such day, today included; a
    weekday is the next one after today. Two different days in one text are none, and so is a
    date on another weekday than is said: "vrijdag 9-11" may be about hours.
    """
    if len(text) > LINE_CHARS_MAX:
        return None
    raw = western(text)
    said = key(text)
    written = (it for form in (_ISO, _DUTCH) for it in form.finditer(raw))
    numeric = next((it for it in written if not _is_length(spoken, it)), None)
    numeric = numeric or _SPACED.search(said)
    if numeric is not None:
        day = _day(numeric["day"], int(numeric["month"]), numeric["year"], today)
        return None if day is None or _is_denied(spoken, lang, said, day) else day
    return _by_month(spoken, lang, said, today) or _by_words(spoken, lang, said, today)


def _is_length(spoken: Spoken, written: re.Match[str]) -> bool:
    """Whether the word behind these two numbers makes them something else: "9-11 uur"."""
    behind = key(written.string[written.end() :]).split()
    return written["year"] is None and not spoken.shared.lengths.isdisjoint(behind[:1])


def _is_denied(spoken: Spoken, lang: str | None, said: str, day: date) -> bool:
    """Whether a weekday is said that this day is not; short ones may be other words: "zo"."""
    tokens = [token for token in said.split() if len(token) >= WEEKDAY_LETTERS_MIN]
    for words in spoken.tables(lang):
        weekdays = _weekdays(words, tokens)
        if weekdays:
            return weekdays != {day.isoweekday()}
    return False


def _day(day: str, month: int, year: str | None, today: date) -> date | None:
    """This day; without a year the first one from today on."""
    if year is not None and len(year) != len(str(YEAR_MIN)):
        return None
    years = range(today.year, today.year + LEAP_YEARS_MAX) if year is None else (int(year),)
    for candidate in years:
        if not YEAR_MIN <= candidate <= YEAR_MAX:
            return None
        try:
            found = date(candidate, month, int(day))
        except ValueError:
            continue
        if year is not None or found >= today:
            return found
    return None


def _by_month(spoken: Spoken, lang: str | None, said: str, today: date) -> date | None:
    """The day beside the one name of a month: "3 april", "3e april 2027", "april 3rd"."""
    tokens = [token for token in said.split() if not spoken.shared.ordinals.fullmatch(token)]
    for words in spoken.tables(lang):
        at = [place for place, token in enumerate(tokens) if token in words.months]
        if len(at) != 1:
            continue
        before, after = tokens[: at[0]], tokens[at[0] + 1 :]
        if not before or not spoken.shared.ordinal_day.fullmatch(before[-1]):
            before, after = after[:1], after[1:]
        day = spoken.shared.ordinal_day.fullmatch(before[-1]) if before else None
        if day is not None:
            year = after[0] if after and after[0].isdecimal() else None
            return _day(day[1], words.months[tokens[at[0]]], year, today)
    return None


def _by_words(spoken: Spoken, lang: str | None, said: str, today: date) -> date | None:
    """ "donderdag", "volgende week donderdag", "morgen", "over drie dagen"."""
    for words in spoken.tables(lang):
        weekdays = _weekdays(words, said.split())
        if len(weekdays) > 1:
            return None
        if weekdays:
            return _next(
                weekdays.pop(), today, next_week=bool(spoken.shared.next_week.search(said))
            )
        for pattern, length in ((words.in_days, 1), (words.in_weeks, 7)):
            counted = pattern.search(said)
            ahead = counted and _ahead(spoken, lang, counted["count"], length, today)
            if ahead is not None:
                return ahead
        said_words = [word for word in words.days if f" {word} " in f" {said} "]
        found = {words.days[word] for word in said_words if not _within(word, said_words)}
        if found:
            return today + timedelta(days=found.pop()) if len(found) == 1 else None
    return None


def _within(word: str, others: Sequence[str]) -> bool:
    """Whether one of the others is longer and holds the word: "day after tomorrow"."""
    return any(word != other and f" {word} " in f" {other} " for other in others)


def _weekdays(words: Words, tokens: Iterable[str]) -> set[int]:
    return {day for token in tokens if (day := _weekday(words.weekdays, token))}


def _weekday(weekdays: dict[str, int], token: str) -> int | None:
    """The weekday of this word, or of the longest that it begins with: pazartesi, not pazar."""
    if token in weekdays:
        return weekdays[token]
    begun = [
        word for word in weekdays if len(word) >= WEEKDAY_LETTERS_MIN and token.startswith(word)
    ]
    return weekdays[max(begun, key=len)] if begun else None


def _next(weekday: int, today: date, *, next_week: bool) -> date:
    if next_week:
        return today + timedelta(days=7 - today.isoweekday() + weekday)
    return today + timedelta(days=(weekday - today.isoweekday() - 1) % 7 + 1)


def _ahead(spoken: Spoken, lang: str | None, count: str, length: int, today: date) -> date | None:
    numbers = numbers_in(spoken, lang, count)
    if not numbers or numbers[0] * length > DAYS_AHEAD_MAX:
        return None
    return today + timedelta(days=numbers[0] * length)
