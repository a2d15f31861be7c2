"""What people type, and what it means: the acceptance list of every reader."""

from datetime import date
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from intakebot.core.limits import (
    BUTTONS_MAX,
    LINE_CHARS_MAX,
    NAME_CHARS_MAX,
    STORY_LIKE_CHARS_MIN,
    STORY_LIKE_WORDS_MIN,
)
from intakebot.core.reading import parsing
from intakebot.core.reading.contacts import shown_phone, told_postcode
from intakebot.core.reading.parsing import Option, Spoken, SpokenData, compile_spoken

SHIPPED = Path(__file__).parents[2] / "intakebot" / "content" / "spoken.yaml"
SPOKEN = compile_spoken(
    msgspec.convert(yaml.safe_load(SHIPPED.read_text("utf-8")), dict[str, SpokenData])
)
TODAY = date(2026, 11, 23)  # a Monday
LIFE = (
    Option(id="geld", spellings=("💶 Geld", "financien")),
    Option(id="werk", spellings=("Werk en opleiding", "werk", "العمل")),
    Option(id="taal", spellings=("Taal", "اللغة")),
    Option(id="wonen", spellings=("Wonen", "huis", "السكن")),
    Option(id="leeg", spellings=("",)),
)


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("nl", "stop", "/stop"),
        ("nl", "  STOP!! ", "/stop"),
        ("nl", "/stop", "/stop"),
        ("nl", "/unsafe", "/unsafe"),
        ("nl", "stop aub", "/stop"),
        ("nl", "ga terug alstublieft", "/back"),
        ("nl", "terug", "/back"),
        ("nl", "overslaan", "/skip"),
        ("nl", "sla over", "/skip"),
        ("nl", "dat zeg ik liever niet", "/skip"),
        ("nl", "opnieuw", "/restart"),
        ("nl", "mens", "/person"),
        ("nl", "Ik wil een mens spreken.", "/person"),
        ("nl", "bel mij", "/person"),
        ("nl", "help", "/help"),
        ("nl", "ik ben niet veilig", "/unsafe"),
        ("nl", "Hallo, ik ben niet veilig", "/unsafe"),
        ("nl", "wijzig", "/change"),
        ("nl", "verander", "/change"),
        ("nl", "meer", "/more"),
        ("nl", "intrekken", "/withdraw"),
        ("nl", "verwijder mijn gegevens", "/erase"),
        ("nl", "status", "/status"),
        ("nl", "verder", "/resume"),
        ("nl", "ik wil iets toevoegen", "/add"),
        ("en", "I'd rather not say", "/skip"),
        ("en", "i am not safe", "/unsafe"),
        ("en", "I want to talk to a person please", "/person"),
        ("en", "go back", "/back"),
        ("nl", "delete my data", "/erase"),
        ("ar", "توقف", "/stop"),
        ("ar", "أنا لست بأمان", "/unsafe"),
        ("nl", "رجوع", "/back"),
        ("ar", "stop", "/stop"),
        (None, "اتصل بي", "/person"),
        ("nl", "я не в безпеці", "/unsafe"),
        ("nl", "я не в безопасности", "/unsafe"),
        ("nl", "güvende değilim", "/unsafe"),
        ("nl", "nie jestem bezpieczna", "/unsafe"),
        ("nl", "در امان نیستم", "/unsafe"),
        ("nl", "ኣብ ሓደጋ ኣለኹ", "/unsafe"),
        ("so", "112", "/unsafe"),
        ("nl", "ik wil stoppen met drinken", None),
        ("nl", "help mij met mijn schulden", None),
        ("nl", "ik ben bang dat ik niet meer terug kan", None),
        ("nl", "ik heb hulp nodig", None),
        ("nl", "mijn kind is niet veilig", None),
        ("nl", "ik wil terug naar mijn land", None),
        ("nl", "ik ben gestopt met school", None),
        ("nl", "", None),
        ("nl", "stop " * LINE_CHARS_MAX, None),
    ],
)
def test_a_move_is_the_whole_message(lang: str | None, text: str, expected: str | None) -> None:
    assert parsing.move(SPOKEN, lang, text) == expected


