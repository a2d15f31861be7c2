"""What the web chat stands on, handed over by site.py."""

from __future__ import annotations

from asyncio import Semaphore
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse

from intakebot.channels.webchat import thread as threads
from intakebot.channels.webchat.pages import Page
from intakebot.channels.webchat.recordings import Recordings
from intakebot.channels.webchat.thread import Thread
from intakebot.channels.webchat.visitor import Cookies
from intakebot.core.events import Event, Incoming, Message, Said
from intakebot.core.session import Session
from intakebot.core.talking.page import Words
from intakebot.core.talking.responding import Desk
from intakebot.intake import Reader, Receipt
from intakebot.store.bells import Bell
from intakebot.store.database import Database
from intakebot.store.sessions import Stored
from intakebot.store.vault import Vault
from intakebot.store.work import Chat, Work

BOT = "-"
UPLOADS_AT_ONCE = 4
# Of these, one network at most: who sends slowly holds up nobody else.
UPLOADS_OF_NETWORK = 2
FILE_AGAIN_S = 20
SHEETS = ("chat/chat.css",)


class Stamps(Protocol):
    """What proves that a form was drawn by us, for this chat, and which drawing it was."""

    def make(self, holder: str) -> str:
        """A new stamp for this chat address."""
        ...

    def read(self, holder: str, stamp: str) -> str | None:
        """The id of the drawing, or None: not ours, or for another chat."""
        ...

    def is_late(self, stamp: str) -> bool:
        """Whether the form of a stamp that was read is of more than a day ago."""
        ...


class Draw(Protocol):
    """What makes HTML of a page."""

    def __call__(self, page: Page, *, nonce: str, sheets: tuple[str, ...]) -> str:
        """The HTML; `nonce` is the one of the response's policy."""
        ...


class Flood(Protocol):
    """What counts how often a network does something."""

    def wait_s(self, kind: str, host: str) -> int:
        """Count one; more than 0: too many, and so many seconds until the next."""
        ...


class Receive(Protocol):
    """What takes an update in: `Intake.receive`."""

    def __call__(self, incoming: Incoming, reader: Reader | None = None) -> Awaitable[object]:
        """It is durable when this returns."""
        ...


class TooOften(Exception):
    """More from this network than we take; `wait_s` seconds until there is room again."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


@dataclass(frozen=True, kw_only=True)
class Uploads:
    """Who sends a file now: few at once, the others wait; of one network fewer still."""

    room: Semaphore = field(default_factory=lambda: Semaphore(UPLOADS_AT_ONCE))
    sending: Counter[str] = field(default_factory=Counter)

    @asynccontextmanager
    async def one(self, network: str) -> AsyncIterator[None]:
        """Room for one upload. Raises `TooOften` when this network sends enough at once."""
        if self.sending[network] >= UPLOADS_OF_NETWORK:
            raise TooOften(FILE_AGAIN_S)
        self.sending[network] += 1
        try:
            async with self.room:
                yield
        finally:
            self.sending[network] -= 1
            if not self.sending[network]:
                del self.sending[network]


@dataclass(frozen=True, kw_only=True)
class WebChat:
    """The web chat of one installation."""

    receive: Receive
    desk: Callable[[Session], Work[Desk]]  # of the revision that the session began with
    database: Database
    vault: Vault
    words: Words
    stamps: Stamps
    draw: Draw
    picker: Callable[[], Message]  # the language picker, made without a session
    now: Callable[[], datetime]
    brand: str  # who people talk to: name of the region or municipality
    address: str  # where people find the chat, as they would type it
    files: Path  # folder of the attachments
    https: bool = True
    recordings: Recordings = field(default_factory=Recordings)
    flood: Flood
    bell: Bell = field(default_factory=Bell)
    # Files are read in memory: this many at once, 20 MB each, the others wait.
    uploads: Uploads = field(default_factory=Uploads)
    away: str = "https://www.buienradar.nl/"  # where "Snel weg" leads: the weather

    @cached_property
    def cookies(self) -> Cookies:
        """How the cookies are set here."""
        return Cookies(https=self.https)

    def chat(self, address: str) -> Chat:
        """The chat as the store knows it."""
        return self.vault.chat("web", BOT, address)

    def languages(self) -> tuple[str, ...]:
        """The languages offered, in the order of the picker."""
        return tuple(dict.fromkeys(button.lang or "nl" for button in self.picker().buttons))

    async def thread(self, address: str, since: int = 0) -> Thread:
        """The thread in this chat, from message number `since` on."""
        chat = self.chat(address)
        return await self.database.read(lambda: threads.read(self.vault, chat, since))

    async def tell(self, address: str, update: str, event: Event) -> None:
        """Hand over what the person did. The same update counts once."""
        await self.receive(self._told(address, update, event))

    async def hear(
        self, address: str, update: str, event: Event, *, since: int, prompt: str | None
    ) -> tuple[Thread, bool]:
        """The thread from `since` on after what the person did, and whether it was taken in.

        A text under another question than the open one (`prompt`) is not: in another tab the
        conversation moved on. All in one transaction, so that nothing comes between.
        """
        said_under = prompt if isinstance(event, Said) else None
        found: list[tuple[Thread, bool]] = []

        def before(stored: Stored) -> Work[bool]:
            found.clear()
            thread = yield from threads.of(stored, since)
            asked = thread.open and thread.open.message.prompt
            taken = said_under is None or asked is None or asked == said_under
            found.append((thread, taken))
            return taken

        def shown() -> Message | None:
            return found[-1][0].open.message if found and found[-1][0].open else None

        def after(receipt: Receipt) -> Work[None]:
            if receipt.stored is None:
                thread = yield from threads.read(self.vault, self.chat(address), since)
            else:
                thread = yield from threads.of(receipt.stored, since)
            found.append((thread, True))

        await self.receive(self._told(address, update, event), Reader(before, shown, after))
        return found[-1]

    def _told(self, address: str, update: str, event: Event) -> Incoming:
        return Incoming(
            channel="web", bot=BOT, chat=address, update=update, at=self.now(), event=event
        )

    def expect_calm(self, kind: str, request: Request) -> None:
        """Count a request of this kind. Raises `TooOften`."""
        wait_s = self.flood.wait_s(kind, request.client.host if request.client else "")
        if wait_s:
            raise TooOften(wait_s)

    def page(
        self, request: Request, page: Page, status: int = 200, *, more: tuple[str, ...] = ()
    ) -> HTMLResponse:
        """The page as a response; `more`: style sheets that only this page needs."""
        nonce: str = request.state.nonce
        html = self.draw(page, nonce=nonce, sheets=(*SHEETS, *more))
        return HTMLResponse(html, status_code=status)
