"""Updates of Telegram on their way in: what is acknowledged, when, and in which order.

An update is acknowledged once `receive` has returned, so once it is committed; not before, and
not when it raised. Updates of one chat go in order, several chats at once. No Telegram library.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope, Send
from starlette.types import Receive as Arriving

from intakebot.channels.telegram import updates
from intakebot.channels.telegram.updates import Decoded
from intakebot.core.events import Incoming

Receive = Callable[[Incoming], Awaitable[object]]

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
# An update is some kilobytes; Telegram does not say how large one can be.
BODY_BYTES_MAX = 1_048_576
# Chats whose updates are worked on at once.
CHATS_AT_ONCE_MAX = 16
# What Telegram waits before it brings an update again that we could not store.
RETRY_AFTER_S = 5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """The way in of one bot."""

    bot: str
    now: Callable[[], datetime]
    confirm: Callable[[Decoded], None]  # what Telegram wants to hear beside the acknowledgement

    def decoded(self, raw: object) -> Decoded | None:
        """What an update asks of us; None when it is no update."""
        return updates.decode(raw, bot=self.bot, now=self.now())

    async def take_all(self, batch: Sequence[Decoded], receive: Receive) -> tuple[int, bool]:
        """The offset to ask from next, and whether the whole batch was committed.

        After an empty answer the offset is 0: Telegram has then forgotten what was confirmed, and
        after a week of silence it begins again at another number.
        """
        if not batch:
            return 0, True
        by_chat: dict[str, list[Decoded]] = {}
        for update in batch:
            chat = update.incoming.chat if update.incoming else ""
            by_chat.setdefault(chat, []).append(update)
        room = asyncio.Semaphore(CHATS_AT_ONCE_MAX)
        in_order = (self._take_in_order(one, receive, room) for one in by_chat.values())
        stuck = [number for number in await asyncio.gather(*in_order) if number is not None]
        if stuck:
            return min(stuck), False
        return max(update.update for update in batch) + 1, True

    async def _take_in_order(
        self, of_one_chat: Sequence[Decoded], receive: Receive, room: asyncio.Semaphore
    ) -> int | None:
        """The first update that could not be committed; those after it wait for it."""
        async with room:
            for update in of_one_chat:
                if not await self.take(update, receive):
                    return update.update
        return None

    async def take(self, update: Decoded, receive: Receive) -> bool:
        """Whether the update is dealt with, for good."""
        self.confirm(update)
        if update.incoming is None:
            return True
        try:
            await receive(update.incoming)
        except Exception as error:  # noqa: BLE001 - the edge: Telegram keeps what we could not store
            # No traceback: it could hold what the inhabitant wrote.
            log.warning("update-not-committed", update=update.update, error=type(error).__name__)
            return False
        return True

    def route(self, receive: Receive, *, path: str, secret: str) -> Route:
        """The webhook.

        Who does not know the secret gets the 404 of any unknown page, before anything is read.
        """

        async def arrive(request: Request) -> Response:
            given = request.headers.get(SECRET_HEADER, "").encode()
            if not hmac.compare_digest(given, secret.encode()) or request.method != "POST":
                raise HTTPException(404)
            return await self._answer(request, receive)

        # Two long messages, one a reply to the other, are past what a form of ours may be. The
        # bound is that of `_body`, after the secret: before it, any body gets the same 404.
        wide = Middleware(RequestBodyLimitMiddleware, max_body_size=sys.maxsize)
        route = Route(path, arrive, name="telegram-webhook", middleware=[wide])
        # Any method, also one that nobody heard of: a 405 would say that something is here.
        route.methods = None
        return route

    def first(self, site: ASGIApp, receive: Receive, *, path: str, secret: str) -> ASGIApp:
        """The webhook before the rest of the site: its layers took longer than reading an update.

        Only for who knows the secret. All else goes on, and finds `route` there, or nothing.
        """
        header, wanted = SECRET_HEADER.lower().encode(), secret.encode()

        async def asgi(scope: Scope, arriving: Arriving, send: Send) -> None:
            asked = (scope["type"], scope.get("method"), scope.get("path"))
            if asked == ("http", "POST", path):
                given = next((value for name, value in scope["headers"] if name == header), b"")
                if hmac.compare_digest(given, wanted):
                    response = await self._answer(Request(scope, arriving), receive)
                    await response(scope, arriving, send)
                    return
            await site(scope, arriving, send)

        return asgi

    async def _answer(self, request: Request, receive: Receive) -> Response:
        """Take in the update of somebody who knows the secret, and acknowledge it."""
        try:
            body = await _body(request)
        except HTTPException as fault:
            return Response(status_code=fault.status_code)
        update = self.decoded(read_json(body))
        if update is None:  # bringing it again would not make it better
            log.warning("update-unreadable", bytes=len(body))
            return Response(status_code=200)
        if not await self.take(replace(update, callback=None), receive):
            return Response(status_code=503, headers={"Retry-After": str(RETRY_AFTER_S)})
        return _taken(update)


def _taken(update: Decoded) -> Response:
    """The acknowledgement; it stops the clock of a pressed button on its way, without a call.

    Telegram tells us nothing of what came of that (core.telegram.org/bots/api, "Making requests
    when getting updates"), and nothing is lost with it: so this, and no question, goes this way.
    """
    if update.callback is None:
        return Response(status_code=200)
    told = {"method": "answerCallbackQuery", "callback_query_id": update.callback}
    return Response(json.dumps(told), media_type="application/json")


def read_json(body: bytes) -> object:
    """The value in these bytes, or None; a half of a surrogate pair in it is replaced.

    By the standard library, which takes such halves: in a key or an id, they cannot be stored.
    """
    text = body.decode("utf-8", "replace")
    try:
        read = json.loads(text)
        if "\\ud" in text.lower():
            whole = json.dumps(read, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
            read = json.loads(whole.decode("utf-16-le", "replace"))
    except (ValueError, RecursionError):
        return None
    return read


async def _body(request: Request) -> bytes:
    """The body, while it is within bounds; 413 as soon as it is not."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_BYTES_MAX:
            raise HTTPException(413)
    return bytes(body)
