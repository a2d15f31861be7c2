"""Routing: postcode and place, the one queue, and the reasons that are kept."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intakebot.core.flow import FactIn, RoutingRule
from intakebot.core.law.routing import place_of, queues, route
from intakebot.core.region import covers
from intakebot.core.request import Considered
from tests.core.law import REGION, REVISION, a_known, changed, rows

NOBODY = a_known()

# Written by hand from DOMAIN 7; not made from the shipped table.
AREAS = """
    postcodes                                              | municipality | queue
    -------------------------------------------------------+--------------+------------------------
    3421 3425 3464 3467 3421AB 3425XZ                      | GM0589       | GM0589/stadsteam
    7151 7152 7156 7157 7161 7165 7261 7271 7273 7274 7275 | GM1859       | GM1859/sociaal-team
    7131 7132 7134 7135 7136 7137 7141 7142 7263 7131AA    | GM1586       | GM1586/sociaal-team
    7101 7102 7103 7104 7105 7106 7107 7108 7109           | GM0294       | GM0294/sociaal-team
    7113 7115 7119                                         | GM0294       | GM0294/sociaal-team
    7091 7095 7121 7122 7123 7125 7126                     | GM0197       | GM0197/sociaal-team
    4141 4142 4143 4145 4163 4247                          | GM1961       | GM1961/sociaal-team
    4126 4128 4231 4233 4235 4243 4245                     | GM1961       | GM1961/sociaal-team
    4121 4122 4124 4131 4132 4133 3989                     | GM1961       | GM1961/sociaal-team
    1302 1309 1311 1315 1328 1339 1349 1363 1379           | GM0034       | GM0034/wijkteam
    3081 3082 3083 3084 3085 3086 3087 3088 3089           | GM0599       | GM0599/wijkteam-charlois
    3011 3039 3051 3069 3071 3075 3076 3079                | GM0599       | GM0599/onbekend
    3151 3191 3194 3195                                    | GM0599       | GM0599/onbekend
    9711 9712 9728 9747 9751 9752 9753 9755 9756 9479      | GM0014       | GM0014/wij
    9791 9792 9793 9794 9795 9796 9797 9798 9613           | GM0014       | GM0014/wij
    3417 3461                                              | GM0335       | neighbour
    3441 3449                                              | GM0632       | neighbour
    3465 3466                                              | GM1901       | neighbour
    2851 2855                                              | GM1931       | neighbour
    1380 1381 1390 1398 1399 1012 9999 0000 713           |              | onbekend
    7110 7133 7138 7143 7153 7158 7262 7272 7276 9748 9754 |              | onbekend
    3090 3422 3463 3468 4125 4127 4144 4162 4246 7092 7094 |              | onbekend
"""

# As people write them; capitals, accents and what stands around do not matter.
PLACES = """
    said                       | municipality | queue
    ---------------------------+--------------+------------------------
    Oudewater                  | GM0589       | GM0589/stadsteam
    snelrewaard                | GM0589       | GM0589/stadsteam
    Papekop                    | GM0589       | GM0589/stadsteam
    Ruige Weide                | GM0589       | GM0589/stadsteam
    in Groenlo                 | GM1586       | GM1586/sociaal-team
    Mariënvelde                | GM1586       | GM1586/sociaal-team
    MARIENVELDE!               | GM1586       | GM1586/sociaal-team
    Oost-Gelre                 | GM1586       | GM1586/sociaal-team
    Winterswijk Meddo          | GM0294       | GM0294/sociaal-team
    't Woold                   | GM0294       | GM0294/sociaal-team
    De Heurne                  | GM0197       | GM0197/sociaal-team
    dinxperlo (bij Aalten)     | GM0197       | GM0197/sociaal-team
    eibergen                   | GM1859       | GM1859/sociaal-team
    Hei en Boeicop             | GM1961       | GM1961/sociaal-team
    Hei- en Boeicop            | GM1961       | GM1961/sociaal-team
    Almere Buiten              | GM0034       | GM0034/wijkteam
    Sint-Annen                 | GM0014       | GM0014/wij
    st annen                   | GM0014       | GM0014/wij
    Rotterdam                  | GM0599       | GM0599/onbekend
    Rotterdam Charlois         | GM0599       | GM0599/wijkteam-charlois
    Pendrecht                  | GM0599       | GM0599/wijkteam-charlois
    Hoek van Holland           | GM0599       | GM0599/onbekend
    Linschoten                 | GM0335       | neighbour
    Woerden                    | GM0632       | neighbour
    Driebruggen                | GM1901       | neighbour
    Waarder                    | GM1901       | neighbour
    Vlist                      | GM1931       | neighbour
    Amsterdam                  |              | onbekend
    Krimpen aan den IJssel     |              | onbekend
    van Groningen naar Almere  |              | onbekend
    van Aalten naar Woerden    |              | onbekend
    van Woerden naar Vlist     |              | onbekend
    Lichtenvoordewijk          |              | onbekend
                               |              | onbekend
    ?                          |              | onbekend
