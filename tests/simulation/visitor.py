"""An inhabitant in the web chat: with or without script, in two tabs, on another device, offline.

What a page does not say that it took, the person sends again: the same form, or, after loading the
page anew, what is still asked there. The first may come through after that all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from intakebot.channels.webchat.pages import Asking, Later, Link, Option, Resume, Start, Talk
from intakebot.core.flow import Kind
from intakebot.store.work import Chat
from tests.simulation.browser import Answer, Browser, Fields, Sent
from tests.simulation.person import Person
from tests.simulation.revisions import KINDS, MARK
from tests.simulation.told import LANGUAGE, Deed

if TYPE_CHECKING:
    from tests.simulation.world import World

STEPS_MAX = 120
ROOT = "/"
# Under a question that is not on screen any more.
REFUSED = "Er is niets veranderd"


class Visitor(Person):
    """One person with a browser, from the language picker until the request was sent.

    *whose*: the same person in Telegram, who goes on here.
    """

    def __init__(self, world: World, number: int, whose: Person | None = None) -> None:
        super().__init__(world, number)
        self.name = f"visitor {number}"
        self._whose = whose
        if whose is not None:
            self.told, self.past = whose.told, whose.past
            self._words = 500  # not those that were said in Telegram
        self._with_script = world.chance.random() < 0.6
        self._browser = Browser(world, self.name)
        self._page: Start | Talk | None = None
        self._tabs: list[tuple[Browser, Asking]] = []  # what stands open elsewhere
        self._known: list[str] = []
        self._erasing: list[Sent] = []  # erasures asked for; nothing was seen of them yet

    @property
    def chats(self) -> tuple[Chat, ...]:
        address = self._browser.address
        return (self.world.vault.chat("web", "-", address),) if address else ()

    async def live(self) -> None:
        await self.rest(0, 60)
        await self._open()
        await self._talk()

    async def go_on(self, link: str) -> bool:
        """What began in Telegram, behind a one-time link; False: it does not work any more."""
        await self.rest(0, 60)
        await self._follow(link)
        await self._open()
        if isinstance(self._page, Start):
            return False
        await self._talk()
        return True

    async def _talk(self) -> None:
        for _ in range(STEPS_MAX):
            if self._is_sent():
                break
            await self.rest(0.5, 6)
            if self.may_throw_away() and self.world.faults.strike("throws away"):
                await self._throw_away()
                continue
            await self._mischief()
            page = self._page
            if isinstance(page, Start):
                await self._begin(page)
            elif page is not None:
                await self._answer(_sheet(page))
        await self.rest(1, 20)
        if self.told.reference is not None:
            await self._afterwards()

    def begin_anew(self) -> None:
        self._tabs.clear()
        if self._whose is None:
            super().begin_anew()
        else:
            self._whose.begin_anew()
            self.told = self._whose.told

    # ---- what is seen ---------------------------------------------------------------------------

    async def _open(self) -> None:
        """Load the page, until it comes."""
        while True:
            answer = await self._browser.get(ROOT)
            if answer is not None and isinstance(answer.page, Start | Talk):
                self._see(answer.page, whole=True)
                return
            await self.rest(1, 40)

    def _see(self, page: Start | Talk, *, whole: bool) -> None:
        self._page = page
        if self._is_emptied(page):
            self.begin_anew()
        texts = [_text(it.text for p in bubble.paragraphs for it in p) for bubble in page.messages]
        self._known = [*([] if whole else self._known), *texts]
        if isinstance(page, Talk):
            self.world.tell(self.name, f"sees {_asked(_sheet(page))[:60]!r}")
            texts.append(_asked(_sheet(page)))
        self.seen += texts

    def _is_emptied(self, page: Start | Talk) -> bool:
        """Whether an erasure was asked for, and this page is the first that shows its work.

        The page after it may be lost, and its form may be slow: it may empty what was told since.
        Each asked for empties once; whoever did not ask, and sees this, misses what was told.
        """
        asked = next((sent for sent in self._erasing if sent.tried), None)
        is_new = isinstance(page, Start) or _asks_language(_sheet(page))
        if asked is None or not is_new or not self.told.deeds:
            return False
        self._erasing.remove(asked)
        return True

    def _is_sent(self) -> bool:
        sent = next((text for text in self._known if "IB-" in text), None)
        if sent is not None:
            self.told.reference = sent[sent.index("IB-") :][:12]
        return sent is not None

    # ---- what is done ---------------------------------------------------------------------------

    async def _begin(self, page: Start) -> None:
        fields = [("form", page.stamp), ("part", "begin"), ("press", "nl")]
        await self._send(fields, Sent())

    async def _answer(self, ask: Asking) -> None:
        found = MARK.search(_asked(ask))
        if found is None and ask.prompt is None:  # a field to write in, and no question: ask for it
            await self._send(_form(ask, "move", ("press", "/resume")), Sent())
            return
        key, revision = found.groups() if found else (LANGUAGE, "")
        if found is None and ask.story:  # "anything else?", and the question was never on screen
            marks = (MARK.search(text) for text in reversed(self.seen))
            key, revision = "verhaal", next((mark[2] for mark in marks if mark), "")
        token = ask.prompt or ""
        # The same question asked further: "anything else?".
        deed = self.told.deeds.setdefault(token, Deed(question=key, revision=revision))
        match KINDS.get(deed.question):
            case None:
                await self._choose(deed, ask, "nl")
            case Kind.STORY:
                await self._tell(deed, ask)
            case (Kind.CHOICE | Kind.YES_NO) as kind:
                await self._choose(deed, ask, self.picked(deed, kind))
            case Kind.READ_BACK:
                await self._choose(deed, ask, "ja")
            case Kind.CHOICES:
                deed.value = self.liked(deed) if deed.value is None else deed.value
                assert isinstance(deed.value, tuple)
                ticks = [("tick", one) for one in deed.value]
                await self._do(deed, _form(ask, "ticks", *ticks, ("done", "klopt")))
            case kind:
                text, value = self.typed(kind)
                if deed.value is None:
                    deed.value, deed.text = value, text
                await self._do(deed, _form(ask, "text", ("say", deed.text)))

    async def _choose(self, deed: Deed, ask: Asking, wanted: str) -> None:
        deed.value = wanted if deed.value is None else deed.value
        await self._do(deed, _form(ask, "choice", ("press", str(deed.value))))

    async def _do(self, deed: Deed, fields: Fields) -> None:
        sent = Sent()
        deed.posts.append(sent)
        if self.world.faults.strike("double tap"):
            again = Sent()
            deed.posts.append(again)
            self.world.spawn(self._browser.post(ROOT, fields, again, with_script=False))
        await self._send(fields, sent)

    async def _tell(self, deed: Deed, ask: Asking) -> None:
        """A story in a few messages; what the page does not show yet is said in other words."""
        if len([post for _, post in self.told.story if post.acknowledged]) < 2 and (
            not self.told.story or self.world.chance.random() < 0.5
        ):
            told, text, sent = self.told, self.own_words("Mijn verhaal"), Sent()
            told.story.append((text, sent))
            await self._send(_form(ask, "text", ("say", text)), sent)
            if self.told is not told:  # an erasure was quicker: this began the new conversation
                told.story.remove((text, sent))
                told.words.remove(text)
                self.told.story.append((text, sent))
                self.told.words.append(text)
            return
        await self._choose(deed, ask, "klaar")

    async def _send(self, fields: Fields, sent: Sent) -> bool:
        """Send a form, again and again, until a page says what became of it; False: it does not."""
        while True:
            answer = await self._browser.post(ROOT, fields, sent, with_script=self._with_script)
            if answer is not None and answer.is_good:
                return await self._read(answer, sent)
            await self.rest(1, 40)
            if self.world.faults.strike("reload"):
                await self._open()
                return False

    async def _read(self, answer: Answer, sent: Sent) -> bool:
        """What the page after a form says."""
        if isinstance(answer.page, Talk):
            is_part = answer.headers.get("x-part") == "1"
            self._see(answer.page, whole=not is_part)
            counted = _sheet(answer.page).notice is None
        else:  # 303, or 205: the page is to be loaded anew
            counted = True
        if counted:
            sent.acknowledge()
        if not isinstance(answer.page, Talk):
            await self._open()
        return counted

    async def _mischief(self) -> None:
        """Another tab, what was open in one, another device."""
        faults, chance = self.world.faults, self.world.chance
        page = self._page
        if self._tabs and chance.random() < 0.3:
            browser, ask = self._tabs.pop()
            # While Telegram shows a link no question is on screen, and what is typed is the story.
            stands = self._whose is None or bool(ask.options)
            if stands and isinstance(page, Talk) and ask.prompt not in (None, _sheet(page).prompt):
                await browser.post(ROOT, self._from_old_tab(ask), Sent(), with_script=False)
        if isinstance(page, Talk) and faults.strike("second tab"):
            other = await self._browser.get(ROOT)
            if other is not None and isinstance(other.page, Talk):
                self._tabs.append((self._browser, _sheet(other.page)))
        if isinstance(page, Talk) and faults.strike("other device"):
            await self._change_device()

    def _from_old_tab(self, ask: Asking) -> Fields:
        """Any answer to a question that was answered elsewhere: it must change nothing."""
        options = [it for it in ask.options if not it.id.startswith("/")]
        if options and not ask.ticks:
            return _form(ask, "choice", ("press", self.world.chance.choice(options).id))
        if ask.ticks:
            return _form(ask, "ticks", ("tick", ask.ticks[-1].id), ("done", "klopt"))
        return _form(ask, "text", ("say", f"oud {self.world.chance.randint(1, 999)}"))

    async def _change_device(self) -> None:
        """With a code, typed on another device; the first one stays open."""
        later = await self._browser.get("/later")
        if later is None or not isinstance(later.page, Later):
            return
        stamp = [("form", later.page.stamp)]
        made = await self._browser.post("/later", stamp, Sent(), with_script=False)
        if made is None or not isinstance(made.page, Later) or made.page.code is None:
            return
        new = Browser(self.world, self.name)
        asked = await new.get("/verder")
        if asked is None or not isinstance(asked.page, Resume):
            return
        fields = [("form", asked.page.stamp), ("code", made.page.code)]
        done = await new.post("/verder", fields, Sent(), with_script=False)
        if done is not None and done.status == 303:
            if isinstance(self._page, Talk):
                self._tabs.append((self._browser, _sheet(self._page)))
            self._browser = new
            await self._open()

    async def _follow(self, link: str) -> None:
        """A one-time link: through the button behind it; a second browser gets nothing."""
        while True:
            shown = await self._browser.get(link)
            if shown is not None and isinstance(shown.page, Link):
                fields = [("form", shown.page.stamp)]
                done = await self._browser.post(link, fields, Sent(), with_script=False)
                if done is not None and done.is_good:
                    break
            await self.rest(1, 30)
        thief = Browser(self.world, f"thief of {self.number}")
        shown = await thief.get(link)
        if shown is not None and isinstance(shown.page, Link):
            fields = [("form", shown.page.stamp)]
            again = await thief.post(link, fields, Sent(), with_script=False)
            if again is not None and again.status == 303:
                self.world.unhandled.append(f"{self.name}: the link worked a second time")

    async def _throw_away(self) -> None:
        page = self._page
        if not isinstance(page, Talk):
            return
        sent, told = Sent(), self.told
        self._erasing.append(sent)
        await self._send(_form(_sheet(page), "move", ("press", "/erase")), sent)
        if sent.acknowledged and self.told is told:
            self._erasing.remove(sent)
            if not any(REFUSED in text for text in self._known[-1:]):  # another tab was before us
                self.begin_anew()

    async def _afterwards(self) -> None:
        """One more thing, or a change of mind."""
        page = self._page
        if isinstance(page, Talk) and self.world.chance.random() < 0.5:
            text, sent = self.own_words("Nog iets"), Sent()
            self.told.added.append((text, sent))
            await self._send(_form(_sheet(page), "text", ("say", text)), sent)
        if self.world.faults.strike("withdraws"):
            self.told.withdrawn += await self._agree("/withdraw")
        if self.world.faults.strike("asks erasure"):
            self.told.erasure += await self._agree("/erase")

    async def _agree(self, move: str) -> list[Sent]:
        page = self._page
        if not isinstance(page, Talk):
            return []
        await self._send(_form(_sheet(page), "move", ("press", move)), Sent())
        for _ in range(3):  # what came in between may have asked it anew: then this yes was late
            page, sent = self._page, Sent()
            if not isinstance(page, Talk) or "ja" not in _ids(_sheet(page).options):
                return []
            await self._send(_form(_sheet(page), "choice", ("press", "ja")), sent)
            after = self._page
            if not isinstance(after, Talk) or "ja" not in _ids(_sheet(after).options):
                return [sent]
        return []


def _form(ask: Asking, part: str, *said: tuple[str, str]) -> Fields:
    """The form of this part of the page, filled in."""
    prompt = [("prompt", ask.prompt)] if ask.prompt else []
    return [("form", ask.stamp), ("part", part), ("seen", str(ask.seen)), *prompt, *said]


def _sheet(page: Talk) -> Asking:
    """What is asked on this page."""
    return page.ask.asking


def _asked(ask: Asking) -> str:
    return _text(it.text for it in ask.spans)


def _asks_language(ask: Asking) -> bool:
    """Whether this is the question for a language, as at the beginning."""
    return ask.prompt is not None and MARK.search(_asked(ask)) is None and "nl" in _ids(ask.options)


def _text(parts: Iterable[str]) -> str:
    return "".join(parts)


def _ids(options: tuple[Option, ...]) -> set[str]:
    return {option.id for option in options}
