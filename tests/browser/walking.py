"""A person who goes through the whole intake in a browser, with or without script."""

from playwright.sync_api import Page

STORIES = {
    "nl": (
        "Wij wonen drie weken in Lichtenvoorde. De huur is twee maanden te laat.",
        "Ik heb nog geen uitkering en ik begrijp de brieven niet.",
    ),
    "ar": (
        "نسكن منذ ثلاثة أسابيع في Lichtenvoorde. الإيجار متأخر شهرين.",
        "ليس لدي دخل ولا أفهم الرسائل.",
    ),
}
ANSWERS = {"tel": "06 12345678", "postal-code": "7131 AB"}
STEPS_MAX = 40


def begin(page: Page, address: str, lang: str) -> None:
    """Opens the chat and picks a language."""
    page.goto(address)
    page.locator(f'.start button[value="{lang}"]').click()
    page.locator("#ask").wait_for()
    # With the script in it: a form that is sent before that loads the page anew.
    page.wait_for_load_state()


def go_on(page: Page, lang: str, *, until: str = ".request") -> list[str]:
    """Answers whatever is asked until something is on the page; gives the questions asked."""
    asked: list[str] = []
    told = 0
    for _ in range(STEPS_MAX):
        if page.locator(until).count():
            return asked
        asked.append(page.locator("#vraag").inner_text())
        if page.locator('textarea[rows="4"]').count() and told < len(STORIES[lang]):
            page.locator("#say").fill(STORIES[lang][told])
            told += 1
            submit(page, "form.story:has(#say) button")
        elif page.locator("#ask .tick").count():
            submit(page, '#ask button[name="done"]')
        elif page.locator("#ask .choices .next").count():
            submit(page, "#ask .choices .next >> nth=0")
        elif page.locator('#ask button.go[name="press"]').count():
            submit(page, '#ask button.go[name="press"] >> nth=0')
        else:
            kind = page.locator("#say").get_attribute("type")
            purpose = page.locator("#say").get_attribute("autocomplete")
            page.locator("#say").fill(
                ANSWERS.get(kind or "") or ANSWERS.get(purpose or "", "Yusuf")
            )
            submit(page, ".say:has(#say) button")
    raise AssertionError(f"never saw {until}; asked: {asked}")


def submit(page: Page, button: str) -> None:
    """Presses, and waits until the page has the answer."""
    stamp = page.locator('#ask [name="form"] >> nth=0').get_attribute("value")
    page.locator(button).click()
    # Asked anew from outside the page: a function that waits inside it, frame by frame, sometimes
    # never ran again in a page without script (1 of 12 runs, the new page being there).
    answered = page.locator(f'#ask [name="form"]:not([value="{stamp}"])')
    answered.first.wait_for(state="attached")
    page.wait_for_load_state()
