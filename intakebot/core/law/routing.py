"""Routing: whose area it is, and which one queue reads the request.

Postcode (four digits) goes before the name of a place; a place counts when it points at one
municipality only. The rules are data, stand in order, the first match wins and the last one
catches all, so every request has exactly one queue. Every rule that was looked at is kept with a
Dutch reason. What cannot be placed is read by people in `GMxxxx/onbekend` or `onbekend`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from intakebot.core.facts import Known
from intakebot.core.folding import fold
from intakebot.core.law.conditions import holds, in_words
from intakebot.core.limits import PLACES_REMEMBERED_MAX
from intakebot.core.names import fill
from intakebot.core.region import Municipality, Neighbour, Region, Team, covers
from intakebot.core.request import Considered, Routing
from intakebot.core.revision import Revision, RoutingRule
from intakebot.core.session import Value

UNKNOWN = "onbekend"


class Found(Value, frozen=True):
    """Where somebody lives, as far as we know; `why` says what told us."""

    municipality: Municipality | None = None
    neighbour: Neighbour | None = None
    team: Team | None = None
    why: Literal["postcode", "place", "nothing"] = "nothing"
    words: str = ""  # the postcode or the place that told us, as our table writes it


def place_of(region: Region, postcode: str | None, place: str | None) -> Found:
    """Whose area this is: a connected municipality and its team, a neighbour, or nobody's."""
    pc4 = (postcode or "")[:4]
    for municipality in region.municipalities:
        if covers(municipality.pc4, pc4):
            team = next((t for t in municipality.teams if not t.pc4 or covers(t.pc4, pc4)), None)
            return Found(municipality=municipality, team=team, why="postcode", words=pc4)
    for neighbour in region.neighbours:
        if covers(neighbour.pc4, pc4):
            return Found(neighbour=neighbour, why="postcode", words=pc4)
    return _by_name(region, f" {fold(place or '')} ")


def _by_name(region: Region, said: str) -> Found:
    """By the places named in what was said, if all of them are in one municipality."""
    ours = [(m, _named(_places(m), said)) for m in region.municipalities]
    theirs = [(n, _named((n.name, *n.places), said)) for n in region.neighbours]
    match [pair for pair in ours if pair[1]], [pair for pair in theirs if pair[1]]:
        case [(municipality, words)], []:
            reads = (t for t in municipality.teams if not t.pc4 or _named(t.places, said))
            team = next(reads, None)
            return Found(municipality=municipality, team=team, why="place", words=words)
        case [], [(neighbour, words)]:
            return Found(neighbour=neighbour, why="place", words=words)
        case _:
            return Found()


def _places(municipality: Municipality) -> tuple[str, ...]:
    of_teams = (place for team in municipality.teams for place in team.places)
    return (*of_teams, *municipality.places, municipality.name)


def _named(places: tuple[str, ...], said: str) -> str:
    """The first of these places that is named in what was said, or nothing."""
    return next((place for place in places if _spelled(place) in said), "")


@lru_cache(maxsize=PLACES_REMEMBERED_MAX)
def _spelled(place: str) -> str:
    """A place of our table as it is looked for: folded, with a space on either side."""
    return f" {fold(place)} "


def queues(region: Region) -> tuple[str, ...]:
    """Every queue that a request can come to: of each team, of each municipality, of nobody."""
    teams = tuple(team.queue for m in region.municipalities for team in m.teams)
    return (*teams, *(f"{m.gm}/{UNKNOWN}" for m in region.municipalities), UNKNOWN)


def route(
    revision: Revision, region: Region, known: Known, postcode: str | None, place: str | None
) -> Routing:
    """The one queue of this request, by which rule, and what was looked at on the way."""
    found = place_of(region, postcode, place)
    filled = _filled(revision, found)
    considered: list[Considered] = []
    for rule in revision.routing:
        queue = _queue(rule, found)
        against = _against(rule, revision, known, found, queue)
        why = against or fill(rule.because, **filled)
        considered.append(Considered(rule=rule.key, matched=not against, why_nl=why))
        if queue and not against:
            return Routing(queue=queue, rule=rule.key, why_nl=why, considered=tuple(considered))
    why = revision.names.say("routing.no_rule")
    return Routing(queue=UNKNOWN, rule=UNKNOWN, why_nl=why, considered=tuple(considered))


def _queue(rule: RoutingRule, found: Found) -> str | None:
    """The queue that the rule names, if it is there for this place."""
    match rule.queue:
        case "team":
            return found.team.queue if found.team else None
        case "gemeente":
            return f"{found.municipality.gm}/{UNKNOWN}" if found.municipality else None
        case named:
            return named


def _against(
    rule: RoutingRule, revision: Revision, known: Known, found: Found, queue: str | None
) -> str:
    """Why the rule does not match, or nothing."""
    names = revision.names
    if rule.gm and (found.municipality is None or found.municipality.gm not in rule.gm):
        return names.say("routing.other_place", gm=", ".join(rule.gm))
    if rule.when is not None and not holds(rule.when, known):
        return names.say("routing.not_true", rule=in_words(rule.when, revision))
    if queue is None:
        return names.say(f"routing.no_{rule.queue}")
    return ""


def _filled(revision: Revision, found: Found) -> dict[str, str]:
    """What the reasons may name: {where}, {municipality} and {team}."""
    area = found.municipality or found.neighbour
    return {
        "where": revision.names.say(f"routing.by_{found.why}", words=found.words),
        "municipality": area.name if area else "",
        "team": found.team.label if found.team else "",
    }
