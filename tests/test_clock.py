"""The clock over the real store; what an event does is the intake's, and stands here in short."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from intakebot.clock import Clock
from intakebot.core.events import Event, Expired, Message, Reminded
from intakebot.core.limits import EXPIRE_DAYS, REMIND_DAYS
from intakebot.core.session import Outcome, Saying, Session, Tongue
from intakebot.store import erasure, outgoing, ring, sessions, updates
from intakebot.store.sessions import Stored
from intakebot.store.sqlite import MEMORY, Sqlite, open_sqlite
from intakebot.store.vault import Vault
from intakebot.store.work import Chat, Work

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Intake:
    """Stands in for the intake: says what happened, saves, and erases what has expired."""

    def __init__(self, database: Sqlite, vault: Vault) -> None:
        self.database = database
        self.vault = vault
        self.happened: list[tuple[str, str, datetime]] = []
        self.faults: set[str] = set()  # sessions on which it falls

    def carry(
        self,
        stored: Stored,
        event: Event,
        *,
        chat: Chat,
        key: str,
        at: datetime,
    ) -> Work[object]:
        if stored.session.id in self.faults:
            raise RuntimeError("our own mistake")
        if isinstance(event, Expired):
            yield from erasure.erase(self.vault, stored.home, why="expired", actor="system", at=at)
        else:
            yield from sessions.save(stored, stored.session, at, touched=False)
            message = Message(text="Wilt u verder gaan?", tongue=Tongue(lang="nl"), unasked=True)
            yield from outgoing.add(chat, stored, message, dkey=key, at=at)
        self.happened.append((type(event).__name__, stored.session.id, at))
        return None

    @property
    def names(self) -> list[tuple[str, str]]:
        return [(name, session) for name, session, _ in self.happened]


@pytest.fixture
async def intake() -> AsyncIterator[Intake]:
    new_bytes = random.Random(7).randbytes  # noqa: S311 - the same chance in every run
    database = await open_sqlite(MEMORY)
    yield Intake(database, Vault(ring.new_ring(new_bytes, date(2026, 11, 1)), new_bytes))
    await database.close()


class Ticking(Clock):
    """A clock whose ticks are an hour apart, unless one says otherwise, whatever the date says."""

    def __init__(self, intake: Intake, files: Path) -> None:
        super().__init__(intake=intake, files=files, passed_s=self._stopwatch)
        self._passed = timedelta()

    def _stopwatch(self) -> float:
        return self._passed.total_seconds()

    async def tick(self, now: datetime, *, after: timedelta = HOUR) -> None:
        self._passed += after
        await super().tick(now)


@pytest.fixture
def clock(intake: Intake, tmp_path: Path) -> Ticking:
    return Ticking(intake, tmp_path)


async def begin(intake: Intake, name: str, at: datetime = START) -> Stored:
    session = Session(id=name, flow="f", revision="1", started_at=at)
    chat = intake.vault.chat("telegram", "42", name)
    return await intake.database.run(lambda: sessions.create(intake.vault, chat, session, at))


async def until(clock: Ticking, start: datetime, end: datetime, step: timedelta = HOUR) -> None:
    now = start
    while now <= end:
        await clock.tick(now, after=step)
        now += step


async def test_an_unfinished_story_is_reminded_once_and_then_erased(
    intake: Intake, clock: Ticking
) -> None:
    stored = await begin(intake, "a")
    await until(clock, START, START + 20 * DAY)

    assert intake.happened == [
        ("Reminded", "a", START + REMIND_DAYS * DAY),
        ("Expired", "a", START + EXPIRE_DAYS * DAY),
    ]
    assert await intake.database.read(lambda: sessions.load(intake.vault, stored.home)) is None
    assert await erasure.orphans(intake.database, Path()) == ()


async def test_who_came_back_is_reminded_later(intake: Intake, clock: Ticking) -> None:
    stored = await begin(intake, "a")
    said = stored.session.replace(
        story=(Saying(text="Ik ben er weer", lang="nl", at=START + 2 * DAY),)
    )
    await intake.database.run(lambda: sessions.save(stored, said, START + 2 * DAY))
    await until(clock, START, START + 6 * DAY)

    assert intake.happened == [("Reminded", "a", START + 5 * DAY)]


async def test_a_sent_request_is_neither_reminded_nor_expired(
    intake: Intake, clock: Ticking
) -> None:
    stored = await begin(intake, "a")
    sent = stored.session.replace(outcome=Outcome.SUBMITTED)
    await intake.database.run(lambda: sessions.save(stored, sent, START))
    await until(clock, START, START + 20 * DAY)

    assert intake.happened == []


async def test_a_session_that_makes_us_fall_stops_no_other(intake: Intake, clock: Ticking) -> None:
    for name in ("a", "b"):
        await begin(intake, name)
    intake.faults = {"a"}
    await until(clock, START + 3 * DAY, START + 3 * DAY + 2 * HOUR)

    assert intake.names == [("Reminded", "b")]

    intake.faults = set()
    await clock.tick(START + 3 * DAY + 3 * HOUR)

    assert intake.names == [("Reminded", "b"), ("Reminded", "a")]


async def test_who_comes_back_in_the_last_second_is_not_erased(
    intake: Intake, clock: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = await begin(intake, "a")
    at = START + EXPIRE_DAYS * DAY
    await clock.tick(at - HOUR)
    intake.happened.clear()
    home = stored.home
    read = intake.database.read
    found = await read(lambda: sessions.load(intake.vault, home))
    assert found is not None
    stored = found

    async def read_and_then_the_person_writes(make_work: object) -> object:
        due = await read(make_work)  # type: ignore[arg-type, var-annotated]  # any work
        if due:
            await intake.database.run(lambda: sessions.save(stored, stored.session, at))
        return due

    monkeypatch.setattr(intake.database, "read", read_and_then_the_person_writes)
    await clock.tick(at)

    assert intake.happened == []
    assert await read(lambda: sessions.load(intake.vault, stored.home)) is not None


@pytest.mark.parametrize("jump", [400 * DAY, 2 * DAY])
async def test_a_clock_that_jumps_erases_nothing_for_an_hour(
    intake: Intake, clock: Ticking, jump: timedelta
) -> None:
    await begin(intake, "a", START - EXPIRE_DAYS * DAY + DAY)
    await clock.tick(START)
    wrong = START + jump
    await until(clock, wrong, wrong + HOUR - timedelta(minutes=1), timedelta(minutes=1))

    assert ("Expired", "a") not in intake.names

    await clock.tick(START + HOUR)  # somebody set it right; again an hour
    await clock.tick(START + HOUR + timedelta(minutes=1), after=timedelta(minutes=1))

    assert ("Expired", "a") not in intake.names


async def test_who_starts_with_a_wrong_date_erases_and_forgets_nothing_for_an_hour(
    intake: Intake, clock: Ticking
) -> None:
    stored = await begin(intake, "a")
    await intake.database.run(lambda: updates.is_new(stored.chat, "1", START))
    wrong = START + 3650 * DAY
    await until(clock, wrong, wrong + HOUR - timedelta(minutes=1), timedelta(minutes=1))
    known = await intake.database.run(lambda: updates.is_new(stored.chat, "1", START))

    assert ("Expired", "a") not in intake.names
    assert not known


@pytest.mark.parametrize("later", [HOUR, 23 * HOUR])
async def test_the_hour_is_one_that_passes_and_not_one_that_the_wrong_clock_tells(
    intake: Intake, clock: Ticking, later: timedelta
) -> None:
    """The date is wrong at the start, and is set once more half a minute later."""
    await begin(intake, "a")
    wrong, half_minute = START + 3650 * DAY, timedelta(seconds=30)
    await clock.tick(wrong)
    await clock.tick(wrong + later, after=half_minute)

    assert ("Expired", "a") not in intake.names

    await clock.tick(wrong + later + half_minute, after=HOUR)

    assert intake.names[-1] == ("Expired", "a")


async def test_after_that_hour_the_new_date_is_believed(intake: Intake, clock: Ticking) -> None:
    await begin(intake, "a")
    await clock.tick(START)
    await until(clock, START + 30 * DAY, START + 30 * DAY + HOUR, timedelta(minutes=1))

    assert intake.names[-1] == ("Expired", "a")


async def test_numbers_of_updates_are_forgotten_after_three_days(
    intake: Intake, clock: Ticking
) -> None:
    chat = intake.vault.chat("telegram", "42", "a")
    new = await intake.database.run(lambda: updates.is_new(chat, "1", START))
    await until(clock, START, START + 2 * DAY)
    known = await intake.database.run(lambda: updates.is_new(chat, "1", START + 2 * DAY))
    await until(clock, START + 2 * DAY, START + 4 * DAY)
    forgotten = await intake.database.run(lambda: updates.is_new(chat, "1", START + 4 * DAY))

    assert (new, known, forgotten) == (True, False, True)


async def test_the_outbox_is_woken_by_a_reminder(intake: Intake, tmp_path: Path) -> None:
    woken: list[int] = []
    clock = Clock(
        intake=intake, files=tmp_path, passed_s=count().__next__, wake=lambda: woken.append(1)
    )
    await begin(intake, "a")
    await clock.tick(START)
    assert woken == []
    await clock.tick(START + 3 * DAY)

    assert woken == [1]
    assert intake.names == [(Reminded.__name__, "a")]


async def test_a_tick_survives_a_database_that_is_away(intake: Intake, clock: Ticking) -> None:
    await begin(intake, "a")
    await intake.database.close()
    await clock.tick(START + 3 * DAY)

    assert intake.happened == []
