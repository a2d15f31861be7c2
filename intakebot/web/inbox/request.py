"""One request, drawn: from what the store gives to what its page shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from intakebot.core.law.clocks import dutch_day
from intakebot.core.request import Clock as LegalClock
from intakebot.core.request import (
    DomainPart,
    FactPart,
    SafetyPart,
    StoryPart,
    ToAsk,
    Translation,
    in_minutes,
)
from intakebot.core.request import Request as Whole
from intakebot.store.attachments import Kept
from intakebot.store.outgoing import Line as Entry
from intakebot.store.requests import Note, Status
from intakebot.store.scoped import Seen
from intakebot.web.access import Access
from intakebot.web.inbox import saying
from intakebot.web.inbox.contact import contact, person, warnings
from intakebot.web.inbox.forms import MESSAGE_CHARS_MAX, NOTE_CHARS_MAX, REASON_CHARS_MAX
from intakebot.web.inbox.inbox import DUTCH, Inbox
from intakebot.web.inbox.pages import (
    Asked,
    Choice,
    Clock,
    Doing,
    Domain,
    File,
    Heading,
    Line,
    Request,
    Said,
    Sentence,
    Told,
    Tried,
    Words,
)
from intakebot.web.inbox.queue import flags

LIVE = (Status.OPEN, Status.TAKEN)
# Who corrected an urgency is in the rule of the reason.
BY_MEMBER = "member:"
SENT = {"queued": "sending", "leased": "sending", "failed": "failed"}


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads which request, now."""

    inbox: Inbox
    access: Access
    seen: Seen

    @property
    def whole(self) -> Whole:
        """The request itself."""
        return self.seen.opened.request

    @property
    def is_contact(self) -> bool:
        """Whether the reader is the contact person."""
        return self.seen.opened.listed.contact == self.access.member.member


def draw(reader: Reader, stamp: str) -> Request:
    """The request as a page."""
    inbox, whole = reader.inbox, reader.whole
    files = {it.id: _file(reader, it) for it in reader.seen.attachments}
    open_clocks = sorted((it for it in whole.clocks if not it.met), key=_by_due)
    looked_at = {inbox.names.say("summary.look_now", words=it.words) for it in whole.safety}
    summary = (line for line in whole.summary_nl.splitlines() if line.strip())
    sent_at = reader.seen.opened.listed.created_at
    return Request(
        tongue=inbox.tongue,
        brand=inbox.region.name,
        member=reader.access.member.name,
        stamp=stamp,
        news=f"/inbox/{whole.reference}/nieuws",
        mark=reader.seen.mark,
        heading=_heading(reader),
        doing=_doing(reader),
        safety=tuple(_sentence(inbox, it) for it in whole.safety if it.strength == "hard"),
        also=tuple(_sentence(inbox, it) for it in whole.safety if it.strength == "soft"),
        # The sentences to look at stand above it already.
        summary=tuple(line for line in summary if line not in looked_at),
        story=tuple(_story(reader, whole.story, files)),
        files=tuple(files.values()),
        domains=tuple(_domain(inbox, whole, part) for part in whole.domains),
        facts=tuple(_fact(part) for part in whole.facts),
        clocks=tuple(_clock(reader, it) for it in open_clocks),
        met=tuple(_clock(reader, it) for it in whole.clocks if it.met),
        contact=tuple(contact(inbox, whole)),
        person=tuple(person(inbox, whole)),
        strengths=tuple(Words(text=it, lang=whole.language) for it in whole.strengths),
        to_ask=tuple(_asked(it) for it in whole.to_ask),
        partners=(*whole.suggested.partners, *whole.suggested.offers),
        profile=_profile(inbox, whole.suggested.contact_profile),
        why=whole.routing.why_nl,
        tried=tuple(
            Tried(why=it.why_nl, matched=inbox.say(f"tried.{'yes' if it.matched else 'no'}"))
            for it in whole.routing.considered
        ),
        notes=tuple(_note(reader, it) for it in reader.seen.notes),
        # What was said until sending is the story; the conversation begins after it.
        thread=tuple(_told(reader, it, files) for it in reader.seen.thread if it.at > sent_at),
        back="/inbox",
    )


