"""Erased means: a copy from before gives the story back, and one from after gives nothing."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from intakebot.core.session import Attachment
from intakebot.store import (
    attachments,
    audit,
    erasure,
    outgoing,
    paces,
    people,
    requests,
    ring,
    scoped,
    sessions,
    tables_beside,
    updates,
    ways_back,
)
from intakebot.store import queries as q
from intakebot.store.database import Database
from intakebot.store.paces import Rate
from intakebot.store.problems import Unreadable
from intakebot.store.sessions import Stored
from intakebot.store.sqlite import Sqlite, open_sqlite
from intakebot.store.vault import Vault
from intakebot.store.work import Work, micros
from tests.store.builders import NOW, STORY, a_domain, a_member, a_message, a_request, begin
from tests.store.raw import rows

VOICE = Attachment(id="spraak1", kind="voice", bytes=9, received_at=NOW, source="bron")
REFERENCE = "IB-7K3Q-9M2X"


def everything(vault: Vault) -> Work[Stored]:
    """A session with all that can hang on one."""
    stored = yield from begin(vault)
    chat = stored.chat
    yield from updates.is_new(chat, "1", NOW)
    yield from updates.failed(vault, chat, "2", b"marsupilami", at=NOW)
    yield from outgoing.add(chat, stored, a_message(STORY), dkey="1", at=NOW)
    yield from outgoing.add(chat, stored, a_message(STORY), dkey="2", at=NOW, author="inhabitant")
    yield from paces.take(
        *chat[:3], of_chat=Rate(per_s=1, burst=1), of_bot=Rate(per_s=1, burst=1), now=NOW
    )
    yield from attachments.add(stored, VOICE, NOW, state="stored")
    yield from ways_back.new_link(vault, stored, NOW)
    yield from ways_back.new_code(vault, stored, NOW)
    yield from sessions.bind(vault.chat("web", "-", "koekje"), stored.home, NOW)
    yield from people.put_member(a_member(), NOW)
    assert (yield from requests.insert(vault, stored, a_request(), NOW))
    yield q.add_translation(**stored.home.columns(), not_before=micros(NOW))
    yield from scoped.add_note(vault, "fatma", REFERENCE, STORY, at=NOW)
    return stored


def copied(path: Path, folder: Path) -> Path:
    """Database, log and shared memory as they lie on the disk now, as a thief would take them."""
    folder.mkdir()
    for file in path.parent.glob(f"{path.name}*"):
        shutil.copy(file, folder / file.name)
    return folder / path.name


def all_bytes(folder: Path) -> bytes:
    return b"".join(it.read_bytes() for it in sorted(folder.rglob("*")) if it.is_file())


async def story_in(path: Path, vault: Vault, stored: Stored) -> str | None:
    """What somebody with the key ring reads in a copy."""
    database = await open_sqlite(path)
    found = await database.read(lambda: sessions.load(vault, stored.home))
    await database.close()
    return None if found is None else found.session.story[0].text


async def test_a_copy_from_before_gives_the_story_back_and_one_from_after_gives_nothing(
    sqlite: Sqlite, vault: Vault, path: Path, tmp_path: Path
) -> None:
    files = tmp_path / "files"
    stored = await sqlite.run(lambda: everything(vault))
    attachments.write_file(files, stored.key, VOICE.id, b"gesproken")
    before = copied(path, tmp_path / "before")
    [wrapped] = await sqlite._writer.do(
        lambda c: c.execute(
            "SELECT kid, wrapped, sealed FROM session_keys JOIN sessions"
        ).fetchall()
    )
    sealed = [bytes(wrapped["wrapped"]), bytes(wrapped["sealed"])]
    assert all(it in all_bytes(tmp_path / "before") for it in sealed)

    gone = await sqlite.run(
        lambda: erasure.erase(vault, stored.home, why="thrown_away", actor="inhabitant", at=NOW)
    )
    assert gone
    assert await erasure.sweep(sqlite, files, NOW)
    after = copied(path, tmp_path / "after")

    assert await story_in(before, vault, stored) == STORY
    assert await story_in(after, vault, stored) is None
    assert not any(it in all_bytes(tmp_path / "after") for it in sealed), "not even the noise"
    assert [it for it in files.rglob("*") if it.is_file()] == []
    assert await erasure.orphans(sqlite, files) == ()


async def test_nothing_hangs_on_after_an_erasure(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: everything(vault))
    filled = await rows_by_table(database)

    await database.run(
        lambda: erasure.erase(vault, stored.home, why="asked", actor="operator", at=NOW)
    )

    left = {table: n for table, n in (await rows_by_table(database)).items() if n}
    assert left == {
        "alembic_version": 1,
        "audit": filled["audit"] + 1,
        "audit_heads": 1,
        "erasures": 1,
        "members": 1,
        "memberships": 1,
        "paces": 1,  # of the bot
        "updates": 1,
    }
    empty = {table for table, n in filled.items() if not n}
    assert empty == {
        "canaries",
        "counters",
        "erasures",
        "lines",
        "revisions",
        "signin_links",
        "staff_sessions",
        "tries",
    }, "this test fills every table that can hold something of an inhabitant"
    assert [it.action for it in await database.read(lambda: audit.about(vault, "sessie1"))][-1] == (
        "erase"
    )


async def rows_by_table(database: Database) -> dict[str, int]:
    tables = ("alembic_version", *tables_beside.metadata.tables)
    count = "SELECT COUNT(*) AS count FROM {}"
    return {it: (await rows(database, count.format(it)))[0]["count"] for it in tables}


async def test_erasing_twice_is_erasing_once(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: everything(vault))

    def erase() -> Work[bool]:
        return erasure.erase(vault, stored.home, why="asked", actor="operator", at=NOW)

    assert await database.run(erase)
    assert not await database.run(erase)


async def test_a_crash_between_erasing_and_wiping_is_made_good_at_the_next_start(
    path: Path, vault: Vault, tmp_path: Path
) -> None:
    """The process dies with the deleted rows still in the log; the next one begins by wiping."""
    files = tmp_path / "files"
    database = await open_sqlite(path)
    stored = await database.run(lambda: everything(vault))
    attachments.write_file(files, stored.key, VOICE.id, b"gesproken")
    [row] = await rows(database, "SELECT wrapped FROM session_keys")
    await database.run(
        lambda: erasure.erase(vault, stored.home, why="asked", actor="operator", at=NOW)
    )
    died = copied(path, tmp_path / "died")
    await database.close()
    assert row["wrapped"] in all_bytes(tmp_path / "died"), "it is still in the log"

    again = await open_sqlite(died)
    assert row["wrapped"] not in all_bytes(tmp_path / "died")
    assert await erasure.orphans(again, files) == ("file spraak1",)
    assert await erasure.sweep(again, files, NOW)
    assert await erasure.orphans(again, files) == ()
    await again.close()


async def test_a_reader_that_holds_up_the_wiping_is_waited_for(
    sqlite: Sqlite, vault: Vault, path: Path, tmp_path: Path
) -> None:
    """The ledger remembers what is not wiped yet."""
    stored = await sqlite.run(lambda: everything(vault))
    reader = await open_sqlite(path)
    await reader._reader.do(lambda c: c.execute("BEGIN").fetchall())
    await reader._reader.do(lambda c: c.execute("SELECT COUNT(*) FROM sessions").fetchall())
    await sqlite.run(
        lambda: erasure.erase(vault, stored.home, why="asked", actor="operator", at=NOW)
    )

    assert not await erasure.sweep(sqlite, tmp_path, NOW)

    await reader._reader.do(lambda c: c.execute("COMMIT").fetchall())
    assert await erasure.sweep(sqlite, tmp_path, NOW)
    assert await erasure.sweep(sqlite, tmp_path, NOW), "nothing left to do"
    await reader.close()


async def test_parts_go_when_their_retention_ends_and_the_last_takes_the_request(
    database: Database, vault: Vault
) -> None:
    """housing is kept 30 days, money 60; `dreiging` belongs to both, `schulden` to money."""
    housing = a_domain("huisvesting", "dreiging", 30)
    money = a_domain("financien", "schulden", 60)
    both = a_domain("juridisch", "dreiging", 60)
    stored = await database.run(lambda: begin(vault))
    await database.run(lambda: people.put_member(a_member(), NOW))
    await database.run(
        lambda: requests.insert(vault, stored, a_request(domains=(housing, money, both)), NOW)
    )
    await database.run(
        lambda: scoped.close(vault, "fatma", REFERENCE, version=1, outcome="plan", at=NOW)
    )

    async def retired(days: int) -> int:
        return await database.run(lambda: erasure.end_retention(vault, NOW + timedelta(days=days)))

    assert await retired(29) == 0
    assert await retired(30) == 1
    seen = await database.run(lambda: scoped.view(vault, "fatma", REFERENCE, NOW))
    kept = await database.read(lambda: sessions.load(vault, stored.home))
    assert seen is not None
    assert kept is not None
    assert seen.opened.request.domains == (money, both)
    assert seen.opened.request.summary_nl == ""
    assert seen.opened.listed.card.domains == ("financien", "juridisch")
    assert [(it.question, it.value) for it in kept.session.answers] == [
        ("domeinen", ("financien",)),
        ("dreiging", "ontruiming"),
        ("schulden", "ja"),
    ], "what belongs to another part too stays with it"

    assert await retired(60) == 2
    assert await database.run(lambda: scoped.view(vault, "fatma", REFERENCE, NOW)) is None
    assert await database.read(lambda: sessions.load(vault, stored.home)) is None
    actions = [it.action for it in await database.read(lambda: audit.about(vault, "sessie1"))]
    assert actions[-2:] == ["erase_part", "erase"]


async def test_a_request_without_domains_is_kept_for_the_usual_time(
    database: Database, vault: Vault
) -> None:
    stored = await database.run(lambda: begin(vault))
    await database.run(lambda: requests.insert(vault, stored, a_request(domains=()), NOW))
    await database.run(lambda: requests.withdraw(vault, stored, "Ingetrokken.", NOW))

    days = requests.RETENTION_DAYS_DEFAULT
    early, late = NOW + timedelta(days=days - 1), NOW + timedelta(days=days)
    assert await database.run(lambda: erasure.end_retention(vault, early)) == 0
    assert await database.run(lambda: erasure.end_retention(vault, late)) == 1
    assert await database.read(lambda: sessions.load(vault, stored.home)) is None


async def test_a_restored_backup_is_cleaned_by_the_ledger(
    path: Path, vault: Vault, tmp_path: Path
) -> None:
    """The ledger is what survives; here it is written into the older copy."""
    database = await open_sqlite(path)
    stored = await database.run(lambda: everything(vault))
    await database.close()
    restored = await open_sqlite(copied(path, tmp_path / "restored"))
    await rows(restored, "INSERT INTO erasures VALUES ('sessie1', 'asked', 1, '', 2)")
    assert await erasure.orphans(restored, tmp_path / "none") == (
        "session sessie1 is in the ledger of erasures",
    )

    assert await restored.run(lambda: erasure.erase_again(vault, NOW)) == 1

    assert await restored.read(lambda: sessions.load(vault, stored.home)) is None
    assert await erasure.orphans(restored, tmp_path / "none") == ()
    await restored.close()


async def test_without_its_key_a_session_is_noise(database: Database, vault: Vault) -> None:
    """A backup without the table of keys gives nothing, even with the key ring."""
    stored = await database.run(lambda: begin(vault))
    await rows(database, "DELETE FROM session_keys")

    assert await database.read(lambda: sessions.load(vault, stored.home)) is None
    assert await erasure.orphans(database, Path("none")) == ("session sessie1 has no key",)


async def test_files_are_sealed_bounded_to_their_session_and_read_back(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    stored = await database.run(lambda: begin(vault))
    other = await database.run(lambda: begin(vault, "b", "b"))
    attachments.write_file(tmp_path, stored.key, "spraak1", b"gesproken")
    file = attachments.path_of(tmp_path, "spraak1")

    assert attachments.read_file(tmp_path, stored.key, "spraak1") == b"gesproken"
    assert b"gesproken" not in all_bytes(tmp_path)
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert oct(file.parent.stat().st_mode & 0o777) == "0o700"
    with pytest.raises(Unreadable):
        attachments.read_file(tmp_path, other.key, "spraak1")
    with pytest.raises(AssertionError):
        attachments.path_of(tmp_path, "../x")


async def test_an_attachment_is_fetched_until_it_is_there(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: begin(vault))
    assert await database.run(lambda: attachments.add(stored, VOICE, NOW))
    assert not await database.run(lambda: attachments.add(stored, VOICE, NOW))

    async def due(minutes: int) -> list[tuple[str, int]]:
        now = NOW + timedelta(minutes=minutes)
        found = await database.run(
            lambda: attachments.to_fetch(
                vault,
                "telegram",
                "7",
                now=now,
                again_at=now + timedelta(minutes=5),
                count=10,
            )
        )
        return [(it.attachment.source, it.attempts) for it in found]

    assert [await due(0), await due(4), await due(5)] == [[("bron", 1)], [], [("bron", 2)]]
    await database.run(lambda: attachments.mark(stored.home, "spraak1", "stored", 9))
    assert await due(60) == []
    [kept] = await database.read(lambda: attachments.of_session(stored.home))
    assert (kept.state, kept.bytes, kept.kind) == ("stored", 9, "voice")
    assert await database.read(lambda: attachments.load(stored.home, "spraak1")) == kept
    assert await database.read(lambda: attachments.load(stored.home, "other")) is None


async def test_data_keys_move_to_the_newest_key_of_the_ring_bit_by_bit(
    database: Database, vault: Vault
) -> None:
    old = ring.new_ring(vault._new_bytes, date(2026, 1, 1))
    new = ring.with_new_key(old, vault._new_bytes, date(2027, 1, 1))
    before, after = Vault(old, vault._new_bytes), Vault(new, vault._new_bytes)
    homes = [
        (await database.run(lambda n=n: begin(before, f"s{n}", f"{n}"))).home  # type: ignore[misc]  # mypy does not see the default
        for n in range(5)
    ]

    moved = [await database.run(lambda: sessions.rewrap(after, 2)) for _ in range(4)]

    assert moved == [2, 2, 1, 0]
    only_new = Vault(ring.Ring(keys=new.keys[1:], blind=new.blind, audit=new.audit), bytes)
    for home in homes:
        found = await database.read(lambda home=home: sessions.load(only_new, home))  # type: ignore[misc]  # mypy does not see the default
        assert found is not None
        assert found.session.story[0].text == STORY
