"""A disk that breaks when it is told to, and that remembers what was synced: a VFS of SQLite.

It is the usual VFS with some of its functions exchanged, by ctypes, in the very library that
Python's `sqlite3` uses. (apsw brings an SQLite of its own, whose connections and errors are not
those that the store is written for.) `Disk.connect` goes into `open_sqlite(connect=…)`.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import random
import sqlite3
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p
from itertools import count
from pathlib import Path
from typing import Self

FULL, IOERR_READ, IOERR_WRITE, IOERR_FSYNC, OK = 13, 266, 778, 1034, 0
SECTOR = 512

_library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
_library.sqlite3_vfs_find.restype = c_void_p
_library.sqlite3_vfs_find.argtypes = [c_char_p]
_library.sqlite3_vfs_register.argtypes = [c_void_p, c_int]
_library.sqlite3_vfs_unregister.argtypes = [c_void_p]

# The name as an address: SQLite keeps it for as long as the file is open.
_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_Read = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)
_numbers = count(1)


class _Vfs(ctypes.Structure):
    """sqlite3_vfs (sqlite.org/c3ref/vfs.html), as far as it is changed; then 17 more pointers."""

    _fields_ = [
        ("version", c_int),
        ("file_bytes", c_int),
        ("path_max", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("about", c_void_p),
        ("open", c_void_p),
        ("rest", c_void_p * 14),
    ]


class _Methods(ctypes.Structure):
    """sqlite3_io_methods (sqlite.org/c3ref/io_methods.html)."""

    _fields_ = [
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", c_void_p),
        ("truncate", c_void_p),
        ("sync", c_void_p),
        ("rest", c_void_p * 13),
    ]


class _Image:
    """A file as the platter has it, and what is on its way there."""

    def __init__(self, whole: bytes) -> None:
        self.synced = bytearray(whole)
        self.waiting: list[tuple[int, bytes | None]] = []  # place and bytes; None: cut off there

    def sync(self) -> None:
        for change in self.waiting:
            _apply(self.synced, change)
        self.waiting.clear()

    def after_a_cut(self, chance: random.Random) -> bytes:
        """What is found when the power is back: of what was not synced, any sectors or none."""
        found = bytearray(self.synced)
        for at, written in self.waiting:
            if written is None:
                if chance.random() < 0.5:
                    _apply(found, (at, None))
                continue
            for begin in range(0, len(written), SECTOR):
                if chance.random() < 0.5:
                    _apply(found, (at + begin, written[begin : begin + SECTOR]))
        return bytes(found)


def _apply(whole: bytearray, change: tuple[int, bytes | None]) -> None:
    at, written = change
    if written is None:
        del whole[at:]
        return
    whole.extend(bytes(max(0, at + len(written) - len(whole))))
    whole[at : at + len(written)] = written


class Disk:
    """One disk. `fail`: what the next operations give; `look`: called before each that changes anything."""

    def __init__(self) -> None:
        self.name = f"faulty{next(_numbers)}"
        self.done = 0
        self.images: dict[str, _Image] = {}
        self.look: Callable[[], None] = lambda: None
        self._fault: tuple[str, int, int] | None = None
        self._paths: dict[int, str] = {}
        self._methods: dict[int, tuple[_Methods, list[object]]] = {}
        default = _library.sqlite3_vfs_find(None)
        self._vfs = _Vfs.from_buffer_copy(ctypes.string_at(default, ctypes.sizeof(_Vfs)))
        self._real_open = _Open(self._vfs.open or 0)
        self._open = _Open(self._opened)  # kept: SQLite goes on calling it
        self._vfs.name = self.name.encode()
        self._vfs.next = None
        self._vfs.open = ctypes.cast(self._open, c_void_p).value
        _library.sqlite3_vfs_register(ctypes.addressof(self._vfs), 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """SQLite must not know of it any more when it is gone; its connections are closed by now."""
        _library.sqlite3_vfs_unregister(ctypes.addressof(self._vfs))

    def connect(self, path: str) -> sqlite3.Connection:
        """A connection on this disk."""
        where = f"file:{path}?vfs={self.name}"
        return sqlite3.connect(
            where, uri=True, isolation_level=None, cached_statements=256, check_same_thread=False
        )

    def fail(self, operation: str, nth: int, code: int) -> None:
        """From the n-th `read`, `write` or `sync` on, each gives this error, until `mend`."""
        self.done = 0
        self._fault = (operation, nth, code)

    def mend(self) -> int:
        """All is well again; gives how many operations of that kind there were since `fail`."""
        self._fault = None
        return self.done

    def cut(self, folder: Path, chance: random.Random) -> None:
        """Write into this folder what is found after the power went off now.

        A file that was deleted stays so: SQLite syncs the folder too (`xDelete`, dirSync).
        """
        for path, image in self.images.items():
            if Path(path).exists():
                (folder / Path(path).name).write_bytes(image.after_a_cut(chance))

    # ---- what SQLite calls ----------------------------------------------------------------------

    def _opened(self, vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        code: int = self._real_open(vfs, name, file, flags, out)
        if code == OK and name is not None:
            path = ctypes.string_at(name).decode()
            whole = Path(path).read_bytes() if Path(path).exists() else b""
            self.images.setdefault(path, _Image(whole))
            self._paths[file] = path
            pointer = ctypes.cast(file, POINTER(c_void_p))
            real = pointer[0] or 0
            pointer[0] = ctypes.addressof(self._exchanged(real))
        return code

    def _exchanged(self, real: int) -> _Methods:
        """These methods, with ours in four places; the same for the same ones."""
        if real in self._methods:
            return self._methods[real][0]
        methods = _Methods.from_buffer_copy(ctypes.string_at(real, ctypes.sizeof(_Methods)))
        read, write, cut_off, sync = (
            _Read(methods.read or 0),
            _Write(methods.write or 0),
            _Truncate(methods.truncate or 0),
            _Sync(methods.sync or 0),
        )

        def was_read(file: int, room: int, amount: int, at: int) -> int:
            return self._failing("read") or int(read(file, room, amount, at))

        def written(file: int, data: int, amount: int, at: int) -> int:
            if code := self._failing("write"):
                return code
            self.images[self._paths[file]].waiting.append((at, ctypes.string_at(data, amount)))
            return int(write(file, data, amount, at))

        def truncated(file: int, size: int) -> int:
            self.images[self._paths[file]].waiting.append((size, None))
            return int(cut_off(file, size))

        def synced(file: int, flags: int) -> int:
            if code := self._failing("sync"):
                return code
            code = int(sync(file, flags))
            if code == OK:
                self.images[self._paths[file]].sync()
            return code

        own: list[object] = [_Read(was_read), _Write(written), _Truncate(truncated), _Sync(synced)]
        methods.read, methods.write, methods.truncate, methods.sync = (
            ctypes.cast(one, c_void_p).value  # type: ignore[arg-type]  # each is a function pointer
            for one in own
        )
        self._methods[real] = (methods, own)
        return methods

    def _failing(self, operation: str) -> int:
        if operation != "read":  # which changes nothing
            self.look()
        if self._fault is None or self._fault[0] != operation:
            return OK
        self.done += 1
        return self._fault[2] if self.done >= self._fault[1] else OK
