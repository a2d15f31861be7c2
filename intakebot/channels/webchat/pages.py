"""The pages of the web chat: one frozen struct each, drawn by the template that it names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Literal

import msgspec

from intakebot.channels.webchat.qr import Qr
from intakebot.core.limits import ATTACHMENT_BYTES_MAX
from intakebot.core.session import Tongue

# More pieces, or more stretches of text, are drawn anew each time.
PIECES_MAX, SHAPE_MAX = 20, 15
Direction = Literal["ltr", "rtl"]


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of text; with `href` it can be pressed: a telephone number, a site."""

    text: str
    href: str | None = None
    outside: bool = False
    whole: bool = False  # never broken over two lines: a reference

    @property
    def shape(self) -> str:
        """One letter: how it is drawn."""
        if self.href is None:
            return "w" if self.whole else "t"
        return "o" if self.outside else "h"

    @property
    def texts(self) -> tuple[str, ...]:
        """What differs from others of its shape."""
        return (self.text,) if self.href is None else (self.text, self.href)

    def filled(self, texts: Iterator[str]) -> Span:
        """The stretch with the next of these."""
        text = next(texts)
        href = None if self.href is None else next(texts)
        return Span(text=text, href=href, outside=self.outside, whole=self.whole)


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """A button or a tick. `lang`, `dir`: set when its label is not in the language around it."""

    id: str
    label: str
    ticked: bool = False
    note: str | None = None  # a sentence with the person's own words that it was heard in
    lang: str | None = None
    dir: Direction | None = None


class ReadLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the read-back; `change` is the button that opens it again."""

    label: str
    value: str
    change: Option | None = None


class Bubble(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the conversation; its texts are the blanks of those that look the same."""

    template: ClassVar[str] = "chat/bubble.html"
    who: Literal["own", "bot", "card", "member", "link", "request"]
    paragraphs: tuple[tuple[Span, ...], ...]
    lang: str
    dir: Direction
    lines: tuple[ReadLine, ...] = ()
    by: str | None = None  # the contact person's name
    at: str | None = None  # ISO 8601
    day: str | None = None  # the same, as people say it
    first: bool = False  # of what is new: the page opens here
    new: bool = False  # comes in a page that is open already
    voice: str | None = None  # the address of a recording

    @property
    def same(self) -> bytes | None:
        """What it looks like, without its texts; None: more is in it than texts."""
        if self.by or self.lines or self.voice:
            return None
        shape = "/".join(["".join([span.shape for span in spans]) for spans in self.paragraphs])
        if len(shape) > SHAPE_MAX:
            return None
        return f"{self.who} {self.lang} {self.dir} {self.first} {self.new} {shape}".encode()

    @property
    def blanks(self) -> tuple[str, ...]:
        """Its texts, and where those lead that can be pressed."""
        return tuple([it for spans in self.paragraphs for span in spans for it in span.texts])

    def filled(self, blanks: Sequence[str]) -> Bubble:
        """The bubble with other texts."""
        left = iter(blanks)
        return msgspec.structs.replace(
            self,
            paragraphs=tuple(
                tuple(span.filled(left) for span in spans) for spans in self.paragraphs
            ),
        )


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """The text field: what its keyboard is for. `label` is a key of the catalogues."""

    label: str
    chars_max: int
    type: Literal["text", "tel"] = "text"
    inputmode: str = ""
    rows: int = 0  # more than one line: a text area
    autocomplete: str = "off"  # on a shared phone the next person sees no earlier answers
    dir: Literal["auto", "ltr"] = "auto"


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked now, with every way to answer it."""

    spans: tuple[Span, ...]
    lang: str
    dir: Direction
    stamp: str
    seen: str  # messages of the thread before this number are on the page
    field: Field
    question: str | None = None  # its key
    voice: str | None = None  # the address of a recording
    prompt: str | None = None
    story: bool = False
    speaks: bool = False  # it may be answered with a voice note
    ticks: tuple[Option, ...] = ()
    more_ticks: tuple[Option, ...] = ()
    options: tuple[Option, ...] = ()
    go: Option | None = None  # the one button that most people will want
    lines: tuple[ReadLine, ...] = ()
    moves: tuple[Option, ...] = ()
    more_moves: tuple[Option, ...] = ()
    links: tuple[Option, ...] = ()  # pages about one's own request; the id is the address
    notice: str | None = None
    file_bytes_max: int = ATTACHMENT_BYTES_MAX
    typed: str = ""  # what was typed and did not count yet


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """An `Asking` before it is drawn: what differs from sheet to sheet, and the rest."""

    template: ClassVar[str] = "chat/ask.html"
    same: bytes | None  # the same where all but the blanks is; None: nobody else sees this
    blanks: tuple[str, ...]
    filled: Callable[[Sequence[str]], Asking]

    @property
    def asking(self) -> Asking:
        """What it shows."""
        return self.filled(self.blanks)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What every page has."""

    template: ClassVar[str]
    tongue: Tongue
    brand: str


