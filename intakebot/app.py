"""Wiring of a serving process: what is handed to whoever needs it.

Nothing here decides anything. `serve` opens the house, adds the channels, the pages, the outbox
and the clock, and runs them in one process on one port.
"""

from __future__ import annotations

import asyncio
import gc
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from intakebot import content, logs
from intakebot.channels.telegram.bot import Telegram
from intakebot.clock import Clock
from intakebot.core.talking.delivery import Way
from intakebot.fetching import Fetching
from intakebot.house import House, chance, new_session_id, now, open_house
from intakebot.line import Line
from intakebot.outbox import Outbox, stopwatch
from intakebot.pacing import Pace
from intakebot.settings import Settings, SettingsProblem
from intakebot.site import guarded
from intakebot.store import people, presence
from intakebot.store.leading import while_leading
from intakebot.store.people import Member
from intakebot.store.work import Work
from intakebot.translating import Translating
from intakebot.translator import Translator
from intakebot.web.once import OneWrite

Links = tuple[tuple[str, str], ...]  # of whom, and where

TICK_S = 30
# Messages a second. Telegram's own bound is 30: who sets more has a server of his own, or measures.
SHARED_PACE_MAX = 100
QUEUES_NAMED_MAX = 3
# So many new objects before those in a ring are looked for: some 10 MB. A batch of turns holds tens
# of thousands and leaves hardly a ring; Python's own 700 made the looking a twentieth of a turn.
NEW_OBJECTS_MAX = 50_000


@dataclass(frozen=True, kw_only=True)
class Place:
    """The place of one worker among several: its own socket, and how many there are."""

    socket: int  # an open file, inherited
    of: int

    @classmethod
    def read(cls, told: str) -> Place:
        """`7:4`: file 7, one of four."""
        number, _, of = told.partition(":")
        return cls(socket=int(number), of=int(of))


