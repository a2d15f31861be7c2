"""Many at once: eight that add to one chat, and another process that holds the lock of SQLite."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from intakebot.store import schema, sessions
from intakebot.store.database import Database
from intakebot.store.postgres import open_postgres
from intakebot.store.sqlite import open_sqlite
from intakebot.store.work import Chat, Work
from tests.bot_api.server import BotApi
from tests.faults import crowd
from tests.faults.crowd import NOTHING, Brief, Crowd, Killable, in_file, settings
from tests.faults.evidence import record
from tests.house.length import Progress
from tests.intake.house import a_vault
from tests.store.builders import NOW, a_session

WORKERS, EACH = 8, 100
CHAT = Chat("telegram", "7", "one", "4242")
PEOPLE, SPEED = 3, 20.0
# Shorter than the patience of `Brief`, and longer than that of two who wait for one another. The
# long form takes the program as it is, and 4 minutes.
HELD_S_SHORT, HELD_S_MAX, HOLDS_LONG = (0.2, 2.5), 20.0, 20

Add = Callable[[Database], Awaitable[object]]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """An empty database on either."""
    if request.param == "sqlite":
        schema.migrate(tmp_path / "one.db")
        return tmp_path / "one.db"
    address: str = request.getfixturevalue("postgres_address")
    return address


async def opened(place: Path | str) -> Database:
    return await (open_sqlite(place) if isinstance(place, Path) else open_postgres(place))


def turns(place: Path | str, add: Add) -> int:
    """Let eight, each on a thread and with connections of its own, add a hundred; gives the sum."""

    async def work() -> None:
        database = await opened(place)
        for _ in range(EACH):
            await add(database)
        await database.close()

    async def begin() -> None:
        database = await opened(place)
        await database.run(lambda: sessions.create(a_vault(), CHAT, a_session(), NOW))
        await database.close()

    async def count() -> int:
        database = await opened(place)
        found = await database.read(reading)
        await database.close()
        return found

    asyncio.run(begin())
    with ThreadPoolExecutor(WORKERS) as threads:
        for done in [threads.submit(asyncio.run, work()) for _ in range(WORKERS)]:
            done.result()
    return asyncio.run(count())


def reading() -> Work[int]:
    stored = yield from sessions.open_in(a_vault(), CHAT)
    assert stored is not None
    return stored.session.turn


def writing(turn: int | None = None) -> Work[None]:
    """One more than is there, or than was there when somebody looked."""
    yield from sessions.alone_in(CHAT)
    stored = yield from sessions.open_in(a_vault(), CHAT)
    assert stored is not None
    found = stored.session.turn if turn is None else turn
    yield from sessions.save(stored, stored.session.replace(turn=found + 1), NOW)


@pytest.mark.faults
def test_eight_that_add_to_one_chat_lose_nothing(place: Path | str) -> None:
    assert turns(place, lambda database: database.run(writing)) == WORKERS * EACH


@pytest.mark.faults
def test_who_looks_in_one_transaction_and_writes_in_the_next_is_found_out(
    place: Path | str,
) -> None:
    """The negative control."""

    async def add(database: Database) -> None:
        turn = await database.read(reading)
        await database.run(lambda: writing(turn))

    assert turns(place, add) < WORKERS * EACH


@pytest.mark.faults
async def test_another_process_that_holds_the_lock_costs_nothing(
    tmp_path: Path,
    root: Path,
    long: bool,  # noqa: FBT001 - a fixture
    progress: Progress,
) -> None:
    """The program waits a while, then says that it cannot now; Telegram brings it again."""
    dice = random.Random(6)  # noqa: S311 - the same chance in every run
    held = [dice.uniform(0, HELD_S_MAX) for _ in range(HOLDS_LONG)] if long else HELD_S_SHORT
    path = tmp_path / "state" / "intakebot.sqlite"
    async with BotApi(speed=SPEED) as api:
        kind = Killable if long else Brief
        process, people = kind(tmp_path / "state", **settings(api)), Crowd(api, PEOPLE)
        await process.begin()
        people.begin()
        for seconds in progress("held locks", held, len(held)):
            await asyncio.sleep(0.5)
            await hold(path, seconds)
            assert await crowd.lost(api, in_file(path)) == set()
        refused = api.world.brought.total() - len(api.world.brought)
        await people.end()
        await crowd.quiet(in_file(path))
        await process.stop()
        promises = await crowd.broken(api, people, in_file(path))
    if long:
        told = {"locks held": len(held), "seconds, together": round(sum(held))}
        told |= promises | {"redelivered": refused}
        record(root, "Another process holds the write lock of SQLite", told)

    assert promises == NOTHING
    assert refused > 0, "nobody met the lock"


async def hold(path: Path, seconds: float) -> None:
    other = sqlite3.connect(path, isolation_level=None, timeout=60)
    try:
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(seconds)
        other.execute("ROLLBACK")
    finally:
        other.close()
