"""The health endpoint: what a monitor hears, and that it is nothing of anybody."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from intakebot.core.events import Message
from intakebot.core.session import Tongue
from intakebot.store import outgoing
from intakebot.web import health
from tests.web.office import Office, office

DUTCH = Tongue(lang="nl")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as made:
        yield made


async def ask(here: Office) -> httpx.Response:
    site = Starlette(routes=health.routes(here.database, lambda: here.now.at))
    transport = httpx.ASGITransport(app=site)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as monitor:
        return await monitor.get("/health")


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
