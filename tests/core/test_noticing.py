"""Noticing: another language than was picked is offered once; what was written is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intakebot.core.flow import Flow, Kind, Question
from intakebot.core.session import Tongue
from tests.conversation import Conversation
from tests.core.stage import Stage, a_flow, a_question, choices

STORY = a_question("verhaal", Kind.STORY)
NAME = a_question("naam", Kind.NAME)
FREE = a_question("over", Kind.TEXT)
COLOUR = a_question("kleur", Kind.CHOICE, choices=choices("rood"))
ARABIC = "ما عندنا دخل بعد ولا أفهم الرسائل من البلدية"
PERSIAN = "من پول اجاره خانه را ندارم و نمی‌دانم چه کار کنم"
TIGRINYA = "ገንዘብ የብለይን፣ ክራይ ገዛ ክኸፍል ኣይክእልን እየ"
UKRAINIAN_CRISIS = "Я хочу вбити себе, я більше не можу жити"
OFFER = "?aside:tongue"


def a_talk(*questions: Question, without: str = "", **parts: object) -> Stage:
    """These questions, in a region that offers everything but one language."""
    flow: Flow = a_flow(*questions)
    codes = tuple(code for code in flow.region.languages if code != without)
    stage = Stage(flow=replace(flow, region=flow.region.replace(languages=codes)), **parts)
    stage.begin()
    return stage


def tongue(stage: Stage) -> str | None:
    return stage.session.tongue.lang if stage.session.tongue else None


@pytest.mark.parametrize(
    ("text", "guess"), [(ARABIC, ("ar",)), (TIGRINYA, ("ti",)), (PERSIAN, ("fa", "fa_AF"))]
)
def test_a_story_in_another_language_is_kept_and_that_one_is_offered(
    text: str, guess: tuple[str, ...]
) -> None:
    stage = a_talk(STORY)

    assert stage.say(text) == [OFFER]
    assert stage.session.guess == guess
    assert tongue(stage) == "nl"
    assert [saying.text for saying in stage.session.story] == [text]
    assert stage.press(guess[-1]) == ["unreviewed", "?verhaal"]
    assert tongue(stage) == guess[-1]
    assert [saying.text for saying in stage.session.story] == [text]


@pytest.mark.parametrize("no", ["nee", "لا", "nederlands"])
def test_who_says_no_goes_on_and_is_not_asked_again(no: str) -> None:
    stage = a_talk(STORY)
    stage.say(ARABIC)

    assert stage.say(no) == ["?verhaal"]
    assert tongue(stage) == "nl"
    assert stage.say(ARABIC) == ["?verhaal"]
    assert len(stage.session.story) == 2


@pytest.mark.parametrize("yes", ["ja", "نعم", "arabisch", "العربية", "ar"])
def test_the_answer_may_be_typed(yes: str) -> None:
    stage = a_talk(STORY)
    stage.say(ARABIC)

    assert stage.say(yes) == ["unreviewed", "?verhaal"]
    assert tongue(stage) == "ar"


def test_yes_to_two_languages_says_too_little() -> None:
    stage = a_talk(STORY)
    stage.say(PERSIAN)

    assert stage.say("بله") == ["?verhaal"]
    assert tongue(stage) == "nl"


def test_who_writes_on_instead_is_heard() -> None:
    stage = a_talk(STORY)
    stage.say(ARABIC)

    assert stage.say("كنت أعمل نجارا وأريد أن أعمل") == ["?verhaal"]
    assert len(stage.session.story) == 2


def test_a_free_answer_in_another_language_is_kept_and_offered_too() -> None:
    stage = a_talk(FREE, COLOUR)

    assert stage.say(ARABIC) == [OFFER]
    assert stage.answers() == {"over": ARABIC}
    assert stage.press("nee") == ["?kleur"]


def test_a_name_has_no_language() -> None:
    assert a_talk(NAME, STORY).say("محمد عبد الرحمن الأحمد السوري") == ["?verhaal"]


@pytest.mark.parametrize("text", ["Ik heb schulden en ik weet niet wat ik moet", "rood"])
def test_the_language_that_was_picked_is_not_offered(text: str) -> None:
    assert a_talk(STORY).say(text) == ["?verhaal"]
    assert a_talk(STORY, tongue=Tongue(lang="nl", level="A2")).say(text) == ["?verhaal"]


def test_farsi_is_not_offered_to_who_picked_dari() -> None:
    assert a_talk(STORY, tongue=Tongue(lang="fa_AF")).say(PERSIAN) == ["?verhaal"]


def test_a_language_that_the_region_does_not_offer_is_not_offered() -> None:
    assert a_talk(STORY, without="ar").say(ARABIC) == ["?verhaal"]
    stage = a_talk(STORY, without="fa")
    assert stage.say(PERSIAN) == [OFFER]
    assert stage.session.guess == ("fa_AF",)


def test_nothing_is_offered_beside_a_crisis_card() -> None:
    stage = a_talk(STORY)
    shown = stage.say(UKRAINIAN_CRISIS)

    assert shown[0].startswith("!")
    assert shown[1:] == ["?verhaal"]
    assert stage.session.guess == ("uk",)
    assert stage.say("Я шукаю роботу і хочу вчити мову, але не знаю, де почати") == [OFFER]


def test_a_story_before_the_language_only_orders_the_picker() -> None:
    stage = a_talk(STORY, tongue=None, hint="pl")

    stage.say("rood")
    assert stage.session.hint == "pl"
    assert stage.say(ARABIC) == ["joined-story", "?taal"]
    assert stage.session.hint == "ar"
    assert tongue(stage) is None
    stage.say("hm")
    assert stage.session.hint == "ar"


def test_the_card_speaks_both_languages_and_the_picked_one_first() -> None:
    talk = Conversation("nl")
    talk.press("mij")
    card = talk.say(UKRAINIAN_CRISIS)[0].text

    assert card.startswith("Denkt u aan zelfmoord?")
    assert "Ви думаєте" in card or "самогубство" in card


def test_the_offer_is_in_the_language_itself_and_names_both() -> None:
    talk = Conversation("nl-A2")
    talk.press("mij")
    offer = talk.say(ARABIC)[-1]

    assert (offer.text, offer.tongue) == ("هل تريد المتابعة بالعربية؟", Tongue(lang="ar"))
    assert [(it.id, it.label, it.lang) for it in offer.buttons] == [
        ("ar", "العربية", "ar"),
        ("nee", "Makkelijk Nederlands", "nl"),
        ("/unsafe", "Ik ben niet veilig", None),
        ("/back", "Terug", None),
    ]
