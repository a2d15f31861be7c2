"""What counts as an answer: for each kind of question, how a button, text or voice note is read.

Whatever is typed, one of three things follows: it is the answer, it is a part of the story, or it
was not understood and a kind sentence says what would be. Nothing raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from intakebot.core.events import Button, Chose, Event, Pressed, Said, SharedPhone
from intakebot.core.facts import Known
from intakebot.core.flow import Flow, Kind, Question
from intakebot.core.limits import NAME_CHARS_MAX
from intakebot.core.reading import parsing
from intakebot.core.session import Answer, Session, Tongue, Value
from intakebot.core.talking import wording
from intakebot.core.talking.path import proposed

DONE = "klaar"
AGREE = "klopt"
SEND = "ja"
CHANGE = "wijzig"


class Given(Value, frozen=True):
    """An answer; None when the person does not know or does not want to say."""

    value: str | tuple[str, ...] | None
    said: str | None = None
    ref: str | None = None


class Joined(Value, frozen=True):
    """Not an answer: a part of the story."""

    text: str
    ref: str | None = None


class Placed(Value, frozen=True):
    """Under the question for a postcode: the name of a place that we know."""

    place: str
    said: str
    ref: str | None = None


class Misread(Value, frozen=True):
    """Not understood; `tell` is the standard sentence that says what would be."""

    tell: str


class Ticked(Value, frozen=True):
    """Ticks typed under a question with proposals: shown again before they count."""

    marks: tuple[str, ...]


class WantsChange(Value, frozen=True):
    """In the read-back: this line is to be changed, or, when None, the list of lines is wished."""

    question: str | None


Choosable = TypeVar("Choosable", parsing.Option, Button)
# Kinds under which any text could be the answer.
FREE = (Kind.TEXT, Kind.PLACE, Kind.NAME)
_SENTENCE = re.compile(r"[.!?;:,\n\u060c\u061b\u061f]+")
Reading = Given | Joined | Placed | Misread | Ticked | WantsChange


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A question on screen, with all that is needed to read an answer to it."""

    flow: Flow
    session: Session
    question: Question
    known: Known
    today: date

    @property
    def tongue(self) -> Tongue:
        """The person's tongue."""
        return self.session.tongue or Tongue(lang=wording.DUTCH)

    @property
    def ticks(self) -> tuple[str, ...]:
        """The ticks as they stand."""
        return ticks(self.session, self.question, self.known)


def read(asking: Asking, event: Event) -> Reading:
    """How this event answers this question."""
    many = asking.question.kind in (Kind.CHOICES, Kind.DOMAINS)
    match event:
        case Said():
            return _typed(asking, event)
        case Pressed():
            return _pressed(asking, event.id)
        case Chose() if many:
            return _all_ticks(asking, event.ids)
        case Chose() if len(event.ids) == 1:
            return _pressed(asking, event.ids[0])
        case SharedPhone() if asking.question.kind is Kind.PHONE:
            return _phone(event)
        case _:
            return Misread(tell=_misread(asking.question))


def ticks(session: Session, question: Question, known: Known) -> tuple[str, ...]:
    """The ticks as they stand: put by the person, else proposed."""
    if session.marks is not None:
        return session.marks
    earlier = next((a for a in session.answers if a.question == question.key), None)
    return proposed(question, known, earlier)


def in_sight(choices: tuple[Choosable, ...], ticked: tuple[str, ...]) -> tuple[Choosable, ...]:
    """The life domains in the order on screen: what is ticked stands first."""
    return tuple(sorted(choices, key=lambda choice: choice.id not in ticked))


def stands_unseen(asking: Asking, reading: Reading) -> bool:
    """Whether what was typed may count before the question stood on screen, as after a pause.

    A label or a number says itself which question it answers, and a story goes on. A free text,
    such as "hallo" for a name, does not.
    """
    match reading:
        case Given(value=str(), said=str()):
            return asking.question.kind not in FREE
        case Joined(text=text):
            return not parsing.is_polite(asking.flow.spoken, text)
        case Misread():
            return False
        case _:
            return True


def label_in(flow: Flow, question: Question, text: str) -> str | None:
    """The choice whose label stands in the text as a sentence of its own, in any language."""
    if question.kind is not Kind.CHOICE:
        return None
    parts = [parsing.short_form(flow.spoken, part) for part in _SENTENCE.split(text)]
    known = labels(flow, question)
    found = {known[part] for part in parts if part in known}
    return found.pop() if len(found) == 1 else None


