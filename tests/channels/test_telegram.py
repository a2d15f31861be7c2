"""The real client library against a Bot API server, over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from starlette.applications import Starlette

from intakebot.channels.telegram import arrivals
from intakebot.channels.telegram.bot import Telegram, WrongTelegramError
from intakebot.core.events import Button, Expects, Incoming, Marked, Message, Pressed, Said
from intakebot.core.limits import ATTACHMENT_BYTES_MAX
from intakebot.core.session import Tongue
from intakebot.core.talking.delivery import (
    Busy,
    Delivered,
    Delivery,
    Fetched,
    Lost,
    Outcome,
    Refused,
    TooBig,
    Unreachable,
    Unsure,
    Withheld,
)
from tests.bot_api.server import TOKEN, BotApi, Serving
from tests.channels.conftest import NOW

NL = Tongue(lang="nl")
ASK = Message(
    text="Klopt dit?",
    tongue=NL,
    buttons=(Button(id="ja", label="Ja"), Button(id="nee", label="Nee")),
    expects=Expects.CHOICE,
    prompt="t1",
)


class Intake:
    """Stands in for `intake.receive`: commits what it gets, or fails as it is told."""

    def __init__(self) -> None:
        self.committed: list[Incoming] = []
        self.failures: list[str] = []  # texts to fail on, once each

    async def receive(self, incoming: Incoming) -> None:
        await asyncio.sleep(0)
        text = incoming.event.text if isinstance(incoming.event, Said) else ""
        if text in self.failures:
            self.failures.remove(text)
            raise OSError(f"disk full while storing {text}")
        if incoming.update not in {known.update for known in self.committed}:
            self.committed.append(incoming)

    @property
    def texts(self) -> list[str]:
        return [i.event.text for i in self.committed if isinstance(i.event, Said)]


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - what is waited for happens elsewhere
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def polling(telegram: Telegram, intake: Intake) -> AsyncIterator[None]:
    task = asyncio.create_task(telegram.poll(intake.receive))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def intake() -> Intake:
    return Intake()


@pytest.fixture
def fast(telegram: Telegram) -> Telegram:
    """The same bot, which does not wait between attempts."""

    async def sleep(_seconds: float) -> None:
        await asyncio.sleep(0.01)

    telegram._sleep = sleep
    return telegram


# ---- polling --------------------------------------------------------------------------------------


async def test_what_is_said_arrives_in_order(
    api: BotApi, telegram: Telegram, intake: Intake
) -> None:
    person = api.person()
    async with polling(telegram, intake):
        for word in ("een", "twee", "drie"):
            await person.says(word)
        await eventually(lambda: len(intake.committed) == 3)

    assert intake.texts == ["een", "twee", "drie"]


async def test_an_update_is_confirmed_only_after_it_was_committed(
    api: BotApi, fast: Telegram, intake: Intake
) -> None:
    intake.failures = ["twee", "twee"]
    person, other = api.person(), api.person()
    for word in ("een", "twee", "drie"):
        await person.says(word)
    await other.says("ander")

    async with polling(fast, intake):
        await eventually(lambda: not api.world.waiting)

    assert [text for text in intake.texts if text != "ander"] == ["een", "twee", "drie"]
    assert "ander" in intake.texts


async def test_after_a_stop_in_the_middle_nothing_is_lost(
    api: BotApi, telegram: Telegram, intake: Intake
) -> None:
    entered = asyncio.Event()

    async def hangs(_incoming: Incoming) -> None:
        entered.set()
        await asyncio.Event().wait()

    await api.person().says("hoi")
    task = asyncio.create_task(telegram.poll(hangs))
    await entered.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    async with polling(telegram, intake):
        await eventually(lambda: intake.texts == ["hoi"])


async def test_what_cannot_be_read_is_passed_over(
    api: BotApi, telegram: Telegram, intake: Intake
) -> None:
    person = api.person()
    api.world.enqueue_raw({"update_id": 3, "message": {"message_id": "x", "chat": []}})
    api.world.enqueue_raw({"update_id": 4, "message": None})
    await person.says("half een teken \ud83d")
    async with polling(telegram, intake):
        await eventually(lambda: len(intake.texts) == 1 and not api.world.waiting)

    assert intake.texts == ["half een teken \ufffd"]


async def test_faults_of_telegram_are_waited_out(
    api: BotApi, fast: Telegram, intake: Intake
) -> None:
    codes: list[str | int | None] = [500, 502, 1020, 409, 401, "lost"]
    api.world.inject = lambda method, _: codes.pop(0) if method == "getUpdates" and codes else None
    await api.person().says("hoi")
    async with polling(fast, intake):
        await eventually(lambda: intake.texts == ["hoi"] and not codes)


async def test_numbers_may_begin_again_lower_after_a_silence(
    api: BotApi, telegram: Telegram, intake: Intake
) -> None:
    person = api.person()
    telegram._poll_s = 0
    async with polling(telegram, intake):
        await person.says("eerst")
        await eventually(lambda: intake.texts == ["eerst"])
        asked = len(api.world.of("getUpdates"))
        await eventually(lambda: len(api.world.of("getUpdates")) > asked + 2)
        api.world.numbers = iter(range(5, 100))  # type: ignore[assignment]  # counts, as the other
        await person.says("later")
        await eventually(lambda: intake.texts == ["eerst", "later"])


async def test_polling_takes_a_webhook_away_and_keeps_what_waits(
    api: BotApi, telegram: Telegram, intake: Intake
) -> None:
    api.world.webhook = {"url": "https://elders.example"}
    await api.person().says("hoi")
    async with polling(telegram, intake):
        await eventually(lambda: intake.texts == ["hoi"])

    assert "drop_pending_updates" not in api.world.of("deleteWebhook")[0].parameters


async def test_presses_are_confirmed_to_telegram(
    api: BotApi, telegram: Telegram, intake: Intake
) -> None:
    person = api.person()
    await person.says("hoi")
    async with polling(telegram, intake):
        await eventually(lambda: intake.texts == ["hoi"])
        await telegram.send(Delivery(id="1", chat=str(person.id), message=ASK))
        await person.presses("Ja")
        await eventually(lambda: len(intake.committed) == 2 and len(api.world.confirmed) == 1)

    under = str(person.messages[-1].id)
    assert intake.committed[1].event == Pressed(id="ja", prompt="t1", under=under)


async def test_a_group_is_left(api: BotApi, telegram: Telegram, intake: Intake) -> None:
    group = api.world.chat(-500)
    group.type = "supergroup"
    added = {"chat": group.json(), "new_chat_member": {"status": "member"}}
    api.world.enqueue("my_chat_member", added, queue=1)
    async with polling(telegram, intake):
        await eventually(lambda: group.left)

    assert intake.committed == []
    assert api.world.of("sendMessage") == []


# ---- webhook --------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def webhook(telegram: Telegram, intake: Intake) -> AsyncIterator[str]:
    site = Starlette(routes=[*telegram.routes(intake.receive)])
    async with Serving(telegram.first(site, intake.receive)) as serving:
        await telegram.announce(serving.url)
        yield serving.url


async def test_a_webhook_brings_what_is_said(
    api: BotApi, telegram: Telegram, intake: Intake
) -> None:
    person = api.person()
    async with webhook(telegram, intake):
        await person.says("een")
        await person.says("twee")
        await eventually(lambda: intake.texts == ["een", "twee"])
        await eventually(lambda: not api.world.waiting)

    assert api.world.webhook_errors == 0


async def test_a_webhook_is_answered_only_after_the_commit(
    api: BotApi, telegram: Telegram, intake: Intake
) -> None:
    api.world.speed = 200.0
    intake.failures = ["een", "een"]
    person = api.person()
    async with webhook(telegram, intake):
        await person.says("een")
        await person.says("twee")
        await eventually(lambda: not api.world.waiting)

    assert intake.texts == ["een", "twee"]
    assert api.world.webhook_errors == 2


async def test_a_press_is_confirmed_in_the_answer_once_it_is_committed(
    api: BotApi, telegram: Telegram, intake: Intake
) -> None:
    """Without a call of its own; not when Telegram is to bring the press again."""
    person = {"id": 7, "is_bot": False, "first_name": "P"}
    place = {"message_id": 5, "date": 1, "chat": {"id": 7, "type": "private"}}
    press = {"id": "77", "from": person, "data": "t1:ja", "message": place}
    headers = {arrivals.SECRET_HEADER: telegram._secret}
    intake.failures = [""]
    async with webhook(telegram, intake) as url, httpx.AsyncClient(trust_env=False) as client:
        update = {"update_id": 1, "callback_query": press}
        one, two = [
            await client.post(url + telegram._path, json=update, headers=headers) for _ in range(2)
        ]

    assert (one.status_code, one.text) == (503, "")
    assert two.json() == {"method": "answerCallbackQuery", "callback_query_id": "77"}
    assert not api.world.of("answerCallbackQuery")


async def test_telegram_hears_of_a_press_that_came_by_webhook(
    api: BotApi, telegram: Telegram, intake: Intake
) -> None:
    person = api.person()
    await person.says("hoi")
    async with webhook(telegram, intake):
        await eventually(lambda: intake.texts == ["hoi"])
        await telegram.send(Delivery(id="1", chat=str(person.id), message=ASK))
        await person.presses("Ja")
        await eventually(lambda: len(api.world.confirmed) == 1)

    assert not api.world.of("answerCallbackQuery"), "no call was needed"


async def test_who_does_not_know_the_secret_finds_nothing(
    telegram: Telegram, intake: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path, secret = telegram._path, telegram._secret
    update = {"update_id": 1, "message": {"text": "vals"}}
    async with webhook(telegram, intake) as url, httpx.AsyncClient(trust_env=False) as client:
        caplog.clear()
        name = arrivals.SECRET_HEADER
        answers = [
            await client.post(url + "/elders", json=update),
            await client.post(url + path, json=update),
            await client.post(url + path, json=update, headers={name: secret[:-1]}),
            await client.post(url + path, json=update, headers={name: "nee"}),
            await client.post(url + path, content=b"x" * 3_000_000),
            await client.get(url + path),
            await client.get(url + path, headers={name: secret}),
        ]

    assert {(a.status_code, a.text) for a in answers} == {(404, "Not Found")}
    assert intake.committed == []
    assert [r for r in caplog.records if r.name.startswith("intakebot")] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 200),
        (b"{", 200),
        (b"[" * 100_000, 200),
        (b"\xff\xfe", 200),
        (b"[]", 200),
        (b'{"update_id": 1, "message": 3}', 200),
        (b'{"update_id": 1' + b" " * arrivals.BODY_BYTES_MAX, 413),
    ],
    ids=lambda value: value[:30].decode("latin-1") if isinstance(value, bytes) else None,
)
async def test_a_body_that_is_no_update_is_not_brought_again(
    api: BotApi, telegram: Telegram, intake: Intake, body: bytes, code: int
) -> None:
    headers = {arrivals.SECRET_HEADER: telegram._secret}
    async with webhook(telegram, intake) as url, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(url + telegram._path, content=body, headers=headers)

    assert answer.status_code == code
    assert api.world.of("sendMessage") == []


async def test_a_wrong_address_is_said_to_the_operator(telegram: Telegram) -> None:
    with pytest.raises(WrongTelegramError, match="INTAKEBOT_PUBLIC_URL"):
        await telegram.announce("http://intake.example")


async def test_a_wrong_token_is_said_to_the_operator(api: BotApi) -> None:
    wrong = Telegram("1:no", api=api.url, scope="full", now=lambda: NOW, chance=lambda: 0.0)
    with pytest.raises(WrongTelegramError, match="INTAKEBOT_TELEGRAM_TOKEN") as raised:
        await wrong.check()
    await wrong.close()

    assert "1:no" not in str(raised.value)


async def test_an_unreachable_telegram_does_not_stop_the_start() -> None:
    alone = Telegram(
        TOKEN, api="http://127.0.0.1:9", scope="full", now=lambda: NOW, chance=lambda: 0.0
    )

    assert await alone.check() is False
    await alone.close()


# ---- sending --------------------------------------------------------------------------------------

Sends = Callable[..., Awaitable[Outcome]]


@pytest.fixture
async def person_id(api: BotApi) -> str:
    person = api.person()
    await person.says("hoi")
    api.world.waiting.clear()
    return str(person.id)


async def test_a_message_is_sent_as_it_is(api: BotApi, telegram: Telegram, person_id: str) -> None:
    text = "Bel <b>*Sara*</b> op https://example.nl"
    outcome = await telegram.send(Delivery(id="1", chat=person_id, message=ASK.replace(text=text)))
    shown = api.world.chat(int(person_id)).shown[-1]
    asked = api.world.of("sendMessage")[-1].parameters

    assert outcome == Delivered(ref=str(shown.id))
    assert (shown.text, shown.labels) == (text, ["Ja", "Nee"])
    assert "parse_mode" not in asked
    assert json.loads(asked["link_preview_options"]) == {"is_disabled": True}


@pytest.mark.parametrize(
    ("injected", "outcome"),
    [
        (1000 + 2000, Busy(seconds=2.0)),
        (1000 + 30_000, Busy(seconds=30.0, everyone=True)),
        (500, Unsure()),
        ("lost", Unsure()),
        (400, Refused()),
        (403, Unreachable()),
        (401, Busy(seconds=60, everyone=True)),
    ],
)
async def test_each_fault_has_its_outcome(
    api: BotApi,
    telegram: Telegram,
    person_id: str,
    injected: str | int,
    outcome: Outcome,
) -> None:
    api.world.inject = lambda _method, _asked: injected

    assert await telegram.send(Delivery(id="1", chat=person_id, message=ASK)) == outcome


async def test_strangers_and_blockers_are_unreachable(
    api: BotApi, telegram: Telegram, person_id: str
) -> None:
    assert await telegram.send(Delivery(id="1", chat="31337", message=ASK)) == Unreachable()
    api.world.chat(int(person_id)).blocked = True

    assert await telegram.send(Delivery(id="2", chat=person_id, message=ASK)) == Unreachable()


async def test_a_long_text_is_sent_in_pieces_and_goes_on_where_it_broke_off(
    api: BotApi, telegram: Telegram, person_id: str
) -> None:
    long = "\n\n".join(f"{n}. " + "woord " * 500 for n in range(4))
    delivery = Delivery(id="1", chat=person_id, message=ASK.replace(text=long))
    faults: list[str | int | None] = [None, 500]
    api.world.inject = lambda _method, _asked: faults.pop(0) if faults else None

    assert await telegram.send(delivery) == Unsure()
    assert isinstance(await telegram.send(delivery), Delivered)

    shown = [s for s in api.world.chat(int(person_id)).shown if s.is_from_bot]
    assert "".join(" ".join(s.text for s in shown).split()) == "".join(long.split())
    assert [bool(s.rows) for s in shown] == [False] * (len(shown) - 1) + [True]
    assert telegram._sending._begun == {}


async def test_the_plain_message_has_no_buttons(
    api: BotApi, telegram: Telegram, person_id: str
) -> None:
    await telegram.send(Delivery(id="1", chat=person_id, message=ASK, plain=True))
    shown = api.world.chat(int(person_id)).shown[-1]

    assert (shown.text, shown.rows) == ("Klopt dit?\n\n– Ja\n– Nee", [])


TICKS = Message(
    text="Wat speelt er?",
    tongue=NL,
    buttons=(Button(id="financien", label="Geld"),),
    expects=Expects.CHOICES,
    prompt="t2",
)
TICKED = TICKS.replace(amends=True, buttons=(Button(id="financien", label="Geld", proposed=True),))


async def test_a_tick_changes_the_buttons_on_screen_and_twice_changes_nothing(
    api: BotApi, telegram: Telegram, person_id: str
) -> None:
    sent = await telegram.send(Delivery(id="1", chat=person_id, message=TICKS))
    assert isinstance(sent, Delivered)
    amendment = Delivery(id="2", chat=person_id, message=TICKED.replace(under=sent.ref))

    assert await telegram.send(amendment) == sent
    assert await telegram.send(amendment) == sent
    assert api.world.chat(int(person_id)).shown[-1].labels == ["☑ Geld"]
    assert len(api.world.of("sendMessage")) == 1


async def test_the_buttons_that_change_are_those_that_were_pressed(
    api: BotApi, telegram: Telegram, intake: Intake
) -> None:
    person = api.person()
    await person.says("hoi")
    async with polling(telegram, intake):
        await eventually(lambda: intake.texts == ["hoi"])
        await telegram.send(Delivery(id="1", chat=str(person.id), message=TICKS))
        reminder = Message(text="Wilt u verder gaan?", tongue=NL)
        await telegram.send(Delivery(id="2", chat=str(person.id), message=reminder))
        await person.presses("Geld")
        await eventually(lambda: len(intake.committed) == 2)
        pressed = intake.committed[1].event
        assert isinstance(pressed, Marked)
        ticked = TICKED.replace(under=pressed.under)
        await telegram.send(Delivery(id="3", chat=str(person.id), message=ticked))

    under = str(person.messages[0].id)
    assert pressed == Marked(id="financien", on=True, prompt="t2", under=under)
    assert [shown.labels for shown in person.messages] == [["☑ Geld"], []]


async def test_buttons_that_are_gone_are_sent_anew(
    api: BotApi, telegram: Telegram, person_id: str
) -> None:
    for under in ("31337", None):
        delivery = Delivery(id="2", chat=person_id, message=TICKED.replace(under=under))
        assert isinstance(await telegram.send(delivery), Delivered)

    assert [call.code for call in api.world.of("sendMessage")] == [200, 200]


@pytest.mark.parametrize("scope", ["short", "front-door"])
async def test_what_is_private_stays_out_of_telegram(
    api: BotApi, telegram: Telegram, person_id: str, scope: str
) -> None:
    telegram._sending._scope = scope  # type: ignore[assignment]  # the rows above are scopes
    message = ASK.replace(private=True)

    assert await telegram.send(Delivery(id="1", chat=person_id, message=message)) == (Withheld())
    assert api.world.of("sendMessage") == []


# ---- files ----------------------------------------------------------------------------------------


async def test_an_attachment_is_fetched(api: BotApi, telegram: Telegram) -> None:
    api.world.files = {"F1": b"OggS" * 1000, "F2": b"x" * (ATTACHMENT_BYTES_MAX + 1)}

    assert await telegram.fetch("F1") == Fetched(content=b"OggS" * 1000)
    assert await telegram.fetch("F2") == TooBig()
    assert await telegram.fetch("F3") == Lost()
    api.world.inject = lambda _method, _asked: 500
    assert await telegram.fetch("F1") == Unsure()
    api.world.inject = lambda _method, _asked: 1000 + 3000
    assert await telegram.fetch("F1") == Busy(seconds=3.0, everyone=True)


# ---- what must not be logged ------------------------------------------------------------------------


async def test_no_log_line_holds_the_token_or_what_was_said(
    api: BotApi,
    fast: Telegram,
    intake: Intake,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    canary = "kanarie-over-schulden"
    logging.getLogger().setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    person = api.person()
    intake.failures = [canary]
    codes: list[str | int | None] = [None, 500, 401, 409, 400, 403, "lost", 1001]
    async with polling(fast, intake):
        await person.says(canary)
        await eventually(lambda: intake.texts == [canary])
        api.world.inject = lambda _method, _: codes.pop(0) if codes else None
        while codes:
            message = ASK.replace(text=canary)
            await fast.send(Delivery(id="1", chat=str(person.id), message=message))
        await fast.fetch(canary)
        await fast.check()

    out = capsys.readouterr()
    # The Bot API server of the tests runs in this process too; what it logs is not ours.
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith("uvicorn")]
    logged = "\n".join([*ours, out.out, out.err])
    assert "update-not-committed" in logged
    assert TOKEN.partition(":")[2] not in logged
    assert canary not in logged


async def test_a_broken_answer_of_telegram_is_not_logged(
    telegram: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    """The library writes the whole of an answer that it cannot read; it may hold a story."""
    with pytest.raises(Exception, match="no JSON object"):
        telegram._requests[1].parse_json_payload(b'{"text": "kanarie')

    assert "kanarie" not in caplog.text
