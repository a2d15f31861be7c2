"""An inhabitant with Telegram: answers what is on screen, and is now and then impatient or clumsy.

Beside what was done stands what the store must hold of it. The person acts on the newest question
that was not answered yet, and waits after each typed message until Telegram has brought it: what
is typed while another question is on its way may land under that one, which nobody can forbid.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from intakebot.core.flow import Kind
from tests.simulation.revisions import KINDS, MARK
from tests.simulation.telegram import Json, Shown, Update

if TYPE_CHECKING:
    from tests.simulation.world import World

Value = str | tuple[str, ...]
LANGUAGE = "taal"
# How long somebody looks at a screen on which nothing happens, before doing something.
PATIENCE_S = (70.0, 240.0)
STEPS_MAX = 60


@dataclass(kw_only=True)
class Deed:
    """What was done under one question, and what must be kept of it."""

    question: str
    revision: str
    value: Value | None = None
    message: int = 0  # the typed message, to correct it
    updates: list[Update] = field(default_factory=list)

    @property
    def is_acknowledged(self) -> bool:
        """Whether one of its updates was taken: then it must be there."""
        return any(update.acknowledged for update in self.updates)


class Inhabitant:
    """One person in one chat, from /start until the request was sent."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.chat = 9_000 + number
        self.deeds: dict[str, Deed] = {}  # by the token of the question
        self.story: list[str] = []
        self.added: list[tuple[str, Update]] = []  # said after the request was sent
        self.reference: str | None = None
        self.was_blocked = False
        self._words = 0

    async def live(self) -> None:
        """The whole conversation."""
        await asyncio.sleep(self.world.chance.uniform(0, 60))
        self._type("/start")
        for _ in range(STEPS_MAX):
            shown = await self._next()
            if shown is None:
                break
            await asyncio.sleep(self.world.chance.uniform(0.3, 4))
            await self._mischief()
            await self._answer(shown)
        await asyncio.sleep(self.world.chance.uniform(1, 20))
        if self.reference is not None and self.world.chance.random() < 0.5:
            text = self._own_words("Nog iets")
            _, update = self._type(text)
            self.added.append((text, update))
            await self._brought(update)

    # ---- what is seen ---------------------------------------------------------------------------

    @property
    def shown(self) -> list[Shown]:
        return self.world.telegram.screen(self.chat).shown

    def _open(self) -> Shown | None:
        """The newest question that was not answered yet."""
        fresh = (it for it in reversed(self.shown) if it.token and it.token not in self.deeds)
        return next((it for it in fresh if MARK.search(it.text) or _has(it, "nl")), None)

    def _is_past(self) -> bool:
        """Whether something follows on what was done."""
        sent = next((it.text for it in self.shown if "IB-" in it.text), None)
        if sent is not None:
            self.reference = sent[sent.index("IB-") :][:12]
        return sent is not None or self._open() is not None

    async def _next(self) -> Shown | None:
        """The next question on screen; None: the request was sent."""
        while not self._is_past():
            if not await self._look():
                self._type("/start")  # is anybody there?
        return None if self.reference else self._open()

    async def _look(self) -> bool:
        """Wait until something changes on the screen; False: patience ran out."""
        changed = self.world.telegram.screen(self.chat).changed
        changed.clear()
        try:
            async with asyncio.timeout(self.world.chance.uniform(*PATIENCE_S)):
                await changed.wait()
        except TimeoutError:
            return False
        return True

    # ---- what is done ---------------------------------------------------------------------------

    async def _answer(self, shown: Shown) -> None:
        found = MARK.search(shown.text)
        key, revision = found.groups() if found else (LANGUAGE, "")
        deed = Deed(question=key, revision=revision)
        assert shown.token is not None
        self.deeds[shown.token] = deed
        match KINDS.get(key):
            case None:
                await self._press(deed, shown, "nl")
            case Kind.STORY:
                await self._tell(deed, shown)
            case Kind.CHOICE:
                await self._press(deed, shown, self._any(deed))
            case Kind.YES_NO:
                await self._press(deed, shown, self.world.chance.choice(("ja", "nee")))
            case Kind.READ_BACK:
                await self._press(deed, shown, "ja")
            case Kind.CHOICES:
                await self._tick(deed, shown)
            case kind:
                await self._write(deed, kind)

    async def _press(self, deed: Deed, shown: Shown, wanted: str) -> None:
        """Press, and once more when nothing follows."""
        deed.value = wanted if deed.value is None else deed.value
        self._tap(deed, shown, f"{shown.token}:{wanted}")
        if self.world.faults.strike("double tap"):
            self._tap(deed, shown, f"{shown.token}:{wanted}")
        while not self._is_past():
            if not await self._look() and not self._is_past():
                self._tap(deed, shown, f"{shown.token}:{wanted}")

    async def _tick(self, deed: Deed, shown: Shown) -> None:
        """Tick until the screen shows what is wanted, then agree."""
        wanted = {f"{one}_{deed.revision}" for one in ("een", "twee") if self._likes()}
        deed.value = tuple(sorted(wanted))
        for one in sorted(wanted):
            while (key := _tick_of(self._latest(shown), one)) is not None:
                self._tap(deed, self._latest(shown), key)
                await self._look()
        await self._press(deed, self._latest(shown), "klopt")

    async def _tell(self, deed: Deed, shown: Shown) -> None:
        """A story in a few messages."""
        for _ in range(self.world.chance.randint(1, 3)):
            text = self._own_words("Mijn verhaal")
            self.story.append(text)
            message, update = self._type(text)
            await self._brought(update)
            if self.world.faults.strike("correction"):
                text = self._own_words("Mijn verhaal is anders")
                self.story[-1] = text
                await self._brought(self._edit(message, text))
        await self._press(deed, shown, "klaar")

    async def _write(self, deed: Deed, kind: Kind) -> None:
        text, deed.value = self._typed(kind)
        deed.message, update = self._type(text)
        deed.updates.append(update)
        await self._brought(update)

    async def _mischief(self) -> None:
        """An old button, a correction, or a day without the bot."""
        old = [it for it in self.shown if it.token in self.deeds and it.keys]
        if old and self.world.faults.strike("old button"):
            shown = self.world.chance.choice(old)
            _, data = self.world.chance.choice(
                [key for key in shown.keys if ":/" not in key[1]] or [shown.keys[0]]
            )
            if ":/" not in data:
                self._tap(None, shown, data)
        typed = [deed for deed in self.deeds.values() if deed.message]
        if typed and self.world.faults.strike("correction"):
            deed = self.world.chance.choice(typed)
            text, deed.value = self._typed(KINDS[deed.question])
            await self._brought(self._edit(deed.message, text))
        if self.world.faults.strike("block"):
            await self._block()

    async def _block(self) -> None:
        screen = self.world.telegram.screen(self.chat)
        screen.blocked = self.was_blocked = True
        self._membership("kicked")
        await asyncio.sleep(self.world.chance.uniform(1, 120))
        screen.blocked = False
        self._membership("member")
        self._type("/start")

    async def _brought(self, update: Update) -> None:
        await update.taken.wait()

    # ---- updates --------------------------------------------------------------------------------

    def _type(self, text: str) -> tuple[int, Update]:
        number = self.world.telegram.message_id()
        body = {**self._message(number), "text": text}
        return number, self.world.telegram.enqueue(self.chat, "message", body, f"types {text!r}")

    def _edit(self, message: int, text: str) -> Update:
        body = {**self._message(message), "text": text, "edit_date": 2}
        says = f"changes message {message} into {text!r}"
        return self.world.telegram.enqueue(self.chat, "edited_message", body, says)

    def _tap(self, deed: Deed | None, shown: Shown, data: str) -> None:
        body = {
            "id": f"press{self.world.telegram.message_id()}",
            "from": self._sender(),
            "message": self._message(shown.id),
            "data": data,
        }
        about = MARK.search(shown.text)
        says = f"presses {data.partition(':')[2]} under {about[0] if about else 'languages'}"
        update = self.world.telegram.enqueue(self.chat, "callback_query", body, says)
        if deed is not None:
            deed.updates.append(update)

    def _membership(self, status: str) -> None:
        body = {**self._message(0), "new_chat_member": {"status": status}}
        self.world.telegram.enqueue(self.chat, "my_chat_member", body, f"becomes {status}")

    def _message(self, number: int) -> Json:
        chat = {"id": self.chat, "type": "private"}
        return {"message_id": number, "date": 1, "chat": chat, "from": self._sender()}

    def _sender(self) -> Json:
        return {"id": self.chat, "is_bot": False, "first_name": "Test", "language_code": "nl"}

    # ---- small things ---------------------------------------------------------------------------

    def _latest(self, shown: Shown) -> Shown:
        """The newest copy of this question."""
        return next(it for it in reversed(self.shown) if it.token == shown.token)

    def _any(self, deed: Deed) -> str:
        return f"{self.world.chance.choice(('een', 'twee', 'drie'))}_{deed.revision}"

    def _likes(self) -> bool:
        return self.world.chance.random() < 0.5

    def _own_words(self, text: str) -> str:
        self._words += 1
        return f"{text} nummer {self._words} van {self.chat}"

    def _typed(self, kind: Kind | None) -> tuple[str, Value]:
        """Something to type for this kind of question, and what is kept of it."""
        self._words += 1
        number = f"{self.chat % 1_000:03}{self._words:05}"
        match kind:
            case Kind.NUMBER:
                return str(int(number)), str(int(number))
            case Kind.PHONE:
                return f"0612{number[2:]}", f"+31612{number[2:]}"
            case Kind.POSTCODE:
                code = self.world.chance.choice(("7101", "7102", "7103"))
                return code, code
            case Kind.NAME:
                name = "Ada" + "".join(chr(ord("a") + int(digit)) for digit in number)
                return name, name
            case _:
                return f"woord{number}", f"woord{number}"


def _has(shown: Shown, button: str) -> bool:
    return any(data.partition(":")[2] == button for _, data in shown.keys)


def _tick_of(shown: Shown, wanted: str) -> str | None:
    """What to press so that this is ticked; None: it is."""
    data = [data for _, data in shown.keys if data.endswith(f":+{wanted}")]
    return data[0] if data else None
