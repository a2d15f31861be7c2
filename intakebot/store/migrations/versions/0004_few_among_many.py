"""Few among many are found without looking at all. To run before the new program starts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Go forward."""
    _index("ix_messages_loose", "messages", ["at"], "session IS NULL")
    ended = "status IN ('closed', 'withdrawn')"
    _index("ix_requests_ended", "requests", ["queue", "closed_at", "reference"], ended)
    _index("ix_erasures_to_wipe", "erasures", ["erased_at"], "wiped_at IS NULL")


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )
