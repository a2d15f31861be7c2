"""The outbox under Telegram's rules: the real client library against a Bot API server."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta

import pytest

from intakebot.channels.telegram.bot import Telegram
from intakebot.core.events import Blocked, Button, Expects, Incoming, Message
from intakebot.core.session import Tongue
from intakebot.core.talking.delivery import Way
from intakebot.outbox import OWNER, Outbox
from intakebot.pacing import Pace
from intakebot.store import outgoing, ring
from intakebot.store.sqlite import MEMORY, Sqlite, open_sqlite
from intakebot.store.vault import Vault
from tests.bot_api.person import Person
from tests.bot_api.server import BotApi
from tests.bot_api.world import Json
from tests.channels.conftest import NOW

FAST = Pace(chat_per_s=10_000, bot_per_s=10_000)
ASK = Message(
    text="Klopt dit?",
    tongue=Tongue(lang="nl"),
    buttons=(Button(id="ja", label="Ja"),),
    expects=Expects.CHOICE,
    prompt="t1",
)


class Post:
    """An outbox that speaks through the real client; the clock stands still until it is put on."""

    def __init__(self, api: BotApi, telegram: Telegram, database: Sqlite) -> None:
        self.api = api
        self.database = database
        new_bytes = random.Random(7).randbytes  # noqa: S311 - the same chance in every run
        self.vault = Vault(ring.new_ring(new_bytes, date(2026, 11, 1)), new_bytes)
        self.way = Way("telegram", telegram.bot)
        self.telegram = telegram
        self.now: datetime = NOW
        self.received: list[Incoming] = []
        self.outbox = self.an_outbox(FAST)
        self._said = 0

    def an_outbox(self, pace: Pace) -> Outbox:
        return Outbox(
            database=self.database,
            vault=self.vault,
            senders={self.way: self.telegram.send},
            receive=self._receive,
            now=lambda: self.now,
            chance=lambda: 1.0,
            pace=pace,
            owner=OWNER,
        )

    async def _receive(self, incoming: Incoming) -> None:
        self.received.append(incoming)

    async def person(self) -> Person:
        """Somebody who spoke to the bot once."""
        person = self.api.person()
        await person.says("hoi")
        return person

    async def say(self, person: Person, text: str, wait: timedelta | None = None) -> None:
        self._said += 1
        at, key = self.now, f"u{self._said}"
        chat = self.vault.chat(*self.way, str(person.id))
        message = ASK.replace(text=text, unasked=wait is not None)
        not_before = None if wait is None else at + wait
        await self.database.run(
            lambda: outgoing.add(chat, self.vault, message, dkey=key, at=at, not_before=not_before)
        )

    async def pass_time(self, **time: float) -> None:
        self.now += timedelta(**time)
        await self.outbox.drain()


@pytest.fixture
async def post(api: BotApi, telegram: Telegram) -> AsyncIterator[Post]:
    database = await open_sqlite(MEMORY)
    yield Post(api, telegram, database)
    await database.close()


def _once(code: str | int) -> Callable[[str, Json], str | int | None]:
    """The next message meets this; those after it go well."""
    codes: list[str | int] = [code]
    return lambda method, _: codes.pop() if codes and method == "sendMessage" else None


async def test_a_flood_limit_of_the_bot_holds_up_those_who_wait_for_their_turn_too(
    post: Post,
) -> None:
    """Telegram counts every try; who goes on trying is shut out for longer."""
    people = [await post.person() for _ in range(6)]
    post.api.world.inject = _once(1000 + 30_000)
    for person in people:
        await post.say(person, "een")
    await post.an_outbox(Pace(chat_per_s=10, bot_per_s=20, bot_burst=1)).drain()

    assert [call.code for call in post.api.world.of("sendMessage")] == [429]

    post.now += timedelta(seconds=31)
    await post.an_outbox(FAST).drain()

    assert [person.messages[-1].text for person in people] == ["een"] * 6


async def test_a_short_flood_limit_is_about_one_chat(post: Post) -> None:
    one, other = await post.person(), await post.person()
    post.api.world.inject = _once(1000 + 3_000)
    await post.say(one, "een")
    await post.outbox.drain()
    await post.say(other, "ander")
    await post.outbox.drain()

    assert (len(one.messages), len(other.messages)) == (0, 1)

    await post.pass_time(seconds=3.1)

    assert [shown.text for shown in one.messages] == ["een"]


async def test_a_lost_answer_brings_the_same_message_with_the_same_buttons(post: Post) -> None:
    person = await post.person()
    post.api.world.inject = _once("lost")
    await post.say(person, "een")
    await post.outbox.drain()
    await post.pass_time(minutes=1)

    first, second = person.messages
    assert (first.text, first.rows) == (second.text, second.rows)


async def test_what_telegram_refuses_is_sent_plain(post: Post) -> None:
    person = await post.person()
    post.api.world.inject = _once(400)
    await post.say(person, "een")
    await post.outbox.drain()

    (shown,) = person.messages
    assert (shown.text, shown.rows) == ("een\n\n– Ja", [])


async def test_who_blocked_us_costs_one_call_and_is_reported_once(post: Post) -> None:
    person = await post.person()
    person.chat.blocked = True
    for text in ("een", "twee", "drie"):
        await post.say(person, text)
    await post.outbox.drain()
    await post.pass_time(hours=2)

    assert [call.code for call in post.api.world.of("sendMessage")] == [403]
    assert [incoming.event for incoming in post.received] == [Blocked(on=True)]


async def test_a_reply_goes_at_once_past_what_waits_for_a_safe_time(post: Post) -> None:
    person = await post.person()
    await post.say(person, "Fatma belt u morgen", wait=timedelta(hours=12))
    await post.say(person, "antwoord")
    await post.outbox.drain()

    assert [shown.text for shown in person.messages] == ["antwoord"]

    await post.pass_time(hours=12)

    assert [shown.text for shown in person.messages] == ["antwoord", "Fatma belt u morgen"]


async def test_a_burst_goes_out_together_and_is_made_up_for(post: Post) -> None:
    person = await post.person()
    times: list[float] = []

    def note(method: str, _asked: Json) -> None:
        if method == "sendMessage":
            times.append(asyncio.get_running_loop().time())

    post.api.world.inject = note
    for nth in range(6):
        await post.say(person, f"{nth}")
    await post.an_outbox(Pace(chat_per_s=5, chat_burst=3, bot_per_s=1000)).drain()

    assert [shown.text for shown in person.messages] == [f"{nth}" for nth in range(6)]
    assert times[5] - times[0] >= 3 / 5 - 0.05  # three at once, three at their pace