class Start(Page, frozen=True, kw_only=True):
    """The language picker: no session yet, nothing is written."""

    template: ClassVar[str] = "chat/start.html"
    headings: tuple[Option, ...]
    options: tuple[Option, ...]
    moves: tuple[Option, ...]
    stamp: str
    messages: tuple[Bubble, ...] = ()  # what was said last, when nothing is kept any more
    away: bool = False  # after "Snel weg": the conversation stays behind one more press


class Talk(Page, frozen=True, kw_only=True):
    """The conversation."""

    template: ClassVar[str] = "chat/talk.html"
    messages: tuple[Bubble, ...]
    ask: Sheet
    waits: bool  # a person may write

    @property
    def fresh(self) -> bool:
        """Whether one of our messages is new; else the page opens at the question."""
        return any(message.first for message in self.messages)


class Part(Talk, frozen=True, kw_only=True):
    """Only what is new: for a page that is open already. Drawn from its pieces."""

    template: ClassVar[str] = "chat/part.html"

    @property
    def pieces(self) -> tuple[Bubble | Sheet, ...]:
        """What is drawn first."""
        return (*self.messages, self.ask)

    def framed(self, drawn: Sequence[str]) -> Frame:
        """The rest, around the HTML of those."""
        return Frame(waits=self.waits, blanks=tuple(drawn))


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A `Part` of which the pieces are drawn: its blanks, the sheet being the last."""

    template: ClassVar[str] = "chat/part.html"
    waits: bool
    blanks: tuple[str, ...]

    @property
    def same(self) -> bytes | None:
        """What is around the pieces."""
        few = len(self.blanks) <= PIECES_MAX
        return f"{self.waits} {len(self.blanks)}".encode() if few else None

    def filled(self, blanks: Sequence[str]) -> Frame:
        """The frame around others."""
        return Frame(waits=self.waits, blanks=tuple(blanks))


class Later(Page, frozen=True, kw_only=True):
    """Going on later: explains, and shows a code once."""

    template: ClassVar[str] = "chat/later.html"
    stamp: str
    address: str
    code: str | None = None
    qr: Qr | None = None  # of a one-time link, beside the code


class Close(Page, frozen=True, kw_only=True):
    """Closing the chat on this device, for who shares it."""

    template: ClassVar[str] = "chat/close.html"
    stamp: str


class Resume(Page, frozen=True, kw_only=True):
    """Where a code is typed. `fault` is a key of the catalogues."""

    template: ClassVar[str] = "chat/resume.html"
    stamp: str
    fault: str | None = None


class Link(Page, frozen=True, kw_only=True):
    """Behind a one-time link: one button, so that a preview of the link consumes nothing."""

    template: ClassVar[str] = "chat/link.html"
    stamp: str
    action: str


class Fault(Page, frozen=True, kw_only=True):
    """Something is not there or not possible. `sentence` is a key of the catalogues."""

    template: ClassVar[str] = "chat/fault.html"
    sentence: str
