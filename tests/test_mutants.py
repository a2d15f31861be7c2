"""Mutants are made, asked about and told apart; the list of survivors names only what exists."""

import ast
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.mutation import making, survivors
from tests.mutation.__main__ import score, share
from tests.mutation.asking import End
from tests.mutation.known import Known
from tests.mutation.survivors import Change, Reason

THING = """\
class Scale:
    def weigh(self, grams):
        return grams + 10


def is_large(grams):
    return grams >= 100


def count(upto):
    done = 0
    while done < upto:
        done += 1
    return done


def hurried():
    return 7


def patient():
    return 5


def never_called():
    return 1
"""
TESTS = """\
from pathlib import Path
import thing

def test_the_scale():
    assert thing.Scale().weigh(5) == 15

def test_large():
    assert thing.is_large(200)
    assert not thing.is_large(20)

def test_count():
    assert thing.count(3) == 3

async def test_that_fails_when_it_is_asked_again():
    Path(__file__).with_name("asked").open("a").write("x")
    assert len(Path(__file__).with_name("asked").read_text()) == 1
    thing.hurried()

async def test_that_waits():
    assert thing.patient() == 5
"""
ASK = """\
import sys
from pathlib import Path
import pytest
from tests.mutation import asking
from tests.mutation.making import mutants_of

asking.SLACK_S = 1
here = Path(sys.argv[1])
sys.path.insert(0, str(here))
file = here / "thing.py"
told = []
plugin = asking.Asking(
    list(mutants_of(here, file)), lambda it, end: told.append((it, end)), [file], 2
)
pytest.main(["-s", "-q", "-p", "no:cacheprovider", f"--rootdir={here}", "-o", "asyncio_mode=auto", str(here)], plugins=[plugin])
for it, end in told:
    print("told", it.where, end, it.change.replace("\\n", " ").replace("    ", ""), sep="|")
"""


def test_every_survivor_has_a_reason_and_stands_in_the_code(root: Path) -> None:
    for reason in survivors.read_lists(survivors.LISTED):
        module = reason.where
        while not (path := root / (module.replace(".", "/") + ".py")).is_file():
            module = module.rpartition(".")[0]
        text = path.read_text(encoding="utf-8")
        lines = [line.strip() for line in text.splitlines()]
        taken_out = [line[1:] for line in reason.change.splitlines() if line.startswith("-")]

        assert reason.where.rpartition(".")[2] in {
            node.name
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert [line for line in taken_out if line.strip() not in lines] == []


def test_a_survivor_without_a_reason_is_refused(tmp_path: Path) -> None:
    listed = tmp_path / "some.yaml"
    listed.write_text("- {where: a.b, change: '- x'}", encoding="utf-8")
    with pytest.raises(AssertionError, match="say why"):
        survivors.read_lists(tmp_path)

    listed.write_text("- {where: a.b, because: it is so}", encoding="utf-8")
    with pytest.raises(AssertionError, match="give `change` or `like`"):
        survivors.read_lists(tmp_path)


def test_a_new_survivor_and_a_dead_one_are_told_apart() -> None:
    old, new = Reason("a.f", "no difference", change="-  x\n+  z\n"), Change("a.f", "-y\n+z")
    like = Reason("a.f", "no difference", like=r"^\+z$")

    assert survivors.compare([Change("a.f", "-x\n+z")], [old]) == ([], [])
    assert survivors.compare([new], [old]) == ([new], [old])
    assert survivors.compare([new], [like]) == ([], [])
    assert survivors.compare([Change("a.g", "-y\n+z")], [like])[1] == [like]
    assert survivors.of_modules("a.b.c", ["a.b"])
    assert survivors.of_modules("a.b", ["a.b"])
    assert not survivors.of_modules("a.bc", ["a.b"])


def test_a_score_counts_what_a_test_noticed() -> None:
    ends = Counter({End.KILLED: 5, End.ENDLESS: 2, End.SURVIVED: 2, End.UNASKED: 1})

    assert share(ends) == pytest.approx(0.7)
    assert score(ends) == "7 of 10, 70.0 % (2 endless)"


def test_a_mutant_stands_in_its_statement(tmp_path: Path) -> None:
    (tmp_path / "thing.py").write_text(
        "def f(a,\n      b=2):\n    return (\n        a - b\n    )\n"
    )

    made = {it.change: it for it in making.mutants_of(tmp_path, tmp_path / "thing.py")}

    assert made["-        a - b\n+        a + b"].lines == range(3, 6)
    assert made["-      b=2):\n+      b=3):"].lines == range(1, 6)


def test_what_a_test_notices_and_what_none_does(tmp_path: Path, root: Path) -> None:
    (tmp_path / "thing.py").write_text(THING)
    (tmp_path / "test_thing.py").write_text(TESTS)

    # What is added to this run, such as `--no-skips`, is known in this folder only.
    bare = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}

    ran = subprocess.run(
        [sys.executable, "-c", ASK, str(tmp_path)],
        cwd=root,
        env=bare,
        capture_output=True,
        text=True,
        check=True,
    )
    told = [line.split("|")[1:] for line in ran.stdout.splitlines() if line.startswith("told")]
    ends = {(where.removeprefix("thing."), change): end for where, end, change in told}

    assert ends["Scale.weigh", "-return grams + 10 +return grams - 10"] == "killed"
    assert ends["is_large", "-return grams >= 100 +return grams >= 101"] == "survived"
    assert ends["is_large", "-return grams >= 100 +return grams > 100"] == "survived"
    assert ends["count", "-done += 1 +done -= 1"] == "endless"
    assert ends["patient", "-return 5 +return 6"] == "killed"
    assert ends["hurried", "-return 7 +return 8"] == "unsure"
    assert ends["never_called", "-return 1 +return 2"] == "unasked"


def test_what_was_noticed_is_believed_until_the_function_changes(tmp_path: Path) -> None:
    (tmp_path / "thing.py").write_text(THING)
    (mutant, other) = list(making.mutants_of(tmp_path, tmp_path / "thing.py"))[:2]
    path = tmp_path / "mutants" / "known.jsonl"
    Known(path, is_again=False).tell(mutant, End.KILLED)
    Known(path, is_again=True).tell(other, End.SURVIVED)
    with path.open("a") as file:
        file.write('{"key":"cut o')

    known = Known(path, is_again=True)
    assert (known.noticed(mutant), known.noticed(other)) == (End.KILLED, None)
    mutant.text += "#"
    assert known.noticed(mutant) is None
    assert Known(path, is_again=False).noticed(other) is None
    assert not path.exists()
