"""What a desk says back: echoes, buttons that are late, and rare lines of the read-back."""

from __future__ import annotations

import pytest

from intakebot.core.events import (
    Button,
    Chose,
    Edited,
    Event,
    Marked,
    Message,
    Pressed,
    Said,
    Sender,
    Sent,
    SharedPhone,
    Wrote,
)
from intakebot.core.flow import Kind
from intakebot.core.session import ContactCard, Outcome, Tongue
from tests.conversation import MONDAY, Conversation
from tests.core.stage import a_file, a_flow, a_question, choices


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Said(text="bsn 111222333"), "bsn [BSN verwijderd]"),
        (Edited(text="Ada", ref="1"), "Ada"),
        (Sent(attachment=a_file(), caption="de brief"), "de brief"),
        (Sent(attachment=a_file()), "bestand"),
        (SharedPhone(number="061", own=True), "061"),
        (Pressed(id="mij"), "Voor mij"),
        (Pressed(id="nix"), None),
        (Chose(ids=("mij", "ander")), "Voor mij, Voor iemand anders"),
        (Marked(id="mij", on=True), None),
    ],
)
def test_the_web_chat_shows_what_was_said(event: Event, expected: str | None) -> None:
    talk = Conversation()

    assert expected == talk.desk.echo(talk.session, event, MONDAY)


def test_a_press_is_shown_back_in_the_words_that_were_on_screen() -> None:
    talk = Conversation()
    shown = Message(text="?", tongue=Tongue(lang="nl"), buttons=(Button(id="a", label="Blauw"),))

    assert talk.desk.echo(talk.session, Pressed(id="a"), MONDAY, shown) == "Blauw"


def test_a_late_button_answers_nothing_but_not_safe_always_works() -> None:
    talk = Conversation()
    late = talk.hear(Pressed(id="mij", prompt="old"))
    unsafe = talk.hear(Pressed(id="/unsafe", prompt="old"))

    assert late[-1].question == "voor_wie"
    assert "voor_wie" not in {answer.question for answer in talk.session.answers}
    assert unsafe[0].kind == "card"


def test_a_message_of_somebody_without_a_name_is_passed_on() -> None:
    talk = Conversation()
    talk.session = talk.session.replace(outcome=Outcome.SUBMITTED)
    (message,) = talk.hear(Wrote(text="Dag"))

    assert (message.sender, message.signed) == (None, "Dag")


def test_who_wrote_a_message_stands_beside_its_text() -> None:
    talk = Conversation()
    contact = ContactCard(name="Els", phone=None, team="Sociaal team")
    talk.session = talk.session.replace(outcome=Outcome.SUBMITTED, contact=contact)
    (message,) = talk.hear(Wrote(text="Dag"))

    assert (message.sender, message.text) == (Sender(name="Els", line="Van Els:"), "Dag")
    assert message.signed == "Van Els:\nDag"


def test_lines_of_rare_kinds_are_read_back_in_words() -> None:
    flow = a_flow(
        a_question("dag", Kind.DATE),
        a_question("fruit", Kind.CHOICES, choices=choices("appel", "peer")),
        a_question("aantal", Kind.NUMBER),
        a_question("brief", Kind.ATTACHMENT),
        a_question("controle", Kind.READ_BACK),
    )
    talk = Conversation(flow=flow)
    talk.say("26 november")
    talk.press("klopt")
    talk.say("drie")
    talk.press("/skip")
    values = {line.label: line.value for line in talk.open.lines}

    assert values == {
        "Taal": "Nederlands",
        "dag": "donderdag 26 november",
        "fruit": "niets gekozen",
        "aantal": "3",
        "brief": "overgeslagen",
    }


def test_the_open_question_is_asked_again_as_it_stands() -> None:
    """Nothing where there is none: before the first word, and after the story was sent."""
    talk = Conversation()
    shown = talk.hear(Pressed(id="nl"))[-1]
    away, again = talk.desk.again(talk.session, MONDAY)

    assert away.text.startswith("Wij waren even niet bereikbaar")
    assert (again.prompt, again.buttons) == (shown.prompt, shown.buttons)
    assert talk.desk.again(talk.session.replace(asked=None), MONDAY) == ()
    assert talk.desk.again(talk.session.replace(outcome=Outcome.SUBMITTED), MONDAY) == ()
