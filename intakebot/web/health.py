"""Health: what the operator's monitor may know, and nothing of anybody.

200 when the database answers and what is to be sent gets sent; else 503. It says how many seconds
the oldest message waits that could have been sent by now, and no more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from intakebot.logs import log
from intakebot.store import outgoing
from intakebot.store.database import Database

# A monitor gives up after ten seconds or so.
ANSWERS_WITHIN_S = 5
# Retries go on for longer; by now an inhabitant has waited for a quarter of an hour.
WAITS_MAX_S = 900


def routes(database: Database, now: Callable[[], datetime]) -> list[Route]:
    """The one address."""

    async def tell(_request: Request) -> Response:
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                since = await database.read(lambda: outgoing.oldest_unsent(now()))
        except Exception as fault:  # noqa: BLE001 - whatever it is, the monitor must hear of it
            log.error("health-no-database", error=type(fault).__name__)
            return JSONResponse({"database": "no answer", "oldest_unsent_s": None}, 503)
        waits_s = 0 if since is None else max(0, int((now() - since).total_seconds()))
        told = {"database": "ok", "oldest_unsent_s": waits_s}
        return JSONResponse(told, 503 if waits_s > WAITS_MAX_S else 200)

    return [Route("/health", tell, methods=["GET"])]
