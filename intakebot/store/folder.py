"""The state folder: database, keys and attachments, for its owner alone."""

from __future__ import annotations

import stat
from pathlib import Path

from intakebot.store.problems import StoreProblem


def private_folder(path: Path) -> Path:
    """Make the folder when there is none; raises `StoreProblem` when others can look into it."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = path.stat().st_mode
    except OSError as fault:
        raise StoreProblem(
            str(path),
            f"The state folder cannot be made ({fault.strerror}).",
            "Let INTAKEBOT_STATE name a folder that intakebot may write in.",
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise StoreProblem(
            str(path),
            f"Others can look into the state folder (mode {stat.S_IMODE(mode):04o}).",
            f"Run: chmod 700 {path}",
        )
    return path
