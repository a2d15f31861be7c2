"""A small Bot API server over real HTTP, for tests: `async with BotApi(token) as api: …`.

api.url                       for INTAKEBOT_TELEGRAM_API
person = api.person()         someone with Telegram: says, presses, sees (person.py)
api.world.inject = …          429, 5xx, lost answers
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.bot_api.bringing import Bringing
from tests.bot_api.methods import METHODS, Refusal
from tests.bot_api.person import Person
from tests.bot_api.world import Call, Json, World

TOKEN = "4242:a-token-that-must-never-be-logged"


class _Server(uvicorn.Server):
    """uvicorn without its hold on the signals of the test run."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Serving:
    """A web application on a free loopback port, for as long as the block lasts."""

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        # With its protocol named, asyncio sends small answers at once (TCP_NODELAY).
        self._socket = socket.socket(proto=socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.005)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()


class BotApi:
    """The server, with one bot."""

    def __init__(self, token: str = TOKEN, *, speed: float = 1.0) -> None:
        self.token = token
        self.world = World(token, speed=speed)
        routes = [
            Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
            Route("/file/bot{token}/files/{name}", self._file),
        ]
        self._serving = Serving(Starlette(routes=routes))
        self._bringing = Bringing(self.world)
        self._people = iter(range(9_001, 99_999))

    @property
    def url(self) -> str:
        return self._serving.url

    def person(self, language: str = "nl") -> Person:
        """Someone new with Telegram on the phone."""
        return Person(self.world, next(self._people), language)

    async def __aenter__(self) -> Self:
        await self._serving.__aenter__()
        self._bringing.begin()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._bringing.end()
        self.world.pollers += 1
        self.world.arrived.set()  # a poller that still waits would hold up the end
        await self._serving.__aexit__(kind, error, trace)

    async def _call(self, request: Request) -> Response:
        if request.path_params["token"] != self.token:
            return _refused(Refusal(401, "Unauthorized"))
        method = str(request.path_params["method"])
        asked: Json = dict(request.query_params)
        if request.method == "POST":
            async with request.form() as form:
                asked |= dict(form)
            if request.headers.get("content-type", "").startswith("application/json"):
                asked |= await request.json()
        call = Call(method=method, parameters=asked, code=200)
        self.world.calls.append(call)
        injected = self.world.inject(method, asked)
        if injected == "silent":  # never answers
            await asyncio.sleep(3600)
        try:
            result = await self._do(method, asked, injected)
        except Refusal as refusal:
            call.code = refusal.code
            return _refused(refusal)
        if injected == "lost":
            call.code = 502
            return Response("<html>Bad Gateway</html>", status_code=502)
        return _answered({"ok": True, "result": result})

    async def _do(self, method: str, asked: Json, injected: str | int | None) -> object:
        if isinstance(injected, int):
            raise _injected(injected)
        if method.lower() not in METHODS:
            raise Refusal(404, "Not Found")
        return await METHODS[method.lower()](self.world, asked)

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if request.path_params["token"] != self.token or name not in self.world.files:
            return _refused(Refusal(404, "Not Found"))
        return Response(self.world.files[name], media_type="application/octet-stream")


def _injected(code: int) -> Refusal:
    """The error that a test asked for; above 1000: 429 with that many thousandths of a second."""
    if code > 1000:
        return Refusal(429, "Too Many Requests: retry later", retry_after=(code - 1000) / 1000)
    return Refusal(code, f"injected {code}")


def _refused(refusal: Refusal) -> Response:
    body: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return _answered(body, refusal.code)


def _answered(body: Json, code: int = 200) -> Response:
    """JSON in ASCII: Telegram, too, escapes whatever is no plain letter."""
    return Response(json.dumps(body), status_code=code, media_type="application/json")
