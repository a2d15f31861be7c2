"""The inbox over HTTP: signing in, the lists, one request, its files, and what is new."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from intakebot.store import attachments
from intakebot.store.problems import Conflict, Unavailable, Unreadable
from intakebot.store.work import Work
from intakebot.web.access import Access
from intakebot.web.inbox import changes, queue, saying
from intakebot.web.inbox import request as one
from intakebot.web.inbox.changes import Refused
from intakebot.web.inbox.files import answer
from intakebot.web.inbox.forms import posted
from intakebot.web.inbox.inbox import Absent, Inbox, OldForm, SignedOut, TooOften
from intakebot.web.inbox.pages import Plain, SignIn

Endpoint = Callable[[Inbox, Request], Awaitable[Response]]
# The page that asks by itself whether anything is new says with this what it knows.
KNOWN, KNOWN_CHARS_MAX = "merk", 2_000
# … and with this that it hangs on us until there is.
WAITS = "wacht"
RETRY_AFTER_S = "5"


def routes(inbox: Inbox) -> list[BaseRoute]:
    """Every address of the inbox; who may use them stands in `access.ROUTES`."""
    reference = "/inbox/{reference}"
    found: list[tuple[str, str, Endpoint]] = [
        ("GET", "/inbox/in/{secret}", show_link),
        ("POST", "/inbox/in/{secret}", use_link),
        ("POST", "/inbox/uit", sign_out),
        ("GET", "/inbox", show_queue),
        ("GET", "/inbox/nieuws", queue_news),
        ("GET", reference, show_request),
        ("GET", f"{reference}/nieuws", request_news),
        ("GET", f"{reference}/bijlage/{{attachment}}", show_file),
        ("POST", f"{reference}/oppakken", changes.take),
        ("POST", f"{reference}/bericht", changes.write),
        ("POST", f"{reference}/notitie", changes.note),
        ("POST", f"{reference}/urgentie", changes.correct_urgency),
        ("POST", f"{reference}/beluisterd", changes.mark_heard),
        ("POST", f"{reference}/afsluiten", changes.close),
    ]
    return [
        Route(path, _door(inbox, endpoint), methods=[method]) for method, path, endpoint in found
    ]


def _door(inbox: Inbox, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint; what it refuses becomes a page that tells no more than it must."""

    async def opened(request: Request) -> Response:
        return await _answered(inbox.read_by(request), endpoint, request)

    return opened


async def _answered(inbox: Inbox, endpoint: Endpoint, request: Request) -> Response:
    try:
        try:
            return await endpoint(inbox, request)
        except (Refused, Conflict) as refused:
            return await _refused(inbox, request, refused)
    except SignedOut:
        return _plain(inbox, request, "signed_out", 401, link="signed_out.link")
    except Absent:
        return _plain(inbox, request, "absent", 404)
    except OldForm:
        return _plain(inbox, request, "old_form", 409)
    except TooOften as often:
        response = _plain(inbox, request, "too_often", 429)
        response.headers["Retry-After"] = str(often.wait_s)
        return response
    except Unavailable:
        response = _plain(inbox, request, "unavailable", 503)
        response.headers["Retry-After"] = RETRY_AFTER_S
        return response


# ---- signing in and out -------------------------------------------------------------------------


async def show_link(inbox: Inbox, request: Request) -> Response:
    """Behind a sign-in link: one button. Looking does nothing."""
    page = SignIn(
        tongue=inbox.tongue,
        brand=inbox.region.name,
        action=request.url.path,
        stamp=inbox.stamps.make(_for_link(request)),
    )
    return inbox.page(request, page)


async def use_link(inbox: Inbox, request: Request) -> Response:
    """Use the link up. A session that this browser had before ends."""
    if wait_s := inbox.flood.wait_s("sign_in", request.client.host if request.client else ""):
        raise TooOften(wait_s)
    form = await posted(request)
    if inbox.stamps.read(_for_link(request), form.stamp) is None:
        raise OldForm
    secret, before = request.path_params["secret"], inbox.cookie.read(request)
    token = await inbox.sign_in(secret, instead_of=before)
    if token is None:
        return _plain(inbox, request, "link_old", 410)
    response = RedirectResponse("/inbox", status_code=303)
    inbox.cookie.give(response, token)
    return response


