"""What every test may ask for. A room's own fixtures stand in the conftest of its folder."""

from pathlib import Path

import pytest

from tests import chromium

pytest_plugins = [
    "tests.house.no_skips",
    "tests.house.length",
    "tests.house.left_open",
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
