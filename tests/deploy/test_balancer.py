"""Two machines behind nginx on one PostgreSQL, set up with the files and words of deploy/.

The machines are two programs on this one, each with a state folder of its own; the mounted folder
of attachments is a link. Everybody comes by https to nginx. deploy/several-machines.md says what
this leaves out.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from intakebot import words
from intakebot.core.limits import ATTACHMENT_BYTES_MAX
from intakebot.core.session import Tongue
from intakebot.store.postgres import open_postgres
from intakebot.store.problems import StoreProblem
from tests import postgres
from tests.channels.process import Process
from tests.channels.test_workers import Two, serves, until_gone
from tests.channels.walking import STORY
from tests.deploy import nginx
from tests.deploy.authority import Authority
from tests.deploy.database import Reached, reachable
from tests.deploy.nginx import NAME, Door, Shipped, balancing
from tests.deploy.visitors import VOICE, Crowd, sign_in
from tests.web.office import fields
from tests.web.test_chat import begin, form, press

PEOPLE, A_WHILE = 3, 12
# Long enough for everybody to ask something of a machine that does not answer any more.
HANGS_S = 0.5
# Guesses at a code until a network has to wait, whichever machine hears them: ways_back.GUESSES_FREE.
FREE = 5
TONGUES = [Tongue(lang=lang) for lang in ("nl", "en", "ar")]
COUNTS = "SELECT (SELECT count(*) FROM requests), (SELECT count(*) FROM sessions)"
SECRET = "5e" * 32
LINK = re.compile(rf"Bas Willems .*\n\s+(https://{NAME}/inbox/in/\w+)")


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything of one installation."""

    door: Door
    server: Reached
    one: Process  # a single process
    two: Two  # a parent with two workers

    async def power_off(self, machine: Process) -> None:
        """All processes of a machine are gone, with requests in their hands."""
        processes = [machine.pid, *(machine.workers if isinstance(machine, Two) else ())]
        for how in (signal.SIGSTOP, signal.SIGKILL):
            for pid in processes:
                os.kill(pid, how)
            await asyncio.sleep(HANGS_S)
        await machine.kill()
        await until_gone(processes)

    def took(self, machine: Process) -> int:
        """How many answers of this machine nginx has passed on."""
        return self.door.logs().count(f" {machine.url.removeprefix('http://')} 2")


class Sampled(Process):
    """The machine that starts first; members of the sample region get a link."""

    words = ("serve", "--sample")


@pytest.fixture
def shipped(root: Path) -> Shipped:
    """nginx and the files of deploy/; without nginx skipped, and the reason says what to install."""
    found = nginx.find()
    if found is None:
        pytest.skip(nginx.REMEDY)
    deploy = root / "deploy"
    return Shipped(
        nginx=found,
        settings=(deploy / "nginx.conf").read_text("utf-8"),
        document=(deploy / "several-machines.md").read_text("utf-8"),
    )


@asynccontextmanager
async def site(folder: Path, shipped: Shipped, server: Reached) -> AsyncIterator[Site]:
    """Set it up as several-machines.md says: the first makes the key ring, the second gets a copy."""
    states = [folder / name / "state" for name in ("one", "two")]
    settings = {"DATABASE": server.address, "PUBLIC_URL": f"https://{NAME}"}
    for state in states:
        state.parent.mkdir()
    one, two = Sampled(states[0], **settings), Two(states[1], **settings)
    machines = [it.url.removeprefix("http://") for it in (one, two)]
    authority = Authority(folder, "of-the-site")
    try:
        await one.begin()
        states[1].mkdir(mode=0o700)
        shutil.copy(states[0] / "keys.json", states[1])
        (states[0] / "attachments").mkdir(mode=0o700, exist_ok=True)
        (states[1] / "attachments").symlink_to(states[0] / "attachments")
        await two.begin()
        await serves(two)
        with balancing(shipped, folder / "nginx", authority, machines) as door:
            yield Site(door=door, server=server, one=one, two=two)
    finally:
        await one.kill()
        await two.kill()


async def test_nobody_notices_that_there_are_two_nor_that_one_dies(
    tmp_path: Path, shipped: Shipped
) -> None:
    programs = postgres.find()
    if programs is None:
        pytest.skip(postgres.REMEDY)
    with reachable(programs, Authority(tmp_path, "of-the-database")) as server:
        async with site(tmp_path, shipped, server) as here:
            crowd = Crowd(here.door, PEOPLE)
            link = LINK.search(here.one.log)
            assert link is not None, here.one.log
            async with here.door.browser("127.0.2.1") as member:
                try:
                    crowd.begin()
                    await sign_in(member, link[1])
                    await guesses_are_counted_by_network(here.door)
                    await what_is_too_big_is_refused_in_words(here.door)
                    await another_host_gets_nothing(here.door)
                    await machines_come_and_go(here, crowd)
                finally:
                    await crowd.stop()
                await the_database_falls(here, member)
                await everything_is_there_once(here, crowd)
                await another_server_is_not_trusted(here)
                await a_member_reads(member, crowd)
            await here.power_off(here.one)
            await when_nobody_is_left_the_page_has_a_number_to_call(here.door, link[1])
            nothing_of_anybody_is_in_the_logs(here.door, link[1])


