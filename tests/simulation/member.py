"""A member of a team: looks in the queue, takes what is open, writes, and sometimes closes.

A form that seems not to have arrived is sent again, as it was: it must count once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from intakebot.core.events import ClosedByTeam, Taken, Wrote
from intakebot.core.session import ContactCard, Outcome
from intakebot.store.people import Member as Person
from intakebot.store.requests import Listed, Status
from intakebot.store.scoped import Seen
from intakebot.store.work import Work
from intakebot.web.access import Access

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.world import World

QUEUES = ("GM0294/sociaal-team", "GM0294/onbekend", "onbekend")


class Form(NamedTuple):
    """A form of the inbox: what it changes, and how one sees that it was done."""

    reference: str
    change: Callable[[Process, Access], Work[bool]]
    done: Callable[[Seen], bool]


class Member:
    """One member at work."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.person = Person(
            member=f"member{number}",
            login=f"m{number}",
            name=f"Marieke {number}",
            phone="0612345678",
            admin=False,
            queues=QUEUES,
        )
        self.won: dict[str, bool] = {}  # references, as the page said
        self.wrote: dict[str, list[str]] = {}  # by reference, what was accepted
        self._forms = 0

    async def work(self) -> None:
        """Until the end of the day."""
        while True:
            await asyncio.sleep(self.world.chance.uniform(5, 40))
            listed = await self._listed(Status.OPEN)
            await asyncio.sleep(self.world.chance.uniform(0, 20))
            if listed:
                await self._take(self.world.chance.choice(listed))
            mine = [it for it in await self._listed(Status.TAKEN) if it.reference in self.won]
            if mine and self.world.chance.random() < 0.7:
                await self._write(self.world.chance.choice(mine))
            if mine and self.world.chance.random() < 0.1:
                await self._close(self.world.chance.choice(mine))

    async def _listed(self, status: Status) -> tuple[Listed, ...]:
        process = self.world.any_process()
        if process is None:
            return ()
        found = await process.do(lambda: self._access(process).listed(status))
        return found if isinstance(found, tuple) else ()

    async def _take(self, listed: Listed) -> None:
        card = ContactCard(name=self.person.name, phone=self.person.phone, team="Team")

        def change(process: Process, access: Access) -> Work[bool]:
            taken = yield from access.take(listed.reference, listed.version)
            if taken is None or not taken.won:
                return False
            key = f"taken:{listed.reference}:{listed.version}"
            stored = taken.stored
            yield from process.intake.carry(
                stored, Taken(contact=card), chat=stored.chat, key=key, at=access.at
            )
            return True

        if await self._send(Form(listed.reference, change, self._is_mine), "takes"):
            self.won[listed.reference] = True

    async def _write(self, listed: Listed) -> None:
        self._forms += 1
        text = f"Bericht {self._forms} van {self.person.name}"

        def change(process: Process, access: Access) -> Work[bool]:
            stored = yield from access.session_of(listed.reference, "write")
            if stored is None or stored.session.outcome is not Outcome.SUBMITTED:
                return False
            if stored.session.closed:
                return False
            key, event = f"wrote:{text}", Wrote(text=text)
            yield from process.intake.carry(stored, event, chat=stored.chat, key=key, at=access.at)
            return True

        def is_there(seen: Seen) -> bool:
            return any(line.message.text.endswith(text) for line in seen.thread)

        if await self._send(Form(listed.reference, change, is_there), "writes to"):
            self.wrote.setdefault(listed.reference, []).append(text)

    async def _close(self, listed: Listed) -> None:
        def change(process: Process, access: Access) -> Work[bool]:
            stored = yield from access.close(listed.reference, listed.version, "helped")
            if stored is None:
                return False
            key = f"closed:{listed.reference}:{listed.version}"
            yield from process.intake.carry(
                stored, ClosedByTeam(), chat=stored.chat, key=key, at=access.at
            )
            return True

        await self._send(Form(listed.reference, change, _is_closed), "closes")

    async def _send(self, form: Form, says: str) -> bool:
        """Whether the page said that it was done; the same form again when no page came."""
        self._forms += 1
        stamp = f"form{self._forms}"
        for _ in range(3):
            process = self.world.any_process()
            if process is None:
                return False
            result = await process.do(lambda at=process: self._once(at, stamp, form))  # type: ignore[misc]  # a default, so that each try has its own
            self.world.tell(self.person.name, f"{says} {form.reference}: {result}")
            if isinstance(result, bool):
                return result
            await asyncio.sleep(self.world.chance.uniform(1, 30))
        return False

    def _once(self, process: Process, stamp: str, form: Form) -> Work[bool]:
        access = self._access(process)
        if not (yield from access.is_first(stamp)):
            seen = yield from access.request_for(form.reference)
            return seen is not None and form.done(seen)
        return (yield from form.change(process, access))

    def _is_mine(self, seen: Seen) -> bool:
        return seen.opened.listed.contact == self.person.member

    def access(self, at: datetime) -> Access:
        """What this member may see and do."""
        return Access(vault=self.world.vault, member=self.person, at=at)

    def _access(self, process: Process) -> Access:
        return self.access(process.now())


def _is_closed(seen: Seen) -> bool:
    return seen.opened.listed.status is Status.CLOSED
