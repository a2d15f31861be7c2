"""Building the request: one story, one request, every part with its law, words and promise."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from intakebot.core.facts import Fact, Known
from intakebot.core.flow import FactIn, RoutingRule
from intakebot.core.law.building import promise, request_type
from intakebot.core.law.parts import parts
from intakebot.core.names import Names
from intakebot.core.request import Clock, FactPart, Interpreter, Request, ToAsk, UrgencyReason
from intakebot.core.session import Answer, Attachment, Saying, Tongue
from tests.core.law import (
    FLOW,
    MONDAY,
    REGION,
    REVISION,
    a_flow,
    a_known,
    a_request,
    a_session,
    answered,
    changed,
    khaled,
    rows,
)

# The names of DESIGN 3.
CONTRACT = {
    *("schema", "reference", "type", "created_at", "channel", "language", "reading_level", "flow"),
    *("reporter", "subject", "story", "attachments", "domains", "strengths", "to_ask", "place"),
    *("contact", "urgency", "safety", "clocks", "consents", "routing", "suggested", "summary_nl"),
}

# ---- the type ---------------------------------------------------------------------------------

TYPES = """
    facts                                           | domains                                                  | type
    ------------------------------------------------+----------------------------------------------------------+--------------------
                                                    |                                                          | hulpvraag_integraal
    voor_wie=mij                                    | financien                                                | hulpvraag_integraal
    voor_wie=mijn_gezin over_ander:ja               | financien                                                | hulpvraag_integraal
    voor_wie=ander weet_ervan=nee                   | sociaal_netwerk                                          | zorgsignaal_derde
    voor_wie=ander weet_ervan=weet_niet             | sociaal_netwerk                                          | zorgsignaal_derde
    voor_wie=ander                                  | sociaal_netwerk                                          | zorgsignaal_derde
    over_ander:ja                                   |                                                          | zorgsignaal_derde
    voor_wie=ander weet_ervan=ja                    | basale_adl                                               | wmo_melding_namens
    voor_wie=ander weet_ervan=ja alleen_contact:ja  | sociaal_netwerk                                          | wmo_melding_namens
    alleen_contact:ja                               | sociaal_netwerk tijdsbesteding geestelijke_gezondheid    | hulpvraag_licht
    alleen_contact:ja                               | sociaal_netwerk maatschappelijke_participatie ~financien | hulpvraag_licht
    alleen_contact:ja                               | sociaal_netwerk financien                                | hulpvraag_integraal
    alleen_contact:ja                               | lichamelijke_gezondheid                                  | hulpvraag_integraal
    alleen_contact:ja dreiging:ontruiming           | sociaal_netwerk                                          | hulpvraag_integraal
    alleen_contact:ja inkomen:geen                  | sociaal_netwerk                                          | hulpvraag_integraal
    alleen_contact:ja leeftijd=12_15                | sociaal_netwerk                                          | hulpvraag_integraal
"""


@pytest.mark.parametrize("row", rows(TYPES), ids=lambda row: f"{row[0]} {row[1]}".strip())
def test_the_type_of_a_request(row: list[str]) -> None:
    facts, domains, kind = row

    assert request_type(REVISION, a_known(facts, domains)) == kind


def test_without_rules_it_is_the_integrated_request() -> None:
    assert request_type(changed(types=()), a_known("voor_wie=ander")) == "hulpvraag_integraal"


# ---- the promise ------------------------------------------------------------------------------

PROMISES = """
    created                   | level          | talk until | promise    | why
    --------------------------+----------------+------------+------------+-----------------------------------
    2026-11-23T10:00:00+01:00 | nu             |            | 2026-11-23 | the same day
    2026-11-23T10:00:00+01:00 | vandaag        |            | 2026-11-23 | the same day
    2026-11-23T14:59:00+00:00 | vandaag        |            | 2026-11-23 | 15:59 in the Netherlands
    2026-11-23T15:00:00+00:00 | vandaag        |            | 2026-11-24 | four o'clock: read tomorrow
    2026-11-27T16:30:00+01:00 | vandaag        |            | 2026-11-30 | Friday afternoon: Monday
    2026-11-28T10:00:00+01:00 | vandaag        |            | 2026-11-30 | Saturday
    2026-11-23T10:00:00+01:00 | drie_werkdagen |            | 2026-11-26 | the date of wgs_spoed
    2026-11-23T10:00:00+01:00 | week           |            | 2026-11-30 | five working days, p06
    2026-12-21T10:00:00+01:00 | week           |            | 2026-12-29 | Christmas between
    2026-11-23T10:00:00+01:00 | gewoon         |            | 2026-12-07 | ten working days
    2026-11-23T10:00:00+01:00 | gewoon         | 2026-11-26 | 2026-11-26 | never after a talk that a law asks
    2026-11-23T10:00:00+01:00 | vandaag        | 2026-11-26 | 2026-11-23 | the earlier one
