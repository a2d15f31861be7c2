"""The PostgreSQL server: whether it keeps what it is given, and nobody listens on the way there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from intakebot.keeping.findings import Finding, counted, error, ok, some, warning
from intakebot.keeping.stored import unguarded
from intakebot.store.server import ServerHealth

# The oldest that the tests were run on (deploy/several-machines.md).
VERSION_MIN = 15
_NUMBERS = 10_000  # 150004: 15.4
# Leases and promises are counted in seconds, by the clock of each machine.
APART_MAX = timedelta(seconds=10)


def look(where: str, found: ServerHealth, now: datetime) -> Iterator[Finding]:
    """Everything that a server says of itself."""
    wrong = [*_errors(where, found), *_warnings(where, found, now)]
    yield from wrong
    if not wrong:
        what = f"PostgreSQL {found.version // _NUMBERS}: it waits for its disk, and knows a page"
        yield ok(where, f"{what} that its disk has spoiled.")


def _errors(where: str, found: ServerHealth) -> Iterator[Finding]:
    if found.version < VERSION_MIN * _NUMBERS:
        what = f"It is PostgreSQL {found.version // _NUMBERS}; {VERSION_MIN} or newer is needed."
        yield error(where, what, "Upgrade the server.")
    if found.reads_only:
        remedy = "Let INTAKEBOT_DATABASE name the server that writes."
        yield error(where, "It only reads, as a standby does.", remedy)
    if not found.durable:
        yield error(
            where,
            "It does not wait for its disk: a power cut may lose what was confirmed, or more.",
            "Set fsync and full_page_writes on in postgresql.conf, and start it again.",
        )
    if found.damaged:
        what = f"{counted(found.damaged, 'page')} did not fit their checksum."
        yield error(where, what, "Look at its disk; restore the newest backup elsewhere.")
    if found.broken:
        what = f"Not to be relied on: {some(found.broken)}."
        yield error(where, what, "REINDEX the index, or VALIDATE the constraint; then look again.")
    if not found.guarded:
        yield unguarded(where)


def _warnings(where: str, found: ServerHealth, now: datetime) -> Iterator[Finding]:
    if not found.checksums:
        what = "It keeps no checksums: a page that its disk spoils is not noticed."
        yield warning(where, what, "Stop the server once and run: pg_checksums --enable")
    if not found.private:
        what = "What is asked of it passes the network for everybody to read."
        yield warning(where, what, "Add ?sslmode=verify-full to INTAKEBOT_DATABASE.")
    apart = found.now - now
    if abs(apart) > APART_MAX:
        ahead = "ahead of" if apart > timedelta() else "behind"
        what = f"Its clock is {abs(apart).total_seconds():,.0f} s {ahead} this machine's."
        yield warning("clock", what, "Keep both right with NTP.")
