"""Alembic runs this: the revisions, in the transaction of whoever asked for them.

On SQLite with its connection. Alembic does not speak the driver of PostgreSQL: there it writes SQL.
"""

from alembic import context

from intakebot.store import tables_beside

if context.is_offline_mode():
    context.configure(
        dialect_name="postgresql",
        output_buffer=context.config.attributes["writes_to"],
        target_metadata=tables_beside.metadata,
    )
else:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=tables_beside.metadata,
        render_as_batch=True,
    )
context.run_migrations()
