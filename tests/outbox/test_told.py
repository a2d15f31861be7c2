"""What the operator is told of messages that went wrong; never a word of them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import pytest
from structlog.testing import capture_logs

from intakebot import outbox
from intakebot.core.events import Message
from intakebot.core.session import Session
from intakebot.core.talking.delivery import (
    Busy,
    Outcome,
    Refused,
    Unsure,
    Withheld,
)
from intakebot.store import outgoing, sessions
from intakebot.store.outgoing import Claimed
from tests.outbox.house import (
    NL,
    NOW,
    WAY,
    Failing,
    Forgetful,
    World,
    eventually,
    running,
    sent,
    too_early,
)


async def say_in_a_session(world: World, *texts: str) -> Claimed:
    """Say this in a session; gives the first as it is claimed by a process that is gone."""
    place = world.vault.chat(*WAY, "7")
    session = Session(id="s1", flow="f", revision="1", started_at=NOW)
    stored = await world.database.run(lambda: sessions.create(world.vault, place, session, NOW))
    for nth, text in enumerate(texts):
        message = Message(text=text, tongue=NL)
        await world.database.run(
            partial(outgoing.add, place, stored, message, dkey=f"{nth}", at=NOW)
        )
    claim = partial(outgoing.claim, world.vault, *WAY, owner="gone", now=NOW, count=5)
    first, *_ = await world.database.run(lambda: claim(lease_until=None))
    await world.database.run(lambda: outgoing.free_leases(*WAY, "gone"))
    return first


@pytest.mark.parametrize(
    ("outcomes", "told"),
    [
        (
            [Refused(), Refused()],
            [("warning", "message-refused"), ("error", "message-refused-for-good")],
        ),
        ([Refused()], [("warning", "message-refused")]),
        ([Busy(seconds=1)], []),
        ([Withheld()], []),
    ],
)
async def test_what_was_refused_is_told_by_number_and_session(
    world: World, outcomes: list[Outcome | Exception], told: list[tuple[str, str]]
) -> None:
    world.channel.outcomes = list(outcomes)
    first = await say_in_a_session(world, "een", "twee")
    with capture_logs() as logs:
        await world.outbox.drain()

    assert first.session is not None
    assert logs == [
        {"log_level": level, "event": event, "nth": first.nth, "session": first.session}
        for level, event in told
    ]


async def test_what_raises_and_what_is_given_up_is_told_without_its_words(world: World) -> None:
    first = await say_in_a_session(world, "een")
    others = outbox.GIVE_UP_ATTEMPTS - first.attempts - 1
    world.channel.outcomes = [OSError("een"), *[Unsure()] * others]
    with capture_logs() as logs:
        await world.outbox.drain()
        for _ in range(others):
            await world.pass_time(hours=6)

    assert logs == [
        {"log_level": "warning", "event": "message-not-sent", "nth": first.nth, "error": "OSError"},
        {
            "log_level": "error",
            "event": "message-given-up",
            "nth": first.nth,
            "session": first.session,
        },
    ]


async def test_what_cannot_be_written_by_our_own_mistake_is_told_and_sent_later(
    world: World,
) -> None:
    breaks = Forgetful(world.database._writer, world.database._reader)
    breaks.fail_at(2, with_=ZeroDivisionError("een"))  # 1: the lease
    sending = world.an_outbox(database=breaks)
    world.channel.outcomes = [Unsure()]
    first = await say_in_a_session(world, "een")
    with capture_logs() as logs:
        await sending.drain()
    world.now += timedelta(minutes=1)
    await sending.drain()

    told = {"log_level": "warning", "event": "message-not-marked", "nth": first.nth}
    assert logs == [told | {"error": "ZeroDivisionError"}]
    assert world.channel.texts == ["een"]


async def test_what_cannot_be_given_back_by_our_own_mistake_is_told_and_sent_later(
    world: World,
) -> None:
    breaks = Forgetful(world.database._writer, world.database._reader)
    world.outbox = world.an_outbox(database=breaks)
    breaks.fail_at(1, with_=ZeroDivisionError("een"))
    with capture_logs() as logs:
        async with running(world.outbox.run):
            await asyncio.sleep(0.05)
            await too_early(world)
            await eventually(lambda: bool(logs) and not world.outbox._tasks)
            world.now += timedelta(minutes=1)
            world.outbox.wake()
            await sent(world, 1)

    assert [(it["event"], it["error"]) for it in logs] == [
        ("message-not-marked", "ZeroDivisionError")
    ]


async def test_a_database_that_is_away_is_waited_for_and_told_by_what_it_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LOOK_AGAIN_S", 0.01)
    await world.say("een")
    away = Failing(world.database._writer, world.database._reader)
    with capture_logs() as logs:
        async with running(world.an_outbox(database=away).run):
            await eventually(lambda: world.channel.texts == ["een"])

    told = {"log_level": "warning", "event": "outbox-waits-for-database", "error": "SQLITE_BUSY"}
    assert logs == [told] * Failing.failures


async def test_only_so_many_failures_are_remembered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "FAILING_MAX", 2)
    world.channel.outcomes = [Unsure()] * 5
    for nth in range(5):
        await world.say("een", chat=f"{nth}")
    await world.outbox.drain()

    assert len(world.outbox._first_failed) == 2

    await world.pass_time(minutes=5)

    assert len(world.channel.taken) == 5
