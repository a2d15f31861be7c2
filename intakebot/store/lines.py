"""Lines: until when a bot could hear people, and the gap that is still to be asked about.

Telegram keeps a message for a day, but a press on a button for 150 seconds only: who pressed while
nobody could hear it waits for ever, unless we ask again (`intakebot/line.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from intakebot.store import queries as q
from intakebot.store.work import Row, Work, micros, moment


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A time in which nobody could be heard."""

    since: datetime
    until: datetime


def open_at(channel: str, bot: str, at: datetime, *, gap_min: timedelta) -> Work[Gap | None]:
    """Take note that people can be heard; gives the gap that is to be asked about.

    A gap stays until `asked`, also over an end of the program; a new one takes its place.
    """
    rows = yield q.line(channel=channel, bot=bot)
    gap = _gap(rows[0]) if rows else None
    before = moment(rows[0]["open_at"]) if rows else at
    if at - before > gap_min:
        gap = Gap(since=before, until=at)
    yield q.mark_line(
        channel=channel,
        bot=bot,
        open_at=micros(at),
        gap_since=None if gap is None else micros(gap.since),
        gap_until=None if gap is None else micros(gap.until),
    )
    return gap


def asked(channel: str, bot: str, gap: Gap) -> Work[None]:
    """Everybody was asked again about this gap."""
    yield q.close_gap(channel=channel, bot=bot, gap_until=micros(gap.until))


def _gap(row: Row) -> Gap | None:
    if row["gap_since"] is None:
        return None
    return Gap(since=moment(row["gap_since"]), until=moment(row["gap_until"]))
