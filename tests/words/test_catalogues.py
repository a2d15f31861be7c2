"""The catalogues say the same in every language: same keys, same places, nothing left out."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from babel import Locale
from babel.messages.catalog import Catalog

from intakebot import content
from intakebot.core.flow import Revision
from intakebot.core.hearing import safety
from intakebot.core.reading import parsing, spoken
from intakebot.core.session import Tongue
from intakebot.core.talking import moves, render, wording
from intakebot.words import Catalogues

ROOT = Path(__file__).resolve().parents[2]
# Every folder with a catalogue; a new language needs no line here.
LANGUAGES = tuple(sorted(it.parent.parent.name for it in ROOT.glob("locales/*/*/intakebot.po")))
RIGHT_TO_LEFT = tuple(it for it in LANGUAGES if Locale.parse(it).text_direction == "rtl")
PLACE = re.compile(r"\{(\w+)\}")
# Digits with something between them: read backwards in Arabic when they are not isolated.
BROKEN_NUMBER = re.compile(r"\d[ -]\d|\d [A-Z]{2}\b|[A-Za-z]{2,}")
ISOLATED = re.compile("\u2066[^\u2066\u2069]*\u2069")
# Where code names a message: a whole key, or the part after `tell.`.
WHOLE_KEY = re.compile(
    r'"((?:answer|aside|ask|card|confirm|handover|line|move|own|picker|talk|tell|web)\.[a-z0-9_.-]+)"'
)
TELL_KEY = re.compile(r'(?<!\w)(?:Tell\(\s*key|Misread\(\s*tell|return key)="([a-z-]+)"')
# Sentences that name a word to type, and the move that the word is.
TYPED = {
    "confirm.withdraw": ("/withdraw",),
    "tell.help": ("/back", "/skip", "/stop", "/person"),
    "tell.help-after": ("/withdraw",),
    "tell.stopped-after": ("/withdraw",),
}


def texts(catalogue: Catalog, context: str | None = None) -> dict[str, str]:
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and message.context == context
    }


@pytest.fixture(scope="module")
def spoken_words() -> spoken.Spoken:
    data = content.parse((content.FOLDER / "spoken.yaml").read_text("utf-8"))
    return spoken.compile_spoken(msgspec.convert(data, dict[str, spoken.SpokenData]))


def test_every_shipped_language_has_a_catalogue(files: dict[str, Catalog]) -> None:
    assert set(LANGUAGES) == set(files)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_language_lacks_a_key_or_has_one_too_many(files: dict[str, Catalog], lang: str) -> None:
    assert texts(files["nl"]).keys() == texts(files[lang]).keys()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_empty_fuzzy_or_plural(files: dict[str, Catalog], lang: str) -> None:
    wrong = [m.id for m in files[lang] if m.id and (m.fuzzy or m.pluralizable or not m.string)]

    assert wrong == []


def test_easy_dutch_rewords_keys_that_exist(files: dict[str, Catalog]) -> None:
    assert texts(files["nl"], "A2").keys() <= texts(files["nl"]).keys()


def test_easy_dutch_says_something_else(files: dict[str, Catalog]) -> None:
    dutch = texts(files["nl"])
    same = [key for key, text in texts(files["nl"], "A2").items() if text == dutch[key]]

    assert same == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_translation_has_the_places_of_the_dutch(
    files: dict[str, Catalog], lang: str
) -> None:
    dutch = {key: set(PLACE.findall(text)) for key, text in texts(files["nl"]).items()}
    here = {key: set(PLACE.findall(text)) for key, text in texts(files[lang]).items()}

    assert dutch == here


def test_easy_dutch_has_the_places_of_the_dutch(files: dict[str, Catalog]) -> None:
    dutch = texts(files["nl"])
    wrong = {
        key
        for key, text in texts(files["nl"], "A2").items()
        if set(PLACE.findall(text)) != set(PLACE.findall(dutch[key]))
    }

    assert wrong == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_text_holds_no_brace_that_is_no_place(files: dict[str, Catalog], lang: str) -> None:
    wrong = [k for k, text in texts(files[lang]).items() if set(PLACE.sub("", text)) & set("{}%")]

    assert wrong == []


@pytest.mark.parametrize("lang", RIGHT_TO_LEFT)
def test_right_to_left_isolates_numbers_and_latin_names(
    files: dict[str, Catalog], lang: str
) -> None:
    bare = {
        key: ISOLATED.sub("", PLACE.sub("", text))
        for key, text in texts(files[lang]).items()
        if not key.startswith("day.")
    }
    wrong = {key: found[0] for key, text in bare.items() if (found := BROKEN_NUMBER.search(text))}

    assert wrong == {}


@pytest.mark.parametrize("lang", RIGHT_TO_LEFT)
def test_right_to_left_uses_the_digits_of_telephones(files: dict[str, Catalog], lang: str) -> None:
    digits = {char for text in texts(files[lang]).values() for char in text if char.isdecimal()}

    assert digits <= set("0123456789")


def test_every_key_that_the_program_names_exists(
    root: Path, files: dict[str, Catalog], revision: Revision
) -> None:
    named: set[str] = set()
    for path in sorted((root / "intakebot").rglob("*")):
        if path.suffix in {".py", ".html"}:
            source = path.read_text("utf-8")
            named |= set(WHOLE_KEY.findall(source))
            named |= {f"tell.{key}" for key in TELL_KEY.findall(source)}

    to_the_team = revision.names.words.keys()
    assert named - texts(files["nl"]).keys() - to_the_team == set()


def test_every_key_that_the_program_puts_together_exists(files: dict[str, Catalog]) -> None:
    made = {
        *(f"answer.{one}" for one in wording.YES_NO),
        *(f"age.{band}" for band in wording.AGE_BANDS),
        *(
            f"move.{move[1:]}"
            for move in (*render.IN_SIGHT, *render.BEHIND_MORE, *render.IN_TELEGRAM)
        ),
        *(f"aside.{aside}" for aside in moves.ASIDE_BUTTONS),
        *(f"aside.{aside}.{one}" for aside, ids in moves.ASIDE_BUTTONS.items() for one in ids),
        *(f"card.{category}" for category in safety.CATEGORIES),
        *(f"tell.{kind}-kept" for kind in ("voice", "photo", "document")),
        *(f"tell.{key}" for key in moves.DECISIONS.values()),
    }

    assert made - texts(files["nl"]).keys() == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_stands_on_a_button_can_be_typed(
    catalogues: Catalogues, spoken_words: spoken.Spoken, lang: str
) -> None:
    tongue = Tongue(lang=lang)
    shown = [*render.IN_SIGHT, *render.BEHIND_MORE, *render.IN_TELEGRAM]
    understood = [
        parsing.move(spoken_words, lang, catalogues.say(tongue, f"move.{move[1:]}"))
        for move in shown
    ]
    answers = [
        parsing.read_yes_no(spoken_words, lang, catalogues.say(tongue, f"answer.{one}"))
        for one in wording.YES_NO
    ]

    assert shown == understood
    assert list(wording.YES_NO) == answers
    assert parsing.is_done(spoken_words, lang, catalogues.say(tongue, "answer.klaar"))
    assert parsing.is_confirm(spoken_words, lang, catalogues.say(tongue, "answer.klopt"))
    assert parsing.is_confirm(spoken_words, lang, catalogues.say(tongue, "answer.send"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_age_on_a_button_can_be_typed(
    catalogues: Catalogues, spoken_words: spoken.Spoken, lang: str
) -> None:
    tongue = Tongue(lang=lang)
    labels = [catalogues.say(tongue, f"age.{band}") for band in wording.AGE_BANDS]

    assert [parsing.read_age_band(spoken_words, lang, label) for label in labels] == [
        *wording.AGE_BANDS
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("key", "expected"), TYPED.items())
def test_a_word_that_is_named_does_what_is_said(
    catalogues: Catalogues,
    spoken_words: spoken.Spoken,
    lang: str,
    key: str,
    expected: tuple[str, ...],
) -> None:
    for level in (None, "A2") if lang == "nl" else (None,):
        text = catalogues.say(Tongue(lang=lang, level="A2" if level else None), key)
        named = re.split(r", |، | of | or ", text.rpartition(":")[2].strip(" ."))

        assert expected == tuple(parsing.move(spoken_words, lang, word) for word in named)
