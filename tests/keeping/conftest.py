"""An installation on disk, with a story in it, for commands of an operator."""

import shutil
from pathlib import Path

import pytest

from intakebot import app
from intakebot.settings import Settings
from tests.keeping.installation import Installation


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of an installation with two stories, to be copied."""
    path = tmp_path_factory.mktemp("keeping") / "state"
    Installation(path).begin(app.now())
    return path


@pytest.fixture
def place(tmp_path: Path, begun: Path) -> Installation:
    state = tmp_path / "state"
    shutil.copytree(begun, state)
    return Installation(state)


@pytest.fixture
def known(place: Installation) -> Settings:
    return place.settings
