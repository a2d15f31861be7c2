"""The program with one fault: it acknowledges an update at once, and stores it a little later.

Started as `python -m tests.faults.hasty serve`, for the negative control of the kills.
"""

import asyncio
import sys

from intakebot.__main__ import main
from intakebot.channels.telegram.arrivals import Arrivals, Receive
from intakebot.channels.telegram.updates import Decoded

LATER_S = 0.3
_loose: set[asyncio.Task[None]] = set()


async def take(self: Arrivals, update: Decoded, receive: Receive) -> bool:
    """Say yes, and do it in a moment."""
    self.confirm(update)

    async def do() -> None:
        await asyncio.sleep(LATER_S)
        if update.incoming is not None:
            await receive(update.incoming)

    task = asyncio.create_task(do())
    _loose.add(task)
    task.add_done_callback(_loose.discard)
    return True


if __name__ == "__main__":
    Arrivals.take = take  # type: ignore[method-assign]  # this is the fault
    sys.exit(main())
