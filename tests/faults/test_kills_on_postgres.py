"""Two processes on one PostgreSQL: killed, paused, and the server itself falls, while people talk.

Telegram spreads updates over both, brings again what was not acknowledged, and some of the rest
too. The checks are those of SQLite (`crowd.py`). The long form: 200 kills, 10 falls of the server,
pauses longer than any lease; some 4 s each on a machine that does nothing else: 20 minutes. 1,000
cuts around a COMMIT, some 0.3 s each: 5 minutes.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.bot_api.server import BotApi
from tests.faults import crowd
from tests.faults.crowd import NOTHING, Brief, Crowd, Hasty, Killable, Rows, on_server, settings
from tests.faults.cutting import WAYS, Cutting
from tests.faults.evidence import record
from tests.house.length import Progress, Share
from tests.postgres import Server

PEOPLE, SPEED = 6, 20.0
SHORT = ("kill", "pause", "fall", "kill both")
# The long form is ten of these, each in an order of its own: 20 kills, and a fall of the server.
BLOCK = ("kill",) * 16 + ("kill both",) * 2 + ("fall", "long pause") + ("pause",) * 5
BLOCKS = 10
STRIKES = BLOCKS * len(BLOCK)
CUTS_SHORT, CUTS_LONG, CUT_SHARE, LOOK_EVERY = 20, 1_000, 0.1, 20
# Longer than the lease of `Brief`, and longer than that of the program as it is.
PAUSE_S, LONG_PAUSE_S = 2.5, 31.0


@dataclass(kw_only=True)
class Pair:
    """Two processes on one server: one with brief leases, one as it is."""

    server: Server
    processes: tuple[Killable, Killable]
    dice: random.Random
    found: Counter[str] = field(default_factory=Counter)

    async def strike(self, how: str) -> None:
        """Let this happen, and see to it that both serve afterwards."""
        self.found[how] += 1
        match how:
            case "kill":
                await self._kill(self.dice.choice(self.processes))
            case "kill both":
                await asyncio.gather(*map(self._kill, self.processes))
            case "fall":
                await asyncio.to_thread(self.server.fall)
                await asyncio.sleep(self.dice.uniform(0, 1.5))
                await asyncio.to_thread(self.server.start)
            case "pause":
                await self.processes[0].pause(PAUSE_S)
            case "long pause":
                await self.processes[1].pause(LONG_PAUSE_S)
            case _:
                raise AssertionError(how)

    async def _kill(self, process: Killable) -> None:
        await process.kill()
        self.found["kills"] += 1
        await asyncio.sleep(self.dice.uniform(0, 0.5))
        await process.begin()


def balanced(processes: tuple[Killable, ...], dice: random.Random) -> Callable[[str], str]:
    """The webhook is that of all; each update goes to one of them."""

    def address(url: str) -> str:
        return dice.choice(processes).url + urlsplit(url).path

    return address


@asynccontextmanager
async def serving(
    folder: Path, api: BotApi, address: str, *kinds: type[Killable]
) -> AsyncIterator[tuple[Killable, ...]]:
    """Processes of these kinds on one database, behind one address."""
    more = {"DATABASE": address, "PUBLIC_URL": "http://127.0.0.1:1"}
    processes = tuple(kind(folder / "state", **settings(api, **more)) for kind in kinds)
    api.world.balance = balanced(processes, random.Random(5))  # noqa: S311 - the same chance in every run
    try:
        for process in processes:  # in turn: the first makes keys and tables
            await process.begin()
        yield processes
    finally:
        for process in processes:
            await process.kill()


@pytest.mark.faults
async def test_two_processes_lose_nothing_whatever_falls(
    tmp_path: Path,
    root: Path,
    falling_postgres: Server,
    long: bool,  # noqa: FBT001 - a fixture
    share: Share,
    progress: Progress,
) -> None:
    part = share.part(STRIKES) if long else range(len(SHORT))
    strikes = [in_order()[nth] for nth in part] if long else SHORT
    seed = 7 + part.start
    dice = random.Random(seed)  # noqa: S311 - the same chance in every run
    begun, rows = time.monotonic(), on_server(falling_postgres.dsn)
    async with BotApi(speed=SPEED) as api:
        crowd.late_twins(api, dice)
        people = Crowd(api, PEOPLE)
        async with serving(tmp_path, api, falling_postgres.dsn, Brief, Killable) as (one, other):
            pair = Pair(server=falling_postgres, processes=(one, other), dice=dice)
            people.begin()
            for how in progress("strikes on PostgreSQL", strikes, len(strikes)):
                await asyncio.sleep(dice.uniform(0.1, 1.2))
                await pair.strike(how)
                assert await crowd.lost(api, rows) == set()
            await people.end()
            await crowd.quiet(rows)
        promises = await crowd.broken(api, people, rows)
        if long:
            minutes = round((time.monotonic() - begun) / 60)
            told = {**pair.found, **promises, **crowd.figures(api, people), "minutes": minutes}
            title = share.title("Kills of two real servers on PostgreSQL")
            record(root, title, {"PostgreSQL": await version(rows), "seed": seed, **told})

    assert promises == NOTHING
    assert len(people.done) >= PEOPLE


def in_order() -> list[str]:
    """All strikes of the long form, whoever does which part of them."""
    return [
        it
        for block in range(BLOCKS)
        for it in random.Random(block).sample(BLOCK, len(BLOCK))  # noqa: S311 - idem
    ]


async def version(rows: Rows) -> object:
    return (await rows("SHOW server_version"))[0][0]


@pytest.mark.faults
async def test_a_wire_that_breaks_around_a_commit_loses_nothing(
    tmp_path: Path,
    root: Path,
    falling_postgres: Server,
    long: bool,  # noqa: FBT001 - a fixture
    share: Share,
    progress: Progress,
) -> None:
    """Whether the COMMIT came through, the program cannot know; it is asked again, and dedupes."""
    cuts = share.part(CUTS_LONG) if long else range(CUTS_SHORT)
    dice = random.Random(9 + cuts.start)  # noqa: S311 - the same chance in every run
    begun, rows = time.monotonic(), on_server(falling_postgres.dsn)
    async with BotApi(speed=SPEED) as api, Cutting(falling_postgres.socket, dice) as wire:
        people = Crowd(api, PEOPLE)
        async with serving(tmp_path, api, wire.dsn, Brief, Brief):
            wire.share = CUT_SHARE
            people.begin()
            for cut in progress("cuts around COMMIT", range(len(cuts)), len(cuts)):
                await until(wire, cut + 1)
                assert cut % LOOK_EVERY or await crowd.lost(api, rows) == set()
            wire.share = 0.0
            await people.end()
            await crowd.quiet(rows)
        promises = await crowd.broken(api, people, rows)
    if long:
        minutes = round((time.monotonic() - begun) / 60)
        at = {"PostgreSQL": await version(rows), "seed": 9 + cuts.start}
        ways = {f"cut {way} it": count for way, count in wire.cuts.items()}
        told = {**ways, **promises, **crowd.figures(api, people), "minutes": minutes}
        title = share.title("Wires that break around a COMMIT of PostgreSQL")
        record(root, title, at | told)

    assert promises == NOTHING
    assert set(wire.cuts) == set(WAYS)


async def until(wire: Cutting, cuts: int) -> None:
    async with asyncio.timeout(crowd.PATIENCE_S):
        while wire.cuts.total() < cuts:  # noqa: ASYNC110 - a wire has no event for it
            await asyncio.sleep(0.01)


@pytest.mark.faults
async def test_a_server_that_acknowledges_too_soon_is_found_out_here_too(
    tmp_path: Path, falling_postgres: Server
) -> None:
    """The negative control."""
    rows = on_server(falling_postgres.dsn)
    async with BotApi(speed=SPEED) as api:
        async with serving(tmp_path, api, falling_postgres.dsn, Hasty):
            await asyncio.gather(*(crowd.hasty_talk(api.person()) for _ in range(PEOPLE)))
            await asyncio.sleep(0.1)

        assert await crowd.lost(api, rows)
