"""The queries of queries.sql as functions: `queries.add_update(channel=…, …) -> Statement`.

A query begins with `-- name: what it is for`. Its values are the `:names` in its text; a call
with others is our mistake. test_queries.py holds every call in the store against this file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files
from typing import NamedTuple

from intakebot.store.work import Statement

_NAME = re.compile(r"^-- ([a-z_]+): (.+)$", re.MULTILINE)
_REMARK = re.compile(r"^--.*$", re.MULTILINE)
_VALUE = re.compile(r"(?<!:):([a-z_]+)")


class Query(NamedTuple):
    """One query: its purpose, its SQL, and the names of its values."""

    purpose: str
    sql: str
    values: frozenset[str]


def read(text: str) -> dict[str, Query]:
    """The queries in a text, by name."""
    starts = list(_NAME.finditer(text))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    queries: dict[str, Query] = {}
    for start, end in zip(starts, ends, strict=True):
        name, sql = start[1], _REMARK.sub("", text[start.end() : end]).strip()
        assert name not in queries, f"queries.sql has two queries called {name}"
        queries[name] = Query(start[2], sql, frozenset(_VALUE.findall(sql)))
    return queries


ALL = read(files("intakebot.store").joinpath("queries.sql").read_text(encoding="utf-8"))


def _maker(name: str, expected: frozenset[str]) -> Callable[..., Statement]:
    def make(**values: object) -> Statement:
        assert values.keys() == expected, f"{name}: {sorted(values.keys() ^ expected)}"
        return Statement(name, values)

    return make


_MAKERS = {name: _maker(name, query.values) for name, query in ALL.items()}


def __getattr__(name: str) -> Callable[..., Statement]:
    try:
        return _MAKERS[name]
    except KeyError:
        raise AttributeError(f"queries.sql has no query called {name}") from None
