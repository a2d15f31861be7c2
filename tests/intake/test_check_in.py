"""What a person says about first contact stands on the request, with a note for the team."""

from __future__ import annotations

from intakebot.core.events import PromisePassed
from tests.intake.house import Person
from tests.intake.test_intake import let


async def test_no_contact_is_written_on_the_request(person: Person) -> None:
    await person.asks_a_call()
    await let(person, PromisePassed(), "clock:check")
    await person.presses("nee")
    request = await person.request()

    assert request is not None
    assert request.contacted == "nee"
    assert (await person.session()).contacted == "nee"


async def test_it_is_asked_at_a_time_of_the_day_and_only_once(person: Person) -> None:
    await person.asks_a_call()
    await person.reads()
    for key in ("clock:check:1", "clock:check:2"):
        await let(person, PromisePassed(), key)

    assert [message.unasked for message in await person.reads()] == [True]
