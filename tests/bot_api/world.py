"""What a Bot API server knows: one bot, its chats, and the updates that wait for it.

Rules are Telegram's, as core.telegram.org/bots/api and the server's source (tdlib/telegram-bot-api)
have them: an update waits until it is confirmed, at most 24 hours, a press 150 seconds; updates of
one queue go in order, different queues (messages, presses, memberships) side by side.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

MESSAGE_KEPT_S = 86_400
PRESS_KEPT_S = 150
BUTTONS_MAX = 100
BUTTON_BYTES_MAX = 64
TEXT_UNITS_MAX = 4096
FILE_BYTES_MAX = 20_000_000


@dataclass(kw_only=True)
class Waiting:
    """An update that is not confirmed yet."""

    json: Json
    queue: int
    expires_at: float

    @property
    def number(self) -> int:
        return int(self.json["update_id"])


@dataclass(kw_only=True)
class Shown:
    """A message on the person's screen."""

    id: int
    text: str
    rows: list[list[Json]]
    is_from_bot: bool

    @property
    def labels(self) -> list[str]:
        return [button["text"] for row in self.rows for button in row]

    def json(self, chat: Json, bot: Json) -> Json:
        markup = {"reply_markup": {"inline_keyboard": self.rows}} if self.rows else {}
        return {
            "message_id": self.id,
            "date": 1_700_000_000,
            "chat": chat,
            "from": bot,
            "text": self.text,
            **markup,
        }


@dataclass(kw_only=True)
class ChatState:
    """One private chat, or a group."""

    id: int
    type: str = "private"
    shown: list[Shown] = field(default_factory=list)
    begun: bool = False  # a bot may not write first
    blocked: bool = False
    left: bool = False

    def json(self) -> Json:
        return {"id": self.id, "type": self.type}


@dataclass(kw_only=True)
class Call:
    """A call that the bot made."""

    method: str
    parameters: Json
    code: int


Injection = Callable[[str, Json], str | int | None]


class World:
    """The state of the server. `speed`: how much faster than Telegram it tries a webhook again."""

    def __init__(self, token: str, *, speed: float = 1.0) -> None:
        self.token = token
        self.speed = speed
        self.passed_s = 0.0
        self.bot: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Intake",
            "username": "intake_bot",
        }
        self.chats: dict[int, ChatState] = {}
        self.waiting: deque[Waiting] = deque()
        self.arrived = asyncio.Event()
        self.shown = asyncio.Condition()
        self.numbers = itertools.count(700_000_001)
        self.message_ids = itertools.count(1)
        self.webhook: Json = {"url": ""}
        self.secret = ""
        self.webhook_errors = 0
        # By the number of an update: how often it was brought, and how often it was taken.
        self.brought: Counter[int] = Counter()
        self.taken: Counter[int] = Counter()
        # What stands before several processes: the address of one of them, for the webhook's.
        self.balance: Callable[[str], str] = lambda url: url
        # Whether what was taken comes once more: after so many seconds, or never.
        self.once_more: Callable[[], float | None] = lambda: None
        self.calls: list[Call] = []
        self.presses: dict[str, float] = {}
        self.confirmed: list[str] = []  # presses that were answered
        self.files: dict[str, bytes] = {}
        self.pollers = 0
        # (method, parameters) -> None: as usual; a number: this HTTP error, nothing done;
        # "lost": done, but the answer is a 502.
        self.inject: Injection = lambda _method, _parameters: None

    def now(self) -> float:
        """Seconds; `pass_time` puts it on."""
        return asyncio.get_running_loop().time() + self.passed_s

    def pass_time(self, seconds: float) -> None:
        """Let what waits grow older."""
        self.passed_s += seconds

    def chat(self, number: int) -> ChatState:
        return self.chats.setdefault(number, ChatState(id=number))

    def enqueue(self, kind: str, body: Json, *, queue: int, kept_s: float = MESSAGE_KEPT_S) -> int:
        """Put an update in line for the bot; gives its number."""
        number = next(self.numbers)
        self.waiting.append(
            Waiting(
                json={"update_id": number, kind: body},
                queue=queue,
                expires_at=self.now() + kept_s,
            )
        )
        self.arrived.set()
        return number

    def enqueue_raw(self, update: Json, queue: int = 0) -> None:
        """Put something in line that Telegram itself would never send."""
        self.waiting.append(
            Waiting(json=update, queue=queue, expires_at=self.now() + MESSAGE_KEPT_S)
        )
        self.arrived.set()

    def forget_expired(self) -> None:
        now = self.now()
        self.waiting = deque(update for update in self.waiting if update.expires_at > now)

    def confirm_before(self, offset: int) -> None:
        self.waiting = deque(update for update in self.waiting if update.number >= offset)

    def of(self, method: str) -> list[Call]:
        """The calls of one method, in order."""
        return [call for call in self.calls if call.method == method]

    async def show(self) -> None:
        async with self.shown:
            self.shown.notify_all()
