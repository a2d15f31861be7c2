"""A session: what one person said so far. It stores facts, not a position.

The open question is derived from it by walking the flow (`engine.open_question`), so a session
that contradicts itself cannot be written. All of it is one value that becomes JSON and back.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Self

import msgspec


class Value(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A frozen value that is the same in code and in JSON."""

    def replace(self, **changes: object) -> Self:
        """The same value with these fields changed."""
        return msgspec.structs.replace(self, **changes)


class Tongue(Value, frozen=True):
    """A language and a reading level: `nl`, `nl` with A2, `ar`."""

    lang: str
    level: Literal["A2"] | None = None


class Saying(Value, frozen=True):
    """One message in the person's own words; BSNs already masked. Never rewritten."""

    text: str
    lang: str | None
    at: datetime  # aware
    ref: str | None = None  # the channel's id of the message, for later edits
    audio: str | None = None  # attachment id
    question: str | None = None  # spoken under this one; None: in the story


class Answer(Value, frozen=True):
    """What was answered to one question.

    `value`: a choice id, "ja"/"nee"/"weet_niet", digits, an ISO date, a text; for choices and
    domains a tuple of ids; None when the question was skipped.
    """

    question: str
    value: str | tuple[str, ...] | None
    at: datetime  # aware
    said: str | None = None  # the words typed, when they were not a button
    ref: str | None = None
    basis: str = ""  # what this answer depended on when given; differs now: asked again


class Signal(Value, frozen=True):
    """A safety signal found in a message: category, strength, and the question on screen."""

    category: str  # immediate suicide violence child basic_need
    strength: Literal["hard", "soft"]
    question: str | None
    words: str  # the words that it was found in


class Attachment(Value, frozen=True):
    """A voice note or photo; the bytes are downloaded and encrypted outside the session."""

    id: str
    kind: Literal["voice", "photo", "document"]
    bytes: int
    received_at: datetime
    source: str = ""  # where the channel fetches it: Telegram file_id; empty when already stored
    album: str | None = None  # sent together with others that carry the same; one answer
    seconds: int | None = None  # how long a voice note is, where the channel says so


class Aside(StrEnum):
    """A stored interlude: another question stands before the open one."""

    STOPPING = "stopping"  # keep or throw away?
    RESTARTING = "restarting"  # throw away and begin again?
    CHANGING = "changing"  # which line do you want to change?
    DANGER = "danger"  # is there danger now?
    CALLING = "calling"  # do you still want to be called?
    WITHDRAWING = "withdrawing"  # withdraw the request?
    ERASING = "erasing"  # erase my data?
    CORRECTING = "correcting"  # after sending: which line is not right?
    REWORDING = "rewording"  # and how should it be?
    TONGUE = "tongue"  # do you want to go on in the language that you write in?
    CONTACTED = "contacted"  # after the promised day: was there contact?


class Outcome(StrEnum):
    """Where the conversation stands."""

    OPEN = "open"  # questions may follow
    KEPT = "kept"  # stopped for now; goes on where it was with the next message
    SUBMITTED = "submitted"  # a request exists
    WITHDRAWN = "withdrawn"  # the person took the request back
    HANDED_OVER = "handed_over"  # lives in a municipality that is not connected; nothing kept
    THROWN_AWAY = "thrown_away"  # nothing is kept


class ContactCard(Value, frozen=True):
    """The one contact person, as the inhabitant may see it."""

    name: str
    phone: str | None
    team: str


class Promise(Value, frozen=True):
    """What the confirmation promised: first contact, by whom, and on which day at the latest."""

    on: date
    team: str
    phone: str | None  # of the team; None: it is not known yet whose request this is


class Session(Value, frozen=True):
    """One conversation with one person."""

    id: str
    flow: str
    revision: str
    started_at: datetime
    # How much of the talk the channel of the last event may carry; all but `web`: Telegram.
    scope: Literal["web", "full", "short", "front-door"] = "web"
    tongue: Tongue | None = None  # None until a language is picked
    hint: str | None = None  # a language on offer that the device speaks: it stands first
    story: tuple[Saying, ...] = ()
    answers: tuple[Answer, ...] = ()  # in the order given; at most one a question
    editing: str | None = None  # a question offered again: by back, or by change
    marks: tuple[str, ...] | None = None  # ticks of a choices question, before "klopt"
    aside: Aside | None = None
    outcome: Outcome = Outcome.OPEN
    signals: tuple[Signal, ...] = ()
    danger_now: bool | None = None  # None: was not said
    wants_call: bool = False
    shared: bool = False  # others use this phone too: a notice says nothing of the story
    questions: tuple[Saying, ...] = ()  # "heb ik recht op …": for the contact person, not for us
    attachments: tuple[Attachment, ...] = ()
    masked: int = 0  # how many BSNs were taken out
    turn: int = 0  # questions put on screen; part of every button's token
    asked: str | None = None  # the question or aside that is on screen
    guess: tuple[str, ...] = ()  # languages that the person seems to write in: what is offered
    told: tuple[str, ...] = ()  # sentences that are said once a session, and were
    reference: str | None = None
    # Told about somebody who does not know it: thanks, and nothing of what follows comes back.
    only_thanks: bool = False
    contact: ContactCard | None = None  # set: a person talks, the bot keeps silent
    closed: bool = False  # the team closed the request
    promise: Promise | None = None  # None: nothing was sent, or it is about somebody else
    correcting: str | None = None  # the line that is not right
    checked: bool = False  # nobody need be asked whether there was contact
    contacted: Literal["ja", "nee", "nog_niet"] | None = None  # what was said about that

    def emptied(self, outcome: Outcome) -> Session:
        """The same session with nothing in it but how it ended, where, and in which tongue."""
        return Session(
            id=self.id,
            flow=self.flow,
            revision=self.revision,
            started_at=self.started_at,
            scope=self.scope,
            tongue=self.tongue,
            outcome=outcome,
        )
