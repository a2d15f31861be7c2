"""One update, from first to last statement: the building blocks of exactly once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from intakebot.store import erasure, outgoing, requests, sessions, updates
from intakebot.store import queries as q
from intakebot.store.database import Database
from intakebot.store.problems import Conflict
from intakebot.store.sqlite import open_sqlite
from intakebot.store.vault import Vault
from intakebot.store.work import Work
from tests.store.builders import NOW, a_message, a_request, a_session, begin
from tests.store.faults import Crash, Faults
from tests.store.raw import rows


def turn(vault: Vault, update: str) -> Callable[[], Work[bool]]:
    """What `intake.receive` does for a message that ends in a request."""
    chat = vault.chat("telegram", "7", "4242")

    def work() -> Work[bool]:
        if not (yield from updates.is_new(chat, update, NOW)):
            return False
        stored = yield from sessions.open_in(vault, chat)
        if stored is None:
            stored = yield from sessions.create(vault, chat, a_session(), NOW)
        yield from outgoing.add(chat, stored, a_message(), dkey=f"{update}:0", at=NOW)
        yield from outgoing.add(chat, stored, a_message("Goed."), dkey=f"{update}:1", at=NOW)
        yield from requests.insert(vault, stored, a_request(), NOW)
        yield from sessions.save(stored, replace(stored.session, turn=1), NOW)
        return True

    return work


async def state(database: Database, vault: Vault) -> dict[str, object]:
    """Everything that an inhabitant or a member could notice."""

    def counted() -> Work[dict[str, object]]:
        stored = yield from sessions.open_in(vault, vault.chat("telegram", "7", "4242"))
        assert stored is not None
        rows = yield q.audit_after(after=0, count=100)
        seen = yield from requests.of_session(vault, stored, NOW)
        assert seen is not None
        messages = yield from outgoing.claim(
            vault, "telegram", "7", owner="x", now=NOW, lease_until=NOW, count=10
        )
        return {
            "session": stored.session,
            "seq": stored.seq,
            "messages": [(it.nth, it.dkey, it.message) for it in messages],
            "audit": [row["action"] for row in rows],
            "request": seen.request,
        }

    return await database.run(counted)


async def test_a_turn_that_dies_after_any_statement_and_comes_again_ends_the_same(
    path: Path, vault: Vault
) -> None:
    database = await open_sqlite(path)
    assert await database.run(turn(vault, "1"))
    expected = await state(database, vault)

    def away() -> Work[None]:
        stored = yield from sessions.open_in(vault, vault.chat("telegram", "7", "4242"))
        assert stored is not None
        yield from erasure.erase(vault, stored.home, why="test", actor="system", at=NOW)
        yield q.forget_updates(before=2**60, count=9)

    await database.close()
    after, died = 0, True
    while died:
        faults = Faults()
        database = await open_sqlite(path, connect=faults.connect)
        await database.run(away)
        await database._writer.do(_clean_slate)
        faults.arm(after)
        try:
            await database.run(turn(vault, "1"))
            died = False
        except Crash:
            died = True
        faults.disarm()
        await database.close()
        database = await open_sqlite(path, connect=faults.connect)  # the process starts again
        assert await database.run(turn(vault, "1")) is died, "delivered again"
        assert await database.run(turn(vault, "1")) is False, "and again"
        assert await state(database, vault) == expected
        await database.close()
        after += 1
    assert after == 23, "BEGIN, SAVEPOINT, 19 statements, RELEASE, COMMIT"


def _clean_slate(connection: object) -> None:
    """The audit and the ledger begin anew, so that every round looks the same."""
    connection.executescript(  # type: ignore[attr-defined]  # a sqlite3.Connection
        """DROP TRIGGER audit_is_never_shortened; DELETE FROM audit; DELETE FROM audit_heads;
        DELETE FROM erasures; CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'a row of the audit is never deleted'); END;"""
    )


async def test_an_update_counts_once(database: Database, vault: Vault) -> None:
    chat, other = vault.chat("telegram", "7", "42"), vault.chat("telegram", "8", "42")

    assert await database.run(lambda: updates.is_new(chat, "1", NOW))
    assert not await database.run(lambda: updates.is_new(chat, "1", NOW))
    assert await database.run(lambda: updates.is_new(chat, "2", NOW))
    assert await database.run(lambda: updates.is_new(other, "1", NOW)), "another bot"


async def test_an_update_is_known_for_72_hours(database: Database, vault: Vault) -> None:
    chat = vault.chat("telegram", "7", "42")
    await database.run(lambda: updates.is_new(chat, "1", NOW))

    assert await database.run(lambda: updates.forget_old(NOW + timedelta(hours=72))) == 0
    assert await database.run(lambda: updates.forget_old(NOW + timedelta(hours=73))) == 1
    assert await database.run(lambda: updates.is_new(chat, "1", NOW))


def files(path: Path) -> list[Path]:
    """The database, its log and its shared memory."""
    return sorted(path.parent.glob(f"{path.name}*"))


async def test_an_update_that_breaks_us_is_put_aside_sealed(
    database: Database, vault: Vault, path: Path
) -> None:
    chat = vault.chat("telegram", "7", "42")
    failed = [
        await database.run(lambda: updates.failed(vault, chat, "1", b"marsupilami", at=NOW))
        for _ in range(updates.ATTEMPTS_MAX)
    ]

    aside = await database.read(lambda: updates.put_aside(vault))

    assert failed == [1, 2, 3]
    assert [(it.update, it.raw) for it in aside] == [("1", b"marsupilami")]
    assert all(b"marsupilami" not in file.read_bytes() for file in files(path))


async def test_a_session_comes_back_as_it_was(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: begin(vault))

    again = await database.read(lambda: sessions.open_in(vault, stored.chat))

    assert again is not None
    assert (again.session, again.seq, again.home, again.chat) == (
        stored.session,
        1,
        stored.home,
        stored.chat,
    )
    assert await database.read(lambda: sessions.open_in(vault, vault.chat("web", "-", "x"))) is None


async def test_a_session_that_another_saved_is_not_written_over(
    database: Database, vault: Vault
) -> None:
    stored = await database.run(lambda: begin(vault))
    saved = await database.run(lambda: sessions.save(stored, stored.session, NOW))

    with pytest.raises(Conflict):
        await database.run(lambda: sessions.save(stored, stored.session, NOW))

    assert saved.seq == 2
    assert (await database.run(lambda: sessions.save(saved, stored.session, NOW))).seq == 3


async def test_reminded_after_three_days_and_expired_after_fourteen(
    database: Database, vault: Vault
) -> None:
    stored = await database.run(lambda: begin(vault))

    async def due(days: float) -> tuple[int, int]:
        now = NOW + timedelta(days=days)
        remind = await database.read(lambda: sessions.to_remind(vault, now))
        expire = await database.read(lambda: sessions.to_expire(vault, now))
        return len(remind), len(expire)

    assert [await due(2.9), await due(3), await due(13.9), await due(14)] == [
        (0, 0),
        (1, 0),
        (1, 0),
        (0, 1),
    ]
    at = NOW + timedelta(days=3)
    reminded = await database.run(lambda: sessions.save(stored, stored.session, at, touched=False))
    assert [await due(3), await due(14)] == [(0, 0), (0, 1)], "one reminder, the same end"
    await database.run(lambda: sessions.save(reminded, stored.session, at))
    assert [await due(5.9), await due(6), await due(14), await due(17)] == [
        (0, 0),
        (1, 0),
        (1, 0),
        (0, 1),
    ], "whoever goes on begins anew"


async def test_a_sent_story_is_not_reminded_and_does_not_expire(
    database: Database, vault: Vault
) -> None:
    stored = await database.run(lambda: begin(vault))
    sent = replace(stored.session, outcome="submitted")
    await database.run(lambda: sessions.save(stored, sent, NOW))

    later = NOW + timedelta(days=400)
    assert await database.read(lambda: sessions.to_remind(vault, later)) == ()
    assert await database.read(lambda: sessions.to_expire(vault, later)) == ()


async def test_a_web_chat_goes_on_with_a_session_of_telegram(
    database: Database, vault: Vault
) -> None:
    stored = await database.run(lambda: begin(vault))
    web = vault.chat("web", "-", "koekje")
    await database.run(lambda: sessions.bind(web, stored.home, NOW))

    found = await database.read(lambda: sessions.open_in(vault, web))
    assert found is not None
    assert (found.home, found.chat) == (stored.home, stored.chat)

    await database.run(lambda: sessions.unbind(web))
    assert await database.read(lambda: sessions.open_in(vault, web)) is None
    assert await database.read(lambda: sessions.open_in(vault, stored.chat)) is not None


async def test_open_stories_can_be_asked_again_after_an_outage(
    database: Database, vault: Vault
) -> None:
    for name in ("a", "b"):
        await database.run(lambda name=name: begin(vault, name, name))  # type: ignore[misc]  # mypy does not see the default

    hour = timedelta(hours=1)

    async def found(since: datetime, until: datetime) -> set[tuple[datetime, str]]:
        pairs = await database.read(
            lambda: sessions.waiting(vault, "telegram", "7", since=since, until=until)
        )
        return {(at, stored.home.session) for at, stored in pairs}

    assert await found(NOW - hour, NOW + hour) == {(NOW, "a"), (NOW, "b")}
    assert await found(NOW + hour, NOW + 2 * hour) == set()
    assert await found(NOW - hour, NOW) == set()

    chat = vault.chat("telegram", "7", "a")
    await database.run(lambda: sessions.mark_unreachable(chat, NOW))
    assert await found(NOW, NOW + hour) == {(NOW, "b")}


async def test_a_blocked_bot_is_noted_with_the_session(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: begin(vault))
    nobody = vault.chat("telegram", "7", "nobody")

    assert await database.run(lambda: sessions.mark_unreachable(stored.chat, NOW)) == stored.home
    assert await database.run(lambda: sessions.mark_unreachable(stored.chat, None)) == stored.home
    assert await database.run(lambda: sessions.mark_unreachable(nobody, NOW)) is None


async def test_what_was_said_in_telegram_is_forgotten_with_its_update(
    database: Database, vault: Vault
) -> None:
    """But not what stands between people, and what waits."""
    stored = await database.run(lambda: begin(vault))
    chat, later = stored.chat, NOW + timedelta(hours=73)

    def said() -> Work[None]:
        yield from updates.is_new(chat, "1", NOW)
        for nth, author in enumerate(("bot", "bot", "member", "bot", "bot")):
            yield from outgoing.add(
                chat, stored, a_message(), dkey=str(nth), at=NOW, author=author  # type: ignore[arg-type]  # each is one
            )  # fmt: skip

    def sends_the_first() -> Work[None]:
        claimed = yield from outgoing.claim(
            vault, "telegram", "7", owner="x", now=NOW, lease_until=NOW, count=1
        )
        yield from outgoing.mark_sent(claimed[0], "99")

    async def kept() -> list[str]:
        return [
            row["dkey"] for row in await rows(database, "SELECT dkey FROM messages ORDER BY nth")
        ]

    await database.run(said)
    for _ in range(4):
        await database.run(sends_the_first)
    assert await database.run(lambda: updates.forget_old(later - timedelta(hours=1))) == 0
    assert await kept() == ["0", "1", "2", "3", "4"]
    assert await database.run(lambda: updates.forget_old(later)) == 1

    assert await kept() == ["2", "4"]
