"""Wiring: what is built at the start and handed to whoever needs it.

Nothing here decides anything. `open_house` opens the store and builds the intake; `serve` adds
the channels, the pages, the outbox and the clock, and runs them in one process on one port.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import secrets
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from intakebot import content, logs, words
from intakebot.channels.telegram.bot import Telegram
from intakebot.channels.webchat.chat import WebChat
from intakebot.channels.webchat.routes import faults
from intakebot.channels.webchat.routes import routes as chat_routes
from intakebot.clock import Clock
from intakebot.content import Content, files
from intakebot.core.events import Ask, Message
from intakebot.core.flow import Flow, Revision, ready
from intakebot.core.law import reference
from intakebot.core.session import Session
from intakebot.core.talking import render
from intakebot.core.talking.delivery import Way
from intakebot.core.talking.page import Page
from intakebot.fetching import Fetching
from intakebot.intake import Chance, Intake
from intakebot.line import Line
from intakebot.outbox import OWNER, Outbox, Pace
from intakebot.settings import LOOPBACK, Settings, SettingsProblem
from intakebot.store import flows, people, vault
from intakebot.store.database import Database
from intakebot.store.folder import private_folder
from intakebot.store.opening import open_up_to_date
from intakebot.store.people import Member
from intakebot.store.vault import Vault
from intakebot.store.work import Work
from intakebot.web import access, health, static
from intakebot.web.flood import Flood
from intakebot.web.inbox.inbox import Inbox
from intakebot.web.inbox.routes import routes as inbox_routes
from intakebot.web.pages import Pages
from intakebot.web.security import Stamps, protect

REVISION_HASH_CHARS = 8
TICK_S = 30
QUEUES_NAMED_MAX = 3


def now() -> datetime:
    """The moment, in UTC. The only clock of the program."""
    return datetime.now(UTC)


def new_reference() -> str:
    """A reference by chance; one that is taken is refused by the store and made again."""
    return reference.make(
        "".join(secrets.choice(reference.ALPHABET) for _ in range(reference.SYMBOLS))
    )


def new_session_id() -> str:
    """A session id: 128 bits, never shown."""
    return secrets.token_hex(16)


def new_bytes(count: int) -> bytes:
    """Chance for keys and nonces."""
    return secrets.token_bytes(count)


@dataclass(frozen=True, kw_only=True)
class House:
    """Everything that was opened and built."""

    settings: Settings
    database: Database
    vault: Vault
    shelf: Content
    flow: Flow
    words: words.Catalogues
    intake: Intake
    wake: asyncio.Event

    @property
    def files(self) -> Path:
        """Where attachments lie."""
        return self.settings.state / "attachments"


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Open the store, bring it up to date, publish the shipped flow, build the intake."""
    catalogues = words.load()
    shelf = content.load()
    if settings.region is not None:
        shelf = files.with_region(settings.region, shelf, catalogues.offered())
    private_folder(settings.state)
    database = await open_up_to_date(settings.database_place)
    try:
        canaries = await database.read(vault.read_canaries)
        kept = vault.open_vault(
            settings.keys_path, canaries, new_bytes=secrets.token_bytes, today=now().date()
        )
        await database.run(lambda: vault.write_canaries(kept))
        revision = stamped(shelf.revision)
        await database.run(lambda: _publish(kept, revision))
        flow = ready(revision, shelf.lexicon, shelf.phrases, shelf.spoken, shelf.region)
        wake = asyncio.Event()
        intake = Intake(
            database=database,
            vault=kept,
            flow=flow,
            words=catalogues,
            chance=Chance(reference=new_reference, session_id=new_session_id),
            scope=settings.telegram_scope or "full",
            base_url=settings.base_url,
            files=settings.state / "attachments",
            wake=wake.set,
        )
        yield House(
            settings=settings,
            database=database,
            vault=kept,
            shelf=shelf,
            flow=flow,
            words=catalogues,
            intake=intake,
            wake=wake,
        )
    finally:
        await database.close()


def stamped(revision: Revision) -> Revision:
    """The shipped revision, named by its content: another text is another revision."""
    digest = hashlib.sha256(msgspec.json.encode(revision)).hexdigest()[:REVISION_HASH_CHARS]
    return msgspec.structs.replace(revision, revision=f"{revision.revision}-{digest}")


