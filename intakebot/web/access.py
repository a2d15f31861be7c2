"""Who may use what: one table for every address of the program, and the only way to a request.

Each address is declared here. The program does not start with one that is not, and a test calls
them all. `Access` is the only code of the pages that reads or changes a request: it is bound to
the member who is signed in at that moment, and every query below it holds the member's teams.
What belongs to another team is the same as what does not exist, to the last byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from starlette.routing import BaseRoute, Route

from intakebot.store import people, scoped, updates
from intakebot.store.attachments import Kept
from intakebot.store.people import Member
from intakebot.store.requests import Listed, Opened, Status
from intakebot.store.scoped import Seen, Take
from intakebot.store.sessions import Stored
from intakebot.store.vault import DataKey, Vault
from intakebot.store.work import Chat, Work


class Who(StrEnum):
    """Who may use an address."""

    ANYBODY = "anybody"  # gives nothing of anybody
    INHABITANT = "inhabitant"  # the chat of the browser that asks, by the address in its cookie
    MEMBER = "member"  # signed in, and then only what stands in a queue of the member's teams
    TELEGRAM = "telegram"  # who knows the secret of the webhook


# Every other method is answered there as an unknown page is.
WEBHOOK = "/telegram/"
ROUTES: Mapping[tuple[str, str], Who] = {
    ("GET", "/static/{path:path}"): Who.ANYBODY,
    ("GET", "/health"): Who.ANYBODY,
    # The web chat.
    ("GET", "/"): Who.INHABITANT,
    ("POST", "/"): Who.INHABITANT,
    ("GET", "/nieuw"): Who.INHABITANT,
    ("GET", "/opname/{name}"): Who.ANYBODY,
    ("POST", "/bestand"): Who.INHABITANT,
    ("GET", "/weg"): Who.ANYBODY,
    ("POST", "/terug"): Who.INHABITANT,
    ("GET", "/later"): Who.INHABITANT,
    ("POST", "/later"): Who.INHABITANT,
    ("GET", "/sluiten"): Who.INHABITANT,
    ("POST", "/sluiten"): Who.INHABITANT,
    ("GET", "/verder"): Who.ANYBODY,
    ("POST", "/verder"): Who.INHABITANT,
    ("GET", "/kaart"): Who.INHABITANT,
    ("GET", "/wie"): Who.INHABITANT,
    ("GET", "/mijn"): Who.INHABITANT,
    ("POST", "/mijn"): Who.INHABITANT,
    ("GET", "/w/{token}"): Who.ANYBODY,
    ("POST", "/w/{token}"): Who.INHABITANT,
    # Telegram's webhook.
    ("POST", WEBHOOK + "{secret}"): Who.TELEGRAM,
    # The inbox. A sign-in link holds its own secret.
    ("GET", "/inbox/in/{secret}"): Who.ANYBODY,
    ("POST", "/inbox/in/{secret}"): Who.ANYBODY,
    ("POST", "/inbox/uit"): Who.MEMBER,
    ("GET", "/inbox"): Who.MEMBER,
    ("GET", "/inbox/nieuws"): Who.MEMBER,
    ("GET", "/inbox/{reference}"): Who.MEMBER,
    ("GET", "/inbox/{reference}/nieuws"): Who.MEMBER,
    ("GET", "/inbox/{reference}/bijlage/{attachment}"): Who.MEMBER,
    ("POST", "/inbox/{reference}/oppakken"): Who.MEMBER,
    ("POST", "/inbox/{reference}/bericht"): Who.MEMBER,
    ("POST", "/inbox/{reference}/notitie"): Who.MEMBER,
    ("POST", "/inbox/{reference}/urgentie"): Who.MEMBER,
    ("POST", "/inbox/{reference}/beluisterd"): Who.MEMBER,
    ("POST", "/inbox/{reference}/afsluiten"): Who.MEMBER,
}


def addresses(routes: Iterable[BaseRoute]) -> set[tuple[str, str]]:
    """Every method and path of these routes; HEAD goes with GET, and the webhook hides its path."""
    found: set[tuple[str, str]] = set()
    for route in routes:
        assert isinstance(route, Route), "only plain routes can be declared"
        if route.path.startswith(WEBHOOK):
            found.add(("POST", WEBHOOK + "{secret}"))
        else:
            found |= {(method, route.path) for method in route.methods or () if method != "HEAD"}
    return found


def expect_declared(routes: Iterable[BaseRoute]) -> None:
    """An address that nobody declared is our mistake: the program does not start with it."""
    undeclared = addresses(routes) - ROUTES.keys()
    assert not undeclared, f"declare in web/access.py who may use {sorted(undeclared)}"


@dataclass(frozen=True, kw_only=True)
class Access:
    """What one signed-in member may see and do at one moment, inside one transaction.

    Every function gives None for a request that is not in the member's queues.
    """

    vault: Vault
    member: Member
    at: datetime

    def is_first(self, stamp: str) -> Work[bool]:
        """Whether the form with this stamp comes for the first time: pressed twice counts once."""
        forms = Chat("inbox", "-", self.vault.blind("forms", self.member.member), "")
        return (yield from updates.is_new(forms, stamp, self.at))

    def sign_out(self, token: str) -> Work[bool]:
        """End the session with this secret."""
        yield from people.sign_out(self.vault, token)
        return True

    def request_for(self, reference: str) -> Work[Seen | None]:
        """The whole request; the audit says that the member saw it."""
        return (yield from scoped.view(self.vault, self.member.member, reference, self.at))

    def mark(self, reference: str, known: str) -> Work[str | None]:
        """Another text than `known` when something about the request is new."""
        return (yield from scoped.mark(self.vault, self.member.member, reference, known))

    def counts(self, status: Status) -> Work[Mapping[str, int]]:
        """How many requests stand in each queue of the member."""
        return (yield from scoped.counts(self.member.member, status))

    def listed(
        self, status: Status, *, queue: str | None = None, skip: int = 0
    ) -> Work[tuple[Listed, ...]]:
        """A page of the member's queues, or of one of them."""
        member = self.member.member
        return (
            yield from scoped.list_queue(
                self.vault, member, self.at, queue=queue, status=status, skip=skip
            )
        )

    def ended(self, *, queue: str | None = None, skip: int = 0) -> Work[tuple[Listed, ...]]:
        """A page of what was closed or withdrawn, the newest first; and one more when there is."""
        return (
            yield from scoped.list_ended(
                self.vault, self.member.member, self.at, queue=queue, skip=skip
            )
        )

    def count_mine(self) -> Work[int]:
        """Of how many requests the member is the contact person."""
        return (yield from scoped.count_mine(self.member.member))

    def mine(self) -> Work[tuple[Listed, ...]]:
        """The requests of which the member is the contact person."""
        return (yield from scoped.list_mine(self.vault, self.member.member, self.at))

    def take(self, reference: str, version: int) -> Work[Take | None]:
        """Become the contact person, when nobody is."""
        member = self.member.member
        return (yield from scoped.take(self.vault, member, reference, version=version, at=self.at))

    def session_of(self, reference: str, action: str) -> Work[Stored | None]:
        """The session of a request of which the member is the contact person, to write in it."""
        member = self.member.member
        return (
            yield from scoped.session_of(self.vault, member, reference, action=action, at=self.at)
        )

    def add_note(self, reference: str, text: str) -> Work[Opened | None]:
        """Write a note for the team."""
        member = self.member.member
        return (yield from scoped.add_note(self.vault, member, reference, text, at=self.at))

    def close(self, reference: str, version: int, outcome: str) -> Work[Stored | None]:
        """Close the request. Raises `Conflict` when it was changed since that version."""
        member = self.member.member
        return (
            yield from scoped.close(
                self.vault, member, reference, version=version, outcome=outcome, at=self.at
            )
        )

    def correct_urgency(
        self, reference: str, version: int, level: str, reason: str
    ) -> Work[Opened | None]:
        """Another urgency, and why. Raises `Conflict` as `close` does."""
        return (
            yield from scoped.correct_urgency(
                self.vault,
                self.member.member,
                reference,
                version=version,
                level=level,
                reason=reason,
                at=self.at,
            )
        )

    def mark_heard(self, reference: str, audio: str) -> Work[Opened | None]:
        """Say that the member listened to a voice note."""
        member, name = self.member.member, self.member.name
        return (
            yield from scoped.mark_heard(
                self.vault, member, reference, audio, name=name, at=self.at
            )
        )

    def attachment(self, reference: str, name: str) -> Work[tuple[Kept, DataKey] | None]:
        """A file of the request and the key to read it with; the audit says that it was opened."""
        return (
            yield from scoped.attachment(self.vault, self.member.member, reference, name, self.at)
        )


def signed_in(
    vault: Vault, token: str, at: datetime, *, touched: bool = True
) -> Work[Access | None]:
    """What whoever has this token may do; None: nobody is signed in with it."""
    member = yield from people.signed_in(vault, token, at, touched=touched)
    return None if member is None else Access(vault=vault, member=member, at=at)
