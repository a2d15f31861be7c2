"""Laws of the engine, that hold whatever an inhabitant, the team and the clock do.

A machine plays one chat: mostly sensible answers drawn from the question on screen, so that talks
get to the end, and between them everything else. Beside it stands a model: what was accepted.
After every event the laws of `_check` hold. `make laws` plays many more and longer chats.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import hypothesis
import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from intakebot.core.events import (
    Amend,
    Ask,
    Began,
    Blocked,
    ClosedByTeam,
    Edited,
    Effect,
    Erase,
    Event,
    Expired,
    GaveBack,
    Late,
    Marked,
    Message,
    Pressed,
    Relay,
    Reminded,
    Said,
    Sent,
    SharedPhone,
    SharedPlace,
    StartAgain,
    Submit,
    Taken,
    Unreadable,
    Wrote,
)
from intakebot.core.flow import Kind, Question
from intakebot.core.law.reference import make
from intakebot.core.limits import BUTTONS_MAX, MESSAGE_UNITS_MAX, QUESTIONS_MAX
from intakebot.core.session import ContactCard, Outcome, Session
from intakebot.core.talking.engine import step
from intakebot.core.talking.moves import LANGUAGE
from intakebot.core.talking.path import basis, walk
from intakebot.core.talking.responding import Circumstances, Fresh
from tests.conversation import MONDAY, a_desk, shipped_flow
from tests.core import inhabitant
from tests.core.stage import a_file

FLOW = shipped_flow()
DESK = a_desk()
CONTACT = ContactCard(name="Marieke", phone="06-12345678", team="Sociaal team")
MOVES = ("/back", "/skip", "/change", "/help", "/person", "/more", "/language", "/status")
GONE = (Outcome.THROWN_AWAY, Outcome.HANDED_OVER)
DEPTHS = ((0, "none"), (3, "1-3"), (7, "4-7"), (99, "8 or more"))
Value = str | tuple[str, ...] | None


class Chat(RuleBasedStateMachine):
    """One chat and, beside it, what must have been remembered."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(id="s1", flow="f", revision="1", started_at=MONDAY)
        self.at: datetime = MONDAY
        self.screen: Message | None = None
        self.prompts: list[str] = []
        self.model: dict[str, Value] = {}  # what was accepted, by question
        self.story: list[str] = []
        self.refs: dict[str, str] = {}  # message -> the question it answered
        self.words = 0  # every text that is told carries a word of its own
        self.erased: list[str] = []  # such words that must never be seen again
        self.asked: set[str] = set()
        self.straight = True  # no way back was taken, nothing was told later on
        self.sent = 0
        self.sessions = 1
        self.deepest = 0
        self.steps = 0
        self.pace = 1  # what disturbs a talk may come at every so many steps

    @initialize(
        scope=st.sampled_from(("web", "web", "full")),
        pace=st.sampled_from((1, 2, 4, 8)),
    )
    def open(self, scope: str, pace: int) -> None:
        self.pace = pace
        self.session = self.session.replace(scope=scope)
        self.hear(Began())

    # ---- what the person does ------------------------------------------------------------------

    @precondition(lambda self: self.is_open and self.session.asked == LANGUAGE)
    @rule(lang=st.sampled_from(FLOW.region.languages))
    def pick_language(self, lang: str) -> None:
        self.hear(Pressed(id=lang, prompt=self.prompt))
        assert self.session.tongue is not None

    @precondition(lambda self: self.question is not None)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        question, screen = self.question, self.screen
        assert question is not None
        assert screen is not None
        if question.kind is Kind.READ_BACK:
            self.hear(Pressed(id="ja", prompt=self.prompt))
            return
        ref = f"r{self.words}"
        self.words += 1
        event, value = data.draw(inhabitant.answers(question, screen, ref))
        if isinstance(event, Said) and len(event.text) < 10:
            event = event.replace(text=f" {event.text} ")
        before = self.sessions
        self.hear(event)
        if self.sessions == before and self.session.outcome is Outcome.OPEN:
            self.model[question.key] = value
            self.refs[ref] = question.key
            self.deepest = max(self.deepest, len(self.model))

    answer_too = answer
    answer_more = answer

    @precondition(lambda self: self.question is not None and self.question.kind is Kind.STORY)
    @rule(story=st.sampled_from(inhabitant.STORIES))
    def tell(self, story: str) -> None:
        text = self.own_words(story)
        self.hear(Said(text=text, ref=f"t{self.words}"))
        self.story.append(text)

    @precondition(lambda self: self.is_disturbed and self.long_joins(self.question))
    @rule(story=st.sampled_from(inhabitant.STORIES))
    def tell_later(self, story: str) -> None:
        assert self.question is not None
        if self.question.kind is Kind.POSTCODE and "7101" in story:
            return  # a story that says the postcode answers the question for it
        self.straight = False
        text = self.own_words(
            f"{story}. Dat wilde ik u eerst nog even vertellen voor wij verder gaan"
        )
        self.hear(Said(text=text, ref=f"t{self.words}"))
        self.story.append(text)

    @precondition(lambda self: self.is_disturbed and self.is_open)
    @rule(data=st.data(), story=st.sampled_from(inhabitant.STORIES))
    def edit_story(self, data: st.DataObject, story: str) -> None:
        told = [saying for saying in self.session.story if saying.ref]
        if not told:
            return
        self.straight = False
        saying = data.draw(st.sampled_from(told))
        text = self.own_words(story)
        at = [one.ref for one in self.session.story].index(saying.ref)
        self.hear(Edited(text=text, ref=saying.ref or ""))
        self.story[at] = text

    @precondition(lambda self: self.is_disturbed and bool(self.refs) and self.is_open)
    @rule(data=st.data())
    def edit_answer(self, data: st.DataObject) -> None:
        ref = data.draw(st.sampled_from(sorted(self.refs)))
        key = self.refs[ref]
        typed = inhabitant.TYPED.get(FLOW.by_key[key].kind)
        holds = any(a.question == key and a.ref == ref for a in self.session.answers)
        if not typed or not holds:
            return
        self.straight = False
        text, value = data.draw(st.sampled_from(typed))
        self.hear(Edited(text=text, ref=ref))
        if self.is_open:
            self.model[key] = value

    @precondition(lambda self: self.is_disturbed and self.is_open)
    @rule(move=st.sampled_from(MOVES), typed=st.booleans())
    def move(self, move: str, typed: bool) -> None:  # noqa: FBT001 - drawn
        self.straight = self.straight and move in ("/help", "/more", "/status", "/skip")
        question, editing, aside = self.question, self.session.editing, self.session.aside
        self.hear(Said(text=move) if typed else Pressed(id=move, prompt=self.prompt))
        skipped = move == "/skip" and not editing and not aside and self.session.tongue
        if skipped and question is not None and question.kind is not Kind.READ_BACK:
            self.model[question.key] = None

    @precondition(lambda self: self.is_disturbed and self.screen is not None)
    @rule(move=st.sampled_from(("/stop", "/restart", "/unsafe", "/erase")))
    def aside(self, move: str) -> None:
        self.straight = self.straight and move != "/restart"
        self.hear(Pressed(id=move, prompt=self.prompt))

    @precondition(lambda self: self.session.aside is not None)
    @rule(data=st.data(), gently=st.booleans())
    def answer_aside(self, data: st.DataObject, gently: bool) -> None:  # noqa: FBT001 - drawn
        assert self.screen is not None
        ids = [button.id for button in inhabitant.own(self.screen)]
        if gently:
            ids = [one for one in ids if one not in ("weggooien", "ja")]
        self.straight = False
        chosen = data.draw(st.sampled_from(ids or ["/back"]))
        self.hear(Pressed(id=chosen, prompt=self.prompt))

    @precondition(lambda self: self.question is not None and self.question.kind is Kind.DOMAINS)
    @rule(data=st.data(), on=st.booleans())
    def tick(self, data: st.DataObject, on: bool) -> None:  # noqa: FBT001 - drawn
        assert self.question is not None
        code = data.draw(st.sampled_from([choice.id for choice in self.question.choices]))
        self.hear(Marked(id=code, on=on, prompt=self.prompt))
        assert (code in self.ticked()) == on

    @precondition(lambda self: self.is_disturbed)
    @rule(data=st.data(), forged=st.sampled_from(("", "x", "<s1|0|>")))
    def stale_press(self, data: st.DataObject, forged: str) -> None:
        old = data.draw(st.sampled_from([*self.prompts[:-1], forged]))
        ids = [
            "ja",
            "nee",
            "klaar",
            "klopt",
            "mij",
            "weggooien",
            "/stop",
            "/back",
            "/skip",
            "/erase",
        ]
        pressed = data.draw(st.sampled_from(ids))
        if old == self.prompt or self.session.outcome is Outcome.KEPT or self.is_gone:
            return
        before = self.session
        self.hear(Pressed(id=pressed, prompt=old))
        assert before == self.session.replace(asked=before.asked, turn=before.turn)

    @precondition(lambda self: self.is_disturbed)
    @rule(pressed=st.sampled_from(("ja", "klaar", "42", "/nix", "nl", "ontruiming")))
    def forged_press(self, pressed: str) -> None:
        """A press with the right token and an id that no button on screen has."""
        shown = {button.id for button in self.screen.buttons} if self.screen else {pressed}
        unfinished = self.session.outcome is Outcome.OPEN and self.session.aside is None
        if pressed in shown or not unfinished:
            return
        before = self.session
        self.hear(Pressed(id=pressed, prompt=self.prompt))
        assert before.answers == self.session.answers
        assert before.story == self.session.story

    @precondition(lambda self: self.is_disturbed and self.is_open)
    @rule(text=inhabitant.ANYTHING)
    def mumble(self, text: str) -> None:
        """Anything typed: it may be an answer, a story or nothing; the model learns which."""
        self.straight = False
        self.hear(Said(text=text))
        self.learn()

    @precondition(lambda self: self.is_disturbed and self.is_open)
    @rule(number=st.sampled_from(inhabitant.NUMBERS), caption=st.booleans())
    def give_a_bsn(self, number: str, caption: bool) -> None:  # noqa: FBT001 - drawn
        self.straight = False
        text = f"mijn bsn is {number}"
        sent = Sent(attachment=a_file(name=f"f{self.words}"), caption=text)
        self.hear(sent if caption else Said(text=text))
        self.learn()

    @precondition(lambda self: self.is_disturbed and self.is_open)
    @rule(
        event=st.sampled_from(
            (
                Unreadable(kind="sticker"),
                SharedPlace(),
                SharedPhone(number="0612345678", own=False),
                Sent(attachment=a_file("photo")),
                Sent(attachment=a_file("voice")),
                Sent(attachment=a_file(size=30_000_000)),
                Blocked(),
                Blocked(on=False),
                Began(),
                Late(),
                Reminded(),
            )
        )
    )
    def something_else(self, event: Event) -> None:
        self.hear(event)
        self.learn()

    @precondition(lambda self: self.session.outcome not in (Outcome.OPEN, Outcome.SUBMITTED))
    @rule()
    def come_back(self) -> None:
        self.hear(Began())

    @precondition(lambda self: self.is_disturbed and len(self.model) >= 4)
    @rule()
    def expire(self) -> None:
        self.hear(Expired())

    # ---- after sending -------------------------------------------------------------------------

    @precondition(lambda self: self.session.outcome is Outcome.SUBMITTED)
    @rule(
        event=st.sampled_from(
            (Taken(contact=CONTACT), Wrote(text="Dag"), GaveBack(), ClosedByTeam())
        )
    )
    def team(self, event: Event) -> None:
        self.hear(event)

    @precondition(lambda self: self.session.outcome is Outcome.SUBMITTED)
    @rule(move=st.sampled_from(("/withdraw", "/erase", "/unsafe", "/status", "/restart", "/help")))
    def move_after(self, move: str) -> None:
        self.hear(Pressed(id=move, prompt=None))

    @precondition(lambda self: self.session.outcome is Outcome.SUBMITTED)
    @rule()
    def add(self) -> None:
        aside = self.session.aside
        text = self.own_words("nog een bericht erbij")
        effects = self.hear(Said(text=text))
        assert aside or Relay(text=text) in effects
        if self.session.contact is not None:
            assert [type(effect) for effect in effects] == [Relay]

    # ---- playing -------------------------------------------------------------------------------

    def hear(self, event: Event) -> tuple[Effect, ...]:
        """One event: carried out twice, kept as JSON, and every law looked at."""
        self.at += timedelta(minutes=1)
        self.steps += 1
        before = self.session
        kept = msgspec.json.encode(before)
        bound = DESK._bound(before, event)
        after, effects = step(FLOW, before, bound, self.at)
        assert (after, effects) == step(FLOW, before, bound, self.at), "it is not pure"
        assert kept == msgspec.json.encode(before), "it changed what it was given"
        fresh = Fresh(reference=make("7K3Q9M2"), session_id=f"s{self.sessions + 1}")
        response = DESK.respond(
            before, event, Circumstances(at=self.at, channel="web", fresh=fresh)
        )
        self.session = _through_json(response.started or response.session)
        shown = response.messages + response.started_messages
        if response.erase or response.started:
            self.forget()
        self.look(shown)
        self.sent += sum(isinstance(effect, Submit) for effect in effects)
        _check_effects(before, event, after, effects)
        _check_messages(shown)
        self.check(effects, shown)
        return effects

    def look(self, shown: tuple[Message, ...]) -> None:
        for message in shown:
            if message.prompt is not None:
                self.screen = message
                self.prompts.append(message.prompt)
        if self.session.asked is None:
            self.screen = None

    def forget(self) -> None:
        self.sessions += self.session.id != f"s{self.sessions}"
        self.erased += [_own_word(text) for text in self.story]
        self.model, self.story, self.refs, self.asked = {}, [], {}, set()
        self.straight, self.sent, self.screen = True, 0, None

    def learn(self) -> None:
        """After an event whose meaning was not foreseen: the model takes over what was kept."""
        if self.is_gone:
            return
        self.story = [saying.text for saying in self.session.story]
        self.model = _answers(self.session)

    # ---- laws ----------------------------------------------------------------------------------

    def check(self, effects: tuple[Effect, ...], shown: tuple[Message, ...]) -> None:
        everything = msgspec.json.encode((self.session, shown)).decode()
        assert not [number for number in inhabitant.NUMBERS if number in everything]
        assert not [word for word in self.erased if word in everything]
        assert self.sent <= 1
        path = walk(FLOW, self.session)
        passed = {question.key for question in path.passed}
        on_path = tuple(a for a in self.session.answers if a.question in passed)
        bare = walk(FLOW, self.session.replace(answers=on_path))
        assert path == bare, ("off the path counts", path.left, bare.left, path.open, bare.open)
        assert not {q.key for q in path.left} & {path.open.key if path.open else ""} or (
            self.session.editing
        )
        for effect in effects:
            if isinstance(effect, Ask):
                self.check_asked(effect.question)

    def check_asked(self, key: str) -> None:
        """Nothing that was answered or skipped is asked again by itself."""
        question = FLOW.by_key.get(key)
        if question is None or question.kind in (Kind.STATEMENT, Kind.READ_BACK, Kind.STORY):
            return
        answer = next((a for a in self.session.answers if a.question == key), None)
        if answer is not None and self.session.editing != key:
            assert answer.basis != basis(question, walk(FLOW, self.session).known), key
        self.asked.add(key)
        if self.straight and {"voor_wie"} & self.model.keys() and self.model["voor_wie"] != "ander":
            questions = {*self.asked, LANGUAGE, "verhaal", "controle"}
            assert len(questions) <= QUESTIONS_MAX, sorted(questions)

    @invariant()
    def remembers_exactly_what_was_accepted(self) -> None:
        if self.is_gone:
            return
        kept = {key: _plain(value) for key, value in _answers(self.session).items()}
        model = {key: _plain(value) for key, value in self.model.items()}
        assert kept == model, set(kept.items()) ^ set(model.items())
        assert len({answer.question for answer in self.session.answers}) == len(
            self.session.answers
        )
        assert self.story == [saying.text for saying in self.session.story]

    def teardown(self) -> None:
        deepest = next(name for most, name in DEPTHS if self.deepest <= most)
        hypothesis.event(f"answers in a row: {deepest}")
        hypothesis.event(f"ended: {self.session.outcome}")

    # ---- what the rules look at ----------------------------------------------------------------

    @property
    def is_disturbed(self) -> bool:
        return len(self.model) >= 2 and self.steps % self.pace == 0

    @property
    def is_open(self) -> bool:
        return self.session.outcome is Outcome.OPEN

    @property
    def is_gone(self) -> bool:
        return self.session.outcome in GONE

    @property
    def prompt(self) -> str:
        return DESK.prompt(self.session)

    @property
    def question(self) -> Question | None:
        """The open question, when it is on screen."""
        on_screen = self.is_open and self.session.tongue and self.session.editing != LANGUAGE
        return FLOW.by_key.get(self.session.asked or "") if on_screen else None

    def long_joins(self, question: Question | None) -> bool:
        return question is not None and question.kind in (
            Kind.CHOICE,
            Kind.YES_NO,
            Kind.DOMAINS,
            Kind.NAME,
            Kind.POSTCODE,
        )

    def ticked(self) -> set[str]:
        assert self.screen is not None
        return {button.id for button in self.screen.buttons if button.proposed}

    def own_words(self, text: str) -> str:
        self.words += 1
        return f"{text} woord{self.words}w"


