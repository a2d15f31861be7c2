"""The command `rotate-keys`."""

from __future__ import annotations

import sys
from typing import Literal

from intakebot.house import new_bytes, now, open_store
from intakebot.keeping.findings import counted
from intakebot.keeping.progress import Bar
from intakebot.settings import Settings
from intakebot.store import rotation
from intakebot.store.rotation import Begun

LONG_KEYS = 5_000


async def rotate(known: Settings, only: Literal["add", "finish"] | None) -> int:
    """A new key, everything wrapped by it, old keys taken out; *only* does a part of it."""
    path, at = known.keys_path, now()
    with rotation.alone(path):
        async with open_store(known) as (database, vault):
            begun = await rotation.begin(
                database, vault, path,
                new_bytes=new_bytes, today=at.date(), add=only != "finish",
            )  # fmt: skip
            _tell_begun(begun, known)
            if only == "add":
                return 0
            bar = Bar(sys.stderr, "rotate-keys", begun.older, long=LONG_KEYS)
            try:
                done = await rotation.rewrap(database, vault, at=at, tell=bar.tell)
            finally:
                bar.end()
            retired = await rotation.retire(database, vault, path, at)
    sys.stdout.write(f"{counted(done, 'data key')} wrapped anew; what they seal was not touched.\n")
    for kid in retired.gone:
        sys.stdout.write(f"{kid}: taken out of the ring; nothing needs it.\n")
    for kid, why in retired.kept.items():
        sys.stdout.write(f"{kid}: stays in the ring: {why}. Later: rotate-keys --finish\n")
    return 0


def _tell_begun(begun: Begun, known: Settings) -> None:
    if begun.is_new:
        sys.stdout.write(
            f"{begun.kid}: new in the ring, and seals from now on.\n"
            f"Copy {known.keys_path} to its safe place NOW: the copy that lies there does not open"
            " what is written from now on.\n"
        )
    elif begun.older:
        sys.stdout.write(f"{begun.kid}: the rotation that was begun goes on; no key was added.\n")
