"""Inhabitants who tell their story through the balancer, without script, and a member who reads it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

import httpx

from tests.bench.visit import STEPS_MAX, answered
from tests.deploy.nginx import Door
from tests.faults.crowd import PATIENCE_S, REFERENCE
from tests.web.office import fields
from tests.web.test_chat import begin, form, question

# What a browser sends along, and what it says when the network brings a form twice.
VOICE = b"OggS" + bytes(range(256)) * 300
TWICE_EACH = 3
THINKS_S = 0.1


@dataclass
class Inhabitant:
    """One story; every answer must be a page, and none may say that something went wrong."""

    browser: httpx.AsyncClient
    crowd: Crowd
    asked: list[str] = field(default_factory=list)
    reference: str = ""
    told: bool = False

    async def tell(self) -> None:
        """From the language to the reference."""
        page = await begin(self.browser)
        for _ in range(STEPS_MAX):
            if found := REFERENCE.search(page):
                self.reference = found[0]
                return
            self.asked.append(question(page))
            page = await self._answer(page)
        raise AssertionError(f"never sent: {self.asked}")

    async def _answer(self, page: str) -> str:
        await asyncio.sleep(THINKS_S)
        told = self.told
        part, chosen, self.told = answered(page, told=told)
        if self.told and not told:
            sound = {"audio": ("stem.ogg", VOICE, "audio/ogg")}
            kept = await self.browser.post("/bestand", data=form(page, "file"), files=sound)
            page = fine(kept)
        sent = [(name, value) for name, value in form(page, part).items()] + list(chosen)
        grouped: dict[str, list[str]] = {}
        for name, value in sent:
            grouped.setdefault(name, []).append(value)
        self.crowd.answers += 1
        # Now and then the network brings a form twice, and that to both machines at once.
        times = 2 if self.crowd.answers % TWICE_EACH == 0 else 1
        posts = (self.browser.post("/", data=grouped) for _ in range(times))
        answers = [fine(it) for it in await asyncio.gather(*posts)]
        return answers[-1]


def fine(answer: httpx.Response) -> str:
    """The page, which must be one of the conversation without any complaint."""
    assert answer.status_code == 200, (answer.status_code, answer.text)
    assert 'class="notice"' not in answer.text, answer.text
    return answer.text


@dataclass
class Crowd:
    """So many people at once, each from an address of their own; who is ready makes room."""

    door: Door
    people: int
    answers: int = 0
    done: list[Inhabitant] = field(default_factory=list)
    _ends: asyncio.Event = field(default_factory=asyncio.Event)
    _telling: list[asyncio.Task[None]] = field(default_factory=list)

    def begin(self) -> None:
        self._telling = [asyncio.create_task(self._go_on(nth)) for nth in range(self.people)]

    async def on(self, answers: int) -> None:
        """Wait until so many answers more were given."""
        wanted = self.answers + answers
        async with asyncio.timeout(PATIENCE_S):
            while self.answers < wanted:
                await asyncio.sleep(0.02)
                for task in self._telling:
                    if task.done():
                        task.result()

    async def end(self) -> None:
        """Nobody new begins; whoever tells goes on until it was sent."""
        self._ends.set()
        await asyncio.gather(*self._telling)

    async def stop(self) -> None:
        """All go away as they are."""
        for task in self._telling:
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)

    async def _go_on(self, nth: int) -> None:
        while not self._ends.is_set():
            address = f"127.0.{10 + nth}.{1 + len(self.done)}"
            async with self.door.browser(address) as browser:
                one = Inhabitant(browser=browser, crowd=self)
                await one.tell()
                self.done.append(one)


async def sign_in(browser: httpx.AsyncClient, link: str) -> str:
    """By the button behind a link; gives the inbox. The style sheet is asked for as a browser does."""
    page = (await browser.get(link)).text
    for sheet in re.findall(r'href="(/static/[^"]+)"', page):
        assert (await browser.get(sheet, headers={"Referer": link})).status_code == 200
    inbox = await browser.post(link, data=fields(page))
    assert inbox.status_code == 200, inbox.text
    return inbox.text
