"""A backup is whole or absent, is made beside a program that writes, and keeps keys apart."""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path

import pytest

from intakebot.house import new_bytes
from intakebot.keeping import backing
from intakebot.keeping.progress import Bar
from intakebot.settings import Settings
from intakebot.store import backups, copying, manifest, ring
from intakebot.store.backups import Made
from intakebot.store.manifest import Part, Tell
from intakebot.store.problems import StoreProblem
from intakebot.store.vault import Vault
from tests.keeping.command import Command
from tests.keeping.conftest import Kind, OfKind
from tests.keeping.installation import Installation, names

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture
def place(anywhere: Installation) -> Installation:
    """Every test here holds on both databases, unless it is about the files of backups alone."""
    return anywhere


def quiet(_: int) -> None:
    """Nobody looks."""


def made(place: Installation, *, at: datetime = AT, tell: Tell = quiet) -> Made:
    to = place.state.parent
    return backups.make(
        backing.installation(place.settings), to / "data", to / "keys", at=at,
        new_bytes=new_bytes, tell=tell,
    )  # fmt: skip


def vault_of(place: Installation) -> Vault:
    keys = ring.read_ring(place.settings.keys_path)
    assert keys is not None
    return Vault(keys, new_bytes)


def asked(database: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchall()


def test_data_and_keys_are_apart_and_for_their_owner_alone(place: Installation) -> None:
    place.change(
        """INSERT INTO poisons (channel, bot, chat, update_id, attempts, failed_at, kid, sealed)
        VALUES ('telegram', '7', 'c', '1', 3, 1, 'k', CAST('poisoned' AS BLOB))""",
        """INSERT INTO messages (channel, bot, chat, nth, via, direction, author, dkey, state, at,
        not_before, kid, sealed)
        VALUES ('telegram', '7', 'c', 1, 'telegram', 'out', 'bot', 'd', 'sent', 1, 1, 'k',
        CAST('goodbye' AS BLOB))""",
    )
    wrapped = place.ask("SELECT wrapped FROM session_keys ORDER BY session")

    backup = made(place)

    data, keys = backup.data / manifest.DATABASE, backup.keys / manifest.KEYS
    assert asked(data, "SELECT COUNT(*) FROM session_keys") == [(0,)]
    assert asked(keys, "SELECT wrapped FROM session_keys ORDER BY session") == wrapped
    assert len(wrapped) == 2
    for (secret,) in (*wrapped, (b"poisoned",), (b"goodbye",)):
        assert isinstance(secret, bytes)
        assert place.settings.on_postgresql or secret in place.database.read_bytes()
        assert secret not in data.read_bytes()
    assert b"poisoned" in keys.read_bytes()
    assert asked(data, "SELECT COUNT(*) FROM sessions") == [(2,)]
    for path in (backup.data, backup.keys, *backup.data.rglob("*"), *backup.keys.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_what_was_deleted_long_ago_is_not_in_a_page_of_the_data(on_sqlite: Installation) -> None:
    """A database that was once written without wiping: what lies in its free pages stays there."""
    secret = "gewist" * 2_000
    on_sqlite.change(
        "PRAGMA secure_delete = OFF",
        f"INSERT INTO counters (day, gm, name, count) VALUES ('d', '', '{secret}', 1)",  # noqa: S608 - of this test
        "DELETE FROM counters WHERE day = 'd'",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    )
    assert secret[:600].encode() in on_sqlite.database.read_bytes()

    backup = made(on_sqlite)

    assert secret[:600].encode() not in (backup.data / manifest.DATABASE).read_bytes()


@pytest.mark.parametrize("dies_at", ["the first name", "the second name"])
def test_data_that_can_be_seen_has_its_keys(
    on_sqlite: Installation, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    """Whoever is killed between the two names leaves keys without data, and no name without a manifest."""
    to, write = on_sqlite.state.parent, manifest.write
    written: list[Part] = []

    def dies(folder: Path, told: manifest.Manifest, vault: Vault) -> None:
        if len(written) == (0 if dies_at == "the first name" else 1):
            raise KeyboardInterrupt
        written.append(told.part)
        write(folder, told, vault)

    monkeypatch.setattr(manifest, "write", dies)
    with pytest.raises(KeyboardInterrupt):
        made(on_sqlite)

    assert len(manifest.backups_in(to / "keys", "keys")) == len(written)
    assert [it for it in names(to / "data") if not it.startswith(".")] == []
    assert written == (["keys"] if dies_at == "the second name" else [])


def test_a_damaged_database_is_no_backup(on_sqlite: Installation) -> None:
    """The last good one must not be followed, and later deleted, by bad ones."""
    on_sqlite.change(
        "PRAGMA ignore_check_constraints = ON", "UPDATE messages SET state = 'nonsense'"
    )

    with pytest.raises(StoreProblem, match="The database is damaged: CHECK constraint failed"):
        made(on_sqlite)

    assert manifest.backups_in(on_sqlite.state.parent / "data", "data") == {}


def test_the_manifest_tells_of_every_file_and_is_signed(place: Installation) -> None:
    backup = made(place)

    told = manifest.read(backup.data, "data", vault_of(place))

    assert [it.path for it in told.files] == ["intakebot.sqlite", "attachments/fo/foto1.sealed"]
    for it in told.files:
        assert manifest.look_at(backup.data / it.path, quiet).sha256 == it.sha256
    assert (told.made_at, told.gone) == (AT, ())
    stranger = Vault(ring.new_ring(lambda count: bytes(count), AT.date()), new_bytes)  # noqa: PLW0108 - a source of chance
    with pytest.raises(StoreProblem, match="made with another key ring"):
        manifest.read(backup.data, "data", stranger)
    with pytest.raises(StoreProblem, match="the keys part is wanted"):
        manifest.read(backup.data, "keys", vault_of(place))


TWO_ROWS = "INSERT INTO counters (day, gm, name, count) VALUES ('d', '', 'a', 0), ('d', '', 'b', 0)"
BOTH = "UPDATE counters SET count = count + 1 WHERE day = 'd'"
COUNTED = "SELECT count FROM counters WHERE day = 'd'"


def test_who_writes_meanwhile_is_not_held_up_and_not_seen(
    on_sqlite: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two rows that are always written together; a commit between all steps of the copy."""
    monkeypatch.setattr(backups, "PAGES", 4)
    on_sqlite.change(TWO_ROWS)
    with closing(sqlite3.connect(on_sqlite.database, isolation_level=None)) as writer:
        commits = 0

        def write(_: int) -> None:
            nonlocal commits
            commits += 1
            writer.execute(BOTH)

        backup = made(on_sqlite, tell=write)

    assert commits > 20
    assert on_sqlite.ask(COUNTED) == [(commits,), (commits,)]
    assert asked(backup.data / manifest.DATABASE, COUNTED) == [(0,), (0,)]


def test_who_writes_on_a_server_meanwhile_is_not_held_up_and_not_seen(
    of_kind: OfKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same: a commit before each page of each table; what is fetched later is as old."""
    place = of_kind("postgresql")
    monkeypatch.setattr(copying, "ROWS", 1)
    place.change(TWO_ROWS)
    commits = 0

    def write(_: int) -> None:
        nonlocal commits
        if not commits:  # a session that is begun meanwhile, with its key, is in neither part
            place.change(ANOTHER_SESSION, ITS_KEY)
        commits += 1
        place.change(BOTH)

    backup = made(place, tell=write)

    assert commits > 10
    assert place.ask(COUNTED) == [(commits,), (commits,)]
    assert asked(backup.data / manifest.DATABASE, COUNTED) == [(0,), (0,)]
    before = [("sessie1",), ("sessie2",)]
    assert (
        asked(backup.data / manifest.DATABASE, "SELECT session FROM sessions ORDER BY session")
        == before
    )
    assert (
        asked(backup.keys / manifest.KEYS, "SELECT session FROM session_keys ORDER BY session")
        == before
    )


ANOTHER_SESSION = """INSERT INTO sessions (channel, bot, chat, session, seq, outcome, flow, revision,
started_at, touched_at, sealed) VALUES ('telegram', '7', 'c', 'sessie3', 1, 'open', 'f', '1', 1, 1, '')"""
ITS_KEY = """INSERT INTO session_keys (channel, bot, chat, session, kid, wrapped)
VALUES ('telegram', '7', 'c', 'sessie3', 'k', '')"""


def test_a_server_is_brought_up_to_date_after_its_backup(of_kind: OfKind) -> None:
    """Rows of half an upgrade would be rows of no revision."""
    place = of_kind("postgresql")
    upgrades: list[Command] = []
    waited = []

    def upgrade(_: int) -> None:
        if not upgrades:
            upgrades.append(place.start("migrate"))
            upgrades[0].until(lambda: place.ask(WAITING) == [(1,)])
            waits = place.ask(WAITING) == [(1,)]
            waited.append(waits)

    place.change("UPDATE alembic_version SET version_num = '0003'")
    backup = made(place, tell=upgrade)

    assert waited == [True]
    assert asked(backup.data / manifest.DATABASE, "SELECT version_num FROM alembic_version") == [
        ("0003",)
    ]
    upgrades[0].ended()


WAITING = """SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


def test_an_attachment_that_is_erased_meanwhile_is_told(place: Installation) -> None:
    (place.state / "attachments/fo/foto1.sealed").unlink()

    backup = made(place)

    assert manifest.read(backup.data, "data", vault_of(place)).gone == ("foto1",)


def test_nothing_is_written_over(place: Installation) -> None:
    first = made(place)

    with pytest.raises(StoreProblem, match="There is a backup already"):
        made(place)

    manifest.read(first.data, "data", vault_of(place))


@pytest.mark.parametrize(
    ("data", "keys", "says"),
    [
        ("b", "b", "Keys beside the data"),
        ("b", "b/keys", "Keys beside the data"),
        ("b/data", "b", "Keys beside the data"),
        ("state", "b", "in the state folder"),
        ("b", "state/backups", "in the state folder"),
    ],
)
def test_a_place_that_makes_no_sense_is_refused(
    place: Installation, data: str, keys: str, says: str
) -> None:
    to = place.state.parent
    with pytest.raises(StoreProblem, match=says):
        backups.make(
            backing.installation(place.settings), to / data, to / keys, at=AT,
            new_bytes=new_bytes, tell=quiet,
        )  # fmt: skip

    assert names(to) == ["state"]


def ring_gone(place: Installation) -> None:
    place.settings.keys_path.unlink()


def other_ring(place: Installation) -> None:
    place.settings.keys_path.unlink()
    ring.write_ring(place.settings.keys_path, ring.new_ring(new_bytes, AT.date()))


def no_database(place: Installation) -> None:
    place.database.unlink()


def no_sqlite(place: Installation) -> None:
    place.database.write_bytes(b"no database" * 1000)


def no_tables(place: Installation) -> None:
    place.change("DROP TABLE alembic_version")


def newer(place: Installation) -> None:
    place.change("UPDATE alembic_version SET version_num = '9999'")


@pytest.mark.parametrize(
    ("kind", "spoil", "says"),
    [
        ("sqlite", ring_gone, "The key ring is missing"),
        ("sqlite", other_ring, "This is not the key ring of this database"),
        ("sqlite", no_database, "There is no database"),
        ("sqlite", no_sqlite, "It could not be copied"),
        ("postgresql", ring_gone, "The key ring is missing"),
        ("postgresql", other_ring, "This is not the key ring of this database"),
        ("postgresql", no_tables, "There is no database"),
        ("postgresql", newer, "The database has schema 9999"),
    ],
    ids=lambda it: getattr(it, "__name__", it),
)
def test_what_could_never_be_read_is_no_backup(
    of_kind: OfKind, kind: Kind, spoil: Callable[[Installation], None], says: str
) -> None:
    place = of_kind(kind)
    spoil(place)

    with pytest.raises(StoreProblem, match=says):
        made(place)

    to = place.state.parent
    assert manifest.backups_in(to / "data", "data") == {}
    assert manifest.backups_in(to / "keys", "keys") == {}


def test_an_address_is_told_without_its_password() -> None:
    away = Settings(state=Path("none"), database="postgresql://me:secret@db.example/intake?x=y")

    assert backing.installation(away).where == "postgresql://db.example/intake"


def test_two_backups_at_once_are_not_made(place: Installation) -> None:
    def second(_: int) -> None:
        with pytest.raises(StoreProblem, match="Another backup is being made here"):
            made(place, at=AT + timedelta(seconds=1))

    made(place, tell=second)


# ---- old ones


def folders_of(place: Installation, part: Part, *days: float) -> Path:
    """Backups that are so many days old."""
    folder = place.state.parent / part
    for old in days:
        path = folder / manifest.name_of(part, AT - timedelta(days=old))
        path.mkdir(parents=True)
        (path / manifest.MANIFEST).touch()
    return folder


@pytest.mark.parametrize(
    ("part", "days", "gone", "wrong"),
    [
        ("keys", (0, 13.9, 14.1), 1, False),
        ("data", (0, 14.1, 89.9, 90.1), 1, False),
        ("keys", (400,), 0, False),  # never the newest
        ("keys", (0, 15), 1, False),
        ("keys", (0, 15, 16), 2, True),  # two of three: a wrong date would do the same
        ("keys", tuple(range(16)), 1, False),  # one each night
        ("keys", (-1, 0, 15), 1, True),  # one from the future
        ("keys", (), 0, False),
    ],
)
def test_keys_end_after_two_weeks_and_data_after_three_months(
    place: Installation,
    part: Part,
    days: tuple[float, ...],
    gone: int,
    wrong: bool,  # noqa: FBT001 - what is expected
) -> None:
    folder = folders_of(place, part, *days)

    assert len(backups.too_old(folder, part, AT)) == gone
    assert backups.looks_wrong(folder, part, AT) is wrong


def test_what_is_no_backup_is_never_deleted(place: Installation) -> None:
    folder = folders_of(place, "keys", 0)
    others = ["photos", "intakebot-keys-20200101T000000Z-mine", "intakebot-keys-20209901T000000Z"]
    for name in (*others, "intakebot-keys-20200101T000000Z"):
        (folder / name).mkdir()
    (folder / others[1] / manifest.MANIFEST).touch()
    (folder / others[2] / manifest.MANIFEST).touch()

    assert backups.too_old(folder, "keys", AT) == ()


def test_the_command_deletes_what_is_old_and_asks_when_it_is_much(place: Installation) -> None:
    now = datetime.now(UTC)
    to = place.state.parent / "b"
    for days in (20, 30, 40):
        path = to.with_name("b-keys") / manifest.name_of("keys", now - timedelta(days=days))
        path.mkdir(parents=True)
        (path / manifest.MANIFEST).touch()

    careful = place.run("backup", to)
    assert careful.returncode == 0, careful.stderr
    assert "Nothing was deleted. Is the date right? Then add --clear." in careful.stderr
    assert len(names(to.with_name("b-keys"))) == 5  # a lock, three old ones and the new one

    time.sleep(1)  # a name holds the second
    sure = place.run("backup", to, "--clear")
    assert sure.returncode == 0, sure.stderr
    assert sure.stdout.count("deleted, older than 14 days.") == 3
    assert len(manifest.backups_in(to.with_name("b-keys"), "keys")) == 2
    assert "[" not in sure.stderr  # no bar where nobody looks


# ---- killed


def test_killed_in_the_middle_it_leaves_nothing_that_looks_like_a_backup(
    place: Installation,
) -> None:
    """The photo is a pipe that nobody writes into: there the real program stands still."""
    to = place.state.parent / "b"
    photo = place.state / "attachments/fo/foto1.sealed"
    sealed = photo.read_bytes()
    photo.unlink()
    os.mkfifo(photo)
    command = place.start("backup", to)
    half = ".unfinished-intakebot-*/attachments/fo/foto1.sealed"
    command.until(lambda: list(to.glob(half)))
    command.kill()

    assert list(to.glob(half))
    assert manifest.backups_in(to, "data") == {}
    assert manifest.backups_in(to.with_name("b-keys"), "keys") == {}

    photo.unlink()
    photo.write_bytes(sealed)
    done = place.run("backup", to)
    assert done.returncode == 0, done.stderr
    [data] = manifest.backups_in(to, "data").values()
    manifest.read(data, "data", vault_of(place))
    assert names(to) == [".lock", data.name]


@pytest.mark.faults
def test_killed_at_any_moment_what_has_its_name_is_whole(
    place: Installation,
    long: bool,  # noqa: FBT001 - a fixture
) -> None:
    folder = place.state.parent
    for nth in range(40 if long else 5):
        to = folder / f"b{nth}"  # a name holds the second only
        command = place.start("backup", to)
        command.until(partial(lambda it: list(it.glob(".unfinished-*")), to))
        time.sleep((0.004 if long else 0.03) * nth)
        command.kill()
        keys = manifest.backups_in(to.with_name(f"b{nth}-keys"), "keys")
        for made_at, path in manifest.backups_in(to, "data").items():
            manifest.read(path, "data", vault_of(place))
            manifest.read(keys[made_at], "keys", vault_of(place))

    (folder / "b" / f"{manifest.UNFINISHED}x").mkdir(parents=True)
    done = place.run("backup", folder / "b")
    assert done.returncode == 0, done.stderr
    assert not [it for it in names(folder / "b") if it.startswith(manifest.UNFINISHED)]


# ---- the bar


class Terminal(StringIO):
    """Somebody looks."""

    def isatty(self) -> bool:
        return True


def test_a_bar_moves_on_a_terminal_and_only_when_it_takes_long() -> None:
    long, short, log = Terminal(), Terminal(), StringIO()
    for out, total in ((long, 100), (short, 9), (log, 100)):
        bar = Bar(out, "backup", total, long=10)
        for _ in range(12):
            bar.tell(10)
        bar.end()

    assert "\rbackup [####################                    ]  50 %" in long.getvalue()
    assert "100 %" in long.getvalue()
    assert long.getvalue().endswith("\r")
    assert (short.getvalue(), log.getvalue()) == ("", "")
