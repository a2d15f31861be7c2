"""A message as Telegram shows it: plain texts that fit, and rows of keys. Pure; no library.

There is no parse mode: what people wrote can then never be read as markup. Ids go into
`callback_data` as `updates.read_press` reads them back.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from intakebot.core.events import Button, Expects, Message
from intakebot.core.limits import BUTTON_BYTES_MAX, MESSAGE_UNITS_MAX

# Two keys beside each other stay readable on a small phone up to here.
PAIRED_LABEL_CHARS_MAX = 18
# The button that closes a choices question; the others there are ticks.
AGREE = "klopt"
ON, OFF = "☑", "☐"
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
# How far to step back so that a letter keeps its accents, and an emoji its parts.
CLUSTER_CHARS_MAX = 16
JOINERS = "\u200d\ufe0e\ufe0f"


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key of the inline keyboard."""

    label: str
    data: str


def texts(message: Message) -> tuple[str, ...]:
    """The text with its lines and notes, in pieces that Telegram accepts; never an empty piece."""
    parts = [message.signed]
    rtl = _is_right_to_left(message.text)
    notes = [f"– {b.label}: “{_value(b.note, rtl=rtl)}”" for b in message.buttons if b.note]
    lines = [f"{line.label}: {_value(line.value, rtl=rtl)}" for line in message.lines]
    parts += ["\n".join(shown) for shown in (lines, notes) if shown]
    return pieces("\n\n".join(part for part in parts if part.strip()))


def plain_texts(message: Message) -> tuple[str, ...]:
    """The same without a keyboard: the labels stand in the text, to be typed."""
    labels = [f"– {button.label}" for button in _in_sight(message)]
    return pieces("\n\n".join((*texts(message), "\n".join(labels))))


def rows(message: Message) -> tuple[tuple[Key, ...], ...]:
    """The keyboard: answers first, moves last; short labels side by side, ticks below each other.

    A key whose data would be too long for Telegram is left out: its label can still be typed, and
    `check` refuses flows that would come so far.
    """
    keys = [(button, _key(message, button)) for button in _in_sight(message)]
    fitting = [(b, key) for b, key in keys if len(key.data.encode()) <= BUTTON_BYTES_MAX]
    answers = [key for button, key in fitting if not button.id.startswith("/")]
    moves = [key for button, key in fitting if button.id.startswith("/")]
    ticks = message.expects is Expects.CHOICES
    return (*([(key,) for key in answers] if ticks else _paired(answers)), *_paired(moves))


def units(text: str) -> int:
    """How long Telegram finds a text: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def pieces(text: str, units_max: int = MESSAGE_UNITS_MAX) -> tuple[str, ...]:
    """The text in pieces of at most `units_max`; only white space at a cut is lost.

    Cut between paragraphs, lines or words, and where there are none between letters.
    """
    found: list[str] = []
    rest = text.strip()
    while units(rest) > units_max:
        cut = _cut(rest, units_max)
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return tuple(piece for piece in (*found, rest) if piece)


def _in_sight(message: Message) -> tuple[Button, ...]:
    return tuple(button for button in message.buttons if not button.quiet)


def _key(message: Message, button: Button) -> Key:
    token = message.prompt or ""
    is_tick = (
        message.expects is Expects.CHOICES and button.id != AGREE and not button.id.startswith("/")
    )
    if not is_tick:
        return Key(label=button.label, data=f"{token}:{button.id}")
    label = f"{ON if button.proposed else OFF} {button.label}"
    return Key(label=label, data=f"{token}:{'-' if button.proposed else '+'}{button.id}")


def _paired(keys: list[Key]) -> list[tuple[Key, ...]]:
    """Rows of one or two keys; a long label has a row of its own."""
    found: list[tuple[Key, ...]] = []
    for key in keys:
        fits = len(key.label) <= PAIRED_LABEL_CHARS_MAX
        last = found[-1] if found else ()
        if fits and len(last) == 1 and len(last[0].label) <= PAIRED_LABEL_CHARS_MAX:
            found[-1] = (last[0], key)
        else:
            found.append((key,))
    return found


def _cut(text: str, units_max: int) -> int:
    """Where to cut; at least one character from the beginning."""
    end = _fitting(text, units_max)
    for border in ("\n\n", "\n", " "):
        at = text.rfind(border, end // 2, end)
        if at > 0:
            return at
    for back in range(CLUSTER_CHARS_MAX):
        if end - back > 0 and not _joined(text, end - back):
            return end - back
    return end


def _fitting(text: str, units_max: int) -> int:
    """How many characters of the text fit; at least one."""
    counted = 0
    for index, char in enumerate(text):
        counted += units(char)
        if counted > units_max:
            return max(index, 1)
    return len(text)


def _joined(text: str, at: int) -> bool:
    """Whether the characters around this place are one sign to a reader."""
    before, after = text[at - 1], text[at]
    return bool(unicodedata.combining(after)) or after in JOINERS or before == JOINERS[0]


def _is_right_to_left(text: str) -> bool:
    """By the first letter that has a direction, as Telegram decides it."""
    directions = (unicodedata.bidirectional(char) for char in text)
    first = next((d for d in directions if d in ("L", "R", "AL")), "L")
    return first != "L"


def _value(text: str, *, rtl: bool) -> str:
    """The text so that it cannot turn around what stands beside it."""
    return f"{ISOLATE}{text}{END_ISOLATE}" if rtl else text
