"""The web chat over HTTP, by its forms: how many turns a second, each stored for good.

A turn is what a browser without script does: a form is posted, and the page is fetched anew.

    python -m tests.bench.webchat [--seconds 10]
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.bench.race import WARM_S
from tests.channels.process import Process

PEOPLE = 50
HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
FIELD = re.compile(r'(name|value)="([^"]*)"')
FORM = re.compile(r"<form.*?</form>", re.DOTALL)
TURNS = (
    {"press": "nl"},
    {"press": "mij"},
    {"say": "Ik heb schulden en de stroom wordt donderdag afgesloten."},
    {"say": "Ik slaap slecht."},
    {"say": "Mijn dochter gaat niet naar school."},
)


async def main(seconds: float) -> None:
    """Talk, and print."""
    with tempfile.TemporaryDirectory() as folder:
        process = Process(Path(folder) / "state")
        await process.begin()
        took: list[tuple[float, float]] = []
        talking = [asyncio.ensure_future(_talk(process.url, took)) for _ in range(PEOPLE)]
        await asyncio.sleep(WARM_S)
        began = time.perf_counter()
        await asyncio.sleep(seconds)
        ended = time.perf_counter()
        for task in talking:
            task.cancel()
        ends = await asyncio.gather(*talking, return_exceptions=True)
        await process.stop()
    faults = [end for end in ends if isinstance(end, Exception)]
    if faults:
        raise faults[0]
    counted = sorted(ms for at, ms in took if began <= at <= ended)
    p50, p99 = counted[len(counted) // 2], counted[int(len(counted) * 0.99)]
    sys.stdout.write(
        f"web chat: {len(counted) / seconds:,.0f} turns/s over HTTP, {PEOPLE} chats, durable;"
        f" p50 {p50:.0f} ms, p99 {p99:.0f} ms\n"
    )


async def _talk(url: str, took: list[tuple[float, float]]) -> None:
    """One short dialogue after another, each in a browser of its own, without its script."""
    while True:
        async with httpx.AsyncClient(base_url=url, trust_env=False) as browser:
            page = (await browser.get("/")).text
            for fields in TURNS:
                form = _form(page, next(iter(fields))) | fields
                began = time.perf_counter()
                answer = await browser.post("/", data=form, headers={"Origin": url})
                page = (await browser.get("/")).text
                ended = time.perf_counter()
                assert answer.status_code == 303, answer.text
                took.append((ended, (ended - began) * 1000))


def _form(page: str, field: str) -> dict[str, str]:
    """The hidden fields of the first form that has this field."""
    form = next(it for it in FORM.findall(page) if f'name="{field}"' in it)
    tags = (dict(FIELD.findall(tag)) for tag in HIDDEN.findall(form))
    return {tag["name"]: tag.get("value", "") for tag in tags}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.webchat")
    parser.add_argument("--seconds", type=float, default=10.0)
    asyncio.run(main(parser.parse_args().seconds))
