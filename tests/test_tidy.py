"""The house rules hold for every file of the project, and every rule can fail.

The rules stand in tests/house/rules.py. A row below is a file that breaks a rule, or comes close and does not.
"""

from pathlib import Path

import pytest

from tests.house import rules
from tests.house.files import File, project_files
from tests.house.rules import Rule

CORE = "intakebot/core/some.py"
# Put together here, so that this file itself keeps the rules.
LATER, HOME, INDEX = "TO" + "DO", "/" + "home/someone", "pypi" + ".org"


@pytest.fixture(scope="module")
def files(root: Path) -> list[File]:
    return project_files(root)


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_its_rules(rule: Rule, files: list[File]) -> None:
    problems = [problem for file in files for problem in rule(file)]

    assert not problems, "\n" + "\n".join(problems)


def test_everything_is_reached(files: list[File]) -> None:
    problems = list(rules.unreachable(files))

    assert not problems, "\n" + "\n".join(problems)


def test_every_exception_is_still_needed(files: list[File]) -> None:
    paths = [file.path for file in files]
    excepted = (*rules.SOURCES_OF_TIME_AND_CHANCE, *rules.LOADED_BY_PATH)
    trees = [file.tree for file in files if file.is_python]
    given = {name for tree in trees for name, _ in rules.names_given(tree)}

    assert [path for path in excepted if not any(it.startswith(path) for it in paths)] == []
    assert sorted(rules.NAMES_ALLOWED.keys() - given) == []


@pytest.mark.parametrize(
    ("rule", "path", "text", "says"),
    [
        (rules.long_files, CORE, "x = 1\n" * 401, "401 lines, 400 at most"),
        (rules.long_functions, CORE, "def f():\n" + "  x = 1\n" * 70, "f: 71 lines, 70 at most"),
        (rules.time_and_chance, CORE, "datetime.now(UTC)", "take `now` as an argument"),
        (rules.time_and_chance, CORE, "clock = dt.datetime.utcnow", "take `now` as an argument"),
        (rules.time_and_chance, CORE, "date.today()", "take `now` as an argument"),
        (rules.time_and_chance, CORE, "time.time()", "take `now` as an argument"),
        (rules.time_and_chance, CORE, "from time import time", "take `now` as an argument"),
        (rules.time_and_chance, CORE, "import uuid", "take the id or the number as an argument"),
        (rules.time_and_chance, CORE, "from secrets import token_hex", "secrets is banned"),
        (
            rules.time_and_chance,
            CORE,
            "import os\nos.urandom(8)",
            "some.py:2: os.urandom is banned",
        ),
        (rules.sql_outside_the_store, CORE, "q = 'SELECT id FROM session'", "in intakebot/store/"),
        (rules.sql_outside_the_store, CORE, "q = f'delete from {table}'", "in intakebot/store/"),
        (rules.sql_outside_the_store, CORE, "q = 'delete from session'", "in intakebot/store/"),
        (rules.sql_outside_the_store, CORE, "q = 'PRAGMA foreign_keys'", "in intakebot/store/"),
        (rules.sql_outside_the_store, "intakebot/web/some.sql", "", "in intakebot/store/"),
        (rules.sql_outside_the_store, "intakebot/store/q.sql", "-- x\nSELECT * FROM a", "q.sql:2"),
        (rules.leftovers, "docs/some.md", f"all\n{LATER}: the rest", "some.md:2"),
        (rules.names_of_modules, "intakebot/web/utils.py", "", "`utils`"),
        (rules.names_of_modules, "intakebot/common/flow.py", "", "`common`"),
        (rules.names_of_modules, "tests/web_helpers.py", "", "`web_helpers`"),
        (rules.words, CORE, "class UserStore: ...", "say who"),
        (rules.words, CORE, "def f(*, open_tickets): ...", "say request"),
        (rules.words, CORE, "self.payload = 1", "say what is in it"),
        (rules.words, CORE, "import signal as handler", "say what it does"),
        (rules.words, CORE, "match x:\n case [user, *cases]: ...", "say who"),
        (rules.swallowed, CORE, "try: ...\nexcept Exception: pass", "which failure"),
        (rules.swallowed, CORE, "try: ...\nexcept: ...", "which failure"),
        (rules.silenced, CORE, "x = 1  # noqa" + ": S105", "say why"),
        (rules.silenced, CORE, "x = 1  # type" + ": ignore[misc]", "say why"),
        (rules.silenced, CORE, "x = 1  # pragma" + ": no cover", "say why"),
        (rules.addresses, "docs/some.md", f"look in {HOME}/x", "a path of one machine"),
        (rules.addresses, "Makefile", f"curl https://{INDEX}/simple", "chooses the registry"),
        (rules.locks, "a.lock", "a==1 \\\n    --hash=sha256:0\nb==2\n", "b==2: no hash"),
        (rules.locks, "a.lock", "a @ https://x/a.whl --hash=sha256:0", "an address"),
    ],
)
def test_a_rule_notices(rule: Rule, path: str, text: str, says: str) -> None:
    problems = list(rule(File(path, text)))

    assert any(says in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (rules.long_files, CORE, "x = 1\n" * 400),
        (rules.long_files, "tests/test_some.py", "x = 1\n" * 401),
        (rules.long_functions, CORE, "def f():\n" + "  x = 1\n" * 69),
        (rules.time_and_chance, CORE, "def f(now: datetime) -> date: return now.date()"),
        (rules.time_and_chance, "intakebot/house.py", "import uuid\ndatetime.now(UTC)"),
        (rules.sql_outside_the_store, CORE, "help = 'Select a team from the list.'"),
        (rules.sql_outside_the_store, CORE, "'''SELECT a FROM b is what it reads.'''"),
        (rules.sql_outside_the_store, "intakebot/store/some.py", "q = 'SELECT id FROM session'"),
        (rules.leftovers, "docs/some.md", "Welke hulp heeft u todo nodig?"),
        (rules.names_of_modules, "intakebot/core/database.py", ""),
        (rules.words, CORE, "who = update.effective_user.id"),
        (rules.words, CORE, "said = text.casefold()"),
        (rules.swallowed, CORE, "try: ...\nexcept KeyError: pass"),
        (rules.swallowed, CORE, "try: ...\nexcept Exception as e: log(e)"),
        (rules.silenced, CORE, "x = 1  # noqa" + ": S105  (no secret: a label)"),
        (rules.silenced, CORE, "x = 1  # type" + ": ignore[misc]  # alembic has no types"),
        (rules.addresses, "docs/some.md", "/etc/intakebot/env and https://example.org/home/"),
        (rules.locks, "a.lock", "a==1 \\\n    --hash=sha256:0\n    # via b\n"),
    ],
)
def test_a_rule_lets_pass(rule: Rule, path: str, text: str) -> None:
    assert list(rule(File(path, text))) == []


