"""The intake on PostgreSQL: several processes take in, and a crash after any statement changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from intakebot.core.events import Event, Pressed, Said
from intakebot.intake import Receipt
from intakebot.settings import Settings, SettingsProblem
from intakebot.store import audit, queries
from intakebot.store.database import Database
from intakebot.store.opening import open_up_to_date
from intakebot.store.postgres import Postgres, open_postgres
from intakebot.store.sqlite import Sqlite
from intakebot.store.work import MakeWork, T, Work
from tests.intake.house import Counting, Person, a_vault, an_intake
from tests.store.faults import Crash
from tests.store.raw import rows

SCRIPT: tuple[Event, ...] = (
    Said(text="hallo"),
    Pressed(id="nl"),
    Pressed(id="mij"),
    Said(text="Ik heb schulden."),
)


class Breaking:
    """A database whose works die after so many statements, the commit counted as one."""

    def __init__(self, database: Postgres, after: int) -> None:
        self._database = database
        self._left = after

    async def run(self, make_work: MakeWork[T]) -> T:
        result = await self._database.run(lambda: self._counted(make_work()))
        self._count()
        return result

    async def read(self, make_work: MakeWork[T]) -> T:
        return await self._database.read(make_work)

    async def checkpoint(self) -> bool:
        return await self._database.checkpoint()

    async def close(self) -> None:
        await self._database.close()

    def _counted(self, work: Work[T]) -> Work[T]:
        found = None
        try:
            while True:
                statement = next(work) if found is None else work.send(found)
                found = yield statement
                self._count()
        except StopIteration as end:
            result: T = end.value
            return result

    def _count(self) -> None:
        if self._left == 0:
            raise Crash
        self._left -= 1


@pytest.fixture
async def both(postgres_address: str) -> AsyncIterator[tuple[Postgres, Postgres]]:
    """Two processes' worth of databases."""
    pair = await open_postgres(postgres_address), await open_postgres(postgres_address)
    yield pair
    for database in pair:
        await database.close()


async def told(database: Database) -> tuple[object, list[str], object]:
    """What the inhabitant could notice, and whether the audit holds."""
    vault = a_vault()
    person = Person(an_intake(database, vault=vault))
    stored = await person.stored()
    lines = [row["dkey"] for row in await rows(database, "SELECT dkey FROM messages ORDER BY nth")]
    found = await database.read(lambda: audit.verify(vault))
    return stored.session if stored else None, lines, found


async def receive(database: Database, nth: int) -> Receipt:
    chance = Counting()
    chance.references = chance.sessions = nth
    intake = an_intake(database, vault=a_vault(), chance=chance)
    return await intake.receive(Person(intake).incoming(SCRIPT[nth], str(nth)))


async def test_what_two_processes_receive_at_once_counts_once(
    both: tuple[Postgres, Postgres],
) -> None:
    """Every update comes to both at the same time, as Telegram may deliver it twice."""
    for nth in range(len(SCRIPT)):
        receipts = await asyncio.gather(*(receive(database, nth) for database in both))
        assert sorted(it.duplicate for it in receipts) == [False, True]
    at_once = await told(both[0])

    session, lines, findings = at_once
    assert session is not None
    assert findings == ()
    assert len(lines) == len(set(lines)) >= len(SCRIPT), "each message is said once"


@pytest.mark.faults
async def test_a_crash_after_any_statement_changes_nothing(
    both: tuple[Postgres, Postgres],
) -> None:
    """The last update dies after the n-th statement, for every n; nothing of it is kept."""
    one, other = both
    last = len(SCRIPT) - 1
    for nth in range(last):
        await receive(one, nth)
    before = await told(one)

    crashes = 0
    while True:
        try:
            await receive(Breaking(one, crashes), last)
        except Crash:
            if (await told(other)) != before:
                break  # the commit was through: only the word of it was lost
            crashes += 1
        else:
            pytest.fail("the commit is the last thing that can break")

    assert crashes >= 5
    assert (await receive(other, last)).duplicate, "it comes again, and counts once"
    session, lines, findings = await told(other)
    assert session != before[0]
    assert len(lines) > len(before[1])
    assert findings == ()


async def test_the_settings_say_which_database(tmp_path: Path, postgres_address: str) -> None:
    on_disk = Settings(state=tmp_path)
    on_server = Settings(state=tmp_path, database=postgres_address)

    for settings, kind in ((on_disk, Sqlite), (on_server, Postgres)):
        database = await open_up_to_date(settings.database_place)
        assert isinstance(database, kind)
        await database.close()

    assert on_disk.database_path == tmp_path / "intakebot.sqlite"
    with pytest.raises(SettingsProblem, match="this command is for SQLite"):
        _ = on_server.database_path
    with pytest.raises(ValueError, match="must be empty, sqlite:///path, or postgresql://"):
        Settings(database="mysql://host/name")
    assert "secret" not in repr(Settings(database="postgresql://me:secret@host/name"))


def test_no_statement_is_left_with_a_mark_of_sqlite() -> None:
    """A remark for PostgreSQL that is spelled wrongly would be a lock that nobody takes."""
    marks = [name for name, query in queries.ALL.items() if "/*" in query.sql]

    assert sorted(marks) == [
        "attachments_to_fetch",
        "claim_messages",
        "claim_translations",
        "close_pace",
        "line",
        "lock_audit_head",
        "lock_chat",
        "ring",
        "take_pace",
    ]
    assert all("/*postgresql " in queries.ALL[name].sql for name in marks)
