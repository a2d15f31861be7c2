"""The reference of a request: `IB-7K3Q-9M2X`. It is read out on the phone and never opens anything.

Seven symbols and a check symbol. The alphabet has no vowels, so that no word comes out, and one
of each pair that is read wrongly: no 0 O D, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V. It has 23 symbols. 23
is a prime and every place has its own weight below it, so each wrong symbol and each two symbols
that changed places (neighbours or not) are found: the sum then differs by a product of two
numbers that 23 does not divide.
"""

from __future__ import annotations

import unicodedata

ALPHABET = "23456789CFHJKMNPQRTVWXY"
SYMBOLS = 7  # without the check symbol
_START = "IB"
_PRIME = len(ALPHABET)
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 1)
# What a valid reference adds up to. Any number would do; with this one the example above is valid.
_SUM = 22
# Written by hand or heard on the phone: symbols that are not in the alphabet but look like one.
_LOOKS_LIKE = str.maketrans("SZGBU", "5268V")


def make(seven: str) -> str:
    """The reference of these seven symbols of `ALPHABET`."""
    rest = _SUM - sum(
        weight * ALPHABET.index(symbol) for weight, symbol in zip(_WEIGHTS, seven, strict=False)
    )
    return _written(seven + ALPHABET[rest % _PRIME])


def is_valid(reference: str) -> bool:
    """Whether this is a reference, written exactly as we write it."""
    return normalised(reference) == reference


def normalised(typed: str) -> str | None:
    """The reference that was meant, or None. Reads lower case, other digits, any spacing."""
    plain = "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else char
        for char in unicodedata.normalize("NFKC", typed).upper()
        if char.isalnum()
    )
    symbols = plain.removeprefix(_START).translate(_LOOKS_LIKE)
    if len(symbols) != SYMBOLS + 1 or not set(symbols).issubset(ALPHABET):
        return None
    total = sum(w * ALPHABET.index(s) for w, s in zip(_WEIGHTS, symbols, strict=True))
    return _written(symbols) if total % _PRIME == _SUM else None


def _written(eight: str) -> str:
    return f"{_START}-{eight[:4]}-{eight[4:]}"
