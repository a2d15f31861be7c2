"""Write the reference that follows from the code: `make docs`.

docs/problems.md          every problem code of `check`, with its sentences
docs/schema/*.schema.json the shapes of a flow and of a request, as JSON Schema
docs/images/pictograms.svg every picture, with its name
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from intakebot.content import pictures
from intakebot.core.check import problems
from intakebot.core.check.problems import Fault
from intakebot.core.flow import Revision
from intakebot.core.request import Request

FOLDER = Path(__file__).parent
GROUPS = {
    "F0": "File and structure",
    "F1": "Keys and choices",
    "F2": "Texts",
    "F3": "Kinds, and the conversation as a whole",
    "F4": "Conditions",
    "F5": "Rules",
    "F6": "Names and translations",
    "F7": "Regions",
}
INTRODUCTION = """\
# Problems in a flow

`python -m intakebot check FLOW` prints every problem of a flow file at once: its code, where it
is, what is wrong, and what to do about it. With an **error** a flow cannot be used; with a
**warning** it can, and somebody should look. Codes never change their meaning. Words in {braces}
differ from flow to flow. A file for each problem stands in `tests/flows/broken`.

Rules, names and translations that a file does not hold are the shipped ones; translations may also
stand beside it, one file a language (`en.yaml`).

This page is made from `intakebot/core/check/problems.py` by `make docs`.
"""


def problem_codes() -> str:
    """The page that explains every code."""
    faults = [fault for fault in vars(problems).values() if isinstance(fault, Fault)]
    lines = [INTRODUCTION]
    for group, title in GROUPS.items():
        lines += [f"## {title}", "", "| code | | what is wrong | what to do |", "|---|---|---|---|"]
        for fault in faults:
            if fault.code.startswith(group):
                cells = (fault.code, fault.severity.value, fault.what, fault.remedy)
                lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    """A text as it may stand in a table."""
    return text.replace("|", "\\|").replace("<", "&lt;") if text != "{meant}" else "(it says what)"


def schema(shape: type[msgspec.Struct], title: str, about: str) -> str:
    """The JSON Schema of this shape."""
    made: dict[str, Any] = msgspec.json.schema(shape)
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": about,
        **made,
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"


def picture_sheet() -> str:
    """Every picture in three sizes, as on a phone and larger, over its name."""
    them = [pair for drawn in pictures.load().sheets.values() for pair in sorted(drawn.items())]
    wide, high, across = 140, 104, 9
    rows = -(-len(them) // across)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide * across} {high * rows}">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        pictures.HEAD.replace(' viewBox="0 0 32 32"', "").replace("currentColor", "#0b5563"),
    ]
    words: list[str] = []
    for nth, (name, drawn) in enumerate(them):
        x, y = nth % across * wide, nth // across * high
        lines.append(f'<symbol id="{name}" viewBox="0 0 32 32">{drawn}</symbol>')
        lines += (
            f'<use href="#{name}" x="{x + left}" y="{y + 74 - size}" width="{size}"'
            f' height="{size}"/>'
            for left, size in ((14, 64), (86, 28), (118, 16))
        )
        words.append(f'<text x="{x + 70}" y="{y + 92}">{name}</text>')
    face = '<g font-family="sans-serif" font-size="9.5" text-anchor="middle" fill="#1c2a33">'
    lines += [pictures.TAIL, face, *words, "</g>"]
    return "\n".join([*lines, "</svg>"]) + "\n"


def pages() -> dict[str, str]:
    """Every page that is written, by its path from this folder."""
    return {
        "problems.md": problem_codes(),
        "images/pictograms.svg": picture_sheet(),
        "schema/flow.schema.json": schema(
            Revision,
            "intakebot-flow/1",
            "A flow set: questions, rules, names and translations. A file may leave out the rules, "
            "names and translations; then the shipped ones are put in before it is read.",
        ),
        "schema/request.schema.json": schema(
            Request, "intakebot-request/1", "One integrated request, as `export` prints it."
        ),
    }


def write() -> None:
    """Write all pages."""
    for path, text in pages().items():
        (FOLDER / path).write_text(text, "utf-8")
        print(f"docs/{path}")


if __name__ == "__main__":
    write()
