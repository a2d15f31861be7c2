"""Urgency: a proposal by rules, with every reason, the most urgent first."""

from datetime import date, timedelta

import pytest

from intakebot.core.facts import Fact
from intakebot.core.law.urgency import LEVELS, propose, seen_from
from intakebot.core.request import UrgencyReason
from tests.core.law import REVISION, a_known, changed, rows

MONDAY = date(2026, 11, 23)

# Personas by their number; the rest is DOMAIN 3.2 and 6, one rule at a time.
LEVEL = """
    what                             | facts                                                     | domains                                 | signals      | level          | reasons
    ---------------------------------+-----------------------------------------------------------+-----------------------------------------+--------------+----------------+--------
    nothing                          |                                                           |                                         |              | gewoon         |
    p01 meneer K.                    | voor_wie=ander weet_ervan=nee gevaar_nu=nee rol=buur      | middelengebruik sociaal_netwerk         |              | week           | zorgsignaal
    p02 Johan                        | voor_wie=mij ziektewet:ja schulden=nee eten=ja            | werk_opleiding financien                |              | gewoon         |
    p04 Dani                         | school:gestopt startkwalificatie:nee inkomen:geen leeftijd=18_26 woont:bij_iemand eten=ja | werk_opleiding financien huisvesting | | week | geen_inkomen jong_zonder_school
    p06 Khaled                       | inkomen:geen school:nodig kinderen=ja eten=ja             | financien taal_inburgering              |              | week           | geen_inkomen
    p08 Samira                       | schulden:ja dreiging:energie_afsluiting kinderen:ja eten=ja | financien huisvesting                 |              | drie_werkdagen | dreiging
    p10 Olena                        | woont:opvang                                              | huisvesting opvoeden_opgroeien          |              | gewoon         |
    p12 Henk                         | alleen:ja alleen_contact:ja te_veel=nee                   | sociaal_netwerk geestelijke_gezondheid  |              | gewoon         |
    danger now                       | gevaar_nu=ja                                              |                                         |              | nu             | gevaar_nu
    danger now, found in words       | gevaar_nu:ja                                              |                                         | violence!    | nu             | gevaar_nu noodsignaal
    hard: immediate                  |                                                           |                                         | immediate!   | vandaag        | noodsignaal
    hard: suicide                    |                                                           |                                         | suicide!     | vandaag        | noodsignaal
    hard: violence                   |                                                           |                                         | violence!    | vandaag        | noodsignaal
    hard: child                      |                                                           |                                         | child!       | vandaag        | noodsignaal zorg_om_kind
    hard: basic need                 |                                                           |                                         | basic_need!  | vandaag        | noodsignaal
    soft: card only                  |                                                           |                                         | suicide      | gewoon         |
    soft: violence                   |                                                           |                                         | violence     | gewoon         |
    soft: child worries              |                                                           |                                         | child        | week           | zorg_om_kind
    no food                          | eten=nee                                                  |                                         |              | vandaag        | geen_eten
    no bed                           | slaapplek=nee                                             |                                         |              | vandaag        | geen_slaapplek
    a bed                            | slaapplek=ja eten=ja                                      |                                         |              | gewoon         |
    not safe at home                 | veilig_thuis=nee                                          |                                         |              | vandaag        | thuis_niet_veilig
    a child of 13 tells              | leeftijd:12_15                                            |                                         |              | vandaag        | kind
    a child of 9 tells               | leeftijd:onder_12 voor_wie=mij                            |                                         |              | vandaag        | kind
    16 years old                     | leeftijd=16_17                                            |                                         |              | gewoon         |
    about a child, who knows         | leeftijd=12_15 voor_wie=ander weet_ervan=ja               |                                         |              | gewoon         |
    about a child, growing up        | voor_wie=ander weet_ervan=ja                              | opvoeden_opgroeien                      |              | week           | zorg_om_kind
    own children                     | voor_wie=mijn_gezin                                       | opvoeden_opgroeien                      |              | gewoon         |
    heard to be about another        | over_ander:ja                                             |                                         |              | week           | zorgsignaal
    but answered: about me           | over_ander:ja voor_wie=mij                                |                                         |              | gewoon         |
    another who knows                | voor_wie=ander weet_ervan=ja                              | basale_adl                              |              | gewoon         |
    another, does not know if aware  | voor_wie=ander weet_ervan=weet_niet                       | basale_adl                              |              | week           | zorgsignaal
    another who is very alone        | voor_wie=ander weet_ervan=ja alleen=ja                    |                                         |              | week           | alleen
    eviction                         | dreiging:ontruiming                                       |                                         |              | drie_werkdagen | dreiging
    water                            | dreiging=water_afsluiting                                 |                                         |              | drie_werkdagen | dreiging
    health insurance                 | dreiging=zorgverzekering_opzegging                        |                                         |              | drie_werkdagen | dreiging
    no threat                        | dreiging=geen                                             |                                         |              | gewoon         |
    cut off tomorrow                 | dreiging:energie_afsluiting dreiging_wanneer=morgen       |                                         |              | vandaag        | dreiging_direct dreiging
    cut off on Thursday              | dreiging:energie_afsluiting dreiging_wanneer=2026-11-26   |                                         |              | drie_werkdagen | dreiging
    something tomorrow               | dreiging_wanneer=morgen                                   |                                         |              | gewoon         |
    no income                        | inkomen=geen                                              |                                         |              | week           | geen_inkomen
    19, no diploma                   | leeftijd=18_26 startkwalificatie=nee                      |                                         |              | week           | jong_zonder_school
    30, no diploma                   | leeftijd=27_66 startkwalificatie=nee school=gestopt       |                                         |              | gewoon         |
    cannot stay                      | blijven=nee                                               |                                         |              | week           | kan_niet_blijven
    everything at once               | inkomen=geen eten=nee dreiging=ontruiming gevaar_nu=ja    |                                         |              | nu             | gevaar_nu geen_eten dreiging geen_inkomen
"""


