"""Each test of the outbox has a world of its own."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import date

import pytest

from intakebot.store import ring
from intakebot.store.sqlite import MEMORY, open_sqlite
from intakebot.store.vault import Vault
from tests.outbox.house import (
    World,
)


@pytest.fixture
def vault() -> Vault:
    new_bytes = random.Random(7).randbytes  # noqa: S311 - the same chance in every run
    return Vault(ring.new_ring(new_bytes, date(2026, 11, 1)), new_bytes)


@pytest.fixture
async def world(vault: Vault) -> AsyncIterator[World]:
    database = await open_sqlite(MEMORY)
    yield World(database, vault)
    await database.close()
