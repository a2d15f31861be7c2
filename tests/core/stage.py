"""Small flows built in code, and a stage to play them on: what one event does, in short words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from intakebot.core.events import (
    Amend,
    Ask,
    Began,
    Effect,
    Event,
    HandOver,
    NoteForTeam,
    PassOn,
    Pressed,
    Relay,
    Said,
    Sent,
    ShowCard,
    Tell,
)
from intakebot.core.flow import Choice, Flow, Kind, Question, Section, ready
from intakebot.core.session import Attachment, Session, Tongue
from intakebot.core.talking.engine import step
from tests.conversation import MONDAY, shipped_flow


def a_question(key: str, kind: Kind = Kind.TEXT, **parts: object) -> Question:
    """A question with its key for a text and a label."""
    plain = Question(key=key, kind=kind, text=f"{key}?", label=key)
    return msgspec.structs.replace(plain, **parts)


def choices(*ids: str) -> tuple[Choice, ...]:
    """Choices that are called as their ids."""
    return tuple(Choice(id=one, label=one) for one in ids)


def a_flow(*questions: Question) -> Flow:
    """The shipped rules, words and region around these questions."""
    whole = shipped_flow()
    section = Section(key="alles", title="Alles", questions=questions)
    revision = msgspec.structs.replace(whole.revision, sections=(section,))
    return ready(revision, whole.lexicon, whole.phrases, whole.spoken, whole.region)


def a_session(**parts: object) -> Session:
    """A session with Dutch picked."""
    plain = Session(
        id="s1", flow="proef", revision="1", started_at=MONDAY, tongue=Tongue(lang="nl")
    )
    return plain.replace(**parts)


def a_file(kind: str = "photo", size: int = 9_000, name: str = "a1") -> Attachment:
    """A voice note, photo or document."""
    found = {"id": name, "kind": kind, "bytes": size, "received_at": MONDAY.isoformat()}
    return msgspec.convert(found, Attachment)


class Stage:
    """One session, through JSON before every event, and what the last event did."""

    def __init__(self, *questions: Question, flow: Flow | None = None, **parts: object) -> None:
        self.flow = flow or (a_flow(*questions) if questions else shipped_flow())
        self.session = a_session(**parts)
        self.effects: tuple[Effect, ...] = ()
        self.at: datetime = MONDAY

    def hear(self, event: Event) -> list[str]:
        """What follows on this event, in short."""
        self.session = msgspec.json.decode(msgspec.json.encode(self.session), type=Session)
        self.at += timedelta(minutes=1)
        self.session, self.effects = step(self.flow, self.session, event, self.at)
        return in_short(self.effects)

    def begin(self) -> list[str]:
        """Open the chat."""
        return self.hear(Began())

    def say(self, text: str, ref: str | None = None) -> list[str]:
        """Type."""
        return self.hear(Said(text=text, ref=ref))

    def press(self, button: str) -> list[str]:
        """Press a button."""
        return self.hear(Pressed(id=button))

    def send(
        self,
        kind: str = "photo",
        *,
        size: int = 9_000,
        caption: str | None = None,
        name: str = "a1",
    ) -> list[str]:
        """Send a file."""
        return self.hear(Sent(attachment=a_file(kind, size, name), caption=caption, ref=name))

    def answers(self) -> dict[str, object]:
        """What was answered, by question."""
        return {answer.question: answer.value for answer in self.session.answers}


def in_short(effects: Iterable[Effect]) -> list[str]:
    """The key of a sentence, `?key` for a question, `!` for a card, else the effect's name."""
    return [_short(effect) for effect in effects]


def _short(effect: Effect) -> str:
    match effect:
        case Tell():
            return effect.key
        case Ask():
            return f"?{effect.question}"
        case Amend():
            return f"amend {effect.question}"
        case ShowCard():
            return f"!{' '.join(effect.categories)}"
        case Relay() | PassOn():
            return f"{type(effect).__name__}: {effect.text}"
        case NoteForTeam():
            return f"note {effect.key}"
        case HandOver():
            return f"hand over {effect.gm}"
        case _:
            return type(effect).__name__
