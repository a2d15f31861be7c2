"""Legal terms: the Algemene termijnenwet, and which request starts which clock."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intakebot.core.flow import AllOf, ClockRule
from intakebot.core.law.clocks import (
    clocks,
    due,
    dutch_day,
    easter,
    holidays,
    is_workday,
    month_after,
    on_workday,
    workdays_after,
)
from intakebot.core.region import Municipality
from tests.core.law import MONDAY, REGION, REVISION, a_known, rows

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2060, 12, 31))
WINTERSWIJK = next(one for one in REGION.municipalities if one.gm == "GM0294")
UNDESIGNATED = WINTERSWIJK.replace(designated=())

HOLIDAYS = """
    year | Goede Vrijdag | 2e Paasdag | Koningsdag | Hemelvaart | 2e Pinksterdag
    -----+---------------+------------+------------+------------+---------------
    2024 | 03-29         | 04-01      | 04-27      | 05-09      | 05-20
    2025 | 04-18         | 04-21      | 04-26      | 05-29      | 06-09
    2026 | 04-03         | 04-06      | 04-27      | 05-14      | 05-25
    2027 | 03-26         | 03-29      | 04-27      | 05-06      | 05-17
    2028 | 04-14         | 04-17      | 04-27      | 05-25      | 06-05
    2031 | 04-11         | 04-14      | 04-26      | 05-22      | 06-02
    2038 | 04-23         | 04-26      | 04-27      | 06-03      | 06-14
"""

# Easter Sundays, the earliest and the latest that there are among them.
EASTERS = """
    year | day
    1818 | 03-22
    1943 | 04-25
    1961 | 04-02
    2000 | 04-23
    2019 | 04-21
    2026 | 04-05
    2038 | 04-25
    2049 | 04-18
    2076 | 04-19
    2285 | 03-22
"""

# The day of the message is day 0.
TERMS = """
    message        | term        | due            | why
    ---------------+-------------+----------------+---------------------------------------------------
    Mon 2026-11-23 | 7 days      | Mon 2026-11-30 | wmo_plan, p02 p10 p12
    Mon 2026-11-23 | 6 weeks     | Mon 2027-01-04 | wmo_onderzoek, p02 p10 p12
    Mon 2026-11-23 | 4 weeks     | Mon 2026-12-21 | pw_zoektermijn, p04
    Mon 2026-11-23 | 3 workdays  | Thu 2026-11-26 | wgs_spoed, p08
    Mon 2026-11-16 | 10 weeks    | Mon 2027-01-25 | wi_pip, p06, once a member enters the date
    Mon 2026-11-23 | 0 days      | Mon 2026-11-23 | due at once
    Sat 2026-11-21 | 0 days      | Sat 2026-11-21 | due at once, on a free day too
    Mon 2026-11-23 | 5 days      | Mon 2026-11-30 | art. 1: ends on Saturday
    Mon 2026-11-23 | 6 days      | Mon 2026-11-30 | art. 1: ends on Sunday
    Fri 2026-12-18 | 7 days      | Mon 2026-12-28 | art. 1: ends on 25 December, then 26, then Sunday
    Fri 2027-04-30 | 5 days      | Fri 2027-05-07 | art. 1: 5 May, then Ascension Day 6 May
    Thu 2026-11-26 | 1 days      | Fri 2026-11-27 | one day
    Fri 2026-11-27 | 1 days      | Mon 2026-11-30 | art. 1; too short for art. 2
    Fri 2026-11-27 | 2 days      | Mon 2026-11-30 | too short for art. 2: one working day is enough
    Fri 2026-11-27 | 3 days      | Tue 2026-12-01 | art. 2: Saturday, Sunday, Monday hold one; Tuesday
    Thu 2026-11-26 | 3 days      | Mon 2026-11-30 | art. 1 gives Monday; Friday and Monday are two
    Wed 2026-12-23 | 3 days      | Mon 2026-12-28 | art. 1: 26 December; Thursday and Monday are two
    Thu 2026-12-24 | 3 days      | Tue 2026-12-29 | art. 2: Christmas and a week-end hold none
    Thu 2026-12-24 | 4 days      | Tue 2026-12-29 | art. 2: Monday is one, Tuesday two
    Thu 2025-04-17 | 4 days      | Wed 2025-04-23 | art. 2: Easter from Good Friday to Monday
    Mon 2026-11-23 | 90 days     | Mon 2027-02-22 | 21 February is a Sunday: 90 days is extended
    Mon 2026-11-23 | 91 days     | Mon 2027-02-22 | art. 4: more than 90 days is not
    Sun 2026-11-22 | 91 days     | Sun 2027-02-21 | art. 4: so it ends on a Sunday
    Sun 2026-11-22 | 12 weeks    | Mon 2027-02-15 | 12 weeks is extended
    Sun 2026-11-22 | 13 weeks    | Sun 2027-02-21 | art. 4: more than 12 weeks is not
    Fri 2026-11-27 | 3 workdays  | Wed 2026-12-02 | working days skip the week-end
    Sat 2026-11-28 | 3 workdays  | Wed 2026-12-02 | a message on Saturday
    Wed 2026-12-23 | 3 workdays  | Tue 2026-12-29 | working days skip Christmas
    Thu 2026-12-31 | 3 workdays  | Wed 2027-01-06 | and New Year's Day
    Wed 2026-04-01 | 3 workdays  | Wed 2026-04-08 | and Easter
