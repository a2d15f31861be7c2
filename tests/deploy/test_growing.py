"""What deploy/growing.md says about spreading the tables over machines follows from tables and statements.

Which statements a turn asks is not written down anywhere: conversations are held, and what they ask is noted.
"""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, Table, UniqueConstraint

from intakebot.core.events import Blocked, Event, Sent
from intakebot.core.session import Attachment
from intakebot.intake import Receipt
from intakebot.store import queries, schema
from intakebot.store.sqlite import Sqlite, open_sqlite
from intakebot.store.tables import CHAT
from intakebot.store.tables_beside import metadata
from intakebot.store.work import MakeWork, Row, T, Work
from tests.conversation import MONDAY
from tests.intake.house import Person, an_intake

STORED = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM|FROM|JOIN)\s+(\w+)")
JOINED = re.compile(r"JOIN (\w+) (\w+) ON (.*?)(?= (?:LEFT )?JOIN | WHERE |$)")


class Noting:
    """A database that notes what is asked of it while somebody listens."""

    def __init__(self, inner: Sqlite) -> None:
        self.inner = inner
        self.listening = False
        self.asked: set[str] = set()

    async def run(self, make_work: MakeWork[T]) -> T:
        return await self.inner.run(lambda: self.noted(make_work()))

    async def read(self, make_work: MakeWork[T]) -> T:
        return await self.inner.read(lambda: self.noted(make_work()))

    async def checkpoint(self) -> bool:
        return await self.inner.checkpoint()

    async def close(self) -> None:
        await self.inner.close()

    def noted(self, work: Work[T]) -> Work[T]:
        """The same work; the names of its statements are kept."""
        rows: list[Row] | None = None
        try:
            while True:
                statement = next(work) if rows is None else work.send(rows)
                if self.listening:
                    self.asked.add(statement.name)
                rows = yield statement
        except StopIteration as ended:
            return ended.value  # type: ignore[no-any-return]  # what the work gave


class Listened(Person):
    """Somebody whose every update is listened to, and nothing else that the test asks."""

    async def does(self, event: Event, update: str | None = None) -> Receipt:
        database = self.intake.database
        assert isinstance(database, Noting)
        database.listening = True
        try:
            return await super().does(event, update)
        finally:
            database.listening = False


@pytest.fixture
async def noting(tmp_path: Path) -> AsyncIterator[Noting]:
    schema.migrate(tmp_path / "intakebot.db")
    database = Noting(await open_sqlite(tmp_path / "intakebot.db"))
    yield database
    await database.close()
    shutil.rmtree(tmp_path)


@pytest.fixture
async def turns(noting: Noting, tmp_path: Path) -> set[str]:
    """The names of all statements that turns ask: from first word to withdrawal and erasure."""
    intake = an_intake(noting, files=tmp_path / "attachments")
    sender = Listened(intake)
    photo = Attachment(id="p1", kind="photo", bytes=9, received_at=MONDAY, source="file-1")
    await sender.asks_a_call()
    await sender.does(Sent(attachment=photo))
    await sender.says("ik heb nog iets")
    await sender.does(Blocked(on=True))
    await sender.does(Blocked(on=False))
    await sender.says("intrekken", "ja", "wis alles", "ja")
    leaver = Listened(intake, channel="web", chat="another")
    await leaver.says("hallo")
    await leaver.presses("nl")
    await leaver.says("wis alles", "ja")
    narrow = an_intake(noting, scope="short", files=tmp_path / "attachments")
    await Listened(narrow, chat="third").asks_a_call()
    assert {"add_request", "erase_session", "add_attachment", "add_web_link"} <= noting.asked
    return noting.asked


def tables_in(names: set[str]) -> set[str]:
    """The tables that these statements read or write."""
    known = metadata.tables.keys()
    return {table for name in names for table in STORED.findall(queries.ALL[name].sql)} & known


def by_chat(table: Table) -> bool:
    """Whether the chat key stands in the primary key."""
    return set(CHAT) <= {column.name for column in table.primary_key}


def one_chat(sql: str) -> bool:
    """Whether the statement says which chat it is about, in each table of a conversation that it names."""
    flat = " ".join(sql.split())
    if added := re.match(r"INSERT INTO \w+ \(([^)]*)\) (?:VALUES|SELECT)", flat):
        return set(CHAT) <= set(added[1].split(", ")) and {f":{it}" for it in CHAT} <= words(flat)
    asked = all(re.search(rf"\b(?:home_)?{it} = :{it}\b", flat) for it in CHAT)
    return asked and all(
        re.search(rf"\b{alias}\.chat = ", on) or not by_chat(metadata.tables[table])
        for table, alias, on in JOINED.findall(flat)
    )


def words(sql: str) -> set[str]:
    return set(re.findall(r":\w+", sql))


async def test_every_table_of_a_turn_has_the_chat_in_its_key(root: Path, turns: set[str]) -> None:
    """But those that the page names, with the reason."""
    page = (root / "deploy/growing.md").read_text("utf-8")
    excused = set(re.findall(r"^\| `(\w+)` \|", page.partition("## Not by chat")[2], re.MULTILINE))
    of_turns = tables_in(turns)

    assert {"updates", "chats", "sessions", "messages", "requests"} <= of_turns
    assert {it for it in of_turns if not by_chat(metadata.tables[it])} == excused


async def test_every_statement_of_a_turn_says_which_chat(turns: set[str]) -> None:
    spread = {it for it in metadata.tables if by_chat(metadata.tables[it])}
    about_chats = {name for name in turns if tables_in({name}) & spread}

    assert len(about_chats) > 15
    assert {name for name in about_chats if not one_chat(queries.ALL[name].sql)} == set()


def test_what_stands_in_the_way_of_spreading_rows_is_told(root: Path) -> None:
    """Citus wants the column that it spreads by in every unique constraint, and the same in every foreign key."""
    page = (root / "deploy/growing.md").read_text("utf-8")
    in_the_way = set()
    for table in filter(by_chat, metadata.tables.values()):
        for constraint in table.constraints:
            if isinstance(constraint, ForeignKeyConstraint):
                pairs = {(it.parent.name, it.column.name) for it in constraint.elements}
                other = constraint.referred_table
                if by_chat(other) and ("chat", "chat") not in pairs:
                    in_the_way.add(f"`{table.name}` to `{other.name}`")
            elif isinstance(constraint, UniqueConstraint | PrimaryKeyConstraint):
                names = [column.name for column in constraint.columns]
                if "chat" not in names:
                    in_the_way.add(f"`{table.name}` ({', '.join(names)})")
    for table in metadata.tables.values():
        if not by_chat(table) and any(by_chat(it.column.table) for it in table.foreign_keys):
            in_the_way.add(f"`{table.name}` to `sessions`")
    told = page.partition("### Rows of one region over machines")[2].partition("\n#")[0]

    assert in_the_way
    assert {it for it in in_the_way if it not in told} == set()


# These tests can fail


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE sessions SET seq = 1 WHERE session = :session",
        (
            "SELECT s.seq FROM chats c JOIN sessions s ON s.session = c.session "
            "WHERE c.channel = :channel AND c.bot = :bot AND c.chat = :chat"
        ),
        "INSERT INTO updates (channel, bot, update_id) VALUES (:channel, :bot, :update_id)",
    ],
)
def test_a_statement_without_its_chat_is_seen(sql: str) -> None:
    assert not one_chat(sql)
