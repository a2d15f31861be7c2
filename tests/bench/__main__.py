"""`make bench`: everything that is measured, in one run; prints it, and writes it where asked.

    python -m tests.bench --installed .venv/run/bin/python --peers .venv/peers/bin/python
    python -m tests.bench --only race growth        some parts of it: race webchat growth processes
    python -m tests.bench --write docs              writes docs/bench.md and the pictures of docs/images

A part that was not measured in this run stays in docs/bench.md as it was. Figures count beside the
others of their own run; take a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests import postgres
from tests.bench import growth, picture, processes, race, webchat
from tests.bench.contestants import Contestant

PARTS = ("race", "webchat", "growth", "processes")
TITLES = {
    "race": "The race",
    "webchat": "The web chat",
    "growth": "Growing",
    "processes": "Several processes on PostgreSQL",
}
HEAD = """# How fast

What `make bench` measured, by its own hand; the date and the machine stand with each part. Each
figure counts beside the others of its run. Encryption and `synchronous=FULL` are on.
"""


@dataclass
class Run:
    """What was measured: text for each part, and pictures by their name."""

    texts: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)

    async def race(self, everyone: Sequence[Contestant], seconds: float) -> None:
        """This program and the stock bots."""
        results, told = await race.race(everyone, seconds)
        self.pictures["bench.svg"] = picture.race(race.bars(results), told)
        names = [it.name for it in results]
        absent = "" if "grammY" in names else "\n\ngrammY was left out: it needs Node and npm."
        kept = "\n".join(f"- {it.name}: {it.keeps}" for it in results)
        self.texts["race"] = (
            "![Turns a second through each bot, and who lost their place](images/bench.svg)\n\n"
            f"{race.table(results)}\n\n{race.ratios(results)} {told}\n\n"
            f"How each keeps what was said:\n\n{kept}{absent}"
        )

    async def webchat(self, seconds: float) -> None:
        """The web chat over HTTP."""
        told = race.circumstances(seconds)
        head, *lines = await webchat.told(seconds, webchat.PEOPLE, webchat.WAYS)
        listed = "\n".join(f"- {line}" for line in lines)
        self.texts["webchat"] = f"{head[0].upper()}{head[1:]}.\n\n{listed}\n\n{told}."

    async def growth(self, most: int, seconds: float) -> None:
        """The curves."""
        told = race.circumstances(seconds)
        sizes = [size for size in growth.SIZES if size <= most]
        with tempfile.TemporaryDirectory() as name:
            asked = await growth.asked(growth.QUESTIONS, Path(name))
            stored = await growth.stored(sizes, seconds, Path(name))
        self.pictures["growth.svg"] = picture.growth(growth.panels(asked, stored), f"{told}.")
        self.texts["growth"] = (
            "![A turn and a page, by what is stored and asked](images/growth.svg)\n\n"
            f"{growth.stored_table(stored)}\n\nA page is one of a member of every team.\n\n"
            f"{growth.asked_table(asked)}\n\n{told}."
        )

    async def processes(self, seconds: float) -> None:
        """One and two."""
        told = race.circumstances(seconds)
        served = await processes.served(processes.COUNTS, seconds)
        text = processes.table(served) if served else f"Not measured: {postgres.REMEDY}"
        self.texts["processes"] = f"{text}\n\n{told}."

    def write(self, docs: Path) -> None:
        """Put it into the documents."""
        (docs / "images").mkdir(exist_ok=True)
        for name, drawn in self.pictures.items():
            (docs / "images" / name).write_text(drawn, encoding="utf-8")
        page = docs / "bench.md"
        before = page.read_text(encoding="utf-8") if page.is_file() else ""
        page.write_text(merged(before, self.texts), encoding="utf-8")


def merged(before: str, texts: dict[str, str]) -> str:
    """The page with these parts anew and the others as they were."""
    old = dict(re.findall(r"^## (.+?)\n\n(.*?)\s*(?=^## |\Z)", before, re.MULTILINE | re.DOTALL))
    parts = [(TITLES[part], texts.get(part) or old.get(TITLES[part])) for part in PARTS]
    return "\n".join((HEAD, *(f"## {title}\n\n{text}\n" for title, text in parts if text)))


async def measure(chosen: argparse.Namespace) -> Run:
    """What was asked for, part after part."""
    run, seconds = Run(), chosen.seconds
    for part in PARTS:
        if part not in chosen.only:
            continue
        match part:
            case "race":
                await run.race(race.chosen_of(chosen), seconds)
            case "webchat":
                await run.webchat(seconds)
            case "growth":
                await run.growth(chosen.most, seconds)
            case _:
                await run.processes(seconds)
        print(f"\n## {TITLES[part]}\n\n{run.texts[part]}", flush=True)
    return run


def main() -> None:
    """Measure, print, and write when asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    race.add_pythons(parser)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each part takes")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="these parts")
    parser.add_argument(
        "--most", type=int, default=growth.SIZES[-1], help="requests stored at most"
    )
    parser.add_argument("--write", type=Path, help="the folder of documents to write into")
    chosen = parser.parse_args()
    run = asyncio.run(measure(chosen))
    if chosen.write:
        run.write(chosen.write)


if __name__ == "__main__":
    main()
