"""Factors of a regular expression: short texts of which every match holds at least one.

Looking for a plain text is a hundred times as fast as looking for a pattern, so a pattern is tried
only where one of its factors stands. Reads the part of the grammar that phrases use; where it
cannot tell, there are no factors and the pattern is tried everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

# Shorter factors stand in every sentence.
FACTOR_LETTERS_MIN = 2

_TOKEN = re.compile(r"\[\^?\]?[^\]]*\]|\(\?(?:<?[!=]|:)|\\.|\{[a-z_]+\}|\{\d*,?\d*\}|.", re.DOTALL)
_REPEATS = "?*+{"

Factors = frozenset[str]
_NONE: Factors = frozenset()


def factors(pattern: str, sets: Mapping[str, Factors]) -> Factors:
    """The factors of this regular expression, in which `{name}` is a set whose factors are known.

    Empty when it has none that help.
    """
    found, _ = _branches(_TOKEN.findall(pattern), 0, sets)
    return found


def _branches(tokens: Sequence[str], at: int, sets: Mapping[str, Factors]) -> tuple[Factors, int]:
    """The factors of alternatives up to the closing bracket, and where that stands."""
    every: list[Factors] = []
    while True:
        found, at = _sequence(tokens, at, sets)
        every.append(found)
        if at == len(tokens) or tokens[at] == ")":
            break
        at += 1
    return (frozenset().union(*every) if all(every) else _NONE), at


def _sequence(tokens: Sequence[str], at: int, sets: Mapping[str, Factors]) -> tuple[Factors, int]:
    """The best factors of one alternative: the part of which the shortest is longest."""
    parts: list[Factors] = []
    letters = ""
    while at < len(tokens) and tokens[at] not in ("|", ")"):
        token = tokens[at]
        if token.startswith("("):
            inside, at = _branches(tokens, at + 1, sets)
            at += 1
            optional = _optional(tokens, at)
            if token in ("(", "(?:") and not optional:
                parts.append(inside)
        else:
            at += 1
            optional = _optional(tokens, at)
            if token[1:-1] in sets and not optional:
                parts.append(sets[token[1:-1]])
            if len(token) == 1 and token.isalpha() and not optional:
                letters += token
                if at == len(tokens) or tokens[at][0] not in _REPEATS:
                    continue
        parts.append(frozenset((letters,)))
        letters = ""
        if at < len(tokens) and tokens[at][0] in _REPEATS:
            at += 1
    parts.append(frozenset((letters,)))
    best = max(parts, key=_worth)
    return (best if _worth(best)[0] >= FACTOR_LETTERS_MIN else _NONE), at


def _optional(tokens: Sequence[str], at: int) -> bool:
    """Whether what stands before this place may be left out."""
    return at < len(tokens) and (tokens[at] in ("?", "*") or tokens[at].startswith(("{0", "{,")))


def _worth(found: Factors) -> tuple[int, int]:
    return min(map(len, found), default=0), -len(found)
