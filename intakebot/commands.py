"""What each command does: talk, check, migrate, sign in, export, forget. Serving is in `app`.

Every command prints for the operator and gives an exit code.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from intakebot import app, content, words
from intakebot.channels import terminal
from intakebot.core.flow import Flow, ready
from intakebot.core.responding import Desk, Fresh
from intakebot.core.session import Session

PROBLEMS_FOUND = 1


class CommandProblem(Exception):  # noqa: N818 - a problem with a remedy is no error of ours
    """A command that cannot be done; the message is one sentence for the operator."""


def talk(*, language: str | None, now: datetime | None, flow: Path | None, as_json: bool) -> int:
    """Talk in this terminal, in memory; `now` stands still when given."""
    shelf = content.load()
    offered = shelf.region.languages
    if language is not None and language not in offered:
        msg = f"--lang {language}: not offered. Choose one of {', '.join(offered)}."
        raise CommandProblem(msg)
    revision = shelf.revision if flow is None else content.read_revision(flow.read_text("utf-8"))
    clock: Callable[[], datetime] = app.now if now is None else lambda: now
    desk = Desk(
        flow=ready(revision, shelf.lexicon, shelf.phrases, shelf.spoken, shelf.region),
        words=words.load(),
        stamp=lambda about: about,
    )
    talking = terminal.Talk(desk=desk, session=_first(desk.flow, clock()), now=clock, fresh=_fresh)
    lines: Iterable[str] = iter(sys.stdin.readline, "")
    terminal.run(talking, lines, sys.stdout, language=language, as_json=as_json)
    return 0


def _first(flow: Flow, at: datetime) -> Session:
    revision = flow.revision
    return Session(
        id=secrets.token_hex(8), flow=revision.id, revision=revision.revision, started_at=at
    )


def _fresh() -> Fresh:
    return Fresh(reference=app.new_reference(), session_id=secrets.token_hex(8))
