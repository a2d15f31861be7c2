"""Alembic runs this: the revisions, in the transaction of whoever asked for them."""

from alembic import context

from intakebot.store import tables_beside

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables_beside.metadata,
    render_as_batch=True,
)
context.run_migrations()
