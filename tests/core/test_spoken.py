"""The words of a language are data: whoever writes them down in `spoken.yaml` is understood by them."""

from datetime import date

import pytest

from intakebot.core.reading import parsing
from intakebot.core.reading.contacts import told_postcode
from intakebot.core.reading.parsing import Option, Spoken, SpokenData, compile_spoken

TODAY = date(2026, 11, 23)  # a Monday
LIFE = (Option(id="geld", spellings=("geld",)), Option(id="werk", spellings=("werk",)))
# A language that nothing else in the program speaks.
PIRATE = SpokenData(
    moves={"/stop": ("belay", "belay that"), "/change": ("swap",)},
    polite=("matey", "me hearty"),
    ja=("aye",),
    nee=("nay",),
    weet_niet=("dunno",),
    done=("that be all",),
    confirm=("true as steel",),
    none=("none o' them",),
    negations=("nary",),
    joins=("along with", "an'"),
    joined=("w", "wal"),
    numbered=("plank", "berth number"),
    numbers={"twain": 2},
    days={"morrow": 1},
    in_days=("in # suns", "after # suns an' nights", "# tides hence", "# moons hence"),
    in_weeks=("in # sabbaths", "past # sabbaths"),
    months={"april": 4},
    ordinals=("th", "o'"),
    age=("winters",),
    under=("beneath",),
    over=("above",),
    units=("doubloons",),
    lengths=("bells",),
    since=("anno",),
    lives=("berth in", "anchored at"),
    little=("by", "at"),
    names=("me name be", "me name  be cap'n", "ahoy"),
    named=("be me name", "they call me"),
    called=("pirate",),
    called_easy=("landlubber",),
    stops={"bewaren": ("stow it",)},
)


@pytest.fixture
def spoken() -> Spoken:
    """Put together in each test: what is looked at here is how that is done."""
    return compile_spoken({"xx": PIRATE})


def test_moves_and_answers_are_heard_with_what_is_polite_around_them(spoken: Spoken) -> None:
    for said in ("belay", "Belay that!", "matey, me hearty, belay", "belay me hearty matey"):
        assert parsing.move(spoken, "xx", said) == "/stop", said
    assert parsing.is_polite(spoken, "Matey, me hearty!")
    for said, meant in (("aye", "ja"), ("nay matey", "nee"), ("dunno", "weet_niet")):
        assert parsing.read_yes_no(spoken, "xx", said) == meant, said
    assert parsing.is_done(spoken, "xx", "That be all.")
    assert parsing.is_confirm(spoken, "xx", "true as steel")
    assert spoken.called == {"xx": ("pirate",), "xx-A2": ("landlubber",)}
    assert spoken.stops == {"bewaren": ("stow it",), "weggooien": (), "doorgaan": ()}


def test_choices_are_told_apart_by_the_words_between_them(spoken: Spoken) -> None:
    for said in ("geld along with werk", "geld an' werk", "geld wwerk", "geld walwerk"):
        assert parsing.read_choices(spoken, "xx", LIFE, said) == ("geld", "werk"), said
    assert parsing.read_choices(spoken, "xx", LIFE, "none o' them") == ()
    assert parsing.takes_away(spoken, "xx", "nary werk")


def test_a_choice_is_named_by_its_number_and_the_words_for_that(spoken: Spoken) -> None:
    for said in ("twain", "plank twain", "berth number 2", "2 plank", "plank berth number twain"):
        assert parsing.read_choice(spoken, "xx", LIFE, said) == "werk", said
    for said in ("twain bairns", "2 bairns", "planks 2", "plank"):
        assert parsing.read_choice(spoken, "xx", LIFE, said) is None, said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("morrow", date(2026, 11, 24)),
        ("morrow 9-11 bells", date(2026, 11, 24)),
        ("9-11 bells", None),
        ("26-11, 4 bells", date(2026, 11, 26)),
        ("in 3 suns", date(2026, 11, 26)),
        ("after 3 suns an' nights", date(2026, 11, 26)),
        ("3 tides hence", date(2026, 11, 26)),
        ("see ye 3 moons hence matey", date(2026, 11, 26)),
        ("in 3 tides hence", date(2026, 11, 26)),
        ("3 suns", None),  # what stands behind "in 3" says nothing without it
        ("3 tides hencewards", None),
        ("in 2 sabbaths", date(2026, 12, 7)),
        ("past 2 sabbaths", date(2026, 12, 7)),
        ("4th o' april", date(2027, 4, 4)),
        ("4o' april", date(2027, 4, 4)),
    ],
)
def test_days_are_counted_and_named(spoken: Spoken, text: str, expected: date | None) -> None:
    assert parsing.read_date(spoken, "xx", text, TODAY) == expected


