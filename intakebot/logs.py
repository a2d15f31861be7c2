"""Logs: JSON lines on standard error, with names and ids, and never a word of an inhabitant."""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import suppress
from typing import TextIO, cast

import structlog

# The web server and the event loop write an exception as it is, with all that it says.
LOGGERS_WITH_TRACEBACKS = ("uvicorn.error", "asyncio")

log = structlog.get_logger(__name__)


def as_json() -> None:
    """Write events as JSON; of an exception that nobody caught only its kind and its place."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", Unfailing(sys.stderr))),
    )
    for name in LOGGERS_WITH_TRACEBACKS:
        logging.getLogger(name).addFilter(place_only)


class Unfailing:
    """A stream that loses what it cannot write.

    Where it leads to a file, the disk that is full under it is most often the database's too. The
    program then goes on, lets people read and says 503, instead of ending by what it wanted to say.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write it, or lose it."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Bring it on its way, or lose it."""
        with suppress(OSError):
            self._stream.flush()


def place_only(record: logging.LogRecord) -> bool:
    """Whether the record may be written as it is: one with an exception is told in our own way."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return True
    places = [f"{it.name}:{it.lineno}" for it in traceback.extract_tb(error.__traceback__)]
    log.error("fault", error=type(error).__name__, where=places[-5:])
    return False
