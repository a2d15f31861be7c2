"""Numbers to call and sites in our own texts, as something that can be pressed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from intakebot.channels.webchat.pages import Span

# Numbers as they are printed in the Netherlands; 112 and 113 only as words of their own.
NUMBER = (
    r"(?<![\w+-])"
    r"(?:11[23]|14\s?0\d{2,3}|(?:\+31[\s-]?|0)[1-9]\d{0,3}[\s-]?\d(?:[\s-]?\d){3,7})"
    r"(?![\w-]|\.\w)"
)
# A reference (core/law/reference.py), which stays in one piece.
WHOLE = r"IB-\w{4}-\w{4}"
SITE = r"(?<![\w@.-])(?:https://)?(?:[a-z0-9-]+\.)+(?:nl|eu)(?:/[\w/.-]*\w)?(?![\w@])"
PRESSABLE = re.compile(rf"(?P<number>{NUMBER})|(?P<site>{SITE})|(?P<whole>{WHOLE})")
# Between number and text: isolates of right-to-left sentences stay outside what is pressed.
DIALLED = re.compile(r"[^\d+]")


def spans(text: str, *, ours: bool) -> tuple[Span, ...]:
    """The text in stretches, in order. `ours`: in a person's own words nothing is pressed."""
    return tuple(_spans(text)) if ours else (Span(text=text),)


def _spans(text: str) -> Iterator[Span]:
    at = 0
    for found in PRESSABLE.finditer(text):
        if found.start() > at:
            yield Span(text=text[at : found.start()])
        if found["number"]:
            yield Span(text=found[0], href=f"tel:{DIALLED.sub('', found[0])}")
        elif found["whole"]:
            yield Span(text=found[0], whole=True)
        else:
            address = found[0] if found[0].startswith("https://") else f"https://{found[0]}"
            yield Span(text=found[0], href=address, outside=True)
        at = found.end()
    if at < len(text):
        yield Span(text=text[at:])
