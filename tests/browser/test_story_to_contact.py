"""The main job, from the first word to the first answer, as a stranger would try it.

`make run`'s program as a real process, a phone with an inhabitant, a desk with a member.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import walking
from tests.browser.conftest import OpenPage
from tests.browser.program import Program, running

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 900}
NAMES = {"nl": "Marieke de Vries", "ar": "Fatima El Amrani"}
ASKS_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with running(tmp_path_factory.mktemp("program") / "state") as found:
        yield found


def open_chat(page: Page, program: Program, lang: str) -> str:
    """A whole intake; gives the reference that the inhabitant reads."""
    walking.begin(page, program.address, lang)
    walking.go_on(page, lang)
    return page.locator(".request .whole").first.inner_text().strip("\u2066\u2068\u2069")


def sign_in(page: Page, program: Program, name: str) -> None:
    page.goto(program.address + program.links[name])
    page.get_by_role("button", name="Aanmelden").click()
    expect(page).to_have_url(f"{program.address}/inbox")


@pytest.mark.parametrize("lang", ["nl", "ar"])
def test_a_story_reaches_a_person_and_the_person_reaches_back(
    program: Program, open_page: OpenPage, lang: str
) -> None:
    phone, desk, name = open_page(), open_page(viewport=DESK), NAMES[lang]
    reference = open_chat(phone, program, lang)

    sign_in(desk, program, name)
    row = desk.locator("tr", has_text=reference)
    expect(row).to_contain_text("Sociaal team Oost Gelre")
    row.get_by_role("link").click()
    expect(desk.locator(".own").first).to_contain_text(walking.STORIES[lang][0])
    desk.get_by_role("button", name="Ik pak dit op").click()
    expect(desk.locator(".state")).to_contain_text("U bent de contactpersoon.")

    phone.evaluate(ASKS_AGAIN)
    expect(phone.locator("#thread")).to_contain_text(name)
    expect(phone.locator("#thread")).to_contain_text("06 12 34 56 0")

    desk.locator("#bericht").fill("Goedemorgen, kan ik u vandaag om 15 uur bellen?")
    desk.get_by_role("button", name="Verstuur bericht").click()
    expect(desk.locator(".thread .member").last).to_contain_text("om 15 uur bellen?")
    phone.evaluate(ASKS_AGAIN)
    expect(phone.locator(".member").last).to_contain_text("om 15 uur bellen?")

    phone.locator("#say").fill("Ja, graag. شكرا")
    walking.submit(phone, ".say:has(#say) button")
    desk.wait_for_load_state()
    desk.evaluate(ASKS_AGAIN)
    news = desk.locator("#nieuws a")
    expect(news).to_be_visible()
    news.click()
    expect(desk.locator(".thread .inhabitant").last).to_contain_text("Ja, graag. شكرا")


def test_without_script_the_inbox_works_the_same(program: Program, open_page: OpenPage) -> None:
    phone, desk = open_page(), open_page(viewport=DESK, java_script_enabled=False)
    reference = open_chat(phone, program, "nl")
    sign_in(desk, program, "Joke Hendriks")
    desk.goto(f"{program.address}/inbox/{reference}")
    expect(desk.locator("h1")).to_have_text("Niet gevonden")  # another team

    desk.goto(f"{program.address}/inbox")
    desk.get_by_role("button", name="Afmelden").click()
    expect(desk.locator("h1")).to_have_text("U bent niet aangemeld")
