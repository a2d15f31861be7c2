"""Stories that wait for a machine to put them in Dutch. To run before the new program starts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "translations",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel", "bot", "chat", "session"],
            ["sessions.channel", "sessions.bot", "sessions.chat", "sessions.session"],
            name="fk_translations_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("channel", "bot", "chat", "session", name="pk_translations"),
    )
    op.create_index("ix_translations_not_before", "translations", ["not_before"])
