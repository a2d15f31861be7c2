"""Safe contact: when an unasked message may reach a person, and whether it may say anything."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from intakebot.core.law.clocks import ZONE
from intakebot.core.session import Session

# Parts of the day as people choose them, in Dutch time: from, until.
PARTS: dict[str, tuple[time, time]] = {
    "ochtend": (time(9), time(12)),
    "middag": (time(12), time(17)),
    "avond": (time(18), time(21)),
}
# For what nobody waits for, such as a reminder.
DAYTIME = (time(9), time(20))
# Who said this may live with the one that it is about.
WATCHED = ("violence", "immediate")


def not_before(session: Session, at: datetime, *, waited_for: bool) -> datetime:
    """The first moment from `at` on that the person called safe, else at once or in the daytime.

    *waited_for*: the person waits for it, such as the name of the contact person.
    """
    said = _answer(session, "veilige_tijd")
    if said in PARTS:
        return next_safe(at, said)
    return at if waited_for else next_daytime(at)


def is_hushed(session: Session) -> bool:
    """Whether a notice must say nothing: others use the phone, or the person is not safe."""
    watched = any(signal.category in WATCHED for signal in session.signals)
    return session.shared or watched or _answer(session, "veilig_thuis") == "nee"


def _answer(session: Session, question: str) -> str | None:
    found = next((a.value for a in session.answers if a.question == question), None)
    return found if isinstance(found, str) else None


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
