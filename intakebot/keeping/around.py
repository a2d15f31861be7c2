"""Around it: Telegram, the numbers that people are told to call, the languages, the voices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from intakebot.channels.telegram.standing import Standing
from intakebot.channels.webchat import recordings
from intakebot.core.flow import Flow, Revision
from intakebot.core.region import Number, Region, is_unreviewed
from intakebot.core.reviewing import Review, languages_of, reviewed, unread
from intakebot.keeping.findings import Finding, counted, error, ok, some, warning

# DOMAIN 3.1: a number is looked at twice a year.
CHECKED_MAX = timedelta(days=180)
# Telegram tries again within minutes; an older fault is over.
ERROR_FRESH = timedelta(hours=1)
PENDING_MAX = 100
DUTCH = "nl"


def telegram(standing: Standing, mode: str, now: datetime) -> Iterator[Finding]:
    """Whether Telegram knows the bot, and brings what is said to it."""
    where = "Telegram"
    if standing.reached == "refused":
        remedy = "Ask @BotFather for the token of your bot and set INTAKEBOT_TELEGRAM_TOKEN again."
        yield error(where, "It refuses the token.", remedy)
        return
    if standing.reached == "no":
        remedy = "Look at the network, the proxy, and INTAKEBOT_TELEGRAM_API."
        yield error(where, f"It cannot be reached ({standing.error}).", remedy)
        return
    yield _webhook(standing, mode)
    if standing.missing and mode == "webhook":
        what = f"It does not bring {', '.join(standing.missing)}."
        yield error(where, what, "Start intakebot again: it says what it wants.")
    if standing.pending > PENDING_MAX:
        what = f"{counted(standing.pending, 'update')} wait there."
        yield warning(where, what, "Look whether intakebot runs, and can be reached.")
    if standing.error and standing.error_at and now - standing.error_at < ERROR_FRESH:
        at = standing.error_at.isoformat(timespec="seconds")
        what = f"It could not bring an update at {at}: {standing.error}"
        yield warning(where, what, "Look at the proxy in front of INTAKEBOT_PUBLIC_URL.")


def _webhook(standing: Standing, mode: str) -> Finding:
    """Whether updates come the way that was chosen. Its address is a secret and not told."""
    waiting = counted(standing.pending, "update")
    if mode == "polling":
        if standing.hook == "none":
            return ok("Telegram", f"It knows the bot and waits to be asked; {waiting} wait.")
        what = "It calls a webhook, and INTAKEBOT_TELEGRAM_MODE is polling."
        remedy = "Start intakebot again; if that does not help, another program uses this token."
        return error("Telegram", what, remedy)
    if standing.hook == "ours":
        return ok("Telegram", f"It knows the bot and calls our webhook; {waiting} wait.")
    what = "It calls no webhook." if standing.hook == "none" else "It calls another webhook."
    remedy = "Start intakebot; if that does not help, another program uses this token."
    return error("Telegram", what, remedy)


def numbers(region: Region, today: date) -> Iterator[Finding]:
    """Numbers to call that nobody checked, or too long ago."""
    known = {(it.name, it.number): it for it in _numbers(region)}.values()
    never = [f"{it.name} {it.number}" for it in known if it.checked_on is None]
    old = [
        f"{it.name} {it.number} ({it.checked_on})"
        for it in known
        if it.checked_on is not None and today - it.checked_on > CHECKED_MAX
    ]
    remedy = "Call each, and write the date as `checked_on` in the region file."
    if never:
        what = f"{len(never)} of {counted(len(known), 'number')} were never checked: {some(never)}."
        yield warning("region", what, remedy)
    if old:
        what = f"{counted(len(old), 'number')} were checked over 180 days ago: {some(old)}."
        yield warning("region", what, remedy)
    if not never and not old:
        yield ok("region", f"All {counted(len(known), 'number')} were checked lately.")


def _numbers(region: Region) -> Iterator[Number]:
    yield from region.numbers.values()
    for place in region.municipalities:
        yield from (place.urgent, place.phone, place.client_support)
        yield from (team.phone for team in place.teams)
    yield from (it.phone for it in region.neighbours)


def languages(
    revision: Revision, region: Region, signed: Mapping[str, Review]
) -> Iterator[Finding]:
    """Languages that are offered and that no native reader has read; who decided to offer them."""
    read = reviewed(revision, signed)
    for lang in sorted(set(languages_of(region.languages)) - {DUTCH}):
        texts = revision.translations.get(lang, {})
        if lang in read:
            by = f"{signed[lang].by} on {signed[lang].on}"
            yield ok(f"language {lang}", f"All {counted(len(texts), 'text')} were read; by {by}.")
            continue
        missing = [f"{unread(texts)} of {counted(len(texts), 'text')}"]
        missing += ["the interface sentences"] if lang not in signed else []
        what = f"No native reader has read {' and '.join(missing)}."
        remedy = "Let one read them, and write down who did and when (locales/README.md)."
        if region.unreviewed is not None and is_unreviewed(region, lang):
            decided = f"{region.unreviewed.decided_by} on {region.unreviewed.decided_on}"
            yield warning(f"language {lang}", f"{what} Offered by decision of {decided}.", remedy)
        else:
            yield error(f"language {lang}", f"{what} Nobody decided to offer it.", remedy)


def voices(folder: Path | None, flow: Flow) -> Iterator[Finding]:
    """Recorded questions: whether the name of each says which one it is."""
    if folder is None:
        return
    found = recordings.read(folder, flow)
    if found.unknown:
        what = f"No question and language belong to {some(found.unknown)}."
        remedy = "Name a file as verhaal.nl.mp3: the key of a question, a language, a kind."
        yield warning(str(folder), what, remedy)
    yield ok(str(folder), f"{counted(len(found.by_text), 'recorded text')}.")
