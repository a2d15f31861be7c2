"""An exception that nobody caught is told by its kind and its place, never by its words."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from intakebot import logs

CANARY = "Mijn man slaat mij"
FAULTS = f"""
import logging
from intakebot import logs
logs.as_json()
for name in logs.LOGGERS_WITH_TRACEBACKS:
    try:
        raise ValueError({CANARY!r})
    except ValueError:
        logging.getLogger(name).exception("it failed")
"""


@pytest.mark.parametrize("name", logs.LOGGERS_WITH_TRACEBACKS)
def test_a_record_without_an_exception_is_left_alone(name: str) -> None:
    record = logging.LogRecord(name, logging.INFO, __file__, 1, "started", None, None)

    assert logs.place_only(record)


def test_a_fault_says_its_kind_and_its_place_and_nothing_that_it_says() -> None:
    """In a process of its own, for the filters are of the whole process."""
    done = subprocess.run(
        [sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True
    )
    written = done.stdout + done.stderr

    assert CANARY not in written
    assert written.count('"error": "ValueError"') == len(logs.LOGGERS_WITH_TRACEBACKS)
