"""Many seeds, over all cores: `python -m tests.simulation.long [SEEDS [FIRST]]`.

Says every ten seconds how far it is. Goes on after a seed that broke a promise, until there are a few,
and tells the first of them as short as it can be told. What was measured is written to docs/evidence.md.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.pool import Pool
from pathlib import Path

from tests.faults.evidence import record
from tests.simulation.shrink import shrunk, told
from tests.simulation.world import Report, live

SEEDS = 10_000
CHUNK = 20
# A process that runs for long keeps what many runs left behind.
CHUNKS_OF_A_PROCESS = 25
SAY_EVERY_S = 10.0
# One fault of ours shows in many seeds.
BROKEN_MAX = 25
ROOT = Path(__file__).parents[2]


@dataclass(kw_only=True)
class Totals:
    """What was measured so far."""

    seeds: int = 0
    events: int = 0
    updates: int = 0
    crashes: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    broken: list[int] = field(default_factory=list)

    def add(self, report: Report) -> None:
        """One seed more."""
        self.seeds += 1
        self.events += report.events
        self.updates += report.updates
        self.crashes += report.crashes
        self.struck.update(report.struck)
        self.broken += [report.seed] if report.broken else []


def some(seeds: range) -> list[Report]:
    """These seeds; the traces stay where they were made."""
    return [live(seed).without_trace() for seed in seeds]


def processes() -> Pool:
    """One for each core. An executor that ends its processes for new ones hangs in Python 3.11."""
    return multiprocessing.get_context("spawn").Pool(
        os.cpu_count(), maxtasksperchild=CHUNKS_OF_A_PROCESS
    )


def run(seeds: range, say: Callable[[str], None]) -> Totals:
    """Live through these seeds, as many at once as there are cores, until too many are broken."""
    totals, begun = Totals(), time.monotonic()
    said = begun
    with processes() as pool:
        for reports in pool.imap(
            some, [seeds[at : at + CHUNK] for at in range(0, len(seeds), CHUNK)]
        ):
            for report in reports:
                totals.add(report)
                if report.broken:
                    say(f"simulation: seed {report.seed}: {'; '.join(report.broken)}")
            now = time.monotonic()
            if now - said >= SAY_EVERY_S or totals.seeds == len(seeds):
                said = now
                say(_line(totals, len(seeds), now - begun))
            if len(totals.broken) >= BROKEN_MAX:
                break
    return totals


def _line(totals: Totals, seeds: int, passed_s: float) -> str:
    rate = totals.seeds / passed_s
    left_s = (seeds - totals.seeds) / rate if rate else 0.0
    return (
        f"simulation: {totals.seeds:,} of {seeds:,} seeds, {rate:.1f} a second,"
        f" {left_s:,.0f} s left, {len(totals.broken)} violations"
    )


def figures(totals: Totals, seeds: range, passed_s: float) -> Iterator[tuple[str, object]]:
    """What is written down of a run."""
    yield "seeds", f"{totals.seeds:,}, from {seeds.start:,} to {seeds.stop - 1:,}"
    broken = ", ".join(map(str, totals.broken))
    yield "seeds that broke a promise", f"{len(totals.broken)}: {broken}" if broken else 0
    yield "events", f"{totals.events:,}"
    yield "updates and forms of inhabitants", f"{totals.updates:,}"
    yield "ends of processes", f"{totals.crashes:,}"
    for name, count in sorted(totals.struck.items()):
        yield f"fault: {name}", f"{count:,}"
    yield "minutes", f"{passed_s / 60:.1f}"


def measure(
    root: Path, seeds: range, say: Callable[[str], None], title: Callable[[str], str] = str
) -> Totals:
    """Live through these seeds, and write down what was found."""
    begun = time.monotonic()
    totals = run(seeds, say)
    told_figures = dict(figures(totals, seeds, time.monotonic() - begun))
    record(root, title("Simulation"), told_figures)
    return totals


def main(root: Path = ROOT) -> int:
    """The long run; 1 when a promise was broken."""
    count, first, *_ = (*map(int, sys.argv[1:]), *(SEEDS, 0)[len(sys.argv) - 1 :])

    def say(line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    totals = measure(root, range(first, first + count), say)
    if totals.broken:
        sys.stdout.write(f"{told(shrunk(totals.broken[0]))}\n")
    return int(bool(totals.broken))


if __name__ == "__main__":
    sys.exit(main())
