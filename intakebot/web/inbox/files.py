"""Files of a request as a browser gets them: as what they are, and never run."""

from __future__ import annotations

from starlette.responses import Response

from intakebot.store.attachments import Kept

# What a file is, by its first bytes: nobody's word for it is taken.
BEGINNINGS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"OggS", "audio/ogg", "ogg"),
    (0, b"ID3", "audio/mpeg", "mp3"),
    (0, b"\xff\xfb", "audio/mpeg", "mp3"),
    (0, b"\xff\xf3", "audio/mpeg", "mp3"),
    (0, b"\x1aE\xdf\xa3", "audio/webm", "webm"),
    (4, b"ftypM4A", "audio/mp4", "m4a"),
    (4, b"ftyp", "audio/mp4", "mp4"),
    (8, b"WAVE", "audio/wav", "wav"),
    (0, b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (0, b"\x89PNG\r\n", "image/png", "png"),
    (0, b"GIF8", "image/gif", "gif"),
    (8, b"WEBP", "image/webp", "webp"),
)
UNKNOWN = ("application/octet-stream", "bin")
POLICY = "default-src 'none';sandbox"


def answer(kept: Kept, plain: bytes) -> Response:
    """The file, to save or to play inside the page of its request, and nowhere else."""
    media_type, ending = kind_of(plain)
    headers = {
        "Content-Disposition": f'attachment; filename="{kept.kind}-{kept.id[:8]}.{ending}"',
        "Content-Security-Policy": POLICY,
    }
    return Response(plain, media_type=media_type, headers=headers)


def kind_of(plain: bytes) -> tuple[str, str]:
    """The media type and the usual ending of a file that begins like this."""
    for place, beginning, media_type, ending in BEGINNINGS:
        if plain[place : place + len(beginning)] == beginning:
            return media_type, ending
    return UNKNOWN
