"""An update that breaks us: put aside without a BSN, answered kindly, and taken in again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from intakebot import commands, quarantine
from intakebot.core.events import Incoming, Said, Sent
from intakebot.core.session import Attachment
from intakebot.house import now, open_house
from intakebot.intake import Intake, Receipt
from intakebot.settings import Settings
from intakebot.store import attachments, audit, updates
from intakebot.store.database import Database
from intakebot.store.updates import Poison
from intakebot.store.work import Work
from tests.conversation import MONDAY
from tests.intake.house import Person, an_intake

BSN = "111222333"
STORY = "Ik heb schulden en de stroom wordt afgesloten."


class Faulty:
    """An intake that breaks on every message until it is mended."""

    def __init__(self, intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

        def broken(*_: object, **__: object) -> Work[None]:
            raise ZeroDivisionError

        monkeypatch.setattr(intake, "_carry", broken)

    def mend(self) -> None:
        self._monkeypatch.undo()


async def breaks_us(person: Person, text: str, update: str = "77") -> None:
    for _ in range(updates.ATTEMPTS_MAX):
        with pytest.raises(ZeroDivisionError):
            await person.does(Said(text=text), update)


async def aside(intake: Intake) -> tuple[Poison, ...]:
    return await intake.database.read(lambda: updates.put_aside(intake.vault))


@pytest.fixture
async def begun(intake: Intake) -> Person:
    """Somebody whose chat number passes the eleven test of a BSN."""
    person = Person(intake, chat=BSN)
    await person.says("hallo")
    await person.presses("nl", "mij")
    await person.reads()
    return person


async def test_what_is_kept_holds_no_bsn_but_knows_the_chat(
    intake: Intake, begun: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    Faulty(intake, monkeypatch)
    await breaks_us(begun, f"Mijn nummer is {BSN}.", "123456782")

    (poison,) = await aside(intake)
    kept = quarantine.read(poison)
    assert kept is not None
    assert (kept.chat, kept.update) == (BSN, "123456782")
    assert kept.event == Said(text="Mijn nummer is [BSN verwijderd].")


async def test_the_person_hears_once_that_it_did_not_get_through(
    intake: Intake, begun: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty = Faulty(intake, monkeypatch)
    await breaks_us(begun, STORY)
    await breaks_us(Person(intake, chat="9"), STORY, "78")
    faulty.mend()
    assert (await begun.does(Said(text=STORY), "77")).duplicate

    said = [message.text for message in await begun.reads()]
    assert [text[:24] for text in said] == ["Er ging bij mij iets mis"]


async def test_a_mended_program_takes_it_in_as_if_it_came_now_and_only_once(
    intake: Intake, begun: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty = Faulty(intake, monkeypatch)
    await breaks_us(begun, STORY)
    faulty.mend()
    (poison,) = await aside(intake)

    assert isinstance(await intake.replay(poison, MONDAY), Receipt)
    assert await intake.replay(poison, MONDAY) is None

    assert [saying.text for saying in (await begun.session()).story] == [STORY]
    assert await aside(intake) == ()
    rows = await intake.database.read(lambda: audit.verify(intake.vault))
    assert rows == ()
    assert await intake.database.read(audit.head) is not None


async def test_what_fails_again_stays_aside(
    intake: Intake, begun: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    Faulty(intake, monkeypatch)
    await breaks_us(begun, STORY)
    (poison,) = await aside(intake)
    with pytest.raises(ZeroDivisionError):
        await intake.replay(poison, MONDAY)

    assert await aside(intake) == (poison,)


async def test_what_another_release_wrote_is_left_where_it_is(
    intake: Intake, begun: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    Faulty(intake, monkeypatch)
    await breaks_us(begun, STORY)
    (poison,) = await aside(intake)

    assert (
        await intake.replay(replace(poison, raw=b'{"event": {"type": "danced"}}'), MONDAY) is None
    )
    assert await aside(intake) == (poison,)


async def test_a_replayed_throw_away_erases_the_files_too(
    intake: Intake, begun: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    voice = Attachment(id="v1", kind="voice", bytes=9, received_at=MONDAY, source="file-1")
    await begun.does(Sent(attachment=voice))
    stored = await begun.stored()
    assert stored is not None
    files = tmp_path / "attachments"
    attachments.write_file(files, stored.key, "v1", b"geluid")
    await begun.says("stop")
    faulty = Faulty(intake, monkeypatch)
    await breaks_us(begun, "gooi alles weg")
    faulty.mend()
    (poison,) = await aside(intake)
    receipt = await intake.replay(poison, MONDAY)

    assert receipt is not None
    assert receipt.erased
    assert await begun.stored() is None
    assert list(files.glob("*/*")) == []


# ---- the command ----------------------------------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state=tmp_path / "state")


async def _break_on(settings: Settings, monkeypatch: pytest.MonkeyPatch, *numbers: str) -> None:
    async with open_house(settings) as house:
        faulty = Faulty(house.intake, monkeypatch)
        for number in numbers:
            incoming = Incoming(
                channel="telegram",
                bot="42",
                chat="4711",
                update=number,
                at=now(),
                event=Said(text="kanarie"),
            )
            for _ in range(updates.ATTEMPTS_MAX):
                with pytest.raises(ZeroDivisionError):
                    await house.intake.receive(incoming)
        faulty.mend()


async def test_the_list_says_which_and_nothing_of_what_was_said(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await _break_on(settings, monkeypatch, "700")

    assert await commands.replay(settings, None, everything=False) == 0
    told = capsys.readouterr().out
    assert told.startswith("700  telegram  ")
    assert told.endswith("said\n1 update put aside.\n")
    assert "kanarie" not in told
    assert "4711" not in told


async def test_one_or_all_are_taken_in_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await _break_on(settings, monkeypatch, "700", "701", "702")

    assert await commands.replay(settings, "701", everything=False) == 0
    assert await commands.replay(settings, None, everything=True) == 0
    assert capsys.readouterr().out.splitlines() == [
        "701: taken in.",
        "1 update taken in, 0 not.",
        "700: taken in.",
        "702: taken in.",
        "2 updates taken in, 0 not.",
    ]


async def test_what_cannot_be_taken_in_is_said_with_an_exit_code(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await _break_on(settings, monkeypatch, "700")
    with pytest.raises(commands.CommandProblem, match="no such update stands aside"):
        await commands.replay(settings, "1", everything=False)

    async def broken(*_: object) -> Receipt:
        raise ZeroDivisionError("kanarie")

    async def unknown(*_: object) -> None:
        return None

    for fault in (broken, unknown):
        monkeypatch.setattr(Intake, "replay", fault)
        assert await commands.replay(settings, "700", everything=False) == 1

    told = capsys.readouterr().out
    assert "700: fails again (ZeroDivisionError), stays aside." in told
    assert "700: cannot be read by this release, stays aside." in told
    assert "kanarie" not in told


async def test_only_typed_words_are_masked(database: Database) -> None:
    person = Person(an_intake(database))
    told = person.incoming(Said(text=f"bsn {BSN}", ref=BSN))

    assert quarantine.kept(told).decode().count(BSN) == 1
