"""Files: a flow that an admin wrote, or the region of an installation, read with care.

YAML or JSON. Only plain values are made; names that stand twice are found; a file can neither be
larger than `limits.FLOW_BYTES_MAX` nor become larger by its anchors. What a file of its own does
not say comes from the shipped content: its rules and names from `rules.yaml`, its translations from
the files beside it that are called by a language (`en.yaml`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from intakebot import content
from intakebot.core.check import (
    Problem,
    around,
    check,
    check_data,
    check_region,
    errors,
    places,
    problems,
)
from intakebot.core.flow import Revision
from intakebot.core.limits import FLOW_BYTES_MAX
from intakebot.core.region import Region
from intakebot.core.reviewing import reviewed
from intakebot.words import Catalogues

# The shipped flow has about 6,000 parts with its rules, and 9,000 once its anchors are filled in.
PARTS_MAX = 100_000
# The shipped flow is 12 deep; what is far deeper was not written by a person.
DEPTH_MAX = 60
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NoFlowFile(Exception):
    """A file that cannot be opened; the message is one sentence for the operator."""


class UnusableRegion(Exception):
    """A region that cannot be served; the message has a line for each thing that is wrong."""


class _Unreadable(Exception):
    """A file that holds no data; it carries what is wrong."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read_flow(
    path: Path, shelf: content.Content | None = None
) -> tuple[Revision | None, tuple[Problem, ...]]:
    """The flow in this file, or None when it has not the shape of one; and every problem.

    It is checked against the region and the lexicons of `shelf`, the shipped ones by default.
    Raises NoFlowFile when there is nothing to read.
    """
    shelf = shelf or content.load()
    found: list[Problem] = []
    try:
        written = _read(path, places.FLOW, found)
    except _Unreadable as unreadable:
        return None, (*found, unreadable.problem)
    beside = {} if "translations" in written else _beside(path, found)
    written.pop(content.NAMED_RULES, None)
    data = {**content.shipped_rules(), **beside, **written}
    revision, wrong = check_data(data, around(shelf.region, shelf.lexicon))
    own = (problem for problem in wrong if not _in_shipped(problem, written))
    return (None if found else revision), (*found, *own)


def read_region(
    path: Path, shelf: content.Content, catalogues: Catalogues
) -> tuple[Region | None, tuple[Problem, ...]]:
    """The region in this file, or None when it has not the shape of one; and every problem.

    The flow and rules of `shelf` must find their queues and municipalities in it; the
    catalogues say which languages have words, and who read them. Raises NoFlowFile when there is
    nothing to read.
    """
    found: list[Problem] = []
    try:
        written = _read(path, places.REGION, found)
    except _Unreadable as unreadable:
        return None, (*found, unreadable.problem)
    read = reviewed(shelf.revision, catalogues.reviews)
    region, wrong = check_region(written, catalogues.offered(), read)
    if region is None:
        return None, (*found, *wrong)
    by_rules = errors(check(shelf.revision, around(region, shelf.lexicon)))
    return (None if found else region), (*found, *wrong, *by_rules)


def with_region(path: Path, shelf: content.Content, catalogues: Catalogues) -> content.Content:
    """The shipped content in the region of this file; raises `UnusableRegion` or NoFlowFile."""
    region, found = read_region(path, shelf, catalogues)
    wrong = errors(found)
    if region is None or wrong:
        told = "\n".join(f"  {problem}" for problem in wrong)
        msg = f"INTAKEBOT_REGION: {path} cannot be served as it is.\n{told}"
        raise UnusableRegion(msg)
    return replace(shelf, region=region)


def is_region(path: Path) -> bool:
    """Whether this file is about a region, by its fields; raises NoFlowFile as the others do."""
    try:
        return "municipalities" in _read(path, places.REGION, [])
    except _Unreadable:
        return False


