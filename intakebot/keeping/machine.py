"""The machine: the state folder, the key ring, the disk and the date."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from intakebot.keeping.findings import Finding, counted, error, of_problem, ok, warning
from intakebot.settings import Settings
from intakebot.store import ring
from intakebot.store.problems import StoreProblem
from intakebot.store.ring import Ring

# An upload of 20 MB, the log of the database, and a copy that SQLite makes while it migrates.
FREE_MIN = 200 * 1024**2
# Room for the database once more: what a migration or a VACUUM needs.
FREE_TIMES = 2
# Kinds of file systems behind which there is another machine.
NETWORK = ("nfs", "cifs", "smb", "ncpfs", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs")
KEY_AGE_MAX = timedelta(days=365)
# Clocks of two machines, and the second that was being stored.
AHEAD_MAX = timedelta(minutes=2)
# A holiday is quiet; a month without a word is not.
QUIET_MAX = timedelta(days=30)


def settings(known: Settings) -> Iterator[Finding]:
    """What was chosen, and what is missing for people to reach it."""
    telegram = "no Telegram"
    if known.telegram_token is not None:
        telegram = f"Telegram by {known.telegram_mode}, scope {known.telegram_scope}"
    yield ok("settings", f"complete; {telegram}.")
    if not known.base_url:
        yield warning(
            "INTAKEBOT_PUBLIC_URL",
            "It is empty, so that no link can be made, nor a member sign in.",
            "Set it to the address that people reach.",
        )


def folder(path: Path) -> Iterator[Finding]:
    """The state folder, for its owner alone."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield error(
            str(path), f"Others can look into the state folder (mode {mode:04o}).",
            f"Run: chmod 700 {path}",
        )  # fmt: skip
    else:
        yield ok(str(path), "The state folder is closed to others.")


def open_ring(path: Path) -> Ring | Finding:
    """The key ring, or what is wrong with it."""
    try:
        found = ring.read_ring(path)
    except StoreProblem as problem:
        return of_problem(problem)
    if found is None:
        return error(
            str(path), "The key ring is missing: nothing in the database can be read.",
            "Put the ring that you keep apart in its place.",
        )  # fmt: skip
    return found


def age(path: Path, keys: Ring, today: date) -> Finding:
    """How old the key is that seals."""
    newest = keys.keys[-1]
    days = (today - newest.made_on).days
    told = f"{counted(len(keys.keys), 'key')}, the newest {counted(days, 'day')} old."
    if today - newest.made_on > KEY_AGE_MAX:
        remedy = "Once a year, run: python -m intakebot rotate-keys"
        return warning(str(path), f"The key ring has {told}", remedy)
    return ok(str(path), f"Only its owner can use the key ring: {told}")


def free_bytes(path: Path) -> int:
    """What is free on the disk of this folder."""
    return shutil.disk_usage(path).free


def disk(path: Path, database: Path | None, *, free: int) -> Finding:
    """Room for what comes; *database*: the SQLite file, when it lies there."""
    size = sum(it.stat().st_size for it in _files_of(database)) if database else 0
    told = f"{_mb(free)} MB free; " + (
        f"the database is {_mb(size)} MB." if database else "the database lies on a server."
    )
    if free < FREE_MIN:
        return error(str(path), f"The disk is nearly full: {told}", "Make room, or add a disk.")
    if free < FREE_TIMES * size:
        remedy = "Make room for the database once more: an upgrade may need it."
        return warning(str(path), f"The disk has little room: {told}", remedy)
    return ok(str(path), f"The disk has room: {told}")


def mounts() -> str:
    """What Linux says of its disks; nothing elsewhere."""
    path = Path("/proc/self/mounts")
    return path.read_text("utf-8") if path.exists() else ""


def network(database: Path, mounts: str) -> Iterator[Finding]:
    """Whether the database lies on a disk of another machine; *mounts* as Linux tells them.

    There two machines can hold the same lock, and a commit is not on a disk when it is said to be
    (sqlite.org/wal.html).
    """
    path = database.resolve()
    kinds = {
        Path(at.replace("\\040", " ")): kind
        for _, at, kind, *_ in (line.split() for line in mounts.splitlines())
    }
    kind = next((kinds[it] for it in path.parents if it in kinds), "")
    if kind.startswith(NETWORK):
        what = f"SQLite lies on a disk of the network ({kind}), where it is not safe."
        yield error(str(database), what, "Put it on a disk of this machine, or use PostgreSQL.")


def clock(newest: datetime | None, now: datetime) -> Finding:
    """The date of the machine, beside the last thing that was stored under it."""
    shown = now.isoformat(timespec="seconds")
    if newest is None:
        return ok("clock", f"It is {shown}; nothing is stored yet to compare it with.")
    last = newest.isoformat(timespec="seconds")
    if newest > now + AHEAD_MAX:
        return error(
            "clock",
            f"It is {shown} by this machine, and something was stored at {last}.",
            "Set the date right, and keep it right with NTP, before anything is erased by it.",
        )
    if now - newest > QUIET_MAX:
        return warning(
            "clock",
            f"It is {shown} by this machine; the last thing was stored at {last}.",
            "Look whether the date is right, or nobody could reach intakebot for so long.",
        )
    return ok("clock", f"It is {shown}; the last thing was stored at {last}.")


def _files_of(database: Path) -> Iterator[Path]:
    beside = (database.with_name(f"{database.name}{end}") for end in ("", "-wal"))
    return (path for path in beside if path.exists())


def _mb(size: int) -> str:
    return f"{size / 1024**2:,.0f}"
