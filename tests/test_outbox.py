"""The outbox over the real store, with a sender that does what it is told."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from intakebot import outbox
from intakebot.core.events import Blocked, Incoming, Message
from intakebot.core.session import Session, Tongue
from intakebot.core.talking.delivery import (
    Busy,
    Delivered,
    Delivery,
    Outcome,
    Refused,
    Unreachable,
    Unsure,
    Way,
    Withheld,
)
from intakebot.outbox import Outbox
from intakebot.pacing import Pace
from intakebot.store import outgoing, ring, sessions
from intakebot.store.outgoing import Claimed
from intakebot.store.presence import BEAT_S, Presence, Present
from intakebot.store.problems import Unavailable
from intakebot.store.sqlite import MEMORY, Sqlite, open_sqlite
from intakebot.store.vault import Vault
from intakebot.store.work import MakeWork, Work
from tests.store.raw import rows

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
WAY = Way("telegram", "42")
NL = Tongue(lang="nl")
FAST = Pace(chat_per_s=10_000, bot_per_s=10_000)


class Channel:
    """Takes messages, and gives the outcomes that a test laid ready; else all goes well."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.deliveries: list[Delivery] = []
        self.outcomes: list[Outcome | Exception] = []
        self.slow: set[str] = set()  # chats whose messages never arrive
        self.at: list[float] = []
        self.gate = asyncio.Event()  # nothing arrives while it is closed
        self.gate.set()

    async def send(self, delivery: Delivery) -> Outcome:
        self.deliveries.append(delivery)
        self.at.append(asyncio.get_running_loop().time())
        if delivery.chat in self.slow:
            await asyncio.Event().wait()
        await self.gate.wait()
        outcome = self.outcomes.pop(0) if self.outcomes else Delivered(ref=f"m{len(self.taken)}")
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, Delivered):
            self.taken.append((delivery.chat, delivery.message.text))
        return outcome

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.taken]


class World:
    """A store, an outbox and a channel; the clock stands still until it is put on."""

    def __init__(self, database: Sqlite, vault: Vault) -> None:
        self.database = database
        self.vault = vault
        self.channel = Channel()
        self.now = NOW
        self.passed_s = 3e6  # by the stopwatch: the machine is up since a month
        self.chance = 1.0
        self.received: list[Incoming] = []
        self.outbox = self.an_outbox()
        self._said = 0

    def an_outbox(
        self,
        pace: Pace = FAST,
        database: Sqlite | None = None,
        owner: str | Present = "machine",
    ) -> Outbox:
        return Outbox(
            database=database or self.database,
            vault=self.vault,
            senders={WAY: self.channel.send},
            receive=self._receive,
            now=lambda: self.now,
            chance=lambda: self.chance,
            pace=pace,
            owner=owner,
            passed_s=lambda: self.passed_s,
        )

    async def _receive(self, incoming: Incoming) -> None:
        self.received.append(incoming)

    async def say(self, text: str, chat: str = "7", wait: timedelta | None = None) -> None:
        self._said += 1
        at, key = self.now, f"u{self._said}"
        message = Message(text=text, tongue=NL, unasked=wait is not None)
        not_before = None if wait is None else at + wait
        place = self.vault.chat(*WAY, chat)
        await self.database.run(
            lambda: outgoing.add(place, self.vault, message, dkey=key, at=at, not_before=not_before)
        )

    async def turn(
        self, *texts: str, chat: str = "7", stopped: Callable[[], Awaitable[object]] | None = None
    ) -> bool:
        """What a turn says, leased when the outbox wants it so; whether it was.

        *stopped*: what goes on around this process while it stands still after its commit.
        """
        self._said += 1
        place, key, at = self.vault.chat(*WAY, chat), f"u{self._said}", self.now
        lease = self.outbox.lease(WAY)
        if lease is None:
            for text in texts:
                await self.say(text, chat)
            return False
        messages = [(f"{key}:{n}", Message(text=text, tongue=NL)) for n, text in enumerate(texts)]

        def write() -> Work[tuple[Claimed, ...]]:
            begun: tuple[Claimed, ...] = ()
            for dkey, message in messages:
                begun += yield from outgoing.begin(
                    place, self.vault, message, dkey=dkey, at=at, lease=lease
                )
            return begun

        claimed = await self.database.run(write)
        if stopped:
            await stopped()
        self.outbox.hand(WAY, claimed, lease)
        return len(claimed) == len(texts)

    async def pass_time(self, **time: float) -> None:
        self.now += timedelta(**time)
        self.passed_s += timedelta(**time).total_seconds()
        await self.outbox.drain()


