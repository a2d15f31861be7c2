"""What was measured, as SVG pictures that the README shows.

Narrow, with large letters, so that a phone can show them; in the colours of day or night, as the
reader's system has it; and said in words to who cannot see them. Nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

WIDTH, EDGE = 480, 20
INNER = WIDTH - 2 * EDGE
FIGURE_WIDTH = 62  # what a figure behind a bar takes
LINE_CHARS = 62  # of small letters
STYLE = """
  text { font-family: system-ui, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; fill: #1f2328 }
  .card { fill: #ffffff; stroke: #d1d9e0 }
  .head { font-size: 19px; font-weight: 650 }
  .name { font-size: 16px }
  .ours { font-weight: 700 }
  .figure { font-size: 16px; font-weight: 650; font-variant-numeric: tabular-nums }
  .small { font-size: 13px; fill: #59636e; font-variant-numeric: tabular-nums }
  .lost { font-size: 13px; fill: #a40e26; font-weight: 600 }
  .kept { font-size: 13px; fill: #1a6b33; font-weight: 600 }
  .bar { fill: #a3adb8 } .bar.ours { fill: #154273 }
  .thin { fill: #d3d9df } .thin.ours { fill: #8fb3d9 }
  .axis { stroke: #d1d9e0 } .limit { stroke: #9a6700; stroke-dasharray: 5 4 }
  .limit-word { font-size: 13px; fill: #9a6700 }
  .curve { fill: none; stroke-width: 2.5; stroke-linejoin: round }
  .c0 { stroke: #154273 } .c1 { stroke: #8250df } .c2 { stroke: #0a7f8c }
  .d0 { fill: #154273 } .d1 { fill: #8250df } .d2 { fill: #0a7f8c }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .card { fill: #0d1117; stroke: #3d444d }
    .small { fill: #9ea7b1 }
    .lost { fill: #ff9492 } .kept { fill: #6fdd8b }
    .bar { fill: #656c76 } .bar.ours { fill: #6cb0ff }
    .thin { fill: #3d444d } .thin.ours { fill: #2f5f94 }
    .axis { stroke: #3d444d } .limit { stroke: #e3b341 } .limit-word { fill: #e3b341 }
    .c0 { stroke: #6cb0ff } .c1 { stroke: #c4a2ff } .c2 { stroke: #4fd1c5 }
    .d0 { fill: #6cb0ff } .d1 { fill: #c4a2ff } .d2 { fill: #4fd1c5 }
  }
"""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bot of the race."""

    name: str
    keeps: str
    slow_per_s: float
    quick_per_s: float
    lost: int
    people: int
    ours: bool


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line of a panel."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Lines over the same places."""

    title: str
    unit: str
    places: tuple[str, ...]
    curves: tuple[Curve, ...]
    limit: float
    limit_words: str


def race(bars: Sequence[Bar], told: str) -> str:
    """Turns a second of each bot, and who lost their place."""
    most = max(max(bar.slow_per_s, bar.quick_per_s) for bar in bars)
    head = "Turns a second, 200 people at once"
    under = "Broad: Telegram answers after 50 ms. Thin: it answers at once."
    parts = [text(EDGE, 38, head, "head"), text(EDGE, 60, under, "small")]
    y = 92
    for bar in bars:
        parts += _bar(bar, y, most)
        y += 92
    words = [f"{bar.name} ({bar.keeps}): {_of(bar)}." for bar in bars]
    return picture(head, words, parts, y - 12, told)


def _of(bar: Bar) -> str:
    return (
        f"{bar.slow_per_s:,.0f} turns a second while the server takes 50 ms,"
        f" {bar.quick_per_s:,.0f} while it answers at once;"
        f" {bar.lost} of {bar.people} lost their place at a kill"
    )


def _bar(bar: Bar, y: int, most: float) -> list[str]:
    room, ours = INNER - FIGURE_WIDTH, " ours" if bar.ours else ""
    broad = max(bar.slow_per_s / most * room, 2)
    thin = max(bar.quick_per_s / most * room, 2)
    fate = f"{bar.lost} of {bar.people} lost at kill -9" if bar.lost else "nobody lost at kill -9"
    return [
        text(EDGE, y, bar.name, f"name{ours}"),
        text(WIDTH - EDGE, y, fate, "lost" if bar.lost else "kept", end=True),
        f'<rect class="bar{ours}" x="{EDGE}" y="{y + 9}" width="{broad:.1f}" height="18" rx="2"/>',
        text(EDGE + broad + 8, y + 24, f"{bar.slow_per_s:,.0f}", "figure"),
        f'<rect class="thin{ours}" x="{EDGE}" y="{y + 30}" width="{thin:.1f}" height="7" rx="2"/>',
        text(EDGE + thin + 8, y + 39, f"{bar.quick_per_s:,.0f}", "small"),
        text(EDGE, y + 56, bar.keeps, "small"),
    ]


def growth(panels: Sequence[Panel], told: str) -> str:
    """Each panel below the other."""
    head = "What growing costs"
    parts = [text(EDGE, 38, head, "head")]
    y = 50
    for panel in panels:
        parts += _panel(panel, y)
        y += 200 + 18 * (len(panel.curves) > 1)
    words = [
        f"{panel.title}, {curve.name}: "
        + ", ".join(
            f"{value:,.2f} {panel.unit} with {place}"
            for place, value in zip(panel.places, curve.values, strict=True)
        )
        + "."
        for panel in panels
        for curve in panel.curves
    ]
    return picture(head, words, parts, y, told)


def _panel(panel: Panel, y: int) -> list[str]:
    top, height, left = y + 52, 110, EDGE + 36
    if len(panel.curves) > 1:
        top += 18  # for the legend
    several = len(panel.curves) > 1
    bottom, right = top + height, WIDTH - EDGE - (64 if several else 36)
    most = max(panel.limit, *(max(curve.values) for curve in panel.curves)) * 1.12
    step = (right - left) / max(len(panel.places) - 1, 1)
    xs = [left + nth * step for nth in range(len(panel.places))]

    def at(value: float) -> float:
        return bottom - value / most * height

    parts = [text(EDGE, y + 30, panel.title, "name ours")]
    if len(panel.curves) > 1:
        parts += _legend(panel.curves, y + 52)
    parts += [
        f'<line class="axis" x1="{EDGE}" y1="{bottom}" x2="{WIDTH - EDGE}" y2="{bottom}"/>',
        (
            f'<line class="limit" x1="{EDGE}" y1="{at(panel.limit):.1f}"'
            f' x2="{WIDTH - EDGE}" y2="{at(panel.limit):.1f}"/>'
        ),
        text(EDGE, at(panel.limit) - 6, panel.limit_words, "limit-word"),
    ]
    for x, place in zip(xs, panel.places, strict=True):
        kept = min(max(x, EDGE + 3.5 * len(place)), WIDTH - EDGE - 3.5 * len(place))
        parts.append(text(kept, bottom + 20, place, "small", middle=True))
    last = sorted(panel.curves, key=lambda curve: curve.values[-1])
    for nth, curve in enumerate(panel.curves):
        places = [(x, at(value)) for x, value in zip(xs, curve.values, strict=True)]
        line = " ".join(f"{x:.1f},{place:.1f}" for x, place in places)
        parts.append(f'<polyline class="curve c{nth}" points="{line}"/>')
        parts += [
            f'<circle class="d{nth}" cx="{x:.1f}" cy="{place:.1f}" r="4.5"/>' for x, place in places
        ]
        if len(panel.curves) == 1:
            parts += [
                text(x, place + 24, f"{value:,.2f} {panel.unit}", "figure", middle=True)
                for (x, place), value in zip(places, curve.values, strict=True)
            ]
    if len(panel.curves) > 1:
        parts += _ends(last, panel.unit, [at(curve.values[-1]) for curve in last], right + 10)
    return parts


def _ends(curves: Sequence[Curve], unit: str, ys: Sequence[float], x: float) -> list[str]:
    """The last figure of each line, behind it; pushed apart where they would overlap."""
    parts, above = [], float("inf")
    for curve, y in zip(curves, ys, strict=True):
        above = min(y + 5, above - 16)
        parts.append(text(x, above, f"{curve.values[-1]:,.0f} {unit}", "figure"))
    return parts


def _legend(curves: Sequence[Curve], y: float) -> list[str]:
    parts, x = [], float(EDGE)
    for nth, curve in enumerate(curves):
        parts.append(f'<circle class="d{nth}" cx="{x + 5}" cy="{y - 4}" r="5"/>')
        parts.append(text(x + 15, y, curve.name, "small"))
        x += 36 + 7 * len(curve.name)
    return parts


# ---- SVG ----------------------------------------------------------------------------------------


def text(
    x: float, y: float, words: str, kind: str, *, end: bool = False, middle: bool = False
) -> str:
    """A line of words that begins, ends or has its middle at *x*."""
    anchor = ' text-anchor="end"' if end else ' text-anchor="middle"' if middle else ""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{anchor}>{escape(words)}</text>'


def picture(title: str, words: Sequence[str], parts: Sequence[str], height: int, told: str) -> str:
    """The whole picture, with what it shows in words, and what the figures depend on below."""
    lines = wrap(told, LINE_CHARS)
    whole = height + 14 + 18 * len(lines)
    foot = [text(EDGE, height + 8 + 18 * nth, it, "small") for nth, it in enumerate(lines)]
    return "\n".join(
        (
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {whole}"'
                f' width="{WIDTH}" height="{whole}" role="img" aria-labelledby="title words">'
            ),
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="words">{escape(" ".join((*words, told)))}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{whole - 1}" rx="8"/>',
            *parts,
            *foot,
            "</svg>\n",
        )
    )
