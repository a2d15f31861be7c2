"""What the tests of the rules of law start from: the shipped rules, and what is known of somebody."""

from datetime import UTC, datetime

import msgspec

from intakebot import content
from intakebot.core.facts import Fact, HeardDomain, Known
from intakebot.core.flow import Flow, Question, Revision, ready
from intakebot.core.hearing.lexicon import compile_lexicon
from intakebot.core.hearing.safety import compile_phrases
from intakebot.core.law.building import build
from intakebot.core.reading.spoken import SpokenData, compile_spoken
from intakebot.core.region import Region
from intakebot.core.request import Request
from intakebot.core.session import Answer, Saying, Session, Signal, Tongue

REVISION = content.load_revision()
REGION = content.load_region((content.FOLDER / "region.yaml").read_text("utf-8"))

# Monday 23 November 2026, ten o'clock in the Netherlands.
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def a_known(
    facts: str = "", domains: str = "", signals: str = "", *, danger_now: bool = False
) -> Known:
    """What is known, in short: "schulden=ja dreiging:ontruiming", "financien ~wonen", "child!".

    `=` was answered, `:` was heard in the story; `~` was heard and not confirmed; `!` is hard.
    """
    told = domains.split()
    return Known(
        facts=tuple(map(_fact, facts.split())),
        heard=tuple(
            HeardDomain(code=c.strip("~"), evidence=(f"over {c.strip('~')}",)) for c in told
        ),
        confirmed=tuple(code for code in told if not code.startswith("~")),
        signals=tuple(map(_signal, signals.split())),
        danger_now=danger_now,
    )


def _fact(told: str) -> Fact:
    if "=" in told:
        name, _, value = told.partition("=")
        return Fact(name=name, value=value, source="answer", question=name)
    name, _, value = told.partition(":")
    return Fact(name=name, value=value, source="story", evidence=f"“{value}”")


def _signal(told: str) -> Signal:
    return Signal(
        category=told.strip("!"),
        strength="hard" if told.endswith("!") else "soft",
        question=None,
        words="zo gezegd",
    )


def rows(table: str) -> list[list[str]]:
    """The cells of a table in a string: a row a line, cells parted by `|`; a line of --- is none."""
    lines = [line.strip() for line in table.strip().splitlines()[1:]]
    return [[cell.strip() for cell in line.split("|")] for line in lines if line.strip("-+ |")]


def changed(revision: Revision = REVISION, **parts: object) -> Revision:
    """The shipped revision with these parts changed."""
    return msgspec.structs.replace(revision, **parts)


# ---- requests -----------------------------------------------------------------------------------

QUESTIONS = """
schema: intakebot-flow/1
id: proef
revision: "7"
title: Proef
sections:
  - key: alles
    title: Alles
    questions:
      - key: voor_wie
        kind: choice
        fact: voor_wie
        text: Voor wie?
        choices: [{id: mij, label: Voor mij}, {id: ander, label: Voor iemand anders}]
      - {key: verhaal, kind: story, text: Vertel}
      - key: domeinen
        kind: domains
        text: Klopt dit?
        choices: [{id: financien, label: Geld, domain: financien}]
      - {key: schulden, kind: yes_no, fact: schulden, domain: financien, rank: law, text: Hebt u schulden?, other: Heeft die persoon schulden?}
      - key: boete
        kind: choices
        label: Boete
        text: Hebt u een boete?
        choices: [{id: politie, label: Van de politie, domain: justitie}, {id: trein, label: Van de trein}]
      - {key: hobby, kind: text, label: Hobby, domain: tijdsbesteding, rank: plan, text: Wat doet u graag?}
      - {key: hond, kind: yes_no, label: Hond, text: Hebt u een hond?}
      - {key: naam, kind: name, text: Hoe heet u?}
      - {key: kind_naam, kind: name, text: Hoe heet je?}
"""
SPOKEN = compile_spoken(
    {
        "nl": SpokenData(weekdays={"donderdag": 4}, days={"morgen": 1}),
        "xx": SpokenData(weekdays={"donderdag": 5}),  # a language with the same word, for Friday
    }
)


def a_flow(region: Region = REGION, **parts: object) -> Flow:
    revision = msgspec.structs.replace(content.read_revision(QUESTIONS), **parts)
    return ready(revision, compile_lexicon({}), compile_phrases({}), SPOKEN, region)


FLOW = a_flow()


def a_session(
    *story: str, lang: str = "nl", told_at: datetime = MONDAY, **changes: object
) -> Session:
    session = Session(
        id="s1",
        flow="proef",
        revision="7",
        started_at=MONDAY,
        tongue=Tongue(lang=lang),
        story=tuple(Saying(text=text, lang=lang, at=told_at) for text in story),
    )
    return session.replace(**changes)


def answered(
    known: Known, *, confirmed: bool = True, **answers: str | tuple[str, ...] | None
) -> Known:
    """What is known, with these answers; the list of domains was agreed to unless said otherwise."""
    agreed = {"domeinen": known.confirmed} if confirmed else {}
    given = tuple(
        Answer(question=key, value=value, at=MONDAY) for key, value in {**agreed, **answers}.items()
    )
    return known.replace(answers=given)


NOBODY = Known()


def a_request(
    known: Known = NOBODY,
    session: Session | None = None,
    *,
    created_at: datetime = MONDAY,
    to_ask: tuple[Question, ...] = (),
    flow: Flow = FLOW,
) -> Request:
    return build(
        flow,
        session or a_session(),
        known,
        channel="web",
        reference="IB-7K3Q-9M2X",
        created_at=created_at,
        to_ask=to_ask,
    )


def khaled() -> Request:
    """Persona p06: a newly housed father, in Arabic."""
    known = answered(
        a_known(
            "inkomen:geen school:nodig vak:timmerman statushouder:ja postcode=7131"
            " telefoon=+31612345678 kinderen=ja eten=ja voor_wie=mijn_gezin leeftijd=27_66",
            "financien werk_opleiding taal_inburgering opvoeden_opgroeien huisvesting",
        ),
        naam="Khaled",
    )
    session = a_session("نحن عائلة من سوريا.", "ما عندنا دخل بعد.", lang="ar")
    return a_request(known, session)
