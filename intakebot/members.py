"""Members as the operator keeps them: list, add, change, end.

The queues of a member are those of the region that is served. Whoever ends, or no longer reads a
queue, leaves nothing ownerless: requests that the member took go back, and the inhabitants hear so.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

import phonenumbers

from intakebot.core.events import GaveBack
from intakebot.core.law import routing
from intakebot.house import House, new_session_id, now, open_house
from intakebot.settings import Settings
from intakebot.store import audit, people, sessions
from intakebot.store.people import Member
from intakebot.store.work import Home, Work, micros

OPERATOR = "operator"
# Every queue of the region, for who reads them all.
ALL = "all"
LOGIN_CHARS_MAX, NAME_CHARS_MAX = 120, 80


class MemberProblem(Exception):
    """A member that cannot be made or changed like this; one sentence for the operator."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the operator typed of a member; None: as it is."""

    login: str
    name: str | None = None
    phone: str | None = None  # empty: no number
    queues: tuple[str, ...] | None = None


async def list_all(settings: Settings) -> int:
    """Print every member with the queues, and the queues that nobody reads."""
    async with open_house(settings) as house:
        everyone = await house.database.read(people.everyone)
        known = routing.queues(house.shelf.region)
    for member in everyone:
        told = [member.name, *([member.phone] if member.phone else [])]
        sys.stdout.write(f"{member.login}: {', '.join(told)}\n")
        for queue in member.queues:
            remark = "" if queue in known else " (not in this region: nothing comes into it)"
            sys.stdout.write(f"  {queue}{remark}\n")
    read = {queue for member in everyone for queue in member.queues}
    if unread := [queue for queue in known if queue not in read]:
        sys.stdout.write(f"Nobody reads {', '.join(unread)}.\n")
    return 0


async def add(settings: Settings, wanted: Wanted) -> int:
    """Make a member. One who ended comes back with this name and these queues."""
    if wanted.name is None or wanted.queues is None:
        msg = f"{wanted.login}: --name and --queue are missing. A member has a name and a queue."
        raise MemberProblem(msg)
    async with open_house(settings) as house:
        fresh = Member(
            member=new_session_id(),
            login=_login(wanted.login),
            name="",
            phone=None,
            admin=False,
        )
        made = _filled(house, fresh, wanted)
        if not await house.database.run(lambda: _add(house, made)):
            msg = f"{wanted.login}: there is a member with this login. Use `member change`."
            raise MemberProblem(msg)
    sys.stdout.write(f"{made.login}: added. `signin {made.login}` makes a link to sign in.\n")
    return 0


async def change(settings: Settings, wanted: Wanted) -> int:
    """Change the name, the number or the queues of a member, and keep the rest."""
    async with open_house(settings) as house:
        at = now()

        def once() -> Work[int]:
            changed = _filled(house, (yield from _known(wanted.login)), wanted)
            yield from people.put_member(changed, at)
            yield from _note(house, "member_changed", changed.member)
            homes = yield from people.give_back_strays(
                house.vault, changed.member, at, actor=OPERATOR
            )
            return (yield from _tell(house, homes))

        given_back = await house.database.run(once)
    sys.stdout.write(f"{wanted.login}: changed.{_said(given_back)}\n")
    return 0


async def end(settings: Settings, login: str) -> int:
    """End a member: signed out at once, and requests taken go back into their queues."""
    async with open_house(settings) as house:
        at = now()

        def once() -> Work[int]:
            member = yield from _known(login)
            yield from _note(house, "member_ended", member.member)
            homes = yield from people.end(house.vault, member.member, at, actor=OPERATOR)
            return (yield from _tell(house, homes))

        given_back = await house.database.run(once)
    sys.stdout.write(f"{login}: ended, and signed out everywhere.{_said(given_back)}\n")
    return 0


def _add(house: House, made: Member) -> Work[bool]:
    if (yield from people.by_login(made.login)) is not None:
        return False
    member = yield from people.put_member(made, now())
    yield from _note(house, "member_added", member)
    return True


def _known(login: str) -> Work[Member]:
    if not login:
        msg = "LOGIN is missing. Say who: `member list` shows everybody."
        raise MemberProblem(msg)
    member = yield from people.by_login(login)
    if member is None:
        msg = f"{login}: there is no member with this login. `member list` shows them."
        raise MemberProblem(msg)
    return member


def _note(house: House, action: str, member: str) -> Work[None]:
    yield from audit.append(
        house.vault, at=now(), actor=OPERATOR, action=action, session=None, detail=member
    )


def _tell(house: House, homes: tuple[Home, ...]) -> Work[int]:
    """The inhabitants of these sessions hear that another becomes their contact person."""
    at = now()
    for home in homes:
        stored = yield from sessions.load(house.vault, home)
        if stored is not None:
            yield from house.intake.carry(
                stored,
                GaveBack(),
                chat=stored.chat,
                key=f"given-back:{micros(at)}",
                at=at,
            )
    return len(homes)


def _filled(house: House, member: Member, wanted: Wanted) -> Member:
    """The member with what the operator typed; raises `MemberProblem`."""
    if wanted.name is not None:
        member = replace(member, name=_name(wanted.name))
    if wanted.phone is not None:
        member = replace(member, phone=_phone(wanted.phone))
    if wanted.queues is not None:
        member = replace(member, queues=_queues(house, wanted.queues))
    return member


def _login(typed: str) -> str:
    login = typed.strip()
    if not login.isprintable() or not 0 < len(login) <= LOGIN_CHARS_MAX:
        msg = f"{typed!r} is no login. Use an e-mail address or a short name."
        raise MemberProblem(msg)
    return login


def _name(typed: str) -> str:
    name = typed.strip()
    if not name.isprintable() or not 0 < len(name) <= NAME_CHARS_MAX:
        msg = f"{typed!r} is no name. Inhabitants read it: {NAME_CHARS_MAX} signs at most."
        raise MemberProblem(msg)
    return name


def _phone(typed: str) -> str | None:
    if not typed.strip():
        return None
    try:
        parsed = phonenumbers.parse(typed, "NL")
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        msg = f"{typed} is no telephone number. Write it as 06 12345678, or +32 … from abroad."
        raise MemberProblem(msg)
    return typed.strip()


def _queues(house: House, typed: tuple[str, ...]) -> tuple[str, ...]:
    known = routing.queues(house.shelf.region)
    strange = [queue for queue in typed if queue not in (*known, ALL)]
    if strange:
        msg = f"{', '.join(strange)}: no queue of this region. Use {ALL}, or: {', '.join(known)}."
        raise MemberProblem(msg)
    return known if ALL in typed else tuple(dict.fromkeys(typed))


def _said(given_back: int) -> str:
    if not given_back:
        return ""
    what = "1 request is" if given_back == 1 else f"{given_back} requests are"
    return f" {what} open again; the inhabitants were told."
