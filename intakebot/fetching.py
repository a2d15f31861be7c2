"""Fetching: what people sent is downloaded, outside any transaction, and sealed on disk.

    fetching = Fetching(database=…, vault=…, fetchers={Way("telegram", bot): telegram.fetch}, …)
    await fetching.run()       for ever

The row says what is to be fetched and how often it was tried; the file is written before the row
says that it is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from intakebot.core.talking.delivery import (
    Busy,
    Fetched,
    FetchOutcome,
    Lost,
    TooBig,
    Unsure,
    Way,
)
from intakebot.store import attachments
from intakebot.store.attachments import State, ToFetch
from intakebot.store.database import Database
from intakebot.store.vault import Vault

AT_ONCE_MAX = 4
AGAIN = timedelta(minutes=2)
ATTEMPTS_MAX = 720  # a day
LOOK_AGAIN_S = 5.0

log = structlog.get_logger(__name__)

Fetch = Callable[[str], Awaitable[FetchOutcome]]


class Fetching:
    """Downloads voice notes and photos, outside any transaction, and seals them on disk.

    Photos that Telegram made smaller hold no place and no camera any more; of documents nothing is
    taken out (yet): they are kept as they were sent.
    """

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        folder: Path,
        fetchers: Mapping[Way, Fetch],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._vault = vault
        self._folder = folder
        self._fetchers = fetchers
        self._now = now

    async def run(self) -> None:
        """Fetch for ever."""
        while True:
            try:
                fetched = await self.fetch_due()
            except Exception as error:  # noqa: BLE001 - the edge: what is due stays due
                log.warning("attachments-not-fetched", error=type(error).__name__)
                fetched = 0
            if not fetched:
                await asyncio.sleep(LOOK_AGAIN_S)

    async def fetch_due(self) -> int:
        """Fetch what is due, a few at once; gives how many were tried."""
        return sum([await self._fetch_on(way, fetch) for way, fetch in self._fetchers.items()])

    async def _fetch_on(self, way: Way, fetch: Fetch) -> int:
        now = self._now()
        due = await self._database.run(
            lambda: attachments.to_fetch(
                self._vault, *way, now=now, again_at=now + AGAIN, count=AT_ONCE_MAX
            )
        )
        await asyncio.gather(*(self._fetch(one, fetch) for one in due))
        return len(due)

    async def _fetch(self, due: ToFetch, fetch: Fetch) -> None:
        match await fetch(due.attachment.source):
            case Fetched(content=content):
                await self._keep(due, content)
            case TooBig():
                await self._mark(due, "too_big", due.attachment.bytes)
            case Lost():
                await self._mark(due, "failed", 0)
            case Busy() | Unsure():
                if due.attempts >= ATTEMPTS_MAX:
                    await self._mark(due, "failed", 0)

    async def _keep(self, due: ToFetch, content: bytes) -> None:
        """First the file, then the row that says so; no file for what was erased meanwhile."""
        name = due.attachment.id
        await asyncio.to_thread(attachments.write_file, self._folder, due.key, name, content)
        await self._mark(due, "stored", len(content))
        if await self._database.read(lambda: attachments.load(due.home, name)) is None:
            path = attachments.path_of(self._folder, name)
            await asyncio.to_thread(path.unlink, missing_ok=True)

    async def _mark(self, due: ToFetch, state: State, size: int) -> None:
        await self._database.run(lambda: attachments.mark(due.home, due.attachment.id, state, size))
