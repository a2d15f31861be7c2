"""The doctor finds what is wrong, says what to do about it, and tells nothing of an inhabitant."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import replace as dataclass_replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace
from pydantic import SecretStr

from intakebot import content
from intakebot.channels.telegram.standing import Standing
from intakebot.core.flow import Translated
from intakebot.core.region import Number, Region, Unreviewed
from intakebot.core.reviewing import Review
from intakebot.keeping import around, doctor, machine
from intakebot.keeping import server as of_server
from intakebot.keeping.findings import Finding, State
from intakebot.settings import Settings
from intakebot.store import ring, server
from intakebot.store.server import ServerHealth
from tests.bot_api.server import TOKEN, BotApi
from tests.keeping.conftest import OfKind
from tests.keeping.installation import PHOTO, Installation
from tests.store.builders import STORY

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@cache
def shelf() -> content.Content:
    """What is shipped, read once."""
    return content.load()


# The sample region offers them by a decision; no native reader has read them.
UNREVIEWED = ("en", "ar", "ti", "uk", "ru", "tr", "fa", "fa_AF", "pl", "so", "fr")


def looked(known: Settings, now: datetime | None = None, *, whole: bool = False) -> list[Finding]:
    """What is found in the state folder; *whole*: with all that is read anew from files."""

    async def go() -> list[Finding]:
        look = doctor.look if whole else doctor.look_in
        return [it async for it in look(known, now or datetime.now(UTC))]

    return asyncio.run(go())


def wrong(found: list[Finding]) -> list[str]:
    return [f"{it.what} {it.remedy}" for it in found if it.state is State.ERROR]


def test_a_sound_installation_has_no_errors(place: Installation) -> None:
    found = looked(place.settings, whole=True)

    assert wrong(found) == []
    assert {it.where for it in found if it.state is State.WARNING} == {
        "region",
        *(f"language {lang}" for lang in UNREVIEWED),
    }
    assert "Its chain holds." in {it.what for it in found}
    assert "1 attachment, all there." in {it.what for it in found}


def test_the_command_prints_a_line_each_and_changes_nothing(place: Installation) -> None:
    before = place.ask("SELECT COUNT(*), MAX(seq) FROM audit")

    done = place.run("doctor")

    *lines, last = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert last == f"0 errors, {1 + len(UNREVIEWED)} warnings."
    assert all(line.startswith(("ok       ", "warning  ")) for line in lines)
    assert place.ask("SELECT COUNT(*), MAX(seq) FROM audit") == before


def test_an_error_is_exit_code_two_and_nothing_of_an_inhabitant_is_told(
    place: Installation,
) -> None:
    place.change("DELETE FROM session_keys WHERE session = 'sessie1'")

    done = place.run("doctor")

    assert done.returncode == 2
    assert "error    erasure: Left behind: session sessie1 has no key." in done.stdout
    told = done.stdout + done.stderr
    for word in (*STORY.split()[:1], "Zoë", "31612345678", "Fatma", "4242", "Ik bel u"):
        assert word not in told


def ring_open_to_all(place: Installation) -> None:
    place.settings.keys_path.chmod(0o644)


def ring_gone(place: Installation) -> None:
    place.settings.keys_path.unlink()


def other_ring(place: Installation) -> None:
    place.settings.keys_path.unlink()
    other = ring.new_ring(lambda count: b"\x07" * count, date(2026, 11, 1))
    ring.write_ring(place.settings.keys_path, other)


def folder_open(place: Installation) -> None:
    place.state.chmod(0o755)


def no_database(place: Installation) -> None:
    place.database.unlink()


def no_sqlite(place: Installation) -> None:
    place.database.write_bytes(b"no database at all" * 1000)


def older_schema(place: Installation) -> None:
    place.change("UPDATE alembic_version SET version_num = '0001'")


def newer_schema(place: Installation) -> None:
    place.change("UPDATE alembic_version SET version_num = '9999'")


def damaged(place: Installation) -> None:
    """An index that lost a row."""
    place.change("PRAGMA writable_schema = ON", SWAPPED)


SWAPPED = """UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master
WHERE name = 'ix_updates_received_at') WHERE name = 'ix_requests_queue'"""


def stray_row(place: Installation) -> None:
    place.change(
        "INSERT INTO parts (channel, bot, chat, session, part) VALUES ('a', 'b', 'c', 'd', 'e')"
    )


def file_missing(place: Installation) -> None:
    shutil.rmtree(place.state / "attachments")


def file_too_many(place: Installation) -> None:
    (place.state / "attachments" / "fo" / "foto9.sealed").write_bytes(PHOTO)


def audit_changed(place: Installation) -> None:
    place.change(
        "DROP TRIGGER audit_is_never_changed", "UPDATE audit SET actor = 'member:x' WHERE seq = 1"
    )


def erased_but_here(place: Installation) -> None:
    place.change(
        "INSERT INTO erasures (session, why, erased_at, files) VALUES ('sessie2', 'asked', 1, '')"
    )


def other_key_in_use(place: Installation) -> None:
    place.change("UPDATE session_keys SET kid = 'another' WHERE session = 'sessie2'")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (ring_open_to_all, "Others than its owner can use the key ring (mode 0644). Run: chmod"),
        (ring_gone, "The key ring is missing"),
        (other_ring, "It is not the ring of this database"),
        (folder_open, "Others can look into the state folder (mode 0755). Run: chmod 700"),
        (no_database, "There is no database. Restore a backup"),
        (no_sqlite, "The database cannot be read (SQLITE_NOTADB). Stop intakebot"),
        (older_schema, "The database has schema 0001"),
        (newer_schema, "The database has schema 9999"),
        (damaged, "The database is damaged"),
        (stray_row, "a row of parts hangs on none of sessions"),
        (file_missing, "1 file missing: foto1. Put them back"),
        (file_too_many, "Left behind: file foto9"),
        (audit_changed, "Its chain does not hold: change at row 1"),
        (audit_changed, "Somebody took away what refuses to change the audit."),
        (erased_but_here, "session sessie2 is in the ledger of erasures"),
        (other_key_in_use, "1 row need a key that it lacks: another"),
    ],
    ids=lambda it: getattr(it, "__name__", ""),
)
def test_what_is_wrong_is_found(
    place: Installation, spoil: Callable[[Installation], None], says: str
) -> None:
    spoil(place)

    errors = wrong(looked(place.settings))

    assert any(says in it for it in errors), errors


def test_a_database_on_a_server_is_looked_at(of_kind: OfKind) -> None:
    """The server of the tests is thrown away, so it does not wait for its disk; and that is said."""
    place = of_kind("postgresql")

    found = looked(place.settings)

    assert wrong(found) == [
        (
            "It does not wait for its disk: a power cut may lose what was confirmed, or more."
            " Set fsync and full_page_writes on in postgresql.conf, and start it again."
        )
    ]
    told = {it.what for it in found}
    assert "It is the ring of this database." in told
    assert "1 attachment, all there." in told
    assert any(it.endswith("the database lies on a server.") for it in told)


def index_invalid(place: Installation) -> None:
    place.change(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_requests_queue'::regclass"
    )


def constraint_unchecked(place: Installation) -> None:
    place.change("ALTER TABLE parts ADD CONSTRAINT later CHECK (part <> '') NOT VALID")


def guard_gone(place: Installation) -> None:
    place.change("ALTER TABLE audit DISABLE TRIGGER audit_is_never_shortened")


def rows_changed(place: Installation) -> None:
    place.change(
        "ALTER TABLE audit DISABLE TRIGGER USER", "UPDATE audit SET actor = 'x' WHERE seq = 1",
        "ALTER TABLE audit ENABLE TRIGGER USER",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (ring_gone, "The key ring is missing"),
        (other_ring, "It is not the ring of this database"),
        (older_schema, "The database has schema 0001"),
        (newer_schema, "The database has schema 9999"),
        (file_missing, "1 file missing: foto1. Put them back"),
        (file_too_many, "Left behind: file foto9"),
        (rows_changed, "Its chain does not hold: change at row 1"),
        (erased_but_here, "session sessie2 is in the ledger of erasures"),
        (other_key_in_use, "1 row need a key that it lacks: another"),
        (index_invalid, "Not to be relied on: ix_requests_queue. REINDEX"),
        (constraint_unchecked, "Not to be relied on: later."),
        (guard_gone, "Somebody took away what refuses to change the audit."),
    ],
    ids=lambda it: getattr(it, "__name__", ""),
)
def test_what_is_wrong_on_a_server_is_found(
    of_kind: OfKind, spoil: Callable[[Installation], None], says: str
) -> None:
    place = of_kind("postgresql")
    spoil(place)

    errors = wrong(looked(place.settings))

    assert any(says in it for it in errors), errors


SOUND = ServerHealth(
    version=150004, reads_only=False, durable=True, checksums=True, damaged=0, private=True,
    now=NOW, broken=(), guarded=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (SOUND, "ok       db: PostgreSQL 15: it waits for its disk, and knows a page"),
        (dataclass_replace(SOUND, version=140009), "error    db: It is PostgreSQL 14; 15 or newer"),
        (dataclass_replace(SOUND, reads_only=True), "error    db: It only reads"),
        (dataclass_replace(SOUND, durable=False), "error    db: It does not wait for its disk"),
        (dataclass_replace(SOUND, damaged=2), "error    db: 2 pages did not fit their checksum."),
        (dataclass_replace(SOUND, broken=("ix",)), "error    db: Not to be relied on: ix."),
        (dataclass_replace(SOUND, guarded=False), "error    db: Somebody took away"),
        (dataclass_replace(SOUND, checksums=False), "warning  db: It keeps no checksums"),
        (
            dataclass_replace(SOUND, private=False),
            "warning  db: What is asked of it passes the net",
        ),
        (dataclass_replace(SOUND, now=NOW + timedelta(seconds=10)), "ok       db: "),
        (
            dataclass_replace(SOUND, now=NOW + timedelta(seconds=11)),
            "warning  clock: Its clock is 11 s ahead of this machine's.",
        ),
        (
            dataclass_replace(SOUND, now=NOW - timedelta(hours=1)),
            "warning  clock: Its clock is 3,600 s behind this machine's.",
        ),
    ],
)
def test_what_a_server_says_of_itself(found: ServerHealth, says: str) -> None:
    [line] = [str(it) for it in of_server.look("db", found, NOW)]

    assert line.startswith(says)


async def test_a_server_is_really_asked(postgres_address: str) -> None:
    found = await server.look(postgres_address)

    assert found.version >= 150000
    assert (found.reads_only, found.durable, found.private) == (False, False, True)
    assert (found.damaged, found.broken, found.guarded) == (0, (), True)
    assert abs(found.now - datetime.now(UTC)) < timedelta(hours=1)


@pytest.mark.parametrize(
    ("mounts", "told"),
    [
        ("/dev/a / ext4 rw 0 0", []),
        ("/dev/a / ext4 rw 0 0\nnas:/x /srv/state nfs4 rw 0 0", ["nfs4"]),
        ("/dev/a / ext4 rw 0 0\nnas:/x /srv cifs rw 0 0\n/dev/b /srv/state xfs rw 0 0", []),
        ("/dev/a / ext4 rw 0 0\nnas:/x /elsewhere nfs rw 0 0", []),
        ("nas:/x / nfs rw 0 0", ["nfs"]),
        ("", []),
    ],
)
def test_sqlite_on_a_disk_of_another_machine_is_an_error(mounts: str, told: list[str]) -> None:
    found = [str(it) for it in machine.network(Path("/srv/state/intakebot.sqlite"), mounts)]

    assert [f"({kind})" in line for kind, line in zip(told, found, strict=True)] == [True] * len(
        told
    )
    assert all(
        it.startswith("error    /srv/state/intakebot.sqlite: SQLite lies on") for it in found
    )


def test_a_server_that_does_not_answer_is_an_error(place: Installation) -> None:
    away = place.settings.model_copy(update={"database": "postgresql://127.0.0.1:9/x"})

    [told] = wrong(looked(away))

    assert told.startswith("The database cannot be used (")


def test_an_installation_that_was_never_started(tmp_path: Path) -> None:
    found = looked(Settings(state=tmp_path / "none"), whole=True)

    assert wrong(found) == []
    assert any(it.what == "There is no state folder yet." for it in found)
    assert not (tmp_path / "none").exists()


def test_what_waits_for_a_person_is_a_warning(place: Installation) -> None:
    place.change(
        "UPDATE messages SET state = 'held'",
        """INSERT INTO poisons (channel, bot, chat, update_id, attempts, failed_at, kid, sealed)
        VALUES ('telegram', '7', 'c', '1', 3, 1, 'k', x'00')""",
    )

    told = [it.what for it in looked(place.settings) if it.state is State.WARNING]

    assert "1 message are held back since a restore." in told
    assert "1 update broke the program and stand aside." in told


@pytest.mark.parametrize(
    ("newest", "state"),
    [
        (None, State.OK),
        (NOW - timedelta(hours=1), State.OK),
        (NOW + timedelta(seconds=30), State.OK),
        (NOW + timedelta(minutes=3), State.ERROR),
        (NOW + timedelta(days=3650), State.ERROR),
        (NOW - timedelta(days=29), State.OK),
        (NOW - timedelta(days=31), State.WARNING),
    ],
)
def test_the_date_is_held_against_what_was_stored_last(
    newest: datetime | None, state: State
) -> None:
    assert machine.clock(newest, NOW).state is state


def test_a_clock_that_was_set_back_is_found_in_a_real_database(place: Installation) -> None:
    found = looked(place.settings, datetime.now(UTC) - timedelta(days=400))

    assert any("Set the date right" in it for it in wrong(found))


def test_an_old_key_is_to_be_rotated(place: Installation) -> None:
    keys = ring.read_ring(place.settings.keys_path)
    assert keys is not None
    made_on = keys.keys[-1].made_on

    assert machine.age(place.state, keys, made_on + timedelta(days=365)).state is State.OK
    old = machine.age(place.state, keys, made_on + timedelta(days=366))
    assert (old.state, old.remedy[-11:]) == (State.WARNING, "rotate-keys")


@pytest.mark.parametrize(
    ("free", "state"),
    [(100 * 1024**2, State.ERROR), (300 * 1024**2, State.WARNING), (10**11, State.OK)],
)
def test_a_disk_that_fills_up_is_told_before_it_is_full(
    tmp_path: Path, free: int, state: State
) -> None:
    database = tmp_path / "big"
    with database.open("wb") as file:
        file.truncate(200 * 1024**2)

    assert machine.disk(tmp_path, database, free=free).state is state


# ---- numbers and languages


def numbers(*checked_on: date | None) -> list[str]:
    shipped = shelf()
    known = {
        str(nth): Number(number=str(nth), name="Lijn", checked_on=day)
        for nth, day in enumerate(checked_on)
    }
    region = shipped.region.replace(municipalities=(), neighbours=(), numbers=known)
    return [str(it) for it in around.numbers(region, NOW.date())]


def test_numbers_are_checked_twice_a_year() -> None:
    day = NOW.date()

    assert numbers(day, day - timedelta(days=180)) == [
        "ok       region: All 2 numbers were checked lately."
    ]
    [old] = numbers(day, day - timedelta(days=181))
    assert old.startswith("warning  region: 1 number were checked over 180 days ago: Lijn 1 (")
    [never] = numbers(day, None)
    assert "1 of 2 numbers were never checked: Lijn 1." in never


def test_every_number_of_the_region_is_looked_at() -> None:
    region = shelf().region
    [line] = around.numbers(region, NOW.date())

    place = region.municipalities[0]
    for number in (place.urgent, place.client_support, place.teams[0].phone):
        only = region.replace(numbers={"x": number}, municipalities=(), neighbours=())
        assert number.name in str(next(iter(around.numbers(only, NOW.date()))))
    assert "never checked" in line.what
    assert line.what.startswith("26 of 26")


def test_the_region_of_the_installation_is_looked_at(tmp_path: Path, known: Settings) -> None:
    wrong_one = tmp_path / "region.yaml"
    wrong_one.write_text("municipalities: []", encoding="utf-8")

    [found] = doctor._content(known.model_copy(update={"region": wrong_one}), NOW)

    assert found.state is State.ERROR
    assert "cannot be served as it is" in found.what


def test_languages_wait_for_a_native_reader() -> None:
    shipped = shelf()
    read = Translated(text="x", source="0", reviewed_by="Amal", reviewed_on="2026-11-01")
    unread = Translated(text="y", source="0")
    texts = {"en": {"a": read, "b": read}, "ar": {"a": read, "b": unread}, "tr": {"a": read}}
    revision = replace(shipped.revision, translations=texts)
    decision = Unreviewed(decided_by="A. Bos", decided_on=date(2026, 11, 2), languages=("ar",))
    region = shipped.region.replace(languages=("nl", "nl-A2", "en", "ar"), unreviewed=decision)
    signed = {lang: Review(by="Amal", on=date(2026, 11, 1)) for lang in ("en", "ar")}

    def found(region: Region) -> list[str]:
        return [str(it) for it in around.languages(revision, region, signed)]

    remedy = " Let one read them, and write down who did and when (locales/README.md)."
    ours, english = found(region)
    assert ours.startswith("warning  language ar: No native reader has read 1 of 2 texts. Offered")
    assert ours.endswith(f"by decision of A. Bos on 2026-11-02.{remedy}")
    assert english == "ok       language en: All 2 texts were read; by Amal on 2026-11-01."
    (other,) = found(region.replace(languages=("tr",)))
    assert other.startswith("error    language tr: No native reader has read 0 of 1 text and the")
    assert other.endswith(f"interface sentences. Nobody decided to offer it.{remedy}")


# ---- Telegram


@pytest.mark.parametrize(
    ("standing", "mode", "says"),
    [
        (Standing(reached="refused"), "polling", "error It refuses the token."),
        (Standing(reached="no", error="TimedOut"), "polling", "error It cannot be reached"),
        (Standing(reached="yes"), "polling", "ok It knows the bot and waits to be asked"),
        (Standing(reached="yes", hook="strange"), "polling", "error It calls a webhook, and"),
        (Standing(reached="yes", hook="ours"), "webhook", "ok It knows the bot and calls our"),
        (Standing(reached="yes", hook="none"), "webhook", "error It calls no webhook."),
        (Standing(reached="yes", hook="strange"), "webhook", "error It calls another webhook."),
        (
            Standing(reached="yes", hook="ours", missing=("callback_query",)),
            "webhook",
            "error It does not bring callback_query.",
        ),
        (
            Standing(reached="yes", hook="ours", pending=101),
            "webhook",
            "warning 101 updates wait there.",
        ),
        (
            Standing(reached="yes", hook="ours", error="502", error_at=NOW - timedelta(minutes=5)),
            "webhook",
            "warning It could not bring an update at 2026-11-23T09:55:00+00:00: 502",
        ),
    ],
)
def test_how_the_bot_stands_at_telegram(standing: Standing, mode: str, says: str) -> None:
    found = [f"{it.state} {it.what}" for it in around.telegram(standing, mode, NOW)]

    assert any(it.startswith(says) for it in found), found


def test_an_old_fault_of_a_webhook_is_over() -> None:
    old = Standing(reached="yes", hook="ours", error="502", error_at=NOW - timedelta(hours=2))

    assert [it.state for it in around.telegram(old, "webhook", NOW)] == [State.OK]


async def test_telegram_is_really_asked_and_its_secret_address_is_not_told(
    known: Settings,
) -> None:
    async with BotApi() as api:
        at_telegram = {"telegram_api": api.url, "telegram_scope": "full"}
        token = {"telegram_token": SecretStr(TOKEN), "telegram_mode": "webhook"}
        webhook = known.model_copy(update={**at_telegram, **token})
        unknown = webhook.model_copy(update={"telegram_token": SecretStr("1:no")})
        absent = [it async for it in doctor._telegram(webhook, NOW)]
        api.world.webhook = {"url": "https://elsewhere.example/secret", "allowed_updates": ["poll"]}
        strange = [it async for it in doctor._telegram(webhook, NOW)]
        refused = [it async for it in doctor._telegram(unknown, NOW)]

    assert [it.what for it in absent] == ["It calls no webhook."]
    assert strange[0].what == "It calls another webhook."
    assert strange[1].what.startswith("It does not bring message, edited_message")
    assert "secret" not in "".join(map(str, strange))
    assert [it.what for it in refused] == ["It refuses the token."]
