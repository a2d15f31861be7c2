"""Each persona tells its story; what the team gets must be right."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import msgspec
import pytest
import yaml

from intakebot.core.request import Request
from tests.conversation import Conversation

PEOPLE = yaml.safe_load((Path(__file__).parent / "personas.yaml").read_text("utf-8"))["personas"]
QUESTIONS_MAX = 12
BENCHMARK_ANSWERS = 11
NEVER_ASKED = re.compile(
    r"\bbsn\b|diagnose|asielverhaal|v-nummer|schuldeisers|hoeveel schuld", re.IGNORECASE
)


class Persona(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One person, and what must come out."""

    id: str
    lang: str
    answers: dict[str, str]
    turns: tuple[str, ...]
    heard: tuple[str, ...]
    confirmed: tuple[str, ...]
    type: str
    urgency: str
    queue: str
    clocks: dict[str, date] = {}
    possible: tuple[str, ...] = ()
    threats: tuple[str, ...] = ()
    no_client_clock: bool = False
    no_wmo_clock: bool = False
    interpreter: str | None = None


PERSONAS = [msgspec.convert(person, Persona) for person in PEOPLE]


@pytest.fixture(params=PERSONAS, ids=lambda persona: persona.id)
def told(request: pytest.FixtureRequest) -> tuple[Persona, Conversation]:
    """The persona, and the whole conversation."""
    persona: Persona = request.param
    talk = Conversation(persona.lang)
    talk.press(persona.answers["voor_wie"])
    talk.tell(*persona.turns)
    talk.answer_rest(persona.answers, add=persona.confirmed)
    return persona, talk


def the_request(talk: Conversation) -> Request:
    """The request that was sent."""
    assert talk.request is not None
    return talk.request


def test_the_domains_are_heard_from_the_words_alone(told: tuple[Persona, Conversation]) -> None:
    persona, talk = told
    heard = {part.code for part in the_request(talk).domains if part.source == "story"}

    assert set(persona.heard) <= heard


def test_every_heard_domain_keeps_words_of_the_story(told: tuple[Persona, Conversation]) -> None:
    persona, talk = told
    story = " ".join(persona.turns)
    evidence = [words for part in the_request(talk).domains for words in part.evidence]

    assert evidence
    assert [words for words in evidence if words not in story] == []


def test_type_urgency_and_queue(told: tuple[Persona, Conversation]) -> None:
    persona, talk = told
    request = the_request(talk)
    confirmed = {part.code for part in request.domains if part.confirmed}

    assert (persona.type, persona.urgency, persona.queue) == (
        request.type,
        request.urgency.level,
        request.routing.queue,
    )
    assert set(persona.confirmed) <= confirmed
    assert request.urgency.reasons or request.urgency.level == "gewoon"


def test_clocks(told: tuple[Persona, Conversation]) -> None:
    persona, talk = told
    clocks = the_request(talk).clocks
    running = {clock.key: clock.due for clock in clocks if clock.status == "running"}
    possible = {clock.key for clock in clocks if clock.status == "possible"}

    assert persona.clocks == {key: running.get(key) for key in persona.clocks}
    assert set(persona.possible) <= possible
    assert all(clock.due is None for clock in clocks if clock.status == "possible")
    if persona.no_client_clock:
        assert clocks == ()
    if persona.no_wmo_clock:
        assert [clock.key for clock in clocks if clock.key.startswith("wmo_")] == []


def test_threats_and_interpreter(told: tuple[Persona, Conversation]) -> None:
    persona, talk = told
    request = the_request(talk)
    facts = [fact.value for part in request.domains for fact in part.facts]

    assert set(persona.threats) <= set(facts)
    assert persona.interpreter == request.contact.interpreter.language


def test_no_crisis_is_seen_where_there_is_none(told: tuple[Persona, Conversation]) -> None:
    _, talk = told

    assert [s for s in the_request(talk).safety if s.strength == "hard"] == []


def test_never_more_than_twelve_questions(told: tuple[Persona, Conversation]) -> None:
    _, talk = told

    assert len(set(talk.asked)) <= QUESTIONS_MAX
    assert len(talk.asked) == len(set(talk.asked)), "something was asked twice"


def test_nothing_is_asked_that_may_not_be_asked(told: tuple[Persona, Conversation]) -> None:
    _, talk = told

    assert NEVER_ASKED.search(talk.text) is None


def test_the_newly_housed_father_has_no_more_to_answer_than_in_the_benchmark() -> None:
    persona = next(p for p in PERSONAS if p.id == "p06_syrische_vader")
    talk = Conversation(persona.lang)
    talk.press("mijn_gezin")
    talk.tell(*persona.turns)
    talk.answer_rest(persona.answers)

    assert len(set(talk.asked)) <= BENCHMARK_ANSWERS


def test_a_bsn_never_reaches_the_session() -> None:
    talk = Conversation()
    talk.press("mij")
    talk.say("mijn bsn is 111222333")

    assert "111222333" not in msgspec.json.encode(talk.session).decode()
    assert "[BSN verwijderd]" in talk.session.story[0].text
    assert "BSN" in talk.text


def test_a_telephone_number_is_no_bsn() -> None:
    talk = Conversation()
    talk.press("mij")
    talk.say("bel mij op 0612345678, huisnummer 123456789")

    assert talk.session.story[0].text == "bel mij op 0612345678, huisnummer 123456789"


def test_a_child_gets_its_own_path_and_a_person_today() -> None:
    talk = Conversation()
    talk.press("mij")
    talk.tell("ik ben 13 en mijn ouders vechten altijd")
    talk.answer_rest({"kind_postcode": "7101", "kind_naam": "Lisa"})

    assert the_request(talk).urgency.level == "vandaag"
    assert "0800-0432" in talk.text
    assert "0800-2000" in talk.text
    assert "domeinen" not in talk.asked


def test_another_municipality_is_handed_over_and_nothing_is_kept() -> None:
    talk = Conversation()
    talk.press("mij")
    talk.tell("Ik heb hulp nodig in het huishouden")
    talk.answer_rest({"postcode": "3461"})

    assert talk.request is None
    assert talk.response.erase
    assert "Montfoort" in talk.text


@pytest.mark.parametrize("question", ["heb ik recht op bijstand?", "am I entitled to benefits?"])
def test_a_question_about_entitlement_goes_to_a_person(question: str) -> None:
    talk = Conversation()
    talk.press("mij")
    talk.tell(question)
    talk.answer_rest({"postcode": "7101"})

    assert question in [item.text_nl for item in the_request(talk).to_ask] or question in str(
        the_request(talk).to_ask
    )
    assert "u hebt recht" not in talk.text.casefold()
    assert "geen recht" not in talk.text.casefold()