def _heading(reader: Reader) -> Heading:
    inbox, listed = reader.inbox, reader.seen.opened.listed
    today = dutch_day(reader.access.at)
    notices = []
    if (ended := saying.ended(inbox, listed, reader.access.at)) is not None:
        notices.append(ended)
    if listed.erase_asked_on is not None and listed.erase_due_on is not None:
        asked_on = saying.full_day(inbox, listed.erase_asked_on, today).label
        until = saying.full_day(inbox, listed.erase_due_on, today).label
        notices.append(inbox.say("erase.notice", asked=asked_on, day=until))
    return Heading(
        name=saying.name(inbox, reader.whole.contact.called),
        reference=listed.reference,
        type=saying.type_name(inbox, reader.whole.type),
        team=saying.queue_name(inbox, listed.queue),
        level=saying.level(inbox, listed.urgency),
        reasons=tuple(
            inbox.say("reason.by_team", reason=it.because_nl)
            if it.rule.startswith(BY_MEMBER)
            else it.because_nl
            for it in reader.whole.urgency.reasons
        ),
        since=saying.moment(inbox, listed.created_at, reader.access.at),
        status=status(reader),
        contact=listed.contact_name,
        due=saying.first_due(inbox, listed, today),
        flags=flags(inbox, listed, reader.access),
        notices=tuple(notices),
    )


def status(reader: Reader) -> str:
    """Where the request stands, in a sentence."""
    listed = reader.seen.opened.listed
    if listed.status is Status.TAKEN:
        if reader.is_contact:
            return reader.inbox.say("status.mine")
        return reader.inbox.say("status.taken", name=listed.contact_name or "")
    return reader.inbox.say(f"status.{listed.status}")


def _doing(reader: Reader) -> Doing:
    listed, inbox = reader.seen.opened.listed, reader.inbox
    live = listed.status in LIVE
    return Doing(
        action=f"/inbox/{listed.reference}",
        version=listed.version,
        take=listed.status is Status.OPEN,
        write=listed.status is Status.TAKEN and reader.is_contact,
        close=live,
        change=live,
        warnings=warnings(inbox, reader.whole),
        message_chars_max=MESSAGE_CHARS_MAX,
        note_chars_max=NOTE_CHARS_MAX,
        reason_chars_max=REASON_CHARS_MAX,
        levels=tuple(
            Choice(value=it, label=inbox.say(f"level.{it}"), chosen=it == listed.urgency)
            for it in saying.LEVELS
        ),
        outcomes=tuple(
            Choice(value=it, label=inbox.say(f"outcome.{it}")) for it in saying.OUTCOMES
        ),
    )


def _sentence(inbox: Inbox, part: SafetyPart) -> Sentence:
    lead = "safety.now" if part.strength == "hard" else "safety.also"
    return Sentence(lead=inbox.say(lead), words=Words(text=part.words))


def _story(reader: Reader, story: tuple[StoryPart, ...], files: dict[str, File]) -> Iterator[Said]:
    """The own words; the language is said where it changes, and Dutch goes without saying."""
    inbox = reader.inbox
    before: str | None = DUTCH.lang
    for part in story:
        spoken = part.language or DUTCH.lang
        yield Said(
            words=Words(text=part.text, lang=part.language),
            language=saying.language(inbox, spoken) if spoken != before else None,
            file=files.get(part.audio or ""),
            translation=part.translation.text if part.translation else None,
            translated=_translated(reader, part.translation) if part.translation else "",
        )
        before = spoken


def _translated(reader: Reader, made: Translation) -> str:
    """Who translated, when, and that nobody checked it."""
    when = saying.moment(reader.inbox, made.at, reader.access.at).label
    return reader.inbox.say("translated", at=when)


