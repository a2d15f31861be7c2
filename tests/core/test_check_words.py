"""Texts, translations and names: what an admin reads of them, whole, with the place and the remedy."""

from __future__ import annotations

import msgspec
import pytest

from intakebot.core.check import Around
from intakebot.core.check.texts import texts
from intakebot.core.check.translations import names, translations
from intakebot.core.flow import (
    AllOf,
    Choice,
    ClockRule,
    DomainRule,
    Kind,
    Question,
    Revision,
    RoutingRule,
    Section,
    Translated,
    UrgencyRule,
)
from intakebot.core.hearing.lexicon import DOMAINS
from intakebot.core.hearing.safety import CATEGORIES
from intakebot.core.names import FactName, Names
from intakebot.core.region import Region
from intakebot.core.texts import fingerprint

ALWAYS = AllOf(of=())


def a_revision(text: str, *, of_label: str = "Wonen") -> Revision:
    """A flow with one of everything that people read, which is everywhere this text."""
    choice = Choice(id="huis", label=text, easy=text, other=text, also=(text,))
    question = Question(
        key="woning",
        kind=Kind.CHOICE,
        text=text,
        easy=text,
        other=text,
        other_easy=text,
        help=text,
        label=of_label,
        choices=(choice,),
    )
    return Revision(
        schema="intakebot-flow/1",
        id=text,
        revision=text,
        title=text,
        sections=(Section(key="alles", title=text, questions=(question,)),),
        urgency=(UrgencyRule(key="haast", level="week", when=ALWAYS, because=text),),
        clocks=(ClockRule(key="klok", law=text, when=ALWAYS, started_by=text),),
        types=(),
        routing=(RoutingRule(key="rest", queue="onbekend", because=text),),
        domains=(DomainRule(code="justitie", law=text, retention=text, retention_days=1),),
    )


# Every text of a flow but the label of a question, which may be empty.
READ = (
    *(("The flow", name) for name in ("id", "revision", "title")),
    ('Section "alles"', "title"),
    *(('Question "woning"', name) for name in ("text", "easy", "other", "other_easy", "help")),
    *(('Question "woning", choice "huis"', name) for name in ("label", "easy", "other", "also")),
    ('Urgency rule "haast"', "because"),
    ('Clock "klok"', "law"),
    ('Clock "klok"', "started_by"),
    ('Routing rule "rest"', "because"),
    ("Domain rule 1", "law"),
    ("Domain rule 1", "retention"),
)
LABEL = ('Question "woning"', "label")


def told(revision: Revision) -> list[str]:
    return [str(one) for one in texts(revision)]


def each(says: str, *places: tuple[str, str]) -> list[str]:
    """This line of each of these places."""
    return sorted(says.format(where=where, name=name) for where, name in places)


def test_of_words_nothing_is_told() -> None:
    assert told(a_revision("Iets\nom\tte lezen.")) == []


def test_nothing_that_is_read_is_empty() -> None:
    empty = 'F201 {where}: field "{name}" is empty. Write the words, or take the field away.'

    assert sorted(told(a_revision("", of_label=""))) == each(empty, *READ)
    assert sorted(told(a_revision(" \n", of_label=" "))) == each(empty, *READ, LABEL)


def test_a_text_has_the_length_that_telegram_counts() -> None:
    too_long = (
        'F202 {where}: field "{name}" is too long: {{}} of the units that Telegram counts. '
        "Use 1500 at most; what is longer is not read anyway."
    )

    assert told(a_revision("a" * 1500)) == []
    assert told(a_revision("🙂" * 750)) == []
    assert sorted(told(a_revision("a" * 1501))) == [
        one.format(1501) for one in each(too_long, *READ)
    ]
    assert told(a_revision("a", of_label="🙂" * 751)) == [
        one.format(1502) for one in each(too_long, LABEL)
    ]


@pytest.mark.parametrize(
    ("text", "sign"),
    [("a\x07", "U+0007"), ("\ud83d", "U+D83D"), ("a\rb\x07", "U+000D"), ("\n\x7f", "U+007F")],
)
def test_a_sign_that_cannot_be_sent_is_told(text: str, sign: str) -> None:
    unsendable = (
        f'F203 {{where}}: field "{{name}}" holds a sign that cannot be sent: {sign}. '
        "Type that place again; it may have been copied from another program."
    )

    assert sorted(told(a_revision(text, of_label=text))) == each(unsendable, *READ, LABEL)


# ---- translations


def translated(text: str, of: str) -> Translated:
    return Translated(text=text, source=fingerprint(of))


WORDS = {
    "section.alles.title": translated("Everything", "Alles"),
    "woning.text": translated("Where?", "Waar?"),
    "woning.huis.label": translated("A house", "Huis"),
    "woning.huis.also": translated("home|flat", "thuis|flat"),
}
CHOICE = Choice(id="huis", label="Huis", also=("thuis", "flat"))


