"""Inhabitants who talk with the real program while it is killed, and what must be true of it then.

The same for either database: `Rows` reads the store from outside, whoever serves or does not.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import signal
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg

from tests.bot_api.person import Person
from tests.bot_api.server import TOKEN, BotApi
from tests.bot_api.world import PRESS_KEPT_S, Shown
from tests.channels.process import Process
from tests.channels.walking import Walk

PATIENCE_S = 240.0
FORGOTTEN_S = PRESS_KEPT_S + 10.0
REFERENCE = re.compile(r"IB-[0-9A-Z-]+")
# Of what was taken, so much comes once more; and so many seconds later at most.
ONCE_MORE, LATER_S = 0.05, 2.0
UNSENT = "SELECT count(*) FROM messages WHERE state IN ('queued', 'leased') AND unasked = 0"
KEPT = {
    "updates": "SELECT update_id FROM updates WHERE channel = 'telegram'",
    "references": "SELECT reference FROM requests",
    "stuck": UNSENT,
    "given up": "SELECT count(*) FROM messages WHERE state = 'failed'",
    "put aside": "SELECT count(*) FROM poisons",
}
# What nobody may ever see.
NOTHING = dict.fromkeys(
    (
        "lost",
        "requests lost",
        "requests nobody sent",
        "asked twice",
        "stuck",
        "given up",
        "put aside",
    ),
    0,
)

Rows = Callable[[str], Awaitable[list[tuple[object, ...]]]]


def settings(api: BotApi, **more: str) -> dict[str, str]:
    return {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API": api.url,
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_SCOPE": "full",
        **more,
    }


def in_file(path: Path) -> Rows:
    """A store in a file, which must be whole each time."""

    async def rows(sql: str) -> list[tuple[object, ...]]:
        store = sqlite3.connect(path)
        try:
            assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            return store.execute(sql).fetchall()
        finally:
            store.close()

    return rows


def on_server(address: str) -> Rows:
    """A store on a server."""

    async def rows(sql: str) -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(address)
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    return rows


class Killable(Process):
    """A process that can also be stopped for a while."""

    async def pause(self, seconds: float) -> None:
        """Nothing of it runs for so long, and then it goes on as if nothing had been."""
        assert self._running is not None
        self._running.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self._running.send_signal(signal.SIGCONT)


class Brief(Killable):
    """Its leases end after 2 seconds and its patience sooner: a short pause is longer than any."""

    module = "tests.faults.brief"


class Hasty(Killable):
    """The negative control: it acknowledges before it stores."""

    module = "tests.faults.hasty"


class Patient(Walk):
    """A walk that waits for a server that starts again and again.

    Telegram forgets a press that it cannot bring for 150 s, and says nothing. People press again.
    """

    pressed_again = 0

    async def next_screen(self) -> Shown:
        what = "a next question"
        try:
            self._last = await self.person.waits(self._is_next, what, FORGOTTEN_S)
        except AssertionError:
            self.pressed_again += await self.person.presses_again()
            self._last = await self.person.waits(self._is_next, what, PATIENCE_S)
        return self._last

    @property
    def reference(self) -> str:
        """Of the request, as the person was told."""
        found = REFERENCE.search(self._last.text)
        assert found is not None, self._last.text
        return found[0]


class Crowd:
    """So many inhabitants talk at once; who is ready makes room for another."""

    def __init__(self, api: BotApi, people: int) -> None:
        self.done: list[Patient] = []
        self._api = api
        self._people = people
        self._ends = asyncio.Event()
        self._walking: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        self._walking = [asyncio.create_task(self._walk_on()) for _ in range(self._people)]

    async def end(self) -> None:
        """Nobody new begins; whoever talks goes on until the request was sent."""
        self._ends.set()
        await asyncio.gather(*self._walking)

    async def _walk_on(self) -> None:
        while not self._ends.is_set():
            walk = Patient(self._api.person())
            await walk.whole()
            self.done.append(walk)


def late_twins(api: BotApi, dice: random.Random) -> None:
    """Let Telegram bring some of what was taken once more, later."""
    api.world.once_more = lambda: dice.uniform(0, LATER_S) if dice.random() < ONCE_MORE else None


async def lost(api: BotApi, rows: Rows) -> set[int]:
    """What was acknowledged and is not in the store."""
    taken = set(api.world.taken)  # first: what is taken after this may not be in the rows yet
    known = {str(row[0]) for row in await rows(KEPT["updates"])}
    return {number for number in taken if str(number) not in known}


async def quiet(rows: Rows, within_s: float = PATIENCE_S) -> None:
    """Wait until all that was to be said has been said."""
    async with asyncio.timeout(within_s):
        while (await rows(UNSENT))[0][0]:  # noqa: ASYNC110 - in another process
            await asyncio.sleep(0.2)


async def broken(api: BotApi, crowd: Crowd, rows: Rows) -> dict[str, int]:
    """How often each promise was broken; it must be `NOTHING`. For when it is quiet again."""
    told = Counter(walk.reference for walk in crowd.done)
    stored = Counter(str(row[0]) for row in await rows(KEPT["references"]))
    counted = {name: (await rows(KEPT[name]))[0][0] for name in ("stuck", "given up", "put aside")}
    return {
        "lost": len(await lost(api, rows)),
        "requests lost": (told - stored).total(),
        "requests nobody sent": (stored - told).total(),
        "asked twice": sum(len(set(it.asked)) < len(it.asked) for it in crowd.done),
        **{name: int(str(count)) for name, count in counted.items()},
    }


def figures(api: BotApi, crowd: Crowd) -> dict[str, object]:
    """What else is worth knowing of a run."""
    world = api.world
    said = Counter(
        (
            str(it.parameters["chat_id"]),
            it.parameters["text"],
            json.dumps(it.parameters["reply_markup"]),
        )
        for it in world.of("sendMessage")
        if it.code == 200 and it.parameters.get("reply_markup")
    )
    return {
        "conversations, each with one request": len(crowd.done),
        "acknowledged": len(world.taken),
        "redelivered": world.brought.total() - len(world.brought),
        "messages with buttons": said.total(),
        "of these sent twice": said.total() - len(said),
        "pressed again, for Telegram forgot it": sum(it.pressed_again for it in crowd.done),
    }


async def hasty_talk(person: Person) -> None:
    """Type without waiting."""
    for _ in range(5):
        await person.says("hallo")
        await asyncio.sleep(0.05)
