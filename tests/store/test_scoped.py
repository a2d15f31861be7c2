"""What members see and do: their queues only, one winner, and a row of the audit for all of it."""

import asyncio
import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from intakebot.core.request import Request
from intakebot.core.session import Attachment
from intakebot.store import attachments, audit, outgoing, people, requests, scoped, sessions
from intakebot.store.database import Database
from intakebot.store.problems import Conflict
from intakebot.store.requests import Listed, Status
from intakebot.store.scoped import Take
from intakebot.store.sessions import Stored
from intakebot.store.sqlite import Sqlite
from intakebot.store.vault import Vault
from intakebot.store.work import Work, moment
from tests.store.builders import (
    NOW,
    OTHER_QUEUE,
    QUEUE,
    a_member,
    a_message,
    a_request,
    begin,
)
from tests.store.raw import rows

REFERENCE = "IB-7K3Q-9M2X"
VOICE = Attachment(id="spraak1", kind="voice", bytes=9, received_at=NOW)


def sent(
    vault: Vault, request: Request | None = None, name: str = "sessie1"
) -> Callable[[], Work[Stored]]:
    """A session with a request in its queue."""

    def work() -> Work[Stored]:
        stored = yield from begin(vault, name, name)
        yield from attachments.add(stored, VOICE, NOW, state="stored")
        assert (yield from requests.insert(vault, stored, request or a_request(), NOW))
        return stored

    return work


@pytest.fixture
async def team(database: Database) -> None:
    """Fatma of Winterswijk, and Joost of Berkelland."""
    await database.run(lambda: people.put_member(a_member("fatma"), NOW))
    await database.run(lambda: people.put_member(a_member("joost", (OTHER_QUEUE,)), NOW))


async def actions(database: Database, vault: Vault, session: str = "sessie1") -> list[str]:
    entries = await database.read(lambda: audit.about(vault, session))
    return [f"{it.actor} {it.action} {it.detail}".strip() for it in entries]


pytestmark = pytest.mark.usefixtures("team")


async def test_a_member_sees_the_request_with_the_own_words(
    database: Database, vault: Vault
) -> None:
    stored = await database.run(sent(vault))
    await database.run(
        lambda: outgoing.add(
            stored.chat, stored, a_message("Bent u er?"), dkey="r", at=NOW, author="inhabitant"
        )
    )

    seen = await database.run(lambda: scoped.view(vault, "fatma", REFERENCE, NOW))

    assert seen is not None
    assert seen.opened.request == a_request()
    assert seen.opened.listed.status == Status.OPEN
    assert seen.opened.listed.card.called == "Zoë van Dijk"
    assert [line.message.text for line in seen.thread] == ["Bent u er?"]
    assert [it.id for it in seen.attachments] == ["spraak1"]
    assert await actions(database, vault) == [
        "inhabitant create queue=GM0294/sociaal-team rule=team",
        "member:fatma view",
    ]


EVERYTHING: dict[str, Callable[[Vault, str], Work[Any]]] = {
    "view": lambda vault, who: scoped.view(vault, who, REFERENCE, NOW),
    "take": lambda vault, who: scoped.take(vault, who, REFERENCE, version=1, at=NOW),
    "note": lambda vault, who: scoped.add_note(vault, who, REFERENCE, "x", at=NOW),
    "close": lambda vault, who: scoped.close(
        vault, who, REFERENCE, version=1, outcome="plan", at=NOW
    ),
    "urgency": lambda vault, who: scoped.correct_urgency(
        vault, who, REFERENCE, version=1, level="nu", reason="x", at=NOW
    ),
    "heard": lambda vault, who: scoped.mark_heard(
        vault, who, REFERENCE, "spraak1", name="x", at=NOW
    ),
    "attachment": lambda vault, who: scoped.attachment(vault, who, REFERENCE, "spraak1", NOW),
    "write": lambda vault, who: scoped.session_of(vault, who, REFERENCE, action="write", at=NOW),
}


