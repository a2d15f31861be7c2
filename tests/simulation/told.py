"""What one person did, and what the store must therefore hold: a conversation seen from outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from intakebot.core.flow import Kind
from tests.simulation.revisions import KINDS

Value = str | tuple[str, ...]
LANGUAGE = "taal"


class Post(Protocol):
    """Something that a person sent."""

    @property
    def acknowledged(self) -> bool:
        """Whether the person, or Telegram for them, was told that it came through."""
        ...

    @property
    def tried(self) -> int:
        """How often it was brought to us."""
        ...

    async def came(self) -> None:
        """Until it is acknowledged."""
        ...


@dataclass(kw_only=True)
class Deed:
    """What was done under one question, and what must be kept of it."""

    question: str
    revision: str
    value: Value | None = None
    message: int = 0  # the typed message, to correct it
    text: str = ""  # what was typed
    posts: list[Post] = field(default_factory=list)

    @property
    def is_acknowledged(self) -> bool:
        """Whether one of its posts was taken: then it must be there."""
        return any(post.acknowledged for post in self.posts)

    @property
    def was_tried(self) -> bool:
        """Whether it can have come through."""
        return any(post.tried for post in self.posts)


@dataclass(kw_only=True)
class Told:
    """One conversation, from its beginning until it was sent or thrown away."""

    deeds: dict[str, Deed] = field(default_factory=dict)  # by the token of the question
    story: list[tuple[str, Post]] = field(default_factory=list)
    added: list[tuple[str, Post]] = field(default_factory=list)  # said after it was sent
    photos: list[tuple[bytes, Post]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)  # all that nobody else ever says
    reference: str | None = None
    withdrawn: list[Post] = field(default_factory=list)
    erasure: list[Post] = field(default_factory=list)

    def answers(self) -> dict[str, Deed]:
        """The last deed under each question that keeps an answer."""
        return {
            deed.question: deed
            for deed in self.deeds.values()
            if deed.question != LANGUAGE and KINDS[deed.question] is not Kind.READ_BACK
        }


def typed_for(kind: Kind | None, number: str, code: str) -> tuple[str, Value]:
    """Something to type for this kind of question, and what is kept of it.

    *number*: eight digits that only this person uses; *code*: a postcode of the region.
    """
    match kind:
        case Kind.NUMBER:
            return str(int(number)), str(int(number))
        case Kind.PHONE:
            return f"0612{number[2:]}", f"+31612{number[2:]}"
        case Kind.POSTCODE:
            return code, code
        case Kind.NAME:
            name = "Ada" + "".join(chr(ord("a") + int(digit)) for digit in number)
            return name, name
        case _:
            return f"woord{number}", f"woord{number}"
