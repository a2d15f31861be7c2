"""What happens to the whole world of a run: outages, clocks, releases, editors, a restored backup."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from intakebot.store import flows, outgoing, restoring
from intakebot.store.work import Work
from tests.simulation import revisions

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.world import World

Event = Callable[["World"], Coroutine[Any, Any, None]]

# Wrong for a while; the first few may also be how it is set right for good.
JUMPS = [
    timedelta(hours=1),
    timedelta(hours=-1),
    timedelta(days=2),
    timedelta(days=-2),
    timedelta(days=20),
    timedelta(days=5),
    timedelta(days=3650),
    timedelta(days=-3650),
]
FOR_GOOD = 5
UNSENT = "SELECT chat, dkey FROM messages WHERE state IN ('queued', 'leased')"
HELD = "SELECT chat, dkey FROM messages WHERE state = 'held'"


def plan(world: World, storm_s: float) -> None:
    """Let everything that this seed holds happen somewhere in the storm."""
    for name, happens in ALL.items():
        for _ in range(world.faults.events[name]):
            world.spawn(_at(world, name, happens, world.chance.uniform(0, storm_s)))


async def _at(world: World, name: str, happens: Event, after_s: float) -> None:
    await asyncio.sleep(after_s)
    if not world.faults.calm:
        world.faults.note(name)
        await happens(world)


async def _outage(world: World) -> None:
    """Nobody answers for longer than a press is kept."""
    _stop(world, "is out: the machine stopped", world.chance.uniform(30, 400))


def _stop(world: World, why: str, for_s: float) -> None:
    world.dark_until = max(world.dark_until, world.time + for_s)
    world.tell("world", f"nothing runs until {world.dark_until:.0f}")
    for process in list(world.processes):
        process.die(why)


async def _clock_jump(world: World) -> None:
    """The clock on the wall is wrong for a while, or set right for good."""
    for_good = world.chance.random() < 0.3
    world.skew += world.chance.choice(JUMPS[:FOR_GOOD] if for_good else JUMPS)
    world.jumps += 1
    world.tell("world", f"the clock jumps by {world.skew}{' for good' if for_good else ''}")
    if for_good:
        return
    await asyncio.sleep(world.chance.uniform(10, 200))
    world.tell("world", "the clock is right again")
    world.skew = timedelta()


async def _deploy(world: World) -> None:
    """One process is replaced, maybe by another release: another revision is published."""
    process = world.any_process()
    if process is not None:
        revision = world.chance.choice(revisions.SHIPPED)
        process.flow = world.flow(revision)
        process.die(f"is replaced by a release with revision {revision}")


async def _publish(world: World) -> None:
    """An editor publishes a revision, new or earlier, while people talk."""
    process = world.any_process()
    if process is None:
        return
    revision = world.flow(world.chance.choice(revisions.REVISIONS)).revision
    done = await process.do(
        lambda: flows.publish(world.vault, revision, by="editor", at=process.now())
    )
    world.tell("editor", f"publishes {revision.revision}: {done or 'done'}")


async def _restore(world: World) -> None:
    """The machine is lost, and its disk is restored elsewhere: what was unsent is held back."""
    _stop(world, "is out: the machine is lost", world.chance.uniform(20, 400))
    await asyncio.sleep(0)
    held = _places(world, UNSENT)
    world.held |= held
    looking = world.disk.looking
    looking.execute("BEGIN IMMEDIATE")
    world.disk.look(restoring.settle(world.vault, made_at=world.now(), at=world.now()))
    looking.execute("COMMIT")
    world.tell("operator", "restored it")
    came = {place: len(world.telegram.arrivals.get(place, [])) for place in sorted(held)}
    await asyncio.sleep(world.chance.uniform(30, 600))
    send = world.chance.random() < 0.6
    for place, count in came.items():
        if len(world.telegram.arrivals.get(place, [])) > count:
            world.unhandled.append(f"message {place} came while it was held back")
    if not send:
        world.dropped |= _places(world, HELD)
    while not isinstance(done := await _asked(world, lambda: outgoing.release(send=send)), int):  # noqa: ASYNC110 - until somebody answers
        await asyncio.sleep(5)
    world.tell("operator", f"{'sends' if send else 'drops'} what was held: {done}")


async def _asked(world: World, make_work: Callable[[], Work[int]]) -> object:
    process: Process | None = world.any_process()
    return None if process is None else await process.do(make_work)


def _places(world: World, sql: str) -> set[str]:
    rows = world.disk.looking.execute(sql).fetchall()
    return {f"{row['chat']}:{row['dkey']}" for row in rows}


ALL: dict[str, Event] = {
    "outage": _outage,
    "clock jump": _clock_jump,
    "deploy": _deploy,
    "publish": _publish,
    "restore": _restore,
}
