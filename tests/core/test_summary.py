"""The Dutch summary: one screen, what was said, and what it leaves out."""

from datetime import date

import msgspec
import pytest

from intakebot.core.facts import Fact
from intakebot.core.law.summary import summarise
from intakebot.core.limits import SUMMARY_STORY_CHARS_MAX
from intakebot.core.request import AttachmentPart, Request, StoryPart
from intakebot.core.session import Saying
from tests.core.law import MONDAY, REVISION, a_known, a_request, a_session, answered, khaled

NAMES = REVISION.names


def summary_of(request: Request, **changes: object) -> list[str]:
    return summarise(msgspec.structs.replace(request, **changes), NAMES).splitlines()


def test_a_whole_summary_in_dutch() -> None:
    known = answered(
        a_known(
            "schulden:ja dreiging:energie_afsluiting kinderen=ja postcode=7151"
            " telefoon=+31612345678 veilige_tijd=ochtend kan=naaien",
            "financien huisvesting ~instrumentele_adl",
        ),
        naam="Samira",
    )
    session = a_session("Ik heb schulden.", "De stroom wordt donderdag afgesloten.")

    assert summary_of(a_request(known, session)) == [
        "Samira vraagt hulp.",
        "Over de persoon: kinderen thuis, postcode 7151.",
        "Het gaat over: geld en schulden, wonen.",
        "Gehoord in het verhaal, niet bevestigd: het huishouden en brieven.",
        (
            "Bekend is: Schulden: ja; Er dreigt: afsluiten van gas, stroom of warmte;"
            " Kinderen thuis: ja."
        ),
        "Kan en wil: naaien.",
        "In eigen woorden: “Ik heb schulden. De stroom wordt donderdag afgesloten.”",
        (
            "Voorstel voor haast: binnen drie werkdagen. Er dreigt ontruiming, afsluiting of opzegging."
            " De wet vraagt een gesprek binnen drie werkdagen."
        ),
        (
            "Termijnen die lopen: Wgs art. 4 lid 2 tot en met 26-11-2026,"
            " Wgs art. 4 lid 1 tot en met 21-12-2026."
        ),
        "Beloofd: contact uiterlijk 26-11-2026. Bereiken: bellen op +31612345678, in deze chat.",
        "Veilige tijd: ochtend.",
    ]


def test_a_story_that_nobody_translated_is_left_out_and_said_so() -> None:
    lines = khaled().summary_nl.splitlines()

    assert lines[-2:] == [
        "Tolk nodig: Arabisch.",
        (
            "Niet in deze samenvatting: berichten in een andere taal (Arabisch): 2."
            " Nog geen mens vertaalde die."
        ),
    ]
    assert "سوريا" not in khaled().summary_nl


def test_another_script_under_dutch_is_not_taken_for_dutch() -> None:
    """Persona p10 picks Dutch, for her language is not on offer, and writes Ukrainian."""
    lines = summary_of(a_request(session=a_session("Я живу з сином.", "Help ons.")))

    assert "In eigen woorden: “Help ons.”" in lines
    assert lines[-1].startswith(
        "Niet in deze samenvatting: berichten in een andere taal (taal nog niet bekend): 1."
    )


def test_two_languages_are_both_named() -> None:
    story = tuple(
        StoryPart(question="verhaal", text="?", language=lang)
        for lang in ("ar", "en", "ar", "xx", None)
    )
    lines = summary_of(a_request(), story=story)

    assert "(Arabisch, Engels, xx en taal nog niet bekend): 5." in lines[-1]


def test_a_sentence_ends_in_one_full_stop() -> None:
    typed = Fact(name="kan", value="Ik kan koken.", source="answer", question="sterk")
    told = summary_of(a_request(a_known("").replace(facts=(typed,)), a_session("Ik wil hulp.")))

    assert [line for line in told if "koken" in line and not line.endswith("Ik kan koken.")] == []
    assert len([line for line in told if "koken" in line]) == 1
    other = typed.replace(value="Ik werk met Mac OS X.")
    assert "Kan en wil: Ik werk met Mac OS X." in summary_of(
        a_request(a_known("").replace(facts=(other,)))
    )


