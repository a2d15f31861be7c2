"""One browser that goes through the intake in the web chat, with the shipped script or without.

It asks for what a phone asks for, with the headers of Chrome on Android: the page, its style
sheets and script once, and then forms. `recorded` goes through the intake once, reading each page
as a person does; after that the same answers are given without reading more than is needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from tests.bench.wire import Answer, Wire
from tests.channels.walking import STORY

AGENT = (
    "User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/141.0.0.0 Mobile Safari/537.36"
)
COMMON = (
    'sec-ch-ua: "Google Chrome";v="141", "Not?A_Brand";v="8", "Chromium";v="141"',
    "sec-ch-ua-mobile: ?1",
    'sec-ch-ua-platform: "Android"',
    AGENT,
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Accept-Language: nl-NL,nl;q=0.9,en;q=0.8",
    "Sec-Fetch-Site: same-origin",
)
NAVIGATES = (
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Upgrade-Insecure-Requests: 1",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-User: ?1",
    "Sec-Fetch-Dest: document",
    "Cache-Control: max-age=0",
)
FETCHES = ("Accept: */*", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty", "X-Part: 1")
LOADS = ("Accept: */*", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: style")
ASSET = re.compile(rb'(?:href|src)="(/static/[^"]+)"')
QUESTION = re.compile(rb'<h2 id="vraag"[^>]*>(.*?)</h2>', re.DOTALL)
BUTTON = re.compile(r'name="(press|done)" value="([^"/][^"]*)"')
# What is typed in a field of this kind; else a name.
TYPED = {'type="tel"': "06 12345678", "postal-code": "7101 AB", 'inputmode="numeric"': "2"}
WORDS = "Sara"
SENT = b"IB-"
STEPS_MAX = 60


@dataclass(frozen=True, kw_only=True)
class Step:
    """An answer, and what is on screen after it."""

    part: str
    fields: tuple[tuple[str, str], ...]
    after: bytes


Script = tuple[Step, ...]


class Visit:
    """One person with an empty browser."""

    def __init__(self, url: str, *, scripted: bool) -> None:
        self._at = urlsplit(url)
        self._scripted = scripted
        self._wire = Wire()
        self._cookie = ""
        self._page = b""
        self._common = "".join(f"{it}\r\n" for it in (f"Host: {self._at.netloc}", *COMMON))

    @property
    def size(self) -> tuple[int, int]:
        """Bytes that came, and bytes that went."""
        return self._wire.got_bytes, self._wire.sent_bytes

    async def open(self) -> None:
        """The first page, and what belongs to it."""
        assert self._at.hostname is not None
        self._wire = await Wire.to(self._at.hostname, self._at.port or 80)
        await self._get("/")
        for asset in dict.fromkeys(ASSET.findall(self._page)):
            answer = await self._wire.ask(self._head(f"GET {asset.decode()}", LOADS))
            assert answer.code == 200, answer.head

    async def turn(self, step: Step) -> None:
        """One answer; the next question is on screen when this returns."""
        await self.send(step.part, step.fields)
        assert step.after in self._page, (step, self._page.decode())

    async def send(self, part: str, fields: tuple[tuple[str, str], ...]) -> bytes:
        """Send a form of the page; gives the page, or with script what is new of it."""
        hidden = [("form", _hidden(self._page, b"form")), ("part", part)]
        if part != "begin":
            hidden.append(("seen", _hidden(self._page, b"seen")))
            if prompt := _hidden(self._page, b"prompt"):
                hidden.append(("prompt", prompt))
        body = urlencode((*hidden, *fields)).encode()
        fetched = self._scripted and part != "begin"
        answer = await self._wire.ask(
            self._head("POST /", FETCHES if fetched else NAVIGATES, len(body)) + body
        )
        self._keep(answer)
        if fetched:
            assert answer.code == 200, answer.head
            self._page = answer.body
        else:
            assert answer.code == 303, answer.head
            await self._get("/")
        return self._page

    def close(self) -> None:
        """The person goes."""
        self._wire.close()

    async def _get(self, path: str) -> None:
        answer = await self._wire.ask(self._head(f"GET {path}", NAVIGATES))
        assert answer.code == 200, answer.head
        self._keep(answer)
        self._page = answer.body

    def _keep(self, answer: Answer) -> None:
        cookie = answer.field(b"set-cookie").partition(b";")[0].decode()
        if cookie.startswith("chat="):
            self._cookie = cookie

    def _head(self, line: str, own: tuple[str, ...], size: int | None = None) -> bytes:
        head = f"{line} HTTP/1.1\r\n{self._common}" + "\r\n".join(own)
        if self._cookie:
            head += f"\r\nCookie: {self._cookie}"
        if size is not None:
            head += (
                f"\r\nOrigin: {self._at.scheme}://{self._at.netloc}"
                f"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {size}"
            )
        return f"{head}\r\nReferer: {self._at.geturl()}/\r\n\r\n".encode()


def _hidden(page: bytes, name: bytes) -> str:
    return page.partition(b'name="' + name + b'" value="')[2].partition(b'"')[0].decode()


async def recorded(url: str) -> Script:
    """The intake of somebody in debt, from the language to the reference."""
    visit = Visit(url, scripted=True)
    await visit.open()
    fields: tuple[tuple[str, str], ...] = (("press", "nl"),)
    steps: list[Step] = []
    part, told = "begin", False
    for _ in range(STEPS_MAX):
        page = await visit.send(part, fields)
        asked = QUESTION.search(page)
        assert asked is not None, page.decode()
        steps.append(Step(part=part, fields=fields, after=asked[0]))
        if SENT in page:
            visit.close()
            return tuple(steps)
        part, fields, told = answered(page.decode(), told=told)
    raise AssertionError(f"never sent: {steps[-3:]}")


def answered(page: str, *, told: bool) -> tuple[str, tuple[tuple[str, str], ...], bool]:
    """What a person answers to this: the form, its fields, and whether the story is told."""
    ask = page[page.index('id="ask"') :]
    story = "<textarea" in ask
    if story and not told:
        return "text", (("say", STORY),), True
    if 'name="done"' in ask:
        ticked = re.findall(r'name="tick" value="([^"]+)" checked', ask)
        return "ticks", (*(("tick", it) for it in ticked), ("done", "klopt")), told
    buttons = BUTTON.findall(ask)
    answers = [(name, it) for name, it in buttons if not it.startswith("wijzig")]
    if answers:
        wanted = next((it for it in answers if it[1] in ("nee", "klaar")), answers[0])
        return "choice", (wanted,), told
    typed = next((text for mark, text in TYPED.items() if mark in ask), WORDS)
    return "text", (("say", typed),), told
