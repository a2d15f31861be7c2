"""A backup goes from SQLite to PostgreSQL and back, and from an earlier release to this one."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from intakebot.keeping import backing
from intakebot.store import backups, copying, manifest, postgres, restoring, schema, tables_beside
from intakebot.store.backups import Made
from intakebot.store.problems import StoreProblem
from intakebot.store.restoring import Backup
from tests.keeping.conftest import EmptyOfKind, Kind, NewDatabase, OfKind
from tests.keeping.installation import Installation, names
from tests.keeping.test_backup import AT, asked, made, quiet, vault_of
from tests.keeping.test_restore import erase, errors_in, files_of, restored, told_of
from tests.postgres import execute, on_a_thread
from tests.store.builders import STORY

KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")
KEPT_BY = tuple(
    it.name
    for it in tables_beside.metadata.sorted_tables
    if it.name not in ("audit", "audit_heads", "messages", "signin_links")  # `settle` changes these
)


def everything(place: Installation) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the tables that a restore leaves as they are."""
    found = {}
    for table in KEPT_BY:
        columns = ", ".join(tables_beside.metadata.tables[table].columns.keys())
        rows = place.ask(f"SELECT {columns} FROM {table}")  # noqa: S608 - names of our own schema
        found[table] = sorted(rows, key=repr)
    return found