@pytest.mark.parametrize("who", ["joost", "gone", "nobody"])
@pytest.mark.parametrize("what", sorted(EVERYTHING))
async def test_out_of_scope_is_the_same_as_not_there(
    database: Database, vault: Vault, what: str, who: str
) -> None:
    await database.run(sent(vault))
    await database.run(lambda: people.put_member(a_member("gone"), NOW))
    await database.run(lambda: people.end(vault, "gone", NOW, actor="operator"))
    before = await database.run(lambda: requests.for_operator(vault, REFERENCE, action="x", at=NOW))

    assert await database.run(lambda: EVERYTHING[what](vault, who)) is None

    after = await database.run(lambda: requests.for_operator(vault, REFERENCE, action="x", at=NOW))
    assert after is not None
    assert before is not None
    assert (after.listed, after.request) == (before.listed, before.request)
    listed = await database.run(lambda: scoped.list_queue(vault, who, NOW, queue=QUEUE))
    assert listed == ()
    assert QUEUE not in await database.read(lambda: scoped.counts(who))
    assert f"member:{who} {what}" not in await actions(database, vault)


@pytest.mark.parametrize("what", sorted(EVERYTHING))
async def test_everything_in_scope_leaves_one_row(
    database: Database, vault: Vault, what: str
) -> None:
    await database.run(sent(vault))
    version = 1
    if what == "write":
        await database.run(lambda: scoped.take(vault, "fatma", REFERENCE, version=version, at=NOW))
    before = await actions(database, vault)

    assert await database.run(lambda: EVERYTHING[what](vault, "fatma")) is not None

    [row] = (await actions(database, vault))[len(before) :]
    assert row.startswith(f"member:fatma {what}")


async def test_whoever_leaves_the_team_sees_nothing_from_then_on(
    database: Database, vault: Vault
) -> None:
    await database.run(sent(vault))
    moved = a_member("fatma", (OTHER_QUEUE,))
    await database.run(lambda: people.put_member(moved, NOW))

    assert await database.run(lambda: scoped.view(vault, "fatma", REFERENCE, NOW)) is None


async def test_the_queue_is_sorted_by_what_is_due_then_urgency_then_age(
    database: Database, vault: Vault
) -> None:
    rows: list[tuple[str, str, date, date | None]] = [
        ("late", "nu", date(2026, 12, 20), None),
        ("clock", "gewoon", date(2026, 12, 20), date(2026, 11, 25)),
        ("promise", "gewoon", date(2026, 12, 1), date(2026, 12, 24)),
        ("urgent", "vandaag", date(2026, 12, 1), None),
        ("promise2", "gewoon", date(2026, 12, 1), None),
    ]
    for name, urgency, promise_on, due in rows:
        request = a_request(name, urgency=urgency, promise_on=promise_on, due=due)
        await database.run(sent(vault, request, name))

    listed = await database.run(lambda: scoped.list_queue(vault, "fatma", NOW))

    assert [it.reference for it in listed] == ["clock", "urgent", "promise", "promise2", "late"]
    assert listed[0].due_on == date(2026, 11, 25)
    assert listed[1].due_on is None, "a clock that is only possible has no date"
    assert await database.read(lambda: scoped.counts("fatma")) == {QUEUE: 5}


async def test_queues_of_one_member_are_read_as_one_list_page_by_page(
    database: Database, vault: Vault
) -> None:
    both = a_member("els", (QUEUE, OTHER_QUEUE))
    await database.run(lambda: people.put_member(both, NOW))
    for n in range(60):
        request = a_request(
            f"{n:02d}",
            queue=QUEUE if n % 3 else OTHER_QUEUE,
            promise_on=date(2026, 12, 1) + timedelta(days=n),
        )
        await database.run(sent(vault, request, f"s{n}"))

    first = await database.run(lambda: scoped.list_queue(vault, "els", NOW))
    second = await database.run(lambda: scoped.list_queue(vault, "els", NOW, skip=50))
    one = await database.run(lambda: scoped.list_queue(vault, "els", NOW, queue=OTHER_QUEUE))

    assert [it.reference for it in (*first, *second)] == [f"{n:02d}" for n in range(60)]
    assert [it.reference for it in one] == [f"{n:02d}" for n in range(0, 60, 3)]


