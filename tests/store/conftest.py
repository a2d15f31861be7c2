import random
import shutil
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from intakebot.store import ring, schema
from intakebot.store.database import Database
from intakebot.store.postgres import open_postgres
from intakebot.store.sqlite import Sqlite, open_sqlite
from intakebot.store.vault import Vault
from tests.store.faults import Faults


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that was brought up to date once, to be copied."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    schema.migrate(path)
    return path


@pytest.fixture
def path(tmp_path: Path, empty_database: Path) -> Path:
    return Path(shutil.copy(empty_database, tmp_path / "intakebot.db"))


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
async def sqlite(path: Path, faults: Faults) -> AsyncIterator[Sqlite]:
    """An SQLite database, for what only SQLite does."""
    database = await open_sqlite(path, connect=faults.connect)
    yield database
    faults.disarm()
    await database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """An empty database: every test that asks for it holds on both."""
    if request.param == "sqlite":
        database: Database = await open_sqlite(request.getfixturevalue("path"))
    else:
        database = await open_postgres(request.getfixturevalue("postgres_address"))
    yield database
    await database.close()


@pytest.fixture
def vault() -> Vault:
    """A vault whose chance is the same in every run."""
    new_bytes = random.Random(7).randbytes  # noqa: S311 - the same chance in every run
    return Vault(ring.new_ring(new_bytes, date(2026, 11, 1)), new_bytes)
