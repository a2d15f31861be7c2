"""Voice notes: kept with the question they were said under, and looked at the same day."""

import pytest

from intakebot.core.events import Expects, Sent
from intakebot.core.flow import Kind, Question
from intakebot.core.request import Request, in_minutes
from intakebot.core.session import Attachment
from tests.conversation import MONDAY, Conversation
from tests.core.stage import Stage, a_question, choices

STORY = a_question("verhaal", Kind.STORY)
WHO = a_question("wie", Kind.CHOICE, choices=choices("mij", "ander"))
NAME, TOWN, WISH = (
    a_question("naam", Kind.NAME),
    a_question("plaats", Kind.PLACE),
    a_question("wens", Kind.TEXT),
)
NUMBER = a_question("hoeveel", Kind.NUMBER)
LAST = a_question("einde", Kind.YES_NO)
STEPS_MAX = 40


def voice(name: str = "v1", seconds: int | None = None) -> Attachment:
    """A voice note."""
    return Attachment(id=name, kind="voice", bytes=9, received_at=MONDAY, seconds=seconds)


def on_screen(*questions: Question, **parts: object) -> Stage:
    """A stage with the first of these questions on screen."""
    stage = Stage(*questions, **parts)  # type: ignore[arg-type]  # parts of a session
    stage.begin()
    return stage


def skip_to(talk: Conversation, question: str) -> None:
    """Skip what is asked before this question."""
    for _ in range(STEPS_MAX):
        if talk.session.asked == question:
            return
        if talk.open.expects is Expects.CHOICES:
            talk.choose(*talk.proposed())
        else:
            talk.press("/skip")
    raise AssertionError(f"never asked {question}: {talk.asked}")


def spoken_only(*, text: str = "", seconds: int | None = 42) -> Request:
    """What is sent by somebody who spoke, and perhaps typed this beside it."""
    talk = Conversation("nl")
    talk.press("mij")
    talk.hear(Sent(attachment=voice(seconds=seconds), ref="1"))
    if text:
        talk.say(text)
    talk.press("klaar")
    talk.answer_rest({"leeftijd": "27_66", "postcode": "7101"})
    assert talk.request is not None
    return talk.request


@pytest.mark.parametrize("question", [NAME, TOWN, WISH])
def test_what_may_be_said_freely_may_be_spoken(question: Question) -> None:
    stage = on_screen(question, LAST)
    followed = stage.send("voice")

    assert followed == ["Fetch", "voice-kept", "?einde"]
    assert list(stage.answers().values()) == [None]
    assert stage.session.story[0].question == stage.session.answers[0].question


@pytest.mark.parametrize("question", [WHO, NUMBER, LAST])
def test_under_other_questions_it_is_kept_with_the_question_which_stays(question: Question) -> None:
    stage = on_screen(question)
    followed = stage.send("voice")

    assert followed == ["Fetch", "voice-kept", f"?{stage.session.asked}"]
    assert stage.session.story[0].question == stage.session.asked
    assert stage.session.answers == ()


def test_a_photo_under_a_name_answers_nothing() -> None:
    stage = on_screen(NAME)
    stage.send("photo")

    assert stage.session.answers == ()


def test_in_the_story_it_is_the_story() -> None:
    stage = on_screen(STORY)
    stage.send("voice")

    assert stage.session.story[0].question is None


def test_before_the_language_it_belongs_to_no_question() -> None:
    stage = on_screen(NAME, tongue=None)
    stage.send("voice")

    assert (stage.session.story[0].question, stage.session.answers) == (None, ())
    assert stage.session.story[0].audio == "a1"


def test_a_story_that_is_only_spoken_is_looked_at_the_same_day() -> None:
    request = spoken_only()

    assert (request.urgency.level, request.urgency.reasons[0].rule) == ("vandaag", "alleen_stem")
    assert request.promise_on == MONDAY.date()
    assert (request.only_spoken, request.unheard, request.seconds(request.unheard)) == (
        True,
        ("v1",),
        42,
    )
    assert request.summary_nl.splitlines()[-2:] == [
        (
            "Het verhaal is alleen ingesproken. Geen computer heeft het gelezen."
            " Het staat niet in deze samenvatting."
        ),
        "Niet in deze samenvatting: spraakberichten die nog niemand hoorde: 1 (samen 0:42 min).",
    ]


def test_polite_words_beside_it_change_nothing() -> None:
    assert spoken_only(text="hallo").urgency.level == "vandaag"


def test_beside_words_that_say_what_it_is_about_it_is_heard_the_same_day_too() -> None:
    """What was typed may be the lesser half of it."""
    request = spoken_only(text="Ik heb schulden.", seconds=None)

    assert (request.urgency.level, request.urgency.reasons[0].rule) == ("vandaag", "ook_stem")
    assert (request.only_spoken, request.seconds(request.unheard)) == (False, None)
    assert request.summary_nl.splitlines()[-1] == (
        "Niet in deze samenvatting: spraakberichten die nog niemand hoorde: 1."
    )


def test_an_answer_that_was_spoken_is_for_the_contact_person_to_hear() -> None:
    talk = Conversation("nl")
    talk.press("mij")
    talk.tell("Ik heb schulden.")
    skip_to(talk, "sterk")
    talk.hear(Sent(attachment=voice(), ref="1"))
    talk.answer_rest({})

    assert talk.request is not None
    asked = {it.question: it.because_nl for it in talk.request.to_ask}
    assert asked["sterk"] == "De inwoner sprak het antwoord in. Luister ernaar."
    assert [part.question for part in talk.request.story] == ["verhaal", "sterk"]
    assert {reason.rule for reason in talk.request.urgency.reasons}.isdisjoint(
        {"alleen_stem", "ook_stem"}
    )


def test_the_read_back_says_that_it_was_spoken() -> None:
    talk = Conversation("nl")
    talk.press("mij")
    talk.press("klaar")
    skip_to(talk, "naam")
    talk.hear(Sent(attachment=voice(), ref="1"))
    skip_to(talk, "controle")
    lines = {line.label: line.value for line in talk.open.lines}

    assert lines["Naam"] == "gesproken bericht"
    assert "gesproken bericht" not in lines.get("Verhaal", "")


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (9, "0:09"), (61, "1:01")])
def test_a_length_is_shown_as_players_do(seconds: int, shown: str) -> None:
    assert in_minutes(seconds) == shown
