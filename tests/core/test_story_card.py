"""The story card: what stands on it, in which language, and what never does."""

from dataclasses import replace

import msgspec

from intakebot.core.region import municipality_of, team_of
from intakebot.core.request import DomainPart, Interpreter, Request, Subject
from intakebot.core.session import ContactCard, Saying, Session
from intakebot.core.talking import read_back, story_card
from intakebot.core.talking.page import Page
from intakebot.core.talking.path import walk
from intakebot.core.talking.story_card import OWN_WORDS_CHARS_MAX, CardLine
from tests.conversation import MONDAY, Conversation, shipped_flow, shipped_words

FLOW = shipped_flow()
QUEUE = "GM0294/sociaal-team"
ASKED = {
    "postcode": "7101",
    "naam": "Samira",
    "telefoon": "0612345678",
    "uren": "20",
}


def told(lang: str, *turns: str) -> tuple[Session, Request]:
    talk = Conversation(lang)
    talk.press("mij")
    talk.tell(*turns)
    talk.answer_rest(ASKED)
    assert talk.request is not None
    return talk.session, talk.request


def card(session: Session, request: Request, queue: str = QUEUE) -> dict[str, CardLine]:
    page = a_page(session)
    return {line.key: line for line in story_card.lines(page, request, queue)}


def a_page(session: Session) -> Page:
    return Page(flow=FLOW, session=session, words=shipped_words(), today=MONDAY.date())


def test_in_dutch_each_line_stands_once() -> None:
    found = card(*told("nl", "Ik heb geen werk en ik zoek een baan in een winkel."))

    assert found["called"].values == ("Samira",)
    assert found["words"].values == ("Ik heb geen werk en ik zoek een baan in een winkel.",)
    assert found["helps"].values == ("Uren die goed voelen: 20",)
    assert found["number"].values == ("IB-7K3Q-9M2X",)
    assert "speaks" not in found
    assert {line.label_nl for line in found.values()} == {""}
    assert {line.values_nl for line in found.values()} == {()}


def test_in_another_language_the_dutch_stands_beside_it() -> None:
    session, request = told("ar", "الإيجار متأخر شهرين.")
    wanted = msgspec.structs.replace(
        request.contact, interpreter=Interpreter(needed=True, language=None)
    )
    found = card(session, msgspec.structs.replace(request, contact=wanted))

    assert found["speaks"].values_nl == ("Arabisch, met een tolk",)
    assert "العربية" in found["speaks"].values[0]
    assert found["about"].values_nl[0] == "Geld en schulden"
    assert found["about"].values[0] == "المال والديون"
    assert found["words"].values == ("الإيجار متأخر شهرين.",)
    assert found["words"].values_nl == ()
    assert found["words"].label_nl == "In mijn eigen woorden"


def test_without_an_interpreter_only_the_language_stands_there() -> None:
    session, request = told("en", "I lost my job.")
    spoken = msgspec.structs.replace(
        request.contact, interpreter=Interpreter(needed=False, language="ti")
    )
    found = card(session, msgspec.structs.replace(request, contact=spoken))

    assert found["speaks"].values == ("Tigrinya",)


def test_a_long_story_is_cut_and_a_story_that_was_spoken_leaves_no_line() -> None:
    session, request = told("nl", "Ik heb schulden.")
    long = Saying(text="ja " * 400, lang="nl", at=MONDAY)
    spoken = Saying(text="", lang="nl", at=MONDAY, audio="a1")
    cut = card(session.replace(story=(long,)), request)["words"].values[0]

    assert len(cut) <= OWN_WORDS_CHARS_MAX + 1
    assert cut.endswith("…")
    assert "words" not in card(session.replace(story=(spoken,)), request)


def test_the_contact_person_stands_there_once_known() -> None:
    session, request = told("nl", "Ik heb schulden.")
    writes = ContactCard(name="Marieke", phone=None, team="Team")
    calls = ContactCard(name="Marieke", phone="06-12345678", team="Team")

    assert "contact" not in card(session, request)
    assert card(session.replace(contact=writes), request)["contact"].values == ("Marieke",)
    assert card(session.replace(contact=calls), request)["contact"].values == (
        "Marieke",
        "06-12345678",
    )


def test_the_team_is_that_of_the_queue_or_else_the_municipality_or_the_region() -> None:
    session, request = told("nl", "Ik heb schulden.")
    teams = {
        queue: card(session, request, queue)["team"].values[0]
        for queue in (QUEUE, "GM0294/onbekend", "onbekend")
    }
    found = team_of(FLOW.region, QUEUE)

    assert teams == {
        QUEUE: "Sociaal team Winterswijk",
        "GM0294/onbekend": "Winterswijk",
        "onbekend": "Voorbeeldregio",
    }
    assert found is not None
    assert found.queue == QUEUE
    assert municipality_of(FLOW.region, "onbekend") is None


def test_whom_it_is_about_stands_there_when_that_is_another() -> None:
    session, request = told("nl", "Mijn moeder valt vaak.")
    other = msgspec.structs.replace(request, subject=Subject(called="Fatma"))

    assert "subject" not in card(session, request)
    assert card(session, other)["subject"].values == ("Fatma",)
    assert card(session, other)["subject"].own


def test_a_domain_without_a_button_has_its_dutch_name() -> None:
    session, request = told("nl", "Ik heb schulden.")
    part = DomainPart(
        code="huisvesting", source="added", confirmed=True, evidence=(), facts=(), law=None
    )
    odd = msgspec.structs.replace(part, code="nieuw")
    added = msgspec.structs.replace(request, domains=(part, odd))

    assert card(session, added)["about"].values == ("Wonen", "nieuw")


def test_a_strength_heard_in_the_story_stands_there_in_its_own_words() -> None:
    session, request = told("nl", "Ik ben timmerman geweest en ik heb geen werk meer.")
    known = walk(FLOW, session).known
    heard = [it for it in known.facts if it.name == "vak" and it.question is None]

    assert heard
    assert (heard[0].evidence or "") in card(session, request)["helps"].values


def test_the_read_back_can_be_said_in_another_tongue_with_the_same_lines() -> None:
    session, _ = told("ar", "الإيجار متأخر شهرين.")
    page = a_page(session)
    known = walk(FLOW, session).known
    own, dutch = read_back.lines(page, known), read_back.lines(page, known, story_card.DUTCH)

    assert [line.question for line in own] == [line.question for line in dutch]
    assert dutch[0].value == "Arabisch"
    assert own[0].value == "العربية"
    assert replace(page, session=session).tongue.lang == "ar"


def test_a_strength_that_was_answered_in_words_stands_there_as_it_is() -> None:
    talk = Conversation("nl")
    talk.press("mij")
    talk.tell("Ik heb geen werk en ik zoek een baan in een winkel.")
    talk.answer_rest({**ASKED, "uren": "in de ochtend"})
    assert talk.request is not None

    assert card(talk.session, talk.request)["helps"].values == ("in de ochtend",)
