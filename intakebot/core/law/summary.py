"""The Dutch summary of a request: one screen for the team, made of small sentences of data.

It repeats what was said and concludes nothing. Its last lines say what it leaves out: a story
that no person has translated, voice notes that nobody heard, words that did not fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from intakebot.core.law.urgency import MOMENT
from intakebot.core.limits import SUMMARY_STORY_CHARS_MAX
from intakebot.core.names import Names
from intakebot.core.request import FactPart, Request, StoryPart, in_minutes

DUTCH = "nl"
# Types of request in which somebody tells about another person.
ABOUT_OTHER = ("zorgsignaal_derde", "wmo_melding_namens")
# From here on Unicode holds other scripts than Latin (Greek comes first).
LATIN_END = "\u0370"


def summarise(request: Request, names: Names) -> str:
    """The summary, one sentence or two a line."""
    sayings = (_who, _what, _how, _left_out)
    return "\n".join(line for say in sayings for line in say(request, names))


def _who(request: Request, names: Names) -> Iterator[str]:
    subject = request.subject
    other = request.type in ABOUT_OTHER
    called = subject.called or names.say("summary.other" if other else "role.zelf")
    knows = {True: "ja", False: "nee", None: "onbekend"}[subject.knows_about_this]
    yield names.say(
        f"summary.{request.type}",
        called=called,
        reporter=names.say(f"role.{request.reporter.role}"),
        knows=names.say(f"summary.knows.{knows}"),
    )
    age, postcode = subject.age_band, request.place.postcode
    about = (
        names.value("leeftijd", age) if age else None,
        subject.household,
        names.say("summary.postcode", postcode=postcode) if postcode else None,
        request.place.place,
    )
    yield from _line(names, "summary.about", ", ".join(filter(None, about)))
    if request.reporter.wants_anonymity:
        yield names.say("summary.anonymous")


def _what(request: Request, names: Names) -> Iterator[str]:
    for signal in request.safety:
        if signal.strength == "hard":
            yield names.say("summary.look_now", words=signal.words)
    sure = tuple(names.domain(part.code) for part in request.domains if part.confirmed)
    heard = tuple(names.domain(part.code) for part in request.domains if not part.confirmed)
    whose = "summary.domains_other" if request.type in ABOUT_OTHER else "summary.domains"
    yield from _line(names, whose, ", ".join(sure))
    yield from _line(names, "summary.unconfirmed", ", ".join(heard))
    own = _own_words(request)
    stronger = _said_as_strengths(request, names)
    told = "; ".join(
        _clause(fact.words_nl)
        for fact in _facts(request)
        if fact.value not in own and fact.words_nl not in stronger
    )
    yield from _line(names, "summary.facts", told)
    strong = ", ".join(_clause(words) for words in request.strengths if words not in own)
    yield from _line(names, "summary.strengths", strong)
    yield from _line(names, "summary.own_words", _cut(_dutch(request)))


def _how(request: Request, names: Names) -> Iterator[str]:
    reasons = " ".join(reason.because_nl for reason in request.urgency.reasons)
    level = names.say(f"level.{request.urgency.level}")
    yield names.say("summary.urgency", level=level, reasons=reasons).strip()
    dated = [(clock.due, clock.law) for clock in request.clocks if clock.due and not clock.met]
    terms = ", ".join(
        names.say("summary.clock", law=law, due=_day(last)) for last, law in sorted(dated)
    )
    yield from _line(names, "summary.clocks", terms)
    contact = request.contact
    ways = [names.say(f"way.{way}", phone=contact.phone or "") for way in contact.safe_ways]
    yield names.say("summary.contact", ways=", ".join(ways), day=_day(request.promise_on))
    yield from _line(names, "summary.times", ", ".join(contact.safe_times))
    if contact.interpreter.needed:
        language = contact.interpreter.language
        key = "summary.interpreter" if language else "summary.interpreter_asks"
        yield names.say(key, language=names.languages.get(language or "", language or ""))
    if request.to_ask:
        yield names.say("summary.to_ask", count=str(len(request.to_ask)))


def _left_out(request: Request, names: Names) -> Iterator[str]:
    """What a reader of only the summary would miss."""
    if foreign := untranslated(request):
        languages = dict.fromkeys(_language(part, names) for part in foreign)
        yield names.say(
            "summary.untranslated",
            count=str(len(foreign)),
            languages=names.one_of(tuple(languages), "word.and"),
        )
    own = _own_words(request)
    if own:
        yield names.say("summary.own_language", count=str(len(own)))
    if len(_dutch(request)) > SUMMARY_STORY_CHARS_MAX:
        yield names.say("summary.cut")
    if request.unheard:
        yield from _unheard(request, names)
    others = sum(one.kind != "voice" for one in request.attachments)
    if others:
        yield names.say("summary.attachments", count=str(others))


def untranslated(request: Request) -> tuple[StoryPart, ...]:
    """The messages of the story that a reader of Dutch cannot read, and no machine put in Dutch."""
    foreign = (part for part in request.story if part.text and not _is_dutch(part))
    return tuple(part for part in foreign if part.translation is None)


def _unheard(request: Request, names: Names) -> Iterator[str]:
    """The voice notes, with their length where every one has one."""
    if request.only_spoken:
        yield names.say("summary.only_voice")
    count, seconds = str(len(request.unheard)), request.seconds(request.unheard)
    if seconds is None:
        yield names.say("summary.unheard", count=count)
    else:
        yield names.say("summary.unheard_long", count=count, length=in_minutes(seconds))


def _said_as_strengths(request: Request, names: Names) -> frozenset[str]:
    """The strengths as facts are worded: they have a line of their own."""
    return frozenset(
        names.say("fact.line", fact=names.fact(name).label, value=words)
        for name in names.strengths
        for words in request.strengths
    )


def _dutch(request: Request) -> str:
    """The story as far as it was told in Dutch."""
    return " ".join(part.text for part in request.story if _is_dutch(part)).strip()


def _facts(request: Request) -> tuple[FactPart, ...]:
    """Every fact of the request, those of the domains first."""
    return (*(fact for part in request.domains for fact in part.facts), *request.facts)


def _own_words(request: Request) -> frozenset[str]:
    """Answers that stand in the request as they were said, in another language than Dutch."""
    foreign = request.language != DUTCH
    story = "\n".join(part.text for part in request.story)
    # A day is never left out: what names no day is quoted.
    facts = [fact for fact in _facts(request) if not fact.question.endswith(MOMENT)]
    return frozenset(
        fact.value
        for fact in facts
        if not _is_latin(fact.value)
        or (foreign and (fact.value in story or fact.value == fact.evidence))
    )


def _is_dutch(part: StoryPart) -> bool:
    """Whether a reader of Dutch can read it: some choose Dutch and write in another script."""
    return part.language == DUTCH and _is_latin(part.text)


def _is_latin(text: str) -> bool:
    """Whether no less than half of the letters are Latin ones."""
    letters = [char for char in text if char.isalpha()]
    return 2 * sum(char < LATIN_END for char in letters) >= len(letters)


def _language(part: StoryPart, names: Names) -> str:
    """The name of the language that was chosen, unless that cannot be it."""
    if part.language in (DUTCH, None):
        return names.say("summary.other_language")
    return names.languages.get(part.language, part.language)


def _line(names: Names, key: str, words: str) -> Iterator[str]:
    """The sentence of this key, when there is something to put in it."""
    if words:
        yield names.say(key, words=words)


def _clause(words: str) -> str:
    """Words as they stand inside a sentence: the sentence brings its own full stop."""
    return words.rstrip(" .")


def _cut(text: str) -> str:
    """The beginning of a long text, up to a whole word."""
    if len(text) <= SUMMARY_STORY_CHARS_MAX:
        return text
    return text[:SUMMARY_STORY_CHARS_MAX].rpartition(" ")[0] + " …"


def _day(day: date) -> str:
    """A date as Dutch people write it in figures."""
    return f"{day.day}-{day.month}-{day.year}"
