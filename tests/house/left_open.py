"""A thread that a test left running fails the run, instead of keeping it alive for ever.

An SQLite connection is such a thread until it is closed. Python waits for it at the end, in silence.
"""

import os
import sys
import threading
import time
from typing import Any

import pytest

ENDS_WITHIN_S = 5  # a thread that is about to end may take this long, on a busy machine
KEY = "threads_left"
LEFT = pytest.StashKey[list[str]]()
# Idle threads of a pool: Python itself sends them home.
POOLS = ("ThreadPoolExecutor-", "asyncio_")


def still_running() -> list[str]:
    """The names of the threads that Python would wait for at its end."""
    threads = [it for it in threading.enumerate() if it is not threading.main_thread()]
    return sorted(it.name for it in threads if not it.daemon and not it.name.startswith(POOLS))


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEFT] = []


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    until = time.monotonic() + ENDS_WITHIN_S
    while still_running() and time.monotonic() < until:
        time.sleep(0.05)
    left = session.config.stash[LEFT]
    left += still_running()
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[KEY] = left
    if left and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:  # noqa: ANN401  (xdist has no types)
    """What a worker of xdist left running; the hook runs where the report is made."""
    del error
    node.config.stash[LEFT] += getattr(node, "workeroutput", {}).get(KEY, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left = terminalreporter.config.stash[LEFT]
    if left:
        terminalreporter.section("left running by a test: close it in the fixture", red=True)
        terminalreporter.line(", ".join(left))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    if still_running():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(pytest.ExitCode.TESTS_FAILED)
