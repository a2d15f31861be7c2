"""The outbox: in order, at least once, and a message that waits holds up nobody."""

from datetime import datetime, timedelta

import pytest

from intakebot.store import outgoing
from intakebot.store.database import Database
from intakebot.store.outgoing import Claimed
from intakebot.store.sessions import Stored
from intakebot.store.vault import Vault
from tests.store.builders import NOW, a_message, begin
from tests.store.raw import rows


async def say(
    database: Database,
    stored: Stored,
    text: str,
    *,
    unasked: bool = False,
    at: datetime = NOW,
    not_before: datetime | None = None,
) -> int | None:
    message = a_message(text, unasked=unasked)
    return await database.run(
        lambda: outgoing.add(stored.chat, stored, message, dkey=text, at=at, not_before=not_before)
    )


async def claim(
    database: Database, vault: Vault, now: datetime = NOW, owner: str = "one", count: int = 10
) -> tuple[Claimed, ...]:
    return await database.run(
        lambda: outgoing.claim(
            vault,
            "telegram",
            "7",
            owner=owner,
            now=now,
            lease_until=now + timedelta(seconds=30),
            count=count,
        )
    )


def texts(claimed: tuple[Claimed, ...]) -> list[str]:
    return [it.message.text for it in claimed]


async def test_messages_of_a_chat_go_one_by_one_and_chats_side_by_side(
    database: Database, vault: Vault
) -> None:
    one = await database.run(lambda: begin(vault, "a", "1"))
    two = await database.run(lambda: begin(vault, "b", "2"))
    for stored, text in ((one, "1a"), (one, "1b"), (two, "2a")):
        await say(database, stored, text)

    first = await claim(database, vault)
    assert sorted(texts(first)) == ["1a", "2a"]
    assert await claim(database, vault) == ()

    for it in first:
        assert await database.run(lambda it=it: outgoing.mark_sent(it, "99"))  # type: ignore[misc]  # mypy does not see the default
    assert texts(await claim(database, vault)) == ["1b"]


async def test_a_claim_brings_address_and_words(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: begin(vault))
    nth = await say(database, stored, "Hoe gaat het?")

    [claimed] = await claim(database, vault)

    assert claimed.chat == stored.chat
    assert claimed.nth == nth
    assert claimed.message == a_message("Hoe gaat het?")
    assert (claimed.session, claimed.attempts) == ("sessie1", 1)


async def test_the_same_message_is_said_once(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: begin(vault))

    assert await say(database, stored, "a") is not None
    assert await say(database, stored, "a") is None
    assert texts(await claim(database, vault)) == ["a"]


async def test_places_rise_when_the_clock_goes_back(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: begin(vault, channel="web"))
    moments = (NOW, NOW - timedelta(days=3650), NOW + timedelta(seconds=1), NOW)
    for n, at in enumerate(moments):
        await say(database, stored, str(n), at=at)

    thread = await database.read(lambda: outgoing.thread(stored))

    assert [line.message.text for line in thread] == ["0", "1", "2", "3"]
    assert [line.at for line in thread] == list(moments)


async def test_a_mark_of_what_was_erased_is_not_of_what_stands_in_its_place(
    database: Database, vault: Vault
) -> None:
    """With the clock set back, the next message of the chat gets the place of an erased one."""
    stored = await database.run(lambda: begin(vault))
    await say(database, stored, "weg")
    [erased] = await claim(database, vault)
    await rows(database, "DELETE FROM messages RETURNING nth")
    await say(database, stored, "nieuw")
    [new] = await claim(database, vault)
    assert (new.nth, new.owner) == (erased.nth, erased.owner)

    assert not await database.run(lambda: outgoing.mark_sent(erased, "98"))
    assert not await database.run(lambda: outgoing.retry(erased, NOW))
    await database.run(lambda: outgoing.fail(erased))
    assert await database.run(lambda: outgoing.mark_sent(new, "99"))


async def test_a_lease_that_ended_is_taken_over(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: begin(vault))
    await say(database, stored, "a")
    [lost] = await claim(database, vault, owner="one")

    later = NOW + timedelta(seconds=31)
    [again] = await claim(database, vault, later, owner="two")

    assert again.attempts == 2
    assert not await database.run(lambda: outgoing.mark_sent(lost, "98")), "no longer its own"
    assert await database.run(lambda: outgoing.mark_sent(again, "99"))
    [row] = await rows(database, "SELECT state, provider_id FROM messages")
    assert (row["state"], row["provider_id"]) == ("sent", "99")


async def test_a_process_that_starts_again_takes_back_what_it_began(
    database: Database, vault: Vault
) -> None:
    stored = await database.run(lambda: begin(vault))
    await say(database, stored, "a")
    await claim(database, vault, owner="one")

    assert await database.run(lambda: outgoing.free_leases("telegram", "7", "two")) == 0
    assert await database.run(lambda: outgoing.free_leases("telegram", "7", "one")) == 1
    assert texts(await claim(database, vault)) == ["a"]


async def test_a_message_that_is_tried_again_keeps_its_place(
    database: Database, vault: Vault
) -> None:
    stored = await database.run(lambda: begin(vault))
    for text in ("a", "b"):
        await say(database, stored, text)
    [claimed] = await claim(database, vault)
    soon = NOW + timedelta(seconds=5)
    assert await database.run(lambda: outgoing.retry(claimed, soon))

    assert await claim(database, vault) == (), "what comes after it waits"
    assert await database.read(lambda: outgoing.next_at("telegram", "7", NOW)) == NOW
    assert texts(await claim(database, vault, soon)) == ["a"]


