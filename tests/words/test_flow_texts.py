"""The shipped questions: everybody finds their words, and everything leads somewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import msgspec
import pytest
from babel import Locale

from intakebot import content
from intakebot.content import overlays
from intakebot.core.flow import (
    AllOf,
    AnswerIn,
    AnyOf,
    DomainIn,
    FactIn,
    Kind,
    Known,
    Not,
    Question,
    Revision,
    Rule,
)
from intakebot.core.hearing.lexicon import DOMAINS
from intakebot.core.reading.spoken import key as folded
from intakebot.core.texts import dutch as dutch_texts

LANGUAGES = tuple(
    sorted(
        it.name.removesuffix(".yaml")
        for it in (content.FOLDER / "flow").iterdir()
        if it.name != f"{content.FLOW}.yaml"
    )
)
RIGHT_TO_LEFT = tuple(it for it in LANGUAGES if Locale.parse(it).text_direction == "rtl")
PLACE = re.compile(r"\{(\w+)\}")
NUMBER = re.compile(r"\d(?:[\d -]*\d)?")
ISOLATED = re.compile("\u2066[^\u2066\u2069]*\u2069")
BROKEN_NUMBER = re.compile(r"\d[ -]\d|[A-Za-z]{2,}")
# What must never be asked for (DOMAIN 2): no diagnosis, amount, creditor, citizen number, asylum.
NEVER_ASKED = re.compile(r"(?i)bsn|diagnose|hoeveel (?:schuld|geld)|asiel|gevlucht|geboren")
# Facts that no question gives: heard in the story, or told by the engine.
HEARD = {
    "alleen_contact",
    "alleen_informatie",
    "gebied",
    "kind_vertaalt",
    "geen_adres",
    "over_ander",
    "school",
    "startkwalificatie",
    "statushouder",
    "taal",
    "uitkering_vragen",
    "vak",
    "ziektewet",
}


def rules(rule: Rule | None) -> Iterator[Rule]:
    match rule:
        case None:
            return
        case AllOf(of=parts) | AnyOf(of=parts):
            for part in parts:
                yield from rules(part)
        case Not(of=part):
            yield from rules(part)
        case _:
            pass
    yield rule


def asked(revision: Revision) -> tuple[Question, ...]:
    return tuple(q for q in revision.questions() if q.kind is not Kind.STATEMENT)


def test_keys_are_unique(revision: Revision) -> None:
    assert [k for k, n in Counter(q.key for q in revision.questions()).items() if n > 1] == []


def test_every_question_has_easy_dutch(revision: Revision) -> None:
    assert [q.key for q in revision.questions() if not q.easy] == []


def test_what_is_said_of_another_is_said_in_easy_dutch_too(revision: Revision) -> None:
    def length(text: str) -> int:
        return max(len(sentence.split()) for sentence in re.split(r"[.?!]\s*", text))

    hard = [
        q.key for q in revision.questions() if q.other and not q.other_easy and length(q.other) > 10
    ]

    assert hard == []


def test_every_line_of_the_read_back_has_a_short_name(revision: Revision) -> None:
    assert [q.key for q in asked(revision) if not 0 < len(q.label) <= 30] == []


def test_all_life_domains_can_be_chosen(revision: Revision) -> None:
    domains = next(q for q in revision.questions() if q.kind is Kind.DOMAINS)

    assert [choice.id for choice in domains.choices] == [*DOMAINS]
    assert [choice.domain for choice in domains.choices] == [*DOMAINS]


def test_every_life_domain_has_a_question_for_the_contact_person(revision: Revision) -> None:
    reached = {
        code
        for question in revision.questions()
        if question.rank
        for rule in rules(question.when)
        if isinstance(rule, DomainIn)
        for code in rule.among
    }

    assert set(DOMAINS) - reached == set()


def test_every_rule_names_what_is_there(revision: Revision) -> None:
    keys = {question.key for question in revision.questions()}
    facts = {question.fact for question in revision.questions()} | HEARD
    facts |= {name for q in revision.questions() for c in q.choices for name in c.sets}
    wrong: list[str] = []
    for question in revision.questions():
        wrong += [f"{question.key}: {key}" for key in question.depends if key not in keys]
        for rule in rules(question.when):
            match rule:
                case AnswerIn(question=key) if key not in keys:
                    wrong.append(f"{question.key}: {key}")
                case FactIn(name=name) | Known(name=name) if name not in facts:
                    wrong.append(f"{question.key}: {name}")
                case _:
                    pass

    assert wrong == []


def test_the_usual_way_has_twelve_questions_at_most(revision: Revision) -> None:
    """Language, the questions that everybody gets for oneself, and three follow-ups."""
    usual = ["voor_wie", "verhaal", "domeinen", "sterk", "postcode", "naam", "telefoon", "controle"]
    order = [question.key for question in asked(revision)]

    assert [key for key in order if key in usual] == usual
    assert all(q.rank is None for q in asked(revision) if q.key in usual)
    assert 1 + len(usual) + 3 == 12


def test_nothing_is_asked_that_is_none_of_our_business(revision: Revision) -> None:
    texts = [text for q in asked(revision) for text in (q.text, q.easy, q.other) if text]

    assert [text for text in texts if NEVER_ASKED.search(text)] == []


def test_only_what_tells_nothing_is_shown_in_a_narrow_telegram(revision: Revision) -> None:
    shown = [q.key for q in revision.questions() if not q.private]

    assert shown == [
        "welkom",
        "uw_gegevens",
        "voor_wie",
        "kind_postcode",
        "kind_plaats",
        "postcode",
        "plaats",
    ]


def test_a_call_is_asked_only_what_a_call_needs(revision: Revision) -> None:
    needed = [q.key for q in asked(revision) if q.calls and not q.key.startswith("kind_")]

    assert needed == [
        "gevaar_nu",
        "postcode",
        "plaats",
        "naam",
        "telefoon",
        "veilige_tijd",
        "tolk",
        "controle",
    ]


@pytest.mark.parametrize("lang", ["nl", *LANGUAGES])
def test_no_two_choices_are_typed_the_same(revision: Revision, lang: str) -> None:
    overlay = revision.translations.get(lang, {})
    twice: list[str] = []
    for question in revision.questions():
        typed: dict[str, str] = {}
        for choice in question.choices:
            path = f"{question.key}.{choice.id}"
            dutch = (choice.label, choice.easy or "", *choice.also)
            parts = [
                overlay[f"{path}.{p}"].text for p in ("label", "also") if f"{path}.{p}" in overlay
            ]
            own = [word for text in parts for word in text.split("|")] if overlay else dutch
            twice += [
                f"{path}: {word}"
                for word in filter(None, map(folded, own))
                if typed.setdefault(word, choice.id) != choice.id
            ]

    assert twice == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_is_translated_from_the_dutch_of_today(revision: Revision, lang: str) -> None:
    assert overlays.stale(revision, lang) == ()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_translation_says_that_a_native_reader_read_it(revision: Revision, lang: str) -> None:
    """Nobody has yet; who reads one writes a name there, and takes it out of this test."""
    assert {text.reviewed_by for text in revision.translations[lang].values()} == {None}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_translation_keeps_numbers_and_places(revision: Revision, lang: str) -> None:
    dutch = dutch_texts(revision.sections)
    wrong = {
        path: text.text
        for path, text in revision.translations[lang].items()
        if sorted(NUMBER.findall(text.text)) != sorted(NUMBER.findall(dutch[path]))
        or set(PLACE.findall(text.text)) != set(PLACE.findall(dutch[path]))
    }

    assert wrong == {}


@pytest.mark.parametrize("lang", RIGHT_TO_LEFT)
def test_right_to_left_isolates_numbers_and_latin_names(revision: Revision, lang: str) -> None:
    wrong = {
        path: found[0]
        for path, text in revision.translations[lang].items()
        # What may be typed for a choice is never shown: Farsi is typed in Latin letters too.
        if not path.endswith(".also")
        and (found := BROKEN_NUMBER.search(ISOLATED.sub("", text.text)))
    }

    assert wrong == {}


def test_a_change_of_the_dutch_makes_the_translation_stale(revision: Revision) -> None:
    first, *rest = revision.sections
    question = msgspec.structs.replace(first.questions[0], text="Anders.")
    changed = msgspec.structs.replace(first, questions=(question, *first.questions[1:]))
    other = msgspec.structs.replace(revision, sections=(changed, *rest))

    assert overlays.stale(other, "ar") == (f"{question.key}.text",)
    assert len(overlays.stale(revision, "xx")) == len(dutch_texts(revision.sections))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_overlay_is_written_as_it_stands(revision: Revision, lang: str) -> None:
    """`overlays.refresh` changes fingerprints and nothing else."""
    source = dutch_texts(revision.sections)
    file = overlays.file_of(lang)

    assert file.read_text("utf-8") == overlays.written_out(revision.translations[lang], source)
