"""What a turn hands over is sent without looking for it, and never overtakes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from intakebot import leasing, outbox
from intakebot.core.events import Message
from intakebot.core.talking.delivery import (
    Busy,
    Delivered,
    Outcome,
    Unsure,
    Way,
)
from intakebot.store import outgoing
from intakebot.store.outgoing import Claimed
from intakebot.store.presence import Presence
from tests.outbox.house import (
    NL,
    NOW,
    WAY,
    World,
    eventually,
    running,
    sent,
    too_early,
)
from tests.store.raw import rows


async def test_what_a_turn_says_is_sent_without_looking_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(world.outbox.run):
        await asyncio.sleep(0.05)
        assert await world.turn("a", "b")
        monkeypatch.setattr(outgoing, "claim", None)
        assert await world.turn("c")
        await sent(world, 3)

    assert world.channel.texts[-3:] == ["a", "b", "c"]
    assert {row["state"] for row in await rows(world.database, "SELECT state FROM messages")} == {
        "sent"
    }


async def test_an_outbox_that_does_not_run_leases_nothing(world: World) -> None:
    assert world.outbox.lease(WAY) is None
    async with running(world.outbox.run):
        await asyncio.sleep(0.05)
        assert world.outbox.lease(WAY) is not None
        assert world.outbox.lease(Way("telegram", "another bot")) is None
    assert world.outbox.lease(WAY) is None


async def test_behind_what_cannot_be_sent_a_whole_turn_waits_in_its_order(world: World) -> None:
    world.channel.outcomes = [Delivered(ref="1"), Busy(seconds=2)]
    async with running(world.outbox.run):
        await asyncio.sleep(0.05)
        assert await world.turn("a", "b", "c")
        await sent(world, 1)
        await asyncio.sleep(0.05)
        assert not await world.turn("d"), "something of before must be sent first"
        assert world.channel.texts == ["a"]

        world.now += timedelta(seconds=3)
        world.outbox.wake()
        await sent(world, 4)

    assert world.channel.texts == ["a", "b", "c", "d"]


@pytest.mark.parametrize("outcome", [Unsure(), OSError("gone"), Busy(seconds=1)])
async def test_a_turn_that_began_before_something_was_given_back_does_not_overtake_it(
    world: World, outcome: Outcome | Exception
) -> None:
    """Its messages were leased while those before them still seemed to be on their way."""
    place = world.vault.chat(*WAY, "7")
    world.channel.outcomes = [outcome]
    async with running(world.outbox.run):
        await asyncio.sleep(0.05)
        lease = world.outbox.lease(WAY)
        assert lease is not None
        assert await world.turn("a")
        message = Message(text="b", tongue=NL)
        late = await world.database.run(
            lambda: outgoing.begin(place, world.vault, message, dkey="b", at=world.now, lease=lease)
        )
        await asyncio.sleep(0.05)
        world.outbox.hand(WAY, late, lease)
        await asyncio.sleep(0.05)
        assert world.channel.texts == []

        world.now += timedelta(seconds=5)
        world.outbox.wake()
        await sent(world, 2)

    assert world.channel.texts == ["a", "b"]


async def test_what_was_handed_over_too_early_is_looked_for_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LOOK_AGAIN_S", 3600)
    async with running(world.outbox.run):
        await asyncio.sleep(0.05)
        await too_early(world)
        await sent(world, 1)

    assert world.channel.texts == ["a"]


async def test_each_time_that_something_is_given_back_what_was_leased_before_is_known_from_it(
    world: World,
) -> None:
    epochs = []
    async with running(world.outbox.run):
        await asyncio.sleep(0.05)
        for nth in range(3):
            lease = world.outbox.lease(WAY)
            assert lease is not None
            epochs.append(lease.epoch)
            world.channel.outcomes = [Busy(seconds=60)]
            assert await world.turn("a", chat=f"{nth}")
            await eventually(lambda nth=nth: len(world.channel.deliveries) > nth)  # type: ignore[misc]  # mypy does not see the default
            await eventually(lambda: not world.outbox._tasks)

    assert epochs == sorted(set(epochs))


async def test_what_a_dead_process_had_begun_is_sent_by_the_next(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the commit of a turn and its sending."""
    monkeypatch.setattr(outbox, "END_S", 0.05)
    dead = Presence(tmp_path / "serving", "dead", lambda: world.passed_s)
    world.outbox = world.an_outbox(owner=dead)
    async with running(world.outbox.run):
        await asyncio.sleep(0.05)
        world.channel.slow = {"7"}
        assert await world.turn("a", "b")
        await asyncio.sleep(0.02)
        dead.end()
        world.channel.slow = set()
        alive = Presence(tmp_path / "serving", "alive", lambda: world.passed_s)
        async with running(world.an_outbox(owner=alive).run):
            await sent(world, 2)
        alive.end()

    assert world.channel.texts == ["a", "b"]


