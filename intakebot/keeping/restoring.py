"""The commands `restore` and `release`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from intakebot.house import new_bytes, now, open_store
from intakebot.keeping.backing import installation
from intakebot.keeping.findings import counted, some
from intakebot.keeping.progress import Bar
from intakebot.settings import POSTGRESQL, Settings
from intakebot.store import audit, health, outgoing
from intakebot.store import restoring as store
from intakebot.store.restoring import Backup
from intakebot.store.vault import Vault
from intakebot.store.work import Work


async def restore(known: Settings, source: Path, keys: Path | None, ledger: str | None) -> int:
    """Restore a backup into an empty place, and say what is different now."""
    place, at = installation(known), now()
    data = store.found_in(source, "data")
    beside = data.parent.with_name(f"{data.parent.name}-keys")
    backup = Backup(
        data=data, keys=store.found_in(keys or beside, "keys"), ledger=_ledger_in(ledger)
    )
    bar = Bar(sys.stderr, "restore", store.size_of(place, backup))
    try:
        done = await store.restore(place, backup, at=at, new_bytes=new_bytes, tell=bar.tell)
    finally:
        bar.end()
    made_at = done.made_at.isoformat(timespec="seconds")
    on_server = f" and at {place.where}" if known.on_postgresql else ""
    sys.stdout.write(
        f"{data}\n{backup.keys}\n"
        f"Restored in {known.state}{on_server}: {counted(done.sessions, 'session')},"
        f" {counted(done.attachments, 'attachment')}.\n"
        f"Erased again, because they were erased after the backup: {done.erased}.\n"
        f"Held back until you say what becomes of them: {counted(done.held, 'message')}."
        " Run: python -m intakebot release\n"
        f"What was said after {made_at} is gone. Telegram does not bring again what it brought"
        " before; which updates these were cannot be known.\n"
        "At the next start everybody who was answering then is asked the open question again."
        " All members must sign in again.\n"
    )
    if done.faults:
        sys.stdout.write(
            f"The chain of the audit did not hold when the backup was made: {some(done.faults)}."
            " Tell your privacy officer.\n"
        )
    if ledger is None:
        sys.stdout.write(
            "Who was erased after these keys were made is back. If the old database is still there,"
            " begin anew with --ledger; else look at what you were asked to erase since.\n"
        )
    return 0


async def release(known: Settings, what: Literal["send", "drop"] | None) -> int:
    """Say how many messages a restore holds back; send them, or drop them."""
    async with open_store(known) as (database, vault):
        held = await database.read(health.held)
        if held.count == 0 or held.first_at is None or held.last_at is None:
            sys.stdout.write("No message is held back.\n")
            return 0
        first, last = (it.isoformat(timespec="minutes") for it in (held.first_at, held.last_at))
        told = f"{counted(held.count, 'message')}, said from {first} to {last}"
        if what is None:
            sys.stdout.write(
                f"{told}, are held back.\n"
                "release --send sends them, release --drop drops them. Open questions are asked"
                " again anyhow; what members wrote is only in these.\n"
            )
            return 0
        await database.run(lambda: _release(vault, what))
    sys.stdout.write(f"{told}: {'to be sent' if what == 'send' else 'dropped'}.\n")
    return 0


def _release(vault: Vault, what: Literal["send", "drop"]) -> Work[None]:
    count = yield from outgoing.release(send=what == "send")
    yield from audit.append(
        vault,
        at=now(),
        actor="operator",
        action="release",
        session=None,
        detail=f"{what} {count}",
    )


def _ledger_in(named: str | None) -> Path | str | None:
    """The database of a state folder, the file itself, or the address of a server."""
    if named is None or urlsplit(named).scheme in POSTGRESQL:
        return named
    path = Path(named)
    return path / "intakebot.sqlite" if path.is_dir() else path
