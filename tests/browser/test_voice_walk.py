"""A whole intake by taps and voice alone, with and without script: nothing is typed but numbers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import walking
from tests.browser.conftest import ARGS, PATIENCE_MS, PHONE
from tests.web.place import Served

pytestmark = pytest.mark.browser

# A microphone that beeps, and a person who lets us use it.
HEARS = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
NUMBERS = {"tel": "0612345678", "postal-code": "7131"}
STEPS_MAX, SPOKEN_MIN = 40, 3
SOUND = {"name": "stem.ogg", "mimeType": "audio/ogg", "buffer": b"OggS" + bytes(500)}


@pytest.fixture(scope="module")
def hearing_browser(chromium_path: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=[*ARGS, *HEARS], timeout=PATIENCE_MS
        )
        yield browser
        browser.close()


def a_page(browser: Browser, *, script: bool) -> Page:
    """A phone of somebody who speaks Arabic."""
    context = browser.new_context(
        viewport=PHONE,  # type: ignore[arg-type]  # width and height
        locale="ar",
        reduced_motion="reduce",
        java_script_enabled=script,
    )
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()


def speak(page: Page, *, script: bool) -> None:
    """Press, speak, press; without script the device's own recorder gives a file."""
    if not script:
        page.locator("#audio").set_input_files(SOUND)  # type: ignore[arg-type]  # name, type, bytes
        walking.submit(page, "form.voice button.go")
        return
    page.locator(".mic").click()
    expect(page.locator('.mic[aria-pressed="true"]')).to_be_visible()
    expect(page.locator(".mic time")).to_have_text(re.compile("0:0[1-9]"))
    walking.submit(page, ".mic")


def go_on(page: Page, *, script: bool) -> int:
    """Answers whatever is asked without a letter; gives how often something was spoken."""
    spoken = 0
    for _ in range(STEPS_MAX):
        if page.locator(".request").count():
            return spoken
        if page.locator("form.voice").count() and not (spoken == 1 and is_story(page)):
            speak(page, script=script)
            spoken += 1
        elif page.locator("#ask .tick").count():
            walking.submit(page, '#ask button[name="done"]')
        elif page.locator("#ask .choices .next").count():
            walking.submit(page, "#ask .choices .next >> nth=0")
        elif page.locator('#ask button.go[name="press"]').count():
            walking.submit(page, '#ask button.go[name="press"] >> nth=0')
        else:
            field = page.locator("#say")
            kind = field.get_attribute("type") or ""
            number = NUMBERS.get(kind) or NUMBERS[field.get_attribute("autocomplete") or ""]
            field.fill(number)
            walking.submit(page, ".say:has(#say) button")
    raise AssertionError(page.locator("#vraag").inner_text())


def is_story(page: Page) -> bool:
    """Whether the story is asked for; it is told in one go."""
    return page.locator('textarea[rows="4"]').count() > 0


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_whole_intake_by_taps_and_voice(
    served: Served, hearing_browser: Browser, *, script: bool
) -> None:
    page = a_page(hearing_browser, script=script)
    walking.begin(page, served.address, "ar")
    spoken = go_on(page, script=script)

    assert spoken >= SPOKEN_MIN
    assert page.locator(".request .whole").inner_text().startswith("IB-")
    assert page.locator(".own", has_text="رسالة صوتية").count() == spoken
    page.context.close()


def test_who_refuses_the_microphone_can_still_send_a_sound(
    served: Served, hearing_browser: Browser
) -> None:
    page = a_page(hearing_browser, script=True)
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('no'))"
    )
    walking.begin(page, served.address, "ar")
    walking.submit(page, "#ask .choices .next >> nth=0")
    page.locator(".mic").click()

    expect(page.locator(".voice [role=alert]")).to_be_visible()
    expect(page.locator("#audio")).to_be_visible()
    speak(page, script=False)
    expect(page.locator(".own").last).to_contain_text("رسالة صوتية")
    page.context.close()
