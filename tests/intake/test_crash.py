"""`receive` dies after every statement in turn and the update comes again: the same end.

The whole conversation of `SCRIPT` is held once without a crash. Then each of its updates is
received with a database that breaks after the n-th statement, for every n until it breaks no
more; what the disk holds is opened anew, and the update is delivered again. What an inhabitant or
a member could notice must be the same as without the crash.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from intakebot.core.events import Event, Incoming, Pressed, Said, Sent
from intakebot.core.session import Attachment
from intakebot.store import audit
from intakebot.store.sqlite import open_sqlite
from tests.conversation import MONDAY
from tests.intake.house import Counting, Person, a_vault, an_intake
from tests.store.faults import Crash, Faults

VOICE = Attachment(id="v1", kind="voice", bytes=9_000, received_at=MONDAY, source="file-1")
SCRIPT: tuple[Event, ...] = (
    Said(text="hallo"),
    Pressed(id="nl"),
    Pressed(id="mij"),
    Said(text="Ik heb schulden, mijn bsn is 111222333.", ref="m4"),
    Sent(attachment=VOICE, ref="m5"),
    Said(text="bel mij"),
    Said(text="7101"),
    Said(text="Ada"),
    Said(text="0612345678"),
    Said(text="ja"),
    Said(text="Ik vergat nog iets."),
    Said(text="intrekken"),
    Said(text="ja"),
)


async def state(path: Path) -> dict[str, Any]:
    """Everything that an inhabitant or a member could notice."""
    database = await open_sqlite(path)
    try:
        vault = a_vault()
        person = Person(an_intake(database, vault=vault))
        stored = await person.stored()
        request = await person.request()
        lines = await person.lines()
        found = await database.run(lambda: audit.verify(vault))
        return {
            "session": stored.session if stored else None,
            "seq": stored.seq if stored else None,
            "request": msgspec.json.encode(request),
            "lines": [(line.dkey, line.author, line.message.text) for line in lines],
            "findings": found,
        }
    finally:
        await database.close()


async def received(path: Path, incoming: Incoming, faults: Faults) -> bool:
    """Receive this update on the database in that file; False: it died half-way."""
    database = await open_sqlite(path, connect=faults.connect)
    try:
        chance = Counting()
        chance.references = chance.sessions = int(incoming.update)
        intake = an_intake(database, vault=a_vault(), chance=chance)
        await intake.receive(incoming)
    except Crash:
        return False
    finally:
        faults.disarm()
        await database.close()
    return True


@pytest.mark.faults
@pytest.mark.parametrize("nth", range(len(SCRIPT)), ids=lambda nth: f"update{nth + 1}")
async def test_a_crash_after_any_statement_changes_nothing(
    nth: int, path: Path, tmp_path: Path
) -> None:
    script = [
        Person(None, at=MONDAY).incoming(event, str(number))  # type: ignore[arg-type]  # unused here
        for number, event in enumerate(SCRIPT, start=1)
    ]
    for incoming in script[:nth]:
        assert await received(path, incoming, Faults())
    whole = Path(shutil.copy(path, tmp_path / "whole.db"))
    assert await received(whole, script[nth], Faults())
    expected = await state(whole)

    crashes, died = 0, True
    while died:
        broken = Path(shutil.copy(path, tmp_path / "broken.db"))
        faults = Faults()
        faults.before = _arm_at_begin(faults, crashes)
        died = not await received(broken, script[nth], faults)
        assert await received(broken, script[nth], Faults())

        assert expected == await state(broken), f"after statement {crashes}"
        crashes += died
        _forget(broken)

    assert crashes >= 5


def _forget(database: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        Path(f"{database}{ending}").unlink(missing_ok=True)


def _arm_at_begin(faults: Faults, after: int) -> Any:  # noqa: ANN401 - a hook of the faults
    """Begin to count at the first transaction, not at the pragmas of opening."""
    begun = False

    def look(sql: str) -> None:
        nonlocal begun
        if sql.startswith("BEGIN IMMEDIATE") and not begun:
            begun = True
            faults.arm(after)

    return look
