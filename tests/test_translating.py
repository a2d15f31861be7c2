"""Stories put in Dutch by a machine over real HTTP: beside the own words, later, and only then."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import msgspec
import pytest
from aiohttp import web

from intakebot import translating
from intakebot.core.request import Request, StoryPart
from intakebot.settings import Settings
from intakebot.store import erasure, requests, ring, sessions
from intakebot.store.sessions import Stored
from intakebot.store.sqlite import MEMORY, Sqlite, open_sqlite
from intakebot.store.vault import Vault
from intakebot.store.work import Work
from intakebot.translating import Made, Translating, Unanswered
from intakebot.translator import ANSWER_BYTES_MAX, Translator
from tests.libretranslate import LibreTranslate, libretranslate, refused
from tests.store.builders import a_request, a_session

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ARABIC, DUTCH, OTHER = "الإيجار متأخر شهرين.", "De huur is te laat.", "Я живу з сином."


@dataclass
class World:
    """A store with a request in it, a machine, and a clock that stands still."""

    database: Sqlite
    vault: Vault
    stored: Stored
    machine: LibreTranslate
    now: datetime = NOW

    def translating(self, key: str | None = None) -> Translating:
        return Translating(
            database=self.database,
            vault=self.vault,
            translate=Translator(self.machine.address, key).translate,
            now=lambda: self.now,
        )

    async def request(self) -> Request:
        found = await self.database.run(lambda: requests.of_session(self.vault, self.stored, NOW))
        assert found is not None
        return found.request

    async def translated(self) -> list[str | None]:
        parts = (await self.request()).story
        return [part.translation.text if part.translation else None for part in parts]


def _sent(vault: Vault, story: tuple[StoryPart, ...]) -> Work[Stored]:
    stored = yield from sessions.create(vault, vault.chat("web", "b", "7"), a_session(), NOW)
    yield from requests.insert(
        vault, stored, msgspec.structs.replace(a_request(), story=story), NOW
    )
    return stored


def says(text: str, language: str | None) -> StoryPart:
    return StoryPart(question="verhaal", text=text, language=language)


@pytest.fixture
async def machine() -> AsyncIterator[LibreTranslate]:
    async with libretranslate() as found:
        yield found


@pytest.fixture
def story(request: pytest.FixtureRequest) -> tuple[StoryPart, ...]:
    return getattr(request, "param", (says(ARABIC, "ar"), says(DUTCH, "nl"), says(OTHER, "nl")))


@pytest.fixture
async def world(machine: LibreTranslate, story: tuple[StoryPart, ...]) -> AsyncIterator[World]:
    new_bytes = random.Random(7).randbytes  # noqa: S311 - the same chance in every run
    vault = Vault(ring.new_ring(new_bytes, date(2026, 11, 1)), new_bytes)
    database = await open_sqlite(MEMORY)
    stored = await database.run(lambda: _sent(vault, story))
    yield World(database=database, vault=vault, stored=stored, machine=machine)
    await database.close()


async def test_what_is_not_dutch_gets_a_second_field_and_the_own_words_stay(world: World) -> None:
    assert await world.translating().translate_due() == 1
    request = await world.request()

    assert [part.text for part in request.story] == [ARABIC, DUTCH, OTHER]
    assert await world.translated() == [
        f"In het Nederlands: {ARABIC}",
        None,
        f"In het Nederlands: {OTHER}",
    ]
    made = request.story[0].translation
    assert made is not None
    assert (made.origin, made.language, made.at) == ("computer: translator", "nl", NOW)
    assert world.machine.asked == [
        {"q": ARABIC, "source": "ar", "target": "nl", "format": "text"},
        {"q": OTHER, "source": "auto", "target": "nl", "format": "text"},
    ]


async def test_it_is_done_once(world: World) -> None:
    await world.translating().translate_due()
    world.now += 2 * translating.AGAIN

    assert await world.translating().translate_due() == 0


@pytest.mark.parametrize("story", [(says(DUTCH, "nl"),)], indirect=True)
async def test_a_dutch_story_goes_nowhere(world: World) -> None:
    assert await world.translating().translate_due() == 0
    assert world.machine.asked == []


@pytest.mark.parametrize("story", [(says(ARABIC, "fa_AF"),)], indirect=True)
async def test_dari_is_asked_for_as_the_machine_knows_it(world: World) -> None:
    await world.translating().translate_due()

    assert world.machine.asked[0]["source"] == "fa"


@pytest.mark.parametrize(
    "story", [(says("ሓገዝ", "ti"), says(ARABIC, "ar")), (says("ሓገዝ", "ti"),)], indirect=True
)
async def test_a_language_that_the_machine_does_not_know_is_left_and_not_asked_again(
    world: World, story: tuple[StoryPart, ...]
) -> None:
    await world.translating().translate_due()
    asked = len(world.machine.asked)
    world.now += 2 * translating.AGAIN
    await world.translating().translate_due()

    assert (await world.translated())[0] is None
    assert [it is None for it in await world.translated()] == [it.language == "ti" for it in story]
    assert len(world.machine.asked) == asked


@pytest.mark.parametrize(
    "answer",
    [
        refused(429, "Too many requests"),
        refused(500, "Cannot translate text"),
        refused(403, "Invalid API key"),
        web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}),
        web.Response(text="<html>"),
        web.json_response({"translatedText": ["a list"]}),
        web.Response(body=b"x" * (ANSWER_BYTES_MAX + 1)),
    ],
    ids=["busy", "broken", "key", "elsewhere", "no json", "no text", "too long"],
)
async def test_no_answer_is_waited_out_and_ends(
    world: World, answer: web.Response, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translating, "ATTEMPTS_MAX", 3)
    world.machine.breaks = answer
    tried = []
    for _ in range(4):
        tried.append(await world.translating().translate_due())
        assert await world.translating().translate_due() == 0
        world.now += translating.AGAIN

    assert tried == [1, 1, 1, 0]
    assert await world.translated() == [None, None, None]


async def test_after_an_outage_it_is_done_yet(world: World) -> None:
    world.machine.breaks = refused(500, "Cannot translate text")
    await world.translating().translate_due()
    world.machine.breaks = None
    world.now += translating.AGAIN
    await world.translating().translate_due()

    assert (await world.translated())[0] == f"In het Nederlands: {ARABIC}"


async def test_a_machine_that_is_not_there_is_waited_for(world: World) -> None:
    world.machine.address = "http://127.0.0.1:1"

    assert await world.translating().translate_due() == 1
    assert await world.translated() == [None, None, None]


async def test_a_key_goes_along() -> None:
    async with libretranslate(key="geheim") as machine:
        assert (await Translator(machine.address, "geheim").translate(ARABIC, "ar")).text
        with pytest.raises(Unanswered, match="HTTP 403"):
            await Translator(machine.address).translate(ARABIC, "ar")


async def test_what_is_erased_meanwhile_stays_erased(world: World) -> None:
    real = Translator(world.machine.address).translate

    async def slow(text: str, language: str | None) -> Made:
        made = await real(text, language)
        await world.database.run(
            lambda: erasure.erase(
                world.vault, world.stored.home, why="asked", actor="operator", at=NOW
            )
        )
        return made

    under_test = Translating(
        database=world.database, vault=world.vault, translate=slow, now=lambda: NOW
    )
    await under_test.translate_due()

    gone = await world.database.run(lambda: requests.of_session(world.vault, world.stored, NOW))
    assert gone is None


async def test_translating_goes_on_after_a_fault(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translating, "LOOK_AGAIN_S", 0.01)
    done = asyncio.Event()
    calls: list[str] = []

    async def faulty(text: str, _language: str | None) -> Made:
        calls.append(text)
        if len(calls) == 1:
            world.now += translating.AGAIN
            raise RuntimeError("a fault of ours")
        done.set()
        return Made(text="Goed.")

    under_test = Translating(
        database=world.database, vault=world.vault, translate=faulty, now=lambda: world.now
    )
    task = asyncio.ensure_future(under_test.run())
    await asyncio.wait_for(done.wait(), 30)
    task.cancel()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://vertaler.gemeente.nl",
        "http://127.0.0.1:5000",
        "http://10.0.0.7:5000/",
        "http://[fd00::7]:5000",
        "http://libretranslate:5000",
        "http://localhost:5000",
    ],
)
def test_a_machine_in_the_own_network_may_be_named(address: str) -> None:
    assert Settings(translator=address).translator == address.rstrip("/")


@pytest.mark.parametrize(
    "address",
    [
        "http://libretranslate.com",
        "http://8.8.8.8:5000",
        "http://0.0.0.0",
        "ftp://10.0.0.7",
        "libretranslate:5000",
        "https://",
        "http://",
    ],
)
def test_stories_go_to_no_other(address: str) -> None:
    with pytest.raises(ValueError, match="own network"):
        Settings(translator=address)