"""


@pytest.mark.parametrize("row", rows(PROMISES), ids=lambda row: f"{row[1]} {row[4]}")
def test_the_date_that_the_confirmation_names(row: list[str]) -> None:
    created, level, until, expected, _ = row
    clock = Clock(key="wgs_spoed", due=None, law="", started_by="", status="running")
    running = (msgspec.structs.replace(clock, due=date.fromisoformat(until)),) if until else ()
    winterswijk = REGION.municipalities[3]
    for municipality in (winterswijk, None):
        found = promise(REVISION, level, running, municipality, datetime.fromisoformat(created))

        assert found == date.fromisoformat(expected)


def test_a_municipality_can_promise_sooner_and_read_longer() -> None:
    quick = REGION.municipalities[3].replace(promise_workdays=5, last_hour=22)
    evening = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)  # half past nine in the Netherlands

    assert promise(REVISION, "gewoon", (), quick, MONDAY) == date(2026, 11, 30)
    assert promise(REVISION, "vandaag", (), quick, evening) == date(2026, 11, 23)


def test_a_clock_that_asks_no_talk_or_does_not_run_moves_no_promise() -> None:
    plan = Clock(key="wmo_plan", due=date(2026, 11, 24), law="", started_by="", status="running")
    possible = Clock(key="wgs_spoed", due=None, law="", started_by="", status="possible")

    assert promise(REVISION, "gewoon", (plan, possible), None, MONDAY) == date(2026, 12, 7)


def test_the_region_s_own_holidays_move_the_promise() -> None:
    extra = (date(2026, 11, 30),)

    assert promise(REVISION, "week", (), None, MONDAY, extra) == date(2026, 12, 1)
    assert promise(REVISION, "vandaag", (), None, MONDAY, (MONDAY.date(),)) == date(2026, 11, 24)


def test_a_request_keeps_to_the_norm_and_the_holidays_of_its_own_place() -> None:
    """Also where only the name of the place was told."""
    known = a_known("plaats=Groenlo", "basale_adl")
    sooner = tuple(m.replace(promise_workdays=5) for m in REGION.municipalities)
    closed = (date(2026, 11, 30), date(2026, 12, 1))
    usual = a_request(known, flow=a_flow(REGION.replace(municipalities=sooner)))
    free = REGION.replace(municipalities=sooner, extra_holidays=closed)
    later = a_request(known, flow=a_flow(free))

    assert (usual.place.gm, usual.routing.queue) == ("GM1586", "GM1586/sociaal-team")
    assert (usual.promise_on, later.promise_on) == (date(2026, 11, 30), date(2026, 12, 2))
    plans = [next(c.due for c in one.clocks if c.key == "wmo_plan") for one in (usual, later)]
    assert plans == [date(2026, 11, 30), date(2026, 12, 2)]


def test_the_queue_of_a_request_hangs_on_what_is_known_of_the_person() -> None:
    young = FactIn(name="leeftijd", among=("18_26",))
    rule = RoutingRule(key="jong", queue="GM0034/jong", when=young, because="Jong.")
    flow = a_flow(routing=(rule, *FLOW.revision.routing))

    assert a_request(a_known("leeftijd=18_26 postcode=1315"), flow=flow).routing.rule == "jong"
    assert a_request(a_known("leeftijd=27_66 postcode=1315"), flow=flow).routing.rule == "team"


# ---- the whole --------------------------------------------------------------------------------


def test_one_story_becomes_one_integrated_request() -> None:
    request = khaled()

    assert request.type == "hulpvraag_integraal"
    assert request.created_at == MONDAY
    assert (request.channel, request.language, request.reading_level) == ("web", "ar", None)
    assert (request.flow.id, request.flow.revision) == ("proef", "7")
    assert request.urgency.level == "week"
    assert request.urgency.reasons == (
        UrgencyReason(rule="geen_inkomen", because_nl="Er is geen inkomen."),
    )
    assert request.routing.queue == "GM1586/sociaal-team"
    assert request.promise_on == date(2026, 11, 30)
    assert [(c.key, c.due, c.status) for c in request.clocks] == [
        ("pw_voorschot", None, "possible"),
        ("pw_besluit", None, "possible"),
        ("wi_pip", None, "possible"),
    ]
    assert request.subject.called == request.contact.called == "Khaled"
    assert request.subject.knows_about_this is True
    assert (request.subject.age_band, request.subject.household) == ("27_66", "kinderen thuis")
    assert (request.place.postcode, request.place.gm) == ("7131", "GM1586")
    assert request.contact.interpreter == Interpreter(needed=True, language="ar")
    assert request.strengths == ("timmerman",)
    assert request.suggested.contact_profile == "participatiewet"
    assert request.suggested.partners[:3] == ("VluchtelingenWerk", "Fijnder", "Taalhuis")
    assert request.consents == ()


def test_the_request_becomes_json_with_nothing_left_out() -> None:
    written = msgspec.json.decode(msgspec.json.encode(khaled()))

    assert set(written) >= CONTRACT
    assert written["schema"] == "intakebot-request/1"
    assert written["contact"]["interpreter"] == {"needed": True, "language": "ar", "gender": None}
    assert msgspec.convert(written, Request) == khaled()


def test_the_story_stays_in_the_own_words() -> None:
    voice = Attachment(id="a1", kind="voice", bytes=2000, received_at=MONDAY)
    photo = Attachment(id="a2", kind="photo", bytes=3000, received_at=MONDAY)
    session = a_session("Ik heb  honger!", attachments=(voice, photo))
    heard = Saying(text="", lang="nl", at=MONDAY, audio="a1")
    request = a_request(session=session.replace(story=(*session.story, heard)))

    assert [(p.question, p.text, p.language, p.audio, p.heard_by) for p in request.story] == [
        ("verhaal", "Ik heb  honger!", "nl", None, None),
        ("verhaal", "", "nl", "a1", None),
    ]
    assert [(a.id, a.kind, a.bytes, a.received_at) for a in request.attachments] == [
        ("a1", "voice", 2000, MONDAY),
        ("a2", "photo", 3000, MONDAY),
    ]


def test_a_story_that_no_question_asked_for_is_told_too() -> None:
    request = a_request(session=a_session("Ik heb honger."), flow=a_flow(sections=()))

    assert [(part.question, part.text) for part in request.story] == [("", "Ik heb honger.")]


def test_a_session_without_a_language_is_dutch_and_easy_dutch_is_a_level() -> None:
    without = a_request(session=a_session(tongue=None))
    easy = a_request(session=a_session(tongue=Tongue(lang="nl", level="A2")))

    assert (without.language, without.reading_level) == ("nl", None)
    assert (easy.language, easy.reading_level) == ("nl", "A2")
    assert easy.contact.interpreter == Interpreter(needed=False, language=None)


def test_safety_signals_and_the_wish_to_be_called_are_kept() -> None:
    known = a_known(signals="violence! child")
    asked = known.signals[0].replace(question="verhaal")
    known = known.replace(signals=(asked, *known.signals[1:]))
    request = a_request(known, a_session(wants_call=True))

    assert [(s.category, s.strength, s.question, s.words) for s in request.safety] == [
        ("violence", "hard", "verhaal", "zo gezegd"),
        ("child", "soft", None, "zo gezegd"),
    ]
    assert request.wants_call
    assert request.urgency.level == "vandaag"


# ---- who it is about --------------------------------------------------------------------------

WHO = """
    facts                                                | role         | called | knows
    -----------------------------------------------------+--------------+--------+------
    voor_wie=mij                                         | zelf         | Anna   | True
    voor_wie=mij over_ander:ja relatie:buurman           | zelf         | Anna   | True
    voor_wie=ander weet_ervan=ja wie_is_het=Jan rol=buur | buur         | Jan    | True
    voor_wie=ander weet_ervan=nee rol=mantelzorger       | mantelzorger |        | False
    voor_wie=ander weet_ervan=weet_niet                  | naaste       |        | None
    voor_wie=ander relatie:buurvrouw                     | buur         |        | None
    voor_wie=ander relatie:moeder                        | naaste       |        | None
    voor_wie=ander relatie:client                        | professional |        | None
    voor_wie=ander rol=zelf                              | naaste       |        | None
    over_ander:ja relatie:buren                          | buur         |        | None
