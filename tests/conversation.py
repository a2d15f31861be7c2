"""A conversation with the shipped flow, for tests: say, press, see. No store, no network.

The session goes through JSON and back before every event, so that every test that talks is also
a test of what the store keeps.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache

import msgspec

from intakebot import content, words
from intakebot.core.events import Began, Chose, Event, Expects, Message, Pressed, Said
from intakebot.core.flow import Flow
from intakebot.core.law.reference import make
from intakebot.core.request import Request
from intakebot.core.session import Session
from intakebot.core.talking.responding import Circumstances, Desk, Fresh, Response

MONDAY = datetime.fromisoformat("2026-11-23T10:00:00+01:00")
QUESTIONS_MAX = 60


@cache
def shipped_flow() -> Flow:
    """The shipped flow with the sample region; read once."""
    return content.load().flow()


@cache
def shipped_words() -> words.Catalogues:
    """The shipped catalogues; read once."""
    return words.load()


def a_desk(flow: Flow | None = None) -> Desk:
    """A desk whose stamps can be read by a test."""
    return Desk(
        flow=flow or shipped_flow(),
        words=shipped_words(),
        stamp=lambda about: f"<{about}>",
        web_address="https://chat.example",
    )


class Conversation:
    """One person talking."""

    def __init__(
        self,
        lang: str | None = "nl",
        *,
        flow: Flow | None = None,
        at: datetime = MONDAY,
        channel: str = "web",
        scope: str = "web",
    ) -> None:
        self.desk = a_desk(flow)
        self.at = at
        self.channel = channel
        revision = self.desk.flow.revision
        start = Session(id="s1", flow=revision.id, revision=revision.revision, started_at=at)
        self.session = start.replace(scope=scope)
        self.typed = 0
        self.messages: list[Message] = []
        self.response = Response(session=self.session)
        self.request: Request | None = None
        self.asked: list[str] = []
        self.hear(Began())
        if lang is not None:
            self.press(lang)

    def hear(self, event: Event) -> tuple[Message, ...]:
        """The messages that follow on this event."""
        self.session = msgspec.json.decode(msgspec.json.encode(self.session), type=Session)
        fresh = Fresh(reference=make("7K3Q9M2"), session_id="s2")
        now = Circumstances(at=self.at, channel=self.channel, fresh=fresh)
        self.response = self.desk.respond(self.session, event, now)
        self.session = self.response.started or self.response.session
        heard = self.response.messages + self.response.started_messages
        self.messages += heard
        self.request = self.response.request or self.request
        if self.session.asked and (not self.asked or self.asked[-1] != self.session.asked):
            self.asked.append(self.session.asked)
        return heard

    def say(self, text: str) -> tuple[Message, ...]:
        """Type a message."""
        self.typed += 1
        return self.hear(Said(text=text, ref=str(self.typed)))

    def press(self, button: str) -> tuple[Message, ...]:
        """Press a button by its id."""
        return self.hear(Pressed(id=button))

    def choose(self, *ids: str) -> tuple[Message, ...]:
        """Send all ticks at once."""
        return self.hear(Chose(ids=ids))

    @property
    def open(self) -> Message:
        """The newest message that waits for an answer."""
        return next(m for m in reversed(self.messages) if m.expects is not Expects.NONE)

    @property
    def text(self) -> str:
        """Everything that the bot said so far."""
        return "\n".join(message.text for message in self.messages)

    def proposed(self) -> tuple[str, ...]:
        """The ticked choices of the open question."""
        return tuple(button.id for button in self.open.buttons if button.proposed)

    def tell(self, *turns: str) -> None:
        """Tell a story, message by message, and say that it is done."""
        for turn in turns:
            self.say(turn)
        self.press("klaar")

    def answer_rest(self, answers: dict[str, str], add: Iterable[str] = ()) -> None:
        """Answer what is still asked, by question; skip what is not in `answers`, and send."""
        for _ in range(QUESTIONS_MAX):
            question = self.open
            if self.session.outcome != "open" or question.question is None:
                return
            self._answer(question, answers, add)
        raise AssertionError(f"still asking after {QUESTIONS_MAX} answers: {self.asked}")

    def _answer(self, question: Message, answers: dict[str, str], add: Iterable[str]) -> None:
        key = question.question or ""
        own = {button.id for button in question.buttons}
        if question.expects is Expects.CHOICES:
            self.choose(*dict.fromkeys((*self.proposed(), *add)))
        elif question.expects is Expects.CONFIRM:
            self.press("ja")
        elif key in answers and answers[key] in own:
            self.press(answers[key])
        elif key in answers:
            self.say(answers[key])
        elif key == "verhaal":
            self.press("klaar")
        else:
            self.press("/skip")
