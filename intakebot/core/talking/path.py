"""The path: which questions stand before this person, found by walking the flow.

A session holds no position. From its story and answers follow, in one pass: what is known, which
questions are on the path, which one is open, and what is left for the contact person. An answer
off the path does not count, and an answer whose ground has changed (`basis`) is open again.

Every question is walked past in the order of the flow. Only those are looked at that can be on
the path (`milestones`); that this comes to the same is a law in `tests/core/test_walk.py`, where
the plain walk past all of them stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush

from intakebot.core.facts import Fact, HeardDomain, Known
from intakebot.core.flow import RANKS, Flow, Kind, Question, Rank
from intakebot.core.hearing.domains import Hearing
from intakebot.core.law.clocks import dutch_day
from intakebot.core.law.ledger import Entry, Ledger, confirmed, learnt
from intakebot.core.limits import QUESTIONS_AIM, QUESTIONS_MAX
from intakebot.core.milestones import Milestone, Path
from intakebot.core.reading.dates import read_date
from intakebot.core.session import Answer, Session

__all__ = ["Path", "basis", "proposed", "to_ask", "walk"]

# The last turn of what presses: safety, and facts that start a legal term.
LAST_PRESSING = (RANKS.index(Rank.LAW), 0)
# Of the questions without a rank: who keeps a place first when safety and law need it.
GIVES_WAY = (Kind.CHOICE, Kind.PLACE, Kind.NAME, Kind.TEXT)
# Whether the place of the person is one that we know.
SOMEWHERE = Fact(name="gebied", value="bekend", source="story")
NOWHERE = Fact(name="gebied", value="onbekend", source="story")
# Whether the story holds voice notes, and beside them words that say what it is about; a spoken
# answer beside such words is no fact.
SPOKEN = Fact(name="stem", value="ook", source="story")
ONLY_SPOKEN = Fact(name="stem", value="alleen", source="story")


def walk(flow: Flow, session: Session) -> Path:
    """The path of this session. Pure and total; the last one of each session is remembered."""
    looked_at = (
        session.story,
        session.answers,
        session.tongue,
        session.editing,
        session.scope,
        session.danger_now,
        session.wants_call,
        session.signals,
        session.started_at,
    )
    latest = flow.paths.recall(session.id, list)
    for before, path in latest:
        if before == looked_at:
            return path
    found = _Walk(flow, session).path()
    latest[:] = [(looked_at, found)]
    return found


def basis(question: Question, known: Known) -> str:
    """What an answer to this question stands on now; kept with the answer."""
    given = {answer.question: answer for answer in known.answers} if question.depends else {}
    return _basis(question, known.heard, given)


def _basis(question: Question, heard: tuple[HeardDomain, ...], given: Mapping[str, Answer]) -> str:
    if question.kind is Kind.DOMAINS:
        return ",".join(domain.code for domain in heard)
    return ";".join([f"{key}={_plain(given.get(key))}" for key in question.depends])


def proposed(question: Question, known: Known, earlier: Answer | None) -> tuple[str, ...]:
    """The choices to tick beforehand: what was heard and not yet looked at, and what was said."""
    heard = tuple(domain.code for domain in known.heard) if question.kind is Kind.DOMAINS else ()
    if earlier is None or not isinstance(earlier.value, tuple):
        return heard
    seen = set(earlier.basis.split(","))
    return earlier.value + tuple(c for c in heard if c not in seen and c not in earlier.value)


def to_ask(path: Path) -> tuple[Question, ...]:
    """The follow-up questions left for the contact person: no room, or skipped."""
    return path.left


class _Walk:
    """One walk: the ledger as it grows, and the milestones still to be looked at."""

    def __init__(self, flow: Flow, session: Session) -> None:
        self.flow = flow
        self.session = session
        self.answers = {answer.question: answer for answer in reversed(session.answers)}
        self.ledger = _from_story(flow, session)
        self.passed: list[Milestone] = []
        self.statements: list[Milestone] = []
        self.waiting: list[Milestone] = []
        self.whom_is_open = False
        self.place = -1  # of the milestone that is looked at
        found = flow.milestones
        self.woken = found.woken
        # What is to be looked at: as a heap, and as a set so that each is in the heap once.
        self.due = set(found.always)
        self.due.update(found.by_key[key].place for key in self.answers if key in found.by_key)
        self.todo = sorted(self.due)
        self._wake([("domain", code, None) for code in self.ledger.confirmed])
        self._wake([("signal", category, None) for category in self.ledger.warned])
        self._wake(_named(self.ledger.facts))

    def path(self) -> Path:
        self._with_area()
        every = self.flow.milestones.all
        while self.todo:
            self.place = heappop(self.todo)
            self._look(every[self.place])
        asked, left = _within_budget(self.passed, self.waiting)
        first, statements = self._first(asked), self.statements
        editing = self.flow.milestones.by_key.get(self.session.editing or "")
        if editing is not None:
            first, statements = editing, []
        if first is not None:
            statements = [one for one in statements if one.place < first.place]
        skipped = [
            one
            for one in self.passed
            if one.question.rank and self.answers[one.question.key].value is None
        ]
        return Path(
            known=self.ledger.known(),
            passed=_questions(self.passed),
            statements=_questions(statements),
            open=first.question if first else None,
            left=_questions(left + skipped),
        )

    def _first(self, asked: list[Milestone]) -> Milestone | None:
        """The first question; when that is a follow-up, the follow-up of the first rank."""
        if not asked:
            return None
        first = asked[0]
        if first.question.rank is not None:
            first = min((one for one in asked if one.question.rank), key=_turn)
        if self.session.scope == "short" and first.question.private:
            # In a narrow Telegram what may be asked there goes first; the rest waits for the web.
            first = next((one for one in asked if not one.question.private), first)
        return first

    def _look(self, milestone: Milestone) -> None:
        """Walk past one question."""
        fact = milestone.fact
        if fact == "postcode" and not self.whom_is_open:
            self._with_own_postcode()
        answer = self.answers.get(milestone.key)
        is_off = answer is None and self._is_off(milestone)
        if not is_off and self._holds(milestone, answer):
            self._pass(milestone, answer)
        if milestone.says_where:
            self._with_area()

    def _is_off(self, milestone: Milestone) -> bool:
        """Whether nobody needs to answer this: it is known, or not needed for a call.

        Two days in one story are none: which one is asked.
        """
        named = self.ledger.named.get(milestone.fact) if milestone.fact else None
        if named is not None and not (milestone.is_day and len({f.value for f in named}) > 1):
            return True
        return self.session.wants_call and not milestone.question.calls

    def _holds(self, milestone: Milestone, answer: Answer | None) -> bool:
        """Whether the rule of this question holds."""
        test, fact, ledger = milestone.test, milestone.fact, self.ledger
        if test is None:
            return True
        if fact is None or fact not in ledger.counted:
            return test(ledger)
        # What was heard is on the path by itself, and so is the answer that puts it right.
        if ledger.is_told(fact):
            return True
        if answer is None:
            return test(ledger)
        # What is answered here may differ from what is known: the question then stands.
        known = ledger.counted.pop(fact)
        holds = test(ledger)
        ledger.counted[fact] = known
        return holds

    def _pass(self, milestone: Milestone, answer: Answer | None) -> None:
        """A question on the path: it waits, or what was answered or assumed counts."""
        question = milestone.question
        if answer is None and question.assumed is not None:
            self._learn(question, question.assumed, "")
        elif answer is None or not self._stands(question, answer):
            if question.kind is Kind.STATEMENT:
                self.statements.append(milestone)
            else:
                self.waiting.append(milestone)
                self.whom_is_open = self.whom_is_open or milestone.asks_whom
        else:
            if answer.value is not None and question.kind is not Kind.STATEMENT:
                self._learn(question, answer.value, answer.said or "")
            self.ledger.note(answer)
            self._wake((("answer", question.key, None),))
            self.passed.append(milestone)

    def _stands(self, question: Question, answer: Answer) -> bool:
        """Whether the answer was given on the ground that is still there."""
        if not question.depends and question.kind is not Kind.DOMAINS:
            return not answer.basis
        now = _basis(question, self.ledger.heard, self.ledger.answers)
        if question.kind is Kind.DOMAINS:
            return set(filter(None, now.split(","))) <= set(answer.basis.split(","))
        return now == answer.basis

    def _learn(self, question: Question, value: str | tuple[str, ...], words: str) -> None:
        """What is known once this answer counts; an answer replaces what was heard."""
        facts = learnt(question, value, words)
        if facts:
            self.ledger.learn(facts)
            self._wake(_named(facts))
        before = self.ledger.confirmed
        self.ledger.confirmed = confirmed(question, value, before)
        self._wake([("domain", c, None) for c in self.ledger.confirmed if c not in before])

    def _wake(self, entries: Iterable[Entry]) -> None:
        """Look at the milestones that these entries may put on the path, when they come."""
        for entry in entries:
            for place in self.woken.get(entry, ()):
                if place > self.place and place not in self.due:
                    self.due.add(place)
                    heappush(self.todo, place)

    def _with_own_postcode(self) -> None:
        """The postcode of the story counts: it is where the teller lives."""
        if self.ledger.value("voor_wie") == "ander":
            return
        told = (f for f in _heard(self.flow, self.session).facts if f.name == "postcode")
        new = [fact for fact in told if fact not in self.ledger.named.get("postcode", ())]
        if new:
            self.ledger.add(new)
            self._wake(_named(new))
            self._with_area()

    def _with_area(self) -> None:
        """Fact `gebied`: whether the place is one that we know (`bekend`) or not (`onbekend`)."""
        postcode, place = self.ledger.value("postcode"), self.ledger.value("plaats")
        if postcode is None and place is None:
            return
        found = self.flow.place_of(postcode, place)
        fact = NOWHERE if found.municipality is None and found.neighbour is None else SOMEWHERE
        if self.ledger.facts[-1] is not fact:
            self.ledger.put(fact)
            self._wake(_named((fact,)))


def _named(facts: Iterable[Fact]) -> list[Entry]:
    """The entries of these facts: with their values, and with any value."""
    return [
        entry
        for fact in facts
        for entry in (("fact", fact.name, fact.value), ("fact", fact.name, None))
    ]


def _from_story(flow: Flow, session: Session) -> Ledger:
    """What the story and the session tell before any answer is looked at."""
    lang = session.tongue.lang if session.tongue else None
    hearing = _heard(flow, session)
    told = [
        _dated(flow, session, fact) if fact.name in flow.milestones.days else fact
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
    spoken = [saying for saying in session.story if saying.audio]
    if spoken and not hearing.domains:
        told.append(ONLY_SPOKEN)
    elif any(saying.question is None for saying in spoken):
        told.append(SPOKEN)
    return Ledger(told, hearing.domains, session.signals, danger_now=bool(session.danger_now))


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
    return flow.hear(tuple([saying.text for saying in session.story]), lang)


def _within_budget(
    passed: list[Milestone], waiting: list[Milestone]
) -> tuple[list[Milestone], list[Milestone]]:
    """The questions still to ask, and those that do not fit any more: never more than twelve.

    One place is for the language picker. Statements take none, and neither does the place name
    as long as a postcode may make it needless. Safety and what starts a legal term go first; for
    them, what a person can as well ask later gives way (`GIVES_WAY`).
    """
    needs_place = not any(one.question.kind is Kind.POSTCODE for one in waiting)
    uncounted = (Kind.STATEMENT,) if needs_place else (Kind.STATEMENT, Kind.PLACE)
    usual = [
        one for one in waiting if one.question.rank is None and one.question.kind not in uncounted
    ]
    soft = [one for kind in GIVES_WAY for one in usual if one.question.kind is kind]
    fixed = len(usual) + sum(
        one.question.rank is not None or one.question.kind not in uncounted for one in passed
    )
    ranked = sorted((one for one in waiting if one.question.rank), key=_turn)
    room = QUESTIONS_MAX - 1 - fixed + len(soft)
    pressing = [one for one in ranked if one.turn <= LAST_PRESSING][: max(room, 0)]
    kept = soft[: max(room - len(pressing), 0)]
    fits = {one.place for one in (*pressing, *kept)}
    for one in ranked:
        urgent = one.question.rank in (Rank.SAFETY, Rank.LAW)
        least = 0 if urgent else QUESTIONS_MAX - QUESTIONS_AIM
        if room - len(fits) > least:
            fits.add(one.place)
    left = [one for one in (*ranked, *soft) if one.place not in fits]
    leaves = {one.place for one in left}
    return [one for one in waiting if one.place not in leaves], left


def _turn(milestone: Milestone) -> tuple[int, int]:
    return milestone.turn


def _questions(milestones: Iterable[Milestone]) -> tuple[Question, ...]:
    return tuple([milestone.question for milestone in milestones])


def _plain(answer: Answer | None) -> str:
    if answer is None or answer.value is None:
        return ""
    return answer.value if isinstance(answer.value, str) else ",".join(answer.value)
