"""A bar, for work that takes long and somebody who waits for it."""

from __future__ import annotations

from typing import TextIO

WIDTH = 40
# Below this nobody has to wait.
LONG_BYTES = 16 * 1024**2


class Bar:
    """Drawn on a terminal only; a log gets nothing of it."""

    def __init__(self, out: TextIO, what: str, total: int, *, long: int = LONG_BYTES) -> None:
        self._out = out
        self._what = what
        self._total = max(total, 1)
        self._shown = out.isatty() and total >= long
        self._done = 0
        self._drawn = -1

    def tell(self, amount: int) -> None:
        """So much more is done."""
        self._done = min(self._done + amount, self._total)
        percent = 100 * self._done // self._total
        if self._shown and percent != self._drawn:
            self._drawn = percent
            filled = WIDTH * percent // 100
            self._out.write(f"\r{self._what} [{'#' * filled:<{WIDTH}}] {percent:3} %")
            self._out.flush()

    def end(self) -> None:
        """Leave a clean line."""
        if self._drawn >= 0:
            self._out.write("\r" + " " * (len(self._what) + WIDTH + 10) + "\r")
            self._out.flush()
