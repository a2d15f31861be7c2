"""The story card, "who has my story" and "my data" in a browser: axe, narrow screens, one sheet of paper."""

import re

import pytest
from playwright.sync_api import Page

from intakebot.core.events import Taken
from intakebot.core.session import ContactCard
from tests.browser import walking
from tests.browser.conftest import OpenPage
from tests.browser.test_chat_look import NARROW, OUTSIDE, violations
from tests.web.place import Served

pytestmark = pytest.mark.browser

MARIEKE = ContactCard(name="Marieke", phone="06-12345678", team="Sociaal team Oost Gelre")
LOCALES = {"nl": "nl-NL", "ar": "ar-SY"}


def through(page: Page, served: Served, lang: str) -> None:
    """A request of this person, taken by Marieke."""
    walking.begin(page, served.address, lang)
    walking.go_on(page, lang)
    cookies = {it["name"]: it["value"] for it in page.context.cookies()}
    served.member_does(cookies["chat"], Taken(contact=MARIEKE))


@pytest.mark.parametrize("lang", ["nl", "ar"])
def test_the_card_can_be_read_shown_and_printed(
    served: Served, open_page: OpenPage, lang: str
) -> None:
    page = open_page(bypass_csp=True, locale=LOCALES[lang])
    through(page, served, lang)
    found = []
    for path in ("/kaart", "/wie", "/mijn"):
        page.goto(served.address + path)
        found += violations(page)
    page.locator("main button.go").click()
    page.locator(".paper").wait_for()
    found += violations(page)
    page.goto(f"{served.address}/kaart")
    page.locator('input[value="words"]').uncheck()
    page.locator("main button.go").click()
    page.locator(".paper").wait_for()
    found += violations(page)
    page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
    narrow = page.evaluate("document.documentElement.scrollWidth")
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
    shown = page.locator(".paper").inner_text()

    assert found == []
    assert narrow == NARROW["width"]
    assert page.evaluate(OUTSIDE) == []
    assert sheets == 1
    assert "Marieke" in shown
    assert walking.STORIES[lang][0] not in shown
    assert page.locator("#print").is_visible()
    if lang == "ar":
        assert "Geld en schulden" in shown
        assert "المال والديون" in shown


def test_on_paper_there_is_nothing_but_the_card(served: Served, open_page: OpenPage) -> None:
    page = open_page()
    through(page, served, "nl")
    page.goto(f"{served.address}/kaart")
    page.locator("main button.go").click()
    page.locator(".paper").wait_for()
    page.emulate_media(media="print")

    assert not page.locator(".exit").is_visible()
    assert not page.locator("#print").is_visible()
    assert page.locator(".paper footer").is_visible()