"""


@pytest.mark.parametrize("row", rows(WHO), ids=lambda row: row[0])
def test_who_tells_and_whom_it_is_about(row: list[str]) -> None:
    facts, role, called, knows = row
    request = a_request(answered(a_known(facts), naam="Anna"))

    assert request.reporter.role == role
    assert request.subject.called == (called or None)
    assert str(request.subject.knows_about_this) == knows
    assert request.contact.called == "Anna"


def test_who_wants_to_stay_unknown_says_so() -> None:
    assert a_request(a_known("voor_wie=ander anoniem=ja")).reporter.wants_anonymity
    assert not a_request(a_known("voor_wie=ander anoniem=nee")).reporter.wants_anonymity


def test_the_name_is_the_last_one_given_and_may_be_skipped() -> None:
    known = a_known()

    assert a_request(answered(known, naam="Anna", kind_naam="An")).contact.called == "An"
    assert a_request(answered(known, naam="Anna", kind_naam=None)).contact.called == "Anna"
    assert a_request(answered(known, naam=None, weg="Anna")).contact.called is None


CONTACT = """
    facts                                     | lang | ways        | times  | interpreter
    ------------------------------------------+------+-------------+--------+------------
                                              | nl   | chat        |        |
    telefoon=+31612345678                     | nl   | bellen chat |        |
    telefoon=+31612345678 veilige_tijd=middag | nl   | bellen chat | middag |
    veilige_tijd=maakt_niet_uit               | nl   | chat        |        |
                                              | ar   | chat        |        | ar
    tolk=nee                                  | ar   | chat        |        |
    tolk=ja                                   | en   | chat        |        | en
    tolk=ja                                   | nl   | chat        |        | ?
    tolk_wie=vrouw                            | ar   | chat        |        | ar vrouw
    tolk_wie=maakt_niet_uit                   | ar   | chat        |        | ar
    tolk=nee tolk_wie=man                     | ar   | chat        |        |
