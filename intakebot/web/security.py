"""What stands before every page: who may ask, how much may be sent, what a browser may do with it.

`protect` wraps the whole program once. In order:

1. Host: only our own names (DNS rebinding, links in mails with another host). 421 otherwise.
2. Unsafe methods: only from our own pages. `Sec-Fetch-Site` decides; browsers from before 2023 do
   not send it, there `Origin` decides; with neither (webhook, curl) the form's stamp must hold.
3. Body: at most `body_bytes_max`; a route that takes files wraps itself in a wider limit.
4. Headers on the way back: a page gets a Content-Security-Policy with a nonce of its own.

Pages are compressed although they hold a secret (the stamp of the form). BREACH needs a secret
that stays the same and a text of the attacker in the same page: the stamp differs on every page,
no page repeats anything from its address, and cookies are SameSite.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import blake2b
from hmac import compare_digest

from starlette.applications import Starlette
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from intakebot.web.direct import Direct
from intakebot.web.once import WHOLE, Whole
from intakebot.web.packing import Head, packed

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# A form of text fields; a message is 4,096 characters, at most 12 bytes each when form-encoded.
BODY_BYTES_MAX = 64_000
NONCE_BYTES = 16
MAC_BYTES = 16
MINUTE_BYTES = 4
# A form of yesterday does not count: the conversation may have gone on without it.
LATE_MINUTES = 24 * 60
# Anything else in a Host could be read in two ways: by us, and by who follows a redirect of ours.
HOST = re.compile(r"(?P<name>[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", re.ASCII)
LENGTH = re.compile(rb"[0-9]{1,10}")
YEAR_S = 31_536_000
POLICY = (
    "default-src 'none';script-src 'nonce-{nonce}';style-src 'self';img-src 'self' data:;"
    "font-src 'self';media-src 'self';connect-src 'self';form-action 'self';base-uri 'none';"
    "frame-ancestors 'none'"
)
CSP = b"content-security-policy"
# What our script asks for and puts into the page; shown by itself, it may do nothing.
PART, POLICY_OF_PART = b"x-part", b"default-src 'none';form-action 'none';frame-ancestors 'none'"
EVERYWHERE: Head = [
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
ON_PAGES: Head = [
    # Not no-referrer: that makes browsers send `Origin: null` with our own forms.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(),geolocation=(),microphone=(self)"),
]
HSTS = (b"strict-transport-security", b"max-age=%d" % YEAR_S)

# The headers of a request by name, in small letters; of one that came twice the first.
Asked = dict[bytes, bytes]


def protect(
    app: ASGIApp,
    *,
    hosts: frozenset[str],
    https: bool,
    new_nonce: Callable[[int], bytes],
    body_bytes_max: int = BODY_BYTES_MAX,
) -> ASGIApp:
    """The program behind its guard. `hosts`: host names without port; `new_nonce(n)`: n bytes."""
    found = Direct(app) if isinstance(app, Starlette) else app
    return Guard(
        found, hosts=hosts, https=https, new_nonce=new_nonce, body_bytes_max=body_bytes_max
    )


class Guard:
    """Refuses what does not come from our own pages, and sets the headers of every answer."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: frozenset[str],
        https: bool,
        new_nonce: Callable[[int], bytes],
        body_bytes_max: int,
    ) -> None:
        self.app = app
        self.counted = RequestBodyLimitMiddleware(app, max_body_size=body_bytes_max)
        self.hosts = hosts
        self.everywhere = [*EVERYWHERE, HSTS] if https else EVERYWHERE
        self.on_pages = [*self.everywhere, *ON_PAGES]
        self.on_parts = [*self.on_pages, (CSP, POLICY_OF_PART)]
        self.new_nonce = new_nonce
        self.body_bytes_max = body_bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what is no HTTP (the lifespan) passes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked: Asked = dict(reversed(scope["headers"]))
        nonce = in_text(self.new_nonce(NONCE_BYTES))
        scope.setdefault("state", {})["nonce"] = nonce
        held: Message | None = None
        whole: Whole | None = scope.get("extensions", {}).get(WHOLE)

        async def dressed(message: Message) -> None:
            """The head waits for the body: what is packed has another length."""
            nonlocal held
            if message["type"] == "http.response.start":
                held = message
                return
            if held is not None:
                head, held = held, None
                names = head["headers"] = self.dressed(head.get("headers", ()), nonce)
                if not message.get("more_body", False):
                    accepted = asked.get(b"accept-encoding", b"")
                    names, body = packed(names, message.get("body", b""), accepted)
                    if whole and whole(scope, head["status"], names, body):
                        return
                    head["headers"], message["body"] = names, body
                await send(head)
            await send(message)

        await self.answer(scope["method"], asked)(scope, receive, dressed)

    def answer(self, method: str, asked: Asked) -> ASGIApp:
        """Who answers: the program, or a refusal."""
        if host_of(asked.get(b"host", b"").decode("latin-1")) not in self.hosts:
            return PlainTextResponse("Unknown host", status_code=421)
        if method in SAFE_METHODS:
            return self.app
        if not from_our_page(asked):
            return PlainTextResponse("Not from this site", status_code=403)
        # The server gives no more than a length that was told; what tells none is counted.
        told = asked.get(b"content-length", b"")
        small = LENGTH.fullmatch(told) is not None and int(told) <= self.body_bytes_max
        return self.app if small and b"transfer-encoding" not in asked else self.counted

    def dressed(self, head: Iterable[tuple[bytes, bytes]], nonce: str) -> Head:
        """The head with what the route did not set itself. Short: a phone pays for headers too."""
        own = list(head)
        named = dict(own)
        due = self.everywhere
        if PART in named:
            due = self.on_parts
        elif named.get(b"content-type", b"").startswith(b"text/html"):
            due = [*self.on_pages, (CSP, POLICY.format(nonce=nonce).encode())]
        return own + [pair for pair in due if pair[0] not in named]


