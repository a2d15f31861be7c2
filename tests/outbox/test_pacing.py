"""The pace of a bot holds for all processes that send for it together."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial

import pytest

from intakebot import outbox as outboxes
from intakebot.core.talking.delivery import Delivered, Delivery, Outcome, Way
from intakebot.outbox import Outbox
from intakebot.pacing import Pace, Pacer, Shared
from intakebot.store import outgoing, paces
from intakebot.store.database import Database
from intakebot.store.paces import Full
from intakebot.store.postgres import Postgres, open_postgres
from tests.conversation import MONDAY
from tests.intake.house import a_vault
from tests.postgres import execute
from tests.store.builders import a_message

WAY = Way("telegram", "123")
PACE = Pace(chat_per_s=10, chat_burst=2, bot_per_s=40, bot_burst=3, shared=True)
CHATS, MESSAGES = 12, 4
# Between the turn that the database gave and the call that is noted.
SLACK = 0.12


@pytest.fixture
async def both(postgres_address: str) -> AsyncIterator[list[Postgres]]:
    """The databases of two processes."""
    pair = [await open_postgres(postgres_address) for _ in range(2)]
    yield pair
    for database in pair:
        await database.close()


class Channel:
    """Notes when what was sent, by whichever process."""

    def __init__(self) -> None:
        self.sent: list[tuple[float, str, str]] = []  # when, chat, what
        self.by: Counter[str] = Counter()

    async def send(self, delivery: Delivery, owner: str = "") -> Outcome:
        moment = asyncio.get_running_loop().time()
        self.sent.append((moment, delivery.chat, delivery.message.text))
        self.by[owner] += 1
        return Delivered(ref=str(len(self.sent)))


def keeps_to(moments: list[float], per_s: float, burst: int) -> bool:
    """Whether no stretch of time holds more than the burst and what came free in it."""
    return all(
        last - first <= burst + (moments[last] - moments[first] + SLACK) * per_s
        for first in range(len(moments))
        for last in range(first, len(moments))
    )


def an_outbox(database: Database, channel: Channel, owner: str, pace: Pace = PACE) -> Outbox:
    async def receive(_incoming: object) -> None:
        raise AssertionError

    return Outbox(
        database=database, vault=a_vault(), senders={WAY: partial(channel.send, owner=owner)},
        receive=receive, now=lambda: MONDAY, chance=lambda: 0.5, pace=pace, owner=owner,
    )  # fmt: skip


async def say(database: Database) -> None:
    """Some messages in each of some chats."""
    vault = a_vault()
    for nth in range(MESSAGES):
        for number in range(CHATS):
            chat = vault.chat(*WAY, str(number))
            await database.run(
                lambda chat=chat, nth=nth: outgoing.add(  # type: ignore[misc]  # mypy loses it
                    chat, vault, a_message(str(nth)), dkey=str(nth), at=MONDAY
                )
            )


async def send_all(both: list[Postgres], channel: Channel, pace: Pace = PACE) -> None:
    pair = [an_outbox(it, channel, f"process {n}", pace) for n, it in enumerate(both)]
    running = [asyncio.ensure_future(one.run()) for one in pair]
    async with asyncio.timeout(60):
        while len(channel.sent) < CHATS * MESSAGES:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.02)
    for task in running:
        task.cancel()
    await asyncio.wait(running)


async def test_two_processes_together_keep_to_one_pace(
    both: list[Postgres], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else the first to look would take all chats, and keep to its own pace.
    monkeypatch.setattr(outboxes, "AT_ONCE_MAX", CHATS // 2)
    monkeypatch.setattr(outboxes, "CLAIM_FROM", 1)
    channel = Channel()
    await say(both[0])
    await send_all(both, channel)

    assert len(channel.sent) == CHATS * MESSAGES
    assert len(channel.by) == 2
    assert min(channel.by.values()) > len(channel.sent) / 4, "one did nearly all"
    assert keeps_to([at for at, *_ in channel.sent], PACE.bot_per_s, PACE.bot_burst)
    of_chat: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for at, chat, text in channel.sent:
        of_chat[chat].append((at, text))
    for sent in of_chat.values():
        assert keeps_to([at for at, _ in sent], PACE.chat_per_s, PACE.chat_burst)
        assert [text for _, text in sent] == [str(nth) for nth in range(MESSAGES)]


def test_what_is_too_fast_is_seen() -> None:
    """The negative control: twice the pace, or twice the burst."""
    slow = [nth / PACE.bot_per_s for nth in range(CHATS * MESSAGES)]
    assert keeps_to(slow, PACE.bot_per_s, PACE.bot_burst)

    assert not keeps_to([at / 2 for at in slow], PACE.bot_per_s, PACE.bot_burst)
    assert not keeps_to([0.0] * 10, PACE.bot_per_s, PACE.bot_burst)


async def test_what_one_is_told_holds_for_the_other(both: list[Postgres]) -> None:
    one, other = (Shared(database, WAY, PACE, lambda: MONDAY) for database in both)
    await one.close(5.0)

    assert await other.take("a chat") > 4.0
    assert await one.take("another chat") > 4.0


async def test_who_would_wait_for_too_long_takes_no_turn(both: list[Postgres]) -> None:
    shared = Shared(both[0], WAY, Pace(bot_per_s=1, bot_burst=1, shared=True), lambda: MONDAY)
    turns = [await shared.take(f"chat {nth}") for nth in range(8)]
    assert [round(it) for it in turns] == list(range(8))

    await shared.close(60.0)
    for _ in range(3):
        with pytest.raises(Full):
            await shared.take("chat 99")
    waited = await Pacer(PACE, shared).wait("chat 99")
    assert waited == paces.AHEAD_MAX.total_seconds()


async def test_a_moment_that_a_wrong_clock_wrote_does_not_count(
    both: list[Postgres], postgres_address: str
) -> None:
    shared = Shared(both[0], WAY, PACE, lambda: MONDAY)
    await shared.take("chat")
    await execute(postgres_address, "UPDATE paces SET until = until + 3600000000")

    assert await shared.take("chat") < 0.5


async def test_each_keeps_to_the_pace_by_itself_while_the_database_is_away(
    both: list[Postgres], monkeypatch: pytest.MonkeyPatch
) -> None:
    pacer = Pacer(PACE, Shared(both[0], WAY, PACE, lambda: MONDAY))
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    await both[0].close()
    for _ in range(4):
        await pacer.wait("chat")

    assert len(slept) == 2


async def test_what_lies_behind_us_is_forgotten(both: list[Postgres]) -> None:
    await Shared(both[0], WAY, PACE, lambda: MONDAY).take("chat")
    later: datetime = datetime.now(MONDAY.tzinfo) + timedelta(hours=1)

    assert await both[0].run(lambda: paces.forget_old(later)) == 2
