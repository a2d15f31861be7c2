"""A message on its way out through a channel, and what came of it; an attachment on its way in.

The seam between the outbox and the channels: plain values, known to both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from intakebot.core.events import Message


class Way(NamedTuple):
    """A bot of a channel."""

    channel: Literal["telegram", "web", "terminal"]
    bot: str


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One message on its way to one chat."""

    id: str  # the same for every attempt
    chat: str  # the channel's plain address
    message: Message
    plain: bool = False  # refused once: without buttons, the labels as text


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """Accepted; `ref` is the channel's id of what stands on screen now."""

    ref: str


@dataclass(frozen=True)
class Withheld:
    """Not for this channel: the web chat shows it, after a link."""


@dataclass(frozen=True, kw_only=True)
class Busy:
    """Nothing was sent; not before so many seconds. `everyone`: nor to any other chat."""

    seconds: float
    everyone: bool = False


@dataclass(frozen=True)
class Unreachable:
    """The person blocked the bot, or is gone."""


@dataclass(frozen=True)
class Refused:
    """The channel will never accept this message as it is."""


@dataclass(frozen=True)
class Unsure:
    """No answer, or a fault over there: it may or may not have arrived."""


Outcome = Delivered | Withheld | Busy | Unreachable | Refused | Unsure


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """The bytes of an attachment, at most `limits.ATTACHMENT_BYTES_MAX`."""

    content: bytes


@dataclass(frozen=True)
class TooBig:
    """The attachment is larger than we take."""


@dataclass(frozen=True)
class Lost:
    """The channel does not have the attachment any more."""


FetchOutcome = Fetched | TooBig | Lost | Busy | Unsure
