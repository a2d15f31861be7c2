"""Input that is almost right, by the thousand: nothing falls over, and what is forged changes nothing."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
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

from intakebot.channels.telegram import keyboard
from intakebot.channels.telegram.arrivals import Arrivals, read_json
from intakebot.channels.telegram.updates import read_press
from intakebot.content.files import NoFlowFile, read_flow
from intakebot.core.check import errors
from intakebot.core.events import Incoming, Marked
from intakebot.core.flow import ready
from intakebot.core.limits import MESSAGE_UNITS_MAX
from intakebot.core.session import Session
from intakebot.store.sqlite import MEMORY, open_sqlite
from tests.attacks.stage import Target, begin, form, target
from tests.conversation import MONDAY, Conversation
from tests.faults.evidence import record
from tests.faults.mutator import mutated, mutated_lines
from tests.intake.house import Person, an_intake
from tests.web.place import shipped_content

SHORT = {"updates": 1_200, "presses": 150, "posts": 60, "files": 60}
LONG = {"updates": 1_000_000, "presses": 20_000, "posts": 10_000, "files": 10_000}
CHUNK = 5_000  # updates on one database
AT_ONCE = 32
SMALL = Path(__file__).parent.parent / "flows" / "klein.yaml"


def corpus(chat: int, number: int) -> list[dict[str, Any]]:
    """One update of each kind."""
    private, person = {"id": chat, "type": "private"}, {"id": chat, "is_bot": False}
    message = {"message_id": number, "date": 1, "chat": private, "from": person}
    file = {"file_id": "f1", "file_unique_id": "u", "file_size": 900}
    texts = (
        "/start",
        "nl",
        "Ik heb schulden en mijn huur is achter",
        "7101 AB",
        "Ada",
        "ja",
        "klaar",
    )
    return [
        *({"message": {**message, "text": text}} for text in texts),
        {"edited_message": {**message, "text": "anders", "edit_date": 2}},
        {"message": {**message, "voice": {**file, "duration": 3}}},
        {"message": {**message, "photo": [file, file], "caption": "dit", "media_group_id": "9"}},
        {"message": {**message, "contact": {"phone_number": "+31612345678", "user_id": chat}}},
        {"message": {**message, "location": {"latitude": 52.0, "longitude": 6.7}}},
        {"message": {**message, "sticker": file}},
        {"callback_query": {"id": "1", "from": person, "message": message, "data": "abc:ja"}},
        {"callback_query": {"id": "1", "from": person, "message": message, "data": "abc:+geld"}},
        {
            "my_chat_member": {
                "chat": private,
                "from": person,
                "new_chat_member": {"status": "kicked"},
            }
        },
    ]


def bring_updates(seed: int, count: int) -> Counter[str]:
    """Bring so many mutated updates to a new database; what went wrong is in the keys."""
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    return asyncio.run(_bring(random.Random(seed), count))  # noqa: S311 - the same chance in every run


async def _bring(chance: random.Random, count: int) -> Counter[str]:
    found: Counter[str] = Counter()
    database = await open_sqlite(MEMORY)
    intake = an_intake(database)
    arrivals = Arrivals(bot="7", now=lambda: MONDAY, confirm=lambda _update: None)

    async def receive(incoming: Incoming) -> None:
        try:
            await intake.receive(incoming)
        except Exception as fault:
            found[f"unhandled {type(fault).__name__}: {fault}"] += 1
            raise
        found["taken in"] += 1

    async def bring(number: int) -> None:
        kind = chance.choice(corpus(9_000 + chance.randrange(60), number))
        raw = json.dumps(mutated(chance, {"update_id": number, **kind}))
        found["brought"] += 1
        update = arrivals.decoded(read_json(raw.encode("utf-8", "surrogatepass")))
        if update is not None:
            await arrivals.take(update, receive)

    try:
        for first in range(0, count, AT_ONCE):
            last = min(first + AT_ONCE, count)
            await asyncio.gather(*(bring(number) for number in range(first, last)))
        for chat in range(60):
            for claimed in await Person(intake, chat=str(9_000 + chat)).reads():
                assert all(keyboard.rows(claimed)) or not claimed.buttons
                pieces = keyboard.texts(claimed)
                assert pieces
                assert all(0 < keyboard.units(piece) <= MESSAGE_UNITS_MAX for piece in pieces)
                found["replies"] += 1
    finally:
        await database.close()
    return found


@pytest.mark.faults
def test_no_update_makes_us_fall(root: Path, long: bool) -> None:  # noqa: FBT001 - a fixture
    if not long:
        with _quiet():
            found = bring_updates(1, SHORT["updates"])
    else:
        begun, chunks = time.monotonic(), LONG["updates"] // CHUNK
        with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
            parts = pool.map(partial(bring_updates, count=CHUNK), range(chunks))
            found = sum(parts, Counter[str]())
        minutes = round((time.monotonic() - begun) / 60)
        figures = {name: f"{count:,}" for name, count in found.items()}
        record(root, "Fuzz: mutated Telegram updates", {**figures, "minutes": minutes})

    assert [name for name in found if name.startswith("unhandled")] == []
    assert found["taken in"] > found["brought"] / 4
    assert found["replies"] > 0


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
async def test_a_forged_or_foreign_button_changes_nothing(root: Path, long: bool) -> None:  # noqa: FBT001 - a fixture
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
    for _ in range(count):
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
) -> None:
    chance = random.Random(4)  # noqa: S311 - the same chance in every run
    codes: Counter[int] = Counter()
    async with here.browser() as browser, here.browser() as stranger:
        page = await begin(browser)
        await begin(stranger)
        fields = {**form(page, "text"), "say": "Ik heb schulden.", "press": "klaar"}
        for _ in range(LONG["posts"] if long else SHORT["posts"]):
            changed = mutated(chance, fields)
            sent = {str(k): v for k, v in changed.items()} if isinstance(changed, dict) else {}
            where = chance.choice(("/", "/", "/bestand", "/terug", "/later", "/verder"))
            answer = await _post(chance.choice((browser, stranger)), where, sent)
            codes[answer.status_code] += 1
    if long:
        record(root, "Fuzz: posts to the web chat", {f"status {k}": v for k, v in codes.items()})

    assert [code for code in codes if code >= 500] == []
    assert len(codes) > 1


async def _post(browser: httpx.AsyncClient, where: str, sent: dict[str, Any]) -> httpx.Response:
    plain = {k: v for k, v in sent.items() if isinstance(v, str) and not _is_half(k + v)}
    if len(plain) < len(sent):
        return await browser.post(where, content=json.dumps(sent).encode())
    return await browser.post(where, data=plain)


def _is_half(text: str) -> bool:
    """Whether it cannot even be sent."""
    return any("\ud800" <= sign <= "\udfff" for sign in text)


@pytest.mark.faults
def test_no_flow_file_makes_us_fall(root: Path, tmp_path: Path, long: bool) -> None:  # noqa: FBT001 - a fixture
    chance = random.Random(5)  # noqa: S311 - the same chance in every run
    shelf, small = shipped_content(), SMALL.read_text("utf-8")
    path, seen = tmp_path / "proef.yaml", Counter[str]()
    for _ in range(LONG["files"] if long else SHORT["files"]):
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
