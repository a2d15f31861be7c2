"""What is sent, in which order, and what becomes of what the channel will not take."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from intakebot import outbox
from intakebot.core.events import Blocked
from intakebot.core.talking.delivery import (
    Busy,
    Delivered,
    Refused,
    Unreachable,
    Unsure,
    Withheld,
)
from intakebot.pacing import Pace
from tests.outbox.house import (
    NOW,
    World,
    eventually,
    running,
)


async def test_messages_of_a_chat_go_in_order(world: World) -> None:
    for text in ("een", "twee", "drie"):
        await world.say(text)
    await world.outbox.drain()

    assert world.channel.texts == ["een", "twee", "drie"]


async def test_a_message_is_sent_once(world: World) -> None:
    await world.say("een")
    await world.outbox.drain()
    await world.pass_time(hours=1)
    await world.an_outbox().drain()

    assert world.channel.texts == ["een"]


async def test_a_message_that_is_tried_again_holds_up_its_own_chat_only(world: World) -> None:
    world.channel.outcomes = [Unsure()]
    await world.say("een", chat="7")
    await world.say("twee", chat="7")
    await world.outbox.drain()
    await world.say("anders", chat="8")
    await world.outbox.drain()

    assert world.channel.taken == [("8", "anders")]

    await world.pass_time(seconds=10)

    assert world.channel.texts == ["anders", "een", "twee"]
    first, other, again, second = [it.id for it in world.channel.deliveries]
    assert first == again, "a message keeps its id"
    assert len({first, other, second}) == 3


async def test_what_may_have_arrived_is_sent_again_with_the_same_id_and_words(
    world: World,
) -> None:
    world.channel.outcomes = [Unsure(), RuntimeError("a library fell"), Delivered(ref="1")]
    await world.say("een")
    await world.outbox.drain()
    for _ in range(3):
        await world.pass_time(minutes=1)

    first, *others = world.channel.deliveries
    assert len(others) == 2
    assert all(other == first for other in others)


async def test_the_waits_between_attempts_grow_and_end(world: World) -> None:
    world.channel.outcomes = [Unsure()] * 1000
    await world.say("een")
    tries = []
    for _ in range(26 * 60):
        await world.pass_time(minutes=1)
        tries.append(len(world.channel.deliveries))

    assert tries[9] < 9  # in the first ten minutes
    assert tries[23 * 60 + 30] > tries[23 * 60]
    assert tries[-1] == tries[24 * 60]  # after a day there are no more
    world.channel.outcomes = []
    await world.say("twee")
    await world.outbox.drain()
    assert world.channel.texts == ["twee"]


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
async def test_the_waits_between_attempts_double_and_chance_takes_off_half_at_most(
    world: World, chance: float
) -> None:
    world.chance = chance
    world.channel.outcomes = [Unsure()] * 4
    await world.say("een")
    await world.outbox.drain()
    for nth, whole_s in enumerate((2, 4, 8), start=1):
        wait_s = whole_s * (0.5 + chance / 2)
        await world.pass_time(seconds=wait_s - 0.1)
        assert len(world.channel.deliveries) == nth
        await world.pass_time(seconds=0.1)
        assert len(world.channel.deliveries) == nth + 1


async def test_what_fails_for_a_day_is_given_up_however_many_others_failed_for_a_moment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "FAILING_MAX", 2)
    world.channel.outcomes = [Unsure()] * outbox.GIVE_UP_ATTEMPTS
    await world.say("een")
    for _ in range(outbox.GIVE_UP_ATTEMPTS):
        await world.pass_time(minutes=6)
    for nth in range(10):
        await world.say("ander", chat=f"8{nth}")
        world.channel.outcomes = [Unsure()]
        await world.outbox.drain()
        await world.pass_time(minutes=1)
        world.channel.outcomes = [Unsure()]
        await world.pass_time(hours=3)
    world.channel.outcomes = []
    await world.pass_time(hours=1)

    assert world.channel.texts == ["ander"] * 10


async def test_an_unasked_message_waits_and_holds_up_nothing(world: World) -> None:
    await world.say("Fatma belt u morgen", wait=timedelta(hours=12))
    await world.say("antwoord op uw vraag")
    await world.outbox.drain()

    assert world.channel.texts == ["antwoord op uw vraag"]

    await world.pass_time(hours=13)

    assert world.channel.texts[1:] == ["Fatma belt u morgen"]


async def test_a_flood_limit_of_a_chat_waits_as_long_as_it_says(world: World) -> None:
    world.channel.outcomes = [Busy(seconds=3)]
    await world.say("een", chat="7")
    await world.say("ander", chat="8")
    await world.outbox.drain()
    await world.pass_time(seconds=2.9)

    assert world.channel.texts == ["ander"]

    await world.pass_time(seconds=0.2)

    assert world.channel.texts == ["ander", "een"]


async def test_a_flood_limit_of_the_bot_stops_everything(world: World) -> None:
    world.channel.outcomes = [Busy(seconds=0.3, everyone=True)]
    await world.say("een", chat="7")
    await world.outbox.drain()
    await world.say("ander", chat="8")
    await world.pass_time(seconds=1)

    assert world.channel.texts == []

    await asyncio.sleep(0.3)
    await world.pass_time(seconds=0)

    assert sorted(world.channel.texts) == ["ander", "een"]


async def test_a_flood_limit_also_holds_what_waited_for_its_turn_when_it_came(
    world: World,
) -> None:
    slow = world.an_outbox(Pace(chat_per_s=10_000, bot_per_s=50, bot_burst=1))
    world.channel.outcomes = [Busy(seconds=1.0, everyone=True)]
    await world.say("een", chat="7")
    await world.say("ander", chat="8")
    await slow.drain()
    assert len(world.channel.deliveries) == 1

    world.now += timedelta(seconds=1)
    await world.an_outbox().drain()
    assert sorted(world.channel.texts) == ["ander", "een"]


async def test_a_refused_message_is_sent_plain_once_and_then_let_go(world: World) -> None:
    world.channel.outcomes = [Refused(), Delivered(ref="1"), Refused(), Refused()]
    for text in ("een", "twee", "drie"):
        await world.say(text)
    await world.outbox.drain()

    plain = [(d.message.text, d.plain) for d in world.channel.deliveries]
    assert plain == [
        ("een", False),
        ("een", True),
        ("twee", False),
        ("twee", True),
        ("drie", False),
    ]
    assert world.channel.texts == ["een", "drie"]


async def test_who_blocked_us_is_reported_once_and_left_alone(world: World) -> None:
    world.channel.outcomes = [Unreachable()]
    await world.say("een")
    await world.say("twee")
    await world.outbox.drain()
    await world.pass_time(hours=1)

    assert len(world.channel.deliveries) == 1
    (report,) = world.received
    assert (report.channel, report.bot, report.chat) == ("telegram", "42", "7")
    assert report.event == Blocked(on=True)
    assert report.at == NOW

    await world.say("u bent terug")
    await world.outbox.drain()

    assert world.channel.texts == ["u bent terug"]

    world.channel.outcomes = [Unreachable()]
    await world.say("u bent weer weg")
    await world.outbox.drain()

    assert len({it.update for it in world.received}) == 2, "what is known already counts no more"


async def test_what_the_channel_may_not_show_counts_as_said(world: World) -> None:
    world.channel.outcomes = [Withheld()]
    await world.say("privé")
    await world.say("gewoon")
    await world.outbox.drain()

    assert world.channel.texts == ["gewoon"]


async def test_a_slow_chat_holds_up_no_other(world: World) -> None:
    world.channel.slow = {"7"}
    outbox.END_S, end_s = 0.05, outbox.END_S
    async with running(world.outbox.run):
        await world.say("een", chat="7")
        for nth in range(40):
            await world.say(f"{nth}", chat="8")
        world.outbox.wake()
        await eventually(lambda: len(world.channel.taken) == 40)
        world.now += timedelta(minutes=5)  # its lease has ended; it is still under way
        await asyncio.sleep(0.05)
    outbox.END_S = end_s

    assert sum(d.chat == "7" for d in world.channel.deliveries) == 1


async def test_a_wake_is_enough_and_without_it_a_second(world: World) -> None:
    async with running(world.outbox.run):
        await asyncio.sleep(0.05)
        await world.say("een")
        world.outbox.wake()
        await asyncio.wait_for(eventually(lambda: world.channel.texts == ["een"]), 0.5)
        await world.say("twee")
        await eventually(lambda: world.channel.texts == ["een", "twee"])


@pytest.mark.parametrize("jump", [timedelta(days=3650), timedelta(days=-3650)])
async def test_a_clock_that_jumps_gives_nothing_up(world: World, jump: timedelta) -> None:
    world.channel.outcomes = [Unsure()] * 20
    await world.say("een")
    for _ in range(10):
        await world.pass_time(minutes=5)
    world.now += jump
    for _ in range(12):
        await world.pass_time(minutes=5)

    assert len(world.channel.deliveries) > outbox.GIVE_UP_ATTEMPTS
    assert world.channel.texts == ["een"]
