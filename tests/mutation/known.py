"""What became of each mutant, written as it is found, so that a run that was ended can go on.

The file is of this machine only (mutants/known.jsonl). A mutant is known by its function as it reads when
broken: of a function that was changed since, nothing is known. That a test noticed it is believed as long
as tests are only added; who takes tests away asks about all.
"""

import hashlib
from pathlib import Path

import msgspec

from tests.mutation.asking import UNNOTICED, End
from tests.mutation.making import Mutant


class Told(msgspec.Struct, frozen=True):
    """A line of the file."""

    key: str
    end: End
    where: str
    change: str


class Known:
    """The file. It is begun anew, unless earlier runs are to be believed."""

    def __init__(self, path: Path, *, is_again: bool) -> None:
        """Read what was noticed before."""
        path.parent.mkdir(exist_ok=True)
        if not is_again:
            path.unlink(missing_ok=True)
        lines = path.read_bytes().splitlines() if path.exists() else []
        # A line that was cut off is that of a run that was ended.
        told = [msgspec.json.decode(it, type=Told) for it in lines if it.endswith(b"}")]
        self.path, self.ends = path, {it.key: it.end for it in told}

    def noticed(self, mutant: Mutant) -> End | None:
        """How a test noticed this one in an earlier run."""
        end = self.ends.get(key_of(mutant))
        return None if end in UNNOTICED else end

    def tell(self, mutant: Mutant, end: End) -> None:
        """Write down what became of it."""
        line = msgspec.json.encode(Told(key_of(mutant), end, mutant.where, mutant.change))
        with self.path.open("ab") as file:
            file.write(line + b"\n")


def key_of(mutant: Mutant) -> str:
    """The function, broken, in short."""
    return hashlib.sha256(f"{mutant.where}\n{mutant.text}".encode()).hexdigest()[:20]
