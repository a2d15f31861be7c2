"""Works that count, for tests of how works are done."""

from collections.abc import Callable
from datetime import date

from intakebot.store import counters
from intakebot.store.database import Database
from intakebot.store.work import Work

DAY = date(2026, 11, 23)


def count(
    name: str, times: int = 1, *, then: BaseException | None = None
) -> Callable[[], Work[str]]:
    """A work that counts, and may fail when it has done so."""

    def work() -> Work[str]:
        for _ in range(times):
            yield from counters.add(DAY, None, name)
        if then is not None:
            raise then
        return name

    return work


async def numbers(database: Database) -> dict[str, int]:
    found = await database.read(lambda: counters.between(DAY, DAY))
    return {it.name: it.total for it in found}