"""


@pytest.mark.parametrize("row", rows(CONTACT), ids=lambda row: f"{row[1]} {row[0]}")
def test_the_safe_ways_to_reach_somebody(row: list[str]) -> None:
    facts, lang, ways, times, interpreter = row
    contact = a_request(a_known(facts), a_session(lang=lang)).contact

    assert contact.safe_ways == tuple(ways.split())
    assert contact.safe_times == tuple(times.split())
    language, _, gender = interpreter.partition(" ")
    assert contact.interpreter == Interpreter(
        needed=bool(interpreter),
        language=None if language in {"", "?"} else language,
        gender=gender or None,
    )


# ---- domains and facts ------------------------------------------------------------------------


def test_each_domain_is_a_part_with_words_law_view_and_retention() -> None:
    known = answered(a_known("schulden=ja", "financien ~huisvesting"), naam="An")
    money, home = a_request(known).domains

    assert (money.code, money.source, money.confirmed) == ("financien", "story", True)
    assert money.evidence == ("over financien",)
    assert (money.law, money.state, money.lead, money.visible_to) == (
        "Wgs",
        "open",
        None,
        ("team",),
    )
    assert money.retention_days == 3653
    assert (home.code, home.confirmed, home.law) == ("huisvesting", False, "Wmo 2015")
    assert home.retention == "15 jaar (Wmo 2015 art. 5.3.4)"
    assert home.retention_days == 5479


LAWS = """
    domain                       | facts               | law                   | years
    financien                    |                     | Participatiewet       | 10
    financien                    | schulden:ja         | Wgs                   | 10
    financien                    | dreiging:ontruiming | Wgs                   | 10
    werk_opleiding               |                     | Participatiewet       | 10
    tijdsbesteding               |                     | Wmo 2015              | 15
    huisvesting                  |                     | Wmo 2015              | 15
    huiselijke_relaties          |                     | Wmo 2015              | 15
    geestelijke_gezondheid       |                     | Wmo 2015              | 15
    geestelijke_gezondheid       | leeftijd=16_17      | Jeugdwet              | 20
    lichamelijke_gezondheid      |                     | Wmo 2015              | 15
    lichamelijke_gezondheid      | leeftijd=12_15      | Jeugdwet              | 20
    middelengebruik              |                     | Wmo 2015              | 15
    basale_adl                   |                     | Wmo 2015              | 15
    instrumentele_adl            |                     | Wmo 2015              | 15
    sociaal_netwerk              |                     | Wmo 2015              | 15
    maatschappelijke_participatie |                    | Wmo 2015              | 15
    justitie                     |                     | Wmo 2015              | 15
    opvoeden_opgroeien           |                     | Jeugdwet              | 20
    taal_inburgering             |                     | Wet inburgering 2021  | 10
    mantelzorg                   |                     | Wmo 2015              | 15