def _file(reader: Reader, kept: Kept) -> File:
    inbox = reader.inbox
    heard = {it.audio: it.heard_by for it in reader.whole.story if it.audio}
    by = heard.get(kept.id)
    if kept.state != "stored":
        state = inbox.say(f"file.{kept.state}")
    elif by:
        state = inbox.say("file.heard", name=by)
    else:
        state = inbox.say("file.unheard") if kept.kind == "voice" else ""
    seconds = reader.whole.seconds((kept.id,))
    kilobytes = max(1, round(kept.bytes / 1000))
    size = inbox.say("file.size", size=str(kilobytes))
    if seconds is not None:
        size = inbox.say("file.length", length=in_minutes(seconds))
    at = saying.moment(inbox, kept.received_at, reader.access.at).label
    return File(
        id=kept.id,
        href=f"/inbox/{reader.whole.reference}/bijlage/{kept.id}"
        if kept.state == "stored"
        else None,
        kind=kept.kind if kept.kind in ("voice", "photo") else "document",  # type: ignore[arg-type]  # checked here
        label=inbox.say(f"file.{kept.kind}", at=at, size=size),
        state=state,
        unheard=kept.id in heard and not by and kept.state == "stored",
    )


def _domain(inbox: Inbox, whole: Whole, part: DomainPart) -> Domain:
    said = inbox.say("domain.confirmed" if part.confirmed else "domain.unconfirmed")
    return Domain(
        name=inbox.names.domain(part.code),
        confirmed=part.confirmed,
        source=said if part.source == "story" else inbox.say(f"domain.{part.source}"),
        evidence=tuple(Words(text=it, lang=whole.language) for it in part.evidence),
        facts=tuple(_fact(it) for it in part.facts),
        law=part.law,
        state=inbox.say(f"state.{part.state}") if inbox.has(f"state.{part.state}") else part.state,
        retention=part.retention,
    )


def _fact(part: FactPart) -> Line:
    label, _, value = part.words_nl.partition(": ")
    return Line(label=label if value else "", value=value or label, dir="auto")


def _clock(reader: Reader, clock: LegalClock) -> Clock:
    inbox, today = reader.inbox, dutch_day(reader.access.at)
    what = saying.clock_name(inbox, clock.key)
    if clock.met:
        explained = inbox.say("clock.met")
    elif clock.status == "running":
        begun = saying.full_day(inbox, dutch_day(reader.whole.created_at), today).label
        explained = inbox.say("clock.running", day=begun, by=clock.started_by)
    else:
        explained = inbox.say("clock.possible", by=clock.started_by)
    ends = clock.due if not clock.met and reader.seen.opened.listed.status in LIVE else None
    return Clock(
        what=what,
        law=clock.law,
        due=saying.due(inbox, inbox.say("clock.due", what=what), ends, today) if ends else None,
        explained=explained,
    )


def _by_due(clock: LegalClock) -> date:
    return clock.due or date.max


def _asked(part: ToAsk) -> Asked:
    return Asked(text=part.text_nl, because=part.because_nl)


def _profile(inbox: Inbox, profile: str | None) -> str | None:
    if profile is None:
        return None
    return inbox.say(f"profile.{profile}") if inbox.has(f"profile.{profile}") else profile


def _note(reader: Reader, note: Note) -> Told:
    return Told(
        who="member" if note.author else "bot",
        name=note.author_name or reader.inbox.say("bot"),
        at=saying.moment(reader.inbox, note.at, reader.access.at),
        words=Words(text=note.text),
    )


def _told(reader: Reader, entry: Entry, files: dict[str, File]) -> Told:
    inbox, own = reader.inbox, entry.author == "inhabitant"
    called = saying.name(inbox, reader.whole.contact.called)
    team = reader.seen.opened.listed.contact_name or inbox.say("team.somebody")
    sender, waits = entry.message.sender, SENT.get(entry.state)
    return Told(
        who="inhabitant" if own else "member",
        name=called if own else sender.name if sender else team,
        at=saying.moment(inbox, entry.at, reader.access.at),
        words=Words(
            text=entry.message.text,
            lang=entry.message.tongue.lang if own else None,
        ),
        state=None if own or waits is None else inbox.say(f"told.{waits}"),
        file=files.get(entry.attachment or ""),
    )
