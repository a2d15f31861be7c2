"""An installation as an operator has it: filled, looked into, and kept by commands in processes."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import asyncpg

from intakebot.core.session import Attachment
from intakebot.house import open_house, open_store
from intakebot.settings import Settings
from intakebot.store import attachments, outgoing, people, requests
from intakebot.store.sessions import Stored
from intakebot.store.vault import Vault
from intakebot.store.work import Work
from tests.keeping.command import Command, Done
from tests.postgres import execute, on_a_thread
from tests.store import builders

T = TypeVar("T")
PHOTO = b"\xff\xd8 een foto van een brief"


class Installation:
    """A state folder, and its database there or on a server."""

    def __init__(self, state: Path, **settings: str) -> None:
        self.state = state
        self.settings = Settings(state=state, listen="127.0.0.1:8080", **settings)  # type: ignore[arg-type]  # texts, as in the environment

    @property
    def database(self) -> Path:
        return self.settings.database_path

    def begin(self, at: datetime) -> None:
        """Make it, with two stories; the first is sent, has a photo, and a message under way."""
        asyncio.run(self._fill(at))

    async def _fill(self, at: datetime) -> None:
        async with open_house(self.settings) as house:

            def work() -> Work[Stored]:
                yield from people.put_member(builders.a_member(), at)
                member = yield from people.by_login("fatma@example.org")
                assert member is not None
                yield from people.new_signin(house.vault, member.member, at)
                first = yield from builders.begin(house.vault)
                yield from builders.begin(house.vault, "sessie2", "4343")
                yield from requests.insert(house.vault, first, builders.a_request(), at)
                told = builders.a_message("Ik bel u morgen.")
                yield from outgoing.add(first.chat, first, told, dkey="m1", at=at, author="member")
                photo = Attachment(
                    id="foto1", kind="photo", bytes=len(PHOTO), received_at=at, source="file-id"
                )
                yield from attachments.add(first, photo, at, state="stored")
                return first

            first = await house.database.run(work)
            attachments.write_file(house.files, first.key, "foto1", PHOTO)

    def change(self, *statements: str) -> None:
        """Do to the database what no program should."""
        if self.settings.on_postgresql:
            script = ";".join(statements).replace("AS BLOB", "AS bytea")
            on_a_thread(execute(self.settings.database, script))
            return
        with closing(sqlite3.connect(self.database, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        """Look into the database from the outside."""
        if self.settings.on_postgresql:
            return on_a_thread(_asked(self.settings.database, sql))
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(sql).fetchall()

    @property
    def environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("INTAKEBOT_")}
        return inherited | {
            "INTAKEBOT_STATE": str(self.state),
            "INTAKEBOT_DATABASE": self.settings.database,
        }

    def run(self, *words: str | Path) -> Done:
        """Run a command to its end, without a terminal."""
        return self.start(*words).ended()

    def start(self, *words: str | Path) -> Command:
        """Start a command and go on."""
        told = self.state.with_name(f"{self.state.name}-told")
        told.mkdir(exist_ok=True)
        return Command([str(it) for it in words], self.environment, told)

    def do(self, make_work: Callable[[Vault], Work[T]]) -> T:
        """One transaction of the program."""

        async def go() -> T:
            async with open_store(self.settings) as (database, vault):
                return await database.run(lambda: make_work(vault))

        return asyncio.run(go())


async def _asked(address: str, sql: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(address)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


def names(folder: Path) -> Sequence[str]:
    """What lies in a folder."""
    return sorted(it.name for it in folder.iterdir()) if folder.exists() else []
