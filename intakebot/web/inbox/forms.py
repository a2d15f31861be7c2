"""What a posted form of the inbox says, as a value. Fields in, a struct out, nothing else."""

from __future__ import annotations

import unicodedata

import msgspec
from starlette.datastructures import FormData
from starlette.requests import Request

from intakebot.web.inbox.saying import LEVELS, OUTCOMES

# A message to an inhabitant fits in one message of Telegram, the name before it included.
MESSAGE_CHARS_MAX = 2_000
NOTE_CHARS_MAX = 4_000
REASON_CHARS_MAX = 500
# A stamp is 43 signs, a code or an id 64 at most.
SHORT_CHARS_MAX = 100
VERSION_DIGITS_MAX = 9


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form: who drew it, which state it was drawn from, and what was filled in."""

    stamp: str
    version: int  # -1: none, and no request has that version
    text: str
    level: str | None = None
    outcome: str | None = None
    audio: str = ""


async def posted(request: Request) -> Form:
    """The form that was posted; what is missing is empty."""
    async with request.form() as fields:
        level, outcome = _short(fields, "level"), _short(fields, "outcome")
        version = _short(fields, "version")
        whole = version.isascii() and version.isdecimal() and len(version) <= VERSION_DIGITS_MAX
        return Form(
            stamp=_short(fields, "form"),
            version=int(version) if whole else -1,
            text=clean(_text(fields, "text")),
            level=level if level in LEVELS else None,
            outcome=outcome if outcome in OUTCOMES else None,
            audio=_short(fields, "audio"),
        )


def clean(text: str) -> str:
    """A text as the store can hold it: NFC, line ends as one sign, no NUL, no half pairs."""
    whole = text.encode("utf-8", "ignore").decode("utf-8", "ignore")
    lines = whole.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return unicodedata.normalize("NFC", lines).strip()


def _short(fields: FormData, name: str) -> str:
    return _text(fields, name)[:SHORT_CHARS_MAX]


def _text(fields: FormData, name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
