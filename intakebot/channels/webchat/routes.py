"""The conversation over HTTP: one page, the forms on it, and what is new.

Every form is one update: its stamp is the update's id, so that a double press, a reload or the
back button never counts twice. A form with a stamp of another chat changes nothing: the page as
it is now comes back, with what was typed still in the field.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from intakebot.channels.webchat import closing, decode, drawing, files, own, recordings, ways
from intakebot.channels.webchat.chat import TooOften, WebChat
from intakebot.channels.webchat.decode import Form
from intakebot.channels.webchat.drawing import Look
from intakebot.channels.webchat.thread import Thread
from intakebot.channels.webchat.visitor import hint, source, wants_part
from intakebot.core.events import Began, Pressed
from intakebot.core.session import Tongue
from intakebot.store.problems import Unavailable

# A page that hangs on us until there is something new asks with this.
WAITS = "wacht"
FOREVER = "public,max-age=31536000,immutable"  # the address of a recording changes with it
TO_NEWEST = "/#nieuw"
# After so long it is worth trying again; Telegram hears the same.
RETRY_AFTER_S = "5"
FAULTS = {
    400: "web.fault_text",
    404: "web.not_found",
    405: "web.not_found",
    413: "web.file_big",
    500: "web.fault_text",
    503: "web.fault_text",
}


def routes(chat: WebChat) -> list[BaseRoute]:
    """Every address of the web chat."""
    wide = Middleware(RequestBodyLimitMiddleware, max_body_size=files.DROPPED_BYTES_MAX)
    return [
        Route("/", partial(show, chat), methods=["GET"]),
        Route("/", partial(hear, chat), methods=["POST"]),
        Route("/nieuw", partial(news, chat), methods=["GET"]),
        Route(recordings.PATH + "{name}", partial(play, chat), methods=["GET"]),
        Route("/bestand", partial(hear_file, chat), methods=["POST"], middleware=[wide]),
        *own.routes(chat),
        *ways.routes(chat),
        *closing.routes(chat),
    ]


async def show(chat: WebChat, request: Request) -> Response:
    """The conversation; without one, or behind the curtain, the language picker."""
    address = chat.cookies.address(request)
    if address is None or chat.cookies.is_away(request):
        return first_page(chat, request, address)
    thread = await chat.thread(address)
    if thread.session is None:
        return first_page(chat, request, address, thread)
    response = chat.page(request, drawing.talk(look(chat, address), thread))
    return remembered(chat, response, address, thread)


def first_page(
    chat: WebChat, request: Request, address: str | None, goodbye: Thread | None = None
) -> Response:
    """The language picker. It writes nothing: the chat begins with the first form."""
    given = address or chat.vault.new_token()
    tongue = Tongue(lang=hint(request, chat.languages()) or "nl")
    away = chat.cookies.is_away(request)
    page = drawing.start(look(chat, given), chat.picker(), tongue, goodbye, away=away)
    response = chat.page(request, page)
    if address is None:
        chat.cookies.give(response, given, remembered=False)
    return response


async def hear(chat: WebChat, request: Request) -> Response:
    """A form of the conversation."""
    chat.expect_calm("post", request)
    address = chat.cookies.address(request)
    if address is None:
        return ways.no_cookie(chat, request)
    form = decode.form(await decode.fields_of(request))
    update = chat.stamps.read(address, form.stamp)
    if update is None:
        return await answer(chat, request, address, form, notice="web.moved_on")
    if chat.stamps.is_late(form.stamp) and not is_unsafe(form):
        if form.part == "begin":
            return RedirectResponse(ways.BACK, status_code=303)
        return await answer(chat, request, address, form, notice="web.late")
    if form.part == "begin":
        return await begin(chat, request, address, form, update)
    if form.event is None:
        return await answer(chat, request, address, form)
    thread, counted = await chat.hear(
        address, f"{update}.{form.part}", form.event, since=form.seen, prompt=form.prompt
    )
    if not counted:
        return await answer(chat, request, address, form, notice="web.moved_on", thread=thread)
    return await answer(chat, request, address, form.counted(), thread=thread)


def is_unsafe(form: Form) -> bool:
    """Whether this is "I am not safe", which counts however old the page is."""
    return isinstance(form.event, Pressed) and form.event.id == "/unsafe"


async def begin(chat: WebChat, request: Request, address: str, form: Form, update: str) -> Response:
    """The first form of all: a language, or "I am not safe"."""
    if chat.cookies.is_away(request):
        # Behind the curtain one button leads back; who begins is somebody else, on a shared phone.
        address = chat.vault.new_token()
    thread = await chat.thread(address)
    if thread.tongue is None or thread.session is None:
        chat.expect_calm("begin", request)
        hinted = hint(request, chat.languages())
        await chat.tell(address, f"{update}.opened", Began(hint=hinted))
        if form.event is not None:
            await chat.tell(address, f"{update}.begin", form.event)
    response = await answer(chat, request, address, form.counted())
    chat.cookies.give(response, address, remembered=True)
    chat.cookies.go_away(response, away=False)
    return response


async def hear_file(chat: WebChat, request: Request) -> Response:
    """A voice note or a photo."""
    chat.expect_calm("file", request)
    address = chat.cookies.address(request)
    if address is None:
        return ways.no_cookie(chat, request)
    async with chat.uploads.one(source(request)):
        form, event, notice = await files.taken(chat, request, address)
    update = chat.stamps.read(address, form.stamp)
    if event is not None and update is not None:
        await chat.tell(address, f"{update}.file", event)
    return await answer(chat, request, address, form, notice=notice)


async def news(chat: WebChat, request: Request) -> Response:
    """What came since the page was drawn; 204 when there is nothing. With `wacht` it may wait."""
    address = chat.cookies.address(request)
    seen = decode.number(request.query_params.get("seen", ""))
    if address is None or chat.cookies.is_away(request):
        return Response(status_code=204)
    thread = await chat.thread(address, seen)
    if WAITS in request.query_params and thread.session is not None and is_old(thread, seen):
        look_again = partial(chat.thread, address, seen)
        thread = await chat.bell.until(
            thread.session.id, look_again, lambda it: not is_old(it, seen), request.receive
        )
    if thread.session is None:
        return Response(status_code=205)
    if is_old(thread, seen):
        return Response(status_code=204)
    return in_part(chat, request, look(chat, address, thread), thread, seen)


async def play(chat: WebChat, request: Request) -> Response:
    """A recording, in the stretches that a player asks for."""
    found = chat.recordings.at(request.url.path)
    if found is None or not found.file.is_file():
        return ways.fault(chat, request, FAULTS[404], 404)
    headers = {"Cache-Control": FOREVER}
    return FileResponse(found.file, media_type=found.media_type, headers=headers)


def is_old(thread: Thread, seen: int) -> bool:
    """Whether the page shows all of it."""
    return thread.session is not None and thread.seen == seen and not thread.shown


Fault = Callable[[Request, Exception], Awaitable[Response]]


def faults(chat: WebChat) -> dict[int | type[Exception], Fault]:
    """Pages for what goes wrong, by status or exception: hand them to the program."""

    async def too_often(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, TooOften)
        response = ways.fault(chat, request, "web.too_often", 429)
        response.headers["Retry-After"] = str(fault.wait_s)
        return response

    async def unavailable(request: Request, _fault: Exception) -> Response:
        """What was said is not kept: the disk is full, say. The page itself can still be read."""
        response = ways.fault(chat, request, FAULTS[503], 503)
        response.headers["Retry-After"] = RETRY_AFTER_S
        return response

    def page(status: int) -> Fault:
        async def draw(request: Request, _fault: Exception) -> Response:
            return ways.fault(chat, request, FAULTS[status], status)

        return draw

    known: dict[int | type[Exception], Fault] = {TooOften: too_often, Unavailable: unavailable}
    return known | {status: page(status) for status in FAULTS}


async def answer(
    chat: WebChat,
    request: Request,
    address: str,
    form: Form,
    *,
    notice: str | None = None,
    thread: Thread | None = None,
) -> Response:
    """After a form: for the script what is new, for a plain browser the way to it.

    *thread*: when it was read already, from what the page had on. Where nothing of the
    conversation is kept any more, 205 makes the script load the page.
    """
    if wants_part(request):
        fresh = thread or await chat.thread(address, form.seen)
        if fresh.session is None:
            return Response(status_code=205)
        drawn_with = look(chat, address, fresh, notice, form.typed)
        part = in_part(chat, request, drawn_with, fresh, form.seen)
        return remembered(chat, part, address, fresh)
    if notice is None:
        return RedirectResponse(TO_NEWEST, status_code=303)
    whole = await chat.thread(address)
    page = drawing.talk(look(chat, address, whole, notice, form.typed), whole)
    return chat.page(request, page)


def remembered(chat: WebChat, response: Response, address: str, thread: Thread) -> Response:
    """Let the browser keep the address as long as the conversation, counted from now."""
    chat.cookies.give(response, address, remembered=True, sent=thread.waits)
    return response


def in_part(
    chat: WebChat, request: Request, seen_with: Look, thread: Thread, since: int
) -> Response:
    """The part of the page that is new."""
    response = chat.page(request, drawing.part(seen_with, thread, since))
    response.raw_headers.append((b"x-part", b"1"))
    return response


def look(
    chat: WebChat,
    address: str,
    thread: Thread | None = None,
    notice: str | None = None,
    typed: str = "",
) -> Look:
    """What drawing needs, with a new stamp."""
    tongue = (thread.tongue if thread else None) or Tongue(lang="nl")
    return Look(
        words=chat.words,
        brand=chat.brand,
        stamp=chat.stamps.make(address),
        notice=chat.words.say(tongue, notice) if notice else None,
        typed=typed,
        voice=chat.recordings.of,
    )
