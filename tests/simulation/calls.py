"""The Bot API as one process calls it: what `Sending` asks of its wire, and of the library's `Bot`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from telegram.error import BadRequest, Forbidden, NetworkError, TimedOut

from intakebot.channels.telegram.wire import FloodError
from tests.simulation.telegram import Shown

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.world import World

Keys = tuple[tuple[str, str], ...]


class Calls:
    """One process's way to Telegram."""

    base_url = "https://api"

    def __init__(self, world: World, process: Process) -> None:
        self._world = world
        self._process = process
        self.places: dict[int, str] = {}  # chat -> what the outbox sends there now

    async def ask(self, url: str, fields: Mapping[str, str]) -> object:
        """What `Wire.ask` gives: the answer to a method of the Bot API."""
        chat, markup = int(fields["chat_id"]), _keys(fields.get("reply_markup"))
        if url.endswith("/sendMessage"):
            return await self._send(chat, fields["text"], markup)
        assert url.endswith("/editMessageReplyMarkup")
        return await self._edit(chat, int(fields["message_id"]), markup)

    async def _send(self, chat: int, text: str, keys: Keys) -> object:
        await self._travel(chat)
        telegram, place = self._world.telegram, self.places[chat]
        shown = Shown(id=telegram.message_id(), text=text, keys=keys)
        telegram.accept(chat, place, shown, by=self._process.name)
        await self._return(place)
        return {"message_id": shown.id}

    async def _edit(self, chat: int, message: int, keys: Keys) -> object:
        await self._travel(chat)
        telegram, place = self._world.telegram, self.places[chat]
        found = [it for it in telegram.screen(chat).shown if it.id == message]
        if not found:
            raise BadRequest("Message to edit not found")
        telegram.note(place)
        if found[0].keys == keys:
            raise BadRequest("Message is not modified")
        was = found[0].token
        found[0].keys = keys
        if found[0].token != was:
            said = f"the buttons of another question came under {found[0].text!r}"
            self._world.unhandled.append(said)
        telegram.screen(chat).changed.set()
        await self._return(place)
        return {"message_id": message}

    async def get_file(self, source: str) -> _File:
        await asyncio.sleep(self._world.chance.uniform(0.01, 0.3))
        self._process.expect_alive()
        if self._world.faults.strike("lost file"):
            raise TimedOut
        return _File(self._world.telegram.files[source])

    async def _travel(self, chat: int) -> None:
        """To Telegram, and what may go wrong before anything is done there."""
        await asyncio.sleep(self._world.chance.uniform(0.01, 0.3))
        self._process.expect_alive()
        if self._world.telegram.screen(chat).blocked:
            raise Forbidden("bot was blocked by the user")
        if self._world.faults.strike("flood limit"):
            raise FloodError(self._world.chance.choice((1, 3, 20)))
        if self._world.faults.strike("server error"):
            raise NetworkError("Bad Gateway")

    async def _return(self, place: str) -> None:
        if self._world.faults.strike("lost answer"):
            self._world.telegram.lose_answer(place)
            await asyncio.sleep(self._world.chance.uniform(1, 20))
            raise TimedOut
        await asyncio.sleep(self._world.chance.uniform(0.01, 0.1))
        self._process.expect_alive()


@dataclass(frozen=True)
class _File:
    """As much of the library's `File`."""

    content: bytes

    @property
    def file_size(self) -> int:
        return len(self.content)

    async def download_as_bytearray(self) -> bytearray:
        return bytearray(self.content)


def _keys(markup: str | None) -> Keys:
    rows = json.loads(markup)["inline_keyboard"] if markup else []
    return tuple((key["text"], key["callback_data"]) for row in rows for key in row)
