"""Which question is open, and what counts on the way there."""

from __future__ import annotations

import pytest

from intakebot.core.events import Chose
from intakebot.core.flow import AnswerIn, FactIn, Kind, Rank
from intakebot.core.talking.path import to_ask, walk
from tests.conversation import Conversation
from tests.core.stage import Stage, a_question, choices

STORY = a_question("verhaal", Kind.STORY)
WHOM = a_question("voor_wie", Kind.CHOICE, fact="voor_wie", choices=choices("mij", "ander"))
POSTCODE = a_question("postcode", Kind.POSTCODE, fact="postcode")
CHECK = a_question("controle", Kind.READ_BACK)


def test_an_answer_off_the_path_does_not_count_and_comes_back_with_it() -> None:
    colour = a_question("kleur", Kind.CHOICE, choices=choices("rood", "blauw"))
    why = a_question("waarom", when=AnswerIn(question="kleur", among=("rood",)), fact="reden")
    stage = Stage(colour, why, CHECK)
    stage.press("rood")
    stage.say("het is warm")
    stage.press("wijzig:kleur")
    stage.press("blauw")

    assert walk(stage.flow, stage.session).known.value("reden") is None
    stage.press("wijzig:kleur")
    assert stage.press("rood") == ["changed", "?controle"]
    assert walk(stage.flow, stage.session).known.value("reden") == "het is warm"


def test_what_does_not_fit_or_was_skipped_is_left_for_a_person() -> None:
    plan = [a_question(f"plan{n}", rank=Rank.PLAN) for n in range(20)]
    law = a_question("wet", rank=Rank.LAW)
    stage = Stage(*plan, law, CHECK)
    asked = []
    while (path := walk(stage.flow, stage.session)).open is not None:
        if path.open.kind is Kind.READ_BACK:
            break
        asked.append(path.open.key)
        stage.press("/skip")

    assert asked[0] == "wet"
    assert len(asked) <= 11
    assert {question.key for question in to_ask(path)} >= {"wet", "plan19"}


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("ik woon in 7101", "7101"),
        ("Mijn postcode is 7151 LK.", "7151LK"),
        ("I live in 7101 AB and I have debts", "7101AB"),
        ("أسكن في 7131", "7131"),
        ("أسكن في ٧١٣١", "7131"),
        ("postcode: 7101", "7101"),
        ("ik woon in 3461", "3461"),
        ("na maart 2027 verlies ik mijn huis", None),
        ("ik woon in 2019 nog bij mijn moeder", None),  # no code that we know: a year
        ("ik heb 7101 euro schuld", None),
        ("ik woon op nummer 7101", None),
        ("mijn huur is 1500 euro en ik woon in Winterswijk", None),
        ("ik woon in 7101 en mijn postcode is 7131", None),  # two: ask
        ("mijn moeder is in 7101 geboren", None),
    ],
)
def test_a_postcode_that_is_told_need_not_be_asked(story: str, expected: str | None) -> None:
    stage = Stage(a_question("verhaal", Kind.STORY), a_question("postcode", fact="postcode"))
    heard = {fact.name: fact.value for fact in stage.flow.hear((story,), "nl").facts}

    assert expected == heard.get("postcode")


def test_a_told_postcode_is_not_asked_and_can_be_put_right() -> None:
    stage = Stage(WHOM, STORY, POSTCODE, CHECK)
    stage.press("mij")
    stage.say("Ik woon in 7101 en ik heb schulden")

    assert stage.press("klaar") == ["?controle"]
    stage.press("/change")
    stage.press("postcode")
    assert stage.say("7131") == ["changed", "?controle"]
    assert walk(stage.flow, stage.session).known.value("postcode") == "7131"


def test_not_even_the_law_asks_more_than_twelve() -> None:
    law = [a_question(f"wet{n}", rank=Rank.LAW) for n in range(20)]
    stage = Stage(STORY, *law, CHECK)
    stage.begin()
    asked = ["taal", "verhaal"]
    while stage.session.asked != "controle":
        stage.press("/skip")
        asked.append(stage.session.asked or "")

    assert len(asked) == 12


