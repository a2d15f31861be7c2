"""Somebody who talks to the web chat and means it no good."""

import re

import httpx
import pytest
from starlette.requests import Request

from intakebot.channels.webchat.visitor import source
from intakebot.core.limits import ATTACHMENTS_MAX
from intakebot.house import now
from intakebot.store import sessions, ways_back
from intakebot.store.work import Work
from tests.attacks.stage import Target, begin, form, post, reference_in, say, signed_in, tell

SCRIPT = "<script>alert(1)</script></textarea><img src=x onerror=alert(1)>\"'><b>vet"
STORY = f"Ik heb schulden. {SCRIPT} javascript:alert(1) {{{{7*7}}}} ${{7*7}} %s \u202egnirts"
MARKUP = ("<script>alert", "<img src=x", "<b>vet", 'href="javascript', "onerror=alert(1)>\"'>")
METHODS = ("GET", "HEAD", "OPTIONS", "PUT")
POLYGLOTS = (
    ("photo", "image/gif", b"GIF89a/*<script>alert(1)</script>*/"),
    ("photo", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    ("audio", "audio/ogg", b"<html><script>alert(1)</script>"),
    ("audio", "video/mp4", b"%PDF-1.7 <script>"),
)


async def test_words_of_an_inhabitant_are_never_markup(
    here: Target, browser: httpx.AsyncClient
) -> None:
    page = await tell(browser, STORY, postcode="7101 AB", noemen="Zo\u202ee <b>vet")
    member = await signed_in(here)
    of_member = (await member.get(f"/inbox/{reference_in(page)}")).text
    queue = (await member.get("/inbox")).text

    for seen in (page, of_member, queue):
        assert [it for it in MARKUP if it in seen] == []
    assert "&lt;script&gt;" in of_member
    assert "\u202e" not in queue, "a name turns nothing around"


@pytest.mark.parametrize(("field", "kind", "plain"), POLYGLOTS, ids=[it[1] for it in POLYGLOTS])
async def test_a_file_of_two_kinds_is_only_ever_saved(
    here: Target, browser: httpx.AsyncClient, field: str, kind: str, plain: bytes
) -> None:
    page = await begin(browser)
    name = '"><script>.html\r\nX: y'
    await browser.post("/bestand", data=form(page, "file"), files={field: (name, plain, kind)})
    sent = await tell_rest(browser)
    member = await signed_in(here)
    request = (await member.get(f"/inbox/{reference_in(sent)}")).text
    where = re.search(r'"(/inbox/[^"]+/bijlage/[^"]+)"', request)

    assert where is not None
    answer = await member.get(where[1])
    assert answer.content == plain
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-security-policy"] == "default-src 'none';sandbox"
    assert answer.headers["content-type"].split("/")[0] in (
        "image",
        "audio",
        "video",
        "application",
    )
    assert not answer.headers["content-type"].startswith(("image/svg", "text/"))
    assert "script" not in answer.headers["content-disposition"]
    assert (await browser.get(where[1])).status_code == 401


async def tell_rest(browser: httpx.AsyncClient) -> str:
    page = await say(browser, (await browser.get("/")).text, "Ik heb schulden.")
    for _ in range(30):
        if 'class="msg request"' in page:
            return page
        if 'name="done"' in page:
            page = await post(browser, "/", form(page, "ticks"), done="klopt", tick="financien")
        elif 'value="klaar"' in page:
            page = await post(browser, "/", form(page, "choice"), press="klaar")
        elif "Klopt het?" in page.partition('id="ask"')[2].partition("</h2>")[0]:
            page = await post(browser, "/", form(page, "choice"), press="ja")
        else:
            page = await post(browser, "/", form(page, "move"), press="/skip")
    raise AssertionError("never sent")


async def test_a_session_keeps_no_more_files_than_it_may(
    here: Target, browser: httpx.AsyncClient
) -> None:
    await begin(browser)
    for _ in range(ATTACHMENTS_MAX + 3):
        stamp = form((await browser.get("/")).text, "file")
        await browser.post("/bestand", data=stamp, files={"photo": ("x", b"GIF8", "image/gif")})

    assert len(list(here.house.files.rglob("*.sealed"))) == ATTACHMENTS_MAX


async def test_a_file_that_was_sent_is_never_replaced(
    here: Target, browser: httpx.AsyncClient
) -> None:
    stamp = form(await begin(browser), "file")
    for plain in (b"GIF8", b"something else, and longer"):
        await browser.post("/bestand", data=stamp, files={"photo": ("x", plain, "image/gif")})
    [kept] = here.house.files.rglob("*.sealed")

    assert len(kept.read_bytes()) == len(b"GIF8") + 29


async def test_a_file_without_a_stamp_of_ours_is_not_kept(
    here: Target, browser: httpx.AsyncClient
) -> None:
    page = await begin(browser)
    async with here.browser() as other:
        foreign = form(await begin(other), "file")
    for stamp in ({}, {"form": "x"}, foreign, form(page, "file") | {"form": "A" * 43}):
        await browser.post("/bestand", data=stamp, files={"photo": ("x", b"GIF8", "image/gif")})

    assert list(here.house.files.rglob("*.sealed")) == []


async def a_link(here: Target, address: str) -> str:
    chat = here.house.vault.chat("web", "-", address)

    def make() -> Work[str]:
        stored = yield from sessions.open_in(here.house.vault, chat)
        assert stored is not None
        return (yield from ways_back.new_link(here.house.vault, stored, now()))

    return f"/w/{await here.house.database.run(make)}"


async def test_a_link_is_used_once_and_only_by_its_button(
    here: Target, browser: httpx.AsyncClient
) -> None:
    await say(browser, await begin(browser), "Mijn verhaal is van mij.")
    link = await a_link(here, browser.cookies["chat"])
    pages = []
    async with here.browser() as preview, here.browser() as phone, here.browser() as thief:
        early = {"Sec-Purpose": "prefetch"}
        pages += [(await preview.request(it, link, headers=early)).text for it in METHODS]
        pages.append((await preview.post(link)).text)
        stamp = form((await phone.get(link)).text, "link")
        pages.append((await preview.post(link, data=stamp)).text)  # drawn for another
        used = await phone.post(link, data=stamp)
        shown = (await phone.get("/")).text
        again = await thief.post(link, data=form((await thief.get(link)).text, "link"))
        pages += [again.text, (await thief.get("/")).text]

    assert (used.status_code, again.status_code) == (303, 410)
    assert "van mij" in shown
    assert not any("van mij" in it for it in pages)


async def test_a_reference_opens_nothing(here: Target, browser: httpx.AsyncClient) -> None:
    sent = await tell(browser, "Ik heb schulden.", postcode="7101 AB", noemen="Kanarie")
    reference = reference_in(sent)
    async with here.browser() as thief:
        ask = (await thief.get("/verder")).text
        answers = [await thief.post("/verder", data=form(ask, "resume") | {"code": reference})]
        none = await thief.post("/verder", data=form(ask, "resume") | {"code": "IB-0000-0000"})
        answers += [
            await thief.get(f"{it}{reference}") for it in ("/w/", "/inbox/", "/?", "/verder?code=")
        ]
        strip = re.compile(r'value="[^"]*"|nonce-[\w-]+')

    assert not any("Kanarie" in it.text or "schulden" in it.text for it in answers)
    assert strip.sub("", answers[0].text) == strip.sub("", none.text)


async def test_an_own_code_forgives_no_guesses(here: Target, browser: httpx.AsyncClient) -> None:
    await begin(browser)
    page = await post(browser, "/later", form((await browser.get("/later")).text, "later"))
    own = re.search(r"\d{4} \d{4} \d{4} \d{4}", page)
    assert own is not None
    answers = []
    async with here.browser() as thief:
        for guess in range(ways_back.GUESSES_FREE + 1):
            stamp = form((await thief.get("/verder")).text, "resume")
            answers.append(
                (await thief.post("/verder", data=stamp | {"code": f"{guess:016d}"})).text
            )
            await thief.post("/verder", data=stamp | {"code": own[0]})
    said = [re.search(r'role="alert">(.*?)</p>', it) for it in answers]

    assert len({it[1] for it in said if it}) == 2, "the last guess has to wait"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.254", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.7", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("not an address", "another", False),
    ],
)
def test_who_guesses_cannot_change_the_name_of_the_network(
    one: str, other: str, *, same: bool
) -> None:
    first, second = (source(Request({"type": "http", "client": (it, 1)})) for it in (one, other))

    assert (first == second) is same


async def test_what_was_thrown_away_is_in_no_page(here: Target, browser: httpx.AsyncClient) -> None:
    page = await say(browser, await begin(browser), "Mijn verhaal is van mij.")
    await post(browser, "/", form(page, "move"), press="/erase")
    after = [(await browser.get(it)).text for it in ("/", "/nieuw?seen=0", "/later", "/sluiten")]
    after.append((await browser.post("/", data=form(page, "text") | {"say": "nog iets"})).text)

    assert not any("van mij" in it for it in after)
    assert list(here.house.files.rglob("*.sealed")) == []
