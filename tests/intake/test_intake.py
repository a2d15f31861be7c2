"""What the intake writes, on a real database: once, in order, and nothing that may not stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from intakebot.core.events import (
    Blocked,
    Chose,
    ClosedByTeam,
    Event,
    Expired,
    Pressed,
    Reminded,
    Said,
    Sent,
    Taken,
    Wrote,
)
from intakebot.core.flow import Flow, Revision
from intakebot.core.session import Attachment, ContactCard, Outcome, Tongue
from intakebot.intake import TRIES_MAX, Intake
from intakebot.saying import Scope
from intakebot.store import (
    attachments,
    audit,
    flows,
    people,
    requests,
    scoped,
    sessions,
    ways_back,
)
from intakebot.store.problems import Conflict, Unavailable
from intakebot.store.sessions import Stored
from intakebot.store.sqlite import Sqlite
from intakebot.store.work import Work
from tests.conversation import MONDAY, shipped_flow, shipped_words
from tests.intake.house import Counting, Person, an_intake
from tests.store.builders import a_member

MARIEKE = ContactCard(name="Marieke", phone="0612345678", team="Sociaal team Winterswijk")


async def let(person: Person, event: Event, key: str = "team:1") -> None:
    """Let the team or the clock do this."""
    stored = await person.stored()
    assert stored is not None
    intake, at = person.intake, person.at

    def work() -> Work[None]:
        yield from intake.carry(stored, event, chat=stored.chat, key=key, at=at)

    await intake.database.run(work)


async def test_an_update_counts_once(person: Person) -> None:
    await person.does(Said(text="hallo"), "1")
    first = await person.lines()
    receipt = await person.does(Said(text="hallo"), "1")

    assert receipt.duplicate
    assert first == await person.lines()


async def test_the_first_words_in_telegram_name_the_web_chat(person: Person) -> None:
    await person.says("hallo")
    await person.presses("nl")

    assert any("https://chat.example" in message.text for message in await person.reads())


async def test_a_press_of_an_earlier_question_changes_nothing(person: Person) -> None:
    await person.says("hallo")
    picker = (await person.reads())[-1]
    await person.presses("nl", "mij")
    before = (await person.session()).answers
    await person.does(Pressed(id="en", prompt=picker.prompt))
    session = await person.session()

    assert before == session.answers
    assert session.tongue is not None
    assert session.tongue.lang == "nl"
    assert (await person.reads())[-1].question == "verhaal"


@pytest.mark.parametrize("prompt", ["", "forged", "0" * 32])
async def test_a_forged_press_changes_nothing(person: Person, prompt: str) -> None:
    await person.says("hallo")
    await person.presses("nl")
    before = (await person.session()).answers
    await person.does(Pressed(id="ander", prompt=prompt))
    await person.does(Chose(ids=("mij",), prompt=prompt))

    assert before == (await person.session()).answers


async def test_the_button_of_another_chat_changes_nothing(intake: Intake) -> None:
    mine, other = Person(intake, chat="1"), Person(intake, chat="2")
    for one in (mine, other):
        await one.says("hallo")
        await one.presses("nl")
    theirs = (await other.reads())[-1].prompt
    await mine.does(Pressed(id="ander", prompt=theirs), "99")

    assert [a for a in (await mine.session()).answers if a.question == "voor_wie"] == []


async def test_one_conversation_is_one_request_in_one_queue(person: Person) -> None:
    await person.asks_a_call()
    request = await person.request()

    assert request is not None
    assert request.routing.queue == "GM0294/sociaal-team"
    assert request.reference in (await person.reads())[-1].text
    assert (await person.session()).reference == request.reference


async def test_a_reference_that_is_taken_is_made_again(database: Sqlite) -> None:
    intake = an_intake(database, chance=Counting())
    await Person(intake, chat="1").asks_a_call()
    again = Counting()
    again.sessions = 50
    second = Person(an_intake(database, chance=again), chat="2")
    taken = await Person(intake, chat="1").request()
    again.references = 0
    await second.says("hallo")
    await second.presses("nl")
    await second.says("bel mij", "7101", "Bo", "0612345678")
    again.references = _before(taken.reference if taken else "")
    await second.says("ja")
    made = await second.request()

    assert taken is not None
    assert made is not None
    assert made.reference != taken.reference


def _before(reference: str) -> int:
    """How often chance was asked before it gave this reference."""
    counting = Counting()
    while counting.reference() != reference:
        pass
    return counting.references - 1


async def test_thrown_away_is_erased_and_the_goodbye_stays_a_moment(person: Person) -> None:
    await person.says("hallo")
    await person.presses("nl", "mij")
    await person.says("Ik heb schulden", "stop", "weggooien")

    assert await person.stored() is None
    assert [line.message.kind for line in await person.lines()] == ["bot"]


async def test_another_municipality_keeps_nothing(person: Person) -> None:
    await person.says("hallo")
    await person.presses("nl")
    await person.says("bel mij", "3461")

    assert await person.stored() is None
    assert any("Montfoort" in message.text for message in await person.reads())


async def erased(intake: Intake, session: str) -> list[tuple[str, str]]:
    """Who erased this session, and why, as the audit tells it."""
    told = await intake.database.read(lambda: audit.about(intake.vault, session))
    return [(it.actor, it.detail) for it in told if it.action == "erase"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("bel mij", "3461"), "handed_over"),
        (("bel mij", "stop", "weggooien"), "thrown_away"),
    ],
)
async def test_the_audit_says_who_erased_a_story_and_why(
    person: Person, words: tuple[str, ...], why: str
) -> None:
    await person.says("hallo")
    await person.presses("nl")
    session = (await person.session()).id
    await person.says(*words)

    assert await erased(person.intake, session) == [("inhabitant", why)]


async def test_who_throws_away_early_reads_at_once_that_it_is_gone(intake: Intake) -> None:
    """Only what nobody asked for waits until nine."""
    person = Person(intake, at=MONDAY - timedelta(minutes=5 + 60))
    await person.says("hallo")
    await person.presses("nl", "mij")
    await person.reads()
    await person.says("stop", "weggooien")

    assert [it.dkey for it in await person.gets(timedelta(minutes=1))][-1] == f"{person.updates}:0"


async def test_starting_again_before_sending_forgets_and_after_sending_keeps(
    person: Person,
) -> None:
    await person.says("hallo")
    await person.presses("nl", "mij")
    await person.says("Ik heb schulden", "opnieuw")
    await person.reads()
    await person.says("ja")
    fresh = await person.session()
    told, *_, question = await person.reads()

    assert fresh.story == ()
    assert fresh.tongue is not None
    assert told.text == shipped_words().say(Tongue(lang="nl"), "tell.restarted")
    assert question.question == "voor_wie"

    await person.says("bel mij", "7101", "Ada", "0612345678", "ja", "opnieuw")

    assert (await person.session()).outcome is Outcome.OPEN


async def test_withdrawing_closes_the_request_with_a_note(person: Person) -> None:
    await person.asks_a_call()
    await person.says("intrekken", "ja")
    stored = await person.stored()
    assert stored is not None

    assert stored.session.outcome is Outcome.WITHDRAWN
    found = await person.intake.database.run(
        lambda: requests.of_session(person.intake.vault, stored, MONDAY)
    )
    assert found is not None
    assert found.listed.status == "withdrawn"


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (MONDAY, "2026-12-23"),
        (datetime(2026, 11, 23, 23, 30, tzinfo=UTC), "2026-12-24"),  # Tuesday here
    ],
)
async def test_erasure_of_a_sent_request_is_asked_with_a_date(
    person: Person, at: datetime, due: str
) -> None:
    await person.asks_a_call()
    person.at = at
    await person.says("verwijder mijn gegevens", "ja")
    stored = await person.stored()
    assert stored is not None
    found = await person.intake.database.run(
        lambda: requests.of_session(person.intake.vault, stored, MONDAY)
    )

    assert found is not None
    assert str(found.listed.erase_due_on) == due


async def test_the_contact_person_and_the_inhabitant_talk_and_the_bot_keeps_silent(
    person: Person,
) -> None:
    await person.asks_a_call()
    await let(person, Taken(contact=MARIEKE), "taken:1")
    await let(person, Wrote(text="Dag, ik bel u morgen."), "wrote:1")
    await person.reads()
    await person.says("Dank u wel")
    said = [line for line in await person.lines() if line.author == "inhabitant"]

    assert (await person.reads()) == ()
    assert [line.message.text for line in said] == ["Dank u wel"]
    assert any("Marieke" in message.text for message in person.screen)

    await let(person, ClosedByTeam(), "closed:1")

    assert (await person.session()).closed


async def told_team(person: Person) -> list[str]:
    """The notes of the bot under the request of this person, as a member of its team reads them."""
    intake, reference = person.intake, (await person.session()).reference
    fatma = a_member(queues=("GM0294/sociaal-team",))
    await intake.database.run(lambda: people.put_member(fatma, MONDAY))
    seen = await intake.database.run(
        lambda: scoped.view(intake.vault, fatma.member, reference or "", MONDAY)
    )
    assert seen is not None
    assert all(note.author_name is None for note in seen.notes)
    return [note.text for note in seen.notes]


async def test_a_crisis_word_after_sending_is_told_to_the_team(person: Person) -> None:
    await person.asks_a_call()
    await let(person, Taken(contact=MARIEKE), "taken:1")
    await person.reads()
    await person.says("ik wil niet meer leven")

    assert [message.kind for message in await person.reads()] == ["card"]
    (note,) = await told_team(person)
    assert "wil niet meer leven" in note


async def test_blocking_the_bot_is_told_to_the_team_and_opens_nothing(person: Person) -> None:
    receipt = await person.does(Blocked())

    assert receipt.home is None

    await person.asks_a_call()
    await person.does(Blocked())
    await person.does(Blocked(on=False))

    dutch = Tongue(lang="nl")
    assert await told_team(person) == [
        shipped_words().say(dutch, "note.unreachable"),
        shipped_words().say(dutch, "note.reachable"),
    ]


async def test_after_an_outage_only_who_can_be_reached_is_asked_again(person: Person) -> None:
    await person.says("hallo")
    await person.presses("nl", "mij")
    await person.reads()
    intake, day = person.intake, timedelta(days=1)

    async def asked_again() -> int:
        found = await intake.database.read(
            lambda: sessions.waiting(
                intake.vault, "telegram", "7", since=MONDAY - day, until=MONDAY + day
            )
        )
        return len(found)

    assert await asked_again() == 1

    await person.does(Blocked())
    assert await asked_again() == 0

    await person.does(Blocked(on=False))
    assert await asked_again() == 1


async def test_a_voice_note_becomes_something_to_fetch(person: Person) -> None:
    voice = Attachment(id="v1", kind="voice", bytes=9, received_at=MONDAY, source="file-1")
    await person.says("hallo")
    await person.presses("nl", "mij")
    await person.does(Sent(attachment=voice, ref="m9"))
    stored = await person.stored()
    assert stored is not None
    kept = await person.intake.database.run(lambda: attachments.of_session(stored.home))

    assert [(it.id, it.state) for it in kept] == [("v1", "to_fetch")]


async def test_the_web_chat_shows_what_was_said_and_pressed(intake: Intake) -> None:
    person = Person(intake, channel="web", chat="cookie")
    await person.does(Pressed(id="nl", prompt="anything"))
    await person.presses("mij")
    await person.says("mijn bsn is 111222333")
    said = [line.message.text for line in await person.lines() if line.author == "inhabitant"]

    assert said == ["Nederlands", "Voor mij", "mijn bsn is [BSN verwijderd]"]


@pytest.mark.parametrize("scope", ["short", "front-door"])
async def test_a_narrow_telegram_tells_no_story(database: Sqlite, scope: Scope) -> None:
    person = Person(an_intake(database, scope=scope))
    await person.says("hallo")
    await person.presses("nl")
    if scope == "short":
        await person.presses("mij")
        await person.says("7101")
    said = await person.reads()

    assert said[-1].kind == "link"
    assert "https://chat.example/w/" in said[-1].text
    assert not any(message.private for message in said)


async def test_short_asks_the_place_in_telegram_and_the_story_on_the_web(
    database: Sqlite,
) -> None:
    intake = an_intake(database, scope="short")
    person = Person(intake)
    await person.says("hallo")
    await person.presses("nl", "mij")

    assert (await person.reads())[-1].question == "postcode"

    await person.says("7101")
    link = (await person.reads())[-1].text.rpartition("/w/")[2].split()[0].strip(".")
    web = intake.vault.chat("web", "-", "cookie")
    stored = await intake.database.run(
        lambda: ways_back.follow_link(intake.vault, link, web, MONDAY)
    )
    assert stored is not None
    on_web = Person(intake, channel="web", chat="cookie")
    on_web.updates = 100
    await on_web.says("Ik heb schulden")

    assert [a.question for a in (await on_web.session()).answers if a.value == "7101"]
    assert (await person.session()).story[0].text == "Ik heb schulden"


async def test_a_narrow_telegram_hears_only_that_there_is_a_message(database: Sqlite) -> None:
    intake = an_intake(database, scope="short")
    person = Person(intake)
    await person.says("hallo")
    await person.presses("nl")
    await person.says("bel mij", "7101")
    stored = await person.stored()
    assert stored is not None
    sent = stored.session.replace(outcome=Outcome.SUBMITTED, reference="IB-7K3Q-9M2X")
    await intake.database.run(lambda: sessions.save(stored, sent, MONDAY))
    await let(person, Taken(contact=MARIEKE), "taken:1")
    told = await person.reads()
    shown = [line.message for line in await person.lines() if line.via == "web"]

    assert not any("Marieke" in message.text for message in told)
    assert told[-1].kind == "link"
    assert "Marieke" in shown[-1].text


async def test_unasked_messages_wait_for_the_safe_part_of_the_day(person: Person) -> None:
    await person.asks_a_call()
    stored = await person.stored()
    assert stored is not None
    answers = stored.session.answers
    evening = answers[0].replace(question="veilige_tijd", value="avond")
    session = stored.session.replace(answers=(*answers, evening))
    await person.intake.database.run(lambda: sessions.save(stored, session, MONDAY))
    await let(person, Taken(contact=MARIEKE), "taken:1")
    assert "taken:1:0" not in [it.dkey for it in await person.gets(timedelta(hours=7))]
    assert "taken:1:0" in [it.dkey for it in await person.gets(timedelta(hours=9))]


async def test_the_reminder_and_the_end_of_an_unfinished_story(person: Person) -> None:
    await person.says("hallo")
    await person.presses("nl", "mij")
    await let(person, Reminded(), "clock:remind")

    assert (await person.reads())[-1].unasked

    await let(person, Expired(), "clock:expire")

    assert await person.stored() is None


def rewritten(flow: Flow, text: str) -> Flow:
    """The flow in a later revision, where "for whom" is asked in these words."""

    def new(revision: Revision) -> Revision:
        sections = tuple(
            msgspec.structs.replace(
                section,
                questions=tuple(
                    msgspec.structs.replace(it, text=text) if it.key == "voor_wie" else it
                    for it in section.questions
                ),
            )
            for section in revision.sections
        )
        return msgspec.structs.replace(revision, revision="later", sections=sections)

    return replace(flow, revision=new(flow.revision))


@pytest.mark.parametrize("is_kept", [True, False])
async def test_a_session_stays_on_its_revision_as_long_as_that_is_there(
    database: Sqlite, *, is_kept: bool
) -> None:
    flow = shipped_flow()
    first = an_intake(database, flow=flow)
    if is_kept:
        await database.run(lambda: flows.publish(first.vault, flow.revision, by="test", at=MONDAY))
    person = Person(first)
    await person.says("hallo")
    newer = an_intake(database, flow=rewritten(flow, "Wie heeft er hulp nodig?"))
    again, other = Person(newer), Person(newer, chat="5", at=MONDAY)
    again.updates = 10
    await again.presses("nl")
    await other.says("hallo")
    await other.presses("nl")
    old, new = (await again.reads())[-1], (await other.reads())[-1]

    assert (await again.session()).revision == flow.revision.revision
    assert (await other.session()).revision == "later"
    assert "Wie heeft er hulp nodig?" in new.text
    assert ("Wie heeft er hulp nodig?" in old.text) is not is_kept
    assert old.question == new.question == "voor_wie"


async def test_a_fault_of_ours_is_counted_and_then_put_aside(person: Person) -> None:
    await person.says("hallo")

    await person.breaks_us(Said(text="boem"), "77")

    assert (await person.does(Said(text="boem"), "77")).duplicate


async def test_what_the_database_cannot_do_now_is_asked_again_later(
    intake: Intake, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> Work[None]:
        raise Unavailable

    monkeypatch.setattr(intake, "_carry", away)
    with pytest.raises(Unavailable):
        await person.says("hallo")
    monkeypatch.undo()

    assert not (await person.does(Said(text="hallo"), "1")).duplicate


@pytest.mark.parametrize("times", [TRIES_MAX - 1, TRIES_MAX])
async def test_a_turn_is_tried_again_while_another_saves_the_session_and_then_given_up(
    person: Person, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    save, raced = sessions.save, iter(range(times))

    def race(*args: Any, **options: Any) -> Work[Stored]:  # noqa: ANN401 - whatever it is given
        if next(raced, None) is not None:
            raise Conflict
        return save(*args, **options)

    await person.says("hallo")
    monkeypatch.setattr(sessions, "save", race)
    if times == TRIES_MAX:
        with pytest.raises(Conflict):
            await person.says("Nederlands")
    else:
        await person.says("Nederlands")

    tongue = (await person.session()).tongue
    assert (tongue == Tongue(lang="nl")) is (times < TRIES_MAX)


async def test_the_attachments_of_an_erased_story_go_too(intake: Intake, tmp_path: Path) -> None:
    person = Person(intake)
    voice = Attachment(id="v1", kind="voice", bytes=9, received_at=MONDAY, source="file-1")
    await person.says("hallo")
    await person.presses("nl", "mij")
    await person.does(Sent(attachment=voice))
    stored = await person.stored()
    assert stored is not None
    folder = tmp_path / "attachments"
    attachments.write_file(folder, stored.key, "v1", b"geluid")
    await person.says("verwijder mijn gegevens")

    assert list(folder.glob("*/*")) == []


async def test_what_goes_on_in_the_web_chat_is_not_asked_again_in_telegram(
    intake: Intake, person: Person
) -> None:
    await person.says("hallo")
    await person.presses("nl")
    stored = await person.stored()
    assert stored is not None
    elsewhere = replace(stored, session=stored.session.replace(scope="web"))

    async def again(whom: Stored, key: str) -> bool:
        return await intake.database.run(lambda: intake.ask_again(whom, key=key, at=MONDAY))

    open_now = (await person.reads())[-1]
    assert await again(stored, "away:1")
    assert not await again(elsewhere, "away:2")
    await again(stored, "away:1")
    told, question = await person.reads()
    assert told.text.startswith("Wij waren")
    assert (question.question, question.prompt) == (open_now.question, open_now.prompt)

    assert await again(stored, "away:3"), "after the next outage"
    assert await person.reads() == (told, question)
