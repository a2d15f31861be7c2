"""From an effect to a message in final words. Translation happens here and nowhere else.

The page brings the interface sentences, the flow the texts of the questions; this room holds no
language itself.
"""

from __future__ import annotations

from datetime import timedelta

from intakebot.core.events import (
    Amend,
    Ask,
    Button,
    Expects,
    HandOver,
    Message,
    PassOn,
    Sender,
    ShowCard,
    Tell,
)
from intakebot.core.facts import Known
from intakebot.core.flow import Kind, Question
from intakebot.core.limits import BUTTON_LABEL_CHARS_MAX, EXPIRE_DAYS, REMIND_DAYS
from intakebot.core.reviewing import languages_of
from intakebot.core.session import Aside, Tongue
from intakebot.core.talking import answering, moves, noticing, read_back, wording
from intakebot.core.talking.page import Page
from intakebot.core.talking.path import walk

EXPECTS: dict[Kind, Expects] = {
    Kind.CHOICE: Expects.CHOICE,
    Kind.CHOICES: Expects.CHOICES,
    Kind.DOMAINS: Expects.CHOICES,
    Kind.STORY: Expects.TEXT,
    Kind.TEXT: Expects.TEXT,
    Kind.YES_NO: Expects.CHOICE,
    Kind.NUMBER: Expects.NUMBER,
    Kind.DATE: Expects.DATE,
    Kind.AGE_BAND: Expects.CHOICE,
    Kind.POSTCODE: Expects.POSTCODE,
    Kind.PLACE: Expects.TEXT,
    Kind.PHONE: Expects.PHONE,
    Kind.NAME: Expects.TEXT,
    Kind.ATTACHMENT: Expects.TEXT,
    Kind.STATEMENT: Expects.NONE,
    Kind.READ_BACK: Expects.CONFIRM,
}
# In sight under every question; the rest is one press away, behind "Meer".
IN_SIGHT = ("/unsafe", "/back", "/more")
# Above the picker: in so many languages at most. One line each, or they push away the buttons.
TITLES_MAX = 3
# On the button below the picker: in so many languages; where there are more, a sign for all.
UNSAFE_WORDINGS_MAX = 3
SOS = "SOS"
# Cards that also say what to do when there is danger now.
ALSO_112 = ("suicide", "violence", "child")
BEHIND_MORE = ("/skip", "/change", "/help", "/person", "/language", "/restart", "/stop")
# Where others can read along; under the web chat stands a way to close it.
IN_TELEGRAM = ("/shared",)


def tell(page: Page, effect: Tell) -> Message:
    """A standard sentence."""
    section, _, key = effect.key.partition(":")
    question = page.flow.by_key.get(key)
    if section == "help" and question is not None:
        return Message(text=wording.help_text(page.flow, question, page.tongue), tongue=page.tongue)
    said = {
        page.words.say(tongue, f"tell.{effect.key}", **_values(page, effect, tongue)): None
        for tongue in _tongues(page)
    }
    return Message(text="\n".join(said), tongue=page.tongue, unasked=effect.unasked)


def _tongues(page: Page) -> tuple[Tongue, ...]:
    """The person's tongue; before one is picked, a sentence is said in every language on offer."""
    if page.session.tongue is not None:
        return (page.session.tongue,)
    return tuple(Tongue(lang=lang) for lang in languages_of(_codes(page)))


def _codes(page: Page) -> tuple[str, ...]:
    """What is on offer in the picker; what the person's device speaks stands first."""
    hint = page.session.hint
    offered = page.flow.region.languages
    return tuple(sorted(offered, key=lambda code: wording.tongue_of(code).lang != hint))


def _values(page: Page, effect: Tell, tongue: Tongue) -> dict[str, str]:
    """Values of a sentence: its own, and those that may be named without the engine knowing."""
    numbers = page.flow.region.numbers
    match effect.key:
        case "correction-passed":
            return {"who": _who_promised(page)}
        case "status-waits" | "status-has" if (promise := page.session.promise) is not None:
            return {**effect.values, "date": page.words.day(tongue, promise.on)}
        case _ if effect.values:
            return effect.values
        case "kept" | "reminder":
            left = EXPIRE_DAYS if effect.key == "kept" else EXPIRE_DAYS - REMIND_DAYS
            until = page.today + timedelta(days=left)
            return {"date": page.words.day(tongue, until)}
        case "danger-yes":
            return {"number": numbers["112"].number} if "112" in numbers else {"number": "112"}
        case "telegram-first" | "shared-phone":
            return {"link": page.web_address}
        case "shared-device":
            return {"close": page.words.say(tongue, "web.close")}
        case "erasure-passed":
            return {"officer": page.flow.region.privacy_officer}
        case _:
            return {}


