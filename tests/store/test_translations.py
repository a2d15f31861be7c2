"""Stories that wait for a machine: one row a request, offered to one at a time, gone when done."""

from datetime import timedelta

import msgspec
import pytest

from intakebot.core.request import StoryPart, Translation
from intakebot.store import queries as q
from intakebot.store import requests, translations
from intakebot.store.database import Database
from intakebot.store.problems import Conflict
from intakebot.store.sessions import Stored
from intakebot.store.translations import ToTranslate
from intakebot.store.vault import Vault
from intakebot.store.work import Home, Work
from tests.store.builders import NOW, a_request, begin

ARABIC = StoryPart(question="verhaal", text="الإيجار متأخر شهرين.", language="ar")
MADE = Translation(text="De huur.", language="nl", origin="computer: translator", at=NOW)
AGAIN = timedelta(minutes=10)


def sent(vault: Vault, *story: StoryPart) -> Work[Stored]:
    stored = yield from begin(vault)
    request = msgspec.structs.replace(a_request(), story=story)
    yield from requests.insert(vault, stored, request, NOW)
    return stored


async def claimed(
    database: Database, vault: Vault, after: timedelta = timedelta(0)
) -> tuple[ToTranslate, ...]:
    now = NOW + after
    return await database.run(
        lambda: translations.claim(vault, now=now, again_at=now + AGAIN, count=4)
    )


async def test_a_foreign_story_is_offered_until_it_is_kept(
    database: Database, vault: Vault
) -> None:
    stored = await database.run(lambda: sent(vault, ARABIC))
    first = await claimed(database, vault)
    at_once = await claimed(database, vault)
    later = await claimed(database, vault, AGAIN)
    await database.run(lambda: translations.keep(vault, stored.home, {ARABIC: MADE}, NOW))
    done = await claimed(database, vault, 2 * AGAIN)
    found = await database.run(lambda: requests.of_session(vault, stored, NOW))

    assert [(it.home, it.parts, it.attempts) for it in first] == [(stored.home, (ARABIC,), 1)]
    assert (at_once, [it.attempts for it in later], done) == ((), [2], ())
    assert found is not None
    assert [(it.text, it.translation) for it in found.request.story] == [(ARABIC.text, MADE)]


async def test_a_moment_that_a_wrong_clock_wrote_is_not_waited_for(
    database: Database, vault: Vault
) -> None:
    await database.run(lambda: sent(vault, ARABIC))

    assert len(await claimed(database, vault, -timedelta(days=365))) == 1


async def test_a_dutch_story_is_not_offered(database: Database, vault: Vault) -> None:
    await database.run(
        lambda: sent(vault, msgspec.structs.replace(ARABIC, text="Dag", language="nl"))
    )

    assert await claimed(database, vault) == ()


async def test_what_is_given_up_is_not_offered_again(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: sent(vault, ARABIC))
    await database.run(lambda: translations.drop(stored.home))

    assert await claimed(database, vault) == ()


async def test_without_the_request_nothing_is_kept(database: Database, vault: Vault) -> None:
    nobody = Home("web", "b", "nobody", "s9")
    await database.run(lambda: translations.keep(vault, nobody, {ARABIC: MADE}, NOW))

    assert await claimed(database, vault) == ()


async def test_a_change_of_a_member_at_the_same_moment_is_not_lost(
    database: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = await database.run(lambda: sent(vault, ARABIC))
    real = q.change_request
    monkeypatch.setattr(
        q, "change_request", lambda **values: real(**values | {"version": 99}), raising=False
    )
    with pytest.raises(Conflict):
        await database.run(lambda: translations.keep(vault, stored.home, {ARABIC: MADE}, NOW))
    monkeypatch.undo()

    assert len(await claimed(database, vault)) == 1


async def test_who_waits_goes_with_the_session(database: Database, vault: Vault) -> None:
    stored = await database.run(lambda: sent(vault, ARABIC))
    await database.run(lambda: _gone(stored))

    assert await claimed(database, vault) == ()


def _gone(stored: Stored) -> Work[None]:
    yield q.erase_session(**stored.home.columns())
