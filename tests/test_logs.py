"""An exception that nobody caught is told by its kind and its place, never by its words."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from intakebot import logs

FULL = Path("/dev/full")
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


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_full_disk_under_the_log_ends_nothing() -> None:
    """What writes to /dev/full is told that there is no room (ENOSPC)."""
    says = "from intakebot import logs; logs.as_json(); logs.log.warning('lost'); print('goes on')"
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", says], stdout=subprocess.PIPE, stderr=full, check=True
        )

    assert done.stdout == b"goes on\n"
