"""Moves and asides: what works at every moment, and the little questions that stand in between.

A move is a button whose id begins with `/`, or a control word in the person's language. An aside
is a stored interlude ("keep or throw away?"); anything it does not understand goes on to the
open question.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from intakebot.core.events import (
    Amend,
    Ask,
    Effect,
    Erase,
    Event,
    Pressed,
    Said,
    ShowCard,
    StartAgain,
    Tell,
)
from intakebot.core.facts import Known
from intakebot.core.flow import Flow, Kind, Question
from intakebot.core.law.conditions import holds
from intakebot.core.reading import parsing
from intakebot.core.session import Answer, Aside, Outcome, Session, Signal
from intakebot.core.talking import noticing, wording
from intakebot.core.talking.answering import remembered
from intakebot.core.talking.path import basis, walk

Result = tuple[Session, tuple[Effect, ...]]

LANGUAGE = "taal"
# The line of the wish to be called: like the language it is no question of the flow.
CALL = "bellen"
CHANGE = "/change:"  # and the line that is to be changed
ASIDE_BUTTONS: dict[Aside, tuple[str, ...]] = {
    Aside.STOPPING: ("bewaren", "weggooien", "doorgaan"),
    Aside.RESTARTING: ("ja", "nee"),
    Aside.DANGER: ("ja", "nee"),
    Aside.CALLING: ("ja", "nee"),
    Aside.WITHDRAWING: ("ja", "nee"),
    Aside.ERASING: ("ja", "nee"),
    Aside.CONTACTED: ("ja", "nee", "nog_niet"),
}
# Asides of which the buttons are the lines of what was told.
OF_LINES = (Aside.CHANGING, Aside.CORRECTING)
# Neither yes nor no: the aside stays.
UNSURE = "weet_niet"
# Facts that are questions for a person, with the sentence that says so.
DECISIONS = {"vraagt_recht": "no-decision", "vraagt_verblijf": "no-residence"}
# Kinds that have no line in the read-back.
WITHOUT_LINE = (Kind.STATEMENT, Kind.READ_BACK)
UNSAFE_CARD = ("immediate", "violence", "suicide")


def named(flow: Flow, session: Session, event: Event) -> str | None:
    """The move that this event is, if it is one."""
    match event:
        case Pressed() if event.id.startswith("/"):
            return event.id
        case Said():
            lang = session.tongue.lang if session.tongue else wording.DUTCH
            typed = parsing.move(flow.spoken, lang, event.text)
            if typed == "/no-call" and not _drops_call(flow, session, event.text):
                return None
            if typed is not None or session.outcome is not Outcome.OPEN:
                return typed
            return _named_change(flow, session, event.text)
        case _:
            return None


def _drops_call(flow: Flow, session: Session, text: str) -> bool:
    """Whether the words take back a wish to be called; "toch niet" may answer what is open."""
    if not session.wants_call:
        return False
    open_now = flow.by_key.get(session.asked or "")
    yes_no = session.aside is not None or (open_now is not None and open_now.kind is Kind.YES_NO)
    lang = session.tongue.lang if session.tongue else wording.DUTCH
    return not yes_no or parsing.read_yes_no(flow.spoken, lang, text) is None


def _named_change(flow: Flow, session: Session, text: str) -> str | None:
    """ "Wijzig naam": the line that is to be changed, said in one go."""
    told = parsing.after_move(flow.spoken, "/change", text)
    if not told:
        return None
    tongue = session.tongue.lang if session.tongue else wording.DUTCH
    lines = _lines(flow, session, changeable(flow, session))
    line = parsing.read_choice(flow.spoken, tongue, lines, told)
    return None if line is None else f"{CHANGE}{line}"


def languages(flow: Flow) -> tuple[parsing.Option, ...]:
    """The languages on offer, as choices; names and codes may be typed."""
    return tuple(
        parsing.Option(id=code, spellings=(*flow.spoken.called.get(code, ()), code))
        for code in flow.region.languages
    )


def make(flow: Flow, session: Session, move: str, at: datetime) -> Result:
    """Carry out a move while questions are open."""
    match move:
        case "/unsafe":
            return unsafe(session)
        case "/back":
            return _back(flow, session)
        case "/skip":
            return _skip(flow, session, at)
        case "/change":
            return change(flow, session, None)
        case _ if move.startswith(CHANGE):
            return change(flow, session, move.removeprefix(CHANGE))
        case "/stop" | "/withdraw":
            return session.replace(aside=Aside.STOPPING), ()
        case "/restart":
            return session.replace(aside=Aside.RESTARTING), ()
        case "/erase":
            return _thrown_away(session)
        case "/person":
            return _person(flow, session)
        case "/no-call" if session.wants_call:
            return drop_call(session)
        case "/who":
            return session, (Tell(key="about-computer"),)
        case "/help":
            return session, (Tell(key=_help_key(flow, session)),)
        case "/more" if session.asked is not None:
            return session, (Amend(question=session.asked, moves=True),)
        case "/language":
            return session.replace(editing=LANGUAGE, aside=None), ()
        case "/status" | "/mine":
            return session, (Tell(key="status-open"),)
        case "/shared":
            return shared(session)
        case _:  # "/resume", and a move that no button of ours has
            return session.replace(aside=None), ()


def unsafe(session: Session) -> Result:
    """The card at once, and the question whether there is danger now."""
    signal = Signal(category="immediate", strength="hard", question=session.asked, words="/unsafe")
    signals = tuple(dict.fromkeys((*session.signals, signal)))
    # Before a language is picked the card is shown in all of them; a question could not be.
    aside = Aside.DANGER if session.tongue else None
    return session.replace(aside=aside, signals=signals), (ShowCard(categories=UNSAFE_CARD),)


def shared(session: Session) -> Result:
    """Others use this phone too: how each has an own chat, and notices that tell nothing."""
    key = "shared-device" if session.scope == "web" else "shared-phone"
    return session.replace(shared=True), (Tell(key=key),)


def change(flow: Flow, session: Session, question: str | None) -> Result:
    """Offer one earlier answer again, or the list of lines that can be changed."""
    lines = changeable(flow, session)
    if question == CALL and CALL in lines:
        return session.replace(aside=Aside.CALLING), ()
    if question is not None and question in lines:
        return session.replace(editing=question, aside=None, marks=None), ()
    return session.replace(aside=Aside.CHANGING), ()


def changeable(flow: Flow, session: Session) -> tuple[str, ...]:
    """The keys of the lines that were answered, assumed or heard, in the order of the flow."""
    path = walk(flow, session)
    passed = {question.key for question in path.passed}
    # A fact that an answer made known is changed at that answer, not at a question like it.
    heard = {fact.name for fact in path.known.facts if fact.question is None}
    heard |= {fact.name for fact in path.known.facts if fact.question not in passed}
    lines = [question for question in path.passed if question.kind not in WITHOUT_LINE]
    lines += [q for fact in heard if (q := _line_of(flow, fact, path.known)) is not None]
    places = {flow.milestones.by_key[question.key].place for question in lines}
    keys = (flow.milestones.all[place].question.key for place in sorted(places))
    return (LANGUAGE, *((CALL,) if session.wants_call else ()), *keys)


def _line_of(flow: Flow, fact: str, known: Known) -> Question | None:
    """The question under which a fact that was heard is shown: best one that could be asked."""
    about = flow.milestones.by_fact.get(fact, ())
    fitting = [q for q in about if q.label and q.kind not in WITHOUT_LINE]
    asked = (q for q in fitting if q.when is None or holds(q.when, known))
    return next(asked, fitting[0] if fitting else None)


def answer_aside(flow: Flow, session: Session, event: Event, aside: Aside) -> Result | None:
    """The answer to the aside, or None when the event is not about it."""
    said = aside_choice(flow, session, event, aside)
    if said is None:
        return None
    if said == UNSURE:
        return session, unsure(aside)
    closed = session.replace(aside=None)
    match aside:
        case Aside.STOPPING:
            return _stopped(closed, said)
        case Aside.RESTARTING:
            return (
                (closed.emptied(Outcome.THROWN_AWAY), (Erase(), StartAgain()))
                if said == "ja"
                else (closed, ())
            )
        case Aside.CHANGING:
            return change(flow, closed, said)
        case Aside.DANGER:
            return danger(closed, said)
        case Aside.TONGUE:
            return noticing.answered(flow, closed, said)
        case Aside.CALLING:
            return drop_call(closed) if said == "nee" else (closed, (Tell(key="call-noted"),))
        case Aside.WITHDRAWING | Aside.ERASING:  # these are asked only after sending
            return closed, ()
        case Aside.CORRECTING | Aside.REWORDING | Aside.CONTACTED:
            return closed, ()
        case _:
            assert_never(aside)


def on_screen(
    session: Session, effects: tuple[Effect, ...], key: str, *, unasked: bool = False
) -> Result:
    """Put this question on screen; the same question shown again keeps its turn and buttons."""
    turn = session.turn if session.asked == key else session.turn + 1
    return session.replace(asked=key, turn=turn), (*effects, Ask(question=key, unasked=unasked))


def danger(closed: Session, said: str) -> Result:
    """Danger now: 112. The request will say so; nobody is called by us."""
    if said == "ja":
        return closed.replace(danger_now=True), (Tell(key="danger-yes"),)
    return closed.replace(danger_now=False), (Tell(key="danger-no"),)


def unsure(aside: Aside) -> tuple[Effect, ...]:
    """What is said before the aside is asked again: to who may be in danger, who helps now."""
    return (ShowCard(categories=UNSAFE_CARD),) if aside is Aside.DANGER else ()


def aside_choice(flow: Flow, session: Session, event: Event, aside: Aside) -> str | None:
    """Which button of the aside was pressed or typed; `UNSURE`: "I do not know" was."""
    tongue = session.tongue.lang if session.tongue else wording.DUTCH
    ids = aside_ids(flow, session, aside)
    if isinstance(event, Pressed):
        return event.id if event.id in ids else None
    if not isinstance(event, Said):
        return None
    if aside in OF_LINES:
        return parsing.read_choice(flow.spoken, tongue, _lines(flow, session, ids), event.text)
    if aside is Aside.STOPPING:
        words = [parsing.Option(id=i, spellings=(*flow.spoken.stops.get(i, ()), i)) for i in ids]
        return parsing.read_choice(flow.spoken, tongue, words, event.text)
    said = parsing.read_yes_no(flow.spoken, tongue, event.text)
    if aside is Aside.TONGUE:
        named = parsing.read_choice(flow.spoken, tongue, languages(flow), event.text)
        yes = session.guess[0] if said == "ja" and len(session.guess) == 1 else said
        return named or (yes if yes in ids else None)
    return said if said in (*ids, UNSURE) else None


def aside_ids(flow: Flow, session: Session, aside: Aside) -> tuple[str, ...]:
    """The buttons of this aside."""
    if aside is Aside.TONGUE:
        return (*session.guess, noticing.STAY)
    return changeable(flow, session) if aside in OF_LINES else ASIDE_BUTTONS.get(aside, ())


def _lines(flow: Flow, session: Session, ids: tuple[str, ...]) -> tuple[parsing.Option, ...]:
    """The lines of the change list as choices that can be typed."""
    tongue = session.tongue
    found = []
    for key in ids:
        question = flow.by_key.get(key)
        label = wording.line_label(flow, question, tongue) if question and tongue else key
        found.append(parsing.Option(id=key, spellings=(label, key)))
    return tuple(found)


def _stopped(closed: Session, said: str) -> Result:
    if said == "weggooien":
        return _thrown_away(closed)
    if said == "bewaren":
        return closed.replace(outcome=Outcome.KEPT, asked=None), (Tell(key="kept"),)
    return closed, ()


def _thrown_away(session: Session) -> Result:
    return session.emptied(Outcome.THROWN_AWAY), (Tell(key="thrown-away"), Erase())


def _back(flow: Flow, session: Session) -> Result:
    """The answer before this one is offered again; before the first one stands the language."""
    if session.aside is not None:
        return session.replace(aside=None), ()
    if session.tongue is None:
        return session, (Tell(key="nothing-back"),)
    if session.editing == LANGUAGE:
        return session.replace(editing=None), ()
    passed = {q.key for q in walk(flow, session).passed if q.kind is not Kind.STATEMENT}
    order = [a.question for a in session.answers if a.question in passed]
    if session.editing in order:
        order = order[: order.index(session.editing)]
    return session.replace(editing=order[-1] if order else LANGUAGE, marks=None), ()


def _skip(flow: Flow, session: Session, at: datetime) -> Result:
    """No answer to this one; a person may ask it later. An aside is left as it was."""
    if session.aside is not None:
        return session.replace(aside=None), ()
    if session.editing is not None:
        return session.replace(editing=None, marks=None), ()
    path = walk(flow, session)
    if session.tongue is None or path.open is None or path.open.kind is Kind.READ_BACK:
        return session, (Tell(key="choose-button"),)
    ground = basis(path.open, path.known)
    return remembered(session, Answer(question=path.open.key, value=None, at=at, basis=ground)), ()


def _person(flow: Flow, session: Session) -> Result:
    """A person will call: only what a call needs is still asked, a number that was skipped too."""
    if session.wants_call:
        return session, (Tell(key="call-noted"),)
    numbers = flow.milestones.phones
    answers = tuple(a for a in session.answers if a.value or a.question not in numbers)
    wishing = session.replace(wants_call=True, aside=None, editing=None, answers=answers)
    return wishing, (Tell(key="call-noted"),)


def drop_call(session: Session) -> Result:
    """The wish to be called is taken back: what was left out because of it is asked again."""
    return session.replace(wants_call=False, aside=None, editing=None), (Tell(key="call-dropped"),)


def _help_key(flow: Flow, session: Session) -> str:
    question = flow.by_key.get(session.asked or "")
    return f"help:{question.key}" if question is not None and question.help else "help"
