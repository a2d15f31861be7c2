"""The methods of the Bot API that we use, with what Telegram refuses and how it says so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from tests.bot_api.world import (
    BUTTON_BYTES_MAX,
    BUTTONS_MAX,
    FILE_BYTES_MAX,
    PRESS_KEPT_S,
    TEXT_UNITS_MAX,
    ChatState,
    Json,
    Shown,
    World,
)


class Refusal(Exception):
    """An answer with `ok: false`."""

    def __init__(self, code: int, description: str, **parameters: object) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


async def get_me(world: World, _asked: Json) -> object:
    return world.bot


async def get_updates(world: World, asked: Json) -> object:
    """Long polling: an offset confirms all before it; a second poller ends the first one."""
    if world.webhook["url"]:
        raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
    world.pollers += 1
    mine = world.pollers
    world.arrived.set()  # wakes the poller that was first, which then sees the conflict
    if offset := int(asked.get("offset", 0)):
        world.confirm_before(offset)
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + float(asked.get("timeout", 0))
    while True:
        world.forget_expired()
        if world.waiting:
            return [update.json for update in world.waiting][: int(asked.get("limit", 100))]
        if loop.time() >= ends_at:
            return []
        world.arrived.clear()
        try:
            async with asyncio.timeout(ends_at - loop.time()):
                await world.arrived.wait()
        except TimeoutError:
            return []
        if world.pollers != mine:
            raise Refusal(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot"
                " instance is running",
            )


async def set_webhook(world: World, asked: Json) -> object:
    url = str(asked.get("url", ""))
    if url and not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    world.webhook = {"url": url, "allowed_updates": _list(asked.get("allowed_updates"))}
    world.secret = str(asked.get("secret_token", ""))
    world.webhook_errors = 0
    world.arrived.set()
    return True


async def delete_webhook(world: World, asked: Json) -> object:
    world.webhook = {"url": ""}
    if asked.get("drop_pending_updates") in (True, "true", "True"):
        world.waiting.clear()
    return True


async def get_webhook_info(world: World, _asked: Json) -> object:
    return {
        **world.webhook,
        "has_custom_certificate": False,
        "pending_update_count": len(world.waiting),
        # In seconds, as Telegram has it; here each fault has a second of its own.
        **({"last_error_date": world.webhook_errors} if world.webhook_errors else {}),
    }


async def send_message(world: World, asked: Json) -> object:
    chat = _reachable(world, asked)
    text = str(asked.get("text", "")).strip()
    if not text:
        raise Refusal(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 > TEXT_UNITS_MAX:
        raise Refusal(400, "Bad Request: message is too long")
    shown = Shown(id=next(world.message_ids), text=text, rows=_keyboard(asked), is_from_bot=True)
    chat.shown.append(shown)
    await world.show()
    return shown.json(chat.json(), world.bot)


async def edit_message_reply_markup(world: World, asked: Json) -> object:
    chat = _reachable(world, asked)
    wanted = int(asked.get("message_id", 0))
    shown = next((one for one in chat.shown if one.id == wanted and one.is_from_bot), None)
    if shown is None:
        raise Refusal(400, "Bad Request: message to edit not found")
    rows = _keyboard(asked)
    if rows == shown.rows:
        raise Refusal(
            400,
            "Bad Request: message is not modified: specified new message content and reply markup"
            " are exactly the same as a current content and reply markup of the message",
        )
    shown.rows = rows
    await world.show()
    return shown.json(chat.json(), world.bot)


async def answer_callback_query(world: World, asked: Json) -> object:
    press = str(asked.get("callback_query_id", ""))
    if world.presses.get(press, 0) < world.now() - PRESS_KEPT_S:
        raise Refusal(
            400, "Bad Request: query is too old and response timeout expired or query ID is invalid"
        )
    world.confirmed.append(press)
    return True


async def leave_chat(world: World, asked: Json) -> object:
    chat = _known(world, asked)
    if chat.type == "private":
        raise Refusal(400, "Bad Request: chat not found")
    chat.left = True
    await world.show()
    return True


async def get_file(world: World, asked: Json) -> object:
    name = str(asked.get("file_id", ""))
    if name not in world.files:
        raise Refusal(400, "Bad Request: invalid file_id")
    size = len(world.files[name])
    if size > FILE_BYTES_MAX:
        raise Refusal(400, "Bad Request: file is too big")
    return {
        "file_id": name,
        "file_unique_id": f"u{name}",
        "file_size": size,
        "file_path": f"files/{name}",
    }


METHODS: dict[str, Callable[[World, Json], Awaitable[object]]] = {
    "getme": get_me,
    "getupdates": get_updates,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "sendmessage": send_message,
    "editmessagereplymarkup": edit_message_reply_markup,
    "answercallbackquery": answer_callback_query,
    "leavechat": leave_chat,
    "getfile": get_file,
}


def _known(world: World, asked: Json) -> ChatState:
    chat = world.chats.get(int(asked.get("chat_id", 0)))
    if chat is None:
        raise Refusal(400, "Bad Request: chat not found")
    return chat


def _reachable(world: World, asked: Json) -> ChatState:
    chat = _known(world, asked)
    if chat.blocked:
        raise Refusal(403, "Forbidden: bot was blocked by the user")
    if not chat.begun:
        raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
    return chat


def _keyboard(asked: Json) -> list[list[Json]]:
    """The rows of an inline keyboard."""
    markup = asked.get("reply_markup")
    if not markup:
        return []
    read = json.loads(markup) if isinstance(markup, str) else markup
    rows: list[list[Json]] = read.get("inline_keyboard", [])
    buttons = [button for row in rows for button in row]
    if len(buttons) > BUTTONS_MAX:
        raise Refusal(400, "Bad Request: reply markup is too long")
    for button in buttons:
        if not str(button.get("text", "")).strip():
            raise Refusal(400, "Bad Request: inline keyboard button text must be non-empty")
        if not 1 <= len(str(button.get("callback_data", "")).encode()) <= BUTTON_BYTES_MAX:
            raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
    return rows


def _list(value: str | None) -> list[str]:
    return list(json.loads(value)) if value else []
