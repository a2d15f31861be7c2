"""Installs the grammY peer of `make bench`: `python3 .ci/setup_grammy.py .venv/peers/grammy`.

It needs Node and npm, which the program itself does not: without them it says so in a sentence, and
the race is run without this peer. Only locked versions go in, each checked against its hash, and
nothing of them is run while they are installed. Does nothing when the lock is as it was.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEER = ROOT / "tests" / "bench" / "peers" / "grammy"
FILES = ("package.json", "package-lock.json", ".npmrc")
NODE_MIN = 20


def main(folder: str) -> None:
    """Bring *folder* up to date, or say why grammY is left out."""
    place = ROOT / folder
    stamp = place / ".is-ready"
    missing, npm = unfit(), shutil.which("npm")
    if missing or npm is None:
        shutil.rmtree(place, ignore_errors=True)
        print(missing, flush=True)
        return
    wanted = "".join((PEER / name).read_text(encoding="utf-8") for name in FILES)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print("Installing grammY, to race against.", flush=True)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name in FILES:
        shutil.copy(PEER / name, place / name)
    done = subprocess.run([npm, "ci", "--silent"], cwd=place, check=False)
    if done.returncode:
        shutil.rmtree(place)
        print("grammY is left out of the race: npm could not install it.", flush=True)
        return
    stamp.write_text(wanted, encoding="utf-8")


def unfit() -> str | None:
    """Why grammY cannot run here, or None."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return "grammY is left out of the race: it needs Node and npm, which are not here."
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)", told.stdout)
    if found is None or int(found[1]) < NODE_MIN:
        said = told.stdout.strip() or "none that runs"
        return f"grammY is left out of the race: it needs Node {NODE_MIN}, and here is {said}."
    return None


if __name__ == "__main__":
    main(*sys.argv[1:])
