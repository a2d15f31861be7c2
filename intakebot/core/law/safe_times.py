"""When an unasked message may reach a person: the part of the day that the person called safe."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from intakebot.core.law.clocks import ZONE

# Parts of the day as people choose them, in Dutch time: from, until.
PARTS: dict[str, tuple[time, time]] = {
    "ochtend": (time(9), time(12)),
    "middag": (time(12), time(17)),
    "avond": (time(18), time(21)),
}
# For what nobody waits for, such as a reminder.
DAYTIME = (time(9), time(20))


def next_safe(at: datetime, part: str | None) -> datetime:
    """The first moment from `at` on within this part of the day; at once when none was named."""
    if part not in PARTS:
        return at
    return _within(at, *PARTS[part])


def next_daytime(at: datetime) -> datetime:
    """The first moment from `at` on in the daytime."""
    return _within(at, *DAYTIME)


def _within(at: datetime, first: time, last: time) -> datetime:
    local = at.astimezone(ZONE)
    if local.time() < first:
        return datetime.combine(local.date(), first, ZONE)
    if local.time() < last:
        return at
    return datetime.combine(local.date() + timedelta(days=1), first, ZONE)