def test_the_language_of_the_conversation_goes_first() -> None:
    spoken = compile_spoken(
        {
            "nl": SpokenData(moves={"/back": ("ne",)}, nee=("ne",)),
            "tr": SpokenData(moves={"/help": ("ne",)}, ja=("ne",)),
        }
    )

    assert parsing.move(spoken, "tr", "ne") == "/help"
    assert parsing.move(spoken, "nl", "ne") == "/back"
    assert parsing.move(spoken, "en", "ne") == "/back"
    assert parsing.read_yes_no(spoken, "tr", "ne") == "ja"


def test_without_words_nothing_is_understood() -> None:
    spoken = compile_spoken({})

    assert parsing.move(spoken, "nl", "stop") is None
    assert parsing.read_choice(spoken, "nl", LIFE, "geld") == "geld"


def test_what_people_call_a_language_and_say_after_stop_is_kept() -> None:
    assert "makkelijk nederlands" in SPOKEN.called["nl-A2"]
    assert "العربية" in SPOKEN.called["ar"]
    assert "bewaar" in SPOKEN.stops["bewaren"]
    assert "keep" in SPOKEN.stops["bewaren"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("geld", "geld"),
        ("Geld!", "geld"),
        ("1", "geld"),
        ("٢", "werk"),
        ("۳", "taal"),
        ("４", "wonen"),
        ("twee", "werk"),
        ("nummer 3", "taal"),
        ("nummer drie graag", "taal"),
        ("optie nummer 3", "taal"),
        ("de 3", "taal"),
        ("3.", "taal"),
        ("رقم ٣", "taal"),
        ("3 numara", "taal"),
        ("3 kinderen", None),
        ("nummer drie kinderen", None),
        ("1 huis", "wonen"),
        ("gel", "geld"),
        ("financiën", "geld"),
        ("finacien", "geld"),
        ("fianncien", "geld"),
        ("finnancien", "geld"),
        ("finaxcien", "geld"),
        ("wonne", "wonen"),
        ("wonenn", "wonen"),
        ("xonne", None),  # two slips
        ("wunan", None),
        ("het gaat over mijn huis", "wonen"),
        ("werk en opleiding graag", "werk"),
        ("اللغة", "taal"),
        ("العمل", "werk"),
        ("taa", "taal"),
        ("ik wil het graag hebben over mijn huis", "wonen"),
        ("niet mijn huis", None),
        ("geld of huis", None),
        ("al 3 jaar", None),
        ("9", None),
        ("0", None),
        ("ge", None),
        ("iets anders", None),
        ("ik wil graag iets vertellen over mijn huis en mijn werk", None),
        ("", None),
        ("geld " * LINE_CHARS_MAX, None),
    ],
)
def test_a_choice_is_named_numbered_or_nearly_named(text: str, expected: str | None) -> None:
    assert parsing.read_choice(SPOKEN, "nl", LIFE, text) == expected


def test_a_beginning_or_a_slip_that_could_be_two_is_none() -> None:
    options = (Option(id="a", spellings=("huren",)), Option(id="b", spellings=("buren", "hures")))

    assert parsing.read_choice(SPOKEN, "nl", options, "hur") is None
    assert parsing.read_choice(SPOKEN, "nl", options, "duren") is None


@pytest.mark.parametrize("text", ["duur", "10001"])
def test_a_short_word_or_a_number_that_is_nearly_one_is_another(text: str) -> None:
    options = (Option(id="a", spellings=("huur",)), Option(id="b", spellings=("10000",)))

    assert parsing.read_choice(SPOKEN, "nl", options, text) is None


