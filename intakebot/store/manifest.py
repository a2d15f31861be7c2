"""The manifest of a backup: which files belong to it, with their checksums, signed by the ring.

A backup is a folder with this file in it. It gets its name when it is complete; until then its name
begins with a dot, so that what was interrupted never looks like a backup.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec
from msgspec.structs import replace

from intakebot.store.problems import StoreProblem
from intakebot.store.vault import Vault

Part = Literal["data", "keys"]
Tell = Callable[[int], object]  # is told how many bytes were done

MANIFEST = "manifest.json"
DATABASE = "intakebot.sqlite"
KEYS = "keys.sqlite"
ATTACHMENTS = "attachments"
UNFINISHED = ".unfinished-"
_PREFIX: dict[Part, str] = {"data": "intakebot-", "keys": "intakebot-keys-"}
_STAMP = "%Y%m%dT%H%M%SZ"
_CHUNK = 1024**2


class BackupFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of a backup."""

    path: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a backup holds."""

    schema: Literal["intakebot-backup/1"] = "intakebot-backup/1"
    part: Part
    made_at: datetime
    database: str  # revision of its schema
    files: tuple[BackupFile, ...]
    gone: tuple[str, ...] = ()  # attachments that were erased while the backup was made
    signature: str = ""


def name_of(part: Part, made_at: datetime) -> str:
    """The name of the folder of a backup that was made at this moment."""
    return _PREFIX[part] + made_at.astimezone(UTC).strftime(_STAMP)


def backups_in(folder: Path, part: Part) -> dict[datetime, Path]:
    """The complete backups in a folder, oldest first, by the moment in their names."""
    found = {}
    name = re.compile(re.escape(_PREFIX[part]) + r"(\d{8}T\d{6}Z)")
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        fits = name.fullmatch(path.name)
        if fits and (path / MANIFEST).is_file():
            with suppress(ValueError):  # digits that are no date
                found[datetime.strptime(fits[1], _STAMP).replace(tzinfo=UTC)] = path
    return found


def write(folder: Path, manifest: Manifest, vault: Vault) -> None:
    """Sign the manifest and write it, as the last file of the backup."""
    signed = replace(manifest, signature=vault.sign(_told(manifest)))
    path = folder / MANIFEST
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(signed)))
    sync(path)
    for below in (*(it for it in folder.rglob("*") if it.is_dir()), folder):
        sync(below)


def read(folder: Path, part: Part, vault: Vault) -> Manifest:
    """The manifest of this backup, as this ring signed it. Raises `StoreProblem`."""
    path = folder / MANIFEST
    remedy = "Take another backup."
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except OSError as fault:
        raise StoreProblem(str(path), f"It cannot be read ({fault.strerror}).", remedy) from None
    except msgspec.DecodeError:
        raise StoreProblem(str(path), "This is not the manifest of a backup.", remedy) from None
    if found.part != part:
        what = f"This is the {found.part} part of a backup, and the {part} part is wanted."
        raise StoreProblem(str(path), what, "Name the other folder.")
    if found.signature != vault.sign(_told(replace(found, signature=""))):
        what = "It was changed, or made with another key ring."
        raise StoreProblem(str(path), what, "Put the ring of this backup here, or take another.")
    strange = sorted(_paths_in(folder) ^ {MANIFEST, *(it.path for it in found.files)})
    if strange:
        what = f"Not as its manifest says: {strange[0]} is missing, or should not be there."
        raise StoreProblem(str(folder), what, remedy)
    return found


def copy_file(source: Path, target: Path, tell: Tell) -> BackupFile:
    """Copy a file durably, for its owner alone; *target*'s own name is told as its path."""
    digest, size = sha256(), 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as file, os.fdopen(descriptor, "wb") as copy:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
            size += len(chunk)
            tell(len(chunk))
        copy.flush()
        os.fsync(descriptor)
    return BackupFile(path=target.name, bytes=size, sha256=digest.hexdigest())


def look_at(path: Path, tell: Tell) -> BackupFile:
    """Size and checksum of a file that is there already."""
    digest, size = sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            tell(len(chunk))
    return BackupFile(path=path.name, bytes=size, sha256=digest.hexdigest())


def sync(path: Path) -> None:
    """Have a file or folder on the disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(folder: Path) -> None:
    """Delete a backup; killed half-way, what is left no longer looks like one."""
    doomed = folder.with_name(f"{UNFINISHED}{folder.name}")
    folder.rename(doomed)
    shutil.rmtree(doomed)


def clear_unfinished(folder: Path) -> None:
    """Delete what was interrupted here."""
    for path in folder.glob(f"{UNFINISHED}*"):
        shutil.rmtree(path)


def _told(manifest: Manifest) -> bytes:
    return b"backup|" + msgspec.json.encode(manifest)


def _paths_in(folder: Path) -> set[str]:
    return {it.relative_to(folder).as_posix() for it in folder.rglob("*") if not it.is_dir()}