def card(page: Page, effect: ShowCard) -> Message:
    """The crisis card: numbers to call, warm and short; several categories become one card.

    It speaks the language that was picked, and the one that the person seems to write in.
    """
    numbers = {key: number.number for key, number in page.flow.region.numbers.items()}
    life = any(category in ALSO_112 for category in effect.categories)
    categories = dict.fromkeys((*effect.categories, *(("immediate",) if life else ())))
    # Without a language picked the card speaks all of them: somebody may be in danger now.
    offered = [wording.tongue_of(code) for code in _codes(page)]
    own = page.session.tongue
    guess = [Tongue(lang=lang) for lang in page.session.guess]
    tongues = list(dict.fromkeys((own, *guess))) if own else offered
    texts = [
        page.words.say(tongue, f"card.{category}", **numbers, urgent=_urgent(page, tongue))
        for tongue in tongues
        for category in categories
    ]
    return Message(text="\n\n".join(dict.fromkeys(texts)), tongue=page.tongue, kind="card")


def _urgent(page: Page, tongue: Tongue) -> str:
    """The municipality's own urgent number: of the person's place, when it is known."""
    known = walk(page.flow, page.session).known
    found = page.flow.place_of(known.value("postcode"), known.value("plaats"))
    if found.municipality is None:
        return page.words.say(tongue, "card.your-municipality")
    return found.municipality.urgent.number


def hand_over(page: Page, effect: HandOver) -> Message:
    """Another municipality: its name and number."""
    other = next((n for n in page.flow.region.neighbours if n.gm == effect.gm), None)
    name, number = (other.name, other.phone.number) if other else (effect.gm, "")
    return Message(text=page.say("handover.text", name=name, phone=number), tongue=page.tongue)


def pass_on(page: Page, effect: PassOn, name: str) -> Message:
    """What the contact person wrote, with the name."""
    sender = Sender(name=name, line=page.say("tell.passed", name=name)) if name else None
    return Message(
        text=effect.text,
        tongue=page.tongue,
        sender=sender,
        kind="member",
        private=True,
        unasked=True,
    )


def ask(page: Page, effect: Ask, prompt: str) -> Message:
    """The question on screen, with its buttons and the moves. `prompt` is the buttons' token."""
    if effect.question == moves.LANGUAGE:
        return _picker(page, effect, prompt)
    if effect.question.startswith("aside:"):
        return _aside(page, effect, prompt)
    question = page.flow.by_key[effect.question]
    known = walk(page.flow, page.session).known
    other = wording.about_other(known)
    text = wording.text(page.flow, question, page.tongue, other=other)
    statement = question.kind is Kind.STATEMENT
    return Message(
        text=_text(page, question, text, other=other),
        tongue=page.tongue,
        buttons=()
        if statement
        else _own_buttons(page, question, known, other=other) + _moves(page),
        expects=EXPECTS[question.kind],
        question=question.key,
        prompt=None if statement else prompt,
        lines=read_back.lines(page, known) if question.kind is Kind.READ_BACK else (),
        private=question.private and not statement,
    )


def amend(page: Page, effect: Amend, prompt: str) -> Message:
    """The buttons on screen as they are now."""
    shown = ask(page, Ask(question=effect.question), prompt)
    buttons = tuple(b.replace(quiet=False) for b in shown.buttons if b.id != "/more")
    return shown.replace(amends=True, buttons=buttons if effect.moves else shown.buttons)


def _text(page: Page, question: Question, text: str, *, other: bool) -> str:
    """The question; "I am listening" while the story goes on; when changing, what was said."""
    if question.kind is Kind.STORY and page.session.story:
        return page.say("tell.story-listening")
    if page.session.editing == question.key:
        answer = next((a for a in page.session.answers if a.question == question.key), None)
        if answer is not None and answer.value is not None:
            earlier = read_back.in_words(page, question, answer.value, other=other)
            return f"{text}\n{page.say('ask.earlier', value=earlier)}"
    return text


def _picker(page: Page, effect: Ask, prompt: str) -> Message:
    """The language picker: every language in its own script, all in one message.

    The sentence above stands in a few of them: nobody needs it who finds the button.
    """
    codes = _codes(page)
    tongues = [wording.tongue_of(code) for code in codes]
    titles = [page.words.say(tongue, "picker.title") for tongue in tongues]
    buttons = tuple(
        Button(id=code, label=page.words.say(tongue, "picker.name"), lang=tongue.lang)
        for code, tongue in zip(codes, tongues, strict=True)
    )
    unsafe = tuple(dict.fromkeys(page.words.say(tongue, "move.unsafe") for tongue in tongues))
    if len(unsafe) > UNSAFE_WORDINGS_MAX:
        unsafe = (SOS, *unsafe[: UNSAFE_WORDINGS_MAX - 1])
    return Message(
        text="\n".join(tuple(dict.fromkeys(titles))[:TITLES_MAX]),
        tongue=page.tongue,
        buttons=(*buttons, Button(id="/unsafe", label=" · ".join(unsafe))),
        expects=Expects.CHOICE,
        question=effect.question,
        prompt=prompt,
    )


