"""What only PostgreSQL does: several processes at once, each with a `Database` of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from intakebot.store import audit, outgoing, postgres, schema, sessions, updates
from intakebot.store import queries as q
from intakebot.store.postgres import Postgres, migrate, open_postgres
from intakebot.store.problems import Refused, StoreProblem, Unavailable, told
from intakebot.store.vault import Vault
from intakebot.store.work import Work
from tests.postgres import execute, on_a_thread
from tests.store.builders import NOW, a_message, begin
from tests.store.counting import count, numbers
from tests.store.raw import rows, script

NOWHERE = "postgresql://nobody:secret@/none?host=/tmp/no-server-here"

# As a restart of the server does.
END_CONNECTIONS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = 'intakebot' AND datname = current_database()"""
RENUMBER = "UPDATE alembic_version SET version_num = :version"


@pytest.fixture
async def two(postgres_address: str) -> AsyncIterator[tuple[Postgres, Postgres]]:
    """Two processes' worth of databases on one server."""
    both = await open_postgres(postgres_address), await open_postgres(postgres_address)
    yield both
    for database in both:
        await database.close()


def turn(vault: Vault, seen: list[str], who: str) -> Callable[[], Work[bool]]:
    """A turn of one chat; *seen* tells who was at work in it."""
    chat = vault.chat("telegram", "7", "4242")

    def work() -> Work[bool]:
        yield from sessions.alone_in(chat)
        seen.append(f"{who} in")
        fresh = yield from updates.is_new(chat, "1", NOW)
        for _ in range(3):
            yield from sessions.open_in(vault, chat)
        seen.append(f"{who} out")
        return fresh

    return work


async def test_the_same_update_at_two_processes_counts_once(
    two: tuple[Postgres, Postgres], vault: Vault
) -> None:
    for nth in range(10):
        await script(two[0], "DELETE FROM updates")
        seen: list[str] = []
        works = [database.run(turn(vault, seen, f"{nth}")) for database in two * 2]

        assert sorted(await asyncio.gather(*works)) == [False, False, False, True]


async def test_two_processes_take_turns_in_a_chat(
    two: tuple[Postgres, Postgres], vault: Vault
) -> None:
    seen: list[str] = []
    works = [database.run(turn(vault, seen, f"{nth}")) for nth, database in enumerate(two * 3)]
    await asyncio.gather(*works)

    assert len(seen) == 12
    for entered, left in zip(seen[::2], seen[1::2], strict=True):
        assert entered.split()[0] == left.split()[0], seen


async def test_who_waits_for_a_chat_sees_what_the_one_before_did(
    two: tuple[Postgres, Postgres], vault: Vault
) -> None:
    """Each turn reads and saves; without the lock most of them would be told of a conflict."""
    stored = await two[0].run(lambda: begin(vault))

    def save() -> Work[int]:
        yield from sessions.alone_in(stored.home)
        found = yield from sessions.load(vault, stored.home)
        assert found is not None
        return (yield from sessions.save(found, found.session, NOW)).seq

    seqs = await asyncio.gather(*(database.run(save) for database in two * 10))

    assert sorted(seqs) == list(range(2, 22))


async def test_two_outboxes_claim_each_message_once(
    two: tuple[Postgres, Postgres], vault: Vault
) -> None:
    for nth in range(20):
        stored = await two[0].run(lambda n=nth: begin(vault, f"s{n}", f"{n}"))  # type: ignore[misc]  # mypy does not see the default
        await two[0].run(
            lambda s=stored: outgoing.add(s.chat, s, a_message(), dkey="a", at=NOW)  # type: ignore[misc]  # idem
        )

    def claim(owner: str) -> Work[tuple[outgoing.Claimed, ...]]:
        until = NOW + timedelta(seconds=30)
        return outgoing.claim(
            vault, "telegram", "7", owner=owner, now=NOW, lease_until=until, count=3
        )

    claimed = await asyncio.gather(
        *(database.run(lambda n=n: claim(f"{n}")) for n, database in enumerate(two * 4))  # type: ignore[misc]  # idem
    )

    chats = [it.chat.key for part in claimed for it in part]
    assert len(chats) == len(set(chats)) == 20
    assert max(len(part) for part in claimed) == 3, "no more than was asked"


async def test_the_chain_of_the_audit_holds_whoever_writes(
    two: tuple[Postgres, Postgres], vault: Vault
) -> None:
    def row() -> Work[None]:
        yield from audit.append(vault, at=NOW, actor="x", action="view", session=None)

    await asyncio.gather(*(database.run(row) for database in two * 10))

    assert await two[0].read(lambda: audit.verify(vault)) == ()
    head = await two[0].read(audit.head)
    assert head is not None
    assert head.seq == 20


