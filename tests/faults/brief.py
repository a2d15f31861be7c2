"""The program with leases of two seconds: after a short pause, others have what it was sending.

Started as `python -m tests.faults.brief serve`, for pauses that are longer than any lease.
"""

import sys
from datetime import timedelta

from intakebot import outbox
from intakebot.__main__ import main
from intakebot.store import presence

LEASE_S = 2.0

if __name__ == "__main__":
    outbox.LEASE = timedelta(seconds=LEASE_S)
    presence.BEAT_S = LEASE_S / 4
    presence.HUNG_S = LEASE_S
    sys.exit(main(sys.argv[1:]))
