"""Installations with a story in them, for commands of an operator: on SQLite and on PostgreSQL."""

import os
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest

from intakebot.house import now
from intakebot.settings import Settings
from tests.keeping.installation import Installation
from tests.postgres import DSN, execute, on_a_thread

Kind = Literal["sqlite", "postgresql"]
NewDatabase = Callable[..., str]
OfKind = Callable[[Kind], Installation]
EmptyOfKind = Callable[[Kind, Installation], Installation]


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of an installation with two stories, to be copied."""
    path = tmp_path_factory.mktemp("keeping") / "state"
    Installation(path).begin(now())
    return path


@pytest.fixture
def on_sqlite(tmp_path: Path, begun: Path) -> Installation:
    """That installation, for what only SQLite does."""
    state = tmp_path / "state"
    shutil.copytree(begun, state)
    return Installation(state)


@pytest.fixture
def place(on_sqlite: Installation) -> Installation:
    """Where it does not matter which database it is; a module may say that it does."""
    return on_sqlite


@pytest.fixture
def known(place: Installation) -> Settings:
    return place.settings


@pytest.fixture(scope="session")
def server_databases(postgres_server: str) -> Iterator[NewDatabase]:
    """Makes a database on the server, empty or as a copy of another; gives its address."""
    made: list[str] = []
    numbers = count()

    def new(of: str = "") -> str:
        name = f"keeping_{os.getpid()}_{next(numbers)}"
        copied = f" TEMPLATE {urlsplit(of).path[1:]}" if of else ""
        on_a_thread(execute(postgres_server, f"CREATE DATABASE {name}{copied}"))
        made.append(name)
        return urlsplit(postgres_server)._replace(path=f"/{name}").geturl()

    yield new
    for name in made if DSN in os.environ else ():  # else the whole server is thrown away
        on_a_thread(execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def begun_on_server(
    tmp_path_factory: pytest.TempPathFactory, server_databases: NewDatabase
) -> Installation:
    """An installation with two stories whose database lies on a server, to be copied."""
    state = tmp_path_factory.mktemp("server") / "state"
    begun = Installation(state, database=server_databases())
    begun.begin(now())
    return begun


@pytest.fixture
def of_kind(request: pytest.FixtureRequest, tmp_path: Path) -> OfKind:
    """The installation with two stories, on either database."""

    def make(kind: Kind) -> Installation:
        if kind == "sqlite":
            found: Installation = request.getfixturevalue("on_sqlite")
            return found
        begun = request.getfixturevalue("begun_on_server")
        new = request.getfixturevalue("server_databases")
        state = tmp_path / "state"
        shutil.copytree(begun.state, state)
        return Installation(state, database=new(begun.settings.database))

    return make


@pytest.fixture
def empty_of_kind(request: pytest.FixtureRequest, tmp_path: Path) -> EmptyOfKind:
    """An empty place on either database, with nothing in its state folder but the ring of another."""

    def make(kind: Kind, other: Installation) -> Installation:
        state = tmp_path / "new"
        state.mkdir(mode=0o700)
        shutil.copy(other.settings.keys_path, state / "keys.json")
        if kind == "sqlite":
            return Installation(state)
        return Installation(state, database=request.getfixturevalue("server_databases")())

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest, of_kind: OfKind) -> Installation:
    """The installation with two stories: every test that asks for it holds on both databases."""
    return of_kind(request.param)


@pytest.fixture
def empty(anywhere: Installation, empty_of_kind: EmptyOfKind) -> Installation:
    """Beside `anywhere`: another place of the same kind, with nothing in it but the ring."""
    return empty_of_kind("postgresql" if anywhere.settings.on_postgresql else "sqlite", anywhere)
