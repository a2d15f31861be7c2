"""Urgency: a proposal with reasons. A person confirms it or changes it.

The rules are data of the revision. The level is the highest of all rules that hold; every reason
is kept, the most urgent first, so that a person sees all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from intakebot.core.facts import Fact, Known
from intakebot.core.flow import Revision
from intakebot.core.law.conditions import holds
from intakebot.core.request import Urgency, UrgencyReason

# From most to least urgent.
LEVELS = ("nu", "vandaag", "drie_werkdagen", "week", "gewoon")

MOMENT = "_wanneer"


def propose(revision: Revision, known: Known) -> Urgency:
    """How soon a person should look, and why. Without any reason: `gewoon`."""
    found = [rule for rule in revision.urgency if holds(rule.when, known)]
    found.sort(key=lambda rule: LEVELS.index(rule.level))
    return Urgency(
        level=found[0].level if found else "gewoon",
        reasons=tuple(UrgencyReason(rule=r.key, because_nl=r.because) for r in found),
    )


def seen_from(known: Known, today: date, day_of: Callable[[Fact], date | None]) -> Known:
    """What is known, with moments near today also said as `vandaag` and `morgen`.

    A rule compares words and no dates; a cut-off "on Thursday" must still count as tomorrow when
    it is Wednesday. Moments are the facts whose names end in `_wanneer`; `day_of` reads one. A
    day that is past counts as today.
    """
    near: list[Fact] = []
    for fact in known.facts:
        day = day_of(fact) if fact.name.endswith(MOMENT) else None
        if day is not None and (day - today).days <= 1:
            near.append(fact.replace(value="morgen" if day > today else "vandaag"))
    return known.replace(facts=(*known.facts, *near))
