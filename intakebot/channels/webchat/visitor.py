"""Who asks: the chat address in the cookie, the language of the device, the page that was open."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from intakebot.core.limits import EXPIRE_DAYS

# 32 random bytes in hex: `Vault.new_token`.
ADDRESS = re.compile(r"[0-9a-f]{64}")
# As long as an unfinished story is kept, from the last form on: a cookie that outlives its story
# only shows on a shared phone that somebody was here (decision 0017).
REMEMBERED_S = EXPIRE_DAYS * 24 * 3600
# Once it was sent, members answer here for longer: until the chat is closed and quiet.
REMEMBERED_SENT_S = 90 * 24 * 3600
# `__Host-`: only this host set it, over https. On loopback there is only http, and no such prefix.
COOKIE, AWAY = "chat", "away"
# What one subscriber gets, at the least: who guesses must not have a new name for each guess.
NETWORK_BITS = {4: 24, 6: 64}


@dataclass(frozen=True, kw_only=True)
class Cookies:
    """How this installation sets its two cookies; both are needed for what was asked for."""

    https: bool

    def name(self, cookie: str) -> str:
        """The name as the browser knows it."""
        return f"__Host-{cookie}" if self.https else cookie

    def address(self, request: Request) -> str | None:
        """The chat address that the browser brings, when it can be one of ours."""
        found = self._get(request, COOKIE) or ""
        return found if ADDRESS.fullmatch(found) else None

    def is_away(self, request: Request) -> bool:
        """Whether the person left in a hurry: nothing of the conversation is shown at once."""
        return self._get(request, AWAY) is not None

    def _get(self, request: Request, cookie: str) -> str | None:
        """The value of a cookie that came; of two of one name the last, as Starlette says."""
        name, found = self.name(cookie), None
        for header, cookies in request.scope["headers"]:
            if header == b"cookie":
                for pair in cookies.decode("latin-1").split(";"):
                    key, _, value = pair.partition("=")
                    if key.strip() == name:
                        found = value.strip()
        return found

    def give(
        self, response: Response, address: str, *, remembered: bool, sent: bool = False
    ) -> None:
        """Set the chat address: for as long as the browser is open, or longer once it is used."""
        kept_s = REMEMBERED_SENT_S if sent else REMEMBERED_S
        self._set(response, COOKIE, address, kept_s if remembered else None)

    def forget(self, response: Response) -> None:
        """Take both cookies back: this browser knows of no chat any more."""
        self._set(response, COOKIE, "", 0)
        self._set(response, AWAY, "", 0)

    def go_away(self, response: Response, *, away: bool) -> None:
        """Draw the curtain before the conversation, or open it."""
        self._set(response, AWAY, "1" if away else "", None if away else 0)

    def _set(self, response: Response, cookie: str, value: str, max_age: int | None) -> None:
        """By hand: both values are letters and digits of our own, and each answer sets one."""
        kept = "" if max_age is None else f";Max-Age={max_age}"
        secure = ";Secure" if self.https else ""
        told = f"{self.name(cookie)}={value}{kept};Path=/;HttpOnly;SameSite=Lax{secure}"
        response.raw_headers.append((b"set-cookie", told.encode()))


def wants_part(request: Request) -> bool:
    """Whether the page is open already and only what is new is asked for."""
    return (b"x-part", b"1") in request.scope["headers"]


def hint(request: Request, offered: tuple[str, ...]) -> str | None:
    """The first language of the device that is offered."""
    for wish in request.headers.get("accept-language", "")[:200].split(","):
        lang, _, country = wish.strip().partition(";")[0].partition("-")
        for code in (f"{lang.lower()}_{country.upper()}", lang.lower()):  # Dari is fa-AF
            if code in offered:
                return code
    return None


def source(request: Request) -> str:
    """Where a guess at a code comes from: the network of the client, not the single address."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    known = getattr(address, "ipv4_mapped", None) or address
    length = NETWORK_BITS[known.version]
    return str(ipaddress.ip_network((known, length), strict=False))
