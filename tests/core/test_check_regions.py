"""Regions: what an admin reads of one, whole, with the place and the remedy."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from intakebot.core.check import check_region
from intakebot.core.hearing.lexicon import DOMAINS

Data = dict[str, object]
LANGUAGES = ("nl", "nl-A2", "en")
READ = frozenset({"nl", "en"})
NUMBER: Data = {"number": "0600 000 001", "name": "Voorbeeldstad"}
NOBODY: Data = {"number": "bellen", "name": "Niemand"}
HELP_LINES = dict.fromkeys(("112", "113", "kindertelefoon", "veilig_thuis"), NUMBER)
REMEDY_OF_AREA = (
    'Write four digits, or two of them with a dash, the lowest first, in quotes: "7101-7109".'
)


def a_team(queue: str = "GM9990/noord", **more: object) -> Data:
    return {"queue": queue, "label": "Noord", "phone": NUMBER, **more}


def a_municipality(**more: object) -> Data:
    return {
        "gm": "GM9990",
        "name": "Voorbeeldstad",
        "urgent": NUMBER,
        "phone": NUMBER,
        "client_support": NUMBER,
        "pc4": ["9990-9992"],
        "places": [],
        "teams": [a_team()],
        **more,
    }


def another(**more: object) -> Data:
    """A second municipality, without a problem."""
    own: Data = {"gm": "GM9970", "name": "Elders", "pc4": ["9970"]}
    return a_municipality(**{**own, "teams": [a_team("GM9970/zuid")], **more})


def a_neighbour(**more: object) -> Data:
    return {"gm": "GM9980", "name": "Buren", "phone": NUMBER, "pc4": ["9980"], **more}


def a_region(*municipalities: Data, **more: object) -> Data:
    return {
        "name": "Klein",
        "languages": ["nl"],
        "privacy_officer": "de FG",
        "municipalities": [*(municipalities or (a_municipality(),))],
        "neighbours": [a_neighbour()],
        "numbers": HELP_LINES,
        **more,
    }


def told(data: Data, read: frozenset[str] = READ) -> list[str]:
    return [str(one) for one in check_region(data, LANGUAGES, read)[1]]


HERE = 'Municipality "GM9990"'
TEAM = f'{HERE}, team "GM9990/noord"'
NEIGHBOUR = 'Neighbour "GM9980"'


def test_a_region_without_a_problem() -> None:
    region, found = check_region(a_region(a_municipality(), another()), LANGUAGES, READ)

    assert found == ()
    assert region is not None
    assert [one.name for one in region.municipalities] == ["Voorbeeldstad", "Elders"]


@pytest.mark.parametrize(
    ("region", "where", "name"),
    [
        (a_region(a_municipality(urgent=NOBODY)), HERE, "urgent"),
        (a_region(a_municipality(phone=NOBODY)), HERE, "phone"),
        (a_region(a_municipality(client_support=NOBODY)), HERE, "client_support"),
        (a_region(a_municipality(teams=[a_team(phone=NOBODY)])), TEAM, "phone"),
        (a_region(neighbours=[a_neighbour(phone=NOBODY)]), NEIGHBOUR, "phone"),
        (a_region(numbers={**HELP_LINES, "113": NOBODY}), "The region", "numbers.113"),
    ],
)
def test_every_number_can_be_called(region: Data, where: str, name: str) -> None:
    assert told(region) == [
        (
            f'F704 {where}: field "{name}.number" holds no number to call. '
            "Write the number that people call."
        )
    ]


@pytest.mark.parametrize(
    ("name", "least", "most"), [("promise_workdays", 1, 60), ("last_hour", 0, 23)]
)
def test_a_promise_is_within_bounds(name: str, least: int, most: int) -> None:
    for value in (least, most):
        assert told(a_region(a_municipality(**{name: value}))) == []
    for value in (least - 1, most + 1):
        assert told(a_region(a_municipality(**{name: value}))) == [
            f'F712 {HERE}: field "{name}" is {value}. Write {least} to {most}.'
        ]


@pytest.mark.parametrize(
    ("lang", "remedy"),
    [("nl-A1", 'Did you mean "nl-A2"?'), ("qq", "Use one of: nl, nl-A2, en.")],
)
def test_a_language_without_words_is_not_offered(lang: str, remedy: str) -> None:
    assert told(a_region(languages=["nl", lang, "en"])) == [
        f'F710 The region: offers language "{lang}", and there are no words in it. {remedy}'
    ]


# ---- languages that nobody has read

DECIDED: Data = {"decided_by": "A. Bos", "decided_on": date(2026, 11, 22), "languages": ["en"]}
NOT_READ = (
    'F716 The region: offers language "en", which no native reader has read, and nobody decided to. '
    "Let one read it (locales/README.md), or write who decided to offer it in `unreviewed`."
)


@pytest.mark.parametrize(
    "decision",
    [
        {},
        {"unreviewed": DECIDED | {"decided_by": " "}},
        {"unreviewed": DECIDED | {"languages": []}},
    ],
    ids=["none", "of nobody", "on another"],
)
def test_a_language_that_nobody_read_is_offered_by_decision_of_somebody(decision: Data) -> None:
    region = a_region(languages=["nl", "nl-A2", "en"], **decision)

    assert told(region, frozenset({"nl"})) == [NOT_READ]
    assert told(region) == []
    assert told(region | {"unreviewed": DECIDED}, frozenset({"nl"})) == []


def test_a_decision_that_is_no_longer_needed_is_told() -> None:
    offered = a_region(languages=["nl", "en"], unreviewed=DECIDED)
    line = (
        'F717 The region: has a decision on language "en", which {}. Take it out of `unreviewed`.'
    )

    assert told(offered) == [line.format("a native reader has read")]
    assert told(a_region(unreviewed=DECIDED), frozenset({"nl"})) == [line.format("is not offered")]


def test_a_decision_has_a_day() -> None:
    undated = {name: value for name, value in DECIDED.items() if name != "decided_on"}

    assert told(a_region(languages=["nl", "en"], unreviewed=undated)) == [
        'F008 The region: has no field "unreviewed.decided_on". Add it.'
    ]


def test_people_in_danger_are_given_four_help_lines() -> None:
    assert told(a_region(numbers={})) == [
        (
            f'F711 The region: has no help line "{key}", which people in danger are given. '
            "Add it under `numbers`."
        )
        for key in ("112", "113", "kindertelefoon", "veilig_thuis")
    ]


@pytest.mark.parametrize("officer", ["", " "])
def test_a_region_has_somebody_for_privacy_and_a_municipality(officer: str) -> None:
    assert told(a_region(privacy_officer=officer) | {"municipalities": []}) == [
        "F701 The region: has no municipality. Add it under `municipalities`.",
        (
            "F715 The region: has no privacy officer, whom people who want their data gone must "
            "reach. Write the name and the way to reach in `privacy_officer`."
        ),
    ]


# ---- queues


@pytest.mark.parametrize(
    "queue",
    ["GM9990/onbekend", "GM9970/noord", "GM9990/Noord", "noord", "GM9990/", f"GM9990/{'a' * 41}"],
)
def test_a_queue_is_of_its_municipality_and_has_a_name(queue: str) -> None:
    assert told(a_region(a_municipality(teams=[a_team(queue)]))) == [
        (
            f'F707 {HERE}, team "{queue}": has no name that a queue can have. '
            "Write GM9990/ and a word of small letters, digits and dashes; not GM9990/onbekend."
        )
    ]


def test_each_team_has_a_queue_of_its_own() -> None:
    teams = [a_team(), a_team(f"GM9990/{'a' * 40}"), a_team()]

    assert told(a_region(a_municipality(teams=teams))) == [
        f"F706 {TEAM}: has the queue of an earlier team. Give each team a queue of its own."
    ]


def test_somebody_reads_the_requests_of_each_municipality() -> None:
    assert told(a_region(a_municipality(teams=[]), another())) == [
        (
            f"F705 {HERE}: has no team, so nobody reads its requests. "
            "Add a team with its queue under `teams`."
        )
    ]


# ---- codes and postcodes


def test_each_municipality_has_a_code_of_its_own() -> None:
    twice = a_region(a_municipality(), another(), neighbours=[a_neighbour(gm="GM9970")])

    assert told(twice) == [
        'F703 Neighbour "GM9970": has the code of an earlier one. Give each a code of its own.'
    ]
    assert (
        told(a_region(neighbours=[a_neighbour(gm="GM998"), a_neighbour(gm="GM998")]))
        == [
            (
                'F702 Neighbour "GM998": has no code of Statistics Netherlands (CBS). '
                "Write GM and four digits."
            )
        ]
        * 2
    )


@pytest.mark.parametrize("area", ["999", "99911", "0999", "9991-", "9992-9991", "9991 AB", ""])
def test_a_postcode_area_is_written_in_digits(area: str) -> None:
    """Of a municipality, of a team, of a neighbour."""
    for region, where in (
        (a_region(a_municipality(pc4=[area])), HERE),
        (a_region(a_municipality(teams=[a_team(pc4=["9991", area])])), TEAM),
        (a_region(neighbours=[a_neighbour(pc4=[area])]), NEIGHBOUR),
    ):
        assert told(region) == [f'F708 {where}: "{area}" is no postcode area. {REMEDY_OF_AREA}']


def test_somebody_is_found_to_live_in_each_municipality() -> None:
    assert told(a_region(a_municipality(pc4=[]), neighbours=[a_neighbour(pc4=[])])) == [
        f"F714 {where}: has no postcode area, so nobody is found to live there. Add `pc4`."
        for where in (HERE, NEIGHBOUR)
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "shared"),
    [
        ("9990-9992", "9992-9995", 9992),
        ("9990-9992", "9985-9990", 9990),
        ("9990-9992", "9991", 9991),
        ("9991", "9990-9992", 9991),
        ("9990-9992", "9993-9995", None),
        ("9990-9992", "9980-9989", None),
    ],
)
def test_a_postcode_that_two_have_is_told(ours: str, theirs: str, shared: int | None) -> None:
    """The first gets everybody who lives there; it is told once of each area."""
    area = "the postcode to the one where most people live; a person can move a request."
    line = (
        f"F709 {NEIGHBOUR}: has postcode {shared}, which Voorbeeldstad has too: "
        f"only the first is looked at. Leave {area}"
    )
    region = a_region(
        a_municipality(pc4=[ours, "9999", ours]), another(), neighbours=[a_neighbour(pc4=[theirs])]
    )

    assert told(region) == ([line] if shared else [])


# ---- partners


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("financieen", 'Did you mean "financien"?'),
        ("qqqqq", f"Use one of: {', '.join(DOMAINS)}."),
    ],
)
def test_a_partner_is_for_life_domains_that_are_there(code: str, remedy: str) -> None:
    partner = {"name": "Voedselbank", "domains": ["huisvesting", code]}

    assert told(a_region(a_municipality(partners=[partner]))) == [
        f'F713 {HERE}, partner "Voedselbank": has a life domain "{code}", which is none. {remedy}'
    ]


# ---- shape


def test_a_region_of_the_wrong_shape_is_no_region() -> None:
    """The rest is looked at all the same, and nothing is told of what stands in."""
    municipality = a_municipality(teams=[a_team(label=3), {"label": "x", "phone": NUMBER}])
    neighbours = [a_neighbour(phone=NOBODY)]
    region, found = check_region(
        a_region(municipality, extra_holidays=["5 mei"], neighbours=neighbours), LANGUAGES, READ
    )

    assert region is None
    assert [str(one) for one in found] == [
        f'F009 {TEAM}: field "label": 3 stands where a text is expected. Write it in quotes.',
        f'F008 {HERE}, team 2: has no field "queue". Add it.',
        (
            'F009 The region: field "extra_holidays.1": "5 mei" stands where a day is expected. '
            "Write it as 2026-11-23."
        ),
        (
            f'F704 {NEIGHBOUR}: field "phone.number" holds no number to call. '
            "Write the number that people call."
        ),
    ]


def test_a_number_that_is_missing_is_told_once() -> None:
    municipality = a_municipality()
    del municipality["urgent"]

    assert told(a_region(municipality)) == [f'F008 {HERE}: has no field "urgent". Add it.']


def test_a_holiday_is_a_day() -> None:
    assert told(a_region(extra_holidays=[date(2027, 5, 5)])) == []
    assert told(a_region(extra_holidays=[datetime(2027, 5, 5, tzinfo=UTC)])) == [
        (
            'F009 The region: field "extra_holidays.1": 2027-05-05 00:00:00+00:00 stands where '
            "a day is expected. Write it as 2026-11-23."
        )
    ]