def labels(flow: Flow, question: Question) -> dict[str, str]:
    """Every label of the choices of this question in every language on offer, with its choice."""
    tongues = [wording.tongue_of(code) for code in flow.region.languages]
    return {
        parsing.short_form(
            flow.spoken, wording.choice_label(flow, question, choice, tongue, other=other)
        ): choice.id
        for choice in question.choices
        for tongue in tongues
        for other in (False, True)
    }


def _typed(asking: Asking, event: Said) -> Reading:
    """Typed text: the answer of this kind, else don't-know, else story, else a kind sentence."""
    kind = asking.question.kind
    if kind is Kind.STORY:
        if parsing.is_done(asking.flow.spoken, asking.tongue.lang, event.text):
            return Given(value=DONE, ref=event.ref)
        return Joined(text=event.text, ref=event.ref)
    if kind in (Kind.CHOICES, Kind.DOMAINS):
        return _typed_ticks(asking, event)
    if kind is Kind.READ_BACK:
        return _typed_read_back(asking, event)
    found = _value(asking, event.text)
    if kind in FREE and _does_not_know(asking, event.text):
        found = None
    if found is not None:
        return Given(value=found, said=event.text, ref=event.ref)
    return _otherwise(asking, event)


def _does_not_know(asking: Asking, text: str) -> bool:
    """Whether the words say "I don't know": under a free question too that is no answer."""
    spoken, lang = asking.flow.spoken, asking.tongue.lang
    return parsing.read_yes_no(spoken, lang, text) == "weet_niet"


def _value(asking: Asking, text: str) -> str | None:
    """The value that was typed, for the kinds that have one; None: it was not understood."""
    spoken, lang = asking.flow.spoken, asking.tongue.lang
    match asking.question.kind:
        case Kind.CHOICE:
            options = wording.options(asking.flow, asking.question, asking.tongue)
            return parsing.read_choice(spoken, lang, options, text)
        case Kind.YES_NO:
            return parsing.read_yes_no(spoken, lang, text)
        case Kind.NUMBER:
            number = parsing.read_number(spoken, lang, text)
            return None if number is None else str(number)
        case Kind.DATE:
            day = parsing.read_date(spoken, lang, text, asking.today)
            return None if day is None else day.isoformat()
        case Kind.AGE_BAND:
            return parsing.read_age_band(spoken, lang, text)
        case Kind.POSTCODE:
            return parsing.read_postcode(spoken, lang, text)
        case Kind.PHONE:
            return parsing.read_phone(text)
        case Kind.NAME:
            return _name(spoken, lang, text)
        case Kind.PLACE:
            known = asking.flow.place_of(None, text).words
            return known or (parsing.read_line(text) if any(map(str.isalpha, text)) else None)
        case Kind.TEXT:
            return parsing.read_line(text)
        case _:
            return None


def _otherwise(asking: Asking, event: Said) -> Reading:
    """Text that is no answer of this kind: no number, don't know, story, or unclear."""
    # A bare number is no word: only under buttons does it stand for one of them.
    is_worded = any(map(str.isalpha, event.text))
    lang = asking.tongue.lang
    spoken = parsing.read_yes_no(asking.flow.spoken, lang, event.text) if is_worded else None
    has_none = asking.question.kind in (Kind.PHONE, Kind.POSTCODE)
    if has_none and parsing.move(asking.flow.spoken, lang, event.text) == "/no-call":
        spoken = "nee"
    if spoken == "weet_niet" or (spoken == "nee" and has_none):
        return Given(value=None, said=event.text, ref=event.ref)
    if parsing.story_like(event.text):
        return Joined(text=event.text, ref=event.ref)
    if asking.question.kind is Kind.POSTCODE:
        place = asking.flow.place_of(None, event.text).words
        if place:
            return Placed(place=place, said=event.text, ref=event.ref)
    return Misread(tell=_misread(asking.question))


def _name(spoken: parsing.Spoken, lang: str, text: str) -> str | None:
    if parsing.story_like(text):
        return None
    found = parsing.read_name(spoken, lang, text)
    return found[:NAME_CHARS_MAX] if found else None


