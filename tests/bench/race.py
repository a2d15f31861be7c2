"""`make bench`: the same intake through this program and through stock peers, side by side.

The questions are those that this program asks somebody with debts; the peers ask the same texts
with the same keys and keep the answers in their own way. All run in turn, in one run, on the same
machine: a figure counts only beside the others of its run. Limits of pace are off for all.

    python -m tests.bench.race --installed .venv/run/bin/python --peers .venv/peers/bin/python
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from intakebot.core.flow import Kind
from tests.bench import contestants
from tests.bench.contestants import Contestant, Running
from tests.bench.picture import Bar
from tests.bench.swarm import Chat, Step, Swarm, talk_for
from tests.channels.walking import STORY, TYPED, question_of

PEOPLE = 200
SLOW_S = 0.05  # how long the Bot API takes, about as long as Telegram's own
STEADY_A_SECOND = 100.0
WARM_S = 2.0
STEPS_MAX = 60
# Patience for a bot that has just been started again, also on a busy machine.
SILENT_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was measured of one contestant."""

    name: str
    keeps: str
    slow_per_s: float  # turns a second while the Bot API answers after SLOW_S
    quick_per_s: float  # the same, while it answers at once
    p50_ms: float  # at STEADY_A_SECOND, the API answering at once
    p95_ms: float
    p99_ms: float
    cpu_ms: float  # a turn, as fast as it can
    rss_mb: float
    dialogue_bytes: int
    lost: int  # of PEOPLE, after a kill: asked again, started over, or silent


async def record(folder: Path, *arguments: str) -> tuple[Step, ...]:
    """What this program asks, started with these arguments, and what a person in debt answers."""
    swarm = Swarm()
    await swarm.begin()
    running = Running(contestants.ours(*arguments), swarm, folder / "record", Path())
    await running.begin()
    chat, steps = swarm.someone(), [Step(shown="", keys=(), says="/start")]
    await swarm.turn(chat, steps[0])
    for _ in range(STEPS_MAX):
        if "IB-" in chat.text:
            break
        steps.append(_answering(chat, steps))
        await swarm.turn(chat, steps[-1])
    await running.end()
    await swarm.end()
    return tuple(steps)


def _answering(chat: Chat, before: Sequence[Step]) -> Step:
    """What to say to what is on screen."""
    keys = tuple(chat.labels)
    question = question_of(chat.text)
    kind = question.kind if question else None
    ids = [key for _, key in chat.labels if not key.startswith("/")]
    told = any(step.says == STORY for step in before)
    says = TYPED.get(kind) if kind else None
    if kind is Kind.STORY and not told:
        return Step(shown=chat.text, keys=keys, says=STORY)
    if says is not None:
        return Step(shown=chat.text, keys=keys, says=says)
    for wanted in ("klopt", "klaar", "nl", "ja" if kind is Kind.READ_BACK else "nee"):
        if wanted in ids:
            return Step(shown=chat.text, keys=keys, presses=wanted)
    return Step(shown=chat.text, keys=keys, presses=ids[0] if ids else "/skip")


async def measure(
    contestant: Contestant, script: tuple[Step, ...], folder: Path, seconds: float
) -> Result:
    """One contestant, from its start on an empty state for each part."""
    slow, _, _, _ = await _fast_as_it_can(contestant, script, folder, seconds, SLOW_S)
    quick, cpu_ms, rss_mb, size = await _fast_as_it_can(contestant, script, folder, seconds, 0.0)
    steady = await _steady(contestant, script, folder, seconds)
    lost = await _lost_at_a_kill(contestant, script, folder)
    return Result(
        name=contestant.name,
        keeps=contestant.keeps,
        slow_per_s=slow,
        quick_per_s=quick,
        p50_ms=_at(steady, 0.50),
        p95_ms=_at(steady, 0.95),
        p99_ms=_at(steady, 0.99),
        cpu_ms=cpu_ms,
        rss_mb=rss_mb,
        dialogue_bytes=size,
        lost=lost,
    )


def _at(took_s: list[float], part: float) -> float:
    return sorted(took_s)[min(int(len(took_s) * part), len(took_s) - 1)] * 1000


async def _started(
    contestant: Contestant, script: tuple[Step, ...], folder: Path, delay_s: float
) -> tuple[Swarm, Running]:
    swarm = Swarm(delay_s=delay_s)
    await swarm.begin()
    path = folder / "script.json"
    steps = [{"shown": step.shown, "keys": step.keys} for step in script]
    path.write_text(json.dumps(steps), encoding="utf-8")
    shutil.rmtree(folder / contestant.name, ignore_errors=True)
    running = Running(contestant, swarm, folder, path)
    await running.begin()
    return swarm, running


async def _fast_as_it_can(
    contestant: Contestant,
    script: tuple[Step, ...],
    folder: Path,
    seconds: float,
    delay_s: float,
) -> tuple[float, float, float, int]:
    """Turns a second, processor time of one in ms, memory in MB, bytes of a dialogue."""
    swarm, running = await _started(contestant, script, folder, delay_s)
    await running.end(signal.SIGTERM)
    empty_bytes = running.kept_bytes
    await running.begin()
    before_s: list[float] = []
    talked = await talk_for(
        swarm,
        script,
        people=PEOPLE,
        warm_s=WARM_S,
        seconds=seconds,
        warmed=lambda: before_s.append(running.cpu_s),
    )
    took = len(talked.took_s)
    cpu_s, rss_mb = running.cpu_s - before_s[0], running.rss_mb
    await running.end(signal.SIGTERM)  # what is kept at the end is written then
    size = int((running.kept_bytes - empty_bytes) / max(talked.turns / len(script), 1))
    await swarm.end()
    return took / seconds, cpu_s / max(took, 1) * 1000, rss_mb, size


