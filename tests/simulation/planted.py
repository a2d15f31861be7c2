"""Faults planted in the program on purpose: the simulation that does not find them is worth nothing.

Each is small, likely, and was made by somebody before. It is planted by exchanging one function or
one statement of the real program.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from intakebot.channels.telegram.arrivals import Arrivals, Receive
from intakebot.channels.telegram.sending import Sending
from intakebot.channels.telegram.updates import Decoded
from intakebot.channels.webchat import routes
from intakebot.channels.webchat.chat import WebChat
from intakebot.channels.webchat.thread import Thread
from intakebot.clock import Clock
from intakebot.core.events import Event, Incoming
from intakebot.core.session import Session
from intakebot.core.talking.delivery import (
    Busy,
    Delivered,
    FetchOutcome,
    Lost,
    Outcome,
    Unreachable,
    Unsure,
    Way,
)
from intakebot.core.talking.responding import Desk
from intakebot.intake import Intake, Receipt
from intakebot.leasing import Leasing
from intakebot.outbox import Outbox
from intakebot.store import erasure, outgoing, queries, requests, sqlite, updates
from intakebot.store.outgoing import Claimed
from intakebot.store.vault import Vault
from intakebot.store.work import Chat, Home, Statement, Work

Plant = Callable[[pytest.MonkeyPatch], None]


def acknowledges_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    async def take(self: Arrivals, update: Decoded, receive: Receive) -> bool:
        self.confirm(update)
        if update.incoming is not None:
            task = asyncio.ensure_future(receive(update.incoming))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return True

    patch.setattr(Arrivals, "take", take)


def acknowledges_what_it_could_not_store(patch: pytest.MonkeyPatch) -> None:
    real = Arrivals.take

    async def take(self: Arrivals, update: Decoded, receive: Receive) -> bool:
        await real(self, update, receive)
        return True

    patch.setattr(Arrivals, "take", take)


def does_every_update_again(patch: pytest.MonkeyPatch) -> None:
    real = updates.is_new

    def is_new(chat: Chat, update: str, at: datetime) -> Work[bool]:
        yield from real(chat, update, at)
        return True

    patch.setattr(updates, "is_new", is_new)


def knows_updates_by_the_highest_number(patch: pytest.MonkeyPatch) -> None:
    real, highest = updates.is_new, {"": 0}

    def is_new(chat: Chat, update: str, at: datetime) -> Work[bool]:
        new = yield from real(chat, update, at)
        if not update.isdecimal():
            return new
        is_higher = int(update) > highest.get(chat.key, 0)
        highest[chat.key] = max(int(update), highest.get(chat.key, 0))
        return new and is_higher

    patch.setattr(updates, "is_new", is_new)


def notes_the_update_in_a_transaction_of_its_own(patch: pytest.MonkeyPatch) -> None:
    real, real_is_new = Intake.receive, updates.is_new

    async def receive(self: Intake, incoming: Incoming, *within: Any) -> Receipt:  # noqa: ANN401 - passed on
        chat = self.vault.chat(incoming.channel, incoming.bot, incoming.chat)
        new = await self.database.run(lambda: real_is_new(chat, incoming.update, incoming.at))
        return await real(self, incoming, *within) if new else Receipt(duplicate=True)

    def is_new(chat: Chat, update: str, at: datetime) -> Work[bool]:
        yield from real_is_new(chat, update, at)
        return True

    patch.setattr(Intake, "receive", receive)
    patch.setattr(updates, "is_new", is_new)


def takes_any_button_for_one_on_screen(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Desk, "_bound", lambda _self, _session, event: event)


def asks_everybody_the_newest_revision(patch: pytest.MonkeyPatch) -> None:
    def desk(self: Intake, session: Session) -> Work[Desk]:
        del session
        yield from ()  # a work, that asks nothing
        return self._desk_for(self._newest.revision)

    patch.setattr(Intake, "desk", desk)


def keeps_half_of_a_work_that_failed(patch: pytest.MonkeyPatch) -> None:
    def apart(connection: sqlite3.Connection, make_work: Callable[[], Work[Any]]) -> Any:  # noqa: ANN401 - of any work
        try:
            return sqlite._walk(connection, make_work())
        except Exception as fault:  # noqa: BLE001 - whatever it raises
            return sqlite._Failed(fault)

    patch.setattr(sqlite, "_apart", apart)


def sends_two_requests_under_one_reference(patch: pytest.MonkeyPatch) -> None:
    real = requests.insert

    def insert(*given: Any) -> Work[bool]:  # noqa: ANN401 - passed on
        yield from real(*given)
        return True

    patch.setattr(requests, "insert", insert)


def marks_as_sent_before_it_sends(patch: pytest.MonkeyPatch) -> None:
    real = Outbox._attempt

    async def attempt(self: Outbox, way: Way, claimed: Claimed, *, plain: bool) -> Outcome:
        await self._database.run(lambda: outgoing.mark_sent(claimed, "1"))
        return await real(self, way, claimed, plain=plain)

    patch.setattr(Outbox, "_attempt", attempt)


def _mistaking(patch: pytest.MonkeyPatch, mistaken: Callable[[Outcome], Outcome]) -> None:
    """Take one outcome for another."""
    real = Outbox._attempt

    async def attempt(self: Outbox, way: Way, claimed: Claimed, *, plain: bool) -> Outcome:
        return mistaken(await real(self, way, claimed, plain=plain))

    patch.setattr(Outbox, "_attempt", attempt)


def drops_what_meets_a_flood_limit(patch: pytest.MonkeyPatch) -> None:
    _mistaking(patch, lambda outcome: Delivered(ref="1") if isinstance(outcome, Busy) else outcome)


def takes_a_lost_answer_for_a_person_who_left(patch: pytest.MonkeyPatch) -> None:
    _mistaking(patch, lambda outcome: Unreachable() if isinstance(outcome, Unsure) else outcome)


def _asking(patch: pytest.MonkeyPatch, name: str, *changes: tuple[str, str]) -> None:
    """Change the words of a query."""
    query = queries.ALL[name]
    sql = query.sql
    for before, after in changes:
        assert before in sql, f"{name} does not say {before!r}"
        sql = sql.replace(before, after)
    patch.setitem(queries.ALL, name, query._replace(sql=sql))


def sends_without_order(patch: pytest.MonkeyPatch) -> None:
    _asking(patch, "claim_messages", ("e.nth < m.nth", "e.nth < m.nth AND 1 = 0"))


def sends_what_another_is_sending(patch: pytest.MonkeyPatch) -> None:
    ended = ("m.lease_until <= :now OR", "m.lease_until IS NULL OR")
    _asking(patch, "claim_messages", ended)
    _asking(patch, "next_message_at", ("THEN lease_until", "THEN 0"))


def takes_living_processes_for_dead(patch: pytest.MonkeyPatch) -> None:
    real = Leasing.take_over

    async def take_over(self: Leasing) -> None:
        assert self._presence is not None
        patch.setattr(type(self._presence), "is_alive", lambda _self, _name: False)
        await real(self)

    patch.setattr(Leasing, "take_over", take_over)


def never_takes_over_a_lease(patch: pytest.MonkeyPatch) -> None:
    def lease_owners(*_where: str) -> Work[tuple[str, ...]]:
        yield from ()  # a work, that asks nothing
        return ()

    patch.setattr(outgoing, "lease_owners", lease_owners)


def sends_what_is_held_back(patch: pytest.MonkeyPatch) -> None:
    def hold() -> Work[int]:
        yield from ()  # a work, that asks nothing
        return 0

    patch.setattr(outgoing, "hold", hold)


def replies_in_the_chat_of_whoever_came_before(patch: pytest.MonkeyPatch) -> None:
    real, before = Outbox._attempt, [""]

    async def attempt(self: Outbox, way: Way, claimed: Claimed, *, plain: bool) -> Outcome:
        first, ours = claimed.attempts == 1, claimed.chat.address
        address = (before[0] or ours) if first and claimed.nth % 10 == 0 else ours
        before[0] = ours
        wrong = replace(claimed, chat=claimed.chat._replace(address=address))
        return await real(self, way, wrong, plain=plain)

    patch.setattr(Outbox, "_attempt", attempt)


def lets_everybody_take_a_request(patch: pytest.MonkeyPatch) -> None:
    free = ("contact IS NULL AND status = 'open' AND version = :version", ":version > 0")
    _asking(patch, "take_request", free)


def believes_every_clock(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Clock, "_trusts", lambda _self, _now: True)


def waits_for_the_moment_of_a_wrong_clock(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outgoing, "HORIZON", timedelta(days=100_000))


def fetches_at_the_moment_of_a_wrong_clock(patch: pytest.MonkeyPatch) -> None:
    _asking(patch, "attachments_to_fetch", ("OR not_before > :horizon", ""))


def fetches_once(patch: pytest.MonkeyPatch) -> None:
    real = Sending.fetch

    async def fetch(self: Sending, source: str) -> FetchOutcome:
        outcome = await real(self, source)
        return Lost() if isinstance(outcome, Unsure) else outcome

    patch.setattr(Sending, "fetch", fetch)


# ---- the web chat -------------------------------------------------------------------------------


def shows_the_page_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    real = WebChat.hear

    async def hear(self: WebChat, address: str, *rest: Any, **more: Any) -> tuple[Thread, bool]:  # noqa: ANN401 - passed on
        task = asyncio.ensure_future(real(self, address, *rest, **more))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await self.thread(address, more["since"]), True

    patch.setattr(WebChat, "hear", hear)


def counts_a_form_each_time_that_it_comes(patch: pytest.MonkeyPatch) -> None:
    real, count = WebChat._told, [0]

    def told(self: WebChat, address: str, update: str, event: Event) -> Incoming:
        count[0] += 1
        return real(self, address, f"{update}.{count[0]}", event)

    patch.setattr(WebChat, "_told", told)


def lets_a_link_work_twice(patch: pytest.MonkeyPatch) -> None:
    before, after = "DELETE FROM web_links", "UPDATE web_links SET expires_at = expires_at"
    _asking(patch, "use_web_link", (before, after))


def takes_who_comes_back_for_somebody_new(patch: pytest.MonkeyPatch) -> None:
    """Who never asked for that finds an empty page, and what was told is nobody's."""
    real, count = routes.show, [0]

    async def show(chat: WebChat, request: Request) -> Response:
        count[0] += 1
        if count[0] % 10:
            return await real(chat, request)
        return routes.first_page(chat, request, None)

    patch.setattr(routes, "show", show)