"""


@pytest.mark.parametrize("row", rows(LAWS), ids=lambda row: f"{row[0]} {row[1]}".strip())
def test_the_law_of_each_domain_and_how_long_it_is_kept(row: list[str]) -> None:
    code, facts, law, years = row
    part = a_request(a_known(facts, code)).domains[0]

    assert part.law == law
    assert part.retention.startswith(f"{years} jaar")
    assert part.retention_days // 365 == int(years)


def test_a_domain_without_a_rule_has_no_law() -> None:
    part = a_request(a_known(domains="sterren")).domains[0]

    assert (part.law, part.retention, part.retention_days, part.visible_to) == (None, "", 0, ())


def test_nothing_is_confirmed_before_the_person_saw_the_list() -> None:
    unseen = answered(a_known(domains="financien"), confirmed=False, naam="An")
    skipped = answered(a_known(domains="financien"), confirmed=False, domeinen=None)

    assert not a_request(unseen).domains[0].confirmed
    assert not a_request(skipped).domains[0].confirmed


def test_where_a_domain_came_from() -> None:
    known = a_known(domains="financien").replace(confirmed=("financien", "justitie", "mantelzorg"))
    request = a_request(answered(known, boete=("politie",), weg="politie"))

    assert [(part.code, part.source) for part in request.domains] == [
        ("financien", "story"),
        ("justitie", "answer"),
        ("mantelzorg", "added"),
    ]


FACTS = """
    facts                                          | domains                | under
    -----------------------------------------------+------------------------+----------------------------------------------
    dreiging:energie_afsluiting                    | financien huisvesting  | financien: Er dreigt: afsluiten van gas, stroom of warmte
    dreiging:energie_afsluiting                    | huisvesting            | huisvesting: Er dreigt: afsluiten van gas, stroom of warmte
    dreiging:energie_afsluiting                    | ~financien             | financien: Er dreigt: afsluiten van gas, stroom of warmte
    dreiging:energie_afsluiting                    | mantelzorg             | -: Er dreigt: afsluiten van gas, stroom of warmte
    dreiging:ontruiming dreiging:water_afsluiting  | financien              | financien: Er dreigt: uit huis gezet worden; financien: Er dreigt: afsluiten van water
    schulden:ja schulden=nee                       | financien              | financien: Schulden: nee
    schulden=weet_niet                             | financien              | financien: Schulden: weet ik niet
    lievelingskleur=rood                           | financien              | -: lievelingskleur: rood
    taal:ar niveau:A2 postcode=7131 leeftijd=18_26 | financien              |
