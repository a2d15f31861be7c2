"""Flow files: each broken file says on top, word for word, what `check` reports of it, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from intakebot import commands, content
from intakebot.__main__ import main
from intakebot.content.files import NoFlowFile, read_flow
from intakebot.core.check import Severity, errors, problems
from intakebot.core.check.problems import Fault
from intakebot.core.limits import FLOW_BYTES_MAX

HERE = Path(__file__).parent
BROKEN = sorted((HERE / "broken").glob("*.yaml"))
OF_REGIONS = {path.name[:4] for path in (HERE / "regions").glob("F*.yaml")}  # test_regions.py
SMALL = (HERE / "klein.yaml").read_text("utf-8")
FAULTS = [fault for fault in vars(problems).values() if isinstance(fault, Fault)]
# Shown by a test below: these are no texts to keep as a file.
WITHOUT_FILE = {"F001", "F002"}


@pytest.fixture(scope="module")
def shelf() -> content.Content:
    return content.load()


@pytest.fixture(autouse=True)
def once(shelf: content.Content, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped content is read once for all tests here: it takes a second or more."""
    monkeypatch.setattr(content, "load", lambda: shelf)


def offering(shelf: content.Content, *languages: str) -> content.Content:
    """The shipped content in a region that offers these languages."""
    return replace(shelf, region=shelf.region.replace(languages=languages))


def told(path: Path, shelf: content.Content) -> list[str]:
    """What is reported of this file."""
    return [str(problem) for problem in read_flow(path, shelf)[1]]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_flow_is_told_what_is_wrong(path: Path, shelf: content.Content) -> None:
    text = path.read_text("utf-8")
    expected = [line.removeprefix("# ") for line in text.split("\n\n")[0].splitlines()]
    in_english = "translations:" in text or path.stem.startswith("F601")

    assert told(path, offering(shelf, "nl", *(["en"] if in_english else []))) == expected


def test_every_problem_has_a_file_that_shows_it() -> None:
    shown = {path.name[:4] for path in BROKEN} | OF_REGIONS | WITHOUT_FILE

    assert {fault.code for fault in FAULTS} == shown


def test_every_code_is_there_once() -> None:
    codes = [fault.code for fault in FAULTS]

    assert codes == sorted(set(codes))


def test_a_broken_file_shows_its_own_problem() -> None:
    assert [path.name for path in BROKEN if f"# {path.name[:4]} " not in path.read_text()] == []


def test_the_shipped_flow_has_no_problem(shelf: content.Content) -> None:
    path = Path(str(content.FOLDER)) / "flow" / f"{content.FLOW}.yaml"

    assert read_flow(path) == (shelf.revision, ())


def test_a_small_flow_has_no_problem(shelf: content.Content) -> None:
    """It leaves the rules, names and translations to the shipped ones."""
    revision, found = read_flow(HERE / "klein.yaml", offering(shelf, "nl"))

    assert found == ()
    assert revision is not None
    assert revision.routing == shelf.revision.routing


def test_a_flow_with_warnings_can_be_used(shelf: content.Content) -> None:
    revision, found = read_flow(HERE / "klein.yaml", offering(shelf, "nl", "en", "ar"))

    assert revision is not None
    assert [problem.code for problem in found] == ["F601", "F601"]
    assert errors(found) == ()
    assert {problem.severity for problem in found} == {Severity.WARNING}


def test_translations_stand_beside_the_flow(shelf: content.Content, tmp_path: Path) -> None:
    flow = tmp_path / "klein.yaml"
    flow.write_text(SMALL, "utf-8")
    (tmp_path / "en.yaml").write_text('geld.text: {source: "", text: Debts?}', "utf-8")
    (tmp_path / "ander.yaml").write_text("iets: anders", "utf-8")

    revision, found = read_flow(flow, offering(shelf, "nl", "en"))

    assert revision is not None
    assert list(revision.translations) == ["en"]
    assert any(one.code == "F604" and '"geld.text"' in one.what for one in found)


def test_a_translation_that_is_no_yaml_is_told(shelf: content.Content, tmp_path: Path) -> None:
    flow = tmp_path / "klein.yaml"
    flow.write_text(SMALL, "utf-8")
    (tmp_path / "en.yaml").write_text("geld.text: [", "utf-8")

    assert told(flow, offering(shelf, "nl", "ar"))[0].startswith('F003 Language "en": is no YAML')
    assert len(told(flow, offering(shelf, "nl", "ar"))) == 2


NOT_UTF8 = b"title: caf\xe9"


