"""Reading aloud in a real browser: the device's voice, a recording, a plain page, and silence."""

import math
import struct
import wave
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import walking
from tests.browser.conftest import OpenPage
from tests.browser.test_chat_look import unfold, violations
from tests.web.place import Served, serve

pytestmark = pytest.mark.browser

HZ, SECONDS = 8000, 20
# A device with voices in Dutch and Arabic of its own, and one in English that needs a network.
DEVICE = """() => {
    const voice = (lang, localService) => ({lang, localService, name: lang});
    window.told = []; window.cancelled = 0;
    window.SpeechSynthesisUtterance = class extends EventTarget {
        constructor(text) { super(); this.text = text; }
    };
    Object.defineProperty(window, "speechSynthesis", {value: {
        getVoices: () => [voice("nl-BE", true), voice("nl_NL", true), voice("ar-SA", true), voice("en-US", false)],
        speak: it => told.push(it), cancel: () => { cancelled += 1; }, addEventListener: () => {},
    }});
}"""
TOLD = "told.map(it => [it.text, it.lang])"
HEAR = "#ask .hear"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A web chat with a recording of the first question and of the first statement, in Dutch."""
    folder = tmp_path_factory.mktemp("voices")
    for name in ("voor_wie.nl.wav", "welkom.nl.wav"):
        with wave.open(str(folder / name), "wb") as file:
            file.setparams((1, 2, HZ, 0, "NONE", ""))
            tones = (int(900 * math.sin(it / 4)) for it in range(HZ * SECONDS))
            file.writeframes(b"".join(struct.pack("<h", it) for it in tones))
    with serve(tmp_path_factory.mktemp("recorded"), voices=folder) as running:
        yield running


def on_device(page: Page) -> Page:
    page.add_init_script(f"({DEVICE})()")
    return page


@pytest.mark.parametrize(("lang", "voice"), [("nl", "nl_NL"), ("ar", "ar-SA")])
def test_a_press_reads_the_question_and_its_answers_in_their_language(
    served: Served, open_page: OpenPage, lang: str, voice: str
) -> None:
    page = on_device(open_page())
    walking.begin(page, served.address, lang)
    page.locator(HEAR).click()
    asked = page.locator("#vraag").inner_text()
    answers = page.locator("#ask .choices .next").all_inner_texts()

    assert page.evaluate(TOLD) == [[text, voice] for text in (asked, *answers)]
    expect(page.locator(HEAR)).to_have_attribute("aria-pressed", "true")

    page.evaluate("told.at(-1).dispatchEvent(new Event('end'))")

    expect(page.locator(HEAR)).to_have_attribute("aria-pressed", "false")


def test_nothing_speaks_by_itself_and_a_second_press_stops(
    served: Served, open_page: OpenPage
) -> None:
    page = on_device(open_page())
    walking.begin(page, served.address, "nl")
    page.locator(".msg.bot .hear").first.wait_for()

    assert page.evaluate("told.length") == 0

    page.locator(".msg.bot .hear").first.click()
    page.locator(".msg.bot .hear").first.click()

    assert page.evaluate("told.length") == 1
    assert page.evaluate("cancelled") >= 2
    expect(page.locator(".hear[aria-pressed=true]")).to_have_count(0)


def test_an_answer_makes_it_silent_and_the_next_question_can_be_heard(
    served: Served, open_page: OpenPage
) -> None:
    page = on_device(open_page())
    walking.begin(page, served.address, "nl")
    page.locator(HEAR).click()
    before = page.evaluate("cancelled")
    walking.submit(page, '#ask button[value="mij"]')
    page.locator(HEAR).wait_for()

    assert page.evaluate("cancelled") > before
    expect(page.locator(HEAR)).to_have_attribute("aria-pressed", "false")
    assert page.locator(".own .hear").count() == 0


def test_without_an_own_voice_for_the_language_there_is_no_button(
    served: Served, open_page: OpenPage
) -> None:
    asked: list[str] = []
    for device in (True, False):
        page = on_device(open_page()) if device else open_page()
        page.on("request", lambda it: asked.append(it.url))
        walking.begin(page, served.address, "en" if device else "nl")
        page.wait_for_load_state("networkidle")

        assert page.locator(".hear").count() == 0
        # Who cannot hear it pays nothing for it.
        assert bool([it for it in asked if "/aloud." in it]) is device
        asked.clear()


@pytest.mark.parametrize("lang", ["nl", "ar"])
def test_axe_finds_nothing_and_nothing_sticks_out(
    served: Served, open_page: OpenPage, lang: str
) -> None:
    page = on_device(open_page(bypass_csp=True, viewport={"width": 320, "height": 640}))
    walking.begin(page, served.address, lang)
    page.locator(HEAR).wait_for()
    unfold(page)
    names = page.evaluate("[...document.querySelectorAll('.hear')].map(it => it.ariaLabel)")
    sizes = page.evaluate("[...document.querySelectorAll('.hear')].map(it => it.offsetWidth)")

    assert set(names) == {"Luister" if lang == "nl" else "استمع"}
    assert min(sizes) >= 44
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.evaluate("scrollTo(0, 0)")
    assert violations(page) == []


def test_a_recording_is_played_and_not_the_device(recorded: Served, open_page: OpenPage) -> None:
    page = on_device(open_page())
    refused: list[str] = []
    page.on("console", lambda told: refused.append(told.text))
    walking.begin(page, recorded.address, "nl")
    page.locator(HEAR).wait_for()
    audio = page.locator("#ask audio")

    expect(audio).to_be_hidden()
    assert page.evaluate("document.querySelector('#ask audio').currentTime") == 0

    page.locator(HEAR).click()
    audio.evaluate("""it => new Promise(done => {
        it.addEventListener("timeupdate", () => it.currentTime > 0 && done());
    })""")

    assert page.evaluate("told.length") == 0

    page.locator(HEAR).click()

    assert audio.evaluate("it => it.paused")
    assert refused == []


def test_without_script_a_recording_has_the_controls_of_the_browser(
    recorded: Served, open_page: OpenPage
) -> None:
    page = open_page(java_script_enabled=False)
    walking.begin(page, recorded.address, "nl")

    expect(page.locator("#ask audio[controls][preload=none]")).to_be_visible()
    expect(page.locator(".msg.bot audio")).to_have_count(1)
    assert page.locator(".hear").count() == 0


def test_quick_exit_is_silent(served: Served, open_page: OpenPage) -> None:
    page = on_device(open_page())
    walking.begin(page, served.address, "nl")
    page.locator(HEAR).click()
    said: list[str] = []

    def heard(what: str) -> None:
        said.append(what)

    page.expose_function("heard", heard)
    page.evaluate("speechSynthesis.cancel = () => heard('silent')")
    page.locator("#exit").click()
    page.wait_for_url("**/static/weather")

    assert "silent" in said
