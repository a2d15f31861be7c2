"""Facts: what can make each fact known, and with which values.

A fact comes from the answer to a question, from what a choice sets, from the words of the story
(lexicon), or from the engine itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from intakebot.core.flow import Kind, Question, Revision
from intakebot.core.hearing.lexicon import Keeps, Lexicon, Role
from intakebot.core.region import Region
from intakebot.core.talking.wording import AGE_BANDS, YES_NO, has_choices

# What the engine itself makes known (`path`); no values: any word.
OF_ENGINE: dict[str, tuple[str, ...]] = {
    "taal": (),
    "niveau": ("A2",),
    "gevaar_nu": ("ja", "nee"),
    "bellen": ("ja",),
    "gebied": ("bekend", "onbekend"),
    "stem": ("alleen", "ook"),
}
STORY_ENDS = "klaar"
SENT = "ja"


@dataclass(frozen=True, kw_only=True)
class Source:
    """One thing that makes a fact known."""

    values: tuple[str, ...]  # nothing: any words
    question: str | None = None  # None: known before any question


@dataclass(frozen=True, kw_only=True)
class Around:
    """What a revision is checked against: live data that is no part of it."""

    region: Region
    heard: Mapping[str, tuple[Source, ...]]  # facts that the lexicons hear in a story


def around(region: Region, lexicon: Lexicon) -> Around:
    """The surroundings of a flow in this region, with these lexicons."""
    heard: dict[str, tuple[Source, ...]] = {}
    for name, source in _heard(lexicon):
        if source not in heard.get(name, ()):
            heard[name] = (*heard.get(name, ()), source)
    return Around(region=region, heard=heard)


def sources(revision: Revision, surroundings: Around) -> dict[str, tuple[Source, ...]]:
    """For each fact everything that makes it known."""
    found: dict[str, tuple[Source, ...]] = {
        name: (Source(values=values),) for name, values in OF_ENGINE.items()
    }
    for name, heard in surroundings.heard.items():
        found[name] = (*found.get(name, ()), *heard)
    for question in revision.questions():
        for name, source in _of_question(question):
            found[name] = (*found.get(name, ()), source)
    return found


def answers(question: Question) -> tuple[str, ...]:
    """The values that an answer can have; nothing when it can be any words."""
    if has_choices(question):
        return tuple(choice.id for choice in question.choices)
    match question.kind:
        case Kind.YES_NO:
            return YES_NO
        case Kind.AGE_BAND:
            return AGE_BANDS
        case Kind.STORY:
            return (STORY_ENDS,)
        case Kind.READ_BACK:
            return (SENT,)
        case _:
            return ()


def _of_question(question: Question) -> Iterator[tuple[str, Source]]:
    if question.fact:
        yield question.fact, Source(values=answers(question), question=question.key)
    for choice in question.choices:
        for name, value in choice.sets.items():
            yield name, Source(values=(value,), question=question.key)


def _heard(lexicon: Lexicon) -> Iterator[tuple[str, Source]]:
    for language in lexicon.languages:
        for sense in language.senses:
            if sense.role is Role.FACT and sense.fact is not None:
                yield sense.name, Source(values=_values(sense.fact.keeps, sense.value))
                for name, value in sense.fact.implies.items():
                    yield name, Source(values=(value,))


def _values(keeps: Keeps, value: str) -> tuple[str, ...]:
    match keeps:
        case Keeps.VALUE:
            return (value,)
        case Keeps.AGE:
            return AGE_BANDS
        case _:
            return ()
