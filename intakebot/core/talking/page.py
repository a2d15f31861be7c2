"""What messages are made with: the flow, the session as it is now, and the words.

`Words` gives the interface sentences by key; it comes in as a value, so that the core holds no
language itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, Protocol

from intakebot.core.flow import Flow
from intakebot.core.session import Session, Tongue
from intakebot.core.talking import wording


class Words(Protocol):
    """The interface words in every tongue; in right-to-left ones each value is isolated."""

    def say(self, tongue: Tongue, key: str, **values: str) -> str:
        """The sentence `key` with its named places filled."""
        ...

    def day(self, tongue: Tongue, day: date) -> str:
        """A day as people say it: maandag 23 november."""
        ...

    def direction(self, tongue: Tongue) -> Literal["ltr", "rtl"]:
        """How the tongue is written."""
        ...


@dataclass(frozen=True, kw_only=True)
class Page:
    """What every message of one turn is made with."""

    flow: Flow
    session: Session
    words: Words
    today: date
    web_address: str = ""  # of the web chat, for people who would rather not use Telegram

    @property
    def tongue(self) -> Tongue:
        """The person's tongue; Dutch before one is picked."""
        return self.session.tongue or Tongue(lang=wording.DUTCH)

    def speaking(self, tongue: Tongue) -> Page:
        """The same, in another tongue; what is known of the person does not follow from it."""
        return replace(self, session=self.session.replace(tongue=tongue))

    def say(self, key: str, **values: str) -> str:
        """An interface sentence in the person's tongue."""
        return self.words.say(self.tongue, key, **values)
