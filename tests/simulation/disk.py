"""The database of one run: a real file, a pair of real connections for each process, and their faults.

A process that dies leaves what it had not committed; the file outlives them all. Whoever looks from
outside the story has a connection of its own, to which nothing happens.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from intakebot.store import schema
from intakebot.store.sqlite import _walk
from intakebot.store.work import Work

BUSY = sqlite3.SQLITE_BUSY
PATIENCE_S = 5.0
# Undoing is what a crash does by itself; settings belong to no work.
UNTOUCHED = ("ROLLBACK", "RELEASE", "PRAGMA")
# A folder in memory, where there is one: what is lost with a process is decided here, not there.
IN_MEMORY = Path("/dev/shm")

Look = Callable[[str], None]


class Breaking(sqlite3.Connection):
    """A connection of a process; `before` and `after` see each statement, and may raise."""

    before: Look
    after: Look

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401 - passed on as they came
        if sql.startswith(UNTOUCHED):
            # Waiting for another is done on the clock of the run, never on the real one.
            return super().execute("PRAGMA busy_timeout = 0" if "timeout" in sql else sql, *values)
        self.before(sql)
        cursor = super().execute(sql, *values)
        try:
            self.after(sql)
        except BaseException:
            cursor.close()  # else it holds what it began to read, until it happens to be collected
            raise
        return cursor


class Disk:
    """The folder of one run."""

    def __init__(self) -> None:
        where = IN_MEMORY if IN_MEMORY.is_dir() else None
        self.folder = Path(tempfile.mkdtemp(prefix="simulation", dir=where))
        self._path = self.folder / "intakebot.sqlite"
        self._path.write_bytes(_template())
        self.files = self.folder / "attachments"
        self.looking = self._open(sqlite3.Connection)
        self._spare: list[Breaking] = []
        self._all: list[sqlite3.Connection] = [self.looking]

    def take(self, before: Look, after: Look) -> Breaking:
        """A connection for a process."""
        if self._spare:
            connection = self._spare.pop()
        else:
            connection = self._open(Breaking)
            self._all.append(connection)
        connection.before, connection.after = before, after
        return connection

    def give_back(self, connection: Breaking) -> None:
        """Its process is no more: what was not committed is gone."""
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        self._spare.append(connection)

    async def wait(self, connection: Breaking) -> None:
        """Until nobody writes, or patience ends."""
        ends_at = asyncio.get_running_loop().time() + PATIENCE_S
        while any(it.in_transaction for it in self._all if it is not connection):
            if asyncio.get_running_loop().time() >= ends_at:
                return
            await asyncio.sleep(0.05)

    def look(self, work: Work[Any]) -> Any:  # noqa: ANN401 - what the work gives
        """Do this past all processes."""
        return _walk(self.looking, work)

    def count(self, sql: str) -> int:
        """The number that this asks for."""
        found: int = self.looking.execute(sql).fetchone()[0]
        return found

    def close(self) -> None:
        """The end of the run."""
        for connection in self._all:
            connection.close()
        shutil.rmtree(self.folder)

    def _open(self, factory: type[sqlite3.Connection]) -> Any:  # noqa: ANN401 - of this type
        connection = sqlite3.connect(
            self._path,
            isolation_level=None,
            factory=factory,
            cached_statements=256,
            check_same_thread=False,
        )
        connection.row_factory = sqlite3.Row
        # Whoever dies here is a process, never the machine: syncing changes nothing in that.
        for setting in ("foreign_keys = ON", "synchronous = OFF", "busy_timeout = 0"):
            sqlite3.Connection.execute(connection, f"PRAGMA {setting}")
        return connection


@cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.sqlite"
        made = sqlite3.connect(path, isolation_level=None)
        made.execute("PRAGMA journal_mode = WAL").fetchone()
        made.executescript(schema.as_script())
        made.close()
        return path.read_bytes()