# ---- changes of mind ----------------------------------------------------------------------------


def forgets_the_updates_of_what_it_erased(patch: pytest.MonkeyPatch) -> None:
    """A late copy then begins the session anew, with what was said in it."""
    real = erasure.erase
    forget = queries.ALL["add_update"]._replace(
        sql="DELETE FROM updates WHERE channel = :channel AND bot = :bot AND chat = :chat"
    )
    patch.setitem(queries.ALL, "forget of a chat", forget)

    def erase(vault: Vault, home: Home, **more: Any) -> Work[bool]:  # noqa: ANN401 - passed on
        columns = {"channel": home.channel, "bot": home.bot, "chat": home.chat}
        yield Statement("forget of a chat", columns)
        return (yield from real(vault, home, **more))

    patch.setattr(erasure, "erase", erase)


def leaves_the_files_of_what_it_erased(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(erasure, "_remove", lambda _folder, _files: None)


def withdraws_in_words_only(patch: pytest.MonkeyPatch) -> None:
    def withdraw(*_what: object) -> Work[bool]:
        yield from ()  # a work, that asks nothing
        return True

    patch.setattr(requests, "withdraw", withdraw)


PLANTED: dict[str, Plant] = {
    plant.__name__.replace("_", " "): plant
    for plant in (
        acknowledges_before_the_commit,
        acknowledges_what_it_could_not_store,
        does_every_update_again,
        knows_updates_by_the_highest_number,
        notes_the_update_in_a_transaction_of_its_own,
        takes_any_button_for_one_on_screen,
        asks_everybody_the_newest_revision,
        keeps_half_of_a_work_that_failed,
        sends_two_requests_under_one_reference,
        marks_as_sent_before_it_sends,
        drops_what_meets_a_flood_limit,
        takes_a_lost_answer_for_a_person_who_left,
        sends_without_order,
        sends_what_another_is_sending,
        takes_living_processes_for_dead,
        never_takes_over_a_lease,
        sends_what_is_held_back,
        replies_in_the_chat_of_whoever_came_before,
        lets_everybody_take_a_request,
        believes_every_clock,
        waits_for_the_moment_of_a_wrong_clock,
        fetches_at_the_moment_of_a_wrong_clock,
        fetches_once,
        shows_the_page_before_the_commit,
        counts_a_form_each_time_that_it_comes,
        lets_a_link_work_twice,
        takes_who_comes_back_for_somebody_new,
        forgets_the_updates_of_what_it_erased,
        leaves_the_files_of_what_it_erased,
        withdraws_in_words_only,
    )
}
