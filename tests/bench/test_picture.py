"""The pictures of figures: well formed, said in words, and nothing beyond the edge of a phone."""

from xml.etree import ElementTree as ET

import pytest

from tests.bench.__main__ import merged
from tests.bench.picture import EDGE, WIDTH, Bar, Curve, Panel, growth, race
from tests.understanding.picture import Row, understanding

SVG = "{http://www.w3.org/2000/svg}"
# As wide as a letter of a common face is, seen over a line, for each pixel of its height.
LETTER = 0.52
HEIGHTS = {"head": 19, "name": 16, "figure": 16}
TOLD = "2026-11-22, 2 processors, Python 3.11.7, load 0.4 when it began; 10 s each."
BARS = [
    Bar(
        name=name,
        keeps="SQLite, synchronous=FULL, encrypted",
        slow_per_s=slow,
        quick_per_s=1_034.2,
        lost=lost,
        people=200,
        ours=ours,
    )
    for name, slow, lost, ours in (
        ("intakebot", 912.0, 0, True),
        ("python-telegram-bot", 0.0, 200, False),
    )
]
PANELS = [
    Panel(
        title="Processor time of a turn, by questions asked",
        unit="ms",
        places=("10", "100", "1,000"),
        curves=(Curve(name="a turn", values=(1.1, 1.2, 1.5)),),
        limit=1.65,
        limit_words="1.5 times the first",
    ),
    Panel(
        title="A page of the inbox, by requests stored",
        unit="ms",
        places=("1 thousand", "1 million"),
        curves=tuple(
            Curve(name=name, values=(9.0, 13.0)) for name in ("open requests", "one request")
        ),
        limit=50,
        limit_words="50 ms",
    ),
]
ALONE = Panel(
    title="A turn",
    unit="ms",
    places=("1 thousand",),
    curves=(Curve(name="a turn", values=(1.1,)),),
    limit=1.3,
    limit_words="1.2 times the first",
)
ROWS = [Row(name="Oekraïens", recall=1.0, precision=1.0, sure=0.0, asked=1.0)]
PICTURES = {
    "race": race(BARS, TOLD),
    "growth": growth(PANELS, TOLD),
    "of one size": growth([ALONE], TOLD),
    "understanding": understanding(ROWS, TOLD),
}


@pytest.mark.parametrize("name", PICTURES)
def test_no_words_run_over_the_edge(name: str) -> None:
    drawn = ET.fromstring(PICTURES[name])  # noqa: S314 - made here

    for words in drawn.iter(f"{SVG}text"):
        said, x = words.text or "", float(words.attrib["x"])
        kind = words.attrib["class"].split()[0]
        width = len(said) * HEIGHTS.get(kind, 13) * LETTER
        shift = {"end": width, "middle": width / 2}.get(words.attrib.get("text-anchor", ""), 0)
        assert x - shift >= EDGE / 2, said
        assert x - shift + width <= WIDTH - EDGE / 2, said


def test_a_picture_is_said_in_words() -> None:
    drawn = ET.fromstring(PICTURES["race"])  # noqa: S314 - made here

    assert drawn.attrib["role"] == "img"
    assert drawn.attrib["aria-labelledby"] == "title words"
    assert drawn.findtext(f"{SVG}title") == "Turns a second, 200 people at once"
    told = drawn.findtext(f"{SVG}desc") or ""
    assert "python-telegram-bot (SQLite, synchronous=FULL, encrypted): 0 turns a second" in told
    assert "200 of 200 lost their place at a kill. 2026-11-22" in told
    curves = ET.fromstring(PICTURES["growth"]).findtext(f"{SVG}desc") or ""  # noqa: S314 - idem
    assert "one request: 9.00 ms with 1 thousand, 13.00 ms with 1 million." in curves


def test_what_was_not_measured_stays_as_it_was() -> None:
    first = merged("", {"race": "Fast.", "growth": "| flat |"})
    second = merged(first, {"race": "Faster."})

    assert "## The race\n\nFaster.\n" in second
    assert "## Growing\n\n| flat |\n" in second
    assert "Fast.\n" not in second
    assert merged(second, {}) == second