@pytest.mark.parametrize(
    ("name", "written", "says"),
    [
        ("a.yaml", b"#" * (FLOW_BYTES_MAX + 1), "F001 The flow: is larger than 2000000 bytes."),
        ("a.yaml", NOT_UTF8, "F002 The flow: is no text in UTF-8. Save it again as UTF-8."),
        ("a.json", NOT_UTF8, "F002 The flow: is no text in UTF-8. Save it again as UTF-8."),
        ("a.json", b'{"a":', "F003 The flow: is no JSON: Expecting value: line 1 column 6"),
        ("a.yaml", b"a: \x00", "F003 The flow: is no YAML: "),
        ("a.yaml", b"a: 2026-99-99", "F003 The flow: is no YAML: month must be in 1..12."),
        ("a.yaml", b"a: " + b"9" * 5000, "F003 The flow: is no YAML: "),
        ("a.yaml", b"a: *b", "F003 The flow: is no YAML: line 1, column 4: found undefined alias"),
        ("a.yaml", b"{[a]: b}: c", "F003 The flow: is no YAML: "),
        ("a.yaml", b"a: !!python/name:os.system", "F003 The flow: is no YAML: "),
        ("a.json", b'{"a": 1, "a": 2}', 'F004 The flow: has the name "a" twice'),
        ("a.yaml", b"a: &a [*a]", "F005 The flow: grows beyond 100000 parts"),
        ("a.yaml", b"", "F006 The flow: holds no fields."),
        ("a.yaml", b"tekst", "F006 The flow: holds no fields."),
        ("a.json", b"[" * 100_000, "F010 The flow: has parts within parts, deeper than 60."),
        ("a.yaml", b"[" * 100_000, "F010 The flow: has parts within parts, deeper than 60."),
        ("a.yaml", b"? " * 100_000, "F0"),
        ("a.yaml", b"? 1", 'F007 The flow: has a field "1" that is not known here.'),
        ("a.yaml", b"sections: {}", 'F009 The flow: field "sections": a piece with fields'),
    ],
)
def test_a_file_that_is_no_flow_is_told(
    name: str, written: bytes, says: str, shelf: content.Content, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(written)

    revision, found = read_flow(path, shelf)

    assert revision is None
    assert any(str(problem).startswith(says) for problem in found), [str(one) for one in found]


def test_a_flow_may_be_json(shelf: content.Content, tmp_path: Path) -> None:
    path = tmp_path / "klein.json"
    path.write_text('{"sections": [], "title": "\\ud83d\\ude00"}', "utf-8-sig")

    assert [one[:4] for one in told(path, offering(shelf, "nl"))] == ["F008"] * 3


def test_without_a_file_there_is_one_sentence(shelf: content.Content, tmp_path: Path) -> None:
    for path, why in ((tmp_path / "nee.yaml", "no such file"), (tmp_path, "is a directory")):
        with pytest.raises(NoFlowFile, match=rf"{re.escape(str(path))}: cannot be read \({why}"):
            read_flow(path, shelf)


def test_check_prints_everything(capsys: pytest.CaptureFixture[str]) -> None:
    path = HERE / "broken" / "F101-question-twice.yaml"

    assert main(["check", str(path)]) == commands.PROBLEMS_FOUND

    printed = capsys.readouterr().out.splitlines()
    others = ["F601"] * (len(content.load().region.languages) - 2)  # Dutch, and easy Dutch
    assert [line[:4] for line in printed[:-1]] == ["F101", *others]
    assert printed[-1] == f"{path}: 1 error, {len(others)} warnings."


def test_check_of_a_good_flow_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(str(content.FOLDER)) / "flow" / f"{content.FLOW}.yaml"

    assert main(["check", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: 0 errors, 0 warnings.\n"


def test_half_a_letter_is_printed_all_the_same(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "half.json"
    path.write_text('{"\\ud83d": 1}', "utf-8")

    assert main(["check", str(path)]) == commands.PROBLEMS_FOUND
    assert 'has a field "\\ud83d"' in capsys.readouterr().out


def test_without_a_file_a_command_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["check", "nee.yaml"], ["talk", "--flow", "nee.yaml"]):
        assert main(words) == 2
        assert capsys.readouterr().err == (
            "nee.yaml: cannot be read (no such file or directory). "
            "Give the path of a flow or region file, YAML or JSON.\n"
        )


def test_nobody_talks_with_a_broken_flow(capsys: pytest.CaptureFixture[str]) -> None:
    path = HERE / "broken" / "F101-question-twice.yaml"

    assert main(["talk", "--flow", str(path)]) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert {line[:4] for line in printed.err.splitlines()[:-1]} == {"F101", "F601"}
    assert printed.err.splitlines()[-1] == f"{path}: 1 error. Mend the flow before you talk."


def test_a_person_can_talk_with_a_small_flow(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    typed = tmp_path / "typed"
    typed.write_text("", "utf-8")
    with typed.open(encoding="utf-8") as nothing_more:
        monkeypatch.setattr("sys.stdin", nothing_more)

        assert main(["talk", "--lang", "nl", "--flow", str(HERE / "klein.yaml")]) == 0

    assert "Vertel wat er is." in capsys.readouterr().out
