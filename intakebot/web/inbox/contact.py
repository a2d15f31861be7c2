"""Who the person is and how to reach them safely, in lines; and what to know before writing."""

from __future__ import annotations

from collections.abc import Iterator

from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, parse

from intakebot.core.request import Request
from intakebot.web.inbox import saying
from intakebot.web.inbox.inbox import DUTCH, Inbox
from intakebot.web.inbox.pages import Line

TELEGRAM = "telegram"
EASY = "A2"
NETHERLANDS = 31


def contact(inbox: Inbox, whole: Request) -> Iterator[Line]:
    """How to reach the person."""
    known = whole.contact
    yield Line(
        label=inbox.say("contact.called"), value=saying.name(inbox, known.called), dir="auto"
    )
    if known.phone:
        yield Line(
            label=inbox.say("contact.phone"),
            value=phone(known.phone),
            href=f"tel:{known.phone}",
            dir="ltr",
        )
    else:
        yield Line(label=inbox.say("contact.phone"), value=inbox.say("contact.no_phone"))
    ways = ", ".join(inbox.say(f"way.{it}") for it in known.safe_ways)
    yield Line(label=inbox.say("contact.ways"), value=ways or inbox.say("unknown"))
    yield Line(label=inbox.say("contact.times"), value=times(inbox, whole))
    yield Line(label=inbox.say("contact.language"), value=tongue(inbox, whole))
    yield Line(label=inbox.say("contact.interpreter"), value=interpreter(inbox, whole))


def person(inbox: Inbox, whole: Request) -> Iterator[Line]:
    """Whom it is about, and where."""
    subject, reporter = whole.subject, whole.reporter
    if reporter.role != "zelf":
        yield Line(label=inbox.say("person.reporter"), value=inbox.say(f"role.{reporter.role}"))
        about = saying.name(inbox, subject.called)
        yield Line(label=inbox.say("person.about"), value=about, dir="auto")
        aware = {True: "yes", False: "no", None: "unknown"}[subject.knows_about_this]
        yield Line(label=inbox.say("person.knows"), value=inbox.say(f"knows.{aware}"))
    if reporter.wants_anonymity:
        yield Line(label=inbox.say("person.anonymous"), value=inbox.say("person.anonymous_yes"))
    if subject.age_band:
        band = inbox.names.value("leeftijd", subject.age_band)
        yield Line(label=inbox.say("person.age"), value=band)
    if subject.household:
        yield Line(label=inbox.say("person.household"), value=subject.household)
    place = " ".join(it for it in (whole.place.postcode, whole.place.place) if it)
    yield Line(label=inbox.say("person.place"), value=place or inbox.say("unknown"))
    gm = saying.municipality(inbox, whole.place.gm) or inbox.say("unknown")
    yield Line(label=inbox.say("person.municipality"), value=gm)
    came = whole.channel if inbox.has(f"channel.{whole.channel}") else "other"
    yield Line(label=inbox.say("person.channel"), value=inbox.say(f"channel.{came}"))


def warnings(inbox: Inbox, whole: Request) -> tuple[str, ...]:
    """What to know before calling or writing."""
    said = []
    if whole.contact.safe_times:
        said.append(inbox.say("warn.times", times=times(inbox, whole)))
        if whole.channel == TELEGRAM:
            said.append(inbox.say("warn.waits"))
    if "bellen" not in whole.contact.safe_ways:
        said.append(inbox.say("warn.no_call"))
    if whole.language != DUTCH.lang:
        language = saying.language(inbox, whole.language)
        said.append(inbox.say("warn.language", language=language))
    elif whole.reading_level == EASY:
        said.append(inbox.say("warn.easy"))
    return tuple(said)


def phone(number: str) -> str:
    """A number as people read it: 06 12345678; with its country when that is another one."""
    try:
        parsed = parse(number)
    except NumberParseException:
        return number
    abroad = parsed.country_code != NETHERLANDS
    form = PhoneNumberFormat.INTERNATIONAL if abroad else PhoneNumberFormat.NATIONAL
    return format_number(parsed, form)


def times(inbox: Inbox, whole: Request) -> str:
    """When it is safe."""
    parts = [inbox.say(f"time.{it}") for it in whole.contact.safe_times]
    return ", ".join(parts) or inbox.say("time.any")


def tongue(inbox: Inbox, whole: Request) -> str:
    """The language, and the level when it is easy Dutch."""
    language = saying.language(inbox, whole.language)
    if whole.reading_level == EASY:
        return inbox.say("contact.easy", language=language)
    return language


def interpreter(inbox: Inbox, whole: Request) -> str:
    """Whether an interpreter is needed, and for which language."""
    wanted = whole.contact.interpreter
    if not wanted.needed:
        return inbox.say("interpreter_no")
    if wanted.language is None:
        return inbox.say("interpreter_asks")
    language = saying.language(inbox, wanted.language)
    if wanted.gender:
        return inbox.say("interpreter_gender", language=language, gender=wanted.gender)
    return inbox.say("interpreter_yes", language=language)
