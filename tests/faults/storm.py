"""A storm of updates that are almost right, into sixty chats of one database in memory.

Between them people answer as they should, so that the storm also meets conversations that are far
on. What the bot says is read now and then: each message must fit into Telegram.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import structlog

from intakebot.channels.telegram import keyboard
from intakebot.channels.telegram.arrivals import Arrivals, read_json
from intakebot.core.events import Incoming, Message
from intakebot.core.limits import MESSAGE_UNITS_MAX
from intakebot.intake import Intake
from intakebot.store import outgoing
from intakebot.store.sqlite import MEMORY, open_sqlite
from intakebot.store.work import Work
from tests.conversation import MONDAY
from tests.faults.mutator import mutated
from tests.intake.house import an_intake
from tests.store.raw import rows

CHATS, FIRST_CHAT = 60, 9_000
AT_ONCE = 32
# So many of a hundred updates are followed by one that is right.
RIGHT = 0.5
TEXTS = (
    "/start",
    "nl",
    "Ik heb schulden en mijn huur is achter",
    "7101 AB",
    "Ada",
    "ja",
    "klaar",
)
ANSWERS = (*TEXTS[2:], "0612345678", "2", "3-4-1980", "nee")

Json = dict[str, Any]


def corpus(chat: int, number: int) -> list[Json]:
    """One update of each kind."""
    private, person = {"id": chat, "type": "private"}, {"id": chat, "is_bot": False}
    message = {"message_id": number, "date": 1, "chat": private, "from": person}
    file = {"file_id": "f1", "file_unique_id": "u", "file_size": 900}
    return [
        *({"message": {**message, "text": text}} for text in TEXTS),
        {"edited_message": {**message, "text": "anders", "edit_date": 2}},
        {"message": {**message, "voice": {**file, "duration": 3}}},
        {"message": {**message, "photo": [file, file], "caption": "dit", "media_group_id": "9"}},
        {"message": {**message, "contact": {"phone_number": "+31612345678", "user_id": chat}}},
        {"message": {**message, "location": {"latitude": 52.0, "longitude": 6.7}}},
        {"message": {**message, "sticker": file}},
        {"callback_query": {"id": "1", "from": person, "message": message, "data": "abc:ja"}},
        {"callback_query": {"id": "1", "from": person, "message": message, "data": "abc:+geld"}},
        {
            "my_chat_member": {
                "chat": private,
                "from": person,
                "new_chat_member": {"status": "kicked"},
            }
        },
    ]


def bring_updates(seed: int, count: int) -> Counter[str]:
    """Bring so many mutated updates to a new database; what went wrong is in the keys."""
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    return asyncio.run(_bring(random.Random(seed), count))  # noqa: S311 - the same chance in every run


async def _bring(chance: random.Random, count: int) -> Counter[str]:
    database = await open_sqlite(MEMORY)
    try:
        storm = Storm(an_intake(database), chance)
        for first in range(0, count, AT_ONCE):
            updates = list(storm.updates(range(first, min(first + AT_ONCE, count))))
            await asyncio.gather(*map(storm.bring, updates))
            await storm.read()
        sent = await rows(database, "SELECT count(*) AS count FROM requests")
        storm.found["requests"] = sent[0]["count"]
    finally:
        await database.close()
    return storm.found


class Storm:
    """What comes, and what was found."""

    def __init__(self, intake: Intake, chance: random.Random) -> None:
        self.found: Counter[str] = Counter()
        self._intake = intake
        self._chance = chance
        self._arrivals = Arrivals(bot="7", now=lambda: MONDAY, confirm=lambda _update: None)
        self._on_screen: dict[str, list[str]] = {}  # what the keys of the last question send

    def updates(self, numbers: range) -> Iterator[Json]:
        """For each number a mutated update, and often one that is right."""
        for number in numbers:
            chat = FIRST_CHAT + self._chance.randrange(CHATS)
            kind = self._chance.choice([*corpus(chat, number), self._answer(chat, number)])
            self.found["brought"] += 1
            yield mutated(self._chance, {"update_id": 2 * number, **kind})
            if self._chance.random() < RIGHT:
                yield {"update_id": 2 * number + 1, **self._answer(chat, number)}

    def _answer(self, chat: int, number: int) -> Json:
        """What somebody does who understood the question: press one of its keys, or type."""
        private, person = {"id": chat, "type": "private"}, {"id": chat, "is_bot": False}
        message = {"message_id": number, "date": 1, "chat": private, "from": person}
        keys = self._on_screen.get(str(chat), [])
        if keys and self._chance.random() < 0.7:
            data = self._chance.choice(keys)
            return {"callback_query": {"id": "1", "from": person, "message": message, "data": data}}
        return {"message": {**message, "text": self._chance.choice(ANSWERS)}}

    async def bring(self, update: Json) -> None:
        """As Telegram does it, over the bytes of the update."""
        raw = json.dumps(update).encode("utf-8", "surrogatepass")
        decoded = self._arrivals.decoded(read_json(raw))
        if decoded is not None and not await self._arrivals.take(decoded, self._receive):
            self.found["unhandled: 503"] += 1

    async def _receive(self, incoming: Incoming) -> None:
        try:
            await self._intake.receive(incoming)
        except Exception as fault:
            self.found[f"unhandled {type(fault).__name__}: {fault}"] += 1
            raise
        self.found["taken in"] += 1

    async def read(self) -> None:
        """All that the bot says now."""
        now, vault = MONDAY + timedelta(days=30), self._intake.vault

        def work() -> Work[list[tuple[str, Message]]]:
            found = yield from outgoing.claim(
                vault, "telegram", "7", owner="me", now=now, lease_until=now, count=CHATS
            )
            for one in found:
                yield from outgoing.mark_sent(one, "1")
            return [(one.chat.address, one.message) for one in found]

        while said := await self._intake.database.run(work):
            for chat, message in said:
                self._look(chat, message)

    def _look(self, chat: str, message: Message) -> None:
        self.found["replies"] += 1
        pieces, keys = keyboard.texts(message), keyboard.rows(message)
        if not pieces or any(not 0 < keyboard.units(it) <= MESSAGE_UNITS_MAX for it in pieces):
            self.found["unhandled: does not fit into Telegram"] += 1
        if message.buttons and not all(keys):
            self.found["unhandled: an empty row of keys"] += 1
        if keys:
            # A few leave or throw away; most go on, so that conversations get far.
            data = [key.data for row in keys for key in row]
            self._on_screen[chat] = [it for it in data if ":/" not in it] * 5 + data
