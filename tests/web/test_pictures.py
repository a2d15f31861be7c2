"""The pictures: every answer, move and question has one, every one is used, all are of one hand."""

import re
from collections.abc import Iterator

import pytest

from intakebot.content import pictures
from intakebot.core.flow import Kind
from intakebot.core.session import Aside
from intakebot.core.talking import answering, moves, render, wording
from intakebot.web import static
from tests.web.place import shipped_content

PICTURES = pictures.load()
FLOW = shipped_content().revision
QUESTIONS = [q for section in FLOW.sections for q in section.questions]
CHOICES = {choice.id for question in QUESTIONS for choice in question.choices}
DOMAINS = {choice.domain for question in QUESTIONS for choice in question.choices} - {None}
MOVES = {*render.IN_SIGHT, *render.BEHIND_MORE, "/no-call", "/resume", "/status", "/add", "/withdraw", "/erase"}  # fmt: skip
ASIDES = {button for buttons in moves.ASIDE_BUTTONS.values() for button in buttons}
BUTTONS = {
    *CHOICES,
    *(MOVES - {"/more"}),  # a fold in the web chat
    *ASIDES,
    *wording.YES_NO,
    *wording.AGE_BANDS,
    answering.DONE,
    answering.AGREE,
    answering.SEND,
    answering.CHANGE,
}
ASKED = {q.key for q in QUESTIONS if q.kind is not Kind.STATEMENT} | set(Aside)
# Beside words of the page itself.
OWN = {"luister", "spreken", "stil", "sturen"}
NAMES = [name for sheet in PICTURES.sheets.values() for name in sheet]
BYTES_MAX, GRID = 450, 32
PARTS = re.compile(
    r'<(?:path d="[-MmLlHhVvAaQqCcsz0-9. ]+"'
    r'|circle cx="[\d.]+" cy="[\d.]+" r="[\d.]+"'
    r'|rect x="[\d.]+" y="[\d.]+" width="[\d.]+" height="[\d.]+"(?: rx="[\d.]+")?)/>'
)


def test_every_life_domain_has_a_picture() -> None:
    assert len(DOMAINS) == 16
    assert {it for it in DOMAINS if it and PICTURES.beside(it) is None} == set()


def test_every_answer_and_move_has_a_picture() -> None:
    assert {it for it in BUTTONS if PICTURES.beside(it) is None} == set()


def test_every_question_has_a_picture() -> None:
    assert {it for it in ASKED if PICTURES.beside_question(it) is None} == set()


def test_every_picture_is_used_and_every_name_is_a_picture() -> None:
    beside = {PICTURES.beside(it) for it in BUTTONS | OWN}
    beside |= {PICTURES.beside_question(it) for it in ASKED}
    named = {*PICTURES.names.buttons.values(), *PICTURES.names.questions.values()}

    assert set(NAMES) - beside == set()
    assert (named | PICTURES.names.turned) - set(NAMES) == set()
    assert len(NAMES) == len(set(NAMES))


def test_no_line_of_the_names_is_there_in_vain() -> None:
    questions = set(PICTURES.names.questions)

    assert PICTURES.names.buttons.keys() - BUTTONS == set()
    assert questions - ASKED == set()


@pytest.mark.parametrize(
    ("sheet", "name"), [(sheet, name) for sheet, them in PICTURES.sheets.items() for name in them]
)
def test_all_are_of_one_hand(sheet: str, name: str) -> None:
    """Same grid, lines and ends (the head, which `load` asks for); lines and nothing else."""
    lines = PICTURES.sheets[sheet][name]

    assert PARTS.sub("", lines) == ""
    assert len(lines) + len(pictures.HEAD) <= BYTES_MAX
    assert [at for at in _absolute(lines) if not 1 <= at <= GRID - 1] == []


def _absolute(lines: str) -> Iterator[float]:
    """Every number that is a place on the grid, not a step."""
    for run in re.findall(r"[MLHV]([-\d. ]+)", lines):
        yield from (float(it) for it in re.findall(r"-?\d*\.?\d+", run))
    for attribute in re.findall(r'(?:cx|cy|x|y)="([\d.]+)"', lines):
        yield float(attribute)


def test_a_picture_of_another_hand_is_refused() -> None:
    wrong = pictures.HEAD.replace('stroke-width="2"', 'stroke-width="3"')
    with pytest.raises(ValueError, match=r"mij\.svg: a picture begins with"):
        pictures.lines_of("mij.svg", f'{wrong}<path d="M1 1h2"/>{pictures.TAIL}')


def test_what_an_admin_adds_has_a_picture_only_when_its_id_is_the_name_of_one() -> None:
    found = static.read()

    assert found.picture("een_eigen_keuze") is None
    assert found.picture_of("een_eigen_vraag") is None
    assert found.picture_of(None) is None
    assert (named := found.picture("koffie")) is not None
    assert named.address.startswith("/static/pictures/later.")
    assert named.address.endswith(".svg#koffie")
