"""What we promise about requests: one a conversation, never ownerless, and shown as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from intakebot.store import audit
from intakebot.store.outgoing import Line
from intakebot.store.requests import Opened, Status
from intakebot.store.work import Work
from tests.simulation.told import Told

if TYPE_CHECKING:
    from tests.simulation.member import Member
    from tests.simulation.person import Person
    from tests.simulation.world import World

OWNERLESS = """SELECT reference FROM requests WHERE NOT (
    (status = 'open' AND contact IS NULL AND queue <> '' AND promise_on <> '')
    OR (status = 'taken' AND contact IS NOT NULL) OR status IN ('closed', 'withdrawn'))"""
REQUESTS = "SELECT session, reference, contact, status FROM requests"


def ownerless(world: World) -> Iterator[str]:
    """Requests that nobody would look at."""
    for row in world.disk.looking.execute(OWNERLESS).fetchall():
        yield f"request {row['reference']} is ownerless"


def broken(world: World, threads: Mapping[Person, tuple[Line, ...]]) -> Iterator[str]:
    """One request a conversation, one contact person, no word of a member lost or doubled."""
    rows = world.disk.looking.execute(REQUESTS).fetchall()
    sent = sum(person.told.reference is not None for person in world.people)
    if len(rows) != sent:
        yield f"{sent} people read that they sent something, there are {len(rows)} requests"
    yield from ownerless(world)
    contacts = {row["reference"]: row["contact"] for row in rows}
    for member in world.members:
        for reference in member.won:
            if contacts.get(reference) != member.person.member:
                yield f"{member.person.name} took {reference}, and is not its contact person"
        yield from _pages(world, member)
    for person, lines in threads.items():
        yield from _words_of_members(world, person, lines)
    problems = world.disk.look(audit.verify(world.vault))
    if problems:
        yield f"the audit does not hold: {problems}"


def contact_of(told: Told, opened: Opened) -> Iterator[str]:
    """The team reads how to reach the person, as the person said it."""
    answers, contact = told.answers(), opened.request.contact
    for question, shown in (
        ("naam", contact.called),
        ("telefoon", contact.phone),
        ("postcode", opened.request.place.postcode),
    ):
        deed = answers.get(question)
        if deed is not None and deed.is_acknowledged and deed.value != shown:
            yield f"the team reads {question} {shown!r}, said was {deed.value!r}"


def _words_of_members(world: World, person: Person, lines: tuple[Line, ...]) -> Iterator[str]:
    said = Counter(line.message.text for line in lines if line.author == "member")
    for member in world.members:
        for text in member.wrote.get(person.told.reference or "", []):
            count = sum(n for whole, n in said.items() if whole.endswith(text))
            if count != 1:
                yield f"{text!r} stands {count} times in the thread of {person.told.reference}"


def _pages(world: World, member: Member) -> Iterator[str]:
    """Each request stands in exactly one list, and its page says what its person said."""

    def listed() -> Work[list[str]]:
        access = member.access(world.now())
        found = []
        for status in (Status.OPEN, Status.TAKEN):
            found += [it.reference for it in (yield from access.listed(status))]
        return found + [it.reference for it in (yield from access.ended())]

    looking = world.disk.looking
    looking.execute("BEGIN")
    times = Counter(world.disk.look(listed()))
    for person in world.people:
        reference = person.told.reference
        if reference is None:
            continue
        if times[reference] != 1:
            yield f"{member.person.name} sees {reference} in {times[reference]} lists"
        seen = world.disk.look(member.access(world.now()).request_for(reference))
        if seen is None:
            yield f"{member.person.name} cannot open {reference}"
            continue
        lines = [line.message.text for line in seen.thread if line.author == "inhabitant"]
        missing = [t for t, post in person.told.added if post.acknowledged and t not in lines]
        if missing:
            yield f"{member.person.name} does not read {missing}"
    looking.execute("ROLLBACK")
