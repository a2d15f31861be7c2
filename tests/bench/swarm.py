"""Many people in Telegram at once, and the Bot API server between them and one bot.

Lean on purpose, so that the bot is what is measured: HTTP read by hand, one answer for every call,
after as long as the server is told to take. An update is brought again until the answer is 2xx. A
turn lasts from the update until the next question (a message with keys, or the end) was shown.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]

TOKEN = "42:bench-bench-bench-bench-bench-bench"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
# As many connections as Telegram makes to a webhook whose bot asks for no other number.
CONNECTIONS = 40
RETRY_S = 0.05
ME = {"id": 42, "is_bot": True, "first_name": "Intake", "username": "intake_bot"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a person answers, and what is on screen before it."""

    shown: str  # the question; empty before the first word
    keys: tuple[tuple[str, str], ...]  # label, id
    says: str | None = None
    presses: str | None = None  # the id of a key


@dataclass(kw_only=True)
class Chat:
    """One person's screen."""

    number: int
    text: str = ""
    keys: dict[str, str] = field(default_factory=dict)  # id -> callback data
    labels: list[tuple[str, str]] = field(default_factory=list)  # label, id
    message: int = 0
    ready: asyncio.Event = field(default_factory=asyncio.Event)


class Swarm:
    """The Bot API server, and the people behind it."""

    def __init__(self, *, delay_s: float = 0.0, nth: int = 0) -> None:
        """*nth*: of those that one state met: each has people and updates of its own."""
        self.delay_s = delay_s
        self.chats: dict[int, Chat] = {}
        self.calls = 0
        self.webhook = ""
        self.secret = ""
        self.connections = CONNECTIONS
        self.stopped = False
        self.latencies_s: list[tuple[float, float]] = []  # when it ended, how long it took
        self._ids = itertools.count(1)
        self._updates = itertools.count(700_000_001 + nth * 10_000_000)
        self._chat_numbers = itertools.count(10_001 + nth * 10_000_000)
        self._free: asyncio.Queue[_Connection] = asyncio.Queue()
        self._connections: list[_Connection] = []
        self._server: asyncio.Server | None = None
        self.url = ""

    async def begin(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Answering(self), "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def webhook_set(self) -> None:
        """Wait until the bot has said where it wants its updates."""
        async with asyncio.timeout(60):
            while not self.webhook:  # noqa: ASYNC110 - the bot says so in another process
                await asyncio.sleep(0.02)
        for connection in self._connections:
            connection.close()
        parts = urlsplit(self.webhook)
        assert parts.hostname is not None
        self._connections = [
            _Connection(parts.hostname, parts.port or 80) for _ in range(self.connections)
        ]
        self._free = asyncio.Queue()
        for connection in self._connections:
            self._free.put_nowait(connection)

    async def end(self) -> None:
        self.stopped = True
        for connection in self._connections:
            connection.close()
        if self._server is not None:
            self._server.close()

    def someone(self) -> Chat:
        """Somebody new."""
        number = next(self._chat_numbers)
        chat = self.chats[number] = Chat(number=number)
        return chat

    async def turn(self, chat: Chat, step: Step) -> float:
        """One update and the next question; gives how long it took, in seconds."""
        began = time.perf_counter()
        chat.ready.clear()
        await self._bring(self._update(chat, step))
        await chat.ready.wait()
        took = time.perf_counter() - began
        self.latencies_s.append((began + took, took))
        return took

    def _update(self, chat: Chat, step: Step) -> bytes:
        sender = {"id": chat.number, "is_bot": False, "first_name": "Test", "language_code": "nl"}
        place = {"id": chat.number, "type": "private"}
        update: Json = {"update_id": next(self._updates)}
        if step.says is not None:
            update["message"] = {
                "message_id": next(self._ids),
                "date": int(time.time()),
                "chat": place,
                "from": sender,
                "text": step.says,
            }
            if step.says.startswith("/"):
                entity = {"type": "bot_command", "offset": 0, "length": len(step.says)}
                update["message"]["entities"] = [entity]
        else:
            update["callback_query"] = {
                "id": str(next(self._ids)),
                "from": sender,
                "chat_instance": "1",
                "message": {
                    "message_id": chat.message,
                    "date": int(time.time()),
                    "chat": place,
                    "from": ME,
                    "text": chat.text,
                },
                "data": chat.keys[step.presses or ""],
            }
        return json.dumps(update).encode()

    async def _bring(self, body: bytes) -> None:
        """Until it is taken, however often that takes."""
        while not self.stopped:
            connection = await self._free.get()
            try:
                code = await connection.post(urlsplit(self.webhook).path, self.secret, body)
            except (OSError, asyncio.IncompleteReadError):
                connection.close()
                code = 0
            finally:
                self._free.put_nowait(connection)
            if 200 <= code < 300:
                return
            await asyncio.sleep(RETRY_S)

    # ---- what the bot asks of the server --------------------------------------------------------

    def answer(self, method: str, asked: Json) -> Json:
        """Do what the bot asks; what it asks is always right here."""
        self.calls += 1
        match method.lower():
            case "getme":
                return ME
            case "setwebhook":
                self.webhook, self.secret = asked["url"], asked.get("secret_token", "")
                self.connections = int(asked.get("max_connections", CONNECTIONS))
            case "getwebhookinfo":
                return {
                    "url": self.webhook,
                    "has_custom_certificate": False,
                    "pending_update_count": 0,
                }
            case "sendmessage":
                return self._show(asked)
            case _:
                pass
        return True  # type: ignore[return-value]  # the Bot API answers true to most

    def _show(self, asked: Json) -> Json:
        number = int(asked["chat_id"])
        # Somebody who went, or whom an earlier swarm brought: it is sent, and nobody looks.
        chat = self.chats.get(number) or Chat(number=number)
        markup = asked.get("reply_markup")
        rows = (json.loads(markup) if isinstance(markup, str) else markup or {}).get(
            "inline_keyboard", []
        )
        chat.message, chat.text = next(self._ids), asked["text"]
        buttons = [button for row in rows for button in row]
        data = [(button["text"], button["callback_data"]) for button in buttons]
        chat.labels = [(label, value.rpartition(":")[2]) for label, value in data]
        chat.keys = {value.rpartition(":")[2]: value for _, value in data}
        if rows or "IB-" in chat.text:
            chat.ready.set()
        return {
            "message_id": chat.message,
            "date": int(time.time()),
            "chat": {"id": chat.number, "type": "private"},
            "text": chat.text,
        }


class _Answering(asyncio.Protocol):
    """One connection from the bot."""

    def __init__(self, swarm: Swarm) -> None:
        self._swarm = swarm
        self._got = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        for method, asked in self._asked():
            if self._swarm.delay_s:
                loop = asyncio.get_running_loop()
                loop.call_later(self._swarm.delay_s, self._answer, method, asked)
            else:
                self._answer(method, asked)

    def _asked(self) -> Iterator[tuple[str, Json]]:
        while (end := self._got.find(b"\r\n\r\n")) >= 0:
            head = self._got[:end].decode("latin-1").split("\r\n")
            fields = dict(line.lower().split(": ", 1) for line in head[1:])
            size = int(fields.get("content-length", "0"))
            if len(self._got) < end + 4 + size:
                return
            body = self._got[end + 4 : end + 4 + size]
            self._got = self._got[end + 4 + size :]
            path, _, query = head[0].split(" ")[1].partition("?")
            yield (
                path.rpartition("/")[2],
                _form(fields.get("content-type", ""), body) | _query(query),
            )

    def _answer(self, method: str, asked: Json) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        body = json.dumps({"ok": True, "result": self._swarm.answer(method, asked)}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        self._transport.write(head.encode() + b"\r\n\r\n" + body)


def _query(text: str) -> Json:
    return {name: values[-1] for name, values in parse_qs(text).items()}


def _form(kind: str, body: bytes) -> Json:
    """The fields of a form of either kind, or of JSON."""
    if kind.startswith("application/json"):
        read: Json = json.loads(body)
        return read
    if kind.startswith("multipart/"):
        mark = b"--" + kind.partition("boundary=")[2].strip('"').encode()
        found: Json = {}
        for part in body.split(mark.lower() if mark not in body else mark)[1:-1]:
            head, _, value = part.strip(b"\r\n").partition(b"\r\n\r\n")
            name = head.decode().partition('name="')[2].partition('"')[0]
            found[name] = value.decode()
        return found
    return _query(body.decode())


class _Connection:
    """One connection to the webhook, kept."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, secret: str, body: bytes) -> int:
        """The code of the answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
            f"Content-Type: application/json\r\n{SECRET_HEADER}: {secret}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        size = answer.partition("content-length: ")[2].partition("\r\n")[0]
        if "transfer-encoding: chunked" in answer:
            await reader.readuntil(b"0\r\n\r\n")
        elif size:
            await reader.readexactly(int(size))
        return int(answer.split(" ")[1])

    def close(self) -> None:
        if self._streams is not None:
            with contextlib.suppress(Exception):
                self._streams[1].close()
            self._streams = None


@dataclass(frozen=True, kw_only=True)
class Talked:
    """What came of letting people talk."""

    took_s: list[float]  # how long each turn took that ended in the time that counts
    turns: int  # with those before it


async def talk_for(
    swarm: Swarm,
    script: tuple[Step, ...],
    *,
    people: int,
    warm_s: float,
    seconds: float,
    rate: float | None = None,
    warmed: Callable[[], object] = lambda: None,
) -> Talked:
    """Let so many people talk, one dialogue after another; what ends after *warm_s* counts.

    They go on talking all the time: a bot that handles one update after another is asked about
    those that wait in its queue, not about people who came after them. *rate*: turns a second all
    together; without it each answers as soon as there is a question. *warmed* is called when
    counting begins.
    """
    clock = time.perf_counter
    began = clock()
    due = itertools.count()
    swarm.latencies_s = []

    async def talks() -> None:
        while True:
            chat = swarm.someone()
            for step in script:
                if rate is not None:
                    await asyncio.sleep(max(0.0, began + next(due) / rate - clock()))
                await swarm.turn(chat, step)
            del swarm.chats[chat.number]

    talking = [asyncio.create_task(talks()) for _ in range(people)]
    await asyncio.sleep(warm_s)
    warmed()
    counts_from = clock()
    await asyncio.sleep(counts_from + seconds - clock())
    ended = list(swarm.latencies_s)
    for task in talking:
        task.cancel()
    ends = await asyncio.gather(*talking, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end
    until = counts_from + seconds
    took_s = [took for at, took in ended if counts_from < at <= until]
    return Talked(took_s=took_s, turns=len(ended))