def test_of_what_a_sentence_names_the_longest_is_meant() -> None:
    options = (
        Option(id="schuld", spellings=("schulden",)),
        Option(id="groot", spellings=("grote schulden",)),
        Option(id="pgb", spellings=("pgb",)),
    )

    assert parsing.read_choice(SPOKEN, "nl", options, "ik heb grote schulden") == "groot"
    assert parsing.read_choice(SPOKEN, "nl", options, "ik heb al lang schulden") == "schuld"
    assert parsing.read_choice(SPOKEN, "nl", options, "vragen over mijn pgb") == "pgb"


def test_a_label_with_a_comma_is_one_choice() -> None:
    options = (
        Option(id="samen", spellings=("Familie, vrienden",)),
        Option(id="vrienden", spellings=("vrienden",)),
    )

    assert parsing.read_choices(SPOKEN, "nl", options, "familie, vrienden") == ("samen",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1, 3 en 4", ("geld", "taal", "wonen")),
        ("1 3 4", ("geld", "taal", "wonen")),
        ("geld en werk", ("geld", "werk")),
        ("werk en opleiding, taal", ("werk", "taal")),
        ("geld, geld", ("geld",)),
        ("taal", ("taal",)),
        ("geld + huis", ("geld", "wonen")),
        ("1, werk", ("geld", "werk")),
        ("werk, 1", ("werk", "geld")),
        ("3, huis", ("taal", "wonen")),
        ("1 huis", ("geld", "wonen")),
        ("een, wonen", ("geld", "wonen")),
        ("3. taal", ("taal",)),
        ("nummer 1 en optie 3", ("geld", "taal")),
        ("nummers 1 en 3", ("geld", "taal")),
        ("niet 2", ("werk",)),
        ("2 kinderen", None),
        ("iets met huis en geld", ("wonen", "geld")),
        ("العمل واللغة", ("werk", "taal")),
        ("العمل، السكن", ("werk", "wonen")),
        ("١ و ٣", ("geld", "taal")),
        ("geen", ()),
        ("geen van deze", ()),
        ("niet werk", ("werk",)),
        ("geld, onzin", None),
        ("ik weet het niet", None),
        ("", None),
        (",,,", None),
        ("1 " * 30, ("geld",)),
        ("1 " * LINE_CHARS_MAX, None),
    ],
)
def test_choices_are_named_in_a_list(text: str, expected: tuple[str, ...] | None) -> None:
    assert parsing.read_choices(SPOKEN, "nl", LIFE, text) == expected


def test_a_list_longer_than_there_are_buttons_is_none() -> None:
    assert parsing.read_choices(SPOKEN, "nl", LIFE, "1,3," * (BUTTONS_MAX // 2)) == ("geld", "taal")
    assert parsing.read_choices(SPOKEN, "nl", LIFE, "1,3," * 40) is None


def test_some_words_take_a_tick_away() -> None:
    assert parsing.takes_away(SPOKEN, "nl", "niet werk")
    assert parsing.takes_away(SPOKEN, "nl", "بدون العمل")
    assert not parsing.takes_away(SPOKEN, "nl", "werk")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ja", "ja"),
        ("Ja hoor!", "ja"),
        ("ja graag", "ja"),
        ("ja dat klopt", "ja"),
        ("ja mijn dochter", "ja"),
        ("ja dat is zo", "ja"),
        ("👍🏽", "ja"),
        ("1", "ja"),
        ("nee", "nee"),
        ("nee dank u", "nee"),
        ("2", "nee"),
        ("٢", "nee"),
        ("weet ik niet", "weet_niet"),
        ("3", "weet_niet"),
        ("no", "nee"),
        ("yes please", "ja"),
        ("نعم", "ja"),
        ("لا", "nee"),
        ("لا أعرف", "weet_niet"),
        ("так", "ja"),
        ("hayır", "nee"),
        ("ja en nee", None),
        ("ja maar dat komt door iets anders", None),
        ("mijn zus", None),
        ("", None),
        ("ja " * LINE_CHARS_MAX, None),
    ],
)
def test_yes_and_no(text: str, expected: str | None) -> None:
    assert parsing.read_yes_no(SPOKEN, "nl", text) == expected


