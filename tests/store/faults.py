"""A connection that breaks when it is told to: given to `open_sqlite(connect=…)`."""

import sqlite3
from collections.abc import Callable
from typing import Any


class Crash(BaseException):
    """The process died here: nothing of it reaches the disk any more."""


class Faults:
    """Counts the statements of all its connections, and raises after the one it was told."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.impatient = False  # waits for a lock no longer than a test wants to
        self.before: Callable[[str], None] | None = None  # called with every statement
        self.after_rollback: Callable[[], object] = lambda: None
        self._left: int | None = None
        self._fault: BaseException = Crash()

    def arm(self, after: int, fault: BaseException | None = None) -> None:
        """Raise after this many more statements; 0: instead of the next one."""
        self.done.clear()
        self._left = after
        self._fault = fault or Crash()

    def disarm(self) -> int:
        """Go on as usual; gives how many statements were done since `arm`."""
        self._left = None
        return len(self.done)

    def connect(self, path: str) -> sqlite3.Connection:
        faults = self

        class Breaking(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401 - passed on as they came
                if faults.impatient and sql.startswith("PRAGMA busy_timeout"):
                    sql = "PRAGMA busy_timeout = 50"
                faults.count(sql)
                cursor = super().execute(sql, *values)
                if sql == "ROLLBACK":
                    faults.after_rollback()
                return cursor

        return sqlite3.connect(
            path, isolation_level=None, factory=Breaking, check_same_thread=False
        )

    def count(self, sql: str) -> None:
        if self.before is not None:
            self.before(sql)
        if self._left is not None and sql != "ROLLBACK":
            if self._left == 0:
                raise self._fault
            self._left -= 1
        self.done.append(sql)
