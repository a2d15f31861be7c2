"""What an update of Telegram says; nothing that it can hold makes us fall."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
import telegram
from hypothesis import given
from hypothesis import strategies as st

from intakebot.channels.telegram import updates
from intakebot.channels.telegram.updates import POLICIES, Decoded, Policy, decode
from intakebot.core.events import (
    Began,
    Blocked,
    Edited,
    Event,
    Marked,
    Pressed,
    Said,
    Sent,
    SharedPhone,
    SharedPlace,
    Unreadable,
)
from intakebot.core.session import Attachment

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
FILE = {"file_id": "F1", "file_unique_id": "u1", "file_size": 1000}


def an_update(**content: object) -> dict[str, Any]:
    message = {
        "message_id": 55,
        "date": 1_700_000_000,
        "chat": {"id": 7, "type": "private"},
        "from": {"id": 7, "is_bot": False, "first_name": "A", "language_code": "ar"},
    }
    return {"update_id": 900, "message": message | content}


def a_press(data: str | None = "tok:ja", **more: object) -> dict[str, Any]:
    where = {"message_id": 54, "date": 0, "chat": {"id": 7, "type": "private"}}
    press = {"id": "cb1", "from": {"id": 7}, "chat_instance": "1", "message": where, "data": data}
    return {"update_id": 901, "callback_query": press | more}


def read(update: object) -> Decoded:
    decoded = decode(update, bot="42", now=NOW)
    assert decoded is not None
    return decoded


def heard(update: object) -> Event | None:
    incoming = read(update).incoming
    return incoming.event if incoming else None


def test_an_incoming_says_where_it_came_from() -> None:
    incoming = read(an_update(text="hoi")).incoming

    assert incoming is not None
    assert (incoming.channel, incoming.bot, incoming.chat) == ("telegram", "42", "7")
    assert (incoming.update, incoming.at) == ("900", NOW)


@pytest.mark.parametrize(
    ("content", "event"),
    [
        ({"text": "Ik heb schulden"}, Said(text="Ik heb schulden", ref="55")),
        (
            {"text": "lees dit", "forward_origin": {"type": "hidden_user"}},
            Said(text="lees dit", ref="55", forwarded=True),
        ),
        ({"text": "/start"}, Began(hint="ar")),
        ({"text": "/start abc_DEF-1"}, Began(hint="ar")),
        ({"text": "/start@intake_bot"}, Began(hint="ar")),
        ({"text": "/stop"}, Pressed(id="/stop")),
        ({"text": "/HELP"}, Pressed(id="/help")),
        ({"text": "/terug"}, Said(text="terug", ref="55")),
        ({"text": "/ wat nu"}, Said(text="/ wat nu", ref="55")),
        ({"text": "/iets anders"}, Said(text="/iets anders", ref="55")),
        ({"contact": {"phone_number": "+31612345678", "user_id": 7}},
         SharedPhone(number="+31612345678", own=True, ref="55")),
        ({"contact": {"phone_number": "+31612345678", "user_id": 8}},
         SharedPhone(number="+31612345678", own=False, ref="55")),
        ({"contact": {"phone_number": "0612345678"}},
         SharedPhone(number="0612345678", own=False, ref="55")),
        ({"location": {"latitude": 52.0, "longitude": 6.0}}, SharedPlace()),
        ({"venue": {"title": "thuis"}, "location": {"latitude": 52.0}}, SharedPlace()),
        ({"sticker": FILE}, Unreadable(kind="sticker")),
        ({"animation": FILE, "document": FILE}, Unreadable(kind="animation")),
        ({"animation": FILE, "document": FILE, "caption": "zo is het"},
         Said(text="zo is het", ref="55")),
        ({"poll": {"id": "1"}}, Unreadable(kind="poll")),
        ({"dice": {"value": 3}}, Unreadable(kind="dice")),
        ({"game": {"title": "x"}}, Unreadable(kind="game")),
        ({"story": {"id": 1}}, Unreadable(kind="story")),
        ({"something_new_of_2031": {"a": 1}}, Unreadable(kind="other")),
        ({}, Unreadable(kind="other")),
        ({"photo": []}, Unreadable(kind="photo")),
        ({"pinned_message": {"message_id": 3}}, None),
        ({"message_auto_delete_timer_changed": {}}, None),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else None,
)  # fmt: skip
def test_each_kind_of_message_has_its_answer(content: dict[str, Any], event: Event | None) -> None:
    assert heard(an_update(**content)) == event


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("voice", "voice"),
        ("audio", "voice"),
        ("document", "document"),
        ("video", "document"),
        ("video_note", "document"),
    ],
)
def test_files_are_kept(field: str, kind: Literal["voice", "document"]) -> None:
    expected = Attachment(
        id=updates._attachment_id("42", 900, "55"),
        kind=kind,
        bytes=1000,
        received_at=NOW,
        source="F1",
    )

    assert heard(an_update(**{field: FILE})) == Sent(attachment=expected, ref="55")


def test_of_a_photo_the_largest_size_is_kept() -> None:
    sizes = [FILE, FILE | {"file_id": "F2", "file_size": 90_000}]

    event = heard(an_update(photo=sizes, caption="de brief"))

    assert isinstance(event, Sent)
    assert (event.attachment.source, event.attachment.bytes) == ("F2", 90_000)
    assert (event.attachment.kind, event.caption) == ("photo", "de brief")


def test_the_pictures_of_an_album_say_that_they_belong_together() -> None:
    first = heard(an_update(photo=[FILE], media_group_id="88", caption="mijn brieven"))
    second = heard(an_update(photo=[FILE], media_group_id="88", message_id=56))

    assert isinstance(first, Sent)
    assert isinstance(second, Sent)
    assert first.attachment.album == second.attachment.album == "88"
    assert first.attachment.id != second.attachment.id


def test_a_message_delivered_again_is_the_same_attachment() -> None:
    assert heard(an_update(voice=FILE)) == heard(an_update(voice=FILE))


@pytest.mark.parametrize(
    ("data", "event"),
    [
        ("tok:ja", Pressed(id="ja", prompt="tok")),
        ("tok:/back", Pressed(id="/back", prompt="tok")),
        ("tok:+financien", Marked(id="financien", on=True, prompt="tok")),
        ("tok:-financien", Marked(id="financien", on=False, prompt="tok")),
        ("forged", Pressed(id="forged", prompt="")),
        ("", Pressed(id="", prompt="")),
        (None, Pressed(id="", prompt="")),
        ("x" * 500, Pressed(id="x" * 64, prompt="")),
    ],
)
def test_a_press_says_what_is_wanted_and_under_which_message(
    data: str | None, event: Pressed | Marked
) -> None:
    decoded = read(a_press(data))

    assert decoded.callback == "cb1"
    assert decoded.incoming is not None
    assert decoded.incoming.event == event.replace(under="54")


def test_a_press_is_confirmed_also_when_it_means_nothing_to_us() -> None:
    in_group = {"message_id": 1, "chat": {"id": -5, "type": "group"}}

    assert read(a_press(message=None)) == Decoded(update=901, callback="cb1")
    assert read(a_press(message=in_group)) == Decoded(update=901, callback="cb1")


def test_an_edited_message_says_the_new_text() -> None:
    edited = {"update_id": 902, "edited_message": an_update(text="Ik ben 34")["message"]}
    captioned = {"update_id": 902, "edited_message": an_update(caption="nieuw")["message"]}
    moving = {"update_id": 902, "edited_message": an_update(location={"latitude": 1})["message"]}

    assert heard(edited) == Edited(text="Ik ben 34", ref="55")
    assert heard(captioned) == Edited(text="nieuw", ref="55")
    assert heard(moving) is None


@pytest.mark.parametrize(("status", "on"), [("kicked", True), ("member", False)])
def test_blocking_and_coming_back_are_heard(status: str, on: bool) -> None:  # noqa: FBT001 - a row
    membership = {
        "chat": {"id": 7, "type": "private"},
        "from": {"id": 7},
        "new_chat_member": {"status": status},
    }

    assert heard({"update_id": 903, "my_chat_member": membership}) == Blocked(on=on)


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
def test_a_group_is_left_and_nothing_said(kind: str) -> None:
    chat = {"id": -100, "type": kind}
    added = {"chat": chat, "from": {"id": 7}, "new_chat_member": {"status": "member"}}
    removed = added | {"new_chat_member": {"status": "left"}}

    assert read({"update_id": 1, "my_chat_member": added}) == Decoded(update=1, leave="-100")
    assert read({"update_id": 2, "my_chat_member": removed}) == Decoded(update=2)
    assert read(an_update(text="hoi bot", chat=chat)) == Decoded(update=900, leave="-100")


def test_bots_are_not_answered() -> None:
    assert heard(an_update(text="hoi", **{"from": {"id": 9, "is_bot": True}})) is None


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("cafe\u0301", "café"),
        ("a\0b", "ab"),
        ("half \ud83d", "half \ufffd"),
        ("heel 😀", "heel 😀"),
        ("\u202eabc\u202c", "\u202eabc\u202c"),
    ],
)
def test_texts_are_made_fit_for_the_store(typed: str, stored: str) -> None:
    assert heard(an_update(text=typed)) == Said(text=stored, ref="55")


def test_every_field_of_a_message_has_a_policy() -> None:
    """A new version of the library brings new fields: say what they get before it is taken."""
    slots = {slot for slot in telegram.Message.__slots__ if not slot.startswith("_")}
    fields = {"from" if slot == "from_user" else slot for slot in slots}

    assert fields | {"message_id", "date", "chat"} == set(POLICIES)


def test_every_refused_field_is_named_in_the_refusal() -> None:
    refused = [name for name, policy in POLICIES.items() if policy is Policy.REFUSED]

    assert refused
    for name in refused:
        assert heard(an_update(**{name: {"x": 1}})) == Unreadable(kind=name)


def test_every_notice_of_telegram_is_left_alone() -> None:
    for name, policy in POLICIES.items():
        if policy is Policy.SILENT:
            assert heard(an_update(**{name: {"x": 1}})) is None


@pytest.mark.parametrize("raw", [None, [], {}, 3, "x", {"update_id": "1"}, {"update_id": True}])
def test_what_has_no_number_is_no_update(raw: object) -> None:
    assert decode(raw, bot="42", now=NOW) is None


def test_an_unknown_kind_of_update_is_only_acknowledged() -> None:
    assert read({"update_id": 4, "inline_query": {"id": "1"}}) == Decoded(update=4)


SEEDS = [
    an_update(text="hoi"),
    an_update(photo=[FILE], caption="x", media_group_id="1"),
    an_update(contact={"phone_number": "1", "user_id": 7}),
    a_press(),
    {"update_id": 5, "edited_message": an_update(text="x")["message"]},
    {
        "update_id": 6,
        "my_chat_member": {
            "chat": {"id": 7, "type": "private"},
            "new_chat_member": {"status": "kicked"},
        },
    },
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def _spoiled(draw: st.DrawFn) -> object:
    """A good update with some of its values replaced by anything at all."""
    update = json.loads(json.dumps(draw(st.sampled_from(SEEDS))))
    for _ in range(draw(st.integers(1, 3))):
        place = update
        while isinstance(place, dict) and place:
            key = draw(st.sampled_from(sorted(place)))
            if not isinstance(place[key], dict) or not place[key] or draw(st.booleans()):
                place[key] = draw(ANYTHING)
                break
            place = place[key]
    return update


@pytest.mark.laws
@given(_spoiled())
def test_nothing_that_telegram_can_send_makes_decoding_fall(update: object) -> None:
    decoded = decode(update, bot="42", now=NOW)

    assert decoded is None or isinstance(decoded, Decoded)
    if decoded is not None and decoded.incoming is not None:
        repr(decoded.incoming).encode()  # no half of a surrogate pair is left
