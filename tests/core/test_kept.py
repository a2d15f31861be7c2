"""What stays of a conversation beside what is said back: how it was said, in which message, and how often."""

import msgspec

from intakebot.core.events import NoteForTeam, Sent, Taken, Tell
from intakebot.core.flow import Kind
from intakebot.core.session import Answer, ContactCard, Outcome
from tests.conversation import MONDAY
from tests.core.stage import Stage, a_file, a_question, choices

STORY = a_question("verhaal", Kind.STORY)
NAME = a_question("naam", Kind.NAME)
PHONE = a_question("telefoon", Kind.PHONE, fact="telefoon")
COLOUR = a_question("kleur", Kind.CHOICE, choices=choices("rood", "blauw"))
CONTACT = ContactCard(name="Marieke", phone=None, team="Sociaal team")


def test_where_it_stands_names_the_number_and_who_will_call() -> None:
    stage = Stage(STORY, outcome=Outcome.SUBMITTED, reference="IB-1")
    stage.press("/status")
    assert stage.effects == (Tell(key="status-sent", values={"reference": "IB-1"}),)

    stage.hear(Taken(contact=CONTACT))
    stage.press("/status")
    values = {"reference": "IB-1", "name": "Marieke", "team": "Sociaal team"}
    assert stage.effects == (Tell(key="status-taken", values=values),)

    stage.session = stage.session.replace(closed=True)
    stage.press("/status")
    assert stage.effects == (Tell(key="closed", values={"reference": "IB-1"}),)

    stage.session = stage.session.replace(outcome=Outcome.WITHDRAWN)
    stage.press("/status")
    assert stage.effects == (Tell(key="withdrawn", values={"reference": "IB-1"}),)


def test_who_asks_to_be_called_after_sending_is_passed_on_with_the_number() -> None:
    number = Answer(question="telefoon", value="+31612345678", at=MONDAY)
    told = Stage(STORY, PHONE, outcome=Outcome.SUBMITTED, answers=(number,))
    told.press("/person")

    assert told.effects[0] == NoteForTeam(key="call_me", text="+31612345678")
    assert told.session.wants_call


def test_pictures_that_were_sent_together_are_thanked_for_once() -> None:
    stage = Stage(STORY, outcome=Outcome.SUBMITTED)
    one, two = (
        msgspec.structs.replace(a_file(name=name), album="a") for name in ("first", "second")
    )

    assert stage.hear(Sent(attachment=one)) == ["Fetch", "Relay: ", "added"]
    assert stage.hear(Sent(attachment=two)) == ["Fetch", "Relay: "]


def test_every_number_that_was_masked_is_counted() -> None:
    stage = Stage(STORY)
    stage.say("mijn bsn is 111222333")
    stage.say("en van mijn zoon 123456782")

    assert stage.session.masked == 2


def test_a_cry_for_help_at_a_name_keeps_the_message_that_it_stood_in() -> None:
    stage = Stage(STORY, NAME)
    stage.say("Ik heb schulden", ref="1")
    stage.press("klaar")
    assert stage.session.asked == "naam"
    stage.say("ik wil dood", ref="2")

    assert [(it.text, it.ref) for it in stage.session.story] == [
        ("Ik heb schulden", "1"),
        ("ik wil dood", "2"),
    ]


def test_an_answer_inside_a_story_keeps_the_message_that_it_stood_in() -> None:
    stage = Stage(COLOUR, STORY)
    stage.begin()
    stage.say("Rood. Ik heb al heel lang geen geld meer en dat is moeilijk", ref="5")

    (answer,) = stage.session.answers
    assert (answer.question, answer.value, answer.ref) == ("kleur", "rood", "5")
    assert stage.session.story[0].ref == "5"