@pytest.fixture
def vault() -> Vault:
    new_bytes = random.Random(7).randbytes  # noqa: S311 - the same chance in every run
    return Vault(ring.new_ring(new_bytes, date(2026, 11, 1)), new_bytes)


@pytest.fixture
async def world(vault: Vault) -> AsyncIterator[World]:
    database = await open_sqlite(MEMORY)
    yield World(database, vault)
    await database.close()


@contextlib.asynccontextmanager
async def running(run: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - what is waited for happens elsewhere
            await asyncio.sleep(0.002)


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
    await amend(world)
    await world.say("gewoon")
    await world.outbox.drain()

    assert world.channel.texts == ["Wat speelt er?", "gewoon"]
    assert world.channel.deliveries[1].on_screen is None, "there is nothing to amend"


async def amend(world: World) -> None:
    """Let the last question look otherwise."""
    chat = world.vault.chat(*WAY, "7")
    amends = Message(text="Wat speelt er?", tongue=NL, amends=True)
    await world.database.run(
        lambda: outgoing.add(chat, world.vault, amends, dkey="a", at=world.now)
    )


async def test_an_amendment_knows_what_is_on_screen(world: World) -> None:
    await world.say("Wat speelt er?")
    await world.outbox.drain()
    await amend(world)
    await world.outbox.drain()

    assert [d.on_screen for d in world.channel.deliveries] == [None, "m0"]


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


class Failing(Sqlite):
    """A database that is away for the first calls."""

    failures = 3

    async def run(self, make_work: MakeWork[object]) -> object:  # type: ignore[override]  # one type is enough
        if self.failures:
            self.failures -= 1
            raise Unavailable("SQLITE_BUSY")
        return await super().run(make_work)


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


class Forgetful(Sqlite):
    """A database that is away at the moment of these calls, counted from now."""

    def fail_at(self, *calls: int, with_: Exception) -> None:
        self._calls, self._fail_at, self._fault = 0, calls, with_

    async def run(self, make_work: MakeWork[object]) -> object:  # type: ignore[override]  # one type is enough
        self._calls += 1
        if self._calls in self._fail_at:
            raise self._fault
        return await super().run(make_work)


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


class Deaf(Forgetful):
    """A database whose answer is lost at these calls: what was asked is done."""

    async def run(self, make_work: MakeWork[object]) -> object:  # type: ignore[override]  # one type is enough
        done = await Sqlite.run(self, make_work)
        self._calls += 1
        if self._calls in self._fail_at:
            raise self._fault
        return done


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


# ---- what a turn hands over ---------------------------------------------------------------------


async def sent(world: World, count: int) -> None:
    await eventually(lambda: len(world.channel.taken) >= count)


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


async def too_early(world: World) -> None:
    """Hand over what was leased before something was given back."""
    place = world.vault.chat(*WAY, "7")
    lease = world.outbox.lease(WAY)
    assert lease is not None
    message = Message(text="a", tongue=NL)
    claimed = await world.database.run(
        lambda: outgoing.begin(place, world.vault, message, dkey="a", at=world.now, lease=lease)
    )
    world.outbox.hand(WAY, claimed, replace(lease, epoch=lease.epoch - 1))


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

    world.now += outbox.LEASE - timedelta(seconds=1)
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
        world.now += outbox.LEASE
        world.passed_s += outbox.LEASE.total_seconds()
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
        world.passed_s += share * outbox.LEASE.total_seconds()

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


# ---- what the operator is told ------------------------------------------------------------------


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
