"""The quick walk comes to the same as the plain one, for any flow, session and story.

`path.walk` looks only at the questions that can be on the path. `plain_walk` looks at all of
them, with the rules as they are written, and remembers nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from intakebot.core.facts import Fact, Known
from intakebot.core.flow import (
    AllOf,
    AnswerIn,
    AnyOf,
    Choice,
    DomainIn,
    FactIn,
    Flow,
    Kind,
    Not,
    Question,
    Rank,
    Rule,
    SignalIn,
)
from intakebot.core.flow import Known as IsKnown
from intakebot.core.law.conditions import holds
from intakebot.core.law.ledger import Ledger, quick
from intakebot.core.reading.parsing import SpokenData, compile_spoken
from intakebot.core.session import Answer, Saying, Session, Signal, Tongue
from intakebot.core.talking.moves import changeable
from intakebot.core.talking.path import Path, basis, walk
from tests.bench.growth_flow import ALWAYS, grown
from tests.conversation import MONDAY, shipped_flow
from tests.core import inhabitant, plain_walk
from tests.core.law import a_known
from tests.core.stage import a_flow, a_question, a_session

KEYS = tuple(f"v{number}" for number in range(7))
FACTS = ("voor_wie", "postcode", "plaats", "dreiging_wanneer", "geel")
VALUES = ("ja", "ander", "7101", "2026-11-26", "financien")
TWO_DAYS = "De stroom wordt donderdag afgesloten en vrijdag worden wij uit huis gezet."
STORIES = (*inhabitant.STORIES, TWO_DAYS)
CODES = ("financien", "huisvesting", "werk_opleiding")
CATEGORIES = ("immediate", "suicide", "violence")

names, values = st.sampled_from(FACTS), st.sampled_from(VALUES)
among = st.lists(values, min_size=1, max_size=3, unique=True).map(tuple)
leaves: st.SearchStrategy[Rule] = st.one_of(
    st.builds(AnswerIn, question=st.sampled_from(KEYS), among=among),
    st.builds(FactIn, name=names, among=among),
    st.builds(IsKnown, name=names),
    st.builds(DomainIn, among=st.lists(st.sampled_from(CODES), max_size=2).map(tuple)),
    st.builds(
        SignalIn,
        among=st.lists(st.sampled_from(CATEGORIES), max_size=2).map(tuple),
        strength=st.sampled_from(("hard", "soft")),
    ),
)
rules: st.SearchStrategy[Rule] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(AllOf, of=st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, of=st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, of=inner),
    ),
    max_leaves=6,
)
signals = st.lists(
    st.builds(
        Signal,
        category=st.sampled_from(CATEGORIES),
        strength=st.sampled_from(("hard", "soft")),
        question=st.none(),
        words=st.just("zo gezegd"),
    ),
    max_size=2,
).map(tuple)


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """A flow of a few questions of every kind, that hang together in any way."""
    return a_flow(*(draw(_questions(key)) for key in KEYS[: draw(st.integers(1, len(KEYS)))]))


@st.composite
def _questions(draw: st.DrawFn, key: str) -> Question:
    chosen = st.builds(
        Choice,
        id=values,
        label=st.just("Zo"),
        sets=st.dictionaries(names, values, max_size=2),
        domain=st.none() | st.sampled_from(CODES),
    )
    return a_question(
        key,
        draw(st.sampled_from(Kind)),
        fact=draw(st.none() | names),
        rank=draw(st.none() | st.sampled_from(Rank)),
        when=draw(st.one_of(st.none(), leaves, leaves, rules)),
        depends=draw(st.lists(st.sampled_from(KEYS), max_size=2).map(tuple)),
        assumed=draw(st.none() | st.none() | values),
        calls=draw(st.booleans()),
        private=draw(st.booleans()),
        choices=tuple(draw(st.lists(chosen, max_size=3, unique_by=lambda one: one.id))),
    )


@st.composite
def sessions(draw: st.DrawFn, flow: Flow) -> Session:
    """A session in which some of the questions were answered, on this ground or on another."""
    session = a_session(
        scope=draw(st.sampled_from(("web", "short"))),
        tongue=draw(st.sampled_from((None, Tongue(lang="nl", level="A2"), Tongue(lang="ar")))),
        story=tuple(
            Saying(text=text, lang="nl", at=MONDAY)
            for text in draw(st.lists(st.sampled_from(STORIES), max_size=2))
        ),
        signals=draw(signals),
        danger_now=draw(st.sampled_from((None, True, False))),
        wants_call=draw(st.booleans()),
    )
    questions = flow.revision.questions()
    for question in draw(st.permutations(questions))[: draw(st.integers(0, len(KEYS)))]:
        value = draw(st.none() | values | st.lists(st.sampled_from(CODES), max_size=2).map(tuple))
        ground = basis(question, plain_walk.walk(flow, session).known)
        answer = Answer(
            question=question.key,
            value=value,
            at=MONDAY,
            said=draw(st.none() | st.just("zoiets")),
            basis=draw(st.sampled_from((ground, ground, ground, "v0=anders"))),
        )
        session = session.replace(answers=(*session.answers, answer))
    edited = st.none() | st.sampled_from((*questions, a_question("taal"))).map(lambda q: q.key)
    return session.replace(editing=draw(edited))


@given(st.data())
def test_the_quick_walk_is_the_plain_walk(data: st.DataObject) -> None:
    flow = data.draw(flows())
    session = data.draw(sessions(flow))
    path = walk(flow, session)
    event(f"passed {min(len(path.passed), 4)}, left {min(len(path.left), 2)}")

    assert plain_walk.walk(flow, session) == path
    assert walk(flow, session) is path, "it is remembered"
    assert plain_walk.changeable(flow, session) == changeable(flow, session)


SHIPPED = shipped_flow()
GROWN = grown(SHIPPED, 150)


@pytest.mark.parametrize("flow", [SHIPPED, GROWN], ids=["shipped", "grown"])
@given(data=st.data())
def test_so_it_is_with_the_questions_that_people_get(flow: Flow, data: st.DataObject) -> None:
    """The open question is answered in a way that fits, again and again; then one is taken back."""
    story = data.draw(st.lists(st.sampled_from(inhabitant.STORIES), max_size=3))
    session = a_session(
        story=tuple(Saying(text=text, lang="nl", at=MONDAY) for text in story),
        signals=data.draw(signals),
        wants_call=data.draw(st.sampled_from((False, False, False, True))),
    )
    for _ in range(data.draw(st.integers(0, 16))):
        path = walk(flow, session)
        assert plain_walk.walk(flow, session) == path
        if path.open is None:
            break
        session = _answered(data, session, path.open, path.known)
    if session.answers:
        at = data.draw(st.integers(0, len(session.answers) - 1))
        other = session.answers[at].replace(value=None)
        taken_back = (*session.answers[:at], other, *session.answers[at + 1 :])
        session = session.replace(answers=taken_back)
    event(f"answered {len(session.answers) // 4 * 4} or more")

    assert plain_walk.walk(flow, session) == walk(flow, session)
    assert plain_walk.changeable(flow, session) == changeable(flow, session)


def _answered(data: st.DataObject, session: Session, question: Question, known: Known) -> Session:
    ids = [choice.id for choice in question.choices] or ["ja", "nee", "7101", "2026-11-26"]
    many = question.kind in (Kind.CHOICES, Kind.DOMAINS)
    value = data.draw(
        st.lists(st.sampled_from(ids), unique=True, max_size=3).map(tuple)
        if many
        else st.none() | st.sampled_from(ids)
    )
    later = MONDAY + timedelta(minutes=len(session.answers))
    ground = basis(question, known)
    answer = Answer(question=question.key, value=value, at=later, basis=ground)
    kept = tuple(one for one in session.answers if one.question != question.key)
    return session.replace(answers=(*kept, answer))


@given(rules, st.data())
def test_a_quick_rule_is_the_rule(rule: Rule, data: st.DataObject) -> None:
    known = data.draw(st.builds(Known, signals=signals))
    ledger = Ledger((), (), known.signals, danger_now=False)
    for number, name in enumerate(data.draw(st.lists(names, max_size=4))):
        source = data.draw(st.sampled_from(("story", "answer")))
        fact = msgspec.convert(
            {"name": name, "value": data.draw(values), "source": source, "question": f"v{number}"},
            Fact,
        )
        known = known.replace(facts=(*known.facts, fact))
        ledger.add((fact,))
    for key in data.draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=3)):
        value = data.draw(st.none() | values | among)
        answer = Answer(question=key, value=value, at=MONDAY)
        known = known.replace(answers=(*known.answers, answer))
        ledger.note(answer)
    confirmed = data.draw(st.lists(st.sampled_from(CODES), max_size=2).map(tuple))
    known, ledger.confirmed = known.replace(confirmed=confirmed), confirmed
    event(f"holds: {holds(rule, known)}")

    assert holds(rule, known) == quick(rule)(ledger)
    assert known == ledger.known()
    assert [known.value(name) for name in FACTS] == [ledger.value(name) for name in FACTS]


def test_an_answer_wakes_the_questions_that_look_at_it_and_a_taken_back_one_does_not() -> None:
    first = a_question("v1", Kind.YES_NO, fact="geel")
    by_answer = a_question("v2", when=AnswerIn(question="v1", among=("ja",)))
    by_fact = a_question("v3", when=FactIn(name="geel", among=("ja",)))
    either = a_question("v4", when=AnyOf(of=(IsKnown(name="rood"), IsKnown(name="geel"))))
    never = a_question("v5", when=AnyOf(of=()))
    always = a_question("v6", when=AllOf(of=(AllOf(of=()), Not(of=IsKnown(name="rood")))))
    flow = a_flow(first, by_answer, by_fact, either, never, always)

    def waiting(value: str | None) -> list[str]:
        answer = Answer(question="v1", value=value, at=MONDAY)
        session, asked = a_session(answers=(answer,)), []
        while (found := walk(flow, session)).open is not None:
            assert found == plain_walk.walk(flow, session)
            asked.append(found.open.key)
            skipped = Answer(question=found.open.key, value=None, at=MONDAY)
            session = session.replace(answers=(*session.answers, skipped))
        return asked

    assert waiting("ja") == ["v2", "v3", "v4", "v6"]
    assert waiting("nee") == ["v4", "v6"]
    assert waiting(None) == ["v6"]


def test_of_two_days_that_were_heard_is_asked_which_whatever_the_rule_says() -> None:
    rule = FactIn(name="geel", among=("ja",))
    day = a_question("wanneer", Kind.DATE, fact="dreiging_wanneer", when=rule)
    session = a_session(story=(Saying(text=TWO_DAYS, lang="nl", at=MONDAY),))
    path = walk(a_flow(day), session)

    assert path.open == day
    assert plain_walk.walk(a_flow(day), session) == path


def test_a_flow_can_have_any_number_of_questions() -> None:
    assert [len(grown(SHIPPED, count).by_key) for count in (10, 100, 1000)] == [10, 100, 1000]
    assert tuple(grown(SHIPPED, 10).by_key) == ALWAYS


def test_most_questions_of_a_large_flow_are_not_looked_at() -> None:
    """What makes a turn with many questions as quick as one with few."""
    found = grown(SHIPPED, 1000).milestones

    assert len(found.always) < 20
    assert sum(len(places) for entry, places in found.woken.items() if entry[0] == "domain") < 200


def test_a_question_stands_on_what_is_known_without_its_own_answer() -> None:
    rule = FactIn(name="geel", among=("ja",))
    sets = (Choice(id="zo", label="Zo", sets={"geel": "ja"}),)
    first = a_question("v1", Kind.CHOICE, choices=sets)
    again = a_question("v2", Kind.YES_NO, fact="geel", when=rule)
    flow = a_flow(first, again)
    answers = (
        Answer(question="v1", value="zo", at=MONDAY),
        Answer(question="v2", value="nee", at=MONDAY),
    )
    session = a_session(answers=answers)

    assert [question.key for question in walk(flow, session).passed] == ["v1"]
    assert plain_walk.walk(flow, session) == walk(flow, session)


def test_of_two_days_that_were_answered_is_asked_which_if_the_rule_says_so() -> None:
    def one(key: str, day: str) -> Question:
        sets = (Choice(id="zo", label="Zo", sets={"dag": day}),)
        return a_question(key, Kind.CHOICE, choices=sets)

    def a_day(key: str, day: str) -> Question:
        return a_question(
            key, Kind.DATE, fact="dag", when=FactIn(name="dag", among=(day,)), rank=Rank.LAW
        )

    flow = a_flow(
        one("v1", "2026-11-26"),
        one("v2", "2026-11-27"),
        a_day("v3", "2026-11-26"),
        a_day("v4", "2026-11-27"),
    )
    answers = tuple(Answer(question=key, value="zo", at=MONDAY) for key in ("v1", "v2"))
    session = a_session(answers=answers)

    assert walk(flow, session).open == flow.by_key["v4"], "the last answer counts"
    assert plain_walk.walk(flow, session) == walk(flow, session)


def answers(**given: str | tuple[str, ...] | None) -> tuple[Answer, ...]:
    """These answers, given on Monday."""
    return tuple(Answer(question=key, value=value, at=MONDAY) for key, value in given.items())


def told(*texts: str) -> tuple[Saying, ...]:
    """A story in these messages, a day after each other."""
    days = enumerate(texts)
    return tuple(Saying(text=text, lang="nl", at=MONDAY + timedelta(days=n)) for n, text in days)


def walked(flow: Flow, **parts: object) -> Path:
    """The path, when both walks agree on it."""
    session = a_session(**parts)
    found = walk(flow, session)
    assert plain_walk.walk(flow, session) == found
    return found


def keys(questions: tuple[Question, ...]) -> list[str]:
    """The questions by their keys."""
    return [question.key for question in questions]


@pytest.mark.parametrize(
    ("parts", "known"),
    [
        ({}, {"taal": "nl"}),
        ({"tongue": None}, {"taal": "nl"}),
        ({"tongue": Tongue(lang="ar")}, {"taal": "ar"}),
        ({"tongue": Tongue(lang="nl", level="A2")}, {"taal": "nl", "niveau": "A2"}),
        ({"danger_now": True}, {"taal": "nl", "gevaar_nu": "ja"}),
        ({"danger_now": False}, {"taal": "nl", "gevaar_nu": "nee"}),
        ({"wants_call": True}, {"taal": "nl", "bellen": "ja"}),
    ],
)
def test_what_is_known_before_any_answer(parts: dict[str, object], known: dict[str, str]) -> None:
    found = walked(a_flow(a_question("v1")), **parts).known

    assert found.facts == tuple(
        Fact(name=name, value=value, source="story") for name, value in known.items()
    )
    assert found.danger_now == (parts.get("danger_now") is True)


@pytest.mark.parametrize(
    ("given", "area"),
    [
        ({}, None),
        ({"postcode": "7101"}, "bekend"),
        ({"plaats": "Winterswijk"}, "bekend"),
        ({"postcode": "7101", "plaats": "Groenlo"}, "bekend"),
        ({"postcode": "9999", "plaats": "Groenlo"}, "bekend"),
        ({"postcode": "3461"}, "bekend"),  # a neighbour
        ({"postcode": "9999"}, "onbekend"),
        ({"plaats": "Timboektoe"}, "onbekend"),
    ],
)
def test_a_place_is_one_that_we_know_or_not(given: dict[str, str], area: str | None) -> None:
    flow = a_flow(
        a_question("postcode", Kind.POSTCODE, fact="postcode"),
        a_question("plaats", Kind.PLACE, fact="plaats"),
        a_question("bekend", when=FactIn(name="gebied", among=("bekend",))),
        a_question("onbekend", when=FactIn(name="gebied", among=("onbekend",))),
    )
    missing = {key: None for key in ("postcode", "plaats") if key not in given}
    found = walked(flow, answers=answers(**given, **missing))

    assert found.known.value("gebied") == area
    assert (found.open.key if found.open else None) == area


def test_a_told_postcode_is_known_once_whoever_asks_for_it() -> None:
    first, second = (a_question(key, Kind.POSTCODE, fact="postcode") for key in ("v1", "v2"))
    found = walked(a_flow(first, second), story=told("Ik woon in 7101"))

    assert [fact.value for fact in found.known.facts if fact.name == "postcode"] == ["7101"]
    assert found.open is None


def test_a_life_domain_of_the_story_counts_before_anybody_confirmed_it() -> None:
    money = a_question("v1", when=DomainIn(among=("financien",)))
    flow = a_flow(money)

    assert walked(flow, story=told("Ik heb schulden")).open == money
    assert walked(flow).open is None


def test_a_story_is_heard_in_the_language_of_the_conversation() -> None:
    """Dutch "arm" is poor, and in English it can hurt."""
    money = a_question("v1", when=DomainIn(among=("financien",)))
    flow = a_flow(money)

    assert walked(flow, story=told("arm")).open == money
    assert walked(flow, story=told("arm"), tongue=Tongue(lang="en")).open is None


def test_what_an_answer_stands_on_is_forgotten_for_its_own_question_only() -> None:
    sets = (Choice(id="zo", label="Zo", sets={"geel": "ja"}),)
    flow = a_flow(
        a_question("v1", Kind.CHOICE, choices=sets),
        a_question("v2", Kind.YES_NO, fact="geel", when=Not(of=IsKnown(name="geel"))),
        a_question("v3", Kind.YES_NO, fact="geel", when=FactIn(name="geel", among=("ja",))),
        a_question("v4", when=FactIn(name="geel", among=("ja",))),
    )
    both = walked(flow, answers=answers(v1="zo", v2="ja"))
    off = walked(flow, answers=answers(v1="zo", v3="nee"))

    assert keys(both.passed) == ["v1", "v2"]
    assert (keys(off.passed), off.open) == (["v1"], flow.by_key["v4"])


def test_an_assumed_answer_has_no_words_of_anybody() -> None:
    found = walked(a_flow(a_question("v1", fact="geel", assumed="ja")))

    assert [one.evidence for one in found.known.facts if one.name == "geel"] == [""]


def test_of_the_life_domains_only_a_new_one_asks_again() -> None:
    flow = a_flow(a_question("v1", Kind.DOMAINS, choices=SHIPPED.by_key["domeinen"].choices))
    given = answers(v1=("financien",))[0].replace(basis="financien,huisvesting")

    assert walked(flow, answers=(given,), story=told("Ik heb schulden")).open is None
    lonely = walked(flow, answers=(given,), story=told("Ik heb schulden", "ik ben zo alleen"))
    assert lonely.open is not None


def test_any_other_ground_of_an_answer_asks_again() -> None:
    flow = a_flow(
        a_question("v1", Kind.CHOICES, choices=SHIPPED.by_key["domeinen"].choices),
        a_question("v2", depends=("v1",)),
    )
    later = answers(v2="ja")[0].replace(basis="v1=financien,huisvesting")

    assert walked(flow, answers=(*answers(v1=("financien", "huisvesting")), later)).open is None
    assert walked(flow, answers=(*answers(v1=("financien",)), later)).open == flow.by_key["v2"]


def test_what_an_answer_stands_on_is_written_in_one_way() -> None:
    """It is kept in the store: written in another way everybody would be asked all of it again."""
    flow = a_flow(
        a_question("v1", Kind.CHOICES, choices=SHIPPED.by_key["domeinen"].choices),
        a_question("v2"),
        a_question("v3"),
        a_question("v4", depends=("v1", "v2", "v3")),
        a_question("v5", Kind.DOMAINS),
    )
    given = answers(v1=("financien", "huisvesting"), v2="ja", v3=None)
    known = walked(flow, answers=given, story=told("Ik heb schulden en ik ben zo alleen")).known

    assert basis(flow.by_key["v4"], known) == "v1=financien,huisvesting;v2=ja;v3="
    assert basis(flow.by_key["v5"], known) == "financien,sociaal_netwerk"
    assert basis(flow.by_key["v1"], known) == ""


def test_what_two_facts_ask_for_is_told_once() -> None:
    sets = (Choice(id="zo", label="Zo", sets={"geel": "ja", "postcode": "ja"}),)
    either = AnyOf(of=(FactIn(name="geel", among=("ja",)), IsKnown(name="postcode")))
    flow = a_flow(
        a_question("v1", Kind.CHOICE, choices=sets), a_question("v2", Kind.STATEMENT, when=either)
    )

    assert keys(walked(flow, answers=answers(v1="zo")).statements) == ["v2"]


def test_a_day_is_counted_from_the_message_that_names_it() -> None:
    """In the language of the conversation; where nobody asks for a day its words stay."""
    day = a_question("v1", Kind.DATE, fact="dreiging_wanneer")
    story = told("Ik heb schulden", "en zo", "en meer", "De stroom wordt donderdag afgesloten")
    of_days = a_flow(day)
    words = {lang: SpokenData(weekdays={"donderdag": n}) for n, lang in enumerate(("nl", "xx"), 4)}
    other = replace(of_days, spoken=compile_spoken(words))
    xx = Tongue(lang="xx")

    for tongue in (Tongue(lang="nl"), None):
        found = walked(of_days, story=story, tongue=tongue).known
        assert found.value(day.fact or "") == "2026-12-03"
    assert walked(other, story=story[3:]).known.value(day.fact or "") == "2026-12-03"
    assert walked(other, story=story[3:], tongue=xx).known.value(day.fact or "") == "2026-11-27"
    plain = walked(a_flow(a_question("v1")), story=story).known.value(day.fact or "")
    assert plain == "donderdag"


def test_a_heard_fact_that_names_no_day_stays_as_it_is() -> None:
    day = a_question("v1", Kind.DATE, fact="schulden")

    assert walked(a_flow(day), story=told("Wij lopen achter")).known.value("schulden") is None
    assert walked(a_flow(day), story=told("Ik heb schulden")).known.value("schulden") == "ja"


PLANS = tuple(a_question(f"plan{n}", rank=Rank.PLAN) for n in range(14))
LAWS = tuple(a_question(f"wet{n}", rank=Rank.LAW) for n in range(14))
SAFE = tuple(a_question(f"veilig{n}", rank=Rank.SAFETY) for n in range(14))
HOME = a_question("postcode", Kind.POSTCODE, fact="postcode")
TOWN = a_question("plaats", Kind.PLACE, fact="plaats")
SAID = a_question("zin", Kind.STATEMENT)
FIXED = tuple(a_question(f"vast{n}", Kind.YES_NO) for n in range(11))
SOFT = tuple(a_question(f"zacht{n}") for n in range(3))


@pytest.mark.parametrize(
    ("questions", "given", "left"),
    [
        ((HOME, *PLANS), {}, {"plan": 6}),
        ((HOME, TOWN, *PLANS), {}, {"plan": 6}),  # the place may be needless yet
        ((TOWN, *PLANS), {}, {"plan": 6}),
        (PLANS, {}, {"plan": 5}),
        ((SAID, *PLANS), {"zin": ""}, {"plan": 5}),
        ((*FIXED, *SAFE[:1]), {}, {"veilig": 1}),
        ((*FIXED[:10], *SAFE[:2]), {}, {"veilig": 1}),
        ((*SOFT, *SAFE[:10]), {}, {"zacht": 2}),
        ((*SOFT, *SAFE), {}, {"veilig": 3, "zacht": 3}),
        ((*SOFT, *LAWS), {}, {"wet": 6}),
    ],
)
def test_what_does_not_fit_is_left_and_no_more(
    questions: tuple[Question, ...], given: dict[str, str], left: dict[str, int]
) -> None:
    """What presses goes before what is soft; a law that starts no clock goes after it."""
    found = walked(a_flow(*questions), answers=answers(**given)).left

    assert left == Counter(question.key.rstrip("0123456789") for question in found)


@pytest.mark.parametrize(
    ("found", "asked"),
    [("violence!", ["hard", "ook_zacht"]), ("violence", ["ook_zacht"]), ("suicide!", [])],
)
def test_a_safety_question_is_asked_when_its_signal_was_found(found: str, asked: list[str]) -> None:
    """A rule for hard signals leaves weak ones alone."""
    flow = a_flow(
        a_question("hard", when=SignalIn(among=("violence",))),
        a_question("ook_zacht", when=SignalIn(among=("child", "violence"), strength="soft")),
    )

    assert waiting_in(flow, signals=a_known(signals=found).signals) == asked


def test_what_is_not_known_can_be_a_reason_to_ask() -> None:
    """Of the parts of an "or" one that needs nothing is enough, also when none needs a thing."""
    rood, geel = IsKnown(name="rood"), IsKnown(name="geel")
    flow = a_flow(
        a_question("een", when=AnyOf(of=(rood, Not(of=geel)))),
        a_question("geen", when=AnyOf(of=(Not(of=rood), Not(of=geel)))),
    )

    assert waiting_in(flow) == ["een", "geen"]


def test_each_of_several_ticks_counts_as_an_answer() -> None:
    sets = (Choice(id="rood", label="Rood"), Choice(id="blauw", label="Blauw", sets={"zee": "ja"}))
    flow = a_flow(
        a_question("v1", Kind.CHOICES, fact="kleur", choices=sets),
        a_question("rood", when=AnswerIn(question="v1", among=("rood",))),
        a_question("blauw", when=FactIn(name="kleur", among=("blauw",))),
        a_question("zee", when=FactIn(name="zee", among=("ja",))),
    )

    assert waiting_in(flow, answers(v1=("rood", "blauw"))) == ["rood", "blauw", "zee"]


def test_an_answer_brings_the_life_domain_of_its_own_choice_only() -> None:
    """Also where the id of one choice stands within the id of another."""
    chosen = (
        Choice(id="werk", label="Werk", domain="werk_opleiding", sets={"zoekt": "ja"}),
        Choice(id="huiswerk", label="Huiswerk", domain="opvoeden_opgroeien"),
    )
    flow = a_flow(a_question("v1", Kind.CHOICE, choices=chosen))
    known = walked(flow, answers=answers(v1="huiswerk")).known

    assert known.confirmed == ("opvoeden_opgroeien",)
    assert known.value("zoekt") is None


def test_an_answer_takes_the_place_of_what_was_told_and_of_no_other_answer() -> None:
    """Each fact keeps the own words that it was answered in."""
    sets = (Choice(id="zo", label="Zo", sets={"schulden": "nee", "geel": "nee"}),)
    first = a_question("v1", Kind.YES_NO, fact="geel")
    flow = a_flow(first, a_question("v2", Kind.CHOICE, choices=sets))
    one, two = answers(v1="ja", v2="zo")
    said = (one.replace(said="jazeker"), two.replace(said="zo dan"))
    facts = walked(flow, story=told("Ik heb schulden"), answers=said).known.facts

    assert [(f.name, f.value, f.question, f.evidence) for f in facts if f.name != "taal"] == [
        ("geel", "ja", "v1", "jazeker"),
        ("schulden", "nee", "v2", "zo dan"),
        ("geel", "nee", "v2", "zo dan"),
    ]


def test_where_the_place_is_known_nobody_is_asked_whether_it_is() -> None:
    home = a_question("postcode", Kind.POSTCODE, fact="postcode")
    flow = a_flow(home, a_question("gebied", Kind.YES_NO, fact="gebied"))

    assert walked(flow, answers=answers(postcode="7101")).open is None
    assert walked(flow, answers=answers(postcode=None)).open == flow.by_key["gebied"]


@pytest.mark.parametrize("order", [1, -1])
def test_a_question_is_looked_at_when_the_rarest_thing_that_it_needs_is_there(order: int) -> None:
    """What makes a turn quick where many questions need something that nearly everybody has."""
    common: Rule = FactIn(name="taal", among=("nl",))
    rare = [IsKnown(name=f"zelden{n}") for n in range(6)]
    every: tuple[Rule, ...] = (*rare, AnyOf(of=(rare[0], rare[1])))
    needs = [(common, one)[::order] for one in every]
    flow = a_flow(*(a_question(f"v{n}", when=AllOf(of=of)) for n, of in enumerate(needs)))

    assert flow.milestones.always == ()
    assert set(flow.milestones.woken) == {("fact", one.name, None) for one in rare}


def waiting_in(flow: Flow, given: tuple[Answer, ...] = (), **parts: object) -> list[str]:
    """The questions that are asked, one after the other, when nobody answers any of them."""
    asked: list[str] = []
    while (found := walked(flow, answers=given, **parts).open) is not None:
        asked.append(found.key)
        given += answers(**{found.key: None})
    return asked
