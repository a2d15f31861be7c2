"""Webhooks as Telegram brings them: each queue in order, again until the answer is 2xx.

The schedule is the server's: the first retry at once, then after 2, 4, 8 … seconds, at most a
minute or two; `Retry-After` of an error is honoured, up to an hour.
"""

from __future__ import annotations

import asyncio
import contextlib
import json

import httpx

from tests.bot_api.methods import METHODS, Refusal
from tests.bot_api.world import Waiting, World

RETRY_S_MAX = 60.0
RETRY_AFTER_S_MAX = 3600.0
ANSWER_S_MAX = 60.0


class Bringing:
    """Brings the updates of a world to its webhook, while there is one."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._queues: dict[int, asyncio.Task[None]] = {}
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._task = asyncio.create_task(self._watch())

    async def end(self) -> None:
        for task in [*self._queues.values(), *([self._task] if self._task else [])]:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _watch(self) -> None:
        # Telegram keeps its connections, and opens as many as it was allowed.
        room = httpx.Limits(max_connections=None, max_keepalive_connections=40)
        async with httpx.AsyncClient(timeout=ANSWER_S_MAX, trust_env=False, limits=room) as client:
            while True:
                await asyncio.sleep(0.005)
                if self._world.webhook["url"]:
                    self._begin_to_bring(client)

    def _begin_to_bring(self, client: httpx.AsyncClient) -> None:
        """The head of each queue that nobody brings yet."""
        self._world.forget_expired()
        for update in list(self._world.waiting):
            running = self._queues.get(update.queue)
            if running is None or running.done():
                self._queues[update.queue] = asyncio.create_task(self._bring(client, update))

    async def _bring(self, client: httpx.AsyncClient, update: Waiting) -> None:
        """One update at the head of its queue, until it is taken, expired or confirmed."""
        failures = 0
        while update in self._world.waiting and self._world.webhook["url"]:
            wait_s = await self._try(client, update, failures)
            if wait_s is None:
                self._take(update)
                return
            failures += 1
            self._world.webhook_errors += 1
            await asyncio.sleep(wait_s / self._world.speed)

    async def _obey(self, answer: httpx.Response) -> None:
        """Do what the answer to an update asks for; nobody hears what came of it.

        Methods that ask for something, and those of the webhook itself, are left undone.
        """
        if not answer.headers.get("content-type", "").startswith("application/json"):
            return
        asked = answer.json()
        method = str(asked.pop("method", "")).lower()
        if method in METHODS and not method.startswith(("get", "setwebhook", "deletewebhook")):
            with contextlib.suppress(Refusal):
                await METHODS[method](self._world, asked)

    def _take(self, update: Waiting) -> None:
        self._world.taken[update.number] += 1
        with contextlib.suppress(ValueError):  # it expired on its way
            self._world.waiting.remove(update)
        if (later_s := self._world.once_more()) is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(later_s, lambda: self._world.waiting.append(update))

    async def _try(self, client: httpx.AsyncClient, update: Waiting, failures: int) -> float | None:
        """None when it was taken; else how long to wait, in seconds of the world."""
        usual = 0.0 if failures == 0 else min(RETRY_S_MAX, 2.0**failures)
        self._world.brought[update.number] += 1
        try:
            answer = await client.post(
                self._world.balance(self._world.webhook["url"]),
                content=json.dumps(update.json),
                headers={
                    "Content-Type": "application/json",
                    "X-Telegram-Bot-Api-Secret-Token": self._world.secret,
                },
            )
        except httpx.HTTPError:
            return usual
        if answer.is_success:
            await self._obey(answer)
            return None
        if "retry-after" in answer.headers:
            return min(RETRY_AFTER_S_MAX, float(answer.headers["retry-after"]))
        return usual
