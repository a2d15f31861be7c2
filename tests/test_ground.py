"""What everything stands on: setting up, packing, the locks, the targets, and the strictness of the tests themselves."""

import gettext
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hatch_build import compile_catalogues
from tests.house.files import walk

MO_AND_PO = ("intakebot/locales/{}/LC_MESSAGES/{}.mo", "intakebot/locales/{}/LC_MESSAGES/{}.po")


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    """What pyproject.toml says."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def setup_venv(root: Path) -> ModuleType:
    spec = spec_from_file_location("setup_venv", root / ".ci" / "setup_venv.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*command: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """The command's end, in an environment that does not know of the tests that run around it."""
    quiet = {name: value for name, value in os.environ.items() if name not in AROUND_US}
    return subprocess.run(
        command, cwd=cwd, env=quiet | more, check=False, capture_output=True, text=True, timeout=120
    )


AROUND_US = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"}


# Setting up


@pytest.mark.parametrize("python", ["false", "there-is-no-such-python"])
def test_an_old_or_missing_python_is_one_sentence(root: Path, tmp_path: Path, python: str) -> None:
    done = run("make", "-s", f"PY={python}", f"V={tmp_path}/venv", "setup", cwd=root)

    assert done.returncode != 0
    assert done.stdout.splitlines() == [
        "Python 3.11 or newer is needed. If it has another name, say it: make PY=python3.12 run"
    ]


def test_a_debian_python_without_venv_is_told_what_to_install(setup_venv: ModuleType) -> None:
    problem = setup_venv.unfit(find=lambda name: None if name == "ensurepip" else object())

    assert "`apt-get install python3-venv`" in problem
    assert setup_venv.unfit() is None


def test_a_changed_lock_makes_the_environment_out_of_date(setup_venv: ModuleType) -> None:
    prints = {setup_venv.fingerprint("run"), setup_venv.fingerprint("dev")}

    assert len(prints) == 2
    assert setup_venv.fingerprint("run") in prints


def test_help_names_every_target(root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):", makefile, re.MULTILINE)
    phony = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    shown = run("make", "-s", "help", cwd=root).stdout

    assert sorted(re.findall(r"^  make ([a-z]+) +\S", shown, re.MULTILINE)) == sorted(targets)
    assert sorted(" ".join(phony).split()) == sorted(targets)


def test_continuous_integration_runs_what_people_run(root: Path) -> None:
    script = root / ".ci" / "run"

    assert os.access(script, os.X_OK)
    lines = script.read_text(encoding="utf-8").splitlines()
    assert "make check" in lines
    assert any(line.endswith(" make test") for line in lines)


# Locks


