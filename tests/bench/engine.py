"""What one turn costs the engine alone: the step and its messages in final words. No database.

    python -m tests.bench.engine                    prints a table
    python -m tests.bench.engine --profile 30       and where the time goes, the dearest 30 lines

Many people talk at once, each with a story of their own, and every session goes through JSON
before it is looked at, as in the store: so nothing is cheap because it was asked a moment ago.
Processor time, not the clock: other programs of the machine do not count.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import pstats
import time
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import mean, median

import msgspec

from intakebot.core.events import Began, Event, Message, Pressed, Said
from intakebot.core.flow import Flow, Kind
from intakebot.core.law.reference import make
from intakebot.core.session import Session
from intakebot.core.talking.responding import Circumstances, Desk, Fresh
from tests.bench.growth_flow import grown
from tests.channels.walking import STORY, TYPED
from tests.conversation import MONDAY, a_desk, shipped_flow

PEOPLE, ROUNDS = 40, 5
STEPS_MAX = 60
NOW = Circumstances(
    at=MONDAY, channel="web", fresh=Fresh(reference=make("7K3Q9M2"), session_id="s")
)
SIZES = (10, 100, 1000)


@dataclass
class Person:
    """One talk of one person: typing wherever one can, or pressing wherever there is a button."""

    number: int
    types: bool
    session: Session
    told: bool = False
    screen: Message | None = None
    sent: bool = False
    took_us: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def turn(self, desk: Desk, watch: cProfile.Profile | None) -> None:
        """Answer what is on screen."""
        event, name = self.answer(desk.flow)
        if watch:
            watch.enable()
        began = time.process_time_ns()
        response = desk.respond(self.session, event, NOW)
        took_ns = time.process_time_ns() - began
        if watch:
            watch.disable()
        self.took_us[name].append(took_ns / 1000)
        self.session = msgspec.json.decode(msgspec.json.encode(response.session), type=Session)
        self.screen = next((m for m in reversed(response.messages) if m.prompt), None)
        self.sent = response.request is not None

    def answer(self, flow: Flow) -> tuple[Event, str]:
        if self.screen is None:
            return Began(), "opens the chat"
        question = flow.by_key.get(self.screen.question or "")
        if question is None:
            return self._press("nl"), "picks a language"
        kind = question.kind
        if kind is Kind.STORY and not self.told:
            self.told = True
            return Said(text=f"{STORY} Dossier {self.number + 200}."), "tells the story"
        if self.types and kind in (Kind.STORY, Kind.DOMAINS, Kind.YES_NO, Kind.READ_BACK):
            text = {Kind.STORY: "klaar", Kind.DOMAINS: "klopt", Kind.YES_NO: "nee"}.get(kind, "ja")
            return Said(text=text), f"types: {kind}"
        if kind in TYPED:
            return Said(text=TYPED[kind]), f"types: {kind}"
        ids = [button.id for button in self.screen.buttons]
        wanted = ("klopt", "klaar", "ja" if kind is Kind.READ_BACK else "nee")
        pressed = next((one for one in wanted if one in ids), ids[0])
        return self._press(pressed), f"presses: {kind}"

    def _press(self, pressed: str) -> Pressed:
        assert self.screen is not None
        return Pressed(id=pressed, prompt=self.screen.prompt)


def talks(desk: Desk, watch: cProfile.Profile | None = None) -> dict[str, list[float]]:
    """Processor time in µs of each turn, by kind, of many people who talk at once."""
    took_us: dict[str, list[float]] = defaultdict(list)
    revision = desk.flow.revision
    for _ in range(ROUNDS):
        start = Session(
            id="s1", flow=revision.id, revision=revision.revision, started_at=MONDAY, scope="full"
        )
        people = [Person(n, n % 2 == 1, start.replace(id=f"s{n}")) for n in range(PEOPLE)]
        for _ in range(STEPS_MAX):
            for person in people:
                if not person.sent:
                    person.turn(desk, watch)
        assert all(person.sent for person in people)
        for person in people:
            for name, found in person.took_us.items():
                took_us[name] += found
    return took_us


def mean_us(desk: Desk) -> float:
    """The mean of a turn in µs."""
    return mean(one for found in talks(desk).values() for one in found)


def _table(by_size: dict[str, dict[str, list[float]]]) -> str:
    names = list(dict.fromkeys(name for found in by_size.values() for name in found))
    lines = [f"| turn, µs (median) | {' | '.join(by_size)} |", "|---|" + "---:|" * len(by_size)]
    lines += [
        f"| {name} | {' | '.join(_one(found.get(name)) for found in by_size.values())} |"
        for name in names
    ]
    means = (mean(one for us in found.values() for one in us) for found in by_size.values())
    lines.append(f"| **mean of all turns** | {' | '.join(f'{us:,.0f}' for us in means)} |")
    return "\n".join(lines)


def _one(found: list[float] | None) -> str:
    return f"{median(found):,.0f}" if found else ""


def main() -> None:
    """Talk with the shipped flow set and with grown ones, and print what a turn costs."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.engine")
    parser.add_argument("--profile", type=int, default=0, help="how many lines of the profile")
    chosen = parser.parse_args()
    shipped = shipped_flow()
    desk = a_desk()
    talks(desk)  # what is compiled when first needed
    gc.collect()
    by_size = {f"shipped, {len(shipped.revision.questions())}": talks(desk)}
    by_size |= {f"{count:,}": talks(a_desk(grown(shipped, count))) for count in SIZES}
    print(_table(by_size))
    if chosen.profile:
        watch = cProfile.Profile()
        talks(desk, watch)
        pstats.Stats(watch).sort_stats("tottime").print_stats(chosen.profile)


if __name__ == "__main__":
    main()
