"""Bells: a page that somebody looks at hears at once that there is something new.

    yield from bells.ring(session)                in a work: rings when it is committed
    found = await bell.until(session, look, …)    a request of a browser waits here for it

A ring says that something changed on the pages of a session, and neither what nor whose: a session
is one of some numbers. It is a hint. Who hears it looks in the database; who hears nothing looks
after `HOLD_S`. On PostgreSQL it goes to every process by NOTIFY, which arrives with the commit
(`listening.py`); in the one process of SQLite the bell hears what its own works ring.

No turn of a conversation rings: NOTIFY makes commits wait for each other (the server takes a lock
of the whole cluster until the commit is done). What rings is rare: a request that comes, what a
member does, what an inhabitant writes to a member.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any, TypeVar

from intakebot.store import queries as q
from intakebot.store.database import Database
from intakebot.store.work import MakeWork, Row, Work

T = TypeVar("T")
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]  # of ASGI

NUMBERS = 1024
# Below the minute after which proxies give up.
HOLD_S = 50.0
# Requests that wait at once; the others get their answer now, and ask again later.
HELD_MAX = 500


def ring(session: str) -> Work[None]:
    """Something changed on the pages of this session."""
    yield q.ring(number=_number(session))


def _number(session: str) -> str:
    digest = blake2b(session.encode(), digest_size=4).digest()
    return str(int.from_bytes(digest) % NUMBERS)


class Bell:
    """The requests of browsers that wait in this process."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Event, str | None] = {}  # for which number; None: for any
        self._closed = False

    def rung(self, number: str | None) -> None:
        """A ring was heard; None: perhaps any, because we could not hear for a while."""
        for event, wanted in self._waiting.items():
            if number is None or wanted is None or wanted == number:
                event.set()

    def close(self) -> None:
        """The process is to end: nobody waits any more."""
        self._closed = True
        self.rung(None)

    async def until(
        self,
        session: str | None,
        look: Callable[[], Awaitable[T]],
        is_new: Callable[[T], bool],
        receive: Receive,
    ) -> T:
        """What `look` gives once that is new, or in the end. *session* None: any may have changed.

        It ends after `HOLD_S`, when the browser has gone, and at once when too many wait.
        """
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + HOLD_S
        with self._place(None if session is None else _number(session)) as rings:
            gone = asyncio.ensure_future(_gone(receive))
            try:
                while True:
                    rings.clear()
                    found = await look()
                    left_s = ends_at - loop.time()
                    if is_new(found) or self._is_full or gone.done() or left_s <= 0:
                        return found
                    rung = asyncio.ensure_future(rings.wait())
                    await asyncio.wait((rung, gone), timeout=left_s, return_when="FIRST_COMPLETED")
                    rung.cancel()
            finally:
                gone.cancel()

    @property
    def _is_full(self) -> bool:
        return self._closed or len(self._waiting) > HELD_MAX

    @contextmanager
    def _place(self, number: str | None) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        self._waiting[event] = number
        try:
            yield event
        finally:
            del self._waiting[event]


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Overheard:
    """A `Database` whose works ring the bell of this process, once they are committed."""

    def __init__(self, database: Database, bell: Bell) -> None:
        self._database = database
        self._bell = bell
        self.read = database.read
        self.checkpoint = database.checkpoint
        self.close = database.close

    async def run(self, make_work: MakeWork[T]) -> T:
        """See `Database.run`."""
        numbers: set[str] = set()
        result = await self._database.run(lambda: _overheard(make_work(), numbers))
        for number in numbers:
            self._bell.rung(number)
        return result


def _overheard(work: Work[T], numbers: set[str]) -> Work[T]:
    """The same work; what it rings is noted."""
    rows: list[Row] | None = None
    try:
        while True:
            statement = next(work) if rows is None else work.send(rows)
            if statement.name == "ring":
                numbers.add(str(statement.values["number"]))
            rows = yield statement
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        work.close()
