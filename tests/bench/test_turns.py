"""How many turns a second the intake takes in, durably, beside the floor of the same disk.

Printed, never asserted: a figure counts only beside the other one of the same run.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from intakebot.core.events import Event, Pressed, Said
from intakebot.store import schema
from intakebot.store.sqlite import open_sqlite
from tests.intake.house import Person, an_intake

CHATS, AT_ONCE = 200, 64
SCRIPT: tuple[Event, ...] = (
    Said(text="hallo"),
    Pressed(id="nl"),
    Pressed(id="mij"),
    Said(text="Ik heb schulden en de stroom wordt donderdag afgesloten."),
    Said(text="klaar"),
    Said(text="klopt"),
    Said(text="ja"),
    Said(text="Liander"),
    Said(text="nee"),
    Said(text="koken"),
    Said(text="7101"),
    Said(text="Ada"),
    Said(text="0612345678"),
    Said(text="ja"),
)


@pytest.mark.bench
async def test_turns_a_second(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "intakebot.db"
    schema.migrate(path)
    database = await open_sqlite(path)
    intake = an_intake(database)
    people = [Person(intake, chat=str(number)) for number in range(CHATS)]
    gate, latencies_ms = asyncio.Semaphore(AT_ONCE), []

    async def talk(person: Person) -> None:
        for event in SCRIPT:
            async with gate:
                began = time.perf_counter()
                await person.does(event)
                latencies_ms.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    await asyncio.gather(*(talk(person) for person in people))
    took = time.perf_counter() - began
    await database.close()
    turns, latencies_ms = len(latencies_ms), sorted(latencies_ms)
    floor = _bare_commits_a_second(tmp_path / "bare.db")
    p50, p99 = latencies_ms[turns // 2], latencies_ms[-turns // 100]
    lines = (
        f"intake: {turns / took:,.0f} turns/s, {CHATS} chats, {AT_ONCE} at once, durable",
        f"  a turn: p50 {p50:.0f} ms, p99 {p99:.0f} ms",
        f"floor:  {floor:,.0f} commits/s, one row each, the same disk and sync",
    )
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")


def _bare_commits_a_second(path: Path, count: int = 500) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE updates (id INTEGER PRIMARY KEY)")
    began = time.perf_counter()
    for number in range(count):
        connection.execute("INSERT INTO updates VALUES (?)", (number,))
    took = time.perf_counter() - began
    connection.close()
    return count / took
