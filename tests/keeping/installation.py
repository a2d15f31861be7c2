"""A state folder as an operator has it: filled, looked into, and kept by commands in processes."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from intakebot import app
from intakebot.core.session import Attachment
from intakebot.settings import Settings
from intakebot.store import attachments, outgoing, people, requests
from intakebot.store.sessions import Stored
from intakebot.store.work import Work
from tests.store import builders

T = TypeVar("T")
WITHIN_S = 60
PHOTO = b"\xff\xd8 een foto van een brief"


class Installation:
    """One state folder."""

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
        async with app.open_house(self.settings) as house:

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
        with closing(sqlite3.connect(self.database, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        """Look into the database from the outside."""
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(sql).fetchall()

    def command(self, *words: str | Path) -> list[str]:
        """A command on this installation, as it is typed."""
        return [sys.executable, "-m", "intakebot", *map(str, words)]

    @property
    def environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("INTAKEBOT_")}
        return inherited | {"INTAKEBOT_STATE": str(self.state)}

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, without a terminal."""
        return subprocess.run(
            self.command(*words), env=self.environment, input="", capture_output=True, text=True,
            encoding="utf-8", check=False, timeout=WITHIN_S,
        )  # fmt: skip

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        """Start a command and go on."""
        return subprocess.Popen(
            self.command(*words), env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip

    def in_house(self, do: Callable[[app.House], Work[T]]) -> T:
        """One transaction in the opened installation."""

        async def go() -> T:
            async with app.open_house(self.settings) as house:
                return await house.database.run(lambda: do(house))

        return asyncio.run(go())


def names(folder: Path) -> Sequence[str]:
    """What lies in a folder."""
    return sorted(it.name for it in folder.iterdir()) if folder.exists() else []
