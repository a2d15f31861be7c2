"""What is understood per language, as an SVG picture: life domains, and danger that is said plainly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.picture import EDGE, INNER, picture, text

FIGURE_WIDTH = 44
ROW = 74
BARS = ("bar ours", "thin ours", "bar", "thin")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One language: parts of one."""

    name: str
    recall: float
    precision: float
    sure: float  # of danger that is said plainly, heard for sure
    asked: float  # … or asked after


def understanding(rows: Sequence[Row], told: str) -> str:
    """Two bars for life domains and two for danger, of each language."""
    head = "Understood, of stories nobody tuned for"
    parts = [
        text(EDGE, 38, head, "head"),
        text(EDGE, 60, "Left, life domains: heard (broad), and rightly (thin).", "small"),
        text(EDGE, 78, "Right, plain danger: for sure (broad), or asked after (thin).", "small"),
    ]
    y = 112
    for row in rows:
        parts += _row(row, y)
        y += ROW
    words = [
        f"{it.name}: of the life domains {_part(it.recall)} are heard, {_part(it.precision)} of what"
        f" is heard is right; of danger said plainly {_part(it.sure)} is heard for sure and"
        f" {_part(it.asked)} heard or asked after."
        for it in rows
    ]
    return picture(head, words, parts, y - 16, told)


def _row(row: Row, y: int) -> list[str]:
    half = INNER / 2 - 8
    room = half - FIGURE_WIDTH
    drawn = [text(EDGE, y, row.name, "name ours")]
    for nth, value in enumerate((row.recall, row.precision, row.sure, row.asked)):
        left = EDGE + (nth // 2) * (half + 16)
        broad = nth % 2 == 0
        top, height = (y + 9, 16) if broad else (y + 28, 7)
        width = max(value * room, 2)
        drawn += [
            (
                f'<rect class="{BARS[nth]}" x="{left:.1f}" y="{top}" width="{width:.1f}"'
                f' height="{height}" rx="2"/>'
            ),
            text(
                left + width + 6,
                y + (23 if broad else 37),
                _part(value),
                "figure" if broad else "small",
            ),
        ]
    return drawn


def _part(value: float) -> str:
    return f"{value * 100:.0f} %"
