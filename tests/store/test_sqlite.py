"""What SQLite does in its own way: works together on the disk, and apart when one fails."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from intakebot.store import counters
from intakebot.store import queries as q
from intakebot.store import sqlite as store_sqlite
from intakebot.store.problems import Unavailable
from intakebot.store.sqlite import BATCH_MAX, COPIED_AFTER, MEMORY, Sqlite, open_sqlite
from intakebot.store.work import Work
from tests.outbox.house import eventually
from tests.store.counting import DAY, count, numbers
from tests.store.faults import Crash, Faults
from tests.store.raw import rows


async def test_works_that_wait_share_one_commit(sqlite: Sqlite, faults: Faults) -> None:
    faults.arm(after=1_000_000)

    await asyncio.gather(*(sqlite.run(count(f"n{n}")) for n in range(BATCH_MAX)))

    assert faults.done.count("COMMIT") == 1
    assert len(await numbers(sqlite)) == BATCH_MAX


async def test_what_was_written_is_copied_to_the_file_while_nobody_waits(
    path: Path, sqlite: Sqlite, faults: Faults
) -> None:
    """Else a COMMIT does it for a thousand pages at once, and the turns in it wait for that."""
    faults.arm(after=1_000_000)
    for nth in range(COPIED_AFTER):
        await sqlite.run(count(f"n{nth}"))
    await eventually(lambda: sqlite._writing is None)

    assert [it for it in faults.done if "checkpoint" in it] == ["PRAGMA wal_checkpoint(PASSIVE)"]
    alone = path.with_name("without-its-log.db")
    await asyncio.to_thread(shutil.copy, path, alone)
    found = await open_sqlite(alone)
    assert len(await numbers(found)) == COPIED_AFTER
    await found.close()


async def test_a_fault_while_copying_costs_nobody_anything(sqlite: Sqlite, faults: Faults) -> None:
    for nth in range(COPIED_AFTER - 1):
        await sqlite.run(count(f"n{nth}"))
    loop, meanwhile = asyncio.get_running_loop(), asyncio.Event()

    def before(sql: str) -> None:
        if "checkpoint" in sql:
            faults.before = None
            faults.disarm()
            loop.call_soon_threadsafe(meanwhile.set)
            time.sleep(0.05)  # on the thread of the disk; the loop goes on
            raise sqlite3.OperationalError("disk I/O error")

    faults.before = before
    await sqlite.run(count("last"))
    await meanwhile.wait()
    async with asyncio.timeout(5):
        await sqlite.run(count("meanwhile"))

    assert len(await numbers(sqlite)) == COPIED_AFTER + 1


@pytest.mark.parametrize("fault", [sqlite3.OperationalError("disk I/O error"), Crash()])
async def test_whatever_breaks_at_any_statement_nothing_is_kept_by_halves(
    path: Path, fault: BaseException
) -> None:
    """BEGIN, SAVEPOINT, the statements, RELEASE and COMMIT: the fault strikes each in turn."""
    for after in range(100):
        faults = Faults()
        database = await open_sqlite(path, connect=faults.connect)
        faults.arm(after, fault)
        try:
            await database.run(count(f"a{after}", 3))
        except (Unavailable, Crash):
            acknowledged = False
        else:
            acknowledged = True
        faults.disarm()
        kept = (await numbers(database)).get(f"a{after}", 0)
        await database.close()
        assert kept == (3 if acknowledged else 0)
        if acknowledged:
            break
    assert after == 7


async def test_a_fault_of_the_disk_costs_the_work_that_met_it_and_no_other(
    sqlite: Sqlite,
) -> None:
    """The page limit is hit by one fat work; the others of its batch are done again alone."""

    def fat() -> Work[None]:
        yield q.add_canary(kid="fat", sealed=bytes(5_000_000))

    await rows(sqlite, "PRAGMA max_page_count = 600")

    results = await asyncio.gather(
        *map(sqlite.run, [count("a"), count("b")]), sqlite.run(fat), return_exceptions=True
    )

    assert results[:2] == ["a", "b"]
    assert isinstance(results[2], Unavailable)
    assert str(results[2]) == "SQLITE_FULL"
    assert await numbers(sqlite) == {"a": 1, "b": 1}


async def test_nobody_hears_of_a_result_before_it_is_on_the_disk(path: Path) -> None:
    order: list[str] = []
    faults = Faults()
    database = await open_sqlite(path, connect=faults.connect)
    faults.arm(after=1_000_000)

    async def ask(name: str) -> None:
        await database.run(count(name))
        order.append(f"{name} after {faults.done[-1]}")

    await asyncio.gather(ask("a"), ask("b"))
    await database.close()

    assert order == ["a after COMMIT", "b after COMMIT"]


async def test_a_caller_that_goes_away_during_the_commit_loses_nothing(
    sqlite: Sqlite,
) -> None:
    gone = asyncio.create_task(sqlite.run(count("gone", 1_000)))
    await asyncio.sleep(0.002)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)

    await sqlite.run(count("after"))

    assert (await numbers(sqlite)).get("gone", 1_000) == 1_000, "all of it, or nothing"


async def test_a_caller_that_goes_away_during_a_read_is_waited_for_by_who_writes() -> None:
    """In memory both have one connection, and the thread is still in the middle of the read."""
    database = await open_sqlite(MEMORY)
    looking, may_end = threading.Event(), threading.Event()

    def long() -> Work[None]:
        looking.set()
        may_end.wait(10)
        yield from counters.between(DAY, DAY)

    gone = asyncio.create_task(database.read(long))
    await asyncio.to_thread(looking.wait, 10)
    gone.cancel()
    after = asyncio.create_task(database.run(count("after")))
    await asyncio.sleep(0.02)
    may_end.set()

    assert await after == "after"
    assert gone.cancelled()
    await database.close()


async def test_a_caller_that_goes_away_while_the_log_is_wiped_is_waited_for_by_who_writes(
    sqlite: Sqlite, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiping, may_end = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> bool:
        connection.execute("BEGIN")
        wiping.set()
        may_end.wait(10)
        connection.execute("ROLLBACK")
        return True

    monkeypatch.setattr(store_sqlite, "_checkpoint", slow)
    gone = asyncio.create_task(sqlite.checkpoint())
    await asyncio.to_thread(wiping.wait, 10)
    gone.cancel()
    after = asyncio.create_task(sqlite.run(count("after")))
    await asyncio.sleep(0.02)
    may_end.set()

    assert await after == "after"


async def test_a_lock_that_comes_between_costs_only_those_who_meet_it(
    path: Path, faults: Faults
) -> None:
    """The commit of a batch fails and another process is quicker: then each hears it is locked."""
    faults.impatient = True
    database = await open_sqlite(path, connect=faults.connect)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def fails_once(sql: str) -> None:
        if sql == "COMMIT":
            faults.before = None
            raise sqlite3.OperationalError("disk I/O error")

    faults.before = fails_once
    faults.after_rollback = lambda: other.execute("BEGIN IMMEDIATE")

    results = await asyncio.gather(
        *map(database.run, [count("a"), count("b")]), return_exceptions=True
    )

    assert [str(it) for it in results] == ["SQLITE_BUSY", "SQLITE_BUSY"]
    faults.after_rollback = lambda: None
    other.execute("ROLLBACK")
    other.close()
    assert await numbers(database) == {}
    await database.close()


async def test_another_process_that_writes_is_waited_for(path: Path, faults: Faults) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    database = await open_sqlite(path, connect=faults.connect)
    other.execute("BEGIN IMMEDIATE")
    asked = asyncio.create_task(database.run(count("a")))
    await asyncio.sleep(0.2)
    assert not asked.done()
    other.execute("COMMIT")
    other.close()

    assert await asked == "a"
    await database.close()


async def test_another_process_that_writes_too_long_makes_it_unavailable(path: Path) -> None:
    faults = Faults()
    faults.impatient = True
    other = sqlite3.connect(path, isolation_level=None)
    database = await open_sqlite(path, connect=faults.connect)
    other.execute("BEGIN IMMEDIATE")

    results = await asyncio.gather(
        *(database.run(count(f"n{n}")) for n in range(20)), return_exceptions=True
    )

    assert {str(it) for it in results} == {"SQLITE_BUSY"}
    assert await numbers(database) == {}, "reading goes on"
    other.execute("ROLLBACK")
    other.close()
    assert await database.run(count("after")) == "after"
    await database.close()


COUNTING = """
import asyncio, sys
from datetime import date
from intakebot.store import counters
from intakebot.store.sqlite import open_sqlite

