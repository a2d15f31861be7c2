"""Someone with Telegram on the phone: says, presses, sees."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from tests.bot_api.world import PRESS_KEPT_S, Json, Shown, World

PATIENCE_S = 120.0  # machines are busy, and one that waits in vain is red all the same
# Which queue of the server an update stands in, as its source has it.
PRESSES, MEMBERSHIPS = 3 << 33, 5 << 33


class Person:
    """One person, one private chat with the bot."""

    def __init__(self, world: World, number: int, language: str) -> None:
        self.world = world
        self.id = number
        self.chat = world.chat(number)
        self._sender: Json = {
            "id": number,
            "is_bot": False,
            "first_name": "Test",
            "language_code": language,
        }
        self._presses = 0
        self._pressed: tuple[str, Shown] | None = None  # nothing was typed since

    @property
    def messages(self) -> list[Shown]:
        """What the bot said, oldest first."""
        return [shown for shown in self.chat.shown if shown.is_from_bot]

    @property
    def screen(self) -> str:
        """All that the bot said, as one text."""
        return "\n".join(shown.text for shown in self.messages)

    async def says(self, text: str, **more: object) -> int:
        """Type a message; gives its id."""
        return await self.sends(text=text, **more)

    async def sends(self, **content: object) -> int:
        """Send any message: `photo=[…]`, `contact={…}`; gives its id."""
        self.chat.begun = True
        self.chat.blocked = False
        self._pressed = None
        number = next(self.world.message_ids)
        text = str(content.get("text", content.get("caption", "")))
        self.chat.shown.append(Shown(id=number, text=text, rows=[], is_from_bot=False))
        self.world.enqueue("message", self._message(number, content), queue=self.id)
        return number

    async def sends_file(self, kind: str, content: bytes, **more: object) -> int:
        """Send a voice note, photo or document with these bytes."""
        name = f"file-{self.id}-{len(self.world.files)}"
        self.world.files[name] = content
        file = {"file_id": name, "file_unique_id": f"u{name}", "file_size": len(content)}
        size = {**file, "width": 800, "height": 600}
        return await self.sends(**{kind: [size] if kind == "photo" else file}, **more)

    async def edits(self, message: int, text: str) -> None:
        body = self._message(message, {"text": text, "edit_date": 1_700_000_100})
        self.world.enqueue("edited_message", body, queue=self.id)

    async def presses(self, label: str, *, on: Shown | None = None) -> None:
        """Press a button by its label (or the end of it), on the newest message that has it."""
        await self.sees_button(label)
        shown = on or next(s for s in reversed(self.messages) if _has(s, label))
        button = next(b for row in shown.rows for b in row if _is(b["text"], label))
        await self.presses_data(button["callback_data"], on=shown)

    async def presses_id(self, wanted: str, *, on: Shown) -> None:
        """Press the button under this message that means this, in whatever language it stands."""
        data = [b["callback_data"] for row in on.rows for b in row]
        await self.presses_data(next(d for d in data if d.partition(":")[2] == wanted), on=on)

    async def presses_data(self, data: str, *, on: Shown) -> None:
        """Press with any data at all: what a changed client could send."""
        self._presses += 1
        self._pressed = data, on
        press = f"press-{self.id}-{self._presses}"
        self.world.presses[press] = self.world.now()
        body = {
            "id": press,
            "from": self._sender,
            "chat_instance": "1",
            "message": on.json(self.chat.json(), self.world.bot),
            "data": data,
        }
        self.world.enqueue("callback_query", body, queue=self.id + PRESSES, kept_s=PRESS_KEPT_S)

    async def presses_again(self) -> bool:
        """Press the same button once more; False: something was typed after it."""
        if self._pressed is None:
            return False
        data, on = self._pressed
        await self.presses_data(data, on=on)
        return True

    async def sees(self, fragment: str, *, within_s: float = PATIENCE_S) -> Shown:
        """Wait until the bot has said something with this in it; gives the newest such message."""
        return await self.waits(lambda s: fragment in s.text, f"“{fragment}”", within_s)

    async def sees_button(self, label: str, *, within_s: float = PATIENCE_S) -> Shown:
        return await self.waits(lambda s: _has(s, label), f"button “{label}”", within_s)

    async def sees_count(self, count: int, *, within_s: float = PATIENCE_S) -> list[Shown]:
        """Wait until the bot has said so many messages."""
        await self.waits(lambda _: len(self.messages) >= count, f"{count} messages", within_s)
        return self.messages

    async def blocks(self) -> None:
        self.chat.blocked = True
        self._membership("kicked")

    async def unblocks(self) -> None:
        self.chat.blocked = False
        self._membership("member")

    async def waits(
        self, wanted: Callable[[Shown], bool], what: str, within_s: float = PATIENCE_S
    ) -> Shown:
        try:
            async with asyncio.timeout(within_s), self.world.shown:
                while True:
                    for shown in reversed(self.messages):
                        if wanted(shown):
                            return shown
                    await self.world.shown.wait()
        except TimeoutError:
            seen = json.dumps([[s.text, s.labels] for s in self.messages[-5:]], ensure_ascii=False)
            raise AssertionError(f"{what} was not seen. Last seen: {seen}") from None

    def _membership(self, status: str) -> None:
        body = {
            "chat": self.chat.json(),
            "from": self._sender,
            "date": 1_700_000_000,
            "old_chat_member": {"status": "member", "user": self.world.bot},
            "new_chat_member": {"status": status, "user": self.world.bot},
        }
        self.world.enqueue("my_chat_member", body, queue=self.id + MEMBERSHIPS)

    def _message(self, number: int, content: Json) -> Json:
        return {
            "message_id": number,
            "date": 1_700_000_000,
            "chat": self.chat.json(),
            "from": self._sender,
            **content,
        }


def _is(text: str, label: str) -> bool:
    return text == label or text.endswith(f" {label}")


def _has(shown: Shown, label: str) -> bool:
    return any(_is(text, label) for text in shown.labels)
