"""The plain walk past all questions, one by one: what `path.walk` must come to.

It is the definition, written to be read; the engine's own walk looks only at questions that can
be on the path.
"""

from __future__ import annotations

from functools import partial

from intakebot.core.facts import Fact, Known
from intakebot.core.flow import RANKS, Flow, Kind, Question, Rank, facts_in
from intakebot.core.hearing.domains import Hearing
from intakebot.core.law.clocks import dutch_day
from intakebot.core.law.conditions import holds
from intakebot.core.law.routing import place_of
from intakebot.core.limits import QUESTIONS_AIM, QUESTIONS_MAX
from intakebot.core.reading.dates import read_date
from intakebot.core.session import Answer, Session
from intakebot.core.talking import wording
from intakebot.core.talking.path import Path, basis

# The last turn of what presses: safety, and facts that start a legal term.
LAST_PRESSING = (RANKS.index(Rank.LAW), 0)
# Of the questions without a rank: who keeps a place first when safety and law need it.
GIVES_WAY = (Kind.CHOICE, Kind.PLACE, Kind.NAME, Kind.TEXT)


def walk(flow: Flow, session: Session) -> Path:
    """The path of this session. Pure and total; linear in the number of questions."""
    known = _with_area(flow, _from_story(flow, session))
    passed: list[Question] = []
    statements: list[Question] = []
    waiting: list[Question] = []
    for question in flow.revision.questions():
        if question.fact == "postcode" and not any(map(_asks_whom, waiting)):
            known = _with_own_postcode(flow, session, known)
        known, standing = _pass(session, question, known)
        known = _with_area(flow, known) if question.fact in ("postcode", "plaats") else known
        if standing == "passed":
            passed.append(question)
        elif standing == "waiting" and question.kind is Kind.STATEMENT:
            statements.append(question)
        elif standing == "waiting":
            waiting.append(question)
    asked, left = _within_budget(flow, passed, waiting)
    skipped = [q for q in passed if q.rank and _value(session, q.key) is None]
    first = _next(flow, asked)
    if session.scope == "short" and first is not None and first.private:
        # In a narrow Telegram what may be asked there goes first; the rest waits for the web.
        first = next((q for q in asked if not q.private), first)
    if session.editing in flow.by_key:
        first = flow.by_key[session.editing]
        statements = []
    return Path(
        known=known,
        passed=tuple(passed),
        statements=tuple(_before(flow, statements, first)),
        open=first,
        left=tuple(left + skipped),
    )


def _from_story(flow: Flow, session: Session) -> Known:
    """What the story and the session tell before any answer is looked at."""
    lang = session.tongue.lang if session.tongue else None
    hearing = _heard(flow, session)
    days = {question.fact for question in flow.revision.questions() if question.kind is Kind.DATE}
    told = [
        _dated(flow, session, fact) if fact.name in days else fact
        for fact in hearing.facts
        if fact.value and fact.name != "postcode"
    ]
    told.append(Fact(name="taal", value=lang or "nl", source="story"))
    if session.tongue and session.tongue.level:
        told.append(Fact(name="niveau", value=session.tongue.level, source="story"))
    if session.danger_now is not None:
        said = "ja" if session.danger_now else "nee"
        told.append(Fact(name="gevaar_nu", value=said, source="story"))
    if session.wants_call:
        told.append(Fact(name="bellen", value="ja", source="story"))
    return Known(
        facts=tuple(told),
        heard=hearing.domains,
        confirmed=tuple(domain.code for domain in hearing.domains),
        signals=session.signals,
        danger_now=bool(session.danger_now),
    )


def _dated(flow: Flow, session: Session, fact: Fact) -> Fact:
    """The day that the story names, as a date; its own words when they name none.

    It is counted from the day on which it was said: "donderdag", "in a week".
    """
    lang = session.tongue.lang if session.tongue else None
    said_at = (saying.at for saying in session.story if fact.value in saying.text)
    said_on = dutch_day(next(said_at, session.started_at))
    day = read_date(flow.spoken, lang, fact.value, said_on)
    return fact if day is None else fact.replace(value=day.isoformat())


