"""Transcripts: conversations as text that a non-programmer can read.

`> words` is what the inhabitant types, `> [id]` a button, `> [a, b]` ticks sent at once, `> *event*`
something that happened. The indented lines are the program's, made anew by `--update`:

    text of a message (several lines keep their indent)
    [buttons of the message, without the moves]
    = what was stored: request, erased, note to the team …

    = a link to the web chat       (Telegram that is narrow)

The first comment says who this is and what should go right; `# lang: ar` picks the language, and
`# scope: short` plays it in a Telegram of that scope. `> edit N: words` changes the Nth message typed.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from intakebot.core.events import (
    ClosedByTeam,
    Edited,
    Event,
    GaveBack,
    Message,
    PromisePassed,
    Reminded,
    Sent,
    SharedPhone,
    SharedPlace,
    Taken,
    Unreadable,
    Wrote,
)
from intakebot.core.flow import Flow, ready
from intakebot.core.session import Attachment, ContactCard
from tests.conversation import MONDAY, Conversation, shipped_flow

MARIEKE = ContactCard(name="Marieke", phone="06-12345678", team="Sociaal team Winterswijk")


def _photo(nth: int) -> Sent:
    return Sent(
        attachment=Attachment(
            id=f"p{nth}", kind="photo", bytes=9_000, received_at=MONDAY, album="album1"
        ),
        ref=f"2{nth}",
    )


def _voice(nth: int) -> Sent:
    return Sent(
        attachment=Attachment(id=f"v{nth}", kind="voice", bytes=4_000, received_at=MONDAY),
        ref=f"3{nth}",
    )


HAPPENED: dict[str, Event] = {
    "the first photo of an album": _photo(1),
    "the second photo of an album": _photo(2),
    "the third photo of an album": _photo(3),
    "a member takes it": Taken(contact=MARIEKE),
    "the member writes": Wrote(text="Dag, ik ben Marieke. Ik bel u morgen."),
    "the member leaves": GaveBack(),
    "the team closes it": ClosedByTeam(),
    "a voice note": Sent(
        attachment=Attachment(id="a1", kind="voice", bytes=9_000, received_at=MONDAY), ref="7"
    ),
    "a second voice note": _voice(3),
    "a third voice note": _voice(4),
    "a fourth voice note": _voice(5),
    "a voice note of 30 MB": Sent(
        attachment=Attachment(id="a2", kind="voice", bytes=30_000_000, received_at=MONDAY), ref="8"
    ),
    "a sticker": Unreadable(kind="sticker"),
    "a location": SharedPlace(),
    "own contact card": SharedPhone(number="0612345678", own=True),
    "someone else's contact card": SharedPhone(number="0687654321", own=False),
    "day three": Reminded(),
    "the promised day has passed": PromisePassed(),
}


def played(path: Path) -> str:
    """The transcript as the program now tells it."""
    given = path.read_text("utf-8").splitlines()
    head = _head(given)
    lang = _told(head, "lang")
    talk = Conversation(lang, flow=_offering(lang), scope=_told(head, "scope") or "web")
    lines = list(head)
    lines += _shown(talk, tuple(talk.messages))
    for line in given[len(head) :]:
        if line.startswith("> "):
            lines.append(line)
            before = len(talk.messages)
            _happen(talk, line.removeprefix("> "))
            lines += _shown(talk, tuple(talk.messages[before:]))
        elif line.startswith("#"):
            lines.append(line)
    return "\n".join(lines) + "\n"


@cache
def _offering(lang: str | None) -> Flow:
    """The shipped flow, in a region where this language is on offer."""
    flow = shipped_flow()
    if lang is None or lang in flow.region.languages:
        return flow
    region = msgspec.structs.replace(flow.region, languages=(*flow.region.languages, lang))
    return ready(flow.revision, flow.lexicon, flow.phrases, flow.spoken, region)


def _told(head: list[str], name: str) -> str | None:
    """What the head says after `# name: `."""
    start = f"# {name}: "
    return next((line.removeprefix(start) for line in head if line.startswith(start)), None)


def _head(given: list[str]) -> list[str]:
    found = []
    for line in given:
        if not line.startswith("#"):
            break
        found.append(line)
    return found


def _happen(talk: Conversation, what: str) -> None:
    if what.startswith("*"):
        talk.hear(HAPPENED[what.strip("*")])
    elif what.startswith("edit "):
        number, _, text = what.removeprefix("edit ").partition(": ")
        talk.hear(Edited(text=text, ref=number))
    elif what.startswith("[") and "," in what:
        talk.choose(*(part.strip() for part in what.strip("[]").split(",")))
    elif what.startswith("["):
        talk.press(what.strip("[]"))
    else:
        talk.say(what)


def _shown(talk: Conversation, messages: tuple[Message, ...]) -> list[str]:
    lines = []
    for message in messages:
        shown = [message.signed, *(f"- {it.label}: {it.value}" for it in message.lines)]
        lines += [f"  {line}" for text in shown for line in text.split("\n")]
        own = [_button(b.id, proposed=b.proposed) for b in message.buttons if b.id[0] != "/"]
        if own:
            lines.append(f"  [{' '.join(own)}]")
    return lines + _stored(talk)


def _button(name: str, *, proposed: bool) -> str:
    return f"{name}*" if proposed else name


def _stored(talk: Conversation) -> list[str]:
    """What the store will do, in words."""
    response = talk.response
    found = []
    if response.request is not None:
        request = response.request
        found.append(
            f"request {request.type}, {request.urgency.level}, queue {request.routing.queue}"
        )
    found += [f"to the team: {relay.text or '(attachment)'}" for relay in response.relays]
    found += [f"note to the team: {note.key}" for note in response.notes]
    found += [f"on the request: contact: {response.contacted}"] if response.contacted else []
    found += ["withdrawn"] if response.withdraw else []
    found += ["erasure is asked of the municipality"] if response.ask_erasure else []
    found += ["erased"] if response.erase else []
    found += ["a link to the web chat"] if response.offers_web else []
    found += ["download the attachment"] if response.fetches else []
    return [f"  = {line}" for line in found]
