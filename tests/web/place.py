"""A web chat of its own for a test: real store, real intake, shipped flow, nothing else running."""

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from ipaddress import ip_network
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from intakebot import content, words
from intakebot.channels.webchat import drawing, recordings
from intakebot.channels.webchat.chat import WebChat
from intakebot.channels.webchat.drawing import Look
from intakebot.channels.webchat.routes import faults, routes
from intakebot.core.events import Ask, Event
from intakebot.core.flow import ready
from intakebot.core.law import reference
from intakebot.core.session import Session
from intakebot.core.talking import render
from intakebot.core.talking.page import Page
from intakebot.intake import Chance, Intake
from intakebot.store import ring, schema, sessions
from intakebot.store.database import Database
from intakebot.store.sqlite import open_sqlite
from intakebot.store.vault import Vault
from intakebot.store.work import Work
from intakebot.web import static
from intakebot.web.flood import Flood
from intakebot.web.pages import Pages
from intakebot.web.security import Stamps, protect
from tests.web import samples

BRAND = "Sociaal team Achterhoek"
STARTS_WITHIN_S = 180


@dataclass
class Ticking:
    """A clock that goes on a second each time it is read."""

    at: datetime = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    step: timedelta = field(default=timedelta(seconds=1))

    def __call__(self) -> datetime:
        self.at += self.step
        return self.at


@dataclass(frozen=True, kw_only=True)
class Place:
    """Everything of one web chat."""

    app: ASGIApp
    chat: WebChat
    intake: Intake
    database: Database
    vault: Vault
    now: Ticking


@cache
def shipped_content() -> content.Content:
    """The shipped content, read once: it is frozen, and takes a second."""
    return content.load()


@asynccontextmanager
async def place(
    folder: Path, *, https: bool = False, voices: Path | None = None
) -> AsyncIterator[Place]:
    """A web chat over a new database in this folder."""
    shelf, catalogues, now = shipped_content(), words.load(), Ticking()
    chance = random.Random(20261123)  # noqa: S311 - the same chance in every run
    database_path = folder / "intakebot.db"
    await asyncio.to_thread(schema.migrate, database_path)
    database = await open_sqlite(database_path)
    vault = Vault(ring.new_ring(chance.randbytes, date(2026, 11, 1)), chance.randbytes)
    flow = ready(shelf.revision, shelf.lexicon, shelf.phrases, shelf.spoken, shelf.region)
    intake = Intake(
        database=database,
        vault=vault,
        flow=flow,
        words=catalogues,
        chance=Chance(
            reference=lambda: reference.make(
                "".join(chance.choices(reference.ALPHABET, k=reference.SYMBOLS))
            ),
            session_id=lambda: chance.randbytes(16).hex(),
        ),
        files=folder / "attachments",
    )
    nobody = Session(id="", flow=shelf.revision.id, revision="", started_at=now.at)
    page = Page(flow=flow, session=nobody, words=catalogues, today=now.at.date())
    shipped = static.read()
    pages = Pages(catalogues, shipped)
    chat = WebChat(
        receive=intake.receive,
        desk=intake.desk,
        database=database,
        vault=vault,
        words=catalogues,
        stamps=Stamps(b"a key of the tests", chance.randbytes, now),
        draw=pages.draw,
        picker=lambda: render.ask(page, Ask(question="taal"), ""),
        now=now,
        brand=BRAND,
        address="chat.example.nl",
        files=folder / "attachments",
        recordings=recordings.read(voices, flow),
        flood=Flood(key=b"a key of the tests", now=now, trusted=(ip_network("127.0.0.1"),)),
        https=https,
        away="/static/weather",
    )
    site = Starlette(
        routes=[*shipped.routes(), *sample_routes(chat), *routes(chat)],
        exception_handlers=faults(chat),
    )
    hosts = frozenset({"127.0.0.1", "localhost", "testserver"})
    guarded = protect(site, hosts=hosts, https=https, new_nonce=chance.randbytes)
    try:
        yield Place(app=guarded, chat=chat, intake=intake, database=database, vault=vault, now=now)
    finally:
        await database.close()


def sample_routes(chat: WebChat) -> list[Route]:
    """Screens made by hand, for looks that a conversation would take long to reach."""

    async def show(request: Request) -> Response:
        tongue = samples.AR if request.path_params["lang"] == "ar" else samples.NL
        seen_with = Look(words=chat.words, brand=BRAND, stamp="x" * 43)
        make = samples.SCREENS[request.path_params["name"]]
        words_of = chat.words
        assert isinstance(words_of, words.Catalogues)
        return chat.page(request, drawing.talk(seen_with, make(words_of, tongue)))

    return [Route("/sample/{name}/{lang}", show)]


@dataclass
class Served:
    """A running web chat; `place` belongs to the loop of its own thread."""

    address: str
    place: Place
    loop: asyncio.AbstractEventLoop

    def member_does(self, address: str, event: Event) -> None:
        """Something that the team does, while a browser is looking."""
        here, at = self.place, self.place.now()
        chat = here.chat.chat(address)

        def carry() -> Work[None]:
            stored = yield from sessions.open_in(here.vault, chat)
            assert stored is not None
            key = f"member{at:%H%M%S}"
            yield from here.intake.carry(stored, event, chat=chat, key=key, at=at)

        done = asyncio.run_coroutine_threadsafe(here.database.run(carry), self.loop)
        done.result(STARTS_WITHIN_S)


@contextmanager
def serve(folder: Path, *, voices: Path | None = None) -> Iterator[Served]:
    """The web chat on a free port, in a thread with a loop of its own."""
    began = threading.Event()
    found: list[Served] = []
    faults: list[BaseException] = []
    server: list[uvicorn.Server] = []

    async def run() -> None:
        async with place(folder, voices=voices) as here:
            config = uvicorn.Config(
                here.app, port=0, log_config=None, lifespan="off", server_header=False, date_header=False
            )  # fmt: skip
            server.append(uvicorn.Server(config))
            serving = asyncio.ensure_future(server[0].serve())
            while not server[0].started and not serving.done():  # noqa: ASYNC110 - has no event
                await asyncio.sleep(0.01)
            port = server[0].servers[0].sockets[0].getsockname()[1]
            found.append(Served(f"http://127.0.0.1:{port}", here, asyncio.get_running_loop()))
            began.set()
            await serving

    def main() -> None:
        try:
            asyncio.run(run())
        except BaseException as fault:  # noqa: BLE001 - said by the thread that waits for it
            faults.append(fault)
        finally:
            began.set()

    thread = threading.Thread(target=main, daemon=True)
    thread.start()
    assert began.wait(STARTS_WITHIN_S)
    if faults:
        raise faults[0]
    try:
        yield found[0]
    finally:
        server[0].should_exit = True
        thread.join(STARTS_WITHIN_S)
