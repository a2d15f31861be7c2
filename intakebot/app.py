"""Wiring: what is built at the start and handed to whoever needs it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from intakebot.core import reference


def now() -> datetime:
    """The moment, in UTC. The only clock of the program."""
    return datetime.now(UTC)


def new_reference() -> str:
    """A reference by chance: 23^7 are enough for every request that will ever be."""
    return reference.make("".join(secrets.choice(reference.ALPHABET) for _ in range(reference.SYMBOLS)))
