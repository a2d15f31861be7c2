"""An unasked message waits for the part of the day that was called safe, in Dutch time."""

from __future__ import annotations

from datetime import datetime

import pytest

from intakebot.core.law.safe_times import next_daytime, next_safe


@pytest.mark.parametrize(
    ("at", "part", "expected"),
    [
        ("2026-11-23T07:00+01:00", "ochtend", "2026-11-23T09:00+01:00"),
        ("2026-11-23T09:00+00:00", "ochtend", "2026-11-23T10:00+01:00"),
        ("2026-11-23T12:00+01:00", "ochtend", "2026-11-24T09:00+01:00"),
        ("2026-11-23T12:00+01:00", "middag", "2026-11-23T12:00+01:00"),
        ("2026-11-23T23:30+01:00", "avond", "2026-11-24T18:00+01:00"),
        ("2026-11-23T03:00+01:00", None, "2026-11-23T03:00+01:00"),
        ("2026-11-23T03:00+01:00", "maakt_niet_uit", "2026-11-23T03:00+01:00"),
        ("2026-10-24T22:00+02:00", "ochtend", "2026-10-25T09:00+01:00"),  # the clock goes back
    ],
)
def test_the_next_safe_moment(at: str, part: str | None, expected: str) -> None:
    assert datetime.fromisoformat(expected) == next_safe(datetime.fromisoformat(at), part)


def test_nobody_is_reminded_at_night() -> None:
    night = datetime.fromisoformat("2026-11-23T20:00+01:00")

    assert next_daytime(night) == datetime.fromisoformat("2026-11-24T09:00+01:00")
