"""What an update of Telegram says, as an event. JSON in, `Decoded` out; no Telegram library.

`decode` is total: whatever Telegram, or someone who knows the secret, sends, it gives an answer
and never raises. It reads a small part of the Bot API that is typed here; a new kind of message
is refused kindly until `POLICIES` says otherwise (a test holds the table against the installed
library). Private chats only: in a group there is nothing to say, and the bot leaves.

- Albums arrive as several updates; their attachments carry the same `album` and are one answer.
- A press carries `<prompt>:<id>`, a tick `<prompt>:+<id>` or `<prompt>:-<id>`: the state that is
  wanted, so that a press delivered twice does not undo itself.
- Texts are NFC, without NUL and without halves of surrogate pairs: what the store can hold.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from intakebot.core.events import (
    Began,
    Blocked,
    Edited,
    Event,
    Incoming,
    Marked,
    Pressed,
    Said,
    Sent,
    SharedPhone,
    SharedPlace,
    Unreadable,
)
from intakebot.core.limits import BUTTON_BYTES_MAX
from intakebot.core.session import Attachment

# The kinds of update that we ask Telegram for; others it does not keep for us.
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
# Commands that are moves; /start begins, and any other lone command is read as the word itself.
MOVES = frozenset(
    ("back", "skip", "change", "stop", "restart", "help", "person", "unsafe", "more", "language")
) | {"withdraw", "erase", "resume", "status", "shared", "mine"}
HINT_CHARS_MAX = 35  # a language tag of RFC 5646


class Policy(StrEnum):
    """What happens with a field of a message."""

    WORDS = "words"  # typed: `Said`, or a move, or the beginning
    KEPT = "kept"  # `Sent`: downloaded, encrypted, for the contact person
    PHONE = "phone"  # `SharedPhone`
    PLACE = "place"  # `SharedPlace`: a kind sentence, nothing is kept
    REFUSED = "refused"  # `Unreadable`: a kind sentence, and its caption is read as words
    SILENT = "silent"  # a notice of Telegram, not something that the person says: no event
    ABOUT = "about"  # tells something about the message; is no content itself


def _policies(**fields: str) -> dict[str, Policy]:
    """The table turned around: field -> policy."""
    return {name: Policy(policy) for policy, names in fields.items() for name in names.split()}


# Every field of a message (core.telegram.org/bots/api#message, Bot API 10.0).
POLICIES = _policies(
    words="text",
    kept="voice audio video_note video photo document",
    phone="contact",
    place="venue location",
    refused="animation sticker dice game poll story checklist paid_media live_photo invoice"
    " giveaway giveaway_winners",
    silent="new_chat_members left_chat_member new_chat_title new_chat_photo delete_chat_photo"
    " group_chat_created supergroup_chat_created channel_chat_created migrate_to_chat_id"
    " migrate_from_chat_id message_auto_delete_timer_changed pinned_message successful_payment"
    " refunded_payment users_shared chat_shared connected_website write_access_allowed"
    " passport_data proximity_alert_triggered boost_added chat_background_set chat_owner_changed"
    " chat_owner_left checklist_tasks_added checklist_tasks_done direct_message_price_changed"
    " forum_topic_created forum_topic_edited forum_topic_closed forum_topic_reopened"
    " general_forum_topic_hidden general_forum_topic_unhidden gift unique_gift gift_upgrade_sent"
    " giveaway_created giveaway_completed managed_bot_created paid_message_price_changed"
    " poll_option_added poll_option_deleted suggested_post_approved suggested_post_declined"
    " suggested_post_approval_failed suggested_post_paid suggested_post_refunded"
    " video_chat_scheduled video_chat_started video_chat_ended video_chat_participants_invited"
    " web_app_data",
    about="message_id message_thread_id date chat from sender_chat sender_boost_count sender_tag"
    " sender_business_bot business_connection_id forward_origin is_topic_message"
    " is_automatic_forward reply_to_message external_reply quote reply_to_story"
    " reply_to_checklist_task_id reply_to_poll_option_id via_bot edit_date has_protected_content"
    " is_from_offline is_paid_post media_group_id author_signature paid_star_count entities"
    " caption caption_entities link_preview_options effect_id show_caption_above_media"
    " has_media_spoiler direct_messages_topic suggested_post_info reply_markup guest_query_id"
    " guest_bot_caller_user guest_bot_caller_chat",
)


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """What is to be done with one update. All empty: nothing, it is only acknowledged."""

    update: int
    incoming: Incoming | None = None
    callback: str | None = None  # the press that is to be confirmed to Telegram, always
    leave: str | None = None  # the group that is to be left, without a word


class _Part(msgspec.Struct, frozen=True):
    """A piece of the Bot API, as far as we read it; other fields are passed over."""


class _Chat(_Part, frozen=True):
    id: int
    type: str


class _Sender(_Part, frozen=True):
    id: int
    is_bot: bool = False
    language_code: str | None = None


class _File(_Part, frozen=True):
    file_id: Annotated[str, msgspec.Meta(min_length=1)]
    file_size: int | None = None
    duration: int | None = None  # seconds


class _Contact(_Part, frozen=True):
    phone_number: str
    owner: int | None = msgspec.field(name="user_id", default=None)


class _Message(_Part, frozen=True):
    message_id: int
    chat: _Chat
    sender: _Sender | None = msgspec.field(name="from", default=None)
    text: str | None = None
    caption: str | None = None
    forward_origin: dict[str, object] | None = None
    media_group_id: str | None = None
    voice: _File | None = None
    audio: _File | None = None
    video_note: _File | None = None
    video: _File | None = None
    photo: tuple[_File, ...] = ()
    document: _File | None = None
    contact: _Contact | None = None


class _Where(_Part, frozen=True):
    """The message that a button stands under, also when it is too old to be read."""

    message_id: int
    chat: _Chat


class _Press(_Part, frozen=True):
    id: str
    sender: _Sender = msgspec.field(name="from")
    message: _Where | None = None
    data: str | None = None


class _Standing(_Part, frozen=True):
    status: str


class _Membership(_Part, frozen=True):
    chat: _Chat
    new_chat_member: _Standing


def decode(raw: object, *, bot: str, now: datetime) -> Decoded | None:
    """What this update asks of us; None when it has no number and so is no update at all."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(number, int) or isinstance(number, bool):
        return None
    reading = _Reading(bot=bot, update=number, now=now)
    kind = next((kind for kind in KINDS if kind in raw), None)
    try:
        match kind:
            case "message":
                return reading.message(raw["message"])
            case "edited_message":
                return reading.edited(msgspec.convert(raw["edited_message"], _Message))
            case "callback_query":
                return reading.press(msgspec.convert(raw["callback_query"], _Press))
            case "my_chat_member":
                return reading.membership(msgspec.convert(raw["my_chat_member"], _Membership))
            case _:
                return Decoded(update=number)
    except msgspec.ValidationError:
        # Not what the Bot API promises: asking for it again would bring the same.
        return Decoded(update=number)


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """The reading of one update."""

    bot: str
    update: int
    now: datetime

    def message(self, raw: object) -> Decoded:
        message = msgspec.convert(raw, _Message)
        if message.chat.type != "private":
            return Decoded(update=self.update, leave=str(message.chat.id))
        if message.sender is None or message.sender.is_bot or not isinstance(raw, dict):
            return Decoded(update=self.update)
        fields = [name for name, value in raw.items() if value is not None]
        return self._heard(message.chat, self._said(message, message.sender, fields))

    def edited(self, message: _Message) -> Decoded:
        """A changed text or caption; a moving live location is none and stays unanswered."""
        text = message.text if message.text is not None else message.caption
        if message.chat.type != "private" or text is None:
            return Decoded(update=self.update)
        return self._heard(message.chat, Edited(text=clean(text), ref=str(message.message_id)))

    def press(self, press: _Press) -> Decoded:
        if press.message is None or press.message.chat.type != "private":
            return Decoded(update=self.update, callback=press.id)
        event = read_press(press.data or "").replace(under=str(press.message.message_id))
        heard = self._heard(press.message.chat, event)
        return Decoded(update=self.update, incoming=heard.incoming, callback=press.id)

    def membership(self, membership: _Membership) -> Decoded:
        status, chat = membership.new_chat_member.status, membership.chat
        if chat.type != "private":
            is_in = status not in ("left", "kicked")
            return Decoded(update=self.update, leave=str(chat.id) if is_in else None)
        return self._heard(chat, Blocked(on=status == "kicked"))

    def _heard(self, chat: _Chat, event: Event | None) -> Decoded:
        if event is None:
            return Decoded(update=self.update)
        incoming = Incoming(
            channel="telegram",
            bot=self.bot,
            chat=str(chat.id),
            update=str(self.update),
            at=self.now,
            event=event,
        )
        return Decoded(update=self.update, incoming=incoming)

    def _said(self, message: _Message, sender: _Sender, fields: list[str]) -> Event | None:
        """The event of a message, by the first of its fields that has content."""
        ref = str(message.message_id)
        named = next((name for name in POLICIES if name in fields and is_content(name)), "other")
        if message.text is not None:
            return _typed(message.text, ref, sender, forwarded="forward_origin" in fields)
        match POLICIES.get(named, Policy.REFUSED):
            case Policy.KEPT if "animation" not in fields:  # a GIF comes with a document too
                return self._sent(message, named, ref)
            case Policy.PHONE if message.contact is not None:
                number, own = message.contact.phone_number, message.contact.owner == sender.id
                return SharedPhone(number=clean(number), own=own, ref=ref)
            case Policy.PLACE:
                return SharedPlace()
            case Policy.SILENT:
                return None
            case _ if message.caption:
                forwarded = "forward_origin" in fields
                return Said(text=clean(message.caption), ref=ref, forwarded=forwarded)
            case _:
                return Unreadable(kind="animation" if "animation" in fields else named)

    def _sent(self, message: _Message, named: str, ref: str) -> Event:
        kind, file = _kept(message, named)
        if file is None:  # an empty list of photo sizes
            return Unreadable(kind=named)
        album = message.media_group_id
        attachment = Attachment(
            id=_attachment_id(self.bot, self.update, ref),
            kind=kind,
            bytes=max(file.file_size or 0, 0),
            received_at=self.now,
            source=file.file_id,
            album=album,
            seconds=file.duration if kind == "voice" else None,
        )
        caption = clean(message.caption) if message.caption else None
        return Sent(attachment=attachment, caption=caption, ref=ref)


