"""Two people with one phone, in a real browser, with script and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import walking
from tests.browser.conftest import OpenPage
from tests.web.place import Served

pytestmark = pytest.mark.browser
FIRST, SECOND = "De huur is twee maanden te laat.", "Mijn moeder valt vaak."


def tell(page: Page, address: str, story: str) -> None:
    """Begins, and tells this."""
    walking.begin(page, address, "nl")
    walking.submit(page, "#ask .choices .next >> nth=0")
    page.locator("#say").fill(story)
    walking.submit(page, "form.story:has(#say) button")


def close(page: Page) -> str:
    """Makes a code, and closes the chat on this device; gives the code."""
    page.locator('footer a[href="/sluiten"]').click()
    page.locator('form[action="/later"] button').click()
    code = page.locator(".code").inner_text()
    page.locator('a[href="/sluiten"]').click()
    page.locator('form[action="/sluiten"] button').click()
    page.locator(".start").wait_for()
    page.wait_for_load_state()
    return code


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_neither_sees_the_others_story(
    served: Served, open_page: OpenPage, *, script: bool
) -> None:
    page = open_page(java_script_enabled=script)
    tell(page, served.address, FIRST)
    code = close(page)

    assert re.fullmatch(r"\d{4} \d{4} \d{4} \d{4}", code)

    page.evaluate("history.go(-3)")  # to the chat as it was
    page.wait_for_timeout(500)
    expect(page.locator(".start, .plain")).to_be_visible()

    assert FIRST not in page.content()

    tell(page, served.address, SECOND)

    assert FIRST not in page.content()

    close(page)
    page.goto(f"{served.address}/verder")
    page.locator("#code").fill(code)
    page.locator('form[action="/verder"] button').click()
    page.locator("#thread").wait_for()

    assert FIRST in page.content()
    assert SECOND not in page.content()
