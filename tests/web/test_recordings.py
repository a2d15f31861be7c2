"""How long a recording is: as the browser or Telegram says, and never more than can be."""

from datetime import UTC, datetime

import pytest
from starlette.datastructures import FormData

from intakebot.channels.telegram.updates import decode
from intakebot.channels.webchat import files
from intakebot.core.events import Sent

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("42", 42), ("", None), ("0", None), ("-3", None), ("veel", None), ("9" * 12, 21_600)],
)
def test_a_browser_says_how_long_it_recorded(told: str, seconds: int | None) -> None:
    assert files._length(FormData([("seconds", told)])) == seconds


def test_a_file_that_was_chosen_has_no_length() -> None:
    assert files._length(FormData([])) is None


@pytest.mark.parametrize(("kind", "seconds"), [("voice", 17), ("audio", 17), ("document", None)])
def test_telegram_says_how_long_a_voice_note_is(kind: str, seconds: int | None) -> None:
    person = {"id": 5, "is_bot": False, "first_name": "Ada"}
    message = {
        "message_id": 1,
        "date": 0,
        "chat": {"id": 5, "type": "private"},
        "from": person,
        kind: {"file_id": "x", "file_unique_id": "y", "duration": 17},
    }
    decoded = decode({"update_id": 1, "message": message}, bot="bot", now=NOW)

    assert decoded is not None
    assert decoded.incoming is not None
    event = decoded.incoming.event
    assert isinstance(event, Sent)
    assert event.attachment.seconds == seconds
