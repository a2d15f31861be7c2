"""Days, teams and states in words, as every page of the inbox says them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from babel.dates import format_date, format_time

from intakebot.core.law.clocks import ZONE, dutch_day
from intakebot.core.region import Region
from intakebot.store.requests import Listed, Status
from intakebot.web.inbox.inbox import Inbox
from intakebot.web.inbox.pages import Day, Due, Level

LEVELS = ("nu", "vandaag", "drie_werkdagen", "week", "gewoon")
OUTCOMES = ("opgelost", "plan", "overgedragen", "geen_contact", "teruggelegd", "anders")
# A last day this near asks for attention.
SOON_DAYS = 3
# Queues of which only the municipality is known, and not even that.
UNKNOWN, UNKNOWN_IN = "onbekend", "/onbekend"


def day(inbox: Inbox, on: date, today: date) -> Day:
    """Do 26 nov; with the year when it is another one."""
    pattern = "EEE d MMM" if on.year == today.year else "EEE d MMM y"
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get((on - today).days)
    label = inbox.say(f"day.{near}") if near else format_date(on, pattern, locale=inbox.tongue.lang)
    return Day(label=label, iso=on.isoformat())


def moment(inbox: Inbox, at: datetime, now: datetime) -> Day:
    """Ma 23 nov 10:30, in Dutch time."""
    local = at.astimezone(ZONE)
    said = day(inbox, local.date(), dutch_day(now)).label
    label = f"{said} {format_time(local, 'HH:mm', locale='nl')}"
    return Day(label=label, iso=local.isoformat(timespec="minutes"))


def full_day(inbox: Inbox, on: date, today: date) -> Day:
    """Donderdag 26 november, where there is room; the year when it is another one."""
    pattern = "EEEE d MMMM" if on.year == today.year else "EEEE d MMMM y"
    return Day(label=format_date(on, pattern, locale=inbox.tongue.lang), iso=on.isoformat())


def due(inbox: Inbox, what: str, on: date, today: date) -> Due:
    """A last day: passed, today, soon, or later."""
    left = (on - today).days
    if left < 0:
        note = inbox.say("due.late")
        return Due(what=what, day=full(inbox, on, today), state="late", note=note)
    if left == 0:
        note = inbox.say("due.today")
        return Due(what=what, day=full(inbox, on, today), state="today", note=note)
    note = inbox.say("due.tomorrow") if left == 1 else ""
    return Due(
        what=what,
        day=full(inbox, on, today),
        state="soon" if left <= SOON_DAYS else "later",
        note=note,
    )


def full(inbox: Inbox, on: date, today: date) -> Day:
    """Do 26 nov, also when that is today: beside it stands how near it is."""
    pattern = "EEE d MMM" if on.year == today.year else "EEE d MMM y"
    return Day(label=format_date(on, pattern, locale=inbox.tongue.lang), iso=on.isoformat())


def first_due(inbox: Inbox, listed: Listed, today: date) -> Due | None:
    """What breaks first: the legal clock or the promised contact; None once it ended."""
    if listed.status in (Status.CLOSED, Status.WITHDRAWN):
        return None
    if listed.due_on is not None and listed.due_on <= listed.promise_on:
        what = inbox.say("due.law", what=clock_name(inbox, listed.card.clock))
        return due(inbox, what, listed.due_on, today)
    return due(inbox, inbox.say("due.promise"), listed.promise_on, today)


def clock_name(inbox: Inbox, key: str | None) -> str:
    """What the law asks for; a clock that an admin made has no name here but its own."""
    if key is None:
        return inbox.say("clock.unnamed")
    return inbox.say(f"clock.{key}") if inbox.has(f"clock.{key}") else key.replace("_", " ")


def level(inbox: Inbox, code: str) -> Level:
    """How urgent, in a word."""
    return Level(code=code, label=inbox.say(f"level.{code}"))


def type_name(inbox: Inbox, code: str) -> str:
    """What kind of request it is."""
    return inbox.say(f"type.{code}")


def language(inbox: Inbox, code: str) -> str:
    """Arabisch."""
    return inbox.names.languages.get(code, code)


def queue_name(inbox: Inbox, queue: str) -> str:
    """The team that reads this queue; without one, the municipality as far as it is known."""
    known = teams(inbox.region).get(queue)
    if known is not None:
        return known
    if queue == UNKNOWN:
        return inbox.say("team.unknown")
    place = municipality(inbox, queue.removesuffix(UNKNOWN_IN)) or queue
    return inbox.say("team.unknown_in", place=place)


def team_told(inbox: Inbox, queue: str) -> str:
    """The same, as the inhabitant hears it after the name of the contact person."""
    known = teams(inbox.region).get(queue)
    if known is not None:
        return known
    place = municipality(inbox, queue.removesuffix(UNKNOWN_IN))
    return inbox.region.name if place is None else inbox.say("team.municipality", place=place)


def municipality(inbox: Inbox, gm: str | None) -> str | None:
    """The name of a connected municipality."""
    return next((it.name for it in inbox.region.municipalities if it.gm == gm), None)


def teams(region: Region) -> Mapping[str, str]:
    """The label of each team by its queue."""
    return {team.queue: team.label for it in region.municipalities for team in it.teams}


def ended(inbox: Inbox, listed: Listed, now: datetime) -> str | None:
    """How and when it ended."""
    if listed.closed_at is None:
        return None
    on = moment(inbox, listed.closed_at, now).label
    if listed.status is Status.WITHDRAWN:
        return inbox.say("ended.withdrawn", day=on)
    outcome = listed.outcome or OUTCOMES[-1]
    said = inbox.say(f"outcome.{outcome}") if inbox.has(f"outcome.{outcome}") else outcome
    return inbox.say("ended.closed", day=on, outcome=said)


def name(inbox: Inbox, called: str | None) -> str:
    """How the person wants to be called."""
    return called or inbox.say("nameless")
