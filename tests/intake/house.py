"""An intake on a real SQLite file, for tests: say, press, and look at what is stored."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from intakebot.core.events import Event, Incoming, Message, Pressed, Said
from intakebot.core.flow import Flow
from intakebot.core.law.reference import ALPHABET, SYMBOLS, make
from intakebot.core.request import Request
from intakebot.core.session import Session
from intakebot.intake import Chance, Intake, Receipt
from intakebot.saying import Scope
from intakebot.store import outgoing, requests, ring, sessions, updates
from intakebot.store.database import Database
from intakebot.store.outgoing import Claimed, Line
from intakebot.store.sessions import Stored
from intakebot.store.vault import Vault
from intakebot.store.work import Work
from tests.conversation import MONDAY, shipped_flow, shipped_words

Channel = Literal["telegram", "web", "terminal"]


def a_vault() -> Vault:
    """A vault whose chance is the same in every run."""
    new_bytes = random.Random(7).randbytes  # noqa: S311 - the same chance in every run
    return Vault(ring.new_ring(new_bytes, date(2026, 11, 1)), new_bytes)


class Counting:
    """Chance that can be told: the first reference, the second …"""

    def __init__(self) -> None:
        self.references = 0
        self.sessions = 0

    def reference(self) -> str:
        """The next reference."""
        self.references += 1
        number, symbols = self.references, ""
        for _ in range(SYMBOLS):
            number, rest = divmod(number, len(ALPHABET))
            symbols += ALPHABET[rest]
        return make(symbols)

    def session_id(self) -> str:
        """The next session id."""
        self.sessions += 1
        return f"session{self.sessions}"


def an_intake(
    database: Database,
    *,
    vault: Vault | None = None,
    scope: Scope = "full",
    flow: Flow | None = None,
    files: Path = Path(),
    chance: Counting | None = None,
) -> Intake:
    """An intake with the shipped flow."""
    chance = chance or Counting()
    return Intake(
        database=database,
        vault=vault or a_vault(),
        flow=flow or shipped_flow(),
        words=shipped_words(),
        chance=Chance(reference=chance.reference, session_id=chance.session_id),
        scope=scope,
        base_url="https://chat.example",
        files=files,
    )


class Person:
    """One inhabitant in one chat."""

    def __init__(
        self,
        intake: Intake,
        *,
        channel: Channel = "telegram",
        chat: str = "4242",
        at: datetime = MONDAY,
    ) -> None:
        self.intake = intake
        self.channel: Channel = channel
        self.bot = "7" if channel == "telegram" else "-"
        self.address = chat
        self.at = at
        self.updates = 0
        self.screen: list[Message] = []

    def incoming(self, event: Event, update: str | None = None) -> Incoming:
        """This event as an update."""
        self.updates += update is None
        return Incoming(
            channel=self.channel,
            bot=self.bot,
            chat=self.address,
            update=update or str(self.updates),
            at=self.at + timedelta(seconds=self.updates),
            event=event,
        )

    async def breaks_us(self, event: Event, number: str) -> None:
        """This update fails in us each time that it is brought, until it is put aside."""

        def broken(*_: object, **__: object) -> Work[None]:
            raise ZeroDivisionError

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self.intake, "_carry", broken)
            for _ in range(updates.ATTEMPTS_MAX):
                with pytest.raises(ZeroDivisionError):
                    await self.does(event, number)

    async def does(self, event: Event, update: str | None = None) -> Receipt:
        """Let this happen."""
        return await self.intake.receive(self.incoming(event, update))

    async def says(self, *texts: str) -> None:
        """Type these messages."""
        for text in texts:
            await self.does(Said(text=text, ref=f"m{self.updates + 1}"))

    async def presses(self, *buttons: str) -> None:
        """Press these buttons of the question on screen."""
        for button in buttons:
            await self.reads()
            prompts = [message.prompt for message in self.screen if message.prompt]
            await self.does(Pressed(id=button, prompt=prompts[-1] if prompts else None))

    async def stored(self) -> Stored | None:
        """The session in this chat."""
        chat = self.intake.vault.chat(self.channel, self.bot, self.address)
        return await self.intake.database.run(lambda: sessions.open_in(self.intake.vault, chat))

    async def session(self) -> Session:
        """The session, which must be there."""
        stored = await self.stored()
        assert stored is not None
        return stored.session

    async def lines(self) -> tuple[Line, ...]:
        """Everything that stands in the thread of this chat."""
        vault = self.intake.vault
        chat = vault.chat(self.channel, self.bot, self.address)

        def work() -> Work[tuple[Line, ...]]:
            stored = yield from sessions.open_in(vault, chat)
            loose = yield from outgoing.loose_thread(vault, chat)
            own = (yield from outgoing.thread(stored)) if stored else ()
            return (*loose, *own)

        return await self.intake.database.run(work)

    async def reads(self) -> tuple[Message, ...]:
        """What came on the screen since the last time that this was asked, in order."""
        before = len(self.screen)
        if self.channel == "telegram":
            await self._receive_telegram()
        else:
            lines = [line for line in await self.lines() if line.author != "inhabitant"]
            self.screen = [line.message for line in lines]
        return tuple(self.screen[before:])

    async def _receive_telegram(self) -> None:
        self.screen += [claimed.message for claimed in await self.gets(timedelta(days=30))]

    async def gets(self, within: timedelta) -> list[Claimed]:
        """What the outbox sends in this chat within this time: claim, send, mark."""
        now, vault, bot = self.at + within, self.intake.vault, self.bot

        def work() -> Work[tuple[Claimed, ...]]:
            found = yield from outgoing.claim(
                vault, "telegram", bot, owner="me", now=now, lease_until=now, count=99
            )
            mine = tuple(it for it in found if it.chat.address == self.address)
            for one in mine:
                yield from outgoing.mark_sent(one, "1")
            return mine

        got: list[Claimed] = []
        while found := await self.intake.database.run(work):
            got += found
        return got

    async def request(self) -> Request | None:
        """The request of this chat's session."""
        stored = await self.stored()
        if stored is None:
            return None
        vault, at = self.intake.vault, self.at
        found = await self.intake.database.run(lambda: requests.of_session(vault, stored, at))
        return found.request if found else None

    async def asks_a_call(self, postcode: str = "7101") -> None:
        """The shortest request: call me."""
        await self.says("hallo")
        await self.presses("nl")
        await self.says("bel mij", postcode, "Ada", "0612345678", "ja")
