"""A revision: what is asked, in which order, in which words, and the rules that go with it.

It is data (YAML in `content/`, JSON in the store), versioned as one whole so that questions,
urgency, clocks and routing cannot drift apart. `core.flow` makes it ready for the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Literal

import msgspec

from intakebot.core.names import Names


class Kind(StrEnum):
    """What counts as an answer; `parsing.read` says it per kind."""

    CHOICE = "choice"  # one of the choices
    CHOICES = "choices"  # any number of the choices; proposed ones are ticked
    DOMAINS = "domains"  # choices made from the life domains heard in the story
    STORY = "story"  # several messages, until "klaar"
    TEXT = "text"  # one message
    YES_NO = "yes_no"  # ja, nee, weet ik niet
    NUMBER = "number"  # a whole number, zero or more
    DATE = "date"  # a day, ISO 8601 once read
    AGE_BAND = "age_band"  # onder_12 12_15 16_17 18_26 27_66 67_plus; a number counts too
    POSTCODE = "postcode"  # 1234 or 1234AB
    PLACE = "place"  # the name of a town or village
    PHONE = "phone"  # E.164 once read
    NAME = "name"  # how the person wants to be called
    ATTACHMENT = "attachment"  # a voice note or a photo
    STATEMENT = "statement"  # is told, waits for nothing
    READ_BACK = "read_back"  # everything said, each line changeable; "ja" sends


class Rank(StrEnum):
    """Order of the follow-up questions, first to last. What does not fit goes to `to_ask`."""

    SAFETY = "safety"
    LAW = "law"
    QUEUE = "queue"
    PLAN = "plan"


RANKS = tuple(Rank)


class AllOf(msgspec.Struct, frozen=True, tag="all", tag_field="if", forbid_unknown_fields=True):
    """True when every rule is; the empty list is true."""

    of: tuple[Rule, ...]


class AnyOf(msgspec.Struct, frozen=True, tag="any", tag_field="if", forbid_unknown_fields=True):
    """True when at least one rule is; the empty list is false."""

    of: tuple[Rule, ...]


class Not(msgspec.Struct, frozen=True, tag="not", tag_field="if", forbid_unknown_fields=True):
    """True when the rule is not."""

    of: Rule


class AnswerIn(
    msgspec.Struct, frozen=True, tag="answer", tag_field="if", forbid_unknown_fields=True
):
    """True when the answer to `question` on the path is one of `among` (choices: shares one)."""

    question: str
    among: tuple[str, ...]


class FactIn(msgspec.Struct, frozen=True, tag="fact", tag_field="if", forbid_unknown_fields=True):
    """True when fact `name` has one of the values `among`."""

    name: str
    among: tuple[str, ...]


class Known(msgspec.Struct, frozen=True, tag="known", tag_field="if", forbid_unknown_fields=True):
    """True when fact `name` has any value."""

    name: str


class DomainIn(
    msgspec.Struct, frozen=True, tag="domain", tag_field="if", forbid_unknown_fields=True
):
    """True when one of the life domains `among` is confirmed by the person."""

    among: tuple[str, ...]


class SignalIn(
    msgspec.Struct, frozen=True, tag="signal", tag_field="if", forbid_unknown_fields=True
):
    """True when a safety signal of one of these categories was found, hard, or soft too."""

    among: tuple[str, ...]
    strength: Literal["hard", "soft"] = "hard"


# The whole of what a condition can say: eight operators, total, no loops.
Rule = AllOf | AnyOf | Not | AnswerIn | FactIn | Known | DomainIn | SignalIn


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to answer a choice question."""

    id: str
    label: str
    easy: str | None = None  # label in easy Dutch (A2)
    other: str | None = None  # label when telling about another person
    also: tuple[str, ...] = ()  # typed spellings that count as this choice
    sets: dict[str, str] = {}  # facts that this choice makes known, name -> value
    domain: str | None = None  # life domain that this choice adds


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question, asked in one message."""

    key: str
    kind: Kind
    text: str
    easy: str | None = None  # A2 Dutch
    other: str | None = None  # for someone telling about another person
    other_easy: str | None = None
    help: str | None = None  # shown on "help"
    label: str = ""  # short name of the line in the read-back and for the team
    choices: tuple[Choice, ...] = ()
    fact: str | None = None  # the fact that the answer makes known
    domain: str | None = None  # life domain under which the team sees the answer
    rank: Rank | None = None  # a follow-up question: counted against the budget
    when: Rule | None = None  # asked only when this holds
    depends: tuple[str, ...] = ()  # a change of these answers asks this question again
    assumed: str | None = None  # holds without being asked; shown and changeable in the read-back
    calls: bool = False  # asked too when the person only wants to be called
    private: bool = True  # never shown in Telegram under scope `short`


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of questions with a title that people see."""

    key: str
    title: str
    questions: tuple[Question, ...]


class UrgencyRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """If `when` holds, the request is at least this urgent; `because` is the Dutch reason."""

    key: str
    level: Literal["nu", "vandaag", "drie_werkdagen", "week", "gewoon"]
    when: Rule
    because: str


class ClockRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A legal term: what starts it, how long it is, and on which law it rests.

    Exactly one of days, weeks, workdays is more than zero, or all are zero (due at once).
    `kind` is the kind of message that the municipality must have designated this channel for
    (Awb 2:13), or None for a clock that only a person can start (status possible).
    """

    key: str
    law: str
    when: Rule
    started_by: str  # Dutch: what starts it
    kind: str | None = None
    days: int = 0
    weeks: int = 0
    workdays: int = 0
    talk: bool = False  # the law asks for a talk before the end: the promise is never later
    met: bool = False  # the confirmation itself does what the law asks; nothing to watch


class TypeRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The type of the request: the first rule that holds."""

    type: Literal[
        "hulpvraag_integraal", "zorgsignaal_derde", "wmo_melding_namens", "hulpvraag_licht"
    ]
    when: Rule


class RoutingRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sends a request to `queue` when `when` holds and the place is in `gm` (empty: anywhere).

    Rules stand in order and the first match wins. `queue` may be the word `team` (the team of
    the person's area; no match without one), `gemeente` (the queue `GMxxxx/onbekend` of the
    connected municipality; no match without one) or `onbekend`. The last two are read by people.
    """

    key: str
    queue: str
    because: str
    gm: tuple[str, ...] = ()
    when: Rule | None = None


class ProfileRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The profile of the contact person that is suggested: the first rule that holds."""

    profile: Literal["wmo", "jeugd", "participatiewet", "sociaal_werker"]
    when: Rule


class DomainRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The law that a life domain rests on, and what follows from it: the first rule that holds.

    `retention` says in Dutch how long the team may keep this part, `retention_days` the same as
    a number of days after the request was closed.
    """

    code: str
    law: str
    retention: str
    retention_days: int
    visible_to: tuple[str, ...] = ("team",)
    when: Rule | None = None


class Translated(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text in another language, with the Dutch that it was made from."""

    text: str
    source: str  # first 12 hex digits of SHA-256 of the Dutch text
    reviewed_by: str | None = None  # name of the native reader
    reviewed_on: str | None = None  # ISO date


class Revision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A flow set: the whole configuration of one conversation.

    `translations[lang][path]`; a path is `<question>.text`, `.easy`, `.other`, `.other_easy`,
    `.help`, `.label`, `<question>.<choice>.label`, `.easy`, `.other`, `.also` (spellings joined
    by `|`) or `section.<key>.title`.
    """

    schema: Literal["intakebot-flow/1"]
    id: str
    revision: str
    title: str
    sections: tuple[Section, ...]
    urgency: tuple[UrgencyRule, ...]
    clocks: tuple[ClockRule, ...]
    types: tuple[TypeRule, ...]
    routing: tuple[RoutingRule, ...]
    profiles: tuple[ProfileRule, ...] = ()
    domains: tuple[DomainRule, ...] = ()
    names: Names = Names()
    translations: dict[str, dict[str, Translated]] = {}

    def questions(self) -> tuple[Question, ...]:
        """All questions, in the order of the sections."""
        return tuple(q for section in self.sections for q in section.questions)


def facts_in(rule: Rule) -> Iterator[str]:
    """The names of the facts that a rule looks at."""
    match rule:
        case AllOf(of=rules) | AnyOf(of=rules):
            for one in rules:
                yield from facts_in(one)
        case Not(of=other):
            yield from facts_in(other)
        case FactIn(name=name) | Known(name=name):
            yield name
        case _:
            pass