def _aside(page: Page, effect: Ask, prompt: str) -> Message:
    """An aside with its own buttons; the way out and "not safe" stay in sight."""
    name = Aside(effect.question.removeprefix("aside:"))
    if name is Aside.TONGUE:
        return _offer(page, prompt)
    if name in moves.OF_LINES:
        keys = moves.changeable(page.flow, page.session)
        own = tuple(Button(id=key, label=read_back.line_label(page, key)) for key in keys)
    else:
        ids = moves.ASIDE_BUTTONS.get(name, ())
        own = tuple(Button(id=i, label=page.say(f"aside.{name}.{i}")) for i in ids)
    ways_out = _ways_out(page)
    text = page.say(f"aside.{name}")
    if name is Aside.CONTACTED:
        text = page.say("aside.contacted", who=_who_promised(page))
    if name is Aside.REWORDING:
        line = read_back.line_label(page, page.session.correcting or "")
        text = page.say("aside.rewording", line=line)
    return Message(
        text=text,
        tongue=page.tongue,
        buttons=own + ways_out,
        expects=Expects.TEXT if name is Aside.REWORDING else Expects.CHOICE,
        question=name.value,
        prompt=prompt,
        private=name in (*moves.OF_LINES, Aside.REWORDING),
        unasked=effect.unasked,
    )


def _who_promised(page: Page) -> str:
    """Who would make contact: the contact person by name, else the team."""
    session = page.session
    if session.contact is not None:
        return session.contact.name
    return session.promise.team if session.promise else page.say("confirm.a-person")


def _ways_out(page: Page) -> tuple[Button, ...]:
    return tuple(Button(id=i, label=page.say(f"move.{i[1:]}")) for i in ("/unsafe", "/back"))


def _offer(page: Page, prompt: str) -> Message:
    """The language that the person writes in, asked in it; the one picked stands beside it."""
    guess = tuple(Tongue(lang=lang) for lang in page.session.guess)
    ids = (*page.session.guess, noticing.STAY)
    buttons = tuple(
        Button(id=i, label=page.words.say(tongue, "picker.name"), lang=tongue.lang)
        for i, tongue in zip(ids, (*guess, page.tongue), strict=True)
    )
    return Message(
        text="\n".join(page.words.say(tongue, "aside.tongue") for tongue in guess),
        tongue=guess[0],
        buttons=buttons + _ways_out(page),
        expects=Expects.CHOICE,
        question=Aside.TONGUE.value,
        prompt=prompt,
    )


def _own_buttons(
    page: Page, question: Question, known: Known, *, other: bool
) -> tuple[Button, ...]:
    """The buttons that answer the question."""
    match question.kind:
        case Kind.CHOICE | Kind.CHOICES | Kind.DOMAINS:
            return _choice_buttons(page, question, known, other=other)
        case Kind.YES_NO:
            return tuple(Button(id=i, label=page.say(f"answer.{i}")) for i in wording.YES_NO)
        case Kind.AGE_BAND:
            return tuple(Button(id=i, label=page.say(f"age.{i}")) for i in wording.AGE_BANDS)
        case Kind.STORY:
            return (Button(id=answering.DONE, label=page.say("answer.klaar")),)
        case Kind.READ_BACK:
            send, change = page.say("answer.send"), page.say("answer.change")
            return (
                Button(id=answering.SEND, label=send),
                Button(id=answering.CHANGE, label=change),
            )
        case _:
            return ()


def _choice_buttons(
    page: Page, question: Question, known: Known, *, other: bool
) -> tuple[Button, ...]:
    many = question.kind is not Kind.CHOICE
    ticked = answering.ticks(page.session, question, known) if many else ()
    heard = {domain.code: domain.evidence for domain in known.heard}
    buttons = tuple(
        Button(
            id=choice.id,
            label=wording.choice_label(page.flow, question, choice, page.tongue, other=other),
            proposed=choice.id in ticked,
            note=_evidence(heard.get(choice.id, ())) if question.kind is Kind.DOMAINS else None,
        )
        for choice in question.choices
    )
    if question.kind is Kind.DOMAINS:
        buttons = answering.in_sight(buttons, ticked)
    agree = (Button(id=answering.AGREE, label=page.say("answer.klopt")),) if many else ()
    return buttons + agree


def _evidence(words: tuple[str, ...]) -> str | None:
    """The person's own words, short enough to stand under a tick."""
    if not words:
        return None
    first = words[0]
    return first if len(first) <= BUTTON_LABEL_CHARS_MAX else first[:BUTTON_LABEL_CHARS_MAX] + "…"


def _moves(page: Page) -> tuple[Button, ...]:
    """The moves, "not safe" and "back" first; a wish for a person stays in sight at the start."""
    early = not page.session.answers or page.session.asked in ("voor_wie", "verhaal")
    wish = "/no-call" if page.session.wants_call else "/person"
    in_sight = (*IN_SIGHT[:2], wish, IN_SIGHT[2]) if early else IN_SIGHT
    also = () if page.session.scope == "web" else IN_TELEGRAM
    behind = (wish if one == "/person" else one for one in BEHIND_MORE + also)
    quiet = tuple(i for i in behind if i not in in_sight)
    return tuple(
        Button(id=i, label=page.say(f"move.{i[1:]}"), quiet=i in quiet) for i in in_sight + quiet
    )
