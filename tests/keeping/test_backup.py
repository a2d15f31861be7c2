"""A backup is whole or absent, is made beside a program that writes, and keeps keys apart."""

import os
import signal
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from intakebot import app
from intakebot.keeping import backing
from intakebot.keeping.progress import Bar
from intakebot.store import backups, manifest, ring
from intakebot.store.backups import Made
from intakebot.store.manifest import Part, Tell
from intakebot.store.problems import StoreProblem
from intakebot.store.vault import Vault
from tests.keeping.installation import Installation, names

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def quiet(_: int) -> None:
    """Nobody looks."""


def made(place: Installation, *, at: datetime = AT, tell: Tell = quiet) -> Made:
    to = place.state.parent
    return backups.make(
        backing.installation(place.settings, "backup"), to / "data", to / "keys", at=at,
        new_bytes=app.new_bytes, tell=tell,
    )  # fmt: skip


def vault_of(place: Installation) -> Vault:
    keys = ring.read_ring(place.settings.keys_path)
    assert keys is not None
    return Vault(keys, app.new_bytes)


def asked(database: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchall()


def test_data_and_keys_are_apart_and_for_their_owner_alone(place: Installation) -> None:
    place.change(
        """INSERT INTO poisons (channel, bot, chat, update_id, attempts, failed_at, kid, sealed)
        VALUES ('telegram', '7', 'c', '1', 3, 1, 'k', x'706f69736f6e6564')""",
        """INSERT INTO messages (channel, bot, chat, nth, via, direction, author, dkey, state, at,
        not_before, kid, sealed)
        VALUES ('telegram', '7', 'c', 1, 'telegram', 'out', 'bot', 'd', 'sent', 1, 1, 'k',
        x'676f6f64627965')""",
    )
    wrapped = place.ask("SELECT wrapped FROM session_keys ORDER BY session")

    backup = made(place)

    data, keys = backup.data / manifest.DATABASE, backup.keys / manifest.KEYS
    assert asked(data, "SELECT COUNT(*) FROM session_keys") == [(0,)]
    assert asked(keys, "SELECT wrapped FROM session_keys ORDER BY session") == wrapped
    assert len(wrapped) == 2
    for (secret,) in (*wrapped, (b"poisoned",), (b"goodbye",)):
        assert isinstance(secret, bytes)
        assert secret in place.database.read_bytes()
        assert secret not in data.read_bytes()
    assert b"poisoned" in keys.read_bytes()
    assert asked(data, "SELECT COUNT(*) FROM sessions") == [(2,)]
    for path in (backup.data, backup.keys, *backup.data.rglob("*"), *backup.keys.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_the_manifest_tells_of_every_file_and_is_signed(place: Installation) -> None:
    backup = made(place)

    told = manifest.read(backup.data, "data", vault_of(place))

    assert [it.path for it in told.files] == ["intakebot.sqlite", "attachments/fo/foto1.sealed"]
    for it in told.files:
        assert manifest.look_at(backup.data / it.path, quiet).sha256 == it.sha256
    assert (told.made_at, told.gone) == (AT, ())
    stranger = Vault(ring.new_ring(lambda count: bytes(count), AT.date()), app.new_bytes)  # noqa: PLW0108 - a source of chance
    with pytest.raises(StoreProblem, match="made with another key ring"):
        manifest.read(backup.data, "data", stranger)
    with pytest.raises(StoreProblem, match="the keys part is wanted"):
        manifest.read(backup.data, "keys", vault_of(place))


def test_who_writes_meanwhile_is_not_held_up_and_not_seen(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two rows that are always written together; a commit between all steps of the copy."""
    monkeypatch.setattr(backups, "PAGES", 4)
    place.change(
        "INSERT INTO counters (day, gm, name, count) VALUES ('d', '', 'a', 0), ('d', '', 'b', 0)"
    )
    with closing(sqlite3.connect(place.database, isolation_level=None)) as writer:
        commits = 0

        def write(_: int) -> None:
            nonlocal commits
            commits += 1
            writer.execute("UPDATE counters SET count = count + 1 WHERE day = 'd'")

        backup = made(place, tell=write)

    counted = asked(backup.data / manifest.DATABASE, "SELECT count FROM counters WHERE day = 'd'")
    assert commits > 20
    assert place.ask("SELECT count FROM counters WHERE day = 'd'") == [(commits,), (commits,)]
    assert counted == [(0,), (0,)]


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
            backing.installation(place.settings, "backup"), to / data, to / keys, at=AT,
            new_bytes=app.new_bytes, tell=quiet,
        )  # fmt: skip

    assert names(to) == ["state"]


@pytest.mark.parametrize("spoil", ["ring gone", "other ring", "no database", "no sqlite"])
def test_what_could_never_be_read_is_no_backup(place: Installation, spoil: str) -> None:
    keys = place.settings.keys_path
    match spoil:
        case "ring gone":
            keys.unlink()
        case "other ring":
            keys.unlink()
            ring.write_ring(keys, ring.new_ring(app.new_bytes, AT.date()))
        case "no database":
            place.database.unlink()
        case _:
            place.database.write_bytes(b"no database" * 1000)

    with pytest.raises(StoreProblem):
        made(place)

    to = place.state.parent
    assert manifest.backups_in(to / "data", "data") == {}
    assert manifest.backups_in(to / "keys", "keys") == {}


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
    with place.start("backup", to) as program:
        half = wait_for(to, ".unfinished-intakebot-*/attachments/fo/foto1.sealed")
        program.send_signal(signal.SIGKILL)
        program.wait()

    assert half.exists()
    assert manifest.backups_in(to, "data") == {}
    assert manifest.backups_in(to.with_name("b-keys"), "keys") == {}

    photo.unlink()
    photo.write_bytes(sealed)
    done = place.run("backup", to)
    assert done.returncode == 0, done.stderr
    [data] = manifest.backups_in(to, "data").values()
    manifest.read(data, "data", vault_of(place))
    assert names(to) == [".lock", data.name]


def wait_for(folder: Path, pattern: str) -> Path:
    for _ in range(3_000):
        if found := list(folder.glob(pattern)):
            return found[0]
        time.sleep(0.01)
    raise AssertionError(pattern)


@pytest.mark.faults
def test_killed_at_any_moment_what_has_its_name_is_whole(
    place: Installation,
    long: bool,  # noqa: FBT001 - a fixture
) -> None:
    to = place.state.parent / "b"
    for nth in range(40 if long else 3):
        with place.start("backup", to) as program:
            wait_for(to, ".unfinished-*")
            time.sleep(0.004 * nth)
            program.send_signal(signal.SIGKILL)
            program.wait()
        keys = manifest.backups_in(to.with_name("b-keys"), "keys")
        for made_at, path in manifest.backups_in(to, "data").items():
            manifest.read(path, "data", vault_of(place))
            manifest.read(keys[made_at], "keys", vault_of(place))

    done = place.run("backup", to)
    assert done.returncode == 0, done.stderr
    assert not [it for it in names(to) if it.startswith(manifest.UNFINISHED)]


# ---- the rest


def test_a_server_is_kept_by_its_own_programs(place: Installation) -> None:
    served = place.settings.model_copy(update={"database": "postgresql://db/intakebot"})

    with pytest.raises(StoreProblem, match="Use pg_dump and pg_restore"):
        backing.installation(served, "backup")


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