def in_english(
    *,
    more: dict[str, Translated] | None = None,
    gone: str = "",
    offered: tuple[str, ...] = ("nl", "nl-A2", "en"),
    text: str = "Waar?",
) -> list[str]:
    """What is told when these of the English words are other ones, or gone."""
    words = {path: one for path, one in {**WORDS, **(more or {})}.items() if path != gone}
    question = Question(key="woning", kind=Kind.CHOICE, text=text, choices=(CHOICE,))
    section = Section(key="alles", title="Alles", questions=(question,))
    revision = msgspec.structs.replace(
        a_revision("Iets"), sections=(section,), translations={"en": words}
    )
    region = Region(name="Hier", languages=offered, municipalities=())
    return [str(one) for one in translations(revision, Around(region=region, heard={}))]


def test_a_translation_that_is_whole_is_not_told() -> None:
    assert in_english() == []
    assert in_english(offered=("nl",)) == []


def test_a_language_without_words_is_told_once() -> None:
    says = "is offered to people, and the flow has no words in it: they read Dutch."
    remedy = "Add the translation, or offer the language no longer."

    assert in_english(offered=("ar", "nl", "ar-A2", "en", "ti")) == [
        f'F601 Language "ar": {says} {remedy}',
        f'F601 Language "ti": {says} {remedy}',
    ]


@pytest.mark.parametrize(
    ("path", "dutch"), [("woning.text", "Waar?"), ("woning.huis.label", "Huis")]
)
def test_a_text_without_a_translation_is_told_with_its_dutch(path: str, dutch: str) -> None:
    assert in_english(gone=path) == [
        f'F602 Language "en": "{path}" is missing: people read Dutch. Translate: “{dutch}”'
    ]
    assert in_english(more={path: translated(" ", dutch)}) == [
        f'F605 Language "en": "{path}" is empty. Translate: “{dutch}”'
    ]
    assert in_english(more={path: translated("Words", "Iets anders")}) == [
        (
            f'F604 Language "en": "{path}" was made from other Dutch. '
            f"Read it again beside the Dutch: “{dutch}”"
        )
    ]


@pytest.mark.parametrize(("text", "shown"), [("a" * 60, "a" * 60), ("b" * 61, "b" * 60 + "…")])
def test_of_a_long_text_the_beginning_is_shown(text: str, shown: str) -> None:
    assert in_english(gone="woning.text", text=text) == [
        (f'F602 Language "en": "woning.text" is missing: people read Dutch. Translate: “{shown}”')
    ]


def test_a_translation_of_nothing_is_told() -> None:
    more = {"wonig.text": translated("Where?", "Waar?"), "qqqqq": translated("", "")}

    assert in_english(more=more) == [
        (
            'F603 Language "en": "wonig.text" belongs to nothing in this flow. '
            'Did you mean "woning.text"?'
        ),
        'F603 Language "en": "qqqqq" belongs to nothing in this flow. Take it out.',
    ]


def test_a_translation_can_be_sent() -> None:
    assert in_english(more={"woning.text": translated("Where\x07?", "Waar?")}) == [
        (
            'F203 Language "en": field "woning.text" holds a sign that cannot be sent: U+0007. '
            "Type that place again; it may have been copied from another program."
        )
    ]


def test_a_translated_choice_fits_on_its_button() -> None:
    """Nothing else stands on one: a question and a title may be longer, and so may spellings."""
    no_buttons = {
        "section.alles.title": "Alles",
        "woning.text": "Waar?",
        "woning.huis.also": "thuis|flat",
    }
    long = {path: translated("a" * 61, dutch) for path, dutch in no_buttons.items()}

    assert in_english(more=long) == []
    assert in_english(more={"woning.huis.label": translated("a" * 60, "Huis")}) == []
    assert in_english(more={"woning.huis.label": translated("a" * 61, "Huis")}) == [
        (
            'F108 Language "en": "woning.huis.label" does not fit on a button: 61 characters. '
            "Use 60 characters at most."
        )
    ]


# ---- names


def test_a_code_without_a_name_is_told_with_where_to_add_it() -> None:
    """Facts as questions and choices make them known, each once."""
    home = Choice(id="huis", label="Huis", sets={"woont": "huis", "alleen": "ja"})
    sections = (
        Section(
            key="alles",
            title="Alles",
            questions=(
                Question(key="x", kind=Kind.CHOICE, text="?", fact="huur", choices=(home,)),
                Question(key="y", kind=Kind.TEXT, text="?", fact="alleen"),
            ),
        ),
    )
    facts, none = ("huur", "woont", "alleen"), a_revision("Iets")
    missing = [
        *(("Fact", "facts", code) for code in facts),
        *(("Life domain", "domains", code) for code in DOMAINS),
        *(("Signal", "signals", code) for code in CATEGORIES),
    ]
    named = Names(
        facts={code: FactName(label=code) for code in facts},
        domains={code: code for code in DOMAINS},
        signals={code: code for code in CATEGORIES},
    )

    def of_names(given: Names) -> list[str]:
        revision = msgspec.structs.replace(none, sections=sections, names=given)
        return [str(one) for one in names(revision)]

    assert of_names(named) == []
    assert of_names(Names()) == [
        (
            f'F606 The names: {sort} "{code}" has no Dutch name: people read the code. '
            f"Add it to `names.{part}`."
        )
        for sort, part, code in missing
    ]
