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
)
from intakebot.core.flow import Flow, Revision, ready
from intakebot.core.law.clocks import dutch_day, month_after
from intakebot.core.law.safe_times import not_before
from intakebot.core.session import Outcome, Session
from intakebot.core.talking.delivery import Way
from intakebot.core.talking.page import Words
from intakebot.core.talking.responding import Circumstances, Desk, Fresh, Response
from intakebot.saying import DUTCH, Nobody, Saying, Scope, Sender, Voice
from intakebot.store import (
    attachments,
    erasure,
    flows,
    outgoing,
    requests,
    sessions,
    updates,
)
from intakebot.store.database import Database
from intakebot.store.outgoing import Claimed, Lease
from intakebot.store.problems import Conflict, Unavailable
from intakebot.store.sessions import Stored
from intakebot.store.updates import Poison
from intakebot.store.vault import Vault
from intakebot.store.work import Chat, Home, MakeWork, T, Work

# A reference or a session that another made or saved meanwhile: the next try reads anew.
TRIES_MAX = 5


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What became of an update."""

    duplicate: bool = False
    home: Home | None = None  # of the session that it belongs to
    erased: bool = False
    stored: Stored | None = None  # that session as it is now; None: erased, or begun anew
    to_send: tuple[Claimed, ...] = ()  # leased by the process that took it in
    lease: Lease | None = None
    waits: bool = False  # there is more to send, for whoever looks


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
        self._voice = Voice(vault=vault, words=words, scope=scope, base_url=base_url)
        self._files = files
        self._wake = wake
        self._sender: Sender = Nobody()
        self._desks: dict[tuple[str, str], Desk] = {}

    def send_by(self, sender: Sender) -> None:
        """From now on what a turn says goes straight to who sends it, once it is committed."""
        self._sender = sender

    async def receive(self, incoming: Incoming, reader: Reader | None = None) -> Receipt:
        """Take in one update. It is durable when this returns; `Unavailable`: ask again later.

        A fault of ours is counted; the third time the update is put aside (RELIABILITY 4.2).
        """
        try:
            receipt = await self._tried(lambda: self._receive(incoming, reader))
        except (Unavailable, Conflict):
            self._sender.lose_count()
            raise
        except Exception:
            await self._put_aside(incoming)
            raise
        if receipt.to_send and receipt.lease:
            way = Way(incoming.channel, incoming.bot)
            self._sender.hand(way, receipt.to_send, receipt.lease)
        if receipt.waits:
            self._wake()
        if receipt.erased:
            await erasure.sweep(self.database, self._files, incoming.at)
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
        late = reader and stored and not (yield from reader.before(stored))
        # An answer that is sent again, because our page was lost, was taken in before.
        if late and not (yield from updates.is_known(chat, incoming.update)):
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
        if stored.home[:3] != chat[:3]:
            yield from sessions.alone_in(stored.home)
        desk = yield from self.desk(session := stored.session.replace(scope=self._scope_of(chat)))
        said = desk.echo(session, event, at, shown) if chat.channel == "web" else None
        lease = self._sender.lease(Way(incoming.channel, incoming.bot))
        saying = Saying(self._voice, chat, key=incoming.update, at=at, lease=lease)
        response = yield from self._carry(stored, event, chat, saying, said=said)
        ends = response.erase or response.started is not None
        return Receipt(
            home=stored.home,
            erased=response.erase,
            stored=None if ends else replace(stored, session=response.session, seq=stored.seq + 1),
            to_send=saying.begun,
            lease=lease,
            waits=saying.waits,
        )

    def carry(
        self,
        stored: Stored,
        event: Event,
        *,
        chat: Chat,
        key: str,
        at: datetime,
    ) -> Work[Response]:
        """Carry out what did not come from the inhabitant, as part of a transaction.

        *key* makes the messages that follow known: the same event never says them twice.
        Nobody is reminded after it, and expiry still counts from what the inhabitant did last.
        """
        yield from sessions.alone_in(stored.home)
        saying = Saying(self._voice, chat, key=key, at=at)
        return (yield from self._carry(stored, event, chat, saying, touched=False))

    def _carry(
        self,
        stored: Stored,
        event: Event,
        chat: Chat,
        saying: Saying,
        *,
        said: str | None = None,
        touched: bool = True,
    ) -> Work[Response]:
        at = saying.at
        session = stored.session.replace(scope=self._scope_of(chat))
        desk = yield from self.desk(session)
        fresh = Fresh(reference=self._chance.reference(), session_id=self._chance.session_id())
        now = Circumstances(at=at, channel=chat.channel, fresh=fresh)
        response = desk.respond(session, event, now)
        if response.erase:
            why = "expired" if isinstance(event, Expired) else _why_erased(response)
            yield from self._erase(stored, response, why, chat, saying)
            return response
        if said and not response.relays:
            yield from saying.echo(stored, said)
        stored = yield from sessions.save(stored, response.session, at, touched=touched)
        yield from self._write(stored, response, saying)
        yield from self._start(response, chat, saying)
        return response

    def ask_again(self, stored: Stored, *, key: str, at: datetime) -> Work[bool]:
        """Put the open question on screen again in the chat that it began in; False: there is none.

        Nothing of the session changes. Said before under this *key*, it is not said again.
        """
        if stored.session.scope == "web":  # goes on there, where nothing is lost
            return False
        desk = yield from self.desk(stored.session)
        messages = desk.again(stored.session, at)
        saying = Saying(self._voice, stored.chat, key=key, at=at)
        for nth, message in enumerate(messages):
            yield from saying.tell(stored, message, str(nth))
        return bool(messages)

    def _write(self, stored: Stored, response: Response, saying: Saying) -> Work[None]:
        """What follows besides the session itself: request, words to the team, messages."""
        at = saying.at
        if response.request is not None:
            fresh = yield from requests.insert(self.vault, stored, response.request, at)
            if not fresh:
                raise Conflict("the reference is taken")
        if response.withdraw:
            note = self.words.say(DUTCH, "note.withdrawn")
            yield from requests.withdraw(self.vault, stored, note, at)
        if response.ask_erasure:
            asked_on = dutch_day(at)
            yield from requests.ask_erasure(
                self.vault, stored, asked_on=asked_on, due_on=month_after(asked_on), at=at
            )
        if response.contacted:
            yield from requests.mark_contact(self.vault, stored, response.contacted, at)
        for note_for_team in response.notes:
            text = self.words.say(DUTCH, f"note.{note_for_team.key}", text=note_for_team.text)
            yield from requests.tell_team(self.vault, stored, text, at)
        for attachment in response.fetches:
            yield from attachments.add(stored, attachment, at)
        for nth, relay in enumerate(response.relays):
            yield from saying.relay(stored, relay, f"in{nth}")
        for nth, message in enumerate(response.messages):
            yield from saying.tell(stored, message, str(nth))
        if response.offers_web:
            yield from saying.offer_web(stored)

    def _erase(
        self, stored: Stored, response: Response, why: str, chat: Chat, saying: Saying
    ) -> Work[None]:
        """Erase rows and key; what is said after that is kept of nobody."""
        at, actor = saying.at, "system" if why == "expired" else "inhabitant"
        yield from erasure.erase(self.vault, stored.home, why=why, actor=actor, at=at)
        for nth, message in enumerate(response.messages):
            later = not_before(stored.session, at, waited_for=False) if message.unasked else None
            yield from saying.put(self.vault, message, str(nth), not_before=later)
        yield from self._start(response, chat, saying)

    def _start(self, response: Response, chat: Chat, saying: Saying) -> Work[None]:
        """A new session in the same chat, when there is one."""
        if response.started is None:
            return
        begun = yield from sessions.create(self.vault, chat, response.started, saying.at)
        for nth, message in enumerate(response.started_messages):
            yield from saying.put(begun, message, f"new{nth}")

    def _chat(self, incoming: Incoming) -> Chat:
        return self.vault.chat(incoming.channel, incoming.bot, incoming.chat)

    def _scope_of(self, chat: Chat) -> Literal["web", "full", "short", "front-door"]:
        return self._voice.scope if chat.channel == "telegram" else "web"

    def _begun(self, incoming: Incoming) -> Session:
        revision = self._newest.revision
        return Session(
            id=self._chance.session_id(),
            flow=revision.id,
            revision=revision.revision,
            started_at=incoming.at,
        )

    def desk(self, session: Session) -> Work[Desk]:
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
            web_address=self._voice.base_url,
        )


def _why_erased(response: Response) -> str:
    return "handed_over" if response.session.outcome is Outcome.HANDED_OVER else "thrown_away"


def _unbound(event: Event) -> Event:
    """In a chat without a session there is no question that a press could be late for."""
    if isinstance(event, Pressed | Chose | Marked):
        return event.replace(prompt=None)
    return event