"""


def located(postcode: str | None, place: str | None) -> tuple[str, str]:
    found = place_of(REGION, postcode, place)
    area = found.municipality or found.neighbour
    queue = route(REVISION, REGION, NOBODY, postcode, place).queue
    return area.gm if area else "", "neighbour" if found.neighbour else queue


@pytest.mark.parametrize("row", rows(AREAS), ids=lambda row: f"{row[1]} {row[0][:9]}")
def test_a_postcode_gives_municipality_and_queue(row: list[str]) -> None:
    postcodes, gm, queue = row
    for postcode in postcodes.split():
        assert located(postcode, None) == (gm, queue), postcode


@pytest.mark.parametrize("row", rows(PLACES), ids=lambda row: row[0])
def test_a_place_gives_municipality_and_queue(row: list[str]) -> None:
    said, gm, queue = row

    assert located(None, said) == (gm, queue)


def test_the_postcode_goes_before_the_place() -> None:
    assert located("7131", "Groningen") == ("GM1586", "GM1586/sociaal-team")
    assert located("3461", "Groningen") == ("GM0335", "neighbour")


def test_a_postcode_that_is_not_in_the_table_leaves_it_to_the_place() -> None:
    assert located("9999", "Groenlo") == ("GM1586", "GM1586/sociaal-team")


def test_nothing_told_is_read_by_people() -> None:
    assert located(None, None) == ("", "onbekend")
    assert located("", "") == ("", "onbekend")


def test_no_postcode_belongs_to_two_areas() -> None:
    ours = [(m.gm, m.pc4) for m in REGION.municipalities]
    areas = [*ours, *((n.gm, n.pc4) for n in REGION.neighbours)]
    for number in range(1000, 10000):
        owners = [gm for gm, pc4 in areas if covers(pc4, str(number))]

        assert len(owners) <= 1, number


def test_a_team_reads_only_inside_its_municipality() -> None:
    for municipality in REGION.municipalities:
        for team in municipality.teams:
            for number in range(1000, 10000):
                if covers(team.pc4, str(number)):
                    assert covers(municipality.pc4, str(number))


def test_each_place_is_in_one_area() -> None:
    ours = [(m.gm, (m.name, *m.places)) for m in REGION.municipalities]
    theirs = [(n.gm, (n.name, *n.places)) for n in REGION.neighbours]
    for gm, places in (*ours, *theirs):
        for place in places:
            assert located(None, place)[0] == gm, place


RANGES = """
    areas               | pc4  | covered
    7101                | 7101 | yes
    7101                | 7102 | no
    7101-7103           | 7101 | yes
    7101-7103           | 7103 | yes
    7101-7103           | 7104 | no
    7101-7103           | 7100 | no
    7091 7101-7103      | 7102 | yes
    7101-7103           |      | no
    7101-7103           | 710  | no
                        | 7101 | no
