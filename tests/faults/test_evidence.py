"""What a long run measured says which commit it measured."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.faults.evidence import record


def _git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.nl")
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _commits(folder: Path) -> list[str]:
    """The commits that stand in the file, in its order."""
    lines = (folder / "docs" / "evidence.md").read_text().splitlines()
    return [line.split("|")[2].strip() for line in lines if line.startswith("| commit |")]


def test_figures_beside_figures_make_no_commit_another_one(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "program.py").write_text("1\n")
    record(tmp_path, "Before there was git", {"kills": 1})
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-qm", "it")
    commit = _git(tmp_path, "describe", "--always")

    record(tmp_path, "Kills", {"kills": 500})
    record(tmp_path, "Cuts", {"cuts": 1_000})
    assert _commits(tmp_path) == ["unknown", commit, commit]

    (tmp_path / "program.py").write_text("2\n")
    record(tmp_path, "Kills", {"kills": 200})
    assert _commits(tmp_path) == ["unknown", commit, f"{commit}-dirty"]
    assert "| kills | 500 |" not in (tmp_path / "docs" / "evidence.md").read_text()
