"""Everybody can use it: axe on every screen, big letters, small screens, targets, dark, forced colours."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import walking
from tests.browser.conftest import OpenPage
from tests.web.place import Served
from tests.web.samples import SCREENS

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent.parent / "vendor" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
LANGS = ("nl", "ar")
TARGET_PX = 44
# 320 CSS pixels wide is a screen of 1280 at 400 % (WCAG 1.4.10).
NARROW = {"width": 320, "height": 640}
SMALL_TARGETS = """least => [...document.querySelectorAll(
    "button, .tick, .field, summary, .exit, footer a, .card a[href^=tel]")]
    .map(it => [it.textContent.trim() || it.id, it.getBoundingClientRect()])
    .filter(([_, box]) => box.width && (box.height < least || box.width < least))
    .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""

# Also to the left, which a page from right to left does not count as its width.
OUTSIDE = """() => [...document.querySelectorAll("body *:not(.hid, .hid *)")]
    .map(it => [it.tagName + " " + it.className, it.getBoundingClientRect()])
    .filter(([_, box]) => box.width && (box.left < -0.5 || box.right > innerWidth + 0.5))
    .map(([name, box]) => `${name}: ${box.left} to ${box.right}`)"""


def violations(page: Page) -> list[str]:
    """What axe finds, a line each; also contrast that it could not decide."""
    page.add_script_tag(path=AXE)
    found = page.evaluate(
        """async tags => {
            const r = await axe.run(document, {runOnly: {type: "tag", values: tags}});
            const unsure = r.incomplete.filter(it => it.id === "color-contrast");
            return [...r.violations, ...unsure].flatMap(
                it => it.nodes.map(node => `${it.id}: ${node.target} ${node.failureSummary}`));
        }""",
        TAGS,
    )
    return [str(line) for line in found]


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")


@pytest.mark.parametrize(
    ("lang", "scheme"), [("nl", "light"), ("ar", "light"), ("nl", "dark")], ids=["nl", "ar", "dark"]
)
@pytest.mark.parametrize("name", SCREENS)
def test_axe_finds_nothing(
    served: Served, open_page: OpenPage, name: str, lang: str, scheme: str
) -> None:
    page = open_page(bypass_csp=True, color_scheme=scheme)
    page.goto(f"{served.address}/sample/{name}/{lang}")
    unfold(page)

    assert violations(page) == []


@pytest.mark.parametrize("locale", ["nl-NL", "ar-SY"])
@pytest.mark.parametrize("path", ["/", "/verder", "/w/abc", "/nergens"])
def test_axe_finds_nothing_around_the_conversation(
    served: Served, open_page: OpenPage, path: str, locale: str
) -> None:
    page = open_page(bypass_csp=True, locale=locale)
    page.goto(served.address + path)

    assert violations(page) == []


def test_axe_finds_nothing_where_a_code_is_made_and_used(
    served: Served, open_page: OpenPage
) -> None:
    page = open_page(bypass_csp=True)
    walking.begin(page, served.address, "nl")
    page.goto(f"{served.address}/later")
    found = violations(page)
    page.locator("main button").click()
    page.locator(".code").wait_for()
    found += violations(page)
    page.goto(f"{served.address}/verder")
    page.locator("main button").click()
    page.locator("[role=alert]").wait_for()

    assert found + violations(page) == []


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", SCREENS)
def test_small_screens_and_big_letters_and_fingers(
    served: Served, open_page: OpenPage, name: str, lang: str
) -> None:
    page = open_page(viewport=NARROW)
    page.goto(f"{served.address}/sample/{name}/{lang}")
    unfold(page)
    small = page.evaluate(SMALL_TARGETS, TARGET_PX)
    narrow = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("document.documentElement.style.fontSize = '225%'")  # twice our own 112.5 %
    big = page.evaluate("document.documentElement.scrollWidth")

    assert (narrow, big) == (320, 390)
    assert small == []
    assert page.evaluate(OUTSIDE) == []
    assert page.locator(".top").bounding_box()["height"] < 844 / 3  # type: ignore[index]  # it is there


def test_letters_of_each_language_say_which_language_they_are(
    served: Served, open_page: OpenPage
) -> None:
    page = open_page(locale="ar-SY")
    page.goto(served.address)
    spoken = page.evaluate(
        "[...document.querySelectorAll('.start button[lang]')].map(it => [it.lang, it.dir])"
    )

    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]  # fmt: skip
    assert spoken[0] == ["ar", "rtl"]
    assert ["nl", "ltr"] in spoken


def test_a_number_in_an_arabic_sentence_keeps_its_order(
    served: Served, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(f"{served.address}/sample/card/ar")
    link = page.locator('.card a[href="tel:08002000"]')

    assert link.inner_text().strip("\u2066\u2069") == "0800-2000"
    assert link.locator("bdi").get_attribute("dir") == "ltr"


def test_nothing_moves_for_who_wants_rest(served: Served, open_page: OpenPage) -> None:
    page = open_page()
    walking.begin(page, served.address, "nl")
    walking.submit(page, '#ask button[value="mij"]')

    assert page.evaluate("document.getAnimations().length") == 0


def test_axe_does_find_what_is_wrong(served: Served, open_page: OpenPage) -> None:
    page = open_page(bypass_csp=True)
    page.goto(f"{served.address}/sample/phone/nl")
    page.evaluate("""() => {
        document.querySelector("label[for=say]").remove();
        document.querySelector("#vraag").style.color = "#ddd";
    }""")

    assert {line.partition(":")[0] for line in violations(page)} == {"color-contrast", "label"}
