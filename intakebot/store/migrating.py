"""What brings a schema up to date: the only room that loads SQLAlchemy and Alembic.

A server whose database is current needs neither: half a second of its start, and 18 MB.
`schema` imports this room when there is something to bring up to date, or to describe.
"""

from __future__ import annotations

import io
import sqlite3
from importlib.resources import files
from typing import Any, Literal

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, create_mock_engine, event, pool

from intakebot.store import tables_beside


def upgrade(opened: sqlite3.Connection, to: str) -> None:
    """Bring this database of SQLite to this revision; each revision is one transaction."""
    engine = create_engine("sqlite://", creator=lambda: opened, poolclass=pool.StaticPool)
    event.listen(engine, "begin", _begin_immediate)
    try:
        with engine.begin() as connection:
            command.upgrade(_config(connection), to)
    finally:
        engine.dispose()


def upgrade_script(found: str | None, to: str) -> str:
    """The SQL that brings a PostgreSQL database of this revision to *to*.

    Alembic writes it without a connection: a revision may not ask the database anything.
    """
    written = io.StringIO()
    config = _config()
    config.attributes["writes_to"] = written
    command.upgrade(config, f"{found or 'base'}:{to}", sql=True)
    return written.getvalue()


def as_script(dialect: Literal["sqlite", "postgresql"]) -> str:
    """The whole schema as SQL."""
    statements: list[str] = []

    def gather(ddl: Any, *_: object, **__: object) -> None:  # noqa: ANN401 - SQLAlchemy's own
        statements.append(str(ddl.compile(dialect=engine.dialect)).strip())

    engine = create_mock_engine(f"{dialect}://", gather)
    tables_beside.metadata.create_all(engine, checkfirst=False)
    return ";\n".join(statements) + ";"


def names() -> tuple[str, ...]:
    """The names of the tables, each after those that it refers to."""
    return tuple(table.name for table in tables_beside.metadata.sorted_tables)


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("intakebot.store").joinpath("migrations")))
    config.attributes["connection"] = connection
    return config
