"""Whoever changes the audit is found out."""

import random
import sqlite3

import asyncpg
import pytest

from intakebot.store import audit
from intakebot.store.audit import Finding, Head
from intakebot.store.database import Database
from intakebot.store.postgres import Postgres
from intakebot.store.sqlite import Sqlite
from intakebot.store.vault import Vault
from intakebot.store.work import Work
from tests.store.builders import NOW
from tests.store.raw import rows, script

ROWS = 12
WITHOUT_GUARD = {
    Sqlite: "DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_shortened",
    Postgres: "ALTER TABLE audit DISABLE TRIGGER USER",
}


@pytest.fixture
async def chain(database: Database, vault: Vault) -> Database:
    """A database with some rows in its audit, and without the triggers that guard them."""

    def written() -> Work[None]:
        for n in range(ROWS):
            yield from audit.append(
                vault, at=NOW, actor=f"member:{n % 3}", action="view", session=f"s{n}", detail=""
            )

    await database.run(written)
    await script(database, WITHOUT_GUARD[type(database)])
    return database


async def kinds(database: Database, vault: Vault, anchor: Head | None = None) -> set[str]:
    found: tuple[Finding, ...] = await database.read(lambda: audit.verify(vault, anchor))
    return {it.kind for it in found}


async def test_a_chain_that_nobody_touched_holds(chain: Database, vault: Vault) -> None:
    head = await chain.read(audit.head)

    assert head is not None
    assert head.seq == ROWS
    assert await kinds(chain, vault, head) == set()


async def test_an_empty_chain_holds(database: Database, vault: Vault) -> None:
    assert await database.read(audit.head) is None
    assert await kinds(database, vault) == set()


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("UPDATE audit SET actor = 'member:9' WHERE seq = 5", "change"),
        ("UPDATE audit SET at = at + 1 WHERE seq = 12", "change"),
        ("UPDATE audit SET action = 'list' WHERE seq = 1", "change"),
        ("UPDATE audit SET detail = 'x' WHERE seq = 7", "change"),
        ("UPDATE audit SET about = NULL WHERE seq = 7", "change"),
        ("UPDATE audit SET hash = 'x' WHERE seq = 7", "change"),
        ("UPDATE audit SET prev = 'x' WHERE seq = 7", "change"),
        ("DELETE FROM audit WHERE seq = 5", "delete"),
        ("DELETE FROM audit WHERE seq = 1", "delete"),
        ("DELETE FROM audit WHERE seq BETWEEN 3 AND 8", "delete"),
        (
            """DELETE FROM audit WHERE seq = 5; UPDATE audit SET seq = seq - 1 WHERE seq > 5;
            UPDATE audit_heads SET seq = seq - 1""",
            "delete",
        ),
        (
            """UPDATE audit SET seq = -1 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 6;
            UPDATE audit SET seq = 6 WHERE seq = -1""",
            "reorder",
        ),
        ("DELETE FROM audit WHERE seq = 12", "truncation"),
        ("DELETE FROM audit WHERE seq > 3", "truncation"),
        ("DELETE FROM audit", "truncation"),
        ("DELETE FROM audit; DELETE FROM audit_heads", "truncation"),
        ("DELETE FROM audit_heads", "truncation"),
        (
            """DELETE FROM audit WHERE seq > 3;
            UPDATE audit_heads SET seq = 3, hash = (SELECT hash FROM audit WHERE seq = 3)""",
            "truncation",
        ),
    ],
)
async def test_each_kind_of_tampering_is_found(
    chain: Database, vault: Vault, change: str, kind: str
) -> None:
    anchor = await chain.read(audit.head)

    await script(chain, change)

    assert kind in await kinds(chain, vault, anchor)


async def test_an_old_copy_put_back_as_a_whole_is_found_by_an_anchor(
    chain: Database, vault: Vault
) -> None:
    def more() -> Work[None]:
        yield from audit.append(vault, at=NOW, actor="x", action="view", session=None)

    [older] = await rows(chain, "SELECT * FROM audit_heads")
    await chain.run(more)
    anchor = await chain.read(audit.head)
    await script(chain, "DELETE FROM audit WHERE seq > 12; DELETE FROM audit_heads")
    old = {column: older[column] for column in ("chain", "seq", "hash", "signature")}
    await rows(chain, "INSERT INTO audit_heads VALUES (:chain, :seq, :hash, :signature)", **old)

    assert await kinds(chain, vault) == set(), "by itself it looks whole"
    assert await kinds(chain, vault, anchor) == {"truncation"}


async def test_no_tampering_by_chance_goes_unnoticed(chain: Database, vault: Vault) -> None:
    """A hundred times one column of one row becomes something else, and what it was again."""
    chance = random.Random(3)  # noqa: S311 - the same tampering in every run
    for _ in range(100):
        column = chance.choice(["at", "actor", "action", "about", "detail", "prev", "hash"])
        seq = chance.randint(1, ROWS)
        change = f"UPDATE audit SET {column} = :value WHERE seq = {seq}"  # noqa: S608 - our own
        [row] = await rows(chain, "SELECT * FROM audit WHERE seq = :seq", seq=seq)
        other = row["at"] + 1 if column == "at" else f"{row[column]}x"
        await rows(chain, change, value=other)

        assert await kinds(chain, vault), (column, seq)

        await rows(chain, change, value=row[column])
    assert await kinds(chain, vault) == set()


async def test_another_key_does_not_make_a_chain(chain: Database, vault: Vault) -> None:
    vault._audit = bytes(32)

    assert "change" in await kinds(chain, vault)


@pytest.mark.parametrize("sql", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
async def test_the_database_itself_refuses(database: Database, vault: Vault, sql: str) -> None:
    def row() -> Work[None]:
        yield from audit.append(vault, at=NOW, actor="x", action="view", session=None)

    await database.run(row)

    with pytest.raises((sqlite3.IntegrityError, asyncpg.RaiseError), match="never"):
        await rows(database, sql)
