"""Reading: from the plain data of a file to a revision or a region, or to what is wrong with it.

The data is walked piece by piece: section, question, choice, rule, each field of each. What is
wrong is reported with its place and mended (a wrong field is left out; where it cannot be left out,
something harmless stands in its place). So the rest can still be looked at, and nothing is
reported twice: `damaged` are the places about which nothing more can be said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Generic, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from intakebot.core.check import places, problems
from intakebot.core.check.problems import Problem, listed, meant
from intakebot.core.flow import Revision, Rule
from intakebot.core.limits import RULE_DEPTH_MAX
from intakebot.core.region import Region

OPERATORS: dict[str, type[msgspec.Struct]] = {
    str(one.__struct_config__.tag): one for one in get_args(Rule)
}
# What stands for a text that is not there; one that is empty would be reported again.
STAND_IN = "…"
# For a condition: it may hold or not, so that no rule after it is told that it is never reached.
PERHAPS: dict[str, object] = {"if": "known", "name": STAND_IN}
# Conditions are cut here; long before, `check` says that they are too deep.
RULE_CUT_DEPTH = 4 * RULE_DEPTH_MAX
NUMBER_MAX = 1_000_000
SHOWN_CHARS_MAX = 40


Whole = TypeVar("Whole", bound=msgspec.Struct)


@dataclass(frozen=True, kw_only=True)
class Reading(Generic[Whole]):
    """What was read: the whole as it is, or mended; then `damaged` are the mended places."""

    whole: Whole
    problems: tuple[Problem, ...]
    damaged: tuple[str, ...]

    def untouched(self, found: Problem) -> bool:
        """Whether this problem is in a place that was read well, and so not our own doing."""
        if found.where == places.FLOW:
            return not self.damaged
        return not any(
            found.where == place or found.where.startswith(f"{place},") for place in self.damaged
        )


def read(data: Mapping[str, object]) -> Reading[Revision]:
    """The revision in this data; whatever the data, nothing raises."""
    return _read(data, Revision, places.FLOW)


def read_region(data: Mapping[str, object]) -> Reading[Region]:
    """The region in this data; whatever the data, nothing raises."""
    return _read(data, Region, places.REGION)


def _read(data: Mapping[str, object], kind: type[Whole], where: str) -> Reading[Whole]:
    walk = _Walk()
    mended = _fields(walk, data, kind, _Spot(where=where))
    return Reading(
        whole=msgspec.convert(mended, kind),
        problems=tuple(walk.problems),
        damaged=tuple(walk.damaged),
    )


@dataclass
class _Walk:
    """What was found so far."""

    problems: list[Problem] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    def wrong(self, found: Problem) -> None:
        """Note a problem that leaves nothing more to say about its place."""
        self.problems.append(found)
        self.damaged.append(found.where)

    def wrong_value(self, spot: _Spot, value: object, wanted: str, remedy: str) -> None:
        """Note a value of the wrong kind."""
        why = f"{_shown(value)} stands where {wanted} is expected"
        self.wrong(problems.WRONG_VALUE.at(spot.where, name=spot.path, why=why, meant=remedy))


@dataclass(frozen=True, kw_only=True)
class _Spot:
    """Where the walk is: a place, the path of fields within it, and how many conditions deep."""

    where: str
    path: str = ""
    depth: int = 0

    def into(self, name: str) -> _Spot:
        """One field further."""
        path = f"{self.path}.{name}" if self.path else name
        return _Spot(where=self.where, path=path, depth=self.depth)


def _fields(
    walk: _Walk, data: Mapping[str, object], kind: type[msgspec.Struct], spot: _Spot
) -> dict[str, object]:
    """The fields of one piece, mended."""
    fields = {one.encode_name: one for one in msgspec.structs.fields(kind)}
    tag = kind.__struct_config__.tag_field
    for name in data:
        if name not in fields and name != tag:
            says = meant(str(name), fields, f"Use one of: {listed(fields)}.")
            path = spot.into(str(name)).path
            walk.problems.append(problems.UNKNOWN_FIELD.at(spot.where, name=path, meant=says))
    mended: dict[str, object] = {tag: kind.__struct_config__.tag} if tag else {}
    for name, info in fields.items():
        found = None
        if name in data:
            found = _value(walk, data[name], info.type, spot.into(name))
        elif info.required:
            walk.wrong(problems.MISSING_FIELD.at(spot.where, name=spot.into(name).path))
        if found is None and info.required:
            found = _stand_in(info.type)
        if found is not None:
            mended[name] = found
    return mended


def _value(walk: _Walk, value: object, hint: object, spot: _Spot) -> object:
    """The value of one field, mended, or None when it must be left out."""
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if value is None and NoneType in kinds:
        return None
    wanted = [kind for kind in kinds if kind is not NoneType]
    if len(wanted) > 1:
        return _rule(walk, value, spot)
    kind = wanted[0]
    if get_origin(kind) is tuple:
        return _list(walk, value, get_args(kind)[0], spot)
    if get_origin(kind) is dict:
        return _mapping(walk, value, get_args(kind)[1], spot)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _piece(walk, value, kind, spot)
    return _plain(walk, value, kind, spot)


def _piece(
    walk: _Walk, value: object, kind: type[msgspec.Struct], spot: _Spot
) -> dict[str, object] | None:
    if not isinstance(value, Mapping):
        walk.wrong_value(spot, value, "a piece with fields", "Write its fields below it.")
        return _fields(_Walk(), {}, kind, spot)
    return _fields(walk, value, kind, spot)


def _list(walk: _Walk, value: object, kind: object, spot: _Spot) -> list[object] | None:
    if not isinstance(value, list | tuple):
        walk.wrong_value(spot, value, "a list", "Write a dash (-) before each part.")
        return None
    parts = spot.path.rpartition(".")[2]
    mended: list[object] = []
    for number, one in enumerate(value, 1):
        inner = spot.into(str(number))
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            inner = _Spot(where=_where(walk, parts, number, one, spot))
        found = _value(walk, one, kind, inner)
        if found is not None:
            mended.append(found)
    return mended


def _where(walk: _Walk, parts: str, number: int, data: object, spot: _Spot) -> str:
    """The place of a part of a list, by its name when it has one."""
    within = f"{spot.where}, " if parts in places.INNER else ""
    if parts not in places.KNOWN_BY:
        return f"{within}{places.numbered(parts, number)}"
    name = data.get(places.KNOWN_BY[parts]) if isinstance(data, Mapping) else None
    if isinstance(name, str) and name:
        return f"{within}{places.named(parts, name)}"
    # Whoever looks at the mended part sees it under the name that stands in.
    walk.damaged.append(f"{within}{places.named(parts, STAND_IN)}")
    counted = places.numbered(parts, number)
    is_inner = spot.where not in places.WHOLE
    return f"{spot.where}, {counted.lower()}" if is_inner else counted


def _mapping(walk: _Walk, value: object, kind: object, spot: _Spot) -> dict[str, object] | None:
    if not isinstance(value, Mapping):
        walk.wrong_value(spot, value, "names with values", "Write `name: value` on each line.")
        return None
    mended: dict[str, object] = {}
    for name, one in value.items():
        inner = spot.into(str(name))
        if spot.path == "translations":
            inner = _Spot(where=places.language(str(name)))
        if isinstance(name, str):
            found = _value(walk, one, kind, inner)
            if found is not None:
                mended[name] = found
        else:
            walk.wrong_value(inner, name, "a name", _IN_QUOTES)
    return mended


def _rule(walk: _Walk, value: object, spot: _Spot) -> dict[str, object]:
    """A condition, mended; what cannot be read becomes one that may hold."""
    if not isinstance(value, Mapping):
        walk.wrong_value(spot, value, "a condition", "Write {if: …} with its fields.")
        return PERHAPS
    if "if" not in value:
        walk.wrong(problems.MISSING_FIELD.at(spot.where, name=spot.into("if").path))
        return PERHAPS
    kind = OPERATORS.get(str(value["if"]))
    if kind is None:
        remedy = meant(str(value["if"]), OPERATORS, f"Use one of: {listed(OPERATORS)}.")
        walk.wrong_value(spot.into("if"), value["if"], "the name of a condition", remedy)
        return PERHAPS
    if spot.depth >= RULE_CUT_DEPTH:
        walk.wrong(problems.RULE_TOO_DEEP.at(spot.where, most=RULE_DEPTH_MAX))
        return PERHAPS
    deeper = _Spot(where=spot.where, path=spot.path, depth=spot.depth + 1)
    return _fields(walk, value, kind, deeper)


_IN_QUOTES = "Write it in quotes."


def _plain(walk: _Walk, value: object, kind: object, spot: _Spot) -> object:
    """A value without parts."""
    allowed = _allowed(kind)
    if allowed:
        if isinstance(value, str) and value in allowed:
            return value
        remedy = meant(str(value), allowed, f"Use one of: {listed(allowed)}.")
        walk.wrong_value(spot, value, "one of a few words", remedy)
    elif kind is str:
        if isinstance(value, str):
            return value
        is_plain = not isinstance(value, list | tuple | Mapping)
        walk.wrong_value(spot, value, "a text", _IN_QUOTES if is_plain else "Write one text.")
    elif kind is date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        walk.wrong_value(spot, value, "a day", "Write it as 2026-11-23.")
    elif kind is bool:
        if isinstance(value, bool):
            return value
        walk.wrong_value(spot, value, "yes or no", "Write true or false.")
    else:
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= NUMBER_MAX:
            return value
        walk.wrong_value(spot, value, "a number", f"Write a whole number, {NUMBER_MAX} at most.")
    return None


def _allowed(kind: object) -> tuple[str, ...]:
    """The words of which a field must have one; nothing when it is free."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(str(one.value) for one in kind)
    return ()


def _stand_in(hint: object) -> object:
    """Something harmless for a field that must be there."""
    allowed = _allowed(hint)
    if allowed:
        return allowed[0]
    if get_origin(hint) in (Union, UnionType):
        return PERHAPS
    if get_origin(hint) is tuple:
        return []
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _fields(_Walk(), {}, hint, _Spot(where=STAND_IN))
    if hint is date:
        return date.max
    return 0 if hint is int else STAND_IN


def _shown(value: object) -> str:
    """The value as an admin would know it again."""
    match value:
        case None:
            return "nothing"
        case str():
            short = value[:SHOWN_CHARS_MAX]
            return f'"{short}…"' if len(value) > SHOWN_CHARS_MAX else f'"{value}"'
        case bool():
            return "yes (true)" if value else "no (false)"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "a piece with fields"
        case _:
            return str(value)[:SHOWN_CHARS_MAX]