async def machines_come_and_go(here: Site, crowd: Crowd) -> None:
    await crowd.on(A_WHILE)
    assert here.took(here.one)
    assert here.took(here.two)
    await here.power_off(here.one)
    await crowd.on(A_WHILE)
    await here.one.begin()
    before = here.took(here.one)
    # At once: nginx may still think that the first is away.
    await here.power_off(here.two)
    await crowd.on(A_WHILE)
    assert here.took(here.one) > before
    await crowd.end()


async def the_database_falls(here: Site, member: httpx.AsyncClient) -> None:
    """No machine can do anything; as soon as it is back, they can, whatever nginx thinks of them."""
    await asyncio.to_thread(here.server.fall)
    for _ in range(A_WHILE):
        answer = await member.get("/inbox")
        assert answer.status_code == 503
        assert "nginx" not in answer.text
    await asyncio.to_thread(here.server.start)

    assert (await member.get("/inbox")).status_code == 200


async def everything_is_there_once(here: Site, crowd: Crowd) -> None:
    references = {one.reference for one in crowd.done}
    people = len(crowd.done)

    assert len(references) == people >= PEOPLE
    # Who only sent what is too big has a conversation too.
    assert await here.server.rows(COUNTS) == [(people, people + 1)]
    assert [one.asked for one in crowd.done if len(set(one.asked)) < len(one.asked)] == []
    assert await here.server.is_reached_as_said()


async def another_server_is_not_trusted(here: Site) -> None:
    """sslmode=verify-full: one whose certificate another authority gave is told no password."""
    if here.server.tls:
        strange = here.server.address.replace("of-the-database", "of-the-site")
        assert strange != here.server.address
        with pytest.raises(StoreProblem):
            await open_postgres(strange)


async def a_member_reads(member: httpx.AsyncClient, crowd: Crowd) -> None:
    inbox = (await member.get("/inbox")).text
    assert [one.reference for one in crowd.done if one.reference not in inbox] == []
    # The first were sent to either machine; one is left to read them at.
    for one in crowd.done[:PEOPLE]:
        page = (await member.get(f"/inbox/{one.reference}")).text
        assert STORY in page
        found = re.search(rf"/inbox/{one.reference}/bijlage/\w+", page)
        assert found is not None
        assert (await member.get(found[0])).content == VOICE


async def guesses_are_counted_by_network(door: Door) -> None:
    """By the address that nginx sees, at all machines together, and not by what a client says."""
    wait = words.load().say(TONGUES[0], "web.code_wait")

    async def guess(browser: httpx.AsyncClient, nth: int) -> bool:
        page = (await browser.get("/verder")).text
        filled = fields(page, "/verder") | {"code": f"1234 5678 9012 34{nth:02}"}
        forged = {"X-Forwarded-For": f"203.0.{nth}.113"}
        answer = await browser.post("/verder", data=filled, headers=forged)
        return wait in answer.text

    async with door.browser("127.0.3.1") as one, door.browser("127.0.4.1") as other:
        assert [await guess(one, nth) for nth in range(FREE + 1)] == [False] * FREE + [True]
        assert not await guess(other, 0)


async def what_is_too_big_is_refused_in_words(door: Door) -> None:
    """Also what nginx does not pass on, and that in every language: it knows nobody's."""
    too_big = [words.load().say(tongue, "web.file_big") for tongue in TONGUES]
    async with door.browser("127.0.5.1") as browser:
        page = await press(browser, await begin(browser), "mij")
        for size, status in ((ATTACHMENT_BYTES_MAX + 1, 200), (22 * 2**20, 413)):
            sound = {"audio": ("stem.ogg", bytes(size), "audio/ogg")}
            answer = await browser.post("/bestand", data=form(page, "file"), files=sound)
            assert answer.status_code == status, answer.text
            said = [sentence for sentence in too_big if sentence in answer.text]
            assert said == (too_big if status == 413 else too_big[:1])


async def another_host_gets_nothing(door: Door) -> None:
    async with door.browser("127.0.6.1") as browser:
        for url in ("/", "/inbox", "/health", "/static/chat/chat.css"):
            answer = await browser.get(url, headers={"Host": "hulp.example.org"})
            assert (answer.status_code, answer.text) == (421, "Unknown host")
        to_https = await browser.get(
            f"http://{NAME}/w/abc?x=1", headers={"Host": "evil.example"}, follow_redirects=False
        )
    assert to_https.headers["Location"] == f"https://{NAME}/w/abc?x=1"


async def when_nobody_is_left_the_page_has_a_number_to_call(door: Door, link: str) -> None:
    sorry = [words.load().say(tongue, "web.fault_text") for tongue in TONGUES]
    async with door.browser("127.0.7.1") as browser:
        for path in ("/", "/inbox", f"/w/{SECRET}", f"/inbox/in/{SECRET}"):
            answer = await browser.get(path, headers={"Referer": link})
            assert answer.status_code == 503
            assert [it for it in sorry if it in answer.text] == sorry
            assert "nginx" not in answer.text


def nothing_of_anybody_is_in_the_logs(door: Door, link: str) -> None:
    """No secret of a link, also not as the page before; and no address of a client."""
    told = door.logs()
    found = re.findall(rf"/w/|/inbox/in/|{SECRET}|{link[-64:]}|127\.0\.[1-9]\d*\.\d+", told)

    assert "GET /inbox" in told
    assert sorted(set(found)) == []
