"""Recordings: found by question and language, played where exactly their text is shown."""

from pathlib import Path

import httpx
import pytest

from intakebot.channels.webchat import recordings
from intakebot.core.events import Message
from intakebot.core.session import Tongue
from intakebot.keeping import around
from intakebot.settings import Settings
from tests.web.place import place, shipped_content

FLOW = shipped_content().flow()
NL, EASY, AR = Tongue(lang="nl"), Tongue(lang="nl", level="A2"), Tongue(lang="ar")
STORY = FLOW.by_key["verhaal"]
SOUND = b"ID3" + bytes(range(256)) * 8


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "voices"
    made.mkdir()
    for name in (
        "verhaal.nl.mp3",
        "verhaal.nl-A2.ogg",
        "verhaal.ander.nl.m4a",
        "voor_wie.ar.mp3",
        "welkom.nl.mp3",
    ):
        (made / name).write_bytes(SOUND)
    return made


def says(folder: Path, text: str | None, tongue: Tongue) -> str | None:
    """The start of the address of the voice for this text."""
    found = recordings.read(folder, FLOW).of(Message(text=text or "", tongue=tongue))
    return found and ".".join(found.split(".")[:-2])


def test_a_recording_belongs_to_the_text_of_its_question(folder: Path) -> None:
    arabic = FLOW.revision.translations["ar"]["voor_wie.text"].text

    assert says(folder, STORY.text, NL) == "/opname/verhaal.nl"
    assert says(folder, STORY.easy, EASY) == "/opname/verhaal.nl-A2"
    assert says(folder, STORY.other, NL) == "/opname/verhaal.ander.nl"
    assert says(folder, arabic, AR) == "/opname/voor_wie.ar"


def test_another_text_or_language_has_no_recording(folder: Path) -> None:
    assert says(folder, f"{STORY.text}\nU zei eerder: ja.", NL) is None
    assert says(folder, STORY.text, AR) is None
    assert recordings.read(None, FLOW).of(Message(text=STORY.text, tongue=NL)) is None


@pytest.mark.parametrize(
    "name",
    ["vraag.nl.mp3", "verhaal.xx.mp3", "verhaal.mp3", "verhaal.nl.exe", "notes.txt", ".hidden"],
)
def test_a_file_that_belongs_to_no_question_is_named_and_not_given(folder: Path, name: str) -> None:
    (folder / name).write_bytes(SOUND)
    found = recordings.read(folder, FLOW)
    lines = [str(it) for it in around.voices(folder, FLOW)]

    assert found.unknown == (name,)
    assert len(found.by_text) == 5
    assert f"No question and language belong to {name}." in lines[0]
    assert lines[0].startswith("warning")
    assert lines[1].endswith("5 recorded texts.")
    assert list(around.voices(None, FLOW)) == []


def test_the_address_changes_with_the_file(folder: Path) -> None:
    message = Message(text=STORY.text, tongue=NL)
    before = recordings.read(folder, FLOW).of(message)
    (folder / "verhaal.nl.mp3").write_bytes(SOUND + b"again")

    assert before != recordings.read(folder, FLOW).of(message)


async def test_it_is_given_whole_and_in_stretches_and_kept(folder: Path, tmp_path: Path) -> None:
    address = recordings.read(folder, FLOW).of(Message(text=STORY.text, tongue=NL))
    assert address is not None
    async with place(tmp_path, voices=folder) as here:
        transport = httpx.ASGITransport(app=here.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as browser:
            whole = await browser.get(address)
            part = await browser.get(address, headers={"Range": "bytes=3-6"})
            absent = [
                (await browser.get(f"/opname/{name}")).status_code
                for name in ("verhaal.nl.mp3", "..%2Fintakebot.db", "x.0123456789.mp3")
            ]
            (folder / "verhaal.nl.mp3").unlink()
            gone = await browser.get(address)

    assert (whole.status_code, whole.content) == (200, SOUND)
    assert whole.headers["content-type"] == "audio/mpeg"
    assert "immutable" in whole.headers["cache-control"]
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert (part.status_code, part.content) == (206, SOUND[3:7])
    assert absent == [404, 404, 404]
    assert gone.status_code == 404


def test_the_setting_must_be_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must be a folder, with files such as verhaal\.nl\.mp3"):
        Settings(recordings=tmp_path / "absent")
    assert Settings(recordings=tmp_path).recordings == tmp_path
    assert Settings.model_validate({"recordings": ""}).recordings is None
