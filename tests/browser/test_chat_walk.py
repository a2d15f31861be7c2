"""The web chat in a real browser: with script, without, by keyboard, and what it weighs."""

import pytest
from playwright.sync_api import Page, expect

from intakebot.core.events import Taken, Wrote
from intakebot.core.session import ContactCard
from tests.browser import walking
from tests.browser.conftest import OpenPage
from tests.web.place import Served

MARIEKE = ContactCard(name="Marieke", phone="0544-393577", team="Sociaal team Oost Gelre")
pytestmark = pytest.mark.browser

TWICE_ESCAPE = """setTimeout(() => ["Escape", "Escape"].forEach(key =>
    document.dispatchEvent(new KeyboardEvent("keydown", {key, cancelable: true}))))"""
FIRST_BYTES_MAX, WHOLE_BYTES_MAX = 12_000, 60_000


class Scale:
    """Weighs everything that comes over the wire to a page: bodies as sent, and headers."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        self.requests = 0
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.on("Network.loadingFinished", self._add)
        wire.on("Network.requestWillBeSent", self._redirected)

    def _add(self, event: dict[str, float]) -> None:
        self.bytes += int(event["encodedDataLength"])
        self.requests += 1

    def _redirected(self, event: dict[str, dict[str, float]]) -> None:
        if "redirectResponse" in event:
            self.bytes += int(event["redirectResponse"]["encodedDataLength"])


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("lang", ["nl", "ar"])
def test_a_whole_intake_within_its_weight(
    served: Served, open_page: OpenPage, lang: str, *, script: bool
) -> None:
    page = open_page(java_script_enabled=True) if script else open_page(java_script_enabled=False)
    scale = Scale(page)
    walking.begin(page, served.address, lang)
    first = scale.bytes
    walking.go_on(page, lang)

    assert first <= FIRST_BYTES_MAX
    assert scale.bytes <= WHOLE_BYTES_MAX
    assert page.locator(".request .whole").inner_text().startswith("IB-")


def test_with_script_the_page_is_loaded_once(served: Served, open_page: OpenPage) -> None:
    page = open_page()
    walking.begin(page, served.address, "nl")
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    walking.go_on(page, "nl")

    assert not loads


def test_enter_sends_and_the_field_keeps_the_focus(served: Served, open_page: OpenPage) -> None:
    page = open_page()
    walking.begin(page, served.address, "nl")
    walking.go_on(page, "nl", until='textarea[rows="4"]')
    page.locator("#say").focus()
    page.keyboard.type("De huur is te laat.")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Ik slaap slecht.")
    page.keyboard.press("Enter")

    expect(page.locator(".own").last).to_have_text("U\nDe huur is te laat.\nIk slaap slecht.", use_inner_text=True)  # fmt: skip
    expect(page.locator("#say")).to_be_focused()
    expect(page.locator("#say")).to_have_value("")


def test_after_a_press_the_focus_is_on_the_new_question(
    served: Served, open_page: OpenPage
) -> None:
    page = open_page()
    walking.begin(page, served.address, "nl")
    walking.submit(page, '#ask button[value="mij"]')

    expect(page.locator("#vraag")).to_be_focused()
    assert page.locator("#thread").get_attribute("role") == "log"


def test_the_whole_way_to_the_first_answer_by_keyboard(served: Served, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(served.address)
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.className").startswith("skip")

    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "nl":
            break
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert outline == "3px"
    page.keyboard.press("Enter")

    expect(page.locator("#vraag")).to_have_text("Voor wie vraagt u hulp?")


@pytest.mark.parametrize("by", ["click", "escape", "plain"])
def test_quick_exit_leaves_nothing_to_go_back_to(
    served: Served, open_page: OpenPage, by: str
) -> None:
    page = open_page(java_script_enabled=by != "plain")
    page.goto("about:blank")
    walking.begin(page, served.address, "nl")
    walking.go_on(page, "nl", until='textarea[rows="4"]')
    if by == "escape":
        # Both at once: pressed one by one, a busy machine could put more than the 1.2 s between.
        page.evaluate(TWICE_ESCAPE)
    else:
        page.locator("#exit").click()
    page.wait_for_url("**/static/weather")
    page.wait_for_load_state()
    before = page.url
    # As a finger does it. `go_back` waits for one load, and gives up when a curtain comes between.
    page.evaluate("history.back()")
    page.wait_for_url(lambda url: url != before)
    page.wait_for_load_state()

    assert page.locator("#thread").count() == 0
    assert "huur" not in page.content()


def test_the_contact_person_writes_and_the_open_page_shows_it(
    served: Served, open_page: OpenPage
) -> None:
    page = open_page()
    walking.begin(page, served.address, "nl")
    walking.go_on(page, "nl")
    page.locator("#say").fill("Ik zit nog te typen")
    cookie = next(it["value"] for it in page.context.cookies() if it["name"] == "chat")
    assert cookie
    served.member_does(cookie, Taken(contact=MARIEKE))
    served.member_does(cookie, Wrote(text="Ik bel u morgen."))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(page.locator(".member")).to_contain_text("Ik bel u morgen.")
    expect(page.locator(".member .by")).to_contain_text("Marieke")
    expect(page.locator("#say")).to_have_value("Ik zit nog te typen")

    walking.submit(page, ".say:has(#say) button")

    expect(page.locator(".own").last).to_contain_text("Ik zit nog te typen")


def test_without_network_the_text_stays(served: Served, open_page: OpenPage) -> None:
    page = open_page()
    walking.begin(page, served.address, "nl")
    walking.go_on(page, "nl", until='textarea[rows="4"]')
    page.context.set_offline(True)
    page.locator("#say").fill("Mijn verhaal")
    page.locator(".say:has(#say) button").click()

    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("#say")).to_have_value("Mijn verhaal")

    page.context.set_offline(False)
    walking.submit(page, ".say:has(#say) button")

    expect(page.locator(".own").last).to_contain_text("Mijn verhaal")
    assert page.locator("#offline").count() == 0
