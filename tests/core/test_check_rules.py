"""Rules, each part asked on its own: what an admin reads of them, whole, with the place and the remedy."""

from __future__ import annotations

import msgspec
import pytest

from intakebot.core.check import Around
from intakebot.core.check.rules import rules
from intakebot.core.flow import (
    AllOf,
    AnyOf,
    ClockRule,
    DomainRule,
    Known,
    Not,
    ProfileRule,
    Revision,
    RoutingRule,
    Rule,
    TypeRule,
    UrgencyRule,
)
from intakebot.core.hearing.lexicon import DOMAINS
from intakebot.core.region import Municipality, Number, Region, Team

ALWAYS = AllOf(of=())
A = Known(name="a")
SURELY = AnyOf(of=(A, Not(of=A)))
NUMBER = Number(number="0600 000 001", name="Voorbeeld")


def connected(gm: str, team: str, *designated: str) -> Municipality:
    """A municipality with one team."""
    return Municipality(
        gm=gm,
        name=f"Stad {gm}",
        urgent=NUMBER,
        phone=NUMBER,
        client_support=NUMBER,
        teams=(Team(queue=f"{gm}/{team}", label=team, phone=NUMBER),),
        pc4=(),
        places=(),
        designated=designated,
    )


HERE = Around(
    region=Region(
        name="Hier",
        languages=("nl",),
        municipalities=(
            connected("GM0002", "noord", "wmo_melding"),
            connected("GM0001", "zuid", "bijstand"),
        ),
    ),
    heard={},
)


def urgency(key: str) -> UrgencyRule:
    return UrgencyRule(key=key, level="week", when=A, because="Er is haast.")


def clock(
    kind: str | None = None, *, days: int = 0, weeks: int = 0, workdays: int = 0
) -> ClockRule:
    return ClockRule(
        key="klok",
        law="Wmo",
        when=ALWAYS,
        started_by="De melding.",
        kind=kind,
        days=days,
        weeks=weeks,
        workdays=workdays,
    )


def route(key: str, queue: str = "onbekend", when: Rule | None = None, *gm: str) -> RoutingRule:
    return RoutingRule(key=key, queue=queue, because="De rest.", gm=gm, when=when)


def law(code: str, when: Rule | None = None, days: int = 1) -> DomainRule:
    return DomainRule(code=code, law="Wmo", retention="1 dag", retention_days=days, when=when)


LAWS = tuple(law(code) for code in DOMAINS)
SOUND = Revision(
    schema="intakebot-flow/1",
    id="proef",
    revision="1",
    title="Proef",
    sections=(),
    urgency=(urgency("haast"),),
    clocks=(clock(),),
    types=(TypeRule(type="hulpvraag_licht", when=A), TypeRule(type="hulpvraag_licht", when=SURELY)),
    routing=(route("team", "team"), route("hier", "gemeente"), route("rest")),
    domains=LAWS,
)


def told(**parts: object) -> list[str]:
    """Whole lines about the sound revision with other rules in these parts."""
    return [str(one) for one in rules(msgspec.structs.replace(SOUND, **parts), HERE)]


def never(where: str, earlier: str) -> str:
    why = f"is never reached: {earlier} always matches before it."
    return f"F503 {where}: {why} Move it up, or take it out."


def test_of_sound_rules_nothing_is_told() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("part", "where", "twice"),
    [
        ("urgency", 'Urgency rule "a"', (urgency("a"), urgency("b"), urgency("a"))),
        (
            "clocks",
            'Clock "klok"',
            (msgspec.structs.replace(clock(), key="a"), clock(), clock()),
        ),
        ("routing", 'Routing rule "a"', (route("a", "team"), route("a", "team"), route("b"))),
    ],
)
def test_each_rule_has_a_key_of_its_own(part: str, where: str, twice: tuple[object, ...]) -> None:
    assert told(**{part: twice}) == [
        f"F501 {where}: has the key of an earlier rule. Give each rule a key of its own."
    ]


@pytest.mark.parametrize(
    ("wrong", "both"),
    [
        (clock(days=1, weeks=2), "days 1, weeks 2"),
        (clock(days=1, workdays=3), "days 1, workdays 3"),
        (clock(weeks=2, workdays=3), "weeks 2, workdays 3"),
        (clock(days=1, weeks=1, workdays=1), "days 1, weeks 1, workdays 1"),
    ],
)
def test_a_clock_has_one_length(wrong: ClockRule, both: str) -> None:
    assert told(clocks=(wrong,)) == [
        f'F507 Clock "klok": has two lengths: {both}. Keep one of days, weeks and workdays.'
    ]


@pytest.mark.parametrize(
    ("good", "wrong", "name"),
    [
        (clock(days=1), clock(days=-1), "days"),
        (clock(weeks=1), clock(weeks=-1), "weeks"),
        (clock(workdays=1), clock(workdays=-1), "workdays"),
    ],
)
def test_a_clock_does_not_run_back(good: ClockRule, wrong: ClockRule, name: str) -> None:
    assert told(clocks=(good,)) == []
    assert told(clocks=(wrong,)) == [
        f'F508 Clock "klok": field "{name}" is below zero. Use zero or more.'
    ]


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        ("wmo_melding", None),
        ("bijstand", None),
        ("wmo_meldin", 'Did you mean "wmo_melding"?'),
        ("qqqqq", "Ask the municipality whether that is right."),
    ],
)
def test_a_clock_is_of_a_kind_that_somebody_designated(kind: str, remedy: str | None) -> None:
    why = "no municipality designated this channel for it, so the clock never runs."
    line = f'F509 Clock "klok": is for "{kind}": {why} {remedy}'

    assert told(clocks=(clock(kind),)) == ([line] if remedy else [])