"""


@pytest.mark.parametrize("row", rows(RANGES), ids=lambda row: f"{row[1]} in {row[0]}")
def test_what_a_range_covers(row: list[str]) -> None:
    areas, pc4, covered = row

    assert covers(tuple(areas.split()), pc4) == (covered == "yes")


def test_the_reason_is_dutch_and_says_what_told_us() -> None:
    routing = route(REVISION, REGION, NOBODY, "7131AB", None)

    assert routing.rule == "team"
    assert routing.why_nl == (
        "Postcode 7131 hoort bij Oost Gelre. Daar leest Sociaal team Oost Gelre alle vragen."
    )
    assert routing.considered == (Considered(rule="team", matched=True, why_nl=routing.why_nl),)


def test_the_place_in_the_reason_is_ours_and_not_all_that_was_typed() -> None:
    routing = route(REVISION, REGION, NOBODY, None, "bij mijn zus in groenlo, zij heet Anna")

    assert routing.why_nl.startswith("De plaats Groenlo hoort bij Oost Gelre.")


def test_a_municipality_without_a_team_for_the_area_is_read_by_people() -> None:
    routing = route(REVISION, REGION, NOBODY, "3071", None)

    assert routing.queue == "GM0599/onbekend"
    assert routing.why_nl == (
        "Postcode 3071 hoort bij Rotterdam. Voor dat deel is geen team bekend. Een mens kiest het team."
    )
    assert routing.considered[0] == Considered(
        rule="team", matched=False, why_nl="Er is geen team bekend voor dit gebied."
    )


def test_an_unknown_place_says_everything_that_was_looked_at() -> None:
    routing = route(REVISION, REGION, NOBODY, "1399", None)

    assert [(one.rule, one.matched, one.why_nl) for one in routing.considered] == [
        ("team", False, "Er is geen team bekend voor dit gebied."),
        ("gemeente", False, "Er is geen aangesloten gemeente bekend."),
        (
            "onbekend",
            True,
            "Het is niet bekend in welke gemeente dit is. Een mens zoekt uit welk team dit leest.",
        ),
    ]


YOUNG = RoutingRule(
    key="jong",
    queue="GM0034/jong",
    gm=("GM0034",),
    when=FactIn(name="leeftijd", among=("18_26",)),
    because="{municipality} heeft een team voor jongeren.",
)
WITH_YOUNG = changed(routing=(YOUNG, *REVISION.routing))


def test_the_first_rule_that_matches_wins() -> None:
    routing = route(WITH_YOUNG, REGION, a_known("leeftijd=18_26"), "1315", None)

    assert routing.queue == "GM0034/jong"
    assert routing.why_nl == "Almere heeft een team voor jongeren."


def test_a_rule_for_another_place_or_another_person_says_so() -> None:
    elsewhere = route(WITH_YOUNG, REGION, a_known("leeftijd=18_26"), "7131", None)
    nowhere = route(WITH_YOUNG, REGION, a_known("leeftijd=18_26"), None, None)
    older = route(WITH_YOUNG, REGION, a_known("leeftijd=27_66"), "1315", None)

    assert elsewhere.queue == "GM1586/sociaal-team"
    assert elsewhere.considered[0].why_nl == "Deze regel geldt alleen in GM0034."
    assert nowhere.queue == "onbekend"
    assert nowhere.considered[0].why_nl == "Deze regel geldt alleen in GM0034."
    several = msgspec.structs.replace(YOUNG, gm=("GM0034", "GM0294"))
    two = changed(routing=(several, *REVISION.routing))
    both = route(two, REGION, a_known("leeftijd=18_26"), "7131", None)
    assert both.considered[0].why_nl == "Deze regel geldt alleen in GM0034, GM0294."
    assert older.queue == "GM0034/wijkteam"
    assert older.considered[0].why_nl == (
        "Deze regel geldt hier niet. Alleen als iemand 18 tot en met 26 is."
    )


def test_signals_and_children_go_to_the_same_queue() -> None:
    signal = a_known("voor_wie=ander weet_ervan=nee", signals="child!")
    child = a_known("leeftijd=12_15", signals="violence!")

    assert route(REVISION, REGION, signal, "3082", None).queue == "GM0599/wijkteam-charlois"
    assert route(REVISION, REGION, child, "3082", None).queue == "GM0599/wijkteam-charlois"


def test_without_a_rule_that_catches_all_people_still_read_it() -> None:
    routing = route(changed(routing=()), REGION, NOBODY, "7131", None)

    assert routing.queue == "onbekend"
    assert routing.rule == "onbekend"
    assert routing.why_nl == "Geen regel paste. Een mens zoekt uit welk team dit leest."
    assert routing.considered == ()
    assert route(changed(routing=(YOUNG,)), REGION, NOBODY, "7131", None).considered == (
        Considered(rule="jong", matched=False, why_nl="Deze regel geldt alleen in GM0034."),
    )


WHY = """
    postcode | place              | why
    ---------+--------------------+--------------------------------------------------------------
    7131     |                    | Postcode 7131: Oost Gelre, Sociaal team Oost Gelre.
    3071     |                    | Postcode 3071: Rotterdam, .
    3461     |                    | Postcode 3461: Montfoort, .
    9999     | ergens in Woerden  | De plaats Woerden: Woerden, .
             |                    | Het is niet bekend in welke gemeente dit is: , .
