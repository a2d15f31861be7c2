"""Who saw or changed what: rows that are only ever added, each chained to the one before it.

A row is written in the transaction of the change itself; for a view, before the data is given.
It names people by id and sessions by pseudonym, and holds no words of anyone. Somebody with the
whole database but without the key ring cannot change, drop, reorder or cut off rows unnoticed;
against an old copy put back as a whole, compare `Head` with one kept elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from intakebot.store import bells
from intakebot.store import queries as q
from intakebot.store.vault import Vault
from intakebot.store.work import Row, Work, micros, moment

_CHAIN = "1"
_BEGINNING = ""
_PAGE = 1_000
ABOUT_MAX = 1_000
# Whatever else is done with a request is new to whoever looks at it.
_LOOKS = ("attachment", "denied", "export", "list", "view")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row, for people."""

    at: datetime
    actor: str  # member:<id>, inhabitant, operator, system
    action: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Head:
    """How far the chain goes: an anchor, when it is kept elsewhere."""

    seq: int
    hash: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A place where the chain does not hold."""

    kind: Literal["change", "delete", "reorder", "truncation"]
    seq: int
    why: str


def append(
    vault: Vault, *, at: datetime, actor: str, action: str, session: str | None, detail: str = ""
) -> Work[None]:
    """Add a row: who did what to the request of which session; *detail* holds codes only."""
    heads = yield q.lock_audit_head(chain=_CHAIN)
    seq, prev = (heads[0]["seq"], heads[0]["hash"]) if heads else (0, _BEGINNING)
    row: dict[str, object] = {
        "at": micros(at),
        "actor": actor,
        "action": action,
        "about": None if session is None else vault.pseudonym(session),
        "detail": detail,
        "prev": prev,
    }
    told = _hash(vault, row)
    yield q.add_audit(seq=seq + 1, **row, hash=told)
    move = q.move_audit_head if heads else q.add_audit_head
    signature = vault.sign(_signed(seq + 1, told))
    yield move(chain=_CHAIN, seq=seq + 1, hash=told, signature=signature)
    if session is not None and action not in _LOOKS:
        yield from bells.ring(session)


def head() -> Work[Head | None]:
    """The end of the chain, to keep elsewhere."""
    rows = yield q.audit_head(chain=_CHAIN)
    return Head(seq=rows[0]["seq"], hash=rows[0]["hash"]) if rows else None


def about(vault: Vault, session: str) -> Work[tuple[Entry, ...]]:
    """Who saw or changed the request of this session, oldest first."""
    rows = yield q.audit_about(about=vault.pseudonym(session), count=ABOUT_MAX)
    return tuple(
        Entry(at=moment(row["at"]), actor=row["actor"], action=row["action"], detail=row["detail"])
        for row in rows
    )


def verify(vault: Vault, anchor: Head | None = None) -> Work[tuple[Finding, ...]]:
    """Every place where the chain does not hold; empty when nobody touched it.

    A row that was changed: `change`. A row that is missing before another: `delete`. Rows that
    stand in another order: `reorder`. Rows missing at the end, or an *anchor* that is not in the
    chain: `truncation`.
    """
    rows: list[Row] = []
    while page := (yield q.audit_after(after=rows[-1]["seq"] if rows else 0, count=_PAGE)):
        rows.extend(page)
    hashes = {row["hash"] for row in rows}
    found: list[Finding] = []
    seq, prev = 0, _BEGINNING
    for row in rows:
        if row["hash"] != _hash(vault, row):
            found.append(Finding(kind="change", seq=row["seq"], why="not what was written"))
        elif row["prev"] != prev and row["prev"] in hashes | {_BEGINNING}:
            found.append(Finding(kind="reorder", seq=row["seq"], why="stood after another row"))
        elif row["prev"] != prev or row["seq"] != seq + 1:
            found.append(Finding(kind="delete", seq=row["seq"], why="the row before it is gone"))
        seq, prev = row["seq"], row["hash"]
    heads = yield q.audit_head(chain=_CHAIN)
    found.extend(_cut(vault, heads, seq, prev))
    if anchor is not None and anchor.hash not in hashes:
        why = "the chain does not hold the row of the anchor"
        found.append(Finding(kind="truncation", seq=anchor.seq, why=why))
    return tuple(found)


def _cut(vault: Vault, heads: list[Row], seq: int, prev: str) -> tuple[Finding, ...]:
    if not heads and seq == 0:
        return ()
    if not heads or heads[0]["signature"] != vault.sign(_signed(heads[0]["seq"], heads[0]["hash"])):
        return (Finding(kind="truncation", seq=seq, why="the end is not signed"),)
    if (heads[0]["seq"], heads[0]["hash"]) != (seq, prev):
        return (Finding(kind="truncation", seq=seq, why=f"the end was row {heads[0]['seq']}"),)
    return ()


def _hash(vault: Vault, row: Row) -> str:
    columns = ("at", "actor", "action", "about", "detail", "prev")
    return vault.sign(b"row|" + msgspec.json.encode([row[column] for column in columns]))


def _signed(seq: int, told: str) -> bytes:
    return f"head|{_CHAIN}|{seq}|{told}".encode()
