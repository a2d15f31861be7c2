"""What people read, where no transcript shows it."""

from __future__ import annotations

import msgspec
import pytest

from intakebot.core.flow import ready
from tests.conversation import Conversation, shipped_flow


def test_a_missing_translation_is_said_in_dutch() -> None:
    flow = shipped_flow()
    bare = msgspec.structs.replace(flow.revision, translations={"ar": {}})
    talk = Conversation(
        "ar", flow=ready(bare, flow.lexicon, flow.phrases, flow.spoken, flow.region)
    )

    assert talk.open.text == flow.by_key["voor_wie"].text


def test_telegram_says_first_what_it_is_and_where_the_web_chat_is() -> None:
    talk = Conversation(None)
    talk.session = talk.session.replace(scope="full")
    talk.press("nl")

    assert "https://chat.example" in talk.text


def test_a_fact_that_was_heard_is_offered_without_an_earlier_answer() -> None:
    talk = Conversation()
    talk.press("mij")
    talk.tell("Ik heb schulden")
    talk.press("/change")
    talk.press("schulden")

    assert talk.open.question == "schulden"
    assert talk.open.text == shipped_flow().by_key["schulden"].text


def test_a_story_that_was_not_told_is_no_line_of_the_read_back() -> None:
    talk = Conversation()
    talk.press("mij")
    talk.press("klaar")
    talk.press("/back")

    assert "Klaar" in talk.open.text

    talk.press("klaar")
    talk.choose()
    while talk.open.question != "controle":
        talk.press("/skip")

    assert "verhaal" not in [line.question for line in talk.open.lines]


def test_stop_and_then_go_on_changes_nothing() -> None:
    talk = Conversation()
    talk.press("mij")
    before = talk.session.answers
    talk.press("/stop")
    talk.press("doorgaan")

    assert before == talk.session.answers
    assert talk.open.question == "verhaal"


@pytest.mark.parametrize("words", ["weet ik niet", "geen idee"])
def test_not_knowing_is_no_answer_to_a_free_question(words: str) -> None:
    talk = Conversation()
    talk.press("mij")
    talk.tell("Ik zit de hele dag thuis")
    talk.choose("tijdsbesteding")
    while talk.open.question != "sterk":
        talk.press("/skip")
    talk.say(words)

    assert [a.value for a in talk.session.answers if a.question == "sterk"] == [None]


def test_the_urgent_number_and_the_usual_one_are_both_said() -> None:
    flow = shipped_flow()
    ours = [
        municipality.replace(urgent=municipality.urgent.replace(number="0800-1111"))
        for municipality in flow.region.municipalities
    ]
    region = flow.region.replace(municipalities=tuple(ours))
    talk = Conversation(flow=ready(flow.revision, flow.lexicon, flow.phrases, flow.spoken, region))
    talk.press("mij")
    talk.tell("Ik heb schulden. De stroom wordt donderdag afgesloten.")
    talk.answer_rest({"postcode": "7151", "telefoon": "0612345678"})

    assert "Bel vandaag 0800-1111" in talk.text
    assert "0545 250 250" in talk.text


def test_hunger_gets_a_number_in_every_language_before_one_is_picked() -> None:
    talk = Conversation(None)
    talk.say("wij hebben niets te eten en geen geld voor eten vandaag")

    assert talk.messages[-3].text.count("0800-8115") >= 3


def test_the_read_back_says_a_day_that_nobody_could_read_as_it_was_told() -> None:
    talk = Conversation("nl")
    talk.press("mij")
    talk.say("De stroom wordt deze week afgesloten en ik heb schulden.")
    while talk.open.question != "controle":
        ids = [button.id for button in talk.open.buttons]
        talk.press(next((one for one in ("klaar", "klopt") if one in ids), "/skip"))

    told = next(line for line in talk.open.lines if line.question == "dreiging_wanneer")
    assert told.value == "De stroom wordt deze week afgesloten en ik heb schulden"


def moves_on_screen(talk: Conversation) -> tuple[list[str], list[str]]:
    """The moves under the open question: those in sight, and those behind "more"."""
    found = [button for button in talk.open.buttons if button.id.startswith("/")]
    return [it.id for it in found if not it.quiet], [it.id for it in found if it.quiet]


def test_a_wish_for_a_person_stays_in_sight_at_the_start_and_is_found_once() -> None:
    talk = Conversation()
    talk.press("/back")
    talk.press("nl")
    sight, behind = moves_on_screen(talk)
    assert (talk.open.question, sight[2]) == ("voor_wie", "/person")
    assert "/person" not in behind

    talk.press("mij")
    sight, _ = moves_on_screen(talk)
    assert (talk.open.question, sight[2]) == ("verhaal", "/person")

    talk.tell("Ik heb schulden")
    talk.press("klaar")
    sight, behind = moves_on_screen(talk)
    assert "/person" not in sight
    assert behind.count("/person") == 1


def test_who_asked_for_a_call_can_take_that_back_where_the_wish_stood() -> None:
    talk = Conversation()
    talk.press("mij")
    talk.press("/person")
    for question in ("postcode", "naam"):
        assert talk.open.question == question
        sight, behind = moves_on_screen(talk)
        assert "/person" not in sight + behind
        assert (sight + behind).count("/no-call") == 1
        talk.say("7101")


def test_the_picker_can_be_pressed_only_as_it_is_on_screen() -> None:
    talk = Conversation(None)
    talk.say("hallo")

    assert talk.open.question == "taal"
    assert talk.open.prompt
