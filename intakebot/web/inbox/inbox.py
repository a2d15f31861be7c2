"""What the inbox stands on, and the door that every page of it goes through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import HTMLResponse

from intakebot.core.names import Names
from intakebot.core.region import Region
from intakebot.core.session import Tongue
from intakebot.intake import Intake
from intakebot.store import people
from intakebot.store.bells import Bell
from intakebot.store.work import MakeWork, Work
from intakebot.web.access import Access, signed_in
from intakebot.web.flood import Flood
from intakebot.web.inbox.pages import Frame
from intakebot.web.pages import Page
from intakebot.web.security import POLICY, Stamps
from intakebot.web.signin import Cookie

DUTCH = Tongue(lang="nl")
# Those with a catalogue of these pages (locales/…/inbox.po).
LANGUAGES = ("nl", "en")
WISHES_CHARS_MAX = 200
SHEETS = ("vendor/utrecht/index.css", "vendor/voorbeeld/theme.css", "inbox/inbox.css")

T = TypeVar("T")


class Draw(Protocol):
    """What makes HTML of a page."""

    def __call__(self, page: Page, *, nonce: str, sheets: tuple[str, ...]) -> str:
        """The HTML; `nonce` is the one of the response's policy."""
        ...


class Words(Protocol):
    """The sentences of the catalogues."""

    def say(self, tongue: Tongue, key: str, **values: str) -> str:
        """The sentence with its named places filled in."""
        ...

    def has(self, tongue: Tongue, key: str) -> bool:
        """Whether there is such a sentence."""
        ...


class SignedOut(Exception):
    """Nobody is signed in here, or not any more."""


class Absent(Exception):
    """There is no such thing, or none for this member: the answer is the same."""


class TooOften(Exception):
    """Too many tries at signing in from this network; the seconds until the next."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


class OldForm(Exception):
    """The form was drawn for another sign-in, or by somebody else."""


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """The inbox of one installation."""

    intake: Intake
    words: Words
    stamps: Stamps
    draw: Draw
    now: Callable[[], datetime]
    names: Names
    region: Region
    files: Path
    flood: Flood
    bell: Bell = field(default_factory=Bell)
    https: bool = True
    tongue: Tongue = DUTCH  # of the member who reads

    @property
    def cookie(self) -> Cookie:
        """How staff sessions are kept here."""
        return Cookie(https=self.https)

    def read_by(self, request: Request) -> Inbox:
        """The same inbox in the first language of the browser that it has, or else in Dutch."""
        for wish in request.headers.get("accept-language", "")[:WISHES_CHARS_MAX].split(","):
            lang = wish.strip().partition(";")[0].partition("-")[0].lower()
            if lang in LANGUAGES:
                return replace(self, tongue=Tongue(lang=lang))
        return self

    def say(self, key: str, **values: str) -> str:
        """The sentence `inbox.<key>`."""
        return self.words.say(self.tongue, f"inbox.{key}", **values)

    def has(self, key: str) -> bool:
        """Whether there is a sentence `inbox.<key>`."""
        return self.words.has(DUTCH, f"inbox.{key}")

    def page(self, request: Request, page: Frame, status: int = 200) -> HTMLResponse:
        """The page as a response."""
        nonce: str = request.state.nonce
        headers = {"Content-Security-Policy": POLICY.format(nonce=nonce)}
        html = self.draw(page, nonce=nonce, sheets=SHEETS)
        return HTMLResponse(html, status_code=status, headers=headers)

    def token(self, request: Request) -> str:
        """The secret of the staff session. Raises `SignedOut`."""
        token = self.cookie.read(request)
        if token is None:
            raise SignedOut
        return token

    async def enter(
        self,
        request: Request,
        look: Callable[[Access], Work[T | None]],
        *,
        stamp: str | None = None,
        touched: bool = True,
    ) -> tuple[Access, T]:
        """Do something as the member who is signed in, all in one transaction.

        Who it is and which teams that member has is read in that same transaction. `stamp`: of
        the form that asks for a change; `touched`: a person does this, and not a script. Raises
        `SignedOut`, `OldForm`, `Conflict`, and `Absent` when `look` gives None: after the commit,
        so that the audit keeps the row of who was refused.
        """
        token, at = self.token(request), self.now()

        def work() -> Work[tuple[Access, T | None] | None]:
            access = yield from signed_in(self.intake.vault, token, at, touched=touched)
            if access is None:
                return None
            if stamp is not None and self.stamps.read(token, stamp) is None:
                raise OldForm
            return access, (yield from look(access))

        entered = await self._run(work, changes=stamp is not None, touched=touched)
        if entered is None:
            raise SignedOut
        access, found = entered
        if found is None:
            raise Absent
        return access, found

    async def _run(self, work: MakeWork[T], *, changes: bool, touched: bool) -> T:
        if changes:
            return await self.intake.carried(work)
        database = self.intake.database
        return await (database.run(work) if touched else database.read(work))

    async def sign_in(self, secret: str, *, instead_of: str | None) -> str | None:
        """Use a sign-in link: the secret of a new staff session, or None when it does not hold.

        `instead_of`: the secret that this browser had before; that session ends.
        """
        vault, at = self.intake.vault, self.now()

        def work() -> Work[str | None]:
            token = yield from people.sign_in(vault, secret, at)
            if token is not None and instead_of is not None:
                yield from people.sign_out(vault, instead_of)
            return token

        return await self.intake.database.run(work)
