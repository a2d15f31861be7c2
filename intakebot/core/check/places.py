"""Places: how a problem says where it is. One place for one piece of a flow or a region."""

from __future__ import annotations

from intakebot.core.flow import Choice, Question, Section

FLOW = "The flow"
REGION = "The region"
# What is read as one piece from a file.
WHOLE = (FLOW, REGION)
NAMES = "The names"
# How the lists of a revision and of a region call their parts.
PARTS = {
    "sections": "Section",
    "questions": "Question",
    "choices": "choice",
    "urgency": "Urgency rule",
    "clocks": "Clock",
    "types": "Type rule",
    "routing": "Routing rule",
    "profiles": "Profile rule",
    "domains": "Domain rule",
    "municipalities": "Municipality",
    "teams": "team",
    "partners": "partner",
    "neighbours": "Neighbour",
}
# Parts that are told together with what they are a part of.
INNER = ("choices", "teams", "partners")
# The lists that hold rules.
RULES = ("urgency", "clocks", "types", "routing", "profiles", "domains")
# By what a part is known; the others are counted.
KNOWN_BY = {
    "sections": "key",
    "questions": "key",
    "choices": "id",
    "urgency": "key",
    "clocks": "key",
    "routing": "key",
    "municipalities": "gm",
    "teams": "queue",
    "partners": "name",
    "neighbours": "gm",
}


def named(part: str, name: str) -> str:
    """A part by its name."""
    return f'{PARTS[part]} "{name}"'


def numbered(part: str, number: int) -> str:
    """A part by its number, from one."""
    return f"{PARTS[part]} {number}"


def section(one: Section) -> str:
    """Where a section is."""
    return named("sections", one.key)


def question(one: Question) -> str:
    """Where a question is."""
    return named("questions", one.key)


def choice(of: Question, one: Choice) -> str:
    """Where a choice is."""
    return f"{question(of)}, {named('choices', one.id)}"


def language(lang: str) -> str:
    """Where the translations into this language are."""
    return f'Language "{lang}"'
