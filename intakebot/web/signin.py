"""Who is signed in: a one-time link, a cookie with a secret, and nothing else.

The link is used by pressing the button behind it; looking at it, as a mail program does, leaves
it whole. The cookie holds the secret of a staff session in the database, which ends by itself,
by signing out, and when the member leaves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

# `__Host-`: only this host set it, over https. On loopback there is only http, and no such prefix.
COOKIE = "staff"
# 32 random bytes in hex: `Vault.new_token`.
TOKEN = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """How this installation keeps the secret of a staff session in a browser."""

    https: bool

    @property
    def name(self) -> str:
        """The name as the browser knows it."""
        return f"__Host-{COOKIE}" if self.https else COOKIE

    def read(self, request: Request) -> str | None:
        """The secret that the browser brings, when it can be one of ours."""
        found = request.cookies.get(self.name, "")
        return found if TOKEN.fullmatch(found) else None

    def give(self, response: Response, token: str) -> None:
        """Let the browser keep it until it is closed; never for a page of another site."""
        response.set_cookie(
            self.name, token, secure=self.https, httponly=True, samesite="strict", path="/"
        )

    def drop(self, response: Response) -> None:
        """Let the browser forget it."""
        response.delete_cookie(
            self.name, secure=self.https, httponly=True, samesite="strict", path="/"
        )
