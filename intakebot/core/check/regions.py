"""Regions: whether everybody there is found, read by a team, and given numbers to call."""

from __future__ import annotations

import re
from collections.abc import Iterator

from intakebot.core.check import problems
from intakebot.core.check.places import REGION, named
from intakebot.core.check.problems import Problem, listed, meant
from intakebot.core.hearing.lexicon import DOMAINS
from intakebot.core.region import Municipality, Neighbour, Number, Partner, Region, Team
from intakebot.core.reviewing import languages_of

GM = re.compile(r"GM[0-9]{4}")
QUEUE = re.compile(r"(?P<gm>GM[0-9]{4})/(?P<name>[a-z0-9][a-z0-9-]{0,39})")
AREA = re.compile(r"([1-9][0-9]{3})(?:-([1-9][0-9]{3}))?")
# Of this municipality, and of no team: people look which team it is for.
UNKNOWN = "onbekend"
# What the crisis cards name besides the municipality's own number (locales, card.…).
HELP_LINES = ("112", "113", "kindertelefoon", "veilig_thuis")
PROMISE_WORKDAYS_MAX = 60
LAST_HOUR_MAX = 23


def regions(
    region: Region, languages: tuple[str, ...], reviewed: frozenset[str]
) -> Iterator[Problem]:
    """Every problem of this region.

    *languages*: those that have words; *reviewed*: those that a native reader has read.
    """
    yield from _whole(region, languages)
    yield from _unreviewed(region, frozenset(languages) - reviewed)
    seen: set[str] = set()
    for one in _places(region):
        where = _where(one)
        if not GM.fullmatch(one.gm):
            yield problems.NOT_GM.at(where)
        elif one.gm in seen:
            yield problems.GM_TWICE.at(where)
        seen.add(one.gm)
        yield from _areas(where, one.pc4)
        if not one.pc4:
            yield problems.NO_AREA.at(where)
    queues: set[str] = set()
    for municipality in region.municipalities:
        yield from _municipality(municipality, queues)
    for neighbour in region.neighbours:
        yield from _numbers(_where(neighbour), {"phone": neighbour.phone})
    yield from _overlaps(region)


def _whole(region: Region, languages: tuple[str, ...]) -> Iterator[Problem]:
    if not region.municipalities:
        yield problems.NO_MUNICIPALITY.at(REGION)
    if not region.privacy_officer.strip():
        yield problems.NOBODY_FOR_PRIVACY.at(REGION)
    for lang in region.languages:
        if lang not in languages:
            remedy = meant(lang, languages, f"Use one of: {listed(languages)}.")
            yield problems.NO_SUCH_LANGUAGE.at(REGION, lang=lang, meant=remedy)
    for key in HELP_LINES:
        if key not in region.numbers:
            yield problems.NO_HELP_LINE.at(REGION, key=key)
    lines = {f"numbers.{key}": number for key, number in region.numbers.items()}
    yield from _numbers(REGION, lines)


def _unreviewed(region: Region, unread: frozenset[str]) -> Iterator[Problem]:
    """What nobody has read is offered by decision of somebody, or not at all."""
    decision = region.unreviewed
    decided = decision.languages if decision is not None and decision.decided_by.strip() else ()
    offered = languages_of(region.languages)
    for lang in offered:
        if lang in unread and lang not in decided:
            yield problems.NOT_REVIEWED.at(REGION, lang=lang)
    for lang in decided:
        if lang not in offered:
            yield problems.NOTHING_TO_DECIDE.at(REGION, lang=lang, why="is not offered")
        elif lang not in unread:
            why = "a native reader has read"
            yield problems.NOTHING_TO_DECIDE.at(REGION, lang=lang, why=why)


def _municipality(one: Municipality, queues: set[str]) -> Iterator[Problem]:
    where = _where(one)
    numbers = {"urgent": one.urgent, "phone": one.phone, "client_support": one.client_support}
    yield from _numbers(where, numbers)
    if not one.teams:
        yield problems.NO_TEAM.at(where)
    ranges = (
        ("promise_workdays", one.promise_workdays, 1, PROMISE_WORKDAYS_MAX),
        ("last_hour", one.last_hour, 0, LAST_HOUR_MAX),
    )
    for name, value, least, most in ranges:
        if not least <= value <= most:
            yield problems.OUT_OF_RANGE.at(where, name=name, value=value, least=least, most=most)
    for team in one.teams:
        yield from _team(where, one.gm, team, queues)
    for partner in one.partners:
        yield from _partner(where, partner)


def _team(within: str, gm: str, team: Team, queues: set[str]) -> Iterator[Problem]:
    where = f"{within}, {named('teams', team.queue)}"
    found = QUEUE.fullmatch(team.queue)
    if found is None or found["gm"] != gm or found["name"] == UNKNOWN:
        yield problems.NOT_A_QUEUE.at(where, gm=gm)
    elif team.queue in queues:
        yield problems.QUEUE_TWICE.at(where)
    queues.add(team.queue)
    yield from _numbers(where, {"phone": team.phone})
    yield from _areas(where, team.pc4)


def _partner(within: str, partner: Partner) -> Iterator[Problem]:
    for code in partner.domains:
        if code not in DOMAINS:
            where = f"{within}, {named('partners', partner.name)}"
            remedy = meant(code, DOMAINS, f"Use one of: {listed(DOMAINS)}.")
            yield problems.NO_SUCH_DOMAIN.at(where, code=code, meant=remedy)


def _numbers(where: str, numbers: dict[str, Number]) -> Iterator[Problem]:
    for name, number in numbers.items():
        if not any(char.isdecimal() for char in number.number):
            yield problems.NO_NUMBER.at(where, name=f"{name}.number")


def _areas(where: str, areas: tuple[str, ...]) -> Iterator[Problem]:
    for area in areas:
        if not _span(area):
            yield problems.NOT_AN_AREA.at(where, area=area)


def _overlaps(region: Region) -> Iterator[Problem]:
    """Postcodes of which one municipality, the first, gets everybody."""
    taken: dict[int, str] = {}
    for one in _places(region):
        for area in one.pc4:
            shared = [code for code in _span(area) if taken.setdefault(code, one.name) != one.name]
            if shared:
                other = taken[shared[0]]
                yield problems.AREA_TWICE.at(_where(one), area=shared[0], other=other)


def _span(area: str) -> range:
    """The postcodes of an area; none when it is not written as one."""
    found = AREA.fullmatch(area)
    if found is None:
        return range(0)
    first, last = int(found[1]), int(found[2] or found[1])
    return range(first, last + 1)


def _places(region: Region) -> tuple[Municipality | Neighbour, ...]:
    """Every municipality, ours first: so they are looked for."""
    return (*region.municipalities, *region.neighbours)


def _where(one: Municipality | Neighbour) -> str:
    part = "municipalities" if isinstance(one, Municipality) else "neighbours"
    return named(part, one.gm)
