"""What the documents tell people to type does what they say: every command of the program is run.

The commands of a document run in their order, over one state folder of their own. `serve` must say
that it is running and stop when it is told to; the others must end well, or with one sentence for
an operator who asked for a request that is not there.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from intakebot.house import now
from intakebot.store import problems
from tests.house.documents import Line, commands
from tests.house.files import File
from tests.keeping.command import Command
from tests.keeping.installation import Installation

DOCUMENTS = ("README.md", "deploy/README.md", "tests/README.md", "locales/README.md")
WITHIN_S = 120
# Nobody listens there: a test asks no network.
NOWHERE = "http://127.0.0.1:9"
BACKUPS = "/var/backups/"
NOT_THERE = re.compile(
    r"^\S+: there is no request with this reference, or it was erased\.\n$"
    r"|^\d+: no such update stands aside\. `replay` alone lists them\.\n$"
)
FILES_OF_OPERATORS = {
    "/etc/intakebot/env": "deploy/intakebot.env",
    "/etc/intakebot/region.yaml": "deploy/region.yaml",
}


def told(root: Path, path: str) -> list[Line]:
    """The commands of the program in this document."""
    document = File(path, (root / path).read_text("utf-8"))
    return [line for line in commands([document]) if line.program]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Settings for an installation of its own, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("INTAKEBOT_")}
    return inherited | {
        "INTAKEBOT_STATE": str(tmp_path / "state"),
        "INTAKEBOT_LISTEN": f"127.0.0.1:{port}",
        "INTAKEBOT_TELEGRAM_API": NOWHERE,
    }


@pytest.mark.parametrize("path", DOCUMENTS)
def test_the_commands_of_a_document_do_what_it_says(
    root: Path, path: str, environment: dict[str, str]
) -> None:
    lines = told(root, path)

    assert lines or path == "tests/README.md"
    if path == "deploy/README.md":  # it lets the operator write this
        environment["INTAKEBOT_REGION"] = str(root / "deploy/region.yaml")
    for line in lines:
        words = [as_here(root, it) for it in elsewhere(line.program, environment)]
        run = (sys.executable, "-m", "intakebot", *words)
        settings = environment | {
            name: value for name, value in line.environment.items() if name not in environment
        }
        if line.command == "serve":
            assert "intakebot is running" in served(run, settings, root)
            continue
        done = subprocess.run(
            run, cwd=root, env=settings, input="", capture_output=True, text=True,
            encoding="utf-8", check=False, timeout=WITHIN_S,
        )  # fmt: skip
        assert done.returncode == 0 or NOT_THERE.match(done.stderr), (line, done.stderr)


MOVING = "deploy/several-machines.md"
STATE, SECRET = "/var/lib/intakebot", "/etc/intakebot/secrets/intakebot_database"


def test_an_installation_moves_house_as_the_page_says(
    root: Path, tmp_path: Path, environment: dict[str, str], postgres_address: str
) -> None:
    """Line after line; between the two fences the operator writes down where the new database is."""
    page = (root / MOVING).read_text("utf-8")
    document = File(MOVING, page.partition("\n## Moving from SQLite\n")[2].partition("\n## ")[0])
    assert f"write its address in `{SECRET}`" in document.text
    folders = (
        ("/var/backups", tmp_path),
        (f"{STATE}-old", tmp_path / "old"),
        (STATE, tmp_path / "state"),
    )
    Installation(tmp_path / "state").begin(now())
    said = []
    for line in commands([document]):
        words = [_in_one_of(folders, it) for it in line.words if it != "--"]
        match words[0]:
            case "systemctl":
                continue
            case "intakebot":
                told = tmp_path / "told"
                told.mkdir(exist_ok=True)
                done = Command(words[1:], environment, told).ended()
                said.append((words[1], done))
                assert done.returncode == 0 or line.command == "doctor", done.stderr
            case "mv":
                Path(words[1]).rename(words[2])
                environment["INTAKEBOT_DATABASE"] = postgres_address
            case "install" if "-d" in words:
                Path(words[-1]).mkdir(mode=0o700)
            case _:
                shutil.copy(words[-2], words[-1])

    assert [name for name, _ in said] == ["backup", "restore", "doctor", "release"]
    assert "2 sessions, 1 attachment." in said[1][1].stdout
    assert said[3][1].stdout.endswith(": to be sent.\n")
    assert [it for it in said[2][1].stdout.splitlines() if it.startswith("error")] == [
        (
            f"error    {problems.told(postgres_address)}: It does not wait for its disk: a power cut may lose what was"
            " confirmed, or more. Set fsync and full_page_writes on in postgresql.conf, and start it again."
        )
    ], "the server of the tests is thrown away; nothing else is wrong"


def _in_one_of(folders: tuple[tuple[str, Path], ...], word: str) -> str:
    """A path of an operator's machine as one of this test."""
    for there, here in folders:
        if word == there or word.startswith(f"{there}/"):
            return f"{here}{word[len(there) :]}"
    return word


def as_here(root: Path, word: str) -> str:
    """A file of an operator as the one that it was copied from; every other word as it is."""
    here = root / FILES_OF_OPERATORS.get(word, word)
    return str(here) if "/" in word and here.is_file() else word


def elsewhere(words: list[str], environment: dict[str, str]) -> list[str]:
    """What an operator keeps in /var/backups lies beside the state folder of this test."""
    beside = Path(environment["INTAKEBOT_STATE"]).parent
    return [str(beside / Path(it).name) if it.startswith(BACKUPS) else it for it in words]


def served(run: tuple[str, ...], settings: dict[str, str], root: Path) -> str:
    """What it prints until it is told to stop, which it must do by itself."""
    with subprocess.Popen(
        run, cwd=root, env=settings, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        printed = "".join(until(program.stdout, "Stop it with Ctrl-C"))
        program.send_signal(signal.SIGINT)
        program.wait(WITHIN_S)
    return printed


def until(lines: Iterator[str], words: str) -> Iterator[str]:
    """The lines up to the one with these words."""
    for line in lines:
        yield line
        if words in line:
            return
