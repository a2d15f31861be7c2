"""The site: every page and address of the one port, built from the house, behind its guard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.types import ASGIApp

from intakebot.channels.telegram.bot import Telegram
from intakebot.channels.webchat import recordings
from intakebot.channels.webchat.chat import WebChat
from intakebot.channels.webchat.routes import faults
from intakebot.channels.webchat.routes import routes as chat_routes
from intakebot.core.events import Ask, Message
from intakebot.core.session import Session
from intakebot.core.talking import render
from intakebot.core.talking.page import Page
from intakebot.house import House, new_bytes, now
from intakebot.settings import LOOPBACK
from intakebot.web import access, health, static
from intakebot.web.flood import LIMITS, Flood
from intakebot.web.inbox.inbox import Inbox
from intakebot.web.inbox.routes import routes as inbox_routes
from intakebot.web.pages import Pages
from intakebot.web.security import Stamps, protect


def guarded(house: House, telegram: Telegram | None, *, workers: int = 1) -> ASGIApp:
    """The site behind its guard; *workers* of this machine share the limits of a network."""
    settings = house.settings
    hosts = {settings.host, urlsplit(settings.base_url).hostname or settings.host}
    if settings.host in LOOPBACK:
        hosts |= set(LOOPBACK)
    whole = protect(
        site(house, telegram, workers=workers),
        hosts=frozenset(hosts),
        https=urlsplit(settings.base_url).scheme == "https",
        new_nonce=new_bytes,
    )
    if telegram is None or settings.telegram_mode != "webhook":
        return whole
    return telegram.first(whole, house.intake.receive)


def site(house: House, telegram: Telegram | None, *, workers: int = 1) -> Starlette:
    """Every address of the program; who may use each stands in `access.ROUTES`."""
    settings = house.settings
    shipped = static.read()
    pages = Pages(house.words, shipped)
    stamps = Stamps(house.vault.blind("stamps", "forms").encode(), new_bytes, now)
    https = urlsplit(settings.base_url).scheme == "https"
    flood = Flood(
        key=new_bytes(32),
        now=now,
        trusted=settings.proxies,
        limits={kind: limit.shared_by(workers) for kind, limit in LIMITS.items()},
    )
    chat = WebChat(
        receive=house.intake.receive,
        desk=house.intake.desk,
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
        recordings=recordings.read(settings.recordings, house.flow),
        flood=flood,
        bell=house.bell,
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
        bell=house.bell,
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
    asked = render.ask(page, Ask(question="taal"), "")
    return lambda: asked
