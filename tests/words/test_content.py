"""The shipped content can be read, and nothing in a file can do more than hold values."""

from __future__ import annotations

import msgspec
import pytest
import yaml

from intakebot import content
from intakebot.core.flow import Kind, Revision

A_FLOW = """
schema: intakebot-flow/1
id: klein
revision: "1"
title: Klein
named_rules:
  altijd: &altijd {if: all, of: []}
sections:
  - key: een
    title: Een
    questions:
      - {key: verhaal, kind: story, text: Vertel., when: *altijd}
"""


def test_everything_is_loaded_and_fits_together() -> None:
    loaded = content.load()
    flow = loaded.flow()

    assert flow.revision is loaded.revision
    assert set(flow.by_key) == {question.key for question in loaded.revision.questions()}
    assert loaded.region.languages[:4] == ("nl", "nl-A2", "en", "ar")
    files = {it.name.removesuffix(".yaml") for it in (content.FOLDER / "flow").iterdir()}
    assert set(loaded.revision.translations) == files - {content.FLOW}
    assert set(loaded.region.languages) == {"nl", "nl-A2", *loaded.revision.translations}


def test_the_rules_are_published_with_the_questions(revision: Revision) -> None:
    assert all((revision.urgency, revision.clocks, revision.types, revision.routing))


def test_a_flow_of_ones_own_takes_the_shipped_rules(revision: Revision) -> None:
    own = content.read_revision(A_FLOW)

    assert [question.kind for question in own.questions()] == [Kind.STORY]
    assert own.clocks == revision.clocks
    assert own.translations == {}


def test_a_flow_may_bring_its_own_rules() -> None:
    assert content.read_revision(f"{A_FLOW}urgency: []\n").urgency == ()


def test_json_is_read_too(revision: Revision) -> None:
    written = msgspec.json.encode(revision).decode()

    assert content.read_revision(written) == revision


def test_an_unknown_field_is_refused_with_its_place() -> None:
    wrong = A_FLOW.replace("text: Vertel.", "text: Vertel., colour: red")

    with pytest.raises(msgspec.ValidationError, match=r"colour.*questions"):
        content.read_revision(wrong)


def test_a_file_makes_no_objects() -> None:
    with pytest.raises(yaml.YAMLError):
        content.parse("a: !!python/object/apply:print [x]")


def test_a_file_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        content.parse("- a")
