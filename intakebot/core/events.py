"""What goes in and what comes out: events in the past tense, effects in the imperative.

`Incoming` is the only thing channels hand to `intake.receive`; `Message` is the only thing they
get back. Both are plain values.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from intakebot.core.session import Attachment, ContactCard, Tongue, Value

# ---- events -----------------------------------------------------------------------------------


class Began(Value, frozen=True, tag="began"):
    """The chat was opened: /start, the first page, the first line of a terminal."""

    hint: str | None = None  # language the device speaks, only to order the picker


class Said(Value, frozen=True, tag="said"):
    """A typed message."""

    text: str
    ref: str | None = None
    forwarded: bool = False


class Pressed(Value, frozen=True, tag="pressed"):
    """A button, with the token of the question that it stood under (None: trusted, terminal)."""

    id: str
    prompt: str | None = None
    under: str | None = None  # the channel's id of the message that it stood under


class Chose(Value, frozen=True, tag="chose"):
    """All ticks of a choices question at once (web form, terminal)."""

    ids: tuple[str, ...]
    prompt: str | None = None


class Marked(Value, frozen=True, tag="marked"):
    """One tick put on or off under a choices question (Telegram); carries the wanted state."""

    id: str
    on: bool
    prompt: str | None = None
    under: str | None = None  # as with `Pressed`


class Late(Value, frozen=True, tag="late"):
    """A button of another question than the one on screen: late, doubled, foreign or forged."""


class Edited(Value, frozen=True, tag="edited"):
    """An earlier message was changed by its writer."""

    text: str
    ref: str


class Sent(Value, frozen=True, tag="sent"):
    """A voice note, photo or document; `caption` is what was typed with it."""

    attachment: Attachment
    caption: str | None = None
    ref: str | None = None


class SharedPhone(Value, frozen=True, tag="shared_phone"):
    """A contact card; only the sender's own number counts."""

    number: str
    own: bool
    ref: str | None = None


class SharedPlace(Value, frozen=True, tag="shared_place"):
    """A location; not used, coordinates are more than we need. Gets a kind sentence."""


class Unreadable(Value, frozen=True, tag="unreadable"):
    """A kind of message that we cannot use, such as a sticker, a poll or a game."""

    kind: str


class Blocked(Value, frozen=True, tag="blocked"):
    """The person blocked the bot, or came back (`on` False)."""

    on: bool = True


class Reminded(Value, frozen=True, tag="reminded"):
    """Day 3 of an unfinished story."""


class Expired(Value, frozen=True, tag="expired"):
    """Day 14 of an unfinished story."""


class PromisePassed(Value, frozen=True, tag="promise_passed"):
    """The day of the promised first contact is over."""


class Taken(Value, frozen=True, tag="taken"):
    """A member became the contact person."""

    contact: ContactCard


class Wrote(Value, frozen=True, tag="wrote"):
    """The contact person wrote to the inhabitant."""

    text: str


class GaveBack(Value, frozen=True, tag="gave_back"):
    """The contact person left, or left the team: the request is in its queue again."""


class ClosedByTeam(Value, frozen=True, tag="closed_by_team"):
    """The team closed the request."""


Event = (
    Began
    | Said
    | Pressed
    | Chose
    | Marked
    | Late
    | Edited
    | Sent
    | SharedPhone
    | SharedPlace
    | Unreadable
    | Blocked
    | Reminded
    | Expired
    | PromisePassed
    | Taken
    | Wrote
    | GaveBack
    | ClosedByTeam
)


class Incoming(Value, frozen=True):
    """One update of one channel, decoded. `chat` is the channel's plain address of the person."""

    channel: Literal["telegram", "web", "terminal"]
    bot: str  # telegram: the bot's id; else "-"
    chat: str
    update: str  # the channel's id of this update; unique per (channel, bot)
    at: datetime  # aware
    event: Event


# ---- effects ----------------------------------------------------------------------------------


class Tell(Value, frozen=True, tag="tell"):
    """Say a standard sentence `tell.<key>` with these values in its named places."""

    key: str
    values: dict[str, str] = {}
    unasked: bool = False  # not a reply: held for safe times


class Ask(Value, frozen=True, tag="ask"):
    """Put the open question, or the aside, on screen."""

    question: str
    unasked: bool = False  # not a reply: held for safe times


