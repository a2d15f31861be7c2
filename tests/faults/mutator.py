"""Values and texts that are almost what they should be: one or a few places in them are changed."""

from __future__ import annotations

import copy
import random
from typing import Any

HUGE = 10**30
JUNK: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**31,
    2**53 + 1,
    -(2**63),
    HUGE,
    1.5,
    1e308,
    "",
    " ",
    "\x00",
    "\ud83d",
    "a" * 5_000,
    "é" * 300,
    "\u202e\u2067х\u2069",
    "/start",
    "/stop",
    "weggooien",
    "ja",
    "111222333",
    "mijn bsn is 123456782",
    "ik wil dood",
    "%s{0}${7*7}<b>",
    "٣" * 40,
    [],
    {},
    [[]],
    [{}],
    {"id": 1},
    {"id": "1", "type": "private"},
)


def mutated(chance: random.Random, value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The same value with one to three places changed."""
    found = copy.deepcopy(value)
    for _ in range(chance.choice((1, 1, 2, 3))):
        found = _once(chance, found)
    return found


def _once(chance: random.Random, value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Go down by chance, and change what is there."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(sorted(value, key=str))
        match chance.randrange(12):
            case 0:
                del value[key]
            case 1:
                value[_text(chance, str(key))] = value[key]
            case 2:
                value[chance.choice(("text", "caption", "contact", "from"))] = copy.deepcopy(
                    chance.choice(JUNK)
                )
            case _:
                value[key] = _once(chance, value[key])
        return value
    if isinstance(value, list) and value and chance.random() < 0.85:
        at = chance.randrange(len(value))
        value[at] = _once(chance, value[at])
        return value * chance.choice((1, 1, 1, 2, 40))
    if isinstance(value, str) and chance.random() < 0.6:
        return _text(chance, value)
    if isinstance(value, int) and chance.random() < 0.5:
        return value + chance.choice((-1, 1, 2**40, -(2**40)))
    return copy.deepcopy(chance.choice(JUNK))


def _text(chance: random.Random, text: str) -> str:
    """A text with a piece gone, doubled, or strange signs in it."""
    at, to = sorted((chance.randint(0, len(text)), chance.randint(0, len(text))))
    sign = chance.choice(("", "\x00", "\ud83d", "\u202e", ":", "+", "/", "é", "\n", "٣", "x" * 300))
    return chance.choice((text[:at] + sign + text[to:], text + text, text[:at] + sign + text[at:]))


def mutated_lines(chance: random.Random, text: str) -> str:
    """A file with a few lines gone, doubled, moved, indented or changed."""
    lines = text.split("\n")
    for _ in range(chance.choice((1, 1, 2, 4))):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(other, lines[at])
            case 2:
                lines[at] = "  " + lines[at]
            case 3:
                lines[at] = lines[at].removeprefix("  ")
            case 4:
                lines[at], lines[other] = lines[other], lines[at]
            case _:
                lines[at] = _text(chance, lines[at])
        lines = lines or [""]
    return "\n".join(lines)