def pins(lock: Path) -> dict[str, str]:
    """Name and version of everything in a lock."""
    found = re.findall(r"^([\w.-]+)==([\w.]+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


def names(requirements: list[str]) -> set[str]:
    """The names in a list of requirements, as a lock writes them."""
    return {re.split(r"[\[<>=!~; ]", it)[0].lower().replace("_", "-") for it in requirements}


def test_every_direct_dependency_is_locked(root: Path, project: dict[str, Any]) -> None:
    groups = project["dependency-groups"]

    assert names(project["project"]["dependencies"]) <= pins(root / "requirements.lock").keys()
    assert names(groups["dev"]) <= pins(root / "requirements-dev.lock").keys()
    assert names(groups["build"]) <= pins(root / "requirements-build.lock").keys()
    assert names(groups["peers"]) <= pins(root / "requirements-peers.lock").keys()
    assert names(groups["learning"]) <= pins(root / "requirements-learning.lock").keys()
    assert names(groups["uv"]) == pins(root / "requirements-uv.lock").keys()


def test_the_tests_run_with_the_versions_that_people_run(root: Path) -> None:
    program = pins(root / "requirements.lock").items()

    assert program <= pins(root / "requirements-dev.lock").items()


def test_the_program_needs_no_tool_of_the_tests(root: Path, project: dict[str, Any]) -> None:
    tools = names(project["dependency-groups"]["dev"])

    assert tools.isdisjoint(pins(root / "requirements.lock"))


def test_every_direct_dependency_says_what_it_is_for(root: Path) -> None:
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    lines = re.findall(r'^    "[A-Za-z][\w-]*(?:\[\w+\])?[<>=].*$', text, re.MULTILINE)

    assert len(lines) > 20
    assert [line for line in lines if not re.search(r'",\s+# [A-Z].+\.$', line)] == []


# Packing

CATALOGUE = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"

msgid "greeting"
msgstr "Dag {name}"

#, fuzzy
msgid "guessed"
msgstr "Misschien"
"""


def test_catalogues_are_compiled_without_what_is_uncertain(tmp_path: Path) -> None:
    source = tmp_path / "nl" / "LC_MESSAGES" / "intakebot.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE, encoding="utf-8")

    compiled = compile_catalogues(tmp_path)

    assert compiled == [source.with_suffix(".mo")]
    with compiled[0].open("rb") as file:
        words = gettext.GNUTranslations(file)
    assert words.gettext("greeting") == "Dag {name}"
    assert words.gettext("guessed") == "guessed"


def test_the_wheel_holds_everything_and_the_words(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for file in walk(root):
        target = copy / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    dutch = copy / "locales" / "nl" / "LC_MESSAGES" / "sample.po"
    dutch.parent.mkdir(parents=True, exist_ok=True)
    dutch.write_text(CATALOGUE, encoding="utf-8")

    built = run(
        sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path), cwd=copy
    )

    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    ours = {file.relative_to(copy).as_posix() for file in walk(copy)}
    assert {path for path in ours if path.startswith("intakebot/")} - packed == set()
    assert {it.format("nl", "sample") for it in MO_AND_PO} <= packed


# The strictness of the tests

SKIPPED, EXPECTED_TO_FAIL, FINE = (
    "import pytest\ndef test_a(): pytest.skip('no reason')\n",
    "import pytest\n@pytest.mark.xfail\ndef test_b(): assert False\n",
    "def test_c(): pass\n",
)
AT_IMPORT = "import pytest\npytest.skip('all of it', allow_module_level=True)\n"


FORGETS = """\
import threading
def test_d(): threading.Thread(target=threading.Event().wait, name="forgotten").start()
"""


@pytest.mark.parametrize(
    ("test", "options", "fails"),
    [
        (SKIPPED, ["--no-skips"], True),
        (SKIPPED, ["--no-skips", "-n1"], True),
        (AT_IMPORT, ["--no-skips"], True),
        (AT_IMPORT, ["--no-skips", "-n1"], True),
        (SKIPPED, [], False),
        (EXPECTED_TO_FAIL, ["--no-skips"], False),
        (FINE, ["--no-skips", "-n1"], False),
    ],
)
def test_a_skipped_test_fails_the_run_when_told_so(
    root: Path, tmp_path: Path, test: str, options: list[str], *, fails: bool
) -> None:
    (tmp_path / "test_some.py").write_text(FINE + test, encoding="utf-8")

    done = pytest_alone(root, tmp_path, *options)

    assert (done.returncode != 0) == fails, done.stdout
    assert ("--no-skips was given" in done.stdout) == fails


@pytest.mark.parametrize("options", [[], ["-n1"]])
def test_a_thread_that_a_test_forgot_fails_the_run(
    root: Path, tmp_path: Path, options: list[str]
) -> None:
    (tmp_path / "test_some.py").write_text(FINE + FORGETS, encoding="utf-8")

    done = pytest_alone(root, tmp_path, *options)

    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "forgotten" in done.stdout.splitlines()


ROOM = "import pytest, thing\ndef test_{0}(): thing.{0}()\n"
THING = "def here():\n    pass\ndef beside():\n    return 1\n"


@pytest.mark.parametrize(("options", "missed"), [([], []), (["--cov-in=engine"], [4])])
def test_coverage_counts_only_while_the_rooms_run_that_were_named(
    root: Path, tmp_path: Path, options: list[str], missed: list[int]
) -> None:
    (tmp_path / "thing.py").write_text(THING, encoding="utf-8")
    for room, name in (("beside", "beside"), ("engine", "here")):
        (tmp_path / room).mkdir()
        (tmp_path / room / f"test_{name}.py").write_text(ROOM.format(name), encoding="utf-8")
    measures = ("-p", "pytest_cov", "--cov=thing", "--cov-report=json")

    done = pytest_alone(root, tmp_path, "-p", "tests.house.covering", *measures, *options)

    assert done.returncode == 0, done.stdout
    told = json.loads((tmp_path / "coverage.json").read_text(encoding="utf-8"))
    assert told["files"]["thing.py"]["missing_lines"] == missed


def pytest_alone(root: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The tests in *folder*, run with our own plugins and nothing else."""
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    names = ("xdist", "tests.house.no_skips", "tests.house.left_open")
    plugins = [word for name in names for word in ("-p", name)]
    return run(
        *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *plugins, *options),
        cwd=folder,
        PYTHONPATH=f"{root}{os.pathsep}{folder}",
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
    )
