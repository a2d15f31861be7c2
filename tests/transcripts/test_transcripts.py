"""Every transcript in this folder is told again and must be the same, line by line.

`pytest tests/transcripts --update` writes them anew; read the difference before you keep it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.transcripts.reading import played

TRANSCRIPTS = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_transcript_is_told_as_before(path: Path, request: pytest.FixtureRequest) -> None:
    told = played(path)
    if request.config.getoption("--update"):
        path.write_text(told, "utf-8")

    assert path.read_text("utf-8") == told


def test_there_are_transcripts() -> None:
    assert len(TRANSCRIPTS) >= 20