"""


@pytest.mark.parametrize("row", rows(WHY), ids=lambda row: f"{row[0]} {row[1]}".strip())
def test_a_reason_names_what_told_us_also_of_a_neighbour_and_of_nowhere(row: list[str]) -> None:
    """Whatever rule an admin writes: what is not known is left out and nothing takes its place."""
    postcode, place, why = row
    every = RoutingRule(key="alles", queue="onbekend", because="{where}: {municipality}, {team}.")
    revision = changed(routing=(every,))

    assert route(revision, REGION, NOBODY, postcode or None, place or None).why_nl == why


@given(
    postcode=st.one_of(st.none(), st.text(), st.from_regex(r"[1-9][0-9]{3}", fullmatch=True)),
    place=st.one_of(st.none(), st.text()),
)
def test_every_request_has_exactly_one_queue_that_exists(
    postcode: str | None, place: str | None
) -> None:
    routing = route(REVISION, REGION, NOBODY, postcode, place)

    assert routing.queue in queues(REGION)
    assert routing.considered[-1].matched


def test_the_queues_are_those_of_teams_municipalities_and_nobody() -> None:
    assert queues(REGION)[:9] == (
        "GM0589/stadsteam",
        "GM1859/sociaal-team",
        "GM1586/sociaal-team",
        "GM0294/sociaal-team",
        "GM0197/sociaal-team",
        "GM1961/sociaal-team",
        "GM0034/wijkteam",
        "GM0599/wijkteam-charlois",
        "GM0014/wij",
    )
    assert "GM0599/onbekend" in queues(REGION)
    assert queues(REGION)[-1] == "onbekend"


def test_every_connected_municipality_can_be_reached_and_helps() -> None:
    for municipality in REGION.municipalities:
        assert municipality.urgent.number
        assert municipality.phone.number
        assert municipality.client_support.number
        assert municipality.designated == (
            "wmo_melding",
            "schuldhulp_melding",
            "participatie_melding",
        )


def test_no_number_of_the_sample_region_is_passed_off_as_checked() -> None:
    numbers = [
        *REGION.numbers.values(),
        *(n.phone for n in REGION.neighbours),
        *(t.phone for m in REGION.municipalities for t in m.teams),
    ]
    for municipality in REGION.municipalities:
        numbers += [municipality.urgent, municipality.phone, municipality.client_support]

    assert all(number.checked_on is None for number in numbers)
    assert {"112", "113", "veilig_thuis", "kindertelefoon"} <= set(REGION.numbers)
