"""What each command does, but for serving, which is in `app`.

Every command prints for the operator and gives an exit code.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO

import msgspec

from intakebot import content, quarantine, words
from intakebot.channels import terminal
from intakebot.content import files
from intakebot.core.check import Problem, errors
from intakebot.core.flow import Flow, Revision, ready
from intakebot.core.law import reference
from intakebot.core.session import Session
from intakebot.core.talking.responding import Desk, Fresh
from intakebot.house import House, new_reference, new_session_id, now, open_house
from intakebot.settings import Settings
from intakebot.store import erasure, people, requests, updates
from intakebot.store.problems import told
from intakebot.store.updates import Poison
from intakebot.store.work import Work

PROBLEMS_FOUND = 1
STAYS_ASIDE = 1


class CommandProblem(Exception):
    """A command that cannot be done; the message is one sentence for the operator."""


def talk(*, language: str | None, at: datetime | None, flow: Path | None, as_json: bool) -> int:
    """Talk in this terminal, in memory; `at` stands still when given."""
    shelf = content.load()
    offered = shelf.region.languages
    if language is not None and language not in offered:
        msg = f"--lang {language}: not offered. Choose one of {', '.join(offered)}."
        raise CommandProblem(msg)
    revision = shelf.revision if flow is None else _good_flow(flow, shelf)
    clock: Callable[[], datetime] = now if at is None else lambda: at
    desk = Desk(
        flow=ready(revision, shelf.lexicon, shelf.phrases, shelf.spoken, shelf.region),
        words=words.load(),
        stamp=lambda about: about,
    )
    talking = terminal.Talk(desk=desk, session=_first(desk.flow, clock()), now=clock, fresh=_fresh)
    lines: Iterable[str] = iter(sys.stdin.readline, "")
    terminal.run(talking, lines, sys.stdout, language=language, as_json=as_json)
    return 0


def check(file: Path) -> int:
    """Print every problem of a flow or a region; 1 when it cannot be used as it is."""
    shelf = content.load()
    try:
        if files.is_region(file):
            _, found = files.read_region(file, shelf, words.load())
        else:
            _, found = files.read_flow(file, shelf)
    except files.NoFlowFile as problem:
        raise CommandProblem(str(problem)) from None
    wrong = len(errors(found))
    _print(sys.stdout, found)
    sys.stdout.write(f"{file}: {_counted(wrong, 'error')}, ")
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
    return Session(id=new_session_id(), flow=revision.id, revision=revision.revision, started_at=at)


def _fresh() -> Fresh:
    return Fresh(reference=new_reference(), session_id=new_session_id())


async def migrate(settings: Settings) -> int:
    """Bring the database to this version; killed half-way it can be run again."""
    async with open_house(settings):
        on_server = settings.on_postgresql
        where = told(settings.database) if on_server else settings.database_path
        sys.stdout.write(f"{where}: up to date.\n")
    return 0


async def signin(settings: Settings, who: str) -> int:
    """Print a one-time sign-in link."""
    if not settings.base_url:
        msg = "INTAKEBOT_PUBLIC_URL is missing. A sign-in link needs the address that people reach."
        raise CommandProblem(msg)
    async with open_house(settings) as house:
        secret = await house.database.run(lambda: _signin(house, who))
    if secret is None:
        msg = f"{who}: nobody with this login can sign in. Look at the logins of the members."
        raise CommandProblem(msg)
    sys.stdout.write(f"{settings.base_url}/inbox/in/{secret}\n")
    return 0


def _signin(house: House, who: str) -> Work[str | None]:
    member = yield from people.by_login(who)
    if member is None:
        return None
    return (yield from people.new_signin(house.vault, member.member, now()))


async def export(settings: Settings, typed: str) -> int:
    """Print one request as JSON; the audit says that the operator exported it."""
    async with open_house(settings) as house:
        opened = await house.database.run(
            lambda: requests.for_operator(house.vault, _reference(typed), action="export", at=now())
        )
    if opened is None:
        raise CommandProblem(_nobody(typed))
    told = msgspec.json.format(msgspec.json.encode(opened.request), indent=2)
    sys.stdout.write(f"{told.decode()}\n")
    return 0


async def forget(settings: Settings, typed: str) -> int:
    """Erase one request with its story: rows, files and key."""
    async with open_house(settings) as house:
        gone = await house.database.run(lambda: _forget(house, _reference(typed)))
        await erasure.sweep(house.database, house.files, now())
    if not gone:
        raise CommandProblem(_nobody(typed))
    sys.stdout.write(f"{typed}: erased, rows and key.\n")
    return 0


def _forget(house: House, wanted: str) -> Work[bool]:
    at = now()
    opened = yield from requests.for_operator(house.vault, wanted, action="forget", at=at)
    if opened is None:
        return False
    home = opened.listed.home
    return (yield from erasure.erase(house.vault, home, why="asked", actor="operator", at=at))


async def replay(settings: Settings, wanted: str | None, *, everything: bool) -> int:
    """List the updates that were put aside, or take one or all in again; 1 when one fails."""
    async with open_house(settings) as house:
        aside = await house.database.read(lambda: updates.put_aside(house.vault))
        if wanted is None and not everything:
            _list_aside(aside)
            return 0
        chosen = [poison for poison in aside if everything or poison.update == wanted]
        if not chosen and not everything:
            msg = f"{wanted}: no such update stands aside. `replay` alone lists them."
            raise CommandProblem(msg)
        fine = [await _take_in_again(house, poison) for poison in chosen]
        sys.stdout.write(
            f"{_counted(sum(fine), 'update')} taken in, {len(fine) - sum(fine)} not.\n"
        )
    return 0 if all(fine) else STAYS_ASIDE


def _list_aside(aside: Sequence[Poison]) -> None:
    """When, which and of what kind; nothing of what was said, nor by whom."""
    for poison in aside:
        incoming = quarantine.read(poison)
        kind = "unreadable" if incoming is None else type(incoming.event).__name__.lower()
        failed_at = poison.failed_at.isoformat(timespec="seconds")
        sys.stdout.write(f"{poison.update}  {poison.channel}  {failed_at}  {kind}\n")
    sys.stdout.write(f"{_counted(len(aside), 'update')} put aside.\n")


async def _take_in_again(house: House, poison: Poison) -> bool:
    try:
        receipt = await house.intake.replay(poison, now())
    except Exception as fault:  # noqa: BLE001 - the fault that put it aside can be any
        # No message of it: it could hold what the inhabitant wrote.
        sys.stdout.write(f"{poison.update}: fails again ({type(fault).__name__}), stays aside.\n")
        return False
    if receipt is None:
        sys.stdout.write(f"{poison.update}: cannot be read by this release, stays aside.\n")
        return False
    sys.stdout.write(f"{poison.update}: taken in.\n")
    return True


def _reference(typed: str) -> str:
    found = reference.normalised(typed)
    if found is None:
        msg = f"{typed} is not a reference such as IB-7K3Q-9M2X. Look for a symbol typed wrongly."
        raise CommandProblem(msg)
    return found


def _nobody(typed: str) -> str:
    return f"{typed}: there is no request with this reference, or it was erased."