def test_the_postcode_of_the_teller_is_not_that_of_somebody_else() -> None:
    stage = Stage(WHOM, STORY, POSTCODE, CHECK)
    stage.press("ander")
    stage.say("Mijn moeder redt het niet meer. Ik woon in 3461")

    assert stage.press("klaar") == ["?postcode"]


def test_a_told_postcode_elsewhere_is_handed_over_once_it_is_known_for_whom() -> None:
    stage = Stage(WHOM, STORY, POSTCODE, CHECK, tongue=None)
    stage.say("Hallo, ik woon in 3461 en ik heb heel veel schulden")

    assert stage.press("nl") == ["?voor_wie"]
    assert stage.press("mij") == ["hand over GM0335", "Erase"]


def test_a_line_of_a_heard_fact_is_the_question_that_could_be_asked() -> None:
    talk = Conversation()
    talk.press("mij")
    talk.tell("Ik woon in 7101 en ik heb schulden")
    talk.answer_rest({"naam": "Ada"})

    assert talk.request is not None
    assert talk.request.routing.queue == "GM0294/sociaal-team"
    assert "postcode" not in talk.asked


@pytest.mark.parametrize(
    ("lang", "story", "day"),
    [
        ("nl", "De stroom wordt donderdag afgesloten", "2026-11-26"),
        ("en", "they cut off my electricity next Tuesday", "2026-11-24"),
        ("en", "we are evicted on the 3rd of December", "2026-12-03"),
        ("en", "the bailiff throws us out of the house in a week", "2026-11-30"),
        ("ar", "سيقطعون الكهرباء يوم الثلاثاء القادم", "2026-11-24"),
        ("ar", "رح يقطعوا الكهربا بعد أسبوع", "2026-11-30"),
        ("nl", "De stroom wordt deze week afgesloten", "deze week"),  # no day: the own words
    ],
)
def test_the_day_of_a_threat_is_counted_from_the_day_it_was_said(
    lang: str, story: str, day: str
) -> None:
    talk = Conversation(lang)
    talk.press("mij")
    talk.tell(story)

    assert walk(talk.desk.flow, talk.session).known.value("dreiging_wanneer") == day


def test_a_choice_that_adds_a_domain_confirms_it() -> None:
    lines = choices("politie", "trein")
    fine = a_question(
        "boete", Kind.CHOICES, choices=(lines[0].__class__(id="p", label="p", domain="justitie"),)
    )
    stage = Stage(fine, CHECK)
    stage.press("p")

    assert walk(stage.flow, stage.session).known.confirmed == ("justitie",)


def test_an_assumed_answer_holds_until_another_is_given() -> None:
    wish = a_question("tolk", Kind.YES_NO, fact="tolk", assumed="ja")
    ask = a_question("taal_tolk", when=FactIn(name="tolk", among=("ja",)))
    stage = Stage(wish, ask, CHECK)

    assert stage.begin() == ["?taal_tolk"]
    stage.press("/skip")
    stage.press("wijzig:tolk")
    assert stage.press("nee") == ["changed", "?controle"]


def test_a_life_domain_that_was_looked_at_and_not_ticked_is_not_ticked_again() -> None:
    """One that is heard later is."""
    lives = choices("financien", "huisvesting", "sociaal_netwerk")
    stage = Stage(STORY, a_question("domeinen", Kind.DOMAINS, choices=lives), CHECK)
    stage.begin()
    stage.say("Ik heb schulden en ik ben zo alleen")
    stage.press("klaar")
    stage.hear(Chose(ids=("financien",)))
    stage.press("wijzig:domeinen")
    stage.press("klopt")
    assert stage.answers()["domeinen"] == ("financien",)

    stage.say("Mijn huis is koud en vochtig en de verhuurder doet helemaal niets")
    stage.press("klopt")
    assert stage.answers()["domeinen"] == ("financien", "huisvesting")


def test_what_was_heard_ticks_life_domains_and_nothing_else() -> None:
    stage = Stage(STORY, a_question("fruit", Kind.CHOICES, choices=choices("appel")), CHECK)
    stage.begin()
    stage.say("Ik heb schulden")
    stage.press("klaar")

    assert stage.press("klopt") == ["?controle"]
    assert stage.answers()["fruit"] == ()
