"""What the tests of the rules of law start from: the shipped rules, and what is known of somebody."""

from datetime import UTC, datetime

import msgspec

from intakebot import content
from intakebot.core.facts import Fact, HeardDomain, Known
from intakebot.core.flow import Revision
from intakebot.core.session import Signal

REVISION = content.load_revision()
REGION = content.load_region((content.FOLDER / "region.yaml").read_text("utf-8"))

# Monday 23 November 2026, ten o'clock in the Netherlands.
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def a_known(
    facts: str = "", domains: str = "", signals: str = "", *, danger_now: bool = False
) -> Known:
    """What is known, in short: "schulden=ja dreiging:ontruiming", "financien ~wonen", "child!".

    `=` was answered, `:` was heard in the story; `~` was heard and not confirmed; `!` is hard.
    """
    told = domains.split()
    return Known(
        facts=tuple(map(_fact, facts.split())),
        heard=tuple(
            HeardDomain(code=c.strip("~"), evidence=(f"over {c.strip('~')}",)) for c in told
        ),
        confirmed=tuple(code for code in told if not code.startswith("~")),
        signals=tuple(map(_signal, signals.split())),
        danger_now=danger_now,
    )


def _fact(told: str) -> Fact:
    if "=" in told:
        name, _, value = told.partition("=")
        return Fact(name=name, value=value, source="answer", question=name)
    name, _, value = told.partition(":")
    return Fact(name=name, value=value, source="story", evidence=f"“{value}”")


def _signal(told: str) -> Signal:
    return Signal(
        category=told.strip("!"),
        strength="hard" if told.endswith("!") else "soft",
        question=None,
        words="zo gezegd",
    )


def rows(table: str) -> list[list[str]]:
    """The cells of a table in a string: a row a line, cells parted by `|`; a line of --- is none."""
    lines = [line.strip() for line in table.strip().splitlines()[1:]]
    return [[cell.strip() for cell in line.split("|")] for line in lines if line.strip("-+ |")]


def changed(revision: Revision = REVISION, **parts: object) -> Revision:
    """The shipped revision with these parts changed."""
    return msgspec.structs.replace(revision, **parts)
