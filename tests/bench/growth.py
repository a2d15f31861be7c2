"""How a turn, a page and the start grow with what is stored, and with the questions of a flow set.

Stored requests: databases of several sizes (filling.py), each served by the program in turn, several
rounds; everybody talks at one and the same rate, and a member reads pages. Questions: the intake by
itself on an SQLite file, the same talk in flow sets of several sizes (growth_flow.py).

    python -m tests.bench.growth                    prints the tables
    python -m tests.bench.growth --most 1000000     with a million requests (10 GB, and minutes)
"""

from __future__ import annotations

import argparse
import asyncio
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from intakebot.core.events import Incoming
from intakebot.core.flow import Flow
from intakebot.core.session import Session
from intakebot.store import schema
from intakebot.store.sqlite import open_sqlite
from tests.bench import contestants, engine, filling
from tests.bench.contestants import Running
from tests.bench.growth_flow import grown
from tests.bench.picture import Curve, Panel
from tests.bench.race import STEADY_A_SECOND, record
from tests.bench.swarm import Step, Swarm, talk_for
from tests.conversation import MONDAY, shipped_flow
from tests.intake.house import Person, an_intake
from tests.web.office import OURS, fields

SIZES = (1_000, 100_000, 1_000_000)
QUESTIONS = (10, 100, 1_000)
IN_WORDS = {1_000: "1 thousand", 100_000: "100 thousand", 1_000_000: "1 million"}
PEOPLE = 40
ROUNDS = 3
WARM_S = 2.0
PAGE_TIMES = 15
PATIENCE_S = 60
LINK = re.compile(r"  (.+) \(([^)]*)\)\n +http://\S+?(/inbox/in/\w+)")
REQUEST = re.compile(r'href="(/inbox/IB-[^"]+)"')
PAGES = {
    "open": "/inbox",
    "open, page 20": "/inbox?blad=20",
    "taken": "/inbox?lijst=opgepakt",
    "closed": "/inbox?lijst=afgesloten",
}


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What was measured with so many requests in the database; of each, the median of the rounds."""

    requests: int
    request_bytes: int
    start_s: float  # from the command to the first answer that a person got
    cpu_ms: float  # a turn
    p50_ms: float
    p99_ms: float
    pages_ms: dict[str, float]  # a page of the inbox, of a member of every team


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was measured of a turn with so many questions in the flow set."""

    questions: int
    cpu_ms: float
    p50_ms: float


# ---- stored requests ----------------------------------------------------------------------------


async def stored(sizes: Sequence[int], seconds: float, folder: Path) -> list[Stored]:
    """A turn, the pages and the start, with each number of requests."""
    script = await record(folder, "--sample")
    kept = folder / "record" / "intakebot" / "kept"
    for size in sizes:
        place = folder / str(size) / "intakebot" / "kept"
        shutil.copytree(kept, place)
        began = time.monotonic()
        await asyncio.to_thread(filling.fill, place, size)
        _tell(f"filled {size:,} requests in {time.monotonic() - began:.0f} s")
    rounds: dict[int, list[Stored]] = {size: [] for size in sizes}
    for nth in range(1, ROUNDS + 1):
        for size in sizes:
            place = folder / str(size)
            rounds[size].append(await _served(size, script, seconds, (place, nth)))
            _tell(str(rounds[size][-1]))
    return [_middle(found) for found in rounds.values()]


