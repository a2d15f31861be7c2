"""Safe contact: what comes unasked comes at a safe time, and tells nothing on a shared phone."""

from datetime import timedelta

import pytest

from intakebot.core.events import (
    ClosedByTeam,
    Event,
    Expired,
    GaveBack,
    Pressed,
    Reminded,
    Taken,
    Wrote,
)
from intakebot.core.session import Answer, Outcome
from intakebot.intake import Intake
from intakebot.store import sessions
from tests.conversation import MONDAY
from tests.intake.house import Person
from tests.intake.test_intake import MARIEKE, let

FROM_TEAM = (Taken(contact=MARIEKE), Wrote(text="Ik bel u morgen."), GaveBack(), ClosedByTeam())
ANSWERED = {"avond": Answer(question="veilige_tijd", value="avond", at=MONDAY)}


async def change(person: Person, **changes: object) -> None:
    """The session as if this had happened."""
    stored = await person.stored()
    assert stored is not None
    session = stored.session.replace(**changes)
    await person.intake.database.run(lambda: sessions.save(stored, session, MONDAY))


async def say_evening(person: Person) -> None:
    answers = (await person.session()).answers
    await change(person, answers=(*answers, ANSWERED["avond"]))


@pytest.mark.parametrize("event", FROM_TEAM, ids=lambda event: type(event).__name__)
async def test_whatever_the_team_does_waits_for_the_safe_time(person: Person, event: Event) -> None:
    await person.asks_a_call()
    await say_evening(person)
    await person.reads()
    await let(person, event, "team:1")

    assert await person.gets(timedelta(hours=7)) == []
    assert len(await person.gets(timedelta(hours=9))) == 1


@pytest.mark.parametrize("event", [Reminded(), Expired()], ids=["reminder", "end"])
async def test_the_clock_waits_for_the_safe_time_too(person: Person, event: Event) -> None:
    await person.says("hallo")
    await person.presses("nl", "mij")
    await say_evening(person)
    await person.reads()
    await let(person, event, "clock:1")

    assert await person.gets(timedelta(hours=7)) == []
    assert len(await person.gets(timedelta(hours=9))) == 1


async def test_a_request_that_was_withdrawn_keeps_its_safe_time(person: Person) -> None:
    await person.asks_a_call()
    await say_evening(person)
    await change(person, outcome=Outcome.WITHDRAWN)
    await person.reads()
    await let(person, ClosedByTeam(), "team:1")

    assert await person.gets(timedelta(hours=7)) == []


async def shown(person: Person, event: Event) -> tuple[str, str]:
    """What comes in Telegram, and what stands in the web chat."""
    await person.reads()
    await let(person, event, "team:1")
    told = (await person.reads())[-1]
    on_web = [line.message.text for line in await person.lines() if line.via == "web"]
    return told.text, on_web[-1] if on_web else ""


@pytest.mark.parametrize(
    "said",
    ["/shared", "wij delen deze telefoon", "/unsafe", "mijn man slaat mij"],
)
async def test_on_a_shared_phone_a_notice_tells_nothing(person: Person, said: str) -> None:
    await person.asks_a_call()
    if said.startswith("/"):
        await person.does(Pressed(id=said))
    else:
        await person.says(said)
    told, on_web = await shown(person, Wrote(text="Over uw schulden: ik bel morgen."))

    assert "schulden" not in told
    assert "https://chat.example/w/" in told
    assert on_web == "Over uw schulden: ik bel morgen."


async def test_who_is_not_safe_at_home_gets_a_notice_that_tells_nothing(person: Person) -> None:
    await person.asks_a_call()
    answers = (await person.session()).answers
    unsafe = Answer(question="veilig_thuis", value="nee", at=MONDAY)
    await change(person, answers=(*answers, unsafe))
    told, on_web = await shown(person, Taken(contact=MARIEKE))

    assert "Marieke" not in told
    assert "Marieke" in on_web


async def test_others_read_the_message_where_they_are(person: Person) -> None:
    await person.asks_a_call()
    told, on_web = await shown(person, Taken(contact=MARIEKE))

    assert "Marieke" in told
    assert on_web == ""


async def test_on_a_shared_phone_an_answer_still_comes_in_the_chat(person: Person) -> None:
    await person.asks_a_call()
    await person.does(Pressed(id="/shared"))
    told = (await person.reads())[-1].text

    assert "https://chat.example" in told
    assert "/w/" not in told

    await person.says("ik wil nog iets zeggen over mijn huis")

    assert "/w/" not in (await person.reads())[-1].text


async def test_two_people_with_one_phone_have_a_request_each(intake: Intake) -> None:
    first = Person(intake)
    await first.asks_a_call()
    await first.says("wij delen deze telefoon")
    second = Person(intake, channel="web", chat="cookie of the second")
    second.updates = 100
    await second.asks_a_call("7151")
    requests = [await one.request() for one in (first, second)]

    assert len({one.reference for one in requests if one}) == 2
    assert not any("7101" in line.message.text for line in await second.lines())
