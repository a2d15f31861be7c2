"""Messages out: one delivery becomes calls to the Bot API, and what came of them an outcome."""

from __future__ import annotations

from typing import Literal

import msgspec
from telegram import Bot
from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError

from intakebot.channels.telegram import keyboard
from intakebot.channels.telegram.wire import FloodError, Wire
from intakebot.core.events import Message
from intakebot.core.limits import ATTACHMENT_BYTES_MAX
from intakebot.core.talking.delivery import (
    Busy,
    Delivered,
    Delivery,
    Fetched,
    FetchOutcome,
    Lost,
    Outcome,
    Refused,
    TooBig,
    Unreachable,
    Unsure,
    Withheld,
)

Scope = Literal["full", "short", "front-door"]

# A flood limit longer than this is not about one chat.
FLOOD_OF_CHAT_S_MAX = 5
# What is wrong with the token is wrong for everyone, and is repaired by people.
TOKEN_REFUSED_S = 60


class Sending:
    """What one bot says, and fetches."""

    def __init__(self, api: Bot, wire: Wire, *, scope: Scope) -> None:
        self._api = api
        self._wire = wire
        self._scope = scope
        self._begun: dict[str, int] = {}  # pieces already sent of a message that is under way

    async def call(self, method: str, **fields: str | None) -> object:
        """What the Bot API answers to this method; raises `TelegramError`.

        Past the objects of the library: to build one for each message and to read one from each
        answer took two thirds of a call (tests/bench).
        """
        told = {name: value for name, value in fields.items() if value is not None}
        return await self._wire.ask(f"{self._api.base_url}/{method}", told)

    async def send(self, delivery: Delivery) -> Outcome:
        """Send one message, or change the buttons of one. What went wrong is in the outcome."""
        if delivery.message.private and self._scope != "full":
            return Withheld()
        try:
            if delivery.message.amends and not delivery.plain:
                return await self._amend(delivery)
            return await self._say(delivery)
        except TelegramError as error:
            return _outcome(error)

    async def _say(self, delivery: Delivery) -> Outcome:
        """All pieces in order, the keyboard under the last. Pieces sent before stay sent."""
        message = delivery.message
        pieces = keyboard.plain_texts(message) if delivery.plain else keyboard.texts(message)
        if not pieces:
            return Refused()
        ref: int | None = None
        for nth in range(min(self._begun.get(delivery.id, 0), len(pieces) - 1), len(pieces)):
            is_last = nth == len(pieces) - 1
            # Not `protect_content`: a message about who will call must be possible to keep and to
            # show to a friend; forbidding it would not stop a screenshot.
            sent = await self.call(
                "sendMessage",
                chat_id=delivery.chat,
                text=pieces[nth],
                link_preview_options='{"is_disabled":true}',
                reply_markup=_markup(message) if is_last and not delivery.plain else None,
            )
            ref = sent["message_id"] if isinstance(sent, dict) else None
            self._begun[delivery.id] = nth + 1
        self._begun.pop(delivery.id, None)
        return Delivered(ref=str(ref))

    async def _amend(self, delivery: Delivery) -> Outcome:
        """The keyboard that stands there, as it is now; where that cannot be, the message anew."""
        under = delivery.message.under
        if under is None:
            return await self._say(delivery)
        try:
            await self.call(
                "editMessageReplyMarkup",
                chat_id=delivery.chat,
                message_id=under,
                reply_markup=_markup(delivery.message),
            )
        except BadRequest as error:
            if "not modified" not in error.message.casefold():
                return await self._say(delivery)
        return Delivered(ref=under)

    async def fetch(self, source: str) -> FetchOutcome:
        """The bytes of one attachment. Held in memory: they are encrypted before any disk."""
        try:
            file = await self._api.get_file(source)
            if file.file_size is None or file.file_size > ATTACHMENT_BYTES_MAX:
                return TooBig()
            content = bytes(await file.download_as_bytearray())
        except BadRequest as error:
            too_big = "too big" in error.message.casefold()
            return TooBig() if too_big else Lost()
        except FloodError as error:
            return Busy(seconds=error.seconds, everyone=True)
        except TelegramError:
            return Unsure()
        if len(content) > ATTACHMENT_BYTES_MAX:
            return TooBig()
        return Fetched(content=content)


def _markup(message: Message) -> str | None:
    """The keys under a message, as JSON (core.telegram.org/bots/api#inlinekeyboardmarkup)."""
    keys = keyboard.rows(message)
    if not keys:
        return None
    rows = [[{"text": key.label, "callback_data": key.data} for key in row] for row in keys]
    return msgspec.json.encode({"inline_keyboard": rows}).decode()


def _outcome(error: TelegramError) -> Outcome:
    """What an error means for the message; to the library a BadRequest is a NetworkError too."""
    match error:
        case FloodError():
            everyone = error.seconds > FLOOD_OF_CHAT_S_MAX
            return Busy(seconds=error.seconds, everyone=everyone)
        case Forbidden():
            return Unreachable()
        case BadRequest() if "chat not found" in error.message.casefold():
            return Unreachable()
        case BadRequest():
            return Refused()
        case InvalidToken():
            return Busy(seconds=TOKEN_REFUSED_S, everyone=True)
        case _:
            return Unsure()
