"""After the promised day: asked once, by name or by team, and never of who is promised nothing."""

from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
import pytest

from intakebot.core.events import (
    Began,
    ClosedByTeam,
    Event,
    Message,
    PromisePassed,
    Taken,
    Unreadable,
    Wrote,
)
from intakebot.core.law.clocks import check_in_at
from intakebot.core.session import Aside, ContactCard, Promise
from intakebot.core.talking.responding import _promise
from tests.conversation import Conversation, shipped_flow

MARIEKE = ContactCard(name="Marieke", phone="06-12345678", team="Sociaal team Winterswijk")
WRITES = MARIEKE.replace(phone=None)


def sent(postcode: str = "7101") -> Conversation:
    talk = Conversation("nl")
    talk.press("mij")
    for told in ("bel mij", postcode, "Ada", "0612345678"):
        talk.say(told)
    talk.press("ja")
    return talk


def last(talk: Conversation, *events: Event) -> tuple[Message, ...]:
    return [talk.hear(event) for event in events][-1]


@pytest.mark.parametrize(
    ("promised", "asked"),
    [
        (date(2026, 12, 7), "2026-12-08T10:00"),
        (date(2026, 11, 27), "2026-11-30T10:00"),
        (date(2026, 12, 24), "2026-12-28T10:00"),
    ],
)
def test_it_is_asked_on_the_first_working_day_after_the_promise(promised: date, asked: str) -> None:
    expected = datetime.fromisoformat(asked).replace(tzinfo=ZoneInfo("Europe/Amsterdam"))

    assert check_in_at(promised) == expected


def test_it_is_asked_unasked_and_once() -> None:
    talk = sent()
    (asked,) = talk.hear(PromisePassed())

    assert asked.text == "Heeft Sociaal team Winterswijk al contact met u gehad?"
    assert asked.unasked
    assert [it.id for it in asked.buttons] == ["ja", "nee", "nog_niet", "/unsafe", "/back"]
    assert talk.hear(PromisePassed()) == ()


def test_the_contact_person_is_called_by_name() -> None:
    (asked,) = last(sent(), Taken(contact=MARIEKE), PromisePassed())

    assert asked.text == "Heeft Marieke al contact met u gehad?"


def test_a_story_from_before_promises_were_kept_names_nobody() -> None:
    talk = sent()
    talk.session = talk.session.replace(promise=None)
    (asked,) = talk.hear(PromisePassed())

    assert asked.text == "Heeft Een medewerker al contact met u gehad?"


@pytest.mark.parametrize("event", [ClosedByTeam(), Wrote(text="Dag")])
def test_who_heard_from_the_team_or_is_done_is_not_asked(event: Event) -> None:
    talk = sent()
    talk.hear(Taken(contact=MARIEKE))

    assert last(talk, event, PromisePassed()) == ()


def test_who_has_withdrawn_is_not_asked() -> None:
    talk = sent()
    talk.press("/withdraw")
    talk.press("ja")

    assert talk.hear(PromisePassed()) == ()


@pytest.mark.parametrize(
    ("answer", "notes"), [("ja", []), ("nee", ["no_contact"]), ("nog_niet", ["appointment"])]
)
def test_the_answer_stands_on_the_request_and_no_is_told_the_team(
    answer: Literal["ja", "nee", "nog_niet"], notes: list[str]
) -> None:
    talk = sent()
    talk.hear(PromisePassed())
    talk.press(answer)

    assert talk.response.contacted == talk.session.contacted == answer
    assert [note.key for note in talk.response.notes] == notes
    assert talk.session.aside is None


def test_what_is_written_instead_goes_to_the_team_and_the_question_stays() -> None:
    talk = sent()
    talk.hear(PromisePassed())
    talk.say("Mijn huur is nu ook achter.")

    assert talk.response.relays[0].text == "Mijn huur is nu ook achter."
    assert talk.session.aside is Aside.CONTACTED
    assert last(talk, Unreadable(kind="sticker"))[-1].question == "contacted"


def test_when_a_member_writes_a_no_is_over_and_yes_is_meant_for_the_member() -> None:
    talk = sent()
    talk.hear(Taken(contact=MARIEKE))
    talk.hear(PromisePassed())
    talk.press("nee")
    talk.hear(Wrote(text="Sorry. Morgen?"))
    assert talk.response.contacted == "ja"

    other = sent()
    other.hear(Taken(contact=MARIEKE))
    other.hear(PromisePassed())
    other.hear(Wrote(text="Kan het morgen?"))
    other.say("ja")
    assert other.response.contacted is None
    assert [it.text for it in other.response.relays] == ["ja"]


@pytest.mark.parametrize(
    ("queue", "name", "has_phone"),
    [
        ("GM0294/sociaal-team", "Sociaal team Winterswijk", True),
        ("GM0294/onbekend", "Winterswijk", True),
        ("onbekend", "Voorbeeldregio", False),
    ],
)
def test_the_promise_names_the_team_or_the_municipality_or_the_region(
    queue: str, name: str, *, has_phone: bool
) -> None:
    request = sent().request
    assert request is not None
    routing = msgspec.structs.replace(request.routing, queue=queue)
    made = _promise(shipped_flow().region, msgspec.structs.replace(request, routing=routing))

    assert made is not None
    assert (made.team, made.on) == (name, request.promise_on)
    assert (made.phone is not None) is has_phone


def test_who_worries_about_another_is_promised_nothing() -> None:
    request = sent().request
    assert request is not None
    signal = msgspec.structs.replace(request, type="zorgsignaal_derde")

    assert _promise(shipped_flow().region, signal) is None


@pytest.mark.parametrize(
    ("contact", "promised", "says"),
    [
        (MARIEKE, True, "Zelf bellen kan ook: 06-12345678."),
        (WRITES, True, "Zelf bellen kan ook: 0543 543 543."),
        (WRITES, False, "Uw contactpersoon is Marieke van Sociaal team Winterswijk."),
        (None, True, "De afspraak is: contact uiterlijk maandag 7 december."),
        (None, False, "Uw verhaal is bij het team."),
    ],
)
def test_the_status_says_who_when_and_which_number(
    contact: ContactCard | None, says: str, *, promised: bool
) -> None:
    talk = sent()
    promise: Promise | None = talk.session.promise if promised else None
    talk.session = talk.session.replace(contact=contact, promise=promise)
    (told,) = talk.hear(Began())

    assert says in told.text


def test_without_a_number_the_status_says_what_is_known() -> None:
    talk = sent()
    assert talk.session.promise is not None
    promise = talk.session.promise.replace(phone=None)
    talk.session = talk.session.replace(contact=WRITES, promise=promise)
    assert "Marieke" in talk.hear(Began())[0].text

    talk.session = talk.session.replace(contact=None)
    assert "Uw verhaal is bij het team." in talk.hear(Began())[0].text