async def sign_out(inbox: Inbox, request: Request) -> Response:
    """End the session of this browser."""
    form, token = await posted(request), inbox.token(request)
    await inbox.enter(request, lambda access: access.sign_out(token), stamp=form.stamp)
    response = RedirectResponse("/inbox", status_code=303)
    inbox.cookie.drop(response)
    return response


def _for_link(request: Request) -> str:
    return f"sign-in {request.path_params['secret']}"


# ---- looking ------------------------------------------------------------------------------------


async def show_queue(inbox: Inbox, request: Request) -> Response:
    """One of the lists."""
    wanted = queue.asked(request)
    access, found = await inbox.enter(request, lambda access: queue.find(access, wanted))
    stamp = inbox.stamps.make(inbox.token(request))
    return inbox.page(request, queue.draw(inbox, access, wanted, found, stamp))


async def show_request(inbox: Inbox, request: Request) -> Response:
    """One request, whole."""
    reference = request.path_params["reference"]
    access, seen = await inbox.enter(request, lambda access: access.request_for(reference))
    reader = one.Reader(inbox=inbox, access=access, seen=seen)
    return inbox.page(request, one.draw(reader, inbox.stamps.make(inbox.token(request))))


async def show_file(inbox: Inbox, request: Request) -> Response:
    """A voice note or photo, opened with the key of its session."""
    reference, name = request.path_params["reference"], request.path_params["attachment"]
    _, (kept, key) = await inbox.enter(request, lambda access: access.attachment(reference, name))
    try:
        plain = await asyncio.to_thread(attachments.read_file, inbox.files, key, kept.id)
    except (FileNotFoundError, Unreadable) as gone:
        raise Absent from gone
    return answer(kept, plain)


async def queue_news(inbox: Inbox, request: Request) -> Response:
    """204: the lists hold what the page shows. 200: something came or went."""

    async def look() -> str:
        _, counts = await inbox.enter(request, queue.count, touched=False)
        return queue.mark(counts)

    return await _news(inbox, request, look)


async def request_news(inbox: Inbox, request: Request) -> Response:
    """204: the request is what the page shows. 200: something is new."""
    reference, known = request.path_params["reference"], _known(request)

    async def look() -> str:
        _, now = await inbox.enter(request, lambda it: it.mark(reference, known), touched=False)
        return now

    return await _news(inbox, request, look)


async def _news(inbox: Inbox, request: Request, look: Callable[[], Awaitable[str]]) -> Response:
    """Whether there is something new; with `wacht` it may wait for it."""
    known = _known(request)
    if WAITS in request.query_params:
        now = await inbox.bell.until(None, look, lambda it: it != known, request.receive)
    else:
        now = await look()
    return Response(status_code=204 if now == known else 200)


def _known(request: Request) -> str:
    return request.query_params.get(KNOWN, "")[:KNOWN_CHARS_MAX]


# ---- refusing -----------------------------------------------------------------------------------


async def _refused(inbox: Inbox, request: Request, refused: Refused | Conflict) -> Response:
    """What was not done, why, what the request is now, and what was typed, to copy.

    Who may not see the request gets the page of who may not see it.
    """
    reference = request.path_params["reference"]

    def look(access: Access) -> Work[one.Reader | None]:
        seen = yield from access.request_for(reference)
        return None if seen is None else one.Reader(inbox=inbox, access=access, seen=seen)

    _, reader = await inbox.enter(request, look)
    key = refused.key if isinstance(refused, Refused) else "refused.changed"
    kept = refused.kept if isinstance(refused, Refused) else (await posted(request)).text
    listed = reader.seen.opened.listed
    name = listed.contact_name or inbox.say("team.somebody")
    page = Plain(
        tongue=inbox.tongue,
        brand=inbox.region.name,
        title=inbox.say(f"{key}.title", name=name),
        sentences=(
            inbox.say(key, name=name),
            inbox.say("refused.now", status=one.status(reader)),
            inbox.say("refused.urgency", level=saying.level(inbox, listed.urgency).label),
        ),
        kept=kept,
        href=f"/inbox/{reference}",
        link=inbox.say("refused.back"),
    )
    return inbox.page(request, page, 409)


def _plain(
    inbox: Inbox, request: Request, key: str, status: int, *, link: str = "back"
) -> Response:
    """A page that says what is the matter: the same for everybody who gets it."""
    page = Plain(
        tongue=inbox.tongue,
        brand=inbox.region.name,
        title=inbox.say(f"{key}.title"),
        sentences=(inbox.say(key),),
        link=inbox.say(link),
    )
    return inbox.page(request, page, status)
