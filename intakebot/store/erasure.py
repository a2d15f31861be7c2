"""Erasing: what is thrown away, what nobody finished, and what was kept long enough.

`erase` deletes the session's row; its data key, messages, request, notes and all else hang on it.
With the key gone, every copy of what it sealed is noise. `sweep` then removes the files and wipes
the log of the database, where deleted rows live on. The ledger knows the bare ids of what is gone,
so that a restored backup can be cleaned again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from intakebot.core.session import Answer, Session
from intakebot.store import attachments, audit, requests, sessions
from intakebot.store import queries as q
from intakebot.store.database import Database
from intakebot.store.requests import Opened
from intakebot.store.sessions import Stored
from intakebot.store.vault import Vault
from intakebot.store.work import Home, Work, home_of, micros

_PARTS_MAX = 200


def erase(vault: Vault, home: Home, *, why: str, actor: str, at: datetime) -> Work[bool]:
    """Erase everything of a session. False: it was gone already. `sweep` finishes the work.

    *why* is a code for ledger and audit: thrown_away, expired, handed_over, retention, asked.
    """
    kept = yield from attachments.of_session(home)
    yield q.erase_poisons(**home.columns())
    yield q.erase_pace(channel=home.channel, bot=home.bot, chat=home.chat)
    gone = yield q.erase_session(**home.columns())
    if not gone:
        return False
    yield q.add_erasure(
        session=home.session,
        why=why,
        erased_at=micros(at),
        files=" ".join(it.id for it in kept),
    )
    yield from audit.append(
        vault, at=at, actor=actor, action="erase", session=home.session, detail=why
    )
    return True


async def sweep(database: Database, folder: Path, now: datetime) -> bool:
    """Remove the files of what was erased and wipe the log of the database.

    False: a reader held up the wiping; call it again. Cheap when there is nothing to do.
    """
    todo = await database.read(_to_wipe)
    if not todo:
        return True
    for files in todo.values():
        await asyncio.to_thread(_remove, folder, files)
    if not await database.checkpoint():
        return False
    await database.run(lambda: _wiped(todo, now))
    return True


def end_retention(vault: Vault, now: datetime) -> Work[int]:
    """Take out the parts of closed requests whose retention ended; gives how many.

    With its last part the request is erased, and its session with it.
    """
    rows = yield q.parts_to_erase(now=micros(now), count=_PARTS_MAX)
    for row in rows:
        home = home_of(row)
        yield q.drop_part(**home.columns(), part=row["part"])
        left = yield q.count_parts(**home.columns())
        if left[0]["count"] == 0:
            yield from erase(vault, home, why="retention", actor="system", at=now)
        else:
            yield from _take_out(vault, home, row["part"], now)
    return len(rows)


def erase_again(vault: Vault, at: datetime) -> Work[int]:
    """After a restore: erase what the ledger says is gone; gives how many sessions."""
    rows = yield q.erased_but_here()
    for row in rows:
        yield from erase(vault, home_of(row), why="restored", actor="system", at=at)
    return len(rows)


async def orphans(database: Database, folder: Path) -> tuple[str, ...]:
    """What an erasure should have taken along and did not: empty when all is well."""
    known = await database.read(_known_files)
    rows = await database.read(_left_rows)
    files = await asyncio.to_thread(_files, folder)
    return (*rows, *(f"file {name}" for name in sorted(files - known)))


def _take_out(vault: Vault, home: Home, part: str, at: datetime) -> Work[None]:
    rows = yield q.request_of_session(**home.columns())
    stored = yield from sessions.load(vault, home)
    assert stored is not None, "a request hangs on its session"
    found = requests.opened(vault, rows[0])
    for it in found.request.domains:
        if requests.part_token(vault, home, it.code) == part:
            yield from _without_domain(found, stored, it.code, at)
    yield from audit.append(
        vault, at=at, actor="system", action="erase_part", session=home.session, detail="retention"
    )


def _without_domain(found: Opened, stored: Stored, code: str, at: datetime) -> Work[None]:
    request = found.request
    kept = tuple(it for it in request.domains if it.code != code)
    shared = {fact.question for it in kept for fact in it.facts}
    questions = {fact.question for it in request.domains for fact in it.facts} - shared
    # The summary tells of all parts in one text; the story is of all parts and stays to the last.
    shorter = replace(request, domains=kept, summary_nl="")
    yield q.change_request(
        **found.listed.home.columns(),
        version=found.listed.version,
        **requests.urgency_columns(request.urgency.level),
        **requests.sealed_columns(found.key, found.listed.home, shorter),
    )
    yield from sessions.save(
        stored, _without_answers(stored.session, questions, code), at, touched=False
    )


def _without_answers(session: Session, questions: set[str], code: str) -> Session:
    others = (answer for answer in session.answers if answer.question not in questions)
    return replace(session, answers=tuple(_without_code(answer, code) for answer in others))


def _without_code(answer: Answer, code: str) -> Answer:
    if not isinstance(answer.value, tuple) or code not in answer.value:
        return answer
    return replace(answer, value=tuple(it for it in answer.value if it != code), said=None)


def _to_wipe() -> Work[dict[str, list[str]]]:
    rows = yield q.erasures_to_wipe()
    return {row["session"]: row["files"].split() for row in rows}


def _wiped(ids: Iterable[str], now: datetime) -> Work[None]:
    for session in ids:
        yield q.mark_wiped(session=session, wiped_at=micros(now))


def _known_files() -> Work[set[str]]:
    rows = yield q.all_attachments()
    return {row["attachment"] for row in rows}


def _left_rows() -> Work[tuple[str, ...]]:
    again = yield q.erased_but_here()
    keyless = yield q.keyless()
    return (
        *(f"session {row['session']} is in the ledger of erasures" for row in again),
        *(f"session {row['session']} has no key" for row in keyless),
    )


def _remove(folder: Path, files: list[str]) -> None:
    for name in files:
        attachments.path_of(folder, name).unlink(missing_ok=True)


def _files(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*/*.sealed")}
