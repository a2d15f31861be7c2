"""The sheet with the open question: which buttons, ticks and field belong to it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from intakebot.channels.webchat.pages import Asking, Field, Option, ReadLine, Sheet
from intakebot.channels.webchat.spans import spans
from intakebot.channels.webchat.thread import Thread
from intakebot.core.events import Button, Expects, Message
from intakebot.core.limits import SAID_CHARS_MAX
from intakebot.core.session import Outcome, Tongue
from intakebot.core.talking.answering import AGREE, CHANGE, DONE, SEND
from intakebot.core.talking.page import Words

# Shown by a fold of the page itself, so not as a button.
MORE = "/more"
# Without an open question the bot sends no buttons: these are always there, those once a request
# was sent.
ALWAYS = ("/unsafe",)
AFTER_SENDING = ("/person", "/status", "/change", "/withdraw", "/erase")
OWN_PAGES = (("/kaart", "own.card"), ("/wie", "own.who"), ("/mijn", "own.data"))
FIELDS: dict[Expects, Field] = {
    Expects.POSTCODE: Field(
        label="web.answer", chars_max=SAID_CHARS_MAX, autocomplete="postal-code", dir="ltr"
    ),
    Expects.PHONE: Field(
        label="web.answer",
        chars_max=SAID_CHARS_MAX,
        type="tel",
        inputmode="tel",
        autocomplete="tel",
        dir="ltr",
    ),
    Expects.NUMBER: Field(label="web.answer", chars_max=SAID_CHARS_MAX, inputmode="numeric"),
    Expects.TEXT: Field(label="web.answer", chars_max=SAID_CHARS_MAX),
    Expects.DATE: Field(label="web.answer", chars_max=SAID_CHARS_MAX),
}
# Stamp, place in the thread, prompt; after these what the person said, which is no more than this.
BLANKS, OWN_MAX = 3, 29
MARK = "·"
OR_TYPE = Field(label="web.or_type", chars_max=SAID_CHARS_MAX)
MESSAGE = Field(label="web.message", chars_max=SAID_CHARS_MAX, rows=2)
STORY = Field(label="web.answer", chars_max=SAID_CHARS_MAX, rows=4)


def asking(
    words: Words,
    thread: Thread,
    stamp: str,
    notice: str | None = None,
    typed: str = "",
    *,
    voice: str | None = None,
) -> Sheet:
    """What is asked now; without a question, a field to write in."""
    entry, seen = thread.open, str(thread.seen)
    if entry is None:

        def unasked(blanks: Sequence[str]) -> Asking:
            return _nothing_asked(words, thread, blanks, notice, typed)

        session = thread.session
        ended = f"{session.outcome} {session.only_thanks}" if session else None
        return Sheet(
            same=None if notice or typed else f"unasked {ended}".encode(),
            blanks=(stamp, seen),
            filled=unasked,
        )
    message = entry.message
    own = _own_words(words, thread.tongue or message.tongue, message)

    def filled(blanks: Sequence[str]) -> Asking:
        asked = _asked(words, _with(message, blanks[BLANKS:]), blanks, notice, typed)
        return msgspec.structs.replace(asked, voice=voice)

    return Sheet(
        same=None if notice or typed or len(own) > OWN_MAX else _same(message, voice),
        blanks=(stamp, seen, message.prompt or "", *own),
        filled=filled,
    )


def _own_words(words: Words, tongue: Tongue, message: Message) -> tuple[str, ...]:
    """What the person said, as it stands under ticks and in a read-back."""
    return (
        *(words.say(tongue, "web.wrote", words=b.note) for b in message.buttons if b.note),
        *(line.value for line in message.lines),
    )


def _with(message: Message, own: Sequence[str]) -> Message:
    """The message with these in the places of what the person said."""
    left = iter(own)
    if not own:
        return message
    return message.replace(
        buttons=tuple(b.replace(note=next(left)) if b.note else b for b in message.buttons),
        lines=tuple(line.replace(value=next(left)) for line in message.lines),
    )


def _same(message: Message, voice: str | None) -> bytes | None:
    """All that the sheet shows but its blanks; None: an earlier answer stands in the question."""
    if "\n" in message.text:
        return None
    blank = _with(message, [MARK] * OWN_MAX)
    shown = (
        blank.text,
        blank.tongue,
        blank.expects,
        blank.buttons,
        blank.lines,
        blank.question,
        voice,
    )
    return msgspec.msgpack.encode(shown)


def _asked(
    words: Words, message: Message, blanks: Sequence[str], notice: str | None, typed: str
) -> Asking:
    own = [b for b in message.buttons if not b.id.startswith("/")]
    story = any(b.id == DONE for b in own)
    options, lines, go = _answers(message, own)
    ticks, folded = _ticks(message, own)
    stamp, seen, prompt = blanks[:BLANKS]
    return Asking(
        spans=spans(message.text, ours=True),
        lang=message.tongue.lang,
        dir=words.direction(message.tongue),
        stamp=stamp,
        seen=seen,
        question=message.question,
        prompt=prompt,
        field=STORY if story else FIELDS.get(message.expects, OR_TYPE),
        story=story,
        speaks=story or (message.expects is Expects.TEXT and not own),
        ticks=ticks,
        more_ticks=folded,
        options=tuple(_option(words, b) for b in options),
        go=_option(words, go) if go else None,
        lines=lines,
        moves=_moves(words, message, quiet=False),
        more_moves=_moves(words, message, quiet=True),
        notice=notice,
        typed=typed,
    )


def _answers(
    message: Message, own: list[Button]
) -> tuple[list[Button], tuple[ReadLine, ...], Button | None]:
    """The buttons under the question; in a read-back also its lines and the button that sends."""
    if message.expects is Expects.CHOICES:
        return [b for b in own if b.id == AGREE], (), None
    if message.expects is not Expects.CONFIRM:
        return own, (), None
    change = next((b.label for b in own if b.id == CHANGE), None)
    lines = tuple(
        ReadLine(
            label=line.label,
            value=line.value,
            change=Option(id=f"{CHANGE}:{line.question}", label=change) if change else None,
        )
        for line in message.lines
    )
    rest = [b for b in own if b.id not in (SEND, CHANGE)]
    return rest, lines, next((b for b in own if b.id == SEND), None)


def _ticks(message: Message, own: list[Button]) -> tuple[tuple[Option, ...], tuple[Option, ...]]:
    """The ticks in sight, and those behind a fold: what was not heard, once something was."""
    if message.expects is not Expects.CHOICES:
        return (), ()
    ticks = [
        Option(id=b.id, label=b.label, ticked=b.proposed, note=b.note) for b in own if b.id != AGREE
    ]
    heard = tuple(tick for tick in ticks if tick.ticked or tick.note)
    rest = tuple(tick for tick in ticks if not (tick.ticked or tick.note))
    return (heard, rest) if any(tick.note for tick in ticks) else (tuple(ticks), ())


def _moves(words: Words, message: Message, *, quiet: bool) -> tuple[Option, ...]:
    return tuple(
        _option(words, b)
        for b in message.buttons
        if b.id.startswith("/") and b.id != MORE and b.quiet is quiet
    )


def _option(words: Words, button: Button) -> Option:
    lang = button.lang
    return Option(
        id=button.id,
        label=button.label,
        lang=lang,
        dir=words.direction(Tongue(lang=lang)) if lang else None,
    )


def _nothing_asked(
    words: Words, thread: Thread, blanks: Sequence[str], notice: str | None, typed: str
) -> Asking:
    """After sending, or when the conversation was put aside: the person can always write."""
    tongue = thread.tongue or Tongue(lang="nl")
    outcome = thread.session.outcome if thread.session is not None else None
    ids = AFTER_SENDING if outcome is Outcome.SUBMITTED else ()
    stamp, seen = blanks
    return Asking(
        spans=spans(words.say(tongue, "web.write"), ours=True),
        lang=tongue.lang,
        dir=words.direction(tongue),
        stamp=stamp,
        seen=seen,
        field=MESSAGE,
        go=_move(words, tongue, "/resume") if outcome is Outcome.KEPT else None,
        moves=tuple(_move(words, tongue, it) for it in ALWAYS),
        more_moves=tuple(_move(words, tongue, it) for it in ids),
        links=tuple(Option(id=page, label=words.say(tongue, key)) for page, key in _own(thread)),
        notice=notice,
        typed=typed,
    )


def _own(thread: Thread) -> tuple[tuple[str, str], ...]:
    """The pages about one's own request; who worries about another has no card."""
    if thread.session is None or thread.session.outcome is not Outcome.SUBMITTED:
        return ()
    return OWN_PAGES[1:] if thread.session.only_thanks else OWN_PAGES


def _move(words: Words, tongue: Tongue, move: str) -> Option:
    return Option(id=move, label=words.say(tongue, f"move.{move[1:]}"))
