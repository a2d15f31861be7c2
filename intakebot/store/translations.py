"""Stories that wait for a machine to put them in Dutch: a row a request, until it is done.

The words stay in the request, sealed, and so does what the machine makes of them: erasing,
backups, export and the keys know nothing new. Without a machine the rows wait.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from intakebot.core.law.summary import untranslated
from intakebot.core.request import Request, StoryPart, Translation
from intakebot.store import audit, requests
from intakebot.store import queries as q
from intakebot.store.problems import Conflict
from intakebot.store.vault import Vault
from intakebot.store.work import Home, Row, Work, home_of, micros


@dataclass(frozen=True, kw_only=True)
class ToTranslate:
    """A request with a story that is to be put in Dutch."""

    home: Home
    parts: tuple[StoryPart, ...]
    attempts: int  # this one counted


def claim(
    vault: Vault, *, now: datetime, again_at: datetime, count: int
) -> Work[tuple[ToTranslate, ...]]:
    """What is to be done now; offered once more at *again_at* until it is kept or dropped.

    None waits for longer than twice that: past it, a clock that was wrong wrote the moment.
    """
    rows = yield q.claim_translations(
        now=micros(now),
        horizon=micros(again_at + (again_at - now)),
        again_at=micros(again_at),
        count=count,
    )
    found = []
    for row in rows:
        whole = yield from _request(vault, row)
        parts = untranslated(whole) if whole is not None else ()
        found.append(ToTranslate(home=home_of(row), parts=parts, attempts=row["attempts"]))
    return tuple(found)


def _request(vault: Vault, row: Row) -> Work[Request | None]:
    rows = yield q.request_of_session(**home_of(row).columns())
    return requests.opened(vault, rows[0]).request if rows else None


def keep(
    vault: Vault, home: Home, made: Mapping[StoryPart, Translation], at: datetime
) -> Work[None]:
    """Put what the machine made beside the own words. Nothing, when it was erased meanwhile.

    Raises `Conflict` when a member changed the request at the same moment: it is tried again.
    """
    rows = yield q.request_of_session(**home.columns())
    if not rows:
        return
    found = requests.opened(vault, rows[0])
    story = tuple(
        replace(part, translation=made[part]) if part in made else part
        for part in found.request.story
    )
    changed = yield q.change_request(
        **home.columns(),
        version=found.listed.version,
        **requests.urgency_columns(found.listed.urgency),
        **requests.sealed_columns(found.key, home, replace(found.request, story=story)),
    )
    if not changed:
        raise Conflict("the request was changed by another")
    yield from drop(home)
    yield from audit.append(vault, at=at, actor="system", action="translate", session=home.session)


def drop(home: Home) -> Work[None]:
    """Try no more."""
    yield q.drop_translation(**home.columns())
