"""Flow sets: one published revision, at most one draft, and all earlier ones, for those in them.

A session stays on the revision that it began with. A revision that was published never changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from intakebot.core.flow import Revision
from intakebot.store import audit
from intakebot.store import queries as q
from intakebot.store.problems import Conflict
from intakebot.store.vault import Vault
from intakebot.store.work import Statement, Work, maybe_moment, micros, moment

State = Literal["draft", "published", "earlier"]


@dataclass(frozen=True, kw_only=True)
class Edition:
    """A revision in the list of a flow set."""

    revision: str
    state: State
    made_at: datetime
    published_at: datetime | None
    published_by: str | None


_decoder = msgspec.json.Decoder(Revision)


def load(flow: str, revision: str) -> Work[Revision | None]:
    """This revision, whatever its state."""
    rows = yield q.revision(flow=flow, revision=revision)
    return _decoder.decode(rows[0]["json"]) if rows else None


def published(flow: str) -> Work[Revision | None]:
    """The revision that new sessions begin with."""
    rows = yield q.revision_in_state(flow=flow, state="published")
    return _decoder.decode(rows[0]["json"]) if rows else None


def draft(flow: str) -> Work[Revision | None]:
    """The revision that is being worked on."""
    rows = yield q.revision_in_state(flow=flow, state="draft")
    return _decoder.decode(rows[0]["json"]) if rows else None


def editions(flow: str) -> Work[tuple[Edition, ...]]:
    """All revisions of a flow set, newest first."""
    rows = yield q.revisions(flow=flow)
    return tuple(
        Edition(
            revision=row["revision"],
            state=row["state"],
            made_at=moment(row["made_at"]),
            published_at=maybe_moment(row["published_at"]),
            published_by=row["published_by"],
        )
        for row in rows
    )


def save_draft(revision: Revision, at: datetime) -> Work[None]:
    """Keep this as the draft of its flow set, in place of an earlier draft.

    Raises `Conflict` when a revision of this name was published: it needs a new name.
    """
    rows = yield q.revision(flow=revision.id, revision=revision.revision)
    if rows and rows[0]["state"] != "draft":
        raise Conflict(f"revision {revision.revision} was published")
    yield q.drop_draft(flow=revision.id)
    yield _put(revision, "draft", at)


def publish(vault: Vault, revision: Revision, *, by: str, at: datetime) -> Work[None]:
    """Let new sessions begin with this revision; an earlier one again is a rollback.

    The caller has checked it. Raises `Conflict` when another revision of this name was published.
    """
    rows = yield q.revision(flow=revision.id, revision=revision.revision)
    if rows and rows[0]["state"] != "draft" and _decoder.decode(rows[0]["json"]) != revision:
        raise Conflict(f"another revision {revision.revision} was published")
    yield q.retire_revision(flow=revision.id)
    yield _put(revision, "published", at, by)
    yield from audit.append(
        vault,
        at=at,
        actor=by,
        action="publish",
        session=None,
        detail=f"flow={revision.id} revision={revision.revision}",
    )


def _put(revision: Revision, state: State, at: datetime, by: str | None = None) -> Statement:
    return q.put_revision(
        flow=revision.id,
        revision=revision.revision,
        state=state,
        made_at=micros(at),
        published_at=None if by is None else micros(at),
        published_by=by,
        json=msgspec.json.encode(revision),
    )