async def test_an_unasked_message_waits_for_safe_times_and_holds_up_nobody(
    database: Database, vault: Vault
) -> None:
    stored = await database.run(lambda: begin(vault))
    safe = NOW + timedelta(hours=8)
    await say(database, stored, "Fatma belt u.", unasked=True, not_before=safe)
    await say(database, stored, "Waar woont u?")

    [reply] = await claim(database, vault)
    assert reply.message.text == "Waar woont u?"
    await database.run(lambda: outgoing.mark_sent(reply, "1"))
    assert await claim(database, vault, safe - timedelta(seconds=1)) == ()
    assert await database.read(lambda: outgoing.next_at("telegram", "7", NOW)) == safe
    assert texts(await claim(database, vault, safe)) == ["Fatma belt u."]


async def test_words_of_the_bot_are_wiped_once_sent_and_those_between_people_stay(
    database: Database, vault: Vault
) -> None:
    stored = await database.run(lambda: begin(vault))
    await say(database, stored, "vraag")
    await database.run(
        lambda: outgoing.add(
            stored.chat, stored, a_message("antwoord"), dkey="m", at=NOW, author="member"
        )
    )
    for _ in range(2):
        [claimed] = await claim(database, vault)
        await database.run(lambda claimed=claimed: outgoing.mark_sent(claimed, "1"))  # type: ignore[misc]  # mypy does not see the default

    thread = await database.read(lambda: outgoing.thread(stored))

    assert [(line.author, line.state, line.message.text) for line in thread] == [
        ("member", "sent", "antwoord")
    ]


async def test_the_web_chat_sees_its_rows_at_once(database: Database, vault: Vault) -> None:
    web = vault.chat("web", "-", "koekje")
    stored = await database.run(lambda: begin(vault))
    await database.run(lambda: outgoing.add(web, stored, a_message("vraag"), dkey="1", at=NOW))
    await database.run(
        lambda: outgoing.add(
            web,
            stored,
            a_message("antwoord"),
            dkey="2",
            at=NOW,
            author="inhabitant",
            attachment="spraak1",
        )
    )

    thread = await database.read(lambda: outgoing.thread(stored))
    rest = await database.read(lambda: outgoing.thread(stored, thread[0].nth))

    assert [(it.author, it.state, it.via, it.attachment) for it in thread] == [
        ("bot", "shown", "web", None),
        ("inhabitant", "shown", "web", "spraak1"),
    ]
    assert rest == thread[1:]
    assert await claim(database, vault) == (), "nothing to send"


async def test_a_goodbye_is_said_to_somebody_of_whom_nothing_is_kept(
    database: Database, vault: Vault
) -> None:
    chat = vault.chat("telegram", "7", "4242")
    await database.run(lambda: outgoing.add(chat, vault, a_message("Dag."), dkey="1", at=NOW))

    [line] = await database.read(lambda: outgoing.loose_thread(vault, chat))
    [claimed] = await claim(database, vault)

    assert line.message.text == claimed.message.text == "Dag."
    assert claimed.chat.address == "4242"
    day = NOW + timedelta(days=1)
    assert await database.run(lambda: outgoing.forget_loose(day)) == 0, "it is being sent"
    await database.run(lambda: outgoing.mark_sent(claimed, "1"))
    assert await database.run(lambda: outgoing.forget_loose(day)) == 1


async def test_what_cannot_be_opened_fails_and_its_chat_goes_on(
    database: Database, vault: Vault
) -> None:
    stored = await database.run(lambda: begin(vault))
    for text in ("a", "b"):
        await say(database, stored, text)
    await rows(database, "UPDATE messages SET sealed = x'01' WHERE dkey = 'a'")

    assert await claim(database, vault) == ()
    assert texts(await claim(database, vault)) == ["b"]


async def test_a_chat_that_is_given_up_and_one_that_fails(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: begin(vault))
    for text in ("a", "b", "c"):
        await say(database, stored, text)

    [first] = await claim(database, vault)
    await database.run(lambda: outgoing.fail(first))
    assert await database.run(lambda: outgoing.give_up(stored.chat)) == 2
    assert await claim(database, vault) == ()
    assert await database.read(lambda: outgoing.next_at("telegram", "7", NOW)) is None


async def test_after_a_restore_nothing_is_sent_before_a_person_says_so(
    database: Database, vault: Vault
) -> None:
    stored = await database.run(lambda: begin(vault))
    await say(database, stored, "a")

    assert await database.run(outgoing.hold) == 1
    assert await claim(database, vault) == ()
    assert await database.run(lambda: outgoing.release(send=True)) == 1
    assert texts(await claim(database, vault)) == ["a"]
    await database.run(outgoing.hold)
    assert await database.run(lambda: outgoing.release(send=False)) == 1
    assert await claim(database, vault, NOW + timedelta(days=1)) == ()


async def test_a_claim_takes_no_more_than_was_asked(database: Database, vault: Vault) -> None:
    for n in range(5):
        stored = await database.run(lambda n=n: begin(vault, f"s{n}", f"{n}"))  # type: ignore[misc]  # mypy does not see the default
        await say(database, stored, f"m{n}")

    assert len(await claim(database, vault, count=3)) == 3
    assert len(await claim(database, vault, count=3)) == 2


async def test_a_long_thread_shows_its_end(
    database: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "THREAD_MAX", 3)
    stored = await database.run(lambda: begin(vault, channel="web"))
    for n in range(5):
        await say(database, stored, str(n))

    thread = await database.read(lambda: outgoing.thread(stored))

    assert [line.message.text for line in thread] == ["2", "3", "4"]


async def test_what_telegram_is_still_to_get_is_not_in_the_thread(
    database: Database, vault: Vault
) -> None:
    """Or it would stand there only until it was sent."""
    stored = await database.run(lambda: begin(vault))
    await say(database, stored, "Er is een bericht voor u.")

    assert await database.read(lambda: outgoing.thread(stored)) == ()
