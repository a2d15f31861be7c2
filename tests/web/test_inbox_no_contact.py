"""Who says that there was no contact yet stands out in the queue, and the note says so in words."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from intakebot.core.events import PromisePassed
from intakebot.store import sessions
from intakebot.store.work import Work
from tests.web.office import Office, office
from tests.web.test_inbox import read, text


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as found:
        yield found


async def test_no_contact_yet_is_a_mark_in_the_queue_and_a_note(here: Office) -> None:
    person = here.inhabitant("a" * 64)
    reference = await person.tell()
    browser = await here.signed_in()
    before = text(await read(browser, "/inbox"))
    vault, at = here.intake.vault, here.inbox.now()
    chat = vault.chat("web", "-", "a" * 64)

    def passed() -> Work[None]:
        stored = yield from sessions.open_in(vault, chat)
        assert stored is not None
        yield from here.intake.carry(stored, PromisePassed(), chat=chat, key="check", at=at)

    await here.database.run(passed)
    await person.press("nee")

    assert "Zegt: nog geen contact gehad" not in before
    assert "Zegt: nog geen contact gehad" in text(await read(browser, "/inbox"))
    assert "er was nog geen contact" in text(await read(browser, f"/inbox/{reference}"))
