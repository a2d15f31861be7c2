"""Bars, as an SVG that a README shows."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, LEFT, BAR, GAP = 760, 190, 22, 20
COLOURS = ("#154273", "#8fb3d9")
LEGEND = ("the Bot API answers after 50 ms", "it answers at once")


def picture(rows: Sequence[tuple[str, float, float]], told: str) -> str:
    """Turns a second of each bot, twice."""
    most = max(max(row[1:]) for row in rows)
    height = 70 + len(rows) * (2 * BAR + GAP) + 30
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
            ' font-family="Noto Sans, sans-serif" font-size="13">'
        ),
        "<title>Turns a second through each bot</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        '<text x="12" y="24" font-size="15" font-weight="bold">Turns a second</text>',
    ]
    for nth, (colour, words) in enumerate(zip(COLOURS, LEGEND, strict=True)):
        x = LEFT + nth * 250
        parts.append(f'<rect x="{x}" y="36" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 18}" y="47">{words}</text>')
    y = 66
    for name, *figures in rows:
        parts.append(
            f'<text x="{LEFT - 10}" y="{y + BAR + 4}" text-anchor="end">{escape(name)}</text>'
        )
        for colour, figure in zip(COLOURS, figures, strict=True):
            width = max(figure / most * (WIDTH - LEFT - 80), 1)
            parts.append(
                f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR - 3}" fill="{colour}"/>'
                f'<text x="{LEFT + width + 6:.1f}" y="{y + 15}">{figure:,.0f}</text>'
            )
            y += BAR
        y += GAP
    parts.append(
        f'<text x="12" y="{height - 12}" font-size="11" fill="#555555">{escape(told)}</text>'
    )
    return "\n".join([*parts, "</svg>"]) + "\n"
