"""Quarantine: an update that breaks us is counted, put aside, and can be taken in again.

What is kept is the update as it was decoded, its citizen service numbers masked, sealed with the
key ring for 14 days (`store/updates.py`). After `updates.ATTEMPTS_MAX` failures it counts as done,
so that its chat goes on. Once the program is mended, `replay` takes it in as if it came now.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from intakebot.core.events import Incoming
from intakebot.core.hearing.masking import mask
from intakebot.store import audit, updates
from intakebot.store.updates import Poison
from intakebot.store.vault import Vault
from intakebot.store.work import Chat, T, Work

# What people typed. The rest are numbers of the channel, which may look like a BSN.
TYPED = ("text", "caption", "number")


def kept(incoming: Incoming) -> bytes:
    """The update as it may be stored."""
    event = msgspec.to_builtins(incoming.event)
    masked = {
        name: mask(value).text if name in TYPED and isinstance(value, str) else value
        for name, value in event.items()
    }
    return msgspec.json.encode({**msgspec.to_builtins(incoming), "event": masked})


def count(vault: Vault, chat: Chat, incoming: Incoming) -> Work[bool]:
    """Count a failure on this update; True when the chat goes on without it from now on."""
    attempts = yield from updates.failed(
        vault, chat, incoming.update, kept(incoming), at=incoming.at
    )
    if attempts < updates.ATTEMPTS_MAX:
        return False
    yield from updates.is_new(chat, incoming.update, incoming.at)
    return attempts == updates.ATTEMPTS_MAX


def read(poison: Poison) -> Incoming | None:
    """The update as it came, or None: it was written by a release that we do not know."""
    try:
        return msgspec.json.decode(poison.raw, type=Incoming)
    except msgspec.DecodeError:
        return None


def replay(
    vault: Vault,
    poison: Poison,
    receive: Callable[[Incoming], Work[T]],
    *,
    at: datetime,
) -> Work[T | None]:
    """Take it in anew, in one transaction: what fails again stays put aside.

    None: it was taken in by another meanwhile, or cannot be read any more.
    """
    incoming = read(poison)
    if incoming is None:
        return None
    chat = vault.chat(incoming.channel, incoming.bot, incoming.chat)
    if not (yield from updates.take_back(chat, poison.update)):
        return None
    result = yield from receive(incoming.replace(update=f"replay-{poison.update}", at=at))
    yield from audit.append(
        vault, at=at, actor="operator", action="replay", session=None, detail=poison.update
    )
    return result
