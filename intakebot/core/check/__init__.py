"""Check: everything that is wrong with a flow or a region, all at once: where, what, remedy.

`check` looks at a revision, `check_data` at the plain data of a file or an editor, which may not
even have the shape of one. What can be wrong stands in `problems`, with its codes. A flow without
errors asks something, understands every answer, and leads every request to people.
`check_region` looks at the plain data of a region.
"""

from __future__ import annotations

from collections.abc import Mapping

from intakebot.core.check.conditions import conditions
from intakebot.core.check.facts import Around, around
from intakebot.core.check.keys import keys
from intakebot.core.check.kinds import kinds
from intakebot.core.check.problems import Problem, Severity
from intakebot.core.check.reading import read, read_region
from intakebot.core.check.regions import regions
from intakebot.core.check.rules import rules
from intakebot.core.check.texts import texts
from intakebot.core.check.translations import names, translations
from intakebot.core.flow import Revision
from intakebot.core.region import Region

__all__ = [
    "Around",
    "Problem",
    "Severity",
    "around",
    "check",
    "check_data",
    "check_region",
    "errors",
]


def check(revision: Revision, surroundings: Around) -> tuple[Problem, ...]:
    """Every problem of this revision, in the order of the codes' groups."""
    return (
        *keys(revision),
        *texts(revision),
        *kinds(revision),
        *conditions(revision, surroundings),
        *rules(revision, surroundings),
        *names(revision),
        *translations(revision, surroundings),
    )


def check_data(
    data: Mapping[str, object], surroundings: Around
) -> tuple[Revision | None, tuple[Problem, ...]]:
    """The revision in this data, or None when its shape is wrong; and every problem of it."""
    reading = read(data)
    deeper = check(reading.whole, surroundings)
    found = (*reading.problems, *(one for one in deeper if reading.untouched(one)))
    return (None if errors(reading.problems) else reading.whole), found


def check_region(
    data: Mapping[str, object], languages: tuple[str, ...], reviewed: frozenset[str]
) -> tuple[Region | None, tuple[Problem, ...]]:
    """The region in this data, or None when its shape is wrong; and every problem of it.

    *languages*: what a picker can offer, easy Dutch being `nl-A2`; *reviewed*: what a native
    reader has read, as `reviewing.reviewed` says.
    """
    reading = read_region(data)
    deeper = regions(reading.whole, languages, reviewed)
    found = (*reading.problems, *(one for one in deeper if reading.untouched(one)))
    return (None if errors(reading.problems) else reading.whole), found


def errors(found: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Those that make the flow unusable."""
    return tuple(one for one in found if one.severity is Severity.ERROR)