async def main():
    database = await open_sqlite(sys.argv[1])
    for n in range(10):
        await asyncio.gather(*(
            database.run(lambda: counters.add(date(2026, 11, 23), None, "both")) for _ in range(10)
        ))
    await database.close()

asyncio.run(main())
"""


def test_two_processes_on_one_file_lose_nothing(path: Path, root: Path) -> None:
    command = [sys.executable, "-c", COUNTING, str(path)]
    one, two = (subprocess.Popen(command, cwd=root) for _ in range(2))
    assert (one.wait(60), two.wait(60)) == (0, 0)

    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count FROM counters").fetchall() == [(200,)]
    connection.close()


async def test_a_reader_sees_one_moment(sqlite: Sqlite, path: Path) -> None:
    """What is written between two of its statements is not seen by the second."""
    other = sqlite3.connect(path, isolation_level=None)

    def twice() -> Work[tuple[int, int]]:
        before = yield q.counters_between(first="2026-11-23", last="2026-11-23")
        other.execute("INSERT INTO counters VALUES ('2026-11-23', '', 'new', 1)")
        after = yield q.counters_between(first="2026-11-23", last="2026-11-23")
        return len(before), len(after)

    other_thread = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.close()
    other = other_thread

    assert await sqlite.read(twice) == (0, 0)
    other.close()


async def test_everything_can_be_in_memory() -> None:
    database = await open_sqlite(MEMORY)

    await database.run(count("a"))

    assert await numbers(database) == {"a": 1}
    await database.close()


async def test_a_closed_database_says_so_and_closes_again(path: Path) -> None:
    database = await open_sqlite(path)
    begun = asyncio.create_task(database.run(count("a")))
    await asyncio.sleep(0)

    await database.close()

    assert await begun == "a", "what was begun is finished"
    with pytest.raises(Unavailable):
        await database.run(count("b"))
    with pytest.raises(Unavailable):
        await database.read(count("b"))
    await database.close()


async def test_the_settings_that_the_promises_rest_on(sqlite: Sqlite) -> None:
    def settings(connection: sqlite3.Connection) -> dict[str, object]:
        names = (
            "journal_mode",
            "synchronous",
            "foreign_keys",
            "busy_timeout",
            "trusted_schema",
            "secure_delete",
        )
        return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names}

    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "secure_delete": 1,
    }

    # The loop itself never waits for another process; a thread does.
    assert await sqlite._writer.do(settings) == {**expected, "busy_timeout": 0}
    assert await sqlite._reader.do(settings) == {**expected, "busy_timeout": 5000}


async def test_the_files_are_for_their_owner_alone(sqlite: Sqlite, path: Path) -> None:
    await sqlite.run(count("a"))

    for file in path.parent.glob("intakebot.db*"):
        assert oct(file.stat().st_mode & 0o077) == "0o0", file.name


async def test_a_disk_that_fails_while_wiping_makes_it_unavailable(
    sqlite: Sqlite, faults: Faults
) -> None:
    faults.arm(1, sqlite3.OperationalError("disk I/O error"))

    with pytest.raises(Unavailable):
        await sqlite.checkpoint()
