"""What the forms of a request change: each one transaction, once, and then back to the page.

A form carries the version that it was drawn from. When the request changed since, nothing is done
and the member reads what it is now. A form that comes a second time changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import Enum

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from intakebot.core.events import ClosedByTeam, Taken, Wrote
from intakebot.core.session import ContactCard, Outcome
from intakebot.store.problems import Conflict
from intakebot.store.scoped import Take
from intakebot.store.work import Work
from intakebot.web.access import Access
from intakebot.web.inbox import saying
from intakebot.web.inbox.forms import (
    MESSAGE_CHARS_MAX,
    NOTE_CHARS_MAX,
    REASON_CHARS_MAX,
    Form,
    posted,
)
from intakebot.web.inbox.inbox import DUTCH, Inbox


class Done(Enum):
    """What became of a form."""

    CHANGED = "changed"
    BEFORE = "before"  # it came before, and counted then


class Refused(Exception):
    """Nothing was changed, for this reason (a key); `kept` is what was typed."""

    def __init__(self, key: str, kept: str = "") -> None:
        super().__init__(key)
        self.key = key
        self.kept = kept


async def take(inbox: Inbox, request: Request) -> Response:
    """Become the contact person: one wins, and the inhabitant hears who it is."""
    reference, form = request.path_params["reference"], await posted(request)

    def change(access: Access) -> Work[Take | Done | None]:
        taken = yield from access.take(reference, form.version)
        if taken is None or not taken.won:
            return taken
        card = ContactCard(
            name=access.member.name,
            phone=access.member.phone,
            team=saying.team_told(replace(inbox, tongue=DUTCH), taken.queue),
        )
        yield from inbox.intake.carry(
            taken.stored,
            Taken(contact=card),
            chat=taken.stored.chat,
            key=f"taken:{reference}:{form.version}",
            at=access.at,
        )
        return Done.CHANGED

    return await _changed(inbox, request, form, change)


async def write(inbox: Inbox, request: Request) -> Response:
    """Write to the inhabitant, as the contact person."""
    reference, form = request.path_params["reference"], await posted(request)
    _expect_text(form, MESSAGE_CHARS_MAX)

    def change(access: Access) -> Work[Take | Done | None]:
        stored = yield from access.session_of(reference, "write")
        if stored is None:
            return (yield from _not_mine(access, reference, form))
        if stored.session.closed or stored.session.outcome is not Outcome.SUBMITTED:
            raise Refused("refused.ended", form.text)
        yield from inbox.intake.carry(
            stored,
            Wrote(text=form.text),
            chat=stored.chat,
            key=f"wrote:{form.stamp}",
            at=access.at,
        )
        return Done.CHANGED

    return await _changed(inbox, request, form, change, anchor="#gesprek")


async def note(inbox: Inbox, request: Request) -> Response:
    """Write a note for the team; the inhabitant does not read it."""
    reference, form = request.path_params["reference"], await posted(request)
    _expect_text(form, NOTE_CHARS_MAX)

    def change(access: Access) -> Work[Take | Done | None]:
        found = yield from access.add_note(reference, form.text)
        return None if found is None else Done.CHANGED

    return await _changed(inbox, request, form, change, anchor="#notities")


async def correct_urgency(inbox: Inbox, request: Request) -> Response:
    """Another urgency than the rules proposed, with a reason."""
    reference, form = request.path_params["reference"], await posted(request)
    _expect_text(form, REASON_CHARS_MAX)
    level = form.level
    if level is None:
        raise Refused("refused.level", form.text)

    def change(access: Access) -> Work[Take | Done | None]:
        found = yield from access.correct_urgency(reference, form.version, level, form.text)
        return None if found is None else Done.CHANGED

    return await _changed(inbox, request, form, change)


async def mark_heard(inbox: Inbox, request: Request) -> Response:
    """Say that a voice note was listened to."""
    reference, form = request.path_params["reference"], await posted(request)

    def change(access: Access) -> Work[Take | Done | None]:
        found = yield from access.mark_heard(reference, form.audio)
        return None if found is None else Done.CHANGED

    return await _changed(inbox, request, form, change, anchor="#verhaal")


async def close(inbox: Inbox, request: Request) -> Response:
    """Close with an outcome, and tell the inhabitant; "anders" says what in a note."""
    reference, form = request.path_params["reference"], await posted(request)
    if len(form.text) > NOTE_CHARS_MAX:
        raise Refused("refused.long", form.text)
    outcome = form.outcome
    if outcome is None:
        raise Refused("refused.outcome", form.text)
    if outcome == saying.OUTCOMES[-1] and not form.text:
        raise Refused("refused.other")

    def change(access: Access) -> Work[Take | Done | None]:
        if form.text and (yield from access.add_note(reference, form.text)) is None:
            return None
        stored = yield from access.close(reference, form.version, outcome)
        if stored is None:
            return None
        yield from inbox.intake.carry(
            stored,
            ClosedByTeam(),
            chat=stored.chat,
            key=f"closed:{reference}:{form.version}",
            at=access.at,
        )
        return Done.CHANGED

    return await _changed(inbox, request, form, change)


async def _changed(
    inbox: Inbox,
    request: Request,
    form: Form,
    change: Callable[[Access], Work[Take | Done | None]],
    anchor: str = "",
) -> Response:
    """Change it once, and go back to the page; raises `Refused` and what `Inbox.enter` raises."""
    token = inbox.token(request)
    drawing = inbox.stamps.read(token, form.stamp) or ""

    def once(access: Access) -> Work[Take | Done | None]:
        if not (yield from access.is_first(drawing)):
            return Done.BEFORE
        return (yield from change(access))

    access, result = await inbox.enter(request, once, stamp=form.stamp)
    if isinstance(result, Take) and result.contact_name != access.member.name:
        key = "refused.changed" if result.contact_name is None else "refused.taken"
        raise Refused(key)
    reference = request.path_params["reference"]
    return RedirectResponse(f"/inbox/{reference}{anchor}", status_code=303)


def _not_mine(access: Access, reference: str, form: Form) -> Work[Take | Done | None]:
    """Not in scope: nothing is there. In scope: somebody else is the contact person now."""
    seen = yield from access.request_for(reference)
    if seen is None:
        return None
    raise Conflict(form.text)


def _expect_text(form: Form, chars_max: int) -> None:
    if not form.text:
        raise Refused("refused.empty")
    if len(form.text) > chars_max:
        raise Refused("refused.long", form.text)
