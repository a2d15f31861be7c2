import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from intakebot.intake import Intake
from intakebot.store import schema
from intakebot.store.sqlite import Sqlite, open_sqlite
from tests.intake.house import Person, an_intake


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that was brought up to date once, to be copied."""
    path = tmp_path_factory.mktemp("intake") / "empty.db"
    schema.migrate(path)
    return path


@pytest.fixture
def path(tmp_path: Path, empty_database: Path) -> Path:
    return Path(shutil.copy(empty_database, tmp_path / "intakebot.db"))


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Sqlite]:
    database = await open_sqlite(path)
    yield database
    await database.close()


@pytest.fixture
def intake(database: Sqlite, tmp_path: Path) -> Intake:
    return an_intake(database, files=tmp_path / "attachments")


@pytest.fixture
def person(intake: Intake) -> Person:
    return Person(intake)
