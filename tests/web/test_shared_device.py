"""Two people with one device: each has an own chat, and neither sees the other's."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.web.place import Place, place
from tests.web.test_chat import OURS, begin, form, press, question, say

ONE, OTHER = "De huur is twee maanden te laat.", "Mijn man slaat mij soms."


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


async def tell(browser: httpx.AsyncClient, story: str) -> None:
    """Begin, and tell this."""
    await say(browser, await press(browser, await begin(browser), "mij"), story)


async def code_of(browser: httpx.AsyncClient) -> str:
    """An own code for the chat that is open."""
    closing = (await browser.get("/sluiten")).text
    shown = (await browser.post("/later", data=form(closing, "later"))).text
    found = re.search(r"\d{4} \d{4} \d{4} \d{4}", shown)
    assert found
    assert 'href="/sluiten"' in shown
    return found[0]


async def close(browser: httpx.AsyncClient) -> httpx.Response:
    """Close the chat on this device."""
    page = (await browser.get("/sluiten")).text
    return await browser.post("/sluiten", data=form(page, "close"))


async def come_back(browser: httpx.AsyncClient, code: str) -> str:
    """Go on with a code."""
    page = (await browser.get("/verder")).text
    return (await browser.post("/verder", data=form(page, "resume") | {"code": code})).text


async def test_each_has_an_own_chat_and_comes_back_with_the_own_code(
    browser: httpx.AsyncClient,
) -> None:
    await tell(browser, ONE)
    code = await code_of(browser)
    closed = (await close(browser)).text
    await tell(browser, OTHER)
    others_code = await code_of(browser)
    others = (await browser.get("/")).text
    await close(browser)

    assert ONE not in closed
    assert ONE not in others
    assert OTHER in others
    assert code != others_code

    mine = await come_back(browser, code)

    assert ONE in mine
    assert OTHER not in mine


async def test_a_closed_chat_is_no_longer_known_here(browser: httpx.AsyncClient) -> None:
    await tell(browser, ONE)
    closed = await close(browser)

    assert dict(browser.cookies) == {"chat": browser.cookies["chat"]}, "of the new page only"
    assert closed.headers["cache-control"] == "no-store"
    for path in ("/", "/later", "/sluiten", "/nieuw?seen=0"):
        assert ONE not in (await browser.get(path)).text


async def test_a_form_without_our_stamp_closes_nothing(browser: httpx.AsyncClient) -> None:
    await tell(browser, ONE)
    await browser.post("/sluiten", data={"form": "made up", "part": "close"})

    assert ONE in (await browser.get("/")).text


async def test_who_has_no_chat_has_nothing_to_close(browser: httpx.AsyncClient) -> None:
    for _ in range(2):  # without an address, and with one that nothing was said in
        page = (await browser.get("/sluiten")).text
        assert 'name="press" value="nl"' in page


async def test_behind_the_curtain_who_picks_a_language_is_somebody_else(
    browser: httpx.AsyncClient,
) -> None:
    await tell(browser, ONE)
    await browser.get("/weg", follow_redirects=False)
    fresh = await begin(browser)

    assert question(fresh) == "Voor wie vraagt u hulp?"
    assert ONE not in fresh

    whole = (await browser.get("/")).text

    assert ONE not in whole


async def test_behind_the_curtain_not_safe_shows_the_card_and_nothing_else(
    browser: httpx.AsyncClient,
) -> None:
    await tell(browser, ONE)
    await browser.get("/weg", follow_redirects=False)
    start = (await browser.get("/")).text
    shown = (await browser.post("/", data=form(start, "begin") | {"press": "/unsafe"})).text

    assert "0800-2000" in shown
    assert ONE not in shown


@pytest.mark.parametrize("path", ["/later", "/sluiten"])
async def test_behind_the_curtain_no_other_page_speaks_of_a_chat(
    browser: httpx.AsyncClient, path: str
) -> None:
    await tell(browser, ONE)
    closing = (await browser.get("/sluiten")).text
    await browser.get("/weg", follow_redirects=False)
    shown = (await browser.get(path)).text
    made = (await browser.post("/later", data=form(closing, "later"))).text

    assert 'name="press" value="nl"' in shown
    assert re.search(r"\d{4} \d{4} \d{4} \d{4}", made) is None
