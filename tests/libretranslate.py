"""A LibreTranslate at the other end of real HTTP, with the rules of the real one.

Its API is told at docs.libretranslate.com; refusals and their codes are those of its `app.py`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

# What the real one ships models for, of the languages on offer here; Tigrinya and Somali it lacks.
LANGUAGES = ("auto", "ar", "en", "fa", "fr", "nl", "pl", "ru", "tr", "uk")
CHARS_MAX = 5_000


@dataclass
class LibreTranslate:
    """What it was asked, and what it is told to do instead of answering."""

    address: str = ""
    key: str | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    breaks: web.Response | None = None

    async def translate(self, request: web.Request) -> web.Response:
        """`POST /translate`."""
        form = await request.json()
        self.asked.append(form)
        if self.breaks is not None:
            return web.Response(
                status=self.breaks.status, body=self.breaks.body, headers=self.breaks.headers
            )
        if self.key is not None and form.get("api_key") != self.key:
            return refused(403, "Invalid API key")
        for name in ("q", "source", "target"):
            if not form.get(name):
                return refused(400, f"Invalid request: missing {name} parameter")
        if len(form["q"]) > CHARS_MAX:
            return refused(400, f"Invalid request: request ({len(form['q'])}) exceeds text limit")
        if form["source"] not in LANGUAGES:
            return refused(400, f"{form['source']} is not supported")
        return web.json_response({"translatedText": f"In het Nederlands: {form['q']}"})


def refused(status: int, why: str) -> web.Response:
    """A refusal as the real one gives it."""
    return web.json_response({"error": why}, status=status)


@asynccontextmanager
async def libretranslate(key: str | None = None) -> AsyncIterator[LibreTranslate]:
    """One that listens on a free port."""
    machine = LibreTranslate(key=key)
    app = web.Application()
    app.router.add_post("/translate", machine.translate)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    machine.address = f"http://127.0.0.1:{port}"
    try:
        yield machine
    finally:
        await runner.cleanup()
