"""The quick walk comes to the same as the plain one, for any flow, session and story.

`path.walk` looks only at the questions that can be on the path. `plain_walk` looks at all of
them, with the rules as they are written, and remembers nothing.
"""

from __future__ import annotations

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
from intakebot.core.session import Answer, Saying, Session, Signal, Tongue
from intakebot.core.talking.moves import changeable
from intakebot.core.talking.path import basis, walk
from tests.bench.growth_flow import ALWAYS, grown
from tests.conversation import MONDAY, shipped_flow
from tests.core import inhabitant, plain_walk
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
