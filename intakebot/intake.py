"""Intake: one update in, one transaction, everything that follows from it written at once.

    load the session -> insert the update id (there already: done) -> respond (pure)
    -> save the session -> write messages, request, erasure -> commit -> wake the outbox

Whoever calls `receive` acknowledges after it returned: then the commit is durable. What members
and the clock do is carried out in the same way, inside their own transaction (`carry`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from intakebot import quarantine
from intakebot.core.events import (
    Blocked,
    Chose,
    Event,
    Expired,
    Incoming,
    Marked,
    Message,
    Pressed,
    Relay,
)
from intakebot.core.flow import Flow, Revision, ready
from intakebot.core.law.clocks import month_after
from intakebot.core.law.safe_times import next_daytime, next_safe
from intakebot.core.session import Outcome, Session, Tongue
from intakebot.core.talking.page import Words
from intakebot.core.talking.responding import Circumstances, Desk, Fresh, Response
from intakebot.store import (
    attachments,
    erasure,
    flows,
    outgoing,
    requests,
    sessions,
    updates,
    ways_back,
)
from intakebot.store.database import Database
from intakebot.store.problems import Conflict, Unavailable
from intakebot.store.sessions import Stored
from intakebot.store.updates import Poison
from intakebot.store.vault import Vault
from intakebot.store.work import Chat, Home, MakeWork, T, Work

DUTCH = Tongue(lang="nl")
# A reference or a session that another made or saved meanwhile: the next try reads anew.
TRIES_MAX = 5
WEB = Chat("web", "-", "", "")

Scope = Literal["full", "short", "front-door"]


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What became of an update."""

    duplicate: bool = False
    home: Home | None = None  # of the session that it belongs to
    erased: bool = False
    stored: Stored | None = None  # that session as it is now; None: erased, or begun anew


class Reader(NamedTuple):
    """What a channel reads in the transaction of its update, which may begin anew."""

    before: Callable[[Stored], Work[bool]]  # False: it is not taken in, and nothing is written
    shown: Callable[[], Message | None]  # the question on screen, when that was read
    after: Callable[[Receipt], Work[None]]


@dataclass(frozen=True, kw_only=True)
class Chance:
    """Where references, session ids and link tokens come from."""

    reference: Callable[[], str]
    session_id: Callable[[], str]


