"""One's own card, data and "who has my story": for that browser only, each look in the audit."""

import json
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from intakebot.channels.webchat.visitor import COOKIE
from intakebot.core.events import Wrote
from intakebot.store import audit, requests, sessions
from intakebot.store.audit import Entry
from intakebot.store.work import Work
from tests.intake.house import Person
from tests.web.place import Place, place
from tests.web.test_chat import OURS, begin, form, press, say

ROOT = Path(__file__).resolve().parents[2]
CARD = "/kaart?toon=called&toon=number"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Place]:
    async with place(tmp_path) as found:
        yield found


@pytest.fixture
async def browser(here: Place) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=here.app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver", headers=OURS, follow_redirects=True
    ) as opened:
        yield opened


async def sent(browser: httpx.AsyncClient, begun: str | None = None) -> str:
    """The shortest request: call me."""
    page = await press(browser, begun or await begin(browser), "mij")
    for told in ("bel mij", "7131 AB", "Ada", "0612345678"):
        page = await say(browser, page, told)
    return await press(browser, page, "ja")


def text(page: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", page))


async def looks(here: Place, browser: httpx.AsyncClient) -> list[tuple[str, str, str]]:
    chat = here.chat.chat(browser.cookies[COOKIE])

    def work() -> Work[tuple[Entry, ...]]:
        stored = yield from sessions.open_in(here.vault, chat)
        assert stored is not None
        return (yield from audit.about(here.vault, stored.home.session))

    entries = await here.database.read(work)
    return [(it.actor, it.action, it.detail) for it in entries if it.action != "create"]


async def test_the_pages_stand_under_the_chat_once_it_was_sent(browser: httpx.AsyncClient) -> None:
    before = await begin(browser)
    after = await sent(browser, before)

    for page in ("/kaart", "/wie", "/mijn"):
        assert f'href="{page}"' not in before
        assert f'href="{page}"' in after


async def test_a_line_that_is_not_ticked_is_not_on_the_card(
    here: Place, browser: httpx.AsyncClient
) -> None:
    await sent(browser)
    choose = (await browser.get("/kaart")).text
    card = text((await browser.get(CARD)).text)

    assert choose.count('name="toon"') == choose.count(" checked>") == 3
    assert "Ada" in card
    assert "IB-" in card
    assert "Mijn team" not in card
    assert await looks(here, browser) == [("inhabitant", "view", "card")] * 2


async def test_who_has_my_story_names_team_partners_and_looks(
    here: Place, browser: httpx.AsyncClient
) -> None:
    await sent(browser)
    chat = here.chat.chat(browser.cookies[COOKIE])

    def seen() -> Work[None]:
        stored = yield from sessions.open_in(here.vault, chat)
        assert stored is not None
        home = stored.home.session
        for actor in ("member:m1", "member:m2", "operator", "system"):
            yield from audit.append(
                here.vault, at=here.now(), actor=actor, action="view", session=home
            )

    await here.database.run(seen)
    page = text((await browser.get("/wie")).text)

    assert "Sociaal team Oost Gelre heeft uw verhaal." in page
    assert "U hebt nog geen contactpersoon." in page
    assert "Niemand anders kreeg uw verhaal uit dit programma." in page
    assert page.count("Iemand van het team") == 1
    assert page.count("Iemand die zorgt dat alles werkt") == 1
    assert "m1" not in page
    assert "Dan bewaren wij uw verhaal nog hooguit 30 dagen." in page
    assert ("inhabitant", "view", "who") in await looks(here, browser)


async def test_opening_the_address_shows_no_data_and_each_form_shows_them_once(
    here: Place, browser: httpx.AsyncClient
) -> None:
    await sent(browser)
    asked = (await browser.get("/mijn")).text
    first = await browser.post("/mijn", data=form(asked, "data") | {"press": "show"})
    again = await browser.post("/mijn", data=form(asked, "data") | {"press": "show"})

    assert "Ada" not in asked
    assert "Ada" in first.text
    assert "Ada" not in again.text
    assert await looks(here, browser) == [("inhabitant", "view", "data")]


async def test_the_file_is_the_request_of_the_contract_and_what_was_written_since(
    here: Place, browser: httpx.AsyncClient
) -> None:
    page = await sent(browser)
    await say(browser, page, "Ik vergat iets.")
    address = browser.cookies[COOKIE]
    chat = here.chat.chat(address)

    def work() -> Work[None]:
        stored = yield from sessions.open_in(here.vault, chat)
        assert stored is not None
        yield from requests.add_note(stored.home, stored.key, None, "Alleen voor ons.", here.now())
        at = here.now()
        yield from here.intake.carry(stored, Wrote(text="Dag Ada."), chat=chat, key="m", at=at)

    await here.database.run(work)
    asked = (await browser.get("/mijn")).text
    answer = await browser.post("/mijn", data=form(asked, "data") | {"press": "file"})
    told: dict[str, Any] = json.loads(answer.text)
    schema = json.loads((ROOT / "docs" / "schema" / "request.schema.json").read_text("utf-8"))

    jsonschema.validate(told, schema)
    assert [(it["by"], it["text"]) for it in told["messages"]] == [
        ("inhabitant", "Ik vergat iets."),
        ("member", "Dag Ada."),
    ]
    assert "Alleen voor ons" not in answer.text
    assert "attachment" in answer.headers["content-disposition"]
    assert ("inhabitant", "export", "file") in await looks(here, browser)


async def test_nobody_else_sees_anything(here: Place, browser: httpx.AsyncClient) -> None:
    await sent(browser)
    asked = (await browser.get("/mijn")).text
    transport = httpx.ASGITransport(app=here.app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver", headers=OURS
    ) as other:
        await other.get("/")
        for page in (CARD, "/wie", "/mijn"):
            assert (await other.get(page)).headers["location"] == "/"
        taken = await other.post("/mijn", data=form(asked, "data") | {"press": "show"})

        assert taken.headers["location"] == "/mijn"


async def test_behind_the_curtain_and_before_sending_there_is_nothing(
    browser: httpx.AsyncClient,
) -> None:
    begun = await begin(browser)
    for page in (CARD, "/wie", "/mijn"):
        assert (await browser.get(page, follow_redirects=False)).headers["location"] == "/"
    await sent(browser, begun)
    await browser.get("/weg", follow_redirects=False)
    for page in (CARD, "/wie", "/mijn"):
        assert (await browser.get(page, follow_redirects=False)).headers["location"] == "/"


async def test_a_form_of_nobody_or_without_a_stamp_gives_nothing(
    browser: httpx.AsyncClient,
) -> None:
    await sent(browser)
    for fields in ({}, {"form": "x" * 43}):
        answer = await browser.post("/mijn", data=fields, follow_redirects=False)

        assert answer.headers["location"] == "/mijn"


async def test_from_telegram_a_link_leads_to_the_pages_once(
    here: Place, browser: httpx.AsyncClient
) -> None:
    person = Person(here.intake)
    await person.asks_a_call()
    await person.says("mijn gegevens")
    link = (await person.reads())[-1].text
    found = re.search(r"/w/[0-9a-f]+", link)
    assert found is not None
    asked = (await browser.get(found[0])).text
    await browser.post(found[0], data=form(asked, "link"))
    card = text((await browser.get(CARD)).text)

    assert "Ada" in card
