"""Several processes on one database: one asks Telegram at a time, and another goes on when it dies."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from intakebot.core.talking.delivery import Way
from intakebot.line import GAP_MIN
from intakebot.store import lines
from intakebot.store.postgres import open_postgres
from tests.bot_api.server import TOKEN, BotApi
from tests.channels.conftest import NOW
from tests.channels.process import Process
from tests.channels.walking import Walk
from tests.store.raw import rows

WAY = Way("telegram", "123")
TELEGRAM = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_SCOPE": "full"}
PATIENCE_S = 120.0


def leads(process: Process) -> int:
    """How often this one began to lead."""
    told = (json.loads(line) for line in process.log.splitlines() if line.startswith("{"))
    return sum(line.get("event") == "leads" for line in told)


async def until_leads(process: Process) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not leads(process):  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)


@pytest.mark.faults
async def test_another_goes_on_asking_when_the_one_that_asked_is_killed(
    tmp_path: Path, postgres_address: str
) -> None:
    async with BotApi(speed=20.0) as api:
        settings = TELEGRAM | {"TELEGRAM_API": api.url, "DATABASE": postgres_address}
        one, two = (Process(tmp_path / "state", **settings, log=name) for name in ("one", "two"))
        try:
            await one.begin()
            await until_leads(one)
            await two.begin()
            walk = Walk(api.person())
            await walk.begin()
            await walk.answer(await walk.next_screen())
            assert leads(two) == 0

            await one.kill()
            await until_leads(two)
            await walk.rest()
            assert "telegram-asked-by-another-program" not in two.log
            assert await two.stop() == 0
        finally:
            await one.kill()
            await two.kill()

    database = await open_postgres(postgres_address)
    [count] = await rows(database, "SELECT COUNT(*) AS n FROM requests")
    await database.close()
    assert count["n"] == 1
    assert len(walk.asked) == len(set(walk.asked))


async def test_two_processes_note_one_gap_and_so_ask_about_it_once(postgres_address: str) -> None:
    """Each notes at a moment of its own; the gap, by which questions are known, is one."""
    both = [await open_postgres(postgres_address) for _ in range(2)]

    for minutes in range(0, 40, 4):
        at = [NOW + GAP_MIN * minutes, NOW + GAP_MIN * minutes + GAP_MIN / 60]
        noting = [
            database.run(lambda at=moment: lines.open_at(*WAY, at, gap_min=GAP_MIN))  # type: ignore[misc]  # mypy loses it
            for database, moment in zip(both, at, strict=True)
        ]
        one, other = await asyncio.gather(*noting)
        if minutes:
            assert one is not None
            assert one == other

    for database in both:
        await database.close()
