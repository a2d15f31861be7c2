"""The list of survivors can be read, and names only functions that exist; mutmut's words are understood."""

import ast
from pathlib import Path

import pytest

from tests import mutants
from tests.mutants import Survivor

DIFF = """\
# intakebot.core.reading.dates.x__day__mutmut_3: survived
--- intakebot/core/reading/dates.py
+++ intakebot/core/reading/dates.py
@@ -1,6 +1,6 @@
 def _day(day: str) -> date | None:
-    if year is not None:
+    if year is None:
         return None
"""


def test_every_survivor_has_a_reason_and_stands_in_the_code(root: Path) -> None:
    for survivor in mutants.read_list(mutants.LIST):
        taken_out = [line[1:] for line in survivor.change.splitlines() if line.startswith("-")]
        module = survivor.where
        while not (path := root / (module.replace(".", "/") + ".py")).is_file():
            module = module.rpartition(".")[0]
        text = path.read_text(encoding="utf-8")

        assert survivor.where.rpartition(".")[2] in {
            node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)
        }
        assert [line for line in taken_out if line.strip() not in text] == []


def test_a_survivor_without_a_reason_is_refused(tmp_path: Path) -> None:
    listed = tmp_path / "survivors.yaml"
    listed.write_text("- {where: a.b, change: '- x'}", encoding="utf-8")

    with pytest.raises(AssertionError, match="say why"):
        mutants.read_list(listed)


def test_what_mutmut_says_is_understood() -> None:
    assert (
        mutants.function_of("intakebot.core.reading.dates.x__day__mutmut_3")
        == "intakebot.core.reading.dates._day"
    )
    assert mutants.function_of("a.b.xǁSpokenǁread__mutmut_12") == "a.b.Spoken.read"
    assert mutants.change_of(DIFF) == "-    if year is not None:\n+    if year is None:"
    assert mutants.of_modules("a.b.x_c__mutmut_1", ["a.b"])
    assert not mutants.of_modules("a.bc.x_c__mutmut_1", ["a.b"])


def test_a_new_survivor_and_a_dead_one_are_told_apart() -> None:
    old, new = Survivor("a.f", "- x\n", "no difference"), Survivor("a.f", "- y")

    assert mutants.compare([Survivor("a.f", "- x")], [old]) == ([], [])
    assert mutants.compare([new], [old]) == ([new], [old])
