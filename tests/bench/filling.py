"""A database with any number of requests in it, as the program itself would have left them.

One intake is taken in by the program. Every other one is that one again, in rows of its own: another
chat, session, data key, reference, name, day, queue and state, sealed anew; the audit goes on from
row to row. What the program forgets after three days is left out: numbers of updates, and that
there were messages in Telegram, but for the newest. Chats come in the order of their keys, so that
a table is written from its beginning to its end.

    python -m tests.bench.filling STATE COUNT       fills the SQLite of a state folder up to COUNT
"""

from __future__ import annotations

import random
import secrets
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from intakebot.core.law.reference import ALPHABET, SYMBOLS, make
from intakebot.store import audit, queries
from intakebot.store.ring import read_ring
from intakebot.store.vault import DataKey, Vault
from intakebot.store.work import Home, Work, micros

Row = dict[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# In the order in which they may be written: a row hangs on those before it.
TABLES = ("sessions", "session_keys", "chats", "messages", "requests", "parts", "names", "audit")
BATCH = 2_000
YEARS = 10
RETENTION = timedelta(days=15 * 365)  # of a domain with a law of its own
NAMES = 5_000
# Of a thousand requests: so many stand open, so many are taken, the others are closed.
OPEN, TAKEN = 30, 2


class Intake:
    """One intake as it lies in the tables, opened, so that it can be written again as another."""

    def __init__(self, connection: sqlite3.Connection, vault: Vault) -> None:
        connection.row_factory = sqlite3.Row
        home = connection.execute(
            "SELECT channel, bot, chat, session FROM requests ORDER BY rowid LIMIT 1"
        ).fetchone()
        assert home is not None, "the program has taken in no request yet"
        self.home = Home(*home)
        about = vault.pseudonym(self.home.session)
        self.rows: Mapping[str, list[Row]] = {
            table: [
                dict(row)
                for row in connection.execute(
                    f"SELECT * FROM {table} WHERE "  # noqa: S608 - our own names
                    + ("about = ?" if table == "audit" else "session = ? AND chat = ?"),
                    (about,) if table == "audit" else (self.home.session, self.home.chat),
                )
            ]
            for table in TABLES
        }
        (wrapped,) = self.rows["session_keys"]
        key = vault.unwrap(self.home.session, wrapped["kid"], wrapped["wrapped"])
        (session,), (request,) = self.rows["sessions"], self.rows["requests"]
        name = self.home.session
        self.session = key.open("sessions", name, session["sealed"])
        self.request = key.open("requests", name, request["sealed"])
        self.card = key.open("requests", f"{name}|card", request["card"])
        self.reference = request["reference"].encode()
        self.address = self.session.partition(b'"address":"')[2].partition(b'"')[0]
        connection.row_factory = None
        # What is forgotten: that there were messages before the newest.
        self.rows["messages"][:-1] = []
        self.moments = {
            table: [name for name, value in rows[0].items() if value is not None and _is_at(name)]
            for table, rows in self.rows.items()
        }


def _is_at(column: str) -> bool:
    return column.endswith("_at") or column in ("at", "nth", "not_before")


class Filling:
    """Makes the rows of one intake after another."""

    def __init__(self, intake: Intake, vault: Vault, members: list[tuple[str, str]]) -> None:
        self._intake = intake
        self._vault = vault
        self._members = members  # member, queue
        self._chance = random.Random(7)  # noqa: S311 - the same in every run; keys are not made of it
        self._names = [vault.blind("name", f"naam{nth}") for nth in range(NAMES)]
        self._ends = datetime.now(UTC) - timedelta(days=4)

    def rows(self, key: str, address: str, nth: int) -> Mapping[str, list[Row]]:
        """The rows of one more intake, by table."""
        first = self._intake
        home = Home("telegram", first.home.bot, key, secrets.token_hex(16))
        data, wrapped = self._vault.new_key(home.session)
        ago = timedelta(seconds=self._chance.randrange(YEARS * 365 * 86_400))
        (old,) = first.rows["sessions"]
        shift = micros(self._ends - ago) - old["started_at"]
        own = home.columns()
        made = {
            table: [self._moved(table, row, shift) | own for row in first.rows[table]]
            for table in ("chats", "sessions", "messages", "requests")
        }
        made["chats"][0] |= {f"home_{name}": own[name] for name in ("channel", "bot", "chat")}
        made["messages"][0] |= {"state": "sent", "lease_until": None, "sealed": None}
        reference = make(_symbols(nth)).encode()
        self._seal(made, data, home, (reference, address.encode()))
        made["session_keys"] = [own | wrapped._asdict()]
        made["names"] = [{"token": self._chance.choice(self._names)} | own]
        self._place(made["requests"][0], ago)
        closed_at = made["requests"][0]["closed_at"]
        until = None if closed_at is None else closed_at + micros(_EPOCH + RETENTION)
        made["parts"] = [
            own | {"part": self._vault.blind("part", home.session, str(nth)), "keep_until": until}
            for nth, _ in enumerate(first.rows["parts"])
        ]
        return made

    def _moved(self, table: str, row: Row, shift: int) -> Row:
        return row | {name: row[name] + shift for name in self._intake.moments[table]}

    def _seal(
        self, made: dict[str, list[Row]], data: DataKey, home: Home, new: tuple[bytes, bytes]
    ) -> None:
        first, (reference, address) = self._intake, new

        def anew(plain: bytes) -> bytes:
            told = plain.replace(first.home.session.encode(), home.session.encode())
            told = told.replace(first.reference, reference)
            return told.replace(b'"' + first.address + b'"', b'"' + address + b'"')

        (session,), (request,) = made["sessions"], made["requests"]
        session["sealed"] = data.seal("sessions", home.session, anew(first.session))
        request["sealed"] = data.seal("requests", home.session, anew(first.request))
        request["card"] = data.seal("requests", f"{home.session}|card", anew(first.card))
        request["reference"] = reference.decode()

    def _place(self, request: Row, ago: timedelta) -> None:
        """Where it stands: most are closed, for that is what years of requests are."""
        member, request["queue"] = self._chance.choice(self._members)
        request["gm"] = request["queue"].partition("/")[0]
        request["urgency_rank"] = self._chance.randrange(5)
        day = (self._ends - ago + timedelta(days=self._chance.randrange(60))).date().isoformat()
        request["first_on"] = request["promise_on"] = day
        dice = self._chance.randrange(1_000)
        if dice < OPEN:
            request["status"] = "open"
        elif dice < OPEN + TAKEN:
            request |= {"status": "taken", "contact": member, "taken_at": request["created_at"]}
        else:
            closed_at = request["created_at"] + micros(self._ends) % 86_400_000_000
            request |= {"status": "closed", "outcome": "helped", "closed_at": closed_at}


def _symbols(nth: int) -> str:
    """Different ones for each number, in no order that an index could profit from."""
    number, symbols = nth * 2_654_435_761 % len(ALPHABET) ** SYMBOLS, ""
    for _ in range(SYMBOLS):
        number, rest = divmod(number, len(ALPHABET))
        symbols += ALPHABET[rest]
    return symbols


class Chain:
    """The audit, row by row, by the code of the store itself."""

    def __init__(self, vault: Vault, head: Row | None) -> None:
        self._vault = vault
        self.head = head

    def create(self, request: Row) -> Row:
        """That this request was sent."""
        work: Work[None] = audit.append(
            self._vault,
            at=datetime.fromtimestamp(request["created_at"] / 1e6, UTC),
            actor="inhabitant",
            action="create",
            session=request["session"],
            detail=f"queue={request['queue']} rule=team",
        )
        next(work)
        added = dict(work.send([self.head] if self.head else []).values)
        self.head = dict(work.send([]).values)
        return added


def fill(state: Path, count: int) -> int:
    """Bring the SQLite database in this folder to so many requests; gives how many it has."""
    ring = read_ring(state / "keys.json")
    assert ring is not None
    vault = Vault(ring, secrets.token_bytes)
    connection = sqlite3.connect(state / "intakebot.sqlite", isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000"):
        connection.execute(f"PRAGMA {pragma}")
    intake = Intake(connection, vault)
    members = connection.execute(
        "SELECT m.member, s.queue FROM members m JOIN memberships s ON s.member = m.member"
    ).fetchall()
    there: int = connection.execute("SELECT COUNT(*) FROM requests").fetchone()[0]
    filling = Filling(intake, vault, members or [("", intake.rows["requests"][0]["queue"])])
    connection.row_factory = sqlite3.Row
    head = connection.execute("SELECT * FROM audit_heads").fetchone()
    connection.row_factory = None
    chain = Chain(vault, dict(head) if head else None)
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE INDEX%'"
    ).fetchall()
    connection.execute("BEGIN EXCLUSIVE")
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    for made in _batches(filling, chain, vault, (there, count)):
        for table in TABLES:
            _write(connection, table, made[table])
    for _, sql in indexes:
        connection.execute(sql)
    if chain.head is not None:
        connection.execute(queries.ALL["move_audit_head"].sql, chain.head)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    return max(there, count)


def _batches(
    filling: Filling, chain: Chain, vault: Vault, numbers: tuple[int, int]
) -> Iterator[Mapping[str, list[Row]]]:
    chats = sorted(
        (vault.chat("telegram", filling._intake.home.bot, str(5_000_000_000 + nth)).key, nth)
        for nth in range(*numbers)
    )
    batch: dict[str, list[Row]] = {table: [] for table in TABLES}
    for key, nth in chats:
        for table, rows in filling.rows(key, str(5_000_000_000 + nth), nth).items():
            batch[table] += rows
        batch["audit"].append(chain.create(batch["requests"][-1]))
        if len(batch["requests"]) == BATCH:
            yield batch
            batch = {table: [] for table in TABLES}
    yield batch


def _write(connection: sqlite3.Connection, table: str, rows: list[Row]) -> None:
    if rows:
        names = ", ".join(rows[0])
        places = ", ".join(f":{name}" for name in rows[0])
        connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608 - our own names


if __name__ == "__main__":
    print(fill(Path(sys.argv[1]), int(sys.argv[2])))
