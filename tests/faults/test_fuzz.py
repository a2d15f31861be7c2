"""Input that is almost right, by the thousand: nothing falls over, and what is forged changes nothing."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from intakebot.channels.telegram.updates import read_press
from intakebot.content.files import NoFlowFile, read_flow
from intakebot.core.check import errors
from intakebot.core.events import Marked
from intakebot.core.flow import ready
from intakebot.core.session import Session
from intakebot.store.sqlite import MEMORY, open_sqlite
from tests.attacks.stage import Target, begin, target
from tests.conversation import Conversation
from tests.faults.evidence import record
from tests.faults.mutator import mutated, mutated_lines
from tests.faults.storm import bring_updates
from tests.house.length import Progress, Share
from tests.intake.house import Person, an_intake
from tests.web.place import shipped_content

SHORT = {"updates": 2_000, "presses": 150, "posts": 100, "files": 200}
LONG = {"updates": 1_000_000, "presses": 20_000, "posts": 10_000, "files": 10_000}
CHUNK = 5_000  # updates on one database
SMALL = Path(__file__).parent.parent / "flows" / "klein.yaml"


@pytest.mark.faults
def test_no_update_makes_us_fall(
    root: Path,
    long: bool,  # noqa: FBT001 - a fixture
    share: Share,
    progress: Progress,
) -> None:
    """The long form: some 700 updates a second and core, so 25 minutes on one."""
    chunks = share.part(LONG["updates"] // CHUNK)
    if not long:
        with _quiet():
            found = bring_updates(1, SHORT["updates"])
    else:
        begun = time.monotonic()
        with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
            parts = pool.map(partial(bring_updates, count=CHUNK), chunks)
            found = sum(progress("chunks of 5,000 updates", parts, len(chunks)), Counter[str]())
        minutes = round((time.monotonic() - begun) / 60)
        seeds = f"{chunks.start} to {chunks.stop - 1}"
        figures = {"seeds": seeds, **{name: f"{count:,}" for name, count in found.items()}}
        title = share.title("Fuzz: mutated Telegram updates")
        record(root, title, {**figures, "minutes": minutes})

    assert [name for name in found if name.startswith("unhandled")] == []
    assert found["taken in"] > found["brought"] / 4
    assert found["replies"] > 0
    assert found["requests"] > 0, "no conversation came to its end"


def _quiet() -> Any:  # noqa: ANN401 - a context of pytest
    """The log as it was, afterwards."""
    patch = pytest.MonkeyPatch.context()
    before = structlog.get_config()

    class Restoring:
        def __enter__(self) -> None:
            patch.__enter__()

        def __exit__(self, *_: object) -> None:
            structlog.configure(**before)

    return Restoring()


@pytest.mark.faults
async def test_a_forged_or_foreign_button_changes_nothing(
    root: Path,
    long: bool,  # noqa: FBT001 - a fixture
    progress: Progress,
) -> None:
    chance = random.Random(3)  # noqa: S311 - the same chance in every run
    database = await open_sqlite(MEMORY)
    intake = an_intake(database)
    one, other = Person(intake, chat="1"), Person(intake, chat="2")
    for person in (one, other):
        await person.says("hallo")
        await person.presses("nl", "mij")
        await person.says("Ik heb schulden.")
        await person.reads()
    tokens = [message.prompt for message in (*other.screen, *one.screen[:-1]) if message.prompt]
    own = {message.prompt for message in one.screen[-1:]}
    before = told(await one.session())
    count = LONG["presses"] if long else SHORT["presses"]
    for _ in progress("presses", range(count), count):
        good = f"{chance.choice([it for it in tokens if it not in own])}:{chance.choice(('klaar', 'mij', '+financien', 'nl', 'ja'))}"
        data = good if chance.random() < 0.3 else str(mutated(chance, good))
        event = read_press(data)
        if event.prompt in own or (not isinstance(event, Marked) and event.id.startswith("/")):
            continue  # a move that may always be made
        await one.does(event)
        assert told(await one.session()) == before, data
    await database.close()
    if long:
        record(root, "Fuzz: forged and foreign buttons", {"presses": f"{count:,}", "changes": 0})


def told(session: Session) -> tuple[object, ...]:
    """What a button could change."""
    return session.answers, session.story, session.outcome, session.tongue, session.marks


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Target]:
    async with target(tmp_path) as found:
        yield found


@pytest.mark.faults
async def test_no_post_to_the_web_chat_makes_us_fall(
    here: Target,
    root: Path,
    long: bool,  # noqa: FBT001 - a fixture
    progress: Progress,
) -> None:
    """Somebody else's conversation stays as it is, though its forms are sent by strangers."""
    chance = random.Random(4)  # noqa: S311 - the same chance in every run
    codes: Counter[int] = Counter()
    count = LONG["posts"] if long else SHORT["posts"]
    async with here.browser() as browser, here.browser() as stranger, here.browser() as other:
        for one in (browser, stranger, other):
            await begin(one)
        own = foreign = forms(await other.get("/"))
        before = words(await other.get("/"))
        for nth in progress("posts", range(count), count):
            if nth % 4 == 0:  # a form counts once; the next page has others
                own = forms(await browser.get("/"))
            fields = {"say": "Ik heb schulden.", "press": "klaar"} | chance.choice(
                own if chance.random() < 0.7 else foreign
            )
            changed = mutated(chance, fields) if chance.random() < 0.8 else fields
            sent = {str(k): v for k, v in changed.items()} if isinstance(changed, dict) else {}
            where = chance.choice(("/", "/", "/", "/bestand", "/terug", "/later", "/verder"))
            answer = await _post(chance.choice((browser, browser, stranger)), where, sent)
            codes[answer.status_code] += 1
        after = words(await other.get("/"))
    if long:
        record(root, "Fuzz: posts to the web chat", {f"status {k}": v for k, v in codes.items()})

    assert [code for code in codes if code >= 500] == []
    assert len(codes) > 1
    assert after == before


