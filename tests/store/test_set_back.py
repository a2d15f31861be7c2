"""A clock that was wrong and is set right: nobody waits for the moment that it believed in."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from intakebot.core.session import Attachment
from intakebot.store import attachments, outgoing
from intakebot.store.attachments import ToFetch
from intakebot.store.database import Database
from intakebot.store.vault import Vault
from intakebot.store.work import Work
from tests.store.builders import NOW, a_message, begin

WRONG = [timedelta(hours=1), timedelta(days=3650)]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("how", ["said", "leased", "to be tried again"])
async def test_a_reply_is_sent_once_the_clock_is_right(
    database: Database, vault: Vault, wrong: timedelta, how: str
) -> None:
    then = NOW + wrong

    def claim(now: object = NOW) -> Work[tuple[outgoing.Claimed, ...]]:
        at = then if now == then else NOW
        until = at + timedelta(seconds=30)
        return outgoing.claim(
            vault, "telegram", "7", owner="one", now=at, lease_until=until, count=9
        )

    stored = await database.run(lambda: begin(vault))
    reply = a_message("Waar woont u?")
    await database.run(lambda: outgoing.add(stored.chat, stored, reply, dkey="1", at=then))
    if how != "said":
        [begun] = await database.run(lambda: claim(then))
        if how == "to be tried again":
            await database.run(lambda: outgoing.retry(begun, then + timedelta(seconds=5)))
    due_at = await database.read(lambda: outgoing.next_at("telegram", "7", NOW))

    assert due_at is not None
    assert due_at <= NOW
    assert len(await database.run(claim)) == 1


async def test_what_nobody_asked_for_still_waits_for_its_time(
    database: Database, vault: Vault
) -> None:
    safe = NOW + timedelta(hours=12)
    stored = await database.run(lambda: begin(vault))
    words = a_message("Fatma belt u.", unasked=True)
    await database.run(
        lambda: outgoing.add(stored.chat, stored, words, dkey="1", at=NOW, not_before=safe)
    )

    assert await database.read(lambda: outgoing.next_at("telegram", "7", NOW)) == safe


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_people_sent_is_fetched_once_the_clock_is_right(
    database: Database, vault: Vault, wrong: timedelta
) -> None:
    def fetch(now: datetime) -> Work[tuple[ToFetch, ...]]:
        again_at = now + timedelta(minutes=2)
        return attachments.to_fetch(vault, "telegram", "7", now=now, again_at=again_at, count=9)

    photo = Attachment(id="photo1", kind="photo", bytes=9, received_at=NOW, source="there")
    stored = await database.run(lambda: begin(vault))
    await database.run(lambda: attachments.add(stored, photo, NOW + wrong))
    tried = [
        len(await database.run(partial(fetch, now)))
        for now in (NOW + wrong, NOW, NOW, NOW + timedelta(minutes=2))
    ]

    assert tried == [1, 1, 0, 1]
