"""Restoring a backup into an empty place: whole, or to be done again.

What lies in the backup is put together in a file of SQLite, brought up to date and made to fit the
present. That file gets its name; or, on PostgreSQL, all of it is loaded in one transaction. So it
does not matter which of the two the backup was made of.

What was erased since is erased again: what the ledgers say (of the keys part, and of the old
database when it is still there), and every session whose data key is no longer in the keys part.
Nothing is sent before a person says so, nobody is signed in, and no one-time link works. The line
of each bot still knows until when people could be heard, so at the next start `line.py` asks the
open questions again.

While it is under way a folder called `.restoring` stands in the state folder, and the program
refuses to start there. Killed at any moment, `restore` clears that and begins anew; or it finds
that all of it had come through, and says so.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from intakebot.store import audit, backups, copying, erasure, health, outgoing, ring, schema
from intakebot.store import manifest as m
from intakebot.store import queries as q
from intakebot.store.backups import Installation
from intakebot.store.copying import Gone
from intakebot.store.folder import RESTORING
from intakebot.store.manifest import BackupFile, Manifest, Part, Tell
from intakebot.store.problems import StoreProblem
from intakebot.store.ring import NewBytes
from intakebot.store.sqlite import open_sqlite
from intakebot.store.vault import Vault
from intakebot.store.work import Work, home_of, micros

EVER = datetime(9999, 1, 1, tzinfo=UTC)
# Stands in the marker from when everything is ready until it has its place.
SETTLED = "settled.json"
# What the marker is called while it is being deleted.
OVER = ".restored"
# Attachments lie here, in their own folder, which may be the disk of another machine.
STAGED = ".restoring"


@dataclass(frozen=True, kw_only=True)
class Backup:
    """The two parts that are to be restored."""

    data: Path
    keys: Path
    ledger: Path | str | None = None  # the database from before: who was erased after the backup


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What was done to what came back."""

    erased: int  # sessions that were erased after the backup was made
    held: int  # messages that wait for a person's word
    faults: tuple[str, ...] = ()  # of the chain of the audit, as they are in the backup


@dataclass(frozen=True, kw_only=True)
class Restored:
    """A place that can be started."""

    made_at: datetime  # of the data: what came after it is gone
    sessions: int
    attachments: int
    erased: int
    held: int
    faults: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Ready:
    """What is to be loaded, known again by the last row of its audit."""

    seq: int
    hash: str
    restored: Restored


def found_in(folder: Path, part: Part) -> Path:
    """This backup, or the newest one in this folder. Raises `StoreProblem`."""
    if (folder / m.MANIFEST).is_file():
        return folder
    there = list(m.backups_in(folder, part).values())
    if not there:
        what, remedy = f"There is no backup here ({part}).", "Name the folder that backups are in."
        raise StoreProblem(str(folder), what, remedy)
    return there[-1]


async def restore(
    place: Installation, backup: Backup, *, at: datetime, new_bytes: NewBytes, tell: Tell
) -> Restored:
    """Restore this backup here. Raises `StoreProblem`, and leaves the backup as it is.

    Blocks while it copies: nothing else runs in the process of this command.
    """
    marker = place.files.parent / RESTORING
    if came_through := await _came_through(place, marker):
        _unmark(marker)
        return came_through
    if not isinstance(place.database, Path):  # first: files could be of whoever serves from it
        await copying.expect_empty(place.database)
    _expect_empty(place, marker)
    vault, told, keys = _looked_at(place, backup, new_bytes)
    marker.mkdir(mode=0o700, parents=True)
    m.sync(marker.parent)
    staged, files = _staged(place), place.files / STAGED
    files.mkdir(mode=0o700, parents=True)
    _copy(backup, (told, keys), (marker, staged, files), tell)
    ledger = backup.ledger
    gone = await copying.ledger(ledger) if isinstance(ledger, str) else ()
    # Keys of after an upgrade belong to data of after that upgrade.
    schema.migrate(staged, to=max(told.database, keys.database))
    _merge(staged, marker / m.KEYS, ledger if isinstance(ledger, Path) else None, gone)
    schema.migrate(staged)
    _fit_ring(staged, vault, place.keys)
    settled, head = await _settled(staged, files, vault, told.made_at, at)
    restored = Restored(
        made_at=told.made_at,
        sessions=_count_sessions(staged),
        attachments=sum(1 for _ in files.glob("*/*.sealed")),
        erased=settled.erased,
        held=settled.held,
        faults=settled.faults,
    )
    _write_ready(marker, _Ready(seq=head.seq, hash=head.hash, restored=restored))
    _place_files(place.files, files)
    if isinstance(place.database, Path):
        _place_database(place.database, staged)
    else:
        await copying.load(staged, place.database, vault=vault, faults=settled.faults, tell=tell)
    _unmark(marker)
    return restored


