"""What we promise, held against what the store, the screens and the people say after a run."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intakebot.core.session import Outcome, Session
from intakebot.store import attachments, outgoing, requests, sessions
from intakebot.store.attachments import Kept
from intakebot.store.outgoing import Line
from intakebot.store.requests import Opened, Status
from intakebot.store.sessions import Stored
from intakebot.store.work import Home, Work, home_of
from tests.simulation import of_outbox, of_team
from tests.simulation.person import Person
from tests.simulation.told import Deed, Told

if TYPE_CHECKING:
    from tests.simulation.world import World

WAITING = """SELECT (SELECT COUNT(*) FROM messages WHERE state IN ('queued', 'leased') AND unasked = 0)
    + (SELECT COUNT(*) FROM messages WHERE state = 'held')
    + (SELECT COUNT(*) FROM attachments WHERE state = 'to_fetch')"""


@dataclass(frozen=True, kw_only=True)
class Found:
    """Everything that is kept of one conversation."""

    stored: Stored
    opened: Opened | None
    lines: tuple[Line, ...]
    files: tuple[Kept, ...]

    @property
    def session(self) -> Session:
        return self.stored.session


def now_broken(world: World) -> list[str]:
    """What may not be at any moment."""
    return list(of_team.ownerless(world))


def broken(world: World, *, settled: bool) -> list[str]:
    """Every promise that was not kept, in a sentence."""
    found = [*dict.fromkeys(world.unhandled)]
    if not settled:
        found.append(
            "a quarter of an hour after all was said, messages or files still wait to be brought"
        )
    try:
        return [*found, *_of_all(world)]
    except sqlite3.Error as fault:
        return [*found, f"what is kept cannot be read: {fault}"]


def _of_all(world: World) -> list[str]:
    """Everybody's promises, then everything's."""
    found: list[str] = []
    kept = {person: _kept(world, person) for person in world.people}
    for person, conversation in kept.items():
        found += (f"{person.name}: {problem}" for problem in _of(world, person, conversation))
    found += _of_thrown_away(world)
    found += of_team.broken(world, {it: found.lines for it, found in kept.items() if found})
    found += of_outbox.broken(world)
    return found


def _of(world: World, person: Person, found: Found | None) -> Iterator[str]:
    """What one inhabitant may count on."""
    told = person.told
    if told.reference is None:
        yield "is silent: the conversation did not come to its end"
    if found is None:
        yield "nothing is kept of the conversation"
        return
    session, opened = found.session, found.opened
    yield from _answers(told, session)
    yield from _story(told, [saying.text for saying in session.story])
    yield from _added(told, found.lines)
    yield from _photos(world, told, found)
    if session.outcome is not Outcome.OPEN and opened is None:
        yield "it was sent, and there is no request"
    if opened is None:
        return
    if opened.request.reference != told.reference:
        yield f"the person reads {told.reference}, the request is {opened.request.reference}"
    if opened.request.story and [it.text for it in opened.request.story] != [
        it.text for it in session.story
    ]:
        yield "the request tells another story"
    yield from _of_mind(told, opened, session)
    yield from of_team.contact_of(told, opened)


def _answers(told: Told, session: Session) -> Iterator[str]:
    deeds = told.answers()
    for deed in deeds.values():
        kept = [_plain(it.value) for it in session.answers if it.question == deed.question]
        if deed.is_acknowledged and kept != [deed.value]:
            yield f"{deed.question} was answered with {deed.value!r}, kept is {kept}"
        if kept and not deed.was_tried:
            yield f"{deed.question} holds {kept}, and nobody said that"
    never = {answer.question for answer in session.answers} - deeds.keys()
    if never:
        yield f"{sorted(never)} were never answered, and are kept"
    yield from _revisions(deeds, session)


def _revisions(deeds: dict[str, Deed], session: Session) -> Iterator[str]:
    """Each answer belongs to the question as the person saw it."""
    for deed in deeds.values():
        if deed.revision != session.revision:
            yield f"{deed.question} was seen in {deed.revision}, kept is {session.revision}"


def _story(told: Told, kept: list[str]) -> Iterator[str]:
    """All that came through, once each and in order; nothing that was never sent."""
    said = [text for text, post in told.story if post.tried]
    sure = [text for text, post in told.story if post.acknowledged]
    if len(set(kept)) != len(kept) or not set(kept) <= set(said):
        yield f"the story is {kept}, told was {said}"
    if [text for text in kept if text in sure] != sure:
        yield f"the story is {kept}, acknowledged was {sure}"


def _added(told: Told, lines: tuple[Line, ...]) -> Iterator[str]:
    said = Counter(line.message.text for line in lines if line.author == "inhabitant")
    for text, post in told.added:
        if said[text] > 1 or (post.acknowledged and said[text] != 1):
            yield f"{text!r} stands {said[text]} times in the thread"


def _photos(world: World, told: Told, found: Found) -> Iterator[str]:
    contents = [
        attachments.read_file(world.disk.files, found.stored.key, kept.id)
        for kept in found.files
        if kept.state == "stored"
    ]
    for content, post in told.photos:
        if post.acknowledged and contents.count(content) != 1:
            yield f"a photo is kept {contents.count(content)} times"
    told_to_team = {it.id for it in found.opened.request.attachments} if found.opened else None
    if told_to_team is not None and told_to_team != {it.id for it in found.files}:
        yield f"the request names {len(told_to_team)} files, kept are {len(found.files)}"


def _of_mind(told: Told, opened: Opened, session: Session) -> Iterator[str]:
    """Who withdrew is withdrawn, who asked for erasure has a date."""
    status = opened.listed.status
    if any(post.acknowledged for post in told.withdrawn) and status is Status.OPEN:
        yield f"it was withdrawn, and stands open with {session.outcome}"
    if session.outcome is Outcome.WITHDRAWN and status in (Status.OPEN, Status.TAKEN):
        yield f"the person reads that it is withdrawn, the team that it is {status}"
    if any(post.acknowledged for post in told.erasure) and opened.listed.erase_due_on is None:
        yield "erasure was asked for, and nobody must do it"


def _of_thrown_away(world: World) -> Iterator[str]:
    """Of what was thrown away not a word is left, nor a key, nor a file."""
    past = [told for person in world.people for told in person.past]
    words = {word for told in past for word in told.words}
    if words:
        for text in _all_texts(world):
            if found := next((word for word in words if word in text), None):
                yield f"{found!r} was thrown away, and is kept"
    rows = world.disk.looking.execute("SELECT attachment FROM attachments").fetchall()
    known = {row["attachment"] for row in rows}
    loose = sorted(it.stem for it in world.disk.files.glob("*/*.sealed") if it.stem not in known)
    if loose:
        yield f"files {loose} belong to nobody"


ALL_SESSIONS = "SELECT channel, bot, chat, session FROM sessions"


def _all_texts(world: World) -> Iterator[str]:
    """Everything that can be read of everybody."""
    for row in world.disk.looking.execute(ALL_SESSIONS).fetchall():
        found = world.disk.look(_everything(world, home_of(row)))
        yield f"{found.session} {found.opened} {found.lines}"


def _kept(world: World, person: Person) -> Found | None:
    """What is kept of the conversation of now, wherever it was said."""
    chats = (*person.chats,)

    def work() -> Work[Found | None]:
        for chat in reversed(chats):
            stored = yield from sessions.open_in(world.vault, chat)
            if stored is not None:
                return (yield from _everything(world, stored.home))
        return None

    found: Found | None = world.disk.look(work())
    return found


def _everything(world: World, home: Home) -> Work[Found]:
    stored = yield from sessions.load(world.vault, home)
    assert stored is not None
    return Found(
        stored=stored,
        opened=(yield from requests.of_session(world.vault, stored, world.now())),
        lines=(yield from outgoing.thread(stored)),
        files=(yield from attachments.of_session(home)),
    )


def _plain(value: object) -> object:
    """Ticks in any order."""
    return tuple(sorted(value)) if isinstance(value, tuple) else value
