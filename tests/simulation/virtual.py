"""An event loop whose time leaps: nobody ever waits for real, and the order is the same every time.

One thread, no sockets, no disk threads. `loop.time()` begins at 0.0 and goes on by exactly what is
slept, so that the same chance gives the same run.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Standstill(BaseException):
    """Everybody waits for somebody else, and no time can help."""


class _Leaping(selectors.DefaultSelector):
    """Instead of waiting for the next moment, it is that moment."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Standstill
        self.passed += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop; work for other threads is done at once, on this one."""

    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.passed

    def run_in_executor(
        self, executor: object, func: Callable[..., T], *args: object
    ) -> asyncio.Future[T]:
        del executor
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as fault:  # noqa: BLE001 - handed on to whoever waits, as a thread would
            future.set_exception(fault)
        return future


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What this gives, in no time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        # What a process leaves behind when it is killed is nobody's to collect.
        runner.get_loop().set_exception_handler(lambda _loop, _context: None)
        return runner.run(main())
