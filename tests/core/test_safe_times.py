"""An unasked message waits for the part of the day that was called safe, in Dutch time."""

from __future__ import annotations

from datetime import datetime

import pytest

from intakebot.core.law.safe_times import is_hushed, next_daytime, next_safe, not_before
from intakebot.core.session import Answer, Signal
from tests.conversation import MONDAY
from tests.core.stage import a_session


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


@pytest.mark.parametrize(
    ("answers", "waited_for", "expected"),
    [
        ("", True, "2026-11-23T22:00+01:00"),
        ("", False, "2026-11-24T09:00+01:00"),
        ("veilige_tijd=maakt_niet_uit", False, "2026-11-24T09:00+01:00"),
        ("veilige_tijd=avond", True, "2026-11-24T18:00+01:00"),
        ("veilige_tijd=avond", False, "2026-11-24T18:00+01:00"),
    ],
)
def test_a_safe_time_counts_whether_it_is_waited_for_or_not(
    answers: str, expected: str, *, waited_for: bool
) -> None:
    night = datetime.fromisoformat("2026-11-23T22:00+01:00")
    given = tuple(
        Answer(question=key, value=value, at=night)
        for key, _, value in (pair.partition("=") for pair in answers.split())
    )

    assert not_before(a_session(answers=given), night, waited_for=waited_for) == (
        datetime.fromisoformat(expected)
    )


@pytest.mark.parametrize(
    ("changes", "hushed"),
    [
        ({}, False),
        ({"shared": True}, True),
        (
            {"signals": (Signal(category="violence", strength="soft", question=None, words="x"),)},
            True,
        ),
        (
            {"signals": (Signal(category="suicide", strength="hard", question=None, words="x"),)},
            False,
        ),
        ({"answers": (Answer(question="veilig_thuis", value="nee", at=MONDAY),)}, True),
        ({"answers": (Answer(question="veilig_thuis", value="ja", at=MONDAY),)}, False),
        ({"answers": (Answer(question="veilig_thuis", value=("nee",), at=MONDAY),)}, False),
    ],
)
def test_when_a_notice_must_tell_nothing(changes: dict[str, object], *, hushed: bool) -> None:
    assert is_hushed(a_session(**changes)) is hushed
