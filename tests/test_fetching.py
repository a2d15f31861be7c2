"""Fetching over the real store, from a channel that has files."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from intakebot import fetching
from intakebot.core.session import Attachment, Session
from intakebot.core.talking.delivery import Fetched, FetchOutcome, Lost, TooBig, Unsure, Way
from intakebot.fetching import Fetching
from intakebot.store import attachments, erasure, ring, sessions
from intakebot.store.sessions import Stored
from intakebot.store.sqlite import MEMORY, Sqlite, open_sqlite
from intakebot.store.vault import Vault
from intakebot.store.work import Work

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
WAY = Way("telegram", "42")


class World:
    """A store with a clock that stands still until it is put on."""

    def __init__(self, database: Sqlite) -> None:
        new_bytes = random.Random(7).randbytes  # noqa: S311 - the same chance in every run
        self.vault = Vault(ring.new_ring(new_bytes, date(2026, 11, 1)), new_bytes)
        self.database = database
        self.now = NOW


@pytest.fixture
async def world() -> AsyncIterator[World]:
    database = await open_sqlite(MEMORY)
    yield World(database)
    await database.close()


class Files:
    """A channel that has files."""

    def __init__(self) -> None:
        self.outcome: FetchOutcome = Fetched(content=b"OggS geluid")
        self.asked: list[str] = []
        self.then: Callable[[], Awaitable[object]] | None = None

    async def fetch(self, source: str) -> FetchOutcome:
        self.asked.append(source)
        if self.then is not None:
            await self.then()
        return self.outcome


def _begun(vault: Vault) -> Work[Stored]:
    chat = vault.chat(*WAY, "7")
    session = Session(id="s1", flow="f", revision="1", started_at=NOW)
    stored = yield from sessions.create(vault, chat, session, NOW)
    voice = Attachment(id="a1b2", kind="voice", bytes=0, received_at=NOW, source="F1")
    yield from attachments.add(stored, voice, NOW)
    return stored


@pytest.fixture
async def stored(world: World) -> Stored:
    return await world.database.run(lambda: _begun(world.vault))


def a_fetching(world: World, files: Files, folder: Path) -> Fetching:
    return Fetching(
        database=world.database,
        vault=world.vault,
        folder=folder,
        fetchers={WAY: files.fetch},
        now=lambda: world.now,
    )


async def _state(world: World, stored: Stored) -> tuple[str, int]:
    kept = await world.database.read(lambda: attachments.load(stored.home, "a1b2"))
    assert kept is not None
    return kept.state, kept.bytes


async def test_a_voice_note_is_fetched_once_and_sealed(
    world: World, stored: Stored, tmp_path: Path
) -> None:
    files = Files()
    under_test = a_fetching(world, files, tmp_path)

    assert await under_test.fetch_due() == 1
    assert await under_test.fetch_due() == 0
    assert files.asked == ["F1"]
    assert await _state(world, stored) == ("stored", 11)
    assert attachments.read_file(tmp_path, stored.key, "a1b2") == b"OggS geluid"
    assert b"geluid" not in attachments.path_of(tmp_path, "a1b2").read_bytes()


@pytest.mark.parametrize(("outcome", "state"), [(TooBig(), "too_big"), (Lost(), "failed")])
async def test_what_cannot_be_fetched_is_marked(
    world: World, stored: Stored, tmp_path: Path, outcome: FetchOutcome, state: str
) -> None:
    files = Files()
    files.outcome = outcome
    await a_fetching(world, files, tmp_path).fetch_due()

    assert await _state(world, stored) == (state, 0)


async def test_an_outage_is_waited_out_for_a_day(
    world: World, stored: Stored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "ATTEMPTS_MAX", 3)
    files = Files()
    files.outcome = Unsure()
    under_test = a_fetching(world, files, tmp_path)
    states = []
    for _ in range(5):
        await under_test.fetch_due()
        states.append((await _state(world, stored))[0])
        world.now += fetching.AGAIN

    assert states == ["to_fetch", "to_fetch", "failed", "failed", "failed"]
    assert len(files.asked) == 3


async def test_no_file_is_left_of_what_was_erased_meanwhile(
    world: World, stored: Stored, tmp_path: Path
) -> None:
    files = Files()
    files.then = lambda: world.database.run(
        lambda: erasure.erase(
            world.vault, stored.home, why="thrown_away", actor="inhabitant", at=NOW
        )
    )
    await a_fetching(world, files, tmp_path).fetch_due()

    assert not attachments.path_of(tmp_path, "a1b2").exists()


async def test_fetching_goes_on_after_a_fault(
    world: World, stored: Stored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LOOK_AGAIN_S", 0.01)
    files = Files()
    faults = [RuntimeError("a library fell")]

    async def falls_once() -> None:
        if faults:
            world.now += fetching.AGAIN
            raise faults.pop()

    files.then = falls_once
    task = asyncio.ensure_future(a_fetching(world, files, tmp_path).run())
    async with asyncio.timeout(5):
        while (await _state(world, stored))[0] != "stored":  # noqa: ASYNC110 - it happens in the task
            await asyncio.sleep(0.002)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

    assert len(files.asked) == 2
