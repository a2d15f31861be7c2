"""The whole program as a process of its own, as `make run` starts it, on a free port."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STOPS_WITHIN_S = 60
MEMBERS = 4
LINK = re.compile(r"/inbox/in/\w+")


@dataclass(frozen=True, kw_only=True)
class Program:
    """A running program: where it is, and the sign-in link of each member by name."""

    address: str
    links: dict[str, str]


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@contextmanager
def running(state: Path) -> Iterator[Program]:
    """`python -m intakebot serve --sample`, until the end of the block."""
    port = free_port()
    settings = {"INTAKEBOT_STATE": str(state), "INTAKEBOT_LISTEN": f"127.0.0.1:{port}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "intakebot", "serve", "--sample"],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Program(address=f"http://127.0.0.1:{port}", links=_links(process))
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=STOPS_WITHIN_S)


def _links(process: "subprocess.Popen[str]") -> dict[str, str]:
    """What the program prints at its start: a line with the name, a line with the link."""
    assert process.stdout is not None
    found: dict[str, str] = {}
    before = ""
    for line in process.stdout:
        if link := LINK.search(line):
            found[before.partition(" (")[0].strip()] = link[0]
        if len(found) == MEMBERS:
            return found
        before = line
    raise AssertionError(f"the program ended with code {process.wait()}")
