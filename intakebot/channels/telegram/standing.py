"""How the bot stands at Telegram: for the operator who asks what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from telegram import Bot
from telegram.error import InvalidToken, TelegramError


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What `getWebhookInfo` says, without the address of the webhook, which is a secret."""

    reached: Literal["yes", "no", "refused"]
    hook: Literal["none", "ours", "strange"] = "none"
    pending: int = 0  # updates that Telegram keeps for us
    error: str = ""  # the last time that it could not bring one
    error_at: datetime | None = None
    missing: tuple[str, ...] = ()  # kinds of updates that we want and are not brought


async def ask(api: Bot, *, ours: str, kinds: Sequence[str]) -> Standing:
    """Ask Telegram. *ours*: the address of our webhook; *kinds*: the updates that we want."""
    try:
        found = await api.get_webhook_info()
    except InvalidToken:
        return Standing(reached="refused")
    except TelegramError as error:
        return Standing(reached="no", error=type(error).__name__)
    brought = found.allowed_updates or ()
    return Standing(
        reached="yes",
        hook="none" if not found.url else "ours" if found.url == ours else "strange",
        pending=found.pending_update_count,
        error=found.last_error_message or "",
        error_at=found.last_error_date,
        missing=tuple(kind for kind in kinds if kind not in brought) if brought else (),
    )
