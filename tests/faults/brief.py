"""The program with leases of two seconds, and half a second of patience with a lock of SQLite.

Started as `python -m tests.faults.brief serve`, for short pauses that are longer than any of these.
"""

import sys
from datetime import timedelta

from intakebot import leasing
from intakebot.__main__ import main
from intakebot.store import presence, sqlite

LEASE_S, PATIENCE_MS = 2.0, 500

if __name__ == "__main__":
    leasing.LEASE = timedelta(seconds=LEASE_S)
    presence.BEAT_S = LEASE_S / 4
    presence.HUNG_S = LEASE_S
    presence.LATE_S = LEASE_S / 2
    sqlite.BUSY_TIMEOUT_MS = PATIENCE_MS
    sys.exit(main(sys.argv[1:]))
