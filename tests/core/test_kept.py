"""What stays of a conversation beside what is said back: how it was said, in which message, and how often."""

import msgspec
import pytest

from intakebot.core.events import (
    Chose,
    Event,
    Marked,
    NoteForTeam,
    Pressed,
    Said,
    Sent,
    Taken,
    Tell,
)
from intakebot.core.flow import Kind, Known, Not
from intakebot.core.limits import SAID_CHARS_MAX
from intakebot.core.session import Answer, ContactCard, Outcome, Saying, Signal, Tongue
from tests.conversation import MONDAY, Conversation
from tests.core.stage import Stage, a_file, a_question, choices

STORY = a_question("verhaal", Kind.STORY)
NAME = a_question("naam", Kind.NAME)
PHONE = a_question("telefoon", Kind.PHONE, fact="telefoon")
COLOUR = a_question("kleur", Kind.CHOICE, choices=choices("rood", "blauw"))
CHECK = a_question("controle", Kind.READ_BACK)
POSTCODE = a_question("postcode", Kind.POSTCODE, fact="postcode")
PLACE = a_question(
    "plaats", Kind.PLACE, fact="plaats", when=Not(of=Known(name="postcode")), depends=("postcode",)
)
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

    assert stage.session.answers == (Answer(question="kleur", value="rood", at=stage.at, ref="5"),)
    assert stage.session.story[0].ref == "5"


def test_every_message_of_a_story_keeps_its_language_and_moment() -> None:
    stage = Stage(STORY, tongue=Tongue(lang="ar"))
    stage.say("I have debts", ref="1")

    assert stage.session.story == (Saying(text="I have debts", lang="ar", at=stage.at, ref="1"),)


def test_a_typed_answer_keeps_the_words_and_a_pressed_one_has_none() -> None:
    stage = Stage(COLOUR, NAME, CHECK)
    stage.press("rood")
    pressed = Answer(question="kleur", value="rood", at=stage.at)
    stage.say("ik heet Ada", ref="2")
    typed = Answer(question="naam", value="Ada", at=stage.at, said="ik heet Ada", ref="2")

    assert stage.session.answers == (pressed, typed)


def test_a_place_under_the_postcode_question_keeps_its_words_at_both_questions() -> None:
    stage = Stage(POSTCODE, PLACE, NAME, CHECK)
    stage.say("ik woon in Groenlo", ref="3")
    (skipped, place) = stage.session.answers

    for answer in (skipped, place):
        assert (answer.said, answer.ref, answer.at) == ("ik woon in Groenlo", "3", stage.at)
    assert (skipped.value, place.value) == (None, "Groenlo")


def test_a_place_that_takes_the_place_of_a_postcode_is_asked_once() -> None:
    stage = Stage(POSTCODE, PLACE, NAME, CHECK)
    stage.say("7101")
    stage.press("/change:postcode")

    assert stage.say("Groenlo")[-1] == "?naam"
    assert stage.answers() == {"postcode": None, "plaats": "Groenlo"}


@pytest.mark.parametrize(
    "before",
    [
        (Said(text="a" * (SAID_CHARS_MAX + 1)),),
        (Pressed(id="/stop"), Pressed(id="doorgaan")),
    ],
)
def test_what_was_told_first_keeps_its_moment(before: tuple[Event, ...]) -> None:
    """Also when the first thing that somebody does is none of what is asked."""
    stage = Stage(a_question("hallo", Kind.STATEMENT), NAME)
    for event in before:
        stage.hear(event)

    assert [(it.question, it.at) for it in stage.session.answers] == [("hallo", stage.at)]


def test_a_signal_keeps_the_question_that_stood_on_screen() -> None:
    stage = Stage(COLOUR)
    stage.begin()
    stage.say("ik wil dood")
    stage.press("/unsafe")

    said, pressed = stage.session.signals
    assert (said.category, said.question, said.words) == ("suicide", "kleur", "ik wil dood")
    assert pressed == Signal(
        category="immediate", strength="hard", question="kleur", words="/unsafe"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ja", (["danger-yes"], True)), ("nee", (["danger-no"], False)), ("weet ik niet", ([], None))],
)
def test_danger_is_kept_as_it_was_said_and_not_when_it_was_not(
    text: str, expected: tuple[list[str], object]
) -> None:
    stage = Stage(COLOUR, NAME, CHECK)
    stage.press("/unsafe")
    told = [one for one in stage.say(text) if one.startswith("danger-")]

    assert expected == (told, stage.session.danger_now)


def test_a_number_to_call_is_passed_on_only_when_it_is_known() -> None:
    stage = Stage(STORY, PHONE, outcome=Outcome.SUBMITTED)
    stage.press("/person")

    assert stage.effects[0] == NoteForTeam(key="call_me", text="")


FRUIT = a_question("fruit", Kind.CHOICES, choices=choices("appel", "peer"))
TREES = a_question("bomen", Kind.CHOICES, choices=choices("appel", "peer"))


@pytest.mark.parametrize("move", ["/back", "/change:fruit"])
def test_ticks_that_do_not_count_yet_are_no_ticks_of_another_question(move: str) -> None:
    stage = Stage(FRUIT, TREES, NAME)
    stage.hear(Chose(ids=("appel",)))
    stage.hear(Marked(id="peer", on=True))

    assert stage.press(move) == ["?fruit"]
    stage.press("klopt")
    assert stage.answers() == {"fruit": ("appel",)}


def test_ticks_of_a_change_that_is_left_are_gone() -> None:
    stage = Stage(FRUIT, TREES, NAME)
    stage.hear(Chose(ids=("appel",)))
    stage.press("/change:fruit")
    stage.hear(Marked(id="peer", on=True))

    assert stage.press("/skip") == ["?bomen"]
    stage.press("klopt")
    assert stage.answers() == {"fruit": ("appel",), "bomen": ()}


def test_a_tick_is_put_beside_those_that_were_proposed() -> None:
    talk = Conversation()
    talk.press("mij")
    talk.tell("Ik heb schulden")
    proposed = talk.proposed()
    added = next(it.id for it in talk.open.buttons if it.id[0] != "/" and not it.proposed)
    talk.hear(Marked(id=added, on=True))

    assert proposed
    assert set(talk.proposed()) == {*proposed, added}
