"""The program itself, as `python -m intakebot serve` starts it: begun, killed, begun again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import httpx

READY_S = 240  # on a machine that does much else
COMPILED = Path(__file__).resolve().parents[2] / ".pytest_cache" / "compiled"


class Process:
    """One installation; its state outlives its processes."""

    module = "intakebot"  # what is started; a test may start something worse
    words: tuple[str, ...] = ("serve",)

    def __init__(self, state: Path, *, log: str = "log", **settings: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            listen = f"127.0.0.1:{free.getsockname()[1]}"
        self.url = f"http://{listen}"
        self._log = state.parent / log
        own = {f"INTAKEBOT_{name}": value for name, value in settings.items()}
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("INTAKEBOT_")}
        self._environment = inherited | {
            "INTAKEBOT_STATE": str(state),
            "INTAKEBOT_LISTEN": listen,
            # A walk says much in a second; the pace itself is tested with the outbox.
            "INTAKEBOT_TELEGRAM_CHAT_PER_SECOND": "1000",
            "INTAKEBOT_TELEGRAM_BOT_PER_SECOND": "1000",
            **own,
            # What is killed and begun again many times is compiled once.
            "PYTHONPYCACHEPREFIX": str(COMPILED),
            "PYTHONDONTWRITEBYTECODE": "",
        }
        self._running: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> str:
        """All that the processes wrote."""
        return self._log.read_text(encoding="utf-8")

    async def begin(self) -> None:
        """Start it, and wait until it answers."""
        with self._log.open("ab") as log:
            self._running = await asyncio.create_subprocess_exec(
                sys.executable, "-m", self.module, *self.words,
                env=self._environment, stdout=log, stderr=log,
            )  # fmt: skip
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(READY_S):
            while not await _answers(client, self.url):
                assert self._running.returncode is None, self.log
                await asyncio.sleep(0.05)

    @property
    def pid(self) -> int:
        """The process that runs now."""
        assert self._running is not None
        return self._running.pid

    async def kill(self) -> None:
        """Pull the plug: nothing is finished, nothing is said."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask it to stop; gives its exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        running, self._running = self._running, None
        if running is None:
            return 0
        if running.returncode is None:
            running.send_signal(how)
        return await running.wait()


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        await client.get(url)
    except httpx.HTTPError:
        return False
    return True
