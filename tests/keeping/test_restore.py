"""What comes back is what was kept, fits the present, and says nothing to anybody by itself."""

import asyncio
import os
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from intakebot.house import new_bytes, open_store
from intakebot.keeping import backing, doctor
from intakebot.keeping.findings import State
from intakebot.store import attachments, erasure, lines, manifest, outgoing, restoring, sessions
from intakebot.store.backups import Made
from intakebot.store.problems import StoreProblem
from intakebot.store.restoring import Backup, Restored
from intakebot.store.sessions import Stored
from intakebot.store.vault import Vault
from intakebot.store.work import Home, Work
from tests.keeping.conftest import EmptyOfKind, Kind, OfKind
from tests.keeping.installation import PHOTO, Installation, names
from tests.keeping.test_backup import AT, made, quiet
from tests.store.builders import STORY

LATER = AT + timedelta(days=2)


@pytest.fixture
def place(anywhere: Installation) -> Installation:
    """Every test here holds on both databases."""
    return anywhere


def restored(
    empty: Installation, backup: Made, *, keys: Path | None = None, ledger: Path | str | None = None
) -> Restored:
    return asyncio.run(
        restoring.restore(
            backing.installation(empty.settings),
            Backup(data=backup.data, keys=keys or backup.keys, ledger=ledger),
            at=LATER,
            new_bytes=new_bytes,
            tell=quiet,
        )
    )


def files_of(place: Installation) -> list[str]:
    """What lies in the state folder when all is well."""
    database = [] if place.settings.on_postgresql else ["intakebot.sqlite"]
    return ["attachments", *database, "keys.json"]


def home(place: Installation, session: str) -> Home:
    [row] = place.ask(
        f"SELECT channel, bot, chat, session FROM sessions WHERE session = '{session}'"  # noqa: S608 - a name of this test
    )
    return Home(*map(str, row))


def is_empty(place: Installation) -> bool:
    """Whether nothing can be served from there."""
    if place.settings.on_postgresql:
        return place.ask("SELECT to_regclass('sessions')::text") == [(None,)]
    return not place.database.exists()


def kept_of(place: Installation, session: str) -> Stored:
    def work(vault: Vault) -> Work[Stored | None]:
        return sessions.load(vault, home(place, session))

    stored = place.do(work)
    assert stored is not None
    return stored


def told_of(place: Installation, session: str) -> str:
    """The story, opened with its key."""
    return kept_of(place, session).session.story[0].text


def photo_of(place: Installation, session: str) -> bytes:
    """The photo, opened with the same key."""
    return attachments.read_file(place.state / "attachments", kept_of(place, session).key, "foto1")


def erase(place: Installation, session: str) -> None:
    """Erase it, rows, files and key, as `forget` does."""

    async def go() -> None:
        async with open_store(place.settings) as (database, vault):
            where = home(place, session)
            await database.run(
                lambda: erasure.erase(vault, where, why="asked", actor="operator", at=AT)
            )
            assert await erasure.sweep(database, place.state / "attachments", AT)

    asyncio.run(go())


def errors_in(place: Installation) -> list[str]:
    async def go() -> list[str]:
        found = [it async for it in doctor.look_in(place.settings, datetime.now(UTC))]
        errors = [str(it) for it in found if it.state is State.ERROR]
        # What was restored in this test comes from a day that is still to come; its server is fast.
        return [it for it in errors if " clock: " not in it and " wait for its disk" not in it]

    return asyncio.run(go())


def test_what_was_kept_comes_back_and_can_be_read(place: Installation, empty: Installation) -> None:
    backup = made(place)

    done = restored(empty, backup)

    assert (done.made_at, done.sessions, done.attachments, done.erased) == (AT, 2, 1, 0)
    assert errors_in(empty) == []
    assert names(empty.state) == files_of(empty)
    assert told_of(empty, "sessie1") == STORY
    assert photo_of(empty, "sessie1") == PHOTO
    for path in (it for it in empty.state.rglob("*") if it.is_file() and it.name != "keys.json"):
        assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_is_sent_and_nobody_is_signed_in(place: Installation, empty: Installation) -> None:
    assert place.ask("SELECT state FROM messages") == [("queued",)]
    assert place.ask("SELECT COUNT(*) FROM signin_links") == [(1,)]
    place.change(
        "INSERT INTO staff_sessions (hash, member, seen_at, ends_at)"
        " SELECT 'h', member, 4102444800000000, 4102444800000000 FROM members",
        "INSERT INTO web_links (hash, channel, bot, chat, session, expires_at)"
        " SELECT session, channel, bot, chat, session, 4102444800000000 FROM sessions",
    )

    done = restored(empty, made(place))

    assert done.held == 1
    assert empty.ask("SELECT state FROM messages") == [("held",)]
    for table in ("signin_links", "staff_sessions", "web_links"):
        assert place.ask(f"SELECT COUNT(*) > 0 FROM {table}") in ([(1,)], [(True,)])  # noqa: S608 - names of this test
        assert empty.ask(f"SELECT COUNT(*) FROM {table}") == [(0,)], table  # noqa: S608 - idem
    assert empty.ask("SELECT action, detail FROM audit ORDER BY seq DESC LIMIT 1") == [
        ("restore", "2026-11-23T03:00:00+00:00")
    ]


