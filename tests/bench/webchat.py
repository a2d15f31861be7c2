"""The web chat over HTTP: how many turns a second, each stored for good, and what they cost.

A turn is a form that was posted and the next question as HTML. It is measured in two ways: as the
shipped script does it (one request, whose answer is what is new) and as a browser without script
does it (post, be sent on, get the page). Everybody comes with an empty browser, so that the style
sheets and the script are fetched once in each intake. Who asks is lean (`wire.py`).

    python -m tests.bench.webchat [--seconds 10] [--people 200]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.visit import Script, Visit, recorded
from tests.channels.process import Process

PEOPLE = 200
STEADY_A_SECOND = 100.0
WARM_S = 2.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Way:
    """With script or without."""

    name: str
    scripted: bool


WAYS = (Way(name="with script", scripted=True), Way(name="without script", scripted=False))


@dataclass
class Crowd:
    """People who talk, one intake after another, and how long their turns took."""

    url: str
    script: Script
    way: Way
    rate: float | None = None  # turns a second all together; None: as fast as they get answers
    took: list[tuple[float, float]] = field(default_factory=list)  # when it ended, seconds
    ready_at: float = field(default_factory=time.perf_counter)
    due: itertools.count[int] = field(default_factory=itertools.count)

    async def talk(self) -> None:
        """One person after another at this seat."""
        while True:
            visit = Visit(self.url, scripted=self.way.scripted)
            try:
                await visit.open()
                for step in self.script:
                    await self._wait()
                    began = time.perf_counter()
                    await visit.turn(step)
                    ended = time.perf_counter()
                    self.took.append((ended, ended - began))
            finally:
                visit.close()

    async def _wait(self) -> None:
        if self.rate is not None:
            at = self.ready_at + next(self.due) / self.rate
            await asyncio.sleep(max(0.0, at - time.perf_counter()))


async def measured(crowd: Crowd, people: int, seconds: float, cpu_s: Callable[[], float]) -> str:
    """A line of figures."""
    talking = [asyncio.create_task(crowd.talk()) for _ in range(people)]
    await asyncio.sleep(WARM_S)
    began, spent_s, own_s = time.perf_counter(), cpu_s(), time.process_time()
    await asyncio.sleep(seconds)
    ended, spent_s = time.perf_counter(), cpu_s() - spent_s
    own_s = time.process_time() - own_s
    for task in talking:
        task.cancel()
    ends = await asyncio.gather(*talking, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end
    took_ms = sorted(took * 1000 for at, took in crowd.took if began <= at <= ended)
    turns = len(took_ms)

    def at(part: float) -> str:
        return f"{took_ms[min(int(turns * part), turns - 1)]:.1f}"

    pace = "" if crowd.rate is None else f" at {crowd.rate:.0f} turns/s"
    return (
        f"{crowd.way.name}{pace}: {turns / (ended - began):,.0f} turns/s,"
        f" p50 {at(0.5)} p95 {at(0.95)} p99 {at(0.99)} ms,"
        f" CPU {spent_s / turns * 1e6:,.0f} µs a turn (who asks: {own_s / turns * 1e6:,.0f})"
    )


async def weighed(url: str, script: Script, way: Way) -> str:
    """Bytes that one person's phone sends and gets, headers included, TCP and TLS not."""
    visit = Visit(url, scripted=way.scripted)
    await visit.open()
    sizes = [visit.size]
    for step in script:
        await visit.turn(step)
        sizes.append(visit.size)
    visit.close()

    def kb(size: tuple[int, int]) -> str:
        return f"{size[0] / 1000:.1f} kB down, {size[1] / 1000:.1f} kB up"

    return (
        f"{way.name}: the picker {kb(sizes[0])}; the first question {kb(sizes[1])};"
        f" the whole intake of {len(script)} turns {kb(sizes[-1])}"
    )


async def told(seconds: float, people: int, ways: tuple[Way, ...]) -> list[str]:
    """Talk; gives a headline, and a line for each figure."""
    with tempfile.TemporaryDirectory() as folder:
        process = Process(Path(folder) / "state")
        await process.begin()
        try:
            script = await recorded(process.url)
            lines = [await weighed(process.url, script, way) for way in ways]
            for way, rate in itertools.product(ways, (STEADY_A_SECOND, None)):
                crowd = Crowd(process.url, script, way, rate)
                lines.append(await measured(crowd, people, seconds, lambda: cpu_s(process.pid)))
            lines.append(f"memory at most {rss_mb(process.pid):.0f} MB")
        finally:
            await process.stop()
    return [
        f"web chat over HTTP, {people} people, encrypted, synchronous=FULL, one process",
        *lines,
    ]


def cpu_s(pid: int) -> float:
    """Processor time of this process so far, of all its threads."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_mb(pid: int) -> float:
    """The most memory that this process held so far."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.webchat")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--way", choices=("both", "script", "plain"), default="both")
    chosen = parser.parse_args()
    picked = {"both": WAYS, "script": WAYS[:1], "plain": WAYS[1:]}[chosen.way]
    lines = asyncio.run(told(chosen.seconds, chosen.people, picked))
    sys.stdout.write("\n  ".join(lines) + "\n")
