"""The state folder: database, keys and attachments, for its owner alone."""

from __future__ import annotations

from pathlib import Path

from intakebot.store.problems import StoreProblem

OWNER_ONLY = 0o700
# Stands in the state folder while a backup is being restored into it.
RESTORING = ".restoring"


def private_folder(path: Path) -> Path:
    """Make the folder, or close the one that is there to others.

    Raises `StoreProblem` when that cannot be done, as in a folder of somebody else, and when a
    restore into it was not finished.
    """
    if (path / RESTORING).exists():
        what = "A backup was being restored here, and that was not finished."
        raise StoreProblem(str(path), what, "Run restore again; it begins anew.")
    try:
        path.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        path.chmod(OWNER_ONLY)
    except OSError as fault:
        raise StoreProblem(
            str(path),
            f"The state folder cannot be made, or not be closed to others ({fault.strerror}).",
            "Let INTAKEBOT_STATE name a folder of the one who runs intakebot.",
        ) from None
    return path
