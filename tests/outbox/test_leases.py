"""Who may send a message: leases, and what is given back when nobody knows."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from intakebot import leasing, outbox
from intakebot.pacing import Pace
from intakebot.store import outgoing
from intakebot.store.presence import BEAT_S, Presence
from intakebot.store.problems import Unavailable
from tests.outbox.house import (
    NOW,
    WAY,
    Deaf,
    Forgetful,
    World,
    eventually,
    running,
)


async def lease(world: World, owner: str) -> None:
    """Another process began to send, for as long as it is there."""
    claim = partial(outgoing.claim, world.vault, *WAY, owner=owner, now=NOW, count=5)
    await world.database.run(lambda: claim(lease_until=None))


async def test_what_a_killed_process_had_begun_is_sent_by_the_next(
    world: World, tmp_path: Path
) -> None:
    dead = Presence(tmp_path, "dead", lambda: 0.0)
    await world.say("een")
    await lease(world, "dead")
    dead.end()
    ours = Presence(tmp_path, "ours", lambda: 0.0)
    async with running(world.an_outbox(owner=ours).run):
        await eventually(lambda: world.channel.texts == ["een"])


async def test_who_starts_or_jumps_takes_nothing_from_who_is_still_sending(
    world: World, tmp_path: Path
) -> None:
    Presence(tmp_path, "busy", lambda: 0.0)
    await world.say("een", chat="7")
    await lease(world, "busy")
    world.now += timedelta(days=3650)
    await world.say("ander", chat="8")
    ours = Presence(tmp_path, "ours", lambda: 0.0)
    async with running(world.an_outbox(owner=ours).run):
        await eventually(lambda: world.channel.texts == ["ander"])
        await asyncio.sleep(0.05)

    assert world.channel.texts == ["ander"]


async def test_who_hangs_is_taken_over_from_while_we_run(world: World, tmp_path: Path) -> None:
    passed = [0.0]
    Presence(tmp_path, "hangs", lambda: 0.0)
    await world.say("een")
    await lease(world, "hangs")
    async with running(world.an_outbox(owner=Presence(tmp_path, "ours", lambda: passed[0])).run):
        for _ in range(8):
            passed[0] += BEAT_S
            world.outbox.wake()
            await asyncio.sleep(0)
        await eventually(lambda: world.channel.texts == ["een"])


class Alone:
    """Of all processes of this machine only ours goes on; it is told once to look after the rest."""

    name = "ours"

    def __init__(self) -> None:
        self.beats = [True, False, False]

    def beat(self) -> bool:
        return bool(self.beats) and self.beats.pop(0)

    def is_alive(self, name: str) -> bool:
        return name == self.name


async def test_that_it_is_time_to_look_after_the_others_is_remembered_until_it_is_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits for a disk goes on counting meanwhile, and is told only once."""
    monkeypatch.setattr(leasing, "ASK_S", 0.0)
    alone = Alone()
    ours = leasing.Leasing(
        alone, database=world.database, ways=[WAY], now=lambda: NOW, passed_s=lambda: 0.0
    )
    await ours.take_over()
    await world.say("een")
    await lease(world, "hangs")
    async with running(ours.beat):
        await eventually(lambda: not alone.beats)
    await ours.take_over()
    await world.outbox.drain()

    assert world.channel.texts == ["een"]


async def test_who_waits_for_the_database_does_not_hang(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "ASK_S", 0.001)
    passed = [0.0]
    ours = Presence(tmp_path, "ours", lambda: passed[0])
    other = Presence(tmp_path, "other", lambda: passed[0])
    away = Forgetful(world.database._writer, world.database._reader)
    away.fail_at(*range(10_000), with_=Unavailable("SQLITE_BUSY"))
    await world.say("een")
    async with running(world.an_outbox(owner=ours, database=away).run):
        for _ in range(10):
            passed[0] += BEAT_S
            await asyncio.sleep(0.01)
            assert other.beat()
            assert other.is_alive("ours")


async def test_the_pace_of_a_chat_and_of_the_bot_is_kept(world: World) -> None:
    pace = Pace(chat_per_s=20, chat_burst=2, bot_per_s=50, bot_burst=1)
    paced = world.an_outbox(pace)
    for nth in range(6):
        await world.say(f"{nth}", chat="7")
    for nth in range(8):
        await world.say("x", chat=f"9{nth}")
    await paced.drain()

    at = world.channel.at
    of_chat = [t for t, d in zip(at, world.channel.deliveries, strict=True) if d.chat == "7"]
    assert of_chat[1] - of_chat[0] < 0.2  # a burst goes out together
    assert of_chat[-1] - of_chat[0] >= (6 - 2) / 20 - 0.01
    assert at[-1] - at[0] >= 13 / 50 - 0.01


async def test_who_sends_for_one_bot_over_one_database_keeps_to_one_pace(world: World) -> None:
    pace = Pace(chat_per_s=10_000, bot_per_s=10, bot_burst=1, shared=True)
    for nth, owner in enumerate(("one", "another", "a third")):
        await world.say("een", chat=f"{nth}")
        await world.an_outbox(pace, owner=owner).drain()

    first, _, third = world.channel.at
    assert third - first >= 2 / 10 - 0.01


async def test_what_was_sent_while_the_database_went_away_is_not_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LOOK_AGAIN_S", 0.001)
    away = Forgetful(world.database._writer, world.database._reader)
    away.fail_at(2, 3, 4, with_=Unavailable("SQLITE_FULL"))  # 1: the lease
    sending = world.an_outbox(database=away)
    await world.say("een")
    await world.say("twee")
    await sending.drain()

    assert world.channel.texts == ["een", "twee"]


async def test_what_could_not_be_marked_is_sent_again(world: World) -> None:
    breaks = Forgetful(world.database._writer, world.database._reader)
    breaks.fail_at(2, with_=RuntimeError("a mistake of ours"))
    sending = world.an_outbox(database=breaks)
    await world.say("een")
    await sending.drain()
    await sending.drain()
    assert world.channel.texts == ["een"], "not before a while has passed"

    world.now += timedelta(minutes=1)
    await sending.drain()

    assert world.channel.texts == ["een", "een"]


async def test_leases_that_we_do_not_know_of_are_given_back_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wire that breaks at a COMMIT: the message is leased to us, and we never heard of it."""
    monkeypatch.setattr(outbox, "LOOK_AGAIN_S", 0.01)
    deaf = Deaf(world.database._writer, world.database._reader)
    deaf.fail_at(1, with_=Unavailable("ConnectionDoesNotExistError"))
    await world.say("een")
    async with running(world.an_outbox(database=deaf).run):
        await eventually(lambda: world.channel.texts == ["een"])


async def test_what_is_being_sent_is_not_given_back(world: World) -> None:
    """Not before it ends: else it would be sent twice."""
    deaf = Deaf(world.database._writer, world.database._reader)
    sending = world.an_outbox(database=deaf)
    await world.say("een")
    deaf.fail_at(2, with_=Unavailable("ConnectionDoesNotExistError"))
    world.channel.gate.clear()
    assert await sending._begin() == 1
    await world.say("twee", chat="8")
    with pytest.raises(Unavailable):
        await sending._begin()

    await world.say("drie", chat="9")
    assert await sending._begin() == 0, "else there might always be something being sent"
    world.channel.gate.set()
    await sending.drain()
    assert sorted(world.channel.texts) == ["drie", "een", "twee"]
