"""What each command does: talk, check, migrate, sign in, export, forget. Serving is in `app`.

Every command prints for the operator and gives an exit code.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TextIO

import msgspec

from intakebot import app, content, words
from intakebot.channels import terminal
from intakebot.content import files
from intakebot.core.check import Problem, errors
from intakebot.core.flow import Flow, Revision, ready
from intakebot.core.law import reference
from intakebot.core.session import Session
from intakebot.core.talking.responding import Desk, Fresh
from intakebot.settings import Settings
from intakebot.store import erasure, people, requests
from intakebot.store.work import Work

PROBLEMS_FOUND = 1


class CommandProblem(Exception):
    """A command that cannot be done; the message is one sentence for the operator."""


def talk(*, language: str | None, now: datetime | None, flow: Path | None, as_json: bool) -> int:
    """Talk in this terminal, in memory; `now` stands still when given."""
    shelf = content.load()
    offered = shelf.region.languages
    if language is not None and language not in offered:
        msg = f"--lang {language}: not offered. Choose one of {', '.join(offered)}."
        raise CommandProblem(msg)
    revision = shelf.revision if flow is None else _good_flow(flow, shelf)
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


def check(flow: Path) -> int:
    """Print every problem of a flow file; 1 when it cannot be used as it is."""
    _, found = _looked_at(flow, content.load())
    wrong = len(errors(found))
    _print(sys.stdout, found)
    sys.stdout.write(f"{flow}: {_counted(wrong, 'error')}, ")
    sys.stdout.write(f"{_counted(len(found) - wrong, 'warning')}.\n")
    return PROBLEMS_FOUND if wrong else 0


def _good_flow(flow: Path, shelf: content.Content) -> Revision:
    """The flow of a file, for talking with; its problems are printed."""
    revision, found = _looked_at(flow, shelf)
    _print(sys.stderr, found)
    if revision is None or errors(found):
        msg = f"{flow}: {_counted(len(errors(found)), 'error')}. Mend the flow before you talk."
        raise CommandProblem(msg)
    return revision


def _looked_at(flow: Path, shelf: content.Content) -> tuple[Revision | None, tuple[Problem, ...]]:
    try:
        return files.read_flow(flow, shelf)
    except files.NoFlowFile as problem:
        raise CommandProblem(str(problem)) from None


def _print(out: TextIO, found: Iterable[Problem]) -> None:
    for problem in found:
        # Half a letter, from a file with a fault, cannot be written to a terminal.
        line = str(problem).encode("utf-8", "backslashreplace").decode()
        out.write(f"{line}\n")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _first(flow: Flow, at: datetime) -> Session:
    revision = flow.revision
    return Session(
        id=app.new_session_id(), flow=revision.id, revision=revision.revision, started_at=at
    )


def _fresh() -> Fresh:
    return Fresh(reference=app.new_reference(), session_id=app.new_session_id())


async def migrate(settings: Settings) -> int:
    """Bring the database to this version; killed half-way it can be run again."""
    async with app.open_house(settings):
        sys.stdout.write(f"{settings.database_path}: up to date.\n")
    return 0


async def signin(settings: Settings, who: str) -> int:
    """Print a one-time sign-in link."""
    if not settings.base_url:
        msg = "INTAKEBOT_PUBLIC_URL is missing. A sign-in link needs the address that people reach."
        raise CommandProblem(msg)
    async with app.open_house(settings) as house:
        secret = await house.database.run(lambda: _signin(house, who))
    if secret is None:
        msg = f"{who}: nobody with this login can sign in. Look at the logins of the members."
        raise CommandProblem(msg)
    sys.stdout.write(f"{settings.base_url}/inbox/in/{secret}\n")
    return 0


def _signin(house: app.House, who: str) -> Work[str | None]:
    member = yield from people.by_login(who)
    if member is None:
        return None
    return (yield from people.new_signin(house.vault, member.member, app.now()))


async def export(settings: Settings, typed: str) -> int:
    """Print one request as JSON; the audit says that the operator exported it."""
    async with app.open_house(settings) as house:
        opened = await house.database.run(
            lambda: requests.for_operator(
                house.vault, _reference(typed), action="export", at=app.now()
            )
        )
    if opened is None:
        raise CommandProblem(_nobody(typed))
    told = msgspec.json.format(msgspec.json.encode(opened.request), indent=2)
    sys.stdout.write(f"{told.decode()}\n")
    return 0


async def forget(settings: Settings, typed: str) -> int:
    """Erase one request with its story: rows, files and key."""
    async with app.open_house(settings) as house:
        gone = await house.database.run(lambda: _forget(house, _reference(typed)))
        await erasure.sweep(house.database, house.files, app.now())
    if not gone:
        raise CommandProblem(_nobody(typed))
    sys.stdout.write(f"{typed}: erased, rows and key.\n")
    return 0


def _forget(house: app.House, wanted: str) -> Work[bool]:
    at = app.now()
    opened = yield from requests.for_operator(house.vault, wanted, action="forget", at=at)
    if opened is None:
        return False
    home = opened.listed.home
    return (yield from erasure.erase(house.vault, home, why="asked", actor="operator", at=at))


def _reference(typed: str) -> str:
    found = reference.normalised(typed)
    if found is None:
        msg = f"{typed} is not a reference such as IB-7K3Q-9M2X. Look for a symbol typed wrongly."
        raise CommandProblem(msg)
    return found


def _nobody(typed: str) -> str:
    return f"{typed}: there is no request with this reference, or it was erased."
