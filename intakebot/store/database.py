"""What a database does for the rest of the program."""

from __future__ import annotations

from typing import Protocol, TypeVar

from intakebot.store.work import MakeWork

T = TypeVar("T")


class Database(Protocol):
    """SQLite or PostgreSQL, behind the same four verbs."""

    async def run(self, make_work: MakeWork[T]) -> T:
        """Do the work in one transaction of its own, and give its result once it is durable.

        What the work raises comes out here, after a roll-back. `Unavailable`: the database
        could not do it now.
        """
        ...

    async def read(self, make_work: MakeWork[T]) -> T:
        """Do work that only reads, on one consistent view, without waiting for writers."""
        ...

    async def checkpoint(self) -> bool:
        """Wipe what was erased from the log of the database; False when a reader held it up."""
        ...

    async def close(self) -> None:
        """Finish what was begun and let go of the files."""
        ...
