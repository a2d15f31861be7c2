"""Somebody who found Telegram's webhook, and somebody who even knows its secret."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from intakebot.channels.telegram import arrivals
from tests.attacks.stage import SECRET_HEADER, Target, all_bytes, target

HALF = "\ud800"
CHAT = {"id": 912345678, "type": "private"}
WHO = {"id": 912345678, "is_bot": False, "first_name": "Kanarie", "username": "kanarievogel"}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Target]:
    async with target(tmp_path, webhook=True) as found:
        yield found


def message(number: int, **more: object) -> str:
    about = {"message_id": number, "date": 1, "chat": CHAT, "from": WHO}
    return json.dumps({"update_id": number, "message": about | more})


def press(number: int, data: str, **chat: object) -> str:
    under = {"message_id": 1, "chat": CHAT | chat}
    return json.dumps(
        {"update_id": number, "callback_query": {"id": "1", "from": WHO, "message": under, "data": data}}
    )  # fmt: skip


BENT = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"[" * 60_000,
    b'{"update_id": true}',
    b'{"update_id": 1e400}',
    b'{"update_id": ' + b"9" * 4_000 + b"}",
    b'{"update_id": 8, "message": {"message_id": NaN}}',
    b'{"update_id": 9, "message": [[[]]]}',
    b"\xff\xfe\x00",
    message(10, **{"text" + HALF: "x"}).encode(),
    message(11, document={"file_id": HALF}, media_group_id=HALF).encode(),
    message(12, contact={"phone_number": HALF, "user_id": CHAT["id"]}).encode(),
    press(13, HALF).encode(),
    press(14, "0:" + HALF).encode(),
)


async def test_who_does_not_know_the_secret_gets_the_page_of_any_unknown_address(
    here: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "read_json", lambda _: pytest.fail("it was parsed"))
    secret = here.secret
    async with here.browser() as stranger:
        answers = [await stranger.post("/telegram/x", content=b"x")]
        for wrong in (None, "", secret[:-1], secret + "0", secret.upper(), "\u00e9" * 10):
            headers = {} if wrong is None else {SECRET_HEADER: wrong.encode()}
            for body in (message(1, text="Kanarie"), "{", "x" * 100_000):
                answers.append(await stranger.post(here.webhook, content=body, headers=headers))  # type: ignore[arg-type]  # noqa: PERF401 - bytes too

    assert {it.status_code for it in answers} == {404}
    assert len({it.content for it in answers}) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS", "TRACE", "PURGE", "BREW"])
async def test_another_method_gets_the_page_of_any_unknown_address(
    here: Target, capsys: pytest.CaptureFixture[str], method: str
) -> None:
    headers = {SECRET_HEADER: here.secret}
    async with here.browser() as stranger:
        unknown = await stranger.request(method, "/telegram/x")
        forged = await stranger.request(method, here.webhook)
        known = await stranger.request(method, here.webhook, headers=headers)

    assert {it.status_code for it in (unknown, forged, known)} == {404}
    assert forged.content == known.content == unknown.content
    assert capsys.readouterr().err == ""


async def test_nothing_that_cannot_be_an_update_is_asked_for_again(here: Target) -> None:
    statuses = {body[:40]: (await here.bring(body)).status_code for body in BENT}

    assert set(statuses.values()) == {200}, statuses


async def test_a_long_update_is_taken_and_an_endless_one_is_not(here: Target) -> None:
    long = "\u0645" * 4_096
    taken = await here.bring(message(20, text=long, reply_to_message={"text": long * 4}))
    endless = await here.bring(b" " * (arrivals.BODY_BYTES_MAX + 1))

    assert (taken.status_code, endless.status_code) == (200, 413)


async def test_in_a_group_nothing_is_said_or_kept(here: Target, tmp_path: Path) -> None:
    group = {"id": -100, "type": "supergroup"}
    await here.bring(message(30, text="kanarie", chat=group))
    await here.bring(press(31, "x:nl", id=-100, type="group"))
    with closing(sqlite3.connect(here.house.settings.database_path)) as looking:
        [count] = looking.execute("SELECT COUNT(1) FROM sessions").fetchone()

    assert count == 0
    assert not any(b"kanarie" in it for it in all_bytes(tmp_path / "state").values())


async def test_a_forged_press_changes_no_answer(here: Target) -> None:
    for nth, data in enumerate(("nl", "x:nl", ":nl", "0" * 32 + ":ja", "x:+financien", "/erase:x", "a" * 64, "'; DROP TABLE sessions;--")):  # fmt: skip
        assert (await here.bring(press(40 + nth, data))).status_code == 200
    assert (await here.bring(message(60, text="/start"))).status_code == 200


async def test_who_talks_in_telegram_stands_nowhere_in_plain(here: Target, tmp_path: Path) -> None:
    await here.bring(message(70, text="/start"))
    await here.bring(message(71, text="Ik heb schulden, zei kanarievogel, 06 87654321."))
    found = all_bytes(tmp_path / "state")
    plain = [
        (name, canary)
        for name, raw in found.items()
        for canary in (b"912345678", b"kanarievogel", b"Kanarie", b"87654321", here.secret.encode())
        if canary in raw
    ]

    assert len(found) >= 3
    assert plain == []
