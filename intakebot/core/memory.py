"""Memory: what was worked out a moment ago, so that it is not worked out again.

A memory never changes an answer: what is kept under a key follows from that key alone. It is
bounded, and what has not been asked for a while is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memory(Generic[K, V]):
    """What follows from keys, for the last `most` keys or more, never for more than twice that.

    Two generations instead of a queue: nothing is moved when something is found, and several
    threads may ask at once.
    """

    def __init__(self, most: int) -> None:
        assert most > 0
        self._most = most
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def recall(self, key: K, make: Callable[[], V]) -> V:
        """What follows from this key; made when it was forgotten."""
        young = self._young
        if key in young:
            return young[key]
        old = self._old
        value = old[key] if key in old else make()
        if len(young) >= self._most:
            self._old, self._young = young, {key: value}
        else:
            young[key] = value
        return value

    def clear(self) -> None:
        """Forget everything."""
        self._young, self._old = {}, {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)
