"""The terminal: the whole intake with nothing else running, in memory.

For people it writes messages and numbered buttons; with `--json` it speaks lines (DESIGN 4):
in `{"text"}` or `{"choose"}`, out one line per message and then one `{"turn"}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

import msgspec

from intakebot.core.events import Began, Chose, Event, Message, Pressed, Said
from intakebot.core.request import Request
from intakebot.core.session import Outcome, Session
from intakebot.core.talking.responding import Circumstances, Desk, Fresh, Response


class Typed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of input."""

    text: str | None = None
    choose: str | list[str] | None = None


@dataclass
class Talk:
    """One conversation at a terminal."""

    desk: Desk
    session: Session
    now: Callable[[], datetime]
    fresh: Callable[[], Fresh]

    def hear(self, event: Event) -> tuple[tuple[Message, ...], Response]:
        """The messages that follow on this event."""
        now = Circumstances(at=self.now(), channel="terminal", fresh=self.fresh())
        response = self.desk.respond(self.session, event, now)
        self.session = response.started or response.session
        return response.messages + response.started_messages, response


def run(
    talk: Talk, lines: Iterable[str], out: TextIO, *, language: str | None, as_json: bool
) -> None:
    """Talk until the input ends, the request is sent, or nothing is kept."""
    speak = _json_lines if as_json else _plain_lines
    messages, response = talk.hear(Began())
    if language is not None:
        messages, response = talk.hear(Pressed(id=language))
    speak(out, messages, talk.session, response)
    for line in lines:
        if _ended(talk.session, response):
            break
        event = _event(line, as_json=as_json)
        if event is None:
            continue
        messages, response = talk.hear(event)
        speak(out, messages, talk.session, response)


def _event(line: str, *, as_json: bool) -> Event | None:
    """What was typed, as an event; a line that cannot be read is a line that says nothing."""
    text = line.rstrip("\r\n")
    if not as_json:
        return Pressed(id=text.strip()) if text.startswith("/") else Said(text=text)
    if not text.strip():
        return None
    try:
        typed = msgspec.json.decode(text, type=Typed)
    except msgspec.DecodeError:
        return Said(text="")
    match typed.choose:
        case str():
            return Pressed(id=typed.choose)
        case list():
            return Chose(ids=tuple(typed.choose))
        case None:
            return Said(text=typed.text or "")


def _ended(session: Session, response: Response) -> bool:
    return response.started is None and session.outcome not in (Outcome.OPEN, Outcome.KEPT)


def _json_lines(
    out: TextIO, messages: tuple[Message, ...], session: Session, response: Response
) -> None:
    for message in messages:
        _write(out, _as_line(message))
    if _ended(session, response):
        _write(out, {"turn": "ended", "request": response.request})
    else:
        _write(out, {"turn": "waiting"})


def _as_line(message: Message) -> dict[str, object]:
    """A message in the words of the contract; fields beyond it are welcome."""
    buttons = [
        {"id": b.id, "label": b.label}
        | ({"proposed": True} if b.proposed else {})
        | ({"note": b.note} if b.note else {})
        for b in message.buttons
    ]
    return {
        "say": _with_lines(message),
        "buttons": buttons,
        "expects": message.expects.value,
        "question": message.question,
        "lang": message.tongue.lang,
        "kind": message.kind,
    }


def _with_lines(message: Message) -> str:
    """The text with who wrote it above, and its read-back lines under it."""
    return "\n".join([message.signed, *(f"{line.label}: {line.value}" for line in message.lines)])


def _write(out: TextIO, line: dict[str, object]) -> None:
    out.write(msgspec.json.encode(line).decode() + "\n")
    out.flush()


def _plain_lines(
    out: TextIO, messages: tuple[Message, ...], session: Session, response: Response
) -> None:
    """For people: the text, then the buttons with their numbers."""
    for message in messages:
        out.write(f"\n{_with_lines(message)}\n")
        own = [button for button in message.buttons if not button.id.startswith("/")]
        for number, button in enumerate(own, start=1):
            tick = "[x] " if button.proposed else ""
            note = f"  ({button.note})" if button.note else ""
            out.write(f"  {number}. {tick}{button.label}{note}\n")
        ways = [
            f"{b.id} {b.label}" for b in message.buttons if b.id.startswith("/") and not b.quiet
        ]
        if ways:
            out.write(f"  {'   '.join(ways)}\n")
    if response.request is not None:
        out.write(f"\n{_pretty(response.request)}\n")
    if not _ended(session, response):
        out.write("> ")
    out.flush()


def _pretty(request: Request) -> str:
    return msgspec.json.format(msgspec.json.encode(request), indent=2).decode()
