"""Closing the chat on this device: for people who share a phone, and for who wants no trace.

What was told stays with the team. Nothing of it stays here: the browser forgets the address, and a
person who begins after it gets an address and a session of the own. Only a code leads back.
"""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from intakebot.channels.webchat import ways
from intakebot.channels.webchat.chat import WebChat
from intakebot.channels.webchat.pages import Close

CLOSING = "/sluiten"


def routes(chat: WebChat) -> list[BaseRoute]:
    """The addresses of closing."""
    return [
        Route(CLOSING, partial(explain, chat), methods=["GET"]),
        Route(CLOSING, partial(close, chat), methods=["POST"]),
    ]


async def explain(chat: WebChat, request: Request) -> Response:
    """What closing does, and a code first. Behind the curtain the chat is not spoken of."""
    address = chat.cookies.address(request)
    if address is None or chat.cookies.is_away(request):
        return RedirectResponse(ways.BACK, status_code=303)
    tongue = (await chat.thread(address)).tongue
    if tongue is None:
        return RedirectResponse(ways.BACK, status_code=303)
    page = Close(tongue=tongue, brand=chat.brand, stamp=chat.stamps.make(address))
    return chat.page(request, page)


async def close(chat: WebChat, request: Request) -> Response:
    """Forget the chat here. No page of it may be kept, so that "Back" finds the language picker."""
    if not await ways.stamped(chat, request):
        return RedirectResponse(CLOSING, status_code=303)
    response = RedirectResponse(ways.BACK, status_code=303)
    chat.cookies.forget(response)
    return response
