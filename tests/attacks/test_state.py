"""Somebody who takes the state folder: the disk, the log of the database, the files."""

import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path

import httpx
import pytest

from intakebot import commands
from intakebot.clock import Clock
from intakebot.house import now
from intakebot.store import erasure
from tests.attacks.stage import Target, all_bytes, begin, reference_in, tell

STORY = "Ik heb schulden, zei marsupilami. Ik slaap slecht."
# What the shipped content does not say by itself.
CANARIES = ("marsupilami", "Papegaai", "87654321", "7101 AB", "7101AB")
SAID = {"postcode": "7101 AB", "noemen": "Papegaai", "nummer": "06 87654321"}


async def test_on_the_disk_nothing_of_a_person_can_be_read(
    here: Target, browser: httpx.AsyncClient, tmp_path: Path
) -> None:
    page = await tell(browser, STORY, **SAID)
    state = tmp_path / "state"
    found = all_bytes(state)
    secrets = (*CANARIES, browser.cookies["chat"])

    assert reference_in(page)
    assert "intakebot.sqlite-wal" in found
    assert [(name, it) for name, raw in found.items() for it in secrets if it.encode() in raw] == []
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE(here.house.settings.keys_path.stat().st_mode) == 0o400


@pytest.mark.parametrize("how", ["expired", "handed_over", "asked"])
async def test_however_it_was_erased_nothing_is_left_of_it(
    here: Target, browser: httpx.AsyncClient, tmp_path: Path, how: str
) -> None:
    await begin(browser)
    keys = wrapped_keys(here)
    if how == "expired":
        hour = count(0, 3600).__next__  # between two ticks
        clock = Clock(intake=here.house.intake, files=here.house.files, passed_s=hour)
        for hours in (0, 1):  # in its first hour it erases nothing
            await clock.tick(now() + timedelta(days=15, hours=hours))
    else:
        postcode = "3461 AB" if how == "handed_over" else "7101 AB"
        page = await tell(browser, STORY, **SAID | {"postcode": postcode})
        if how == "asked":
            reference = reference_in(page)
            await here.house.database.run(lambda: commands._forget(here.house, reference))
            await erasure.sweep(here.house.database, here.house.files, now())
    found = all_bytes(tmp_path / "state")

    assert len(keys) == 1
    assert not any(keys[0] in raw for raw in found.values())
    assert wrapped_keys(here) == []
    assert await erasure.orphans(here.house.database, here.house.files) == ()


def wrapped_keys(here: Target) -> list[bytes]:
    """The data keys in the database, as somebody with the key ring would use them."""
    with closing(sqlite3.connect(here.house.settings.database_path)) as looking:
        return [row[0] for row in looking.execute("SELECT wrapped FROM session_keys")]
