"""Voice notes and photos: rows here, bytes in files of the state folder, sealed by the session.

Files are written and read outside transactions: first the file, then the row that says so. A file
that no row speaks of is an orphan, and `erasure.sweep` removes it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from intakebot.core.session import Attachment
from intakebot.store import queries as q
from intakebot.store.sessions import Stored
from intakebot.store.vault import DataKey, Vault
from intakebot.store.work import Home, Row, Work, home_of, micros, moment

State = Literal["to_fetch", "stored", "too_big", "failed"]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An attachment as the pages know it."""

    id: str
    kind: str
    state: State
    bytes: int
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class ToFetch:
    """An attachment whose bytes are still at the channel."""

    home: Home
    key: DataKey
    attachment: Attachment
    attempts: int  # this one counted


def add(
    stored: Stored, attachment: Attachment, at: datetime, *, state: State = "to_fetch"
) -> Work[bool]:
    """Take note of an attachment; `stored` when its file was written already. False: known."""
    rows = yield q.add_attachment(
        **stored.home.columns(),
        attachment=attachment.id,
        kind=attachment.kind,
        state=state,
        bytes=attachment.bytes,
        received_at=micros(attachment.received_at),
        not_before=micros(at),
        sealed=stored.key.seal("attachments", attachment.id, attachment.source.encode()),
    )
    return bool(rows)


def to_fetch(
    vault: Vault, channel: str, bot: str, *, now: datetime, again_at: datetime, count: int
) -> Work[tuple[ToFetch, ...]]:
    """Attachments to download now; offered once more at *again_at* until `mark` says enough.

    None waits for longer than twice that: past it, a clock that was wrong wrote the moment.
    """
    rows = yield q.attachments_to_fetch(
        channel=channel,
        bot=bot,
        now=micros(now),
        horizon=micros(again_at + (again_at - now)),
        again_at=micros(again_at),
        count=count,
    )
    return tuple(_to_fetch(vault, row) for row in rows)


def mark(home: Home, attachment: str, state: State, size: int) -> Work[None]:
    """Say what became of an attachment, and how many bytes it has."""
    yield q.mark_attachment(
        channel=home.channel,
        bot=home.bot,
        chat=home.chat,
        attachment=attachment,
        state=state,
        bytes=size,
    )


def of_session(home: Home) -> Work[tuple[Kept, ...]]:
    """All attachments of a session, oldest first."""
    rows = yield q.attachments_of_session(**home.columns())
    return tuple(_kept(row) for row in rows)


def load(home: Home, attachment: str) -> Work[Kept | None]:
    """One attachment of this session and of no other."""
    rows = yield q.attachment(**home.columns(), attachment=attachment)
    return _kept(rows[0]) if rows else None


def stored() -> Work[tuple[str, ...]]:
    """The ids of all whose bytes lie in the state folder."""
    rows = yield q.all_attachments()
    return tuple(row["attachment"] for row in rows)


def write_file(folder: Path, key: DataKey, attachment: str, plain: bytes) -> None:
    """Seal the bytes and write them whole or not at all. Blocks."""
    path = path_of(folder, attachment)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.seal("attachments", f"{attachment}|file", plain))
        file.flush()
        os.fsync(descriptor)
    beside.replace(path)


def read_file(folder: Path, key: DataKey, attachment: str) -> bytes:
    """The bytes as they were sent. Blocks. Raises `Unreadable` or `FileNotFoundError`."""
    sealed = path_of(folder, attachment).read_bytes()
    return key.open("attachments", f"{attachment}|file", sealed)


def path_of(folder: Path, attachment: str) -> Path:
    """Where the bytes of an attachment lie."""
    assert attachment.isalnum(), "the id of an attachment names a file"
    return folder / attachment[:2] / f"{attachment}.sealed"


def _to_fetch(vault: Vault, row: Row) -> ToFetch:
    home = home_of(row)
    key = vault.unwrap(home.session, row["kid"], row["wrapped"])
    name = row["attachment"]
    attachment = Attachment(
        id=name,
        kind=row["kind"],
        bytes=row["bytes"],
        received_at=moment(row["received_at"]),
        source=key.open("attachments", name, row["sealed"]).decode(),
    )
    return ToFetch(home=home, key=key, attachment=attachment, attempts=row["attempts"])


def _kept(row: Row) -> Kept:
    return Kept(
        id=row["attachment"],
        kind=row["kind"],
        state=row["state"],
        bytes=row["bytes"],
        received_at=moment(row["received_at"]),
    )
