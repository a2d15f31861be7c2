"""What comes to the one port before anybody is known: bent requests, and what every answer says."""

import re

import httpx

from tests.attacks.stage import SITE, Target, begin, form, post, say, signed_in

PAGES = (
    "/",
    "/verder",
    "/later",
    "/sluiten",
    "/w/x",
    "/nergens",
    "/inbox",
    "/inbox/in/x",
    "/inbox/IB-0000-0000",
)
BENT_HOSTS = (
    "[::1",
    "[",
    "127.0.0.1:x",
    "127.0.0.1:999999",
    "127.0.0.1/evil",
    "127.0.0.1#evil",
    "evil@127.0.0.1",
    "evil.example\\@127.0.0.1",
    "127.0.0.1.evil.example",
    "127.0.0.1 evil.example",
    "evil.example",
    "",
)
FORM = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="form"'
BENT_BODIES = (
    ("application/x-www-form-urlencoded", b"&" * 60_000),
    ("application/x-www-form-urlencoded", b"form=%00%ff&say=%ed%a0%80&press=%00"),
    ("application/x-www-form-urlencoded", b"form=" + b"A" * 60_000),
    ("application/json", b'{"form": []}'),
    ("multipart/form-data", b""),
    (FORM, b"--x\r\nbent"),
    (FORM, b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--\r\n"),
    (FORM, PART + b"\r\nContent-Type: text/plain; charset=none\r\n\r\n\xff\r\n--x--\r\n"),
    (FORM + "; charset=none", PART + b"\r\n\r\n\xff\r\n--x--\r\n"),
)
BENT_PATHS = ("//evil.example/inbox", "/%2f%2fevil.example", "/w/..%2f..%2f", "/inbox//evil.example", "/\\evil.example", "/static/%2e%2e/%2e%2e/keys.json")  # fmt: skip
POSTED_TO = ("/", "/bestand", "/terug", "/later", "/sluiten", "/verder", "/w/x", "/inbox/in/x", "/inbox/uit", "/inbox/IB-0000-0000/oppakken")  # fmt: skip


async def test_a_host_that_can_be_read_in_two_ways_gets_nothing(browser: httpx.AsyncClient) -> None:
    answers = {host: await browser.get("/inbox/", headers={"Host": host}) for host in BENT_HOSTS}

    assert {host: it.status_code for host, it in answers.items()} == dict.fromkeys(BENT_HOSTS, 421)
    assert not any("location" in it.headers for it in answers.values())


async def test_an_origin_that_is_bent_is_another_site(here: Target) -> None:
    transport = httpx.ASGITransport(app=here.asgi)
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as browser:
        answers = [
            (await browser.post("/", headers={"Origin": it})).status_code
            for it in ("http://[", "null", "", "http://evil.example", f"{SITE}.evil.example", f"{SITE}@x")
        ]  # fmt: skip

    assert set(answers) == {403}


async def test_no_bent_form_breaks_anything(here: Target, browser: httpx.AsyncClient) -> None:
    page = await begin(browser)
    member = await signed_in(here)
    broken = []
    for kind, body in BENT_BODIES:
        for path in POSTED_TO:
            for who in (browser, member):
                answer = await who.post(path, content=body, headers={"Content-Type": kind})
                if answer.status_code >= 500:
                    broken.append((kind, path, answer.status_code))

    assert broken == []
    assert form((await browser.get("/")).text, "text")["seen"] == form(page, "text")["seen"]


async def test_every_page_forbids_what_it_does_not_need(
    here: Target, browser: httpx.AsyncClient
) -> None:
    await begin(browser)
    loose = []
    for who in (here.browser(), browser, await signed_in(here)):
        for path in PAGES:
            answer = await who.get(path)
            policy = answer.headers.get("content-security-policy", "")
            if answer.headers.get("content-type", "").startswith("text/html") and (
                not policy.startswith("default-src 'none';")
                or "unsafe" in policy
                or "frame-ancestors 'none'" not in policy
            ):
                loose.append((path, policy))
            if "no-store" not in answer.headers["cache-control"]:
                loose.append((path, answer.headers["cache-control"]))
            if answer.headers["x-content-type-options"] != "nosniff":
                loose.append((path, "nosniff"))

    assert loose == []


async def test_no_path_leads_away_from_the_site(browser: httpx.AsyncClient) -> None:
    for path in BENT_PATHS:
        answer = await browser.get(path)
        sent_to = answer.headers.get("location", "/")

        assert answer.status_code < 500
        assert sent_to.startswith((f"{SITE}/", "/"))
        assert not sent_to.startswith(("//", f"{SITE}//", "/\\"))


async def test_a_name_with_line_ends_writes_no_header(browser: httpx.AsyncClient) -> None:
    page = await begin(browser)
    answer = await browser.post(
        "/", data=form(page, "text") | {"say": "x\r\nSet-Cookie: chat=evil", "seen": "0\r\nA: b"}
    )

    assert "evil" not in repr(answer.headers)
    assert "a" not in answer.headers


async def test_a_cookie_that_is_not_ours_is_no_address(here: Target) -> None:
    for cookie in ("", "xyz", "A" * 64, "0" * 63, "0" * 65, "../../etc"):
        async with here.browser(Cookie=f"chat={cookie}") as browser:
            given = (await browser.get("/")).headers["set-cookie"]

        assert re.match(r"chat=[0-9a-f]{64};", given)
        assert f"chat={cookie};" not in given


async def test_a_form_of_somebody_else_says_nothing_and_changes_nothing(here: Target) -> None:
    async with here.browser() as one, here.browser() as other:
        first = await begin(one)
        second = await begin(other)
        stolen = form(first, "text")
        await say(one, first, "Mijn verhaal is van mij.")
        answer = await post(other, "/", stolen, say="Een ander schrijft.")
        mine, theirs = (await one.get("/")).text, (await other.get("/")).text

    assert "van mij" not in answer + theirs
    assert "Een ander schrijft." not in mine
    assert form(theirs, "text")["seen"] == form(second, "text")["seen"]


async def test_looking_at_pages_writes_nothing(browser: httpx.AsyncClient) -> None:
    await begin(browser)
    before = (await browser.get("/")).text.count('class="msg')
    for method in ("HEAD", "OPTIONS", "GET", "PUT", "DELETE", "PATCH"):
        for path in ("/", "/later", "/sluiten", "/terug", "/bestand", "/verder"):
            await browser.request(method, path, params={"press": "/erase", "part": "move"})

    assert (await browser.get("/")).text.count('class="msg') == before
