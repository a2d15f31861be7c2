"""HTTP to the Bot API under the library, by aiohttp: with bounds, and without secrets in a log.

The library brings a client of its own, which takes four fifths of the time of a call
(tests/bench); this is the seam that it documents for another. An error never carries the
address, because the token stands in it; 429 says how long to wait, as `FloodError`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import msgspec
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
    TimedOut,
)
from telegram.request import BaseRequest, RequestData
from yarl import URL

from intakebot.channels.telegram import arrivals
from intakebot.core.limits import ATTACHMENT_BYTES_MAX

LOGGERS_THAT_LEAK = ("httpx", "httpcore", "telegram", "aiohttp")
CONNECT_S = 5.0
READ_S = 5.0
# For a connection of the pool to come free; together with the others within a lease of the outbox.
POOL_S = 5.0
# Telegram closes what is silent for a minute; by then we have let go of it.
IDLE_S = 45.0
# The largest answer is an attachment; what is longer is not read to its end.
ANSWER_BYTES_MAX = ATTACHMENT_BYTES_MAX + 1_048_576
ERRORS: Mapping[int, Callable[[str], TelegramError]] = {
    400: BadRequest,
    401: InvalidToken,
    403: Forbidden,
    404: InvalidToken,
    409: Conflict,
}
# As JSON: to write a form of it took longer than the rest of a call (tests/bench).
HEADERS = {"Content-Type": "application/json", "User-Agent": BaseRequest.USER_AGENT}


class FloodError(TelegramError):
    """429: the library's own exception warns about its future on every use."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Too many requests, wait {seconds} seconds.")
        self.seconds = seconds


class Wire(BaseRequest):
    """Connections to one Bot API server, at most so many at once; opened at the first call."""

    def __init__(self, connections_max: int) -> None:
        self._connections_max = connections_max
        self._session: aiohttp.ClientSession | None = None
        self._proxies = getproxies()

    @property
    def read_timeout(self) -> float:
        """How long we wait for the next bytes of an answer, in seconds."""
        return READ_S

    async def initialize(self) -> None:
        """Nothing: the first call opens what it needs."""

    async def shutdown(self) -> None:
        """Close all connections; a later call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(  # noqa: PLR0917 - the seam of the library
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401 - theirs
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401, ARG002 - theirs; texts are short
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401 - theirs
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401 - theirs
    ) -> tuple[int, bytes]:
        """Code and body; 429 becomes `FloodError`, what is no answer `NetworkError`."""
        if request_data is not None and request_data.contains_files:
            raise NetworkError("Files are not sent.")
        form = request_data.json_parameters if request_data else None
        bounds = _bounds(
            _seconds(pool_timeout, POOL_S),
            _seconds(connect_timeout, CONNECT_S),
            _seconds(read_timeout, READ_S),
        )
        return await self._exchange(method, url, form, bounds)

    async def ask(self, url: str, fields: Mapping[str, str]) -> object:
        """What the Bot API answers to a method with these fields; raises `TelegramError`.

        Errors are those of the library (core.telegram.org/bots/api#making-requests).
        """
        code, body = await self._exchange("POST", url, fields, _bounds(POOL_S, CONNECT_S, READ_S))
        answer = self.parse_json_payload(body)
        if code == 200 and answer.get("ok") is True:  # noqa: PLR2004 - the HTTP code of success
            return answer.get("result")
        raise ERRORS.get(code, NetworkError)(str(answer.get("description") or code))

    async def _exchange(
        self,
        method: str,
        url: str,
        fields: Mapping[str, str] | None,
        bounds: aiohttp.ClientTimeout,
    ) -> tuple[int, bytes]:
        try:
            async with self._open().request(
                method,
                _address(url),
                data=None if fields is None else msgspec.json.encode(fields),
                headers=HEADERS,
                timeout=bounds,
                proxy=self._proxy(url),
                allow_redirects=False,
            ) as answer:
                body = await _whole(answer)
                code = answer.status
        except TimeoutError:
            raise TimedOut from None
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(type(error).__name__) from None
        if code == 429:  # noqa: PLR2004 - the HTTP code that this sentence is about
            raise FloodError(_retry_after(body))
        return code, body

    @staticmethod
    def parse_json_payload(body: bytes) -> dict[str, Any]:
        """The JSON of an answer. The library's own version logs the whole of a broken one."""
        read = arrivals.read_json(body)
        if not isinstance(read, dict):
            raise NetworkError("An answer that is no JSON object.")
        return read

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections_max, keepalive_timeout=IDLE_S
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    def _proxy(self, url: str) -> str | None:
        """The proxy of this machine for this address, from the environment; or none."""
        if not self._proxies:
            return None
        parts = urlsplit(url)
        found = self._proxies.get(parts.scheme)
        return found if found and not proxy_bypass(parts.hostname or "") else None


@lru_cache(maxsize=8)
def _bounds(pool_s: float, connect_s: float, read_s: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        connect=pool_s + connect_s, sock_connect=connect_s, sock_read=read_s
    )


@lru_cache(maxsize=16)
def _address(url: str) -> URL:
    """Read once: there is one for each method, and few are used."""
    return URL(url, encoded=True)


def hush() -> None:
    """Keep the loggers that write tokens and texts at WARNING, whatever the root says."""
    for name in LOGGERS_THAT_LEAK:
        logging.getLogger(name).setLevel(logging.WARNING)


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in answer.content.iter_any():
        body += part
        if len(body) > ANSWER_BYTES_MAX:
            raise NetworkError("An answer that is too long.")
    return bytes(body)


def _seconds(given: Any, usual: float) -> float:  # noqa: ANN401 - the library's own mark for "not given"
    return float(given) if isinstance(given, int | float) else usual


def _retry_after(body: bytes) -> float:
    try:
        parameters = Wire.parse_json_payload(body).get("parameters")
    except NetworkError:
        parameters = None
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(seconds) if isinstance(seconds, int | float) and seconds > 0 else 1.0
