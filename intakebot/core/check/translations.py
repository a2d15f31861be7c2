"""Names and translations: what people read stands in their language, made from today's Dutch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from intakebot.core.check import places, problems
from intakebot.core.check.facts import Around
from intakebot.core.check.problems import Problem, meant
from intakebot.core.check.texts import unsendable
from intakebot.core.flow import Revision, Translated
from intakebot.core.hearing.lexicon import DOMAINS
from intakebot.core.hearing.safety import CATEGORIES
from intakebot.core.limits import BUTTON_LABEL_CHARS_MAX
from intakebot.core.talking.wording import DUTCH
from intakebot.core.texts import dutch, fingerprint

SHOWN_CHARS_MAX = 60


def translations(revision: Revision, surroundings: Around) -> Iterator[Problem]:
    """What is wrong with the translations into the languages that are offered, and others."""
    offered = dict.fromkeys(one.partition("-")[0] for one in surroundings.region.languages)
    texts = dutch(revision.sections)
    for lang in offered:
        if lang != DUTCH and lang not in revision.translations:
            yield problems.NOT_TRANSLATED.at(places.language(lang))
    for lang, overlay in revision.translations.items():
        yield from _overlay(places.language(lang), overlay, texts)


def _overlay(
    where: str, overlay: Mapping[str, Translated], texts: Mapping[str, str]
) -> Iterator[Problem]:
    for path, source in texts.items():
        shown = _short(source)
        translated = overlay.get(path)
        if translated is None:
            yield problems.TEXT_MISSING.at(where, path=path, dutch=shown)
        elif not translated.text.strip():
            yield problems.EMPTY_TRANSLATION.at(where, path=path, dutch=shown)
        elif translated.source != fingerprint(source):
            yield problems.STALE.at(where, path=path, dutch=shown)
    for path, translated in overlay.items():
        if path not in texts:
            says = meant(path, texts, "Take it out.")
            yield problems.TEXT_LEFT_OVER.at(where, path=path, meant=says)
        yield from _sendable(where, path, translated.text)


def _sendable(where: str, path: str, text: str) -> Iterator[Problem]:
    sign = unsendable(text)
    if sign:
        yield problems.UNSENDABLE.at(where, name=path, sign=sign)
    of_choice = path.count(".") > 1 and not path.startswith("section.")
    if of_choice and not path.endswith(".also") and len(text) > BUTTON_LABEL_CHARS_MAX:
        yield problems.LABEL_TOO_LONG.at(
            where, variant=f'"{path}"', chars=len(text), most=BUTTON_LABEL_CHARS_MAX
        )


def names(revision: Revision) -> Iterator[Problem]:
    """Codes that people would read because no Dutch name is given."""
    facts = dict.fromkeys(
        name
        for question in revision.questions()
        for name in (question.fact, *(one for choice in question.choices for one in choice.sets))
        if name
    )
    for sort, place, codes, named in (
        ("Fact", "facts", tuple(facts), revision.names.facts.keys()),
        ("Life domain", "domains", DOMAINS, revision.names.domains.keys()),
        ("Signal", "signals", CATEGORIES, revision.names.signals.keys()),
    ):
        for code in codes:
            if code not in named:
                yield problems.NO_NAME.at(places.NAMES, sort=sort, code=code, place=place)


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_CHARS_MAX else f"{text[:SHOWN_CHARS_MAX]}…"
