"""Makes the virtual environment: `python3 .ci/setup_venv.py .venv run`, or `dev` for the tests too.

`make` calls it before anything else. It needs Python and nothing more, asks nobody anything, and
does nothing when the locks are as they were the last time. Only locked versions go in, each checked
against its hash. uv does the work where it runs; pip where it does not.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {
    "run": "requirements.lock",
    "dev": "requirements-dev.lock",
    "peers": "requirements-peers.lock",
    "learning": "requirements-learning.lock",
}
BUILD_LOCK = "requirements-build.lock"
UV_LOCK = "requirements-uv.lock"
# Where somebody may have told pip to install, for other work: not into this environment.
ELSEWHERE = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "UV_TARGET", "UV_PREFIX")
BUILDS_FROM = ("pyproject.toml", "hatch_build.py", BUILD_LOCK)


def main(folder: str, kind: str) -> str | None:
    """Bring *folder* up to date for *kind*. The result is a sentence when that cannot be done."""
    venv = ROOT / folder
    python = venv / "bin" / "python"
    stamp = venv / f".{kind}-is-ready"
    wanted = fingerprint(kind)
    if runs(python) and stamp.is_file() and stamp.read_text() == wanted:
        return None
    problem = unfit()
    if problem:
        return problem
    if not runs(python):
        print(f"Making {folder} (this happens once).", flush=True)
        if not call(sys.executable, "-m", "venv", "--clear", str(venv)):
            return f"Python could not make the folder {folder}. The lines above say why."
    print(f"Installing what {LOCKS[kind]} lists.", flush=True)
    if not install(python, LOCKS[kind]):
        return (
            f"Not everything in {LOCKS[kind]} could be installed. The lines above say why. "
            "Behind a proxy, or with a mirror of your own, tell pip about it and try again."
        )
    stamp.write_text(wanted)
    return None


def fingerprint(kind: str) -> str:
    """What the environment was made from: it is out of date when this is different."""
    together = hashlib.sha256()
    for name in (LOCKS[kind], *BUILDS_FROM):
        together.update((ROOT / name).read_bytes())
    return together.hexdigest()


def unfit(find: Callable[[str], object] = importlib.util.find_spec) -> str | None:
    """Why this Python cannot do it, or None. One sentence, with the remedy."""
    if find("venv") and find("ensurepip"):
        return None
    return (
        "This Python cannot make virtual environments: "
        "run `apt-get install python3-venv` as root first."
    )


def install(python: Path, lock: str) -> bool:
    """Install *lock* and the checkout itself, by uv or else by pip."""
    pip = (str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps")
    hashed = ("--require-hashes", "-r")
    if not call(*pip, *hashed, BUILD_LOCK):
        return False
    uv = (str(python), "-m", "uv", "pip", "install", "-q", "--python", str(python), "--no-deps")
    if call(*uv[:3], "--version", quiet=True) or call(
        *pip, "--only-binary", ":all:", *hashed, UV_LOCK, quiet=True
    ):
        done = call(*uv, *hashed, lock, quiet=True)
    else:
        done = False
    if not done and not call(*pip, *hashed, lock):
        return False
    return call(*pip, "--no-build-isolation", "-e", ".")


def runs(python: Path) -> bool:
    """Whether *python* is there and starts: after an upgrade of the system's Python it may not."""
    return python.exists() and call(str(python), "-c", "", quiet=True)


def call(*command: str, quiet: bool = False) -> bool:
    """Whether the command succeeded. A quiet one is a try: what it says is not for the person."""
    out = subprocess.DEVNULL if quiet else None
    env = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=out, stderr=out, check=False)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
