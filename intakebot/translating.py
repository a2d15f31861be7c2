"""Translating: a machine of the municipality puts stories in Dutch, beside the own words.

    translating = Translating(database=…, vault=…, translate=translator.translate, now=…)
    await translating.run()       for ever

It is done outside any transaction and delays nobody: the row says what is to be done and how often
it was tried. What comes back is a second field with its origin; the own words stay as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from intakebot.core.request import StoryPart, Translation
from intakebot.store import translations
from intakebot.store.database import Database
from intakebot.store.translations import ToTranslate
from intakebot.store.vault import Vault

AT_ONCE_MAX = 4
AGAIN = timedelta(minutes=10)  # a long story in several messages takes minutes
ATTEMPTS_MAX = 144  # a day
LOOK_AGAIN_S = 5.0
DUTCH = "nl"
ORIGIN = "computer: translator"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Made:
    """The text in Dutch; None: the machine cannot do this one, now or later."""

    text: str | None


class Unanswered(Exception):
    """The machine did not answer, or not as it should: try again later."""


Translate = Callable[[str, str | None], Awaitable[Made]]


class Translating:
    """Puts stories in Dutch that nobody here may be able to read, for ever.

    `translate` takes a text and its language, None when that is not known, and raises
    `Unanswered`.
    """

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        translate: Translate,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._vault = vault
        self._translate = translate
        self._now = now

    async def run(self) -> None:
        """Translate for ever."""
        while True:
            try:
                done = await self.translate_due()
            except Exception as error:  # noqa: BLE001 - the edge: what is due stays due
                log.warning("stories-not-translated", error=type(error).__name__)
                done = 0
            if not done:
                await asyncio.sleep(LOOK_AGAIN_S)

    async def translate_due(self) -> int:
        """Translate what is due, a few at once; gives how many were tried."""
        now = self._now()
        due = await self._database.run(
            lambda: translations.claim(
                self._vault, now=now, again_at=now + AGAIN, count=AT_ONCE_MAX
            )
        )
        await asyncio.gather(*(self._try(one) for one in due))
        return len(due)

    async def _try(self, due: ToTranslate) -> None:
        try:
            found = [
                (part, await self._translate(part.text, _language(part))) for part in due.parts
            ]
        except Unanswered as fault:
            log.warning("stories-not-translated", error=str(fault))
            if due.attempts >= ATTEMPTS_MAX:
                await self._database.run(lambda: translations.drop(due.home))
            return
        now = self._now()
        made = {
            part: Translation(text=one.text, language=DUTCH, origin=ORIGIN, at=now)
            for part, one in found
            if one.text is not None
        }
        if not made:
            await self._database.run(lambda: translations.drop(due.home))
            return
        await self._database.run(lambda: translations.keep(self._vault, due.home, made, now))


def _language(part: StoryPart) -> str | None:
    """The language that was chosen; who chose Dutch and writes in another script wrote another."""
    return None if part.language == DUTCH else part.language
