"""Rules: every request gets a type and a queue, and every rule can have its turn."""

from __future__ import annotations

from collections.abc import Iterator

from intakebot.core.check import places, problems
from intakebot.core.check.conditions import place_of
from intakebot.core.check.facts import Around
from intakebot.core.check.logic import always_holds
from intakebot.core.check.problems import Problem, listed, meant
from intakebot.core.flow import ClockRule, Revision, RoutingRule
from intakebot.core.hearing.lexicon import DOMAINS
from intakebot.core.law.routing import queues
from intakebot.core.region import Region

# Queues that are not there for every place, so that a rule with one does not catch all.
OF_PLACE = ("team", "gemeente")


def rules(revision: Revision, surroundings: Around) -> Iterator[Problem]:
    """What is wrong with urgency, clocks, types, routing, profiles and laws."""
    for part in ("urgency", "clocks", "routing"):
        yield from _twice(part, tuple(one.key for one in getattr(revision, part)))
    for clock in revision.clocks:
        yield from _clock(clock, surroundings.region)
    yield from _routing(revision.routing, surroundings.region)
    yield from _in_turn("types", tuple(always_holds(one.when) for one in revision.types))
    yield from _in_turn("profiles", tuple(always_holds(one.when) for one in revision.profiles))
    if not any(always_holds(one.when) for one in revision.types):
        yield problems.NO_TYPE.at(places.FLOW)
    yield from _laws(revision)


def _twice(part: str, keys: tuple[str, ...]) -> Iterator[Problem]:
    for number, key in enumerate(keys):
        if key in keys[:number]:
            yield problems.RULE_TWICE.at(places.named(part, key))


def _clock(clock: ClockRule, region: Region) -> Iterator[Problem]:
    where = places.named("clocks", clock.key)
    lengths = {name: getattr(clock, name) for name in ("days", "weeks", "workdays")}
    given = [f"{name} {length}" for name, length in lengths.items() if length]
    if len(given) > 1:
        yield problems.TWO_LENGTHS.at(where, lengths=listed(given))
    for name, length in lengths.items():
        if length < 0:
            yield problems.BELOW_ZERO.at(where, name=name)
    designated = {kind for one in region.municipalities for kind in one.designated}
    if clock.kind is not None and clock.kind not in designated:
        says = meant(clock.kind, designated, "Ask the municipality whether that is right.")
        yield problems.NOT_DESIGNATED.at(where, kind=clock.kind, meant=says)


def _routing(routing: tuple[RoutingRule, ...], region: Region) -> Iterator[Problem]:
    known = (*OF_PLACE, *queues(region))
    connected = {one.gm: one.name for one in region.municipalities}
    for rule in routing:
        where = places.named("routing", rule.key)
        if rule.queue not in known:
            says = meant(rule.queue, known, f"Use one of: {listed(known)}.")
            yield problems.UNKNOWN_QUEUE.at(where, queue=rule.queue, meant=says)
        for gm in rule.gm:
            if gm not in connected:
                says = meant(gm, connected, f"Use one of: {listed(sorted(connected))}.")
                yield problems.UNKNOWN_GM.at(where, gm=gm, meant=says)
    caught = tuple(_catches(rule) for rule in routing)
    keys = tuple(places.named("routing", rule.key) for rule in routing)
    if True not in caught:
        yield problems.NOT_CAUGHT.at(places.FLOW)
    else:
        first = caught.index(True)
        for where in keys[first + 1 :]:
            yield problems.NEVER_REACHED.at(where, earlier=keys[first])


def _catches(rule: RoutingRule) -> bool:
    """Whether the rule matches every request."""
    return not rule.gm and rule.queue not in OF_PLACE and always_holds(rule.when)


def _in_turn(part: str, always: tuple[bool, ...]) -> Iterator[Problem]:
    """Rules after the first one that always holds."""
    if True not in always:
        return
    first = always.index(True)
    for number in range(first + 1, len(always)):
        earlier = places.numbered(part, first + 1)
        yield problems.NEVER_REACHED.at(places.numbered(part, number + 1), earlier=earlier)


def _laws(revision: Revision) -> Iterator[Problem]:
    caught: dict[str, str] = {}
    for number, rule in enumerate(revision.domains, 1):
        where = place_of("domains", number, rule)
        if rule.code not in DOMAINS:
            says = meant(rule.code, DOMAINS, f"Use one of: {listed(DOMAINS)}.")
            yield problems.UNKNOWN_DOMAIN.at(where, code=rule.code, meant=says)
        if rule.code in caught:
            yield problems.NEVER_REACHED.at(where, earlier=caught[rule.code])
        elif always_holds(rule.when):
            caught[rule.code] = where
        if rule.retention_days < 0:
            yield problems.BELOW_ZERO.at(where, name="retention_days")
    for code in DOMAINS:
        if code not in caught:
            yield problems.NO_LAW.at(places.FLOW, code=code)
