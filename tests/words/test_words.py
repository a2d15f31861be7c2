"""Catalogues: sentences by key, days as people say them, values isolated in right-to-left text."""

from __future__ import annotations

from datetime import date

import pytest
from babel import Locale

from intakebot.core.reviewing import Review
from intakebot.core.session import Tongue
from intakebot.words import Catalogues, review_in
from tests.words.test_catalogues import LANGUAGES

NL, EASY, EN, AR = (
    Tongue(lang="nl"),
    Tongue(lang="nl", level="A2"),
    Tongue(lang="en"),
    Tongue(lang="ar"),
)
Texts = dict[tuple[str | None, str], str]
MONDAY = date(2026, 11, 23)
FORMAT: Texts = {(None, "day.pattern"): "EEEE d MMMM", (None, "day.pattern-year"): "EEEE d MMMM y"}


def small(**languages: dict[str, str]) -> Catalogues:
    easy: Texts = {("A2", key): text for key, text in languages.pop("easy", {}).items()}
    made: dict[str, Texts] = {
        lang: {(None, key): text for key, text in texts.items()}
        for lang, texts in languages.items()
    }
    made["nl"] |= easy | FORMAT
    return Catalogues(made)


def test_places_are_filled_by_name() -> None:
    words = small(nl={"taken": "{name} van {team} belt."})

    assert words.say(NL, "taken", name="Marieke", team="Winterswijk") == (
        "Marieke van Winterswijk belt."
    )


def test_a_value_is_never_read_as_a_place() -> None:
    words = small(nl={"passed": "Van {name}: {text}"})

    said = words.say(NL, "passed", name="{text}", text="{name} 100% {0}")

    assert said == "Van {text}: {name} 100% {0}"


def test_a_place_without_a_value_stays_and_nothing_raises() -> None:
    assert small(nl={"a": "Tot {date}."}).say(NL, "a") == "Tot {date}."


def test_easy_dutch_goes_first_and_falls_back_to_dutch() -> None:
    words = small(nl={"a": "Uiterlijk morgen.", "b": "Klaar."}, easy={"a": "Niet later."})

    assert words.say(EASY, "a") == "Niet later."
    assert words.say(EASY, "b") == "Klaar."
    assert words.say(NL, "a") == "Uiterlijk morgen."


def test_what_a_language_lacks_is_said_in_dutch() -> None:
    words = small(nl={"a": "Klaar."}, en={})

    assert words.say(EN, "a") == "Klaar."
    assert words.say(Tongue(lang="uk"), "a") == "Klaar."
    assert words.has(NL, "a")
    assert not words.has(EN, "a")


def test_a_key_that_nobody_knows_is_our_mistake() -> None:
    with pytest.raises(AssertionError, match="'b'"):
        small(nl={"a": "Klaar."}).say(NL, "b")


@pytest.mark.parametrize(
    ("tongue", "expected"),
    [
        (NL, "maandag 23 november"),
        (EASY, "maandag 23 november"),
        (EN, "Monday 23 November"),
        (AR, "الاثنين 23 نوفمبر"),
        (Tongue(lang="xx"), "maandag 23 november"),
    ],
)
def test_a_day_has_no_year_when_it_is_near(
    catalogues: Catalogues, tongue: Tongue, expected: str
) -> None:
    assert catalogues.day(tongue, MONDAY) == expected
    assert catalogues.day(tongue, MONDAY, today=date(2026, 2, 1)) == expected


def test_a_day_far_away_has_its_year(catalogues: Catalogues) -> None:
    assert catalogues.day(NL, MONDAY, today=date(2024, 1, 1)) == "maandag 23 november 2026"
    assert catalogues.day(AR, MONDAY, today=date(2028, 1, 1)) == "الاثنين 23 نوفمبر 2026"


def test_arabic_is_written_from_right_to_left(catalogues: Catalogues) -> None:
    directions = [catalogues.direction(tongue) for tongue in (NL, EASY, EN, AR, Tongue(lang="xx"))]

    assert directions == ["ltr", "ltr", "ltr", "rtl", "ltr"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_is_written_in_its_direction(catalogues: Catalogues, lang: str) -> None:
    assert catalogues.direction(Tongue(lang=lang)) == Locale.parse(lang).text_direction


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0800-2000", "\u20660800-2000\u2069"),
        ("+31 6 12345678", "\u2066+31 6 12345678\u2069"),
        ("7101 AB", "\u20667101 AB\u2069"),
        ("IB-7K3Q-9M2X", "\u2066IB-7K3Q-9M2X\u2069"),
        ("Marieke", "\u2068Marieke\u2069"),
        ("خالد", "\u2068خالد\u2069"),
        ("الاثنين 23 نوفمبر", "\u2068الاثنين 23 نوفمبر\u2069"),
        ("", ""),
    ],
)
def test_in_arabic_every_value_is_isolated(value: str, expected: str) -> None:
    words = small(nl={"a": "x"}, ar={"a": "اتصل: {value}."})

    assert words.say(AR, "a", value=value) == f"اتصل: {expected}."


def test_in_dutch_only_a_right_to_left_value_is_isolated() -> None:
    words = small(nl={"a": "Van {name}: {phone}"})

    assert words.say(NL, "a", name="خالد", phone="06") == "Van \u2068خالد\u2069: 06"
    assert words.say(NL, "a", name="Ali", phone="06") == "Van Ali: 06"


def test_the_reference_catalogue_must_be_there() -> None:
    with pytest.raises(KeyError, match="nl"):
        Catalogues({"en": {}})


def test_the_shipped_languages_name_themselves_in_their_own_script(catalogues: Catalogues) -> None:
    names = [catalogues.say(tongue, "picker.name") for tongue in (NL, EASY, EN, AR)]

    assert names == ["Nederlands", "Makkelijk Nederlands", "English", "العربية"]


HEAD = 'msgid ""\nmsgstr ""\n"Language: ar\\n"\n{}\nmsgid "a"\nmsgstr "b"\n'


def test_the_head_of_a_catalogue_says_who_read_it() -> None:
    signed = HEAD.format('"X-Reviewed-By: Amal Haddad, taaldocent, 2026-11-23\\n"\n')

    assert review_in(signed) == Review(by="Amal Haddad, taaldocent", on=date(2026, 11, 23))


@pytest.mark.parametrize(
    "line",
    [
        "",
        '"X-Reviewed-By: Amal\\n"\n',
        '"X-Reviewed-By: , 2026-11-23\\n"\n',
        '# "X-Reviewed-By: Amal, 2026-11-23\\n"\n',
        '\n"X-Reviewed-By: Amal, 2026-11-23\\n"\n',
    ],
)
def test_a_catalogue_without_a_name_and_a_day_in_its_head_was_not_read(line: str) -> None:
    assert review_in(HEAD.format(line)) is None


def test_no_shipped_translation_is_said_to_be_read(catalogues: Catalogues) -> None:
    """The sample region offers them by decision. Whoever signs one takes it out of here."""
    assert catalogues.reviews == {}
