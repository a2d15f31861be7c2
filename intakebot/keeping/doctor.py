"""Doctor: is everything as it should be? One line for each thing; nothing of an inhabitant.

It changes nothing, works beside a running program, and goes on after what is wrong: the next thing
may be wrong as well.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from datetime import datetime

from intakebot import content, words
from intakebot.channels.telegram.bot import Telegram
from intakebot.content import files
from intakebot.house import new_bytes, now
from intakebot.keeping import around, machine, stored
from intakebot.keeping import server as of_server
from intakebot.keeping.findings import Finding, State, counted, error, of_problem, warning
from intakebot.keeping.stored import Place
from intakebot.settings import Settings
from intakebot.store import health, server
from intakebot.store.database import Database
from intakebot.store.postgres import open_postgres
from intakebot.store.problems import StoreProblem, told
from intakebot.store.ring import Ring
from intakebot.store.sqlite import open_sqlite
from intakebot.store.vault import Vault

WELL, WRONG = 0, 2


async def doctor(known: Settings) -> int:
    """Print what was found; 2 when something is wrong, and 0 with warnings or without."""
    seen: Counter[State] = Counter()
    async for finding in look(known, now()):
        seen[finding.state] += 1
        sys.stdout.write(f"{finding}\n")
        sys.stdout.flush()
    wrong, warnings = seen[State.ERROR], seen[State.WARNING]
    sys.stdout.write(f"{counted(wrong, 'error')}, {counted(warnings, 'warning')}.\n")
    return WRONG if wrong else WELL


async def look(known: Settings, now: datetime) -> AsyncIterator[Finding]:
    """Everything, from the settings to the languages."""
    for finding in machine.settings(known):
        yield finding
    if known.state.exists():
        async for finding in look_in(known, now):
            yield finding
    else:
        what, remedy = "There is no state folder yet.", "Start intakebot once: it makes it."
        yield warning(str(known.state), what, remedy)
    async for finding in _telegram(known, now):
        yield finding
    for finding in _content(known, now):
        yield finding


async def look_in(known: Settings, now: datetime) -> AsyncIterator[Finding]:
    """The state folder and what is in it."""
    for finding in machine.folder(known.state):
        yield finding
    free = machine.free_bytes(known.state)
    file = None if known.on_postgresql else known.database_path
    yield machine.disk(known.state, file, free=free)
    if file is not None:
        for finding in machine.network(file, machine.mounts()):
            yield finding
    ring = machine.open_ring(known.keys_path)
    if isinstance(ring, Finding):
        yield ring
    else:
        yield machine.age(known.keys_path, ring, now.date())
        look = _server if known.on_postgresql else _file
        async for finding in look(known, ring, now):
            yield finding


async def _file(known: Settings, ring: Ring, now: datetime) -> AsyncIterator[Finding]:
    path = known.database_path
    if not path.exists():
        remedy = "Restore a backup; or, when nothing was ever stored, start intakebot once."
        yield error(str(path), "There is no database.", remedy)
        return
    whole = await stored.whole(path)
    yield whole
    if whole.state is not State.ERROR:
        if not health.guarded(path):
            yield stored.unguarded(str(path))
        async for finding in _database(open_sqlite(path), known, ring, now):
            yield finding


async def _server(known: Settings, ring: Ring, now: datetime) -> AsyncIterator[Finding]:
    """What the server says of itself, and what lies there. Its indexes `pg_amcheck` looks at."""
    try:
        found = await server.look(known.database)
    except StoreProblem as problem:
        yield of_problem(problem)
        return
    for finding in of_server.look(told(known.database), found, now):
        yield finding
    async for finding in _database(open_postgres(known.database), known, ring, now):
        yield finding


async def _database(
    opening: Awaitable[Database], known: Settings, ring: Ring, now: datetime
) -> AsyncIterator[Finding]:
    try:
        database = await opening
    except StoreProblem as problem:
        yield of_problem(problem)
        return
    try:
        place = Place(
            database=database,
            files=known.state / "attachments",
            ring=ring,
            vault=Vault(ring, new_bytes),
            now=now,
        )
        async for finding in stored.look(place):
            yield finding
    finally:
        await database.close()


async def _telegram(known: Settings, now: datetime) -> AsyncIterator[Finding]:
    if known.telegram_token is None or known.telegram_scope is None:
        return
    telegram = Telegram(
        known.telegram_token.get_secret_value(),
        scope=known.telegram_scope,
        now=lambda: now,
        chance=lambda: 0.0,
        api=known.telegram_api,
    )
    try:
        standing = await telegram.standing(known.base_url)
    finally:
        await telegram.close()
    for finding in around.telegram(standing, known.telegram_mode, now):
        yield finding


def _content(known: Settings, now: datetime) -> list[Finding]:
    """The region and the translations that are in use."""
    shelf, catalogues = content.load(), words.load()
    if known.region is not None:
        try:
            shelf = files.with_region(known.region, shelf, catalogues)
        except (files.UnusableRegion, files.NoFlowFile) as problem:
            what = " ".join(str(problem).split())
            remedy = f"Mend it; python -m intakebot check {known.region} says the same."
            return [error("region", what, remedy)]
    return [
        *around.numbers(shelf.region, now.date()),
        *around.languages(shelf.revision, shelf.region, catalogues.reviews),
        *around.voices(known.recordings, shelf.flow()),
    ]
