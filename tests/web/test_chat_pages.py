"""The pages of the web chat, drawn without a server: every page in every tongue, and the small parts."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest

from intakebot import words
from intakebot.channels.webchat import drawing
from intakebot.channels.webchat.drawing import Look
from intakebot.channels.webchat.pages import Close, Fault, Later, Link, Page, Resume
from intakebot.channels.webchat.spans import spans
from intakebot.channels.webchat.thread import Thread
from intakebot.core.events import Expects
from intakebot.core.session import Tongue
from intakebot.web import static
from intakebot.web.pages import Pages, Piece
from tests.web import samples

CATALOGUES = words.load()
BRAND = "Sociaal team"
LOOK = Look(words=CATALOGUES, brand=BRAND, stamp="x" * 43)
TONGUES = (
    Tongue(lang="nl"), Tongue(lang="nl", level="A2"), Tongue(lang="en"), Tongue(lang="ar")
)  # fmt: skip
VOID = {"meta", "link", "input", "br", "path"}


def every_page(tongue: Tongue) -> list[Page]:
    talks = [make(CATALOGUES, tongue) for make in samples.SCREENS.values()]
    goodbye = samples.sent(CATALOGUES, tongue).thread(asked=None)
    return [
        drawing.start(LOOK, samples.picker(CATALOGUES), tongue, goodbye, away=True),
        *(drawing.talk(LOOK, thread) for thread in talks),
        *(drawing.part(LOOK, thread, 0) for thread in talks),
        Later(tongue=tongue, brand=BRAND, stamp="x", address="chat.example.nl/verder"),
        Later(
            tongue=tongue,
            brand=BRAND,
            stamp="x",
            address="chat.example.nl/verder",
            code="1234 5678 9012 3456",
        ),
        Close(tongue=tongue, brand=BRAND, stamp="x"),
        Resume(tongue=tongue, brand=BRAND, stamp="x", fault="web.code_wrong"),
        Resume(tongue=tongue, brand=BRAND, stamp="x", fault="web.code_wait"),
        Link(tongue=tongue, brand=BRAND, stamp="x", action="/w/abc"),
        *(
            Fault(tongue=tongue, brand=BRAND, sentence=f"web.{it}")
            for it in ("cookies", "link_old", "not_found", "file_big", "fault_text")
        ),
    ]


class Balance(HTMLParser):
    """Finds a tag that is not closed, or closed twice."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser's own
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.mark.parametrize("tongue", TONGUES, ids=lambda it: f"{it.lang}{it.level or ''}")
def test_every_page_can_be_drawn_in_every_tongue(tongue: Tongue) -> None:
    pages = Pages(CATALOGUES, static.read())
    for page in every_page(tongue):
        html = pages.draw(page, nonce="n", sheets=("chat/chat.css",))
        balance = Balance()
        balance.feed(html)

        assert not balance.wrong, type(page).__name__
        assert not balance.open, type(page).__name__
        assert "{" not in re.sub(r"<svg.*?</svg>", "", html), "a place in a sentence stayed empty"
        assert " style=" not in html, "the policy forbids it"


@pytest.mark.parametrize("tongue", TONGUES, ids=lambda it: f"{it.lang}{it.level or ''}")
def test_a_piece_that_is_kept_is_filled_in_as_it_would_be_drawn(tongue: Tongue) -> None:
    pages = Pages(CATALOGUES, static.read())
    threads = [make(CATALOGUES, tongue) for make in samples.SCREENS.values()]
    for stamp in ("x" * 43, '"<y>'):  # the second time from what was kept
        look = Look(words=CATALOGUES, brand=BRAND, stamp=stamp)
        for page in [
            it for t in threads for it in (drawing.talk(look, t), drawing.part(look, t, 0))
        ]:
            pieces: tuple[Piece, ...] = (*page.messages, page.ask)
            for piece in pieces:
                drawn = pages._drawn(tongue, piece, piece.blanks)
                assert pages._piece(tongue, piece) == drawn


def test_nothing_that_somebody_said_is_kept() -> None:
    pages = Pages(CATALOGUES, static.read())
    screens = [make(CATALOGUES, samples.NL) for make in samples.SCREENS.values()]
    for thread in screens:
        for page in (drawing.talk(LOOK, thread), drawing.part(LOOK, thread, 0)):
            pages.draw(page, nonce="n", sheets=())
    messages = [entry for thread in screens for entry in thread.entries]
    own = [entry.message.text for entry in messages if entry.author != "bot"]
    own += [line.value for entry in messages for line in entry.message.lines]
    own += [button.note for entry in messages for button in entry.message.buttons if button.note]
    offered = {button.label for entry in messages for button in entry.message.buttons}
    theirs = {words for words in own if not any(words in label for label in offered)}
    kept = "".join(part for parts in pages._kept.values() for part in parts)

    assert "Gaat uw verhaal hierover?" in kept
    assert len(theirs) > 10
    assert [words for words in theirs if words in kept] == []


