"""The pages of the inbox: one frozen struct each, drawn by the template that it names."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from intakebot.core.session import Tongue

Direction = Literal["ltr", "rtl"]


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's own words, as they were written."""

    text: str
    lang: str | None = None
    dir: Direction | Literal["auto"] = "auto"


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """How urgent: a word, and a shape that goes with it."""

    code: str  # nu vandaag drie_werkdagen week gewoon: names the shape
    label: str


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A day in words, and for machines."""

    label: str
    iso: str


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A last day, what it is the last day of, and how near it is."""

    what: str
    day: Day
    state: Literal["late", "today", "soon", "later"]
    note: str = ""  # "te laat", "vandaag": never by colour only


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One of a list to choose from."""

    value: str
    label: str
    chosen: bool = False


class Tab(msgspec.Struct, frozen=True, kw_only=True):
    """A list of the inbox."""

    href: str
    label: str
    count: int | None
    current: bool


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A request as one line of a list, or a card on a phone."""

    href: str
    reference: str
    name: str
    type: str
    level: Level
    about: tuple[str, ...]
    place: str
    team: str
    language: str
    interpreter: str | None
    since: Day
    due: Due | None
    flags: tuple[str, ...] = ()
    contact: str | None = None  # who is the contact person
    ended: str | None = None  # how a closed request ended


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around every page."""

    template: ClassVar[str]
    tongue: Tongue
    brand: str


class Page(Frame, frozen=True, kw_only=True):
    """A page of somebody who is signed in; `mark` is what the page knows."""

    member: str
    stamp: str
    news: str  # where the script asks whether there is anything new
    mark: str


class Queue(Page, frozen=True, kw_only=True):
    """One of the lists."""

    template: ClassVar[str] = "inbox/queue.html"
    title: str
    list: str
    tabs: tuple[Tab, ...]
    queues: tuple[Choice, ...]
    rows: tuple[Row, ...]
    empty: str
    earlier: str | None = None
    later: str | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A label and what is known."""

    label: str
    value: str
    href: str | None = None
    lang: str | None = None
    dir: Direction | Literal["auto"] | None = None


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A voice note, photo or document."""

    id: str
    href: str | None  # None: it is not there, or not yet
    kind: Literal["voice", "photo", "document"]
    label: str
    state: str
    unheard: bool = False


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the story."""

    words: Words
    language: str | None
    file: File | None = None
    translation: str | None = None  # by a machine, checked by nobody
    translated: str = ""  # who made it, and when


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    """A life domain."""

    name: str
    confirmed: bool
    source: str
    evidence: tuple[Words, ...]
    facts: tuple[Line, ...]
    law: str | None
    state: str
    retention: str


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A legal term."""

    what: str
    law: str
    due: Due | None
    explained: str


class Sentence(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence of the inhabitant that somebody should look at, and since when it asks for it."""

    lead: str
    words: Words


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A message between the inhabitant and the team, or a note."""

    who: Literal["inhabitant", "member", "bot"]
    name: str
    at: Day
    words: Words
    state: str | None = None
    file: File | None = None


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """A routing rule that was looked at."""

    why: str
    matched: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question that was left for the contact person."""

    text: str
    because: str


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """The top of a request: who, how urgent, who goes with it."""

    name: str
    reference: str
    type: str
    team: str
    level: Level
    reasons: tuple[str, ...]
    since: Day
    status: str
    contact: str | None
    due: Due | None
    flags: tuple[str, ...]
    notices: tuple[str, ...]  # withdrawn, to be erased


class Doing(msgspec.Struct, frozen=True, kw_only=True):
    """What this member can do now. `version`: the state that the page shows."""

    action: str
    version: int
    take: bool
    write: bool
    close: bool
    change: bool
    warnings: tuple[str, ...]  # before writing or calling
    message_chars_max: int
    note_chars_max: int
    reason_chars_max: int
    levels: tuple[Choice, ...]
    outcomes: tuple[Choice, ...]


class Request(Page, frozen=True, kw_only=True):
    """One request on one screen."""

    template: ClassVar[str] = "inbox/request.html"
    heading: Heading
    doing: Doing
    safety: tuple[Sentence, ...]
    also: tuple[Sentence, ...]
    summary: tuple[str, ...]
    story: tuple[Said, ...]
    files: tuple[File, ...]
    domains: tuple[Domain, ...]
    facts: tuple[Line, ...]
    clocks: tuple[Clock, ...]
    met: tuple[Clock, ...]
    contact: tuple[Line, ...]
    person: tuple[Line, ...]
    strengths: tuple[Words, ...]
    to_ask: tuple[Asked, ...]
    partners: tuple[str, ...]
    profile: str | None
    why: str
    tried: tuple[Tried, ...]
    notes: tuple[Told, ...]
    thread: tuple[Told, ...]
    back: str


class SignIn(Frame, frozen=True, kw_only=True):
    """Behind a sign-in link: one button, so that looking at the link does not use it up."""

    template: ClassVar[str] = "inbox/signin.html"
    action: str
    stamp: str


class Plain(Frame, frozen=True, kw_only=True):
    """A page that only says something. `kept`: what was typed and did not count, to copy."""

    template: ClassVar[str] = "inbox/plain.html"
    title: str
    sentences: tuple[str, ...]
    kept: str = ""
    href: str = "/inbox"
    link: str = ""
