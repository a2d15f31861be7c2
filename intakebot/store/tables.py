"""The tables: what is kept, under which key, and how it is written.

- `channel, bot, chat` is the chat key; `chat` is the blind index of the plain address. It stands
  first in the key of every table that a turn of a conversation touches (test_tables.py).
- A column called `sealed` holds encrypted bytes; what is in them stands beside it. Columns in
  plain hold no words of an inhabitant, no name, no number and no life domain.
- `…_at` is microseconds since 1970 in UTC, `…_on` an ISO 8601 day, flags are 0 or 1.
- What belongs to a session hangs on it with ON DELETE CASCADE: one DELETE erases all.

People, content and proof are in tables_beside.py. The migrations in migrations/versions make
the same tables; test_schema.py proves it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


CHAT = ("channel", "bot", "chat")


def chat_columns() -> tuple[Column[str], Column[str], Column[str]]:
    """The chat key, first in the key of its table."""
    return (
        Column("channel", Text, primary_key=True),
        Column("bot", Text, primary_key=True),
        Column("chat", Text, primary_key=True),
    )


def at_column(name: str, *, empty: bool = False) -> Column[int]:
    """A moment in microseconds."""
    return Column(name, BigInteger, nullable=empty)


def flag_column(name: str) -> Column[int]:
    """0 or 1."""
    return Column(name, Integer, nullable=False, server_default="0")


def where_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of only the rows that are looked for, on SQLite and on PostgreSQL."""
    return Index(
        name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where)
    )


def of_session(*, empty: bool = False) -> tuple[SchemaItem, SchemaItem]:
    """The session that the row belongs to, and is erased with."""
    return (
        Column("session", Text, nullable=empty),
        ForeignKeyConstraint(
            ["channel", "bot", "chat", "session"],
            ["sessions.channel", "sessions.bot", "sessions.chat", "sessions.session"],
            ondelete="CASCADE",
        ),
    )


# ---- the conversation: touched by every turn ----------------------------------------------------

updates = Table(
    "updates",  # what was received and done; kept 72 hours, see store/updates.py
    metadata,
    *chat_columns(),
    Column("update_id", Text, primary_key=True),
    at_column("received_at"),
    Index("ix_updates_received_at", "received_at"),
    sqlite_with_rowid=False,
)

