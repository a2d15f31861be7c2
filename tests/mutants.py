"""`make mutants`: breaks the engine in every small way there is, one at a time, and asks the tests.

A mutant that no test notices is a survivor: either a test is missing, or the change makes no
difference. The second kind is listed in tests/survivors.yaml, each with its reason. This ends with 1
when a survivor is not listed, or when a listed one no longer survives.

    python -m tests.mutants                        all of it, which takes long
    python -m tests.mutants intakebot.core.law.routing one module; nothing is said about the others
"""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

LIST = Path(__file__).with_name("survivors.yaml")
MUTMUT = (str(Path(sys.executable).with_name("mutmut")),)
UNNOTICED = ("survived", "no tests", "suspicious")


class Survivor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change that no test notices: in which function, and the lines taken out and put in."""

    where: str
    change: str
    because: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        """What stays the same when mutmut counts differently."""
        return self.where, self.change.strip()


def main(modules: list[str]) -> int:
    """Run mutmut over *modules* (all when empty), and compare with the list."""
    print("The tests are asked about each mutant: count minutes for a module.", flush=True)
    asked = [f"{module}.*" for module in modules]
    done = subprocess.run((*MUTMUT, "run", *asked), check=False, capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stdout[-5000:], done.stderr[-5000:])
        return done.returncode
    found = survivors(modules)
    listed = [it for it in read_list(LIST) if of_modules(it.where, modules)]
    unlisted, dead = compare(found, listed)
    for survivor in unlisted:
        print(f"\nsurvived, and is not listed: {survivor.where}\n{survivor.change}")
    for survivor in dead:
        print(f"\nlisted, and does not survive: {survivor.where}\n{survivor.change}")
    print(
        f"\n{len(found)} survived, {len(unlisted)} of them without a reason; {len(dead)} to unlist"
    )
    return 1 if unlisted or dead else 0


def survivors(modules: list[str]) -> list[Survivor]:
    """What mutmut's last run left alive."""
    results = subprocess.run((*MUTMUT, "results"), check=True, capture_output=True, text=True)
    names = [
        name
        for name, _, end in (line.strip().partition(": ") for line in results.stdout.splitlines())
        if end in UNNOTICED and of_modules(name, modules)
    ]
    return [Survivor(function_of(name), change_of(shown(name))) for name in names]


def shown(name: str) -> str:
    """What mutmut says that it changed, as a diff."""
    told = subprocess.run((*MUTMUT, "show", name), check=True, capture_output=True, text=True)
    return told.stdout


def of_modules(name: str, modules: Iterable[str]) -> bool:
    """Whether the name is in one of the modules; every name is when none is given."""
    return not modules or any(name.startswith(f"{module}.") for module in modules)


def function_of(mutant: str) -> str:
    """The function's own name, from `intakebot.core.reading.dates.x__day__mutmut_3` or `….xǁSpokenǁread__mutmut_1`."""
    module, _, name = mutant.rpartition(".")
    name = re.sub(r"__mutmut_\d+$", "", name)
    if name.startswith("xǁ"):
        return ".".join((module, *name.removeprefix("xǁ").split("ǁ")))
    return f"{module}.{name.removeprefix('x_')}"


def change_of(diff: str) -> str:
    """The changed lines of a diff, without their place in the file."""
    lines = diff.splitlines()
    return "\n".join(
        line for line in lines if re.match(r"[-+]", line) and not re.match(r"[-+]{3} ", line)
    )


def read_list(path: Path) -> list[Survivor]:
    """The survivors that somebody looked at. Each must say why it may live."""
    listed = msgspec.yaml.decode(path.read_bytes(), type=list[Survivor])
    for survivor in listed:
        assert survivor.because, f"{survivor.where}: say why no test can notice this change"
    return listed


def compare(found: list[Survivor], listed: list[Survivor]) -> tuple[list[Survivor], list[Survivor]]:
    """The survivors that nobody gave a reason for, and the reasons that nothing needs."""
    known, alive = {it.identity for it in listed}, {it.identity for it in found}
    return (
        [it for it in found if it.identity not in known],
        [it for it in listed if it.identity not in alive],
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