async def test_while_a_flood_limit_holds_nothing_is_leased(world: World) -> None:
    world.channel.outcomes = [Busy(seconds=60, everyone=True)]
    async with running(world.outbox.run):
        await asyncio.sleep(0.05)
        assert await world.turn("a")
        await asyncio.sleep(0.05)
        assert world.outbox.lease(WAY) is None


async def test_a_chat_that_is_slow_holds_up_its_own_messages_and_no_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "END_S", 0.05)
    world.channel.slow = {"7"}
    async with running(world.outbox.run):
        await asyncio.sleep(0.05)
        assert await world.turn("a", "b", chat="7")
        assert await world.turn("c", chat="8")
        await sent(world, 1)

    assert world.channel.taken == [("8", "c")]


async def test_what_was_leased_by_a_commit_whose_answer_was_lost_is_sent(world: World) -> None:
    """Telegram brings that update again, but as a duplicate it says nothing."""
    place = world.vault.chat(*WAY, "7")
    async with running(world.outbox.run):
        await asyncio.sleep(0.05)
        lease = world.outbox.lease(WAY)
        assert lease is not None
        message = Message(text="a", tongue=NL)
        await world.database.run(
            lambda: outgoing.begin(place, world.vault, message, dkey="a", at=world.now, lease=lease)
        )

        world.outbox.lose_count()

        assert world.outbox.lease(WAY) is None, "not before they are counted anew"
        await sent(world, 1)
        await eventually(lambda: world.outbox.lease(WAY) is not None)


