"""What the intake asks of those beside it: who sends, who reads along, and who carries with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from intakebot.core.events import Button, Message, Pressed, Said
from intakebot.core.limits import REMIND_DAYS
from intakebot.core.session import Tongue
from intakebot.core.talking.delivery import Way
from intakebot.intake import Reader, Receipt
from intakebot.store import counters, outgoing, sessions
from intakebot.store.database import Database
from intakebot.store.outgoing import Claimed, Lease
from intakebot.store.problems import Unavailable
from intakebot.store.sessions import Stored
from intakebot.store.work import Home, Work
from tests.conversation import MONDAY
from tests.intake.house import Person, an_intake

WAY = Way("telegram", "7")


class Sends:
    """A sender that takes whatever it is handed."""

    def __init__(self) -> None:
        self.handed: list[tuple[Way, tuple[Claimed, ...]]] = []
        self.lost = 0

    def lease(self, _way: Way) -> Lease | None:
        return Lease(owner="me", until=MONDAY + timedelta(seconds=30), epoch=0)

    def hand(self, way: Way, claimed: Sequence[Claimed], _lease: Lease) -> None:
        self.handed.append((way, tuple(claimed)))

    def lose_count(self) -> None:
        self.lost += 1


class Along:
    """Reads along, and wants the update or does not."""

    def __init__(self, *, wants: bool = True, screen: Message | None = None) -> None:
        self.wants = wants
        self.screen = screen
        self.looked: list[Home] = []
        self.showed = 0
        self.after: list[Receipt] = []

    @property
    def reader(self) -> Reader:
        return Reader(before=self._before, shown=self._shown, after=self._after)

    def _before(self, stored: Stored) -> Work[bool]:
        self.looked.append(stored.home)
        yield from counters.between(MONDAY.date(), MONDAY.date())
        return self.wants

    def _shown(self) -> Message | None:
        self.showed += 1
        return self.screen

    def _after(self, receipt: Receipt) -> Work[None]:
        self.after.append(receipt)
        yield from counters.add(MONDAY.date(), None, "read")


async def test_what_a_turn_says_is_leased_and_handed_over_once_it_is_committed(
    database: Database,
) -> None:
    intake, sends = an_intake(database), Sends()
    intake.send_by(sends)
    receipt = await Person(intake).does(Said(text="hallo", ref="m1"))
    due = await database.read(lambda: outgoing.next_at(*WAY, MONDAY))

    ((way, claimed),) = sends.handed
    assert way == WAY
    assert claimed == receipt.to_send != ()
    assert due != MONDAY, "nobody else may claim it"
    assert sends.lost == 0


async def test_a_duplicate_hands_nothing_over(database: Database) -> None:
    intake, sends = an_intake(database), Sends()
    person = Person(intake)
    await person.does(Said(text="hallo", ref="m1"), "1")
    intake.send_by(sends)

    assert (await person.does(Said(text="hallo", ref="m1"), "1")).duplicate
    assert sends.handed == []


async def test_who_sends_hears_that_the_word_of_a_commit_was_lost(database: Database) -> None:
    intake, sends = an_intake(database), Sends()
    intake.send_by(sends)
    await database.close()
    with pytest.raises(Unavailable):
        await Person(intake).does(Said(text="hallo", ref="m1"))

    assert sends.lost == 1
    assert sends.handed == []


async def test_who_reads_along_is_asked_before_and_told_after(database: Database) -> None:
    person, along = Person(an_intake(database)), Along()
    first = await person.intake.receive(person.incoming(Said(text="hallo", ref="m1")), along.reader)
    assert (along.looked, along.showed) == ([], 0), "there was no session to look at"

    second = await person.intake.receive(person.incoming(Said(text="nl", ref="m2")), along.reader)
    assert (along.looked, along.showed) == ([first.home], 1)
    assert along.after == [first, second]


async def test_the_web_chat_shows_back_what_stood_on_the_button_that_was_pressed(
    database: Database,
) -> None:
    """Not what stands there in a release that came in between."""
    person = Person(an_intake(database), channel="web", chat="cookie")
    await person.says("hallo", "nl")
    buttons = (Button(id="mij", label="Voor mijzelf"), Button(id="ander", label="Een ander"))
    before = Message(text="Voor wie?", tongue=Tongue(lang="nl"), buttons=buttons)
    await person.intake.receive(person.incoming(Pressed(id="mij")), Along(screen=before).reader)

    said = [line.message.text for line in await person.lines() if line.author == "inhabitant"]
    assert said[-1] == "Voor mijzelf"


async def test_what_who_reads_along_does_not_want_is_not_taken_in(database: Database) -> None:
    person = Person(an_intake(database))
    await person.says("hallo", "nl")
    before, along = await person.session(), Along(wants=False)
    said = person.incoming(Said(text="Ik heb schulden.", ref="m3"))
    assert await person.intake.receive(said, along.reader) == Receipt()
    assert (await person.session(), along.showed, along.after) == (before, 0, [])

    await person.intake.receive(said)
    again = await person.intake.receive(said, along.reader)
    assert again.duplicate, "it was taken in before, so its page is shown"
    assert along.after == [again]


async def test_what_a_member_does_is_one_transaction_and_wakes_who_sends(
    database: Database,
) -> None:
    woken: list[str] = []
    intake = an_intake(database)
    intake._wake = lambda: woken.append("outbox")
    person = Person(intake)
    await person.says("hallo")
    woken.clear()
    stored = await person.stored()
    assert stored is not None

    def takes_long() -> Work[str]:
        at = MONDAY + timedelta(hours=1)
        yield from intake.carry(stored, Said(text="nl"), chat=stored.chat, key="k", at=at)
        return "done"

    assert await intake.carried(takes_long) == "done"
    assert woken == ["outbox"]
    assert (await person.session()).tongue is not None


@pytest.mark.parametrize("by_inhabitant", [True, False])
async def test_only_what_the_inhabitant_did_puts_off_the_reminder(
    database: Database, *, by_inhabitant: bool
) -> None:
    intake = an_intake(database)
    person = Person(intake)
    await person.says("hallo")
    later, third_day = MONDAY + timedelta(days=2), MONDAY + timedelta(days=REMIND_DAYS, hours=1)

    async def due() -> int:
        return len(await database.read(lambda: sessions.to_remind(intake.vault, third_day)))

    assert await due() == 1

    stored = await person.stored()
    assert stored is not None
    if by_inhabitant:
        person.at = later
        await person.says("nl")
    else:
        said = Said(text="nl")
        await database.run(lambda: intake.carry(stored, said, chat=stored.chat, key="k", at=later))
    again = third_day + timedelta(days=2)
    late = await database.read(lambda: sessions.to_remind(intake.vault, again))
    assert (await due(), len(late)) == (0, int(by_inhabitant))


async def test_a_member_who_meets_a_fault_changes_and_wakes_nothing(database: Database) -> None:
    woken: list[str] = []
    intake = an_intake(database)
    intake._wake = lambda: woken.append("outbox")

    def falls() -> Work[None]:
        yield from counters.add(MONDAY.date(), None, "fell")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await intake.carried(falls)
    day = MONDAY.date()
    assert woken == []
    assert await database.read(lambda: counters.between(day, day)) == ()
