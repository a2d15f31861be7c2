"""What stands on screen, whole: every message as a channel gets it, with words that are their own keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal

import msgspec
import pytest

from intakebot.core.events import (
    Amend,
    Ask,
    Button,
    Expects,
    HandOver,
    Line,
    Message,
    PassOn,
    Sender,
    ShowCard,
    Tell,
)
from intakebot.core.facts import Known
from intakebot.core.flow import Choice, Flow, Kind, Question
from intakebot.core.limits import BUTTON_LABEL_CHARS_MAX
from intakebot.core.region import Number
from intakebot.core.session import Answer, Aside, Saying, Tongue
from intakebot.core.talking import read_back, render
from intakebot.core.talking.page import Page
from intakebot.core.talking.path import walk
from tests.conversation import MONDAY
from tests.core.stage import a_flow, a_question, a_session, choices

NL = Tongue(lang="nl")
TOKEN = "bewijs"
IN_SIGHT = ("/unsafe", "/back", "/person", "/more")
BEHIND_MORE = ("/skip", "/change", "/help", "/language", "/restart", "/stop")
MOVES = tuple(
    Button(id=one, label=f"nl:move.{one[1:]}", quiet=one in BEHIND_MORE)
    for one in IN_SIGHT + BEHIND_MORE
)
WAYS_OUT = (
    Button(id="/unsafe", label="nl:move.unsafe"),
    Button(id="/back", label="nl:move.back"),
)
ABOUT_OTHER = a_question("voor_wie", Kind.CHOICE, fact="voor_wie", choices=choices("mij", "ander"))
FRUIT = (Choice(id="appel", label="Appel", other="Haar appel"), Choice(id="peer", label="Peer"))


class Signs:
    """Words that are their own keys, with the language and the values."""

    def say(self, tongue: Tongue, key: str, **values: str) -> str:
        told = " ".join([key, *(f"{name}={value}" for name, value in values.items())])
        return f"{tongue.lang}{tongue.level or ''}:{told}"

    def day(self, tongue: Tongue, day: date) -> str:
        return f"{tongue.lang} {day}"

    def direction(self, tongue: Tongue) -> Literal["ltr", "rtl"]:  # noqa: ARG002 - the same in each
        return "ltr"


def a_page(*questions: Question, flow: Flow | None = None, **parts: object) -> Page:
    """The page of a session over these questions."""
    return Page(
        flow=flow or a_flow(*questions),
        session=a_session(**parts),
        words=Signs(),
        today=date(2026, 11, 23),
        web_address="https://chat.example",
    )


def answered(key: str, value: str | tuple[str, ...] | None, said: str | None = None) -> Answer:
    """An answer given on Monday."""
    return Answer(question=key, value=value, at=MONDAY, said=said)


def asked(page: Page, key: str) -> Message:
    """The question on screen."""
    return render.ask(page, Ask(question=key), TOKEN)


def signs(*labelled: tuple[str, str]) -> tuple[Button, ...]:
    """Buttons of which the label is a key."""
    return tuple(Button(id=one, label=f"nl:{key}") for one, key in labelled)


AGES = ("onder_12", "12_15", "16_17", "18_26", "27_66", "67_plus")
OWN: list[tuple[Kind, Expects, tuple[Button, ...]]] = [
    (
        Kind.CHOICE,
        Expects.CHOICE,
        (Button(id="appel", label="Appel"), Button(id="peer", label="Peer")),
    ),
    (
        Kind.CHOICES,
        Expects.CHOICES,
        (
            Button(id="appel", label="Appel"),
            Button(id="peer", label="Peer", proposed=True),
            Button(id="klopt", label="nl:answer.klopt"),
        ),
    ),
    (
        Kind.YES_NO,
        Expects.CHOICE,
        signs(("ja", "answer.ja"), ("nee", "answer.nee"), ("weet_niet", "answer.weet_niet")),
    ),
    (Kind.AGE_BAND, Expects.CHOICE, signs(*((age, f"age.{age}") for age in AGES))),
    (Kind.STORY, Expects.TEXT, signs(("klaar", "answer.klaar"))),
    (Kind.PHONE, Expects.PHONE, ()),
    (Kind.NAME, Expects.TEXT, ()),
]


@pytest.mark.parametrize("is_private", [True, False])
@pytest.mark.parametrize(("kind", "expects", "own"), OWN)
def test_a_question_shows_its_own_buttons_and_then_the_moves(
    kind: Kind, expects: Expects, own: tuple[Button, ...], *, is_private: bool
) -> None:
    page = a_page(a_question("vraag", kind, choices=FRUIT, private=is_private), marks=("peer",))
    expected = Message(
        text="vraag?",
        tongue=NL,
        buttons=own + MOVES,
        expects=expects,
        question="vraag",
        prompt=TOKEN,
        private=is_private,
    )

    assert expected == asked(page, "vraag")


def test_a_statement_asks_nothing_and_may_be_said_everywhere() -> None:
    """It has no buttons, so that it needs no token of what is on screen."""
    page = a_page(a_question("zin", Kind.STATEMENT, private=True))

    assert asked(page, "zin") == Message(text="zin?", tongue=NL, question="zin")


def test_a_life_domain_that_was_heard_stands_first_with_the_words_it_was_heard_in() -> None:
    domains = a_question("domeinen", Kind.DOMAINS, choices=choices("huisvesting", "financien"))
    story = (Saying(text="Ik heb schulden", lang="nl", at=MONDAY),)

    assert asked(a_page(domains, story=story), "domeinen").buttons[:3] == (
        Button(id="financien", label="financien", proposed=True, note="Ik heb schulden"),
        Button(id="huisvesting", label="huisvesting"),
        Button(id="klopt", label="nl:answer.klopt"),
    )


def test_only_life_domains_stand_with_the_words_of_the_story() -> None:
    """Even where another question has choices that are called as life domains."""
    story = (Saying(text="Ik heb schulden", lang="nl", at=MONDAY),)
    for kind in (Kind.CHOICE, Kind.CHOICES):
        question = a_question("geld", kind, choices=choices("financien"))
        shown = asked(a_page(question, story=story), "geld")

        assert shown.buttons[0] == Button(id="financien", label="financien")


def test_own_words_that_are_too_long_to_stand_under_a_tick_are_cut() -> None:
    domains = a_question("domeinen", Kind.DOMAINS, choices=choices("financien"))
    fits = "Ik heb schulden bij ".ljust(BUTTON_LABEL_CHARS_MAX, "x")

    def note(text: str) -> str | None:
        page = a_page(domains, story=(Saying(text=text, lang="nl", at=MONDAY),))
        return asked(page, "domeinen").buttons[0].note

    assert note(fits) == fits
    assert note(f"{fits}x") == f"{fits}…"


def test_one_choice_has_no_ticks_whatever_stands_ticked() -> None:
    page = a_page(a_question("vraag", Kind.CHOICE, choices=FRUIT), marks=("peer",))

    assert not any(button.proposed for button in asked(page, "vraag").buttons)


def test_the_read_back_offers_to_send_and_to_change_what_is_in_it() -> None:
    page = a_page(
        a_question("naam", Kind.NAME),
        a_question("controle", Kind.READ_BACK, private=True),
        answers=(answered("naam", "Ada"),),
        wants_call=True,
    )
    shown = asked(page, "controle")

    assert shown.expects is Expects.CONFIRM
    assert shown.buttons[:2] == signs(("ja", "answer.send"), ("wijzig", "answer.change"))
    assert shown.lines == (
        Line(question="taal", label="nl:line.language", value="nl:picker.name"),
        Line(question="bellen", label="nl:line.call", value="nl:answer.ja"),
        Line(question="naam", label="naam", value="Ada"),
    )
    assert asked(replace(page, session=page.session.replace(asked="naam")), "naam").lines == ()


def test_who_tells_about_somebody_else_reads_that_everywhere() -> None:
    fruit = a_question("fruit", Kind.CHOICE, choices=FRUIT, other="Haar fruit?")
    given = (answered("voor_wie", "ander"), answered("fruit", "appel"))
    page = a_page(
        ABOUT_OTHER,
        a_question("fruiten", Kind.CHOICES, choices=FRUIT, fact="fruiten", assumed="appel"),
        fruit,
        answers=given,
        editing="fruit",
    )
    shown = asked(page, "fruit")

    assert shown.text == "Haar fruit?\nnl:ask.earlier value=Haar appel"
    assert shown.buttons[0].label == "Haar appel"
    assert asked(page, "fruiten").buttons[0].label == "Haar appel"
    lines = {line.question: line.value for line in read_back.lines(page, walk_of(page))}
    assert lines == {
        "taal": "nl:picker.name",
        "voor_wie": "ander",
        "fruiten": "Haar appel",
        "fruit": "Haar appel",
    }


def walk_of(page: Page) -> Known:
    """What is known on this page."""
    return walk(page.flow, page.session).known


@pytest.mark.parametrize("whom", ["mij", "ander"])
def test_what_was_heard_is_read_back_by_its_label_with_the_own_words(whom: str) -> None:
    debts = (Choice(id="ja", label="Schulden", other="Haar schulden"),)
    page = a_page(
        ABOUT_OTHER,
        a_question("schulden", Kind.CHOICE, choices=debts, fact="schulden"),
        answers=(answered("voor_wie", whom),),
        story=(Saying(text="Ik heb schulden", lang="nl", at=MONDAY),),
    )
    found = next(ln for ln in read_back.lines(page, walk_of(page)) if ln.question == "schulden")
    label = "Haar schulden" if whom == "ander" else "Schulden"

    assert found.value == f"{label} (nl:line.heard words=Ik heb schulden)"


def test_a_heard_fact_that_no_choice_stands_for_is_read_back_as_it_was_heard() -> None:
    question = a_question("schulden", Kind.CHOICE, choices=choices("nee"), fact="schulden")
    story = (Saying(text="Ik heb schulden", lang="nl", at=MONDAY),)
    page = a_page(question, story=story)

    assert read_back.in_words(page, question, "ja", other=False) == "ja"
    assert [line.question for line in read_back.lines(page, walk_of(page))] == ["taal", "schulden"]


def test_the_story_is_one_line_and_a_voice_note_is_named_in_it() -> None:
    story = (
        Saying(text="Ik heb schulden", lang="nl", at=MONDAY),
        Saying(text="", lang="nl", at=MONDAY, audio="a1"),
    )
    given = (answered("verhaal", "klaar"),)
    page = a_page(a_question("verhaal", Kind.STORY), story=story, answers=given)
    line = read_back.lines(page, walk_of(page))[-1]

    assert line == Line(
        question="verhaal", label="verhaal", value="Ik heb schulden / nl:line.voice"
    )


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (Kind.POSTCODE, "7101AB", "7101 AB"),
        (Kind.POSTCODE, "7101", "7101"),
        (Kind.STORY, "klaar", "nl:answer.klaar"),
        (Kind.YES_NO, "weet_niet", "nl:answer.weet_niet"),
        (Kind.AGE_BAND, "16_17", "nl:age.16_17"),
        (Kind.DATE, "2026-11-26", "nl 2026-11-26"),
        (Kind.PHONE, "+31612345678", "06 12345678"),
        (Kind.CHOICES, ("appel", "peer"), "Appelnl:line.commaPeer"),
        (Kind.CHOICES, (), "nl:line.none"),
    ],
)
def test_what_was_answered_is_said_as_people_say_it(
    kind: Kind, value: str | tuple[str, ...], shown: str
) -> None:
    question = a_question("vraag", kind, choices=FRUIT)

    assert shown == read_back.in_words(a_page(question), question, value, other=False)


def test_an_earlier_answer_stands_under_the_question_that_is_changed() -> None:
    """Not when it was skipped; and while a story goes on, it is listened to."""
    name, story = a_question("naam", Kind.NAME), a_question("verhaal", Kind.STORY)
    page = a_page(name, story, answers=(answered("naam", "Ada"),), editing="naam")
    skipped = a_page(name, story, answers=(answered("naam", None),), editing="naam")
    telling = a_page(story, story=(Saying(text="en toen", lang="nl", at=MONDAY),))

    assert asked(page, "naam").text == "naam?\nnl:ask.earlier value=Ada"
    assert asked(skipped, "naam").text == "naam?"
    assert asked(page, "verhaal").text == "verhaal?"
    assert asked(telling, "verhaal").text == "nl:tell.story-listening"


@pytest.mark.parametrize(
    ("aside", "own", "is_private"),
    [
        (
            Aside.STOPPING,
            signs(
                ("bewaren", "aside.stopping.bewaren"),
                ("weggooien", "aside.stopping.weggooien"),
                ("doorgaan", "aside.stopping.doorgaan"),
            ),
            False,
        ),
        (Aside.DANGER, signs(("ja", "aside.danger.ja"), ("nee", "aside.danger.nee")), False),
        (
            Aside.CHANGING,
            (
                *signs(("taal", "line.language"), ("bellen", "line.call")),
                Button(id="naam", label="naam"),
            ),
            True,
        ),
    ],
)
def test_an_aside_has_its_own_buttons_and_the_ways_out(
    aside: Aside, own: tuple[Button, ...], *, is_private: bool
) -> None:
    """The list of lines shows what was answered: that is not for a narrow Telegram."""
    name = a_question("naam", Kind.NAME, calls=True)
    page = a_page(name, answers=(answered("naam", "Ada"),), wants_call=True)
    expected = Message(
        text=f"nl:aside.{aside}",
        tongue=NL,
        buttons=own + WAYS_OUT,
        expects=Expects.CHOICE,
        question=aside.value,
        prompt=TOKEN,
        private=is_private,
    )

    assert expected == asked(page, f"aside:{aside}")


def test_the_picker_has_each_language_in_its_own_and_says_not_safe_in_each_once() -> None:
    flow = a_flow(a_question("naam"))
    region = msgspec.structs.replace(flow.region, languages=("nl", "nl-A2", "ar"))
    page = a_page(flow=replace(flow, region=region), tongue=None)

    assert asked(page, "taal") == Message(
        text="nl:picker.title\nnlA2:picker.title\nar:picker.title",
        tongue=NL,
        buttons=(
            Button(id="nl", label="nl:picker.name", lang="nl"),
            Button(id="nl-A2", label="nlA2:picker.name", lang="nl"),
            Button(id="ar", label="ar:picker.name", lang="ar"),
            Button(id="/unsafe", label="nl:move.unsafe · nlA2:move.unsafe · ar:move.unsafe"),
        ),
        expects=Expects.CHOICE,
        question="taal",
        prompt=TOKEN,
    )
    assert render.tell(page, Tell(key="noted")).text == "nl:tell.noted\nar:tell.noted", (
        "easy Dutch says it in the same words"
    )


def test_a_long_picker_stays_short_above_and_below_and_the_own_language_stands_first() -> None:
    """What the device speaks, easy words too; then the order of the region."""
    flow = a_flow(a_question("naam"))
    region = msgspec.structs.replace(flow.region, languages=("en", "ar", "nl", "nl-A2", "tr"))
    page = a_page(flow=replace(flow, region=region), tongue=None, hint="nl")
    shown = asked(page, "taal")

    assert [button.id for button in shown.buttons] == ["nl", "nl-A2", "en", "ar", "tr", "/unsafe"]
    assert shown.text == "nl:picker.title\nnlA2:picker.title\nen:picker.title"
    assert shown.buttons[-1].label == "SOS · nl:move.unsafe · nlA2:move.unsafe"
    assert render.tell(page, Tell(key="noted")).text.splitlines() == [
        f"{lang}:tell.noted" for lang in ("nl", "en", "ar", "tr")
    ]
    assert render.card(page, ShowCard(categories=("immediate",))).text.startswith("nl:card")


def test_more_shows_all_moves_in_place_of_the_buttons_on_screen() -> None:
    page = a_page(a_question("fruit", Kind.CHOICES, choices=FRUIT), marks=("peer",))
    shown = asked(page, "fruit")
    ticked = render.amend(page, Amend(question="fruit"), TOKEN)
    opened = render.amend(page, Amend(question="fruit", moves=True), TOKEN)

    assert ticked == shown.replace(amends=True)
    assert opened.replace(buttons=()) == shown.replace(amends=True, buttons=())
    assert opened.buttons == tuple(
        button.replace(quiet=False) for button in shown.buttons if button.id != "/more"
    )


def numbered(flow: Flow, **urgent: str) -> Flow:
    """The flow with these urgent numbers, by the code of the municipality."""
    ours = [
        one.replace(urgent=one.urgent.replace(number=urgent.get(one.gm, "0")))
        for one in flow.region.municipalities
    ]
    numbers = {"112": Number(name="112", number="112-hier")}
    region = flow.region.replace(municipalities=tuple(ours), numbers=numbers)
    return replace(flow, region=region)


@pytest.mark.parametrize(
    ("given", "urgent"),
    [
        ({"postcode": "7101"}, "0543-1"),
        ({"plaats": "Winterswijk"}, "0543-1"),
        ({"postcode": "9999", "plaats": "Groenlo"}, "0544-1"),
        ({}, "nl:card.your-municipality"),
    ],
)
def test_a_card_has_the_urgent_number_of_where_the_person_is(
    given: dict[str, str], urgent: str
) -> None:
    places = a_flow(
        a_question("postcode", Kind.POSTCODE, fact="postcode"),
        a_question("plaats", Kind.PLACE, fact="plaats"),
    )
    flow = numbered(places, GM0294="0543-1", GM1586="0544-1")
    page = a_page(flow=flow, answers=tuple(answered(key, value) for key, value in given.items()))
    told = render.card(page, ShowCard(categories=("basic_need",)))

    assert told.text.endswith(f"urgent={urgent}")
    assert (told.kind, told.tongue) == ("card", NL)


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("kept", " date=nl 2026-12-07"),
        ("reminder", " date=nl 2026-12-04"),
        ("danger-yes", " number=112-hier"),
        ("telegram-first", " link=https://chat.example"),
        ("noted", ""),
    ],
)
def test_a_sentence_is_told_with_what_belongs_in_it(key: str, values: str) -> None:
    page = a_page(flow=numbered(a_flow(a_question("naam"))))

    assert render.tell(page, Tell(key=key)) == Message(text=f"nl:tell.{key}{values}", tongue=NL)


def test_in_danger_the_number_is_112_where_no_other_is_known() -> None:
    flow = a_flow(a_question("naam"))
    bare = replace(flow, region=flow.region.replace(numbers={}))
    told = render.tell(a_page(flow=bare), Tell(key="danger-yes"))

    assert told.text == "nl:tell.danger-yes number=112"


def test_help_is_said_in_the_tongue_of_the_person() -> None:
    page = a_page(a_question("roepnaam", help="Hoe heet u?"), tongue=Tongue(lang="ar"))
    told = render.tell(page, Tell(key="help:roepnaam"))

    assert told == Message(text="Hoe heet u?", tongue=Tongue(lang="ar"))


def test_who_is_handed_over_reads_whom_to_call() -> None:
    """A neighbour can be gone from the region since: then its code is all that is known."""
    page = a_page(a_question("naam"))
    neighbour = next(one for one in page.flow.region.neighbours if one.gm == "GM0335")
    known = render.hand_over(page, HandOver(gm="GM0335"))
    gone = render.hand_over(page, HandOver(gm="GM9999"))

    phone = neighbour.phone.number
    assert known.text == f"nl:handover.text name={neighbour.name} phone={phone}"
    assert gone == Message(text="nl:handover.text name=GM9999 phone=", tongue=NL)


def test_what_the_contact_person_writes_is_private_and_held_for_safe_times() -> None:
    told = render.pass_on(a_page(a_question("naam")), PassOn(text="Dag"), "Els")

    assert told == Message(
        text="Dag",
        tongue=NL,
        sender=Sender(name="Els", line="nl:tell.passed name=Els"),
        kind="member",
        private=True,
        unasked=True,
    )
