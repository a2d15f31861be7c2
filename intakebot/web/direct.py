"""The short way to an address: one without places in it, such as `/` or `/nieuw`, is looked up.

A turn of the web chat would else pass the layers for faults and one route after another, which
takes longer than drawing its page. Other addresses, and every fault, go the long way still.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from inspect import isfunction

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Message, Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]
FAULT = "intakebot.fault"


class Direct:
    """The site, with a table of its plain addresses before it."""

    def __init__(self, site: Starlette) -> None:
        self._site = site
        self._endpoints = _endpoints(site.routes)
        # Only the layers that make an answer of a fault.
        self._faults = Starlette(exception_handlers=site.exception_handlers)
        self._faults.router.default = _raise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        endpoint = self._endpoints.get((scope.get("method", ""), scope.get("path", "")))
        if endpoint is None:
            await self._site(scope, receive, send)
            return
        begun = False

        async def begin(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        scope["app"] = self._site
        try:
            response = await endpoint(Request(scope, receive, send))
            await response(scope, receive, begin)
        except Exception as fault:
            if begun:
                raise
            scope[FAULT] = fault
            await self._faults(scope, receive, send)


async def _raise(scope: Scope, _receive: Receive, _send: Send) -> None:
    fault: Exception = scope[FAULT]
    raise fault


def _endpoints(routes: Sequence[BaseRoute]) -> dict[tuple[str, str], Endpoint]:
    """By method and path, where the site would give the same answer."""
    found: dict[tuple[str, str], Endpoint] = {}
    for route in routes:
        # A function: one that has no layers of its own, such as a wider limit.
        if isinstance(route, Route) and "{" not in route.path and isfunction(route.app):
            for method in (route.methods or set()) - {"HEAD"}:
                if _first(routes, method, route.path) is route:
                    found[method, route.path] = route.endpoint
    return found


def _first(routes: Sequence[BaseRoute], method: str, path: str) -> BaseRoute | None:
    """The route that the site would take."""
    asked: Scope = {"type": "http", "method": method, "path": path}
    return next((it for it in routes if it.matches(asked)[0] is Match.FULL), None)
