"""Plain Dutch, measured (B1 for everybody, A2 for easy Dutch). A formula is no reader: it only
notices when a text becomes hard. The picker, the domain list and the confirmation are free of the
button and sentence counts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pytest
from babel.messages.catalog import Catalog

from intakebot.core.flow import Kind, Revision
from tests.words.reading import filled, measure, sentences, words

Level = Literal["B1", "A2"]
LEVELS: tuple[Level, ...] = ("B1", "A2")
SENTENCE_WORDS_MAX: dict[Level, int] = {"B1": 15, "A2": 10}
FLESCH_DOUMA_MIN: dict[Level, float] = {"B1": 80, "A2": 85}
MESSAGE_SENTENCES_MAX = 3
MESSAGE_WORDS_MAX = 40
BUTTONS_MAX = 5
LABEL_CHARS_MAX = 60
# Prefixes of the catalogues that are labels, not sentences.
LABELS = ("age", "answer", "line", "move", "picker")
# A single sentence or two cannot be measured: these are read among the standard sentences.
SCREENS = {"ask": "tell", "handover": "tell", "talk": "tell"}
# The confirmation is made of these, one after the other.
CONFIRMATION = "confirm"

# Words of the office, of law and of care; each has an everyday word.
JARGON = re.compile(
    r"""(?ix) \b(?: aanmeld\w* | aanvra\w* (?<!aangevraagd) | afdeling\w* | beschikking\w* | betreft
    | beperking\w* | casus\w* | cliënt(?!ondersteuner)\w* | conform | consulent\w* | dien\w*
    | dossier\w* | ggz | hulpverlen\w* | indicatie\w* | indien | intake\w* | inzake | jeugdzorg
    | klantmanager\w* | maatwerk\w* | middels | module\w* | mutatie\w* | naasten | ondersteunings\w*
    | participat\w* | procedure\w* | professional\w* | problematiek\w* | registr\w* | re-integrat\w*
    | schuldhulpverlen\w* | sociaal\ domein | tevens | traject\w* | triage | verstrek\w*
    | voorziening\w* | wmo | zelfredzaam\w* | zorgvra\w* )\b"""
)
# Blame, orders, promises, labels: never said to people.
NEVER = re.compile(
    r"""(?ix) \b(?: moet\w* | fout\ (?:van\ u|gedaan) | verkeerd | ongeldig\w* | verplicht\w* | helaas
    | geen\ recht | recht\ gekregen | beloof\w* | beloven | garand\w* | zeker\ weten | diagnose\w*
    | verslaafd\w* | verwaarloosd | gestoord )\b"""
)
FOR_A_CHILD = re.compile(r"(?i)\b(?:je|jij|jou|jouw)\b")
FORMAL = re.compile(r"(?i)\b(?:u|uw|uzelf)\b")
# Texts that speak to a child.
CHILD_KEYS = ("kind_", "confirm.child", "card.child")


@dataclass(frozen=True)
class Text:
    """A text that people read: where it stands, and whether it is a message of its own."""

    screen: str
    key: str
    text: str
    label: bool = False


def flow_texts(revision: Revision, level: Level) -> Iterator[Text]:
    for section in revision.sections:
        for question in section.questions:
            easy = level == "A2"
            text = (question.easy or question.text) if easy else question.text
            other = (question.other_easy or question.other) if easy else question.other
            for said in (text, other, question.help):
                if said:
                    yield Text(section.key, question.key, said)
            for choice in question.choices:
                label = (choice.easy or choice.label) if easy else choice.label
                for said in (label, choice.other):
                    if said:
                        yield Text(section.key, f"{question.key}.{choice.id}", said, label=True)


def catalogue_texts(catalogue: Catalog, level: Level) -> Iterator[Text]:
    found = {(m.context, str(m.id)): str(m.string) for m in catalogue if m.id}
    for (context, key), text in found.items():
        prefix = key.partition(".")[0]
        screen = SCREENS.get(prefix, prefix)
        if context is None and screen != "day":
            shown = found.get(("A2", key), text) if level == "A2" else text
            yield Text(screen, key, shown, label=screen in LABELS)


@pytest.fixture(scope="module")
def texts(revision: Revision, files: dict[str, Catalog]) -> dict[Level, tuple[Text, ...]]:
    return {
        level: (*flow_texts(revision, level), *catalogue_texts(files["nl"], level))
        for level in LEVELS
    }


Texts = dict[Level, tuple[Text, ...]]


@pytest.mark.parametrize("level", LEVELS)
def test_no_sentence_is_long(texts: Texts, level: Level) -> None:
    long = [
        f"{text.key}: {len(words(sentence))} words: {sentence}"
        for text in texts[level]
        for sentence in sentences(text.text)
        if len(words(sentence)) > SENTENCE_WORDS_MAX[level]
    ]

    assert long == []


@pytest.mark.parametrize("level", LEVELS)
def test_no_message_has_more_than_three_sentences(texts: Texts, level: Level) -> None:
    long = [
        text.key
        for text in texts[level]
        if text.screen != CONFIRMATION
        and (
            len(sentences(text.text)) > MESSAGE_SENTENCES_MAX
            or len(words(filled(text.text))) > MESSAGE_WORDS_MAX
        )
    ]

    assert long == []


@pytest.mark.parametrize("level", LEVELS)
def test_every_screen_set_reads_easily(texts: Texts, level: Level) -> None:
    screens: dict[str, list[str]] = defaultdict(list)
    for text in texts[level]:
        if not text.label:
            screens[text.screen].append(text.text)
    scores = {screen: measure(shown).flesch_douma for screen, shown in screens.items()}

    assert {s: score for s, score in scores.items() if score < FLESCH_DOUMA_MIN[level]} == {}


@pytest.mark.parametrize("level", LEVELS)
def test_no_word_of_the_office_is_used(texts: Texts, level: Level) -> None:
    found = {t.key: m[0] for t in texts[level] if (m := JARGON.search(t.text))}

    # DOMAIN of the law: this sentence must say what has not been done.
    found.pop("confirm.no-benefit", None)
    assert found == {}


@pytest.mark.parametrize("level", LEVELS)
def test_nobody_is_blamed_ordered_or_promised_anything(texts: Texts, level: Level) -> None:
    assert {t.key: m[0] for t in texts[level] if (m := NEVER.search(t.text))} == {}


@pytest.mark.parametrize("level", LEVELS)
def test_a_child_is_je_and_everybody_else_is_u(texts: Texts, level: Level) -> None:
    to_child = [t for t in texts[level] if t.key.startswith(CHILD_KEYS)]
    to_others = [t for t in texts[level] if not t.key.startswith(CHILD_KEYS)]

    assert [t.key for t in to_child if FORMAL.search(t.text)] == []
    assert [t.key for t in to_others if FOR_A_CHILD.search(t.text)] == []


def test_a_question_has_few_buttons(revision: Revision) -> None:
    crowded = [
        question.key
        for question in revision.questions()
        if question.kind is not Kind.DOMAINS and len(question.choices) > BUTTONS_MAX
    ]

    assert crowded == []


@pytest.mark.parametrize("level", LEVELS)
def test_a_label_fits_on_a_button(texts: Texts, level: Level) -> None:
    long = [t.key for t in texts[level] if t.label and len(filled(t.text)) > LABEL_CHARS_MAX]

    assert long == []


def test_the_measure_knows_easy_from_hard() -> None:
    easy = ["Hebt u geld voor eten? Dan gaan wij verder."]
    hard = ["Ten behoeve van de ondersteuningsbehoefte dient verificatie plaats te vinden."]

    assert measure(easy).flesch_douma > 90
    assert measure(hard).flesch_douma < 50
