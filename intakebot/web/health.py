"""Health: what the operator's monitor may know, and nothing of anybody.

200 when the database answers, can be written, and what is to be sent gets sent; else 503. It says
how many seconds the oldest message waits that could have been sent by now, and no more.

Whether it can be written shows only when somebody writes: on a full disk all is read as ever. So
now and then who asks has one small row written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from intakebot.logs import log
from intakebot.store import health, outgoing
from intakebot.store.database import Database
from intakebot.store.problems import Unavailable

# A monitor gives up after ten seconds or so.
ANSWERS_WITHIN_S = 5
# Retries go on for longer; by now an inhabitant has waited for a quarter of an hour.
WAITS_MAX_S = 900
# Anybody may ask, as often as they like; a write costs the disk a sync.
WRITES_EACH = timedelta(seconds=20)


class _Pen:
    """Whether the database can be written, as it was found a short while ago."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._alone = asyncio.Lock()
        self._tried_at: datetime | None = None
        self._writes = False

    async def writes(self) -> bool:
        """Try it, unless it was tried just now."""
        async with self._alone:
            at = self._now()
            if self._tried_at is None or not timedelta() <= at - self._tried_at < WRITES_EACH:
                self._writes = await self._try(at)
                self._tried_at = at
            return self._writes

    async def _try(self, at: datetime) -> bool:
        try:
            await self._database.run(lambda: health.beat(at))
        except Unavailable as fault:
            log.error("health-no-write", error=str(fault))
            return False
        return True


def routes(database: Database, now: Callable[[], datetime]) -> list[Route]:
    """The one address."""
    pen = _Pen(database, now)

    async def tell(_request: Request) -> Response:
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                since = await database.read(lambda: outgoing.oldest_unsent(now()))
                writes = await pen.writes()
        except Exception as fault:  # noqa: BLE001 - whatever it is, the monitor must hear of it
            log.error("health-no-database", error=type(fault).__name__)
            return JSONResponse({"database": "no answer", "oldest_unsent_s": None}, 503)
        waits_s = 0 if since is None else max(0, int((now() - since).total_seconds()))
        told = {"database": "ok" if writes else "cannot write", "oldest_unsent_s": waits_s}
        return JSONResponse(told, 200 if writes and waits_s <= WAITS_MAX_S else 503)

    return [Route("/health", tell, methods=["GET"])]
