"""Building: the integrated request out of everything that one person told.

One story becomes one request; every life domain is a part of its own, with the law it rests on,
who may see it and how long it is kept. Nothing is judged here: types, urgency, clocks and routing
come from the rules of the revision.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Literal, get_args

import msgspec

from intakebot.core.facts import Fact, Known
from intakebot.core.flow import Flow, Kind, Question, Revision
from intakebot.core.law.clocks import ZONE, clocks, dutch_day, on_workday, workdays_after
from intakebot.core.law.conditions import counting, holds
from intakebot.core.law.parts import parts
from intakebot.core.law.routing import route
from intakebot.core.law.summary import summarise
from intakebot.core.law.urgency import propose, seen_from
from intakebot.core.reading.parsing import read_date
from intakebot.core.region import Municipality
from intakebot.core.request import (
    AttachmentPart,
    Clock,
    Contact,
    FlowRef,
    Interpreter,
    Place,
    Reporter,
    Request,
    SafetyPart,
    StoryPart,
    Subject,
    Suggested,
    ToAsk,
)
from intakebot.core.session import Session, Tongue

RequestType = Literal[
    "hulpvraag_integraal", "zorgsignaal_derde", "wmo_melding_namens", "hulpvraag_licht"
]
Role = Literal["zelf", "naaste", "buur", "mantelzorger", "professional"]

DUTCH = "nl"
# First contact, where a rule asks for haste: counted in working days.
WORKDAYS_OF_LEVEL = {"nu": 0, "vandaag": 0, "drie_werkdagen": 3, "week": 5}
# A place that nobody could name has the service norm of DOMAIN 6: ten working days.
WORKDAYS_WITHOUT_MUNICIPALITY = 10
HOUR_WITHOUT_MUNICIPALITY = 16

# Parts of the day; any other answer means that the time does not matter.
SAFE_TIMES = ("ochtend", "middag", "avond")
GENDERS = ("vrouw", "man")
# Questions for a person that were heard in the story itself.
DECISIONS = ("vraagt_recht", "vraagt_verblijf")


def build(
    flow: Flow,
    session: Session,
    known: Known,
    *,
    channel: str,
    reference: str,
    created_at: datetime,
    to_ask: Sequence[Question],
) -> Request:
    """The request of this session. `to_ask`: follow-up questions that were not answered."""
    revision, region = flow.revision, flow.region
    tongue = session.tongue or Tongue(lang=DUTCH)
    postcode, place = known.value("postcode"), known.value("plaats")
    municipality = flow.place_of(postcode, place).municipality
    kind = request_type(revision, known)
    today = dutch_day(created_at)
    seen = seen_from(known, today, partial(_day_of, flow, session, tongue))
    urgency = propose(revision, seen)
    extra = region.extra_holidays
    running = clocks(revision, known, municipality, kind, created_at, extra)
    domains, rest = parts(flow, known)
    request = Request(
        reference=reference,
        type=kind,
        created_at=created_at,
        channel=channel,
        language=tongue.lang,
        reading_level=tongue.level,
        flow=FlowRef(id=session.flow, revision=session.revision),
        reporter=_reporter(revision, known),
        subject=_subject(flow, known),
        story=_story(revision, session),
        attachments=_attachments(session),
        domains=domains,
        facts=rest,
        strengths=_strengths(revision, known),
        to_ask=_to_ask(revision, session, known, to_ask),
        place=Place(postcode=postcode, gm=municipality.gm if municipality else None, place=place),
        contact=_contact(flow, known, tongue),
        urgency=urgency,
        safety=tuple(
            SafetyPart(category=s.category, strength=s.strength, question=s.question, words=s.words)
            for s in known.signals
        ),
        clocks=running,
        consents=(),
        routing=route(revision, region, known, postcode, place),
        suggested=_suggested(revision, known, municipality),
        promise_on=promise(revision, urgency.level, running, municipality, created_at, extra),
        wants_call=session.wants_call,
    )
    return msgspec.structs.replace(request, summary_nl=summarise(request, revision.names))


def request_type(revision: Revision, known: Known) -> RequestType:
    """The type: of the first rule that holds, else the whole integrated request."""
    held = (rule.type for rule in revision.types if holds(rule.when, known))
    return next(held, "hulpvraag_integraal")


def _day_of(flow: Flow, session: Session, tongue: Tongue, fact: Fact) -> date | None:
    """The day that a fact names, read on the day that it was said: "donderdag", 2026-11-26."""
    said_at = (saying.at for saying in session.story if fact.value in saying.text)
    said_on = dutch_day(next(said_at, session.started_at))
    return read_date(flow.spoken, tongue.lang, fact.value, said_on)


def promise(
    revision: Revision,
    level: str,
    running: Sequence[Clock],
    municipality: Municipality | None,
    created_at: datetime,
    extra: tuple[date, ...] = (),
) -> date:
    """The last day for first contact that the confirmation names.

    By urgency, else the municipality's own norm; never after a running clock whose law asks for a
    talk. "Today" said after the last hour that people read is the next working day.
    """
    local = created_at.astimezone(ZONE)
    usual = municipality.promise_workdays if municipality else WORKDAYS_WITHOUT_MUNICIPALITY
    last_hour = municipality.last_hour if municipality else HOUR_WITHOUT_MUNICIPALITY
    workdays = WORKDAYS_OF_LEVEL.get(level, usual)
    if workdays:
        by_level = workdays_after(local.date(), workdays, extra)
    else:
        by_level = on_workday(local.date() + timedelta(days=local.hour >= last_hour), extra)
    talks = {rule.key for rule in revision.clocks if rule.talk}
    return min([by_level, *(c.due for c in running if c.due is not None and c.key in talks)])


# ---- the parts --------------------------------------------------------------------------------


def about_other(known: Known) -> bool:
    """Whether the request is about somebody else: as answered, else as heard in the story."""
    answered = known.value("voor_wie")
    return answered == "ander" if answered else known.value("over_ander") == "ja"


def _reporter(revision: Revision, known: Known) -> Reporter:
    return Reporter(
        role=_role(revision, known) if about_other(known) else "zelf",
        wants_anonymity=known.value("anoniem") == "ja",
    )


def _role(revision: Revision, known: Known) -> Role:
    """What the reporter is to the person: as answered, else by how the person was called."""
    said = known.value("rol") or revision.names.roles.get(known.value("relatie") or "", "")
    others: tuple[Role, ...] = get_args(Role)[1:]
    return next((role for role in others if role == said), "naaste")


def _subject(flow: Flow, known: Known) -> Subject:
    """The person whom the request is about."""
    other = about_other(known)
    aware = {"ja": True, "nee": False}
    children = known.value("kinderen")
    return Subject(
        called=known.value("wie_is_het") if other else _name(flow, known),
        age_band=known.value("leeftijd"),
        household=flow.revision.names.say(f"household.children_{children}") if children else None,
        knows_about_this=aware.get(known.value("weet_ervan") or "") if other else True,
    )


def _story(revision: Revision, session: Session) -> tuple[StoryPart, ...]:
    keys = (q.key for q in revision.questions() if q.kind is Kind.STORY)
    key = next(keys, "")
    return tuple(
        StoryPart(
            question=said.question or key, text=said.text, language=said.lang, audio=said.audio
        )
        for said in session.story
    )


def _attachments(session: Session) -> tuple[AttachmentPart, ...]:
    return tuple(
        AttachmentPart(
            id=one.id,
            kind=one.kind,
            bytes=one.bytes,
            received_at=one.received_at,
            seconds=one.seconds,
        )
        for one in session.attachments
    )


def _strengths(revision: Revision, known: Known) -> tuple[str, ...]:
    """What the person can, likes and wants, in the words that were used."""
    return tuple(
        revision.names.value(name, value)
        for name in revision.names.strengths
        for value in counting(known, name)
    )


def _to_ask(
    revision: Revision, session: Session, known: Known, left: Sequence[Question]
) -> tuple[ToAsk, ...]:
    """What the contact person still has to ask, or was asked and we do not answer."""
    names = revision.names
    other = about_other(known)
    spoken = _answered_by_voice(session, known)
    said = (one for one in revision.questions() if one.key in spoken and one not in left)
    asks = [
        ToAsk(
            question=question.key,
            text_nl=(question.other if other and question.other else question.text),
            because_nl=names.say(f"ask.{_why_left(known, spoken, question)}"),
        )
        for question in (*left, *said)
    ]
    own = {fact.evidence: fact.name for fact in known.facts if fact.name in DECISIONS}
    own |= dict.fromkeys((saying.text for saying in session.questions), "eigen_vraag")
    return tuple(asks) + tuple(
        ToAsk(question=name, text_nl=words, because_nl=names.say("ask.own"))
        for words, name in own.items()
    )


def _answered_by_voice(session: Session, known: Known) -> frozenset[str]:
    """Questions under which the person spoke, and gave no other answer."""
    under = {saying.question for saying in session.story if saying.question}
    return frozenset(a.question for a in known.answers if a.value is None and a.question in under)


def _why_left(known: Known, spoken: frozenset[str], question: Question) -> str:
    """Why the contact person has to ask this: a key of the names."""
    if question.key in spoken:
        return "spoken"
    return "skipped" if known.answer(question.key) else "left"


def _name(flow: Flow, known: Known) -> str | None:
    """How the person who tells wants to be called."""
    names = [
        answer.value
        for answer in known.answers
        if answer.question in flow.by_key and flow.by_key[answer.question].kind is Kind.NAME
    ]
    return next((name for name in reversed(names) if isinstance(name, str)), None)


def _contact(flow: Flow, known: Known, tongue: Tongue) -> Contact:
    phone = known.value("telefoon")
    interpreter = known.value("tolk")
    needed = interpreter == "ja" if interpreter else tongue.lang != DUTCH
    # A child may translate in Dutch: for which language, the contact person hears.
    language = tongue.lang if needed and tongue.lang != DUTCH else None
    wish = known.value("tolk_wie")
    return Contact(
        called=_name(flow, known),
        phone=phone,
        safe_ways=("bellen", "chat") if phone else ("chat",),
        safe_times=tuple(t for t in counting(known, "veilige_tijd") if t in SAFE_TIMES),
        interpreter=Interpreter(
            needed=needed,
            language=language,
            gender=wish if needed and wish in GENDERS else None,
        ),
    )


def _suggested(revision: Revision, known: Known, municipality: Municipality | None) -> Suggested:
    """A profile and partners to think of. A person decides, and nobody is referred."""
    profiles = (rule.profile for rule in revision.profiles if holds(rule.when, known))
    return Suggested(
        contact_profile=next(profiles, None),
        partners=tuple(
            partner.name
            for partner in (municipality.partners if municipality else ())
            if not set(partner.domains).isdisjoint(known.confirmed)
            or any(
                not set(values).isdisjoint(counting(known, name))
                for name, values in partner.facts.items()
            )
        ),
    )