"""


@pytest.mark.parametrize("row", rows(FACTS), ids=lambda row: f"{row[0]} {row[1]}")
def test_a_fact_stands_under_its_domain_or_beside(row: list[str]) -> None:
    facts, domains, expected = row
    found, beside = parts(FLOW, a_known(facts, domains))
    under = [(part.code, fact) for part in found for fact in part.facts]
    told = [f"{code}: {fact.words_nl}" for code, fact in (*under, *(("-", f) for f in beside))]

    assert "; ".join(told) == expected


def test_a_threat_heard_in_the_story_is_a_fact_with_its_words() -> None:
    known = a_known("dreiging:energie_afsluiting", "financien")

    assert a_request(known).domains[0].facts == (
        FactPart(
            question="dreiging",
            value="energie_afsluiting",
            words_nl="Er dreigt: afsluiten van gas, stroom of warmte",
            evidence="“energie_afsluiting”",
        ),
    )


def test_an_answered_fact_names_its_question_and_stands_under_the_domain_of_it() -> None:
    told = Fact(name="kleur", value="ja", source="answer", question="schulden", evidence="jazeker")
    found, _ = parts(FLOW, a_known(domains="mantelzorg financien").replace(facts=(told,)))

    assert found[1].facts == (
        FactPart(question="schulden", value="ja", words_nl="kleur: ja", evidence="jazeker"),
    )


def test_answers_that_are_no_fact_are_told_too() -> None:
    known = answered(
        a_known("schulden=ja", "tijdsbesteding"),
        hobby="vissen",
        boete=("politie", "trein"),
        hond="weet_niet",
        schulden="ja",
        naam="An",
        verhaal="klaar",
    )
    request = a_request(known)

    assert [fact.words_nl for fact in request.domains[0].facts] == ["Hobby: vissen"]
    assert [fact.words_nl for fact in request.facts] == [
        "Schulden: ja",
        "Boete: Van de politie",
        "Boete: Van de trein",
        "Hond: weet ik niet",
    ]


def test_an_answer_that_is_no_fact_keeps_the_own_words() -> None:
    said = Answer(question="hond", value="ja", at=MONDAY, said="zeker, een teckel")
    known = a_known().replace(answers=(said,))

    assert a_request(known).facts == (
        FactPart(question="hond", value="ja", words_nl="Hond: ja", evidence="zeker, een teckel"),
    )


def test_a_skipped_answer_tells_nothing() -> None:
    assert a_request(answered(a_known(), hobby=None)).facts == ()


def test_strengths_are_what_the_person_can_likes_and_wants() -> None:
    known = a_known("wil=werken kan=koken vak:timmerman richting=school schulden=ja")

    assert a_request(known).strengths == ("timmerman", "koken", "werken", "terug naar school")


# ---- left for the contact person --------------------------------------------------------------


def test_questions_that_were_not_answered_are_left_with_the_reason() -> None:
    left = (FLOW.by_key["schulden"], FLOW.by_key["hobby"])
    request = a_request(answered(a_known(), hobby=None), to_ask=left)

    assert request.to_ask == (
        ToAsk(
            question="schulden",
            text_nl="Hebt u schulden?",
            because_nl="Niet gevraagd, om het gesprek kort te houden.",
        ),
        ToAsk(
            question="hobby",
            text_nl="Wat doet u graag?",
            because_nl="De inwoner sloeg deze vraag over.",
        ),
    )


def test_about_another_the_question_is_in_the_words_for_another() -> None:
    left = (FLOW.by_key["schulden"], FLOW.by_key["hobby"])
    request = a_request(a_known("voor_wie=ander"), to_ask=left)

    assert [ask.text_nl for ask in request.to_ask] == [
        "Heeft die persoon schulden?",
        "Wat doet u graag?",
    ]


def test_questions_about_rights_go_to_a_person() -> None:
    asked = Saying(text="heb ik recht op bijstand?", lang="nl", at=MONDAY)
    told = Fact(name="vraagt_verblijf", value="ja", source="story", evidence="mogen wij blijven")
    same = told.replace(name="vraagt_recht", evidence=asked.text)
    known = Known(facts=(told, same))
    request = a_request(known, a_session(questions=(asked,)))

    assert [(ask.question, ask.text_nl) for ask in request.to_ask] == [
        ("vraagt_verblijf", "mogen wij blijven"),
        ("eigen_vraag", "heb ik recht op bijstand?"),
    ]
    assert request.to_ask[0].because_nl.startswith("De inwoner vroeg dit zelf.")


# ---- suggestions ------------------------------------------------------------------------------

PROFILES = """
    facts                         | domains                                                                        | profile         | persona
    ------------------------------+--------------------------------------------------------------------------------+-----------------+--------
    voor_wie=ander weet_ervan=nee | middelengebruik sociaal_netwerk werk_opleiding                                 | sociaal_werker  | p01
                                  | werk_opleiding financien huiselijke_relaties                                   | participatiewet | p02
                                  | werk_opleiding financien huisvesting tijdsbesteding                            | participatiewet | p04
                                  | financien taal_inburgering opvoeden_opgroeien                                  | participatiewet | p06
                                  | financien huisvesting opvoeden_opgroeien geestelijke_gezondheid                | participatiewet | p08
                                  | huisvesting lichamelijke_gezondheid opvoeden_opgroeien sociaal_netwerk mantelzorg | jeugd        | p10
                                  | sociaal_netwerk tijdsbesteding geestelijke_gezondheid                          | sociaal_werker  | p12
    leeftijd=12_15                | financien                                                                      | jeugd           | e03
                                  | basale_adl                                                                     | wmo             |
                                  |                                                                                | sociaal_werker  |
