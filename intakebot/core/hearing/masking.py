"""Citizen service numbers (BSN) are taken out of what people write, before it is stored.

A number of nine digits that passes the elfproef is one, however it is written: with spaces, dots
or dashes between groups, in full-width, Arabic or Persian digits. With eight digits (the leading
zero left out) it is one only beside a word that says so. Telephone numbers, IBANs, dates, amounts
and longer numbers stay. One in eleven random numbers of nine digits passes too: a number that
should not have gone does less harm than one that stays (UAVG 46; RELIABILITY 3.5). Linear in the
length of the text; numbers spelled out in words are not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from stdnum.nl import bsn

from intakebot.core.reading.spoken import western
from intakebot.core.session import Value

PLACEHOLDER = "[BSN verwijderd]"
BSN_DIGITS = 9
PHONE_DIGITS = 10  # national; with a country code one more
# How far from the number a word such as "bsn" may stand.
BESIDE_CHARS = 40

_SEPARATOR = r"[ .\-/\u00a0\u2010-\u2015\u202f]{1,3}"
# Digits with little between them: one number, or several that stand next to each other.
_RUN = re.compile(rf"\d+(?:{_SEPARATOR}\d+)*")
_GROUP = re.compile(r"\d+")
_SAYS_BSN = re.compile(
    r"bsn|sofi|burger\s?service|citizen\s+service|رقم\s+(?:ال)?(?:خدم|مواطن|وطني|هوي|شخصي)"
    r"|شماره\s+(?:شهروندی|ملی)|vatanda[şs]l[ıi]k\s+n|служб\w*\s+номер|numer\s+obywatel",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<!\d)(?:\d{1,2}\D{1,3}\d{1,2}\D{1,3}(?:19|20)\d\d|(?:19|20)\d\d\D\d\d?\D\d\d?)(?!\d)"
)
_MONEY_BEFORE = re.compile(r"(?:€|\beur|\beuro)\s*$", re.IGNORECASE)
_MONEY_AFTER = re.compile(r"\s*(?:€|eur\b|euro)|,\d|,-", re.IGNORECASE)
_IBAN_BEFORE = re.compile(r"[A-Z]{2}\d\d\s?[A-Z]{4}\s?$", re.IGNORECASE)
# How people group nine digits, when other numbers stand beside them.
_SHAPES = (
    (9,),
    (3, 3, 3),
    (4, 2, 3),
    (2, 3, 4),
    (3, 2, 4),
    (4, 5),
    (5, 4),
    (3, 6),
    (6, 3),
    (1,) * 9,
)

Span = tuple[int, int]


class Masked(Value, frozen=True):
    """The text without citizen service numbers, and how many were taken out."""

    text: str
    count: int


def mask(text: str) -> Masked:
    """The text with every citizen service number replaced by `PLACEHOLDER`.

    Half a character (a lone surrogate) cannot be written down; it becomes the replacement sign.
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    plain = western(text)
    spans = [span for run in _RUN.finditer(plain) for span in _found(plain, run)]
    kept: list[str] = []
    last = 0
    for start, end in spans:
        kept += [text[last:start], PLACEHOLDER]
        last = end
    return Masked(text="".join([*kept, text[last:]]), count=len(spans))


def _found(plain: str, run: re.Match[str]) -> Iterator[Span]:
    """The citizen service numbers among these digits."""
    before = plain[max(0, run.start() - BESIDE_CHARS) : run.start()]
    after = plain[run.end() : run.end() + BESIDE_CHARS]
    said = bool(_SAYS_BSN.search(before) or _SAYS_BSN.search(after))
    if not said and _part_of_something_else(before, after):
        return
    groups = [(m.start() + run.start(), m.end() + run.start()) for m in _GROUP.finditer(run[0])]
    whole = _digits(plain, groups)
    abroad = before.endswith("+")
    if len(whole) == BSN_DIGITS or (said and len(whole) == BSN_DIGITS - 1):
        if _is_bsn(whole) and (said or not (abroad or _DATE.search(run[0]))):
            yield run.span()
        return
    yield from _among(plain, groups, said=said, abroad=abroad)


def _part_of_something_else(before: str, after: str) -> bool:
    """An account number, an amount, or digits inside a word such as Z123456782."""
    return bool(
        (before and (before[-1].isalpha() or before[-1] == "_"))
        or (before[-1:] == "," and before[-2:-1].isdecimal())
        or (after and (after[0].isalpha() or after[0] == "_"))
        or _MONEY_BEFORE.search(before)
        or _MONEY_AFTER.match(after)
        or _IBAN_BEFORE.search(before)
    )


def _among(plain: str, groups: Sequence[Span], *, said: bool, abroad: bool) -> Iterator[Span]:
    """Of several numbers next to each other: those that are whole groups and no telephone.

    Who says that there is one is believed before a telephone is, until it is found.
    """
    at = 0
    waited_for = said
    while at < len(groups):
        taken = _groups_of_bsn(plain, groups[at:], said=said)
        if not (waited_for and taken):
            phone = _phone(plain, groups[at : at + PHONE_DIGITS + 1], abroad=abroad and at == 0)
            if phone:
                at += phone
                continue
        if taken:
            yield groups[at][0], groups[at + taken - 1][1]
            waited_for = False
        at += taken or 1


def _groups_of_bsn(plain: str, groups: Sequence[Span], *, said: bool) -> int:
    """How many groups from the first on are a citizen service number; 0: it is none."""
    sizes = [end - start for start, end in groups]
    taken = next((len(it) for it in _SHAPES if tuple(sizes[: len(it)]) == it), 0)
    if not taken and said and sizes[0] == BSN_DIGITS - 1:
        taken = 1
    return taken if taken and _is_bsn(_digits(plain, groups[:taken])) else 0


def _phone(plain: str, groups: Sequence[Span], *, abroad: bool) -> int:
    """How many groups from the first on are one telephone number; 0: it is none."""
    first = _digits(plain, groups[:1])
    if not abroad and len(first) == BSN_DIGITS:
        return 0
    country = abroad or first.startswith("00") or first == "31"
    if not country and not first.startswith("0"):
        return 0
    counted = 0
    for number, (start, end) in enumerate(groups, start=1):
        counted += end - start
        if counted > PHONE_DIGITS or (counted == PHONE_DIGITS and not country):
            return number if country or counted == PHONE_DIGITS else 0
    return 0


def _digits(plain: str, groups: Sequence[Span]) -> str:
    return "".join(plain[start:end] for start, end in groups)


def _is_bsn(digits: str) -> bool:
    return bool(bsn.is_valid(digits.zfill(BSN_DIGITS)))