async def _steady(
    contestant: Contestant, script: tuple[Step, ...], folder: Path, seconds: float
) -> list[float]:
    """How long turns take at a rate that all can keep."""
    swarm, running = await _started(contestant, script, folder, 0.0)
    talked = await talk_for(
        swarm, script, people=PEOPLE, warm_s=WARM_S, seconds=seconds, rate=STEADY_A_SECOND
    )
    await running.end()
    await swarm.end()
    return talked.took_s


async def _lost_at_a_kill(contestant: Contestant, script: tuple[Step, ...], folder: Path) -> int:
    """Of PEOPLE in the middle of their story: who does not go on where they were.

    All have answered a few questions and see the next one; then the plug is pulled, the program
    started again, and each answers what is on screen.
    """
    swarm, running = await _started(contestant, script, folder, 0.0)
    chats = [swarm.someone() for _ in range(PEOPLE)]
    places = [2 + nth % (len(script) - 3) for nth in range(PEOPLE)]

    async def begins(chat: Chat, place: int) -> None:
        for step in script[:place]:
            await swarm.turn(chat, step)

    await asyncio.gather(*(begins(*one) for one in zip(chats, places, strict=True)))
    await running.end()
    await running.begin()

    async def goes_on(chat: Chat, place: int) -> bool:
        expected = script[place + 1].shown
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SILENT_S):
                await swarm.turn(chat, script[place])
                # What was sent but not yet marked as sent comes once more, before the answer.
                while chat.text != expected:  # noqa: ASYNC110 - the bot is another process
                    await asyncio.sleep(0.02)
        return chat.text == expected

    went_on = await asyncio.gather(*(goes_on(*one) for one in zip(chats, places, strict=True)))
    await running.end()
    await swarm.end()
    return PEOPLE - sum(went_on)


def table(results: Sequence[Result]) -> str:
    """The results, as Markdown."""
    lines = [
        (
            "| bot | turns/s, API 50 ms | turns/s, API at once | p50 / p95 / p99 ms at 100 turns/s"
            " | CPU a turn | memory | a dialogue on disk | lost their place at `kill -9` |"
        ),
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.name} | {r.slow_per_s:,.0f} | {r.quick_per_s:,.0f}"
        f" | {r.p50_ms:.0f} / {r.p95_ms:.0f} / {r.p99_ms:.0f} | {r.cpu_ms:.2f} ms"
        f" | {r.rss_mb:.0f} MB | {r.dialogue_bytes / 1024:.1f} kB | {r.lost} of {PEOPLE} |"
        for r in results
    ]
    return "\n".join(lines)


def circumstances(seconds: float) -> str:
    """What the figures depend on; asked before anything is measured."""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} processors, {platform.machine()}, Python"
        f" {platform.python_version()}, load {os.getloadavg()[0]:.1f} when it began; {seconds:.0f} s"
        " each"
    )


async def race(everyone: Sequence[Contestant], seconds: float) -> tuple[list[Result], str]:
    """Everybody, in turn; gives what was measured, and what the figures depend on."""
    told = circumstances(seconds)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = await record(folder)
        results = []
        for contestant in everyone:
            results.append(await measure(contestant, script, folder, seconds))
            print(f"{contestant.name}: {results[-1]}", file=sys.stderr, flush=True)
    return results, f"{told}; {PEOPLE} chats, {len(script)} turns a dialogue, pace limits off."


def bars(results: Sequence[Result]) -> list[Bar]:
    """The results, to be drawn: ours, and then who is fast first."""
    by_speed = sorted(results[1:], key=lambda result: -result.slow_per_s)
    return [
        Bar(
            name=it.name,
            keeps=it.keeps,
            slow_per_s=it.slow_per_s,
            quick_per_s=it.quick_per_s,
            lost=it.lost,
            people=PEOPLE,
            ours=it is results[0],
        )
        for it in (results[0], *by_speed)
    ]


def ratios(results: Sequence[Result]) -> str:
    """How often as fast as each of the others, while the Bot API takes its time."""
    ours, *others = results
    each = (f"{ours.slow_per_s / max(it.slow_per_s, 0.1):.1f} times {it.name}" for it in others)
    return f"While the Bot API takes 50 ms, {ours.name} is as fast as {', '.join(each)}."


def add_pythons(parser: argparse.ArgumentParser) -> None:
    """The options that say where each is installed."""
    here = Path(sys.executable)
    parser.add_argument("--installed", type=Path, default=here, help="the Python of this program")
    parser.add_argument("--peers", type=Path, help="the Python that the peers are installed in")


def chosen_of(chosen: argparse.Namespace) -> list[Contestant]:
    """Who races, by these options."""
    peers = chosen.peers.absolute() if chosen.peers else None
    return contestants.everyone(chosen.installed.absolute(), peers)


def main() -> None:
    """Race, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.race")
    add_pythons(parser)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each part takes")
    chosen = parser.parse_args()
    results, told = asyncio.run(race(chosen_of(chosen), chosen.seconds))
    print(f"\n{table(results)}\n\n{ratios(results)}\n{told}")


if __name__ == "__main__":
    main()