def _heard(flow: Flow, session: Session) -> Hearing:
    lang = session.tongue.lang if session.tongue else None
    return flow.hear(tuple(saying.text for saying in session.story), lang)


def _asks_whom(question: Question) -> bool:
    """Whether the answer may be that the story is about somebody else."""
    return question.fact == "voor_wie" or any("voor_wie" in c.sets for c in question.choices)


def _with_own_postcode(flow: Flow, session: Session, known: Known) -> Known:
    """What is known with the postcode of the story: it is where the teller lives."""
    if wording.about_other(known):
        return known
    told = (fact for fact in _heard(flow, session).facts if fact.name == "postcode")
    new = tuple(fact for fact in told if fact not in known.facts)
    return _with_area(flow, known.replace(facts=(*known.facts, *new))) if new else known


def _pass(session: Session, question: Question, known: Known) -> tuple[Known, str]:
    """Walk past one question: what is known after it, and whether it is passed, waiting or off."""
    answer = _answer(session, question.key)
    ground = known
    if answer is not None and question.fact:
        # What was answered here may differ from what was heard: the question then stands.
        rest = tuple(f for f in known.facts if f.name != question.fact)
        ground = known.replace(facts=rest)
    elif question.fact and _is_settled(known, question.fact, question.kind):
        return known, "off"
    if session.wants_call and not question.calls and answer is None:
        return known, "off"
    # What was heard is on the path by itself, and so is the answer that puts it right.
    heard = question.fact is not None and _from_a_story(known, question.fact)
    if question.when is not None and not heard and not holds(question.when, ground):
        return known, "off"
    if answer is None:
        if question.assumed is None:
            return known, "waiting"
        return _learn(question, question.assumed, "", known), "assumed"
    if not _stands(question, answer, known):
        return known, "waiting"
    if answer.value is None or question.kind is Kind.STATEMENT:
        return _with_answer(known, answer), "passed"
    return _with_answer(_learn(question, answer.value, answer.said or "", known), answer), "passed"


def _is_settled(known: Known, name: str, kind: Kind) -> bool:
    """Whether the fact is known; two days in one story are none: which one is asked."""
    values = known.values(name)
    return len(values) == 1 if kind is Kind.DATE else bool(values)


def _from_a_story(known: Known, name: str) -> bool:
    return any(fact.name == name and fact.source == "story" for fact in known.facts)


def _stands(question: Question, answer: Answer, known: Known) -> bool:
    """Whether the answer was given on the ground that is still there."""
    now = basis(question, known)
    if question.kind is Kind.DOMAINS:
        return set(filter(None, now.split(","))) <= set(answer.basis.split(","))
    return now == answer.basis


def _learn(question: Question, value: str | tuple[str, ...], words: str, known: Known) -> Known:
    """What is known once this answer counts; an answer replaces what was heard."""
    values = (value,) if isinstance(value, str) else value
    learnt: list[tuple[str, str]] = []
    codes: list[str] = []
    if question.fact:
        learnt += [(question.fact, one) for one in values]
    for choice in question.choices:
        if choice.id in values:
            learnt += list(choice.sets.items())
            codes += [choice.domain] if choice.domain else []
    named = {name for name, _ in learnt}
    facts = tuple(f for f in known.facts if f.name not in named or f.source == "answer") + tuple(
        Fact(name=name, value=one, source="answer", question=question.key, evidence=words)
        for name, one in learnt
    )
    confirmed = values if question.kind is Kind.DOMAINS else known.confirmed
    confirmed += tuple(code for code in codes if code not in confirmed)
    return known.replace(facts=facts, confirmed=confirmed)


def _with_area(flow: Flow, known: Known) -> Known:
    """Fact `gebied`: whether the place is one that we know (`bekend`) or not (`onbekend`)."""
    postcode, place = known.value("postcode"), known.value("plaats")
    if postcode is None and place is None:
        return known
    found = place_of(flow.region, postcode, place)
    area = "onbekend" if found.municipality is None and found.neighbour is None else "bekend"
    rest = tuple(fact for fact in known.facts if fact.name != "gebied")
    return known.replace(facts=(*rest, Fact(name="gebied", value=area, source="story")))


def _with_answer(known: Known, answer: Answer) -> Known:
    return known.replace(answers=(*known.answers, answer))