def _answers(session: Session) -> dict[str, Value]:
    """What was answered; that a statement was told is no answer."""
    return {
        answer.question: answer.value
        for answer in session.answers
        if FLOW.by_key[answer.question].kind is not Kind.STATEMENT
    }


def _own_word(text: str) -> str:
    found = re.search(r"woord\d+w", text)
    return found[0] if found else "nothing was told"


def _plain(value: Value) -> Value:
    """Ticks in any order."""
    return tuple(sorted(value)) if isinstance(value, tuple) else value


def _through_json(session: Session) -> Session:
    read = msgspec.json.decode(msgspec.json.encode(session), type=Session)
    assert read == session
    return read


def _check_effects(
    before: Session, event: Event, after: Session, effects: tuple[Effect, ...]
) -> None:
    """Every event gets a reply that ends with the open question; what is erased is gone."""
    kinds = [type(effect) for effect in effects]
    if Erase in kinds:
        assert set(kinds[kinds.index(Erase) + 1 :]) <= {StartAgain}
        assert after == after.emptied(after.outcome)
    finished = before.outcome not in (Outcome.OPEN, Outcome.KEPT)
    silent = isinstance(event, Blocked) or (finished and isinstance(event, Reminded | Expired))
    # Who told about somebody that does not know it hears nothing of what the team does.
    silent |= before.only_thanks and isinstance(event, Taken | GaveBack | ClosedByTeam)
    assert effects or silent or before.contact is not None or before.outcome in GONE
    if after.outcome is Outcome.OPEN and not isinstance(event, Blocked | Reminded):
        last = effects[-1]
        assert isinstance(last, Ask | Amend)
        assert last.question == after.asked


def _check_messages(shown: tuple[Message, ...]) -> None:
    for message in shown:
        ids = [button.id for button in message.buttons]
        assert len(ids) == len(set(ids))
        assert len(ids) <= BUTTONS_MAX
        assert message.text.strip()
        assert len(message.text.encode("utf-16-le")) // 2 <= MESSAGE_UNITS_MAX


Chat.TestCase.settings = hypothesis.settings(
    max_examples=max(1, hypothesis.settings().max_examples // 2),
    suppress_health_check=list(hypothesis.HealthCheck),
)
TestLaws = pytest.mark.laws(Chat.TestCase)
