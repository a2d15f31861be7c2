"""An inbox of its own for a test: real store, real intake, inhabitants who talk, members who sign in."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from ipaddress import ip_network
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.types import ASGIApp

from intakebot import words
from intakebot.core.events import Chose, Event, Expects, Incoming, Pressed, Said, Sent
from intakebot.core.flow import ready
from intakebot.core.law import reference
from intakebot.core.session import Attachment, Session
from intakebot.intake import Chance, Intake
from intakebot.store import attachments, outgoing, people, ring, schema, sessions
from intakebot.store.database import Database
from intakebot.store.outgoing import Line
from intakebot.store.people import Member
from intakebot.store.sqlite import open_sqlite
from intakebot.store.vault import Vault
from intakebot.store.work import Work
from intakebot.web import static
from intakebot.web.flood import Flood
from intakebot.web.inbox.inbox import Inbox
from intakebot.web.inbox.routes import routes
from intakebot.web.pages import Pages
from intakebot.web.security import Stamps, protect
from tests.web.place import Ticking, shipped_content

BASE = "http://testserver"
OURS = {"Sec-Fetch-Site": "same-origin"}
QUESTIONS_MAX = 60
WINTERSWIJK, OOST_GELRE = "GM0294/sociaal-team", "GM1586/sociaal-team"
STORY = ("De huur is twee maanden te laat.", "Ik heb geen inkomen en twee kinderen.")
ANSWERS = {
    "voor_wie": "mij",
    "schulden": "ja",
    "leeftijd": "27_66",
    "postcode": "7101 AB",
    "naam": "Yusuf",
    "telefoon": "06 12345678",
}


@dataclass(frozen=True, kw_only=True)
class Office:
    """Everything of one inbox; `woken` grows each time that the outbox is woken."""

    app: ASGIApp
    inbox: Inbox
    intake: Intake
    database: Database
    vault: Vault
    now: Ticking
    folder: Path
    woken: list[int] = field(default_factory=list)

    async def member(
        self,
        name: str = "Marieke",
        queues: Sequence[str] = (WINTERSWIJK,),
        phone: str = "0543 1234",
    ) -> Member:
        """A member of these teams."""
        made = Member(
            member=name.lower(),
            login=f"{name.lower()}@example.org",
            name=name,
            phone=phone,
            admin=False,
            queues=tuple(queues),
        )
        await self.database.run(lambda: people.put_member(made, self.now()))
        return made

    async def link(self, member: Member) -> str:
        """A sign-in link, without the host."""
        at = self.now()
        secret = await self.database.run(lambda: people.new_signin(self.vault, member.member, at))
        return f"/inbox/in/{secret}"

    async def signed_in(
        self, name: str = "Marieke", queues: Sequence[str] = (WINTERSWIJK,)
    ) -> httpx.AsyncClient:
        """The browser of a member who signed in by a link."""
        link = await self.link(await self.member(name, queues))
        browser = self.browser()
        page = (await browser.get(link)).text
        answer = await browser.post(link, data=fields(page))
        assert answer.status_code == 303
        return browser

    def browser(self) -> httpx.AsyncClient:
        """A browser in which nobody is signed in; it does not follow redirects."""
        transport = httpx.ASGITransport(app=self.app)
        return httpx.AsyncClient(transport=transport, base_url=BASE, headers=OURS)

    def inhabitant(self, address: str = "a" * 64, channel: str = "web") -> "Inhabitant":
        """Somebody who talks."""
        return Inhabitant(office=self, address=address, channel=channel)


@dataclass
class Inhabitant:
    """One person in one chat."""

    office: Office
    address: str
    channel: str = "web"
    nth: int = 0

    async def hear(self, event: Event) -> None:
        self.nth += 1
        at = self.office.now()
        await self.office.intake.receive(
            Incoming(
                channel=self.channel,  # type: ignore[arg-type]  # a channel of the three
                bot="-",
                chat=self.address,
                update=str(self.nth),
                at=at,
                event=event,
            )
        )

    async def say(self, text: str) -> None:
        await self.hear(Said(text=text))

    async def press(self, button: str) -> None:
        await self.hear(Pressed(id=button))

    async def send_voice(self, name: str = "spraak1", plain: bytes = b"OggS stem") -> None:
        """A voice note, sealed and noted as the web chat does it."""
        office, at = self.office, self.office.now()
        chat = office.vault.chat(self.channel, "-", self.address)
        stored = await office.database.read(lambda: sessions.open_in(office.vault, chat))
        assert stored is not None
        note = Attachment(id=name, kind="voice", bytes=len(plain), received_at=at, seconds=42)
        files = office.folder / "attachments"
        await asyncio.to_thread(attachments.write_file, files, stored.key, name, plain)
        await office.database.run(lambda: attachments.add(stored, note, at, state="stored"))
        await self.hear(Sent(attachment=note))

    async def thread(self) -> tuple[Line, ...]:
        return (await self._open())[1]

    async def session(self) -> Session:
        return (await self._open())[0]

    async def _open(self) -> tuple[Session, tuple[Line, ...]]:
        office = self.office
        chat = office.vault.chat(self.channel, "-", self.address)

        def look() -> Work[tuple[Session, tuple[Line, ...]]]:
            stored = yield from sessions.open_in(office.vault, chat)
            assert stored is not None
            rows = yield from outgoing.thread(stored)
            return stored.session, rows

        return await office.database.read(look)

    async def tell(
        self,
        story: Sequence[str] = STORY,
        *,
        lang: str = "nl",
        voice: bool = False,
        answers: dict[str, str] | None = None,
    ) -> str:
        """Tell a story, answer what is asked, send it; gives the reference."""
        known = ANSWERS | (answers or {})
        await self.say("Hallo")
        await self.press(lang)
        for _ in range(QUESTIONS_MAX):
            session, entries = await self._open()
            if session.reference:
                return session.reference
            asked = next(it.message for it in reversed(entries) if it.message.prompt)
            if asked.question == "verhaal":
                if voice:
                    await self.send_voice()
                for turn in story:
                    await self.say(turn)
                await self.press("klaar")
            elif asked.expects is Expects.CHOICES:
                ids = tuple(it.id for it in asked.buttons if it.proposed)
                await self.hear(Chose(ids=ids))
            elif asked.expects is Expects.CONFIRM:
                await self.press("ja")
            elif (answer := known.get(asked.question or "")) is None:
                await self.press("/skip")
            elif answer in {it.id for it in asked.buttons}:
                await self.press(answer)
            else:
                await self.say(answer)
        raise AssertionError("never sent")


@asynccontextmanager
async def office(folder: Path, *, https: bool = False) -> AsyncIterator[Office]:
    """An inbox over a new database in this folder."""
    chance = random.Random(20261123)  # noqa: S311 - the same chance in every run
    path = folder / "intakebot.db"
    await asyncio.to_thread(schema.migrate, path)
    database = await open_sqlite(path)
    shelf, catalogues, now, woken = shipped_content(), words.load(), Ticking(), list[int]()
    vault = Vault(ring.new_ring(chance.randbytes, date(2026, 11, 1)), chance.randbytes)
    intake = Intake(
        database=database,
        vault=vault,
        flow=ready(shelf.revision, shelf.lexicon, shelf.phrases, shelf.spoken, shelf.region),
        words=catalogues,
        chance=Chance(
            reference=lambda: reference.make(
                "".join(chance.choices(reference.ALPHABET, k=reference.SYMBOLS))
            ),
            session_id=lambda: chance.randbytes(16).hex(),
        ),
        files=folder / "attachments",
        wake=lambda: woken.append(1),
    )
    shipped = static.read()
    inbox = Inbox(
        intake=intake,
        words=catalogues,
        stamps=Stamps(b"a key of the tests", chance.randbytes, now),
        draw=Pages(catalogues, shipped).draw,
        now=now,
        names=shelf.revision.names,
        region=shelf.region,
        files=folder / "attachments",
        flood=Flood(key=b"a key of the tests", now=now, trusted=(ip_network("127.0.0.1"),)),
        https=https,
    )
    site = Starlette(routes=[*shipped.routes(), *routes(inbox)])
    hosts = frozenset({"127.0.0.1", "testserver"})
    app = protect(site, hosts=hosts, https=https, new_nonce=chance.randbytes)
    try:
        yield Office(
            app=app,
            inbox=inbox,
            intake=intake,
            database=database,
            vault=vault,
            now=now,
            folder=folder,
            woken=woken,
        )
    finally:
        await database.close()


def fields(page: str, action: str = "") -> dict[str, str]:
    """The hidden fields of the form whose address ends like this, as a browser sends them."""
    for found in re.findall(r"<form.*?</form>", page, re.DOTALL):
        sent_to = re.search(r'action="([^"]*)"', found)
        if sent_to is not None and sent_to[1].endswith(action):
            hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found)
            if any(name == "form" for name, _ in hidden):
                return dict(hidden)
    raise AssertionError(f"no form to {action!r} on the page")