async def _served(
    size: int, script: tuple[Step, ...], seconds: float, place: tuple[Path, int]
) -> Stored:
    """One start of the program on one database, the n-th of this one."""
    folder, nth = place
    swarm = Swarm(nth=nth)
    await swarm.begin()
    running = Running(contestants.ours("--sample"), swarm, folder, Path())
    (running.state / "log").unlink(missing_ok=True)
    kept_bytes = running.kept_bytes
    began = time.perf_counter()
    await running.begin()
    await swarm.turn(swarm.someone(), script[0])
    start_s = time.perf_counter() - began
    before_s: list[float] = []
    talked = await talk_for(
        swarm,
        script,
        people=PEOPLE,
        warm_s=WARM_S,
        seconds=seconds,
        rate=STEADY_A_SECOND,
        warmed=lambda: before_s.append(running.cpu_s),
    )
    cpu_s = running.cpu_s - before_s[0]
    pages_ms = await _pages(running)
    await running.end(signal.SIGTERM)
    await swarm.end()
    took_s = sorted(talked.took_s)
    return Stored(
        requests=size,
        request_bytes=kept_bytes // size,
        start_s=start_s,
        cpu_ms=cpu_s / len(took_s) * 1000,
        p50_ms=median(took_s) * 1000,
        p99_ms=took_s[int(len(took_s) * 0.99)] * 1000,
        pages_ms=pages_ms,
    )


async def _pages(running: Running) -> dict[str, float]:
    """Each page of the inbox, for the member with the most queues."""
    links = {who: link for who, _, link in LINK.findall(running.log)}
    every = next(link for who, teams, link in LINK.findall(running.log) if teams == "all teams")
    assert links, running.log
    async with httpx.AsyncClient(
        base_url=running.url, headers=OURS, trust_env=False, timeout=PATIENCE_S
    ) as browser:
        page = (await browser.get(every)).text
        answer = await browser.post(every, data=fields(page))
        assert answer.status_code == 303, answer.text
        found = {name: await _page(browser, [path]) for name, path in PAGES.items()}
        listed = REQUEST.findall((await browser.get(PAGES["open"])).text)
        return found | {"a request": await _page(browser, listed)}


async def _page(browser: httpx.AsyncClient, paths: Sequence[str]) -> float:
    took_ms = []
    for nth in range(PAGE_TIMES):
        began = time.perf_counter()
        answer = await browser.get(paths[nth % len(paths)])
        took_ms.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, answer.text
    return median(took_ms)


def _middle(found: Sequence[Stored]) -> Stored:
    return Stored(
        requests=found[0].requests,
        request_bytes=found[0].request_bytes,
        start_s=median(it.start_s for it in found),
        cpu_ms=median(it.cpu_ms for it in found),
        p50_ms=median(it.p50_ms for it in found),
        p99_ms=median(it.p99_ms for it in found),
        pages_ms={name: median(it.pages_ms[name] for it in found) for name in found[0].pages_ms},
    )


# ---- questions ----------------------------------------------------------------------------------


async def asked(counts: Sequence[int], folder: Path) -> list[Asked]:
    """A turn with each number of questions: engine and store, one person after another."""
    flows = {count: grown(shipped_flow(), count) for count in counts}
    took: dict[int, list[tuple[float, float]]] = {count: [] for count in counts}
    for nth in range(ROUNDS):
        for count, flow in flows.items():
            took[count] += await _talks(flow, folder / f"{count}-{nth}.sqlite")
    return [
        Asked(
            questions=count,
            cpu_ms=sum(cpu for cpu, _ in found) / len(found) * 1000,
            p50_ms=median(wall for _, wall in found) * 1000,
        )
        for count, found in took.items()
    ]


async def _talks(flow: Flow, path: Path) -> list[tuple[float, float]]:
    """Processor time and time of each turn, in seconds."""
    schema.migrate(path)
    database = await open_sqlite(path)
    intake = an_intake(database, flow=flow)
    people = [Person(intake, channel="web", chat=f"chat{nth}") for nth in range(PEOPLE)]
    took = []
    for nth, person in enumerate(people):
        mind, sent = engine.Person(nth, nth % 2 == 1, _nobody(flow)), False
        while not sent:
            event, _ = mind.answer(flow)
            incoming: Incoming = person.incoming(event)
            cpu_s, began = time.process_time(), time.perf_counter()
            await intake.receive(incoming)
            took.append((time.process_time() - cpu_s, time.perf_counter() - began))
            said = await person.reads()
            mind.screen = next((it for it in reversed(said) if it.prompt), mind.screen)
            sent = any("IB-" in it.text for it in said)
    await database.close()
    return took


