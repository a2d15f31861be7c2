"""The whole program in one process, behind its guard, for somebody who means it no good."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import httpx
from pydantic import SecretStr
from starlette.types import ASGIApp

from intakebot import app
from intakebot.channels.telegram.bot import Telegram
from intakebot.house import House, open_house
from intakebot.settings import Settings
from intakebot.site import guarded
from tests.web.place import shipped_content

SITE = "http://127.0.0.1:8080"
OURS = {"Sec-Fetch-Site": "same-origin"}
TOKEN = "7:a-token-of-the-tests"
STEPS_MAX = 40
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True, kw_only=True)
class Target:
    """The program, as it stands on one port."""

    house: House
    asgi: ASGIApp
    bot: Telegram | None = None

    @property
    def telegram(self) -> Telegram:
        """The bot, where there is one."""
        assert self.bot is not None
        return self.bot

    @property
    def webhook(self) -> str:
        """Where Telegram brings updates."""
        return self.telegram._path

    @property
    def secret(self) -> str:
        """What Telegram says with them."""
        return self.telegram._secret

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """A browser of its own, which follows no redirect."""
        transport = httpx.ASGITransport(app=self.asgi, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=SITE, headers=OURS | headers)

    async def bring(self, content: bytes | str, **headers: str) -> httpx.Response:
        """An update, as Telegram brings it."""
        given = {SECRET_HEADER: self.secret, "Content-Type": "application/json"} | headers
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.asgi, raise_app_exceptions=False), base_url=SITE
        ) as telegram:
            return await telegram.post(self.webhook, content=content, headers=given)


@asynccontextmanager
async def target(folder: Path, *, webhook: bool = False) -> AsyncIterator[Target]:
    """The program over a new state folder; with a webhook of Telegram, which takes a while."""
    shelf = shipped_content()
    settings = Settings(
        state=folder / "state",
        public_url=SITE,
        telegram_token=SecretStr(TOKEN),
        telegram_mode="webhook",
        telegram_scope="full",
        telegram_api="http://127.0.0.1:9",
    )
    with patch("intakebot.app.content.load", lambda: shelf):
        async with open_house(settings) as house:
            telegram = app._telegram(house) if webhook else None
            yield Target(house=house, asgi=guarded(house, telegram), bot=telegram)
            if telegram is not None:
                await telegram.close()


def form(page: str, part: str) -> dict[str, str]:
    """The hidden fields of a form of the chat, as a browser sends them."""
    for found in re.findall(r"<form.*?</form>", page, re.DOTALL):
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found))
        if fields.get("part") == part:
            return fields
    raise AssertionError(f"no form {part!r} on the page")


async def begin(browser: httpx.AsyncClient) -> str:
    """A conversation in Dutch, at the story."""
    page = await post(browser, "/", form((await browser.get("/")).text, "begin"), press="nl")
    return await post(browser, "/", form(page, "choice"), press="mij")


async def say(browser: httpx.AsyncClient, page: str, text: str) -> str:
    """Something typed; gives the page after it."""
    return await post(browser, "/", form(page, "text"), say=text)


async def post(
    browser: httpx.AsyncClient, where: str, fields: dict[str, str], **filled: str
) -> str:
    """A form sent, and the page that a browser then shows."""
    answer = await browser.post(where, data=fields | filled)
    if answer.status_code == 303:
        answer = await browser.get("/")
    return answer.text


async def tell(browser: httpx.AsyncClient, story: str, **said: str) -> str:
    """A whole intake; gives the last page. `said`: by a word of the question."""
    page = (await browser.get("/")).text
    page = await say(browser, page if 'value="klaar"' in page else await begin(browser), story)
    for _ in range(STEPS_MAX):
        page = (await browser.get("/")).text
        asked = re.search(r'<h2 id="vraag"[^>]*>(.*?)</h2>', page, re.DOTALL)
        if asked is None or 'class="msg request"' in page:
            return page
        buttons = re.findall(
            r'name="(?:press|done)" value="([^"]+)"', page.partition('id="ask"')[2]
        )
        answer = next((text for word, text in said.items() if word in asked[1]), None)
        if 'name="done"' in page:
            ticks = re.findall(r'name="tick" value="([^"]+)" checked', page)
            await browser.post("/", data={**form(page, "ticks"), "done": "klopt", "tick": ticks})
        elif answer is not None:
            await say(browser, page, answer)
        elif "klaar" in buttons:
            await post(browser, "/", form(page, "choice"), press="klaar")
        elif "Klopt het?" in asked[1]:
            await post(browser, "/", form(page, "choice"), press="ja")
        else:
            await post(browser, "/", form(page, "move"), press="/skip")
    raise AssertionError("never sent")


def reference_in(page: str) -> str:
    """The reference of the request that was sent."""
    found = re.search(r"IB-\w{4}-\w{4}", page)
    assert found is not None
    return found[0]


async def signed_in(here: Target) -> httpx.AsyncClient:
    """The browser of a member of all teams."""
    links = await app._seed(here.house)
    path = links[0][1].removeprefix(SITE)
    browser = here.browser()
    stamp = re.search(r'name="form" value="([^"]+)"', (await browser.get(path)).text)
    assert stamp is not None
    assert (await browser.post(path, data={"form": stamp[1]})).status_code == 303
    return browser


def all_bytes(folder: Path) -> dict[str, bytes]:
    """Everything that lies on the disk, as a thief would take it."""
    return {it.name: it.read_bytes() for it in folder.rglob("*") if it.is_file()}