def test_who_was_erased_since_is_erased_again_by_newer_keys(
    place: Installation, empty: Installation
) -> None:
    old = made(place)
    erase(place, "sessie1")
    new = made(place, at=AT + timedelta(days=1))

    done = restored(empty, old, keys=new.keys)

    assert (done.sessions, done.erased, done.attachments) == (1, 1, 0)
    assert empty.ask("SELECT session FROM sessions") == [("sessie2",)]
    assert errors_in(empty) == []


def test_a_story_whose_key_is_in_no_newer_keys_is_erased_whatever_the_ledger_says(
    place: Installation, empty: Installation
) -> None:
    old = made(place)
    place.change("DELETE FROM session_keys WHERE session = 'sessie1'")
    new = made(place, at=AT + timedelta(days=1))

    done = restored(empty, old, keys=new.keys)

    assert (done.sessions, done.erased, done.attachments) == (1, 1, 0)
    assert empty.ask("SELECT session FROM sessions") == [("sessie2",)]
    assert errors_in(empty) == []


def test_who_was_erased_since_is_erased_again_by_the_old_ledger(
    place: Installation, empty: Installation
) -> None:
    backup = made(place)
    erase(place, "sessie1")

    done = restored(empty, backup, ledger=place.settings.database_place)

    assert (done.sessions, done.erased, done.attachments) == (1, 1, 0)
    assert empty.ask("SELECT COUNT(*) FROM session_keys") == [(1,)]
    assert errors_in(empty) == []


def test_without_keys_and_ledger_of_after_it_nobody_can_know(
    place: Installation, empty: Installation
) -> None:
    backup = made(place)
    erase(place, "sessie1")

    assert restored(empty, backup).sessions == 2


def test_the_open_questions_are_asked_again_at_the_next_start(
    place: Installation, empty: Installation
) -> None:
    """The line of the bot knows until when it heard people; what came after is a gap."""
    place.do(lambda _: lines.open_at("telegram", "7", AT, gap_min=timedelta(minutes=2)))
    restored(empty, made(place))

    gap = empty.do(lambda _: lines.open_at("telegram", "7", LATER, gap_min=timedelta(minutes=2)))

    assert gap == lines.Gap(since=AT, until=LATER)


# ---- refused


def file_of_database(empty: Installation) -> None:
    empty.database.write_bytes(b"mine")


def log_of_database(empty: Installation) -> None:
    Path(f"{empty.database}-wal").write_bytes(b"mine")


def attachment(empty: Installation) -> None:
    (empty.state / "attachments").mkdir()
    (empty.state / "attachments" / "mine").touch()


def rows_on_server(empty: Installation) -> None:
    assert empty.run("migrate").returncode == 0
    empty.change("INSERT INTO counters (day, gm, name, count) VALUES ('d', '', 'mine', 1)")


@pytest.mark.parametrize(
    ("kind", "fill"),
    [
        ("sqlite", file_of_database),
        ("sqlite", log_of_database),
        ("sqlite", attachment),
        ("postgresql", attachment),
        ("postgresql", rows_on_server),
    ],
    ids=lambda it: getattr(it, "__name__", it),
)
def test_a_place_with_something_in_it_is_left_alone(
    of_kind: OfKind, empty_of_kind: EmptyOfKind, kind: Kind, fill: Callable[[Installation], None]
) -> None:
    place = of_kind(kind)
    empty = empty_of_kind(kind, place)
    backup = made(place)
    fill(empty)
    before = names(empty.state)

    with pytest.raises(StoreProblem, match=r"into an empty (place|database) only"):
        restored(empty, backup)

    assert names(empty.state) == before
    if fill is rows_on_server:
        assert empty.ask("SELECT name, count FROM counters") == [("mine", 1)]


def no_ring(empty: Installation, _: Made) -> None:
    (empty.state / "keys.json").unlink()


def bit_of_database(_: Installation, backup: Made) -> None:
    change(backup.data / manifest.DATABASE)


def bit_of_photo(_: Installation, backup: Made) -> None:
    change(backup.data / "attachments/fo/foto1.sealed")


def bit_of_keys(_: Installation, backup: Made) -> None:
    change(backup.keys / manifest.KEYS)


def file_gone(_: Installation, backup: Made) -> None:
    (backup.data / "attachments/fo/foto1.sealed").unlink()


def file_too_many(_: Installation, backup: Made) -> None:
    (backup.data / "attachments/fo/other.sealed").touch()


def manifest_changed(_: Installation, backup: Made) -> None:
    path = backup.data / manifest.MANIFEST
    path.write_text(path.read_text("utf-8").replace("2026-11-23", "2026-11-24"), "utf-8")


def manifest_broken(_: Installation, backup: Made) -> None:
    (backup.keys / manifest.MANIFEST).write_text("{}", "utf-8")


