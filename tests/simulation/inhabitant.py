"""An inhabitant with Telegram: answers what is on screen, and is now and then impatient or clumsy.

Beside what was done stands what the store must hold of it. The person acts on the newest question
that was not answered yet, and waits after each typed message until Telegram has brought it: what
is typed while another question is on its way may land under that one, which nobody can forbid.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from intakebot.core.flow import Kind
from intakebot.store.work import Chat
from tests.simulation.person import Person
from tests.simulation.revisions import KINDS, MARK
from tests.simulation.telegram import BOT, Json, Shown, Update
from tests.simulation.told import LANGUAGE, Deed
from tests.simulation.visitor import Visitor

if TYPE_CHECKING:
    from tests.simulation.world import World

# How long somebody looks at a screen on which nothing happens, before doing something.
PATIENCE_S = (70.0, 240.0)
STEPS_MAX = 60
CLOSED = "hulpvraag afgesloten"
LINK = re.compile(r"https://chat\.example(/w/\w+)")

# In the question that follows. Another may come late, or once more, and is not what is answered.
ASKED_FOR = {"/withdraw": "intrekken", "/erase": "wist"}


class Inhabitant(Person):
    """One person in one chat, from /start until the request was sent."""

    def __init__(self, world: World, number: int) -> None:
        super().__init__(world, number)
        self.chat = 9_000 + number
        self.browser: Visitor | None = None  # where it goes on, when Telegram holds no more
        self._from = 0  # what was on screen before belongs to what was thrown away
        self._thrown: set[str | None] = set()  # questions of that, which may come once more
        self._links: set[str] = set()

    @property
    def chats(self) -> tuple[Chat, ...]:
        ours = self.world.vault.chat("telegram", BOT, str(self.chat))
        return (ours, *(self.browser.chats if self.browser else ()))

    async def live(self) -> None:
        await self.rest(0, 60)
        self._type("/start")
        for _ in range(STEPS_MAX):
            shown = await self._next()
            if shown is None:
                break
            await self.rest(0.3, 4)
            if self.may_throw_away() and self.world.faults.strike("throws away"):
                await self._throw_away()
                continue
            await self._mischief()
            if LINK.search(shown.text) and not shown.keys:
                if await self._go_on_in_browser(shown):
                    return
                self._type("/start")  # for a link that works
                continue
            await self._answer(shown)
        await self.rest(1, 20)
        if self.told.reference is not None:
            await self._afterwards()

    # ---- what is seen ---------------------------------------------------------------------------

    @property
    def shown(self) -> list[Shown]:
        return self.world.telegram.screen(self.chat).shown[self._from :]

    def _open(self) -> Shown | None:
        """The newest question that was not answered yet, or the link to where it is asked."""
        for it in reversed(self.shown):
            if LINK.search(it.text) and not it.keys and it.text not in self._links:
                return it
            is_new = it.token is not None and it.token not in (*self.told.deeds, *self._thrown)
            if is_new and (MARK.search(it.text) or _has(it, "nl")):
                return it
        return None

    def _is_past(self) -> bool:
        """Whether something follows on what was done."""
        sent = next((it.text for it in self.shown if "IB-" in it.text), None)
        if sent is not None:
            self.told.reference = sent[sent.index("IB-") :][:12]
        elif self.world.dropped and any(CLOSED in it.text for it in self.shown):
            # The operator dropped what names the request; that it ended is a sign that it was sent.
            self.told.reference = self.world.reference_of(self.chats[0])
        return self.told.reference is not None or self._open() is not None

    async def _next(self) -> Shown | None:
        """The next question on screen; None: the request was sent."""
        while not self._is_past():
            if not await self._look():
                self._type("/start")  # is anybody there?
        return None if self.told.reference else self._open()

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
        self.told.deeds[shown.token] = deed
        match KINDS.get(key):
            case None:
                await self._press(deed, shown, "nl")
            case Kind.STORY:
                await self._tell(deed, shown)
            case (Kind.CHOICE | Kind.YES_NO) as kind:
                await self._press(deed, shown, self.picked(deed, kind))
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
        deed.value = self.liked(deed)
        for one in deed.value:
            while not self._is_past() and (key := _tick_of(self._latest(shown), one)) is not None:
                self._tap(deed, self._latest(shown), key)
                await self._look()
        await self._press(deed, self._latest(shown), "klopt")

    async def _tell(self, deed: Deed, shown: Shown) -> None:
        """A story in a few messages, maybe with photos."""
        for _ in range(self.world.chance.randint(1, 3)):
            text = self.own_words("Mijn verhaal")
            message, update = self._type(text)
            self.told.story.append((text, update))
            await update.came()
            if self.world.faults.strike("correction"):
                text = self.own_words("Mijn verhaal is anders")
                changed = self._edit(message, text)
                self.told.story[-1] = (text, changed)
                await changed.came()
        if self.world.faults.strike("photos"):
            await self._show_photos()
        await self._press(deed, shown, "klaar")

    async def _show_photos(self) -> None:
        """An album: one message for each photo, at once."""
        count = self.world.chance.randint(1, 3)
        for nth in range(count):
            source, content = f"{self.chat}-{nth}", self.world.chance.randbytes(50)
            self.world.telegram.files[source] = content
            photo = [{"file_id": source, "file_size": len(content)}]
            body = {**self._message(self.world.telegram.message_id()), "photo": photo}
            if count > 1:
                body["media_group_id"] = f"album{self.chat}"
            update = self.world.telegram.enqueue(self.chat, "message", body, "sends a photo")
            self.told.photos.append((content, update))
        for _, photo_update in self.told.photos:
            await photo_update.came()

    async def _write(self, deed: Deed, kind: Kind) -> None:
        text, deed.value = self.typed(kind)
        deed.message, update = self._type(text)
        deed.posts.append(update)
        await update.came()

    async def _mischief(self) -> None:
        """An old button, a correction, or a day without the bot."""
        old = [it for it in self.shown if it.token in self.told.deeds and it.keys]
        if old and self.world.faults.strike("old button"):
            shown = self.world.chance.choice(old)
            _, data = self.world.chance.choice(
                [key for key in shown.keys if ":/" not in key[1]] or [shown.keys[0]]
            )
            if _has(shown, "nl"):  # after an erasure it begins anew, in words that we can read
                data = f"{shown.token}:nl"
            if ":/" not in data:
                self._tap(None, shown, data)
        typed = [deed for deed in self.told.deeds.values() if deed.message]
        if typed and self.world.faults.strike("correction"):
            deed = self.world.chance.choice(typed)
            text, deed.value = self.typed(KINDS[deed.question])
            await self._edit(deed.message, text).came()
        if self.world.faults.strike("block"):
            await self._block()

    async def _block(self) -> None:
        screen = self.world.telegram.screen(self.chat)
        screen.blocked = self.was_blocked = True
        self._membership("kicked")
        await self.rest(1, 120)
        screen.blocked = False
        self._membership("member")
        self._type("/start")

    async def _throw_away(self) -> None:
        """Everything, at once; then from the beginning."""
        said = [post for _, post in self.told.story if isinstance(post, Update)]
        self._thrown |= {it.token for it in self.shown}
        _, update = self._type("/erase")
        await update.came()
        for before in said:
            self.world.telegram.may_copy(before)
        self._from = len(self.world.telegram.screen(self.chat).shown)
        self.begin_anew()
        await self.rest(0, 30)
        self._type("/start")

    async def _go_on_in_browser(self, shown: Shown) -> bool:
        """The rest is behind the link; False: the link is old."""
        found = LINK.search(shown.text)
        assert found is not None
        self._links.add(shown.text)
        self.browser = Visitor(self.world, self.number, whose=self)
        return await self.browser.go_on(found[1])

    async def _afterwards(self) -> None:
        """One more thing, a change of mind, or away."""
        if self.world.chance.random() < 0.5:
            text = self.own_words("Nog iets")
            message, update = self._type(text)
            self.told.added.append((text, update))
            await update.came()
            if self.world.faults.strike("correction"):
                text = self.own_words("Nog iets anders")
                self.told.added.append((text, self._edit(message, text)))
                await self.told.added[-1][1].came()
        if self.world.faults.strike("withdraws"):
            self.told.withdrawn += await self._agree("/withdraw")
        if self.world.faults.strike("asks erasure"):
            self.told.erasure += await self._agree("/erase")
        if self.world.faults.strike("leaves for good"):
            await self.rest(0, 60)
            self.world.telegram.screen(self.chat).blocked = self.was_blocked = self.has_left = True
            self._membership("kicked")

    async def _agree(self, move: str) -> list[Update]:
        """Say the move, and yes to the question that follows; the presses."""
        before = len(self.shown)
        _, update = self._type(move)
        await update.came()
        asked = None
        for _ in range(3):
            new = (it for it in self.shown[before:] if ASKED_FOR[move] in it.text)
            asked = next((it for it in new if _has(it, "ja")), None)
            if asked is not None or not await self._look():
                break
        if asked is None:
            return []
        await self.rest(0.3, 10)
        return [self._tap(None, asked, f"{asked.token}:ja")]

    # ---- updates --------------------------------------------------------------------------------

    def _type(self, text: str) -> tuple[int, Update]:
        number = self.world.telegram.message_id()
        body = {**self._message(number), "text": text}
        return number, self.world.telegram.enqueue(self.chat, "message", body, f"types {text!r}")

    def _edit(self, message: int, text: str) -> Update:
        body = {**self._message(message), "text": text, "edit_date": 2}
        says = f"changes message {message} into {text!r}"
        return self.world.telegram.enqueue(self.chat, "edited_message", body, says)

    def _tap(self, deed: Deed | None, shown: Shown, data: str) -> Update:
        body = {
            "id": f"press{self.world.telegram.message_id()}",
            "from": self._sender(),
            "message": self._message(shown.id),
            "data": data,
        }
        about = MARK.search(shown.text)
        says = f"presses {data.partition(':')[2]} under {about[0] if about else 'something else'}"
        update = self.world.telegram.enqueue(self.chat, "callback_query", body, says)
        if deed is not None:
            deed.posts.append(update)
        return update

    def _membership(self, status: str) -> None:
        body = {**self._message(0), "new_chat_member": {"status": status}}
        self.world.telegram.enqueue(self.chat, "my_chat_member", body, f"becomes {status}")

    def _message(self, number: int) -> Json:
        chat = {"id": self.chat, "type": "private"}
        return {"message_id": number, "date": 1, "chat": chat, "from": self._sender()}

    def _sender(self) -> Json:
        return {"id": self.chat, "is_bot": False, "first_name": "Test", "language_code": "nl"}

    def _latest(self, shown: Shown) -> Shown:
        """The newest copy of this question."""
        return next(it for it in reversed(self.shown) if it.token == shown.token)


def _has(shown: Shown, button: str) -> bool:
    return any(data.partition(":")[2] == button for _, data in shown.keys)


def _tick_of(shown: Shown, wanted: str) -> str | None:
    """What to press so that this is ticked; None: it is."""
    data = [data for _, data in shown.keys if data.endswith(f":+{wanted}")]
    return data[0] if data else None
