"""Drawing pages. A page is a frozen struct that names its template; the template sees no more.

Templates see: `page` (the struct), `say(key, **values)` in the page's tongue, `lang` and `dir`,
`static(path)`, `picture(id)` and `picture_of(question)`, `sheets` (style sheets, the theme first),
`nonce`, and `piece(struct)`: the HTML of a part of the page with a template of its own. A name that
does not exist is an error, everything is escaped, and there is no logic beyond if and for.

A piece that says that it is the `same` for many people, but for its blanks, is drawn once and kept;
after that only the blanks are filled in. What holds somebody's own words is never kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol, TypeGuard

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from intakebot.core.session import Tongue
from intakebot.core.talking.page import Words
from intakebot.web.static import Static

KEPT_MAX = 1_000
# Stand for the blanks while a piece is drawn to be kept: no text holds them (Unicode 23.7).
MARKS = "".join(chr(point) for point in range(0xFDD0, 0xFDF0))
MARKED = re.compile(f"([{MARKS}])")


class Page(Protocol):
    """What every page has; its own fields are for its own template."""

    @property
    def template(self) -> str:
        """Path under web/templates."""
        ...

    @property
    def tongue(self) -> Tongue:
        """The language and level of the words around the content."""
        ...


class Piece(Protocol):
    """A part of a page that is drawn apart, by a template of its own."""

    @property
    def template(self) -> str:
        """Path under web/templates."""
        ...

    @property
    def same(self) -> bytes | None:
        """The same where all but the blanks is; None: somebody's own words are in it."""
        ...

    @property
    def blanks(self) -> Sequence[str]:
        """What differs each time."""
        ...

    @property
    def filled(self) -> Callable[[Sequence[str]], object]:
        """What the template sees as `page`, with these for its blanks."""
        ...


class Framed(Page, Protocol):
    """A page that is little more than its pieces, and is kept like one."""

    @property
    def pieces(self) -> Sequence[Piece]:
        """What is drawn first."""
        ...

    @property
    def framed(self) -> Callable[[Sequence[str]], Piece]:
        """What is around them, with their HTML for its blanks."""
        ...


class Pages:
    """Makes HTML of pages. `theme`: the municipality's own tokens sheet, a path under static."""

    def __init__(self, words: Words, static: Static, theme: tuple[str, ...] = ()) -> None:
        self.words = words
        self.theme = theme
        self.environment = Environment(
            loader=PackageLoader("intakebot.web"),
            undefined=StrictUndefined,
            autoescape=True,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals["static"] = static.address
        self.environment.globals["picture"] = static.picture
        self.environment.globals["picture_of"] = static.picture_of
        self.environment.filters["tag"] = _tag
        self.address = static.address
        self._kept: dict[tuple[Tongue, str, bytes], list[str]] = {}

    def draw(self, page: Page, *, nonce: str, sheets: tuple[str, ...]) -> str:
        """The HTML of this page, or of a part of one. `nonce`: the one of the response's policy."""
        if _is_framed(page):
            drawn = [self._piece(page.tongue, piece) for piece in page.pieces]
            return self._piece(page.tongue, page.framed(drawn))
        return self.environment.get_template(page.template).render(
            page=page,
            say=partial(self.words.say, page.tongue),
            lang=page.tongue.lang,
            dir=self.words.direction(page.tongue),
            piece=partial(self._piece, page.tongue),
            sheets=[self.address(sheet) for sheet in (*self.theme, *sheets)],
            nonce=nonce,
        )

    def _piece(self, tongue: Tongue, piece: Piece) -> Markup:
        """The HTML of a piece."""
        same, blanks = piece.same, piece.blanks
        if same is None:
            return self._drawn(tongue, piece, blanks)
        key = (tongue, piece.template, same)
        kept = self._kept.get(key)
        if kept is None:
            drawn = self._drawn(tongue, piece, MARKS[: len(blanks)])
            kept = self._kept[key] = MARKED.split(drawn)
            if len(self._kept) > KEPT_MAX:
                del self._kept[next(iter(self._kept))]
        filled = dict(zip(MARKS, map(escape, blanks), strict=False))
        return Markup("".join([filled.get(part, part) for part in kept]))  # noqa: S704 - escaped

    def _drawn(self, tongue: Tongue, piece: Piece, blanks: Sequence[str]) -> Markup:
        html = self.environment.get_template(piece.template).render(
            page=piece.filled(blanks),
            say=partial(self.words.say, tongue),
            lang=tongue.lang,
            dir=self.words.direction(tongue),
        )
        return Markup(html)  # noqa: S704 - the template escapes


def _is_framed(page: Page) -> TypeGuard[Framed]:
    """By one name: to hold a page against the whole protocol takes longer than drawing it."""
    return hasattr(page, "framed")


def _tag(lang: str) -> str:
    """A language as browsers and screen readers know it: Dari is `fa-AF` (BCP 47)."""
    return lang.replace("_", "-")
