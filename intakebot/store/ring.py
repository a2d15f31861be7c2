"""The key ring: a small file that opens everything in the database. Without it all is lost.

Whoever holds the ring and a copy of the database reads everything; either alone is worth nothing.
It is made once, at the first start, and changed by `rotate-keys` only.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from intakebot.store.problems import StoreProblem

KEY_BYTES = 32
NewBytes = Callable[[int], bytes]


class RingKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key-encryption key: wraps the data keys of sessions."""

    kid: str
    made_on: date
    key: bytes


class Ring(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All keys of an installation. The newest key comes last: it seals; all of them open."""

    schema: Literal["intakebot-keys/1"] = "intakebot-keys/1"
    keys: tuple[RingKey, ...]
    blind: bytes  # for blind indexes: never changes, or nobody is found any more
    audit: bytes  # for the chain of the audit


def new_ring(new_bytes: NewBytes, today: date) -> Ring:
    """A ring with one key."""
    return Ring(
        keys=(_new_key(new_bytes, today),),
        blind=new_bytes(KEY_BYTES),
        audit=new_bytes(KEY_BYTES),
    )


def with_new_key(ring: Ring, new_bytes: NewBytes, today: date) -> Ring:
    """The same ring with a newer key, which seals from now on."""
    return msgspec.structs.replace(ring, keys=(*ring.keys, _new_key(new_bytes, today)))


def _new_key(new_bytes: NewBytes, today: date) -> RingKey:
    kid = f"{today.isoformat()}-{new_bytes(4).hex()}"
    return RingKey(kid=kid, made_on=today, key=new_bytes(KEY_BYTES))


def read_ring(path: Path) -> Ring | None:
    """The ring in this file, or None when there is no file.

    Raises `StoreProblem` when others may read it, or when it is not a ring.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise StoreProblem(
            str(path),
            f"Others than its owner can use the key ring (mode {stat.S_IMODE(mode):04o}).",
            f"Run: chmod 400 {path}",
        )
    try:
        ring = msgspec.json.decode(path.read_bytes(), type=Ring)
    except OSError as fault:
        raise StoreProblem(
            str(path),
            f"The key ring cannot be read ({fault.strerror}).",
            "Make the account that runs intakebot its owner.",
        ) from None
    except msgspec.DecodeError:
        ring = None
    if ring is None or not _whole(ring):
        raise StoreProblem(
            str(path), "This is not a whole key ring.", "Put the ring of your backup in its place."
        )
    return ring


def _whole(ring: Ring) -> bool:
    secrets = (ring.blind, ring.audit, *(key.key for key in ring.keys))
    kids = {key.kid for key in ring.keys}
    return len(kids) == len(ring.keys) > 0 and all(len(secret) == KEY_BYTES for secret in secrets)


def write_ring(path: Path, ring: Ring) -> None:
    """Write a new ring, whole or not at all; its owner may read it and nobody may change it.

    Raises `StoreProblem` when it cannot be written, or when a file is there already.
    """
    with _writable(path):
        beside = _beside(path, ring)
        os.link(beside, path)  # unlike a rename, fails when a ring is there already
        beside.unlink()
        _sync(path.parent)


def replace_ring(path: Path, ring: Ring) -> None:
    """Put another ring in the place of the one in this file: whoever reads finds one of both.

    For `rotate-keys` alone, which nobody else does at the same time. Raises `StoreProblem`.
    """
    with _writable(path):
        _beside(path, ring).replace(path)
        _sync(path.parent)


def _beside(path: Path, ring: Ring) -> Path:
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(ring)))
        file.flush()
        os.fchmod(descriptor, 0o400)
        os.fsync(descriptor)
    return beside


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise StoreProblem(
            str(path),
            f"The key ring cannot be written ({fault.strerror}).",
            "Let INTAKEBOT_KEYS_FILE name a file in a folder that intakebot may write in.",
        ) from None
