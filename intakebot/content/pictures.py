"""The pictures: line drawings of our own that stand beside buttons and questions.

    picture/begin/   those of the first question and of the moves
    picture/later/   the rest
    picture/names.yaml   which stands beside what

Each is a file of its own, 32 by 32, lines of 2, in the colour of the text around it. A browser
gets each folder as one sheet, once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec
import yaml

FOLDER = resources.files("intakebot.content").joinpath("picture")
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="currentColor"'
    ' stroke-width="2" stroke-linecap="round" stroke-linejoin="round">'
)
TAIL = "</svg>"
SHEETS = ("begin", "later")


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which picture stands beside what."""

    buttons: dict[str, str]
    questions: dict[str, str]
    turned: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """The drawings by sheet and name, without the head that they share; and their places."""

    sheets: Mapping[str, Mapping[str, str]]
    names: Names

    def beside(self, place: str) -> str | None:
        """The name of the picture beside a button or a question, by its id or key."""
        given = self.names.buttons.get(place) or self.names.questions.get(place)
        name = given or place.removeprefix("/")
        return name if self.sheet_of(name) else None

    def beside_question(self, key: str) -> str | None:
        """The name of the picture beside a question; an id of a button means nothing here."""
        return self.names.questions.get(key)

    def sheet_of(self, name: str) -> str | None:
        """The sheet that this picture is on; None: there is no such picture."""
        return next((sheet for sheet, drawn in self.sheets.items() if name in drawn), None)


def load() -> Pictures:
    """The shipped pictures. Raises `ValueError` when one has not the head that they share."""
    said = yaml.safe_load(FOLDER.joinpath("names.yaml").read_text("utf-8"))
    return Pictures(
        sheets={sheet: _drawn(FOLDER.joinpath(sheet)) for sheet in SHEETS},
        names=msgspec.convert(said, Names),
    )


def sheet(drawn: Mapping[str, str]) -> str:
    """One file with all of these: `<use href="…#name">` shows one of them."""
    symbols = (
        f'<symbol id="{name}" viewBox="0 0 32 32">{lines}</symbol>'
        for name, lines in sorted(drawn.items())
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'


def _drawn(folder: Traversable) -> dict[str, str]:
    return {
        it.name.removesuffix(".svg"): lines_of(it.name, it.read_text("utf-8"))
        for it in sorted(folder.iterdir(), key=lambda it: it.name)
        if it.name.endswith(".svg")
    }


def lines_of(name: str, text: str) -> str:
    """What is drawn, without head and tail. Raises `ValueError` when these are others."""
    found = re.fullmatch(f"{re.escape(HEAD)}(.+){TAIL}", text.strip(), re.DOTALL)
    if found is None:
        message = f"{name}: a picture begins with {HEAD} and ends with {TAIL}"
        raise ValueError(message)
    return found[1]
