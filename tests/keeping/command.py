"""A command of the program in a process of its own, begun as a copy of one that has read it already.

Reading the program takes seconds each time, a copy none. What is killed is a whole process either way;
that the program also starts from nothing, tests/test_documents_run.py shows with every command.
"""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import NamedTuple

from intakebot import __main__ as program

WITHIN_S = 120
READ_ONCE = multiprocessing.get_context("forkserver")
READ_ONCE.set_forkserver_preload([__name__])


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


class Command:
    """One that is under way; what it writes goes to two files in *folder*."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        nth = sum(1 for _ in folder.glob("*.out"))
        self._out, self._err = folder / f"{nth}.out", folder / f"{nth}.err"
        given = (list(words), dict(environment), str(self._out), str(self._err))
        self._process: ForkServerProcess = READ_ONCE.Process(target=obey, args=given)
        self._process.start()

    def until(self, seen: Callable[[], object]) -> None:
        """Wait until this is so, or the command has ended."""
        while not seen() and self._process.is_alive():
            time.sleep(0.001)

    def kill(self) -> None:
        """Dead at once, wherever it is."""
        self._process.kill()
        self._process.join(WITHIN_S)
        assert self._process.exitcode in (-signal.SIGKILL, 0), self._err.read_text("utf-8")

    def ended(self) -> Done:
        """Wait for its end."""
        self._process.join(WITHIN_S)
        code = self._process.exitcode
        assert code is not None, "it hangs"
        return Done(code, self._out.read_text("utf-8"), self._err.read_text("utf-8"))


def obey(words: list[str], environment: dict[str, str], out: str, err: str) -> None:
    """Be the command."""
    os.environ.clear()
    os.environ.update(environment)
    for number, name, how in (
        (0, os.devnull, os.O_RDONLY),
        (1, out, os.O_WRONLY | os.O_CREAT),
        (2, err, os.O_WRONLY | os.O_CREAT),
    ):
        descriptor = os.open(name, how, 0o600)
        os.dup2(descriptor, number)
        os.close(descriptor)
    for number in (0, 1, 2):
        stream = open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115 - the process's own
        setattr(sys, ("stdin", "stdout", "stderr")[number], stream)
    sys.exit(program.main(words))
