"""Sessions, messages and requests. To run before the new program starts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Go forward."""
    _poisons()
    _sessions()
    _updates()
    _attachments()
    _chats()
    _messages()
    _names()
    _notes()
    _parts()
    _requests()
    _resume_codes()
    _session_keys()
    _web_links()


def _poisons() -> None:
    op.create_table(
        "poisons",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("update_id", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.BigInteger(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "bot", "chat", "update_id", name="pk_poisons"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("touched_at", sa.BigInteger(), nullable=False),
        sa.Column("remind_at", sa.BigInteger(), nullable=True),
        sa.Column("expire_at", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "bot", "chat", "session", name="pk_sessions"),
    )
    op.create_index(
        "ix_sessions_expire_at",
        "sessions",
        ["expire_at"],
        unique=False,
        sqlite_where=sa.text("expire_at IS NOT NULL"),
        postgresql_where=sa.text("expire_at IS NOT NULL"),
    )
    op.create_index(
        "ix_sessions_remind_at",
        "sessions",
        ["remind_at"],
        unique=False,
        sqlite_where=sa.text("remind_at IS NOT NULL"),
        postgresql_where=sa.text("remind_at IS NOT NULL"),
    )


def _updates() -> None:
    op.create_table(
        "updates",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("update_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "bot", "chat", "update_id", name="pk_updates"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_updates_received_at", "updates", ["received_at"], unique=False)


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("attachment", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "state IN ('to_fetch', 'stored', 'too_big', 'failed')",
            name=op.f("ck_attachments_state"),
        ),
        sa.ForeignKeyConstraint(
            ["channel", "bot", "chat", "session"],
            ["sessions.channel", "sessions.bot", "sessions.chat", "sessions.session"],
            name="fk_attachments_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel", "bot", "chat", "attachment", name="pk_attachments"),
    )
    op.create_index(
        "ix_attachments_to_fetch",
        "attachments",
        ["channel", "bot", "not_before"],
        unique=False,
        sqlite_where=sa.text("state = 'to_fetch'"),
        postgresql_where=sa.text("state = 'to_fetch'"),
    )


def _chats() -> None:
    op.create_table(
        "chats",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("home_channel", sa.Text(), nullable=True),
        sa.Column("home_bot", sa.Text(), nullable=True),
        sa.Column("home_chat", sa.Text(), nullable=True),
        sa.Column("session", sa.Text(), nullable=True),
        sa.Column("touched_at", sa.BigInteger(), nullable=False),
        sa.Column("unreachable_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["home_channel", "home_bot", "home_chat", "session"],
            ["sessions.channel", "sessions.bot", "sessions.chat", "sessions.session"],
            name="fk_chats_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel", "bot", "chat", name="pk_chats"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_chats_home", "chats", ["home_channel", "home_bot", "home_chat", "session"], unique=False
    )


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("nth", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("session", sa.Text(), nullable=True),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("dkey", sa.Text(), nullable=False),
        sa.Column("unasked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("kept", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("kid", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "author IN ('bot', 'member', 'inhabitant')", name=op.f("ck_messages_author")
        ),
        sa.CheckConstraint("direction IN ('out', 'in')", name=op.f("ck_messages_direction")),
        sa.CheckConstraint(
            "state IN ('queued', 'leased', 'sent', 'shown', 'failed', 'held')",
            name=op.f("ck_messages_state"),
        ),
        sa.ForeignKeyConstraint(
            ["channel", "bot", "chat", "session"],
            ["sessions.channel", "sessions.bot", "sessions.chat", "sessions.session"],
            name="fk_messages_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel", "bot", "chat", "nth", name="pk_messages"),
        sa.UniqueConstraint(
            "channel", "bot", "chat", "dkey", name="uq_messages_channel_bot_chat_dkey"
        ),
    )
    op.create_index(
        "ix_messages_unsent",
        "messages",
        ["channel", "bot", "chat", "nth"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'leased')"),
        postgresql_where=sa.text("state IN ('queued', 'leased')"),
    )


def _names() -> None:
    op.create_table(
        "names",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel", "bot", "chat", "session"],
            ["sessions.channel", "sessions.bot", "sessions.chat", "sessions.session"],
            name="fk_names_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token", "channel", "bot", "chat", "session", name="pk_names"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_names_session", "names", ["channel", "bot", "chat", "session"], unique=False
    )


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("nth", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel", "bot", "chat", "session"],
            ["sessions.channel", "sessions.bot", "sessions.chat", "sessions.session"],
            name="fk_notes_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel", "bot", "chat", "session", "nth", name="pk_notes"),
    )


def _parts() -> None:
    op.create_table(
        "parts",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("keep_until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel", "bot", "chat", "session"],
            ["sessions.channel", "sessions.bot", "sessions.chat", "sessions.session"],
            name="fk_parts_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel", "bot", "chat", "session", "part", name="pk_parts"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_parts_keep_until",
        "parts",
        ["keep_until"],
        unique=False,
        sqlite_where=sa.text("keep_until IS NOT NULL"),
        postgresql_where=sa.text("keep_until IS NOT NULL"),
    )


def _requests() -> None:
    op.create_table(
        "requests",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("gm", sa.Text(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("urgency_rank", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=True),
        sa.Column("promise_on", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("erase_asked_on", sa.Text(), nullable=True),
        sa.Column("erase_due_on", sa.Text(), nullable=True),
        sa.Column("card", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "(status = 'taken') <= (contact IS NOT NULL)", name=op.f("ck_requests_owner")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'taken', 'closed', 'withdrawn')", name=op.f("ck_requests_status")
        ),
        sa.ForeignKeyConstraint(
            ["channel", "bot", "chat", "session"],
            ["sessions.channel", "sessions.bot", "sessions.chat", "sessions.session"],
            name="fk_requests_sessions",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["contact"], ["members.member"], name="fk_requests_members"),
        sa.PrimaryKeyConstraint("channel", "bot", "chat", "session", name="pk_requests"),
        sa.UniqueConstraint("reference", name="uq_requests_reference"),
    )
    op.create_index("ix_requests_contact", "requests", ["contact", "status"], unique=False)
    op.create_index(
        "ix_requests_queue",
        "requests",
        ["queue", "status", "first_on", "urgency_rank", "created_at"],
        unique=False,
    )


def _resume_codes() -> None:
    op.create_table(
        "resume_codes",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel", "bot", "chat", "session"],
            ["sessions.channel", "sessions.bot", "sessions.chat", "sessions.session"],
            name="fk_resume_codes_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("hash", name="pk_resume_codes"),
        sa.UniqueConstraint(
            "channel", "bot", "chat", "session", name="uq_resume_codes_channel_bot_chat_session"
        ),
    )


def _session_keys() -> None:
    op.create_table(
        "session_keys",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel", "bot", "chat", "session"],
            ["sessions.channel", "sessions.bot", "sessions.chat", "sessions.session"],
            name="fk_session_keys_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel", "bot", "chat", "session", name="pk_session_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_session_keys_kid", "session_keys", ["kid"], unique=False)


def _web_links() -> None:
    op.create_table(
        "web_links",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel", "bot", "chat", "session"],
            ["sessions.channel", "sessions.bot", "sessions.chat", "sessions.session"],
            name="fk_web_links_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("hash", name="pk_web_links"),
    )
    op.create_index(
        "ix_web_links_session", "web_links", ["channel", "bot", "chat", "session"], unique=False
    )
