"""Drawing pages. A page is a frozen struct that names its template; the template sees no more.

Templates see: `page` (the struct), `say(key, **values)` in the page's tongue, `lang` and `dir`,
`static(path)`, `sheets` (style sheets, the theme first) and `nonce`. A name that does not exist is
an error, everything is escaped, and there is no logic beyond if and for.
"""

from __future__ import annotations

from functools import partial
from typing import Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined

from intakebot.core.session import Tongue
from intakebot.core.talking.page import Words
from intakebot.web.static import Static


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
        self.address = static.address

    def draw(self, page: Page, *, nonce: str, sheets: tuple[str, ...]) -> str:
        """The HTML of this page, or of a part of one. `nonce`: the one of the response's policy."""
        return self.environment.get_template(page.template).render(
            page=page,
            say=partial(self.words.say, page.tongue),
            lang=page.tongue.lang,
            dir=self.words.direction(page.tongue),
            sheets=[self.address(sheet) for sheet in (*self.theme, *sheets)],
            nonce=nonce,
        )