def test_ages_stand_beside_the_words_for_them(spoken: Spoken) -> None:
    for said, band in (
        ("2 bairns, 19 winters", "18_26"),
        ("beneath 12", "onder_12"),
        ("above 66", "67_plus"),
    ):
        assert parsing.read_age_band(spoken, "xx", said) == band, said


def test_a_postcode_is_told_apart_from_a_year_an_amount_and_small_words(spoken: Spoken) -> None:
    for said, code in (
        ("7131", "7131"),
        ("anno 1731", None),
        ("1234 doubloons", None),
        ("7131 at Lichtenvoorde", "7131"),
        ("7131 by Lichtenvoorde", "7131"),
    ):
        assert parsing.read_postcode(spoken, "xx", said) == code, said
    for said, codes in (
        ("We berth in 7131", ["7131"]),
        ("I be anchored at 7131", ["7131"]),
        ("I set sail to 7131", []),
    ):
        assert [fact.value for fact in told_postcode(spoken, (said,), lambda _: True)] == codes


@pytest.mark.parametrize(
    "text",
    [
        "Sam",
        "ahoy, Sam",
        "ME NAME BE Sam",
        "me  name be: Sam",
        "me name be cap'n Sam",
        "Sam BE ME NAME",
        "Sam, they  call me!",
    ],
)
def test_a_name_stands_without_the_words_around_it(spoken: Spoken, text: str) -> None:
    assert parsing.read_name(spoken, "xx", text) == "Sam"


def test_a_language_without_words_says_nothing_of_what_is_typed() -> None:
    """It has no choices, joins or names to take out, so that the text stays as it was typed."""
    spoken = compile_spoken({"xx": SpokenData()})

    assert parsing.move(spoken, "xx", "/no-call") == "/no-call"
    assert parsing.read_name(spoken, "xx", "Sam") == "Sam"
    assert parsing.read_choices(spoken, "xx", LIFE, "geld, werk") == ("geld", "werk")
    assert parsing.read_date(spoken, "xx", "in 3 suns", TODAY) is None


def test_a_word_of_two_languages_means_what_it_means_in_that_of_the_conversation() -> None:
    spoken = compile_spoken(
        {
            "nl": SpokenData(
                numbers={"un": 2},
                months={"mars": 3},
                weekdays={"sa": 6, "sabat": 6},
                days={"yar": 1},
                age=("jaar",),
                in_days=("over # dagen",),
            ),
            "tr": SpokenData(
                numbers={"un": 20},
                months={"mars": 4},
                weekdays={"sa": 2, "sabat": 7},
                days={"yar": 2},
            ),
        }
    )

    for lang, number, band, chosen, day in (
        ("nl", 2, "onder_12", ("geld", "werk"), date(2026, 11, 25)),
        ("tr", 20, "18_26", None, date(2026, 12, 13)),
    ):
        assert parsing.read_number(spoken, lang, "un") == number
        assert parsing.read_number(spoken, lang, "un zus") == number
        assert parsing.read_age_band(spoken, lang, "un jaar") == band
        assert parsing.read_age_band(spoken, lang, "un") == band
        assert parsing.read_choices(spoken, lang, LIFE, "geld, geld, un") == chosen
        assert parsing.read_date(spoken, lang, "over un dagen", TODAY) == day
    assert parsing.read_choices(spoken, "nl", LIFE, "un") == ("werk",)
    assert parsing.read_choices(spoken, "tr", LIFE, "un") is None
    assert parsing.read_date(spoken, "nl", "3 mars", TODAY) == date(2027, 3, 3)
    assert parsing.read_date(spoken, "tr", "3 mars", TODAY) == date(2027, 4, 3)
    assert parsing.read_date(spoken, "nl", "sabat 28-11", TODAY) == date(2026, 11, 28)
    assert parsing.read_date(spoken, "tr", "sabat 28-11", TODAY) is None, "a Saturday"
    assert parsing.read_date(spoken, "nl", "sa", TODAY) == date(2026, 11, 28)
    assert parsing.read_date(spoken, "tr", "sa", TODAY) == date(2026, 11, 24)
    assert parsing.read_date(spoken, "nl", "yar", TODAY) == date(2026, 11, 24)
    assert parsing.read_date(spoken, "tr", "yar", TODAY) == date(2026, 11, 25)