async def test_what_is_handed_over_just_as_the_message_before_it_is_done_is_sent_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both in one step of the loop, as when one COMMIT held the mark of the one and the other."""
    arrived, sent = asyncio.Event(), list[str]()

    async def deliver(_way: Way, claimed: Claimed) -> Outcome:
        await arrived.wait()
        sent.append(claimed.message.text)
        return Delivered(ref="1")

    monkeypatch.setattr(world.outbox, "_is_running", True)
    monkeypatch.setattr(world.outbox, "_deliver", deliver)
    await world.turn("een")
    await world.say("twee")
    lease = world.outbox.lease(WAY)
    assert lease is not None
    claim = partial(outgoing.claim, world.vault, *WAY, owner=lease.owner, now=NOW, count=5)
    await world.database.run(lambda: outgoing.free_leases(*WAY, lease.owner))
    one, *_ = await world.database.run(lambda: claim(lease_until=None))

    async def hand_over() -> None:
        await arrived.wait()
        world.outbox.hand(WAY, [replace(one, nth=one.nth + 1, dkey="next")], lease)

    handing = asyncio.create_task(hand_over())
    await asyncio.sleep(0.01)
    arrived.set()
    await handing
    await eventually(lambda: len(sent) == 2)


async def test_as_many_as_may_be_under_way_at_once_and_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "AT_ONCE_MAX", 2)
    monkeypatch.setattr(outbox, "CLAIM_FROM", 1)
    monkeypatch.setattr(outbox, "END_S", 0.05)
    world.channel.gate.clear()
    async with running(world.outbox.run):
        await asyncio.sleep(0.05)
        assert await world.turn("a", chat="7")
        assert await world.turn("b", chat="8")
        assert world.outbox.lease(WAY) is None
        await world.say("c", chat="9")
        world.outbox.wake()
        await asyncio.sleep(0.05)
        assert len(world.channel.deliveries) == 2

        world.channel.gate.set()
        await sent(world, 3)
        await eventually(lambda: not world.outbox._tasks)
        world.channel.gate.clear()
        assert await world.turn("d", chat="7")
        await world.say("e", chat="8")
        world.outbox.wake()
        await eventually(lambda: len(world.channel.deliveries) == 5)
        assert world.outbox.lease(WAY) is None


@pytest.mark.parametrize("is_turn", [True, False])
async def test_of_several_machines_the_lease_of_one_that_is_gone_ends_by_the_clock(
    world: World, monkeypatch: pytest.MonkeyPatch, *, is_turn: bool
) -> None:
    monkeypatch.setattr(outbox, "END_S", 0.01)
    world.channel.slow = {"7"}
    async with running(world.outbox.run):
        await asyncio.sleep(0.05)
        await (world.turn("een") if is_turn else world.say("een"))
        world.outbox.wake()
        await eventually(lambda: bool(world.channel.deliveries))
    world.channel.slow = set()
    another = world.an_outbox(owner="another machine")

    world.now += leasing.LEASE - timedelta(seconds=1)
    await another.drain()
    assert world.channel.texts == []

    world.now += timedelta(seconds=2)
    await another.drain()
    assert world.channel.texts == ["een"]


@pytest.mark.parametrize("is_turn", [True, False])
async def test_who_was_stopped_for_longer_than_its_lease_sends_nothing_late(
    world: World, monkeypatch: pytest.MonkeyPatch, *, is_turn: bool
) -> None:
    """Else people read an old question under the new one: another machine has gone on."""
    another = world.an_outbox(owner="another machine")

    async def stand_still(*_: object) -> float:
        monkeypatch.undo()
        world.now += leasing.LEASE
        world.passed_s += leasing.LEASE.total_seconds()
        await another.drain()
        await world.say("twee")
        await another.drain()
        return 0.0

    async with running(world.outbox.run):
        await asyncio.sleep(0.05)
        if is_turn:
            assert await world.turn("een", stopped=stand_still)
        else:
            monkeypatch.setattr(world.outbox._pacers[WAY], "wait", stand_still)
            await world.say("een")
        world.outbox.wake()
        await sent(world, 2)
        await eventually(lambda: not world.outbox._tasks)
        await asyncio.sleep(0.05)

    assert world.channel.texts == ["een", "twee"]


@pytest.mark.parametrize("share", [0.49, 0.51])
async def test_who_was_stopped_for_half_its_lease_leases_it_anew(
    world: World, share: float
) -> None:
    """The call itself takes time too: it must not arrive after the lease has ended."""

    async def stand_still() -> None:
        world.passed_s += share * leasing.LEASE.total_seconds()

    async with running(world.outbox.run):
        await asyncio.sleep(0.05)
        assert await world.turn("een", stopped=stand_still)
        await sent(world, 1)

    assert world.channel.texts == ["een"]
    [row] = await rows(world.database, "SELECT attempts FROM messages")
    assert row["attempts"] == (1 if share < 0.5 else 2)


async def test_what_is_leased_after_something_was_given_back_is_sent_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.channel.outcomes = [Busy(seconds=1)]
    async with running(world.outbox.run):
        await asyncio.sleep(0.05)
        assert await world.turn("a", chat="7")
        await eventually(lambda: len(world.channel.deliveries) == 1 and not world.outbox._tasks)
        monkeypatch.setattr(outgoing, "claim", None)
        assert await world.turn("b", chat="8")
        await sent(world, 1)

    assert world.channel.texts == ["b"]


async def test_each_time_that_the_count_is_lost_what_was_leased_before_is_known_from_it(
    world: World,
) -> None:
    epochs = []
    async with running(world.outbox.run):
        for _ in range(3):
            await eventually(lambda: world.outbox.lease(WAY) is not None)
            lease = world.outbox.lease(WAY)
            assert lease is not None
            epochs.append(lease.epoch)
            world.outbox.lose_count()

    assert epochs == sorted(set(epochs))
