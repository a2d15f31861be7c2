"""How much of stories nobody tuned for is understood: life domains, and danger.

A story is labelled by its words alone: `domains` are carried by them, `may` can be heard or not,
`crisis` says which danger, and whether it is said plainly or hinted at. A `trap` has words near a
danger and none in it. Every third is kept `apart`: whoever extends a lexicon does not look at it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec
import yaml

from intakebot.core.hearing.domains import Lexicon, hear
from intakebot.core.hearing.safety import Category, Phrases, find

STORIES = Path(__file__).parent / "stories"
Level = Literal["plain", "hinted"]
Kind = Literal[
    "clumsy",
    "unpunctuated",
    "dialect",
    "rambling",
    "oneline",
    "jargon",
    "mixed",
    "formal",
    "spoken",
]


class Story(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One story, as it is sent."""

    id: str
    kind: Kind
    texts: tuple[str, ...]
    domains: tuple[str, ...]
    may: tuple[str, ...] = ()
    crisis: dict[Category, Level] = {}
    trap: bool = False
    apart: bool = False
    english: str = ""


@dataclass
class Score:
    """Of some stories: what was heard, and what not."""

    hits: int = 0
    missed: int = 0
    extra: int = 0
    plain: int = 0
    plain_heard: int = 0
    plain_asked: int = 0  # heard for sure, or asked after
    hinted: int = 0
    hinted_heard: int = 0
    calm: int = 0
    alarms: int = 0
    cards: int = 0  # without danger, and a card was shown: heard for sure, or asked after
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)  # for whoever extends a lexicon

    @property
    def recall(self) -> float:
        """Of the domains that the words carry, those that were heard."""
        return _share(self.hits, self.hits + self.missed)

    @property
    def precision(self) -> float:
        """Of the domains that were heard, those that the words may carry."""
        return _share(self.hits, self.hits + self.extra)

    @property
    def danger(self) -> float:
        """Of all danger, said plainly or hinted at, what was heard."""
        return _share(self.plain_heard + self.hinted_heard, self.plain + self.hinted)

    @property
    def said_plainly(self) -> float:
        """Of danger that is said plainly, what was heard for sure."""
        return _share(self.plain_heard, self.plain)

    @property
    def asked_after(self) -> float:
        """Of danger that is said plainly, what was heard for sure or asked after."""
        return _share(self.plain_asked, self.plain)

    @property
    def needless_cards(self) -> float:
        """Of the stories without danger, those in which a card was shown."""
        return _share(self.cards, self.calm)

    @property
    def false_alarms(self) -> float:
        """Of the stories without danger, those in which a hard sign was heard."""
        return _share(self.alarms, self.calm)


def read(lang: str) -> tuple[Story, ...]:
    """The stories of this language."""
    written = yaml.safe_load((STORIES / f"{lang}.yaml").read_text("utf-8"))
    return msgspec.convert(written, tuple[Story, ...])


def languages() -> tuple[str, ...]:
    """Those that have stories."""
    return tuple(sorted(path.stem for path in STORIES.glob("*.yaml")))


def measure(lexicon: Lexicon, phrases: Phrases, lang: str, stories: Iterable[Story]) -> Score:
    """What is understood of these stories of one language."""
    score = Score()
    for story in stories:
        score.wrong += _domains(score, lexicon, lang, story)
        score.wrong += _danger(score, phrases, story)
    return score


def _domains(score: Score, lexicon: Lexicon, lang: str, story: Story) -> Iterator[str]:
    heard = {domain.code for domain in hear(lexicon, story.texts, lang).domains}
    carried = set(story.domains)
    missed, extra = carried - heard, heard - carried - set(story.may)
    score.hits += len(heard & carried)
    score.missed += len(missed)
    score.extra += len(extra)
    # What was heard where something else was meant; nothing else: an empty word.
    score.confusions.update((code, other) for code in missed for other in extra or {""})
    score.confusions.update(("", code) for code in extra if not missed)
    yield from (f"{story.id}: misses {code}" for code in sorted(missed))
    yield from (f"{story.id}: hears {code}" for code in sorted(extra))


def _danger(score: Score, phrases: Phrases, story: Story) -> Iterator[str]:
    found = [one for text in story.texts for one in find(phrases, text)]
    hard = {one.category for one in found if one.strength == "hard"}
    heard = {one.category for one in found}
    for category, level in story.crisis.items():
        if level == "plain":
            score.plain += 1
            score.plain_heard += category in hard
            score.plain_asked += category in heard
        else:
            score.hinted += 1
            score.hinted_heard += category in heard
        if category not in (hard if level == "plain" else heard):
            yield f"{story.id}: misses {category}, {level}"
    if not story.crisis:
        score.calm += 1
        score.alarms += bool(hard)
        score.cards += bool(heard)
        yield from (f"{story.id}: false alarm, {category}" for category in sorted(hard))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
