"""Clocks: which legal terms a request starts, and the last day of each.

Days are counted as the Algemene termijnenwet says (BWBR0002448). The day of the message is day 0.

1. A term that ends on a Saturday, a Sunday or a holiday goes on to the next working day.
2. A term of three days or more holds at least two working days, if need be by going on longer.
3. Holidays: 1 January, Good Friday (equated), Easter Monday, the King's birthday, 5 May, Ascension
   Day, Whit Monday, 25 and 26 December, and the days that a royal decree equates with them.
4. None of this for terms in hours, nor for more than 90 days, 12 weeks or 3 months.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from intakebot.core.facts import Known
from intakebot.core.flow import ClockRule, Revision
from intakebot.core.law.conditions import holds
from intakebot.core.region import Municipality
from intakebot.core.request import Clock

# Dutch law counts Dutch days, wherever the program runs.
ZONE = ZoneInfo("Europe/Amsterdam")
# By then the post is read and a team can still call the same day.
CHECK_IN_FROM = time(10)

# Article 4: from here on the law on terms does not extend a term.
DAYS_EXTENDED_MAX = 90
WEEKS_EXTENDED_MAX = 12
# Article 2: from this length on a term holds at least two working days.
DAYS_WITH_WORKDAYS_MIN = 3
WORKDAYS_MIN = 2

SATURDAY = 5
SUNDAY = 6
DAY = timedelta(days=1)
# A term ends this year or the next; what `extra` and tests ask for is a few more.
YEARS_REMEMBERED_MAX = 16


def clocks(
    revision: Revision,
    known: Known,
    municipality: Municipality | None,
    request_type: str,
    created_at: datetime,
    extra: tuple[date, ...] = (),
) -> tuple[Clock, ...]:
    """The clocks of a request, in the order of the rules.

    A clock runs where the municipality has designated this channel for that kind of message (Awb
    2:13); elsewhere, and where only a person can start it, it is possible and has no date. Someone
    who reports about another starts no clock of that other. `extra`: equated holidays.
    """
    if request_type == "zorgsignaal_derde":
        return ()
    designated = municipality.designated if municipality else ()
    start = dutch_day(created_at)
    return tuple(
        _clock(rule, start, extra, running=rule.kind in designated)
        for rule in revision.clocks
        if holds(rule.when, known)
    )


def _clock(rule: ClockRule, start: date, extra: tuple[date, ...], *, running: bool) -> Clock:
    return Clock(
        key=rule.key,
        due=due(rule, start, extra) if running else None,
        law=rule.law,
        started_by=rule.started_by,
        status="running" if running else "possible",
        met=rule.met and running,
    )


def dutch_day(moment: datetime) -> date:
    """The day that it is in the Netherlands at this moment (aware, any zone)."""
    return moment.astimezone(ZONE).date()


def due(rule: ClockRule, start: date, extra: tuple[date, ...] = ()) -> date:
    """The last day of the term; a term of no length is due on the day itself."""
    if rule.workdays:
        return workdays_after(start, rule.workdays, extra)
    days = rule.days + 7 * rule.weeks
    end = start + days * DAY
    if days == 0 or rule.days > DAYS_EXTENDED_MAX or rule.weeks > WEEKS_EXTENDED_MAX:
        return end
    end = on_workday(end, extra)
    if days >= DAYS_WITH_WORKDAYS_MIN:
        end = max(end, workdays_after(start, WORKDAYS_MIN, extra))
    return end


def workdays_after(start: date, count: int, extra: tuple[date, ...] = ()) -> date:
    """The `count`th working day after `start` (at least 1)."""
    day = start
    for _ in range(count):
        day = on_workday(day + DAY, extra)
    return day


def on_workday(day: date, extra: tuple[date, ...] = ()) -> date:
    """This day, or when nobody works then the first working day after it."""
    while not is_workday(day, extra):
        day += DAY
    return day


def is_workday(day: date, extra: tuple[date, ...] = ()) -> bool:
    """Whether it is no Saturday, no Sunday and no holiday."""
    return day.weekday() < SATURDAY and day not in extra and day not in holidays(day.year)


@lru_cache(maxsize=YEARS_REMEMBERED_MAX)
def holidays(year: int) -> frozenset[date]:
    """The holidays of article 3, first and second paragraph."""
    return frozenset(_holidays(year))


def _holidays(year: int) -> Iterator[date]:
    yield date(year, 1, 1)
    easter_sunday = easter(year)
    yield easter_sunday - 2 * DAY  # Good Friday
    yield easter_sunday + DAY  # Easter Monday
    kings_day = date(year, 4, 27)
    yield kings_day - DAY if kings_day.weekday() == SUNDAY else kings_day
    yield date(year, 5, 5)
    yield easter_sunday + 39 * DAY  # Ascension Day
    yield easter_sunday + 50 * DAY  # Whit Monday
    yield date(year, 12, 25)
    yield date(year, 12, 26)


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (Meeus, Jones and Butcher)."""
    golden = year % 19
    century, of_century = divmod(year, 100)
    leap_centuries, rest = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - moon + 15) % 30
    leaps, plain = divmod(of_century, 4)
    weekday = (32 + 2 * rest + 2 * leaps - epact - plain) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def check_in_at(promised: date) -> datetime:
    """When people are asked whether there was contact: the first working day after the promise."""
    return datetime.combine(on_workday(promised + DAY), CHECK_IN_FROM, ZONE)


def month_after(day: date) -> date:
    """The same day of the next month, or its last day (AVG 12 lid 3: one month)."""
    first = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first + min(day.day - 1, (after - first).days - 1) * DAY
