"""Members and their ways in: one-time sign-in links, and the sessions that these begin.

Secrets are told once and kept as blind indexes. Links are used by a POST, never by opening them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from intakebot.store import audit
from intakebot.store import queries as q
from intakebot.store.vault import Vault
from intakebot.store.work import Home, Row, Work, home_of, micros, moment

SIGNIN_LINK_LASTS = timedelta(hours=1)
# ASVS 7.3: signed out after half an hour of doing nothing, and after a working day anyhow.
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=10)
# Seeing somebody is written down once a minute, not at every request.
_TOUCH_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Member:
    """Somebody of a team, or an admin of question flows."""

    member: str
    login: str
    name: str  # as the inhabitant reads it
    phone: str | None
    admin: bool
    queues: tuple[str, ...] = ()


def put_member(member: Member, at: datetime) -> Work[str]:
    """Make a member, or change the one with the same login; gives the member's id."""
    rows = yield q.put_member(
        member=member.member,
        login=member.login,
        name=member.name,
        phone=member.phone,
        admin=int(member.admin),
        made_at=micros(at),
    )
    known: str = rows[0]["member"]
    yield q.clear_memberships(member=known)
    for queue in member.queues:
        yield q.add_membership(member=known, queue=queue)
    return known


def by_login(login: str) -> Work[Member | None]:
    """The member whom `signin WHO` means."""
    rows = yield q.member_by_login(login=login)
    return (yield from _member(rows[0])) if rows else None


def load(member: str) -> Work[Member | None]:
    """A member by id; None when there is none, or no longer."""
    rows = yield q.member(member=member)
    return (yield from _member(rows[0])) if rows else None


def everyone() -> Work[tuple[Member, ...]]:
    """All members who can sign in."""
    rows = yield q.all_members()
    members: tuple[Member, ...] = ()
    for row in rows:
        members += ((yield from _member(row)),)
    return members


def end(vault: Vault, member: str, at: datetime, *, actor: str) -> Work[tuple[Home, ...]]:
    """Let a member go: signed out at once, and the member's requests back in their queues.

    Gives the sessions of these requests, to tell the inhabitants.
    """
    yield q.end_member(member=member, ended_at=micros(at))
    yield q.drop_ways_in(member=member)
    yield q.drop_signin_links(member=member)
    rows = yield q.give_back_requests(member=member)
    return (yield from _given_back(vault, rows, at, actor=actor))


def give_back_strays(
    vault: Vault, member: str, at: datetime, *, actor: str
) -> Work[tuple[Home, ...]]:
    """The requests that the member took in a queue and no longer reads go back into it."""
    rows = yield q.give_back_strays(member=member)
    return (yield from _given_back(vault, rows, at, actor=actor))


def _given_back(
    vault: Vault, rows: Sequence[Row], at: datetime, *, actor: str
) -> Work[tuple[Home, ...]]:
    homes = tuple(home_of(row) for row in rows)
    for home in homes:
        yield from audit.append(vault, at=at, actor=actor, action="give_back", session=home.session)
    return homes


def new_signin(vault: Vault, member: str, at: datetime) -> Work[str]:
    """A secret that signs this member in once, within `SIGNIN_LINK_LASTS`."""
    secret = vault.new_token()
    yield q.add_signin_link(
        hash=vault.blind("signin", secret),
        member=member,
        expires_at=micros(at + SIGNIN_LINK_LASTS),
    )
    return secret


def sign_in(vault: Vault, secret: str, at: datetime) -> Work[str | None]:
    """Use a sign-in link: the secret of a new staff session, or None when it does not hold."""
    rows = yield q.use_signin_link(hash=vault.blind("signin", secret))
    if not rows or moment(rows[0]["expires_at"]) <= at:
        return None
    member = rows[0]["member"]
    token = vault.new_token()
    yield q.add_staff_session(
        hash=vault.blind("staff", token),
        member=member,
        seen_at=micros(at),
        ends_at=micros(at + ABSOLUTE),
    )
    yield from audit.append(vault, at=at, actor=f"member:{member}", action="sign_in", session=None)
    return token


def signed_in(
    vault: Vault, token: str, at: datetime, *, touched: bool = True
) -> Work[Member | None]:
    """Who is signed in with this secret, with the queues of this very moment; or None.

    *touched*: a person did this, so that the idle time begins anew; a page that asks by itself
    does not keep anybody signed in.
    """
    told = vault.blind("staff", token)
    rows = yield q.staff_session(hash=told, now=micros(at), idle_since=micros(at - IDLE))
    if not rows:
        return None
    if touched and at - moment(rows[0]["seen_at"]) > _TOUCH_AFTER:
        yield q.touch_staff_session(hash=told, seen_at=micros(at))
    return (yield from _member(rows[0]))


def sign_out(vault: Vault, token: str) -> Work[None]:
    """End a staff session."""
    yield q.drop_staff_session(hash=vault.blind("staff", token))


def forget_old(now: datetime) -> Work[None]:
    """Forget links and staff sessions that hold no longer."""
    yield q.forget_signin_links(now=micros(now))
    yield q.forget_staff_sessions(now=micros(now), idle_since=micros(now - IDLE))


def _member(row: Row) -> Work[Member]:
    queues: Sequence[Row] = yield q.scope(member=row["member"])
    return Member(
        member=row["member"],
        login=row["login"],
        name=row["name"],
        phone=row["phone"],
        admin=bool(row["admin"]),
        queues=tuple(it["queue"] for it in queues),
    )