@pytest.mark.parametrize(("one", "other"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
def test_an_installation_moves_house(
    of_kind: OfKind, empty_of_kind: EmptyOfKind, one: Kind, other: Kind
) -> None:
    """Every row is the same there, by the commands as they are typed."""
    place = of_kind(one)
    empty = empty_of_kind(other, place)
    to = place.state.parent / "b"
    before = everything(place)

    kept = place.run("backup", to)
    came = empty.run("restore", to, "--ledger", place.settings.database or place.state)

    assert kept.returncode == 0, kept.stderr
    assert came.returncode == 0, came.stderr
    assert "2 sessions, 1 attachment." in came.stdout
    assert ("and at postgresql://" in came.stdout) is (other == "postgresql")
    assert "begin anew with --ledger" not in came.stdout
    assert everything(empty) == before
    assert [len(rows) for rows in (before["sessions"], before["session_keys"])] == [2, 2]
    assert told_of(empty, "sessie1") == STORY
    assert errors_in(empty) == []
    assert names(empty.state) == files_of(empty)


def test_who_was_erased_on_a_server_is_erased_again_in_a_file(
    of_kind: OfKind, empty_of_kind: EmptyOfKind
) -> None:
    place = of_kind("postgresql")
    backup = made(place)
    erase(place, "sessie1")

    done = restored(empty_of_kind("sqlite", place), backup, ledger=place.settings.database)

    assert (done.sessions, done.erased) == (1, 1)


# ---- from an earlier release


def earlier(place: Installation, revision: str) -> Path:
    """What an earlier release would have stored of this installation, as a file."""
    path = place.state.parent / "earlier.sqlite"
    schema.migrate(path, to=revision)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("ATTACH ? AS now", (str(place.database),))
        for table in copying.tables_of(database):
            columns = ", ".join(copying.columns_of(database, table))
            database.execute(f"INSERT INTO {table} SELECT {columns} FROM now.{table}")  # noqa: S608 - names of our own schema
    return path


@pytest.fixture
def of_release(
    on_sqlite: Installation, server_databases: NewDatabase
) -> Callable[[Kind, str], Installation]:
    """The installation with two stories, as an earlier release left it."""

    def make(kind: Kind, revision: str) -> Installation:
        path = earlier(on_sqlite, revision)
        if kind == "sqlite":
            path.replace(on_sqlite.database)
            return on_sqlite
        address = server_databases()
        on_a_thread(execute(address, schema.upgrade_script(None, revision)))
        on_a_thread(fill(path, address))
        return Installation(on_sqlite.state, database=address)

    return make


async def fill(path: Path, address: str) -> None:
    async with postgres.connected(address) as connection:
        with closing(sqlite3.connect(path)) as source:
            there = copying.tables_of(source)
            for table in (
                it.name for it in tables_beside.metadata.sorted_tables if it.name in there
            ):
                await copying._load_table(source, connection, table, quiet)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("revision", schema.EARLIER)
def test_a_backup_of_an_earlier_release_comes_up_to_date(
    of_release: Callable[[Kind, str], Installation],
    empty_of_kind: EmptyOfKind,
    kind: Kind,
    revision: str,
) -> None:
    """It was made by that release: the backup holds its tables, and nothing of today."""
    place = of_release(kind, revision)
    backup = made(place)
    version = "SELECT version_num FROM alembic_version"
    assert asked(backup.data / manifest.DATABASE, version) == [(revision,)]
    empty = empty_of_kind(kind, place)

    done = restored(empty, backup)

    assert empty.ask(version) == [(schema.HEAD,)]
    assert errors_in(empty) == []
    assert empty.ask("SELECT login FROM members") == [("fatma@example.org",)]
    if revision == "0001":  # of before the conversation
        assert done.sessions == 0
    else:
        assert (done.sessions, done.held) == (2, 1)
        assert told_of(empty, "sessie2") == STORY


def test_keys_of_after_an_upgrade_open_data_of_before_it(
    of_release: Callable[[Kind, str], Installation], empty_of_kind: EmptyOfKind
) -> None:
    place = of_release("sqlite", "0002")
    old = made(place)
    assert place.run("release").returncode == 0
    new = made(place, at=AT + timedelta(days=1))
    empty = empty_of_kind("sqlite", place)

    assert restored(empty, old, keys=new.keys).sessions == 2
    assert told_of(empty, "sessie1") == STORY


@pytest.mark.parametrize("part", ["data", "keys"])
def test_a_backup_of_a_newer_release_is_refused(
    place: Installation, empty_of_kind: EmptyOfKind, part: manifest.Part
) -> None:
    backup = made(place)
    folder = backup.data if part == "data" else backup.keys
    told = manifest.read(folder, part, vault_of(place))
    newer = manifest.Manifest(
        part=part, made_at=told.made_at, database="9999", files=told.files, gone=told.gone
    )
    (folder / manifest.MANIFEST).unlink()
    manifest.write(folder, newer, vault_of(place))
    empty = empty_of_kind("sqlite", place)

    with pytest.raises(StoreProblem, match="Start the newer program") as refused:
        restored(empty, backup)

    assert refused.value.where == str(folder)
    assert names(empty.state) == ["keys.json"]


# ---- killed on its way to a server


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def to_server(on_sqlite: Installation, empty_of_kind: EmptyOfKind) -> tuple[Made, Installation]:
    return made(on_sqlite), empty_of_kind("postgresql", on_sqlite)


def test_killed_after_the_last_commit_it_had_come_through(
    to_server: tuple[Made, Installation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is loaded twice, and nothing that was served meanwhile is touched."""
    backup, empty = to_server

    def dies(_: Path) -> None:
        raise Killed

    monkeypatch.setattr(restoring, "_unmark", dies)
    with pytest.raises(Killed):
        restored(empty, backup)
    monkeypatch.undo()
    assert empty.run("release").returncode == 2
    another = empty.state / "attachments/an/another.sealed"  # by another machine, that serves
    another.parent.mkdir()
    another.touch()
    empty.change("INSERT INTO counters (day, gm, name, count) VALUES ('d', '', 'served', 1)")

    done = restored(empty, backup)

    assert (done.sessions, done.attachments, done.held) == (2, 1, 1)
    assert another.exists()
    assert empty.ask("SELECT COUNT(*) FROM counters WHERE name = 'served'") == [(1,)]
    assert names(empty.state) == files_of(empty)


def test_killed_before_the_last_commit_nothing_of_it_is_there(
    to_server: tuple[Made, Installation], monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, empty = to_server
    walk = postgres.walk

    async def dies(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(postgres, "walk", dies)
    with pytest.raises(Killed):
        restored(empty, backup)
    monkeypatch.setattr(postgres, "walk", walk)

    assert empty.ask("SELECT to_regclass('sessions')::text") == [(None,)]
    assert restored(empty, backup).sessions == 2
    assert errors_in(empty) == []


def test_somebody_who_begins_there_meanwhile_is_left_alone(
    to_server: tuple[Made, Installation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was empty when it was first looked at; it is looked at again where nobody can come between."""
    backup, empty = to_server
    on_a_thread(postgres.migrate(empty.settings.database))
    empty.change("INSERT INTO counters (day, gm, name, count) VALUES ('d', '', 'mine', 1)")

    async def was_empty(_: str) -> None:
        return None

    monkeypatch.setattr(copying, "expect_empty", was_empty)
    with pytest.raises(StoreProblem, match="into an empty database only"):
        restored(empty, backup)

    assert empty.ask("SELECT COUNT(*) FROM sessions") == [(0,)]


def test_what_a_server_does_to_the_audit_on_its_way_is_found(
    to_server: tuple[Made, Installation],
) -> None:
    """A trigger of somebody else's, in a database that is otherwise empty."""
    backup, empty = to_server
    on_a_thread(postgres.migrate(empty.settings.database))
    empty.change(SPOILS)

    with pytest.raises(StoreProblem, match="did not arrive as it was"):
        restored(empty, backup)

    assert empty.ask("SELECT COUNT(*) FROM sessions") == [(0,)]


SPOILS = """CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN NEW.actor = ''nobody''; RETURN NEW; END';
CREATE TRIGGER spoil BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION spoil()"""


def test_an_audit_that_was_broken_before_comes_back_and_is_told(
    place: Installation, empty_of_kind: EmptyOfKind
) -> None:
    """A backup of a spoiled proof is still a backup of stories."""
    place.change(
        "DROP TRIGGER audit_is_never_changed", "UPDATE audit SET actor = 'x' WHERE seq = 1"
    )
    backup = made(place)
    empty = empty_of_kind("postgresql", place)

    done = empty.run("restore", backup.data, "--keys", backup.keys)

    assert done.returncode == 0, done.stderr
    assert "The chain of the audit did not hold when the backup was made: change" in done.stdout


def test_a_folder_of_attachments_on_another_disk_is_filled_where_it_is(
    place: Installation, empty_of_kind: EmptyOfKind, tmp_path: Path
) -> None:
    """As several machines share it: a mount can be neither renamed nor replaced."""
    empty = empty_of_kind("sqlite", place)
    shared = tmp_path / "shared"
    shared.mkdir()
    (empty.state / "attachments").symlink_to(shared)

    assert restored(empty, made(place)).attachments == 1
    assert names(shared) == ["fo"]
    assert (empty.state / "attachments").is_symlink()
    assert errors_in(empty) == []


def test_the_size_of_what_lies_on_a_server_is_known(of_kind: OfKind) -> None:
    """About, and in no more than it takes to ask: it is for a bar."""
    place = of_kind("postgresql")
    on_server, backup = backing.installation(place.settings), made(place)
    kept = Backup(data=backup.data, keys=backup.keys)
    to_file = replace(on_server, database=Path("none"))

    assert asyncio.run(copying.size_of(place.settings.database)) > 10_000
    assert backups.size_of(on_server) > 30_000
    size = restoring.size_of(on_server, kept) - restoring.size_of(to_file, kept)
    assert size == (backup.data / manifest.DATABASE).stat().st_size