def test_what_there_is_more_of_stands_in_a_row() -> None:
    known = a_known(
        "inkomen:geen dreiging:ontruiming veilige_tijd=ochtend veilige_tijd=avond",
        "~financien ~huisvesting",
    )
    lines = summary_of(a_request(known))

    assert "Gehoord in het verhaal, niet bevestigd: geld en schulden, wonen." in lines
    assert "Veilige tijd: ochtend, avond." in lines
    assert (
        "Voorstel voor haast: binnen drie werkdagen. Er dreigt ontruiming, afsluiting of opzegging."
        " De wet vraagt een gesprek binnen drie werkdagen. Er is geen inkomen."
    ) in lines


def test_a_language_that_has_no_name_here_is_told_by_its_code() -> None:
    assert "Tolk nodig: xx." in summary_of(a_request(session=a_session(lang="xx")))


def test_answers_in_the_own_language_are_left_out_and_said_so() -> None:
    """A Dutch label with Arabic or English words in it would be no Dutch summary."""
    told = a_known("vak:timmerman wil:work inkomen:geen", "werk_opleiding")
    typed = Fact(name="kan", value="cooking", source="answer", question="sterk", evidence="cooking")
    known = told.replace(facts=(*told.facts, typed))
    english = summary_of(a_request(known, a_session("I want to work", lang="en")))
    dutch = summary_of(a_request(known, a_session("Ik wil: work")))

    assert "Bekend is: Inkomen: geen." in english
    assert "Kan en wil: timmerman." in english
    assert english[-1] == (
        "Niet in deze samenvatting: antwoorden in de eigen taal: 2. Zie de lijst."
    )
    assert "Kan en wil: timmerman, cooking, work." in dutch
    assert not any("eigen taal" in line for line in dutch)


def test_a_long_story_is_cut_at_a_word_and_said_so() -> None:
    lines = summary_of(a_request(session=a_session("woord " * SUMMARY_STORY_CHARS_MAX)))
    quoted = next(line for line in lines if line.startswith("In eigen woorden"))

    assert quoted.endswith("woord …”")
    assert SUMMARY_STORY_CHARS_MAX < len(quoted) < SUMMARY_STORY_CHARS_MAX + 30
    assert lines[-1] == "Niet in deze samenvatting: de rest van het verhaal. Lees de eigen woorden."


def test_voice_notes_that_nobody_heard_and_photos_are_named() -> None:
    heard = Saying(text="", lang="nl", at=MONDAY, audio="a1")
    request = a_request(session=a_session().replace(story=(heard, heard.replace(audio="a2"))))
    kinds = ("voice", "photo", "document")
    files = tuple(AttachmentPart(id=k, kind=k, bytes=1, received_at=MONDAY) for k in kinds)
    listened = tuple(msgspec.structs.replace(part, heard_by="Marieke") for part in request.story)

    assert summary_of(request, attachments=files)[-2:] == [
        "Niet in deze samenvatting: spraakberichten die nog niemand hoorde: 2.",
        "Niet in deze samenvatting: foto’s en documenten: 2.",
    ]
    assert "spraakberichten" not in "".join(summary_of(request, story=listened))


def test_a_report_about_another_names_no_more_than_it_must() -> None:
    known = answered(
        a_known(
            "voor_wie=ander weet_ervan=nee rol=buur anoniem=ja postcode=3082", "sociaal_netwerk"
        )
    )
    lines = summary_of(a_request(known))

    assert lines[:3] == [
        "Iemand uit de buurt maakt zich zorgen over iemand. De persoon weet dit niet.",
        "Over de persoon: postcode 3082.",
        "De melder wil anoniem blijven.",
    ]


