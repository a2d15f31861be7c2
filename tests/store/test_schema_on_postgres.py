"""PostgreSQL: tables and migrations agree to the last default, and a migration is done whole or not at all."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from intakebot.store import postgres, schema, tables_beside
from intakebot.store.problems import StoreProblem
from tests.keeping.command import Command
from tests.postgres import DSN, execute, on_a_thread

# Everything that can be made in a database, each as the server itself would write it down.
THINGS = """
SELECT 'column ' || c.relname || '.' || a.attname,
  format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
    || COALESCE(' default ' || pg_get_expr(d.adbin, d.adrelid), '') || a.attidentity::text || a.attgenerated::text
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')
UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger ' || tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t
  JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT tgisinternal AND c.relnamespace = 'public'::regnamespace
UNION ALL SELECT 'view ' || viewname, definition FROM pg_views WHERE schemaname = 'public'
UNION ALL SELECT 'function ' || proname, pg_get_functiondef(oid) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT relkind::text || ' ' || relname, '' FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('i', 'v')
"""
LEFT_OUT = " alembic_version"


@pytest.fixture
def empty(postgres_server: str) -> Iterator[str]:
    """The address of a database with nothing in it."""
    name = f"schema_{os.getpid()}_{next(NUMBERS)}"
    on_a_thread(execute(postgres_server, f"CREATE DATABASE {name}"))
    yield urlsplit(postgres_server)._replace(path=f"/{name}").geturl()
    if DSN in os.environ:  # else the whole server is thrown away
        on_a_thread(execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)"))


NUMBERS = count()


async def things(address: str) -> dict[str, str]:
    connection = await asyncpg.connect(address)
    try:
        rows = await connection.fetch(THINGS)
    finally:
        await connection.close()
    return {name: told for name, told in rows if LEFT_OUT not in name.replace(".", " ")}


async def test_the_migrations_make_the_tables(empty: str, migrated_postgres: str) -> None:
    """Columns, types, defaults, keys, indexes, triggers, the view: each as it is declared."""
    await execute(empty, schema.as_script("postgresql"))
    declared, migrated = await things(empty), await things(migrated_postgres)

    assert declared == migrated
    kinds = [name.split(" ")[0] for name in declared]
    assert {it: kinds.count(it) for it in set(kinds) - {"column", "constraint", "index"}} == {
        "r": len(tables_beside.metadata.tables),
        "trigger": 2,
        "view": 1,
        "function": 1,
    }


async def test_no_number_is_given_by_the_database(migrated_postgres: str) -> None:
    """There is no sequence: nothing to be set after a restore."""
    found = await things(migrated_postgres)

    assert [name for name in found if name.startswith("S ")] == []
    assert [name for name, told in found.items() if "nextval" in told] == []


# ---- killed


def statements() -> list[str]:
    """What Alembic writes for an empty database, one by one; a body in quotes stays whole."""
    parts, begun = [], ""
    for piece in schema.upgrade_script(None).split(";"):
        begun += piece
        if begun.count("'") % 2 == 0:
            parts.append(begun.strip())
            begun = ""
        else:
            begun += ";"
    return [it for it in parts if it]


@pytest.mark.faults
async def test_a_migration_that_fails_after_any_statement_leaves_nothing(
    empty: str,
    monkeypatch: pytest.MonkeyPatch,
    long: bool,  # noqa: FBT001 - a fixture
) -> None:
    script = statements()
    write = schema.upgrade_script
    tries = range(0, len(script) + 1, 1 if long else 9)
    for nth in (*tries, len(script)):
        broken = ";".join((*script[:nth], "SELECT 1 / 0"))
        monkeypatch.setattr(schema, "upgrade_script", lambda _, it=broken: it)
        with pytest.raises(StoreProblem, match="22012"):
            await postgres.migrate(empty)
        assert await things(empty) == {}, script[nth - 1]
    monkeypatch.setattr(schema, "upgrade_script", write)

    await postgres.migrate(empty)

    database = await postgres.open_postgres(empty)
    await database.close()
    assert len(script) > 50


@pytest.mark.faults
async def test_a_program_that_is_killed_while_it_migrates_leaves_nothing(
    empty: str,
    tmp_path: Path,
    long: bool,  # noqa: FBT001 - a fixture
) -> None:
    """Somebody is making a table of that name: there the real program stands still."""
    environment = dict(os.environ) | {
        "INTAKEBOT_STATE": str(tmp_path / "state"),
        "INTAKEBOT_DATABASE": empty,
    }
    for table in ("audit", "lines", "sessions") if long else ("sessions",):
        other = await asyncpg.connect(empty)
        transaction = other.transaction()
        await transaction.start()
        await other.execute(f"CREATE TABLE {table} (one int)")
        command = Command(["migrate"], environment, tmp_path)
        await stands_still(empty)
        command.kill()
        await transaction.rollback()
        await other.close()

        await gone(empty)
        assert await things(empty) == {}

    done = Command(["migrate"], environment, tmp_path).ended()
    assert done.returncode == 0, done.stderr
    assert "r sessions" in await things(empty)


async def stands_still(address: str) -> None:
    """Until somebody waits for a lock there."""
    waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    await _until(address, f"SELECT EXISTS ({waits})")


async def gone(address: str) -> None:
    """Until nobody of ours is connected there."""
    ours = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'intakebot'"
    await _until(address, f"SELECT NOT EXISTS ({ours})")


async def _until(address: str, question: str) -> None:
    connection = await asyncpg.connect(address)
    try:
        for _ in range(6_000):
            if await connection.fetchval(question):
                return
            await asyncio.sleep(0.01)
        raise AssertionError(question)
    finally:
        await connection.close()


async def test_two_programs_that_start_at_once_migrate_once(empty: str) -> None:
    """Both find nothing; the second waits, and then finds that all is done."""
    other = await asyncpg.connect(empty)
    await other.execute("SELECT pg_advisory_lock($1)", postgres.MIGRATING)
    both = [asyncio.create_task(postgres.migrate(empty)) for _ in range(2)]
    for _ in range(6_000):
        waiting = await other.fetchval("SELECT COUNT(*) FROM pg_locks WHERE NOT granted")
        if waiting >= 2:
            break
        await asyncio.sleep(0.01)
    await other.close()

    await asyncio.gather(*both)

    assert "r audit" in await things(empty)