"""


def a_rule(term: str = "0 days", **changes: object) -> ClockRule:
    number, unit = term.split()
    rule = ClockRule(key="clock", law="law", when=AllOf(of=()), started_by="message")
    return msgspec.structs.replace(rule, **{unit: int(number), **changes})


def day(written: str) -> date:
    found = date.fromisoformat(written[-10:])
    assert len(written) == 10 or found.strftime("%a") == written[:3]
    return found


@pytest.mark.parametrize("row", rows(HOLIDAYS), ids=lambda row: row[0])
def test_the_holidays_of_a_year(row: list[str]) -> None:
    year, *moving = row
    fixed = ["01-01", "05-05", "12-25", "12-26"]

    assert holidays(int(year)) == {day(f"{year}-{it}") for it in (*moving, *fixed)}


@pytest.mark.parametrize("row", rows(EASTERS), ids=lambda row: row[0])
def test_easter_sunday(row: list[str]) -> None:
    assert easter(int(row[0])) == day("-".join(row))


def test_easter_is_a_sunday_from_22_march_to_25_april() -> None:
    for year in range(1583, 4100):
        found = easter(year)

        assert found.weekday() == 6
        assert date(year, 3, 22) <= found <= date(year, 4, 25)


def test_easter_of_each_year_is_as_gauss_reckoned_it() -> None:
    """Another way to the same day, with the corrections for 29 and 28 epacts."""
    for year in range(1583, 4100):
        a, b, c, k = year % 19, year % 4, year % 7, year // 100
        m = (15 - (13 + 8 * k) // 25 + k - k // 4) % 30
        d = (19 * a + m) % 30
        e = (2 * b + 4 * c + 6 * d + 4 + k - k // 4) % 7
        late = e == 6 and (d == 29 or (d == 28 and (11 * m + 11) % 30 < 19))

        assert easter(year) == date(year, 3, 22) + timedelta(days=d + e - 7 * late)


@pytest.mark.parametrize("row", rows(TERMS), ids=lambda row: f"{row[0]} + {row[1]}")
def test_the_last_day_of_a_term(row: list[str]) -> None:
    message, term, last, _ = row

    assert due(a_rule(term), day(message)) == day(last)


def test_a_day_that_a_royal_decree_equates_counts_as_a_holiday() -> None:
    extra = (date(2026, 11, 30), date(2026, 12, 1))

    assert due(a_rule("7 days"), date(2026, 11, 23), extra) == date(2026, 12, 2)
    assert due(a_rule("5 workdays"), date(2026, 11, 23), extra) == date(2026, 12, 2)
    tuesday = extra[1:]  # from Friday three days hold Monday; the second working day is Wednesday
    assert due(a_rule("3 days"), date(2026, 11, 27), tuesday) == date(2026, 12, 2)


@given(start=DAYS, days=st.integers(1, 90))
def test_a_term_ends_on_a_working_day_and_never_early(start: date, days: int) -> None:
    last = due(a_rule(f"{days} days"), start)

    assert is_workday(last)
    assert last >= start + timedelta(days=days)


@given(start=DAYS, days=st.integers(3, 90))
def test_a_term_of_three_days_holds_two_working_days(start: date, days: int) -> None:
    last = due(a_rule(f"{days} days"), start)
    span = [start + timedelta(days=n) for n in range(1, (last - start).days + 1)]

    assert sum(map(is_workday, span)) >= 2


@given(start=DAYS, count=st.integers(1, 30))
def test_working_days_are_counted_one_by_one(start: date, count: int) -> None:
    last = workdays_after(start, count)
    span = [start + timedelta(days=n) for n in range(1, (last - start).days + 1)]

    assert is_workday(last)
    assert sum(map(is_workday, span)) == count


@given(start=DAYS)
def test_longer_terms_end_later_or_on_the_same_day(start: date) -> None:
    ends = [due(a_rule(f"{days} days"), start) for days in range(1, 60)]

    assert all(earlier <= later for earlier, later in pairwise(ends))


@given(start=DAYS)
def test_the_first_working_day_is_within_six_days(start: date) -> None:
    """Christmas beside a week-end, Easter, or King's Day: never more than five free days."""
    assert on_workday(start) - start <= timedelta(days=5)


