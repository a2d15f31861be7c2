"""The clocks of two processes tick at once: each reminds, and each erases, what is due once together."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import count
from pathlib import Path

from intakebot.clock import Clock
from intakebot.core.events import Pressed, Said
from intakebot.core.limits import EXPIRE_DAYS, REMIND_DAYS
from intakebot.store import audit
from intakebot.store.postgres import open_postgres
from tests.conversation import MONDAY
from tests.intake.house import Counting, Person, a_vault, an_intake
from tests.store.raw import rows

PEOPLE = 3
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
REMINDERS = "SELECT chat, COUNT(*) AS n FROM messages WHERE dkey LIKE 'clock_remind%' GROUP BY chat"


async def test_two_clocks_do_what_is_due_once(postgres_address: str, tmp_path: Path) -> None:
    both = [await open_postgres(postgres_address) for _ in range(2)]
    vault, chance = a_vault(), Counting()
    intakes = [an_intake(database, vault=vault, chance=chance) for database in both]
    for nth in range(PEOPLE):
        person = Person(intakes[0])
        for event in (
            Said(text="hallo"),
            Pressed(id="nl"),
            Pressed(id="mij"),
            Said(text="Schulden"),
        ):
            incoming = person.incoming(event, f"{nth}-{event}")
            await intakes[0].receive(incoming.replace(chat=str(nth)))
    clocks = [
        Clock(intake=intake, files=tmp_path, passed_s=count(0, 3600).__next__) for intake in intakes
    ]

    async def ticks(hours: int) -> None:
        at = MONDAY + HOUR * hours
        await asyncio.gather(*(clock.tick(at) for clock in clocks))

    for hours in range(REMIND_DAYS * 24 + 3):
        await ticks(hours)
    reminded = await rows(both[0], REMINDERS)
    assert [row["n"] for row in reminded] == [1] * PEOPLE

    last = (REMIND_DAYS + EXPIRE_DAYS) * 24
    for hours in range(REMIND_DAYS * 24 + 3, last, 12):
        await ticks(hours)
    erased = await rows(both[0], "SELECT session, wiped_at FROM erasures")
    left = await rows(both[0], "SELECT session FROM sessions")
    told = await rows(both[0], "SELECT COUNT(*) AS n FROM audit WHERE action = 'erase'")
    assert (len(erased), len(left), told[0]["n"]) == (PEOPLE, 0, PEOPLE)
    assert all(row["wiped_at"] is not None for row in erased)
    assert await both[0].read(lambda: audit.verify(vault)) == ()
    for database in both:
        await database.close()
