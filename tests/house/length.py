"""`--long`: the tests that can go on for as long as they are given, go on for longer.

Laws (Hypothesis) try more examples; other tests ask the fixture `long`. Without it a run is the same every time,
so that a change is what made a test fail; with it every run looks somewhere else.
"""

import hypothesis
import pytest

# deadline=None: a busy machine is not a broken law.
hypothesis.settings.register_profile("short", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.register_profile(
    "long", deadline=None, max_examples=2_000, stateful_step_count=80, print_blob=True
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="laws and faults at length")


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("long" if config.getoption("long") else "short")


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether this is `make laws` or `make faults`."""
    return bool(request.config.getoption("long"))
