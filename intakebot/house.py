"""The house: everything that a command or a server opens and builds first.

    async with open_house(settings) as house: …

Nothing here decides anything. It opens the store and the key ring, brings them up to date, reads
what is shipped, and builds the intake. The clock and the chance of the program are here too.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from intakebot import content, words
from intakebot.content import Content, files
from intakebot.core.flow import Flow, Revision, ready
from intakebot.core.law import reference
from intakebot.intake import Chance, Intake
from intakebot.settings import Settings
from intakebot.store import flows, vault
from intakebot.store.bells import Bell, Overheard
from intakebot.store.database import Database
from intakebot.store.folder import private_folder
from intakebot.store.opening import open_up_to_date
from intakebot.store.vault import Vault
from intakebot.store.work import Work

REVISION_HASH_CHARS = 8


def now() -> datetime:
    """The moment, in UTC. The only clock of the program."""
    return datetime.now(UTC)


def new_reference() -> str:
    """A reference by chance; one that is taken is refused by the store and made again."""
    drawn, symbols = int.from_bytes(secrets.token_bytes(8)), ""
    for _ in range(reference.SYMBOLS):
        drawn, place = divmod(drawn, len(reference.ALPHABET))
        symbols += reference.ALPHABET[place]
    return reference.make(symbols)


def new_session_id() -> str:
    """A session id: 128 bits, never shown."""
    return secrets.token_hex(16)


def new_bytes(count: int) -> bytes:
    """Chance for keys and nonces."""
    return secrets.token_bytes(count)


def chance() -> float:
    """A number from 0 up to 1, for waiting times that should differ."""
    return random.SystemRandom().random()


@dataclass(frozen=True, kw_only=True, repr=False)  # it would tell the whole flow, at length
class House:
    """Everything that was opened and built."""

    settings: Settings
    database: Database
    vault: Vault
    shelf: Content
    flow: Flow
    words: words.Catalogues
    intake: Intake
    wake: asyncio.Event
    bell: Bell

    @property
    def files(self) -> Path:
        """Where attachments lie."""
        return self.settings.state / "attachments"


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[tuple[Database, Vault]]:
    """The database and the key ring, brought up to date; nothing is read that people are asked."""
    private_folder(settings.state)
    database = await open_up_to_date(settings.database_place)
    try:
        canaries = await database.read(vault.read_canaries)
        kept = vault.open_vault(
            settings.keys_path, canaries, new_bytes=new_bytes, today=now().date()
        )
        await database.run(lambda: vault.write_canaries(kept))
        yield database, kept
    finally:
        await database.close()


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Open the store, bring it up to date, publish the shipped flow, build the intake."""
    catalogues = words.load()
    shelf = content.load()
    if settings.region is not None:
        shelf = files.with_region(settings.region, shelf, catalogues)
    async with open_store(settings) as (database, kept):
        revision = stamped(shelf.revision)
        await database.run(lambda: _publish(kept, revision))
        flow = ready(revision, shelf.lexicon, shelf.phrases, shelf.spoken, shelf.region)
        wake, bell = asyncio.Event(), Bell()
        heard = database if settings.on_postgresql else Overheard(database, bell)
        intake = Intake(
            database=heard,
            vault=kept,
            flow=flow,
            words=catalogues,
            chance=Chance(reference=new_reference, session_id=new_session_id),
            scope=settings.telegram_scope or "full",
            base_url=settings.base_url,
            files=settings.state / "attachments",
            wake=wake.set,
        )
        yield House(
            settings=settings,
            database=heard,
            vault=kept,
            shelf=shelf,
            flow=flow,
            words=catalogues,
            intake=intake,
            wake=wake,
            bell=bell,
        )


def stamped(revision: Revision) -> Revision:
    """The shipped revision, named by its content: another text is another revision."""
    digest = hashlib.sha256(msgspec.json.encode(revision)).hexdigest()[:REVISION_HASH_CHARS]
    return msgspec.structs.replace(revision, revision=f"{revision.revision}-{digest}")


def _publish(kept: Vault, revision: Revision) -> Work[None]:
    published = yield from flows.published(revision.id)
    if published is None or published.revision != revision.revision:
        yield from flows.publish(kept, revision, by="release", at=now())
