"""Several processes on one PostgreSQL: how many turns a second, by one and by two.

The processes are those of `serve --workers`, on one port and one database. The server is the one
that the tests find (tests/postgres.py), but durable: every commit reaches the disk. It, the
processes and those who talk share the processors of this machine: with two of them, two processes
cannot be twice as fast as one.

    python -m tests.bench.processes [--seconds 10]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests import postgres
from tests.bench import contestants
from tests.bench.contestants import Running
from tests.bench.race import PEOPLE, WARM_S, record
from tests.bench.swarm import Step, Swarm, talk_for

COUNTS = (1, 2)
DURABLE = ("listen_addresses=", "shared_buffers=128MB", "max_connections=100")


@dataclass(frozen=True, kw_only=True)
class Served:
    """What so many processes did together."""

    processes: int
    per_s: float
    cpu_ms: float  # a turn, of the processes together, without the database's


async def served(counts: Sequence[int], seconds: float) -> list[Served] | None:
    """Each number of processes on a database of its own; None: there is no PostgreSQL here."""
    programs = postgres.find()
    if programs is None:
        return None
    found = []
    with tempfile.TemporaryDirectory() as name, postgres.running(programs, DURABLE) as server:
        script = await record(Path(name))
        for count in counts:
            database = f"bench_{count}"
            await postgres.execute(server.dsn, f"CREATE DATABASE {database}")
            dsn = server.dsn.replace("/postgres?", f"/{database}?")
            folder = Path(name) / str(count)
            found.append(await _together(count, dsn, script, folder, seconds))
            print(found[-1], file=sys.stderr, flush=True)
    return found


async def _together(
    count: int, dsn: str, script: tuple[Step, ...], folder: Path, seconds: float
) -> Served:
    swarm = Swarm()
    await swarm.begin()
    ours = contestants.ours("--workers", str(count))
    ours = replace(ours, settings=ours.settings | {"DATABASE": dsn})
    running = Running(ours, swarm, folder, Path())
    await running.begin()
    before_s: list[float] = []
    talked = await talk_for(
        swarm,
        script,
        people=PEOPLE,
        warm_s=WARM_S,
        seconds=seconds,
        warmed=lambda: before_s.append(running.cpu_s),
    )
    cpu_s = running.cpu_s - before_s[0]
    await running.end(signal.SIGTERM)
    await swarm.end()
    turns = len(talked.took_s)
    return Served(processes=count, per_s=turns / seconds, cpu_ms=cpu_s / max(turns, 1) * 1000)


def table(results: Sequence[Served]) -> str:
    """The results, as Markdown."""
    lines = ["| processes on PostgreSQL | turns/s | CPU a turn |", "|---:|---:|---:|"]
    lines += [f"| {it.processes} | {it.per_s:,.0f} | {it.cpu_ms:.2f} ms |" for it in results]
    first, last = results[0], results[-1]
    lines.append(
        f"\n{last.processes} processes take in {last.per_s / max(first.per_s, 1):.2f} times as much as"
        f" one, where {os.cpu_count()} processors are shared with the database and those who talk."
    )
    return "\n".join(lines)


async def main(seconds: float) -> None:
    """Measure, and print."""
    results = await served(COUNTS, seconds)
    print(table(results) if results else postgres.REMEDY)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.processes")
    parser.add_argument("--seconds", type=float, default=10.0)
    asyncio.run(main(parser.parse_args().seconds))
