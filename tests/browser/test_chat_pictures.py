"""Pictures in a real browser: each is drawn, stands beside words, and axe has nothing against it."""

from typing import Any

import pytest

from tests.browser import walking
from tests.browser.conftest import OpenPage
from tests.browser.test_chat_look import unfold, violations
from tests.web.place import Served

pytestmark = pytest.mark.browser

# Of each picture on the sheet: the words beside it, and whether a reader of the screen skips it.
BESIDE = """() => [...document.querySelectorAll("#ask .pic")].map(
    it => [it.parentElement.innerText.trim(), it.getAttribute("aria-hidden")])"""
NOT_DRAWN = """() => [...document.querySelectorAll("#ask .pic")].filter(it => it.checkVisibility()).filter(it => {
    const box = it.getBBox(), place = it.getBoundingClientRect();
    return !(box.width > 4 && box.height > 4 && place.width >= 16 && place.height >= 16);
}).map(it => it.outerHTML)"""
WITHOUT = """() => [...document.querySelectorAll("#ask button, #ask .tick")]
    .filter(it => !it.querySelector(".pic")).map(it => it.innerText)"""


@pytest.mark.parametrize("lang", ["nl", "ar"])
def test_beside_each_answer_stands_a_picture_and_its_words(
    served: Served, open_page: OpenPage, lang: str
) -> None:
    page = open_page(bypass_csp=True)
    refused: list[str] = []
    page.on("console", lambda told: refused.append(told.text))
    walking.begin(page, served.address, lang)
    seen = 0
    for until in ("textarea", ".tick", "#ask button[value=weet_niet]"):
        walking.go_on(page, lang, until=until)
        unfold(page)
        page.wait_for_load_state("networkidle")
        beside = page.evaluate(BESIDE)
        seen += len(beside)

        assert [it for it in beside if it[1] != "true" or not it[0]] == []
        assert page.evaluate(NOT_DRAWN) == []
        assert page.evaluate(WITHOUT) == []
        page.evaluate("scrollTo(0, 0)")  # what lies under the bar on top cannot be judged
        assert violations(page) == []
    assert seen > 40
    assert refused == []


def test_what_points_along_the_line_is_turned_from_right_to_left(
    served: Served, open_page: OpenPage
) -> None:
    page = open_page()
    turned = []
    for lang in ("nl", "ar"):
        page.goto(f"{served.address}/sample/choice/{lang}")
        back = page.locator('#ask button[value="/back"] .pic')
        turned.append(back.evaluate("it => getComputedStyle(it).transform"))

    assert turned == ["none", "matrix(-1, 0, 0, 1, 0, 0)"]


def test_each_sheet_of_pictures_comes_once(served: Served, open_page: OpenPage) -> None:
    page = open_page()
    asked: dict[str, str] = {}
    came: list[str] = []

    def note(event: dict[str, Any]) -> None:
        if "/pictures/" in event["response"]["url"]:
            asked[event["requestId"]] = event["response"]["url"]

    def weigh(event: dict[str, Any]) -> None:
        if event["requestId"] in asked and event["encodedDataLength"]:
            came.append(asked[event["requestId"]])

    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.responseReceived", note)
    wire.on("Network.loadingFinished", weigh)
    walking.begin(page, served.address, "nl")
    first = len(came)
    walking.go_on(page, "nl")

    assert first == 1
    assert len(came) == len(set(came)) == 2
