"""The pages of one process as browsers reach them: the real routes and guard, and no templates.

A page is handed over as the struct that the template would draw: what a person sees is read there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.types import ASGIApp

from intakebot.channels.webchat.chat import WebChat
from intakebot.channels.webchat.pages import Page
from intakebot.channels.webchat.routes import faults, routes
from intakebot.core.events import Ask, Message
from intakebot.core.session import Session
from intakebot.core.talking import page, render
from intakebot.web.security import Stamps, protect
from tests.conversation import shipped_words

if TYPE_CHECKING:
    from tests.simulation.process import Process

HOST = "chat.example"


class _Calm:
    """Counts nothing: how much one network may do is tested elsewhere."""

    def wait_s(self, kind: str, host: str) -> int:
        del kind, host
        return 0


def site(process: Process) -> ASGIApp:
    """What `app.py` builds, as far as it is for inhabitants."""
    world = process.world
    chat = WebChat(
        receive=process.intake.receive,
        desk=process.intake.desk,
        database=process.database,
        vault=world.vault,
        words=shipped_words(),
        stamps=Stamps(
            world.vault.blind("stamps", "forms").encode(), world.chance.randbytes, process.now
        ),
        draw=world.pages.draw,
        picker=lambda: _picker(process),
        now=process.now,
        brand="Achterhoek",
        address=HOST,
        https=True,
        files=world.disk.files,
        flood=_Calm(),
    )
    return protect(
        Starlette(routes=routes(chat), exception_handlers=faults(chat)),
        hosts=frozenset({HOST}),
        https=True,
        new_nonce=world.chance.randbytes,
    )


def _picker(process: Process) -> Message:
    revision = process.flow.revision
    nobody = Session(
        id="",
        flow=revision.id,
        revision=revision.revision,
        started_at=datetime(2000, 1, 1, tzinfo=UTC),
    )
    drawn = page.Page(
        flow=process.flow, session=nobody, words=shipped_words(), today=nobody.started_at.date()
    )
    return render.ask(drawn, Ask(question="taal"), "")


class Drawn:
    """The pages that were drawn and not read yet."""

    def __init__(self) -> None:
        self._pages: dict[str, Page] = {}
        self._count = 0

    def draw(self, page: Page, *, nonce: str, sheets: tuple[str, ...]) -> str:
        """The number of the page stands for its HTML."""
        del nonce, sheets
        self._count += 1
        self._pages[str(self._count)] = page
        return str(self._count)

    def read(self, body: bytes) -> Page | None:
        """What this answer shows."""
        return self._pages.pop(body.decode("latin-1"), None)
