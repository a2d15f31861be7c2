"""A Chromium, a running web chat, and pages in it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.web.place import Served, serve

PHONE = {"width": 390, "height": 844}
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OpenPage = Callable[..., Page]
# Machines are busy, and one that waits in vain is red all the same.
PATIENCE_MS = 90_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")  # not longer: while Playwright runs, this thread runs no other loop
def chromium_browser(chromium_path: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=ARGS, timeout=PATIENCE_MS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def open_page(chromium_browser: Browser) -> Iterator[OpenPage]:
    """A new page in a context of its own: a phone in Dutch, unless said otherwise."""
    contexts: list[BrowserContext] = []

    def opened(**how: Any) -> Page:  # noqa: ANN401 - what Playwright takes
        context = chromium_browser.new_context(
            **{"viewport": PHONE, "locale": "nl-NL", "reduced_motion": "reduce"} | how
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
