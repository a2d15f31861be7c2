"""Somebody who answers whatever the bot asks in Telegram, question after question, in Dutch."""

from __future__ import annotations

from functools import cache

from intakebot.core.flow import Kind, Question
from tests.bot_api.person import Person
from tests.bot_api.world import Shown
from tests.conversation import shipped_flow

STORY = "Ik ben mijn baan kwijt en ik heb schulden. De woningbouw dreigt met ontruiming."
# What is typed for a kind of question; for the others a button is pressed.
TYPED = {
    Kind.TEXT: "Dat weet ik niet goed",
    Kind.NUMBER: "2",
    Kind.DATE: "1 december 2026",
    Kind.POSTCODE: "7101 AB",
    Kind.PLACE: "Winterswijk",
    Kind.PHONE: "06 12345678",
    Kind.NAME: "Sara",
}
STEPS_MAX = 60


@cache
def _questions() -> dict[str, Question]:
    return {question.text: question for question in shipped_flow().revision.questions()}


def question_of(text: str) -> Question | None:
    """The question of the shipped flow that this text asks."""
    return _questions().get(text.partition("\n\n")[0])


class Walk:
    """One intake of one person; `answer` answers what is on screen."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.asked: list[str] = []  # texts of the questions, as they came
        self._last = Shown(id=0, text="", rows=[], is_from_bot=True)

    async def begin(self) -> None:
        await self.person.says("/start")
        picker = await self.next_screen()
        await self.person.presses_id("nl", on=picker)

    async def answer(self, shown: Shown) -> None:
        question = question_of(shown.text)
        kind = question.kind if question else None
        self.asked.append(shown.text.partition("\n\n")[0])
        if kind is Kind.STORY:
            await self.person.says(STORY)
            await self.person.presses_id("klaar", on=await self.next_screen())
        elif kind in (Kind.DOMAINS, Kind.CHOICES):
            await self.person.presses_id("klopt", on=shown)
        elif kind is Kind.READ_BACK:
            await self.person.presses_id("ja", on=shown)
        elif kind in TYPED:
            await self.person.says(TYPED[kind])
        elif kind is Kind.YES_NO:
            await self.person.presses_id("nee", on=shown)
        elif kind is Kind.ATTACHMENT:
            await self.person.presses_id("/skip", on=shown)
        else:
            await self.person.presses(shown.labels[0], on=shown)

    async def next_screen(self) -> Shown:
        """The next message with buttons; or the one that says that all was sent."""
        self._last = await self.person.waits(self._is_next, "a next question")
        return self._last

    async def same_screen(self) -> Shown:
        """The message with buttons that comes next, though it says what the last one said."""
        seen = self._last.id
        self._last = await self.person.waits(lambda s: s.id > seen and bool(s.rows), "it again")
        return self._last

    def _is_next(self, shown: Shown) -> bool:
        if shown.rows:
            # The same words and the same buttons again: one message, which was sent twice.
            same = (shown.text, shown.rows) == (self._last.text, self._last.rows)
            return shown.id > self._last.id and not same
        return "IB-" in shown.text

    async def whole(self) -> None:
        """From the beginning until the request was sent."""
        await self.begin()
        await self.rest()

    async def rest(self) -> None:
        for _ in range(STEPS_MAX):
            shown = await self.next_screen()
            if "IB-" in shown.text:
                return
            await self.answer(shown)
        raise AssertionError(f"no end in sight: {self.asked}")