def from_our_page(asked: Asked) -> bool:
    """Whether a form or script of this site sent it, as far as the browser tells."""
    site = asked.get(b"sec-fetch-site")
    if site is not None:
        return site in (b"same-origin", b"none")
    origin = asked.get(b"origin")
    return origin is None or origin.partition(b"://")[2] == asked.get(b"host")


def host_of(header: str) -> str | None:
    """The name in a `Host`, without port; None when it is more or less than a name and a port."""
    found = HOST.fullmatch(header)
    return found["name"].strip("[]").lower() if found else None


class Stamps:
    """The stamp in every form: proof that we drew it, for this holder, and which drawing it was.

    Against forged posts (CSRF), and against counting one form twice: what `read` gives is new
    for each drawing, and serves as the id of the update that the form brings. Such ids are
    forgotten after three days, so a stamp says in its nonce in which minute it was made.
    """

    def __init__(
        self, key: bytes, new_nonce: Callable[[int], bytes], now: Callable[[], datetime]
    ) -> None:
        self.key = key
        self.new_nonce = new_nonce
        self.now = now

    def make(self, holder: str) -> str:
        """A stamp for a form shown to this holder: a chat address, or a staff session."""
        minute = self._minute().to_bytes(MINUTE_BYTES)
        nonce = minute + self.new_nonce(NONCE_BYTES - MINUTE_BYTES)
        return in_text(nonce + self.mac(holder, nonce))

    def read(self, holder: str, stamp: str) -> str | None:
        """The id of the drawing, 32 hex digits; None when it was not ours or for another holder."""
        try:
            raw = base64.urlsafe_b64decode(stamp + "=" * (-len(stamp) % 4))
        except ValueError:
            return None
        nonce, mac = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
        return nonce.hex() if compare_digest(mac, self.mac(holder, nonce)) else None

    def is_late(self, stamp: str) -> bool:
        """Whether the form of a stamp that `read` accepted was drawn more than a day ago."""
        minute = base64.urlsafe_b64decode(stamp + "=" * (-len(stamp) % 4))[:MINUTE_BYTES]
        return self._minute() - int.from_bytes(minute) > LATE_MINUTES

    def _minute(self) -> int:
        return int(self.now().timestamp()) // 60

    def mac(self, holder: str, nonce: bytes) -> bytes:
        """What ties the nonce to the holder."""
        told = b"form\0" + nonce + holder.encode()
        return blake2b(told, key=self.key, digest_size=MAC_BYTES).digest()


def in_text(raw: bytes) -> str:
    """Bytes as URL-safe letters."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
