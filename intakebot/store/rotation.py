"""Rotating the keys: a new key in the ring, every data key wrapped by it, the old key taken out.

Only the wrapping changes: what the data keys seal is not touched, so it takes seconds and can be
done while others serve. Killed anywhere, the next run goes on: the ring says which key is the
newest, and each row says which key wraps it.

An old key leaves the ring when nothing in the database needs it any more, and no backup of keys
that may hold something wrapped by it; the audit says when the last one was wrapped anew. The keys
of the blind indexes and of the audit stay for ever: all that is found by them would have to be
written anew.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from intakebot.store import audit, health, ring, sessions, vault
from intakebot.store import queries as q
from intakebot.store.backups import KEPT
from intakebot.store.database import Database
from intakebot.store.problems import StoreProblem, Unreadable
from intakebot.store.ring import NewBytes, Ring
from intakebot.store.vault import Vault
from intakebot.store.work import Work, moment

# Rows in one transaction: conversations wait no longer than for one of their own batches.
BATCH = 64


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A rotation that is under way."""

    kid: str
    is_new: bool  # False: one that was interrupted goes on
    older: int  # data keys that are still wrapped by an older key


class _Noted(NamedTuple):
    """What the audit says of the last rotation."""

    at: datetime
    kid: str  # with another word behind it while it is under way


@dataclass(frozen=True, kw_only=True)
class Retired:
    """What became of the old keys."""

    gone: tuple[str, ...]
    kept: dict[str, str]  # and why


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody else may change the ring: of two new keys one would be lost."""
    try:
        lock = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as fault:
        what = f"The folder of the key ring cannot be written in ({fault.strerror})."
        raise StoreProblem(str(path), what, "Let intakebot own the folder.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        what = "Its keys are being rotated already."
        raise StoreProblem(str(path), what, "Wait until that is done.") from None
    finally:
        os.close(lock)


async def begin(
    database: Database, kept: Vault, path: Path, *, new_bytes: NewBytes, today: date, add: bool
) -> Begun:
    """Add a key to the ring, unless a rotation is still under way, or *add* says not to."""
    kept.renew()
    older = await database.read(lambda: _count_older(kept))
    is_new = add and older == 0
    if is_new:
        ring.replace_ring(path, ring.with_new_key(_ring(path), new_bytes, today))
        kept.renew()
        older = await database.read(lambda: _count_older(kept))
    await database.run(lambda: vault.write_canaries(kept))
    return Begun(kid=kept.newest, is_new=is_new, older=older)


async def rewrap(
    database: Database,
    kept: Vault,
    *,
    at: datetime,
    tell: Callable[[int], object],
    batch: int = BATCH,
) -> int:
    """Wrap every data key by the newest key; gives how many. Small transactions, others go on."""
    if await database.read(lambda: _count_older(kept)):
        await database.run(lambda: _note(kept, f"{kept.newest} begun", at))
    done = 0
    try:
        while count := await database.run(lambda: sessions.rewrap(kept, batch)):
            done += count
            tell(count)
    except Unreadable as fault:
        what, remedy = f"A data key cannot be opened ({fault}).", "Run doctor; nothing was lost."
        raise StoreProblem("session_keys", what, remedy) from None
    last = await database.read(_last_rotation)
    if last is None or last.kid != kept.newest:
        await database.run(lambda: _note(kept, kept.newest, at))
    return done


async def retire(database: Database, kept: Vault, path: Path, now: datetime) -> Retired:
    """Take out of the ring what nothing needs any more.

    First its proof leaves the database, then it leaves the ring, for a database that knows a key
    which the ring has not is refused. A program that starts in between writes the proof again, so
    it is dropped once more.
    """
    known = _ring(path)
    used = await database.read(health.kids_in_use)
    last = await database.read(_last_rotation)
    assert last is not None, "`rewrap` comes first, and says so"
    until = last.at + KEPT["keys"]
    kept_for: dict[str, str] = {}
    gone = []
    for key in known.keys[:-1]:
        if used.get(key.kid):
            kept_for[key.kid] = f"{used[key.kid]} rows need it that end by themselves"
        elif now <= until:
            kept_for[key.kid] = f"backups of keys until {until.date()} may need it"
        else:
            gone.append(key.kid)
    if gone:
        await database.run(lambda: _drop_canaries(gone))
        left = tuple(key for key in known.keys if key.kid not in gone)
        ring.replace_ring(path, replace(known, keys=left))
        kept.renew()
        await database.run(lambda: _drop_canaries(gone))
    return Retired(gone=tuple(gone), kept=kept_for)


def _ring(path: Path) -> Ring:
    found = ring.read_ring(path)
    if found is None:
        raise StoreProblem(str(path), "The key ring is missing.", "Put it back first.")
    return found


def _count_older(kept: Vault) -> Work[int]:
    rows = yield q.count_older_keys(kid=kept.newest)
    count: int = rows[0]["count"]
    return count


def _last_rotation() -> Work[_Noted | None]:
    rows = yield q.last_rotation()
    return _Noted(moment(rows[0]["at"]), rows[0]["detail"]) if rows else None


def _note(kept: Vault, detail: str, at: datetime) -> Work[None]:
    yield from audit.append(
        kept, at=at, actor="operator", action="rotate_keys", session=None, detail=detail
    )


def _drop_canaries(kids: list[str]) -> Work[None]:
    for kid in kids:
        yield q.drop_canary(kid=kid)
