"""The disk is full, broken or without power, at every moment: nothing acknowledged is lost.

SQLite on a disk that fails at the n-th read, write or sync, for every n; and power cuts, after which of
what was not synced any sectors may be there.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from intakebot.core.events import Incoming
from intakebot.store import schema
from intakebot.store.problems import Unavailable
from intakebot.store.sqlite import Sqlite, open_sqlite
from tests.conversation import MONDAY
from tests.faults.disk import FULL, IOERR_FSYNC, IOERR_READ, IOERR_WRITE, Disk
from tests.faults.evidence import record
from tests.house.length import Progress, Share
from tests.intake.house import Counting, Person, a_vault, an_intake
from tests.intake.test_crash import SCRIPT, state

FAULTS = [
    ("write", FULL),
    ("write", IOERR_WRITE),
    ("sync", IOERR_FSYNC),
    ("read", IOERR_READ),
]
# Where the request is sent; in the short form only there.
SENDS = 9
STEPS_SHORT = 3
CUTS_SHORT, CUTS_LONG, CUTS_A_RUN = 20, 1_000, 10
CHATS = 6


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("disk") / "empty.db"
    schema.migrate(path)
    return path


def script() -> list[Incoming]:
    """The updates of one conversation."""
    person = Person(None, at=MONDAY)  # type: ignore[arg-type]  # only its updates are wanted
    return [person.incoming(event, str(number)) for number, event in enumerate(SCRIPT, start=1)]


def is_whole(path: Path) -> bool:
    """What SQLite itself says."""
    store = sqlite3.connect(path)
    try:
        return store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        store.close()


async def take_in(
    path: Path, incoming: list[Incoming], fault: tuple[str, int, int] | None = None
) -> bool:
    """Take these in; with a fault while the last of them comes, which then comes again.

    Gives whether the fault was met.
    """
    with Disk() as disk:
        database = await open_sqlite(path, connect=disk.connect)
        try:
            return await _taken_in(database, disk, incoming, fault)
        finally:
            disk.mend()
            await database.close()


async def _taken_in(
    database: Sqlite, disk: Disk, incoming: list[Incoming], fault: tuple[str, int, int] | None
) -> bool:
    chance, met = Counting(), False
    chance.references = chance.sessions = 50
    intake = an_intake(database, vault=a_vault(), chance=chance)
    for one in incoming[:-1]:
        await intake.receive(one)
    if fault is not None:
        made = chance.references, chance.sessions
        disk.fail(*fault)
        with contextlib.suppress(Unavailable):
            await intake.receive(incoming[-1])
        met = disk.mend() >= fault[1]
        chance.references, chance.sessions = made
    await intake.receive(incoming[-1])
    return met


@pytest.mark.faults
@pytest.mark.parametrize("fault", FAULTS, ids=["full", "write error", "sync error", "read error"])
async def test_a_fault_at_any_read_write_or_sync_leaves_no_half(
    empty: Path,
    tmp_path: Path,
    root: Path,
    fault: tuple[str, int],
    long: bool,  # noqa: FBT001 - a fixture
    progress: Progress,
) -> None:
    """The short form breaks only the sending of the request, and a third of its writes."""
    updates, faults, (operation, code) = script(), 0, fault
    places = range(1, len(updates) + 1) if long else (SENDS + 1,)
    for last in progress(f"updates with a {operation} that fails", places, len(places)):
        before = Path(shutil.copy(empty, tmp_path / f"before{last}.db"))
        if last > 1:
            await take_in(before, updates[: last - 1])
        whole = Path(shutil.copy(before, tmp_path / f"whole{last}.db"))
        await take_in(whole, updates[last - 1 : last])
        expected, nth, met = await state(whole), 1, True
        while met:
            broken = Path(shutil.copy(before, tmp_path / f"broken{last}-{nth}.db"))
            met = await take_in(broken, updates[last - 1 : last], (operation, nth, code))

            assert is_whole(broken)
            assert await state(broken) == expected, f"{operation} {nth}"
            faults += met
            nth += STEPS_SHORT if not long and operation == "write" else 1
        assert nth > 1
    if long:
        told = {"updates": len(updates), "faults": faults, "left half or broken": 0}
        record(root, f"SQLite: error {code} at the n-th {operation}, for every n", told)


@pytest.mark.faults
async def test_a_power_cut_loses_nothing_that_was_acknowledged(
    empty: Path,
    tmp_path: Path,
    root: Path,
    long: bool,  # noqa: FBT001 - a fixture
    share: Share,
    progress: Progress,
) -> None:
    """The long form takes some 0.2 s a cut: 4 minutes."""
    cuts, taken_in = 0, 0
    runs = share.part(CUTS_LONG // CUTS_A_RUN) if long else range(CUTS_SHORT // CUTS_A_RUN)
    for run in progress("runs with 10 power cuts each", runs, len(runs)):
        folder = tmp_path / f"run{run}"
        folder.mkdir()
        path = Path(shutil.copy(empty, folder / "intakebot.db"))
        for after, acknowledged in await until_cuts(path, random.Random(run), folder):  # noqa: S311 - the same chance in every run
            cuts += 1
            taken_in += len(acknowledged)

            assert is_whole(after)
            assert acknowledged <= known(after), f"run {run}"
    if long:
        record(
            root,
            share.title("Power cuts on SQLite"),
            {
                "seeds": f"{runs.start} to {runs.stop - 1}",
                "cuts": cuts,
                "lost": 0,
                "broken files": 0,
                "acknowledged before a cut, together": taken_in,
            },
        )

    assert cuts == len(runs) * CUTS_A_RUN
    assert taken_in > cuts


async def until_cuts(
    path: Path, chance: random.Random, folder: Path
) -> list[tuple[Path, set[str]]]:
    """Many people talk; at some moments we keep what a cut would leave, and what was acknowledged."""
    with Disk() as disk:
        return await _cut_while_talking(disk, path, chance, folder)


async def _cut_while_talking(
    disk: Disk, path: Path, chance: random.Random, folder: Path
) -> list[tuple[Path, set[str]]]:
    acknowledged, found = set[str](), list[tuple[Path, set[str]]]()
    moments = sorted(chance.sample(range(40, 700), CUTS_A_RUN))
    database = await open_sqlite(path, connect=disk.connect)
    done = 0

    def look() -> None:
        nonlocal done
        done += 1
        if moments and done >= moments[0]:
            moments.pop(0)
            after = folder / f"cut{len(found)}"
            after.mkdir()
            found.append((after / path.name, set(acknowledged)))
            disk.cut(after, chance)

    async def talk(number: int) -> None:
        for one in script():
            mine = one.replace(chat=str(number), update=f"{number}{int(one.update):03}")
            await intake.receive(mine)
            acknowledged.add(mine.update)

    try:
        intake = an_intake(database, vault=a_vault())
        disk.look = look
        await asyncio.gather(*(talk(number) for number in range(1, CHATS + 1)))
        while moments:
            await talk(done)
            await database.checkpoint()
    finally:
        disk.look = lambda: None
        await database.close()
    return found


def known(path: Path) -> set[str]:
    """The updates that the store knows."""
    store = sqlite3.connect(path)
    try:
        return {row[0] for row in store.execute("SELECT update_id FROM updates").fetchall()}
    finally:
        store.close()


async def test_a_store_that_does_not_sync_is_found_out(empty: Path, tmp_path: Path) -> None:
    """The negative control: with synchronous=OFF the same cuts lose what was acknowledged."""
    path = Path(shutil.copy(empty, tmp_path / "intakebot.db"))
    real = Disk.connect

    def careless(self: Disk, where: str) -> sqlite3.Connection:
        class Careless(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401 - passed on as they came
                sql = sql.replace("synchronous = FULL", "synchronous = OFF")
                return super().execute(sql, *values)

        uri = f"file:{where}?vfs={self.name}"
        return sqlite3.connect(
            uri, uri=True, isolation_level=None, factory=Careless, check_same_thread=False
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Disk, "connect", careless)
        found = await until_cuts(path, random.Random(1), tmp_path)  # noqa: S311 - the same chance in every run

    assert Disk.connect is real
    assert any(
        not is_whole(after) or not acknowledged <= known(after) for after, acknowledged in found
    )