DUTCH_DAYS = """
    moment                    | day
    2026-11-22T22:59:00+00:00 | 2026-11-22
    2026-11-22T23:00:00+00:00 | 2026-11-23
    2026-06-30T21:59:00+00:00 | 2026-06-30
    2026-06-30T22:00:00+00:00 | 2026-07-01
    2026-11-23T10:00:00+01:00 | 2026-11-23
    2026-11-23T20:00:00-05:00 | 2026-11-24
"""


@pytest.mark.parametrize("row", rows(DUTCH_DAYS), ids=lambda row: row[0])
def test_the_day_of_a_message_is_the_day_in_the_netherlands(row: list[str]) -> None:
    assert dutch_day(datetime.fromisoformat(row[0])) == day(row[1])


# DOMAIN 1.3. `running`: where the channel is designated. `possible`: only a person can start it.
STARTS = """
    facts                                      | domains                     | running                                                         | possible
    -------------------------------------------+-----------------------------+-----------------------------------------------------------------+---------------------------------
                                               |                             |                                                                 |
                                               | tijdsbesteding              |                                                                 |
                                               | ~sociaal_netwerk            |                                                                 |
                                               | basale_adl                  | wmo_bevestiging wmo_clientondersteuning wmo_plan wmo_onderzoek  |
                                               | instrumentele_adl           | wmo_bevestiging wmo_clientondersteuning wmo_plan wmo_onderzoek  |
                                               | lichamelijke_gezondheid     | wmo_bevestiging wmo_clientondersteuning wmo_plan wmo_onderzoek  |
                                               | geestelijke_gezondheid      | wmo_bevestiging wmo_clientondersteuning wmo_plan wmo_onderzoek  |
                                               | mantelzorg                  | wmo_bevestiging wmo_clientondersteuning wmo_plan wmo_onderzoek  |
                                               | sociaal_netwerk             | wmo_bevestiging wmo_clientondersteuning wmo_plan wmo_onderzoek  |
    alleen_contact=ja                          | sociaal_netwerk             | wmo_bevestiging wmo_clientondersteuning wmo_plan wmo_onderzoek  |
    schulden=ja                                | financien                   | wgs_gesprek                                                     |
    schulden:ja                                | financien                   | wgs_gesprek                                                     |
    schulden=ja                                | wonen                       |                                                                 |
    schulden=nee                               | financien                   |                                                                 |
    schulden:ja schulden=nee                   | financien                   |                                                                 |
    dreiging:ontruiming                        |                             | wgs_spoed                                                       |
    dreiging:energie_afsluiting                | tijdsbesteding              | wgs_spoed                                                       |
    dreiging=water_afsluiting                  |                             | wgs_spoed                                                       |
    dreiging:zorgverzekering_opzegging         |                             | wgs_spoed                                                       |
    dreiging=geen                              | financien                   |                                                                 |
    dreiging:energie_afsluiting schulden:ja    | financien                   | wgs_spoed wgs_gesprek                                           |
    leeftijd=18_26 inkomen=geen                |                             | pw_zoektermijn                                                  | pw_voorschot pw_besluit
    leeftijd=18_26 uitkering_vragen:ja         |                             | pw_zoektermijn                                                  | pw_voorschot pw_besluit
    leeftijd=18_26                             | financien                   |                                                                 |
    leeftijd=27_66 inkomen=geen                |                             |                                                                 | pw_voorschot pw_besluit
    leeftijd=16_17 inkomen=geen                |                             |                                                                 | pw_voorschot pw_besluit
    inkomen=wel                                | financien                   |                                                                 |
                                               | taal_inburgering            |                                                                 | wi_pip
    statushouder:ja                            |                             |                                                                 | wi_pip
                                               | opvoeden_opgroeien          |                                                                 | jeugd_besluit
    school:nodig                               | opvoeden_opgroeien          |                                                                 |
    inkomen:geen school:nodig kinderen=ja      | financien werk_opleiding taal_inburgering opvoeden_opgroeien huisvesting |  | pw_voorschot pw_besluit wi_pip
"""


