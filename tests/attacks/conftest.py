"""What the attacks have in common: the whole program, to be attacked."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.attacks.stage import Target, target


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Target]:
    async with target(tmp_path) as found:
        yield found


@pytest.fixture
async def browser(here: Target) -> AsyncIterator[httpx.AsyncClient]:
    async with here.browser() as found:
        yield found
