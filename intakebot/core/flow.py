"""A flow: a revision made ready for `engine.step`, and the live data beside it.

Not versioned with the revision are lexicons, safety phrases, spoken words and the region. What
follows from all of them is worked out once, in `ready`; what follows from what somebody said is
remembered for a moment. The parts of a revision are offered here too.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from intakebot.core.hearing.domains import Hearing, Lexicon, hear
from intakebot.core.hearing.safety import Phrases
from intakebot.core.law.routing import Found, place_of
from intakebot.core.limits import (
    PLACES_REMEMBERED_MAX,
    STORIES_REMEMBERED_MAX,
    STORY_LIKE_CHARS_MIN,
)
from intakebot.core.memory import Memory
from intakebot.core.milestones import Milestones, Path, milestones
from intakebot.core.reading.contacts import told_postcode
from intakebot.core.reading.parsing import Spoken
from intakebot.core.region import Region, is_known
from intakebot.core.revision import (
    RANKS,
    AllOf,
    AnswerIn,
    AnyOf,
    Choice,
    ClockRule,
    DomainIn,
    DomainRule,
    FactIn,
    Kind,
    Known,
    Not,
    ProfileRule,
    Question,
    Rank,
    Revision,
    RoutingRule,
    Rule,
    Section,
    SignalIn,
    Translated,
    TypeRule,
    UrgencyRule,
    facts_in,
)

__all__ = [
    "RANKS",
    "AllOf",
    "AnswerIn",
    "AnyOf",
    "Choice",
    "ClockRule",
    "DomainIn",
    "DomainRule",
    "FactIn",
    "Flow",
    "Kind",
    "Known",
    "Not",
    "ProfileRule",
    "Question",
    "Rank",
    "Revision",
    "RoutingRule",
    "Rule",
    "Section",
    "SignalIn",
    "Translated",
    "TypeRule",
    "UrgencyRule",
    "facts_in",
    "ready",
]


@dataclass(frozen=True, kw_only=True)
class Flow:
    """A revision made ready for `engine.step`, with the live data beside it."""

    revision: Revision
    lexicon: Lexicon
    phrases: Phrases
    spoken: Spoken
    region: Region
    by_key: dict[str, Question]
    milestones: Milestones
    _heard: Memory[tuple[str | None, tuple[str, ...]], Hearing] = field(
        default_factory=lambda: Memory(STORIES_REMEMBERED_MAX), compare=False, repr=False
    )
    _said: Memory[tuple[str | None, tuple[str, ...]], Hearing] = field(
        default_factory=lambda: Memory(STORIES_REMEMBERED_MAX), compare=False, repr=False
    )
    _places: Memory[tuple[str | None, str | None], Found] = field(
        default_factory=lambda: Memory(PLACES_REMEMBERED_MAX), compare=False, repr=False
    )
    # The last path of each session: one event walks the same one several times.
    paths: Memory[str, list[tuple[tuple[object, ...], Path]]] = field(
        default_factory=lambda: Memory(STORIES_REMEMBERED_MAX), compare=False, repr=False
    )

    def hear(self, texts: tuple[str, ...], lang: str | None) -> Hearing:
        """What these messages speak of: as `domains.hear` says, and the postcode that was told.

        It is remembered for a while: a story is looked at again at every turn.
        """
        short = len(texts) == 1 and len(texts[0]) < STORY_LIKE_CHARS_MIN
        memory = self._said if short else self._heard
        return memory.recall((lang, texts), lambda: self._hear(texts, lang))

    def _hear(self, texts: tuple[str, ...], lang: str | None) -> Hearing:
        found = hear(self.lexicon, texts, lang)
        told = told_postcode(self.spoken, texts, lambda code: is_known(self.region, code))
        return found.replace(facts=(*found.facts, *told))

    def forget(self) -> None:
        """Remember nothing of anybody: a story was erased, and the others are quickly heard."""
        for memory in (self._heard, self._said, self.paths):
            memory.clear()

    def place_of(self, postcode: str | None, place: str | None) -> Found:
        """Whose area this is, as `routing.place_of` says; remembered for a while."""
        return self._places.recall(
            (postcode, place), lambda: place_of(self.region, postcode, place)
        )


def ready(
    revision: Revision, lexicon: Lexicon, phrases: Phrases, spoken: Spoken, region: Region
) -> Flow:
    """The flow for this revision; keys are unique in a revision that passed `check`."""
    by_key = {question.key: question for question in revision.questions()}
    return Flow(
        revision=revision,
        lexicon=lexicon,
        phrases=phrases,
        spoken=spoken,
        region=region,
        by_key=by_key,
        milestones=milestones(revision),
    )
