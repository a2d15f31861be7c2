"""How long the longest message and the longest story take to read, in the texts that are worst.

Printed, never asserted: what is slower than before shows here, beside the same text cut in four.
A reading that grows with the square of the text takes sixteen times as long for four times as much.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pytest

from intakebot.core.hearing.masking import mask
from intakebot.core.hearing.safety import find
from intakebot.core.limits import SAID_CHARS_MAX, STORY_CHARS_MAX
from tests.conversation import shipped_flow

WORST = (
    "kan niet ",
    "ik wil niet meer ",
    "mijn man ",
    "زوجي ",
    "1 ",
    "111222334 ",
    "stroom eraf morgen, ",
)


@pytest.mark.bench
def test_the_longest_texts(capsys: pytest.CaptureFixture[str]) -> None:
    flow = shipped_flow()
    readings: tuple[tuple[str, int, Callable[[str], object]], ...] = (
        ("mask", SAID_CHARS_MAX, mask),
        ("find signals", SAID_CHARS_MAX, lambda text: find(flow.phrases, text)),
        ("hear domains", STORY_CHARS_MAX, lambda text: flow.hear((text,), "nl")),
    )
    lines = [f"{'':14}{'text':24}{'a quarter':>12}{'whole':>12}{'ratio':>8}"]
    for name, most, read in readings:
        for words in WORST:
            text = (words * most)[:most]
            read(words)  # what it needs is compiled at first use
            quarter, whole = _ms(read, text[: most // 4]), _ms(read, text)
            lines.append(
                f"{name:14}{words!r:24}{quarter:9.1f} ms{whole:9.1f} ms{whole / quarter:8.1f}"
            )
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")


def _ms(read: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    read(text)
    return (time.process_time() - began) * 1000
