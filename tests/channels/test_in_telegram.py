"""The intake as somebody with Telegram meets it: the real client, intake, store and outbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from intakebot import fetching
from intakebot.core.session import Session
from intakebot.store import attachments, sessions
from intakebot.store.sessions import Stored
from tests.bot_api.person import Person
from tests.bot_api.server import BotApi
from tests.channels.house import House, open_house
from tests.channels.walking import STORY, Walk


@pytest.fixture
async def house(
    api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    monkeypatch.setattr(fetching, "LOOK_AGAIN_S", 0.05)
    async with open_house(api, tmp_path) as house:
        yield house


async def stored(house: House, person: Person) -> Stored:
    chat = house.vault.chat("telegram", house.telegram.bot, str(person.id))
    found = await house.database.read(lambda: sessions.open_in(house.vault, chat))
    assert found is not None
    return found


async def session(house: House, person: Person) -> Session:
    return (await stored(house, person)).session


async def test_a_whole_intake_is_asked_once_and_ends_in_a_request(house: House) -> None:
    walk = Walk(house.api.person())
    await walk.whole()

    assert len(set(walk.asked)) == len(walk.asked)
    told = await session(house, walk.person)
    assert [saying.text for saying in told.story] == [STORY]
    assert told.reference is not None
    assert told.reference in walk.person.screen
    assert {call.code for call in house.api.world.calls} == {200}


async def test_several_people_at_once_do_not_get_in_each_others_way(house: House) -> None:
    walks = [Walk(house.api.person()) for _ in range(5)]
    await asyncio.gather(*(walk.whole() for walk in walks))

    references = {(await session(house, walk.person)).reference for walk in walks}
    assert len(references) == 5
    assert all(walk.asked == walks[0].asked for walk in walks)


async def test_ticks_stand_under_the_message_and_can_be_put_on_and_off(house: House) -> None:
    person = house.api.person()
    walk = Walk(person)
    await walk.begin()
    await walk.answer(await walk.next_screen())  # for whom
    await walk.answer(await walk.next_screen())  # the story
    shown = await walk.next_screen()
    wanted = "☐ Gezondheid"
    assert wanted in shown.labels

    await person.presses("Gezondheid")
    await person.waits(lambda s: "☑ Gezondheid" in s.labels, "the tick")
    await person.presses("Gezondheid")
    await person.waits(lambda s: s.id == shown.id and wanted in s.labels, "no tick")


async def test_late_doubled_foreign_and_forged_presses_change_nothing(house: House) -> None:
    person, other = house.api.person(), house.api.person()
    walk, strange = Walk(person), Walk(other)
    await strange.begin()
    foreign = await strange.next_screen()
    await walk.begin()
    first = await walk.next_screen()
    await walk.answer(first)
    open_now = await walk.next_screen()
    before = await session(house, person)

    for data in (
        first.rows[0][0]["callback_data"],  # late, and the second of a double press
        foreign.rows[0][0]["callback_data"],
        "0" * 32 + ":mij",
        "whatever",
        open_now.rows[0][0]["callback_data"].replace(":", ":x"),
    ):
        said = len(person.messages)
        await person.presses_data(data, on=first)
        again = await person.waits(
            lambda s, said=said: len(person.messages) > said and bool(s.rows),  # type: ignore[misc]  # bound now
            "the open question again",
        )
        assert again.text == open_now.text

    after = await session(house, person)
    assert (after.answers, after.story) == (before.answers, before.story)


async def test_a_typed_label_is_as_good_as_a_button(house: House) -> None:
    person = house.api.person()
    await person.says("/start")
    await person.sees_button("Nederlands")
    await person.says("nederlands")
    shown = await person.sees_button("Voor mij")
    await person.says("1")
    await person.waits(lambda s: s.id > shown.id and bool(s.rows), "the next question")

    assert [a.value for a in (await session(house, person)).answers][-1] == "mij"


async def test_an_edited_message_corrects_the_story(house: House) -> None:
    person = house.api.person()
    walk = Walk(person)
    await walk.begin()
    await walk.answer(await walk.next_screen())
    await walk.next_screen()
    message = await person.says("Ik heb schulden")
    await walk.next_screen()
    await person.edits(message, "Ik heb schulden en geen eten")
    await walk.same_screen()

    assert [s.text for s in (await session(house, person)).story] == [
        "Ik heb schulden en geen eten"
    ]


async def test_a_voice_note_is_a_part_of_the_story_and_is_fetched(
    house: House, tmp_path: Path
) -> None:
    person = house.api.person()
    walk = Walk(person)
    await walk.begin()
    await walk.answer(await walk.next_screen())
    await walk.next_screen()
    await person.sends_file("voice", b"OggS mijn verhaal", caption="luister maar")
    await walk.next_screen()

    known = await stored(house, person)
    (voice,) = known.session.attachments
    assert known.session.story[-1].audio == voice.id
    async with asyncio.timeout(60):
        while True:
            kept = await house.database.read(lambda: attachments.load(known.home, voice.id))
            if kept is not None and kept.state == "stored":
                break
            await asyncio.sleep(0.02)
    assert attachments.read_file(tmp_path, known.key, voice.id) == b"OggS mijn verhaal"


@pytest.mark.parametrize("content", [{"sticker": {"file_id": "x"}}, {"location": {"latitude": 52}}])
async def test_what_we_cannot_use_gets_a_kind_word_and_the_question_again(
    house: House, content: dict[str, object]
) -> None:
    person = house.api.person()
    walk = Walk(person)
    await walk.begin()
    asked = await walk.next_screen()
    said = len(person.messages)
    await person.sends(**content)
    again = await walk.same_screen()

    assert again.text == asked.text
    assert len(person.messages) == said + 2


async def test_who_blocks_the_bot_is_left_alone_and_can_come_back(house: House) -> None:
    person = house.api.person()
    walk = Walk(person)
    await walk.begin()
    await walk.next_screen()
    await person.blocks()
    await person.unblocks()
    await person.says("mij")
    await walk.next_screen()

    assert [a.value for a in (await session(house, person)).answers][-1] == "mij"


async def test_an_unfinished_story_is_reminded_and_then_forgotten(house: House) -> None:
    person = house.api.person()
    walk = Walk(person)
    await walk.begin()
    await walk.answer(await walk.next_screen())
    await walk.next_screen()
    said = len(person.messages)

    await house.pass_time(timedelta(days=3))
    await person.sees_count(said + 1)
    for _ in range(22):  # a clock that jumped a whole day would not be believed
        await house.pass_time(timedelta(hours=12))
    await person.sees_count(said + 2)

    chat = house.vault.chat("telegram", house.telegram.bot, str(person.id))
    assert await house.database.read(lambda: sessions.open_in(house.vault, chat)) is None


@pytest.mark.parametrize("scope", ["short", "front-door"])
async def test_in_a_narrow_scope_no_story_is_told_in_telegram(
    api: BotApi, tmp_path: Path, scope: str
) -> None:
    async with open_house(api, tmp_path, scope) as house:  # type: ignore[arg-type]  # the rows are scopes
        person = house.api.person()
        await person.says("/start")
        picker = await person.sees_button("Nederlands")
        await person.presses_id("nl", on=picker)
        if scope == "short":  # language, choices and place: the rest behind the link
            await person.presses("Voor mij")
            await person.sees("Wat is uw postcode?")
            await person.says("7101 AB")
        await person.sees("https://chat.example/w/")

        assert "Vertel wat er is" not in person.screen
