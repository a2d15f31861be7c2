"""Mijn verhaalkaart: one page that belongs to the inhabitant, to show or give at any desk.

Each line stands there in the person's language and in Dutch; own words stand there once, as they
were written. No number of the card opens anything, and no citizen service number is on it: those
were masked before anything was kept.
"""

from __future__ import annotations

from collections.abc import Callable

from intakebot.core.facts import Fact, Known
from intakebot.core.flow import Kind
from intakebot.core.law.conditions import counting
from intakebot.core.region import Region, municipality_of, team_of
from intakebot.core.request import Request
from intakebot.core.session import Tongue, Value
from intakebot.core.talking import read_back, wording
from intakebot.core.talking.page import Page
from intakebot.core.talking.path import walk

# Own words on the card: it stays one sheet of paper. The whole story is in "my data".
OWN_WORDS_CHARS_MAX = 700
DUTCH = Tongue(lang=wording.DUTCH)


class CardLine(Value, frozen=True):
    """One line of the card. The Dutch beside it is empty where it would be the same."""

    key: str
    label: str
    values: tuple[str, ...]
    label_nl: str = ""
    values_nl: tuple[str, ...] = ()
    own: bool = False  # the person's own words, in whatever language


def lines(page: Page, request: Request, queue: str) -> tuple[CardLine, ...]:
    """What can stand on the card, in order; `queue` is where the request stands now."""
    known = walk(page.flow, page.session).known
    both = (page,) if page.tongue.lang == wording.DUTCH else (page, page.speaking(DUTCH))
    made: tuple[tuple[str, Callable[[Page], tuple[str, ...]], bool], ...] = (
        ("called", lambda _: _some(request.contact.called), True),
        ("subject", lambda _: _subject(request), True),
        ("speaks", lambda it: _speaks(it, request), False),
        ("about", lambda it: _about(it, known, request), False),
        ("words", _own_words, True),
        ("helps", lambda it: _helps(it, known), False),
        ("contact", _contact, False),
        ("team", lambda it: team(it, queue), False),
        ("number", lambda _: (request.reference,), False),
    )
    found = (_line(both, *one) for one in made)
    return tuple(line for line in found if line.values)


def _line(
    both: tuple[Page, ...],
    key: str,
    say: Callable[[Page], tuple[str, ...]],
    own: bool,  # noqa: FBT001 - spread from the table above
) -> CardLine:
    values = [say(page) for page in both]
    return CardLine(
        key=key,
        label=both[0].say(f"own.{key}"),
        values=values[0],
        label_nl=both[-1].say(f"own.{key}") if len(both) > 1 else "",
        values_nl=() if values[-1] == values[0] else values[-1],
        own=own,
    )


def _some(text: str | None) -> tuple[str, ...]:
    return (text,) if text else ()


def _subject(request: Request) -> tuple[str, ...]:
    """Whom it is about, when that is somebody else than who tells."""
    called = request.subject.called
    return _some(None if called == request.contact.called else called)


def _speaks(page: Page, request: Request) -> tuple[str, ...]:
    """The language, and whether an interpreter is needed; nothing where it is simply Dutch."""
    wanted = request.contact.interpreter
    code = wanted.language or request.language
    if code == wording.DUTCH:
        return ()
    in_dutch = page.flow.revision.names.languages.get(code, code)
    own = code == page.tongue.lang
    name = page.words.say(page.tongue, "picker.name") if own else in_dutch
    return (page.say("own.with_interpreter", language=name) if wanted.needed else name,)


def _about(page: Page, known: Known, request: Request) -> tuple[str, ...]:
    """The life domains, as the buttons call them."""
    flow, other = page.flow, wording.about_other(known)
    asked = (q for q in flow.by_key.values() if q.kind is Kind.DOMAINS)
    labels = {
        choice.id: wording.choice_label(flow, question, choice, page.tongue, other=other)
        for question in asked
        for choice in question.choices
    }
    codes = (part.code for part in request.domains)
    return tuple(labels.get(code, flow.revision.names.domain(code)) for code in codes)


def _own_words(page: Page) -> tuple[str, ...]:
    """The story as it was written, up to a bound."""
    said = " / ".join(one.text for one in page.session.story if one.text)
    if len(said) > OWN_WORDS_CHARS_MAX:
        said = f"{said[:OWN_WORDS_CHARS_MAX].rstrip()}…"
    return _some(said)


def _helps(page: Page, known: Known) -> tuple[str, ...]:
    """What the person can, likes and wants."""
    found: dict[str, None] = {}
    other = wording.about_other(known)
    for name in page.flow.revision.names.strengths:
        counted = counting(known, name)
        facts = (fact for fact in known.facts if fact.name == name and fact.value in counted)
        found |= {_said(page, fact, other=other): None for fact in facts}
    return tuple(found)


def _said(page: Page, fact: Fact, *, other: bool) -> str:
    """A strength as its question says it; what was heard in the story in the words of it."""
    question = page.flow.by_key.get(fact.question or "")
    if question is None:
        return fact.evidence or page.flow.revision.names.value(fact.name, fact.value)
    value = read_back.in_words(page, question, fact.value, other=other)
    if value.isdecimal():  # a bare number says nothing
        return f"{wording.line_label(page.flow, question, page.tongue)}: {value}"
    return value


def _contact(page: Page) -> tuple[str, ...]:
    """The contact person once there is one, with the number to call."""
    card = page.session.contact
    return () if card is None else (card.name, *_some(card.phone))


def team(page: Page, queue: str) -> tuple[str, ...]:
    """The team that has the story, with its number."""
    region: Region = page.flow.region
    found, municipality = team_of(region, queue), municipality_of(region, queue)
    if found is not None:
        return found.label, found.phone.number
    if municipality is not None:
        return municipality.name, municipality.phone.number
    return (region.name,)