def test_done_and_agreed() -> None:
    assert parsing.is_done(SPOKEN, "nl", "Klaar!")
    assert parsing.is_done(SPOKEN, "nl", "dat was alles")
    assert parsing.is_done(SPOKEN, "ar", "انتهيت")
    assert not parsing.is_done(SPOKEN, "nl", "ik ben klaar met school")
    for text in ("klopt", "Ja", "ok", "versturen", "صحيح", "yes", "ja hoor", "👍"):
        assert parsing.is_confirm(SPOKEN, "nl", text)
    for text in ("nee", "klopt niet", "dat klopt niet", "", "ja " * LINE_CHARS_MAX):
        assert not parsing.is_confirm(SPOKEN, "nl", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", 3),
        ("٣", 3),
        ("۱۲", 12),
        ("0", 0),
        ("geen", 0),
        ("twee", 2),
        ("een", 1),
        ("drieëntwintig", 23),
        ("twenty-three", 23),
        ("اثنان", 2),
        ("ثلاثة وعشرون", 23),
        ("3 kinderen", 3),
        ("ik heb drie kinderen", 3),
        ("1.500", 1500),
        ("999999", 999_999),
        ("ik heb thuis drie kinderen en verder helemaal niemand meer", 3),
        ("ik heb een zoon", None),
        ("2 of 3", None),
        ("2-3", None),
        ("-3", None),
        ("2,5", None),
        ("50%", None),
        ("1000000", None),
        ("123456789012345678901234567890", None),
        ("veel", None),
        ("", None),
        ("ik heb er een paar en dat zijn er denk ik 3", None),
        ("1 " * LINE_CHARS_MAX, None),
    ],
)
def test_numbers(text: str, expected: int | None) -> None:
    assert parsing.read_number(SPOKEN, "nl", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3-4-1980", date(1980, 4, 3)),
        ("03/04/1980", date(1980, 4, 3)),
        ("3.4.1980", date(1980, 4, 3)),
        ("3 4 1980", date(1980, 4, 3)),
        ("٣/٤/١٩٨٠", date(1980, 4, 3)),
        ("2026-11-26", date(2026, 11, 26)),
        ("3 april", date(2027, 4, 3)),
        ("23 november", date(2026, 11, 23)),
        ("op 26 nov.", date(2026, 11, 26)),
        ("3e april 2031", date(2031, 4, 3)),
        ("de 3e van april 2027", None),
        ("3 april 2031", date(2031, 4, 3)),
        ("april 3rd 2031", date(2031, 4, 3)),
        ("the 3rd of april", date(2027, 4, 3)),
        ("٣ نيسان", date(2027, 4, 3)),
        ("26-11", date(2026, 11, 26)),
        ("29 februari", date(2028, 2, 29)),
        ("vrijdag 27-11", date(2026, 11, 27)),
        ("vrijdagochtend 27-11 om 9 uur", date(2026, 11, 27)),
        ("vrijdag 9-11 uur", date(2026, 11, 27)),
        ("vrijdag 9.30 uur", date(2026, 11, 27)),
        ("Friday 9-11 hours", date(2026, 11, 27)),
        ("9-11 uur", None),
        ("9-11 uur, op 26-11", date(2026, 11, 26)),
        ("over 2-3 weken", None),
        ("9-11 o'clock", None),
        ("26-11-2026 uur", date(2026, 11, 26)),
        ("26-11 zoveel uur", date(2026, 11, 26)),
        ("vrijdag tussen 9-11", None),
        ("vrijdag 26-11", None),
        ("vrijdag 26-11-2026", None),
        ("26-11 of vrijdag", None),
        ("pazar 26-11", None),  # Sunday
        ("donderdag 26-11 of vrijdag", None),
        ("Freitag 26-11", date(2026, 11, 26)),  # a word that nobody here says
        ("zo snel mogelijk, voor 26-11", date(2026, 11, 26)),
        ("donderdag", date(2026, 11, 26)),
        ("donderdagochtend om 9 uur", date(2026, 11, 26)),
        ("a.s. do", date(2026, 11, 26)),
        ("maandag", date(2026, 11, 30)),
        ("volgende week donderdag", date(2026, 12, 3)),
        ("Thursday", date(2026, 11, 26)),
        ("الخميس", date(2026, 11, 26)),
        ("vandaag", TODAY),
        ("morgen", date(2026, 11, 24)),
        ("overmorgen", date(2026, 11, 25)),
        ("the day after tomorrow", date(2026, 11, 25)),
        ("غدا", date(2026, 11, 24)),
        ("over drie dagen", date(2026, 11, 26)),
        ("over 2 weken", date(2026, 12, 7)),
        ("بعد ٣ أيام", date(2026, 11, 26)),
        ("3 days from now", date(2026, 11, 26)),
        ("about two weeks from now", date(2026, 12, 7)),
        ("in 3 dagen", date(2026, 11, 26)),
        ("3 days", None),
        ("al 3 dagen", None),
        ("3-4-80", None),
        ("3 april 80", None),
        ("31-2-2027", None),
        ("30 februari", None),
        ("1-1-1850", None),
        ("31-12-1899", None),
        ("1-1-1900", date(1900, 1, 1)),
        ("31-12-2100", date(2100, 12, 31)),
        ("1-1-2101", None),
        ("0-0", None),
        ("mei of juni", None),
        ("april", None),
        ("in april", None),
        ("april misschien", None),
        ("maandag of dinsdag", None),
        ("vandaag of morgen", None),
        ("over veel dagen", None),
        ("over 366 dagen", date(2027, 11, 24)),
        ("over 367 dagen", None),
        ("over 400 dagen", None),
        ("over 52 weken", date(2027, 11, 22)),
        ("over 53 weken", None),
        ("", None),
        ("morgen " * LINE_CHARS_MAX, None),
    ],
)
def test_days(text: str, expected: date | None) -> None:
    assert parsing.read_date(SPOKEN, "nl", text, TODAY) == expected


