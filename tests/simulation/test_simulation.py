"""Whatever goes wrong, in whatever order: what we promised holds. A few seeds; `make faults`: 10,000."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from tests.faults.evidence import record
from tests.simulation.__main__ import main
from tests.simulation.faults import Faults
from tests.simulation.planted import PLANTED
from tests.simulation.world import Report, live

SEEDS, CHUNK = 16, 4
LONG = 10_000
# Found early, so that every run of the tests sees that the simulation can see.
SHORT = {
    "acknowledges before the commit": 0,
    "does every update again": 0,
    "asks everybody the newest revision": 0,
    "marks as sent before it sends": 0,
}
WITHIN = 100


def found_by(name: str, seeds: range) -> int | None:
    """The first of these seeds that finds this planted fault."""
    with pytest.MonkeyPatch.context() as patch:
        PLANTED[name](patch)
        return next((seed for seed in seeds if live(seed).broken), None)


def short(seed: int) -> Report:
    """Without the trace: it has to come from another process."""
    report = live(seed)
    return report if report.broken else report.without_trace()


@pytest.mark.faults
@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_every_promise_holds(first: int) -> None:
    for seed in range(first, first + CHUNK):
        report = live(seed)

        assert not report.broken, report.story()


def test_a_seed_gives_the_same_run_every_time() -> None:
    once, again = live(2), live(2)

    assert once.trace == again.trace
    assert len(once.trace) > 50


def test_without_faults_nothing_is_asked_or_sent_twice() -> None:
    def fair(faults: Faults) -> None:
        faults.rates = dict.fromkeys(faults.rates, 0.0)
        faults.events = dict.fromkeys(faults.events, 0)

    report = live(5, fair)
    shown = [line for line in report.trace if "sees 'Vraag" in line]

    assert not report.broken, report.story()
    assert report.struck == {}
    assert len({line.split(None, 1)[1].rpartition(" (")[0] for line in shown}) == len(shown)


def test_the_story_of_a_failure_says_how_to_see_it_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["simulation", "0", "does every update again"])

    assert main() == 1
    assert "Again: .venv/bin/python -m tests.simulation 0" in capsys.readouterr().out


@pytest.mark.faults
@pytest.mark.parametrize("name", SHORT)
def test_a_planted_fault_is_found(name: str) -> None:
    assert found_by(name, range(SHORT[name], SHORT[name] + 1)) == SHORT[name]


@pytest.mark.faults
def test_ten_thousand_seeds(root: Path, long: bool) -> None:  # noqa: FBT001 - a fixture
    """At length only; a seed that breaks a promise tells its story."""
    if not long:
        assert live(SEEDS).broken == ()
        return
    begun, totals, broken = time.monotonic(), Counter[str](), []
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        for report in pool.map(short, range(LONG), chunksize=20):
            totals.update(report.struck)
            totals.update(updates=report.updates, ends_of_processes=report.crashes)
            broken += [report] if report.broken else []
    record(
        root,
        "Simulation",
        {
            "seeds": f"{LONG:,}",
            "promises broken": len(broken),
            "updates": f"{totals.pop('updates'):,}",
            "ends of processes": f"{totals.pop('ends_of_processes'):,}",
            **{f"fault: {name}": f"{count:,}" for name, count in sorted(totals.items())},
            "minutes": round((time.monotonic() - begun) / 60),
        },
    )

    assert not broken, f"{[it.seed for it in broken]}\n{broken[0].story()}"


@pytest.mark.faults
def test_every_planted_fault_is_found_within_a_hundred_seeds(root: Path, long: bool) -> None:  # noqa: FBT001 - a fixture
    names = list(PLANTED) if long else ["drops what meets a flood limit"]
    found = {name: found_by(name, range(WITHIN)) for name in names}
    if long:
        seeds = {name: f"seed {seed}" for name, seed in found.items()}
        record(root, "Planted faults, and the first seed that finds each", seeds)

    assert [name for name, seed in found.items() if seed is None] == []
