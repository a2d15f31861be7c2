"""Whatever goes wrong, in whatever order: what we promised holds. A few seeds; `make faults`: 10,000."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from dataclasses import replace
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest

from tests.faults.evidence import record
from tests.house.length import Progress, Share
from tests.simulation import long as long_form
from tests.simulation.__main__ import main
from tests.simulation.faults import ALL, Faults
from tests.simulation.planted import PLANTED
from tests.simulation.shrink import shrunk, told
from tests.simulation.world import live

SEEDS, CHUNK = 16, 4
# Found early, so that every run of the tests sees that the simulation can see.
SHORT = {
    "keeps half of a work that failed": 0,
    "marks as sent before it sends": 0,
    "takes living processes for dead": 8,
    "lets everybody take a request": 1,
    "takes who comes back for somebody new": 0,
}
WITHIN = 100
DIGESTS = """
from tests.simulation.world import live
print(*(live(seed).digest for seed in (3, 15, 22)))
"""


def found_by(name: str, seeds: range) -> int | None:
    """The first of these seeds that finds this planted fault."""
    with pytest.MonkeyPatch.context() as patch:
        PLANTED[name](patch)
        return next((seed for seed in seeds if live(seed).broken), None)


@pytest.mark.faults
@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_every_promise_holds(first: int) -> None:
    for seed in range(first, first + CHUNK):
        report = live(seed)

        assert not report.broken, report.story()


def test_a_seed_gives_the_same_run_in_every_process(root: Path) -> None:
    """Also where sets of words are walked in another order."""
    runs = {
        subprocess.run(
            [sys.executable, "-c", DIGESTS],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": hashing},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hashing in ("1", "2")
    }

    assert len(runs) == 1
    assert runs == {" ".join(live(seed).digest for seed in (3, 15, 22)) + "\n"}


def test_a_run_tells_all_that_happened() -> None:
    report = live(2)

    assert len(report.trace) > 50
    assert report.events == len(report.trace)
    assert live(3).digest != report.digest


def test_without_faults_nothing_is_asked_or_sent_twice() -> None:
    def fair(faults: Faults) -> None:
        faults.rates = dict.fromkeys(faults.rates, 0.0)
        faults.events = dict.fromkeys(faults.events, 0)

    report = live(2, fair)
    shown = [line for line in report.trace if " chat " in line and "sees 'Vraag" in line]

    assert not report.broken, report.story()
    assert report.struck == {}
    assert len(shown) > 10
    assert len({line.split(None, 1)[1].rpartition(" (")[0] for line in shown}) == len(shown)


def test_who_sees_nothing_of_an_erasure_knows_that_it_was_asked_for() -> None:
    """Its page was lost, and the one that is loaded then is empty: that is no loss."""

    def loses_pages(faults: Faults) -> None:
        rates = {"throws away": 0.2, "lost page": 0.5, "reload": 0.9}
        faults.rates = dict.fromkeys(faults.rates, 0.0) | rates
        faults.events = dict.fromkeys(faults.events, 0)

    report = live(7, loses_pages)

    assert report.struck.keys() == {"throws away", "lost page", "reload"}
    assert not report.broken, report.story()


def test_a_fault_can_be_left_out_of_a_seed() -> None:
    assert live(15).struck.keys() - {"slow line"} != set()
    assert live(15, most=dict.fromkeys(ALL, 0)).struck == {}


def test_everybody_is_in_the_simulation() -> None:
    """Web chats, links from Telegram, thrown away stories, photos, restores: none is left out by accident."""
    missing = {
        "visitor",
        "/w/",
        "/verder",
        "sends a photo",
        "/erase",
        "restored it",
        "publishes",
        "takes IB-",
        "dies after 'COMMIT'",
    }
    for seed in (20, 15, 2, 4, 22, *range(30)):
        if not missing:
            break
        lines = "\n".join(live(seed).trace)
        missing = {deed for deed in missing if deed not in lines}

    assert missing == set()


def test_the_story_of_a_failure_says_how_to_see_it_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    again = ["simulation", "0", "marks as sent before it sends", "late copy=0"]
    monkeypatch.setattr("sys.argv", again)

    assert main() == 1
    assert "Again: .venv/bin/python -m tests.simulation 0 'late copy=0'" in capsys.readouterr().out


def test_a_violation_is_told_as_short_as_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    PLANTED["marks as sent before it sends"](monkeypatch)
    whole, short = live(0), shrunk(0)
    story = told(short)

    assert short.broken
    assert sum(short.struck.values()) < sum(whole.struck.values()) / 2
    assert len(story.splitlines()) < len(whole.trace)
    assert "It takes: " in story
    assert "breaks a promise:" in story


def test_a_long_run_says_how_far_it_is_and_what_it_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr("sys.argv", ["long", "2", "40"])

    assert long_form.main(tmp_path) == 0
    assert "simulation: 2 of 2 seeds" in capsys.readouterr().err
    assert "| seeds | 2, from 40 to 41 |" in (tmp_path / "docs" / "evidence.md").read_text()


def test_a_long_run_goes_on_after_a_violation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    good, bad = live(40).without_trace(), replace(live(41), broken=("a promise",)).without_trace()
    monkeypatch.setattr(long_form, "processes", lambda: ThreadPool(1))
    monkeypatch.setattr(
        long_form, "some", lambda seeds: [replace(bad, seed=seeds[0]), *[good] * (len(seeds) - 1)]
    )
    said: list[str] = []

    totals = long_form.measure(tmp_path, range(60), said.append)

    assert totals.broken == [0, 20, 40]
    assert totals.seeds == 60
    assert "simulation: seed 20: a promise" in said
    told = (tmp_path / "docs" / "evidence.md").read_text()
    assert "| seeds that broke a promise | 3: 0, 20, 40 |" in told
    assert not bad.trace

    monkeypatch.setattr(long_form, "BROKEN_MAX", 2)
    assert long_form.run(range(60), said.append).broken == [0, 20]


@pytest.mark.parametrize("threshold", [1, 0])
def test_a_seed_is_the_same_whenever_python_collects_its_rubbish(threshold: int) -> None:
    """A process that died in the middle of a statement held what it read until it was collected."""
    usual, generations = live(757), gc.get_threshold()
    gc.set_threshold(threshold)
    try:
        assert live(757).digest == usual.digest
    finally:
        gc.set_threshold(*generations)


@pytest.mark.faults
@pytest.mark.parametrize("name", SHORT)
def test_a_planted_fault_is_found(name: str) -> None:
    assert found_by(name, range(SHORT[name], SHORT[name] + 1)) == SHORT[name]


@pytest.mark.faults
def test_ten_thousand_seeds(root: Path, long: bool, share: Share, progress: Progress) -> None:  # noqa: FBT001 - a fixture
    """At length only; the first seed that breaks a promise is told as short as it can be."""
    if not long:
        assert live(SEEDS).broken == ()
        return
    totals = long_form.measure(root, share.part(long_form.SEEDS), progress._say, share.title)

    assert not totals.broken, told(shrunk(totals.broken[0]))


@pytest.mark.faults
def test_every_planted_fault_is_found_within_a_hundred_seeds(root: Path, long: bool) -> None:  # noqa: FBT001 - a fixture
    names = list(PLANTED) if long else ["drops what meets a flood limit"]
    found = {name: found_by(name, range(WITHIN)) for name in names}
    if long:
        seeds = {
            name: "not found" if seed is None else f"seed {seed}" for name, seed in found.items()
        }
        record(root, "Planted faults, and the first seed that finds each", seeds)

    assert [name for name, seed in found.items() if seed is None] == []
