"""The inbox for every eye and hand: axe on each page, small screens, big letters, keyboard only."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_chat_look import unfold, violations
from tests.web.office import OOST_GELRE, WINTERSWIJK, office

pytestmark = pytest.mark.browser

DESK, PHONE, NARROW = (1280, 900), (390, 844), (320, 640)
BEGINS_WITHIN_S = 180
TARGET_PX = 24  # WCAG 2.2 2.5.8; what is pressed most is larger
SMALL = """least => [...document.querySelectorAll("button, select, textarea, summary, main a")]
    .map(it => [it.textContent.trim() || it.id, it.getBoundingClientRect()])
    .filter(([_, box]) => box.width && box.height < least)
    .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""
CRISIS = ("Ik wil niet meer leven.", "Morgen word ik uit mijn huis gezet.")
ARABIC = ("نسكن منذ ثلاثة أسابيع في Lichtenvoorde. الإيجار متأخر شهرين.",)
LONG = ("Ik heb schulden en ik slaap slecht. " * 40, "https://" + "lang" * 60)
PAGES = ("queue", "mine", "empty", "absent", "crisis", "arabic", "taken", "link")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A running inbox with people in it."""

    address: str
    token: str
    paths: dict[str, str]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("inbox")
    ready, found, server = threading.Event(), list[Scene](), list[uvicorn.Server]()
    thread = threading.Thread(
        target=lambda: asyncio.run(_serve(folder, found, server, ready.set)), daemon=True
    )
    thread.start()
    assert ready.wait(BEGINS_WITHIN_S)
    yield found[0]
    server[0].should_exit = True
    thread.join(BEGINS_WITHIN_S)


async def _serve(
    folder: Path, found: list[Scene], server: list[uvicorn.Server], ready: Callable[[], None]
) -> None:
    async with office(folder) as here:
        crisis = await here.inhabitant("a" * 64).tell(CRISIS, voice=True)
        person = here.inhabitant("b" * 64)
        arabic = await person.tell(ARABIC, lang="ar")
        taken = await here.inhabitant("c" * 64).tell(LONG)
        browser = await here.signed_in("Marieke", (WINTERSWIJK, OOST_GELRE))
        for reference, what, filled in (
            (taken, "oppakken", {}),
            (taken, "bericht", {"text": "Goedemorgen."}),
            (taken, "notitie", {"text": "Eerst bellen."}),
        ):
            page = (await browser.get(f"/inbox/{reference}")).text
            hidden = {"version": page.partition('name="version" value="')[2].partition('"')[0]}
            hidden["form"] = page.partition('name="form" value="')[2].partition('"')[0]
            await browser.post(f"/inbox/{reference}/{what}", data=hidden | filled)
        config = uvicorn.Config(here.app, port=0, log_config=None, lifespan="off")
        server.append(uvicorn.Server(config))
        serving = asyncio.ensure_future(server[0].serve())
        while not server[0].started and not serving.done():  # noqa: ASYNC110 - has no event
            await asyncio.sleep(0.01)
        port = server[0].servers[0].sockets[0].getsockname()[1]
        paths = {
            "queue": "/inbox",
            "mine": "/inbox?lijst=van-mij",
            "empty": "/inbox?lijst=afgesloten",
            "absent": "/inbox/IB-0000-0000",
            "crisis": f"/inbox/{crisis}",
            "arabic": f"/inbox/{arabic}",
            "taken": f"/inbox/{taken}",
            "link": await here.link(await here.member("Bas")),
        }
        token = browser.cookies["staff"]
        found.append(Scene(address=f"http://127.0.0.1:{port}", token=token, paths=paths))
        ready()
        await serving


def shown(open_page: OpenPage, scene: Scene, name: str, size: tuple[int, int]) -> Page:
    page = open_page(bypass_csp=True, viewport={"width": size[0], "height": size[1]})
    page.context.add_cookies([{"name": "staff", "value": scene.token, "url": scene.address}])
    page.goto(scene.address + scene.paths[name])
    return page


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(
    scene: Scene, open_page: OpenPage, name: str, size: tuple[int, int]
) -> None:
    page = shown(open_page, scene, name, size)
    unfold(page)

    assert violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_small_screens_big_letters_and_fingers(
    scene: Scene, open_page: OpenPage, name: str
) -> None:
    page = shown(open_page, scene, name, NARROW)
    unfold(page)
    narrow = page.evaluate("document.documentElement.scrollWidth")
    small = page.evaluate(SMALL, TARGET_PX)
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    big = page.evaluate("document.documentElement.scrollWidth")

    assert (narrow, big) == (320, 390)
    assert small == []


def test_urgency_is_a_word_and_a_shape(scene: Scene, open_page: OpenPage) -> None:
    page = shown(open_page, scene, "queue", DESK)
    levels = page.locator("tbody .level")
    shapes = page.evaluate(
        "[...document.querySelectorAll('tbody .level use')].map(it => it.href.baseVal)"
    )

    assert levels.count() == len(shapes) == 2
    assert all(it.strip() for it in levels.all_inner_texts())
    assert len(set(shapes)) == len(set(levels.all_inner_texts()))


def test_own_words_stand_in_their_own_direction(scene: Scene, open_page: OpenPage) -> None:
    page = shown(open_page, scene, "arabic", DESK)
    style = "getComputedStyle(document.querySelector('.own'))"

    assert page.locator(".own").first.get_attribute("lang") == "ar"
    assert page.evaluate(f"{style}.direction") == "rtl"
    assert page.evaluate(f"{style}.borderRightWidth") == "4px"


def test_by_keyboard_from_the_list_to_the_button(scene: Scene, open_page: OpenPage) -> None:
    page = shown(open_page, scene, "queue", DESK)
    page.keyboard.press("Tab")
    expect(page.locator(".utrecht-skip-link")).to_be_in_viewport()
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('tbody') !== null"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    page.keyboard.press("Enter")

    assert outline != "none"
    expect(page.get_by_role("button", name="Ik pak dit op")).to_be_visible()


def test_pages_follow_their_own_policy(scene: Scene, chromium_browser: Browser) -> None:
    context = chromium_browser.new_context(locale="nl-NL")
    context.add_cookies([{"name": "staff", "value": scene.token, "url": scene.address}])
    page, said = context.new_page(), list[str]()
    page.on("console", lambda line: said.append(line.text))
    page.on("pageerror", lambda fault: said.append(str(fault)))
    for name in ("queue", "crisis", "taken"):
        page.goto(scene.address + scene.paths[name])
    context.close()

    assert said == []
