"""Marks of what was sent: several in one transaction, and none that takes others with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from intakebot import marking
from intakebot.marking import Marks, Train
from intakebot.store import outgoing
from intakebot.store.outgoing import Claimed
from intakebot.store.work import MakeWork, Work
from tests.outbox.house import NOW, WAY, World, eventually
from tests.store.raw import rows

OWNER = "machine"


async def claimed(world: World, count: int) -> list[Claimed]:
    """So many messages, each in a chat of its own, leased to us."""
    for nth in range(count):
        await world.say("Hallo", chat=f"{nth}")
    claim = partial(outgoing.claim, world.vault, *WAY, owner=OWNER, now=NOW, count=count)
    return list(await world.database.run(lambda: claim(lease_until=NOW + timedelta(minutes=1))))


async def of_one_turn(world: World) -> tuple[Claimed, Claimed]:
    """Two messages of one chat, said because of one update."""
    (one,) = await claimed(world, 1)
    said = (replace(one, nth=one.nth + nth, dkey=f"of one update:{nth}") for nth in range(2))
    return next(said), next(said)


class Counting:
    """Writes in the store of a world, and counts the transactions; closed, nothing comes back."""

    def __init__(self, world: World) -> None:
        self.run: Callable[[MakeWork[None]], Awaitable[None]] = world.database.run
        self.transactions = 0
        self.open = asyncio.Event()
        self.open.set()

    async def write(self, make_work: MakeWork[None]) -> None:
        self.transactions += 1
        await self.open.wait()
        await self.run(make_work)


async def states(world: World) -> list[str]:
    return [row["state"] for row in await rows(world.database, "SELECT state FROM messages")]


async def test_a_mark_alone_is_written_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marking, "GAP_S", 3600)
    (one,) = await claimed(world, 1)
    train = Train()
    Marks(Counting(world).write).put(train, one, "m1")

    assert not await train.goes_on()
    assert await states(world) == ["sent"]


async def test_what_is_sent_while_a_mark_is_written_is_marked_together(world: World) -> None:
    database, train = Counting(world), Train()
    marks = Marks(database.write)
    database.open.clear()
    for nth, one in enumerate(await claimed(world, 9)):
        marks.put(train, one, f"m{nth}")
        await asyncio.sleep(0)
    database.open.set()

    assert not await train.goes_on()
    assert await states(world) == ["sent"] * 9
    assert database.transactions == 2, "the first, and all the others"


async def test_a_train_ends_when_all_it_sent_is_marked(world: World) -> None:
    database, train = Counting(world), Train()
    database.open.clear()
    (one,) = await claimed(world, 1)
    Marks(database.write).put(train, one, "m1")
    ends = asyncio.create_task(train.goes_on())
    await asyncio.sleep(0.01)
    assert not ends.done()

    database.open.set()
    assert await ends is False


async def test_the_next_turn_waits_until_what_was_said_before_is_marked(world: World) -> None:
    """A crash would send both again: the old question under the new one, and then the new one."""
    database, train = Counting(world), Train()
    database.open.clear()
    (one,) = await claimed(world, 1)
    Marks(database.write).put(train, one, "m1")
    train.add(replace(one, nth=one.nth + 1, dkey="of another update:0"))
    goes_on = asyncio.create_task(train.goes_on())
    await asyncio.sleep(0.01)
    assert not goes_on.done()

    database.open.set()
    assert await goes_on
    assert await states(world) == ["sent"]


async def test_what_one_turn_says_is_sent_without_waiting_for_the_mark(world: World) -> None:
    database, train = Counting(world), Train()
    database.open.clear()
    one, two = await of_one_turn(world)
    Marks(database.write).put(train, one, "m1")
    goes_on = asyncio.create_task(train.goes_on())
    await asyncio.sleep(0.01)
    train.add(two)

    async with asyncio.timeout(5):
        assert await goes_on
    assert list(train.waiting) == [two]


async def test_what_is_being_marked_is_not_taken_on_again(world: World) -> None:
    (one,) = await claimed(world, 1)
    train = Train()
    assert train.add(one)
    train.waiting.popleft()
    train.sent(one)

    assert not train.add(one)
    assert train.add(replace(one, dkey="of another update")), "in the place of an erased one"


async def test_one_that_cannot_be_marked_takes_no_other_with_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_sent = outgoing.mark_sent

    def breaks_on_one(claimed: Claimed, ref: str) -> Work[bool]:
        if ref == "m2":
            raise RuntimeError("a mistake of ours")
        return mark_sent(claimed, ref)

    monkeypatch.setattr(outgoing, "mark_sent", breaks_on_one)
    train, marks = Train(), Marks(Counting(world).write)
    sent = await claimed(world, 4)
    for nth, one in enumerate(sent):
        marks.put(train, one, f"m{nth}")

    assert not await train.goes_on(), "the train does not wait for ever"
    assert list(marks.lost) == [sent[2]]
    assert sorted(await states(world)) == ["leased", "sent", "sent", "sent"]


async def test_after_a_while_a_mark_is_written_at_once_again(world: World) -> None:
    database = Counting(world)
    marks = Marks(database.write)
    one, two = await claimed(world, 2)
    marks.put(train := Train(), one, "m1")
    await train.goes_on()
    await eventually(lambda: marks._writing is None)
    marks.put(train, two, "m2")

    assert not await train.goes_on()
    assert database.transactions == 2
