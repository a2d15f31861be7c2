"""`--long`: the tests that can go on for as long as they are given, go on for longer.

Laws (Hypothesis) try more examples; other tests ask the fixture `long`. Without it a run is the same every time,
so that a change is what made a test fail; with it every run looks somewhere else.

`--share 2/5` does the second fifth of each long run, with seeds of its own: what takes hours can be done in parts.
A long test says how far it is: `for nth in progress("kills", range(500), 500): ...`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import hypothesis
import pytest

T = TypeVar("T")

# deadline=None: a busy machine is not a broken law.
hypothesis.settings.register_profile("short", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.register_profile(
    "long", deadline=None, max_examples=2_000, stateful_step_count=80, print_blob=True
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="laws and faults at length")
    parser.addoption("--share", default="1/1", help="of long runs only this part, as 2/5")


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("long" if config.getoption("long") else "short")


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether this is `make laws` or `make faults`."""
    return bool(request.config.getoption("long"))


@dataclass(frozen=True, kw_only=True)
class Share:
    """The part of the long runs that is done now."""

    nth: int
    of: int

    def __post_init__(self) -> None:
        assert 1 <= self.nth <= self.of, "--share is written as 2/5"

    def part(self, count: int) -> range:
        """Which of so many are done now; their numbers are seeds of their own."""
        found = range(count * (self.nth - 1) // self.of, count * self.nth // self.of)
        assert found, f"--share {self.nth}/{self.of}: of {count} that is nothing at all"
        return found

    def title(self, title: str) -> str:
        """What was measured, when only a part of it was."""
        return title if self.of == 1 else f"{title}, part {self.nth} of {self.of}"


@pytest.fixture(scope="session")
def share(request: pytest.FixtureRequest) -> Share:
    """What `--share` asks for."""
    nth, _, of = str(request.config.getoption("share")).partition("/")
    return Share(nth=int(nth), of=int(of or 1))


SAY_EVERY_S = 10.0


class Progress:
    """Goes through something long, and says now and then how far it is and how many seconds are left."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def __call__(self, what: str, items: Iterable[T], total: int) -> Iterator[T]:
        """The same items, of which there are so many."""
        begun = said = time.monotonic()
        for done, item in enumerate(items, start=1):
            yield item
            now = time.monotonic()
            if now - said >= SAY_EVERY_S or done == total:
                left_s = (now - begun) / done * (total - done)
                said = now
                self._say(f"{what}: {done:,} of {total:,}, {left_s:,.0f} s left")


@pytest.fixture
def progress(request: pytest.FixtureRequest, long: bool) -> Progress:  # noqa: FBT001 - a fixture
    """`for nth in progress("kills", range(500), 500)`: only a long run says anything."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def say(line: str) -> None:
        if long and capture is not None:
            with capture.global_and_fixture_disabled():
                sys.stderr.write(f"\n  {line}")
                sys.stderr.flush()

    return Progress(say)