def _typed_ticks(asking: Asking, event: Said) -> Reading:
    """Text under ticks: "klopt" agrees; names add to what was proposed, then it is shown again."""
    spoken, lang = asking.flow.spoken, asking.tongue.lang
    now = asking.ticks
    if parsing.is_confirm(spoken, lang, event.text) or parsing.is_done(spoken, lang, event.text):
        return Given(value=now, said=event.text, ref=event.ref)
    choices = wording.options(asking.flow, asking.question, asking.tongue)
    if asking.question.kind is Kind.DOMAINS:  # numbers count as they stand on screen
        choices = in_sight(choices, now)
    named = parsing.read_choices(spoken, lang, choices, event.text)
    if named is None:
        return _otherwise(asking, event)
    if not now or not named:
        return Given(value=named, said=event.text, ref=event.ref)
    if parsing.takes_away(spoken, lang, event.text):
        return Ticked(marks=tuple(code for code in now if code not in named))
    return Ticked(marks=now + tuple(code for code in named if code not in now))


def _typed_read_back(asking: Asking, event: Said) -> Reading:
    spoken, lang = asking.flow.spoken, asking.tongue.lang
    if parsing.is_confirm(spoken, lang, event.text):
        return Given(value=SEND, said=event.text, ref=event.ref)
    if parsing.read_yes_no(spoken, lang, event.text) == "nee":
        return WantsChange(question=None)
    if parsing.story_like(event.text):
        return Joined(text=event.text, ref=event.ref)
    return Misread(tell="choose-button")


def _pressed(asking: Asking, pressed: str) -> Reading:
    """A button under this question."""
    match asking.question.kind:
        case Kind.CHOICES | Kind.DOMAINS:
            return _all_ticks(asking, (pressed,))
        case Kind.READ_BACK if pressed == CHANGE or pressed.startswith(f"{CHANGE}:"):
            return WantsChange(question=pressed.partition(":")[2] or None)
        case _:
            good = pressed in _own_ids(asking.question)
            return Given(value=pressed) if good else Misread(tell="choose-button")


def _own_ids(question: Question) -> tuple[str, ...]:
    """The ids of the buttons that answer a question with one press."""
    match question.kind:
        case Kind.CHOICE:
            return tuple(choice.id for choice in question.choices)
        case Kind.YES_NO:
            return wording.YES_NO
        case Kind.AGE_BAND:
            return wording.AGE_BANDS
        case Kind.STORY:
            return (DONE,)
        case Kind.READ_BACK:
            return (SEND,)
        case _:
            return ()


def _all_ticks(asking: Asking, ids: tuple[str, ...]) -> Reading:
    """The whole set of ticks; "klopt" alone agrees with the ticks as they stand."""
    if ids == (AGREE,):
        return Given(value=asking.ticks)
    wanted = tuple(dict.fromkeys(one for one in ids if one != AGREE))
    if not {choice.id for choice in asking.question.choices}.issuperset(wanted):
        return Misread(tell="choose-button")
    return Given(value=wanted)


def _phone(event: SharedPhone) -> Reading:
    """A shared contact counts when it is the person's own."""
    if not event.own:
        return Misread(tell="foreign-contact")
    number = parsing.read_phone(event.number) or parsing.read_phone(f"+{event.number}")
    return Misread(tell="not-phone") if number is None else Given(value=number, ref=event.ref)


def _misread(question: Question) -> str:
    """The sentence that says what this question can use."""
    match question.kind:
        case Kind.NUMBER:
            return "not-number"
        case Kind.DATE:
            return "not-date"
        case Kind.POSTCODE:
            return "not-postcode"
        case Kind.PHONE:
            return "not-phone"
        case Kind.AGE_BAND:
            return "not-age"
        case Kind.CHOICE | Kind.CHOICES | Kind.DOMAINS | Kind.YES_NO | Kind.READ_BACK:
            return "choose-button"
        case _:
            return "not-understood"


def remembered(session: Session, answer: Answer) -> Session:
    """The session with this answer; an earlier one to the same question gives way to it."""
    place = next((i for i, a in enumerate(session.answers) if a.question == answer.question), None)
    answers = list(session.answers)
    if place is None:
        answers.append(answer)
    else:
        answers[place] = answer
    return session.replace(answers=tuple(answers), marks=None)
