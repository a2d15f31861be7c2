"""After sending, "this is not right" is a note for the team; what was sent stays as it was."""

import pytest

from intakebot.core.events import Expects, Sent
from intakebot.core.session import Aside, Attachment
from tests.conversation import MONDAY, Conversation


def sent(lang: str = "nl") -> Conversation:
    talk = Conversation(lang)
    talk.press("mij")
    talk.press("/person")
    for told in ("7101", "Ada", "0612345678"):
        talk.say(told)
    talk.press("ja")
    return talk


@pytest.mark.parametrize(
    ("line", "told"),
    [("naam", "Naam: Aida"), ("taal", "taal: Aida")],
)
def test_the_note_names_the_line_in_dutch_and_the_answers_stay(line: str, told: str) -> None:
    talk = sent("en")
    before = talk.session.answers
    talk.press("/change")
    (asked,) = talk.press(line)
    talk.say("Aida")

    assert asked.expects is Expects.TEXT
    assert [(note.key, note.text) for note in talk.response.notes] == [("correction", told)]
    assert talk.session.answers == before
    assert (talk.session.aside, talk.session.correcting, talk.session.asked) == (None, None, None)


def test_a_bsn_is_taken_out_of_it() -> None:
    talk = sent()
    talk.press("/change")
    talk.press("naam")
    talk.say("Mijn bsn is 111222333")

    assert "111222333" not in talk.response.notes[0].text


def test_a_voice_note_instead_of_words_goes_to_the_team() -> None:
    talk = sent()
    talk.press("/change")
    talk.press("naam")
    voice = Attachment(id="a1", kind="voice", bytes=9_000, received_at=MONDAY)
    talk.hear(Sent(attachment=voice))

    assert talk.response.relays
    assert talk.session.aside is None


def test_a_move_in_between_ends_it() -> None:
    talk = sent()
    talk.press("/change")
    talk.press("naam")
    talk.press("/status")
    talk.say("Dank u wel.")

    assert talk.response.notes == ()
    assert [relay.text for relay in talk.response.relays] == ["Dank u wel."]


def test_a_line_that_is_not_among_them_may_not_be_chosen() -> None:
    talk = sent()
    talk.press("/change")
    talk.press("verhaal")

    assert talk.session.correcting is None


def test_a_button_that_is_not_there_means_nothing() -> None:
    talk = sent()
    talk.press("/change")
    talk.press("naam")
    talk.press("ja")

    assert talk.response.notes == ()
    assert talk.session.aside is None


def test_what_was_withdrawn_is_not_corrected() -> None:
    talk = sent()
    talk.press("/withdraw")
    talk.press("ja")
    talk.press("/change")

    assert talk.session.aside is None


@pytest.mark.parametrize("aside", [Aside.CORRECTING, Aside.REWORDING, Aside.CONTACTED])
def test_before_sending_these_asides_mean_nothing(aside: Aside) -> None:
    talk = Conversation("nl")
    talk.session = talk.session.replace(aside=aside)
    talk.press("ja")

    assert talk.response.request is None