def _in_shipped(problem: Problem, written: dict[str, object]) -> bool:
    """Whether this is about a shipped rule: it may look at what a small flow never asks."""
    shipped = (places.PARTS[part] for part in places.RULES if part not in written)
    return problem.where.startswith(tuple(shipped))


def _beside(path: Path, found: list[Problem]) -> dict[str, object]:
    """The translations that stand beside the flow."""
    texts: dict[str, object] = {}
    for file in sorted(path.parent.glob("*.yaml")):
        if not LANGUAGE.fullmatch(file.stem) or file == path:
            continue
        try:
            texts[file.stem] = _read(file, places.language(file.stem), found)
        except _Unreadable as unreadable:
            found.append(unreadable.problem)
    return {"translations": texts} if texts else {}


def _read(path: Path, where: str, found: list[Problem]) -> dict[str, Any]:
    """The mapping that a file holds; names that stand twice are added to `found`."""
    text = _text(path, where)
    is_json = path.suffix.lower() == ".json"
    try:
        data = _from_json(text, where, found) if is_json else _from_yaml(text, where, found)
    except RecursionError:
        raise _Unreadable(problems.TOO_DEEP.at(where, most=DEPTH_MAX)) from None
    except (yaml.YAMLError, ValueError) as error:
        said = "JSON" if is_json else "YAML"
        raise _Unreadable(problems.NOT_YAML.at(where, format=said, why=_why(error))) from None
    if not isinstance(data, dict):
        raise _Unreadable(problems.NOT_MAPPING.at(where))
    return data


def _text(path: Path, where: str) -> str:
    try:
        with path.open("rb") as file:
            written = file.read(FLOW_BYTES_MAX + 1)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        msg = (
            f"{path}: cannot be read ({why}). Give the path of a flow or region file, YAML or JSON."
        )
        raise NoFlowFile(msg) from None
    if len(written) > FLOW_BYTES_MAX:
        raise _Unreadable(problems.FILE_TOO_BIG.at(where, most=FLOW_BYTES_MAX))
    try:
        return written.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _Unreadable(problems.NOT_TEXT.at(where)) from None


def _from_json(text: str, where: str, found: list[Problem]) -> object:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        _twice(((name, where) for name, _ in pairs), found)
        return dict(pairs)

    return json.loads(text, object_pairs_hook=once)


def _from_yaml(text: str, where: str, found: list[Problem]) -> object:
    """The data, after a look at its shape: how deep, how large, and which names stand twice."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_MAX:
            raise _Unreadable(problems.TOO_DEEP.at(where, most=DEPTH_MAX))
    loader = LOADER(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _parts(node, {}, where, found) > PARTS_MAX:
            raise _Unreadable(problems.GROWS.at(where, most=PARTS_MAX))
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _parts(node: yaml.Node, counted: dict[int, int], where: str, found: list[Problem]) -> int:
    """How many parts the node has once its anchors are filled in; each node is looked at once."""
    if id(node) in counted:
        return counted[id(node)]
    # An anchor within itself has no end.
    counted[id(node)] = PARTS_MAX + 1
    inner: Iterable[yaml.Node] = ()
    match node:
        case yaml.MappingNode():
            names = (key for key, _ in node.value if isinstance(key, yaml.ScalarNode))
            lines = ((key.value, f"{where}, line {key.start_mark.line + 1}") for key in names)
            _twice(lines, found)
            inner = [part for pair in node.value for part in pair]
        case yaml.SequenceNode():
            inner = node.value
        case _:
            pass
    counted[id(node)] = 1 + sum(_parts(one, counted, where, found) for one in inner)
    return counted[id(node)]


def _twice(names: Iterable[tuple[str, str]], found: list[Problem]) -> None:
    """Note each of these names, with its place, that came before."""
    seen: set[str] = set()
    for name, where in names:
        if name in seen:
            found.append(problems.KEY_TWICE.at(where, name=name))
        seen.add(name)


def _why(error: Exception) -> str:
    """What the reader says, on one line."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return " ".join(str(error).split())
