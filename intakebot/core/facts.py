"""What is known: facts and life domains, from the story and from the answers on the path.

Conditions, urgency, clocks, routing and the request all look at this one value. Answers off the
path do not count: `known` is made by `engine` from the answers that the walk passes.
"""

from __future__ import annotations

from typing import Literal

from intakebot.core.session import Answer, Signal, Value


class Fact(Value, frozen=True):
    """One thing known, with where it came from."""

    name: str
    value: str
    source: Literal["story", "answer"]
    question: str | None = None  # the question that was answered
    evidence: str = ""  # the own words


class HeardDomain(Value, frozen=True):
    """A life domain with the words that led to it."""

    code: str
    evidence: tuple[str, ...]


class Known(Value, frozen=True):
    """All that is known at one moment."""

    facts: tuple[Fact, ...] = ()
    heard: tuple[HeardDomain, ...] = ()  # from the story, whether confirmed or not
    confirmed: tuple[
        str, ...
    ] = ()  # codes, once the person confirmed them; before that the heard ones
    answers: tuple[Answer, ...] = ()  # on the path only, skipped ones too
    signals: tuple[Signal, ...] = ()
    danger_now: bool = False

    def value(self, name: str) -> str | None:
        """The value of a fact: an answer goes before the story; the last one goes first."""
        found: str | None = None
        for fact in self.facts:
            if fact.name == name and fact.source == "story":
                found = fact.value
        for fact in self.facts:
            if fact.name == name and fact.source == "answer":
                found = fact.value
        return found

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a fact that can be several things at once, such as `dreiging`."""
        return tuple(dict.fromkeys(fact.value for fact in self.facts if fact.name == name))

    def answer(self, question: str) -> Answer | None:
        """The answer to this question, when it is on the path."""
        return next((a for a in self.answers if a.question == question), None)