def size_of(place: Installation, backup: Backup) -> int:
    """About how many bytes there are to be copied, for a bar; to a server the database goes on."""
    copied = sum(it.stat().st_size for it in backup.data.rglob("*") if it.is_file())
    database = backup.data / m.DATABASE
    goes_on = not isinstance(place.database, Path) and database.exists()
    return copied + (database.stat().st_size if goes_on else 0)


def settle(vault: Vault, *, made_at: datetime, at: datetime) -> Work[Settled]:
    """Make what came back fit the present: erase again, hold what is unsent, sign everybody out."""
    erased = yield from erasure.erase_again(vault, at)
    keyless = yield q.keyless()
    for row in keyless:
        yield from erasure.erase(vault, home_of(row), why="restored", actor="system", at=at)
    held = yield from outgoing.hold()
    yield q.forget_staff_sessions(now=micros(EVER), idle_since=micros(EVER))
    yield q.forget_signin_links(now=micros(EVER))
    yield q.forget_web_links(now=micros(EVER))
    yield from audit.append(
        vault,
        at=at,
        actor="operator",
        action="restore",
        session=None,
        detail=made_at.isoformat(timespec="seconds"),
    )
    return Settled(erased=erased + len(keyless), held=held)


# ---- parts --------------------------------------------------------------------------------------


async def _came_through(place: Installation, marker: Path) -> Restored | None:
    """What a restore that was killed had done, when it was killed after all of it was in place."""
    path = marker / SETTLED
    if isinstance(place.database, Path) or not path.exists():
        return None
    ready = msgspec.json.decode(path.read_bytes(), type=_Ready)
    return ready.restored if await copying.holds(place.database, ready.seq, ready.hash) else None


def _expect_empty(place: Installation, marker: Path) -> None:
    """Nothing may be there but the key ring, or what an interrupted restore left."""
    if marker.exists():
        for path in _all_of(place):
            _delete(path)
        _delete(marker)
    for path in _all_of(place):
        if path.exists():
            what = "A backup is restored into an empty place only, and this is in the way."
            remedy = "Let INTAKEBOT_STATE name an empty folder with the key ring in it."
            raise StoreProblem(str(path), what, remedy)


def _all_of(place: Installation) -> Iterator[Path]:
    """Everything that is stored in files; the folder of attachments itself may be there."""
    databases = (place.database, _staged(place)) if isinstance(place.database, Path) else ()
    for database in databases:
        yield from (database.with_name(f"{database.name}{end}") for end in ("", "-wal", "-shm"))
    if place.files.is_dir():
        yield from place.files.iterdir()


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _staged(place: Installation) -> Path:
    """Where the database is put together: on the disk where it will be, or on its way there."""
    if isinstance(place.database, Path):
        return place.database.with_name(f".{place.database.name}.restoring")
    return place.files.parent / RESTORING / m.DATABASE


def _looked_at(
    place: Installation, backup: Backup, new_bytes: NewBytes
) -> tuple[Vault, Manifest, Manifest]:
    """The ring and both manifests; what can be seen without copying is right."""
    found = ring.read_ring(place.keys)
    if found is None:
        what = "The key ring is missing: without it the backup cannot be read."
        raise StoreProblem(str(place.keys), what, "Put the ring that you keep apart in its place.")
    vault = Vault(found, new_bytes)
    data = m.read(backup.data, "data", vault)
    keys = m.read(backup.keys, "keys", vault)
    schema.expect_known(data.database, str(backup.data))
    schema.expect_known(keys.database, str(backup.keys))
    if keys.made_at < data.made_at:
        what = "These keys are older than the data: stories that began in between have none."
        remedy = "Take the keys of the same moment, or newer ones."
        raise StoreProblem(str(backup.keys), what, remedy)
    if isinstance(backup.ledger, Path) and not backup.ledger.is_file():
        what = "There is no such database."
        remedy = "Name the old intakebot.sqlite, or leave --ledger out."
        raise StoreProblem(str(backup.ledger), what, remedy)
    return vault, data, keys


def _copy(
    backup: Backup, told: tuple[Manifest, Manifest], to: tuple[Path, Path, Path], tell: Tell
) -> None:
    """Every file, held against its checksum while it is copied."""
    marker, staged, files = to
    for folder, part in zip((backup.data, backup.keys), told, strict=True):
        for file in part.files:
            below = Path(file.path)
            target = staged if file.path == m.DATABASE else marker / below
            if below.parts[0] == m.ATTACHMENTS:
                target = files / below.relative_to(m.ATTACHMENTS)
            target.parent.mkdir(mode=0o700, exist_ok=True)
            _expect_same(folder, file, m.copy_file(folder / file.path, target, tell))