@pytest.mark.parametrize("row", rows(STARTS), ids=lambda row: f"{row[0]} {row[1]}".strip())
def test_what_starts_which_clock(row: list[str]) -> None:
    facts, domains, running, possible = row
    found = clocks(REVISION, a_known(facts, domains), WINTERSWIJK, "hulpvraag_integraal", MONDAY)

    assert [clock.key for clock in found if clock.status == "running"] == running.split()
    assert [clock.key for clock in found if clock.status == "possible"] == possible.split()
    assert all((clock.due is not None) == (clock.status == "running") for clock in found)


@pytest.mark.parametrize("municipality", [UNDESIGNATED, None], ids=["undesignated", "unknown"])
@pytest.mark.parametrize("row", rows(STARTS), ids=lambda row: f"{row[0]} {row[1]}".strip())
def test_no_clock_runs_where_the_channel_is_not_designated(
    row: list[str], municipality: Municipality | None
) -> None:
    facts, domains, running, possible = row
    found = clocks(REVISION, a_known(facts, domains), municipality, "hulpvraag_licht", MONDAY)

    assert {clock.key for clock in found} == {*running.split(), *possible.split()}
    assert all(clock.due is None for clock in found)
    assert all(clock.status == "possible" and not clock.met for clock in found)


def test_each_kind_of_message_is_designated_by_itself() -> None:
    only_debts = WINTERSWIJK.replace(designated=("schuldhulp_melding",))
    known = a_known("schulden=ja leeftijd=18_26 inkomen=geen", "financien basale_adl")
    found = clocks(REVISION, known, only_debts, "hulpvraag_integraal", MONDAY)

    assert [clock.key for clock in found if clock.status == "running"] == ["wgs_gesprek"]


def test_a_report_about_somebody_who_did_not_ask_starts_no_clock() -> None:
    known = a_known("dreiging:ontruiming schulden:ja inkomen:geen", "financien sociaal_netwerk")

    assert clocks(REVISION, known, WINTERSWIJK, "zorgsignaal_derde", MONDAY) == ()


def test_a_message_for_somebody_who_knows_starts_the_clocks() -> None:
    found = clocks(
        REVISION, a_known(domains="basale_adl"), WINTERSWIJK, "wmo_melding_namens", MONDAY
    )

    assert "wmo_onderzoek" in {clock.key for clock in found if clock.status == "running"}


def test_a_clock_says_its_law_and_what_started_it() -> None:
    found = clocks(
        REVISION, a_known(domains="mantelzorg"), WINTERSWIJK, "hulpvraag_integraal", MONDAY
    )
    terms = {clock.key: (clock.due, clock.law, clock.started_by, clock.met) for clock in found}

    assert terms == {
        "wmo_bevestiging": (
            date(2026, 11, 23),
            "Wmo 2015 art. 2.3.2 lid 1",
            "de melding in deze chat",
            True,
        ),
        "wmo_clientondersteuning": (
            date(2026, 11, 23),
            "Wmo 2015 art. 2.3.2 lid 3",
            "de melding in deze chat",
            True,
        ),
        "wmo_plan": (
            date(2026, 11, 30),
            "Wmo 2015 art. 2.3.2 lid 2",
            "de melding in deze chat",
            False,
        ),
        "wmo_onderzoek": (
            date(2027, 1, 4),
            "Wmo 2015 art. 2.3.2 lid 1",
            "de melding in deze chat",
            False,
        ),
    }


def test_the_term_runs_from_the_dutch_day_and_over_the_region_s_own_holidays() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # already Monday in the Netherlands
    extra = (date(2026, 11, 30),)
    found = clocks(
        REVISION, a_known(domains="basale_adl"), WINTERSWIJK, "hulpvraag_integraal", late, extra
    )

    assert [clock.due for clock in found if clock.key == "wmo_plan"] == [date(2026, 12, 1)]


MONTHS = """
    day        | month after
    2026-11-23 | 2026-12-23
    2026-12-01 | 2027-01-01
    2026-12-31 | 2027-01-31
    2027-01-31 | 2027-02-28
    2028-01-30 | 2028-02-29
    2026-10-31 | 2026-11-30
"""


@pytest.mark.parametrize("row", rows(MONTHS), ids=lambda row: row[0])
def test_a_month_later_is_the_same_day_or_the_last_one(row: list[str]) -> None:
    assert month_after(day(row[0])) == day(row[1])
