"""The bots of the race: how each is started, killed and measured from outside."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from tests.bench.swarm import TOKEN, Swarm

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """One bot, by the command that starts it."""

    name: str
    program: Path
    arguments: Callable[[Path, Path, str, int], list[str]]  # script, state, api, port
    settings: dict[str, str]  # of this program
    keeps: str  # how it keeps what was said, for the table
    environment: dict[str, str] = field(default_factory=dict)
    prepare: tuple[str, ...] = ()  # what is done before it is started, in its state


def ours(*arguments: str) -> Contestant:
    """This program as it is installed, but for the pace, which is Telegram's and not ours."""
    return Contestant(
        name="intakebot",
        program=Path(sys.executable),
        arguments=lambda _script, _state, _api, _port: ["-m", "intakebot", "serve", *arguments],
        settings={
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_SCOPE": "full",
            "TELEGRAM_CHAT_PER_SECOND": "1000000",
            "TELEGRAM_BOT_PER_SECOND": "1000000",
        },
        keeps="SQLite, synchronous=FULL, encrypted",
        # What makes a database stays out of the memory of who serves, as after any later start.
        prepare=("-m", "intakebot", "migrate"),
    )


def everyone(installed: Path, python: Path | None) -> list[Contestant]:
    """This program by the Python that *installed* is, and its peers if they are anywhere.

    Where tools for developers stand too, libraries load these (structlog loads rich): 5 MB more.
    """
    return [replace(ours(), program=installed), *(peers(python) if python else [])]


def peers(python: Path) -> list[Contestant]:
    """The others: those in Python in the environment of *python*, grammY in a folder beside it."""

    def peer(name: str, module: str, keeps: str) -> Contestant:
        return Contestant(
            name=name,
            program=python,
            arguments=lambda script, state, api, port: [
                "-m", module, str(script), str(state), api, str(port),
            ],
            settings={},
            keeps=keeps,
        )  # fmt: skip

    return [
        peer("python-telegram-bot", "tests.bench.peers.ptb_bot", "a pickle, written once a minute"),
        peer("aiogram", "tests.bench.peers.aiogram_bot", "SQLite, synchronous=FULL, in plain"),
        *_grammy(python.parent.parent / "grammy" / "node_modules"),
    ]


def _grammy(modules: Path) -> list[Contestant]:
    """grammY, when it could be installed (.ci/setup_grammy.py says why not)."""
    node, bot = shutil.which("node"), ROOT / "tests" / "bench" / "peers" / "grammy" / "bot.cjs"
    if node is None or not modules.is_dir():
        return []
    return [
        Contestant(
            name="grammY",
            program=Path(node),
            arguments=lambda script, state, api, port: [
                str(bot), str(script), str(state), api, str(port),
            ],
            settings={},
            keeps="SQLite, synchronous=FULL, in plain",
            environment={"NODE_PATH": str(modules), "NODE_ENV": "production"},
        )
    ]  # fmt: skip


class Running:
    """One contestant with its state, begun and killed at will."""

    def __init__(self, contestant: Contestant, swarm: Swarm, folder: Path, script: Path) -> None:
        self._contestant = contestant
        self._swarm = swarm
        self._script = script
        self.state = folder / contestant.name
        self.state.mkdir(parents=True, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: asyncio.subprocess.Process | None = None

    async def begin(self) -> None:
        """Start it, and wait until it can be brought updates."""
        one, self._swarm.webhook = self._contestant, ""
        (self.state / "kept").mkdir(exist_ok=True)
        settings = {
            **one.settings,
            "STATE": str(self.state / "kept"),
            "LISTEN": f"127.0.0.1:{self.port}",
            "TELEGRAM_API": self._swarm.url,
        }
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("INTAKEBOT_")}
        with (self.state / "log").open("ab") as log:
            ours = {f"INTAKEBOT_{name}": value for name, value in settings.items()}
            start = partial(
                asyncio.create_subprocess_exec,
                str(one.program),
                env=inherited | ours | one.environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
            if one.prepare:
                await (await start(*one.prepare)).wait()
            self._process = await start(
                *one.arguments(self._script, self.state / "kept", self._swarm.url, self.port)
            )
        ready = asyncio.create_task(self._ready())
        ended = asyncio.create_task(self._process.wait())
        await asyncio.wait((ready, ended), return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            raise RuntimeError(f"{one.name} did not start:\n{self.log}")
        ended.cancel()
        try:
            await ready
        except TimeoutError as error:
            raise RuntimeError(f"{one.name} is not ready:\n{self.log}") from error

    async def _ready(self) -> None:
        await self._swarm.webhook_set()
        async with asyncio.timeout(60):
            while not await _listens(self.port):  # noqa: ASYNC110 - another process opens it
                await asyncio.sleep(0.02)

    async def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Kill it, or ask it to stop."""
        running, self._process = self._process, None
        if running is not None and running.returncode is None:
            running.send_signal(how)
            await running.wait()

    @property
    def log(self) -> str:
        """All that its processes wrote."""
        return (self.state / "log").read_text(encoding="utf-8", errors="replace")

    @property
    def cpu_s(self) -> float:
        """Processor time so far, of all its threads, and of the processes that it began."""
        assert self._process is not None
        number = self._process.pid
        begun = Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii").split()
        return sum(_cpu_s(one) for one in (str(number), *begun))

    @property
    def rss_mb(self) -> float:
        """The most memory that it held so far."""
        lines = self._proc("status").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024

    @property
    def kept_bytes(self) -> int:
        """What it wrote, in all files of its state, once it ended; no log of SQLite is counted."""
        files = [it for it in (self.state / "kept").rglob("*") if it.is_file()]
        for path in files:
            if path.suffix == ".sqlite":
                with contextlib.closing(sqlite3.connect(path)) as connection:
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return sum(path.stat().st_size for path in files if path.exists())

    def _proc(self, name: str) -> str:
        assert self._process is not None
        return Path(f"/proc/{self._process.pid}/{name}").read_text(encoding="ascii")


def _cpu_s(process: str) -> float:
    stat = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
