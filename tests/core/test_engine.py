"""What one event does, at moments that a usual conversation does not come to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intakebot.core.events import (
    Began,
    Blocked,
    Chose,
    ClosedByTeam,
    Edited,
    Event,
    Expired,
    Fetch,
    GaveBack,
    Late,
    Marked,
    NoteForTeam,
    Pressed,
    Relay,
    Reminded,
    Said,
    SharedPhone,
    SharedPlace,
    Taken,
    Tell,
    Unreadable,
    Wrote,
)
from intakebot.core.flow import FactIn, Kind
from intakebot.core.limits import (
    ATTACHMENT_BYTES_MAX,
    ATTACHMENTS_MAX,
    DECISIONS_MAX,
    SAID_CHARS_MAX,
    SIGNALS_MAX,
    STORY_CHARS_MAX,
    STORY_MESSAGES_MAX,
    TURNS_MAX,
)
from intakebot.core.session import Aside, ContactCard, Outcome, Saying, Tongue
from tests.conversation import MONDAY, Conversation
from tests.core.stage import Stage, a_file, a_flow, a_question, choices

STORY = a_question("verhaal", Kind.STORY)
NAME = a_question("naam", Kind.NAME)
COLOUR = a_question("kleur", Kind.CHOICE, choices=choices("rood", "blauw"))
SORTS = a_question("soorten", Kind.CHOICES, choices=choices("appel", "peer", "pruim"))
PHOTO = a_question("brief", Kind.ATTACHMENT, depends=("kleur",))
CHECK = a_question("controle", Kind.READ_BACK)
LONG = "Ik heb al heel lang geen geld meer en dat is moeilijk"
CONTACT = ContactCard(name="Marieke", phone=None, team="Sociaal team")
PERSON: tuple[Event, ...] = (Said(text="hallo"), Pressed(id="/status"), SharedPlace())


# ---- the end ------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [Outcome.THROWN_AWAY, Outcome.HANDED_OVER])
@pytest.mark.parametrize("event", PERSON)
def test_after_the_end_the_next_event_begins_anew(outcome: Outcome, event: Event) -> None:
    stage = Stage(STORY, outcome=outcome)
    before = stage.session

    assert stage.hear(event) == ["StartAgain"]
    assert before == stage.session, "how it ended stays known"


def test_after_the_end_nothing_of_a_new_message_is_kept_and_a_crisis_is_still_answered() -> None:
    stage = Stage(STORY, outcome=Outcome.THROWN_AWAY)

    assert stage.say("ik wil dood") == ["!suicide", "StartAgain"]
    assert stage.session.signals == ()


@pytest.mark.parametrize(
    "event", [Taken(contact=CONTACT), Wrote(text="Dag"), GaveBack(), ClosedByTeam()]
)
def test_what_a_team_does_after_the_end_reaches_nobody(event: Event) -> None:
    assert Stage(STORY, outcome=Outcome.THROWN_AWAY).hear(event) == []


@pytest.mark.parametrize("event", [Reminded(), Expired()])
@pytest.mark.parametrize("outcome", [Outcome.SUBMITTED, Outcome.WITHDRAWN])
def test_a_late_reminder_or_expiry_changes_nothing_after_sending(
    event: Event, outcome: Outcome
) -> None:
    stage = Stage(STORY, outcome=outcome)
    before = stage.session

    assert stage.hear(event) == []
    assert before == stage.session


@pytest.mark.parametrize(
    ("press", "expected"),
    [
        (("/erase",), ["thrown-away", "Erase"]),
        (("/stop", "weggooien"), ["thrown-away", "Erase"]),
        (("/restart", "ja"), ["Erase", "StartAgain"]),
    ],
)
def test_what_is_thrown_away_is_gone_from_the_session(
    press: tuple[str, ...], expected: list[str]
) -> None:
    stage = Stage(COLOUR, STORY, NAME)
    stage.begin()
    stage.press("rood")
    stage.say("Ik heet Ada en ik wil dood")
    done = [stage.press(button) for button in press]

    assert expected == done[-1]
    assert stage.session == Stage(outcome=Outcome.THROWN_AWAY).session


def test_an_expired_session_is_emptied() -> None:
    stage = Stage(STORY)
    stage.say("Ik heb schulden")

    assert stage.hear(Expired()) == ["expired", "Erase"]
    assert stage.session == Stage(outcome=Outcome.THROWN_AWAY).session


def test_a_session_that_was_handed_over_is_emptied() -> None:
    stage = Stage(a_question("plaats", Kind.PLACE, fact="plaats"))

    assert stage.say("Linschoten") == ["hand over GM0335", "Erase"]
    assert stage.session.answers == ()


def test_who_stops_for_now_has_nothing_on_screen_until_the_next_message() -> None:
    stage = Stage(COLOUR)
    stage.begin()
    stage.press("/stop")

    assert stage.press("bewaren") == ["kept"]
    assert stage.session.asked is None
    assert stage.say("ik wil dood")[:2] == ["!suicide", "resumed"]


def test_going_on_after_stop_shows_the_question_again() -> None:
    stage = Stage(COLOUR)
    stage.begin()

    assert stage.say("stop") == ["?aside:stopping"]
    assert stage.say("verder") == ["?kleur"]
    assert stage.press("/restart") == ["?aside:restarting"]
    assert stage.press("nee") == ["?kleur"]


def test_a_flow_without_a_read_back_sends_by_itself() -> None:
    stage = Stage(a_question("hallo", Kind.STATEMENT), NAME, a_question("dank", Kind.STATEMENT))

    assert stage.begin() == ["?hallo", "?naam"]
    assert stage.say("Ada") == ["?dank", "Submit"]
    assert stage.session.outcome is Outcome.SUBMITTED


def test_an_event_that_finds_no_question_sends_what_there_is() -> None:
    stage = Stage(a_question("hallo", Kind.STATEMENT))

    assert stage.say("hallo") == ["?hallo", "Submit"]


# ---- bounds -------------------------------------------------------------------------------------


def test_a_message_that_is_too_long_gets_a_sentence_and_the_question_again() -> None:
    stage = Stage(STORY)
    stage.begin()

    assert stage.say("a" * SAID_CHARS_MAX) == ["?verhaal"]
    assert stage.say("a" * (SAID_CHARS_MAX + 1)) == ["too-long", "?verhaal"]
    assert stage.send(caption="a" * (SAID_CHARS_MAX + 1)) == ["too-long", "?verhaal"]
    assert [len(saying.text) for saying in stage.session.story] == [SAID_CHARS_MAX]


def test_a_card_stands_before_the_word_about_a_number_that_was_masked() -> None:
    stage = Stage(STORY)

    said = stage.say("ik wil dood, mijn bsn is 111222333")
    assert said == ["!suicide", "bsn-masked", "?verhaal"]


def test_plain_danger_shows_its_card_every_time_and_a_hint_once() -> None:
    stage = Stage(STORY)

    assert stage.say("ik wil dood") == ["!suicide", "?verhaal"]
    assert stage.say("ik wil dood") == ["!suicide", "?verhaal"]
    assert stage.say("de deurwaarder komt") == ["!basic_need", "?verhaal"]
    assert stage.say("de deurwaarder komt") == ["?verhaal"]


def test_a_crisis_is_heard_in_a_message_that_is_too_long() -> None:
    stage = Stage(STORY)

    assert stage.say("ik wil dood. " + "a" * SAID_CHARS_MAX)[0] == "!suicide"


def test_a_story_of_too_many_messages_is_full() -> None:
    stage = Stage(STORY)
    for _ in range(STORY_MESSAGES_MAX):
        stage.say("en dan dit")

    assert stage.say("en dan dat") == ["story-full", "?verhaal"]
    assert len(stage.session.story) == STORY_MESSAGES_MAX


def test_no_road_leads_past_the_size_of_a_story() -> None:
    stage = Stage(STORY)
    for number in range(STORY_CHARS_MAX // 10_000):
        stage.say("a" * 9_990, ref=str(number))

    assert stage.say("a" * 100) == ["story-full", "?verhaal"]
    assert stage.hear(Edited(text="a" * 10_000, ref="0")) == ["changed", "?verhaal"]
    stage.hear(Edited(text="a" * 10_000, ref="1"))
    stage.hear(Edited(text="a" * 10_000, ref="2"))
    stage.hear(Edited(text="a" * 10_000, ref="3"))
    assert stage.send("voice", caption="b") == ["Fetch", "voice-kept", "story-full", "?verhaal"]
    assert sum(len(saying.text) for saying in stage.session.story) <= STORY_CHARS_MAX


def test_an_edit_that_makes_the_story_too_long_changes_nothing() -> None:
    stage = Stage(STORY)
    for number in range(5):
        stage.say("a" * 7_900, ref=str(number))

    assert stage.hear(Edited(text="b" * 9_000, ref="0")) == ["story-full", "?verhaal"]
    assert stage.session.story[0].text[0] == "a"


def test_before_a_language_is_picked_a_story_is_bounded_too() -> None:
    stage = Stage(STORY, tongue=None)
    for _ in range(STORY_MESSAGES_MAX + 1):
        stage.say(LONG)

    assert len(stage.session.story) == STORY_MESSAGES_MAX


def test_questions_for_the_team_and_signals_are_bounded() -> None:
    stage = Stage(COLOUR)
    for number in range(max(DECISIONS_MAX, SIGNALS_MAX) + 1):
        stage.say(f"heb ik recht op {number}")
        stage.say(f"{number}: ik wil dood")

    assert len(stage.session.questions) == DECISIONS_MAX
    assert len(stage.session.signals) <= SIGNALS_MAX
    assert stage.say("ik wil dood")[0] == "!suicide"


def test_who_talks_for_too_long_can_still_send_stop_and_say_not_safe() -> None:
    stage = Stage(COLOUR, CHECK, turn=TURNS_MAX)

    assert stage.press("rood") == ["too-many", "?kleur"]
    assert stage.press("/unsafe") == ["!immediate violence suicide", "?aside:danger"]
    assert stage.press("nee") == ["danger-no", "?kleur"]
    assert stage.press("/skip") == ["?controle"]
    assert stage.press("ja") == ["Submit"]


def test_a_question_counts_once_in_what_may_be_asked() -> None:
    stage = Stage(COLOUR, NAME, CHECK, asked="kleur", turn=TURNS_MAX - 2)

    assert stage.press("rood") == ["?naam"]
    assert stage.say("Ada") == ["?controle"]
    stage.press("wijzig:naam")
    assert stage.say("Eva") == ["too-many", "?naam"]


def test_attachments_have_a_size_and_a_number() -> None:
    stage = Stage(STORY)
    stage.begin()

    assert stage.send(size=30_000_000) == ["attachment-too-big", "?verhaal"]
    for number in range(ATTACHMENTS_MAX):
        assert stage.send(name=str(number)) == ["Fetch", "photo-kept", "?verhaal"]
    assert stage.send(name="last") == ["attachments-full", "?verhaal"]


# ---- answers that are sent, edited and ticked ---------------------------------------------------


def test_a_photo_answers_the_question_for_one_and_is_asked_again_when_its_ground_changes() -> None:
    stage = Stage(COLOUR, PHOTO, CHECK)
    stage.begin()

    assert stage.press("rood") == ["?brief"]
    assert stage.say("ik heb hem niet") == ["not-understood", "?brief"]
    assert stage.send() == ["Fetch", "photo-kept", "?controle"]
    assert stage.answers() == {"kleur": "rood", "brief": "a1"}
    stage.press("wijzig:brief")
    assert stage.send(name="a2") == ["Fetch", "photo-kept", "?controle"]
    assert stage.answers()["brief"] == "a2"
    stage.press("wijzig:kleur")
    assert stage.press("blauw") == ["changed", "?brief"]


def test_an_edited_message_changes_the_answer_that_it_gave() -> None:
    stage = Stage(NAME, COLOUR)
    stage.say("Ade", ref="1")

    assert stage.hear(Edited(text="Ada", ref="1")) == ["changed", "?kleur"]
    assert stage.answers() == {"naam": "Ada"}
    assert stage.session.answers[0].said == "Ada"


def test_an_edited_message_that_is_no_answer_any_more_changes_nothing() -> None:
    stage = Stage(COLOUR, NAME)
    stage.say("rood", ref="1")

    assert stage.hear(Edited(text="paars", ref="1")) == ["not-understood", "?naam"]
    assert stage.answers() == {"kleur": "rood"}


def test_an_edited_klaar_that_tells_more_joins_the_story() -> None:
    stage = Stage(STORY, NAME)
    stage.say("Ik heb schulden")
    stage.say("klaar", ref="1")

    assert stage.hear(Edited(text="klaar, en mijn huur is achter", ref="1"))[0] == "joined-story"
    assert stage.session.story[-1].text == "klaar, en mijn huur is achter"


def test_an_edited_message_that_nobody_knows_shows_the_question_again() -> None:
    stage = Stage(COLOUR)
    stage.begin()

    assert stage.hear(Edited(text="rood", ref="99")) == ["?kleur"]


def test_an_answer_of_a_question_that_is_no_longer_in_the_flow_is_left_alone() -> None:
    stage = Stage(COLOUR, NAME)
    stage.say("rood", ref="1")
    stage.flow = Stage(NAME).flow

    assert stage.hear(Edited(text="blauw", ref="1")) == ["?naam"]


def test_ticks_one_by_one_and_a_second_delivery_changes_nothing() -> None:
    stage = Stage(SORTS, NAME)
    stage.begin()

    assert stage.hear(Marked(id="peer", on=True)) == ["amend soorten"]
    assert stage.hear(Marked(id="peer", on=True)) == ["amend soorten"]
    stage.hear(Marked(id="appel", on=True))
    stage.hear(Marked(id="appel", on=False))
    assert stage.hear(Marked(id="auto", on=True)) == ["?soorten"]
    assert stage.press("klopt") == ["?naam"]
    assert stage.answers() == {"soorten": ("peer",)}


def test_a_tick_under_a_question_that_is_not_on_screen_shows_it_whole() -> None:
    stage = Stage(SORTS, outcome=Outcome.KEPT)

    assert stage.hear(Marked(id="peer", on=True)) == ["resumed", "?soorten"]
    assert stage.session.marks == ("peer",)


def test_a_tick_under_a_question_without_ticks_changes_nothing() -> None:
    stage = Stage(COLOUR)
    stage.begin()

    assert stage.hear(Marked(id="rood", on=True)) == ["?kleur"]
    assert stage.session.marks is None


def test_more_shows_all_moves_when_a_question_is_on_screen() -> None:
    stage = Stage(COLOUR)

    assert stage.press("/more") == ["?kleur"]
    assert stage.press("/more") == ["amend kleur"]
    assert stage.say("meer") == ["amend kleur"]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Unreadable(kind="sticker"), ["unreadable", "?kleur"]),
        (SharedPlace(), ["place-shared", "?kleur"]),
        (Late(), ["stale", "?kleur"]),
        (SharedPhone(number="0612345678", own=True), ["choose-button", "?kleur"]),
        (Chose(ids=("rood",)), ["?naam"]),
        (Chose(ids=("rood", "blauw")), ["choose-button", "?kleur"]),
        (Pressed(id="paars"), ["choose-button", "?kleur"]),
        (Blocked(), []),
    ],
)
def test_every_event_has_a_declared_answer(event: Event, expected: list[str]) -> None:
    stage = Stage(COLOUR, NAME)
    stage.begin()

    assert expected == stage.hear(event)


def test_a_late_press_is_answered_when_the_question_is_on_screen_elsewhere() -> None:
    """In the web chat, while Telegram shows only a link: else /erase there seems to do nothing."""
    stage = Stage(COLOUR, NAME)
    stage.begin()
    stage.session = stage.session.replace(asked=None)

    assert stage.hear(Late()) == ["stale", "?kleur"]


def test_a_late_press_before_anything_was_asked_says_nothing_of_it() -> None:
    assert Stage(COLOUR).hear(Late()) == ["?kleur"]


# ---- languages ----------------------------------------------------------------------------------


def test_an_unclear_word_at_the_picker_shows_it_again() -> None:
    stage = Stage(COLOUR, tongue=None)

    assert stage.say("hm") == ["?taal"]
    assert stage.press("xx") == ["?taal"]
    assert stage.hear(Chose(ids=("nl",))) == ["?taal"]
    assert stage.press("/back") == ["nothing-back", "?taal"]
    assert stage.press("/skip") == ["choose-button", "?taal"]
    assert stage.say("engels") == ["unreviewed", "?kleur"]


def test_a_language_that_has_no_names_is_picked_by_its_code() -> None:
    plain = a_flow(COLOUR)
    stage = Stage(flow=replace(plain, region=plain.region.replace(languages=("nl", "xx"))))
    stage.session = stage.session.replace(tongue=None)

    assert stage.say("xx") == ["?kleur"]
    assert stage.session.tongue == Tongue(lang="xx")


def test_a_short_message_that_says_what_it_is_about_is_kept_before_the_language() -> None:
    stage = Stage(STORY, tongue=None)

    assert stage.say("ik heb schulden") == ["joined-story", "?taal"]
    assert [saying.text for saying in stage.session.story] == ["ik heb schulden"]


@pytest.mark.parametrize("words", ["andere taal", "change language", "لغة أخرى", "/language"])
def test_the_language_is_changed_by_word_and_back_leads_to_the_question(words: str) -> None:
    stage = Stage(COLOUR, NAME)
    stage.press("rood")

    assert stage.say(words) == ["?taal"]
    assert stage.say("terug") == ["?naam"]
    stage.say(words)
    assert stage.press("ar") == ["unreviewed", "?naam"]
    assert stage.session.tongue is not None
    assert stage.session.tongue.lang == "ar"
    assert stage.answers() == {"kleur": "rood"}


def test_back_from_the_first_question_offers_the_language() -> None:
    stage = Stage(COLOUR)
    stage.begin()

    assert stage.press("/back") == ["?taal"]
    assert stage.press("/back") == ["?kleur"]


def test_the_full_telegram_is_told_once_where_its_messages_go() -> None:
    stage = Stage(COLOUR, tongue=None, scope="full")

    assert stage.press("nl") == ["telegram-first", "?kleur"]
    stage.press("/language")
    assert stage.press("en") == ["unreviewed", "?kleur"]


# ---- narrow Telegram ----------------------------------------------------------------------------


def test_at_the_front_door_everything_goes_to_the_web_but_safety_and_the_way_out() -> None:
    stage = Stage(STORY, tongue=None, scope="front-door")

    assert stage.begin() == ["?taal"]
    assert stage.press("nl") == ["front-door", "OfferWeb"]
    assert stage.say("ik heb schulden") == ["front-door", "OfferWeb"]
    assert stage.session.story == ()
    assert stage.press("/unsafe") == ["!immediate violence suicide", "?aside:danger"]
    assert stage.press("ja") == ["danger-yes", "front-door", "OfferWeb"]
    assert stage.say("stop") == ["?aside:stopping"]
    assert stage.press("weggooien") == ["thrown-away", "Erase"]


def test_a_short_telegram_asks_only_what_is_not_private() -> None:
    stage = Stage(NAME, a_question("postcode", Kind.POSTCODE, private=False), scope="short")

    assert stage.begin() == ["?postcode"]
    assert stage.say("7101") == ["OfferWeb"]
    assert stage.session.asked is None


def test_what_is_typed_in_a_short_telegram_under_no_question_is_no_answer() -> None:
    stage = Stage(NAME, tongue=None, scope="short")
    stage.begin()

    assert stage.press("nl") == ["OfferWeb"]
    assert stage.say("hallo") == ["OfferWeb"]
    assert stage.answers() == {}


# ---- moves --------------------------------------------------------------------------------------


def test_skip_closes_an_aside_or_an_edit_and_else_skips() -> None:
    stage = Stage(COLOUR, NAME, CHECK)
    stage.press("rood")
    stage.press("/stop")

    assert stage.press("/skip") == ["?naam"]
    assert stage.press("/back") == ["?kleur"]
    assert stage.press("/skip") == ["?naam"]
    assert stage.press("/skip") == ["?controle"]
    assert stage.press("/skip") == ["choose-button", "?controle"]
    assert stage.answers() == {"kleur": "rood", "naam": None}


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ("/language", ["?taal"]),
        ("/change:kleur", ["?kleur"]),
        ("/person", ["call-noted", "?naam"]),
        ("/no-call", ["call-dropped", "?naam"]),
    ],
)
def test_a_move_that_leads_on_leaves_an_aside(move: str, expected: list[str]) -> None:
    name = a_question("naam", Kind.NAME, calls=True)
    stage = Stage(COLOUR, name, CHECK)
    stage.press("rood")
    stage.session = stage.session.replace(wants_call=move == "/no-call")
    stage.press("/stop")

    assert expected == stage.press(move)


@pytest.mark.parametrize(
    ("move", "expected"),
    [("/person", ["call-noted", "?naam"]), ("/no-call", ["call-dropped", "?naam"])],
)
def test_a_wish_about_a_call_leaves_a_change(move: str, expected: list[str]) -> None:
    name = a_question("naam", Kind.NAME, calls=True)
    stage = Stage(COLOUR, name, CHECK)
    stage.press("rood")
    stage.session = stage.session.replace(wants_call=move == "/no-call")

    assert stage.press("/change:kleur") == ["?kleur"]
    assert expected == stage.press(move)


def test_a_line_that_nobody_has_is_not_changed() -> None:
    stage = Stage(COLOUR)

    assert stage.press("/change:naam") == ["?aside:changing"]
    assert stage.press("/change:taal") == ["?taal"]


def test_back_closes_an_aside() -> None:
    stage = Stage(COLOUR)
    stage.press("/change")

    assert stage.session.aside is Aside.CHANGING
    assert stage.press("/back") == ["?kleur"]


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ("/resume", ["?kleur"]),
        ("/made-up", ["?kleur"]),
        ("/status", ["status-open", "?kleur"]),
        ("/help", ["help", "?kleur"]),
        ("/withdraw", ["?aside:stopping"]),
        ("/change", ["?aside:changing"]),
    ],
)
def test_moves_on_the_way(move: str, expected: list[str]) -> None:
    stage = Stage(COLOUR)
    stage.begin()

    assert expected == stage.press(move)


def test_a_wish_to_be_called_is_noted_once_and_asks_only_what_a_call_needs() -> None:
    stage = Stage(COLOUR, a_question("telefoon", Kind.PHONE, calls=True, fact="telefoon"))

    assert stage.press("/person") == ["call-noted", "?telefoon"]
    assert stage.press("/person") == ["call-noted", "?telefoon"]


def test_help_for_this_question_stands_before_the_general_one() -> None:
    stage = Stage(a_question("kleur", Kind.CHOICE, choices=choices("rood"), help="Rood is warm."))
    stage.begin()

    assert stage.say("help") == ["help:kleur", "?kleur"]


def test_a_line_is_changed_by_its_name_its_key_or_the_language() -> None:
    stage = Stage(COLOUR, NAME, CHECK)
    stage.press("rood")
    stage.say("Ada")

    stage.say("wijzig")
    assert stage.say("kleur") == ["?kleur"]
    stage.press("/skip")
    assert stage.say("nee") == ["?aside:changing"]
    assert stage.press("naam") == ["?naam"]
    assert stage.say("Eva") == ["changed", "?controle"]
    stage.press("/change")
    assert stage.press("taal") == ["?taal"]


def test_an_aside_that_is_not_answered_gives_way_to_the_question() -> None:
    stage = Stage(COLOUR, NAME)
    stage.press("/stop")

    assert stage.press("rood") == ["?naam"]
    stage.press("/change")
    assert stage.hear(SharedPhone(number="0612345678", own=True)) == ["not-understood", "?naam"]
    stage.press("/change")
    assert stage.say("Ada") == ["Submit"]


@pytest.mark.parametrize("aside", [Aside.WITHDRAWING, Aside.ERASING])
def test_an_aside_of_after_sending_means_nothing_before(aside: Aside) -> None:
    assert Stage(COLOUR, aside=aside).press("ja") == ["?kleur"]


def test_a_heard_fact_that_is_put_right_counts() -> None:
    age = a_question(
        "leeftijd", Kind.AGE_BAND, fact="leeftijd", when=FactIn(name="inkomen", among=("geen",))
    )
    child = a_question("kind", when=FactIn(name="leeftijd", among=("12_15",)))
    stage = Stage(STORY, age, child, CHECK)
    stage.say("ik ben 13")

    assert stage.press("klaar") == ["?kind"]
    stage.press("/change")
    stage.press("leeftijd")
    assert stage.say("31") == ["changed", "?controle"]


# ---- questions for a person ---------------------------------------------------------------------


def test_a_long_question_about_a_right_joins_the_story_and_goes_along() -> None:
    stage = Stage(STORY, COLOUR)
    stage.press("klaar")

    assert stage.say("Heb ik recht op bijstand? Ik ben vorige week mijn baan kwijtgeraakt") == [
        "no-decision",
        "joined-story",
        "?kleur",
    ]
    assert len(stage.session.questions) == len(stage.session.story) == 1


def test_a_short_question_about_a_right_is_no_answer_and_goes_along() -> None:
    stage = Stage(NAME)

    assert stage.say("heb ik recht op bijstand?", ref="7") == ["no-decision", "?naam"]
    assert stage.answers() == {}
    assert stage.session.story == ()
    asked = Saying(text="heb ik recht op bijstand?", lang="nl", at=stage.at, ref="7")
    assert stage.session.questions == (asked,)


def test_a_question_for_a_person_is_heard_as_it_is_spelled_in_the_language_that_was_picked() -> (
    None
):
    stage = Stage(NAME)

    assert stage.say("verbleifsvergunning aanvragen?") == ["no-residence", "?naam"]


def test_a_short_question_about_a_right_is_a_part_of_the_story_while_that_is_told() -> None:
    stage = Stage(STORY)

    assert stage.say("heb ik recht op bijstand?") == ["no-decision", "?verhaal"]
    assert [saying.text for saying in stage.session.story] == ["heb ik recht op bijstand?"]


def test_half_a_character_and_a_zero_are_kept_as_something_that_can_be_written() -> None:
    stage = Stage(STORY)
    stage.say("huur \ud83d achter\x00")
    stage.say("daarna")

    assert stage.session.story[0].text == "huur \ufffd achter\x00"


# ---- after sending ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "alone", "with_contact"),
    [
        (Said(text="ook dit"), ["Relay: ook dit", "added"], ["Relay: ook dit"]),
        (Edited(text="dit", ref="1"), ["Relay: dit", "added"], ["Relay: dit"]),
        (SharedPhone(number="061", own=False), ["Relay: 061", "added"], ["Relay: 061"]),
        (Unreadable(kind="dice"), ["status-sent"], []),
        (SharedPlace(), ["status-sent"], []),
        (Late(), ["status-sent"], ["status-taken"]),
        (Pressed(id="ja"), ["status-sent"], ["status-taken"]),
        (Pressed(id="/help"), ["help-after"], ["status-taken"]),
        (Pressed(id="/status"), ["status-sent"], ["status-taken"]),
        (Pressed(id="/back"), ["status-sent"], ["status-taken"]),
        (Pressed(id="/stop"), ["stopped-after"], ["stopped-after"]),
        (Pressed(id="/restart"), ["StartAgain"], ["StartAgain"]),
        (Began(), ["status-sent"], ["status-taken"]),
        (Pressed(id="/no-call"), ["status-sent"], ["status-taken"]),
        (Pressed(id="/person"), ["note call_me", "call-noted"], ["note call_me", "call-noted"]),
        (Pressed(id="/withdraw"), ["?aside:withdrawing"], ["?aside:withdrawing"]),
        (Pressed(id="/erase"), ["?aside:erasing"], ["?aside:erasing"]),
        (Blocked(), ["note unreachable"], ["note unreachable"]),
        (Blocked(on=False), ["note reachable"], ["note reachable"]),
        (Said(text="a" * 10_001), ["too-long"], ["too-long"]),
    ],
)
def test_after_sending(event: Event, alone: list[str], with_contact: list[str]) -> None:
    sent = Stage(STORY, outcome=Outcome.SUBMITTED)
    taken = Stage(STORY, outcome=Outcome.SUBMITTED, contact=CONTACT)

    assert alone == sent.hear(event)
    assert with_contact == taken.hear(event)


def test_files_after_sending_go_to_the_team() -> None:
    stage = Stage(STORY, outcome=Outcome.SUBMITTED)

    assert stage.send(caption="de brief") == ["Fetch", "Relay: de brief", "added"]
    assert stage.effects[:2] == (
        Fetch(attachment=a_file()),
        Relay(text="de brief", attachment="a1"),
    )
    assert stage.send(size=ATTACHMENT_BYTES_MAX + 1) == ["attachment-too-big"]
    stage.session = stage.session.replace(contact=CONTACT)
    for number in range(1, ATTACHMENTS_MAX):
        sent = stage.send(name=str(number), size=ATTACHMENT_BYTES_MAX)
        assert sent == ["Fetch", "Relay: "]
    assert stage.send() == ["attachments-full"]


def test_where_it_stands_when_the_team_is_done_or_it_was_taken_back() -> None:
    closed = Stage(STORY, outcome=Outcome.SUBMITTED, closed=True)
    back = Stage(STORY, outcome=Outcome.WITHDRAWN)

    assert closed.begin() == ["closed"]
    assert closed.say("hallo") == ["Relay: hallo", "closed-added"]
    assert closed.press("/withdraw") == ["closed"]
    assert closed.press("/person") == ["closed"]
    assert back.begin() == ["withdrawn"]


def test_a_crisis_after_sending_reaches_the_team() -> None:
    stage = Stage(STORY, outcome=Outcome.SUBMITTED, contact=CONTACT)

    assert stage.say("ik wil dood") == ["!suicide", "note signal", "Relay: ik wil dood"]
    assert stage.effects[1] == NoteForTeam(key="signal", text="ik wil dood")
    assert stage.press("/unsafe") == ["!immediate violence suicide", "?aside:danger"]
    assert stage.press("ja") == ["note danger_now", "danger-yes"]


UNSAFE = ["!immediate violence suicide", "?aside:danger"]


def test_who_does_not_know_whether_there_is_danger_sees_again_who_helps() -> None:
    """It is no answer to the question that is open behind it, and no danger is put down."""
    stage = Stage(COLOUR, NAME, CHECK)

    assert stage.press("/unsafe") == UNSAFE
    assert stage.say("weet ik niet") == UNSAFE
    assert stage.say("geen idee") == UNSAFE
    assert (stage.session.answers, stage.session.danger_now) == ((), None)
    assert stage.press("ja") == ["danger-yes", "?kleur"]


def test_who_does_not_know_whether_to_begin_anew_is_asked_again() -> None:
    stage = Stage(COLOUR, NAME, CHECK)

    assert stage.press("/restart") == ["?aside:restarting"]
    assert stage.say("misschien") == ["?aside:restarting"]
    assert stage.press("nee") == ["?kleur"]


def test_who_does_not_know_whether_there_is_danger_after_sending_sees_it_too() -> None:
    stage = Stage(STORY, outcome=Outcome.SUBMITTED, contact=CONTACT)

    assert stage.press("/unsafe") == UNSAFE
    assert stage.say("weet ik niet") == UNSAFE
    assert stage.press("nee") == ["danger-no"]


@pytest.mark.parametrize(
    "event", [Pressed(id="rood"), Chose(ids=("rood",)), Marked(id="rood", on=True), Late()]
)
def test_a_button_after_sending_is_answered_also_when_a_contact_person_writes(event: Event) -> None:
    """Only words go to the contact person. Who presses again missed what was said first."""
    stage = Stage(COLOUR, CHECK, outcome=Outcome.SUBMITTED, contact=CONTACT)

    assert stage.hear(event) == ["status-taken"]


def test_after_a_pause_the_card_stands_in_front() -> None:
    stage = Stage(COLOUR, NAME, CHECK)
    stage.press("/stop")
    stage.press("bewaren")

    assert stage.press("/unsafe") == [UNSAFE[0], "resumed", UNSAFE[1]]


def test_an_aside_after_sending_waits_and_gives_way() -> None:
    stage = Stage(STORY, outcome=Outcome.SUBMITTED)

    assert stage.press("/withdraw") == ["?aside:withdrawing"]
    assert stage.hear(Late()) == ["?aside:withdrawing"]
    assert stage.say("wacht even") == ["Relay: wacht even", "added"]
    stage.press("/withdraw")
    assert stage.say("ja") == ["Withdraw", "withdrawn"]
    assert stage.press("/erase") == ["?aside:erasing"]
    assert stage.press("nee") == ["nothing-changed"]
    assert stage.session.asked is None
    assert stage.say("ja") == ["Relay: ja", "added"], "it was answered"


def test_who_takes_the_request_back_is_talked_to_by_the_bot_again() -> None:
    stage = Stage(STORY, outcome=Outcome.SUBMITTED, contact=CONTACT)
    stage.press("/withdraw")

    assert stage.press("ja") == ["Withdraw", "withdrawn"]
    assert stage.say("dank u wel") == ["Relay: dank u wel", "added"]


def test_a_bsn_on_a_contact_card_does_not_reach_the_team() -> None:
    stage = Stage(STORY, outcome=Outcome.SUBMITTED)

    assert stage.hear(SharedPhone(number="bsn 111222333", own=False))[0] == (
        "Relay: bsn [BSN verwijderd]"
    )


def test_who_can_be_called_is_told_without_a_number_when_there_is_none() -> None:
    stage = Stage(STORY, outcome=Outcome.SUBMITTED)

    assert stage.hear(Taken(contact=CONTACT)) == ["taken-chat"]
    assert stage.hear(Taken(contact=CONTACT.replace(phone="0612345678"))) == ["taken"]
    assert stage.hear(Wrote(text="Dag")) == ["PassOn: Dag"]
    assert stage.hear(ClosedByTeam()) == ["closed"]


def test_when_the_contact_person_leaves_the_bot_speaks_again() -> None:
    stage = Stage(STORY, outcome=Outcome.SUBMITTED)
    stage.hear(Taken(contact=CONTACT))

    assert stage.say("Hallo?") == ["Relay: Hallo?"]
    assert stage.hear(GaveBack()) == ["given-back"]
    assert stage.say("Hallo?") == ["Relay: Hallo?", "added"]


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (Reminded(), Outcome.OPEN),
        (Expired(), Outcome.KEPT),
        (Taken(contact=CONTACT), Outcome.SUBMITTED),
        (GaveBack(), Outcome.SUBMITTED),
        (ClosedByTeam(), Outcome.SUBMITTED),
    ],
)
def test_what_nobody_asked_for_is_said_at_a_safe_time(event: Event, outcome: Outcome) -> None:
    """A phone that lights up at a wrong moment is read by somebody else."""
    stage = Stage(STORY, outcome=outcome)
    stage.hear(event)

    assert [effect.unasked for effect in stage.effects if isinstance(effect, Tell)] == [True]
    assert stage.session.started_at == MONDAY


# ---- what transcripts brought to light ----------------------------------------------------------


def test_a_number_means_the_domain_that_stands_in_that_place_on_screen() -> None:
    talk = Conversation()
    talk.press("mij")
    talk.tell("Ik ben zo eenzaam")
    shown = [button.id for button in talk.open.buttons]
    talk.say("3")

    assert shown[0] == "sociaal_netwerk"
    assert set(talk.proposed()) == {shown[0], shown[2]}


def test_a_line_is_changed_in_one_go_by_word() -> None:
    stage = Stage(NAME, COLOUR)
    stage.say("Ada")

    assert stage.say("wijzig naam") == ["?naam"]
    assert stage.say("Ada") == ["?kleur"], "the same answer is no change"
    assert stage.say("ik wil wijzigen huis") == ["choose-button", "?kleur"]
    assert stage.say("wijzig naam " + "a" * 600) == ["joined-story", "?kleur"]


@pytest.mark.parametrize("kind", [Kind.NAME, Kind.PLACE, Kind.YES_NO, Kind.CHOICE, Kind.PHONE])
def test_a_cry_for_help_is_never_an_answer_nor_not_understood(kind: Kind) -> None:
    stage = Stage(a_question("vraag", kind))

    assert stage.say("ik wil dood") == ["!suicide", "joined-story", "?vraag"]
    assert stage.session.story[0].text == "ik wil dood"


def test_a_bare_number_is_no_place_and_no_word_where_nothing_is_numbered() -> None:
    stage = Stage(a_question("postcode", Kind.POSTCODE), a_question("plaats", Kind.PLACE), CHECK)

    assert stage.say("2") == ["not-postcode", "?postcode"]
    assert stage.say("nee") == ["?plaats"]
    assert stage.say("٢") == ["not-understood", "?plaats"]
