"""The commands of an operator who keeps an installation, for the command line."""

from __future__ import annotations

import argparse
from typing import Protocol

from intakebot.keeping import doctor
from intakebot.settings import Settings

NAMES = frozenset(("doctor",))


class Parsers(Protocol):
    """Where a command is added to the command line."""

    def add_parser(self, name: str, /, *, help: str) -> argparse.ArgumentParser:  # noqa: A002 - theirs
        """The parser of one command."""
        ...


def add(parsers: Parsers) -> None:
    """Say what there is."""
    parsers.add_parser("doctor", help="say what is wrong, or soon will be; change nothing")


async def run(chosen: argparse.Namespace, known: Settings) -> int:
    """Do it; gives the exit code."""
    match chosen.command:
        case "doctor":
            return await doctor.doctor(known)
        case name:
            raise AssertionError(name)
