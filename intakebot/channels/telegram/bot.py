"""One bot at one Bot API server: its beginning and end, and its updates in.

`app.py` makes one `Telegram(token, api=…, scope=…, now=…, chance=…)`; then

    await telegram.check()             `WrongTelegramError` when the token is refused
    await telegram.poll(receive, open) mode polling: for ever, until it is cancelled
    telegram.routes(receive)           mode webhook: the routes for the one web server …
    await telegram.announce(url)       … tells Telegram where they are …
    await telegram.watch(url, open)    … and asks, for ever, whether it can bring them
    await telegram.send(delivery)      for the outbox: `Outcome`, never an exception of Telegram
    await telegram.fetch(source)       for the outbox: `FetchOutcome`, the bytes of one attachment
    await telegram.close()

`receive(incoming)` returns once the update is committed. Only then is it acknowledged: the offset
moves, or 200 is answered. When it raises, Telegram brings the update again. `open(at)` is told
each time that people could be heard at that moment.

The library is the API client; its updater, which acknowledges before anything is stored, is not
used, and its parser never sees an update. Loggers below this room stay at WARNING, because at
INFO they write the token.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import structlog
from starlette.routing import Route
from starlette.types import ASGIApp
from telegram import Bot
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, TelegramError

from intakebot.channels.telegram import standing, updates
from intakebot.channels.telegram.arrivals import Arrivals, Receive
from intakebot.channels.telegram.sending import Scope, Sending
from intakebot.channels.telegram.updates import Decoded
from intakebot.channels.telegram.wire import Wire, hush
from intakebot.core.talking.delivery import Delivery, FetchOutcome, Outcome
from intakebot.settings import SettingsProblem

Chance = Callable[[], float]  # a number from 0 up to 1
Sleep = Callable[[float], Awaitable[None]]
Opened = Callable[[datetime], Awaitable[None]]

CLOUD = "https://api.telegram.org"
# How long Telegram may hold a question for updates, and how long we then still wait.
POLL_S, POLL_MARGIN_S = 30, 10
BACKOFF_S_MAX = 60
# As many as the outbox sends and fetches at once, and answers to presses besides.
SENT_AT_ONCE_MAX = 320
CONFLICT_S = 15
WEBHOOK_CONNECTIONS_MAX = 40
# Twice in the time after which we ask again.
WATCH_S = 30

log = structlog.get_logger(__name__)


async def _told_nobody(_at: datetime) -> None:
    """Nobody wants to know since when people can be heard."""


class WrongTelegramError(SettingsProblem):
    """A setting that Telegram does not accept; one sentence for the operator."""


class Telegram:
    """One bot at one Bot API server."""

    def __init__(
        self,
        token: str,
        *,
        scope: Scope,
        now: Callable[[], datetime],
        chance: Chance,
        api: str | None = None,
        sleep: Sleep = asyncio.sleep,
        poll_s: int = POLL_S,
    ) -> None:
        hush()
        self.bot = token.partition(":")[0]  # the bot's id: the part of its key in the store
        self._arrivals = Arrivals(bot=self.bot, now=now, confirm=self._confirm)
        self._now = now
        self._chance = chance
        self._sleep = sleep
        self._poll_s = poll_s
        server = (api or CLOUD).rstrip("/")
        self._updates_url = f"{server}/bot{token}/getUpdates"
        self._requests = (Wire(2), Wire(SENT_AT_ONCE_MAX))
        self._api = Bot(
            token,
            base_url=f"{server}/bot",
            base_file_url=f"{server}/file/bot",
            get_updates_request=self._requests[0],
            request=self._requests[1],
        )
        self._sending = Sending(self._api, self._requests[1], scope=scope)
        self._path = f"/telegram/{_derived(token, 'path')}"
        self._secret = _derived(token, "secret")
        self._loose: set[asyncio.Task[None]] = set()

    # ---- beginning and end ----------------------------------------------------------------------

    async def check(self) -> bool:
        """Whether Telegram knows us; False when it cannot be reached now."""
        try:
            await self._api.get_me()
        except InvalidToken:
            raise WrongTelegramError(
                "INTAKEBOT_TELEGRAM_TOKEN is refused by Telegram. Ask @BotFather for the token of"
                " your bot and set it again."
            ) from None
        except TelegramError as error:
            log.warning("telegram-unreachable", error=type(error).__name__)
            return False
        return True

    async def standing(self, public_url: str) -> standing.Standing:
        """How we stand at Telegram, for `doctor`; what goes wrong is in it."""
        ours = public_url.rstrip("/") + self._path
        return await standing.ask(self._api, ours=ours, kinds=updates.KINDS)

    async def announce(self, public_url: str) -> None:
        """Tell Telegram to bring updates here; goes on trying until Telegram heard it."""

        async def tell() -> None:
            await self._api.set_webhook(
                url=public_url.rstrip("/") + self._path,
                secret_token=self._secret,
                allowed_updates=updates.KINDS,
                max_connections=WEBHOOK_CONNECTIONS_MAX,
            )

        try:
            await self._until_done(tell)
        except BadRequest as error:
            raise WrongTelegramError(
                f"INTAKEBOT_PUBLIC_URL is refused by Telegram ({error.message}). A webhook needs"
                " an https address that the internet can reach; else set"
                " INTAKEBOT_TELEGRAM_MODE=polling."
            ) from None

    async def close(self) -> None:
        """Finish what was begun and close the connections."""
        if self._loose:
            await asyncio.wait(self._loose, timeout=2)
        for request in self._requests:
            await request.shutdown()

    async def _until_done(self, call: Callable[[], Awaitable[object]]) -> None:
        failures = 0
        while True:
            try:
                await call()
            except BadRequest:
                raise
            except TelegramError as error:
                log.warning("telegram-unreachable", error=type(error).__name__)
                await self._sleep(self._backoff_s(failures))
                failures += 1
            else:
                return

    def _backoff_s(self, failures: int) -> float:
        return float(min(BACKOFF_S_MAX, 2 ** min(failures, 10)) * (0.5 + self._chance() / 2))

    # ---- updates in -----------------------------------------------------------------------------

    async def poll(self, receive: Receive, opened: Opened = _told_nobody) -> None:
        """Ask for updates for ever. The offset moves past an update once it is committed."""
        await self._until_done(self._api.delete_webhook)
        offset, failures = 0, 0
        while True:
            asked_at = self._now()
            try:
                batch = await self._ask(offset)
            except Conflict:
                log.warning("telegram-asked-by-another-program", remedy="one program a token")
                await self._sleep(CONFLICT_S)
                continue
            except TelegramError as error:
                log.warning("telegram-unreachable", error=type(error).__name__)
                await self._sleep(self._backoff_s(failures))
                failures += 1
                continue
            offset, complete = await self._arrivals.take_all(batch, receive)
            failures = 0 if complete else failures + 1
            if complete:
                await opened(asked_at)
            else:
                await self._sleep(self._backoff_s(failures))

    async def watch(self, public_url: str, opened: Opened) -> None:
        """Ask for ever whether Telegram can bring updates to the webhook here."""
        seen: object = None
        while True:
            at = self._now()
            try:
                info = await self._api.get_webhook_info()
            except TelegramError as error:
                log.warning("telegram-unreachable", error=type(error).__name__)
            else:
                # A fault since the last look, and something that still waits: it is not over.
                failing = info.last_error_date != seen and info.pending_update_count > 0
                seen = info.last_error_date
                if info.url != public_url.rstrip("/") + self._path:
                    log.error("telegram-brings-updates-elsewhere", remedy="one program a token")
                elif failing:
                    log.warning("telegram-cannot-bring-updates", waiting=info.pending_update_count)
                else:
                    await opened(at)
            await self._sleep(WATCH_S)

    async def _ask(self, offset: int) -> list[Decoded]:
        """The next updates. What Telegram answers is read here and not by the library."""
        asked = {
            "timeout": self._poll_s,
            "limit": 100,
            "allowed_updates": json.dumps(updates.KINDS),
            **({"offset": offset} if offset else {}),
        }
        body = await self._requests[0].retrieve(
            f"{self._updates_url}?{urlencode(asked)}", read_timeout=self._poll_s + POLL_MARGIN_S
        )
        result = Wire.parse_json_payload(body).get("result")
        if not isinstance(result, list):
            raise NetworkError("An answer without a list of updates.")
        decoded = (self._arrivals.decoded(raw) for raw in result)
        return [update for update in decoded if update is not None]

    def _confirm(self, update: Decoded) -> None:
        """Stop the button's clock; leave the group. Both are harmless to lose."""
        if update.callback is not None:
            told = {"callback_query_id": update.callback}
            self._do_later(self._sending.call("answerCallbackQuery", **told))
        if update.leave is not None:
            self._do_later(self._api.leave_chat(int(update.leave)))

    def _do_later(self, call: Coroutine[Any, Any, object]) -> None:
        async def do() -> None:
            try:
                await call
            except TelegramError as error:
                log.info("telegram-did-not-want-it", error=type(error).__name__)

        task = asyncio.create_task(do())
        self._loose.add(task)
        task.add_done_callback(self._loose.discard)

    def routes(self, receive: Receive) -> list[Route]:
        """The webhook, at a path that cannot be guessed."""
        return [self._arrivals.route(receive, path=self._path, secret=self._secret)]

    def first(self, site: ASGIApp, receive: Receive) -> ASGIApp:
        """The site, with the webhook before it; the routes stay in the site."""
        return self._arrivals.first(site, receive, path=self._path, secret=self._secret)

    # ---- messages out ---------------------------------------------------------------------------

    async def send(self, delivery: Delivery) -> Outcome:
        """Send one message, or change the buttons of one. What went wrong is in the outcome."""
        return await self._sending.send(delivery)

    async def fetch(self, source: str) -> FetchOutcome:
        """The bytes of one attachment. Held in memory: they are encrypted before any disk."""
        return await self._sending.fetch(source)


def _derived(token: str, purpose: str) -> str:
    """Path and secret of the webhook: the same after a restart, unguessable without the token."""
    return hmac.new(token.encode(), f"intakebot/{purpose}".encode(), hashlib.sha256).hexdigest()
