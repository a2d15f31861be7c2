"""The shipped words: catalogues and flow."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from intakebot import content, words
from intakebot.core.flow import Revision
from intakebot.words import Catalogues


@pytest.fixture(scope="session")
def revision() -> Revision:
    """The shipped flow set."""
    return content.load_revision()


@pytest.fixture(scope="session")
def catalogues() -> Catalogues:
    """The shipped catalogues, as the program speaks with them."""
    return words.load()


@pytest.fixture(scope="session")
def files(root: Path) -> dict[str, Catalog]:
    """The shipped catalogues as files, by language."""
    return {
        path.parent.parent.name: _catalogue(path)
        for path in sorted((root / "locales").glob("*/LC_MESSAGES/intakebot.po"))
    }


def _catalogue(path: Path) -> Catalog:
    with path.open("rb") as opened:
        return read_po(opened, abort_invalid=True)