def _publish(kept: Vault, revision: Revision) -> Work[None]:
    published = yield from flows.published(revision.id)
    if published is None or published.revision != revision.revision:
        yield from flows.publish(kept, revision, by="release", at=now())


# ---- serving ------------------------------------------------------------------------------------


async def serve(settings: Settings, *, sample: bool) -> int:
    """Serve until told to stop. Prints where to look; with `sample`, sign-in links too."""
    logs.as_json()
    if sample and settings.region is not None:
        msg = (
            "INTAKEBOT_REGION: the sample members read queues of the sample region. Make members "
            "of your own with `member add`, or leave the setting out."
        )
        raise SettingsProblem(msg)
    async with open_house(settings) as house:
        telegram = _telegram(house)
        if telegram is not None:
            await telegram.check()
        server = uvicorn.Server(_uvicorn(settings, _asgi(house, telegram)))
        outbox = _outbox(house, telegram)
        links = await _seed(house) if sample else ()
        tasks: list[Awaitable[object]] = [outbox.run(), _tick(house)]
        if telegram is not None:
            tasks.append(_fetching(house, telegram).run())
            line = _line(house, telegram)
            tasks += [line.run(), _listen(house, telegram, line)]
        _announce(settings, links)
        await _until_stopped(server, tasks)
        if telegram is not None:
            await telegram.close()
    return 0


async def _seed(house: House) -> tuple[tuple[str, str], ...]:
    """The members of the sample region, each with a one-time sign-in link."""
    links = []
    for member in content.sample_members():
        known = Member(
            member=new_session_id(),
            login=member.login,
            name=member.name,
            phone=member.phone,
            admin=False,
            queues=member.queues,
        )
        secret = await house.database.run(partial(_put_and_link, house, known))
        teams = ", ".join(member.queues) if len(member.queues) <= QUEUES_NAMED_MAX else "all teams"
        links.append((f"{member.name} ({teams})", f"{house.settings.base_url}/inbox/in/{secret}"))
    return tuple(links)


def _put_and_link(house: House, member: Member) -> Work[str]:
    known = yield from people.put_member(member, now())
    return (yield from people.new_signin(house.vault, known, now()))


def _announce(settings: Settings, links: tuple[tuple[str, str], ...]) -> None:
    """Say where to look."""
    lines = [
        "",
        "intakebot is running. Stop it with Ctrl-C.",
        f"  Web chat for inhabitants   {settings.base_url or settings.listen}/",
        f"  Inbox for team members     {settings.base_url or settings.listen}/inbox",
    ]
    if links:
        lines += ["", "Sign in to the inbox with one of these links; each works once:"]
        lines += [f"  {who}\n    {link}" for who, link in links]
    sys.stdout.write("\n".join(lines) + "\n\n")
    sys.stdout.flush()


async def _until_stopped(server: uvicorn.Server, tasks: list[Awaitable[object]]) -> None:
    """Run the server and the tasks beside it; when one fails or the server stops, all stop."""
    running = [asyncio.ensure_future(task) for task in tasks]
    serving = asyncio.ensure_future(server.serve())
    for task in running:
        task.add_done_callback(lambda done: _stop_on_fault(done, server))
    try:
        await serving
    finally:
        for task in running:
            task.cancel()
        ended = await asyncio.gather(*running, return_exceptions=True)
    for result in ended:
        if isinstance(result, Exception):
            raise result


def _stop_on_fault(done: asyncio.Future[object], server: uvicorn.Server) -> None:
    if not done.cancelled() and done.exception() is not None:
        server.should_exit = True


async def _tick(house: House) -> None:
    clock = Clock(intake=house.intake, files=house.files, wake=house.wake.set)
    while True:
        await asyncio.to_thread(house.vault.renew)
        await clock.tick(now())
        await asyncio.sleep(TICK_S)


def _telegram(house: House) -> Telegram | None:
    settings = house.settings
    if settings.telegram_token is None or settings.telegram_scope is None:
        return None
    return Telegram(
        settings.telegram_token.get_secret_value(),
        scope=settings.telegram_scope,
        now=now,
        chance=random.SystemRandom().random,
        api=settings.telegram_api,
    )


