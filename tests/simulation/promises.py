"""What we promise, held against what the store, the screens and the people say after a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from intakebot.core.flow import Kind
from intakebot.core.session import Outcome, Session
from intakebot.store import audit, outgoing, requests, sessions
from intakebot.store.outgoing import Line
from intakebot.store.requests import Opened
from intakebot.store.sqlite import _walk
from intakebot.store.work import Work
from tests.simulation.inhabitant import LANGUAGE, Deed, Inhabitant
from tests.simulation.revisions import KINDS, MARK
from tests.simulation.telegram import BOT

if TYPE_CHECKING:
    from tests.simulation.world import World

WAITING = "SELECT COUNT(*) FROM messages WHERE state IN ('queued', 'leased') AND unasked = 0"
OWNERLESS = """SELECT reference FROM requests WHERE NOT (
    (status = 'open' AND contact IS NULL AND queue <> '' AND promise_on <> '')
    OR (status = 'taken' AND contact IS NOT NULL) OR status IN ('closed', 'withdrawn'))"""
MESSAGES = """SELECT chat, nth, dkey, state, unasked FROM messages
    WHERE direction = 'out' AND via = 'telegram' ORDER BY chat, nth"""


def broken(world: World, *, settled: bool) -> list[str]:
    """Every promise that was not kept, in a sentence."""
    found = [*world.unhandled]
    if not settled:
        found.append(
            "a quarter of an hour after all was said, messages still wait to be brought or sent"
        )
    for person in world.people:
        found += (f"chat {person.chat}: {problem}" for problem in _of(world, person))
    found += _of_team(world)
    found += _of_outbox(world)
    return found


def _of(world: World, person: Inhabitant) -> Iterator[str]:
    """What one inhabitant may count on."""
    if person.reference is None:
        yield "is silent: the conversation did not come to its end"
    session, opened, lines = _kept(world, person)
    if session is None:
        yield "nothing is kept of the conversation"
        return
    yield from _answers(person, session)
    if [saying.text for saying in session.story] != person.story:
        yield f"the story is {[it.text for it in session.story]}, told was {person.story}"
    yield from _added(person, lines)
    revisions = {found[2] for it in person.shown if (found := MARK.search(it.text))}
    if revisions - {session.revision}:
        yield f"questions of revisions {sorted(revisions)} came in a session of {session.revision}"
    if session.outcome is Outcome.SUBMITTED and opened is None:
        yield "it was sent, and there is no request"
    if opened is not None and opened.request.reference != person.reference:
        yield f"the person reads {person.reference}, the request is {opened.request.reference}"
    if opened is not None and [part.text for part in opened.request.story] != person.story:
        yield "the request tells another story"


def _answers(person: Inhabitant, session: Session) -> Iterator[str]:
    deeds = {
        deed.question: deed
        for deed in person.deeds.values()
        if deed.question != LANGUAGE and KINDS[deed.question] is not Kind.READ_BACK
    }
    for deed in deeds.values():
        kept = [_plain(it.value) for it in session.answers if it.question == deed.question]
        if deed.is_acknowledged and kept != [deed.value]:
            yield f"{deed.question} was answered with {deed.value!r}, kept is {kept}"
        if kept and not any(update.tried for update in deed.updates):
            yield f"{deed.question} holds {kept}, and nobody said that"
    never = {answer.question for answer in session.answers} - deeds.keys()
    if never:
        yield f"{sorted(never)} were never answered, and are kept"
    yield from _expect_revision(deeds, session)


def _expect_revision(deeds: dict[str, Deed], session: Session) -> Iterator[str]:
    for deed in deeds.values():
        if deed.revision != session.revision:
            yield f"{deed.question} was seen in {deed.revision}, kept is {session.revision}"


def _added(person: Inhabitant, lines: tuple[Line, ...]) -> Iterator[str]:
    said = Counter(line.message.text for line in lines if line.author == "inhabitant")
    for text, update in person.added:
        if update.acknowledged and said[text] != 1:
            yield f"{text!r} stands {said[text]} times in the thread"


def _of_team(world: World) -> Iterator[str]:
    """One request a conversation, one contact person, nothing ownerless, no word of a member lost."""
    rows = world.connection.execute(
        "SELECT session, reference, contact, status FROM requests"
    ).fetchall()
    sent = sum(person.reference is not None for person in world.people)
    if len(rows) != sent:
        yield f"{sent} people read that they sent something, there are {len(rows)} requests"
    for row in world.connection.execute(OWNERLESS).fetchall():
        yield f"request {row['reference']} is ownerless"
    contacts = {row["reference"]: row["contact"] for row in rows}
    for member in world.members:
        for reference in member.won:
            if contacts.get(reference) != member.person.member:
                yield f"{member.person.name} took {reference}, and is not its contact person"
    for person in world.people:
        _, _, lines = _kept(world, person)
        said = Counter(line.message.text for line in lines if line.author == "member")
        for member in world.members:
            for text in member.wrote.get(person.reference or "", []):
                count = sum(n for whole, n in said.items() if whole.endswith(text))
                if count != 1:
                    yield f"{text!r} stands {count} times in the thread of {person.reference}"
    problems = look(world, audit.verify(world.vault))
    if problems:
        yield f"the audit does not hold: {problems}"


def _of_outbox(world: World) -> Iterator[str]:
    """What is marked as sent has arrived, and came in order."""
    blocked = {_key(world, person) for person in world.people if person.was_blocked}
    arrived: dict[str, list[tuple[int, int]]] = {}
    for row in world.connection.execute(MESSAGES).fetchall():
        place = f"{row['chat']}:{row['nth']}"
        at = world.telegram.delivered.get(place, [])
        if row["state"] == "sent" and not at:
            yield f"message {row['dkey']} is marked as sent, and never arrived"
        if row["state"] == "failed" and row["chat"] not in blocked:
            yield f"message {row['dkey']} was given up"
        if at and not row["unasked"]:
            arrived.setdefault(row["chat"], []).append((row["nth"], world.telegram.order[place]))
    copies = sum(len(at) - 1 for at in world.telegram.delivered.values())
    if copies > _excused(world):
        yield f"{copies} messages came a second time, and there is no reason for so many"
    for chat, places in arrived.items():
        order = [came for _, came in sorted(places)]
        if order != sorted(order):
            yield f"the messages of chat {chat[:6]} came in another order than they were said"


def _excused(world: World) -> int:
    """How many messages may come twice: where nobody could know whether the first one came.

    A process that ends leaves its own leases, and the one after it takes back those of all.
    """
    struck = world.faults.struck
    unsure = struck.get("lost answer", 0) + struck.get("database busy", 0)
    long_gone = struck.get("slow disk", 0) + world.crashes + world.jumps
    return unsure + long_gone * 2 * len(world.people)


def _kept(
    world: World, person: Inhabitant
) -> tuple[Session | None, Opened | None, tuple[Line, ...]]:
    chat = world.vault.chat("telegram", BOT, str(person.chat))

    def work() -> Work[tuple[Session | None, Opened | None, tuple[Line, ...]]]:
        stored = yield from sessions.open_in(world.vault, chat)
        if stored is None:
            return None, None, ()
        opened = yield from requests.of_session(world.vault, stored, world.now())
        lines = yield from outgoing.thread(stored)
        return stored.session, opened, lines

    found: tuple[Session | None, Opened | None, tuple[Line, ...]] = look(world, work())
    return found


def look(world: World, work: Work[Any]) -> Any:  # noqa: ANN401 - what the work gives
    """Do this in the world's database, past all processes."""
    return _walk(world.connection, work)


def _key(world: World, person: Inhabitant) -> str:
    return world.vault.chat("telegram", BOT, str(person.chat)).key


def _plain(value: object) -> object:
    """Ticks in any order."""
    return tuple(sorted(value)) if isinstance(value, tuple) else value
