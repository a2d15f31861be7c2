"""Words: the interface sentences in every language, from the catalogues in `locales/`.

A message is found by a key (`tell.kept`), never by a sentence. Dutch is the reference: what
another language lacks is said in Dutch. Easy Dutch is the message context "A2"; where it has no
wording of its own the ordinary Dutch is easy enough.

In right-to-left tongues each value is isolated (Unicode UAX 9), or "0800-2000" would be read as
2000-0800. Telephone numbers, postcodes and links are isolated as left-to-right.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po

from intakebot.core.reviewing import Review
from intakebot.core.session import Tongue

REFERENCE = "nl"
EASY = "A2"
# The catalogues of a language: what inhabitants read, and the pages of members.
DOMAIN, INBOX = "intakebot", "inbox"

# Two keys of the catalogues: the CLDR pattern of a day, without and with its year.
DAY, DAY_WITH_YEAR = "day.pattern", "day.pattern-year"
# A day this far away is said with its year.
DAYS_WITHOUT_YEAR_MAX = 300

LTR_ISOLATE, FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2066", "\u2068", "\u2069"
RTL_CLASSES = ("R", "AL")

# What a catalogue holds: (context, key) -> text.
Catalogue = Mapping[tuple[str | None, str], str]

_REVIEWED = re.compile(r'^"X-Reviewed-By: (?P<by>\S.*), (?P<on>\d{4}-\d\d-\d\d)\\n"$', re.MULTILINE)
_PLACE = re.compile(r"\{(\w+)\}")


class Catalogues:
    """The catalogues of all languages; the `Words` that `core.render` speaks with."""

    def __init__(
        self, catalogues: Mapping[str, Catalogue], reviews: Mapping[str, Review] | None = None
    ) -> None:
        """Take the catalogues by language code; the Dutch one must be there."""
        self._catalogues = dict(catalogues)
        # Who read a catalogue, a native reader, and when; a language without is not in it.
        self.reviews = dict(reviews or {})
        self._reference = self._catalogues[REFERENCE]
        self._directions = {lang: _direction(it) for lang, it in self._catalogues.items()}

    def say(self, tongue: Tongue, key: str, **values: str) -> str:
        """The sentence `key` with its named places filled; a place without a value stays."""
        text = self._text(tongue, key)
        if not values:
            return text
        rtl = self.direction(tongue) == "rtl"
        shown = {name: isolated(value, rtl=rtl) for name, value in values.items()}
        return _PLACE.sub(lambda place: shown.get(place[1], place[0]), text)

    def has(self, tongue: Tongue, key: str) -> bool:
        """Whether this tongue has its own wording for the key."""
        return self._own(tongue, key) is not None

    def day(self, tongue: Tongue, day: date, today: date | None = None) -> str:
        """A day as people say it: maandag 23 november. The year is said when it is far off."""
        far = today is not None and abs((day - today).days) > DAYS_WITHOUT_YEAR_MAX
        pattern = self._text(tongue, DAY_WITH_YEAR if far else DAY)
        lang = tongue.lang if tongue.lang in self._catalogues else REFERENCE
        return format_date(day, pattern, locale=Locale.parse(lang))

    def offered(self) -> tuple[str, ...]:
        """What a picker can offer: each language, and `nl-A2` where there are easy words too."""
        return tuple(
            code
            for lang, catalogue in sorted(self._catalogues.items())
            for code in (lang, *((f"{lang}-{EASY}",) if _is_easy(catalogue) else ()))
        )

    def direction(self, tongue: Tongue) -> Literal["ltr", "rtl"]:
        """How the tongue is written; Dutch stands in for a language without a catalogue."""
        return self._directions.get(tongue.lang, "ltr")

    def _text(self, tongue: Tongue, key: str) -> str:
        text = self._own(tongue, key) or self._reference.get((None, key))
        assert text is not None, f"no message {key!r} in the Dutch catalogue"
        return text

    def _own(self, tongue: Tongue, key: str) -> str | None:
        catalogue = self._catalogues.get(tongue.lang, {})
        return catalogue.get((tongue.level, key)) or catalogue.get((None, key))


def load() -> Catalogues:
    """The shipped catalogues, every language of `locales/`."""
    folders = {
        folder.name: folder / "LC_MESSAGES"
        for folder in _locales().iterdir()
        if (folder / "LC_MESSAGES" / f"{DOMAIN}.po").is_file()
    }
    heads = {lang: (it / f"{DOMAIN}.po").read_text("utf-8") for lang, it in folders.items()}
    reviews = {lang: found for lang, head in heads.items() if (found := review_in(head))}
    return Catalogues({lang: _read_all(it) for lang, it in folders.items()}, reviews)


def review_in(catalogue: str) -> Review | None:
    """Who read this catalogue, as its head says: `X-Reviewed-By: NAME, 2026-11-23`; or None."""
    head = _REVIEWED.search(catalogue.partition("\n\n")[0])
    return Review(by=head["by"], on=date.fromisoformat(head["on"])) if head else None


def _direction(catalogue: Catalogue) -> Literal["ltr", "rtl"]:
    """As most of its letters are written. Asking CLDR costs more than 1 MB a language, for good."""
    letters = (char for text in catalogue.values() for char in _PLACE.sub("", text))
    classes = Counter(map(unicodedata.bidirectional, letters))
    return "rtl" if sum(classes[one] for one in RTL_CLASSES) > classes["L"] else "ltr"


def _is_easy(catalogue: Catalogue) -> bool:
    return any(context == EASY for context, _ in catalogue)


def isolated(value: str, *, rtl: bool) -> str:
    """The value as it may stand inside a sentence of the other direction.

    In a left-to-right sentence only a value with right-to-left letters needs it, such as a name.
    """
    if not rtl and value.isascii():
        return value
    classes = {unicodedata.bidirectional(char) for char in value}
    mixed = not classes.isdisjoint(RTL_CLASSES)
    if not value or not (rtl or mixed):
        return value
    figures = not mixed and "EN" in classes
    opening = LTR_ISOLATE if figures else FIRST_STRONG_ISOLATE
    return f"{opening}{value}{POP_ISOLATE}"


def _locales() -> Traversable:
    """In a wheel the catalogues stand inside the package, in a checkout beside it."""
    package = files("intakebot")
    inside = package / "locales"
    return inside if inside.is_dir() else package / ".." / "locales"


def _read_all(folder: Traversable) -> Catalogue:
    """Both catalogues of a language as one; not every language has pages for members."""
    inbox = folder / f"{INBOX}.po"
    return {**_read(folder / f"{DOMAIN}.po"), **(_read(inbox) if inbox.is_file() else {})}


def _read(file: Traversable) -> dict[tuple[str | None, str], str]:
    """A catalogue; a translation that is marked fuzzy does not count.

    The .po itself is read, not a compiled copy of it: a copy can be older than what it copies.
    """
    with file.open("rb") as opened:
        catalogue = read_po(opened, abort_invalid=True)
    return {
        (message.context, message.id): message.string
        for message in catalogue
        if isinstance(message.id, str)
        and message.id
        and message.string
        and not message.fuzzy
        and isinstance(message.string, str)
    }
