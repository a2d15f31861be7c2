"""A transaction is a generator of named statements.

    def load(vault: Vault, chat: Chat) -> Work[Stored | None]:
        rows = yield q.open_session(channel=chat.channel, bot=chat.bot, chat=chat.key)
        …

The generator says *what* is asked of the database and in which order; a `Database` walks it and
decides *how*: on SQLite in one trip to the database thread, on PostgreSQL statement by statement.
Works compose with `yield from`, so one update is one work is one transaction. A work may be
walked a second time after a fault of the database, so it is handed over as a function that makes
it, and everything that it does outside its statements must be harmless when done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypeVar

T = TypeVar("T")


class Row(Protocol):
    """One row of an answer, by the names of its columns; decoded at once by whoever asked."""

    def __getitem__(self, column: str, /) -> Any:  # noqa: ANN401 - a column has any type
        """The value in this column."""
        ...


class Statement(NamedTuple):
    """A query of queries.sql by its name, with a value for each of its `:names`."""

    name: str
    values: Mapping[str, object]


Work = Generator[Statement, list[Row], T]
MakeWork = Callable[[], Work[T]]


class Chat(NamedTuple):
    """A chat as the store knows it; made by `Vault.chat`."""

    channel: str
    bot: str
    key: str  # blind index of the address: what the tables hold
    address: str  # plain address: written nowhere but inside sealed bodies

    def columns(self) -> dict[str, str]:
        """The chat key, as every hot-path statement wants it."""
        return {"channel": self.channel, "bot": self.bot, "chat": self.key}


class Home(NamedTuple):
    """Where a session lives: the chat that it began in, and its own id.

    Everything of a session lies under this chat key, also when it goes on in another chat.
    """

    channel: str
    bot: str
    chat: str
    session: str

    def columns(self) -> dict[str, str]:
        """The chat key and the session's id."""
        return self._asdict()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """An aware moment as it lies in the tables: microseconds since 1970, UTC."""
    return (at - _EPOCH) // _MICROSECOND


def moment(stored: int) -> datetime:
    """The aware moment (UTC) that lies in a table."""
    return _EPOCH + timedelta(microseconds=stored)


def maybe_moment(stored: int | None) -> datetime | None:
    """The same, for a column that may be empty."""
    return None if stored is None else moment(stored)


def home_of(row: Row) -> Home:
    """The home in the columns channel, bot, chat and session."""
    return Home(row["channel"], row["bot"], row["chat"], row["session"])
