"""What can go wrong in the store, and who has to do something about it."""

from __future__ import annotations

from urllib.parse import urlsplit


class StoreProblem(Exception):
    """The store cannot start. For the operator: where, what, and what to do about it."""

    def __init__(self, where: str, what: str, remedy: str) -> None:
        super().__init__(f"{where}: {what} {remedy}")
        self.where = where
        self.what = what
        self.remedy = remedy


class Unavailable(Exception):
    """The database could not do it now: locked by another process, full, or its disk fails.

    Nothing of the work was kept, as far as we know; whoever asked may ask again. Channels
    answer 503 with Retry-After, so that the channel delivers the update again.
    """


class Refused(Exception):
    """PostgreSQL refuses a statement, as a broken constraint: our mistake (SQLite: its own error).

    It names the fault and the constraint, and holds no values.
    """


class Conflict(Exception):
    """The row was changed by another in the meantime. A new reading may well succeed."""


class Unreadable(Exception):
    """Sealed bytes that do not open here: changed, moved to another row, or of an erased key."""


def told(address: str) -> str:
    """The address as an operator may read it in a log: without user, password and options."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname or 'socket'}{parts.path}"