def test_a_day_without_a_year_stops_at_the_last_year() -> None:
    assert parsing.read_date(SPOKEN, "nl", "3 april", date(2100, 12, 1)) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11", "onder_12"),
        ("12", "12_15"),
        ("15", "12_15"),
        ("16", "16_17"),
        ("19", "18_26"),
        ("ik ben 19 jaar", "18_26"),
        ("٣٨", "27_66"),
        ("achtendertig", "27_66"),
        ("18-26", "18_26"),
        ("18 t/m 26", "18_26"),
        ("67", "67_plus"),
        ("67+", "67_plus"),
        ("67 jaar of ouder", "67_plus"),
        ("120", "67_plus"),
        ("121", None),
        ("66+", "67_plus"),
        ("65+", None),
        ("ouder dan 30", None),
        ("onder 12", "onder_12"),
        ("jonger dan 12", "onder_12"),
        ("jonger dan 20", None),
        ("ouder dan 20", None),
        ("ik ben 38 jaar en heb 3 kinderen", "27_66"),
        ("عمري ٣٨ سنة", "27_66"),
        ("17 of 19", None),
        ("15 of 16 jaar", None),
        ("ik ben 17 of 18 jaar", None),
        ("17-30 jaar", None),
        ("wij zijn 17 en 19 jaar", None),
        ("zij zijn 15, 16 en 17 jaar", None),
        ("120 of 20 jaar", None),
        ("16 of 17 jaar", "16_17"),
        ("geboren in 1985, 41 jaar", "27_66"),
        ("al 15 maanden hier, 41 jaar", "27_66"),
        ("1980", None),
        ("oud", None),
        ("1 " * LINE_CHARS_MAX, None),
    ],
)
def test_ages(text: str, expected: str | None) -> None:
    assert parsing.read_age_band(SPOKEN, "nl", text) == expected


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("en", "i am twenty-five years old", "18_26"),
        ("en", "i am thirty nine years old and have two kids", "27_66"),
        ("en", "five years old", "onder_12"),
        ("ar", "عمري ثلاثة وعشرون سنة", "18_26"),
        ("ar", "عمري خمسة وأربعون سنة", "27_66"),
        ("ar", "عمري عشر سنوات", "onder_12"),
        ("nl", "ik ben vijfendertig jaar", "27_66"),
        ("nl", "ik ben dertig vijf jaar", None),
        ("nl", "ik ben vijf en dertig jaar", None),
        ("nl", "dertig en vijf jaar", None),
        ("nl", "wij zijn 18 en 19 jaar", "18_26"),
        ("nl", "ik ben tien of twaalf jaar oud", None),
        ("nl", "2 kinderen en ik ben 41 jaar", "27_66"),
        ("nl", "ik heb twee kinderen en ben dertig jaar", "27_66"),
        ("nl", "drie kinderen, dertig jaar", "27_66"),
        ("nl", "mijn dochter is acht jaar", "onder_12"),
        ("ru", "от 18 до 26 лет", "18_26"),
        ("ru", "мне 19 лет, дочери 8", "18_26"),
    ],
)
def test_an_age_in_words_is_the_whole_number(lang: str, text: str, expected: str | None) -> None:
    """The last word of it alone made children of grown people."""
    assert parsing.read_age_band(SPOKEN, lang, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7131", "7131"),
        ("7131 AB", "7131AB"),
        ("7131ab", "7131AB"),
        ("７１３１ ＡＢ", "7131AB"),
        ("٧١٣١", "7131"),
        ("٧١٠١", "7101"),
        ("\u202b٧١٣١\u202c", "7131"),
        ("ik woon in 3461", "3461"),
        ("mijn postcode is 7151 LK", "7151LK"),
        ("7131 in Lichtenvoorde", "7131"),
        ("7131 in", "7131IN"),
        ("7101 Winterswijk", "7101"),
        ("7131 SA", "7131"),
        ("7131 of 7131", "7131"),
        ("0123", None),
        ("1234 euro", None),
        ("€ 1234", None),
        ("€1234", None),
        ("$ 1234", None),
        ("£ 1234", None),
        ("1234,50", None),
        ("sinds 2019", None),
        ("71312", None),
        ("713", None),
        ("7131 of 7132", None),
        ("", None),
        ("7131 " * LINE_CHARS_MAX, None),
    ],
)
def test_postcodes(text: str, expected: str | None) -> None:
    assert parsing.read_postcode(SPOKEN, "nl", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0612345678", "+31612345678"),
        ("06 12 34 56 78", "+31612345678"),
        ("06-12345678", "+31612345678"),
        ("+31612345678", "+31612345678"),
        ("0031612345678", "+31612345678"),
        ("31612345678", "+31612345678"),
        ("٠٦١٢٣٤٥٦٧٨", "+31612345678"),
        ("\u202a06 12345678\u202c", "+31612345678"),
        ("bel mij op 0612345678 na 5 uur", "+31612345678"),
        ("0573-123456", "+31573123456"),
        ("tel0612345678", "+31612345678"),
        ("+963 944 123 456", "+963944123456"),
        ("123", None),
        ("geen", None),
        ("0612345678901234", None),
        ("", None),
        ("0612345678 " * LINE_CHARS_MAX, None),
    ],
)
def test_phones(text: str, expected: str | None) -> None:
    assert parsing.read_phone(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sam", "Sam"),
        ("  ik heet Sam.  ", "Sam"),
        ("Mijn naam is Jan de Vries", "Jan de Vries"),
        ("noem mij maar Sam", "Sam"),
        ("My name is O'Neill", "O'Neill"),
        ("اسمي خالد", "خالد"),
        ("Олена", "Олена"),
        ("Sam is mijn naam", "Sam"),
        ("Ikram", "Ikram"),
        ("Xander de X", "Xander de X"),
        ("a" * NAME_CHARS_MAX, "a" * NAME_CHARS_MAX),
        ("«Sam»", "Sam"),
        ("ik heet", None),
        ("😀", None),
        ("12", None),
        ("", None),
        ("a" * (NAME_CHARS_MAX + 1), None),
        ("a" * (LINE_CHARS_MAX + 1), None),
    ],
)
def test_names(text: str, expected: str | None) -> None:
    assert parsing.read_name(SPOKEN, "nl", text) == expected


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("pl", "za 3 dni", date(2026, 11, 26)),  # Dutch "za" is Saturday
        ("nl", "za", date(2026, 11, 28)),
        ("pl", "donderdag", date(2026, 11, 26)),
        ("tr", "26-11'den sonra", date(2026, 11, 26)),
        ("tr", "26-11 saat 9", date(2026, 11, 26)),
        ("fa", "26-11 تا 28-11", date(2026, 11, 26)),
        ("ru", "26.11.2026 года", date(2026, 11, 26)),
        ("pl", "26.11.2026 roku", date(2026, 11, 26)),
        ("tr", "11 gün sonra", date(2026, 12, 4)),
        ("tr", "üç hafta içinde", date(2026, 12, 14)),
        ("tr", "3 gün", None),
        ("fa", "۱۱ روز دیگه", date(2026, 12, 4)),
    ],
)
def test_a_language_knows_its_own_days_before_those_of_others(
    lang: str, text: str, expected: date | None
) -> None:
    assert parsing.read_date(SPOKEN, lang, text, TODAY) == expected