@pytest.mark.parametrize("row", rows(LEVEL), ids=lambda row: row[0])
def test_how_soon_and_why(row: list[str]) -> None:
    _, facts, domains, signals, level, reasons = row
    urgency = propose(REVISION, a_known(facts, domains, signals))

    assert urgency.level == level
    assert [reason.rule for reason in urgency.reasons] == reasons.split()


def test_a_reason_is_a_dutch_sentence() -> None:
    urgency = propose(REVISION, a_known("inkomen=geen"))

    assert urgency.reasons == (
        UrgencyReason(rule="geen_inkomen", because_nl="Er is geen inkomen."),
    )


def test_the_order_of_the_rules_does_not_matter_for_the_level() -> None:
    known = a_known("inkomen=geen eten=nee dreiging=ontruiming")
    turned = changed(urgency=tuple(reversed(REVISION.urgency)))

    assert propose(turned, known).level == propose(REVISION, known).level == "vandaag"
    assert [r.rule for r in propose(turned, known).reasons] == [
        "geen_eten",
        "dreiging",
        "geen_inkomen",
    ]


def test_without_rules_everything_is_usual() -> None:
    assert propose(changed(urgency=()), a_known("eten=nee")).level == "gewoon"


def test_the_levels_go_from_most_to_least_urgent() -> None:
    assert LEVELS == ("nu", "vandaag", "drie_werkdagen", "week", "gewoon")


def iso(fact: Fact) -> date | None:
    return None if fact.value == "ooit" else date.fromisoformat(fact.value)


@pytest.mark.parametrize(
    ("days", "words"),
    [(-3, {"vandaag"}), (0, {"vandaag"}), (1, {"morgen"}), (2, set()), (30, set())],
)
def test_a_moment_near_today_is_said_in_words_too(days: int, words: set[str]) -> None:
    written = (MONDAY + timedelta(days=days)).isoformat()
    known = a_known(f"dreiging_wanneer={written} naam={MONDAY}")
    seen = seen_from(known, MONDAY, iso)

    assert set(seen.values("dreiging_wanneer")) == {written, *words}
    assert seen.values("naam") == (MONDAY.isoformat(),)


def test_a_moment_that_cannot_be_read_stays_as_it_is() -> None:
    known = a_known("dreiging_wanneer:ooit")

    assert seen_from(known, MONDAY, iso) == known


def test_a_cut_off_on_the_day_itself_is_for_today() -> None:
    known = a_known("dreiging:energie_afsluiting dreiging_wanneer=2026-11-26")
    levels = [
        propose(REVISION, seen_from(known, date(2026, 11, n), iso)).level for n in (24, 25, 26)
    ]

    assert levels == ["drie_werkdagen", "vandaag", "vandaag"]
