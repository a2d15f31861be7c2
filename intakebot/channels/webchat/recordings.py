"""Recordings: a voice that a municipality recorded for a question, played where its text is shown.

A folder of files, one for each question and language, named after them:

    verhaal.nl.mp3          the question `verhaal` in Dutch
    verhaal.nl-A2.mp3       in easy Dutch
    verhaal.ander.ar.mp3    as it is asked of who tells about another person, in Arabic

A recording belongs to the text that its name stands for when the program starts. Where another
text is shown (an older revision, an answer to change) it is not played. The files stay on disk;
only those that were found at the start are given.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from intakebot.core.events import Message
from intakebot.core.flow import Flow
from intakebot.core.talking import wording

TYPES = {
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "webm": "audio/webm",
}
NAME = re.compile(
    r"(?P<key>\w+)(?P<other>\.ander)?\.(?P<tongue>[a-z]{2,3}(?:_[A-Z]{2})?(?:-A2)?)"
    rf"\.(?P<ending>{'|'.join(TYPES)})",
    re.ASCII,
)
# A voice for every question in every language, and room to spare.
FILES_MAX = 10_000
HASH_CHARS = 10
PATH = "/opname/"


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One file: the name that it is given under, and its place."""

    address: str
    file: Path
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Recordings:
    """What can be played, by language and text; `unknown`: names that belong to no question."""

    by_text: Mapping[tuple[str, str], Recording] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    def of(self, message: Message) -> str | None:
        """The address of the voice that says this message."""
        found = self.by_text.get((message.tongue.lang, message.text))
        return found.address if found else None

    def at(self, address: str) -> Recording | None:
        """What is given under this address."""
        return next((it for it in self.by_text.values() if it.address == address), None)


def read(folder: Path | None, flow: Flow) -> Recordings:
    """What lies in the folder now; nothing without one. Raises `OSError` when it cannot be read."""
    found: dict[tuple[str, str], Recording] = {}
    unknown: list[str] = []
    names = sorted(it.name for it in folder.iterdir()) if folder else []
    for name in names[:FILES_MAX]:
        said = _said(name, flow)
        if said is None:
            unknown.append(name)
        elif folder is not None:
            found.setdefault(said, _recording(folder / name))
    return Recordings(by_text=found, unknown=tuple(unknown))


def _said(name: str, flow: Flow) -> tuple[str, str] | None:
    """The language and the text that a file of this name says; None: no question of ours."""
    parts = NAME.fullmatch(name)
    question = flow.by_key.get(parts["key"]) if parts else None
    if parts is None or question is None:
        return None
    tongue = wording.tongue_of(parts["tongue"])
    if tongue.lang not in (wording.DUTCH, *flow.revision.translations):
        return None
    other = parts["other"] is not None
    return tongue.lang, wording.text(flow, question, tongue, other=other)


def _recording(file: Path) -> Recording:
    """Under an address that changes with the file: a browser keeps it and never asks again."""
    stem, _, ending = file.name.rpartition(".")
    known = file.stat()
    mark = hashlib.sha256(f"{known.st_size} {known.st_mtime_ns}".encode()).hexdigest()
    return Recording(
        address=f"{PATH}{stem}.{mark[:HASH_CHARS]}.{ending}", file=file, media_type=TYPES[ending]
    )
