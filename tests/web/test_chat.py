"""The web chat over HTTP, without a browser: what each form does, and what it does only once."""

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest
from starlette.responses import Response

from intakebot.core.limits import ATTACHMENT_BYTES_MAX
from tests.web.place import Place, place

STORY = "Wij zijn drie weken hier. De huur is twee maanden te laat en ik heb nog geen uitkering."
OURS = {"Sec-Fetch-Site": "same-origin"}


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


def form(page: str, part: str) -> dict[str, str]:
    """The hidden fields of a form, as a browser sends them."""
    for found in re.findall(r"<form.*?</form>", page, re.DOTALL):
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found))
        if fields.get("part") == part:
            return fields
    raise AssertionError(f"no form {part!r} on the page")


def question(page: str) -> str:
    found = re.search(r'<h2 id="vraag"[^>]*>(.*?)</h2>', page, re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "", found[1])) if found else ""


async def begin(browser: httpx.AsyncClient, lang: str = "nl") -> str:
    start = (await browser.get("/")).text
    return (await browser.post("/", data=form(start, "begin") | {"press": lang})).text


async def press(browser: httpx.AsyncClient, page: str, button: str, part: str = "choice") -> str:
    return (await browser.post("/", data=form(page, part) | {"press": button})).text


async def say(browser: httpx.AsyncClient, page: str, text: str) -> str:
    return (await browser.post("/", data=form(page, "text") | {"say": text})).text


COUNTS = {
    "sessions": "SELECT COUNT(1) FROM sessions",
    "updates": "SELECT COUNT(1) FROM updates",
    "attachments": "SELECT COUNT(1) FROM attachments",
}


def count(folder: Path, table: str) -> int:
    with closing(sqlite3.connect(folder / "intakebot.db")) as looking:
        return int(looking.execute(COUNTS[table]).fetchone()[0])


