"""Saying: what one event makes the bot say, written in the transaction of that event.

saying = Saying(voice, chat, key=…, at=…, lease=…)
yield from saying.tell(stored, message, "0")
saying.begun     what may be sent the moment that all of it is committed
saying.waits     whether the outbox must look for the rest
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from intakebot.core.events import Message, Relay
from intakebot.core.law.safe_times import is_hushed, not_before
from intakebot.core.session import Outcome, Session, Tongue
from intakebot.core.talking.delivery import Way
from intakebot.core.talking.page import Words
from intakebot.store import bells, outgoing, ways_back
from intakebot.store.outgoing import Author, Claimed, Lease
from intakebot.store.sessions import Stored
from intakebot.store.vault import Vault
from intakebot.store.work import Chat, Work

DUTCH = Tongue(lang="nl")
WEB = Chat("web", "-", "", "")

Scope = Literal["full", "short", "front-door"]


class Sender(Protocol):
    """Who can send what a turn says without looking for it: the outbox of this process."""

    def lease(self, way: Way) -> Lease | None:
        """What messages of this way are born with now; None: they wait to be claimed."""
        ...

    def hand(self, way: Way, claimed: Sequence[Claimed], lease: Lease) -> None:
        """Send these, in this order; they are committed."""
        ...

    def lose_count(self) -> None:
        """Messages may be leased that are not handed over: the answer of a COMMIT was lost."""
        ...


class Nobody:
    """No outbox here: whatever process has one finds the messages in the store."""

    def lease(self, _way: Way) -> Lease | None:
        """Nothing is leased."""
        return None

    def hand(self, _way: Way, _claimed: Sequence[Claimed], _lease: Lease) -> None:
        """Never asked: nothing was leased."""

    def lose_count(self) -> None:
        """There is nothing to count."""


@dataclass(frozen=True, kw_only=True)
class Voice:
    """How this installation speaks."""

    vault: Vault
    words: Words
    scope: Scope
    base_url: str


class Saying:
    """What is said because of one event, in one chat."""

    def __init__(
        self, voice: Voice, chat: Chat, *, key: str, at: datetime, lease: Lease | None = None
    ) -> None:
        """*key* makes it known: the same event never says its messages twice."""
        self._voice = voice
        self._chat = chat
        self._key = key
        self.at = at
        self.lease = lease
        self.begun: tuple[Claimed, ...] = ()
        self.waits = False

    def relay(self, stored: Stored, relay: Relay, part: str) -> Work[None]:
        """What the inhabitant says to the contact person or the team stands in the thread."""
        yield from self._hear(stored, relay, part)
        yield from bells.ring(stored.home.session)

    def _hear(self, stored: Stored, relay: Relay, part: str) -> Work[None]:
        yield from outgoing.add(
            self._chat,
            stored,
            Message(text=relay.text, tongue=stored.session.tongue or DUTCH),
            dkey=f"{self._key}:{part}",
            at=self.at,
            author="inhabitant",
            attachment=relay.attachment,
        )

    def echo(self, stored: Stored, said: str) -> Work[None]:
        """The web chat shows people what they said."""
        yield from self._hear(stored, Relay(text=said), "said")

    def tell(self, stored: Stored, message: Message, part: str) -> Work[None]:
        """Say it in this chat; in a narrow or a shared Telegram only that there is something."""
        author: Author = "member" if message.kind == "member" else "bot"
        later = self._not_before(stored.session, message)
        telegram = self._chat.channel == "telegram"
        narrow = telegram and self._voice.scope != "full"
        hushed = telegram and is_hushed(stored.session)
        if (narrow and message.private) or ((narrow or hushed) and message.unasked):
            dkey = f"{self._key}:{part}:web"
            yield from outgoing.add(WEB, stored, message, dkey=dkey, at=self.at, author=author)
            notice = yield from self._link(stored, "tell.web-notice")
            message, author = notice.replace(unasked=True), "bot"
        yield from self.put(stored, message, part, author=author, not_before=later)

    def offer_web(self, stored: Stored) -> Work[None]:
        """Offer the web chat, where nothing is kept by others."""
        offer = yield from self._link(stored, "tell.web-offer")
        yield from self.put(stored, offer, "link")

    def put(
        self,
        sealer: Stored | Vault,
        message: Message,
        part: str,
        *,
        author: Author = "bot",
        not_before: datetime | None = None,
    ) -> Work[None]:
        """Say it as it is; *sealer*: the vault when nothing is kept of the person."""
        chat, at, dkey = self._chat, self.at, f"{self._key}:{part}"
        if self.lease is None or not_before is not None:
            yield from outgoing.add(
                chat, sealer, message, dkey=dkey, at=at, author=author, not_before=not_before
            )
            self.waits = True
            return
        begun = yield from outgoing.begin(
            chat, sealer, message, dkey=dkey, at=at, author=author, lease=self.lease
        )
        self.begun += begun
        self.waits = self.waits or not begun

    def _link(self, stored: Stored, key: str) -> Work[Message]:
        """A sentence with a one-time link to the web chat; it says nothing of what waits there."""
        secret = yield from ways_back.new_link(self._voice.vault, stored, self.at)
        tongue = stored.session.tongue or DUTCH
        text = self._voice.words.say(tongue, key, link=f"{self._voice.base_url}/w/{secret}")
        return Message(text=text, tongue=tongue, kind="link")

    def _not_before(self, session: Session, message: Message) -> datetime | None:
        """Unasked messages wait for the times that the person called safe."""
        if not message.unasked:
            return None
        return not_before(session, self.at, waited_for=session.outcome is Outcome.SUBMITTED)
