"""A server whose database is current does without what brings a database up to date."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from intakebot.store import schema

OPENS = """
import asyncio, sys
import intakebot.__main__
from pathlib import Path
from intakebot.store.opening import open_up_to_date

async def opens():
    database = await open_up_to_date(Path(sys.argv[1]))
    await database.close()

asyncio.run(opens())
print(sorted({name.partition(".")[0] for name in sys.modules} & {"alembic", "sqlalchemy"}))
"""


@pytest.mark.parametrize(
    ("current", "expected"), [(True, "[]"), (False, "['alembic', 'sqlalchemy']")]
)
async def test_sqlalchemy_is_loaded_only_to_bring_a_database_up_to_date(
    tmp_path: Path, *, current: bool, expected: str
) -> None:
    path = tmp_path / "intakebot.db"
    if current:
        await asyncio.to_thread(schema.migrate, path)
    words = [sys.executable, "-c", OPENS, str(path)]
    done = await asyncio.to_thread(
        subprocess.run, words, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == expected
