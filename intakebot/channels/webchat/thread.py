"""The thread of a session: what was said, and which message of it is the open question."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from intakebot.core.events import Message
from intakebot.core.session import Outcome, Session, Tongue
from intakebot.core.talking.moves import LANGUAGE
from intakebot.store import outgoing, sessions
from intakebot.store.outgoing import Line
from intakebot.store.sessions import Stored
from intakebot.store.vault import Vault
from intakebot.store.work import Chat, Work


@dataclass(frozen=True, kw_only=True)
class Thread:
    """What was said in a session, in order, and the session as it is now.

    `session` is None when it was erased; what was said about that may still be there to read.
    """

    session: Session | None
    entries: tuple[Line, ...]
    since: int = 0  # the page has what came before this number

    @property
    def tongue(self) -> Tongue | None:
        """The person's language, from the session or else from what was said last."""
        if self.session is not None:
            return self.session.tongue
        return self.entries[-1].message.tongue if self.entries else None

    @cached_property
    def open(self) -> Line | None:
        """The question that waits: the newest, when the session says that something is asked."""
        if self.session is None or self.session.asked is None:
            return None
        asked = (e for e in reversed(self.entries) if e.author == "bot" and e.message.prompt)
        return next(asked, None)

    @property
    def waits(self) -> bool:
        """Whether a person may write here."""
        return self.session is not None and self.session.outcome is Outcome.SUBMITTED

    @cached_property
    def shown(self) -> tuple[Line, ...]:
        """The conversation above the open question.

        A question that was put again stands there once, at its last place, or nowhere when it
        is the open one. The language picker says nothing any more once it is answered.
        """
        last = {_sameness(entry.message): entry.nth for entry in self.entries}
        asked = self.open
        return tuple(
            entry
            for entry in self.entries
            if entry is not asked
            and entry.message.question != LANGUAGE
            and (entry.message.prompt is None or last[_sameness(entry.message)] == entry.nth)
        )

    @property
    def seen(self) -> int:
        """What a page with this thread on it has shown: every message before this number.

        The open question counts as not shown: once answered it moves up into the conversation.
        """
        if self.open is not None:
            return self.open.nth
        return self.entries[-1].nth + 1 if self.entries else self.since


def read(vault: Vault, chat: Chat, since: int = 0) -> Work[Thread]:
    """The thread of the session in this chat, from message number `since` on."""
    stored = yield from sessions.open_in(vault, chat)
    if stored is None:
        return Thread(
            session=None, entries=(yield from outgoing.loose_thread(vault, chat, since - 1))
        )
    return (yield from of(stored, since))


def of(stored: Stored, since: int) -> Work[Thread]:
    """The thread of this session."""
    entries = yield from outgoing.thread(stored, since - 1)
    return Thread(session=stored.session, entries=entries, since=since)


def _sameness(message: Message) -> tuple[str | None, str]:
    return message.prompt, message.text
