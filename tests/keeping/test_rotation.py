"""Keys are rotated while others work; killed after any statement, the next run goes on."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from intakebot.keeping import rotating
from intakebot.store import backups, outgoing, ring, rotation, schema, sessions, updates
from intakebot.store import vault as vaults
from intakebot.store.backups import Installation as Kept
from intakebot.store.database import Database
from intakebot.store.postgres import open_postgres
from intakebot.store.problems import StoreProblem, Unreadable
from intakebot.store.restoring import Backup, restore
from intakebot.store.rotation import Retired
from intakebot.store.sqlite import open_sqlite
from intakebot.store.vault import Vault
from tests.intake.test_on_postgres import Breaking
from tests.keeping.conftest import OfKind
from tests.keeping.installation import Installation
from tests.postgres import EMPTY, execute
from tests.store.builders import NOW, STORY, begin
from tests.store.faults import Crash, Faults

SESSIONS = 5
BATCH = 2
new_bytes = random.Random(3).randbytes  # noqa: S311 - the same chance in every run


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ring and an SQLite database with stories, to be copied."""
    folder = tmp_path_factory.mktemp("rotation")
    schema.migrate(folder / "db")

    async def fill() -> None:
        database = await open_sqlite(folder / "db")
        await _fill(database, folder / "keys.json")
        await database.close()

    asyncio.run(fill())
    return folder


async def _fill(database: Database, keys: Path) -> Vault:
    kept = vaults.open_vault(keys, (), new_bytes=new_bytes, today=date(2026, 1, 1))
    await database.run(lambda: vaults.write_canaries(kept))
    for nth in range(SESSIONS):
        await database.run(partial(begin, kept, f"sessie{nth}", f"42{nth}"))
    return kept


@pytest.fixture
def folder(tmp_path: Path, filled: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "place"))


async def opened(database: Database, keys: Path) -> Vault:
    """The vault as a program opens it at its start."""
    canaries = await database.read(vaults.read_canaries)
    return vaults.open_vault(keys, canaries, new_bytes=new_bytes, today=NOW.date())


async def rotate(
    database: Database, keys: Path, at: datetime = NOW, *, add: bool = True
) -> Retired:
    """All that the command does, with batches that are small enough to be interrupted."""
    kept = await opened(database, keys)
    with rotation.alone(keys):
        await rotation.begin(database, kept, keys, new_bytes=new_bytes, today=at.date(), add=add)
        await rotation.rewrap(database, kept, at=at, tell=lambda _: None, batch=BATCH)
        return await rotation.retire(database, kept, keys, at)


async def stories(database: Database, kept: Vault) -> list[str]:
    """What every session says, opened with this vault."""
    found = []
    for nth in range(SESSIONS):
        chat = kept.chat("telegram", "7", f"42{nth}")
        stored = await database.read(partial(sessions.open_in, kept, chat))
        assert stored is not None
        found.append(stored.session.story[0].text)
    return found


def kids(keys: Path) -> list[str]:
    known = ring.read_ring(keys)
    assert known is not None
    return [key.kid for key in known.keys]


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        database: Database = await open_sqlite(folder / "db")
    else:
        database = await open_postgres(request.getfixturevalue("postgres_address"))
        (folder / "keys.json").unlink()
        await _fill(database, folder / "keys.json")
    yield database
    await database.close()


async def test_everything_is_wrapped_by_a_new_key_and_can_be_read(
    database: Database, folder: Path
) -> None:
    keys = folder / "keys.json"
    [old] = kids(keys)

    done = await rotate(database, keys)

    [kept_back, new] = kids(keys)
    assert (kept_back, done.gone) == (old, ())
    assert "backups of keys until 2026-12-07 may need it" in done.kept[old]
    kept = await opened(database, keys)
    assert kept.newest == new
    assert await database.read(lambda: sessions.rewrap(kept, 100)) == 0
    assert await stories(database, kept) == [STORY] * SESSIONS
    assert oct(keys.stat().st_mode & 0o777) == "0o400"


async def test_the_old_key_goes_when_nothing_and_no_backup_needs_it(
    database: Database, folder: Path
) -> None:
    keys = folder / "keys.json"
    [old] = kids(keys)
    await rotate(database, keys)
    new = kids(keys)[-1]

    early = await rotate(database, keys, NOW + timedelta(days=14), add=False)
    late = await rotate(database, keys, NOW + timedelta(days=14, seconds=1), add=False)

    assert (early.gone, late.gone) == ((), (old,))
    assert kids(keys) == [new]
    kept = await opened(database, keys)  # and the database does not miss it
    assert await stories(database, kept) == [STORY] * SESSIONS


