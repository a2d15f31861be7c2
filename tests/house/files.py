"""The project's own files, as values: the house rules and the tests of the documentation read these."""

import ast
import fnmatch
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

# Made by others and kept as they made it.
THIRD_PARTY = ("intakebot/web/static/vendor/", "tests/vendor/")


@dataclass(frozen=True)
class File:
    """One text file: its path from the project's folder, and what is in it."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The file read as Python."""
        return ast.parse(self.text, self.path)

    @property
    def module(self) -> str:
        """The name that an import would use."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def under(self, *folders: str) -> bool:
        """Whether the file stands in one of these folders."""
        return self.path.startswith(folders)

    @property
    def is_python(self) -> bool:
        return self.path.endswith(".py")


def project_files(root: Path) -> list[File]:
    """Every text file of the project that is our own, whether git knows it already or not."""
    found = []
    for place in sorted(walk(root)):
        path = place.relative_to(root).as_posix()
        if path.startswith(THIRD_PARTY):
            continue
        try:
            found.append(File(path, place.read_text(encoding="utf-8")))
        except UnicodeDecodeError:  # a font, a picture
            continue
    return found


def walk(root: Path) -> Iterator[Path]:
    """Every file under *root* that .gitignore does not name."""
    lines = (root / ".gitignore").read_text(encoding="utf-8").splitlines()
    ignored = [line.strip("/") for line in lines if line and not line.startswith("#")]

    def ours(name: str) -> bool:
        return name != ".git" and not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)

    for folder, folders, names in os.walk(root):
        folders[:] = filter(ours, folders)
        yield from (Path(folder, name) for name in filter(ours, names))
