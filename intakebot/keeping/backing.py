"""The command `backup`."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path

from intakebot.house import new_bytes, now
from intakebot.keeping.findings import counted
from intakebot.keeping.progress import Bar
from intakebot.settings import Settings
from intakebot.store import backups, manifest
from intakebot.store.backups import KEPT, Installation
from intakebot.store.manifest import Part


def installation(known: Settings) -> Installation:
    """What is kept of this installation."""
    return Installation(
        database=known.database_place, files=known.state / "attachments", keys=known.keys_path
    )


async def backup(known: Settings, to: Path, keys: Path | None, *, clear: bool) -> int:
    """Make a backup, then delete those that were kept long enough."""
    place, at = installation(known), now()
    folders: dict[Part, Path] = {"data": to, "keys": keys or to.with_name(f"{to.name}-keys")}
    bar = Bar(sys.stderr, "backup", await asyncio.to_thread(backups.size_of, place))
    try:
        made = await asyncio.to_thread(
            lambda: backups.make(
                place, to, folders["keys"], at=at, new_bytes=new_bytes, tell=bar.tell
            )
        )
    finally:
        bar.end()
    megabytes = f"{made.bytes / 1024**2:,.1f} MB"
    what = f"{counted(made.sessions, 'story').replace('storys', 'stories')}"
    sys.stdout.write(
        f"{made.data}: {what}, {counted(made.attachments, 'attachment')}, {megabytes}.\n"
        f"{made.keys}: their keys, to be kept {KEPT['keys'].days} days and no longer.\n"
        f"The key ring is in neither: see that a copy of {known.keys_path} lies elsewhere.\n"
    )
    for part, folder in folders.items():
        _delete_old(folder, part, at, clear=clear)
    return 0


def _delete_old(folder: Path, part: Part, now: datetime, *, clear: bool) -> None:
    """Backups end too, or nobody would ever be erased."""
    old = backups.too_old(folder, part, now)
    if old and not clear and backups.looks_wrong(folder, part, now):
        sys.stderr.write(
            f"{folder}: {len(old)} of the backups are older than {KEPT[part].days} days, and that"
            " is most of them. Nothing was deleted. Is the date right? Then add --clear.\n"
        )
        return
    for path in old:
        manifest.remove(path)
        sys.stdout.write(f"{path}: deleted, older than {KEPT[part].days} days.\n")
