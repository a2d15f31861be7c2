"""Packing pages for the wire: gzip, in one go and in little memory.

People here pay per megabyte. What zlib takes by default (256 kB, handed out and wiped for each
answer) costs four times as much as the packing itself of a page of a few kB; in 8 kB of window a
page of this program becomes as small. More than level 2 takes off a twentieth, for half as much
time again.
"""

from __future__ import annotations

import zlib

# Below this a response fits in one packet as it is.
PACK_FROM_BYTES = 400
WINDOW_BITS, MEMORY_LEVEL, LEVEL = 16 + 13, 6, 2  # 16: gzip's own head and tail
PACKED_TYPES = (b"text/", b"application/json")

Head = list[tuple[bytes, bytes]]


def packed(head: Head, body: bytes, accepted: bytes) -> tuple[Head, bytes]:
    """The head and body as they go over the wire. `accepted`: what the browser can unpack."""
    named = dict(head)
    kind = named.get(b"content-type", b"")
    if (
        len(body) < PACK_FROM_BYTES
        or not kind.startswith(PACKED_TYPES)
        or b"content-encoding" in named
    ):
        return head, body
    if b"vary" not in named:
        head = [*head, (b"vary", b"Accept-Encoding")]
    if b"gzip" not in accepted:
        return head, body
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, WINDOW_BITS, MEMORY_LEVEL)
    body = packer.compress(body) + packer.flush()
    head = [pair for pair in head if pair[0] != b"content-length"]
    head += [(b"content-encoding", b"gzip"), (b"content-length", str(len(body)).encode())]
    return head, body
