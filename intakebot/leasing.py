"""Leasing: whose messages are ours to send, for how long, and which are free again.

On one machine a lease lasts as long as its process is there (`store/presence.py`), whatever a clock
on the wall says. Of several machines each lease ends by the clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial

from intakebot.core.talking.delivery import Way
from intakebot.store import outgoing
from intakebot.store.database import Database
from intakebot.store.presence import Present

# Longer than one call to Telegram can take; after it another machine may send the message.
LEASE = timedelta(seconds=30)
ASK_S = 1.0  # whether it is time to count; `presence.BEAT_S` says when it is


class Leasing:
    """The leases of one outbox."""

    def __init__(
        self,
        owner: str | Present,
        *,
        database: Database,
        ways: Collection[Way],
        now: Callable[[], datetime],
        passed_s: Callable[[], float],
    ) -> None:
        """*owner*: our name among several machines, or who sends on this one machine."""
        self._presence = None if isinstance(owner, str) else owner
        self.owner = owner if isinstance(owner, str) else owner.name
        self._database = database
        self._ways = ways
        self._now = now
        self._passed_s = passed_s
        self._others_due = True  # look whether another died or hangs

    def until(self) -> datetime | None:
        """When a lease of now ends; None: with this process."""
        return self._now() + LEASE if self._presence is None else None

    def sure_until(self) -> float:
        """Who was stopped for longer may send nothing: another has sent it, and gone on."""
        return self._passed_s() + LEASE.total_seconds() / 2

    async def beat(self) -> None:
        """Say that we go on, also while we wait for the database: who waits does not hang."""
        while self._presence is not None:
            self._others_due |= self._presence.beat()
            await asyncio.sleep(ASK_S)

    async def take_over(self) -> None:
        """What a process of this machine had begun before it ended, or hung, is free at once."""
        if self._presence is None or not self._others_due:
            return
        for way in self._ways:
            for owner in await self._database.read(partial(outgoing.lease_owners, *way)):
                if not self._presence.is_alive(owner):
                    await self._database.run(partial(outgoing.free_leases, *way, owner))
        self._others_due = False

    async def give_all_back(self) -> None:
        """What is leased by us is free again."""
        for way in self._ways:
            await self._database.run(partial(outgoing.free_leases, *way, self.owner))
