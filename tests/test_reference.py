"""The reference in docs/ is what the code says today, and what we make has the published shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from docs import write
from intakebot import content
from intakebot.core.check import problems
from intakebot.core.check.problems import Fault
from tests.conversation import Conversation


def published(root: Path, name: str) -> dict[str, Any]:
    """A schema as it stands in the project."""
    read: dict[str, Any] = json.loads((root / "docs" / "schema" / name).read_text("utf-8"))
    return read


@pytest.mark.parametrize("page", write.pages())
def test_a_page_is_current(page: str, root: Path) -> None:
    assert (root / "docs" / page).read_text("utf-8") == write.pages()[page], "run `make docs`"


def test_every_code_stands_on_the_page() -> None:
    page = write.problem_codes()
    codes = [fault.code for fault in vars(problems).values() if isinstance(fault, Fault)]

    assert [code for code in codes if f"| {code} |" not in page] == []


def test_the_shipped_flow_has_the_published_shape(root: Path) -> None:
    flow = msgspec.json.decode(msgspec.json.encode(content.load_revision()))

    jsonschema.validate(flow, published(root, "flow.schema.json"))


def test_a_request_has_the_published_shape(root: Path) -> None:
    talk = Conversation()
    talk.press("mij")
    talk.tell("Ik heb schulden en de verhuurder zet mij volgende week uit huis.")
    talk.answer_rest({"postcode": "7101 AB", "naam": "Sam", "telefoon": "0612345678"})

    assert talk.request is not None
    request = msgspec.json.decode(msgspec.json.encode(talk.request))
    jsonschema.validate(request, published(root, "request.schema.json"))


def test_another_shape_is_refused(root: Path) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": "intakebot-flow/1"}, published(root, "flow.schema.json"))
