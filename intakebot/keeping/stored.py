"""What is stored: whether the database is whole, and what waits in it for a person."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from intakebot.keeping import machine
from intakebot.keeping.findings import Finding, counted, error, of_problem, ok, some, warning
from intakebot.store import attachments, erasure, health, vault
from intakebot.store.database import Database
from intakebot.store.problems import StoreProblem, Unavailable
from intakebot.store.ring import Ring
from intakebot.store.vault import Vault

FROM_BACKUP = "Restore the newest backup in an empty place."
REPORT = "Report it, with this line."


@dataclass(frozen=True, kw_only=True)
class Place:
    """What is looked at."""

    database: Database
    files: Path  # attachments
    ring: Ring
    vault: Vault
    now: datetime


async def whole(path: Path) -> Finding:
    """Whether the file can be read, and every page and reference in it is right. SQLite only."""
    try:
        broken = await asyncio.to_thread(health.file_faults, path)
    except StoreProblem as problem:
        return of_problem(problem)
    if broken:
        return error(str(path), f"The database is damaged: {some(broken)}.", FROM_BACKUP)
    return ok(str(path), "The database is whole (quick_check, references).")


def unguarded(where: str) -> Finding:
    """The triggers that stand before the audit are gone."""
    remedy = "Tell your privacy officer; restore a backup in an empty place to have it again."
    return error(where, "Somebody took away what refuses to change the audit.", remedy)


async def look(place: Place) -> AsyncIterator[Finding]:
    """Everything about the database, the dear things last."""
    try:
        canaries = await place.database.read(vault.read_canaries)
        strange = [it.kid for it in canaries if not place.vault.knows(*it)]
        yield _ring_fits(strange)
        if not strange:
            yield await _keys(place)
        yield machine.clock(await place.database.read(health.newest_at), place.now)
        for finding in await _waiting(place.database):
            yield finding
        yield await _nothing_left(place)
        yield await _every_file(place)
        if not strange:
            yield await _audit(place)
    except Unavailable as fault:
        remedy = "Look at the disk, and at other programs on the file; then restore, if need be."
        yield error("database", f"It cannot be read to its end ({fault}).", remedy)


def _ring_fits(strange: list[str]) -> Finding:
    if strange:
        return error(
            "key ring", f"It is not the ring of this database, which knows {some(strange)}.",
            "Put the ring that belongs to it in its place.",
        )  # fmt: skip
    return ok("key ring", "It is the ring of this database.")


async def _keys(place: Place) -> Finding:
    """Which keys of the ring are in use."""
    used = await place.database.read(health.kids_in_use)
    lost = [kid for kid in used if kid not in {key.kid for key in place.ring.keys}]
    if lost:
        what = f"{counted(sum(used[kid] for kid in lost), 'row')} need a key that it lacks: "
        return error("key ring", what + some(lost), "Put back the ring from before.")
    older = sum(count for kid, count in used.items() if kid != place.ring.keys[-1].kid)
    if older:
        what = f"{counted(older, 'row')} still rest on an older key."
        return warning("key ring", what, "Run: python -m intakebot rotate-keys --finish")
    return ok("key ring", f"{counted(sum(used.values()), 'row')} rest on its newest key.")


async def _waiting(database: Database) -> list[Finding]:
    """What a person must decide about."""
    found = []
    held = await database.read(health.held)
    if held.count:
        what = f"{counted(held.count, 'message')} are held back since a restore."
        found.append(warning("outbox", what, "Run: python -m intakebot release"))
    aside = await database.read(health.aside)
    if aside:
        what = f"{counted(aside, 'update')} broke the program and stand aside."
        found.append(warning("updates", what, "Run: python -m intakebot replay"))
    return found or [ok("waiting", "No message is held back and no update stands aside.")]


async def _nothing_left(place: Place) -> Finding:
    """What should have been erased, and stories without a key."""
    left = await erasure.orphans(place.database, place.files)
    if left:
        return error("erasure", f"Left behind: {some(left)}.", REPORT)
    return ok("erasure", "Nothing is left of what was erased, and every story has its key.")


async def _every_file(place: Place) -> Finding:
    """Attachments that a request speaks of and that are not there."""
    names = await place.database.read(attachments.stored)
    missing = await asyncio.to_thread(
        lambda: [it for it in names if not attachments.path_of(place.files, it).exists()]
    )
    if missing:
        what = f"{counted(len(missing), 'file')} missing: {some(missing)}."
        return error(str(place.files), what, "Put them back from a backup.")
    return ok(str(place.files), f"{counted(len(names), 'attachment')}, all there.")


async def _audit(place: Place) -> Finding:
    faults = await place.database.read(lambda: health.audit_faults(place.vault))
    if faults:
        remedy = "Somebody changed the database by hand. Tell your privacy officer."
        return error("audit", f"Its chain does not hold: {some(faults)}.", remedy)
    return ok("audit", "Its chain holds.")
