"""Who may use what: every address is declared, and each is called as everybody who may not.

What a member may not see is the same as what does not exist: status, headers and body, to the
last byte. Only the nonce of the response's policy differs, and that is chance.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.routing import BaseRoute, Route

from intakebot import app
from intakebot.house import open_house
from intakebot.settings import Settings
from intakebot.site import site
from intakebot.store import people
from intakebot.web import access
from intakebot.web.access import ROUTES, WEBHOOK, Who, addresses
from tests.store.raw import rows
from tests.web.office import OOST_GELRE, WINTERSWIJK, Office, fields, office

ABSENT = "IB-0000-000Z"
# Words of one request that must stand in no answer to anybody else.
CANARIES = ("Kanarievogel", "Papegaai", "31687654321", "Zoë-canarie", "7101")
STORY = ("De huur is te laat, zei Kanarievogel.", "Ik heb geen inkomen, zei Papegaai.")
ANSWERS = {"naam": "Zoë-canarie", "telefoon": "06 87654321"}
INBOX = [it for it in ROUTES if it[1].startswith("/inbox")]
OF_A_REQUEST = [it for it in INBOX if "{reference}" in it[1]]
MEMBERS_ONLY = [it for it in INBOX if ROUTES[it] is Who.MEMBER]
FILLED = {
    "level": "nu",
    "outcome": "opgelost",
    "text": "Hallo.",
    "audio": "spraak1",
    "version": "1",
}
NONCE = re.compile(r"nonce-[\w-]+")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A request of Winterswijk, a member of that team and one of another."""

    office: Office
    reference: str
    own: httpx.AsyncClient
    other: httpx.AsyncClient


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with office(tmp_path) as here:
        reference = await here.inhabitant().tell(STORY, voice=True, answers=ANSWERS)
        yield Scene(
            office=here,
            reference=reference,
            own=await here.signed_in("Marieke", (WINTERSWIJK,)),
            other=await here.signed_in("Joost", (OOST_GELRE,)),
        )


async def call(
    browser: httpx.AsyncClient, address: tuple[str, str], reference: str, stamp: str = "x"
) -> tuple[int, dict[str, str], bytes]:
    """The whole answer of an address; its nonce taken out."""
    method, path = address
    where = path.format(reference=reference, attachment="spraak1", secret="0" * 64)
    data = FILLED | {"form": stamp} if method == "POST" else None
    answer = await browser.request(method, where, data=data)
    headers = {name: NONCE.sub("", value) for name, value in answer.headers.items()}
    return answer.status_code, headers, answer.content


async def stamp_of(browser: httpx.AsyncClient) -> str:
    return fields((await browser.get("/inbox")).text)["form"]


# ---- the table ----------------------------------------------------------------------------------


@pytest.fixture
async def program(tmp_path: Path) -> AsyncIterator[list[BaseRoute]]:
    """Every address of the whole program, the webhook too."""
    settings = Settings(
        state=tmp_path / "state",
        public_url="https://hulp.example.nl",
        telegram_token=SecretStr("7:a-token-of-the-tests"),
        telegram_mode="webhook",
        telegram_scope="full",
    )
    async with open_house(settings) as house:
        telegram = app._telegram(house)
        yield list(site(house, telegram).routes)
        assert telegram is not None
        await telegram.close()


async def test_every_address_of_the_program_is_declared_and_every_declaration_is_used(
    program: list[BaseRoute],
) -> None:
    assert addresses(program) == set(ROUTES)


def test_the_program_does_not_start_with_an_address_that_nobody_declared() -> None:
    async def give(_: object) -> None: ...

    with pytest.raises(AssertionError, match="/geheim"):
        access.expect_declared([Route("/geheim", give, methods=["GET"])])


def test_telegram_stands_alone_and_members_only_in_the_inbox() -> None:
    assert {path for (_, path), who in ROUTES.items() if who is Who.TELEGRAM} == {WEBHOOK + "{secret}"}  # fmt: skip
    assert {path.split("/")[1] for (_, path), who in ROUTES.items() if who is Who.MEMBER} == {"inbox"}  # fmt: skip


def test_only_access_reads_requests(root: Path) -> None:
    """One room holds the scope: no other code of the pages asks the store for a request."""
    named = re.compile(r"import .*\bscoped\b|store\.scoped import .*\b(?!Seen|Take|PAGE_MAX)[a-z]")
    reading = {
        path.name
        for path in (root / "intakebot" / "web").rglob("*.py")
        if named.search(path.read_text("utf-8"))
    }

    assert reading == {"access.py"}


# ---- everybody who may not ----------------------------------------------------------------------


def expired(here: Office, token: str) -> httpx.AsyncClient:
    browser = here.browser()
    browser.cookies.set(here.inbox.cookie.name, token)
    return browser


async def refused_browsers(scene: Scene) -> dict[str, httpx.AsyncClient]:
    """Nobody, somebody who made up a secret, who sat idle, who signed out, who left."""
    here = scene.office
    gone = await here.signed_in("Weg", (WINTERSWIJK,))
    out = await here.signed_in("Uit", (WINTERSWIJK,))
    await out.post("/inbox/uit", data={"form": await stamp_of(out)})
    at = here.now()
    await here.database.run(lambda: people.end(here.vault, "weg", at, actor="operator"))
    link = await here.link(await here.member("Oud", (WINTERSWIJK,)))
    secret, before = link.rpartition("/")[2], here.now() - timedelta(minutes=31)
    old = await here.database.run(lambda: people.sign_in(here.vault, secret, before))
    assert old is not None
    return {
        "anonymous": here.browser(),
        "made up": expired(here, "f" * 64),
        "idle": expired(here, old),
        "signed out": out,
        "left": gone,
    }