def forms(page: httpx.Response) -> list[dict[str, str]]:
    """What each form of a page sends, with one of its buttons."""
    found = []
    for each in re.findall(r"<form.*?</form>", page.text, re.DOTALL):
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', each))
        buttons = re.findall(r'<button[^>]*name="press"[^>]*value="([^"]*)"', each)
        found += [{**hidden, "press": button} for button in buttons] or [hidden]
    assert found, page.text
    return found


def words(page: httpx.Response) -> list[str]:
    """What somebody reads on a page."""
    assert page.status_code == 200
    return re.sub(r"<[^>]*>", " ", page.text).split()


async def _post(browser: httpx.AsyncClient, where: str, sent: dict[str, Any]) -> httpx.Response:
    plain = {k: v for k, v in sent.items() if isinstance(v, str) and not _is_half(k + v)}
    if len(plain) < len(sent):
        return await browser.post(where, content=json.dumps(sent).encode())
    return await browser.post(where, data=plain)


def _is_half(text: str) -> bool:
    """Whether it cannot even be sent."""
    return any("\ud800" <= sign <= "\udfff" for sign in text)


@pytest.mark.faults
def test_no_flow_file_makes_us_fall(
    root: Path,
    tmp_path: Path,
    long: bool,  # noqa: FBT001 - a fixture
    progress: Progress,
) -> None:
    chance = random.Random(5)  # noqa: S311 - the same chance in every run
    shelf, small = shipped_content(), SMALL.read_text("utf-8")
    path, seen = tmp_path / "proef.yaml", Counter[str]()
    count = LONG["files"] if long else SHORT["files"]
    for _ in progress("flow files", range(count), count):
        path.write_text(mutated_lines(chance, small), "utf-8", "surrogatepass")
        try:
            revision, problems = read_flow(path, shelf)
        except NoFlowFile:
            seen["no flow file"] += 1
            continue
        if revision is None or errors(problems):
            seen["refused"] += 1
            continue
        seen["talked"] += 1
        flow = ready(revision, shelf.lexicon, shelf.phrases, shelf.spoken, shelf.region)
        Conversation(flow=flow).answer_rest({})
    if long:
        record(root, "Fuzz: flow set files", seen)

    assert seen["refused"]
    assert seen["talked"]