def is_content(field: str) -> bool:
    """Whether the message may be about this field."""
    return POLICIES[field] is not Policy.ABOUT


def read_press(data: str) -> Pressed | Marked:
    """The press or tick that `callback_data` carries.

    What we did not write has no prompt that holds; the engine answers it with the open question.
    """
    prompt, colon, wanted = clean(data[:BUTTON_BYTES_MAX]).partition(":")
    if not colon:
        return Pressed(id=data[:BUTTON_BYTES_MAX], prompt="")
    if wanted[:1] in ("+", "-"):
        return Marked(id=wanted[1:], on=wanted[0] == "+", prompt=prompt)
    return Pressed(id=wanted, prompt=prompt)


def clean(text: str) -> str:
    """The text as it can be stored anywhere: NFC, no NUL, no half of a surrogate pair."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return unicodedata.normalize("NFC", whole.replace("\0", ""))


def _typed(text: str, ref: str, sender: _Sender, *, forwarded: bool) -> Event:
    words = clean(text)
    first, _, rest = words.strip().partition(" ")
    if forwarded or not first.startswith("/"):
        return Said(text=words, ref=ref, forwarded=forwarded)
    command = first[1:].partition("@")[0].casefold()
    if command == "start":
        # What may follow /start in a link is not looked at: anyone can write such a link.
        language = sender.language_code
        return Began(hint=clean(language)[:HINT_CHARS_MAX] if language else None)
    if command in MOVES:
        return Pressed(id=f"/{command}")
    if command and not rest:
        return Said(text=command, ref=ref)
    return Said(text=words, ref=ref)


def _kept(
    message: _Message, named: str
) -> tuple[Literal["voice", "photo", "document"], _File | None]:
    """As what, and which file, an attachment is kept. Of a photo the largest size."""
    match named:
        case "voice":
            return "voice", message.voice
        case "audio":
            return "voice", message.audio
        case "photo":
            return "photo", max(message.photo, key=lambda size: size.file_size or 0, default=None)
        case "video_note":
            return "document", message.video_note
        case "video":
            return "document", message.video
        case _:
            return "document", message.document


def _attachment_id(bot: str, update: int, ref: str) -> str:
    """The same for the same message, however often it is delivered."""
    whole = f"telegram|{bot}|{update}|{ref}".encode()
    return hashlib.blake2s(whole, digest_size=12).hexdigest()
