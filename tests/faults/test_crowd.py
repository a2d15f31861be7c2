"""What the kills look at is seen: each promise that is broken is counted, and nothing else."""

from __future__ import annotations

import pytest

from tests.bot_api.server import BotApi
from tests.bot_api.world import Shown
from tests.faults import crowd
from tests.faults.crowd import KEPT, NOTHING, Crowd, Patient

GOOD: dict[str, list[object]] = {
    "updates": ["1", "2"],
    "references": ["IB-AAAA-AAAA"],
    "stuck": [0],
    "given up": [0],
    "put aside": [0],
}


def told(api: BotApi, reference: str, *asked: str) -> Patient:
    """Somebody who was asked this, and got this reference."""
    walk = Patient(api.person())
    walk.asked.extend(asked)
    walk._last = Shown(id=1, text=f"Uw nummer is {reference}.", rows=[], is_from_bot=True)
    return walk


@pytest.mark.parametrize(
    ("kept", "asked", "broken"),
    [
        ({}, ("a", "b"), {}),
        ({"updates": ["1"]}, ("a", "b"), {"lost": 1}),
        ({"references": []}, ("a", "b"), {"requests lost": 1}),
        ({"references": ["IB-AAAA-AAAA", "IB-BBBB-BBBB"]}, (), {"requests nobody sent": 1}),
        ({}, ("a", "b", "a"), {"asked twice": 1}),
        ({"stuck": [2]}, (), {"stuck": 2}),
        ({"given up": [3]}, (), {"given up": 3}),
        ({"put aside": [4]}, (), {"put aside": 4}),
    ],
)
async def test_each_broken_promise_is_counted(
    kept: dict[str, list[object]], asked: tuple[str, ...], broken: dict[str, int]
) -> None:
    by_sql = {KEPT[name]: found for name, found in (GOOD | kept).items()}

    async def rows(sql: str) -> list[tuple[object, ...]]:
        return [(value,) for value in by_sql[sql]]

    async with BotApi() as api:
        api.world.taken.update((1, 2))
        people = Crowd(api, 1)
        people.done.append(told(api, "IB-AAAA-AAAA", *asked))

        assert await crowd.broken(api, people, rows) == NOTHING | broken


async def test_who_sees_nothing_presses_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Telegram forgot the press; what was typed it keeps for a day."""
    monkeypatch.setattr(crowd, "FORGOTTEN_S", 0.02)
    monkeypatch.setattr(crowd, "PATIENCE_S", 0.02)
    async with BotApi() as api:
        walk = told(api, "IB-AAAA-AAAA")
        on = Shown(id=2, text="Klopt dat?", rows=[], is_from_bot=True)
        await walk.person.presses_data("q:ja", on=on)
        with pytest.raises(AssertionError, match="a next question was not seen"):
            await walk.next_screen()

        assert [it.json["callback_query"]["data"] for it in api.world.waiting] == ["q:ja"] * 2
        assert walk.pressed_again == 1

        await walk.person.says("Hallo?")
        with pytest.raises(AssertionError, match="a next question was not seen"):
            await walk.next_screen()
        assert len(api.world.waiting) == 3
        assert walk.pressed_again == 1
