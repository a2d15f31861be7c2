"""The laws of `Database`: they hold on SQLite and on PostgreSQL alike."""

import asyncio
import sqlite3

import pytest

from intakebot.store import queries as q
from intakebot.store.database import Database
from intakebot.store.problems import Refused, Unavailable
from intakebot.store.work import Work
from tests.store.counting import count, numbers


async def test_a_work_gives_its_result_and_is_there_afterwards(database: Database) -> None:
    assert await database.run(count("a")) == "a"
    assert await numbers(database) == {"a": 1}


async def test_a_work_that_fails_rolls_back_itself_and_nothing_else(database: Database) -> None:
    works = [count("a"), count("b", 3, then=ValueError("ours")), count("c")]

    results = await asyncio.gather(*map(database.run, works), return_exceptions=True)

    assert results[0] == "a"
    assert isinstance(results[1], ValueError)
    assert results[2] == "c"
    assert await numbers(database) == {"a": 1, "c": 1}


async def test_a_work_that_breaks_a_constraint_is_our_mistake(database: Database) -> None:
    def twice() -> Work[None]:
        yield q.add_membership(member="nobody", queue="x")

    results = await asyncio.gather(
        database.run(count("a")), database.run(twice), return_exceptions=True
    )

    assert results[0] == "a"
    assert isinstance(results[1], sqlite3.IntegrityError | Refused)


async def test_a_caller_that_went_away_harms_nobody(database: Database) -> None:
    gone = asyncio.create_task(database.run(count("gone")))
    stays = asyncio.create_task(database.run(count("stays")))
    await asyncio.sleep(0)
    gone.cancel()

    assert await stays == "stays"
    assert (await numbers(database))["stays"] == 1


async def test_what_only_reads_cannot_write(database: Database) -> None:
    with pytest.raises(Unavailable, match=r"SQLITE_READONLY|ReadOnlySQLTransaction"):
        await database.read(count("a"))
