from pathlib import Path

import pytest

from intakebot.store.folder import private_folder
from intakebot.store.problems import StoreProblem


def test_the_state_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "state")

    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    assert private_folder(folder) == folder


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o777])
def test_a_folder_that_others_could_look_into_is_closed_to_them(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(mode)

    assert oct(private_folder(folder).stat().st_mode & 0o777) == "0o700"


def test_a_file_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")

    with pytest.raises(StoreProblem, match="cannot be made"):
        private_folder(tmp_path / "state")