def test_a_message_for_another_who_knows() -> None:
    known = a_known(
        "voor_wie=ander weet_ervan=ja rol=naaste wie_is_het=Jan leeftijd=67_plus plaats=Groenlo"
    )

    assert summary_of(a_request(known))[:2] == [
        "Een naaste vraagt hulp voor Jan. De persoon weet dit.",
        "Over de persoon: 67 of ouder, Groenlo.",
    ]


def test_it_is_not_known_whether_the_person_knows() -> None:
    lines = summary_of(a_request(a_known("voor_wie=ander")))

    assert lines[0].endswith("Niet bekend is of de persoon dit weet.")


def test_company_or_information_only() -> None:
    assert summary_of(a_request(a_known("alleen_contact=ja")))[0] == (
        "De inwoner zoekt contact of informatie."
    )


def test_a_hard_signal_is_shown_as_a_sentence_and_without_a_label() -> None:
    known = a_known(signals="suicide! violence")
    hard, soft = known.signals
    signals = (hard.replace(words="ik wil dood"), soft.replace(words="hij is boos"))
    lines = summary_of(a_request(known.replace(signals=signals)))

    assert [line for line in lines if line.startswith("Kijk nu")] == [
        "Kijk nu naar deze zin: “ik wil dood”"
    ]
    assert "zelfdoding" not in "".join(lines)


def test_a_story_that_just_fits_is_whole() -> None:
    story = "w" * SUMMARY_STORY_CHARS_MAX
    lines = summary_of(a_request(session=a_session(story)))

    assert f"In eigen woorden: “{story}”" in lines
    assert "de rest van het verhaal" not in "".join(lines)


def test_half_of_the_letters_make_a_text_latin() -> None:
    assert "In eigen woorden: “ja да”" in summary_of(a_request(session=a_session("ja да")))
    for told in ("ja дай", "Ͱ"):  # Greek, the next script, from its first letter on
        assert "eigen woorden" not in "".join(summary_of(a_request(session=a_session(told))))


def test_questions_that_are_left_are_counted() -> None:
    request = a_request(to_ask=tuple(a for a in REVISION.questions() if a.rank)[:3])

    assert "Nog te vragen: 3. Zie de lijst." in summary_of(request)


def test_the_date_of_the_promise_is_in_it() -> None:
    assert a_request().promise_on == date(2026, 12, 7)
    assert "Beloofd: contact uiterlijk 7-12-2026. Bereiken: in deze chat." in summary_of(
        a_request()
    )


def test_it_stays_one_screen_for_every_persona_like_request() -> None:
    assert len(khaled().summary_nl.splitlines()) <= 14
    assert "{" not in khaled().summary_nl


def test_a_strength_is_said_once() -> None:
    known = answered(a_known("kan=koken schulden=ja postcode=7151"))
    summary = a_request(known).summary_nl

    assert summary.count("koken") == 1
    assert "Kan en wil: koken." in summary


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("2026-12-01", "Wanneer dat gebeurt: 1-12-2026"),
        ("sometime soon", "Wanneer dat gebeurt: “sometime soon”"),
        ("قريبا", "Wanneer dat gebeurt: “قريبا”"),
    ],
)
def test_a_day_stands_in_the_dutch_summary_whatever_the_language(said: str, shown: str) -> None:
    fact = Fact(name="dreiging_wanneer", value=said, source="story", evidence=said)
    known = answered(a_known("dreiging:ontruiming").replace(facts=(fact,)))
    summary = a_request(known, a_session(f"It is {said}", lang="en")).summary_nl

    assert shown in summary


def test_the_summary_says_whose_domains_they_are() -> None:
    known = answered(a_known("voor_wie=ander weet_ervan=ja rol=professional", "financien"))

    assert "Bij die persoon, niet bij wie dit vertelt" in a_request(known).summary_nl


def test_an_interpreter_of_an_unknown_language_is_asked_for() -> None:
    assert "Er is een tolk nodig. Vraag voor welke taal." in summary_of(
        a_request(a_known("tolk=ja"))
    )
