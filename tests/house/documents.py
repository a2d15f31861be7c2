"""The commands that the documents tell people to type."""

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.house.files import File

FENCE = re.compile(r"^( *)```sh\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
ASSIGNMENT = re.compile(r"([A-Z_]+)=(.*)")
# Options of the program that stand before the command, each with a value.
BEFORE_COMMAND = ("--env-file", "--secrets")


@dataclass(frozen=True)
class Line:
    """One command line of a document."""

    path: str
    words: list[str]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def targets(self) -> list[str]:
        """The targets of a `make` command; none when it is something else."""
        if self.words[0] != "make":
            return []
        return [word for word in self.words[1:] if "=" not in word and not word.startswith("-")]

    @property
    def program(self) -> list[str]:
        """What is asked of the program itself; nothing when it is something else."""
        if Path(self.words[0]).name == "intakebot":
            return self.words[1:]
        return self._module("intakebot")

    @property
    def tests(self) -> list[str]:
        """What is asked of pytest; nothing when it is something else."""
        return self._module("pytest")

    @property
    def command(self) -> str:
        """The command of the program, without the options before it."""
        words = self.program
        while words and words[0] in BEFORE_COMMAND:
            words = words[2:]
        return words[0] if words else ""

    def _module(self, name: str) -> list[str]:
        is_python = re.match(r"python[\d.]*$", Path(self.words[0]).name)
        return self.words[3:] if is_python and self.words[1:3] == ["-m", name] else []


def commands(documents: Iterable[File]) -> Iterator[Line]:
    """Every command line in a ```sh fence, `sudo` and settings in front of it taken off."""
    for document in documents:
        for _, fence in FENCE.findall(document.text):
            for line in fence.replace("\\\n", " ").splitlines():
                words = shlex.split(line.strip().removeprefix("$ "), comments=True)
                environment: dict[str, str] = {}
                while words:
                    assigned = ASSIGNMENT.fullmatch(words[0])
                    if assigned:
                        environment[assigned[1]] = assigned[2]
                    elif words[0] != "sudo":
                        break
                    elif words[1:2] == ["-u"]:
                        words = words[2:]
                    words = words[1:]
                if words:
                    yield Line(document.path, words, environment)
