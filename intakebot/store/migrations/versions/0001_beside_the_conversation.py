"""People and their ways in, flow sets, proof and keys. To run before the new program starts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Go forward."""
    _audit()
    _audit_heads()
    _canaries()
    _counters()
    _erasures()
    _members()
    _revisions()
    _tries()
    _memberships()
    _signin_links()
    _staff_sessions()
    _what_is_no_table()


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("prev", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    op.create_index("ix_audit_about", "audit", ["about"], unique=False)


def _audit_heads() -> None:
    op.create_table(
        "audit_heads",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name="pk_audit_heads"),
    )


def _canaries() -> None:
    op.create_table(
        "canaries",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kid", name="pk_canaries"),
    )


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("gm", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "gm", "name", name="pk_counters"),
        sqlite_with_rowid=False,
    )


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("wiped_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("session", name="pk_erasures"),
    )


def _members() -> None:
    op.create_table(
        "members",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("admin", sa.Integer(), server_default="0", nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("member", name="pk_members"),
        sa.UniqueConstraint("login", name="uq_members_login"),
    )


def _revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("published_by", sa.Text(), nullable=True),
        sa.Column("json", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'earlier')", name=op.f("ck_revisions_state")
        ),
        sa.PrimaryKeyConstraint("flow", "revision", name="pk_revisions"),
    )
    op.create_index(
        "ix_revisions_one_draft",
        "revisions",
        ["flow"],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_index(
        "ix_revisions_one_published",
        "revisions",
        ["flow"],
        unique=True,
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )


def _tries() -> None:
    op.create_table(
        "tries",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_tries"),
        sqlite_with_rowid=False,
    )


def _memberships() -> None:
    op.create_table(
        "memberships",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member"], ["members.member"], name="fk_memberships_members", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member", "queue", name="pk_memberships"),
        sqlite_with_rowid=False,
    )


def _signin_links() -> None:
    op.create_table(
        "signin_links",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member"], ["members.member"], name="fk_signin_links_members", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name="pk_signin_links"),
        sqlite_with_rowid=False,
    )


def _staff_sessions() -> None:
    op.create_table(
        "staff_sessions",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member"], ["members.member"], name="fk_staff_sessions_members", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name="pk_staff_sessions"),
        sqlite_with_rowid=False,
    )


def _what_is_no_table() -> None:
    op.execute("""CREATE VIEW scopes AS
SELECT memberships.member, memberships.queue
FROM memberships JOIN members ON members.member = memberships.member
WHERE members.ended_at IS NULL""")
    if op.get_context().dialect.name == "sqlite":
        op.execute("""CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'a row of the audit is never changed'); END""")
        op.execute("""CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'a row of the audit is never deleted'); END""")
        return
    op.execute("""CREATE FUNCTION refuse_to_change_the_audit() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN RAISE EXCEPTION ''a row of the audit is never changed or deleted''; END'""")
    op.execute("""CREATE TRIGGER audit_is_never_changed BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION refuse_to_change_the_audit()""")
    op.execute("""CREATE TRIGGER audit_is_never_shortened BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_the_audit()""")
