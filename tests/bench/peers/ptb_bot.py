"""The same intake as python-telegram-bot is usually used: ConversationHandler, PicklePersistence.

Run by tests/bench/race.py in an environment of its own, with the script as JSON:
`python -m tests.bench.peers.ptb_bot SCRIPT STATE API PORT`. Nothing of the stock settings is
changed: one update at a time, the state written to a file once a minute and at the end.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)

TOKEN = "42:bench-bench-bench-bench-bench-bench"
Context = ContextTypes.DEFAULT_TYPE


def main(script: str, state: str, api: str, port: str) -> None:
    """Serve the webhook until it is stopped."""
    steps: list[dict[str, Any]] = json.loads(Path(script).read_text(encoding="utf-8"))
    persistence: PicklePersistence[Any, Any, Any] = PicklePersistence(Path(state) / "state.pickle")
    builder = Application.builder().token(TOKEN).base_url(f"{api}/bot")
    application = builder.persistence(persistence).build()
    states = {
        nth: [
            CallbackQueryHandler(_Asking(steps, nth).answered),
            MessageHandler(filters.TEXT & ~filters.COMMAND, _Asking(steps, nth).answered),
        ]
        for nth in range(1, len(steps))
    }
    conversation = ConversationHandler(
        entry_points=[CommandHandler("start", _Asking(steps, 0).answered)],
        states=states,  # type: ignore[arg-type]  # their types are invariant
        fallbacks=[],
        name="intake",
        persistent=True,
    )
    application.add_handler(conversation)
    application.run_webhook(
        listen="127.0.0.1",
        port=int(port),
        url_path="hook",
        webhook_url=f"http://127.0.0.1:{port}/hook",
        secret_token="bench",
        max_connections=100,
    )


class _Asking:
    """One state: it takes the answer to its own question and puts the next one."""

    def __init__(self, steps: list[dict[str, Any]], nth: int) -> None:
        self._steps = steps
        self._nth = nth

    async def answered(self, update: Update, context: Context) -> int:
        """Keep the answer, ask the next question; the last one ends with a summary."""
        assert context.user_data is not None
        assert update.effective_chat is not None
        if update.callback_query is not None:
            await update.callback_query.answer()
            said = update.callback_query.data
        else:
            said = update.effective_message.text if update.effective_message else None
        if self._nth == 0:
            context.user_data["answers"] = {}
        context.user_data["answers"][self._nth] = said
        following = self._nth + 1
        if following == len(self._steps):
            told = "\n".join(f"{nth}: {told}" for nth, told in context.user_data["answers"].items())
            await context.bot.send_message(update.effective_chat.id, f"IB-0000\n{told}")
            return ConversationHandler.END
        step = self._steps[following]
        keys = [[InlineKeyboardButton(label, callback_data=key)] for label, key in step["keys"]]
        markup = InlineKeyboardMarkup(keys)
        await context.bot.send_message(update.effective_chat.id, step["shown"], reply_markup=markup)
        return following


if __name__ == "__main__":
    main(*sys.argv[1:])
