"""Findings: what a look at one thing gave, in one line for the operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from intakebot.store.problems import StoreProblem

NAMED_MAX = 3


class State(StrEnum):
    """How a thing is."""

    OK = "ok"  # as it should be
    WARNING = "warning"  # it works, and somebody should do something
    ERROR = "error"  # it does not work, or people could be harmed


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Where, what, and what to do about it."""

    state: State
    where: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.state:<8} {self.where}: {self.what} {self.remedy}".rstrip()


def ok(where: str, what: str) -> Finding:
    """As it should be."""
    return Finding(state=State.OK, where=where, what=what)


def warning(where: str, what: str, remedy: str) -> Finding:
    """Somebody should do something."""
    return Finding(state=State.WARNING, where=where, what=what, remedy=remedy)


def error(where: str, what: str, remedy: str) -> Finding:
    """Somebody must do something."""
    return Finding(state=State.ERROR, where=where, what=what, remedy=remedy)


def of_problem(problem: StoreProblem) -> Finding:
    """What would stop the start."""
    return error(problem.where, problem.what, problem.remedy)


def counted(count: int, what: str) -> str:
    """A number with its noun."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def some(names: Sequence[str]) -> str:
    """The first few, and how many more."""
    more = len(names) - NAMED_MAX
    first = "; ".join(names[:NAMED_MAX])
    return first if more <= 0 else f"{first}; and {more} more"
