"""Backups: made while the program serves, in two parts that are kept apart.

The data part is the database as it was at one moment, as a file of SQLite (copying.py says why),
and its attachments. All that people said is sealed in it; the data keys are not there. These lie in
the keys part, with what the ring seals by itself (updates that were put aside) and the ledger of
erasures. Who is erased loses the data key; fourteen days later no backup holds it any more, and the
sealed words in older data parts are noise. The key ring is in neither part.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from intakebot.store import copying, ring, schema
from intakebot.store import manifest as m
from intakebot.store.attachments import path_of
from intakebot.store.manifest import BackupFile, Manifest, Part, Tell
from intakebot.store.problems import StoreProblem, told
from intakebot.store.ring import NewBytes
from intakebot.store.vault import Vault, Wrapped

KEPT: dict[Part, timedelta] = {"data": timedelta(days=90), "keys": timedelta(days=14)}
# Pages in one step: between two of them the bar moves.
PAGES = 512
BUSY_MS = 5_000

# What goes to the keys part.
SHORT_LIVED = ("session_keys", "poisons")
# A goodbye that hangs on no session is sealed by the ring itself, and lives a day.
LOOSE = "DELETE FROM messages WHERE session IS NULL"


@dataclass(frozen=True, kw_only=True)
class Installation:
    """What is to be kept."""

    database: Path | str  # a file of SQLite, or the address of a PostgreSQL server
    files: Path  # attachments
    keys: Path  # the key ring

    @property
    def where(self) -> str:
        """The database, as an operator may read it."""
        at = self.database
        return str(at) if isinstance(at, Path) else told(at)


@dataclass(frozen=True, kw_only=True)
class Made:
    """A backup that stands."""

    data: Path
    keys: Path
    sessions: int
    attachments: int
    bytes: int


def size_of(place: Installation) -> int:
    """About how many bytes there are to be done, for a bar: read, written and checked. Blocks."""
    if not isinstance(place.database, Path):
        database = asyncio.run(copying.size_of(place.database))
    else:
        database = place.database.stat().st_size if place.database.exists() else 0
    return 3 * database + sum(it.stat().st_size for it in place.files.glob("*/*.sealed"))


def make(
    place: Installation, data: Path, keys: Path, *, at: datetime, new_bytes: NewBytes, tell: Tell
) -> Made:
    """Make a backup with its parts in these two folders. Blocks; raises `StoreProblem`.

    It is there as a whole or not at all. The keys get their name first: a data part that can be
    seen has its keys.
    """
    at = at.replace(microsecond=0)
    _expect_apart(place, data, keys)
    with _alone_in(data), _alone_in(keys):
        ends = {"data": data / m.name_of("data", at), "keys": keys / m.name_of("keys", at)}
        for end in ends.values():
            if end.exists():
                raise StoreProblem(str(end), "There is a backup already.", "Wait a second.")
        begun = {part: _begin(end) for part, end in ends.items()}
        found = _copy_database(place, begun["data"], begun["keys"], tell)
        vault = _vault(place, begun["data"] / m.DATABASE, new_bytes)
        copied, gone = _copy_attachments(place.files, begun["data"], tell)
        files = (m.look_at(begun["data"] / m.DATABASE, tell), *copied)
        written = {
            "data": Manifest(part="data", made_at=at, database=found, files=files, gone=gone),
            "keys": Manifest(
                part="keys",
                made_at=at,
                database=found,
                files=(m.look_at(begun["keys"] / m.KEYS, tell),),
            ),
        }
        for part in ("keys", "data"):
            m.write(begun[part], written[part], vault)
            begun[part].rename(ends[part])
            m.sync(ends[part].parent)
    return Made(
        data=ends["data"],
        keys=ends["keys"],
        sessions=_sessions_in(ends["data"] / m.DATABASE),
        attachments=len(copied),
        bytes=sum(it.bytes for it in files),
    )


def too_old(folder: Path, part: Part, now: datetime) -> tuple[Path, ...]:
    """Backups here that were kept long enough; never the newest one."""
    there = list(m.backups_in(folder, part).items())
    return tuple(path for made_at, path in there[:-1] if now - made_at > KEPT[part])


def looks_wrong(folder: Path, part: Part, now: datetime) -> bool:
    """Whether so much would go at once that it may be the date that is wrong.

    That is: more than one, and more than half of what is there; or one is there from the future.
    """
    going, there = len(too_old(folder, part, now)), m.backups_in(folder, part)
    return (going > 1 and 2 * going > len(there)) or any(made_at > now for made_at in there)


# ---- parts --------------------------------------------------------------------------------------


def _expect_apart(place: Installation, data: Path, keys: Path) -> None:
    """Two folders, neither in the other, and not in the state folder."""
    state = place.files.parent.resolve()
    one, other = data.resolve(), keys.resolve()
    if one == other or one in other.parents or other in one.parents:
        what = "Keys beside the data would be kept as long as the data."
        raise StoreProblem(str(keys), what, "Give --keys a folder of its own, on another disk.")
    for path in (one, other):
        if path == state or state in path.parents:
            what = "A backup in the state folder is lost together with it."
            raise StoreProblem(str(path), what, "Name a folder on another disk.")


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Make the folder, keep other backups out of it, and clear what was interrupted."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as fault:
        what = f"A backup cannot be made here ({fault.strerror})."
        raise StoreProblem(str(folder), what, "Name a folder that can be written in.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        m.clear_unfinished(folder)
        yield
    except BlockingIOError:
        what = "Another backup is being made here."
        raise StoreProblem(str(folder), what, "Wait until it is done.") from None
    except OSError as fault:
        what = f"The backup could not be finished ({fault.strerror})."
        raise StoreProblem(str(folder), what, "Look at the disk.") from None
    finally:
        os.close(lock)


def _begin(end: Path) -> Path:
    begun = end.with_name(f"{m.UNFINISHED}{end.name}")
    begun.mkdir(mode=0o700)
    return begun


def _copy_database(place: Installation, data: Path, keys: Path, tell: Tell) -> str:
    """The database as it is now, without its keys; these beside it. Gives its schema."""
    for path in (data / m.DATABASE, keys / m.KEYS):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(data / m.DATABASE, isolation_level=None)) as copy:
            if isinstance(place.database, Path):
                _snapshot(place.database, copy, tell)
            else:
                asyncio.run(copying.fetch(place.database, data / m.DATABASE, tell))
            _set_apart(copy, keys / m.KEYS)
            found = schema.version(copy)
            broken = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as fault:
        what = f"It could not be copied ({getattr(fault, 'sqlite_errorname', 'no database')})."
        raise StoreProblem(place.where, what, "Look at the disk; run doctor.") from None
    if broken != "ok" or found is None:
        what = f"The database is damaged: {broken}."
        raise StoreProblem(place.where, what, "Keep the last backup; run doctor.")
    m.sync(data / m.DATABASE)
    m.sync(keys / m.KEYS)
    return found


def _snapshot(database: Path, copy: sqlite3.Connection, tell: Tell) -> None:
    """One moment of the database. Who writes meanwhile is not held up, and is not seen."""
    if not database.exists():
        raise StoreProblem(str(database), "There is no database.", "Nothing is to be kept.")
    uri = f"{database.resolve().as_uri()}?mode=rw"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as source:
        source.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        page = source.execute("PRAGMA page_size").fetchone()[0]
        # A reader keeps its moment: without it, the copy begins anew at every commit of others.
        source.execute("BEGIN")
        source.execute("SELECT name FROM sqlite_master LIMIT 1").fetchall()
        before = 0

        def step(_status: int, remaining: int, total: int) -> None:
            nonlocal before
            tell((total - remaining - before) * page)
            before = total - remaining

        source.backup(copy, pages=PAGES, progress=step, sleep=0)
        source.execute("ROLLBACK")


def _set_apart(copy: sqlite3.Connection, keys: Path) -> None:
    """Move what is short-lived to the keys part, and leave no trace of it in the data part."""
    copy.execute("PRAGMA journal_mode = DELETE")
    copy.execute("PRAGMA secure_delete = ON")
    copy.execute("ATTACH ? AS apart", (str(keys),))
    copy.execute("BEGIN")
    there = set(copying.tables_of(copy))  # an earlier revision may not have them all
    for table in (it for it in (*SHORT_LIVED, "erasures") if it in there):
        columns = ", ".join(copying.columns_of(copy, table))
        copy.execute(f"CREATE TABLE apart.{table} AS SELECT {columns} FROM main.{table}")  # noqa: S608 - names of our own schema
    for table in (it for it in SHORT_LIVED if it in there):
        copy.execute(f"DELETE FROM main.{table}")  # noqa: S608 - idem
    if "messages" in there:
        copy.execute(LOOSE)
    copy.execute("COMMIT")
    copy.execute("DETACH apart")
    copy.execute("VACUUM")


def _vault(place: Installation, copy: Path, new_bytes: NewBytes) -> Vault:
    """The ring, to sign with; it must be the ring of this database."""
    found = ring.read_ring(place.keys)
    if found is None:
        what = "The key ring is missing: a backup without it can never be read."
        raise StoreProblem(str(place.keys), what, "Put the ring that you keep apart in its place.")
    vault = Vault(found, new_bytes)
    expect_ring(vault, copy, place.keys)
    return vault


def expect_ring(vault: Vault, database: Path, keys: Path) -> None:
    """Raise `StoreProblem` when the database was sealed with another ring."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT kid, sealed FROM canaries").fetchall()
    if not all(vault.knows(*Wrapped(*row)) for row in rows):
        what = "This is not the key ring of this database."
        raise StoreProblem(str(keys), what, "Put the ring that belongs to it in its place.")


def _copy_attachments(
    files: Path, data: Path, tell: Tell
) -> tuple[tuple[BackupFile, ...], tuple[str, ...]]:
    """The attachments that the copied database speaks of; what was erased meanwhile is told."""
    with closing(sqlite3.connect(data / m.DATABASE)) as connection:
        stored = "SELECT attachment FROM attachments WHERE state = 'stored' ORDER BY attachment"
        is_there = "attachments" in copying.tables_of(connection)
        rows = connection.execute(stored).fetchall() if is_there else []
    (data / m.ATTACHMENTS).mkdir(mode=0o700)
    copied, gone = [], []
    for (name,) in rows:
        target = path_of(data / m.ATTACHMENTS, name)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            one = m.copy_file(path_of(files, name), target, tell)
        except FileNotFoundError:
            target.unlink(missing_ok=True)
            gone.append(name)
            continue
        below = target.relative_to(data).as_posix()
        copied.append(BackupFile(path=below, bytes=one.bytes, sha256=one.sha256))
    return tuple(copied), tuple(gone)


def _sessions_in(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        if "sessions" not in copying.tables_of(connection):
            return 0
        count: int = connection.execute("SELECT COUNT(*) FROM sessions").fetchone()[0]
    return count
