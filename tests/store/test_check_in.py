"""The check-in by the clock, over both databases: once, at a safe time, and seen in the queue."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from intakebot.clock import Clock
from intakebot.core.events import Taken
from intakebot.core.session import Answer, ContactCard
from intakebot.store import audit, requests, sessions
from intakebot.store.database import Database
from intakebot.store.requests import Opened
from intakebot.store.vault import Vault
from intakebot.store.work import Work
from tests.conversation import MONDAY
from tests.intake.house import Person, an_intake

HOUR = timedelta(hours=1)
ASKED_AT = datetime.fromisoformat("2026-12-08T10:00:00+01:00")
MARIEKE = ContactCard(name="Marieke", phone=None, team="Sociaal team Winterswijk")


async def tick(clock: Clock, until: datetime) -> None:
    """The clock goes by the hour, from a day before until then."""
    at = until - 26 * HOUR
    while at <= until:
        await clock.tick(at)
        at += HOUR


async def look(database: Database, vault: Vault, person: Person) -> Opened:
    stored = await person.stored()
    assert stored is not None
    found = await database.run(lambda: requests.of_session(vault, stored, person.at))
    assert found is not None
    return found


async def test_a_person_is_asked_once_and_no_is_seen_in_the_queue(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    intake = an_intake(database, vault=vault)
    person = Person(intake)
    await person.asks_a_call()
    stored = await person.stored()
    assert stored is not None
    evening = Answer(question="veilige_tijd", value="avond", at=MONDAY)
    safe = stored.session.replace(answers=(*stored.session.answers, evening))
    await database.run(lambda: sessions.save(stored, safe, MONDAY))

    def taken() -> Work[None]:
        found = yield from sessions.open_in(vault, stored.chat)
        assert found is not None
        event = Taken(contact=MARIEKE)
        yield from intake.carry(found, event, chat=found.chat, key="taken", at=MONDAY)

    await database.run(taken)
    clock = Clock(intake=intake, files=tmp_path, passed_s=count(0, 3600).__next__)
    await tick(clock, ASKED_AT - HOUR)
    assert not (await person.session()).checked

    await tick(clock, ASKED_AT + 3 * HOUR)
    assert (await person.session()).checked
    said = await person.gets(ASKED_AT - MONDAY + 3 * HOUR)
    assert "Heeft" not in "".join(it.message.text for it in said)
    said = await person.gets(ASKED_AT - MONDAY + 10 * HOUR)
    assert [it.message.text for it in said] == ["Heeft Marieke al contact met u gehad?"]

    person.screen += [it.message for it in said]
    await person.presses("nee")
    found = await look(database, vault, person)
    assert found.listed.card.contacted == found.request.contacted == "nee"
    assert found.listed.due_on is None
    entries = await database.read(lambda: audit.about(vault, stored.home.session))
    assert ("inhabitant", "contacted", "nee") in [(e.actor, e.action, e.detail) for e in entries]

    await tick(clock, ASKED_AT + 60 * HOUR)
    lines = [line for line in await person.lines() if "Heeft" in line.message.text]
    assert lines == []  # what the bot said in Telegram is wiped, and nothing was said anew
