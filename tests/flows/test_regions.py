"""Region files: each broken one says on top what `check` reports of it; and what a start does with one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from intakebot import commands, content, words
from intakebot.__main__ import main
from intakebot.content import files
from intakebot.core.check import around, check, errors
from intakebot.core.check.regions import HELP_LINES
from intakebot.house import open_house
from intakebot.settings import Settings

HERE = Path(__file__).parent / "regions"
BROKEN = sorted(HERE.glob("F*.yaml"))
SMALL = HERE / "klein.yaml"
EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "region.yaml"
SHIPPED = Path(str(content.FOLDER)) / "region.yaml"
CATALOGUES = words.load()


@pytest.fixture(scope="module")
def shelf() -> content.Content:
    return content.load()


@pytest.fixture(autouse=True)
def once(shelf: content.Content, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped content is read once for all tests here: it takes a second or more."""
    monkeypatch.setattr(content, "load", lambda: shelf)


def told(path: Path, shelf: content.Content) -> list[str]:
    """What is reported of this file."""
    return [str(problem) for problem in files.read_region(path, shelf, CATALOGUES)[1]]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_region_is_told_what_is_wrong(path: Path, shelf: content.Content) -> None:
    head = path.read_text("utf-8").split("\n\n")[0]

    assert told(path, shelf) == [line.removeprefix("# ") for line in head.splitlines()]
    assert f"# {path.name[:4]} " in head


@pytest.mark.parametrize("path", [SMALL, EXAMPLE, SHIPPED], ids=["small", "example", "shipped"])
def test_a_good_region_has_no_problem(path: Path, shelf: content.Content) -> None:
    region, found = files.read_region(path, shelf, CATALOGUES)

    assert found == ()
    assert region is not None
    assert errors(check(shelf.revision, around(region, shelf.lexicon))) == ()


def test_a_rule_without_its_queue_is_told(shelf: content.Content) -> None:
    """The flow must lead to people who are there."""
    first, *others = shelf.revision.routing
    gone = msgspec.structs.replace(first, queue="GM0001/weg")
    revision = msgspec.structs.replace(shelf.revision, routing=(gone, *others))

    assert [line[:4] for line in told(SMALL, replace(shelf, revision=revision))] == [
        "F504",
        "F503",
        "F503",
    ]


def test_the_help_lines_are_those_that_the_cards_name() -> None:
    named = {
        place
        for (_, key), text in CATALOGUES._catalogues["nl"].items()
        if key.startswith("card.")
        for place in re.findall(r"\{(\w+)\}", text)
    }

    assert named - {"urgent"} == set(HELP_LINES)


def test_check_prints_everything_of_a_region(capsys: pytest.CaptureFixture[str]) -> None:
    path = HERE / "F712-out-of-range.yaml"

    assert main(["check", str(path)]) == commands.PROBLEMS_FOUND

    printed = capsys.readouterr().out.splitlines()
    assert [line[:4] for line in printed[:-1]] == ["F712", "F712"]
    assert printed[-1] == f"{path}: 2 errors, 0 warnings."


async def test_a_start_serves_the_region_of_the_setting(tmp_path: Path) -> None:
    async with open_house(Settings(state=tmp_path / "state", region=SMALL)) as house:
        assert house.shelf.region.name == "Klein"
        assert house.flow.region.name == "Klein"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("name: [", ["F003 The region: is no YAML"]),
        ("- a", ["F006 The region: holds no fields."]),
        ("name: a\nname: b", ['F004 The region, line 2: has the name "name" twice', "F008"]),
        (
            SMALL.read_text("utf-8").replace('["9990-9992"]', "[9990]").replace("[nl]", "[xx]"),
            ['F009 Municipality "GM9990"', 'F710 The region: offers language "xx"'],
        ),
    ],
)
def test_a_start_tells_all_that_is_wrong_at_once(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    written: str,
    says: list[str],
) -> None:
    path = tmp_path / "region.yaml"
    path.write_text(written, "utf-8")
    monkeypatch.setenv("INTAKEBOT_REGION", str(path))
    monkeypatch.setenv("INTAKEBOT_STATE", str(tmp_path / "state"))

    assert main(["migrate"]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(f"INTAKEBOT_REGION: {path} cannot be served as it is.\n  F")
    assert [one for one in says if one not in printed] == []
    assert not (tmp_path / "state").exists()


def test_a_region_that_is_not_there_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTAKEBOT_REGION", str(tmp_path / "nee.yaml"))

    assert main(["migrate"]) == 2
    assert "nee.yaml: cannot be read (no such file or directory)." in capsys.readouterr().err


def test_the_sample_members_belong_to_the_sample_region(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTAKEBOT_REGION", str(SMALL))
    monkeypatch.setenv("INTAKEBOT_STATE", str(tmp_path / "state"))

    assert main(["serve", "--sample"]) == 2
    assert "INTAKEBOT_REGION" in capsys.readouterr().err
