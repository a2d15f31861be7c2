"""What an update gives back to who brought it: the session as it is now, and what is to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from intakebot.core.events import Expired, Pressed, Said
from intakebot.core.session import Tongue
from intakebot.core.talking.delivery import Way
from intakebot.intake import Reader, Receipt
from intakebot.store.outgoing import Claimed, Lease
from intakebot.store.sessions import Stored
from intakebot.store.sqlite import Sqlite
from intakebot.store.work import Work
from tests.conversation import MONDAY, shipped_words
from tests.intake.house import Person, an_intake
from tests.store.raw import rows

OWNED = Lease(owner="outbox", until=None, epoch=3)


class Outbox:
    """Leases what is said in Telegram, and keeps what it is handed."""

    def __init__(self) -> None:
        self.asked: list[Way] = []
        self.handed: list[tuple[Way, Sequence[Claimed], Lease]] = []
        self.lost = 0

    def lease(self, way: Way) -> Lease | None:
        self.asked.append(way)
        return OWNED if way.channel == "telegram" else None

    def hand(self, way: Way, claimed: Sequence[Claimed], lease: Lease) -> None:
        self.handed.append((way, claimed, lease))

    def lose_count(self) -> None:
        self.lost += 1


def reader(*, takes: bool, told: list[Receipt]) -> Reader:
    """A page that takes the answer in or not, and keeps the receipt."""

    def before(_stored: Stored) -> Work[bool]:
        yield from ()
        return takes

    def after(receipt: Receipt) -> Work[None]:
        yield from ()
        told.append(receipt)

    return Reader(before=before, shown=lambda: None, after=after)


async def test_what_a_turn_says_goes_to_the_outbox_of_its_bot(person: Person) -> None:
    outbox = Outbox()
    person.intake.send_by(outbox)
    receipt = await person.does(Said(text="hallo"))
    way = Way("telegram", "7")

    assert outbox.asked == [way]
    assert outbox.handed == [(way, receipt.to_send, OWNED)]
    assert receipt.to_send
    assert not receipt.waits


async def test_without_an_outbox_who_looks_is_woken(database: Sqlite) -> None:
    intake, woken = an_intake(database), []
    intake._wake = lambda: woken.append(1)
    receipt = await Person(intake).does(Said(text="hallo"))

    assert (receipt.waits, receipt.to_send, woken) == (True, (), [1])


async def test_the_receipt_holds_the_session_as_it_is_stored(person: Person) -> None:
    await person.says("hallo")
    receipt = await person.does(Pressed(id="nl", prompt=None))

    now = await person.stored()

    assert now is not None
    assert receipt.stored is not None
    assert replace(receipt.stored, key=now.key) == now
    assert receipt.home == receipt.stored.home
    assert not receipt.erased


async def test_of_a_story_that_was_thrown_away_no_session_is_left(person: Person) -> None:
    await person.says("hallo")
    await person.presses("nl")
    await person.says("stop")
    receipt = await person.does(Pressed(id="weggooien", prompt=None))

    assert (receipt.stored, receipt.erased) == (None, True)
    (erased,) = await rows(
        person.intake.database, "SELECT actor FROM audit WHERE action LIKE '%eras%'"
    )
    assert erased["actor"] == "inhabitant"


async def test_an_answer_of_an_old_page_is_taken_in_only_if_it_was_before(person: Person) -> None:
    told: list[Receipt] = []
    await person.does(Said(text="hallo"), "1")
    before = await person.lines()
    answer, sent_again = (
        person.incoming(Said(text="Nederlands"), "2"),
        person.incoming(Said(text="hallo"), "1"),
    )

    late = await person.intake.receive(answer, reader(takes=False, told=told))
    assert (late, told) == (Receipt(), [])

    known = await person.intake.receive(sent_again, reader(takes=False, told=told))
    assert known.duplicate
    assert told == [known]
    assert before == await person.lines()


async def test_an_update_of_ours_that_fails_is_excused_in_the_own_language(
    person: Person,
) -> None:
    await person.says("hello")
    await person.presses("en")
    await person.reads()

    await person.breaks_us(Said(text="boom"), "77")
    (excuse,) = await person.reads()

    assert excuse.text == shipped_words().say(Tongue(lang="en"), "tell.not-heard")
    assert excuse.tongue == Tongue(lang="en")


async def test_the_last_word_of_an_expired_story_waits_for_the_day(person: Person) -> None:
    await person.says("hallo")
    await person.presses("nl", "mij")
    stored = await person.stored()
    assert stored is not None
    night = MONDAY + timedelta(hours=13)  # 23:00 in Amsterdam

    def work() -> Work[None]:
        yield from person.intake.carry(stored, Expired(), chat=stored.chat, key="clock:1", at=night)

    await person.gets(timedelta(hours=1))
    await person.intake.database.run(work)

    assert await person.gets(timedelta(hours=20)) == []
    assert [it.dkey for it in await person.gets(timedelta(hours=24))] == ["clock:1:0"]
    (erased,) = await rows(
        person.intake.database, "SELECT actor FROM audit WHERE action LIKE '%eras%'"
    )
    assert erased["actor"] == "system"


async def test_the_web_chat_asks_everything_whatever_telegram_may_ask(database: Sqlite) -> None:
    person = Person(an_intake(database, scope="front-door"), channel="web", chat="cookie")
    await person.says("hallo")
    await person.presses("nl")

    assert (await person.session()).scope == "web"
    assert (await person.reads())[-1].question == "voor_wie"
