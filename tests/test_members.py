"""The `member` command: who may sign in, and that nothing is ownerless when somebody leaves."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest

from intakebot import content
from intakebot.__main__ import main
from intakebot.core.events import Taken
from intakebot.core.session import ContactCard
from intakebot.house import House, now, open_house
from intakebot.settings import Settings
from intakebot.store import people, requests
from intakebot.store.people import Member
from intakebot.store.requests import Status
from intakebot.store.scoped import Take
from intakebot.store.work import Work
from intakebot.web.access import Access
from tests.conversation import shipped_flow
from tests.web.office import Inhabitant, Office

WINTERSWIJK, BERKELLAND = "GM0294/sociaal-team", "GM1859/sociaal-team"
Run = Callable[..., str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of its own."""
    shelf = content.load()
    assert shelf.region == shipped_flow().region
    monkeypatch.setattr(content, "load", lambda: shelf)
    monkeypatch.setenv("INTAKEBOT_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `member …`; gives what it printed, and expects that it went well or not."""

    def running(*words: str, code: int = 0) -> str:
        assert main(["member", *words]) == code
        said = capsys.readouterr()
        return said.err if code else said.out

    return running


async def everyone(state: Path) -> tuple[Member, ...]:
    async with open_house(Settings(state=state)) as house:
        return await house.database.read(people.everyone)


def test_a_member_is_added_changed_and_ended(run: Run) -> None:
    run("add", "els", "--name", "Els Jansen", "--phone", "06 12345678", "--queue", WINTERSWIJK)
    added = run("list")
    run("change", "els", "--phone", "", "--queue", BERKELLAND, "--queue", "onbekend")
    changed = run("list")
    ended = run("end", "els")

    assert f"els: Els Jansen, 06 12345678\n  {WINTERSWIJK}\n" in added
    assert f"els: Els Jansen\n  {BERKELLAND}\n  onbekend\n" in changed
    assert ended == "els: ended, and signed out everywhere.\n"
    assert "els" not in run("list")


def test_the_list_says_which_queues_nobody_reads(run: Run) -> None:
    assert f"{WINTERSWIJK}, " in run("list")
    run("add", "els", "--name", "Els", "--queue", "all")

    assert "Nobody reads" not in run("list")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "els"), "els: --name and --queue are missing."),
        (("add", "els", "--name", "Els", "--queue", "nix"), "nix: no queue of this region."),
        (("add", " ", "--name", "Els", "--queue", "all"), "' ' is no login."),
        (("add", "els", "--name", " ", "--queue", "all"), "' ' is no name."),
        (("add", "els", "--name", "Els\n2", "--queue", "all"), "'Els\\n2' is no name."),
        (("add", "els", "--name", "E" * 81, "--queue", "all"), "is no name."),
        (("add", "els", "--name", "Els", "--queue", "all", "--phone", "bel"), "bel is no tele"),
        (("add", "els", "--name", "Els", "--queue", "all", "--phone", "12"), "12 is no tele"),
        (("change", "els"), "els: there is no member with this login."),
        (("end", "els"), "els: there is no member with this login."),
        (("end",), "LOGIN is missing."),
    ],
)
def test_what_cannot_be_is_one_sentence(run: Run, words: tuple[str, ...], says: str) -> None:
    told = run(*words, code=2)

    assert says in told
    assert told.count("\n") == 1


def test_nobody_is_added_twice(run: Run) -> None:
    run("add", "els", "--name", "Els", "--queue", WINTERSWIJK)

    assert "Use `member change`" in run("add", "els", "--name", "E", "--queue", "all", code=2)
    assert "els: Els\n" in run("list")


async def test_who_ended_comes_back_under_the_same_login(here: Path, run: Run) -> None:
    await asyncio.to_thread(run, "add", "els", "--name", "Els", "--queue", WINTERSWIJK)
    (before,) = await everyone(here)
    await asyncio.to_thread(run, "end", "els")
    await asyncio.to_thread(run, "add", "els", "--name", "Els B", "--queue", BERKELLAND)
    (after,) = await everyone(here)
    with closing(sqlite3.connect(here / "intakebot.sqlite")) as raw:
        told = raw.execute("SELECT actor, action, detail FROM audit ORDER BY seq").fetchall()

    assert (after.member, after.name, after.queues) == (before.member, "Els B", (BERKELLAND,))
    assert [it for it in told if it[0] == "operator"] == [
        ("operator", action, before.member)
        for action in ("member_added", "member_ended", "member_added")
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("end", "els"), "els: ended, and signed out everywhere."),
        (("change", "els", "--queue", BERKELLAND), "els: changed."),
    ],
)
async def test_nothing_is_ownerless_when_the_contact_person_goes(
    here: Path, run: Run, words: tuple[str, ...], said: str
) -> None:
    await asyncio.to_thread(run, "add", "els", "--name", "Els", "--queue", WINTERSWIJK)
    (els,) = await everyone(here)
    async with at_home(here) as person:
        reference = await person.tell()
        await taken(person, reference, els)
        assert (await person.session()).contact is not None
    printed = await asyncio.to_thread(run, *words)
    async with at_home(here) as person:
        contact = (await person.session()).contact
        last = (await person.thread())[-1].message.text
        opened = await person.office.database.run(
            lambda: requests.for_operator(person.office.vault, reference, action="export", at=now())
        )

    assert printed == f"{said} 1 request is open again; the inhabitants were told.\n"
    assert contact is None
    assert last.startswith("Uw contactpersoon is er niet meer.")
    assert opened is not None
    assert (opened.listed.status, opened.listed.contact) == (Status.OPEN, None)


@asynccontextmanager
async def at_home(state: Path) -> AsyncIterator[Inhabitant]:
    """An inhabitant who talks to this installation."""
    async with open_house(Settings(state=state)) as house:
        yield Inhabitant(office=cast("Office", Home(house=house)), address="a" * 64, nth=0)


@dataclass(frozen=True)
class Home:
    """What an inhabitant of the tests needs of an office."""

    house: House

    def now(self) -> datetime:
        return now()

    def __getattr__(self, name: str) -> object:
        return getattr(self.house, name)


async def taken(person: Inhabitant, reference: str, member: Member) -> None:
    """The member takes the request, as the page does it."""
    office = person.office

    def take() -> Work[None]:
        access = Access(vault=office.vault, member=member, at=now())
        found = yield from access.take(reference, 1)
        assert isinstance(found, Take)
        contact = ContactCard(name=member.name, phone=None, team="Team")
        yield from office.intake.carry(
            found.stored, Taken(contact=contact), chat=found.stored.chat, key="t", at=now()
        )

    await office.database.run(take)
