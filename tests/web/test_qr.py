"""The QR code: the squares of the standard, drawn as one path; and its link works once."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx
import pytest
import segno

from intakebot.channels.webchat import ways
from intakebot.channels.webchat.qr import MARGIN, Qr, qr
from tests.web.place import Place, place
from tests.web.test_chat import OURS, begin, form

PIECE = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Place]:
    async with place(tmp_path) as found:
        yield found


def a_browser(here: Place) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=here.app),
        base_url="http://testserver",
        headers=OURS,
        follow_redirects=True,
    )


def test_the_path_has_the_dark_squares_and_no_other() -> None:
    text = "https://chat.example.nl/w/" + "0123456789abcdef" * 4
    drawn = qr(text)
    dark = set()
    for across, down, width, back in PIECE.findall(drawn.path):
        assert width == back
        dark |= {(int(down) - MARGIN, int(across) - MARGIN + nth) for nth in range(int(width))}
    rows = segno.make(text, error="m", micro=False).matrix

    assert dark == {(y, x) for y, row in enumerate(rows) for x, one in enumerate(row) if one}
    assert drawn.size == len(rows) + 2 * MARGIN
    assert PIECE.sub("", drawn.path) == ""


async def test_the_link_in_it_brings_the_conversation_once(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def noted(text: str) -> Qr:
        drawn.append(text)
        return qr(text)

    monkeypatch.setattr(ways, "qr", noted)
    async with a_browser(here) as phone, a_browser(here) as other, a_browser(here) as third:
        await begin(phone)
        later = (await phone.get("/later")).text
        page = (await phone.post("/later", data=form(later, "later"))).text
        path = drawn[0].removeprefix("http://chat.example.nl")
        asked = (await other.get(path)).text
        opened = (await other.post(path, data=form(asked, "link"))).text
        stale = (await third.get(path)).text
        answer = await third.post(path, data=form(stale, "link"))

    assert '<svg class="qr" role="img"' in page
    assert "met de camera" in unescape(page)
    assert "Voor wie vraagt u hulp?" in opened
    assert answer.status_code == 410