async def test_what_the_ring_seals_by_itself_keeps_its_key(
    database: Database, folder: Path
) -> None:
    keys = folder / "keys.json"
    [old] = kids(keys)
    kept = await opened(database, keys)
    chat = kept.chat("telegram", "7", "420")
    await database.run(lambda: updates.failed(kept, chat, "1", b"raw", at=NOW))
    await rotate(database, keys)

    done = await rotate(database, keys, NOW + timedelta(days=30), add=False)

    assert done.kept == {old: "1 rows need it that end by themselves"}
    assert len(kids(keys)) == 2


async def test_a_row_that_came_late_keeps_the_old_key_for_its_backups(
    database: Database, folder: Path
) -> None:
    """A program that had not read the ring yet began a session with the old key."""
    keys = folder / "keys.json"
    stale = Vault(_ring(keys), new_bytes)
    await rotate(database, keys)
    await database.run(lambda: begin(stale, "laat", "4299"))

    done = await rotate(database, keys, NOW + timedelta(days=20), add=False)

    assert done.gone == ()
    assert "until 2026-12-27" in next(iter(done.kept.values()))


def _ring(keys: Path) -> ring.Ring:
    known = ring.read_ring(keys)
    assert known is not None
    return known


async def test_who_serves_meanwhile_learns_the_new_key_by_itself(
    database: Database, folder: Path
) -> None:
    keys = folder / "keys.json"
    serving = await opened(database, keys)
    old = serving.newest

    await rotate(database, keys)

    assert serving.newest == old
    assert await stories(database, serving) == [STORY] * SESSIONS
    assert serving.newest == kids(keys)[-1]


async def test_a_program_that_cannot_read_the_ring_goes_on_with_what_it_has(
    folder: Path,
) -> None:
    keys = folder / "keys.json"
    database = await open_sqlite(folder / "db")
    kept = await opened(database, keys)
    ring.replace_ring(keys, ring.new_ring(new_bytes, NOW.date()))  # somebody's mistake

    kept.renew()
    keys.chmod(0o644)
    kept.renew()

    assert await stories(database, kept) == [STORY] * SESSIONS
    with pytest.raises(Unreadable, match="has no key other"):
        kept.unwrap("s", "other", b"")
    await database.close()


# ---- killed


async def crashing(folder: Path, after: int, at: datetime, *, add: bool) -> bool:
    """Rotate, and die after so many statements; False when it was done before that."""
    faults = Faults()
    database = await open_sqlite(folder / "db", connect=faults.connect)
    faults.arm(after)
    try:
        await rotate(database, folder / "keys.json", at, add=add)
    except Crash:
        return True
    finally:
        faults.disarm()
        await database.close()
    return False


@pytest.mark.parametrize("days", [0, 30])
async def test_killed_after_any_statement_the_next_run_goes_on(
    filled: Path, tmp_path: Path, days: int
) -> None:
    """At once: a new key, and everything wrapped by it. After 30 days: the old key taken out."""
    at, after, crashed = NOW + timedelta(days=days), 0, True
    begun = Path(shutil.copytree(filled, tmp_path / "begun"))
    if days:
        assert not await crashing(begun, 10_000, NOW, add=True)
    while crashed:
        folder = Path(shutil.copytree(begun, tmp_path / f"at{after}"))
        crashed = await crashing(folder, after, at, add=not days)
        database = await open_sqlite(folder / "db")
        try:
            # A program that starts now reads everything …
            assert (
                await stories(database, await opened(database, folder / "keys.json"))
                == [STORY] * SESSIONS
            )
            # … and the next run ends what was begun.
            first = len(kids(folder / "keys.json")) == 1
            await rotate(database, folder / "keys.json", at, add=first and not days)
            assert len(kids(folder / "keys.json")) == (1 if days else 2)
            kept = await opened(database, folder / "keys.json")
            assert await database.read(partial(sessions.rewrap, kept, 100)) == 0
            assert await stories(database, kept) == [STORY] * SESSIONS
        finally:
            await database.close()
        after += 1

    assert after > (20 if not days else 10)


async def test_killed_after_any_statement_on_a_server_the_next_run_goes_on(
    postgres_address: str, tmp_path: Path
) -> None:
    after, crashed = 0, True
    while crashed:
        await execute(postgres_address, EMPTY)
        keys = tmp_path / f"{after}.json"
        database = await open_postgres(postgres_address)
        await _fill(database, keys)
        try:
            await rotate(Breaking(database, after), keys)
            crashed = False
        except Crash:
            await rotate(database, keys, add=len(kids(keys)) == 1)
        kept = await opened(database, keys)
        assert len(kids(keys)) == 2
        assert await database.read(partial(sessions.rewrap, kept, 100)) == 0
        assert await stories(database, kept) == [STORY] * SESSIONS
        await database.close()
        after += 1

    assert after > 10


