"""`make mutants`: breaks the engine in every small way there is, one at a time, and asks the tests.

A mutant that no test notices is a survivor: either a test is missing, or the change makes no
difference. The second kind is listed in listed/, each with its reason. This ends with 1 when
fewer than nine in ten are noticed, when a survivor is not listed, or when a listed one is noticed.

    python -m tests.mutation                         all of it: some hours of a processor
    python -m tests.mutation intakebot.core.law      one room or module; nothing is said of the others
    python -m tests.mutation --every 20              a sample: of each module every twentieth
    python -m tests.mutation --again                 only those that no test noticed in runs before

It is told which share is done while it runs, and each survivor that is not listed as it is found. What
was measured is written to docs/evidence.md. A run that was ended goes on with `--again`.
"""

import argparse
import contextlib
import io
import os
import sys
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.evidence import record
from tests.mutation.asking import UNNOTICED, Asking, End
from tests.mutation.known import Known
from tests.mutation.making import Mutant, module_name, mutants_of
from tests.mutation.survivors import LISTED, Change, Reason, compare, of_modules, read_lists

ROOT = Path(__file__).resolve().parents[2]
ENOUGH = 0.9
SAY_EVERY_S = 10.0
PYTEST = (
    "-s",
    "-q",
    "-p",
    "no:xdist",
    "-p",
    "no:cov",
    "-p",
    "no:cacheprovider",
    "-o",
    "faulthandler_timeout=0",
)


class Course:
    """What became of the mutants so far, told while it goes on."""

    def __init__(self, listed: list[Reason], known: Known) -> None:
        """Nothing is known yet."""
        self.to_do, self.listed, self.known = 0, listed, known
        self.ends: defaultdict[str, Counter[End]] = defaultdict(Counter)
        self.found: list[Change] = []
        self.done = 0
        self.began = self.said = time.monotonic()

    def left_of(self, mutants: list[Mutant]) -> list[Mutant]:
        """Those to ask about: what was noticed in an earlier run is only counted."""
        left = []
        for mutant in mutants:
            end = self.known.noticed(mutant)
            if end is None:
                left.append(mutant)
            else:
                self.ends[mutant.module][end] += 1
        self.to_do = len(left)
        return left

    @property
    def whole(self) -> Counter[End]:
        """All modules together."""
        return sum(self.ends.values(), Counter())

    def told(self, mutant: Mutant, end: End) -> None:
        """One more."""
        if not self.done:  # until now all tests ran once as things are
            self.began = self.said = time.monotonic()
        self.done += 1
        self.ends[mutant.module][end] += 1
        self.known.tell(mutant, end)
        if end in UNNOTICED:
            one = Change(mutant.where, mutant.change)
            self.found.append(one)
            if compare([one], self.listed)[0]:
                say(f"\n{end}: {one.where}\n{one.change}")
        if time.monotonic() - self.said > SAY_EVERY_S:
            self.said = time.monotonic()
            left_s = (self.said - self.began) / self.done * (self.to_do - self.done)
            left = f"about {left_s / 60:.0f} min left"
            say(f"{self.done} of {self.to_do}, {score(self.whole)}; {left}")

    def rows(self) -> Iterator[tuple[str, str]]:
        """The table: what was noticed in each module, and in all."""
        for module, ends in self.ends.items():
            yield module, score(ends)
        yield "together", score(self.whole)


def main(arguments: list[str]) -> int:
    """Ask, tell, and compare with the list."""
    asked = argparse.ArgumentParser(prog="python -m tests.mutation")
    asked.add_argument("modules", nargs="*", help="such as intakebot.core.law; none is all")
    asked.add_argument("--every", type=int, default=1, metavar="N", help="one of so many")
    asked.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--tests", nargs="*", default=[], help="ask these, to look at a survivor")
    asked.add_argument("--again", action="store_true", help="only what was not noticed before")
    chosen = asked.parse_args(arguments)
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
    files = list(files_of(settings["source_paths"], chosen.modules))
    say(f"Every small way to break {len(files)} files is thought out.")
    mutants = [it for path in files for it in [*mutants_of(ROOT, path)][:: chosen.every]]
    listed = [it for it in read_lists(LISTED) if of_modules(it.where, chosen.modules)]
    course = Course(listed, Known(ROOT / "mutants" / "known.jsonl", is_again=chosen.again))
    left = course.left_of(mutants)
    say(f"{len(left)} mutants. First all tests run once as things are, for some minutes.")
    plugin = Asking(left, course.told, files, chosen.processes)
    tests = chosen.tests or settings["pytest_add_cli_args_test_selection"]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        pytest.main([*PYTEST, "-m", "not (browser or bench or faults)", *tests], plugins=[plugin])
    if plugin.failed or course.whole.total() < len(mutants):
        say(f"{said.getvalue()[-5000:]}\nNot every mutant was tried; the tests must pass first.")
        return 1
    is_whole = chosen.every == 1 and not chosen.tests
    unlisted, needless = compare(course.found, listed)
    for reason in needless if is_whole else ():
        say(f"\nlisted, and does not survive: {reason.where}\n{reason.change or reason.like}")
    part = " ".join([*chosen.modules, *([f"one of {chosen.every}"] * (chosen.every > 1))])
    for module, told in course.rows():
        say(f"{module:40} {told}")
    say(f"{len(course.found)} survived, {len(unlisted)} of them without a reason")
    if not chosen.tests:
        reasons = {"survivors without a reason in the list": str(len(unlisted))}
        record(ROOT, "Mutants" + (f", part {part}" if part else ""), dict(course.rows()) | reasons)
    is_enough = share(course.whole) >= ENOUGH
    return int(bool(unlisted) or not is_enough or (is_whole and bool(needless)))


def files_of(sources: list[str], modules: list[str]) -> Iterator[Path]:
    """The files that are broken, in the order of the settings."""
    for source in sources:
        path = ROOT / source
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if of_modules(module_name(ROOT, file), modules):
                yield file


def share(ends: Counter[End]) -> float:
    """Of so many mutants this part is noticed."""
    return 1 - sum(ends[it] for it in UNNOTICED) / max(1, ends.total())


def score(ends: Counter[End]) -> str:
    """How many were noticed, in words."""
    noticed = ends.total() - sum(ends[it] for it in UNNOTICED)
    others = ", ".join(f"{ends[it]} {it}" for it in (End.ENDLESS, End.STILL) if ends[it])
    told = f"{noticed} of {ends.total()}, {100 * share(ends):.1f} %"
    return f"{told} ({others})" if others else told


def say(text: str) -> None:
    """To who waits, also while pytest keeps what tests print."""
    print(text, file=sys.__stdout__, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