class Server(uvicorn.Server):
    """The web server; a signal ends it, and then everything beside it is ended in order."""

    def __init__(
        self, config: uvicorn.Config, serves: Callable[[], None], ends: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._serves = serves
        self._ends = ends

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let go of who waits for something new, and end."""
        self._ends()
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        self._serves()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear signals while it serves. Its own way would then die of them, with work begun."""
        with super().capture_signals():
            try:
                yield
            finally:
                self._captured_signals.clear()


async def prepare(settings: Settings, *, sample: bool) -> Links:
    """What is done once before anybody serves; gives sign-in links with `sample`."""
    async with open_house(settings) as house:
        return await _seed(house) if sample else ()


async def serve(settings: Settings, *, sample: bool) -> int:
    """Serve until told to stop. Prints where to look; with `sample`, sign-in links too."""
    logs.as_json()
    async with open_house(settings) as house:
        links = await _seed(house) if sample else ()
        return await _serve(house, lambda: announce(settings, links))


async def work(settings: Settings, place: Place) -> int:
    """Serve as one of several, until told to stop or until the parent is gone."""
    logs.as_json()
    async with open_house(settings) as house:
        return await _serve(house, lambda: _say("serves\n"), place)


async def _serve(house: House, serves: Callable[[], None], place: Place | None = None) -> int:
    settings = house.settings
    telegram = _telegram(house)
    if telegram is not None:
        await telegram.check()
    site = guarded(house, telegram, workers=place.of if place else 1)
    server = Server(_uvicorn(settings, site), serves, house.bell.close)
    outbox = _outbox(house, telegram)
    house.intake.send_by(outbox)
    tasks: list[Awaitable[object]] = [outbox.run(), _tick(house)]
    if telegram is not None:
        tasks.append(_fetching(house, telegram).run())
        line = _line(house, telegram)
        hears = partial(_listen, house, telegram, line)
        tasks += [line.run(), while_leading(_led_at(settings), f"bot {telegram.bot}", hears)]
    if settings.translator:
        tasks.append(_translating(house).run())
    if settings.on_postgresql:
        from intakebot.store import listening  # noqa: PLC0415 - loads asyncpg, 4 MB

        tasks.append(listening.listen(settings.database, house.bell))
    if place is not None:
        tasks.append(_until_orphaned(server))
    gc.collect()
    gc.freeze()  # What was loaded stays: looking at it again and again cost a fifth of every turn.
    gc.set_threshold(NEW_OBJECTS_MAX)
    await _until_stopped(server, tasks, place)
    if telegram is not None:
        await telegram.close()
    return 0


async def _seed(house: House) -> Links:
    """The members of the sample region, each with a one-time sign-in link."""
    if house.settings.region is not None:
        msg = (
            "INTAKEBOT_REGION: the sample members read queues of the sample region. Make members "
            "of your own with `member add`, or leave the setting out."
        )
        raise SettingsProblem(msg)
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


def announce(settings: Settings, links: Links) -> None:
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
    _say("\n".join(lines) + "\n\n")


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


async def _until_orphaned(server: uvicorn.Server) -> None:
    """Our standard input ends when the parent does."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()
    server.should_exit = True


async def _until_stopped(
    server: uvicorn.Server, tasks: list[Awaitable[object]], place: Place | None = None
) -> None:
    """Run the server and the tasks beside it; when one fails or the server stops, all stop."""
    running = [asyncio.ensure_future(task) for task in tasks]
    own = None if place is None else [socket.socket(fileno=place.socket)]
    serving = asyncio.ensure_future(server.serve(own))
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
    clock = Clock(intake=house.intake, files=house.files, passed_s=stopwatch, wake=house.wake.set)
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
        chance=chance,
        api=settings.telegram_api,
    )


def _outbox(house: House, telegram: Telegram | None) -> Outbox:
    settings = house.settings
    to_chat, to_all = settings.telegram_chat_per_second, settings.telegram_bot_per_second
    name, folder = new_session_id(), settings.state / "serving"
    on_several = settings.on_postgresql
    is_shared = on_several and to_all <= SHARED_PACE_MAX
    return Outbox(
        database=house.database,
        vault=house.vault,
        senders={Way("telegram", telegram.bot): telegram.send} if telegram is not None else {},
        receive=house.intake.receive,
        now=now,
        chance=chance,
        pace=Pace(chat_per_s=to_chat, bot_per_s=to_all, shared=is_shared),
        woken=house.wake,
        owner=name if on_several else presence.Presence(folder, name, stopwatch),
    )


def _fetching(house: House, telegram: Telegram) -> Fetching:
    return Fetching(
        database=house.database,
        vault=house.vault,
        fetchers={Way("telegram", telegram.bot): telegram.fetch},
        folder=house.files,
        now=now,
    )


def _translating(house: House) -> Translating:
    key = house.settings.translator_key
    translator = Translator(house.settings.translator, key.get_secret_value() if key else None)
    return Translating(
        database=house.database, vault=house.vault, translate=translator.translate, now=now
    )


def _line(house: House, telegram: Telegram) -> Line:
    way = Way("telegram", telegram.bot)
    return Line(intake=house.intake, way=way, now=now, wake=house.wake.set)


async def _listen(house: House, telegram: Telegram, line: Line) -> None:
    """Hear what people say in Telegram, for ever, in the way that was chosen.

    One process at a time does this for a bot. What a webhook brings, every process takes in.
    """
    settings = house.settings
    if settings.telegram_mode == "webhook":
        await telegram.announce(settings.base_url)
        await telegram.watch(settings.base_url, line.opened)
    else:
        await telegram.poll(house.intake.receive, line.opened)


def _led_at(settings: Settings) -> Path | str:
    return settings.database if settings.on_postgresql else settings.state / "leading"


def _uvicorn(settings: Settings, asgi: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        asgi,
        host=settings.host,
        port=settings.port,
        http=OneWrite,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        lifespan="off",
        timeout_graceful_shutdown=10,
    )