async def test_pages_leave_out_nobody_and_show_nobody_twice_where_many_share_a_place(
    database: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same day, urgency and moment: a page may begin and end in the middle of them."""
    monkeypatch.setattr(scoped, "PAGE_MAX", 4)
    both = a_member("els", (QUEUE, OTHER_QUEUE))
    await database.run(lambda: people.put_member(both, NOW))
    for n in range(22):
        queue = QUEUE if n % 3 else OTHER_QUEUE
        promise_on = date(2026, 12, 1 + n // 9)
        request = a_request(f"{n:02d}", queue=queue, promise_on=promise_on)
        await database.run(sent(vault, request, f"s{n}"))

    def page(skip: int) -> Callable[[], Work[tuple[Listed, ...]]]:
        return lambda: scoped.list_queue(vault, "els", NOW, skip=skip)

    for size in (4, 3):  # of the steps
        pages = [await database.run(page(skip)) for skip in range(0, 24, size)]
        shown = [it.reference for listed in pages for it in listed[:size]]
        assert sorted(shown) == [f"{n:02d}" for n in range(22)]
        assert [int(it) // 9 for it in shown] == sorted(int(it) // 9 for it in shown)
    assert await database.run(page(22)) == ()
    assert await database.run(page(1_000)) == ()


@pytest.mark.parametrize("round_", range(5))
async def test_of_fifty_who_take_at_once_one_wins_and_the_others_hear_who(
    database: Database, vault: Vault, round_: int
) -> None:
    await database.run(sent(vault))
    names = [f"m{n}" for n in range(50)]
    random.Random(round_).shuffle(names)  # noqa: S311 - another order in every round
    for name in names:
        await database.run(lambda name=name: people.put_member(a_member(name), NOW))  # type: ignore[misc]  # mypy does not see the default

    async def take(name: str) -> Take:
        await asyncio.sleep(0)
        found = await database.run(lambda: scoped.take(vault, name, REFERENCE, version=1, at=NOW))
        assert found is not None
        return found

    takes = await asyncio.gather(*map(take, names))

    winners = [name for name, it in zip(names, takes, strict=True) if it.won]
    assert len(winners) == 1
    assert {it.contact_name for it in takes} == {winners[0].title()}
    assert takes[0].stored.home.session == "sessie1"
    mine = await database.run(lambda: scoped.list_mine(vault, winners[0], NOW))
    assert [(it.reference, it.status, it.version) for it in mine] == [(REFERENCE, Status.TAKEN, 2)]


async def test_a_request_that_changed_is_not_taken_blindly(
    database: Database, vault: Vault
) -> None:
    await database.run(sent(vault))
    await database.run(
        lambda: scoped.correct_urgency(
            vault, "fatma", REFERENCE, version=1, level="nu", reason="Morgen op straat.", at=NOW
        )
    )

    lost = await database.run(lambda: scoped.take(vault, "fatma", REFERENCE, version=1, at=NOW))

    assert lost is not None
    assert (lost.won, lost.contact_name) == (False, None)


async def test_a_corrected_urgency_keeps_the_reasons_of_the_rules(
    database: Database, vault: Vault
) -> None:
    await database.run(sent(vault))

    def correct(version: int) -> Callable[[], Work[object]]:
        return lambda: scoped.correct_urgency(
            vault, "fatma", REFERENCE, version=version, level="nu", reason="Morgen.", at=NOW
        )

    await database.run(correct(1))

    seen = await database.run(lambda: scoped.view(vault, "fatma", REFERENCE, NOW))
    assert seen is not None
    assert seen.opened.listed.urgency == seen.opened.request.urgency.level == "nu"
    assert [it.because_nl for it in seen.opened.request.urgency.reasons] == ["Morgen."]
    with pytest.raises(Conflict):
        await database.run(correct(1))


async def test_a_voice_note_is_heard_by_the_first_who_listened(
    database: Database, vault: Vault
) -> None:
    await database.run(sent(vault))
    for name in ("Fatma", "Joost"):
        await database.run(
            lambda name=name: scoped.mark_heard(  # type: ignore[misc]  # mypy does not see the default
                vault, "fatma", REFERENCE, "spraak1", name=name, at=NOW
            )
        )

    seen = await database.run(lambda: scoped.view(vault, "fatma", REFERENCE, NOW))

    assert seen is not None
    assert [part.heard_by for part in seen.opened.request.story] == ["Fatma"]


async def test_notes_stand_in_order_with_their_writers(database: Database, vault: Vault) -> None:
    stored = await database.run(sent(vault))
    await database.run(lambda: scoped.add_note(vault, "fatma", REFERENCE, "Gebeld.", at=NOW))
    await database.run(lambda: requests.tell_team(vault, stored, "Wil gebeld worden.", NOW))

    seen = await database.run(lambda: scoped.view(vault, "fatma", REFERENCE, NOW))

    assert seen is not None
    assert [(it.nth, it.author_name, it.text) for it in seen.notes] == [
        (1, "Fatma", "Gebeld."),
        (2, None, "Wil gebeld worden."),
    ]


async def test_only_the_contact_person_writes(database: Database, vault: Vault) -> None:
    await database.run(sent(vault))
    await database.run(lambda: people.put_member(a_member("els"), NOW))
    await database.run(lambda: scoped.take(vault, "fatma", REFERENCE, version=1, at=NOW))

    async def may_write(member: str) -> bool:
        return (
            await database.run(
                lambda: scoped.session_of(vault, member, REFERENCE, action="write", at=NOW)
            )
        ) is not None

    assert await may_write("fatma")
    assert not await may_write("els")


async def test_closing_starts_the_retention_of_each_part(database: Database, vault: Vault) -> None:
    await database.run(sent(vault))

    def close(version: int) -> Callable[[], Work[Stored | None]]:
        return lambda: scoped.close(
            vault, "fatma", REFERENCE, version=version, outcome="plan", at=NOW
        )

    with pytest.raises(Conflict):
        await database.run(close(2))
    stored = await database.run(close(1))
    with pytest.raises(Conflict):
        await database.run(close(2))

    assert stored is not None
    kept = await rows(database, "SELECT keep_until FROM parts ORDER BY keep_until")
    assert [moment(row["keep_until"]) for row in kept] == [
        NOW + timedelta(days=30),
        NOW + timedelta(days=60),
    ]
    closed = await database.run(
        lambda: scoped.list_queue(vault, "fatma", NOW, status=Status.CLOSED)
    )
    assert [(it.reference, it.outcome, it.closed_at) for it in closed] == [(REFERENCE, "plan", NOW)]


async def test_an_inhabitant_takes_a_request_back_once(database: Database, vault: Vault) -> None:
    stored = await database.run(sent(vault))

    assert await database.run(lambda: requests.withdraw(vault, stored, "Ingetrokken.", NOW))
    assert not await database.run(lambda: requests.withdraw(vault, stored, "Ingetrokken.", NOW))

    seen = await database.run(lambda: scoped.view(vault, "fatma", REFERENCE, NOW))
    assert seen is not None
    assert seen.opened.listed.status == Status.WITHDRAWN
    assert [it.text for it in seen.notes] == ["Ingetrokken."]
    assert await actions(database, vault) == [
        "inhabitant create queue=GM0294/sociaal-team rule=team",
        "inhabitant withdraw",
        "member:fatma view",
    ]


async def test_a_wish_to_be_erased_has_a_legal_end(database: Database, vault: Vault) -> None:
    stored = await database.run(sent(vault))
    asked, due = date(2026, 11, 23), date(2026, 12, 23)

    def ask() -> Work[bool]:
        return requests.ask_erasure(vault, stored, asked_on=asked, due_on=due, at=NOW)

    assert await database.run(ask)
    assert not await database.run(ask), "the first one counts"

    [listed] = await database.run(lambda: scoped.list_queue(vault, "fatma", NOW))
    assert (listed.erase_asked_on, listed.erase_due_on) == (asked, due)


async def test_a_session_has_one_request_and_a_reference_one_session(
    database: Database, vault: Vault
) -> None:
    stored = await database.run(sent(vault))
    other = await database.run(lambda: begin(vault, "b", "b"))

    assert not await database.run(lambda: requests.insert(vault, other, a_request(), NOW))
    with pytest.raises(Exception, match=r"UNIQUE|UniqueViolation"):
        await database.run(lambda: requests.insert(vault, stored, a_request("IB-2222-2222"), NOW))


async def test_when_a_contact_person_leaves_the_request_stands_in_its_queue_again(
    database: Database, vault: Vault
) -> None:
    await database.run(sent(vault))
    await database.run(lambda: people.put_member(a_member("els"), NOW))
    await database.run(lambda: scoped.take(vault, "fatma", REFERENCE, version=1, at=NOW))

    homes = await database.run(lambda: people.end(vault, "fatma", NOW, actor="operator"))

    assert [home.session for home in homes] == ["sessie1"]
    [listed] = await database.run(lambda: scoped.list_queue(vault, "els", NOW))
    assert (listed.contact, listed.status, listed.version) == (None, Status.OPEN, 3)


async def test_names_are_found_by_words_without_accents(vault: Vault) -> None:
    tokens = requests.name_tokens(vault, "Zoë van-Dijk", "ZOE", None)

    assert tokens == tuple(vault.blind("name", word) for word in ("zoe", "van", "dijk"))


def all_bytes(path: Path) -> bytes:
    return b"".join(it.read_bytes() for it in path.parent.glob(f"{path.name}*"))


async def test_nothing_of_a_request_lies_in_plain_sight(
    sqlite: Sqlite, vault: Vault, path: Path
) -> None:
    stored = await sqlite.run(sent(vault))
    await sqlite.run(lambda: scoped.add_note(vault, "fatma", REFERENCE, "geheim9", at=NOW))
    await sqlite.run(lambda: sessions.save(stored, stored.session, NOW))

    content = all_bytes(path)

    assert REFERENCE.encode() in content
    for word in (b"Marsupilami", b"Dijk", b"+316", b"huisvesting", b"4242", b"geheim9", b"slapen"):
        assert word not in content, word


async def test_an_attachment_is_opened_through_its_own_request_only(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    stored = await database.run(sent(vault))
    other = await database.run(lambda: begin(vault, "b", "b"))
    foreign = Attachment(id="foto2", kind="photo", bytes=9, received_at=NOW)
    await database.run(lambda: attachments.add(other, foreign, NOW, state="stored"))
    attachments.write_file(tmp_path, stored.key, "spraak1", b"gesproken")

    async def opened(name: str) -> bytes | None:
        found = await database.run(lambda: scoped.attachment(vault, "fatma", REFERENCE, name, NOW))
        return found and attachments.read_file(tmp_path, found[1], name)

    assert await opened("spraak1") == b"gesproken"
    assert await opened("foto2") is None


async def test_the_operator_finds_a_request_by_its_reference(
    database: Database, vault: Vault
) -> None:
    await database.run(sent(vault))

    async def export(reference: str) -> object:
        found = await database.run(
            lambda: requests.for_operator(vault, reference, action="export", at=NOW)
        )
        return found and found.request

    assert await export(REFERENCE) == a_request()
    assert await export("IB-2222-2222") is None
    assert (await actions(database, vault))[-1] == "operator export"


async def test_a_session_without_a_request_has_none_to_show(
    database: Database, vault: Vault
) -> None:
    stored = await database.run(lambda: begin(vault))

    assert await database.run(lambda: requests.of_session(vault, stored, NOW)) is None
    assert not await database.run(lambda: requests.withdraw(vault, stored, "x", NOW))


async def test_a_correction_that_comes_too_late_says_so(database: Database, vault: Vault) -> None:
    """Two members read the same version inside one transaction; only one of them can write."""
    await database.run(sent(vault))

    def both() -> Work[None]:
        found = yield from scoped._find(vault, "fatma", REFERENCE, "heard", NOW)
        assert found is not None
        yield from scoped._change(found, found.request)
        yield from scoped._change(found, found.request)

    with pytest.raises(Conflict):
        await database.run(both)
