"""What a desk says back: echoes, buttons that are late, and rare lines of the read-back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

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
from intakebot.core.session import ContactCard, Outcome, Session, Tongue
from tests.conversation import MONDAY, Conversation
from tests.core.stage import a_file, a_flow, a_question, choices


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Said(text="bsn 111222333"), "bsn [BSN verwijderd]"),
        (Edited(text="Ada", ref="1"), "Ada"),
        (Sent(attachment=a_file(), caption="de brief"), "de brief"),
        (Sent(attachment=a_file()), "bestand"),
        (Sent(attachment=a_file("voice")), "gesproken bericht"),
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


def test_buttons_change_under_the_message_that_was_pressed_whatever_came_after_it() -> None:
    talk = Conversation()
    shown = talk.open
    (more,) = talk.hear(Pressed(id="/more", prompt=shown.prompt, under="31"))
    typed = talk.hear(Said(text="meer"))
    bare = talk.hear(Pressed(id="/more", prompt=shown.prompt))

    assert (more.amends, more.under) == (True, "31")
    assert [(it.amends, it.under) for it in (*typed, *bare)] == [(True, None)] * 2, "said anew"


def test_what_is_said_after_a_press_stands_under_nothing() -> None:
    talk = Conversation()
    said = talk.hear(Pressed(id="mij", prompt=talk.open.prompt, under="31"))

    assert [it.under for it in said] == [None] * len(said)


def test_a_question_that_is_shown_again_keeps_the_buttons_of_its_first_copy_good() -> None:
    talk = Conversation()
    first = talk.open
    talk.say("hm")
    again = talk.open

    assert again is not first
    assert (again.question, again.prompt) == (first.question, first.prompt)
    talk.hear(Pressed(id="mij", prompt=first.prompt))
    assert talk.session.answers[-1].value == "mij"
    assert talk.open.prompt != first.prompt


def test_ticks_of_a_form_that_is_not_on_screen_any_more_answer_nothing() -> None:
    talk = Conversation()
    late = talk.hear(Chose(ids=("mij",), prompt="old"))

    assert late[-1].question == "voor_wie"
    assert "voor_wie" not in {answer.question for answer in talk.session.answers}


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


def test_what_is_sent_says_through_which_channel_and_leaves_no_question_on_screen() -> None:
    talk = Conversation(flow=a_flow(a_question("controle", Kind.READ_BACK)), channel="telegram")
    talk.press("ja")

    assert talk.request is not None
    assert talk.request.channel == "telegram"
    assert talk.session.reference == talk.request.reference
    assert talk.session.asked is None


@pytest.mark.parametrize(("key", "kind"), [("plaats", Kind.PLACE), ("postcode", Kind.POSTCODE)])
def test_the_confirmation_has_the_number_of_the_place_however_it_was_told(
    key: str, kind: Kind
) -> None:
    where = a_question(key, kind, fact=key)
    talk = Conversation(flow=a_flow(where, a_question("controle", Kind.READ_BACK)))
    talk.say("Winterswijk" if kind is Kind.PLACE else "7101")
    (confirmed,) = talk.press("ja")
    found = talk.desk.flow.place_of("7101", None).municipality

    assert found is not None
    assert found.phone.number in confirmed.text


def test_who_begins_anew_has_a_new_session_in_the_same_tongue_and_the_same_bot() -> None:
    later = MONDAY + timedelta(days=3)
    talk = Conversation("ar", scope="short")
    talk.say("Ik heb schulden")
    talk.press("/restart")
    talk.at = later
    first, *_, last = talk.press("ja")
    revision = talk.desk.flow.revision

    assert talk.session == Session(
        id="s2",
        flow=revision.id,
        revision=revision.revision,
        started_at=later,
        scope="short",
        tongue=Tongue(lang="ar"),
        answers=talk.session.answers,
        turn=talk.session.turn,
        asked=talk.session.asked,
    )
    assert {answer.value for answer in talk.session.answers} == {""}, "told, not skipped"
    assert first.text == talk.desk.words.say(Tongue(lang="ar"), "tell.restarted")
    assert last.question == talk.session.asked == "voor_wie"


def test_a_day_is_that_of_the_netherlands_also_just_after_midnight() -> None:
    talk = Conversation(at=datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    talk.press("/stop")
    (kept,) = talk.press("bewaren")

    assert talk.desk.words.day(Tongue(lang="nl"), date(2026, 12, 8)) in kept.text


def test_who_comes_through_telegram_reads_where_the_web_chat_is() -> None:
    talk = Conversation(None, channel="telegram", scope="full")
    first, *_ = talk.press("nl")

    assert "https://chat.example" in first.text
