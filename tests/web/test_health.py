"""The health endpoint: what a monitor hears, and that it is nothing of anybody."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from starlette.applications import Starlette

from intakebot.core.events import Message
from intakebot.core.session import Tongue
from intakebot.store import outgoing, paces
from intakebot.store.database import Database
from intakebot.store.sqlite import open_sqlite
from intakebot.store.work import MakeWork
from intakebot.web import health
from tests.faults.disk import FULL, Disk
from tests.web.office import Office, office

T = TypeVar("T")
DUTCH = Tongue(lang="nl")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as made:
        yield made


def monitor(here: Office, database: Database | None = None) -> httpx.AsyncClient:
    site = Starlette(routes=health.routes(database or here.database, lambda: here.now.at))
    transport = httpx.ASGITransport(app=site)
    return httpx.AsyncClient(transport=transport, base_url="http://testserver")


async def ask(here: Office) -> httpx.Response:
    async with monitor(here) as asks:
        return await asks.get("/health")


async def waiting(
    here: Office, at: datetime, *, unasked: bool = False, until: datetime | None = None
) -> None:
    """A message for Telegram that nobody sends."""
    message = Message(text="Dag Yusuf", tongue=DUTCH, unasked=unasked)
    chat = here.vault.chat("telegram", "1", "77")
    await here.database.run(
        lambda: outgoing.add(
            chat, here.vault, message, dkey="1", at=at, author="bot", not_before=until
        )
    )


async def test_all_is_well_when_nothing_waits(here: Office) -> None:
    answer = await ask(here)

    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "oldest_unsent_s": 0})


@pytest.mark.parametrize(("waits_s", "status"), [(30, 200), (900, 200), (901, 503)])
async def test_it_says_how_long_the_oldest_message_waits(
    here: Office, waits_s: int, status: int
) -> None:
    await waiting(here, here.now.at - timedelta(seconds=waits_s))
    answer = await ask(here)

    assert (answer.status_code, answer.json()["oldest_unsent_s"]) == (status, waits_s)
    assert "Yusuf" not in answer.text


async def test_what_waits_for_a_safe_time_is_no_fault(here: Office) -> None:
    now = here.now.at
    await waiting(here, now - timedelta(hours=9), unasked=True, until=now + timedelta(hours=1))

    assert (await ask(here)).json()["oldest_unsent_s"] == 0


async def test_without_a_database_it_says_so(here: Office) -> None:
    await here.database.close()
    answer = await ask(here)

    assert answer.status_code == 503
    assert answer.json() == {"database": "no answer", "oldest_unsent_s": None}


@dataclass
class Full:
    """A monitor of a database on a disk that can be full."""

    disk: Disk
    asks: httpx.AsyncClient

    def fill(self) -> None:
        self.disk.fail("write", 1, FULL)

    async def hears(self) -> tuple[int, str]:
        answer = await self.asks.get("/health")
        return answer.status_code, answer.json()["database"]


@pytest.fixture
async def filled(here: Office) -> AsyncIterator[Full]:
    with Disk() as disk:
        database = await open_sqlite(here.folder / "intakebot.db", connect=disk.connect)
        async with monitor(here, database) as asks:
            yield Full(disk, asks)
        disk.mend()
        await database.close()


async def test_on_a_full_disk_it_says_that_nothing_can_be_written(
    here: Office, filled: Full
) -> None:
    """And after a while, once there is room, that all is well."""
    assert await filled.hears() == (200, "ok")

    here.now.at += health.WRITES_EACH
    filled.fill()
    assert await filled.hears() == (503, "cannot write")

    filled.disk.mend()
    assert await filled.hears() == (503, "cannot write"), "it was tried just now"
    here.now.at += health.WRITES_EACH
    assert await filled.hears() == (200, "ok")


async def test_a_clock_that_was_set_back_does_not_keep_it_from_trying(
    here: Office, filled: Full
) -> None:
    assert await filled.hears() == (200, "ok")

    here.now.at -= timedelta(hours=1)
    filled.fill()
    assert await filled.hears() == (503, "cannot write")


async def test_who_asks_often_has_nothing_written_each_time(
    here: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, writes = here.database.run, list[str]()

    async def counted(make_work: MakeWork[T]) -> T:
        writes.append("one")
        return await run(make_work)

    monkeypatch.setattr(here.database, "run", counted)
    async with monitor(here) as asks:
        for _ in range(3):
            await asyncio.gather(*(asks.get("/health") for _ in range(5)))
            here.now.at += health.WRITES_EACH

    assert len(writes) == 3


async def test_what_it_writes_is_one_row_that_goes_by_itself(here: Office) -> None:
    for _ in range(3):
        await ask(here)
        here.now.at += timedelta(minutes=1)
    later = here.now.at + timedelta(hours=1)

    assert await here.database.run(lambda: paces.forget_old(later)) == 1
