"""What every inhabitant of the simulation has, whatever they talk through."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from intakebot.core.flow import Kind
from intakebot.store.work import Chat
from tests.simulation.told import Deed, Told, Value, typed_for

if TYPE_CHECKING:
    from tests.simulation.world import World

THROWN_AWAY_MAX = 3
CODES = ("7101", "7102", "7103")


class Person(ABC):
    """One person, the conversation of now, and those that were thrown away."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.number = number
        self.name = f"chat {9_000 + number}"
        self.told = Told()
        self.past: list[Told] = []
        self.seen: list[str] = []  # every text that was ever on screen
        self.was_blocked = False
        self.has_left = False
        self._words = 0

    @property
    @abstractmethod
    def chats(self) -> tuple[Chat, ...]:
        """Where this person talks, as the store knows it; the newest last."""

    @abstractmethod
    async def live(self) -> None:
        """The whole conversation."""

    async def rest(self, least_s: float, most_s: float) -> None:
        """Do nothing for a while."""
        await asyncio.sleep(self.world.chance.uniform(least_s, most_s))

    def own_words(self, text: str) -> str:
        """Something that nobody else ever says, nor this person again; long enough for a story."""
        self._words += 1
        said = f"{text} nummer {self._words} van {self.number}, zoals ik het zie"
        self.told.words.append(said)
        return said

    def typed(self, kind: Kind | None) -> tuple[str, Value]:
        """Something to type for this kind of question, and what is kept of it."""
        self._words += 1
        number = f"{self.number:03}{self._words:05}"
        return typed_for(kind, number, self.world.chance.choice(CODES))

    def liked(self, deed: Deed) -> tuple[str, ...]:
        """The ticks that this person sets."""
        likes = (f"{one}_{deed.revision}" for one in ("een", "twee"))
        return tuple(sorted(it for it in likes if self.world.chance.random() < 0.5))

    def picked(self, deed: Deed, kind: Kind) -> str:
        """The button that this person presses."""
        if kind is Kind.YES_NO:
            return self.world.chance.choice(("ja", "nee"))
        return f"{self.world.chance.choice(('een', 'twee', 'drie'))}_{deed.revision}"

    def may_throw_away(self) -> bool:
        """Whether there is something to throw away, and nothing was sent; who did it often stops."""
        answered = self.told.answers() if len(self.past) < THROWN_AWAY_MAX else {}
        return bool(answered) and all(it.question != "controle" for it in self.told.deeds.values())

    def begin_anew(self) -> None:
        """Everything was thrown away."""
        self.past.append(self.told)
        self.told = Told()
