"""Who tells about a person that does not know it: thanks, and nothing of what follows."""

from __future__ import annotations

import pytest

from intakebot.core.events import ClosedByTeam, Event, GaveBack, Taken, Wrote
from intakebot.core.session import ContactCard
from tests.conversation import Conversation

MARIEKE = ContactCard(name="Marieke", phone=None, team="Wijkteam Charlois")


def told(knows: str) -> Conversation:
    talk = Conversation()
    talk.press("ander")
    talk.tell("Mijn buurman komt bijna niet meer buiten en hij drinkt veel.")
    talk.answer_rest({"wie_bent_u": "buur", "weet_ander": knows, "postcode": "3082"})
    return talk


@pytest.mark.parametrize("event", [Taken(contact=MARIEKE), GaveBack(), ClosedByTeam()])
def test_what_the_team_does_is_not_told(event: Event) -> None:
    assert told("nee").hear(event) == ()
    assert told("ja").hear(event) != ()


def test_the_confirmation_thanks_and_promises_no_word() -> None:
    assert "Wijkteam Charlois" not in told("nee").text
    assert "Wij gaan voorzichtig langs." in told("nee").text
    assert "Wijkteam Charlois" in told("ja").text


def test_asking_for_news_gives_thanks_whatever_the_team_did() -> None:
    talk = told("nee")
    news = [talk.press("/status")[0].text]
    for event in (Taken(contact=MARIEKE), ClosedByTeam()):
        talk.hear(event)
        news += [talk.press("/status")[0].text, talk.say("Ik zag hem weer.")[0].text]

    assert {*news} == {
        "Dank u wel. Uw bericht is bij het team. Wat er verder gebeurt, is privé.",
        "Ik breng uw bericht naar het team.",
    }


def test_a_member_may_still_ask_something() -> None:
    assert told("nee").hear(Wrote(text="Op welk nummer woont hij?"))[0].text.startswith("Op welk")
