"""What a typed answer means: one reader per kind of question, and the words that are moves.

Every reader takes what was typed, in any language, with any digits, and gives the value or None;
none raises on any text. The spoken words are data (`spoken`); the readers of numbers, days,
choices and contacts stand in rooms of their own and are offered here under one name.
"""

from __future__ import annotations

from intakebot.core.folding import fold
from intakebot.core.limits import LINE_CHARS_MAX, STORY_LIKE_CHARS_MIN, STORY_LIKE_WORDS_MIN
from intakebot.core.reading.choices import Option, read_choice, read_choices, takes_away
from intakebot.core.reading.contacts import read_line, read_name, read_phone, read_postcode
from intakebot.core.reading.dates import read_date
from intakebot.core.reading.numbers import read_age_band, read_number
from intakebot.core.reading.spoken import (
    MOVES,
    Move,
    Spoken,
    SpokenData,
    compile_spoken,
    key,
    short_form,
)

__all__ = [
    "MOVES",
    "Move",
    "Option",
    "Spoken",
    "SpokenData",
    "after_move",
    "compile_spoken",
    "fold",
    "is_confirm",
    "is_done",
    "is_polite",
    "move",
    "read_age_band",
    "read_choice",
    "read_choices",
    "read_date",
    "read_line",
    "read_name",
    "read_number",
    "read_phone",
    "read_postcode",
    "read_yes_no",
    "short_form",
    "story_like",
    "takes_away",
]

# "ja dat klopt", "nee dank je wel": longer texts say more than yes or no.
YES_NO_WORDS_MAX = 4
# The answers of a yes/no question in the order of its buttons.
_BY_NUMBER = {"1": "ja", "2": "nee", "3": "weet_niet"}


def move(spoken: Spoken, lang: str | None, text: str) -> Move | None:
    """The move that the whole message asks for, or None.

    Only when the message is nothing but the words of a move, polite words aside: "stop" is a
    move, "ik wil stoppen met drinken" is a story.
    """
    if len(text) > LINE_CHARS_MAX:
        return None
    typed = text.strip().casefold()
    for known in MOVES:
        if typed == known:
            return known
    for words in spoken.tables(lang):
        for said in (key(text), short_form(spoken, text)):
            if said in words.moves:
                return words.moves[said]
    return None


def after_move(spoken: Spoken, move: Move, text: str) -> str:
    """What stands behind the words of this move: "wijzig naam" gives "naam"; else nothing."""
    if len(text) > LINE_CHARS_MAX:
        return ""
    said = short_form(spoken, text).split()
    for count in range(len(said) - 1, 0, -1):
        if spoken.shared.moves.get(" ".join(said[:count])) == move:
            return " ".join(said[count:])
    return ""


def read_yes_no(spoken: Spoken, lang: str | None, text: str) -> str | None:
    """`ja`, `nee` or `weet_niet`; a number counts as the button in that place."""
    if len(text) > LINE_CHARS_MAX:
        return None
    said = short_form(spoken, text)
    if said in _BY_NUMBER:
        return _BY_NUMBER[said]
    for words in spoken.tables(lang):
        for form in (key(text), said):
            if form in words.answers:
                return words.answers[form]
    tokens = said.split()
    for words in spoken.tables(lang):
        meant = {words.answers[token] for token in tokens if token in words.answers}
        first = tokens[:1] and words.answers.get(tokens[0])
        if first and len(meant) == 1 and len(tokens) <= YES_NO_WORDS_MAX:
            return first
    return None


def is_done(spoken: Spoken, lang: str | None, text: str) -> bool:
    """Whether the whole message says that the story is told: "klaar", "dat was alles"."""
    said = {key(text[:LINE_CHARS_MAX]), short_form(spoken, text[:LINE_CHARS_MAX])}
    return any(not words.done.isdisjoint(said) for words in spoken.tables(lang))


def is_confirm(spoken: Spoken, lang: str | None, text: str) -> bool:
    """Whether the whole message agrees: "klopt", "ja", "ok", "versturen"."""
    said = {key(text[:LINE_CHARS_MAX]), short_form(spoken, text[:LINE_CHARS_MAX])}
    if any(not words.confirm.isdisjoint(said) for words in spoken.tables(lang)):
        return True
    return len(text) <= LINE_CHARS_MAX and read_yes_no(spoken, lang, text) == "ja"


def is_polite(spoken: Spoken, text: str) -> bool:
    """Whether the text is nothing but polite words: "hallo", "goedemorgen, dank u wel"."""
    return not spoken.shared.polite_first.sub("", f"{key(text)} ")


def story_like(text: str) -> bool:
    """Whether this is long enough to be a part of the story instead of an answer."""
    plain = text.strip()
    return len(plain) >= STORY_LIKE_CHARS_MIN or len(plain.split()) >= STORY_LIKE_WORDS_MIN
