"""The systemd unit: what it closes, and that the program runs so.

`systemd-analyze security --offline=true deploy/intakebot.service` gives the figure in its first lines. A
test cannot ask for systemd; it holds the lines that the figure rests on, and runs the program in as much of
the sandbox as a process can lock itself in. Name spaces (ProtectSystem, PrivateTmp, PrivateUsers …) are not
tried here; deploy/README.md says what was tried by hand, under a real systemd.
"""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest

from tests.deploy import sandbox

# Each is a line of `systemd-analyze security`; only what the program cannot do without stays open.
CLOSED = {
    "AmbientCapabilities": "",
    "CapabilityBoundingSet": "",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "NoNewPrivileges": "yes",
    "PrivateDevices": "yes",
    "PrivateMounts": "yes",
    "PrivateTmp": "yes",
    "PrivateUsers": "yes",
    "ProcSubset": "pid",
    "ProtectClock": "yes",
    "ProtectControlGroups": "yes",
    "ProtectHome": "yes",
    "ProtectHostname": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectProc": "invisible",
    "ProtectSystem": "strict",
    "RemoveIPC": "yes",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "StateDirectoryMode": "0700",
    "SystemCallArchitectures": "native",
    "SystemCallErrorNumber": "EPERM",
    "SystemCallFilter": "@system-service ~@privileged @resources",
    "UMask": "0077",
    "User": "intakebot",
}
# What each must meet in the sandbox, and the number of the error.
FORBIDDEN = {
    "make code while running": ("import mmap; mmap.mmap(-1, 4096, prot=7)", 1),
    "give a file away": ("import os; os.chown(os.getcwd(), 1, 1)", 1),
    "become somebody else": ("import os; os.setresuid(1, 1, 1)", 1),
    "leave for another root": ("import os; os.chroot('.')", 1),
    "take more of the processor": ("import os; os.nice(1)", 1),
    "listen in on the network": ("import socket; socket.socket(17, 3)", 97),
    "talk to the kernel": ("import socket; socket.socket(16, 3)", 97),
}
TRIES_MAX = 100
LINUX_ONLY = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the sandbox is one of Linux"
)


@pytest.fixture(scope="module")
def unit_path(root: Path) -> Path:
    return root / "deploy/intakebot.service"


@pytest.fixture(scope="module")
def unit(unit_path: Path) -> dict[str, list[str]]:
    return sandbox.settings(unit_path)


def test_nothing_stays_open_that_the_program_can_do_without(unit: dict[str, list[str]]) -> None:
    assert {name: " ".join(unit.get(name, ["(not set)"])) for name in CLOSED} == CLOSED


def test_no_secret_stands_in_the_unit(unit_path: Path) -> None:
    text = unit_path.read_text("utf-8")

    assert not re.search(r"(?i)^Environment=|token=|password", text, re.MULTILINE)


def test_the_unit_and_the_wrapper_start_the_same_program(
    root: Path, unit: dict[str, list[str]]
) -> None:
    """Service and operator must see the same settings and secrets, or one opens another database."""
    served = shlex.split(unit["ExecStart"][0])
    wrapper = (root / "deploy/intakebot").read_text("utf-8")
    by_hand = shlex.split(wrapper.partition("\nexec ")[2].replace("\\\n", " "))

    assert served[-1] == "serve"
    assert by_hand[-1] == "$@"
    assert f"-u {unit['User'][0]} --" in wrapper
    assert set(served[:-1]) - set(by_hand) == set()
    assert set(by_hand[by_hand.index(served[0]) : -1]) - set(served) == {
        "--env-file",
        *unit["EnvironmentFile"],
    }


def locked(root: Path, unit_path: Path, *command: str) -> list[str]:
    """The command in the sandbox."""
    launcher = str(root / "tests/deploy/sandbox.py")
    return [sys.executable, launcher, str(unit_path), sys.executable, *command]


@LINUX_ONLY
@pytest.mark.parametrize("what", sorted(FORBIDDEN))
def test_the_sandbox_is_closed(root: Path, unit_path: Path, tmp_path: Path, what: str) -> None:
    script, error = FORBIDDEN[what]
    told = f"try:\n    {script.replace('; ', chr(10) + '    ')}\nexcept OSError as fault:\n    print(fault.errno)"
    run = locked(root, unit_path, "-c", told)

    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout == f"{error}\n"


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@LINUX_ONLY
def test_the_program_serves_in_the_sandbox(
    root: Path, unit_path: Path, tmp_path: Path, port: int
) -> None:
    """It makes its state folder, opens its database and asks its first question."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("INTAKEBOT_")}
    chosen = {"INTAKEBOT_STATE": str(tmp_path / "state"), "INTAKEBOT_LISTEN": f"127.0.0.1:{port}"}
    with subprocess.Popen(
        locked(root, unit_path, "-m", "intakebot", "serve"), cwd=root, env=inherited | chosen,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    ) as program:  # fmt: skip
        assert program.stdout is not None
        try:
            assert any("is running" in line for line in lines(program.stdout))
            assert "Nederlands" in first_page(f"http://127.0.0.1:{port}/")
        finally:
            program.terminate()
        _, faults = program.communicate(timeout=30)

    assert program.returncode in (0, -signal.SIGTERM)  # both are a clean end to systemd
    assert faults == ""
    made = {it.name: oct(it.stat().st_mode & 0o777) for it in (tmp_path / "state").iterdir()}
    assert made["keys.json"] == "0o400"
    assert set(made.values()) <= {"0o400", "0o600", "0o700"}


def first_page(address: str) -> str:
    """The page, as soon as somebody listens there."""
    for _ in range(TRIES_MAX):
        try:
            with urllib.request.urlopen(address, timeout=30) as page:  # noqa: S310 - of our own
                return str(page.read().decode())
        except URLError:
            time.sleep(0.1)
    raise AssertionError(f"nobody answers at {address}")


def lines(out: Iterator[str]) -> Iterator[str]:
    """What it prints up to the address of the inbox."""
    for line in out:
        yield line
        if "/inbox" in line:
            return
