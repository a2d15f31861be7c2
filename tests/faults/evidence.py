"""What a long run of the tests measured, written where everybody can read it."""

from __future__ import annotations

import fcntl
import os
import platform
import re
import sqlite3
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

HEAD = """# Evidence

What the long runs of the tests (`make faults`, `make mutants`) measured last. Each run writes its own part; nobody else does.
"""


def record(root: Path, title: str, figures: Mapping[str, object]) -> None:
    """Write these figures under this title, in place of those of an earlier run."""
    path = root / "docs" / "evidence.md"
    rows = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _commit(root),
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "Python, SQLite": f"{platform.python_version()}, {sqlite3.sqlite_version}",
        **figures,
    }
    table = "\n".join(
        ["| what | figure |", "|---|---|", *(f"| {k} | {v} |" for k, v in rows.items())]
    )
    part = f"## {title}\n\n{table}\n"
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        told = file.read() or HEAD
        # A whole run stands in place of its parts too (`--share`).
        old = (f"## {title}\n", f"## {title}, part ")
        parts = [it for it in re.split(r"(?m)^(?=## )", told) if not it.startswith(old)]
        file.truncate(0)
        file.write("\n".join(it.rstrip() + "\n" for it in (*parts, part)))


def _commit(root: Path) -> str:
    """The commit that was measured; "-dirty" when more than these figures differs from it."""
    changed = _git(root, "status", "--porcelain", "-uno", "--", ".", ":!docs/evidence.md")
    told = _git(root, "describe", "--always")
    return f"{told}-dirty" if told and changed else told or "unknown"


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()
