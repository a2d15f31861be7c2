"""The region that this installation serves: municipalities, teams, numbers. Live data.

It is not part of a revision: a phone number changes without a new version of the questions.
"""

from __future__ import annotations

from datetime import date

from intakebot.core.session import Value


class Number(Value, frozen=True):
    """A number to call, with when a person last checked it (`doctor` warns after 180 days)."""

    number: str
    name: str  # Dutch name of who answers
    checked_on: date | None = None  # None: never checked by this municipality
    hours: str | None = None
    cost: str | None = None
    languages: tuple[str, ...] = ()


class Team(Value, frozen=True):
    """A sociaal team and its one queue, for example `GM0294/sociaal-team`."""

    queue: str
    label: str
    phone: Number
    pc4: tuple[str, ...] = ()  # "7101" or "7101-7109"; empty: the whole municipality
    profiles: tuple[str, ...] = ()  # wmo, jeugd, participatiewet, sociaal_werker
    places: tuple[str, ...] = ()  # parts of a town that this team reads, where pc4 is not empty


class Partner(Value, frozen=True):
    """An organisation that the team may think of. A suggestion; never a referral."""

    name: str
    domains: tuple[str, ...] = ()  # suggested when one of these is confirmed …
    facts: dict[str, tuple[str, ...]] = {}  # … or one of these facts has one of these values


class Municipality(Value, frozen=True):
    """A connected municipality (gemeente)."""

    gm: str  # CBS code, GM0294
    name: str
    urgent: Number  # own urgent number: without it nothing starts
    phone: Number
    client_support: Number  # free, independent clientondersteuning (Wmo 2015 art. 2.3.2 lid 3)
    teams: tuple[Team, ...]
    pc4: tuple[str, ...]  # address codes, "7101" or "7101-7109"
    places: tuple[str, ...]  # towns and villages, as people write them
    designated: tuple[
        str, ...
    ] = ()  # kinds of message for which this channel is official (Awb 2:13)
    promise_workdays: int = 10  # first contact, where no law or urgency says sooner
    last_hour: int = 16  # what comes in from this hour on is read on the next working day
    partners: tuple[Partner, ...] = ()
    executor: str | None = None  # who carries out work and income, when not the municipality


class Neighbour(Value, frozen=True):
    """A municipality that is not connected: people are handed over with its number."""

    gm: str
    name: str
    phone: Number
    pc4: tuple[str, ...]
    places: tuple[str, ...] = ()


class Unreviewed(Value, frozen=True):
    """The decision to offer languages that no native reader has read, and who took it.

    It is one of the whole region: who picks a language has not said yet where they live.
    """

    decided_by: str  # name and office
    decided_on: date
    languages: tuple[str, ...]  # who picks one of these is told that a computer made the words


class Region(Value, frozen=True):
    """Everything local."""

    name: str
    languages: tuple[str, ...]  # offered, in the order of the picker: nl, nl-A2, en, ar
    municipalities: tuple[Municipality, ...]
    neighbours: tuple[Neighbour, ...] = ()
    extra_holidays: tuple[date, ...] = ()  # days equated by royal decree (Algemene termijnenwet 3)
    unreviewed: Unreviewed | None = None  # None: only languages that a native reader has read
    numbers: dict[str, Number] = {}  # national help lines by key: 112, 113, veilig_thuis …
    privacy_officer: str = ""  # FG: name and way to reach


def is_unreviewed(region: Region, lang: str) -> bool:
    """Whether this language is offered by decision, without a native reader."""
    return region.unreviewed is not None and lang in region.unreviewed.languages


def covers(areas: tuple[str, ...], pc4: str) -> bool:
    """Whether these four digits are in one of the areas: "7101", or "7101-7109"."""
    for area in areas:
        first, _, last = area.partition("-")
        if len(pc4) == len(first) and first <= pc4 <= (last or first):
            return True
    return False


def is_known(region: Region, pc4: str) -> bool:
    """Whether these four digits are in one of our municipalities or in a neighbour."""
    ours = (municipality.pc4 for municipality in region.municipalities)
    theirs = (neighbour.pc4 for neighbour in region.neighbours)
    return any(covers(areas, pc4) for areas in (*ours, *theirs))


def municipality_of(region: Region, queue: str) -> Municipality | None:
    """Whose queue this is; None: of a queue that no municipality is known of yet."""
    gm = queue.partition("/")[0]
    return next((it for it in region.municipalities if it.gm == gm), None)


def team_of(region: Region, queue: str) -> Team | None:
    """The team that reads this queue."""
    teams = (team for municipality in region.municipalities for team in municipality.teams)
    return next((team for team in teams if team.queue == queue), None)
