"""What we promise of messages: what is marked as sent has arrived, in order, once unless excused."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.simulation.telegram import Arrival

if TYPE_CHECKING:
    from tests.simulation.world import World

MESSAGES = """SELECT chat, nth, dkey, state, unasked FROM messages
    WHERE direction = 'out' AND via = 'telegram' ORDER BY chat, nth"""


def broken(world: World) -> Iterator[str]:
    """Every promise about messages that was not kept."""
    blocked = {chat.key for person in world.people for chat in person.chats if person.was_blocked}
    arrived: dict[str, list[tuple[int, int]]] = {}
    for row in world.disk.looking.execute(MESSAGES).fetchall():
        place = f"{row['chat']}:{row['dkey']}"
        came = world.telegram.order.get(place)
        excused = row["chat"] in blocked or place in world.dropped
        if row["state"] == "sent" and came is None:
            yield f"message {row['dkey']} is marked as sent, and never arrived"
        if row["state"] == "failed" and not excused:
            yield f"message {row['dkey']} was given up"
        if came is not None and not row["unasked"] and place not in world.held:
            arrived.setdefault(row["chat"], []).append((row["nth"], came))
    for chat, places in arrived.items():
        order = [came for _, came in sorted(places)]
        if order != sorted(order):
            yield f"the messages of chat {chat[:6]} came in another order than they were said"
    yield from _copies(world)


def _copies(world: World) -> Iterator[str]:
    """A second copy of a message needs a reason: nobody could know whether the first one came."""
    for place, arrivals in world.telegram.arrivals.items():
        for earlier, later in pairwise(arrivals):
            if not (earlier.unsure or place in world.held or _is_lost(world, earlier, later)):
                yield (
                    f"message {place} came at {earlier.at:.0f} by {earlier.by} and at"
                    f" {later.at:.0f} by {later.by}, and nothing was lost in between"
                )


def _is_lost(world: World, earlier: Arrival, later: Arrival) -> bool:
    """Whether who brought the first copy died before it could say so."""
    died_at = world.deaths.get(earlier.by)
    return died_at is not None and earlier.at <= died_at <= later.at