async def test_the_first_page_writes_nothing(tmp_path: Path, browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/")

    assert answer.status_code == 200
    assert "العربية" in answer.text
    assert count(tmp_path, "sessions") == count(tmp_path, "updates") == 0


async def test_a_language_begins_the_conversation(browser: httpx.AsyncClient) -> None:
    page = await begin(browser)

    assert question(page) == "Voor wie vraagt u hulp?"
    assert 'lang="nl"' in page


async def test_arabic_is_written_from_right_to_left(browser: httpx.AsyncClient) -> None:
    page = await begin(browser, "ar")

    assert '<html lang="ar" dir="rtl">' in page


async def test_a_form_sent_twice_counts_once(browser: httpx.AsyncClient) -> None:
    page = await begin(browser)
    page = await press(browser, page, "mij")
    told = form(page, "text") | {"say": STORY}
    await browser.post("/", data=told)
    page = (await browser.post("/", data=told)).text

    assert page.count(STORY) == 1


async def test_two_forms_of_one_page_both_count(browser: httpx.AsyncClient) -> None:
    page = await press(browser, await begin(browser), "mij")
    await say(browser, page, STORY)
    again = await press(browser, page, "/help", "move")

    assert STORY in again


async def test_text_under_a_question_that_is_gone_is_given_back(browser: httpx.AsyncClient) -> None:
    page = await begin(browser)
    await press(browser, page, "mij")
    late = (await browser.post("/", data=form(page, "text") | {"say": "voor mijn gezin"})).text

    assert 'value="voor mijn gezin"' in late or ">voor mijn gezin</textarea>" in late
    assert 'class="notice"' in late


async def test_an_answer_whose_page_was_lost_counts_once_and_leads_on(
    browser: httpx.AsyncClient,
) -> None:
    """The connection broke after it was taken in; the browser sends the same form again."""
    page = await begin(browser)
    page = await press(browser, page, "mij")
    page = await say(browser, page, STORY)
    page = await press(browser, page, "klaar")
    page = await say(browser, page, "klopt")
    told = form(page, "text") | {"say": "nee"}
    first = (await browser.post("/", data=told)).text
    second = (await browser.post("/", data=told)).text

    assert question(second) == question(first) != question(page)
    assert 'class="notice"' not in second


async def test_a_browser_remembers_no_longer_than_the_story_is_kept(
    here: Place, browser: httpx.AsyncClient
) -> None:
    page = await press(browser, await begin(browser), "mij")
    unfinished = (await browser.get("/")).headers["set-cookie"]
    script = await browser.post(
        "/", data=form(page, "text") | {"say": STORY}, headers={"X-Part": "1"}
    )
    address = browser.cookies["chat"]
    sent = Response()
    here.chat.cookies.give(sent, address, remembered=True, sent=True)

    assert f"Max-Age={14 * 24 * 3600};" in unfinished
    assert f"Max-Age={14 * 24 * 3600};" in script.headers["set-cookie"]
    assert f"Max-Age={90 * 24 * 3600};" in sent.headers["set-cookie"]


async def test_a_form_of_yesterday_is_late_and_gives_the_text_back(
    here: Place, browser: httpx.AsyncClient
) -> None:
    page = await press(browser, await begin(browser), "mij")
    here.now.at += timedelta(hours=25)
    late = (await browser.post("/", data=form(page, "text") | {"say": STORY})).text
    pressed = (await browser.post("/", data=form(page, "choice") | {"press": "klaar"})).text
    unsafe = (await browser.post("/", data=form(page, "move") | {"press": "/unsafe"})).text
    counted = await say(browser, late, STORY)

    assert "Deze pagina stond lang open." in late
    assert f">{STORY}</textarea>" in late
    assert question(late) == question(page) == question(pressed)
    assert "0800-2000" in unsafe
    assert "Deze pagina stond lang open." not in counted


async def test_a_language_picker_of_yesterday_is_drawn_anew(
    here: Place, tmp_path: Path, browser: httpx.AsyncClient
) -> None:
    page = (await browser.get("/")).text
    here.now.at += timedelta(hours=25)
    again = (await browser.post("/", data=form(page, "begin") | {"press": "nl"})).text

    assert "العربية" in again
    assert count(tmp_path, "sessions") == 0
    await browser.post("/", data=form(again, "begin") | {"press": "nl"})
    assert count(tmp_path, "sessions") == 1


async def test_a_file_on_a_page_of_yesterday_is_not_kept(
    here: Place, tmp_path: Path, browser: httpx.AsyncClient
) -> None:
    page = await press(browser, await begin(browser), "mij")
    here.now.at += timedelta(hours=25)
    sound = {"audio": ("note.ogg", b"OggS", "audio/ogg")}
    answer = await browser.post("/bestand", data=form(page, "file"), files=sound)

    assert "Deze pagina stond lang open." in answer.text
    assert count(tmp_path, "attachments") == 0


@pytest.mark.parametrize("path", ["/", "/verder", "/later", "/bestand"])
async def test_a_body_that_is_no_form_gets_a_page_as_the_others(
    browser: httpx.AsyncClient, path: str
) -> None:
    await begin(browser)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await browser.post(path, content=b"--x\r\nno header\r\n", headers=headers)

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert 'class="exit"' in answer.text


async def test_a_form_of_another_chat_changes_nothing(
    tmp_path: Path, browser: httpx.AsyncClient
) -> None:
    page = await begin(browser)
    stolen = form(page, "choice") | {"press": "mij"}
    browser.cookies.clear()
    await browser.get("/")
    await browser.post("/", data=stolen)

    assert question((await browser.get("/")).text) == ""
    assert count(tmp_path, "sessions") == 1


async def test_a_post_from_another_site_is_refused(browser: httpx.AsyncClient) -> None:
    start = form((await browser.get("/")).text, "begin") | {"press": "nl"}
    crossed = await browser.post("/", data=start, headers={"Sec-Fetch-Site": "cross-site"})
    older = await browser.post(
        "/", data=start, headers={"Sec-Fetch-Site": "same-site", "Origin": "http://evil.example"}
    )

    assert (crossed.status_code, older.status_code) == (403, 403)


async def test_a_strange_host_is_refused(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/", headers={"Host": "evil.example"})

    assert answer.status_code == 421


async def test_every_page_says_what_a_browser_may_do(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/")
    policy = answer.headers["content-security-policy"]
    nonce = re.search(r"'nonce-([\w-]+)'", policy)

    assert nonce
    assert f'nonce="{nonce[1]}"' in answer.text
    assert "default-src 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_without_a_cookie_a_form_gets_a_sentence(browser: httpx.AsyncClient) -> None:
    start = form((await browser.get("/")).text, "begin") | {"press": "nl"}
    browser.cookies.clear()
    answer = await browser.post("/", data=start)

    assert answer.status_code == 400
    assert "<h1>" in answer.text


async def test_a_body_that_is_too_big_is_refused(browser: httpx.AsyncClient) -> None:
    page = await press(browser, await begin(browser), "mij")
    answer = await browser.post("/", data=form(page, "text") | {"say": "x" * 70_000})

    assert answer.status_code == 413


async def test_a_script_gets_only_what_is_new(browser: httpx.AsyncClient) -> None:
    page = await press(browser, await begin(browser), "mij")
    answer = await browser.post(
        "/", data=form(page, "text") | {"say": STORY}, headers={"X-Part": "1"}
    )

    assert answer.headers["x-part"] == "1"
    assert answer.headers["content-security-policy"].startswith("default-src 'none';form-action")
    assert [answer.headers[name] for name in ("referrer-policy", "cross-origin-opener-policy")] == [
        "same-origin",
        "same-origin",
    ]
    assert answer.headers["permissions-policy"] == "camera=(),geolocation=(),microphone=(self)"
    assert answer.headers["cache-control"] == "no-store"
    assert "<html" not in answer.text
    assert answer.text.count(STORY) == 1
    assert question(answer.text)
    assert len(answer.content) < len(page)


async def test_nothing_new_costs_no_page(browser: httpx.AsyncClient) -> None:
    page = await begin(browser)
    seen = form(page, "text")["seen"]
    answer = await browser.get(f"/nieuw?seen={seen}", headers={"X-Part": "1"})

    assert answer.status_code == 204


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 40, "٣"])
async def test_a_strange_number_of_messages_is_none(browser: httpx.AsyncClient, seen: str) -> None:
    await begin(browser)

    assert (await browser.get("/nieuw", params={"seen": seen})).status_code == 200


async def test_leaving_draws_a_curtain(browser: httpx.AsyncClient) -> None:
    page = await press(browser, await begin(browser), "mij")
    await say(browser, page, STORY)
    left = await browser.get("/weg", follow_redirects=False)
    start = (await browser.get("/")).text

    assert (left.status_code, left.headers["location"]) == (303, "/static/weather")
    assert STORY not in start
    assert (await browser.get("/nieuw?seen=0")).status_code == 204

    back = await browser.post("/terug", data=form(start, "away"))

    assert STORY in back.text


async def test_a_code_brings_the_conversation_to_another_browser(
    browser: httpx.AsyncClient,
) -> None:
    page = await press(browser, await begin(browser), "mij")
    await say(browser, page, STORY)
    later = (await browser.get("/later")).text
    shown = (await browser.post("/later", data=form(later, "later"))).text
    code = re.search(r"\d{4} \d{4} \d{4} \d{4}", shown)
    browser.cookies.clear()
    ask = (await browser.get("/verder")).text

    assert code

    wrong = (await browser.post("/verder", data=form(ask, "resume") | {"code": "0" * 16})).text

    assert 'role="alert"' in wrong

    back = (await browser.post("/verder", data=form(wrong, "resume") | {"code": code[0]})).text

    assert STORY in back


async def test_guessing_codes_has_to_wait(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/verder")).text
    faults = []
    for guess in range(7):
        fields = form(page, "resume") | {"code": f"{guess:016d}"}
        page = (await browser.post("/verder", data=fields)).text
        found = re.search(r'role="alert">(.*?)</p>', page)
        faults.append(found[1] if found else "")

    assert len(set(faults)) == 2
    assert faults[0] != faults[-1]


async def test_a_link_that_was_made_up_opens_nothing(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/w/" + "0" * 64)).text
    answer = await browser.post("/w/" + "0" * 64, data=form(page, "link"))

    assert answer.status_code == 410


async def test_a_voice_note_is_kept_sealed(browser: httpx.AsyncClient, tmp_path: Path) -> None:
    page = await press(browser, await begin(browser), "mij")
    sound = b"OggS" + b"geheim" * 400_000  # 2.4 MB: past what may lie in memory by default
    answer = await browser.post(
        "/bestand", data=form(page, "file"), files={"audio": ("note.ogg", sound, "audio/ogg")}
    )
    kept = list((tmp_path / "attachments").rglob("*.sealed"))

    assert answer.status_code == 200
    assert len(kept) == 1
    assert b"geheim" not in kept[0].read_bytes()
    assert count(tmp_path, "attachments") == 1


async def test_a_file_of_another_kind_is_kindly_refused(
    tmp_path: Path, browser: httpx.AsyncClient
) -> None:
    page = await press(browser, await begin(browser), "mij")
    answer = await browser.post(
        "/bestand", data=form(page, "file"), files={"audio": ("x.exe", b"MZ", "application/x-exe")}
    )

    assert 'class="notice"' in answer.text
    assert count(tmp_path, "attachments") == 0


async def test_thrown_away_says_goodbye_and_begins_anew(browser: httpx.AsyncClient) -> None:
    page = await press(browser, await begin(browser), "mij")
    page = await say(browser, page, STORY)
    page = await press(browser, page, "/erase", "move")

    assert STORY not in page
    assert "العربية" in page


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"part": "nonsense", "press": "mij"},
        {"part": "text", "say": "\x00\ud800".encode("utf-8", "replace").decode()},
        {"part": "ticks", "done": "1", "tick": "x" * 5000},
        {"part": "choice", "press": "y" * 5000},
        {"part": "text", "say": "ja", "prompt": "z" * 5000, "seen": "9" * 400},
    ],
)
async def test_a_bent_form_never_breaks(browser: httpx.AsyncClient, fields: dict[str, str]) -> None:
    page = await begin(browser)
    stamp = {"form": form(page, "text")["form"]}

    assert (await browser.post("/", data=stamp | fields)).status_code == 200


