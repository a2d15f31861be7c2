"""What a posted form says, as an event. Form fields in, a value out; nothing else passes."""

from __future__ import annotations

import unicodedata
from typing import Literal
from urllib.parse import parse_qsl

import msgspec
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from intakebot.core.events import Chose, Event, Pressed, Said
from intakebot.core.limits import BUTTON_BYTES_MAX, CHOICES_MAX
from intakebot.core.talking.answering import AGREE

# The forms of a page: each may be sent once. Two forms of one page are two updates.
Part = Literal["begin", "choice", "ticks", "line", "text", "move", "file"]
# Message numbers are microseconds since 1970: 16 digits.
NUMBER_CHARS = 18
PARTS: frozenset[str] = frozenset(("begin", "choice", "ticks", "line", "text", "move", "file"))


# A form of ours has ten; a body of many short ones would keep us busy.
FIELDS_MAX = 200
PLAIN = b"application/x-www-form-urlencoded"


async def fields_of(request: Request) -> FormData:
    """The fields of a posted form of either kind; files are left out. Raises HTTPException."""
    headers = request.scope["headers"]
    told = next((value for name, value in headers if name == b"content-type"), b"")
    if told.partition(b";")[0].strip().lower() != PLAIN:
        async with request.form() as fields:
            return FormData([one for one in fields.multi_items() if isinstance(one[1], str)])
    body = await _body(request)
    try:
        found = parse_qsl(body.decode("latin-1"), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        raise HTTPException(400) from None
    return FormData([*found])


async def _body(request: Request) -> bytes:
    """The body, most often one piece, without a generator around it."""
    body, more = b"", True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        piece: bytes = message.get("body", b"")
        body, more = body + piece, message.get("more_body", False)
    return body


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A posted form of the conversation."""

    stamp: str
    part: Part
    seen: int  # messages before this number are on the page that it was sent from
    event: Event | None  # None: nothing was filled in
    typed: str  # the text, to show it again when it does not count
    prompt: str | None

    def counted(self) -> Form:
        """The form once it was received: nothing of it needs to be shown again."""
        return msgspec.structs.replace(self, typed="")


def form(fields: FormData) -> Form:
    """The form; unknown parts are read as text, and what is missing as empty."""
    named = _text(fields, "part")
    part: Part = named if named in PARTS else "text"  # type: ignore[assignment]  # checked here
    typed = clean(_text(fields, "say"))
    prompt = _text(fields, "prompt")[:BUTTON_BYTES_MAX] or None
    return Form(
        stamp=_text(fields, "form"),
        part=part,
        seen=number(_text(fields, "seen")),
        event=_event(fields, part, typed, prompt),
        typed=typed,
        prompt=prompt,
    )


def _event(fields: FormData, part: str, typed: str, prompt: str | None) -> Event | None:
    if part == "ticks" and "done" in fields:
        ids = [str(value)[:BUTTON_BYTES_MAX] for value in fields.getlist("tick")]
        return Chose(ids=tuple(it for it in ids[:CHOICES_MAX] if it != AGREE), prompt=prompt)
    if part == "text":
        return Said(text=typed) if typed else None
    pressed = _text(fields, "press")[:BUTTON_BYTES_MAX]
    return Pressed(id=pressed, prompt=prompt) if pressed else None


def number(text: str) -> int:
    """A message number; anything else is 0: everything is new."""
    good = text.isascii() and text.isdecimal() and len(text) < NUMBER_CHARS
    return int(text) if good else 0


def clean(text: str) -> str:
    """A text as the store can hold it: NFC, line ends as one character, no NUL, no half pairs."""
    whole = text.encode("utf-8", "ignore").decode("utf-8", "ignore")
    lines = whole.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return unicodedata.normalize("NFC", lines).strip()


def _text(fields: FormData, name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
