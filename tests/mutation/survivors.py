"""The mutants that no test notices, and why they may live: the lists in `listed/`, one for each room.

Most of them change nothing that can be seen. `where` is the function. One is listed by the lines taken out
and put in, as they are shown (`change`); several of one function that live for one reason by a pattern that
a line of the change holds (`like`). A survivor that nobody listed is found out, and so is a listed one that
a test notices by now.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

LISTED = Path(__file__).with_name("listed")


class Change(msgspec.Struct, frozen=True):
    """What was done to a function: the lines taken out (`-`) and put in (`+`)."""

    where: str
    change: str


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why changes of one function may live: this `change`, or those with a line `like` this."""

    where: str
    because: str = ""
    change: str = ""
    like: str = ""

    def covers(self, one: Change) -> bool:
        """Whether this is about that change."""
        if one.where != self.where:
            return False
        if self.change:
            return same(self.change) == same(one.change)
        return bool(re.search(self.like, one.change, re.MULTILINE))


def same(change: str) -> list[str]:
    """The change without the indents, which formatting moves."""
    return [line[:1] + line[1:].strip() for line in change.strip().splitlines()]


def read_lists(folder: Path) -> list[Reason]:
    """The survivors that somebody looked at. Each must say why it may live."""
    files = sorted(folder.glob("*.yaml"))
    listed = [
        it for file in files for it in msgspec.yaml.decode(file.read_bytes(), type=list[Reason])
    ]
    for one in listed:
        assert one.because, f"{one.where}: say why no test can notice this change"
        assert bool(one.change) != bool(one.like), f"{one.where}: give `change` or `like`"
    return listed


def compare(found: Sequence[Change], listed: Sequence[Reason]) -> tuple[list[Change], list[Reason]]:
    """The survivors that nobody gave a reason for, and the reasons that nothing needs."""
    return (
        [one for one in found if not any(it.covers(one) for it in listed)],
        [it for it in listed if not any(it.covers(one) for one in found)],
    )


def of_modules(name: str, modules: Iterable[str]) -> bool:
    """Whether the name is in one of the modules; every name is when none is given."""
    return not modules or any(f"{name}.".startswith(f"{module}.") for module in modules)
