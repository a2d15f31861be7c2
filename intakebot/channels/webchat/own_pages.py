"""The pages about one's own request, each a frozen struct for the template that it names."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from intakebot.channels.webchat.pages import Page, Span
from intakebot.core.request import Request
from intakebot.core.talking.story_card import CardLine


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line in the person's language and in Dutch (empty where that would be the same)."""

    key: str
    label: str
    values: tuple[tuple[Span, ...], ...]
    label_nl: str = ""
    values_nl: tuple[str, ...] = ()
    own: bool = False


class ChooseCard(Page, frozen=True, kw_only=True):
    """Which lines may stand on the card: all are ticked beforehand."""

    template: ClassVar[str] = "chat/own_choose.html"
    lines: tuple[CardLine, ...]


class StoryCard(Page, frozen=True, kw_only=True):
    """The card itself: big on a phone, one sheet on paper."""

    template: ClassVar[str] = "chat/own_card.html"
    rows: tuple[Row, ...]
    title_nl: str
    note_nl: str


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """Who looked, and on which days."""

    who: str
    days: str


class WhoHas(Page, frozen=True, kw_only=True):
    """Who has my story: team, contact person, partners, who looked, how long it is kept."""

    template: ClassVar[str] = "chat/own_who.html"
    has: tuple[str, ...]
    looked: tuple[Looked, ...]
    given: tuple[str, ...]
    kept: str
    officer: str


class AskData(Page, frozen=True, kw_only=True):
    """Before one's data are shown: a button, because opening an address shows nothing."""

    template: ClassVar[str] = "chat/own_ask.html"
    stamp: str


class MyData(Page, frozen=True, kw_only=True):
    """All that is kept, shown once; `stamp` is for the file."""

    template: ClassVar[str] = "chat/own_data.html"
    stamp: str
    rows: tuple[Row, ...]
    summary_nl: str
    thread: tuple[tuple[str, str, str], ...]  # day, who, text


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A message between the person and the team."""

    at: str
    by: str  # you, member, bot
    text: str


class File(Request, frozen=True, kw_only=True):
    """The file: the request as its contract says, and what was said about it."""

    messages: tuple[Said, ...] = ()