def test_the_real_command_is_killed_half_way_and_goes_on(anywhere: Installation) -> None:
    """On a server it stands still, for somebody holds what it wants to wrap anew."""
    keys = anywhere.settings.keys_path
    with held(anywhere, "session_keys"):
        command = anywhere.start("rotate-keys")
        command.until(lambda: len(kids(keys)) == 2)
        command.kill()

    done = anywhere.run("rotate-keys", "--finish")
    assert done.returncode == 0, done.stderr
    newest = kids(keys)[-1]
    assert len(kids(keys)) == 2
    assert anywhere.ask("SELECT DISTINCT kid FROM session_keys") == [(newest,)]
    if anywhere.settings.on_postgresql:
        assert "2 data keys wrapped anew" in done.stdout


@contextmanager
def held(place: Installation, table: str) -> Iterator[None]:
    """Every row of this table is held by somebody else; on SQLite nobody can do that."""
    if not place.settings.on_postgresql:
        yield
        return
    with closing(asyncio.new_event_loop()) as loop:
        other = loop.run_until_complete(asyncpg.connect(place.settings.database))
        transaction = other.transaction()
        loop.run_until_complete(transaction.start())
        loop.run_until_complete(other.execute(f"SELECT 1 FROM {table} FOR UPDATE"))  # noqa: S608 - a name of this test
        yield
        loop.run_until_complete(transaction.rollback())
        loop.run_until_complete(other.close())


WAITING = """SELECT COUNT(*) FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database()"""


def test_release_is_killed_half_way_and_done_again(of_kind: OfKind) -> None:
    place = of_kind("postgresql")
    assert place.do(lambda _: outgoing.hold()) == 1
    with held(place, "messages"):
        command = place.start("release", "--send")
        command.until(lambda: place.ask(WAITING) == [(1,)])
        command.kill()
    assert place.ask("SELECT state FROM messages") == [("held",)]

    assert place.run("release", "--send").stdout.endswith(": to be sent.\n")
    assert place.ask("SELECT state FROM messages") == [("queued",)]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_beside_the_writing_of_the_ring(
    folder: Path, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = folder / "keys.json"
    write = ring.replace_ring

    def dying(path: Path, known: ring.Ring) -> None:
        if when == "after":
            write(path, known)
        raise Crash

    database = await open_sqlite(folder / "db")
    monkeypatch.setattr(ring, "replace_ring", dying)
    with pytest.raises(Crash):
        await rotate(database, keys)
    monkeypatch.undo()

    await rotate(database, keys)

    assert len(kids(keys)) == 2  # no key was added twice
    assert await stories(database, await opened(database, keys)) == [STORY] * SESSIONS
    await database.close()


def test_two_do_not_rotate_at_once(folder: Path) -> None:
    with (
        rotation.alone(folder / "keys.json"),
        pytest.raises(StoreProblem, match="being rotated already"),
        rotation.alone(folder / "keys.json"),
    ):
        pass


# ---- with backups, and as a command


async def test_a_backup_of_before_comes_back_after_its_key_left_the_ring(folder: Path) -> None:
    """With keys of now: what the old key wrapped is in no backup of keys any more."""
    keys, at = folder / "keys.json", NOW
    place = Kept(database=folder / "db", files=folder / "attachments", keys=keys)
    to = folder.parent
    made, done = [], Retired(gone=(), kept={})
    for day in (0, 15):
        at = NOW + timedelta(days=day)
        made.append(
            backups.make(place, to / "b", to / "k", at=at, new_bytes=new_bytes, tell=lambda _: None)
        )
        database = await open_sqlite(folder / "db")
        done = await rotate(database, keys, at, add=day == 0)
        await database.close()
    assert len(done.gone) == 1

    new = Kept(database=to / "n/db", files=to / "n/attachments", keys=keys)
    came = await restore(
        new, Backup(data=made[0].data, keys=made[1].keys), at=at, new_bytes=new_bytes,
        tell=lambda _: None,
    )  # fmt: skip
    assert came.sessions == SESSIONS
    database = await open_sqlite(new.database)
    assert await stories(database, await opened(database, keys)) == [STORY] * SESSIONS
    await database.close()

    again = Kept(database=to / "o/db", files=to / "o/attachments", keys=keys)
    with pytest.raises(StoreProblem, match="which the backup needs"):
        await restore(
            again, Backup(data=made[0].data, keys=made[0].keys), at=at, new_bytes=new_bytes,
            tell=lambda _: None,
        )  # fmt: skip


def test_the_command_says_to_copy_the_ring(place: Installation) -> None:
    added = place.run("rotate-keys", "--add")
    assert added.returncode == 0, added.stderr
    assert f"Copy {place.settings.keys_path} to its safe place NOW" in added.stdout

    done = place.run("rotate-keys")
    assert "the rotation that was begun goes on; no key was added." in done.stdout
    assert "2 data keys wrapped anew" in done.stdout
    assert len(kids(place.settings.keys_path)) == 2
    assert rotating.LONG_KEYS > 2