def _expect_same(folder: Path, told: BackupFile, copied: BackupFile) -> None:
    if (told.bytes, told.sha256) != (copied.bytes, copied.sha256):
        what = "It is not as it was written: the backup is damaged."
        raise StoreProblem(str(folder / told.path), what, "Take another backup.")


def _merge(staged: Path, keys: Path, ledger: Path | None, gone: Iterable[Gone]) -> None:
    """Put back what was kept apart, and gather what was erased."""
    try:
        uri = f"{staged.resolve().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as database:
            database.execute("ATTACH ? AS apart", (str(keys),))
            database.execute("BEGIN")
            there = copying.tables_of(database)  # an earlier revision may not have both
            for table in (it for it in backups.SHORT_LIVED if it in there):
                names = copying.columns_of(database, table)
                columns = ", ".join(names)
                database.execute(
                    f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM apart.{table}"  # noqa: S608 - names of our own schema
                    f" WHERE {_HAS_SESSION if table == 'session_keys' else '1'}"
                )
            _add_ledger(database)
            database.execute("COMMIT")
            database.execute("DETACH apart")
            database.executemany(ADD_ERASURE.format("VALUES (?, ?, ?, ?)"), gone)
            if ledger is not None:
                database.execute("ATTACH ? AS apart", (f"{ledger.resolve().as_uri()}?mode=ro",))
                _add_ledger(database)
                database.execute("DETACH apart")
    except sqlite3.DatabaseError as fault:
        code = getattr(fault, "sqlite_errorname", type(fault).__name__)
        where = ledger or keys
        what, remedy = f"It could not be read ({code}).", "Take another, or leave --ledger out."
        raise StoreProblem(str(where), what, remedy) from None


def _fit_ring(staged: Path, vault: Vault, keys: Path) -> None:
    """The ring must open every data key; proofs of keys that left it since are dropped."""
    with closing(sqlite3.connect(staged)) as database:
        needed = {row[0] for row in database.execute("SELECT DISTINCT kid FROM session_keys")}
        proofs = {row[0] for row in database.execute("SELECT kid FROM canaries")}
        old = [(kid,) for kid in proofs - vault.kids]
        database.executemany("DELETE FROM canaries WHERE kid = ?", old)
        database.commit()
    if lost := sorted(needed - vault.kids):
        what = f"The ring has no key {lost[0]}, which the backup needs."
        raise StoreProblem(str(keys), what, "Put the ring of that time here, or take newer keys.")
    backups.expect_ring(vault, staged, keys)


_HAS_SESSION = """EXISTS (SELECT 1 FROM main.sessions s WHERE s.channel = apart.session_keys.channel
AND s.bot = apart.session_keys.bot AND s.chat = apart.session_keys.chat
AND s.session = apart.session_keys.session)"""


ADD_ERASURE = "INSERT OR IGNORE INTO main.erasures (session, why, erased_at, files) {}"


def _add_ledger(database: sqlite3.Connection) -> None:
    rows = "SELECT session, why, erased_at, files FROM apart.erasures"
    database.execute(ADD_ERASURE.format(rows))


async def _settled(
    staged: Path, files: Path, vault: Vault, made_at: datetime, at: datetime
) -> tuple[Settled, audit.Head]:
    database = await open_sqlite(staged)
    try:
        settled = await database.run(lambda: settle(vault, made_at=made_at, at=at))
        await erasure.sweep(database, files, at)
        await database.checkpoint()
        faults = await database.read(lambda: health.audit_faults(vault))
        head = await database.read(audit.head)
    finally:
        await database.close()
    assert head is not None, "the restore itself is in the audit"
    return replace(settled, faults=faults), head


def _count_sessions(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        count: int = connection.execute("SELECT COUNT(*) FROM sessions").fetchone()[0]
    return count


def _write_ready(marker: Path, ready: _Ready) -> None:
    begun = marker / f"{SETTLED}.new"
    begun.write_bytes(msgspec.json.encode(ready))
    m.sync(begun)
    begun.rename(marker / SETTLED)
    m.sync(marker)


def _place_files(folder: Path, staged: Path) -> None:
    """Give attachments their names: before the database, which speaks of them."""
    below = tuple(staged.iterdir())
    _sync_all((*below, staged))
    for path in below:
        path.rename(folder / path.name)
    staged.rmdir()
    _sync_all((folder, folder.parent))


def _place_database(database: Path, staged: Path) -> None:
    m.sync(staged)
    staged.rename(database)
    m.sync(database.parent)


def _unmark(marker: Path) -> None:
    """Everything is in its place: the program may be started. What told so goes last."""
    for path in marker.iterdir():
        if path.name != SETTLED:
            _delete(path)
    over = marker.with_name(OVER)
    shutil.rmtree(over, ignore_errors=True)
    marker.rename(over)
    m.sync(over.parent)
    shutil.rmtree(over)


def _sync_all(paths: Iterable[Path]) -> None:
    for path in paths:
        m.sync(path)
