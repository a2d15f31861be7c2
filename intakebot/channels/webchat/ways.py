"""Leaving and coming back: "Snel weg", a code for another device, a one-time link.

A code is sixteen digits, shown once, kept as a hash; wrong guesses are counted by network.
Nobody learns here whether a code exists, or whom it belongs to.
"""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from intakebot.channels.webchat.chat import WebChat
from intakebot.channels.webchat.pages import Fault, Later, Link, Resume
from intakebot.channels.webchat.qr import qr
from intakebot.channels.webchat.visitor import hint, source
from intakebot.core.session import Tongue
from intakebot.store import sessions, ways_back
from intakebot.store.ways_back import Wait
from intakebot.store.work import Work

GROUP = 4
# Sixteen digits, with whatever people write between them.
CODE_CHARS_MAX = 60
BACK, TO_NEWEST = "/", "/#nieuw"


def routes(chat: WebChat) -> list[BaseRoute]:
    """The addresses beside the conversation."""
    return [
        Route("/weg", partial(leave, chat), methods=["GET"]),
        Route("/terug", partial(come_back, chat), methods=["POST"]),
        Route("/later", partial(explain_later, chat), methods=["GET"]),
        Route("/later", partial(make_code, chat), methods=["POST"]),
        Route("/verder", partial(ask_code, chat), methods=["GET"]),
        Route("/verder", partial(use_code, chat), methods=["POST"]),
        Route("/w/{token}", partial(show_link, chat), methods=["GET"]),
        Route("/w/{token}", partial(use_link, chat), methods=["POST"]),
    ]


async def leave(chat: WebChat, request: Request) -> Response:
    """Away at once. Who goes back in the browser finds the language picker."""
    response = RedirectResponse(chat.away, status_code=303)
    if chat.cookies.address(request) is not None:
        chat.cookies.go_away(response, away=True)
    return response


async def come_back(chat: WebChat, request: Request) -> Response:
    """Open the curtain again."""
    response = RedirectResponse(TO_NEWEST, status_code=303)
    if await stamped(chat, request):
        chat.cookies.go_away(response, away=False)
    return response


async def explain_later(chat: WebChat, request: Request) -> Response:
    """How to go on later: here by itself, elsewhere with a code."""
    address = chat.cookies.address(request)
    if address is None or chat.cookies.is_away(request):
        return RedirectResponse(BACK, status_code=303)
    tongue = (await chat.thread(address)).tongue
    if tongue is None:
        return RedirectResponse(BACK, status_code=303)
    stamp = chat.stamps.make(address)
    page = Later(tongue=tongue, brand=chat.brand, stamp=stamp, address=chat.address + "/verder")
    return chat.page(request, page)


async def make_code(chat: WebChat, request: Request) -> Response:
    """A code, shown this once; an earlier one stops working."""
    chat.expect_calm("post", request)
    address = chat.cookies.address(request)
    away = chat.cookies.is_away(request)
    if address is None or away or not await stamped(chat, request):
        return RedirectResponse("/later", status_code=303)

    def make() -> Work[tuple[str, str, Tongue] | None]:
        stored = yield from sessions.open_in(chat.vault, chat.chat(address))
        if stored is None or stored.session.tongue is None:
            return None
        code = yield from ways_back.new_code(chat.vault, stored, chat.now())
        secret = yield from ways_back.new_link(chat.vault, stored, chat.now())
        return code, secret, stored.session.tongue

    made = await chat.database.run(make)
    if made is None:
        return RedirectResponse(BACK, status_code=303)
    code, secret, tongue = made
    scheme = "https" if chat.https else "http"
    page = Later(
        tongue=tongue,
        brand=chat.brand,
        stamp=chat.stamps.make(address),
        address=chat.address + "/verder",
        code=" ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP)),
        qr=qr(f"{scheme}://{chat.address}/w/{secret}"),
    )
    return chat.page(request, page)


async def ask_code(chat: WebChat, request: Request) -> Response:
    """Where a code is typed."""
    return code_page(chat, request, None)


async def use_code(chat: WebChat, request: Request) -> Response:
    """A code: right, and this browser goes on with the conversation; else one kind sentence."""
    chat.expect_calm("code", request)
    address = chat.cookies.address(request)
    if address is None or not await stamped(chat, request):
        return code_page(chat, request, "web.moved_on")
    typed = (await request.form()).get("code")
    code = typed[:CODE_CHARS_MAX] if isinstance(typed, str) else ""
    key, network = chat.chat(address), source(request)
    found = await chat.database.run(
        lambda: ways_back.use_code(chat.vault, code, key, source=network, at=chat.now())
    )
    match found:
        case None:
            return code_page(chat, request, "web.code_wrong")
        case Wait():
            return code_page(chat, request, "web.code_wait")
        case _:
            return gone_on(chat, address)


def code_page(chat: WebChat, request: Request, fault: str | None) -> Response:
    """The page for a code; gives the browser an address when it has none."""
    known = chat.cookies.address(request)
    address = known or chat.vault.new_token()
    page = Resume(
        tongue=tongue_of(chat, request),
        brand=chat.brand,
        stamp=chat.stamps.make(address),
        fault=fault,
    )
    response = chat.page(request, page)
    if known is None:
        chat.cookies.give(response, address, remembered=False)
    return response


async def show_link(chat: WebChat, request: Request) -> Response:
    """Behind a one-time link: a button. Looking does nothing, or a preview would use it up."""
    known = chat.cookies.address(request)
    address = known or chat.vault.new_token()
    page = Link(
        tongue=tongue_of(chat, request),
        brand=chat.brand,
        stamp=chat.stamps.make(address),
        action=request.url.path,
    )
    response = chat.page(request, page)
    if known is None:
        chat.cookies.give(response, address, remembered=False)
    return response


async def use_link(chat: WebChat, request: Request) -> Response:
    """Use the link up: this browser goes on with the conversation."""
    chat.expect_calm("code", request)
    address = chat.cookies.address(request)
    if address is None:
        return no_cookie(chat, request)
    if not await stamped(chat, request):
        return RedirectResponse(request.url.path, status_code=303)
    token = request.path_params["token"]
    key = chat.chat(address)
    stored = await chat.database.run(
        lambda: ways_back.follow_link(chat.vault, token, key, chat.now())
    )
    if stored is None:
        return fault(chat, request, "web.link_old", 410)
    return gone_on(chat, address)


def gone_on(chat: WebChat, address: str) -> Response:
    """To the conversation, which this browser now remembers."""
    response = RedirectResponse(TO_NEWEST, status_code=303)
    chat.cookies.give(response, address, remembered=True)
    chat.cookies.go_away(response, away=False)
    return response


async def stamped(chat: WebChat, request: Request) -> bool:
    """Whether the form was drawn by us for this browser."""
    address = chat.cookies.address(request)
    fields = await request.form()
    stamp = fields.get("form")
    if address is None or not isinstance(stamp, str):
        return False
    return chat.stamps.read(address, stamp) is not None


def no_cookie(chat: WebChat, request: Request) -> Response:
    """The browser keeps no cookies: without, nobody can be told apart."""
    return fault(chat, request, "web.cookies", 400)


def fault(chat: WebChat, request: Request, sentence: str, status: int) -> Response:
    """A page that says what is the matter."""
    page = Fault(tongue=tongue_of(chat, request), brand=chat.brand, sentence=sentence)
    return chat.page(request, page, status)


def tongue_of(chat: WebChat, request: Request) -> Tongue:
    """The device's language, for pages outside a conversation."""
    return Tongue(lang=hint(request, chat.languages()) or "nl")