@pytest.mark.parametrize(
    "queue",
    ["team", "gemeente", "GM0001/zuid", "GM0002/noord", "GM0001/onbekend", "GM0002/onbekend"],
)
def test_a_request_goes_to_a_queue_that_is_there(queue: str) -> None:
    assert told(routing=(route("a", queue, A), route("rest"))) == []


@pytest.mark.parametrize(
    ("queue", "remedy"),
    [
        ("GM0001/zuidd", 'Did you mean "GM0001/zuid"?'),
        (
            "qqqqq",
            (
                "Use one of: team, gemeente, GM0002/noord, GM0001/zuid, "
                "GM0002/onbekend, GM0001/onbekend, onbekend."
            ),
        ),
    ],
)
def test_a_queue_that_is_not_there_is_told(queue: str, remedy: str) -> None:
    assert told(routing=(route("a", queue, A), route("rest"))) == [
        f'F504 Routing rule "a": sends to queue "{queue}", which no team has. {remedy}'
    ]


def test_a_municipality_that_is_not_connected_is_told() -> None:
    routing = (route("a", "team", None, "GM0001", "GM001", "qqqqq"), route("rest"))

    assert told(routing=routing) == [
        (
            'F505 Routing rule "a": names municipality "GM001", which is not connected. '
            'Did you mean "GM0001"?'
        ),
        (
            'F505 Routing rule "a": names municipality "qqqqq", which is not connected. '
            "Use one of: GM0001, GM0002."
        ),
    ]


@pytest.mark.parametrize(
    "last",
    [
        route("a", "team"),
        route("a", "gemeente"),
        route("a", "onbekend", A),
        route("a", "onbekend", None, "GM0001"),
    ],
)
def test_the_last_routing_rule_catches_everybody(last: RoutingRule) -> None:
    assert told(routing=(last,)) == [
        (
            "F502 The flow: has no last routing rule that catches all, so a request could be "
            "nobody's. End with a rule without `when` and `gm`, and with `queue: onbekend`."
        )
    ]
    assert told(routing=(last, route("rest", "onbekend", SURELY))) == []
    assert told(routing=(route("rest", "GM0001/zuid"), last, route("na"))) == [
        never('Routing rule "a"', 'Routing rule "rest"'),
        never('Routing rule "na"', 'Routing rule "rest"'),
    ]


@pytest.mark.parametrize(("part", "where"), [("types", "Type"), ("profiles", "Profile")])
def test_what_always_holds_stands_last(part: str, where: str) -> None:
    def each(*when: Rule) -> list[str]:
        if part == "types":
            return told(types=tuple(TypeRule(type="hulpvraag_licht", when=one) for one in when))
        return told(profiles=tuple(ProfileRule(profile="wmo", when=one) for one in when))

    assert each(A, SURELY) == []
    assert each(A, ALWAYS, A, SURELY) == [
        never(f"{where} rule 3", f"{where} rule 2"),
        never(f"{where} rule 4", f"{where} rule 2"),
    ]
    assert each(ALWAYS, A) == [never(f"{where} rule 2", f"{where} rule 1")]


def test_every_request_has_a_type() -> None:
    """It may have no profile: then none is suggested."""
    assert told(profiles=(ProfileRule(profile="wmo", when=A),)) == []
    assert told(types=(TypeRule(type="hulpvraag_licht", when=A),)) == [
        (
            "F506 The flow: has no last type that always holds, so a request could have none. "
            "End `types` with a rule whose `when` is {if: all, of: []}."
        )
    ]


def test_every_life_domain_has_a_law() -> None:
    first, second, *others = DOMAINS
    domains = (law(first, A), *(law(code) for code in others))

    assert told(domains=(law(first, A), *LAWS)) == []
    assert told(domains=domains) == [
        (
            f'F510 The flow: has no law that always holds for life domain "{code}". '
            "Add a rule under `domains` without `when`."
        )
        for code in (first, second)
    ]


def test_a_law_after_one_that_always_holds_is_told() -> None:
    first, second, *_ = DOMAINS
    domains = (law(first, A), law(second), law(first), law(first, A), *LAWS[2:], law(first))

    assert told(domains=domains) == [
        never("Domain rule 4", "Domain rule 3"),
        never("Domain rule 19", "Domain rule 3"),
    ]


def test_a_law_is_about_a_life_domain_and_lasts() -> None:
    domains = (law("financieen", days=0), law("qqqqq"), *LAWS, law("qqqqqq", A, -1))

    assert told(domains=domains) == [
        (
            'F407 Domain rule 1: names life domain "financieen", which there is not. '
            'Did you mean "financien"?'
        ),
        (
            'F407 Domain rule 2: names life domain "qqqqq", which there is not. '
            f"Use one of: {', '.join(DOMAINS)}."
        ),
        (
            'F407 Domain rule 19: names life domain "qqqqqq", which there is not. '
            f"Use one of: {', '.join(DOMAINS)}."
        ),
        'F508 Domain rule 19: field "retention_days" is below zero. Use zero or more.',
    ]
