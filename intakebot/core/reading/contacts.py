"""Where and how to reach somebody, as people type it: postcode, phone, name, one line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    format_number,
    is_valid_number,
    parse,
)

from intakebot.core.facts import Fact
from intakebot.core.limits import LINE_CHARS_MAX, NAME_CHARS_MAX
from intakebot.core.reading.spoken import Spoken, Words, key, western

COUNTRY = "NL"
NETHERLANDS = 31  # country code
LIVES_CHARS_MAX = 60  # how far before a postcode we look for the words that say it is one
# PostNL gives no postcodes with these letters.
_NEVER_LETTERS = frozenset({"SA", "SD", "SS"})
_CODE = re.compile(
    r"(?<![\w€$£.,+-])([1-9]\d{3})(?:\s?-?\s?([A-Za-z]{2})(?![^\W_]))?(?![^\W_]|[.,]\d)"
)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def read_postcode(spoken: Spoken, lang: str | None, text: str) -> str | None:
    """`1234` or `1234AB`, alone or in a line; None for an amount, a year, or two codes."""
    if len(text) > LINE_CHARS_MAX:
        return None
    plain = western(unicodedata.normalize("NFKC", _seen(text)))
    found = {_code(spoken.tables(lang), plain, match) for match in _CODE.finditer(plain)} - {None}
    return found.pop() if len(found) == 1 else None


def told_postcode(
    spoken: Spoken, texts: Iterable[str], is_known: Callable[[str], bool]
) -> tuple[Fact, ...]:
    """The postcode where the teller lives, when a story says it; nothing when it says two.

    Only after the words that say so ("ik woon in 3461"), and with letters or in an area that
    `is_known`: the year in "ik woonde in 2019" is no postcode.
    """
    told: dict[str, Fact] = {}
    for text in texts:
        plain = western(unicodedata.normalize("NFKC", text))
        for match in _CODE.finditer(plain):
            before = key(plain[max(0, match.start() - LIVES_CHARS_MAX) : match.start()])
            code = _code(spoken.tables(None), plain, match)
            if code is None or spoken.shared.lives.search(before) is None:
                continue
            if match[2] or is_known(code):
                told[code] = Fact(
                    name="postcode", value=code, source="story", evidence=match[0].strip()
                )
    return tuple(told.values()) if len(told) == 1 else ()


def read_phone(text: str) -> str | None:
    """The first telephone number in the text, E.164; without a country it is Dutch."""
    if len(text) > LINE_CHARS_MAX:
        return None
    plain = western(_seen(text))
    for match in PhoneNumberMatcher(plain, COUNTRY):
        return format_number(match.number, PhoneNumberFormat.E164)
    try:
        number = parse(plain, COUNTRY)
    except NumberParseException:
        return None
    return format_number(number, PhoneNumberFormat.E164) if is_valid_number(number) else None


def read_name(spoken: Spoken, lang: str | None, text: str) -> str | None:
    """How somebody wants to be called, in its own script, without "ik heet" around it."""
    line = read_line(text)
    if line is None:
        return None
    for words in spoken.tables(lang):
        line = words.named.sub("", words.names.sub("", line))
    bare = line.strip(' .,;:!"“”„«»')
    if len(bare) > NAME_CHARS_MAX or not any(char.isalpha() for char in bare):
        return None
    return bare


def read_line(text: str) -> str | None:
    """The text as one line without invisible signs, or None when it is empty or too long."""
    line = " ".join(_seen(text).split())
    return line if 0 < len(line) <= LINE_CHARS_MAX else None


def _code(tables: tuple[Words, ...], plain: str, match: re.Match[str]) -> str | None:
    """The code of one place in the text, or None when the words around say that it is none."""
    digits, letters = match[1], (match[2] or "")
    before = key(plain[: match.start()]).split()
    after = key(plain[match.start(2) if letters else match.end() :]).split()
    if plain[: match.start()].rstrip().endswith(("€", "$", "£")):
        return None
    if before and any(before[-1] in words.since for words in tables):
        return None
    if after and any(after[0] in words.units for words in tables):
        return None
    little = (
        letters.islower() and any(letters in words.little for words in tables) and len(after) > 1
    )
    if not letters or little or letters.upper() in _NEVER_LETTERS:
        return digits
    return digits + letters.upper()


def _seen(text: str) -> str:
    """Control signs as spaces; marks of direction, lone surrogates and the like are dropped."""
    kept = (" " if char in "\t\n\r\v\f\x85\u2028\u2029" else char for char in text)
    return "".join(c for c in kept if unicodedata.category(c) not in _UNSEEN or c in "\u200c\u200d")


def shown_phone(number: str) -> str:
    """A number as people here write it: 06 12345678; of another country with its code."""
    try:
        parsed = parse(number, COUNTRY)
    except NumberParseException:
        return number
    ours = parsed.country_code == NETHERLANDS
    return format_number(
        parsed, PhoneNumberFormat.NATIONAL if ours else PhoneNumberFormat.INTERNATIONAL
    )
