"""The pictures of the README, taken in Chromium from the running program: `make screenshots`.

It starts `serve --sample` on a free port with a state folder of its own, lets some invented people
tell their story, lets a member take a request, and keeps what the screen shows in docs/images. The
state folder is thrown away. Look at every picture before you keep it.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests import chromium
from tests.browser.walking import submit

IMAGES = Path(__file__).parent / "images"
BYTES_MAX = 150_000
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1200, "height": 760}
# Sharper than a screen of long ago, and still small files.
PHONE_SCALE, DESK_SCALE = 1.5, 1
WAIT_MS = 60_000
STEPS_MAX = 40
MEMBER = "Marieke"
LINK = re.compile(r"^  (?P<who>\S+) .*\n +(?P<link>http://\S+/inbox/in/\S+)$", re.MULTILINE)
SKIP = {"nl": "overslaan", "ar": "تخطي"}


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody invented: the story, and answers by words of the question; the rest is skipped."""

    lang: str
    whom: str
    story: str
    answers: dict[str, str] = field(default_factory=dict)


SAMIRA = Person(
    lang="nl",
    whom="mij",
    story=(
        "Ik heb schulden. Ik doe de post niet meer open. "
        "De stroom wordt donderdag afgesloten. Ik heb twee kleine kinderen."
    ),
    answers={
        "geld voor eten": "ja",
        "bedrijf": "Liander",
        "elke maand geld": "ja",
        "goed": "Ik kan goed koken, en ik praat makkelijk met mensen.",
        "postcode": "7151",
        "noemen": "Samira",
        "nummer": "06 12345678",
    },
)
KHALED = Person(
    lang="ar",
    whom="mijn_gezin",
    story=(
        "نحن عائلة من سوريا. حصلنا على بيت الأسبوع الماضي. ما عندنا دخل بعد ولا أفهم الرسائل "
        "من البلدية. كنت أعمل نجارًا. أريد أن أعمل وأتعلم اللغة. أولادي بحاجة إلى مدرسة."
    ),
    answers={"البريدي": "7131", "نناديك": "خالد", "رقم": "06 12345679"},
)
OTHERS = (
    Person(
        lang="nl",
        whom="mij",
        story="ik voel me vaak alleen sinds mijn man er niet meer is. ik zou graag mensen zien",
        answers={"postcode": "7101", "noemen": "Riet", "nummer": "0543 512345"},
    ),
    Person(
        lang="nl",
        whom="mij",
        story=(
            "Ik zit al lang in de ziektewet. Ik zit de hele dag op de bank. Thuis gaat het ook "
            "niet goed. Ik wil wel weer werken."
        ),
        answers={"postcode": "3421", "noemen": "Johan", "nummer": "06 12345670"},
    ),
    Person(
        lang="nl",
        whom="mij",
        story=(
            "ben gestopt met school, heb geen diploma. kan geen werk vinden en heb geen geld "
            "meer. woon bij een vriend op de bank"
        ),
        answers={"eten": "ja", "postcode": "1315", "noemen": "Dani", "nummer": "06 12345671"},
    ),
)


def main() -> int:
    """Take all pictures; 1 when one of them is too big."""
    place = chromium.find()
    if place is None:
        print(chromium.REMEDY)
        return 1
    IMAGES.mkdir(exist_ok=True)
    with served() as (address, link), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=["--no-sandbox"])
        take(browser, address, link)
        browser.close()
    too_big = [it.name for it in sorted(IMAGES.glob("*.png")) if it.stat().st_size > BYTES_MAX]
    print(f"Look at them: {IMAGES}. Too big: {', '.join(too_big) or 'none'}.")
    return 1 if too_big else 0


