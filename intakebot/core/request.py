"""The integrated request: one story, every life domain a part of its own.

The shape is a contract (`intakebot-request/1`): other programs read it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of the request as it becomes JSON; nothing is left out, empty is said as null."""


class FlowRef(Part, frozen=True):
    """The flow set and the revision that the conversation was held with."""

    id: str
    revision: str


class Reporter(Part, frozen=True):
    """Who told it."""

    role: Literal["zelf", "naaste", "buur", "mantelzorger", "professional"] = "zelf"
    wants_anonymity: bool = False


class Subject(Part, frozen=True):
    """Whom it is about, as far as it was told."""

    called: str | None = None
    age_band: str | None = None
    household: str | None = None
    knows_about_this: bool | None = None


class Translation(Part, frozen=True):
    """What a machine made of own words; it stands beside them and was checked by nobody."""

    text: str
    language: str
    origin: str  # "computer: translator"
    at: datetime


class StoryPart(Part, frozen=True):
    """One message of the story, never rewritten."""

    question: str
    text: str
    language: str | None
    audio: str | None = None
    heard_by: str | None = None
    translation: Translation | None = None


class AttachmentPart(Part, frozen=True):
    """A voice note, photo or document."""

    id: str
    kind: str
    bytes: int
    received_at: datetime
    seconds: int | None = None  # how long a voice note is, where that is known


class FactPart(Part, frozen=True):
    """One thing known, with the words that it came from."""

    question: str  # question key, or fact name when it was heard in the story
    value: str
    words_nl: str
    evidence: str | None = None


class DomainPart(Part, frozen=True):
    """A life domain: a part of its own in law, view, state and retention."""

    code: str
    source: Literal["story", "answer", "added"]
    confirmed: bool
    evidence: tuple[str, ...]
    facts: tuple[FactPart, ...]
    law: str | None
    state: str = "open"
    lead: str | None = None
    visible_to: tuple[str, ...] = ()
    retention: str = ""  # Dutch
    retention_days: int = 0  # after the request was closed


class ToAsk(Part, frozen=True):
    """A question left for the contact person."""

    question: str
    text_nl: str
    because_nl: str


class Place(Part, frozen=True):
    """Where the person lives or sleeps."""

    postcode: str | None = None
    gm: str | None = None
    place: str | None = None


class Interpreter(Part, frozen=True):
    """Whether an interpreter is needed, and for which language."""

    needed: bool
    language: str | None
    gender: str | None = None


class Contact(Part, frozen=True):
    """How the person can be reached safely."""

    called: str | None
    phone: str | None
    safe_ways: tuple[str, ...]
    safe_times: tuple[str, ...]
    interpreter: Interpreter


class UrgencyReason(Part, frozen=True):
    """A rule that asks for haste, and why."""

    rule: str
    because_nl: str


class Urgency(Part, frozen=True):
    """A proposal; a member confirms or changes it."""

    level: Literal["nu", "vandaag", "drie_werkdagen", "week", "gewoon"]
    reasons: tuple[UrgencyReason, ...]


class SafetyPart(Part, frozen=True):
    """A safety signal with the sentence that it was found in; never a label."""

    category: str
    strength: Literal["hard", "soft"]
    question: str | None
    words: str = ""


class Clock(Part, frozen=True):
    """A legal term; without a date only a person can start it."""

    key: str
    due: date | None
    law: str
    started_by: str
    status: Literal["running", "possible"]
    met: bool = False  # the confirmation did it; nothing to watch


class Consent(Part, frozen=True):
    """A yes of the person, for one recipient and one purpose."""

    recipient: str
    purpose: str
    words: str
    language: str
    at: datetime
    withdrawn_at: datetime | None = None


class Considered(Part, frozen=True):
    """A routing rule that was looked at."""

    rule: str
    matched: bool
    why_nl: str


class Routing(Part, frozen=True):
    """The one queue, and why."""

    queue: str
    rule: str
    why_nl: str
    considered: tuple[Considered, ...] = ()


class Suggested(Part, frozen=True):
    """What a person may consider; never acted on by us."""

    contact_profile: str | None = None
    partners: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()


class Request(Part, frozen=True, kw_only=True):
    """What the team gets."""

    schema: Literal["intakebot-request/1"] = "intakebot-request/1"
    reference: str
    type: Literal[
        "hulpvraag_integraal", "zorgsignaal_derde", "wmo_melding_namens", "hulpvraag_licht"
    ]
    created_at: datetime
    channel: str
    language: str
    reading_level: str | None
    flow: FlowRef
    reporter: Reporter
    subject: Subject
    story: tuple[StoryPart, ...]
    attachments: tuple[AttachmentPart, ...]
    domains: tuple[DomainPart, ...]
    facts: tuple[FactPart, ...]  # what is known besides: belongs to no domain of this request
    strengths: tuple[str, ...]
    to_ask: tuple[ToAsk, ...]
    place: Place
    contact: Contact
    urgency: Urgency
    safety: tuple[SafetyPart, ...]
    clocks: tuple[Clock, ...]
    consents: tuple[Consent, ...]
    routing: Routing
    suggested: Suggested
    promise_on: date  # last day for first contact that the confirmation names
    wants_call: bool = False
    contacted: Literal["ja", "nee", "nog_niet"] | None = None  # said after the promised day
    summary_nl: str = ""

    @property
    def only_spoken(self) -> bool:
        """Whether there are voice notes, and no words beside them that we understood."""
        spoken = any(part.audio for part in self.story)
        return spoken and not any(part.source == "story" for part in self.domains)

    @property
    def unheard(self) -> tuple[str, ...]:
        """The voice notes of the story to which nobody listened yet."""
        return tuple(part.audio for part in self.story if part.audio and not part.heard_by)

    def seconds(self, attachments: tuple[str, ...]) -> int | None:
        """How long these are together; None where that of one is not known."""
        lengths = [one.seconds for one in self.attachments if one.id in attachments]
        known = [seconds for seconds in lengths if seconds is not None]
        return sum(known) if len(known) == len(attachments) else None


def in_minutes(seconds: int) -> str:
    """A length of time as players show it: 0:42."""
    return f"{seconds // 60}:{seconds % 60:02}"
