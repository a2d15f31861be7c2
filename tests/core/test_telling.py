"""What is sent or changed while somebody tells: what is kept of it, and what is said back."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from intakebot.core.events import Edited, Effect, Fetch, Sent, Tell
from intakebot.core.flow import Kind
from intakebot.core.limits import (
    ATTACHMENT_BYTES_MAX,
    ATTACHMENTS_MAX,
    STORY_CHARS_MAX,
    STORY_MESSAGES_MAX,
)
from intakebot.core.session import Answer, Saying, Session, Tongue
from intakebot.core.talking import telling
from tests.conversation import MONDAY
from tests.core.stage import a_file, a_flow, a_question, a_session, choices

STORY = a_question("verhaal", Kind.STORY)
NAME = a_question("naam", Kind.NAME)
LETTER = a_question("brief", Kind.ATTACHMENT, depends=("naam",))
FLOW = a_flow(NAME, LETTER, STORY)
LONG = "Ik heb al heel lang geen geld meer en dat is moeilijk"
FULL = (Tell(key="story-full"),)
Result = tuple[Session, tuple[Effect, ...]]


def says(text: str, **parts: object) -> Saying:
    """A message of the story."""
    return Saying(text=text, lang="nl", at=MONDAY).replace(**parts)


def answered(key: str, value: str, ref: str | None = None, basis: str = "") -> Answer:
    """An answer given on Monday."""
    return Answer(question=key, value=value, at=MONDAY, ref=ref, basis=basis)


def sent(session: Session, event: Sent) -> Result:
    """What follows on this file."""
    return telling.attached(FLOW, session, event, MONDAY)


def edited(session: Session, text: str, ref: str = "7") -> Result:
    """What follows when this message is changed."""
    return telling.edited(FLOW, session, Edited(text=text, ref=ref), MONDAY)


def keys(effects: Iterable[Effect]) -> list[str]:
    """The sentences that are told."""
    return [one.key for one in effects if isinstance(one, Tell)]


@pytest.mark.parametrize(
    ("before", "last", "fits"),
    [
        (("a",) * (STORY_MESSAGES_MAX - 1), "b", True),
        (("a",) * STORY_MESSAGES_MAX, "b", False),
        (("a" * (STORY_CHARS_MAX - 1),), "b", True),
        (("a" * (STORY_CHARS_MAX - 1),), "bb", False),
    ],
)
def test_a_story_is_full_at_so_many_messages_or_letters(
    before: tuple[str, ...], last: str, *, fits: bool
) -> None:
    """The domains are looked at again, without the ticks of before, when it grows."""
    story = tuple(map(says, before))
    session = a_session(story=story, marks=("financien",))
    after, effects = telling.told(session, says(last), Tell(key="joined-story"))

    if fits:
        assert after == session.replace(story=(*story, says(last)), marks=None)
        assert effects == (Tell(key="joined-story"),)
    else:
        assert (after, effects) == (session, FULL)


def test_a_photo_is_fetched_and_thanked_for() -> None:
    found, effects = sent(a_session(), Sent(attachment=a_file(), ref="7"))

    assert found == a_session(attachments=(a_file(),))
    assert effects == (Fetch(attachment=a_file()), Tell(key="photo-kept"))


@pytest.mark.parametrize(
    ("kind", "caption", "tongue", "lang"),
    [
        ("photo", "de brief", Tongue(lang="ar"), "ar"),
        ("photo", "de brief", None, None),
        ("voice", None, Tongue(lang="nl"), "nl"),
        ("voice", "luister", Tongue(lang="nl"), "nl"),
    ],
)
def test_a_voice_note_and_words_under_a_photo_are_a_part_of_the_story(
    kind: str, caption: str | None, tongue: Tongue | None, lang: str | None
) -> None:
    file = a_file(kind)
    found, effects = sent(a_session(tongue=tongue), Sent(attachment=file, caption=caption, ref="7"))
    audio = file.id if kind == "voice" else None

    assert found.story == (Saying(text=caption or "", lang=lang, at=MONDAY, ref="7", audio=audio),)
    assert effects == (Fetch(attachment=file), Tell(key=f"{kind}-kept"))


def test_a_voice_note_that_does_not_fit_in_the_story_is_kept_as_a_file() -> None:
    full = a_session(story=(says("a" * STORY_CHARS_MAX),))
    found, effects = sent(full, Sent(attachment=a_file(), caption="en dit", ref="7"))

    assert (found.story, found.attachments) == (full.story, (a_file(),))
    assert effects == (Fetch(attachment=a_file()), Tell(key="photo-kept"), *FULL)


@pytest.mark.parametrize(
    ("size", "count", "expected"),
    [
        (ATTACHMENT_BYTES_MAX, 0, ["photo-kept"]),
        (ATTACHMENT_BYTES_MAX + 1, 0, ["attachment-too-big"]),
        (1, ATTACHMENTS_MAX - 1, ["photo-kept"]),
        (1, ATTACHMENTS_MAX, ["attachments-full"]),
    ],
)
def test_a_file_that_is_too_large_or_one_too_many_changes_nothing(
    size: int, count: int, expected: list[str]
) -> None:
    before = a_session(attachments=tuple(a_file(name=f"b{n}") for n in range(count)))
    after, effects = sent(before, Sent(attachment=a_file(size=size)))

    assert keys(effects) == expected
    assert len(after.attachments) == count + (expected == ["photo-kept"])
    assert (after == before) == (expected != ["photo-kept"])


@pytest.mark.parametrize(("album", "count"), [("x", 0), ("y", 1), (None, 1)])
def test_of_an_album_only_the_first_is_thanked_for(album: str | None, count: int) -> None:
    session = a_session(attachments=(a_file().replace(album="x" if album else None),))
    _, effects = sent(session, Sent(attachment=a_file(name="a2").replace(album=album)))

    assert len(keys(effects)) == count


def test_a_file_answers_the_question_for_one_and_nothing_else() -> None:
    asked = a_session(answers=(answered("naam", "Ada"),), editing="brief")
    found, _ = sent(asked, Sent(attachment=a_file(), ref="7"))
    other, _ = sent(a_session(), Sent(attachment=a_file(), ref="7"))

    assert found.answers[1:] == (answered("brief", "a1", ref="7", basis="naam=Ada"),)
    assert found.editing is None
    assert other.answers == ()


def test_a_changed_message_changes_its_part_of_the_story() -> None:
    session = a_session(story=(says("een", ref="6"), says("twee", ref="7")), marks=("x",))
    found, effects = edited(session, "drie")

    assert found == session.replace(story=(says("een", ref="6"), says("drie", ref="7")), marks=None)
    assert effects == (Tell(key="changed"),)


@pytest.mark.parametrize(("more", "expected"), [(0, "changed"), (1, "story-full")])
def test_a_changed_message_that_does_not_fit_changes_nothing(more: int, expected: str) -> None:
    session = a_session(story=(says("een", ref="6"), says("twee", ref="7")))
    found, effects = edited(session, "a" * (STORY_CHARS_MAX - 3 + more))

    assert effects == (Tell(key=expected),)
    assert (found == session) == (expected == "story-full")


def test_a_changed_message_changes_the_answer_that_it_gave() -> None:
    """On the ground that is there now; a message that gave nothing changes nothing."""
    given = (answered("naam", "Ada", ref="7"), answered("brief", "a1", ref="8"))
    found, effects = edited(a_session(answers=given), "Khaled")

    assert effects == (Tell(key="changed"),)
    assert found.answers == (given[0].replace(value="Khaled", said="Khaled"), given[1])
    assert edited(a_session(answers=given), "Khaled", ref="9") == (a_session(answers=given), ())
    gone = a_session(answers=(answered("weg", "Ada", ref="7"),))
    assert edited(gone, "Khaled") == (gone, ())


def test_a_changed_answer_stands_on_the_ground_of_now() -> None:
    town = a_question("plaats", Kind.PLACE, depends=("naam",))
    given = (answered("naam", "Ada"), answered("plaats", "Hier", ref="7", basis="naam=Bea"))
    session = a_session(answers=given)
    found, _ = telling.edited(a_flow(NAME, town), session, Edited(text="Daar", ref="7"), MONDAY)

    assert found.answers[1] == given[1].replace(value="Daar", said="Daar", basis="naam=Ada")


def test_a_changed_answer_that_became_a_story_or_unclear_leaves_the_answer() -> None:
    session = a_session(answers=(answered("naam", "Ada", ref="7"),))
    story, joined = edited(session, LONG)
    unclear, told = edited(session, "12345")

    assert story == session.replace(story=(says(LONG, ref="7"),))
    assert joined == (Tell(key="joined-story"),)
    assert (unclear, told) == (session, (Tell(key="not-understood"),))


def test_a_day_that_is_changed_is_counted_from_the_day_of_the_change() -> None:
    day = a_question("dag", Kind.DATE)
    session = a_session(answers=(answered("dag", "2026-01-01", ref="7"),))
    found, _ = telling.edited(a_flow(day), session, Edited(text="morgen", ref="7"), MONDAY)

    assert found.answers[0].value == "2026-11-24"


def test_a_changed_message_under_life_domains_is_read_with_what_was_heard() -> None:
    """It agrees: with what was ticked, and with what the story tells since."""
    lives = a_question("domeinen", Kind.DOMAINS, choices=choices("financien", "huisvesting"))
    given = Answer(question="domeinen", value=("huisvesting",), at=MONDAY, ref="7")
    session = a_session(answers=(given,), story=(says("Ik heb schulden"),))
    found, _ = telling.edited(a_flow(lives), session, Edited(text="klopt", ref="7"), MONDAY)

    assert found.answers[0].value == ("huisvesting", "financien")
    assert found.answers[0].basis == "financien"


def test_a_changed_message_takes_the_place_of_what_it_ticked_and_not_of_other_ticks() -> None:
    """Another question stands open with a tick: that one is no part of this answer."""
    sorts = a_question("soorten", Kind.CHOICES, choices=choices("appel", "peer", "pruim"))
    given = Answer(question="soorten", value=("appel",), at=MONDAY, ref="7")
    session = a_session(answers=(given,), marks=("pruim",))
    found, _ = telling.edited(a_flow(sorts), session, Edited(text="peer", ref="7"), MONDAY)

    assert found.answers[0].value == ("peer",)
