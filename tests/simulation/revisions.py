"""Three revisions of a short flow, two of them shipped with a release; every text, choice and label says which one it is of."""

from __future__ import annotations

import re
from functools import cache

import msgspec

from intakebot.core.flow import Choice, Flow, Kind, Question, Section, ready
from tests.conversation import shipped_flow

FLOW_ID = "proef"
# What stands behind every question on screen.
MARK = re.compile(r"\[(\w+)/(\w+)\]")
_ORDER = {
    "r1": (
        [
            "verhaal",
            "kleur",
            "zeker",
            "eens",
            "wensen",
            "aantal",
            "opmerking",
            "postcode",
            "naam",
            "telefoon",
            "controle",
        ]
    ),
    "r2": [
        "kleur",
        "aantal",
        "verhaal",
        "eens",
        "zeker",
        "opmerking",
        "wensen",
        "naam",
        "postcode",
        "dier",
        "telefoon",
        "controle",
    ],
    "r3": ["naam", "postcode", "dier", "verhaal", "zeker", "opmerking", "telefoon", "controle"],
}
KINDS = {
    "verhaal": Kind.STORY,
    "kleur": Kind.CHOICE,
    "dier": Kind.CHOICE,
    "zeker": Kind.YES_NO,
    "eens": Kind.YES_NO,
    "wensen": Kind.CHOICES,
    "aantal": Kind.NUMBER,
    "opmerking": Kind.TEXT,
    "postcode": Kind.POSTCODE,
    "naam": Kind.NAME,
    "telefoon": Kind.PHONE,
    "controle": Kind.READ_BACK,
}
_FACTS = {"postcode": "postcode", "telefoon": "telefoon"}
REVISIONS = tuple(_ORDER)
SHIPPED = REVISIONS[:2]


@cache
def flow(revision: str) -> Flow:
    """The flow of this revision, with the shipped rules, words and region."""
    whole = shipped_flow()
    questions = tuple(_question(key, revision) for key in _ORDER[revision])
    changed = msgspec.structs.replace(
        whole.revision,
        id=FLOW_ID,
        revision=revision,
        sections=(Section(key="alles", title="Alles", questions=questions),),
    )
    return ready(changed, whole.lexicon, whole.phrases, whole.spoken, whole.region)


def _question(key: str, revision: str) -> Question:
    kind = KINDS[key]
    many = kind in (Kind.CHOICE, Kind.CHOICES)
    return Question(
        key=key,
        kind=kind,
        label=key.capitalize(),
        text=f"Vraag {key}? [{key}/{revision}]",
        fact=_FACTS.get(key),
        choices=tuple(
            Choice(id=f"{one}_{revision}", label=f"{one.capitalize()} {revision}")
            for one in ("een", "twee", "drie")
        )
        if many
        else (),
    )