def test_a_word_that_a_language_claims_means_in_it_what_it_says() -> None:
    """Dutch "ne" is no; Turkish "ne" is what. French "onze" is eleven, Dutch "onze" is our."""
    assert parsing.read_yes_no(SPOKEN, "nl", "ne") == "nee"
    assert parsing.read_yes_no(SPOKEN, "tr", "ne") is None
    assert parsing.read_yes_no(SPOKEN, "pl", "no") is None, "Polish no is yeah"
    assert parsing.read_number(SPOKEN, "fr", "onze") == 11
    assert parsing.read_number(SPOKEN, "nl", "onze 2 kinderen") == 2
    assert parsing.takes_away(SPOKEN, "fr", "pas le travail")
    assert not parsing.takes_away(SPOKEN, "nl", "pas werk")


def test_who_is_not_safe_is_understood_in_every_language_whatever_it_claims() -> None:
    for lang in SPOKEN.own:
        assert parsing.move(SPOKEN, lang, "ik ben niet veilig") == "/unsafe"


def test_a_number_is_shown_as_people_here_write_it() -> None:
    assert shown_phone("+31612345678") == "06 12345678"
    assert shown_phone("0612345678") == "06 12345678"
    assert shown_phone("+963944123456") == "+963 944 123 456"
    assert shown_phone("zonder") == "zonder"


