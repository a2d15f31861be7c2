"""`serve --workers N`: many inhabitants at one port, whichever worker hears them and whichever dies."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest

from intakebot import workers
from intakebot.settings import SettingsProblem
from intakebot.store.postgres import open_postgres
from tests.bot_api.server import TOKEN, BotApi
from tests.channels.process import Process
from tests.channels.walking import Walk
from tests.store.raw import rows

PATIENCE_S = 120.0
PEOPLE = 4
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Two(Process):
    """A parent with two workers."""

    words = ("serve", "--workers", "2")

    @property
    def workers(self) -> list[int]:
        """The processes that serve now."""
        told = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii")
        return [int(pid) for pid in told.split()]

    def events(self, name: str) -> int:
        told = (json.loads(line) for line in self.log.splitlines() if line.startswith("{"))
        return sum(line.get("event") == name for line in told)


def worked_s(pid: int) -> float:
    """Processor time of a process, in seconds."""
    told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / TICKS_A_SECOND


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def until_gone(pids: list[int]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while any(lives(pid) for pid in pids):  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)


async def serves(two: Two) -> None:
    """The parent has said that both serve."""
    async with asyncio.timeout(PATIENCE_S):
        while "intakebot is running" not in two.log:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)


@pytest.mark.faults
async def test_updates_are_taken_in_by_both_also_when_one_is_killed(
    tmp_path: Path, postgres_address: str
) -> None:
    async with BotApi(speed=20.0) as api:
        two = Two(
            tmp_path / "state",
            TELEGRAM_TOKEN=TOKEN,
            TELEGRAM_API=api.url,
            TELEGRAM_MODE="webhook",
            TELEGRAM_SCOPE="full",
            DATABASE=postgres_address,
        )
        try:
            await two.begin()
            await serves(two)
            before = {pid: worked_s(pid) for pid in two.workers}
            walks = [Walk(api.person()) for _ in range(PEOPLE)]
            walking = asyncio.gather(*(walk.whole() for walk in walks))
            async with asyncio.timeout(PATIENCE_S):
                while not all(worked_s(pid) > since + 0.2 for pid, since in before.items()):  # noqa: ASYNC110 - idem
                    await asyncio.sleep(0.05)
            killed = two.workers[0]
            os.kill(killed, signal.SIGKILL)
            await walking
            await until_gone([killed])
            async with asyncio.timeout(PATIENCE_S):
                while len(two.workers) < 2:  # noqa: ASYNC110 - of another process
                    await asyncio.sleep(0.05)
            assert two.events("worker-ended") == 1
            last = two.workers
            assert await two.stop() == 0
            await until_gone(last)
        finally:
            await two.kill()

    database = await open_postgres(postgres_address)
    [sent] = await rows(database, "SELECT COUNT(*) AS n FROM requests")
    await database.close()
    assert sent["n"] == PEOPLE
    assert [walk.asked for walk in walks if len(set(walk.asked)) < len(walk.asked)] == []


async def test_a_form_counts_whichever_worker_gets_it_and_no_worker_outlives_its_parent(
    tmp_path: Path, postgres_address: str
) -> None:
    two = Two(tmp_path / "state", DATABASE=postgres_address)
    try:
        await two.begin()
        await serves(two)
        headers = {"Sec-Fetch-Site": "same-origin", "Connection": "close"}
        async with httpx.AsyncClient(
            base_url=two.url, headers=headers, follow_redirects=True, trust_env=False
        ) as browser:
            page = (await browser.get("/")).text
            for press in ("nl", "mij", "/back", "mij", "/back", "mij"):
                form = {**hidden(page), "press": press}
                answer = await browser.post("/", data=form)
                assert answer.status_code == 200
                assert "nieuwe vraag" not in answer.text, "the page had not moved on"
                page = answer.text
        last = two.workers
        assert len(last) == 2
    finally:
        await two.kill()
    await until_gone(last)


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form with the buttons, as a browser sends them."""
    for found in re.findall(r"<form.*?</form>", page, re.DOTALL):
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found))
        if fields.get("part") in ("begin", "choice"):
            return fields
    raise AssertionError(page)


async def test_sqlite_is_served_by_one_process(tmp_path: Path) -> None:
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "intakebot", "serve", "--workers", "3",
        env={**os.environ, "INTAKEBOT_STATE": str(tmp_path)}, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, told = await done.communicate()

    assert done.returncode == 2
    assert told.decode().startswith("--workers 3: SQLite has one writer at a time")


async def test_what_cannot_start_ends_the_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "BACKOFF_S_MAX", 0.0)
    for code, leads_to in ((3, workers.CANNOT_SERVE), (2, workers.OPERATOR_ERROR)):
        with socket.socket() as own:
            dies = [sys.executable, "-c", f"import sys; sys.exit({code})"]
            with pytest.raises(workers.Ended) as ended:
                await workers.Tended(0, dies, own).keep()
        assert ended.value.code == leads_to


def test_a_port_that_is_taken_is_not_shared() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as other:
        port = other.getsockname()[1]
        with (
            pytest.raises(
                SettingsProblem, match=r"INTAKEBOT_LISTEN: 127\.0\.0\.1:.* Stop the program"
            ),
            workers.listening("127.0.0.1", port, 2),
        ):
            pass
