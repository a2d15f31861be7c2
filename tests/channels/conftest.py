"""A Bot API server, and a bot that talks to it over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from intakebot.channels.telegram.bot import Telegram
from tests.bot_api.server import BotApi

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


@pytest.fixture
async def telegram(api: BotApi) -> AsyncIterator[Telegram]:
    telegram = Telegram(
        api.token, api=api.url, scope="full", now=lambda: NOW, chance=lambda: 0.0, poll_s=1
    )
    yield telegram
    await telegram.close()
