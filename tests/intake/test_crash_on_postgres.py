"""The conversation of test_crash.py on PostgreSQL: `receive` dies after every statement of every update.

Until the commit nothing at all may be different in any table; after it the update comes again, and
counts once. At its end the conversation is the one that was held on SQLite without a crash.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from intakebot.store import audit, tables_beside
from intakebot.store.database import Database
from intakebot.store.postgres import Postgres, open_postgres
from intakebot.store.sqlite import open_sqlite
from tests.intake.house import Counting, Person, a_vault, an_intake
from tests.intake.test_crash import SCRIPT
from tests.intake.test_on_postgres import Breaking
from tests.store.faults import Crash
from tests.store.raw import rows

ALL_ROWS = " UNION ALL ".join(
    f"SELECT '{table}' AS name, md5(string_agg(t::text, '|' ORDER BY t::text)) AS rows FROM {table} t"  # noqa: S608 - names of our own schema
    for table in tables_beside.metadata.tables
)


async def everything(database: Postgres) -> dict[str, str]:
    """Every row of every table, as a hash each."""
    return {row["name"]: row["rows"] for row in await rows(database, ALL_ROWS)}


async def receive(database: Database, nth: int) -> bool:
    """Receive the n-th update; gives whether it had come before."""
    chance = Counting()
    chance.references = chance.sessions = nth
    intake = an_intake(database, vault=a_vault(), chance=chance)
    receipt = await intake.receive(Person(intake).incoming(SCRIPT[nth], str(nth)))
    return receipt.duplicate


async def told(database: Database) -> dict[str, object]:
    """What an inhabitant or a member could notice."""
    vault = a_vault()
    person = Person(an_intake(database, vault=vault))
    stored = await person.stored()
    return {
        "session": stored.session if stored else None,
        "seq": stored.seq if stored else None,
        "request": msgspec.json.encode(await person.request()),
        "lines": [(it.dkey, it.author, it.message.text) for it in await person.lines()],
        "findings": await database.read(lambda: audit.verify(vault)),
    }


@pytest.mark.faults
async def test_a_crash_after_any_statement_changes_nothing(
    postgres_address: str, path: Path
) -> None:
    on_file = await open_sqlite(path)
    for nth in range(len(SCRIPT)):
        assert not await receive(on_file, nth)
    expected = await told(on_file)
    await on_file.close()
    one, other = await open_postgres(postgres_address), await open_postgres(postgres_address)

    for nth in range(len(SCRIPT)):
        before = await everything(other)
        crashes = 0
        while True:
            with pytest.raises(Crash):
                await receive(Breaking(one, crashes), nth)
            if await everything(other) != before:
                break  # the commit was through: only the word of it was lost
            crashes += 1
        assert crashes >= 5, f"update {nth}"
        assert await receive(other, nth), "it comes again, and counts once"

    assert await told(other) == expected
    assert expected["findings"] == ()
    await one.close()
    await other.close()