async def test_without_signing_in_everything_is_the_same_page(scene: Scene) -> None:
    pages: dict[str, set[Any]] = {}
    for who, browser in (await refused_browsers(scene)).items():
        for address in MEMBERS_ONLY:
            for reference in (scene.reference, ABSENT):
                status, headers, body = await call(browser, address, reference)
                pages.setdefault(who, set()).add((status, tuple(headers.items()), body))

    assert {len(it) for it in pages.values()} == {1}
    assert len(set.union(*pages.values())) == 1
    assert next(iter(pages["anonymous"]))[0] == 401


@pytest.mark.parametrize("address", OF_A_REQUEST, ids=" ".join)
async def test_a_request_of_another_team_is_the_same_as_none(
    scene: Scene, address: tuple[str, str]
) -> None:
    theirs = await call(scene.other, address, scene.reference, await stamp_of(scene.other))
    none = await call(scene.other, address, ABSENT, await stamp_of(scene.other))

    assert theirs[0] == 404
    assert theirs == none


@pytest.mark.parametrize("address", OF_A_REQUEST, ids=" ".join)
async def test_the_own_team_may(scene: Scene, address: tuple[str, str]) -> None:
    status, _, _ = await call(scene.own, address, scene.reference, await stamp_of(scene.own))

    assert status in (200, 204, 303, 409)


@pytest.mark.parametrize(
    "filled", [{}, {"text": ""}, {"text": "x" * 9_000}, {"level": "x"}, {"outcome": ""}]
)
@pytest.mark.parametrize("what", ["bericht", "notitie", "urgentie", "afsluiten"])
async def test_a_wrong_form_tells_nothing_about_a_request_of_another_team(
    scene: Scene, what: str, filled: dict[str, str]
) -> None:
    answers = []
    for reference in (scene.reference, ABSENT):
        data = FILLED | filled | {"form": await stamp_of(scene.other)}
        answer = await scene.other.post(f"/inbox/{reference}/{what}", data=data)
        answers.append((answer.status_code, answer.content))

    assert answers[0] == answers[1]
    assert answers[0][0] == 404


@pytest.mark.parametrize("address", [it for it in MEMBERS_ONLY if it[0] == "POST"], ids=" ".join)
async def test_a_form_that_another_drew_changes_nothing(
    scene: Scene, address: tuple[str, str]
) -> None:
    forged = await call(scene.own, address, scene.reference, await stamp_of(scene.other))

    assert forged[0] == 409
    assert (await scene.own.get("/inbox")).status_code == 200  # and nobody was signed out
    assert (await scene.office.inhabitant().session()).contact is None


@pytest.mark.parametrize("address", [it for it in INBOX if it[0] == "POST"], ids=" ".join)
async def test_a_form_of_another_site_is_not_read(scene: Scene, address: tuple[str, str]) -> None:
    scene.own.headers["Sec-Fetch-Site"] = "cross-site"

    assert (await call(scene.own, address, scene.reference))[0] == 403


async def test_no_word_of_a_request_reaches_another_team(scene: Scene) -> None:
    everything = b""
    for address in INBOX:
        other = await scene.office.signed_in("Joost", (OOST_GELRE,))
        stamp = await stamp_of(other)
        for browser in (other, scene.office.browser()):
            _, headers, body = await call(browser, address, scene.reference, stamp)
            everything += body + repr(headers).encode()
    for query in ("lijst=opgepakt", "lijst=afgesloten", "lijst=van-mij", f"team={WINTERSWIJK}"):
        everything += (await scene.other.get(f"/inbox?{query}")).content
    own = (await scene.own.get(f"/inbox/{scene.reference}")).content

    assert [it for it in CANARIES if it.encode() in everything] == []
    assert [it for it in CANARIES if it.encode() not in own] == []


async def test_who_is_taken_out_of_a_team_sees_nothing_of_it_at_once(scene: Scene) -> None:
    before = await scene.own.get(f"/inbox/{scene.reference}")
    await scene.office.member("Marieke", (OOST_GELRE,))
    after = await scene.own.get(f"/inbox/{scene.reference}")

    assert (before.status_code, after.status_code) == (200, 404)


async def test_a_queue_of_another_team_is_the_same_as_none(scene: Scene) -> None:
    answers = [await scene.other.get(f"/inbox?team={it}") for it in (WINTERSWIJK, "GM9999/x")]

    assert {it.status_code for it in answers} == {404}
    assert answers[0].content == answers[1].content


async def test_a_refusal_stays_in_the_audit(scene: Scene) -> None:
    await scene.other.get(f"/inbox/{scene.reference}")
    sql = "SELECT actor, action, detail FROM audit"
    told = await rows(scene.office.database, sql)
    found = [(row["actor"], row["action"], row["detail"]) for row in told]

    assert ("member:joost", "denied", "view") in found