def change(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (no_ring, "The key ring is missing"),
        (bit_of_database, "the backup is damaged"),
        (bit_of_photo, "the backup is damaged"),
        (bit_of_keys, "the backup is damaged"),
        (file_gone, "is missing, or should not be there"),
        (file_too_many, "is missing, or should not be there"),
        (manifest_changed, "It was changed, or made with another key ring"),
        (manifest_broken, "not the manifest of a backup"),
    ],
    ids=lambda it: getattr(it, "__name__", ""),
)
def test_a_backup_that_is_not_as_it_was_written_is_refused(
    place: Installation,
    empty: Installation,
    spoil: Callable[[Installation, Made], None],
    says: str,
) -> None:
    backup = made(place)
    spoil(empty, backup)

    with pytest.raises(StoreProblem, match=says):
        restored(empty, backup)

    assert is_empty(empty)


def test_keys_that_are_older_than_the_data_would_lose_stories(
    place: Installation, empty: Installation
) -> None:
    old = made(place)
    new = made(place, at=AT + timedelta(days=1))

    with pytest.raises(StoreProblem, match="These keys are older than the data"):
        restored(empty, new, keys=old.keys)


def test_an_old_database_that_is_no_ledger_is_said(
    place: Installation, empty: Installation
) -> None:
    backup = made(place)
    broken = place.state.parent / "broken"
    broken.write_bytes(b"no database" * 1000)

    with pytest.raises(StoreProblem, match="leave --ledger out"):
        restored(empty, backup, ledger=broken)
    assert restored(empty, backup).sessions == 2  # what was begun is cleared


# ---- the commands, killed and told


def test_killed_in_the_middle_it_cannot_be_started_and_can_be_done_again(
    place: Installation, empty: Installation
) -> None:
    """The photo is a pipe that nobody writes into: there the real program stands still."""
    backup = made(place)
    photo = backup.data / "attachments/fo/foto1.sealed"
    sealed = photo.read_bytes()
    photo.unlink()
    os.mkfifo(photo)
    words = ("restore", backup.data, "--keys", backup.keys)
    command = empty.start(*words)
    command.until((empty.state / "attachments/.restoring/fo").exists)
    command.kill()

    refused = empty.run("release")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "Run restore again; it begins anew." in refused.stderr
    assert is_empty(empty)

    photo.unlink()
    photo.write_bytes(sealed)
    done = empty.run(*words)
    assert done.returncode == 0, done.stderr
    assert "2 sessions, 1 attachment." in done.stdout
    assert "What was said after 2026-11-23T03:00:00+00:00 is gone." in done.stdout
    assert names(empty.state) == files_of(empty)
    assert errors_in(empty) == []


@pytest.mark.faults
def test_killed_at_any_moment_it_is_refused_or_whole(
    place: Installation,
    empty_of_kind: EmptyOfKind,
    long: bool,  # noqa: FBT001 - a fixture
) -> None:
    """Each time a little later; whatever it had come to, done again it is whole."""
    backup = made(place)
    kind: Kind = "postgresql" if place.settings.on_postgresql else "sqlite"
    words = ("restore", backup.data.parent, "--keys", backup.keys.parent)
    for nth in range(40 if long else 5):
        empty = empty_of_kind(kind, place)
        command = empty.start(*words)
        command.until((empty.state / ".restoring").exists)
        time.sleep((0.005 if long else 0.04) * nth)
        command.kill()
        if (empty.state / ".restoring").exists():
            assert empty.run("release").returncode == 2
            done = empty.run(*words)
            assert done.returncode == 0, done.stderr
        assert errors_in(empty) == []
        assert names(empty.state / "attachments") == ["fo"]
        shutil.rmtree(empty.state)


@pytest.mark.parametrize(
    ("flag", "says", "state", "body"),
    [("--send", "to be sent", "queued", True), ("--drop", "dropped", "failed", True)],
)
def test_a_person_says_what_becomes_of_what_is_held(
    place: Installation, flag: str, says: str, state: str, *, body: bool
) -> None:
    """The message is of a member: its text stays in the thread, also when it is not sent."""

    def hold(_: Vault) -> Work[int]:
        return (yield from outgoing.hold())

    assert place.do(hold) == 1

    asked = place.run("release")
    assert asked.stdout.startswith("1 message, said from ")
    assert place.ask("SELECT state FROM messages") == [("held",)]

    done = place.run("release", flag)
    assert done.stdout.endswith(f": {says}.\n")
    assert place.ask("SELECT state, sealed IS NOT NULL FROM messages") == [(state, body)]
    assert place.ask("SELECT action, detail FROM audit ORDER BY seq DESC LIMIT 1") == [
        ("release", f"{flag[2:]} 1")
    ]
    assert place.run("release").stdout == "No message is held back.\n"


def test_the_newest_backup_of_a_folder_is_taken(place: Installation) -> None:
    made(place)
    new = made(place, at=AT + timedelta(days=1))

    assert restoring.found_in(new.data.parent, "data") == new.data
    assert restoring.found_in(new.keys, "keys") == new.keys
    with pytest.raises(StoreProblem, match="There is no backup here"):
        restoring.found_in(place.state, "data")