class Amend(Value, frozen=True, tag="amend"):
    """Show the buttons of the question on screen as they are now: ticks, or all moves."""

    question: str
    moves: bool = False  # "Meer" was pressed: all moves in sight


class ShowCard(Value, frozen=True, tag="show_card"):
    """Show the crisis card of these categories."""

    categories: tuple[str, ...]


class Relay(Value, frozen=True, tag="relay"):
    """Bring this message of the inhabitant to the contact person or the team."""

    text: str
    attachment: str | None = None


class PassOn(Value, frozen=True, tag="pass_on"):
    """Say to the inhabitant what the contact person wrote."""

    text: str


class Submit(Value, frozen=True, tag="submit"):
    """Build, route and store the request, and confirm it."""


class Withdraw(Value, frozen=True, tag="withdraw"):
    """Close the request with a note to the team."""


class AskErasure(Value, frozen=True, tag="ask_erasure"):
    """A sent request: the municipality must answer within a month (AVG 12 lid 3, 17)."""


class Erase(Value, frozen=True, tag="erase"):
    """Erase all that was said, rows and key."""


class StartAgain(Value, frozen=True, tag="start_again"):
    """Open a new, empty session in this chat, in the same language."""


class HandOver(Value, frozen=True, tag="hand_over"):
    """Another municipality: say its name and number, keep nothing."""

    gm: str


class Fetch(Value, frozen=True, tag="fetch"):
    """Download and encrypt this attachment."""

    attachment: Attachment


class NoteForTeam(Value, frozen=True, tag="note_for_team"):
    """Tell the team something about a sent request: `unreachable`, `reachable`, `call_me`."""

    key: str
    text: str = ""


class MarkContact(Value, frozen=True, tag="mark_contact"):
    """Write on the request what the person said about first contact."""

    contacted: Literal["ja", "nee", "nog_niet"]


class OfferWeb(Value, frozen=True, tag="offer_web"):
    """Telegram scopes `short` and `front-door`: a one-time link to the web chat."""


Effect = (
    Tell
    | Ask
    | Amend
    | ShowCard
    | Relay
    | PassOn
    | Submit
    | Withdraw
    | AskErasure
    | Erase
    | HandOver
    | StartAgain
    | Fetch
    | NoteForTeam
    | MarkContact
    | OfferWeb
)


# ---- messages ---------------------------------------------------------------------------------


class Expects(StrEnum):
    """What the message on screen waits for; the words of the `talk --json` contract."""

    CHOICE = "choice"
    CHOICES = "choices"
    TEXT = "text"
    POSTCODE = "postcode"
    PHONE = "phone"
    NUMBER = "number"
    DATE = "date"
    CONFIRM = "confirm"
    NONE = "none"


class Button(Value, frozen=True):
    """A button. Ids of moves begin with `/` and come last."""

    id: str
    label: str
    proposed: bool = False  # already ticked
    note: str | None = None  # shown under it: the own words that it was heard in
    lang: str | None = None  # when the label is in another language than the message (picker)
    quiet: bool = False  # behind "Meer": by word always, by button only there


class Line(Value, frozen=True):
    """One line of the read-back."""

    question: str
    label: str
    value: str


class Sender(Value, frozen=True):
    """The member who wrote a message; for a channel without headers `line` says so: "Van Els:"."""

    name: str
    line: str


class Message(Value, frozen=True):
    """One message to the inhabitant, in final words."""

    text: str
    tongue: Tongue
    sender: Sender | None = None  # None: the bot, or a member without a name
    buttons: tuple[Button, ...] = ()
    expects: Expects = Expects.NONE
    question: str | None = None
    prompt: str | None = None  # token that its buttons carry
    lines: tuple[Line, ...] = ()
    kind: Literal["bot", "card", "member", "link", "request"] = "bot"
    private: bool = False  # scope `short`: not in Telegram
    unasked: bool = False  # held for safe times
    amends: bool = False  # replaces the buttons of a message; said anew where that cannot be
    under: str | None = None  # the channel's id of that message

    @property
    def signed(self) -> str:
        """The text under the line that says who wrote it, for channels without a header."""
        return self.text if self.sender is None else f"{self.sender.line}\n{self.text}"