class Intake:
    """Takes in updates for every channel."""

    def __init__(  # noqa: PLR0913 - built once, in house.py
        self,
        *,
        database: Database,
        vault: Vault,
        flow: Flow,
        words: Words,
        chance: Chance,
        scope: Scope = "full",
        base_url: str = "",
        files: Path = Path(),
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self.database = database
        self.vault = vault
        self.words = words
        self._newest = flow
        self._chance = chance
        self._scope = scope
        self._base_url = base_url
        self._files = files
        self._wake = wake
        self._desks: dict[tuple[str, str], Desk] = {}

    async def receive(self, incoming: Incoming, reader: Reader | None = None) -> Receipt:
        """Take in one update. It is durable when this returns; `Unavailable`: ask again later.

        A fault of ours is counted; the third time the update is put aside (RELIABILITY 4.2).
        """
        try:
            receipt = await self._tried(lambda: self._receive(incoming, reader))
        except (Unavailable, Conflict):
            raise
        except Exception:
            await self._put_aside(incoming)
            raise
        if receipt.erased:
            await erasure.sweep(self.database, self._files, incoming.at)
        self._wake()
        return receipt

    async def carried(self, make_work: MakeWork[T]) -> T:
        """What a member does, in one transaction that may `carry` events; wakes the outbox."""
        result = await self._tried(make_work)
        self._wake()
        return result

    async def _tried(self, make_work: MakeWork[T]) -> T:
        for _ in range(TRIES_MAX - 1):
            try:
                return await self.database.run(make_work)
            except Conflict:
                continue
        return await self.database.run(make_work)

    async def replay(self, poison: Poison, at: datetime) -> Receipt | None:
        """Take in an update that was put aside; None when it is not there to be taken in.

        What goes wrong comes out here, and the update stays aside.
        """
        receipt = await self._tried(
            lambda: quarantine.replay(self.vault, poison, self._receive, at=at)
        )
        if receipt is not None and receipt.erased:
            await erasure.sweep(self.database, self._files, at)
        self._wake()
        return receipt

    async def _put_aside(self, incoming: Incoming) -> None:
        """Count the failure in a transaction of its own; from the third on the chat goes on."""
        chat = self._chat(incoming)
        if await self.database.run(lambda: quarantine.count(self.vault, chat, incoming)):
            await self.database.run(lambda: self._apologise(chat, incoming))
            self._wake()

    def _apologise(self, chat: Chat, incoming: Incoming) -> Work[None]:
        """Say that the message did not get through, so that it can be said in another way."""
        stored = yield from sessions.open_in(self.vault, chat)
        tongue = (stored.session.tongue if stored else None) or DUTCH
        message = Message(text=self.words.say(tongue, "tell.not-heard"), tongue=tongue)
        dkey = f"{incoming.update}:aside"
        yield from outgoing.add(chat, stored or self.vault, message, dkey=dkey, at=incoming.at)

    def _receive(self, incoming: Incoming, reader: Reader | None = None) -> Work[Receipt]:
        chat = self._chat(incoming)
        yield from sessions.alone_in(chat)
        stored = yield from sessions.open_in(self.vault, chat)
        if reader and stored and not (yield from reader.before(stored)):
            return Receipt()
        fresh = yield from updates.is_new(chat, incoming.update, incoming.at)
        receipt = Receipt(duplicate=True)
        if fresh:
            shown = reader.shown() if reader and stored else None
            receipt = yield from self._take_in(incoming, chat, stored, shown)
        if reader:
            yield from reader.after(receipt)
        return receipt

    def _take_in(
        self, incoming: Incoming, chat: Chat, stored: Stored | None, shown: Message | None
    ) -> Work[Receipt]:
        at, event = incoming.at, incoming.event
        if isinstance(event, Blocked):
            yield from sessions.mark_unreachable(chat, at if event.on else None)
        if stored is None:
            if isinstance(event, Blocked):
                return Receipt()
            stored = yield from sessions.create(self.vault, chat, self._begun(incoming), at)
            event = _unbound(event)
        desk = yield from self._desk(session := stored.session.replace(scope=self._scope_of(chat)))
        said = desk.echo(session, event, at, shown) if chat.channel == "web" else None
        response = yield from self.carry(
            stored, event, chat=chat, key=incoming.update, at=at, said=said
        )
        ends = response.erase or response.started is not None
        saved = None if ends else replace(stored, session=response.session, seq=stored.seq + 1)
        return Receipt(home=stored.home, erased=response.erase, stored=saved)

    def carry(
        self,
        stored: Stored,
        event: Event,
        *,
        chat: Chat,
        key: str,
        at: datetime,
        said: str | None = None,
        touched: bool = True,
    ) -> Work[Response]:
        """Carry out one event on a session, as part of a transaction.

        *key* makes the messages that follow known: the same event never says them twice.
        *touched*: the inhabitant did this, so reminder and expiry begin anew.
        """
        yield from sessions.alone_in(stored.home)
        session = stored.session.replace(scope=self._scope_of(chat))
        desk = yield from self._desk(session)
        fresh = Fresh(reference=self._chance.reference(), session_id=self._chance.session_id())
        now = Circumstances(at=at, channel=chat.channel, fresh=fresh)
        response = desk.respond(session, event, now)
        if response.erase:
            why = "expired" if isinstance(event, Expired) else _why_erased(response)
            yield from self._erase(stored, response, why, chat=chat, key=key, at=at)
            return response
        if said and not response.relays:
            yield from self._echo(stored, said, chat=chat, key=key, at=at)
        stored = yield from sessions.save(stored, response.session, at, touched=touched)
        yield from self._write(stored, response, chat=chat, key=key, at=at)
        if response.started is not None:
            yield from self._start(response, chat=chat, key=key, at=at)
        return response

    def ask_again(self, stored: Stored, *, key: str, at: datetime) -> Work[bool]:
        """Put the open question on screen again in the chat that it began in; False: there is none.

        Nothing of the session changes. Said before under this *key*, it is not said again.
        """
        if stored.session.scope == "web":  # goes on there, where nothing is lost
            return False
        desk = yield from self._desk(stored.session)
        messages = desk.again(stored.session, at)
        for nth, message in enumerate(messages):
            yield from self._say(stored, message, chat=stored.chat, key=f"{key}:{nth}", at=at)
        return bool(messages)

    def _write(
        self, stored: Stored, response: Response, *, chat: Chat, key: str, at: datetime
    ) -> Work[None]:
        """What follows besides the session itself: request, words to the team, messages."""
        if response.request is not None:
            fresh = yield from requests.insert(self.vault, stored, response.request, at)
            if not fresh:
                raise Conflict("the reference is taken")
        if response.withdraw:
            note = self.words.say(DUTCH, "note.withdrawn")
            yield from requests.withdraw(self.vault, stored, note, at)
        if response.ask_erasure:
            asked_on = at.date()
            yield from requests.ask_erasure(
                self.vault, stored, asked_on=asked_on, due_on=month_after(asked_on), at=at
            )
        for note_for_team in response.notes:
            text = self.words.say(DUTCH, f"note.{note_for_team.key}", text=note_for_team.text)
            yield from requests.tell_team(self.vault, stored, text, at)
        for attachment in response.fetches:
            yield from attachments.add(stored, attachment, at)
        for nth, relay in enumerate(response.relays):
            yield from self._relay(stored, relay, chat=chat, key=f"{key}:in{nth}", at=at)
        for nth, message in enumerate(response.messages):
            yield from self._say(stored, message, chat=chat, key=f"{key}:{nth}", at=at)
        if response.offers_web:
            offer = yield from self._link(stored, "tell.web-offer", at)
            yield from outgoing.add(chat, stored, offer, dkey=f"{key}:link", at=at)

    def _relay(
        self, stored: Stored, relay: Relay, *, chat: Chat, key: str, at: datetime
    ) -> Work[None]:
        """What the inhabitant says to the contact person or the team stands in the thread."""
        message = Message(text=relay.text, tongue=stored.session.tongue or DUTCH)
        yield from outgoing.add(
            chat, stored, message, dkey=key, at=at, author="inhabitant", attachment=relay.attachment
        )

    def _echo(self, stored: Stored, said: str, *, chat: Chat, key: str, at: datetime) -> Work[None]:
        """The web chat shows people what they said."""
        message = Message(text=said, tongue=stored.session.tongue or DUTCH)
        yield from outgoing.add(
            chat, stored, message, dkey=f"{key}:said", at=at, author="inhabitant"
        )

    def _say(
        self, stored: Stored, message: Message, *, chat: Chat, key: str, at: datetime
    ) -> Work[None]:
        """Say it in this chat; under a narrow Telegram scope only that there is something."""
        author: Literal["bot", "member"] = "member" if message.kind == "member" else "bot"
        not_before = self._not_before(stored.session, message, at)
        narrow = chat.channel == "telegram" and self._scope != "full"
        if narrow and (message.private or message.unasked):
            yield from outgoing.add(WEB, stored, message, dkey=f"{key}:web", at=at, author=author)
            notice = yield from self._link(stored, "tell.web-notice", at)
            message, author = notice.replace(unasked=True), "bot"
        yield from outgoing.add(
            chat, stored, message, dkey=key, at=at, author=author, not_before=not_before
        )

    def _link(self, stored: Stored, key: str, at: datetime) -> Work[Message]:
        """A sentence with a one-time link to the web chat; it says nothing of what waits there."""
        secret = yield from ways_back.new_link(self.vault, stored, at)
        tongue = stored.session.tongue or DUTCH
        text = self.words.say(tongue, key, link=f"{self._base_url}/w/{secret}")
        return Message(text=text, tongue=tongue, kind="link")

    def _not_before(self, session: Session, message: Message, at: datetime) -> datetime | None:
        """Unasked messages wait for the times that the person called safe."""
        if not message.unasked:
            return None
        if session.outcome is not Outcome.SUBMITTED:
            return next_daytime(at)
        safe = next((a.value for a in session.answers if a.question == "veilige_tijd"), None)
        return next_safe(at, safe if isinstance(safe, str) else None)

    def _erase(
        self, stored: Stored, response: Response, why: str, *, chat: Chat, key: str, at: datetime
    ) -> Work[None]:
        """Erase rows and key; what is said after that is kept of nobody."""
        actor = "system" if why == "expired" else "inhabitant"
        yield from erasure.erase(self.vault, stored.home, why=why, actor=actor, at=at)
        for nth, message in enumerate(response.messages):
            yield from outgoing.add(
                chat,
                self.vault,
                message,
                dkey=f"{key}:{nth}",
                at=at,
                not_before=next_daytime(at) if message.unasked else None,
            )
        if response.started is not None:
            yield from self._start(response, chat=chat, key=key, at=at)

    def _start(self, response: Response, *, chat: Chat, key: str, at: datetime) -> Work[None]:
        """A new session in the same chat."""
        assert response.started is not None
        begun = yield from sessions.create(self.vault, chat, response.started, at)
        for nth, message in enumerate(response.started_messages):
            yield from outgoing.add(chat, begun, message, dkey=f"{key}:new{nth}", at=at)

    def _chat(self, incoming: Incoming) -> Chat:
        return self.vault.chat(incoming.channel, incoming.bot, incoming.chat)

    def _scope_of(self, chat: Chat) -> Literal["web", "full", "short", "front-door"]:
        return self._scope if chat.channel == "telegram" else "web"

    def _begun(self, incoming: Incoming) -> Session:
        revision = self._newest.revision
        return Session(
            id=self._chance.session_id(),
            flow=revision.id,
            revision=revision.revision,
            started_at=incoming.at,
        )

    def _desk(self, session: Session) -> Work[Desk]:
        """The desk of the revision that this session began with."""
        pinned = (session.flow, session.revision)
        if pinned not in self._desks:
            revision: Revision | None = self._newest.revision
            if pinned != (self._newest.revision.id, self._newest.revision.revision):
                revision = yield from flows.load(*pinned)
            self._desks[pinned] = self._desk_for(revision or self._newest.revision)
        return self._desks[pinned]

    def _desk_for(self, revision: Revision) -> Desk:
        live = self._newest
        flow = ready(revision, live.lexicon, live.phrases, live.spoken, live.region)
        return Desk(
            flow=flow,
            words=self.words,
            stamp=lambda about: self.vault.blind("prompt", about),
            web_address=self._base_url,
        )


def _why_erased(response: Response) -> str:
    return "handed_over" if response.session.outcome is Outcome.HANDED_OVER else "thrown_away"


def _unbound(event: Event) -> Event:
    """In a chat without a session there is no question that a press could be late for."""
    if isinstance(event, Pressed | Chose | Marked):
        return event.replace(prompt=None)
    return event
