"""What the documentation says is so, and what must be documented is.

Commands in ```sh fences exist, links lead somewhere, every setting and every problem code is explained, and no document
names a setting that there is not. Decisions are left out: they say what was true on their day.
"""

import ast
import importlib
import io
import re
import shlex
import subprocess
import sys
import tomllib
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import cache
from pathlib import Path

import pytest

from intakebot.__main__ import main
from intakebot.settings import Settings
from tests.house.documents import commands
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


def test_the_readme_begins_with_the_two_commands(documents: list[File]) -> None:
    readme = [document for document in documents if document.path == "README.md"]
    targets = [target for line in commands(readme) for target in line.targets]

    assert targets[:2] == ["run", "test"]


def test_every_make_target_in_the_documents_exists(root: Path, documents: list[File]) -> None:
    asked = {(target, line.path) for line in commands(documents) for target in line.targets}
    unknown = []
    for target, path in sorted(asked):
        known = subprocess.run(("make", "-n", target), cwd=root, check=False, capture_output=True)
        if known.returncode != 0:
            unknown.append(f"{path}: make {target}")

    assert unknown == []


def test_every_command_in_the_documents_exists(documents: list[File]) -> None:
    unknown = []
    for line in commands(documents):
        if not line.program:
            continue
        help_text = help_of(line.command)
        known = help_text + help_of("")
        unknown += [
            f"{line.path}: {shlex.join(line.words)}: {word}"
            for word in line.program
            if word.startswith("-") and word.partition("=")[0] not in known
        ]
        if not help_text:
            unknown.append(f"{line.path}: {shlex.join(line.words)}")

    assert unknown == []


def test_every_other_command_is_one_that_people_have(documents: list[File]) -> None:
    strange = [
        f"{line.path}: {shlex.join(line.words)}"
        for line in commands(documents)
        if not (line.targets or line.program or line.tests)
        and line.words[0] not in SYSTEM
        and line.words[:2] != [".venv/bin/python", "-c"]
    ]

    assert strange == []


# What a Linux machine with git has.
SYSTEM = {
    *(
        "apt-get",
        "cd",
        "cp",
        "git",
        "install",
        "journalctl",
        "ln",
        "mkdir",
        "mv",
        "systemctl",
        "useradd",
    ),
    # What an operator installs beside it.
    *("nginx", "podman"),
}


def test_every_test_that_the_documents_run_exists(root: Path, documents: list[File]) -> None:
    asked = [(line.path, word) for line in commands(documents) for word in line.tests]
    files = [(path, word) for path, word in asked if not word.startswith("-")]

    assert files
    assert [it for it in files if not (root / it[1]).exists()] == []
    assert {word for _, word in asked if word.startswith("-")} <= {"--update"}


def test_every_function_that_the_documents_call_exists(documents: list[File]) -> None:
    scripts = [line.words[2] for line in commands(documents) if line.words[1:2] == ["-c"]]

    assert scripts
    for script in scripts:
        imported, called = (statement for statement in ast.parse(script).body)
        assert isinstance(imported, ast.ImportFrom)
        assert isinstance(called, ast.Expr)
        assert isinstance(called.value, ast.Call)
        module = importlib.import_module(f"{imported.module}.{imported.names[0].name}")
        assert hasattr(module, ast.unparse(called.value.func).partition(".")[2])


@cache
def help_of(command: str) -> str:
    """What `python -m intakebot COMMAND --help` prints; nothing when there is no such command.

    Without a command: the options that stand before it.
    """
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(io.StringIO()), suppress(SystemExit):
        main([*command.split(), "--help"])
    return printed.getvalue()


def test_every_flow_that_the_documents_check_is_right(root: Path, documents: list[File]) -> None:
    files = {line.program[1] for line in commands(documents) if line.command == "check"}
    flows = {file for file in files if not file.startswith("/etc/")}

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


def test_the_default_of_every_setting_is_told_as_it_is(root: Path) -> None:
    """In the table of the README, and in the example of the operator."""
    example = (root / "deploy/intakebot.env").read_text("utf-8")
    told = dict(re.findall(r"^# (INTAKEBOT_[A-Z_]+)=(.*)$", example, re.MULTILINE))
    readme = (root / "README.md").read_text("utf-8")
    table = dict(re.findall(r"^\| `(INTAKEBOT_[A-Z_]+)` \| `?(.*?)`? \|", readme, re.MULTILINE))
    defaults = {
        PREFIX + name.upper(): "" if field.default is None else str(field.default)
        for name, field in Settings.model_fields.items()
    }

    assert told == defaults
    assert table.keys() == defaults.keys()
    assert [name for name, default in defaults.items() if default not in table[name]] == []


def test_the_readme_shows_every_room(root: Path) -> None:
    readme = (root / "README.md").read_text("utf-8")
    rooms = readme.partition("## The rooms")[2].partition("```\n")[2].partition("\n```")[0]
    there = [
        *(it for it in root.iterdir() if it.is_dir() and not it.name.startswith(".")),
        *(it for it in (root / "intakebot").iterdir() if it.suffix in ("", ".py")),
    ]
    made = ("state", "mutants", "__init__", "__pycache__")  # no rooms of ours
    ours = {it.stem for it in there if it.stem not in made}

    assert {name for name in ours if not re.search(rf"\b{name}\b", rooms)} == set()


def test_the_pictures_are_small_and_shown(root: Path) -> None:
    readme = (root / "README.md").read_text("utf-8")
    pictures = sorted((root / "docs/images").iterdir())

    assert len(pictures) >= 4
    assert [it.name for it in pictures if it.stat().st_size > PICTURE_BYTES_MAX] == []
    assert [it.name for it in pictures if f"(docs/images/{it.name})" not in readme] == []


PICTURE_BYTES_MAX = 150_000


def test_the_changelog_tells_of_this_version(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    changelog = (root / "CHANGELOG.md").read_text("utf-8")

    assert f"\n## [{project['version']}]" in changelog


def test_what_may_be_logged_is_explained_to_operators(root: Path, files: list[File]) -> None:
    deploy = (root / "deploy/README.md").read_text("utf-8")
    logged = {
        name
        for file in files
        if file.under("intakebot/") and file.is_python
        for name in re.findall(r'\blog\.(?:warning|error)\(\s*"([a-z-]+)"', file.text)
    }

    assert len(logged) > 5
    assert {name for name in logged if f"`{name}`" not in deploy} == set()


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
sudo -u somebody intakebot --env-file a serve
```
1. A list
   ```sh
   python3 -m pytest tests
   ```
```json
make it
```
"""


def test_commands_are_read_from_their_fences() -> None:
    found = list(commands([File("a.md", DOCUMENT)]))

    assert [line.targets for line in found] == [["run"], ["test"], [], [], []]
    assert [(line.command, line.program) for line in found] == [
        ("", []),
        ("", []),
        ("check", ["check", "flow.json", "--strict"]),
        ("serve", ["--env-file", "a", "serve"]),
        ("", []),
    ]
    assert found[-1].tests == ["tests"]
    assert found[1].environment == {"INTAKEBOT_LISTEN": ":80"}


def test_an_unknown_command_has_no_help() -> None:
    assert help_of("brew-coffee") == ""
    assert "--sample" in help_of("serve")


def test_codes_and_settings_are_read() -> None:
    assert codes_in(File("a.py", "TOO_LONG = 'F012'\ntext = 'see F013'")) == {"F012"}
    assert settings_in(File("a.md", "Set `INTAKEBOT_KEYS_FILE=/x`.")) == {"INTAKEBOT_KEYS_FILE"}