"""


@pytest.mark.parametrize("row", rows(PROFILES), ids=lambda row: f"{row[3]} {row[2]}")
def test_the_profile_that_is_suggested(row: list[str]) -> None:
    facts, domains, profile, _ = row

    assert a_request(a_known(facts, domains)).suggested.contact_profile == profile


def test_partners_are_of_the_municipality_by_domain_or_fact() -> None:
    young = a_request(a_known("postcode=1315 school:gestopt", "tijdsbesteding")).suggested
    worker = a_request(a_known("postcode=1315", "werk_opleiding")).suggested
    nowhere = a_request(a_known("school:gestopt", "werk_opleiding")).suggested

    assert young.partners == ("Learn2Work (de Schoor)", "RMC en Leerplicht")
    assert worker.partners == ("UWV en Werkcentrum",)
    assert nowhere.partners == ()
    assert a_request(flow=a_flow(profiles=())).suggested.contact_profile is None


# ---- place and time ---------------------------------------------------------------------------


def test_an_unknown_place_has_no_municipality_and_no_running_clock() -> None:
    request = a_request(a_known("plaats=Atlantis", "basale_adl"))

    assert (request.place.gm, request.place.place) == (None, "Atlantis")
    assert request.routing.queue == "onbekend"
    assert {clock.status for clock in request.clocks} == {"possible"}


THREATS = """
    said              | told             | created                   | level
    ------------------+------------------+---------------------------+---------------
    donderdag         | 2026-11-23T09:00 | 2026-11-23T10:00:00+01:00 | drie_werkdagen
    donderdag         | 2026-11-25T09:00 | 2026-11-25T10:00:00+01:00 | vandaag
    donderdag         | 2026-11-23T09:00 | 2026-11-26T10:00:00+01:00 | vandaag
    morgen            | 2026-11-23T09:00 | 2026-11-23T10:00:00+01:00 | vandaag
    ooit              | 2026-11-23T09:00 | 2026-11-23T10:00:00+01:00 | drie_werkdagen
"""


@pytest.mark.parametrize("row", rows(THREATS), ids=lambda row: f"{row[0]} of {row[1]} on {row[2]}")
def test_a_threat_of_today_or_tomorrow_is_for_today(row: list[str]) -> None:
    """Persona p08: "donderdag" on Monday is three working days; on Wednesday it is tomorrow."""
    said, told, created, level = row
    told_at = datetime.fromisoformat(f"{told}+00:00")
    session = a_session(f"De stroom gaat er {said} af.", told_at=told_at)
    before = Saying(text="Hallo.", lang="nl", at=told_at - timedelta(days=7))
    session = session.replace(story=(before, *session.story))
    known = a_known(f"dreiging:energie_afsluiting dreiging_wanneer:{said}")
    request = a_request(known, session, created_at=datetime.fromisoformat(created))

    assert request.urgency.level == level


def test_a_day_is_read_in_the_language_in_which_it_was_said() -> None:
    """On Wednesday: Thursday is tomorrow, Friday is not."""
    known = a_known("dreiging:energie_afsluiting dreiging_wanneer:donderdag")
    wednesday = MONDAY + timedelta(days=2)

    def level(lang: str) -> str:
        session = a_session("donderdag", lang=lang, told_at=wednesday)
        return a_request(known, session, created_at=wednesday).urgency.level

    assert (level("nl"), level("xx")) == ("vandaag", "drie_werkdagen")


def test_an_answered_date_is_read_from_the_day_of_the_session() -> None:
    known = a_known("dreiging=ontruiming dreiging_wanneer=2026-11-24")

    assert a_request(known).urgency.level == "vandaag"


def test_building_is_pure() -> None:
    assert khaled() == khaled()


def test_without_names_a_request_is_still_built() -> None:
    request = a_request(a_known("schulden=ja", "financien"), flow=a_flow(names=Names()))

    assert request.domains[0].facts[0].words_nl == "fact.line"
    assert request.summary_nl
