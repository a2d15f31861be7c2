"""What was learned, written by hand: a few pieces of words and what each weighs."""

from __future__ import annotations

from zlib import crc32

from intakebot.core.hearing.likeness import Judging, LikenessData, Weights
from intakebot.core.hearing.safety import CATEGORIES

LABELS = ("financien", "huisvesting", "mantelzorg")
ROWS = 1 << 14
FILLER = "en toen was het weer zo ver en ik dacht daar gaan wij"


def learned(
    said: dict[str, tuple[int, ...]],
    danger: dict[str, tuple[int, ...]] | None = None,
    *,
    common: int = 0,
) -> Weights:
    """What was learned by hand: for each piece what it weighs for each label, of 100.

    *common*: how much of what was said every piece is, of a hundred.
    """
    count = len(LABELS) + len(CATEGORIES)
    rows = bytearray(ROWS * (count + 1))
    for row in range(ROWS):
        rows[row * (count + 1) + count] = common
    none = (0,) * len(LABELS)
    every = said | {piece: (*none, *weights) for piece, weights in (danger or {}).items()}
    for piece, weights in every.items():
        place = (crc32(piece.encode()) & (ROWS - 1)) * (count + 1)
        each = (*weights, *(0,) * (count - len(weights)), 100)
        rows[place : place + count + 1] = bytes(it % 256 for it in each)
    return Weights(
        LikenessData(
            learned="",
            domains=judging(LABELS, 0),
            danger=judging(CATEGORIES, len(LABELS)),
            scales=(0.01,) * count,
            floors=(-0.5,) * count,
            step=0.01,
            rows=bytes(rows),
        )
    )


def judging(labels: tuple[str, ...], first: int) -> Judging:
    """Two times as likely for each sixth of a point; patterns that speak for it are four."""
    return Judging(
        labels=labels,
        first=first,
        begin=(-2.0,) * len(labels),
        slopes=(0.0,) * len(labels),
        sums=(6.0, 0.0, 0.0, 0.0, 4.0, 0.0, 0.0),
    )
