"""What the documentation says is so, and what must be documented is.

Commands in ```sh fences exist, links lead somewhere, every setting and every problem code is explained, and no document
names a setting that there is not. Decisions are left out: they say what was true on their day.
"""

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from intakebot.settings import Settings
from tests.house.files import File, project_files

PREFIX = "INTAKEBOT_"


@pytest.fixture(scope="module")
def files(root: Path) -> list[File]:
    return project_files(root)


@pytest.fixture(scope="module")
def documents(files: list[File]) -> list[File]:
    """Everything that people read to use the program."""
    found = [file for file in files if file.path.endswith(".md")]
    return [file for file in found if not file.under("docs/decisions/", "intakebot/content/")]


def commands(documents: list[File]) -> Iterator[tuple[str, list[str]]]:
    """Where it stands and its words, for each command line in a ```sh fence."""
    for document in documents:
        for fence in re.findall(r"^```sh\n(.*?)^```", document.text, re.MULTILINE | re.DOTALL):
            for line in fence.replace("\\\n", " ").splitlines():
                words = shlex.split(line.removeprefix("$ "), comments=True)
                while words and re.match(r"(?:sudo|[A-Z_]+=.*)$", words[0]):
                    words = words[1:]
                if words:
                    yield document.path, words


def of_make(words: list[str]) -> list[str] | None:
    """The targets of a `make` command, or None when it is something else."""
    if words[0] != "make":
        return None
    return [word for word in words[1:] if "=" not in word and not word.startswith("-")]


def of_program(words: list[str]) -> list[str] | None:
    """What is asked of the program itself, or None when it is something else."""
    if Path(words[0]).name == "intakebot":
        return words[1:]
    if re.match(r"python[\d.]*$", Path(words[0]).name) and words[1:3] == ["-m", "intakebot"]:
        return words[3:]
    return None


def test_the_readme_begins_with_the_two_commands(documents: list[File]) -> None:
    readme = [document for document in documents if document.path == "README.md"]
    targets = [target for _, words in commands(readme) for target in of_make(words) or ()]

    assert {"run", "test"} <= set(targets)


def test_every_make_target_in_the_documents_exists(root: Path, documents: list[File]) -> None:
    unknown = []
    for path, words in commands(documents):
        for target in of_make(words) or ():
            known = subprocess.run(
                ("make", "-n", target), cwd=root, check=False, capture_output=True
            )
            if known.returncode != 0:
                unknown.append(f"{path}: make {target}")

    assert unknown == []


def test_every_command_in_the_documents_exists(root: Path, documents: list[File]) -> None:
    unknown = []
    for path, words in commands(documents):
        asked = of_program(words)
        if not asked:
            continue
        help_text = help_of(asked[0], root)
        unknown += [
            f"{path}: {shlex.join(words)}: {word}"
            for word in asked
            if word.startswith("-") and word.partition("=")[0] not in help_text
        ]
        if not help_text:
            unknown.append(f"{path}: {shlex.join(words)}")

    assert unknown == []


@cache
def help_of(command: str, root: Path) -> str:
    """What `python -m intakebot COMMAND --help` prints; nothing when there is no such command."""
    words = (sys.executable, "-m", "intakebot", command, "--help")
    done = subprocess.run(words, cwd=root, check=False, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


def test_every_flow_that_the_documents_check_is_right(root: Path, documents: list[File]) -> None:
    flows = {
        asked[1]
        for _, words in commands(documents)
        if (asked := of_program(words) or [])[:1] == ["check"]
    }

    for flow in flows:
        words = (sys.executable, "-m", "intakebot", "check", flow)
        done = subprocess.run(words, cwd=root, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_link_leads_somewhere(root: Path, files: list[File]) -> None:
    lost = [
        f"{file.path}: {target}"
        for file in files
        if file.path.endswith(".md")
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)\s#]+)", file.text)
        if not (root / file.path).parent.joinpath(target).exists()
    ]

    assert lost == []


def test_every_setting_is_documented(documents: list[File]) -> None:
    wanted = {PREFIX + name.upper() for name in Settings.model_fields}
    told = {name for document in documents for name in settings_in(document)}

    assert len(wanted) > 5
    assert wanted - told == set()


def test_every_setting_that_is_named_exists(files: list[File]) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    named = {
        (name, file.path)
        for file in files
        if file.path.endswith(".md") or file.under("deploy/")
        for name in settings_in(file)
    }

    assert sorted(f"{path}: {name}" for name, path in named if name not in known) == []


def settings_in(file: File) -> set[str]:
    """Every name of a setting in the text."""
    return set(re.findall(rf"\b{PREFIX}[A-Z_]+[A-Z]\b", file.text))


def test_every_problem_code_is_explained(files: list[File], documents: list[File]) -> None:
    codes = {
        code for file in files if file.under("intakebot/core/check") for code in codes_in(file)
    }
    told = {code for document in documents for code in re.findall(CODE, document.text)}

    assert len(codes) > 5
    assert codes - told == set()


CODE = r"\bF\d{3}\b"


def codes_in(file: File) -> set[str]:
    """Every problem code that stands in the code as a text of its own."""
    return {
        node.value
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(CODE, node.value)
    }


# These tests can fail

DOCUMENT = """\
```sh
make run     # start
$ INTAKEBOT_LISTEN=:80 make V=x test
sudo .venv/bin/python -m intakebot check \\
    flow.json --strict
intakebot serve
```
```json
make it
```
"""


def test_commands_are_read_from_their_fences() -> None:
    found = [words for _, words in commands([File("a.md", DOCUMENT)])]

    assert [of_make(words) for words in found] == [["run"], ["test"], None, None]
    assert [of_program(words) for words in found] == [
        None,
        None,
        ["check", "flow.json", "--strict"],
        ["serve"],
    ]


def test_an_unknown_command_has_no_help(root: Path) -> None:
    assert help_of("brew-coffee", root) == ""
    assert "--sample" in help_of("serve", root)


def test_codes_and_settings_are_read() -> None:
    assert codes_in(File("a.py", "TOO_LONG = 'F012'\ntext = 'see F013'")) == {"F012"}
    assert settings_in(File("a.md", "Set `INTAKEBOT_KEYS_FILE=/x`.")) == {"INTAKEBOT_KEYS_FILE"}