def test_a_word_that_a_language_claims_says_nothing_of_what_it_means_in_others() -> None:
    """Moves are heard all the same: who is not safe types the word that comes first."""
    spoken = compile_spoken(
        {
            "nl": SpokenData(
                negations=("niet",),
                ours=("onze", "mars", "mardi", "hier", "pas", "puis", "place"),
            ),
            "fr": SpokenData(
                moves={"/stop": ("pas",)},
                numbers={"onze": 11, "douze": 12},
                months={"mars": 3, "avril": 4},
                weekdays={"mardi": 2, "jeudi": 4},
                days={"hier": -1, "demain": 1},
                negations=("Pas", "sans"),
                joins=("puis", "et"),
                numbered=("place", "choix"),
            ),
        }
    )

    for lang, number, month, weekday, day, chosen, both, placed in (
        ("nl", None, None, None, None, "geld", None, None),
        (
            "fr",
            11,
            date(2027, 3, 3),
            date(2026, 11, 24),
            date(2026, 11, 22),
            None,
            ("geld", "werk"),
            "werk",
        ),
    ):
        assert parsing.read_number(spoken, lang, "onze") == number
        assert parsing.read_date(spoken, lang, "3 mars", TODAY) == month
        assert parsing.read_date(spoken, lang, "mardi", TODAY) == weekday
        assert parsing.read_date(spoken, lang, "hier", TODAY) == day
        assert parsing.takes_away(spoken, lang, "pas geld") == (chosen is None)
        assert parsing.read_choice(spoken, lang, LIFE, "pas geld") == chosen
        assert parsing.read_choices(spoken, lang, LIFE, "geld puis werk") == both
        assert parsing.read_choice(spoken, lang, LIFE, "place 2") == placed
        # What is not claimed is understood in each.
        assert parsing.move(spoken, lang, "pas") == "/stop"
        assert parsing.read_number(spoken, lang, "douze") == 12
        assert parsing.read_date(spoken, lang, "3 avril", TODAY) == date(2027, 4, 3)
        assert parsing.read_date(spoken, lang, "jeudi", TODAY) == date(2026, 11, 26)
        assert parsing.read_date(spoken, lang, "demain", TODAY) == date(2026, 11, 24)
        assert parsing.read_choice(spoken, lang, LIFE, "sans geld") is None
        assert parsing.read_choice(spoken, lang, LIFE, "niet geld") is None
        assert parsing.read_choices(spoken, lang, LIFE, "geld et werk") == ("geld", "werk")
        assert parsing.read_choice(spoken, lang, LIFE, "choix 2") == "werk"


def test_a_weekday_may_have_an_ending_of_the_language() -> None:
    """Turkish "pazara": to Sunday. Of a shorter word the beginning is too little to go by."""
    spoken = compile_spoken({"tr": SpokenData(weekdays={"pazar": 7, "salı": 2})})

    assert parsing.read_date(spoken, "tr", "pazara", TODAY) == date(2026, 11, 29)
    assert parsing.read_date(spoken, "tr", "salıya", TODAY) is None


@pytest.mark.parametrize("days", [{"pazar": 7, "pazartesi": 1}, {"pazartesi": 1, "pazar": 7}])
def test_of_two_weekdays_that_begin_a_word_the_longest_is_meant(days: dict[str, int]) -> None:
    """Turkish pazar is Sunday, pazartesi is Monday, in whatever order they are written down."""
    spoken = compile_spoken({"tr": SpokenData(weekdays=days)})

    assert parsing.read_date(spoken, "tr", "pazartesiye", TODAY) == date(2026, 11, 30)
    assert parsing.read_date(spoken, "tr", "pazara", TODAY) == date(2026, 11, 29)


@pytest.mark.parametrize("lang", ["yy", None])
def test_in_a_language_without_words_of_its_own_those_of_all_together_are_heard(
    spoken: Spoken, lang: str | None
) -> None:
    assert parsing.read_choice(spoken, lang, LIFE, "by me name it is werk") == "werk"
    assert parsing.read_choices(spoken, lang, LIFE, "geld an' werk") == ("geld", "werk")
