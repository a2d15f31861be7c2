"""The disk of the real server is full: it says so, reads on, and takes in again once there is room.

Two ways. A limit on the size of its files, set from outside while it runs: the system then refuses
to write (EFBIG, an I/O error for SQLite); anybody may do that on any machine. And, where we may
mount, a small tmpfs that is filled to the last byte (ENOSPC). Which ways were taken stands in the
names of the tests; none is skipped.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.attacks.stage import SECRET_HEADER, form
from tests.bot_api.server import BotApi
from tests.bot_api.world import Json
from tests.faults import crowd
from tests.faults.crowd import NOTHING, Crowd, Killable, in_file, settings
from tests.faults.evidence import record

CAP_SYS_ADMIN = 21
SMALL_BYTES, LIMIT_BYTES, BALLAST_BYTES = 16 * 1024**2, 16_384, 65_536
PEOPLE, SPEED = 3, 20.0
TRIES_MAX = 400
ROUNDS_SHORT, ROUNDS_LONG = 1, 20
# Of an update that is brought by hand, so that its answer can be seen.
FIRST = 900_000_000

Fill = Callable[[Killable], None]
Way = Callable[[Path], AbstractContextManager[tuple[Path, Fill, Fill]]]


@contextmanager
def limited(folder: Path) -> Iterator[tuple[Path, Fill, Fill]]:
    """A folder, and what makes its disk full for a process, and empty again."""

    def limit(process: Killable, size: int) -> None:
        _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, hard))

    yield (
        folder,
        lambda process: limit(process, LIMIT_BYTES),
        lambda process: limit(process, resource.RLIM_INFINITY),
    )


@contextmanager
def small(folder: Path) -> Iterator[tuple[Path, Fill, Fill]]:
    """The same on a tmpfs of 16 MB, which a file of ballast fills."""
    disk = folder / "small"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_BYTES}", "tmpfs", str(disk)]
    subprocess.run(mount, check=True)
    ballast = disk / "ballast"

    def fill(_process: Killable) -> None:
        with ballast.open("wb", buffering=0) as file:
            for size in (BALLAST_BYTES, 512, 1):
                try:
                    while file.write(b"\0" * size):
                        pass
                except OSError:
                    continue

    try:
        yield disk, fill, lambda _process: ballast.unlink()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def may_mount() -> bool:
    """Whether we have the capability for it."""
    status = Path("/proc/self/status")
    told = status.read_text() if status.exists() else "CapEff:\t0"
    return bool(int(told.partition("CapEff:\t")[2].split()[0], 16) >> CAP_SYS_ADMIN & 1)


WAYS: list[Way] = [limited, small] if may_mount() else [limited]


@pytest.mark.faults
@pytest.mark.parametrize("way", WAYS, ids=["limited", "small"][: len(WAYS)])
async def test_a_full_disk_loses_nothing_and_is_over_when_there_is_room(
    way: Way,
    tmp_path: Path,
    root: Path,
    long: bool,  # noqa: FBT001 - a fixture
) -> None:
    slowest_s, name = 0.0, getattr(way, "__name__", "")
    with way(tmp_path) as (disk, fill, make_room):
        rows = in_file(disk / "state" / "intakebot.sqlite")
        async with BotApi(speed=SPEED) as api, httpx.AsyncClient(trust_env=False) as browser:
            process, people = Killable(disk / "state", **settings(api)), Crowd(api, PEOPLE)
            await process.begin()
            await begin(browser, process.url)
            send = Sending(api, browser)
            people.begin()
            for _ in range(ROUNDS_LONG if long else ROUNDS_SHORT):
                fill(process)
                full = await send.until(503)
                assert int(full.headers["retry-after"]) > 0
                await expect_read_only(browser, process.url)
                assert await crowd.lost(api, rows) == set()
                make_room(process)
                begun = time.monotonic()
                await send.until(200)
                slowest_s = max(slowest_s, time.monotonic() - begun)
            await people.end()
            await crowd.quiet(rows)
            await process.stop()
            promises = await crowd.broken(api, people, rows)
    if long:
        told = {"rounds": ROUNDS_LONG, **promises, **crowd.figures(api, people)}
        told["taken in again after, in seconds, at most"] = round(slowest_s, 1)
        record(root, f"A full disk under the real server ({name})", told)
        assert slowest_s < 5

    assert promises == NOTHING
    assert len(people.done) >= PEOPLE


class Sending:
    """Brings updates by hand, and looks at what is answered."""

    def __init__(self, api: BotApi, client: httpx.AsyncClient) -> None:
        self._world = api.world
        self._sender = api.person()
        self._sender.chat.begun = True  # may be answered
        self._client = client
        self._numbers = itertools.count(FIRST)
        self._number = next(self._numbers)

    async def until(self, status: int) -> httpx.Response:
        """The first answer with this status. What was not taken is brought again."""
        for _ in range(TRIES_MAX):
            answer = await self._client.post(
                self._world.webhook["url"],
                content=json.dumps(self._update()),
                headers={SECRET_HEADER: self._world.secret, "Content-Type": "application/json"},
            )
            assert answer.status_code in (200, 503)
            if answer.status_code == 200:
                self._world.taken[self._number] += 1
                self._number = next(self._numbers)
            if answer.status_code == status:
                return answer
            await asyncio.sleep(0.02)
        raise AssertionError(f"never {status}")

    def _update(self) -> Json:
        message = self._sender._message(self._number, {"text": "a" * 3_000})
        return {"update_id": self._number, "message": message}


async def begin(browser: httpx.AsyncClient, url: str) -> None:
    """Somebody in the web chat, at the question for whom help is asked."""
    browser.headers["Sec-Fetch-Site"] = "same-origin"
    first = await browser.get(url)
    begun = await browser.post(f"{url}/", data={**form(first.text, "begin"), "press": "nl"})
    assert begun.status_code == 303


async def expect_read_only(browser: httpx.AsyncClient, url: str) -> None:
    """What was said can be read; what is said now is refused, with words and a time."""
    refused = await first_refused(browser, url)

    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert "112" in refused.text


async def first_refused(browser: httpx.AsyncClient, url: str) -> httpx.Response:
    """The log begins anew when all of it was copied: then a few words more find room in it."""
    for _ in range(TRIES_MAX):
        read = await browser.get(url)
        assert read.status_code == 200
        said = {**form(read.text, "text"), "say": "a" * 3_000}
        answer = await browser.post(f"{url}/", data=said)
        if answer.status_code != 303:
            return answer
    raise AssertionError("there is room without end")
