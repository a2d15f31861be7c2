"""Asks the tests about each mutant: a plugin of pytest, so that everything is imported once.

First every test runs once, whole, while it is noted which lines it runs. Then a process is forked for
each mutant; it breaks one function and runs the tests that come past the changed statement, the
quickest first, until one fails. What a mutant may cost is counted in seconds of the processor, so that
a machine that is busy with other things notices no more than an idle one.
"""

import functools
import gc
import inspect
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import coverage
import pytest

from tests.mutation.making import Mutant

ASKED_S_MAX = 5.0  # seconds of tests for one mutant, by what they took when all was well
SLACK_S = 6  # seconds of the processor for one test, beside ten times what it took
STILL_S = 30.0  # seconds by the clock without any use of the processor, after which it is ended
IDLE_S = 1.0  # seconds after which another is begun beside one that is still
AT_ONCE = 8  # for each process that may use the processor, those that are still counted in
BYTES_MAX = 6 * 1024**3  # of memory for one mutant
MEMORY = Path("/dev/shm")  # databases of tests wait for no disk there
NOTICED, FAULT_OF_OURS = 1, 99
DOUBTS_MAX = 3  # times that a mutant is asked about again


class End(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    ENDLESS = "endless"  # it used the processor until its time was up
    STILL = "still"  # it did nothing for so long that it was ended
    SURVIVED = "survived"
    UNASKED = "unasked"  # no test comes past
    UNSURE = "unsure"  # a test failed that the unbroken program fails now as well


UNNOTICED = (End.SURVIVED, End.UNASKED, End.UNSURE)


@dataclass
class Child:
    """A process that has a mutant; or that has none, and runs the test that noticed one."""

    mutant: Mutant
    folder: Path
    is_control: bool
    used: str = ""  # of the processor, when it was looked at
    since: float = 0.0  # when that was seen first


class AtRest:
    """What pytest is told to prepare for when nothing follows yet: what lives as long as the session."""

    def __init__(self, session: pytest.Session) -> None:
        """Keep the session."""
        self.session = session

    def listchain(self) -> list[object]:
        """What is kept."""
        return [self.session]


@dataclass(eq=False)
class Asking:
    """The plugin. It tells *told* what became of each mutant, in no order."""

    mutants: list[Mutant]
    told: Callable[[Mutant, End], None]
    files: list[Path]
    processes: int
    took_s: dict[int, float] = field(default_factory=dict)
    comes_past: dict[tuple[str, int], set[int]] = field(default_factory=lambda: defaultdict(set))
    killers: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    failed: str = ""
    in_child: bool = False
    doubted: Counter[Mutant] = field(default_factory=Counter)
    children: dict[int, Child] = field(default_factory=dict)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        """Hypothesis tries the same for each mutant, remembers nothing, and need not simplify."""
        import hypothesis  # noqa: PLC0415 - its plugin of pytest wants to be first

        phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
        hypothesis.settings.register_profile(
            "mutants", hypothesis.settings.default, database=None, phases=phases
        )
        hypothesis.settings.load_profile("mutants")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """All tests once, then the mutants."""
        if session.testsfailed:
            return True
        self.watch(session)
        if not self.failed:
            self.ask_all(session)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A failure is what a mutant is noticed by."""
        if report.failed:
            self.failed = report.nodeid
            if self.in_child:
                os._exit(NOTICED)

    def watch(self, session: pytest.Session) -> None:
        """Run every test, and note how long it takes and which lines it comes past."""
        cover = coverage.Coverage(
            data_file=None, config_file=False, include=[str(it) for it in self.files]
        )
        caches, items = list(caches_of_ours()), session.items
        with cover.collect():
            for number, item in enumerate(items):
                for cache in caches:
                    cache.cache_clear()
                cover.switch_context(str(number))
                began = time.process_time()
                following = items[number + 1] if number + 1 < len(items) else AtRest(session)
                run(item, following)
                self.took_s[number] = time.process_time() - began
                if self.failed:
                    return
        data = cover.get_data()
        for path in self.files:
            for line, contexts in data.contexts_by_lineno(str(path)).items():
                self.comes_past[str(path), line] = {int(it) for it in contexts if it}

    def asked(self, mutant: Mutant) -> list[int]:
        """The tests for this mutant: those that noticed others like it, then the quickest."""
        path = sys.modules[mutant.module].__file__
        found = set().union(*(self.comes_past[str(path), line] for line in mutant.lines))
        killers = self.killers[mutant.where]
        in_order = sorted(found, key=lambda it: (-killers[it], self.took_s[it], it))
        asked: list[int] = []
        seconds = 0.0
        for number in in_order:
            seconds += self.took_s[number]
            if asked and seconds > ASKED_S_MAX:
                break
            asked.append(number)
        return asked

    def ask_all(self, session: pytest.Session) -> None:
        """Fork for each mutant, as many at once as there are processes."""
        gc.collect()
        gc.freeze()
        waiting = deque(self.mutants)
        while waiting or self.children:
            if waiting and self.has_room():
                mutant = waiting.popleft()
                asked = self.asked(mutant)
                if asked:
                    self.fork(session, mutant, asked)
                else:
                    self.told(mutant, End.UNASKED)
            elif (again := self.wait(session)) is not None:
                waiting.appendleft(again)

    def has_room(self) -> bool:
        """Whether another can begin; one that waits for its end by the clock holds up nobody."""
        now = time.monotonic()
        busy = sum(not it.used or now - it.since < IDLE_S for it in self.children.values())
        return busy < self.processes and len(self.children) < AT_ONCE * self.processes

    def fork(
        self, session: pytest.Session, mutant: Mutant, asked: list[int], *, is_control: bool = False
    ) -> None:
        """Begin a process that breaks the function, unless it is a control, and runs the tests."""
        folder = Path(tempfile.mkdtemp(prefix="mutant-", dir=MEMORY if MEMORY.is_dir() else None))
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            self.children[pid] = Child(mutant, folder, is_control)
            return
        code = FAULT_OF_OURS
        try:
            self.in_child = True
            self.be_mutant(session, None if is_control else mutant, asked, folder)
            code = 0
        finally:
            os._exit(code)

    def be_mutant(
        self, session: pytest.Session, mutant: Mutant | None, asked: list[int], folder: Path
    ) -> None:
        """In the child: return when no test noticed anything."""
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        resource.setrlimit(resource.RLIMIT_AS, (BYTES_MAX, BYTES_MAX))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        factory = session.config._tmp_path_factory  # type: ignore[attr-defined]  # made by a plugin
        factory._basetemp = folder
        for cache in caches_of_ours():
            cache.cache_clear()
        if mutant is not None:
            mutant.apply()
        for number, following in zip(asked, [*asked[1:], None], strict=True):
            (folder / "asked").write_text(str(number))
            until_s = int(time.process_time() + SLACK_S + 10 * self.took_s[number])
            resource.setrlimit(resource.RLIMIT_CPU, (until_s, resource.RLIM_INFINITY))
            item = session.items[number]
            run(item, AtRest(session) if following is None else session.items[following])

    def wait(self, session: pytest.Session) -> Mutant | None:
        """See whether a child has ended, or did nothing for too long; gives what to ask again."""
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            time.sleep(0.01)
            for one, child in self.children.items():
                used = used_by(one)
                if used != child.used:
                    child.used, child.since = used, time.monotonic()
                elif time.monotonic() - child.since > STILL_S:
                    os.kill(one, signal.SIGTERM)
            return None
        child = self.children.pop(pid)
        noticed = child.folder / "asked"
        number = int(noticed.read_text("utf-8")) if noticed.exists() else None
        shutil.rmtree(child.folder, ignore_errors=True)
        code = os.waitstatus_to_exitcode(status)
        assert number is not None, f"{child.mutant.where} cannot be broken\n{child.mutant.change}"
        return self.conclude(session, child, code, number)

    def conclude(
        self, session: pytest.Session, child: Child, code: int, number: int
    ) -> Mutant | None:
        """Tell what became of the mutant. A test that waits is tried without it first.

        On a busy machine such a test can fail by itself, and that is no merit.
        """
        mutant = child.mutant
        waits = inspect.iscoroutinefunction(getattr(session.items[number], "function", None))
        if child.is_control and code != 0:
            self.doubted[mutant] += 1
            if self.doubted[mutant] < DOUBTS_MAX:
                return mutant
            self.told(mutant, End.UNSURE)
        elif code == NOTICED and waits and not child.is_control:
            self.fork(session, mutant, [number], is_control=True)
        else:
            end = End.KILLED if child.is_control else end_of(code)
            self.killers[mutant.where][number] += end is End.KILLED
            self.told(mutant, end)
        return None


def end_of(code: int) -> End:
    """What the code of a process that ended says about its mutant."""
    if code == 0:
        return End.SURVIVED
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return End.ENDLESS
    return End.STILL if code == -signal.SIGTERM else End.KILLED


def used_by(pid: int) -> str:
    """How much of the processor it has used; one that waits for its turn is not still."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return "no way to know"
    state, *others = stat.read_text("utf-8").rpartition(")")[2].split()
    return f"{time.monotonic()}" if state == "R" else " ".join(others[10:12])


def run(item: pytest.Item, following: object) -> None:
    """One test, as pytest does it."""
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def caches_of_ours() -> "Iterable[functools._lru_cache_wrapper[object]]":
    """What is remembered between two calls, in the program and in its tests."""
    for name, module in list(sys.modules.items()):
        if name.startswith("intakebot"):
            for it in list(vars(module).values()):
                if isinstance(it, functools._lru_cache_wrapper):
                    yield it
