"""The commands of an operator who keeps an installation, for the command line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Protocol

from intakebot.settings import Settings

NAMES = frozenset(("doctor", "backup", "restore", "release", "rotate-keys"))


class Parsers(Protocol):
    """Where a command is added to the command line."""

    def add_parser(self, name: str, /, *, help: str) -> argparse.ArgumentParser:  # noqa: A002 - theirs
        """The parser of one command."""
        ...


def add(parsers: Parsers) -> None:
    """Say what there is."""
    parsers.add_parser("doctor", help="say what is wrong, or soon will be; change nothing")
    backup = parsers.add_parser("backup", help="make a backup, also while the program serves")
    backup.add_argument("to", type=Path, metavar="TO", help="folder for backups of the data")
    backup.add_argument("--keys", type=Path, help="folder for their keys; else TO-keys")
    backup.add_argument("--clear", action="store_true", help="delete old ones, though many")
    restore = parsers.add_parser("restore", help="restore a backup into an empty place")
    restore.add_argument("source", type=Path, metavar="FROM", help="a backup, or its folder")
    restore.add_argument("--keys", type=Path, help="the keys, or their folder; else FROM-keys")
    restore.add_argument("--ledger", help="old state folder or database: who was erased since")
    release = parsers.add_parser("release", help="say what a restore holds back; send or drop it")
    what = release.add_mutually_exclusive_group()
    what.add_argument("--send", dest="what", action="store_const", const="send")
    what.add_argument("--drop", dest="what", action="store_const", const="drop")
    rotate = parsers.add_parser("rotate-keys", help="a new key; also while the program serves")
    part = rotate.add_mutually_exclusive_group()
    part.add_argument("--add", dest="only", action="store_const", const="add")
    part.add_argument("--finish", dest="only", action="store_const", const="finish")


async def run(chosen: argparse.Namespace, known: Settings) -> int:
    """Do it; gives the exit code."""
    from intakebot.keeping import (  # noqa: PLC0415 - who serves has no use for all of this
        backing,
        doctor,
        restoring,
        rotating,
    )

    match chosen.command:
        case "doctor":
            return await doctor.doctor(known)
        case "backup":
            return await backing.backup(known, chosen.to, chosen.keys, clear=chosen.clear)
        case "restore":
            return await restoring.restore(known, chosen.source, chosen.keys, chosen.ledger)
        case "release":
            return await restoring.release(known, chosen.what)
        case "rotate-keys":
            return await rotating.rotate(known, chosen.only)
        case name:
            raise AssertionError(name)