def _within_budget(
    flow: Flow, passed: list[Question], waiting: list[Question]
) -> tuple[list[Question], list[Question]]:
    """The questions still to ask, and those that do not fit any more: never more than twelve.

    One place is for the language picker. Statements take none, and neither does the place name
    as long as a postcode may make it needless. Safety and what starts a legal term go first; for
    them, what a person can as well ask later gives way (`GIVES_WAY`).
    """
    needs_place = not any(q.kind is Kind.POSTCODE for q in waiting)
    uncounted = (Kind.STATEMENT,) if needs_place else (Kind.STATEMENT, Kind.PLACE)
    soft = [
        q
        for kind in GIVES_WAY
        for q in waiting
        if q.rank is None and q.kind is kind and kind not in uncounted
    ]
    fixed = [q for q in passed + waiting if q.rank is None and q.kind not in uncounted]
    ranked = sorted((q for q in waiting if q.rank), key=partial(_turn, flow))
    room = QUESTIONS_MAX - 1 - len(fixed) + len(soft) - sum(q.rank is not None for q in passed)
    pressing = [q for q in ranked if _turn(flow, q) <= LAST_PRESSING][: max(room, 0)]
    kept = soft[: max(room - len(pressing), 0)]
    fits = pressing + kept
    for question in (q for q in ranked if q not in pressing):
        least = 0 if question.rank in (Rank.SAFETY, Rank.LAW) else QUESTIONS_MAX - QUESTIONS_AIM
        if room - len(fits) > least:
            fits.append(question)
    left = [q for q in (*ranked, *soft) if q not in fits]
    return [q for q in waiting if q not in left], left


def _next(flow: Flow, asked: list[Question]) -> Question | None:
    """The first question; when that is a follow-up, the follow-up of the first rank."""
    if not asked or asked[0].rank is None:
        return asked[0] if asked else None
    return min((q for q in asked if q.rank), key=partial(_turn, flow))


def _before(flow: Flow, statements: list[Question], first: Question | None) -> list[Question]:
    """The statements that stand before the open question."""
    if first is None:
        return statements
    order = [question.key for question in flow.revision.questions()]
    return [s for s in statements if order.index(s.key) < order.index(first.key)]


def _answer(session: Session, key: str) -> Answer | None:
    return next((a for a in session.answers if a.question == key), None)


def _value(session: Session, key: str) -> str | tuple[str, ...] | None:
    answer = _answer(session, key)
    return answer.value if answer else None


def _plain(answer: Answer | None) -> str:
    if answer is None or answer.value is None:
        return ""
    return answer.value if isinstance(answer.value, str) else ",".join(answer.value)


def _turn(flow: Flow, question: Question) -> tuple[int, int]:
    """When a follow-up question is asked: by its rank, what starts a clock before the rest."""
    clock_facts = {name for clock in flow.revision.clocks for name in facts_in(clock.when)}
    learns = {question.fact} | {name for choice in question.choices for name in choice.sets}
    rank = RANKS.index(question.rank or Rank.PLAN)
    return rank, int(clock_facts.isdisjoint(learns))


def changeable(flow: Flow, session: Session) -> tuple[str, ...]:
    """The keys of the lines that can be changed, found by looking at every question."""
    path = walk(flow, session)
    passed = {question.key for question in path.passed}
    heard = {fact.name for fact in path.known.facts if fact.question is None}
    heard |= {fact.name for fact in path.known.facts if fact.question not in passed}
    questions = [
        question
        for question in flow.revision.questions()
        if question.kind not in (Kind.STATEMENT, Kind.READ_BACK)
    ]
    chosen = {q.key for fact in heard if (q := _line_of(questions, fact, path.known)) is not None}
    keys = (q.key for q in questions if q.key in passed or q.key in chosen)
    return ("taal", *(("bellen",) if session.wants_call else ()), *keys)


def _line_of(questions: list[Question], fact: str, known: Known) -> Question | None:
    fitting = [question for question in questions if question.fact == fact and question.label]
    asked = (q for q in fitting if q.when is None or holds(q.when, known))
    return next(asked, fitting[0] if fitting else None)
