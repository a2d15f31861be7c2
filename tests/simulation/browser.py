"""A browser: cookies, forms, and a line to us that is cut now and then."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from intakebot.channels.webchat.pages import Page
from tests.simulation.site import HOST

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.world import World

# As long as `chat.js` waits.
PATIENCE_S = 20.0
Fields = list[tuple[str, str]]
COOKIE = "__Host-chat"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    page: Page | None

    @property
    def is_good(self) -> bool:
        """Whether it was dealt with; what it says may still be "no"."""
        return self.status < 500


@dataclass(kw_only=True)
class Sent:
    """A form on its way to us."""

    acknowledged: bool = False
    tried: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def acknowledge(self) -> None:
        """The page after it says that it came through."""
        self.acknowledged = True
        self.arrived.set()

    async def came(self) -> None:
        """Until it is acknowledged."""
        await self.arrived.wait()


class Browser:
    """One browser of one person."""

    def __init__(self, world: World, name: str) -> None:
        self._world = world
        self._name = name
        self._cookies: dict[str, str] = {}

    @property
    def address(self) -> str | None:
        """Who this browser is to us."""
        return self._cookies.get(COOKIE)

    async def get(self, path: str) -> Answer | None:
        """A page; None: nothing came back."""
        return await self._ask("GET", path, b"", Sent(), with_script=False)

    async def post(
        self, path: str, fields: Fields, sent: Sent, *, with_script: bool
    ) -> Answer | None:
        """What follows on a form; None: nothing came back."""
        said = " ".join(f"{key}={value}" for key, value in fields if key not in HIDDEN)
        self._world.tell(self._name, f"sends {path} {said}")
        body = urlencode(fields).encode()
        return await self._ask("POST", path, body, sent, with_script=with_script)

    async def _ask(
        self, method: str, path: str, body: bytes, sent: Sent, *, with_script: bool
    ) -> Answer | None:
        world = self._world
        await asyncio.sleep(world.chance.uniform(0.02, 0.3))
        process = world.any_process()
        if process is None or world.faults.strike("lost form"):
            return None
        sent.tried += 1
        answer: Answer | None = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                # When the browser gives up, what it began goes on.
                scope = self._scope(method, path, body, with_script=with_script)
                begun = asyncio.ensure_future(process.ask(_through(world, process, scope, body)))
                answer = await asyncio.shield(begun)
        except TimeoutError:
            world.tell(self._name, "waits too long")
        if answer is None or (method == "POST" and world.faults.strike("lost page")):
            return None
        self._keep(answer)
        return answer

    def _scope(self, method: str, path: str, body: bytes, *, with_script: bool) -> dict[str, Any]:
        """The request, as a server of HTTP reads it."""
        headers = [(b"host", HOST.encode()), (b"accept-language", b"nl")]
        if self._cookies:
            told = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
            headers.append((b"cookie", told.encode()))
        if method == "POST":
            headers += [
                (b"content-type", b"application/x-www-form-urlencoded"),
                (b"content-length", str(len(body)).encode()),
                (b"sec-fetch-site", b"same-origin"),
            ]
        if with_script:
            headers.append((b"x-part", b"1"))
        path, _, query = path.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": headers,
            "client": ("192.0.2.7", 1),
            "server": (HOST, 443),
        }

    def _keep(self, answer: Answer) -> None:
        """The cookies that came along."""
        baked = SimpleCookie(answer.headers.get("set-cookie", ""))
        for name, morsel in baked.items():
            if morsel["max-age"] == "0":
                self._cookies.pop(name, None)
            else:
                self._cookies[name] = morsel.value


async def _through(world: World, process: Process, scope: dict[str, Any], body: bytes) -> Answer:
    """One request through the site, as a server of HTTP does it."""
    status, headers, parts, given = 0, dict[str, str](), list[bytes](), False

    async def receive() -> dict[str, Any]:
        nonlocal given
        if given:
            await asyncio.Event().wait()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:  # noqa: ANN401 - a message of ASGI
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            for name, value in message["headers"]:
                text = value.decode("latin-1")
                key = name.decode()
                headers[key] = f"{headers[key]}, {text}" if key in headers else text
        else:
            parts.append(message.get("body", b""))

    try:
        await process.site(scope, receive, send)
    except Exception as fault:  # noqa: BLE001 - the server of HTTP logs it; the page was sent
        if type(fault).__name__ not in ("Unavailable", "Conflict"):
            world.unhandled.append(f"{process.name}: {scope['path']}: {fault!r}")
    return Answer(status, headers, world.pages.read(b"".join(parts)))


HIDDEN = ("form", "prompt", "seen")
