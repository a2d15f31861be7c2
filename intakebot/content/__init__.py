"""Content: what is shipped as data, read once at the start.

    flow/integrale-intake.yaml   the questions, in Dutch
    flow/<lang>.yaml             their translations, one file a language (see `overlays`)
    rules.yaml                   urgency, clocks, types, routing, and the names that people read
    lexicon/<lang>.yaml          words by which life domains and facts are recognised
    likeness.msgpack             what was learned of made-up sentences, beside those words
    safety.yaml spoken.yaml      crisis phrases; words that people say to a bot
    region.yaml                  the sample region: municipalities, teams, numbers
    sample.yaml                  members of the sample region

The flow, its translations and its rules become one revision; the rest is live data beside it. A
file that does not have the declared shape raises `msgspec.ValidationError`, which names the place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import msgspec
import yaml

from intakebot.core.flow import Flow, Revision, Translated, ready
from intakebot.core.hearing.domains import Lexicon, LexiconData, compile_lexicon
from intakebot.core.hearing.likeness import LikenessData, Weights
from intakebot.core.hearing.safety import Phrases, compile_phrases
from intakebot.core.reading.parsing import Spoken, compile_spoken
from intakebot.core.reading.spoken import SpokenData
from intakebot.core.region import Region

FLOW = "integrale-intake"
# Anchors that a flow file may declare before it uses them; no part of the revision.
NAMED_RULES = "named_rules"
FOLDER = resources.files(__name__)

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Content:
    """Everything that is shipped, made ready."""

    revision: Revision
    lexicon: Lexicon
    phrases: Phrases
    spoken: Spoken
    region: Region

    def flow(self) -> Flow:
        """The shipped flow with its live data, as `engine.step` takes it."""
        return ready(self.revision, self.lexicon, self.phrases, self.spoken, self.region)


def load() -> Content:
    """The shipped content."""
    # In this order: what takes most while it is made ready comes first, and the rest fills the room
    # that it leaves. The process is megabytes smaller.
    spoken = compile_spoken(msgspec.convert(_read(FOLDER / "spoken.yaml"), dict[str, SpokenData]))
    weights = load_weights()
    phrases = load_phrases(weights)
    lexicon = load_lexicon(weights)
    return Content(
        revision=load_revision(),
        lexicon=lexicon,
        phrases=phrases,
        spoken=spoken,
        region=load_region((FOLDER / "region.yaml").read_text("utf-8")),
    )


def load_phrases(weights: Weights | None) -> Phrases:
    """The crisis phrases of all languages, with or without a second opinion."""
    return compile_phrases(_read(FOLDER / "safety.yaml"), weights)


def load_lexicon(weights: Weights | None) -> Lexicon:
    """The words of all languages, with or without a second opinion."""
    return compile_lexicon(
        {lang: msgspec.convert(data, LexiconData) for lang, data in _languages("lexicon")}, weights
    )


def load_weights() -> Weights:
    """What was learned of made-up sentences: the second opinion on stories."""
    written = (FOLDER / "likeness.msgpack").read_bytes()
    return Weights(msgspec.msgpack.decode(written, type=LikenessData))


def load_revision() -> Revision:
    """The shipped flow with its rules and translations."""
    translations = {
        lang: msgspec.convert(texts, dict[str, Translated])
        for lang, texts in _languages("flow")
        if lang != FLOW
    }
    shipped = read_revision((FOLDER / "flow" / f"{FLOW}.yaml").read_text("utf-8"))
    return msgspec.structs.replace(shipped, translations=translations)


def read_revision(text: str) -> Revision:
    """The flow of a YAML or JSON file; rules and names that it lacks are the shipped ones."""
    flow = parse(text)
    flow.pop(NAMED_RULES, None)
    return msgspec.convert({**shipped_rules(), **flow}, Revision)


def shipped_rules() -> dict[str, Any]:
    """The shipped rules and names, as they are written."""
    return _read(FOLDER / "rules.yaml")


class SampleMember(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member of the sample region."""

    login: str
    name: str
    phone: str
    queues: tuple[str, ...]


def sample_members() -> tuple[SampleMember, ...]:
    """The members that `make run` signs in."""
    decoded = yaml.safe_load((FOLDER / "sample.yaml").read_text("utf-8"))
    return msgspec.convert(decoded, tuple[SampleMember, ...])


def load_region(text: str) -> Region:
    """The region of a YAML file."""
    return msgspec.convert(parse(text), Region)


def parse(text: str) -> dict[str, Any]:
    """The mapping that a YAML file holds; raises `yaml.YAMLError` where it is no YAML.

    Only plain values are made, whatever tags the file carries.
    """
    # The loader in C reads the lexicons ten times as fast; it is not in every build of PyYAML.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    decoded = yaml.load(text, Loader=loader)  # noqa: S506  # both loaders are the safe ones
    return msgspec.convert(decoded, dict[str, Any])


def _languages(folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every YAML file of a folder, by its name without the ending."""
    for file in sorted((FOLDER / folder).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            yield file.name.removesuffix(".yaml"), _read(file)


def _read(file: Traversable) -> dict[str, Any]:
    try:
        return parse(file.read_text("utf-8"))
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        error.add_note(f"This is about {file.name}.")
        raise
