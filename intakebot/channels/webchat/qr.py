"""A QR code as an SVG path, for who has another device with a camera."""

from __future__ import annotations

import msgspec
import segno

# White around the squares, in squares: what readers need (ISO/IEC 18004).
MARGIN = 4


class Qr(msgspec.Struct, frozen=True, kw_only=True):
    """The squares: `size` is width and height of the picture, in squares."""

    size: int
    path: str


def qr(text: str) -> Qr:
    """The text as squares; each stretch of dark ones in a row is one piece of the path."""
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    pieces = []
    for down, row in enumerate(rows):
        at = row.find(1)
        while at >= 0:
            end = row.find(0, at)
            end = len(row) if end < 0 else end
            pieces.append(f"M{at + MARGIN} {down + MARGIN}h{end - at}v1h{at - end}z")
            at = row.find(1, end)
    return Qr(size=len(rows) + 2 * MARGIN, path="".join(pieces))