def test_a_line_is_one_line_without_what_nobody_sees() -> None:
    assert parsing.read_line(" Eneco\n\u202ebv\x00 \ud800") == "Eneco bv"
    assert parsing.read_line("می\u200cخواهم") == "می\u200cخواهم"
    assert parsing.read_line("X") == "X"
    assert parsing.read_line("a" * LINE_CHARS_MAX) == "a" * LINE_CHARS_MAX
    assert parsing.read_line(" \u200f ") is None
    assert parsing.read_line("a" * (LINE_CHARS_MAX + 1)) is None


def test_a_longer_text_is_like_a_story() -> None:
    assert parsing.story_like("ik heb schulden en weet het niet meer")
    assert parsing.story_like("werkloosheidsuitkering aangevraagd bij UWV")
    assert parsing.story_like("a" * STORY_LIKE_CHARS_MIN)
    assert parsing.story_like("a " * STORY_LIKE_WORDS_MIN)
    assert not parsing.story_like("alleen voor mijzelf")


def test_the_longest_line_is_still_read() -> None:
    def line(text: str) -> str:
        return text.ljust(LINE_CHARS_MAX)

    assert parsing.move(SPOKEN, "nl", line("stop")) == "/stop"
    assert parsing.after_move(SPOKEN, "/change", line("wijzig naam")) == "naam"
    assert parsing.read_yes_no(SPOKEN, "nl", line("nee")) == "nee"
    assert parsing.is_confirm(SPOKEN, "nl", line("zeker"))
    assert parsing.read_choice(SPOKEN, "nl", LIFE, line("geld")) == "geld"
    assert parsing.read_choices(SPOKEN, "nl", LIFE, line("geld, werk")) == ("geld", "werk")
    assert parsing.read_number(SPOKEN, "nl", line("3")) == 3
    assert parsing.read_date(SPOKEN, "nl", line("vandaag"), TODAY) == TODAY
    assert parsing.read_age_band(SPOKEN, "nl", line("19")) == "18_26"
    assert parsing.read_postcode(SPOKEN, "nl", line("7131")) == "7131"
    assert parsing.read_phone(line("0612345678")) == "+31612345678"