async def test_of_two_in_each_others_way_both_are_done(two: tuple[Postgres, Postgres]) -> None:
    walks: list[int] = []

    def cross(first: int, second: int) -> Callable[[], Work[None]]:
        def work() -> Work[None]:
            yield q.lock_chat(lock=first)
            walks.append(first)
            while len(walks) < 2:  # until the other has its first lock too
                yield q.scope(member="")
            yield q.lock_chat(lock=second)
            yield from count("done")()

        return work

    await asyncio.gather(two[0].run(cross(1, 2)), two[1].run(cross(2, 1)))

    assert await numbers(two[0]) == {"done": 2}
    assert len(walks) == 3, "one of them was stopped, and walked again"


async def test_a_row_that_another_wrote_first_is_no_mistake_of_ours(
    two: tuple[Postgres, Postgres], postgres_address: str
) -> None:
    walks: list[int] = []

    def work() -> Work[None]:
        walks.append(len(walks))
        if len(walks) == 2:
            on_a_thread(
                execute(
                    postgres_address,
                    "INSERT INTO members (member, login, name, made_at) VALUES ('m', 'm', 'm', 1)",
                )
            )
        yield q.add_membership(member="m", queue="x")

    await two[0].run(work)

    assert walks == [0, 1]


async def test_a_lock_that_is_held_too_long_makes_it_unavailable(
    postgres_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres.SETTINGS, "lock_timeout", "50ms")
    database = await open_postgres(postgres_address)
    other = await asyncpg.connect(postgres_address)
    await other.execute("SELECT pg_advisory_lock(7)")

    def locked() -> Work[None]:
        yield q.lock_chat(lock=7)

    with pytest.raises(Unavailable, match="LockNotAvailable"):
        await database.run(locked)
    await other.close()
    await database.run(locked)
    await database.close()


async def test_a_server_that_falls_makes_it_unavailable_and_it_recovers(
    postgres_address: str,
) -> None:
    database = await open_postgres(postgres_address)

    def half() -> Work[None]:
        yield from count("half")()
        on_a_thread(execute(postgres_address, END_CONNECTIONS))
        yield from count("half")()

    with pytest.raises(Unavailable):
        await database.run(half)

    assert await database.run(count("whole")) == "whole"
    assert await numbers(database) == {"whole": 1}, "nothing is kept by halves"
    await database.close()


async def test_what_is_acknowledged_is_on_the_disk_whatever_the_server_is_set_to(
    postgres_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres.SETTINGS, "synchronous_commit", "off")
    database = await open_postgres(postgres_address)

    [row] = await rows(database, "SELECT current_setting('synchronous_commit') AS setting")

    assert row["setting"] == "on"
    await database.close()


async def test_a_refusal_tells_no_values(two: tuple[Postgres, Postgres]) -> None:
    def strange() -> Work[None]:
        yield q.add_membership(member="Marsupilami", queue="x")

    def unfit() -> Work[None]:
        yield q.forget_updates(before="Marsupilami", count=9)

    for work in (strange, unfit):
        with pytest.raises(Refused) as refused:
            await two[0].run(work)
        assert "Marsupilami" not in str(refused.value)


async def test_what_was_erased_is_wiped_from_the_table_of_keys(
    two: tuple[Postgres, Postgres], vault: Vault
) -> None:
    await two[0].run(lambda: begin(vault))
    await script(two[0], "DELETE FROM session_keys")

    assert await two[0].checkpoint()

    [row] = await rows(two[0], "SELECT pg_relation_size('session_keys') AS bytes")
    assert row["bytes"] == 0


async def test_a_server_that_is_not_there_is_one_sentence(postgres_address: str) -> None:
    for start in (open_postgres, migrate):
        with pytest.raises(StoreProblem, match="Look whether the server runs") as problem:
            await start(NOWHERE)
        assert "secret" not in str(problem.value)
        assert problem.value.where == "postgresql://socket/none"
    assert told(postgres_address).startswith("postgresql://socket/intakebot_test_")


async def test_a_certificate_that_is_not_named_is_told_with_what_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # else it is looked for there
    missing = f"{NOWHERE}&sslmode=verify-full"
    for start in (open_postgres, migrate):
        with pytest.raises(StoreProblem, match="sslrootcert=") as problem:
            await start(missing)
        assert "secret" not in str(problem.value)


async def test_a_database_of_another_program_is_refused(postgres_address: str) -> None:
    database = await open_postgres(postgres_address)
    for version, what in (("9999", "does not know"), ("0001", "this program needs")):
        await rows(database, RENUMBER, version=version)
        with pytest.raises(StoreProblem, match=what):
            await open_postgres(postgres_address)
    await rows(database, RENUMBER, version="9999")
    with pytest.raises(StoreProblem, match="Start the newer program"):
        await migrate(postgres_address)
    await rows(database, RENUMBER, version=schema.HEAD)
    await database.close()


async def test_a_library_that_is_at_a_loss_means_not_now() -> None:
    """It says so when the server ends a connection between two messages; the update comes again."""
    with pytest.raises(Unavailable, match="InternalClientError"):
        async with postgres._reachable():
            raise asyncpg.InternalClientError("cannot switch to state 12")
