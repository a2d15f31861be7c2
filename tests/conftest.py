"""What every test may ask for. A room's own fixtures stand in the conftest of its folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests import chromium

pytest_plugins = [
    "tests.house.no_skips",
    "tests.house.length",
    "tests.house.left_open",
    "tests.house.covering",
    "tests.postgres",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let transcripts be written anew."""
    parser.addoption("--update", action="store_true", help="write the transcripts anew")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """A Chromium that starts; without one the test is skipped, and the reason says what to install."""
    found = chromium.find()
    if found is None:
        pytest.skip(chromium.REMEDY)
    return found


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """A command that runs inside a test logs to a stream that is closed when the test ends."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