def test_what_a_person_wrote_is_never_markup() -> None:
    told = samples.Talking(CATALOGUES, samples.NL)
    told.own('<script>alert(1)</script> " onfocus="x')
    html = Pages(CATALOGUES, static.read()).draw(
        drawing.talk(LOOK, told.thread(asked=None)), nonce="n", sheets=()
    )

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_member_is_named_once_above_the_message() -> None:
    talk = drawing.talk(LOOK, samples.member(CATALOGUES, samples.NL))
    (bubble,) = [it for it in talk.messages if it.who == "member"]

    assert bubble.by == "Marieke"
    assert "Marieke" not in "".join(span.text for p in bubble.paragraphs for span in p)


def test_a_message_keeps_its_name_when_somebody_else_is_the_contact_person() -> None:
    thread = samples.member(CATALOGUES, samples.NL)
    assert thread.session is not None
    session = thread.session.replace(contact=None)
    talk = drawing.talk(LOOK, Thread(session=session, entries=thread.entries))

    assert [it.by for it in talk.messages if it.by] == ["Marieke"]


@pytest.mark.parametrize(
    ("text", "pressable"),
    [
        ("Bel 112.", {"112": "tel:112"}),
        ("Bel 113 of chat op 113.nl.", {"113": "tel:113", "113.nl": "https://113.nl"}),
        ("Veilig Thuis: 0800-2000. Gratis", {"0800-2000": "tel:08002000"}),
        ("Bel 0544 39 35 35 vandaag", {"0544 39 35 35": "tel:0544393535"}),
        ("Bel 14 0544", {"14 0544": "tel:140544"}),
        ("Bel +31 6 12345678", {"+31 6 12345678": "tel:+31612345678"}),
        ("اتصل بالرقم \u2066112\u2069.", {"112": "tel:112"}),
        ("U hebt 1125 euro en postcode 7131 AB", {}),
        ("Uw nummer is IB-7K3Q-9M2X", {}),
        ("op 30 november 2026 om 10 uur", {}),
        ("mail naar team@oostgelre.nl", {}),
    ],
)
def test_numbers_and_sites_can_be_pressed(text: str, pressable: dict[str, str]) -> None:
    found = spans(text, ours=True)

    assert "".join(span.text for span in found) == text
    assert {span.text: span.href for span in found if span.href} == pressable


def test_a_persons_own_words_are_left_alone() -> None:
    assert [span.href for span in spans("bel 0612345678 of kijk op evil.nl", ours=False)] == [None]


def test_a_question_put_again_stands_there_once() -> None:
    told = samples.Talking(CATALOGUES, samples.NL)
    told.asks("Hoe oud bent u?", expects=Expects.TEXT)
    first = told.entries[0].message
    told.own("blauw").add("bot", first)
    thread = told.thread()

    assert [entry.message.text for entry in thread.shown] == ["blauw"]
    assert thread.open is told.entries[-1]
    assert thread.seen == told.entries[-1].nth


def test_topics_that_were_not_heard_stand_behind_a_fold() -> None:
    ask = drawing.talk(LOOK, samples.domains(CATALOGUES, samples.NL)).ask.asking

    assert [tick.ticked for tick in ask.ticks] == [True] * 3
    assert [tick.ticked for tick in ask.more_ticks] == [False] * 3
    assert all(tick.note for tick in ask.ticks)


def test_every_line_of_the_read_back_has_its_own_button() -> None:
    ask = drawing.talk(LOOK, samples.read_back(CATALOGUES, samples.NL)).ask.asking

    assert [line.change.id for line in ask.lines if line.change][:2] == ["wijzig:taal", "wijzig:voor_wie"]  # fmt: skip
    assert ask.go is not None
    assert ask.go.id == "ja"


def test_unsafe_and_back_are_in_sight_the_rest_is_behind_more() -> None:
    ask = drawing.talk(LOOK, samples.choice(CATALOGUES, samples.NL)).ask.asking

    assert [move.id for move in ask.moves] == ["/unsafe", "/back"]
    assert "/stop" in [move.id for move in ask.more_moves]
    assert "/more" not in [move.id for move in (*ask.moves, *ask.more_moves)]


def test_the_day_above_a_member_is_that_of_the_netherlands() -> None:
    """Half past twelve at night here; elsewhere it is Monday still."""
    at = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    thread = samples.member(CATALOGUES, samples.NL)
    thread = replace(thread, entries=tuple(replace(it, at=at) for it in thread.entries))

    days = [it.day for it in drawing.talk(LOOK, thread).messages if it.day]
    assert days == [CATALOGUES.day(samples.NL, date(2026, 11, 24))]
