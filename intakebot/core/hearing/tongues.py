"""Tongues: in which languages a text may be written, by its letters and our own lists of words.

It only makes an offer, or orders buttons: a person picks. It is careful, so it often knows nothing.
Letters tell Ethiopic, Persian (of Iran or of Afghanistan: nobody can tell), Ukrainian and Russian;
the `marks` of the lexicons tell the others.
"""

from __future__ import annotations

from intakebot.core.folding import fold
from intakebot.core.hearing.lexicon import Lexicon

# Less is a name, a place or an "ok", and those say nothing.
LETTERS_MIN = 12
# Words that show a language; of the next language at most half as many.
MARKS_MIN = 3
ETHIOPIC, ARABIC, CYRILLIC, LATIN = "ethiopic", "arabic", "cyrillic", "latin"
BLOCKS = (
    (0x0250, LATIN),
    (0x0400, ""),
    (0x0530, CYRILLIC),
    (0x0600, ""),
    (0x0780, ARABIC),
    (0x1200, ""),
    (0x13A0, ETHIOPIC),
)
# Letters of Sorani, Pashto and Urdu, which we do not speak, and which look like the others.
STRANGE = frozenset("ێۆڵڕەټډړښڼږځڅېٹڈڑے")
PERSIAN, PERSIAN_TOO, NOT_PERSIAN = frozenset("پچژگ"), frozenset("کی"), frozenset("ةيكىأإؤ")
FARSI_OR_DARI = ("fa", "fa_AF")
UKRAINIAN, RUSSIAN = frozenset("іїєґ"), frozenset("ыэъё")


def tongues(lexicon: Lexicon, text: str) -> tuple[str, ...]:
    """The languages in which this may be written, the likeliest first; none when it is unclear."""
    letters = [char for char in text.casefold() if char.isalpha()]
    scripts = [_script(char) for char in letters]
    script = max(sorted(set(scripts)), key=scripts.count, default="")
    if len(letters) < LETTERS_MIN or scripts.count(script) * 2 <= len(letters):
        return ()
    if script == ETHIOPIC:
        return ("ti",)
    if script == ARABIC:
        return _persian_or_arabic(letters)
    if script == CYRILLIC:
        ukrainian, russian = _among(letters, UKRAINIAN), _among(letters, RUSSIAN)
        if ukrainian != russian:
            return ("uk",) if ukrainian > russian else ("ru",)
    return _marked(lexicon, text)


def _script(char: str) -> str:
    return next((script for end, script in BLOCKS if ord(char) < end), "")


def _among(letters: list[str], wanted: frozenset[str]) -> int:
    return sum(char in wanted for char in letters)


def _persian_or_arabic(letters: list[str]) -> tuple[str, ...]:
    if _among(letters, STRANGE):
        return ()
    # In Iraq some of these letters are written too, one in a while.
    persian = 2 * _among(letters, PERSIAN) + _among(letters, PERSIAN_TOO)
    return FARSI_OR_DARI if persian > _among(letters, NOT_PERSIAN) else ("ar",)


def _marked(lexicon: Lexicon, text: str) -> tuple[str, ...]:
    """By the words that show a language; two languages that are nearly as likely are none."""
    words = fold(text).split()
    counted = [(sum(word in it.marks for word in words), it.code) for it in lexicon.languages]
    (most, code), *others = sorted(counted, reverse=True)
    next_most = max(0, *(count for count, it in others if {code, it} != {*FARSI_OR_DARI}))
    if most < MARKS_MIN or most < 2 * next_most:
        return ()
    return FARSI_OR_DARI if code in FARSI_OR_DARI else (code,)
