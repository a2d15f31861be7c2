"""From a thread to a page: what the person sees and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from intakebot.channels.webchat.asking import asking
from intakebot.channels.webchat.pages import (
    Bubble,
    Option,
    Part,
    ReadLine,
    Sheet,
    Span,
    Start,
    Talk,
)
from intakebot.channels.webchat.recordings import Recordings
from intakebot.channels.webchat.spans import spans
from intakebot.channels.webchat.thread import Thread
from intakebot.core.events import Button, Message
from intakebot.core.law.clocks import dutch_day
from intakebot.core.session import Session, Tongue
from intakebot.core.talking.page import Words
from intakebot.store.outgoing import Line

DUTCH = Tongue(lang="nl")
# Above the picker, beside the language of the device: each button below is in its own language.
TITLES = ("nl", "en")


@dataclass(frozen=True, kw_only=True)
class Look:
    """What drawing needs beside the thread. `notice` is a sentence; `typed` did not count yet."""

    words: Words
    brand: str
    stamp: str
    notice: str | None = None
    typed: str = ""
    voice: Callable[[Message], str | None] = Recordings().of  # the address of its recording


def start(
    look: Look,
    picker: Message,
    tongue: Tongue,
    goodbye: Thread | None = None,
    *,
    away: bool = False,
) -> Start:
    """The language picker as first page, the device's language on top.

    `goodbye`: what was said last in this chat, when nothing else of it is kept.
    """
    languages = [button for button in picker.buttons if not button.id.startswith("/")]
    own = [button for button in languages if button.lang == tongue.lang]
    ordered = own + [button for button in languages if button not in own]
    offered = {button.lang for button in languages}
    titled = [lang for lang in dict.fromkeys((tongue.lang, *TITLES)) if lang in offered]
    return Start(
        tongue=tongue,
        brand=look.brand,
        headings=tuple(
            _foreign(look.words, Button(id=lang, label=title, lang=lang))
            for lang in titled
            if (title := look.words.say(Tongue(lang=lang), "picker.title"))
        ),
        options=tuple(_foreign(look.words, button) for button in ordered),
        messages=tuple(_bubbles(look, goodbye, goodbye.shown, 0)) if goodbye else (),
        moves=(Option(id="/unsafe", label=look.words.say(tongue, "move.unsafe")),),
        stamp=look.stamp,
        away=away,
    )


def talk(look: Look, thread: Thread) -> Talk:
    """The whole conversation; it opens at the first message after the person's last words."""
    said = [entry.nth for entry in thread.shown if entry.author == "inhabitant"]
    return Talk(
        tongue=thread.tongue or DUTCH,
        brand=look.brand,
        messages=tuple(_bubbles(look, thread, thread.shown, said[-1] if said else 0)),
        ask=_sheet(look, thread),
        waits=thread.waits,
    )


def part(look: Look, thread: Thread, since: int) -> Part:
    """What came since message number `since`, for a page that is open already."""
    fresh = [entry for entry in thread.shown if entry.nth >= since]
    said = [entry.nth for entry in fresh if entry.author == "inhabitant"]
    return Part(
        tongue=thread.tongue or DUTCH,
        brand=look.brand,
        messages=tuple(_bubbles(look, thread, fresh, said[-1] if said else 0, new=True)),
        ask=_sheet(look, thread),
        waits=thread.waits,
    )


def _sheet(look: Look, thread: Thread) -> Sheet:
    """The open question."""
    voice = look.voice(thread.open.message) if thread.open else None
    return asking(look.words, thread, look.stamp, look.notice, look.typed, voice=voice)


def _bubbles(
    look: Look, thread: Thread, entries: Sequence[Line], said: int, *, new: bool = False
) -> Iterator[Bubble]:
    """A bubble for each message; the first one of ours after message `said` is marked."""
    fresh = True
    for entry in entries:
        first = fresh and entry.nth > said
        fresh = fresh and not first
        yield _bubble(look, thread.session, entry, first=first, new=new)


def _bubble(look: Look, session: Session | None, entry: Line, *, first: bool, new: bool) -> Bubble:
    words = look.words
    message = entry.message
    own = entry.author == "inhabitant"
    member = entry.author == "member" or message.kind == "member"
    tongue = session.tongue if session is not None and session.tongue else message.tongue
    return Bubble(
        who="own" if own else "member" if member else message.kind,
        paragraphs=_paragraphs(message.text, ours=not (own or member)),
        lang=message.tongue.lang,
        dir=words.direction(message.tongue),
        lines=tuple(ReadLine(label=it.label, value=it.value) for it in message.lines),
        by=_writer(words, tongue, message) if member else None,
        at=entry.at.isoformat(timespec="minutes") if member else None,
        day=words.day(tongue, dutch_day(entry.at)) if member else None,
        first=first,
        new=new,
        voice=None if own or member else look.voice(message),
    )


def _writer(words: Words, tongue: Tongue, message: Message) -> str:
    """The name above a message of a member, also when somebody else is the contact person now."""
    return message.sender.name if message.sender else words.say(tongue, "web.member")


def _paragraphs(text: str, *, ours: bool) -> tuple[tuple[Span, ...], ...]:
    """Our lines are paragraphs; a person's own words keep the lines that they have."""
    lines = text.splitlines() if ours else [text]
    return tuple(spans(line, ours=ours) for line in lines if line)


def _foreign(words: Words, button: Button) -> Option:
    """A button in a language of its own."""
    lang = button.lang or "nl"
    return Option(
        id=button.id, label=button.label, lang=lang, dir=words.direction(Tongue(lang=lang))
    )
