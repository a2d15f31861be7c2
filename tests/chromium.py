"""Where Chromium is. `python -m tests.chromium` also fetches it, when that can be done without asking anybody.

Looked for in this order: the system's own, then Playwright's (`playwright install chromium`).
`make test` as root on Debian or Ubuntu installs the system's. Tests only look: a test installs nothing.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
STARTS_WITHIN_S = 30
REMEDY = "No Chromium: run `apt-get install chromium` as root, or `playwright install chromium`."


def find() -> Path | None:
    """The Chromium of this machine that starts, or None."""
    for name in NAMES:
        place = shutil.which(name)
        if place and starts(place):
            return Path(place)
    with sync_playwright() as playwright:
        place = playwright.chromium.executable_path
    return Path(place) if place and starts(place) else None


def fetch() -> Path | None:
    """Chromium after asking apt for it, or None where there is no apt or no right to use it."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    print("No Chromium here: apt-get installs it, for the browser tests.", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("update", "install"):
        rest = ("-y", "--no-install-recommends", "chromium") if command == "install" else ()
        done = subprocess.run(("apt-get", command, "-qq", *rest), env=quiet, check=False)
        if done.returncode != 0:
            return None
    return find()


def starts(place: str) -> bool:
    """Whether the program there is a browser: on Ubuntu it may be a script that asks for a snap."""
    try:
        asked = subprocess.run(
            (place, "--version"), capture_output=True, check=False, timeout=STARTS_WITHIN_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


if __name__ == "__main__":
    sys.stdout.write(f"{find() or fetch() or REMEDY}\n")
