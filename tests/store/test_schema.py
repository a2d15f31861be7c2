"""Tables and migrations agree, and a database that we do not know is refused."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from intakebot.store import schema, tables_beside
from intakebot.store.problems import StoreProblem
from intakebot.store.sqlite import open_sqlite
from tests.store.faults import Crash, Faults


def things(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """What is in a database, by name: columns and constraints in any order, however spaced."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: pieces(sql) for name, sql in rows if name != "alembic_version"}


def pieces(sql: str) -> list[str]:
    head, _, rest = "".join(sql.replace('"', "").split()).partition("(")
    body, _, tail = rest.rpartition(")")
    return [head, *sorted(body.split(",")), tail]


def test_the_migrations_make_the_tables(path: Path) -> None:
    migrated = sqlite3.connect(path)
    described = sqlite3.connect(":memory:")
    described.executescript(schema.as_script())

    assert things(migrated) == things(described)
    migrated.close()
    described.close()


def test_alembic_finds_nothing_to_do(path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        difference = compare_metadata(
            MigrationContext.configure(connection), tables_beside.metadata
        )
    engine.dispose()

    assert difference == []


def test_the_newest_revision_is_the_one_that_is_expected(root: Path) -> None:
    scripts = ScriptDirectory(str(root / "intakebot/store/migrations"))
    revisions = [it.revision for it in scripts.walk_revisions()]

    assert revisions == [schema.HEAD, *reversed(schema.EARLIER)]


def test_migrating_twice_changes_nothing(path: Path) -> None:
    before = path.read_bytes()

    schema.migrate(path)

    assert path.read_bytes() == before


def test_a_migration_that_is_killed_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    after, done = 0, False
    while not done:
        faults, path = Faults(), tmp_path / f"{after}.db"
        faults.arm(after)
        try:
            schema.migrate(path, faults.connect)
            done = True
        except Crash:
            connection = sqlite3.connect(path)
            assert things(connection) == {}
            connection.close()
            schema.migrate(path)
        connection = sqlite3.connect(path)
        assert schema.version(connection) == schema.HEAD
        connection.close()
        after += 3


@pytest.mark.parametrize(
    ("version", "what"),
    [
        ("9999", "The database has schema 9999, which this program (0006) does not know."),
        ("0001", "The database has schema 0001; this program needs 0006."),
    ],
)
async def test_a_database_of_another_program_is_refused(
    path: Path, version: str, what: str
) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE alembic_version SET version_num = ?", [version])
    connection.close()

    with pytest.raises(StoreProblem) as problem:
        await open_sqlite(path)

    assert problem.value.what == what
    assert problem.value.where == str(path)


async def test_an_empty_database_asks_for_migrate(tmp_path: Path) -> None:
    with pytest.raises(StoreProblem, match="run: python -m intakebot migrate"):
        await open_sqlite(tmp_path / "new.db")


def test_a_newer_database_is_not_migrated(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(StoreProblem, match="Start the newer program"):
        schema.migrate(path)
