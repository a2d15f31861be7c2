"""Revisions: one published, at most one draft, and what was published never changes."""

from datetime import date

import pytest
from msgspec.structs import replace

from intakebot.core.flow import Revision
from intakebot.store import counters, flows
from intakebot.store.database import Database
from intakebot.store.problems import Conflict
from intakebot.store.vault import Vault
from tests.store.builders import NOW


def a_revision(name: str, title: str = "Vertel het ons") -> Revision:
    return Revision(
        schema="intakebot-flow/1",
        id="integraal",
        revision=name,
        title=title,
        sections=(),
        urgency=(),
        clocks=(),
        types=(),
        routing=(),
        profiles=(),
        domains=(),
    )


async def states(database: Database) -> dict[str, str]:
    editions = await database.read(lambda: flows.editions("integraal"))
    return {it.revision: it.state for it in editions}


async def publish(database: Database, vault: Vault, revision: Revision) -> None:
    await database.run(lambda: flows.publish(vault, revision, by="member:els", at=NOW))


async def test_one_is_published_and_an_earlier_one_can_come_back(
    database: Database, vault: Vault
) -> None:
    for name in ("1", "2"):
        await publish(database, vault, a_revision(name))
    assert await states(database) == {"1": "earlier", "2": "published"}

    await publish(database, vault, a_revision("1"))

    assert await states(database) == {"1": "published", "2": "earlier"}
    assert await database.read(lambda: flows.published("integraal")) == a_revision("1")
    assert await database.read(lambda: flows.load("integraal", "2")) == a_revision("2")
    assert await database.read(lambda: flows.load("integraal", "3")) is None


async def test_a_draft_is_replaced_and_published(database: Database, vault: Vault) -> None:
    await database.run(lambda: flows.save_draft(a_revision("1"), NOW))
    await database.run(lambda: flows.save_draft(a_revision("2"), NOW))
    await database.run(lambda: flows.save_draft(a_revision("2", "Beter"), NOW))
    assert await states(database) == {"2": "draft"}
    assert await database.read(lambda: flows.draft("integraal")) == a_revision("2", "Beter")
    assert await database.read(lambda: flows.published("integraal")) is None

    await publish(database, vault, a_revision("2", "Beter"))

    assert await states(database) == {"2": "published"}
    [edition] = await database.read(lambda: flows.editions("integraal"))
    assert (edition.published_at, edition.published_by) == (NOW, "member:els")


async def test_what_was_published_never_changes(database: Database, vault: Vault) -> None:
    await publish(database, vault, a_revision("1"))
    other = replace(a_revision("1"), title="Anders")

    with pytest.raises(Conflict):
        await publish(database, vault, other)
    with pytest.raises(Conflict):
        await database.run(lambda: flows.save_draft(other, NOW))

    assert await database.read(lambda: flows.load("integraal", "1")) == a_revision("1")


async def test_numbers_are_counted_without_names(database: Database) -> None:
    day = date(2026, 11, 23)
    await database.run(lambda: counters.add(day, "GM0294", "sent"))
    await database.run(lambda: counters.add(day, "GM0294", "sent", 2))
    await database.run(lambda: counters.add(day, None, "sent"))

    assert await database.read(lambda: counters.between(day, day)) == (
        counters.Counted(day, None, "sent", 1),
        counters.Counted(day, "GM0294", "sent", 3),
    )
