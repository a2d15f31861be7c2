"""A voice note or a photo from the browser: read in memory, sealed by the store, never on disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Literal

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from intakebot.channels.webchat import decode
from intakebot.channels.webchat.chat import WebChat
from intakebot.channels.webchat.decode import Form
from intakebot.core.events import Sent
from intakebot.core.limits import ATTACHMENT_BYTES_MAX, ATTACHMENTS_MAX
from intakebot.core.session import Attachment
from intakebot.store import attachments, sessions
from intakebot.store.attachments import Kept
from intakebot.store.sessions import Stored
from intakebot.store.work import Work

KINDS: dict[str, Literal["voice", "photo"]] = {"audio": "voice", "photo": "photo"}
# Sound and pictures only, said by the browser; what it really is, nobody here opens or shows.
TYPES = ("audio/", "image/", "video/webm", "video/mp4")
FIELDS_MAX, FILES_MAX = 8, 2
# Told by the browser: nobody speaks longer than this in so many bytes.
SECONDS_MAX = 6 * 3600
EMPTY = FormData()
# The file, and around it the other fields and the boundaries between them.
BODY_BYTES_MAX = ATTACHMENT_BYTES_MAX + 16_000
# Past this nothing is read any more.
DROPPED_BYTES_MAX = 10 * ATTACHMENT_BYTES_MAX
# Few are read at once, so nobody may take for ever: 20 MB in this time is half a megabit a second.
READING_S_MAX = 300
# After this time as much as a bad mobile network brings; and never as long without anything.
GRACE_S, BYTES_PER_S_MIN = 20, 4_000


class TooBig(MultiPartException):
    """More than we keep."""


class InMemory(MultiPartParser):
    """Reads a form without writing any of it to a temporary file: that would not be sealed."""

    spool_max_size = BODY_BYTES_MAX


async def fields_of(request: Request) -> FormData:
    """The fields and files of a multipart form; empty when it is none. Raises `TooBig`."""
    stream = request.stream()
    parser = InMemory(
        request.headers,
        _at_most(stream, BODY_BYTES_MAX),
        max_files=FILES_MAX,
        max_fields=FIELDS_MAX,
    )
    try:
        return await parser.parse()
    except TooBig:
        # The rest is read and dropped: a browser that is cut off shows no page of ours.
        async for _ in stream:
            pass
        raise
    except (MultiPartException, KeyError):  # KeyError: no boundary
        return EMPTY


async def _at_most(stream: AsyncGenerator[bytes, None], most: int) -> AsyncGenerator[bytes, None]:
    """The stream, up to so many bytes and not too slowly. Raises `TooBig` and TimeoutError."""
    size, clock = 0, _clock()
    began = clock()
    while True:
        async with asyncio.timeout(GRACE_S):
            chunk = await anext(stream, None)
        if chunk is None:
            return
        size, passed_s = size + len(chunk), clock() - began
        if size > most:
            raise TooBig("more than we keep")
        if passed_s > GRACE_S and size < passed_s * BYTES_PER_S_MIN:
            raise TimeoutError
        yield chunk


def _clock() -> Callable[[], float]:
    """Seconds that pass, from nowhere in particular."""
    return asyncio.get_running_loop().time


async def taken(
    chat: WebChat, request: Request, address: str
) -> tuple[Form, Sent | None, str | None]:
    """The form, the file as an event, and a sentence for the person when it cannot be kept.

    The bytes are sealed and written before the event is handed over: what the event speaks of
    is there.
    """
    try:
        async with asyncio.timeout(READING_S_MAX):
            fields = await fields_of(request)
    except TooBig:
        return decode.form(EMPTY), None, "web.file_big"
    except TimeoutError:
        return decode.form(EMPTY), None, "web.fault_text"
    try:
        form = decode.form(fields)
        update = chat.stamps.read(address, form.stamp)
        found = (one for one in fields.multi_items() if one[0] in KINDS)
        name, upload = next((one for one in found if _is_filled(one[1])), ("", ""))
        if update is None or isinstance(upload, str):
            return form, None, None
        if chat.stamps.is_late(form.stamp):
            return form, None, "web.late"
        if not (upload.content_type or "").startswith(TYPES):
            return form, None, "web.file_kind"
        if (upload.size or 0) > ATTACHMENT_BYTES_MAX:
            return form, None, "web.file_big"
        plain = await upload.read()
    finally:
        await fields.close()
    attachment = Attachment(
        id=update,
        kind=KINDS[name],
        bytes=len(plain),
        received_at=chat.now(),
        seconds=_length(fields) if KINDS[name] == "voice" else None,
    )
    kept = await keep(chat, address, attachment, plain)
    return form, Sent(attachment=attachment) if kept else None, None


def _length(fields: FormData) -> int | None:
    """How long the recording is, as our script says; a file that was chosen has no length."""
    told = fields.get("seconds")
    seconds = decode.number(told) if isinstance(told, str) else 0
    return min(seconds, SECONDS_MAX) or None


def _is_filled(value: UploadFile | str) -> bool:
    """Whether a file was chosen: an empty field comes along as a file of no bytes."""
    return isinstance(value, UploadFile) and bool(value.size)


async def keep(chat: WebChat, address: str, attachment: Attachment, plain: bytes) -> bool:
    """Seal the bytes into the session's folder and note them; False when there is no session.

    A session that is full gets nothing more on the disk, and a form that comes again changes
    nothing there; what the person hears of either, the engine decides.
    """
    key = chat.chat(address)

    def look() -> Work[tuple[Stored, tuple[Kept, ...]] | None]:
        stored = yield from sessions.open_in(chat.vault, key)
        if stored is None:
            return None
        return stored, (yield from attachments.of_session(stored.home))

    found = await chat.database.read(look)
    if found is None:
        return False
    stored, there = found
    if len(there) >= ATTACHMENTS_MAX or attachment.id in {it.id for it in there}:
        return True
    await asyncio.to_thread(attachments.write_file, chat.files, stored.key, attachment.id, plain)
    await chat.database.run(
        lambda: attachments.add(stored, attachment, attachment.received_at, state="stored")
    )
    return True
