"""What stands before every page: who may ask, how much may be sent, what a browser may do with it.

`protect` wraps the whole program once; pure ASGI, so that streams pass. In order:

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
import hmac
import re
from collections.abc import Callable
from datetime import datetime

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# A form of text fields; a message is 4,096 characters, at most 12 bytes each when form-encoded.
BODY_BYTES_MAX = 64_000
# Below this a response fits in one packet as it is.
GZIP_FROM_BYTES = 400
NONCE_BYTES = 16
MAC_BYTES = 16
MINUTE_BYTES = 4
# A form of yesterday does not count: the conversation may have gone on without it.
LATE_MINUTES = 24 * 60
# Anything else in a Host could be read in two ways: by us, and by who follows a redirect of ours.
HOST = re.compile(r"(?P<name>[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", re.ASCII)
YEAR_S = 31_536_000
POLICY = (
    "default-src 'none';script-src 'nonce-{nonce}';style-src 'self';img-src 'self' data:;"
    "font-src 'self';connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'"
)


def protect(
    app: ASGIApp,
    *,
    hosts: frozenset[str],
    https: bool,
    new_nonce: Callable[[int], bytes],
    body_bytes_max: int = BODY_BYTES_MAX,
) -> ASGIApp:
    """The program behind its guard. `hosts`: host names without port; `new_nonce(n)`: n bytes."""
    limited = RequestBodyLimitMiddleware(app, max_body_size=body_bytes_max)
    compressed = GZipMiddleware(limited, minimum_size=GZIP_FROM_BYTES)
    return Guard(compressed, hosts=hosts, https=https, new_nonce=new_nonce)


class Guard:
    """Refuses what does not come from our own pages, and sets the headers of every answer."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: frozenset[str],
        https: bool,
        new_nonce: Callable[[int], bytes],
    ) -> None:
        self.app = app
        self.hosts = hosts
        self.https = https
        self.new_nonce = new_nonce

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what is no HTTP (the lifespan) passes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        nonce = in_text(self.new_nonce(NONCE_BYTES))
        scope.setdefault("state", {})["nonce"] = nonce
        answer = self.app
        if host_of(headers.get("host", "")) not in self.hosts:
            answer = PlainTextResponse("Unknown host", status_code=421)
        elif scope["method"] not in SAFE_METHODS and not from_our_page(headers):
            answer = PlainTextResponse("Not from this site", status_code=403)

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.dress(MutableHeaders(scope=message), nonce)
            await send(message)

        await answer(scope, receive, dressed)

    def dress(self, headers: MutableHeaders, nonce: str) -> None:
        """Set what the route did not set itself. Short: a phone pays for headers too."""
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Cache-Control", "no-store")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if self.https:
            headers.setdefault("Strict-Transport-Security", f"max-age={YEAR_S}")
        if headers.get("content-type", "").startswith("text/html"):
            headers.setdefault("Content-Security-Policy", POLICY.format(nonce=nonce))
            # Not no-referrer: that makes browsers send `Origin: null` with our own forms.
            headers.setdefault("Referrer-Policy", "same-origin")
            headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
            headers.setdefault("Permissions-Policy", "camera=(),geolocation=(),microphone=()")


def from_our_page(headers: Headers) -> bool:
    """Whether a form or script of this site sent it, as far as the browser tells."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host")


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
        return nonce.hex() if hmac.compare_digest(mac, self.mac(holder, nonce)) else None

    def is_late(self, stamp: str) -> bool:
        """Whether the form of a stamp that `read` accepted was drawn more than a day ago."""
        minute = base64.urlsafe_b64decode(stamp + "=" * (-len(stamp) % 4))[:MINUTE_BYTES]
        return self._minute() - int.from_bytes(minute) > LATE_MINUTES

    def _minute(self) -> int:
        return int(self.now().timestamp()) // 60

    def mac(self, holder: str, nonce: bytes) -> bytes:
        """What ties the nonce to the holder."""
        told = b"form\0" + nonce + holder.encode()
        return hmac.digest(self.key, told, "sha256")[:MAC_BYTES]


def in_text(raw: bytes) -> str:
    """Bytes as URL-safe letters."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
