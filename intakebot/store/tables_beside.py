"""The tables beside the conversation: people and their ways in, flow sets, proof and keys.

How columns are written is said in tables.py. Whoever imports `metadata` from here has all tables.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    event,
)

from intakebot.store.tables import (
    CHAT,
    at_column,
    metadata,
    of_session,
    where_index,
)

# ---- people and their ways in -------------------------------------------------------------------

__all__ = ["metadata"]

members = Table(
    "members",
    metadata,
    Column("member", Text, primary_key=True),
    Column("login", Text, nullable=False, unique=True),  # how `signin WHO` knows them
    Column("name", Text, nullable=False),  # as the inhabitant reads it
    Column("phone", Text),
    Column("admin", Integer, nullable=False, server_default="0"),  # of question flows
    at_column("made_at"),
    at_column("ended_at", empty=True),
)

memberships = Table(
    "memberships",  # who may see which queue
    metadata,
    Column("member", Text, ForeignKey("members.member", ondelete="CASCADE"), primary_key=True),
    Column("queue", Text, primary_key=True),
    sqlite_with_rowid=False,
)

signin_links = Table(
    "signin_links",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("member", Text, ForeignKey("members.member", ondelete="CASCADE"), nullable=False),
    at_column("expires_at"),
    sqlite_with_rowid=False,
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("member", Text, ForeignKey("members.member", ondelete="CASCADE"), nullable=False),
    at_column("seen_at"),
    at_column("ends_at"),  # whatever happens
    sqlite_with_rowid=False,
)

web_links = Table(
    "web_links",  # one-time: brings a session to the web chat
    metadata,
    Column("hash", Text, primary_key=True),
    *(Column(name, Text, nullable=False) for name in CHAT),
    *of_session(),
    at_column("expires_at"),
    Index("ix_web_links_session", "channel", "bot", "chat", "session"),
)

resume_codes = Table(
    "resume_codes",  # sayable: brings a session to another web chat
    metadata,
    Column("hash", Text, primary_key=True),
    *(Column(name, Text, nullable=False) for name in CHAT),
    *of_session(),
    at_column("made_at"),
    UniqueConstraint("channel", "bot", "chat", "session"),
)

tries = Table(
    "tries",  # guesses at codes, by blind index of who guesses
    metadata,
    Column("source", Text, primary_key=True),
    at_column("since_at"),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# ---- content, proof, keys -----------------------------------------------------------------------

revisions = Table(
    "revisions",  # flow sets
    metadata,
    Column("flow", Text, primary_key=True),
    Column("revision", Text, primary_key=True),
    Column("state", Text, nullable=False),
    at_column("made_at"),
    at_column("published_at", empty=True),
    Column("published_by", Text),
    Column("json", LargeBinary, nullable=False),  # core.flow.Revision
    CheckConstraint("state IN ('draft', 'published', 'earlier')", name="state"),
    where_index("ix_revisions_one_published", "flow", where="state = 'published'", unique=True),
    where_index("ix_revisions_one_draft", "flow", where="state = 'draft'", unique=True),
)

audit = Table(
    "audit",  # who saw or changed what; hash-chained, never changed
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    at_column("at"),
    Column("actor", Text, nullable=False),  # member:…, inhabitant, system
    Column("action", Text, nullable=False),
    Column("about", Text),  # pseudonym of a session
    Column("detail", Text, nullable=False),  # codes only, no words of people
    Column("prev", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_audit_about", "about"),
)

audit_heads = Table(
    "audit_heads",  # how far the chain goes, signed, so that a cut end shows
    metadata,
    Column("chain", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("signature", Text, nullable=False),
)

erasures = Table(
    "erasures",  # the ledger: sessions that are gone, done again after a restore
    metadata,
    Column("session", Text, primary_key=True),
    Column("why", Text, nullable=False),
    at_column("erased_at"),
    Column("files", Text, nullable=False),  # ids of attachments, joined by spaces
    at_column("wiped_at", empty=True),  # files and log of the database are clean too
    where_index("ix_erasures_to_wipe", "erased_at", where="wiped_at IS NULL"),
)

canaries = Table(
    "canaries",  # proof at start that the key ring is the right one
    metadata,
    Column("kid", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

lines = Table(
    "lines",  # until when a bot could hear people, and the gap that is to be asked about
    metadata,
    Column("channel", Text, primary_key=True),
    Column("bot", Text, primary_key=True),
    at_column("open_at"),
    at_column("gap_since", empty=True),
    at_column("gap_until", empty=True),
)

paces = Table(
    "paces",  # until when the messages of a chat, or of a bot (chat is empty), are spread out
    metadata,
    Column("channel", Text, primary_key=True),
    Column("bot", Text, primary_key=True),
    Column("chat", Text, primary_key=True),
    at_column("until"),
)

counters = Table(
    "counters",  # statistics without identity
    metadata,
    Column("day", Text, primary_key=True),
    Column("gm", Text, primary_key=True),  # empty text: not known
    Column("name", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# ---- what is no table ---------------------------------------------------------------------------

SCOPES = """CREATE VIEW scopes AS
SELECT memberships.member, memberships.queue
FROM memberships JOIN members ON members.member = memberships.member
WHERE members.ended_at IS NULL"""

AUDIT_IS_NEVER_CHANGED = """CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'a row of the audit is never changed'); END"""

AUDIT_IS_NEVER_SHORTENED = """CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'a row of the audit is never deleted'); END"""

AUDIT_ON_POSTGRESQL = (
    """CREATE FUNCTION refuse_to_change_the_audit() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN RAISE EXCEPTION ''a row of the audit is never changed or deleted''; END'""",
    """CREATE TRIGGER audit_is_never_changed BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION refuse_to_change_the_audit()""",
    """CREATE TRIGGER audit_is_never_shortened BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_the_audit()""",
)

event.listen(metadata, "after_create", DDL(SCOPES))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
for _dialect, _statements in (
    ("sqlite", (AUDIT_IS_NEVER_CHANGED, AUDIT_IS_NEVER_SHORTENED)),
    ("postgresql", AUDIT_ON_POSTGRESQL),
):
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]  # idem
        event.listen(metadata, "after_create", _ddl.execute_if(dialect=_dialect))