def test_what_is_to_be_changed_stands_behind_the_word_for_it() -> None:
    for text, told in (
        ("wijzig naam", "naam"),
        ("wijzig mijn naam", "mijn naam"),
        ("pas aan mijn naam", "mijn naam"),
        ("wijzig", ""),
        ("mijn naam", ""),
        ("wijzig " * LINE_CHARS_MAX, ""),
    ):
        assert parsing.after_move(SPOKEN, "/change", text) == told, text


def test_a_told_postcode_has_the_words_that_it_was_heard_in() -> None:
    """Other numbers before it, such as a year, do not hide it."""
    story = "In 2019 kwam ik hier. Nu is het koud, en ik woon in 7131 ab."
    (fact,) = told_postcode(SPOKEN, ("Hallo", story), lambda _: True)

    assert (fact.name, fact.value, fact.evidence) == ("postcode", "7131AB", "7131 ab")
    assert fact.source == "story"


TEXTS = st.text(st.characters(codec=None, categories=None), max_size=300) | st.lists(
    st.sampled_from(
        ["ja", "nee", "1", "٣", "en", "و", "morgen", "april", "2027", "-", "7131", "AB", "+31", "06",
         "over", "dagen", "stop", "niet", "geld", "\u202e", "\x00", "\ud800", "€", "ik heet", "onder"]
    ),
    max_size=12,
).map(" ".join)  # fmt: skip


@pytest.mark.laws
@given(TEXTS, st.sampled_from(["nl", "ar", "xx", None]), st.dates())
def test_nothing_raises_on_any_text(text: str, lang: str | None, today: date) -> None:
    spoken: Spoken = SPOKEN
    parsing.move(spoken, lang, text)
    parsing.read_choices(spoken, lang, LIFE, text)
    parsing.takes_away(spoken, lang, text)
    parsing.is_confirm(spoken, lang, text)
    parsing.is_done(spoken, lang, text)
    parsing.read_number(spoken, lang, text)
    parsing.read_date(spoken, lang, text, today)
    parsing.read_age_band(spoken, lang, text)
    parsing.read_postcode(spoken, lang, text)
    parsing.read_phone(text)
    parsing.read_name(spoken, lang, text)
    parsing.read_line(text)
    parsing.story_like(text)