def test_a_file_that_nothing_leads_to_is_noticed() -> None:
    def lost(*files: tuple[str, str]) -> list[str]:
        found = rules.unreachable([File(path, text) for path, text in files])
        return [problem.partition(":")[0] for problem in found]

    main = ("intakebot/__main__.py", "from intakebot import app")
    app = ("intakebot/app.py", "from intakebot.core.flow import Flow\nimport intakebot.web.pages")
    flow, pages = ("intakebot/core/flow.py", ""), ("intakebot/web/pages.py", "")
    rooms = [(f"intakebot/{room}__init__.py", "") for room in ("", "core/", "web/")]
    dead = ("intakebot/core/dead.py", "from intakebot.core import flow")

    assert lost(main, app, flow, pages, *rooms) == []
    assert lost(main, app, flow, pages, *rooms, dead) == ["intakebot/core/dead.py"]
    assert lost(dead, ("tests/test_dead.py", "from intakebot.core.dead import x")) == []
    assert lost(("tests/builders.py", ""), ("tests/test_some.py", "")) == ["tests/builders.py"]
    assert lost(("docs/write.py", "")) == ["docs/write.py"]
    assert lost(("docs/write.py", ""), ("Makefile", "docs:\n\tpython docs/write.py")) == []
    assert lost(("tests/conftest.py", "pytest_plugins = ['tests.p']"), ("tests/p.py", "")) == []
    assert lost(("intakebot/store/migrations/versions/1.py", "")) == []


def test_a_new_file_is_looked_at_and_an_ignored_one_is_not(tmp_path: Path) -> None:
    for path in ("a.py", "b/c.md", ".ci/run", ".git/config", ".venv/d.py", "b/e.pyc"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    (tmp_path / "font.woff2").write_bytes(b"\xff\xfe\x00")
    (tmp_path / ".gitignore").write_text("# a b not ours\n\n.venv/\n*.pyc\n")

    found = [file.path for file in project_files(tmp_path)]

    assert found == [".ci/run", ".gitignore", "a.py", "b/c.md"]
