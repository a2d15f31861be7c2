"""`--cov-in core,intake`: coverage counts only while the tests of these folders run.

What the engine does must be held by its own tests: a line that only a walk in a browser happens to pass
is not tested. It also saves time. In Python 3.11 measuring makes whatever runs some three times slower.
"""

from collections.abc import Iterator

import pytest
from coverage import Coverage

ROOMS = pytest.StashKey[frozenset[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cov-in", default="", help="coverage only in these folders of tests/")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ROOMS] = frozenset(filter(None, config.getoption("cov_in").split(",")))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """With its fixtures; those of a whole session count for who asks first."""
    rooms, measuring = item.config.stash[ROOMS], Coverage.current()
    counts = not rooms or not rooms.isdisjoint(item.path.relative_to(item.config.rootpath).parts)
    if measuring is None or counts:
        return (yield)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()
