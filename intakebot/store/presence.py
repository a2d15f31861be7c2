"""Presence: which processes of this machine send now, whatever any clock on the wall says.

Each keeps a file in the state folder, locked for as long as it lives, and counts up in it. Whether
another lives is seen at two things: the lock, which the kernel lets go of at any death, and the
count, which stands still in a process that hangs. The standstill is measured by our own stopwatch,
and only while we go on ourselves: when the whole machine stood still, nobody hung.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from intakebot.store.folder import private_folder

# Between two counts; far below the standstill, so that a slow moment is no death.
BEAT_S = 5.0
# Longer than one call to Telegram can take: who stands still for so long is not sending any more.
HUNG_S = 30.0
# Who counted later than so has stood still itself, and cannot tell what others did meanwhile.
LATE_S = HUNG_S / 2
COUNT_CHARS_MAX = 20


class Present(Protocol):
    """Who sends on this machine: a `Presence`."""

    @property
    def name(self) -> str:
        """Ours."""
        ...

    def beat(self) -> bool:
        """Say that we go on; True when it is time to look after the others."""
        ...

    def is_alive(self, name: str) -> bool:
        """Whether another goes on."""
        ...


class Watch:
    """When to count, and whether the counts of others move; by *passed_s*, a stopwatch."""

    def __init__(self, passed_s: Callable[[], float]) -> None:
        self._passed_s = passed_s
        self._beaten_at = passed_s()
        self._seen: dict[str, tuple[bytes, float]] = {}  # another's count, and since when

    def is_due(self) -> bool:
        """Whether to count again; True once in `BEAT_S`."""
        now = self._passed_s()
        late_s = now - self._beaten_at
        if late_s < BEAT_S:
            return False
        if late_s > LATE_S:
            self._seen.clear()
        self._beaten_at = now
        return True

    def goes_on(self, name: str, count: bytes) -> bool:
        """Whether this count moved within `HUNG_S`."""
        now = self._passed_s()
        before, since = self._seen.get(name, (b"", now))
        if count != before:
            since = now
        self._seen[name] = (count, since)
        return now - since <= HUNG_S


class Presence:
    """This process among those that send on this machine; *name* is its own and never used again.

    *passed_s* is a stopwatch: seconds since any moment, untouched by whoever sets a clock.
    """

    def __init__(self, folder: Path, name: str, passed_s: Callable[[], float]) -> None:
        self.name = name
        self._folder = private_folder(folder)
        self._watch = Watch(passed_s)
        self._count = 0
        self._file = self._locked()
        for path in folder.iterdir():
            if path.suffix != ".new":
                self.is_alive(path.name)  # removes what the dead left

    def beat(self) -> bool:
        """Say that this process goes on; call it often. True once in `BEAT_S`: time to look."""
        if not self._watch.is_due():
            return False
        self._count += 1
        os.pwrite(self._file, str(self._count).encode(), 0)
        return True

    def is_alive(self, name: str) -> bool:
        """Whether the process of this name goes on. What a dead one left is removed."""
        if name == self.name:
            return True
        path = self._folder / name
        try:
            file = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return self._watch.goes_on(name, os.pread(file, COUNT_CHARS_MAX, 0))
        else:
            path.unlink(missing_ok=True)
            return False
        finally:
            os.close(file)

    def end(self) -> None:
        """This process sends no more; safe to call twice."""
        if self._file >= 0:
            (self._folder / self.name).unlink(missing_ok=True)
            os.close(self._file)
            self._file = -1

    def _locked(self) -> int:
        """Our file; it gets its name once it is locked, else others would take us for dead."""
        beside = self._folder / f"{self.name}.new"
        file = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.pwrite(file, b"0", 0)
        beside.rename(self._folder / self.name)
        return file