poisons = Table(
    "poisons",  # updates on which we failed: counted, and put aside after the third time
    metadata,
    *chat_columns(),
    Column("update_id", Text, primary_key=True),
    Column("attempts", Integer, nullable=False),
    at_column("failed_at"),
    Column("kid", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the update as it came, BSNs masked
)

chats = Table(
    "chats",  # where a chat goes on: the session that is open in it
    metadata,
    *chat_columns(),
    Column("home_channel", Text),
    Column("home_bot", Text),
    Column("home_chat", Text),
    Column("session", Text),  # empty: the next message begins a new one
    at_column("touched_at"),
    at_column("unreachable_at", empty=True),  # blocked the bot
    ForeignKeyConstraint(
        ["home_channel", "home_bot", "home_chat", "session"],
        ["sessions.channel", "sessions.bot", "sessions.chat", "sessions.session"],
        ondelete="CASCADE",
    ),
    Index("ix_chats_home", "home_channel", "home_bot", "home_chat", "session"),
    sqlite_with_rowid=False,
)

sessions = Table(
    "sessions",
    metadata,
    *chat_columns(),
    Column("session", Text, primary_key=True),
    Column("seq", Integer, nullable=False),  # how often it was saved; guards against lost changes
    Column("outcome", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("revision", Text, nullable=False),
    at_column("started_at"),
    at_column("touched_at"),  # by the inhabitant
    at_column("remind_at", empty=True),
    at_column("expire_at", empty=True),
    Column("sealed", LargeBinary, nullable=False),  # plain address and core.session.Session, JSON
    where_index("ix_sessions_waiting", "channel", "bot", "touched_at", where="outcome = 'open'"),
    where_index("ix_sessions_remind_at", "remind_at", where="remind_at IS NOT NULL"),
    where_index("ix_sessions_expire_at", "expire_at", where="expire_at IS NOT NULL"),
)

session_keys = Table(
    "session_keys",  # the data key of a session, its request and its files; left out of backups
    metadata,
    *chat_columns(),
    Column("session", Text, primary_key=True),
    Column("kid", Text, nullable=False),  # the key of the ring that wraps it
    Column("wrapped", LargeBinary, nullable=False),
    of_session()[1],
    Index("ix_session_keys_kid", "kid"),
    sqlite_with_rowid=False,
)

messages = Table(
    "messages",  # the outbox and the thread in one: all that was said or is to be said
    metadata,
    *chat_columns(),
    Column("nth", BigInteger, primary_key=True, autoincrement=False),  # rises within a chat
    *of_session(empty=True),  # empty: said after the session was erased
    Column("via", Text, nullable=False),  # the channel that it goes or came through
    Column("direction", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("dkey", Text, nullable=False),  # the same message made again has the same
    flag_column("unasked"),  # may wait for safe times without holding up what comes after it
    flag_column("kept"),  # between people: body stays after sending
    Column("state", Text, nullable=False),
    at_column("at"),
    at_column("not_before"),
    at_column("lease_until", empty=True),
    Column("lease_owner", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("provider_id", Text),  # the channel's id of what was sent
    Column("kid", Text),  # without a session: the key of the ring that seals the body
    Column("sealed", LargeBinary),  # plain address and core.events.Message, JSON; empty: wiped
    UniqueConstraint("channel", "bot", "chat", "dkey"),
    CheckConstraint("direction IN ('out', 'in')", name="direction"),
    CheckConstraint("author IN ('bot', 'member', 'inhabitant')", name="author"),
    CheckConstraint(
        "state IN ('queued', 'leased', 'sent', 'shown', 'failed', 'held')", name="state"
    ),
    where_index("ix_messages_unsent", *CHAT, "nth", where="state IN ('queued', 'leased')"),
    where_index("ix_messages_loose", "at", where="session IS NULL"),
)

attachments = Table(
    "attachments",  # voice notes and photos; the bytes are files, sealed with the session's key
    metadata,
    *chat_columns(),
    Column("attachment", Text, primary_key=True),
    *of_session(),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    at_column("received_at"),
    at_column("not_before"),
    Column("sealed", LargeBinary, nullable=False),  # where the channel fetches it
    CheckConstraint("state IN ('to_fetch', 'stored', 'too_big', 'failed')", name="state"),
    where_index(
        "ix_attachments_to_fetch", "channel", "bot", "not_before", where="state = 'to_fetch'"
    ),
)

# ---- the request --------------------------------------------------------------------------------

requests = Table(
    "requests",
    metadata,
    *chat_columns(),
    Column("session", Text, primary_key=True),
    Column("reference", Text, nullable=False),
    Column("gm", Text),
    Column("queue", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("urgency_rank", Integer, nullable=False),  # 0: first
    Column("due_on", Text),  # of the first clock that runs
    Column("promise_on", Text, nullable=False),  # last day for first contact
    Column("first_on", Text, nullable=False),  # the sooner of the two: the queue's order
    Column("contact", Text, ForeignKey("members.member")),  # the one contact person
    Column("version", Integer, nullable=False),
    at_column("created_at"),
    at_column("taken_at", empty=True),
    at_column("closed_at", empty=True),
    Column("outcome", Text),
    Column("erase_asked_on", Text),
    Column("erase_due_on", Text),  # the municipality must have answered (AVG 12 lid 3)
    Column("card", LargeBinary, nullable=False),  # sealed: what a line of the queue shows
    Column("sealed", LargeBinary, nullable=False),  # core.request.Request, JSON
    of_session()[1],
    UniqueConstraint("reference"),
    CheckConstraint("status IN ('open', 'taken', 'closed', 'withdrawn')", name="status"),
    CheckConstraint("(status = 'taken') <= (contact IS NOT NULL)", name="owner"),
    Index("ix_requests_queue", "queue", "status", "first_on", "urgency_rank", "created_at"),
    where_index(
        "ix_requests_ended",
        "queue",
        "closed_at",
        "reference",
        where="status IN ('closed', 'withdrawn')",
    ),
    Index("ix_requests_contact", "contact", "status"),
)

parts = Table(
    "parts",  # a life domain of a request, by blind index: how long it is kept
    metadata,
    *chat_columns(),
    Column("session", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    at_column("keep_until", empty=True),  # empty: the request is not closed
    of_session()[1],
    where_index("ix_parts_keep_until", "keep_until", where="keep_until IS NOT NULL"),
    sqlite_with_rowid=False,
)

translations = Table(
    "translations",  # requests whose story a machine should put in Dutch; the words stay in them
    metadata,
    *chat_columns(),
    Column("session", Text, primary_key=True),
    Column("attempts", Integer, nullable=False, server_default="0"),
    at_column("not_before"),
    of_session()[1],
    Index("ix_translations_not_before", "not_before"),
)

notes = Table(
    "notes",  # of members, and of the bot to the team
    metadata,
    *chat_columns(),
    Column("session", Text, primary_key=True),
    Column("nth", Integer, primary_key=True, autoincrement=False),
    Column("author", Text),  # a member; empty: the bot
    at_column("at"),
    Column("sealed", LargeBinary, nullable=False),
    of_session()[1],
)

names = Table(
    "names",  # blind indexes of the words of a name, to find a request by it
    metadata,
    Column("token", Text, primary_key=True),
    *chat_columns(),
    Column("session", Text, primary_key=True),
    of_session()[1],
    Index("ix_names_session", "channel", "bot", "chat", "session"),
    sqlite_with_rowid=False,
)
