"""Static files and pictures: read and compressed once, under an address of their content.

A browser keeps them for a year and never asks again: people here pay per megabyte.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from intakebot.content import pictures
from intakebot.content.pictures import Pictures

FOREVER = "public,max-age=31536000,immutable"
HASH_CHARS = 10
TYPES = {
    "css": "text/css;charset=utf-8",
    "js": "text/javascript;charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "woff2": "font/woff2",
}
LEAN = ("css", "js")
VENDOR = "vendor/"  # what others made stays as it is, with its licence in it
COMMENT = re.compile(rb"/\*.*?\*/|^[ ]*//[^\n]*$|(?<=[;}]) // [^\n]*$", re.DOTALL | re.MULTILINE)
INDENT = re.compile(rb"^\s+", re.MULTILINE)
LINK = re.compile(rb"static:([a-z_/]+\.[a-z]+)")
AROUND = re.compile(rb"\s*([{};,])\s*|(?<=[\w-])(:) +")
COMPRESSED_ALREADY = ("png", "woff2")


@dataclass(frozen=True, kw_only=True)
class StaticFile:
    """One file as it goes over the wire."""

    address: str
    media_type: str
    plain: bytes
    packed: bytes | None  # gzip; None where that gains nothing


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Where one picture is; `turned`: it points the other way from right to left."""

    address: str
    turned: bool


class Static:
    """Every file under web/static with a known ending, by its path there; and the pictures."""

    def __init__(self, by_path: dict[str, StaticFile], drawn: Pictures) -> None:
        self.by_path = by_path
        self.drawn = drawn
        self.by_address = {file.address: file for file in by_path.values()}

    def address(self, path: str) -> str:
        """Where a page finds this file: `/static/chat/chat.3f9a….css`."""
        return self.by_path[path].address

    def picture(self, place: str) -> Picture | None:
        """What stands beside the button with this id, if anything does."""
        return self._picture(self.drawn.beside(place))

    def picture_of(self, question: str | None) -> Picture | None:
        """What stands beside the question with this key, if anything does."""
        return self._picture(self.drawn.beside_question(question or ""))

    def _picture(self, name: str | None) -> Picture | None:
        sheet = self.drawn.sheet_of(name) if name else None
        if sheet is None:
            return None
        address = f"{self.address(_path(sheet))}#{name}"
        return Picture(address=address, turned=name in self.drawn.names.turned)

    def routes(self) -> list[Route]:
        """The one route for them all."""
        return [Route("/static/{path:path}", self._give, methods=["GET"], name="static")]

    async def _give(self, request: Request) -> Response:
        file = self.by_address.get(request.url.path)
        if file is None:
            return PlainTextResponse("Not found", status_code=404)
        headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
        if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(file.packed, media_type=file.media_type, headers=headers)
        return Response(file.plain, media_type=file.media_type, headers=headers)


def read() -> Static:
    """The files that the program ships."""
    found: dict[str, StaticFile] = {}
    _gather(files("intakebot.web").joinpath("static"), "", found)
    drawn = pictures.load()
    for sheet, lines in drawn.sheets.items():
        path = _path(sheet)
        found[path] = _packed(path, "svg", pictures.sheet(lines).encode())
    for path in list(found):
        _linked(path, found)
    return Static(found, drawn)


def _linked(path: str, found: dict[str, StaticFile]) -> StaticFile:
    """The file of ours with the addresses of those that it names: `static:chat/aloud.js`."""
    file = found[path]
    if LINK.search(file.plain) is None or path.startswith(VENDOR):
        return file
    plain = LINK.sub(lambda it: _linked(it[1].decode(), found).address.encode(), file.plain)
    found[path] = _packed(path, path.rpartition(".")[2], plain)
    return found[path]


def _path(sheet: str) -> str:
    return f"pictures/{sheet}.svg"


def _gather(folder: Traversable, under: str, found: dict[str, StaticFile]) -> None:
    for entry in sorted(folder.iterdir(), key=lambda it: it.name):
        path = f"{under}{entry.name}"
        ending = entry.name.rpartition(".")[2]
        if entry.is_dir():
            _gather(entry, f"{path}/", found)
        elif ending in TYPES:
            plain = entry.read_bytes()
            ours = ending in LEAN and not under.startswith(VENDOR)
            found[path] = _packed(path, ending, lean(plain, ending) if ours else plain)


def lean(plain: bytes, ending: str) -> bytes:
    """A sheet or script of ours without its comments and indents, which a phone pays for.

    A comment stands at the end of a line or, in CSS, between its marks. In a script lines stay
    lines, because they may end a statement; in CSS no blank stands around a mark.
    """
    found = INDENT.sub(b"", COMMENT.sub(b"", plain))
    return AROUND.sub(rb"\1\2", found).replace(b";}", b"}") if ending == "css" else found


def _packed(path: str, ending: str, plain: bytes) -> StaticFile:
    digest = hashlib.sha256(plain).hexdigest()[:HASH_CHARS]
    packed = None if ending in COMPRESSED_ALREADY else gzip.compress(plain, mtime=0)
    return StaticFile(
        address=f"/static/{path.removesuffix(ending)}{digest}.{ending}",
        media_type=TYPES[ending],
        plain=plain,
        packed=packed,
    )
