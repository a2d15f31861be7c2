"""The same intake with aiogram: its state machine, kept in SQLite at every turn.

Run by tests/bench/race.py in an environment of its own, with the script as JSON:
`python -m tests.bench.peers.aiogram_bot SCRIPT STATE API PORT`. aiogram brings no storage for
SQLite; this one is as durable as ours: WAL, `synchronous = FULL`, one commit for each write.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

TOKEN = "42:bench-bench-bench-bench-bench-bench"
ASKING = "asking"


class SqliteStorage(BaseStorage):
    """State and answers of each chat, written before the next question is asked."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS chats (chat INTEGER PRIMARY KEY, state TEXT, data TEXT)"
        )

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        named = state.state if isinstance(state, State) else state
        self._connection.execute(
            "INSERT INTO chats (chat, state) VALUES (?, ?)"
            " ON CONFLICT (chat) DO UPDATE SET state = excluded.state",
            (key.chat_id, named),
        )

    async def get_state(self, key: StorageKey) -> str | None:
        return self._column(key, "state")

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        self._connection.execute(
            "INSERT INTO chats (chat, data) VALUES (?, ?)"
            " ON CONFLICT (chat) DO UPDATE SET data = excluded.data",
            (key.chat_id, json.dumps(dict(data))),
        )

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._column(key, "data") or "{}")
        return found

    async def close(self) -> None:
        self._connection.close()

    def _column(self, key: StorageKey, name: str) -> str | None:
        row = self._connection.execute(
            "SELECT state, data FROM chats WHERE chat = ?", (key.chat_id,)
        ).fetchone()
        found: str | None = row[("state", "data").index(name)] if row else None
        return found


def main(script: str, state: str, api: str, port: str) -> None:
    """Serve the webhook until it is stopped."""
    steps: list[dict[str, Any]] = json.loads(Path(script).read_text(encoding="utf-8"))
    session = AiohttpSession(api=TelegramAPIServer.from_base(api))
    bot = Bot(TOKEN, session=session)
    dispatcher = Dispatcher(storage=SqliteStorage(Path(state) / "state.sqlite"))

    async def answered(chat: int, said: str | None, context: FSMContext) -> None:
        data = await context.get_data()
        nth = data.get("nth", 0)
        answers = {**data.get("answers", {}), str(nth): said}
        following = nth + 1
        if following == len(steps):
            await context.set_state(None)
            await context.set_data({})
            told = "\n".join(f"{which}: {told}" for which, told in answers.items())
            await bot.send_message(chat, f"IB-0000\n{told}")
            return
        await context.set_data({"nth": following, "answers": answers})
        step = steps[following]
        keys = [
            [InlineKeyboardButton(text=label, callback_data=key)] for label, key in step["keys"]
        ]
        markup = InlineKeyboardMarkup(inline_keyboard=keys)
        await bot.send_message(chat, step["shown"], reply_markup=markup)

    @dispatcher.message(CommandStart())
    async def begun(message: Message, state: FSMContext) -> None:
        await state.set_state(ASKING)
        await state.set_data({})
        await answered(message.chat.id, message.text, state)

    @dispatcher.message()
    async def said(message: Message, state: FSMContext) -> None:
        await answered(message.chat.id, message.text, state)

    @dispatcher.callback_query()
    async def pressed(press: CallbackQuery, state: FSMContext) -> None:
        await press.answer()
        await answered(press.from_user.id, press.data, state)

    async def tell_where(bot: Bot) -> None:
        # As many connections as Telegram allows: each update holds one until it was handled.
        address = f"http://127.0.0.1:{port}/hook"
        await bot.set_webhook(address, secret_token="bench", max_connections=100)

    dispatcher.startup.register(tell_where)
    application = web.Application()
    # Answered after the update was handled; in the background it would lose more at a kill.
    place = SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token="bench")
    place.register(application, path="/hook")
    setup_application(application, dispatcher, bot=bot)
    web.run_app(application, host="127.0.0.1", port=int(port), print=None)


if __name__ == "__main__":
    main(*sys.argv[1:])