def _asgi(house: House, telegram: Telegram | None) -> ASGIApp:
    """The site behind its guard."""
    settings = house.settings
    hosts = {settings.host, urlsplit(settings.base_url).hostname or settings.host}
    if settings.host in LOOPBACK:
        hosts |= set(LOOPBACK)
    return protect(
        site(house, telegram),
        hosts=frozenset(hosts),
        https=urlsplit(settings.base_url).scheme == "https",
        new_nonce=secrets.token_bytes,
    )


def site(house: House, telegram: Telegram | None) -> Starlette:
    """Every address of the program; who may use each stands in `access.ROUTES`."""
    settings = house.settings
    shipped = static.read()
    pages = Pages(house.words, shipped)
    stamps = Stamps(house.vault.blind("stamps", "forms").encode(), secrets.token_bytes, now)
    https = urlsplit(settings.base_url).scheme == "https"
    flood = Flood(key=secrets.token_bytes(32), now=now, trusted=settings.proxies)
    chat = WebChat(
        receive=house.intake.receive,
        database=house.database,
        vault=house.vault,
        words=house.words,
        stamps=stamps,
        draw=pages.draw,
        picker=_picker(house),
        now=now,
        brand=house.shelf.region.name,
        address=urlsplit(settings.base_url).netloc,
        https=https,
        files=house.files,
        flood=flood,
    )
    inbox = Inbox(
        intake=house.intake,
        words=house.words,
        stamps=stamps,
        draw=pages.draw,
        now=now,
        names=house.flow.revision.names,
        region=house.shelf.region,
        files=house.files,
        flood=flood,
        https=https,
    )
    watched = health.routes(house.database, now)
    routes = [*shipped.routes(), *watched, *chat_routes(chat), *inbox_routes(inbox)]
    if telegram is not None and settings.telegram_mode == "webhook":
        routes += telegram.routes(house.intake.receive)
    access.expect_declared(routes)
    return Starlette(routes=routes, exception_handlers=faults(chat))


def _picker(house: House) -> Callable[[], Message]:
    """The language picker, made without a session."""
    revision = house.flow.revision
    nobody = Session(
        id="",
        flow=revision.id,
        revision=revision.revision,
        started_at=datetime(2000, 1, 1, tzinfo=UTC),
    )
    page = Page(flow=house.flow, session=nobody, words=house.words, today=nobody.started_at.date())
    return lambda: render.ask(page, Ask(question="taal", turn=0), "")


def _outbox(house: House, telegram: Telegram | None) -> Outbox:
    settings = house.settings
    pace = Pace(
        chat_per_s=settings.telegram_chat_per_second, bot_per_s=settings.telegram_bot_per_second
    )
    return Outbox(
        database=house.database,
        vault=house.vault,
        senders={Way("telegram", telegram.bot): telegram.send} if telegram is not None else {},
        receive=house.intake.receive,
        now=now,
        chance=random.SystemRandom().random,
        pace=pace,
        woken=house.wake,
        owner=new_session_id() if settings.on_postgresql else OWNER,
    )


def _fetching(house: House, telegram: Telegram) -> Fetching:
    return Fetching(
        database=house.database,
        vault=house.vault,
        fetchers={Way("telegram", telegram.bot): telegram.fetch},
        folder=house.files,
        now=now,
    )


def _line(house: House, telegram: Telegram) -> Line:
    way = Way("telegram", telegram.bot)
    return Line(intake=house.intake, way=way, now=now, wake=house.wake.set)


async def _listen(house: House, telegram: Telegram, line: Line) -> None:
    """Hear what people say in Telegram, for ever, in the way that was chosen."""
    settings = house.settings
    if settings.telegram_mode == "webhook":
        await telegram.announce(settings.base_url)
        await telegram.watch(settings.base_url, line.opened)
    else:
        await telegram.poll(house.intake.receive, line.opened)


def _uvicorn(settings: Settings, asgi: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        asgi,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        lifespan="off",
        timeout_graceful_shutdown=10,
    )