async def test_stopping_keeps_a_way_to_go_on(browser: httpx.AsyncClient) -> None:
    page = await press(browser, await begin(browser), "mij")
    page = await say(browser, page, STORY)
    page = await press(browser, page, "/stop", "move")
    page = await press(browser, page, "bewaren")
    page = await press(browser, page, "/resume")

    assert STORY in page
    assert form(page, "choice")["prompt"]


async def test_a_page_always_opens_at_what_is_new(browser: httpx.AsyncClient) -> None:
    page = await begin(browser)
    while 'name="done"' not in page:
        assert page.count('id="nieuw"') == 1
        page = await press(browser, page, "mij" if 'value="mij"' in page else "klaar")


async def test_a_script_hears_that_nothing_is_kept_any_more(browser: httpx.AsyncClient) -> None:
    page = await press(browser, await begin(browser), "mij")
    seen = form(page, "text")["seen"]
    gone = await browser.post(
        "/", data=form(page, "move") | {"press": "/erase"}, headers={"X-Part": "1"}
    )

    assert gone.status_code == 205
    assert (await browser.get(f"/nieuw?seen={seen}")).status_code == 205


async def test_an_address_that_is_not_there_gets_a_page(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/nergens")

    assert answer.status_code == 404
    assert "Deze pagina is er niet." in answer.text


async def test_a_file_that_is_too_big_gets_a_sentence(
    tmp_path: Path, browser: httpx.AsyncClient
) -> None:
    page = await press(browser, await begin(browser), "mij")
    sound = bytes(ATTACHMENT_BYTES_MAX + 20_000)
    answer = await browser.post(
        "/bestand", data=form(page, "file"), files={"audio": ("note.ogg", sound, "audio/ogg")}
    )

    assert 'class="notice"' in answer.text
    assert count(tmp_path, "attachments") == 0
