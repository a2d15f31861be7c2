"""Signing in by a one-time link, staying signed in, and signing out."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from intakebot.store.people import ABSOLUTE, IDLE, SIGNIN_LINK_LASTS
from tests.web.office import Office, fields, office


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as found:
        yield found


async def test_looking_at_a_link_uses_nothing_and_the_button_works_once(here: Office) -> None:
    link, browser = await here.link(await here.member()), here.browser()
    pages = [await browser.get(link) for _ in range(3)]
    first = await browser.post(link, data=fields(pages[-1].text))
    again = await here.browser().post(link, data=fields(pages[0].text))

    assert [it.status_code for it in pages] == [200, 200, 200]
    assert first.headers["location"] == "/inbox"
    assert "Marieke" in (await browser.get("/inbox")).text
    assert again.status_code == 410
    assert "Deze link werkt niet meer" in again.text
    assert "set-cookie" not in again.headers


async def test_a_link_that_is_too_old_gets_a_friendly_page(here: Office) -> None:
    link, browser = await here.link(await here.member()), here.browser()
    form = fields((await browser.get(link)).text)
    here.now.at += SIGNIN_LINK_LASTS
    answer = await browser.post(link, data=form)

    assert answer.status_code == 410
    assert "Vraag uw beheerder om een nieuwe." in answer.text


async def test_a_made_up_link_is_the_same_as_a_used_one(here: Office) -> None:
    link, browser = await here.link(await here.member()), here.browser()
    form = fields((await browser.get(link)).text)
    await browser.post(link, data=form)
    used = await browser.post(link, data=form)
    other = "/inbox/in/" + "0" * 64
    made_up = await browser.post(other, data=fields((await browser.get(other)).text))

    assert (used.status_code, used.content) == (made_up.status_code, made_up.content)


async def test_the_button_of_another_link_does_not_sign_in(here: Office) -> None:
    link, browser = await here.link(await here.member()), here.browser()
    other = fields((await browser.get("/inbox/in/" + "0" * 64)).text)
    answer = await browser.post(link, data=other)

    assert answer.status_code == 409
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(("https", "name"), [(True, "__Host-staff"), (False, "staff")])
async def test_the_cookie_is_of_this_host_only_and_of_no_script(
    tmp_path: Path, name: str, *, https: bool
) -> None:
    async with office(tmp_path, https=https) as here:
        link, browser = await here.link(await here.member()), here.browser()
        answer = await browser.post(link, data=fields((await browser.get(link)).text))
    cookie = answer.headers["set-cookie"]

    assert cookie.startswith(f"{name}=")
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
    assert ("Secure" in cookie) == https
    assert "Domain" not in cookie
    assert "Max-Age" not in cookie


async def test_signing_in_again_ends_what_the_browser_had(here: Office) -> None:
    browser = await here.signed_in()
    before = browser.cookies["staff"]
    link = await here.link(await here.member("Bas"))
    await browser.post(link, data=fields((await browser.get(link)).text))
    old = here.browser()
    old.cookies.set("staff", before)

    assert "Bas" in (await browser.get("/inbox")).text
    assert (await old.get("/inbox")).status_code == 401


async def test_signing_out_ends_the_session_itself(here: Office) -> None:
    browser = await here.signed_in()
    token = browser.cookies["staff"]
    form = fields((await browser.get("/inbox")).text, "/inbox/uit")
    answer = await browser.post("/inbox/uit", data=form)
    again = here.browser()
    again.cookies.set("staff", token)

    assert answer.headers["location"] == "/inbox"
    assert "staff" not in browser.cookies
    assert (await again.get("/inbox")).status_code == 401


async def test_signing_out_is_not_done_by_looking(here: Office) -> None:
    browser = await here.signed_in()

    assert (await browser.get("/inbox/uit")).status_code == 404
    assert (await browser.get("/inbox")).status_code == 200


async def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(here: Office) -> None:
    browser = await here.signed_in()
    asked = []
    for _ in range(int(IDLE / timedelta(minutes=5))):
        here.now.at += timedelta(minutes=5)
        asked.append((await browser.get("/inbox/nieuws")).status_code)

    assert asked[-1] == 401
    assert (await browser.get("/inbox")).status_code == 401


async def test_work_keeps_somebody_signed_in_until_the_day_is_over(here: Office) -> None:
    browser = await here.signed_in()
    step = IDLE - timedelta(minutes=1)
    seen = []
    for _ in range(int(ABSOLUTE / step) + 2):
        here.now.at += step
        seen.append((await browser.get("/inbox")).status_code)

    assert seen[0] == 200
    assert seen.count(200) == int(ABSOLUTE / step)
    assert seen[-1] == 401


async def test_pages_are_kept_nowhere_and_run_nothing_of_others(here: Office) -> None:
    answer = await (await here.signed_in()).get("/inbox")
    policy = answer.headers["content-security-policy"]

    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in answer.text
    assert " on" not in {it[:3] for it in answer.text.split("<")}