def _nobody(flow: Flow) -> Session:
    """Only to be handed over: the sessions that count are in the store."""
    revision = flow.revision
    return Session(id="s", flow=revision.id, revision=revision.revision, started_at=MONDAY)


# ---- telling ------------------------------------------------------------------------------------


def stored_table(results: Sequence[Stored]) -> str:
    """The curve of stored requests, as Markdown."""
    names = list(results[0].pages_ms)
    heads = ["requests stored", "CPU a turn", "p50 / p99 of a turn", *names, "start", "on disk"]
    lines = [f"| {' | '.join(heads)} |", "|---:" * len(heads) + "|"]
    for it in results:
        pages = (f"{it.pages_ms[name]:.0f} ms" for name in names)
        cells = (
            f"{it.requests:,}",
            f"{it.cpu_ms:.2f} ms",
            f"{it.p50_ms:.1f} / {it.p99_ms:.1f} ms",
            *pages,
            f"{it.start_s:.1f} s",
            f"{it.request_bytes / 1000:.1f} kB each",
        )
        lines.append(f"| {' | '.join(cells)} |")
    first, last = results[0], results[-1]
    lines.append(
        f"\nA turn with {last.requests:,} takes {last.cpu_ms / first.cpu_ms:.2f} times the processor"
        f" time, and {last.p50_ms / first.p50_ms:.2f} times as long, as with {first.requests:,}."
    )
    return "\n".join(lines)


def asked_table(results: Sequence[Asked]) -> str:
    """The curve of questions, as Markdown."""
    lines = ["| questions | CPU a turn | p50 of a turn |", "|---:|---:|---:|"]
    lines += [f"| {it.questions:,} | {it.cpu_ms:.2f} ms | {it.p50_ms:.2f} ms |" for it in results]
    first, last = results[0], results[-1]
    lines.append(
        f"\nA turn with {last.questions:,} questions takes {last.cpu_ms / first.cpu_ms:.2f} times the"
        f" processor time of one with {first.questions}."
    )
    return "\n".join(lines)


def panels(questions: Sequence[Asked], requests: Sequence[Stored]) -> list[Panel]:
    """The same, to be drawn."""
    places = tuple(IN_WORDS.get(it.requests, f"{it.requests:,}") for it in requests)
    times = tuple(it.cpu_ms for it in requests)
    asked_times = tuple(it.cpu_ms for it in questions)
    shown = {"open": "open requests", "closed": "closed requests", "a request": "one request"}
    return [
        Panel(
            title="Processor time of a turn, by requests stored",
            unit="ms",
            places=places,
            curves=(Curve(name="a turn", values=times),),
            limit=times[0] * 1.2,
            limit_words="1.2 times the first",
        ),
        Panel(
            title="Processor time of a turn, by questions asked",
            unit="ms",
            places=tuple(f"{it.questions:,}" for it in questions),
            curves=(Curve(name="a turn", values=asked_times),),
            limit=asked_times[0] * 1.5,
            limit_words="1.5 times the first",
        ),
        Panel(
            title="A page of the inbox, by requests stored",
            unit="ms",
            places=places,
            curves=tuple(
                Curve(name=words, values=tuple(it.pages_ms[name] for it in requests))
                for name, words in shown.items()
            ),
            limit=50,
            limit_words="50 ms",
        ),
    ]


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


async def main(most: int, seconds: float) -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as name:
        print(asked_table(await asked(QUESTIONS, Path(name))), flush=True)
        sizes = [size for size in SIZES if size <= most]
        print("\n" + stored_table(await stored(sizes, seconds, Path(name))))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each part takes")
    parser.add_argument("--most", type=int, default=SIZES[-1], help="requests stored at most")
    chosen = parser.parse_args()
    asyncio.run(main(chosen.most, chosen.seconds))
