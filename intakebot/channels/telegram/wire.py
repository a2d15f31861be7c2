"""HTTP to the Bot API under the library: what it must not log, and what 429 means."""

from __future__ import annotations

import logging
from typing import Any

from telegram.error import NetworkError, TelegramError
from telegram.request import HTTPXRequest

from intakebot.channels.telegram import arrivals

LOGGERS_THAT_LEAK = ("httpx", "httpcore", "telegram")


class FloodError(TelegramError):
    """429: the library's own exception warns about its future on every use."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Too many requests, wait {seconds} seconds.")
        self.seconds = seconds


class QuietRequest(HTTPXRequest):
    """The library's HTTP, without its log lines about what could not be read."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401 - theirs
        """Code and body; 429 becomes `FloodError`."""
        code, body = await super().do_request(*args, **kwargs)
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


def hush() -> None:
    """Keep the loggers that write tokens and texts at WARNING, whatever the root says."""
    for name in LOGGERS_THAT_LEAK:
        logging.getLogger(name).setLevel(logging.WARNING)


def _retry_after(body: bytes) -> float:
    try:
        parameters = QuietRequest.parse_json_payload(body).get("parameters")
    except NetworkError:
        parameters = None
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(seconds) if isinstance(seconds, int | float) and seconds > 0 else 1.0