@contextmanager
def served() -> Iterator[tuple[str, str]]:
    """The running program: its address, and the sign-in link of the member."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{free.getsockname()[1]}"
        free.close()
        own = {"INTAKEBOT_STATE": f"{folder}/state", "INTAKEBOT_LISTEN": listen}
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("INTAKEBOT_")}
        command = (sys.executable, "-m", "intakebot", "serve", "--sample")
        program = subprocess.Popen(
            command, env=inherited | own, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        try:
            yield f"http://{listen}", link_of(program)
        finally:
            program.terminate()
            program.wait(timeout=30)


def link_of(program: subprocess.Popen[str]) -> str:
    """What the program prints at its start, read until the member's link stands there."""
    assert program.stdout is not None
    told = ""
    for line in program.stdout:
        told += line
        for found in LINK.finditer(told):
            if found["who"] == MEMBER:
                return found["link"]
    raise RuntimeError(f"The program did not start: {told}")


def take(browser: Browser, address: str, link: str) -> None:
    """Everybody talks, the member reads and takes, and what can be seen is kept."""
    for person in OTHERS:
        page = open_page(browser, person.lang)
        tell(page, address, person)
        page.context.close()
    arabic = open_page(browser, KHALED.lang)
    tell(arabic, address, KHALED, domains="chat-ar")
    dutch = open_page(browser, SAMIRA.lang)
    tell(dutch, address, SAMIRA, domains="chat-nl")

    desk = open_page(browser, "nl", phone=False)
    desk.goto(link)
    desk.locator("main form button").click()
    desk.locator("table.queue").wait_for()
    keep(desk, "inbox")
    desk.locator("table.queue a", has_text="Samira").click()
    desk.locator("section.act").wait_for()
    keep(desk, "request")
    desk.set_viewport_size(PHONE)
    keep(desk, "request-phone")
    desk.locator("section.act button").click()
    desk.locator("#bericht").fill("Dag Samira, ik ben Marieke. Ik bel u morgen om tien uur.")
    desk.locator('form[action$="/bericht"] button').click()
    desk.locator("ol.thread li", has_text="tien uur").wait_for()
    dutch.reload()
    dutch.locator(".msg", has_text="tien uur").wait_for()
    dutch.evaluate("scrollTo(0, document.body.scrollHeight)")
    keep(dutch, "chat-taken")


def open_page(browser: Browser, lang: str, *, phone: bool = True) -> Page:
    """A page in a browser of its own."""
    context = browser.new_context(
        viewport=PHONE if phone else DESK,
        device_scale_factor=PHONE_SCALE if phone else DESK_SCALE,
        locale=lang,
        timezone_id="Europe/Amsterdam",
        reduced_motion="reduce",
    )
    context.set_default_timeout(WAIT_MS)
    return context.new_page()


def tell(page: Page, address: str, person: Person, *, domains: str = "") -> None:
    """One whole intake; a picture at the life domains when *domains* names one."""
    page.goto(address)
    page.locator(f'.start button[value="{person.lang}"]').click()
    page.locator("#ask").wait_for()
    submit(page, f'button[value="{person.whom}"]')
    page.locator("#say").fill(person.story)
    submit(page, ".say:has(#say) button")
    submit(page, 'button[value="klaar"]')
    if domains:
        page.locator("#vraag").scroll_into_view_if_needed()
        keep(page, domains)
    for _ in range(STEPS_MAX):
        if page.locator(".request").count():
            return
        answer(page, person)
    raise RuntimeError("The request was never sent.")


def answer(page: Page, person: Person) -> None:
    """The open question, answered as this person does."""
    asked = page.locator("#vraag").inner_text()
    known = next((it for words, it in person.answers.items() if words in asked), None)
    if page.locator('#ask button[name="done"]').count():
        submit(page, '#ask button[name="done"]')
    elif page.locator('#ask button.go[name="press"]').count():
        submit(page, '#ask button.go[name="press"] >> nth=0')
    else:
        page.locator("#say").fill(known or SKIP[person.lang])
        submit(page, ".say:has(#say) button")


def keep(page: Page, name: str) -> None:
    """What the screen shows, as a picture."""
    page.wait_for_load_state()
    page.mouse.move(0, 0)  # away from what changes under a pointer
    page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    sys.exit(main())
