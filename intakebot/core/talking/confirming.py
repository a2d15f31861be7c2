"""The confirmation: what is certain after sending, and nothing more.

It is a legal object (DOMAIN 10.2; Awb 4:3a, Wmo 2015 2.3.2): date, number, what happens, which
team by when, the seven days for an own plan, free client support, numbers to call, how to
withdraw. A legal sentence appears only when its clock runs.
"""

from __future__ import annotations

from intakebot.core.events import Message
from intakebot.core.region import Municipality
from intakebot.core.request import Clock, Request
from intakebot.core.talking.page import Page


def confirmation(page: Page, request: Request, municipality: Municipality | None) -> Message:
    """What the person reads after sending."""
    signal = request.type == "zorgsignaal_derde"
    child = request.subject.age_band in ("onder_12", "12_15")
    sentences = [
        *_sent(page, request, municipality, signal=signal),
        *(_for_signal(page) if signal else ()),
        *(_for_child(page) if child else ()),
        *(() if signal else _legal(page, request, municipality)),
        *_numbers(page, request, municipality, signal=signal),
        page.say("confirm.withdraw"),
    ]
    return Message(text="\n".join(sentences), tongue=page.tongue, kind="request", private=True)


def _sent(
    page: Page, request: Request, municipality: Municipality | None, *, signal: bool
) -> list[str]:
    """That it is sent, its number, who reads it and by when somebody makes contact.

    Nobody makes contact with who told about somebody else that does not know it.
    """
    sent = [
        page.say("confirm.sent-on", date=page.words.day(page.tongue, page.today)),
        page.say("confirm.number", reference=request.reference),
    ]
    if signal:
        return sent
    team = (
        next((t.label for t in municipality.teams if t.queue == request.routing.queue), None)
        if municipality
        else None
    )
    promise = page.words.day(page.tongue, request.promise_on)
    key = "confirm.team-calls" if request.contact.phone else "confirm.team-writes"
    who = team or (municipality.name if municipality else page.say("confirm.a-person"))
    return [*sent, page.say(key, team=who, date=promise)]


def _for_signal(page: Page) -> list[str]:
    number = page.flow.region.numbers.get("zorgwekkend_gedrag")
    return [page.say("confirm.signal-thanks", phone=number.number if number else "0800-1205")]


def _for_child(page: Page) -> list[str]:
    return [page.say("confirm.child")]


def _legal(page: Page, request: Request, municipality: Municipality | None) -> list[str]:
    """One sentence for each clock that runs; a plain word when nothing official started."""
    running = {clock.key: clock for clock in request.clocks if clock.status == "running"}
    possible = {clock.key for clock in request.clocks if clock.status == "possible"}
    sentences = []
    if possible & {"wmo_onderzoek", "wgs_gesprek", "wgs_spoed", "pw_zoektermijn"}:
        sentences.append(
            page.say("confirm.not-official", phone=municipality.phone.number)
            if municipality
            else page.say("confirm.not-official-anywhere")
        )
    by_clock = (
        ("wgs_spoed", "confirm.debts-urgent"),
        ("wgs_gesprek", "confirm.debts-talk"),
        ("wmo_onderzoek", "confirm.research"),
        ("wmo_plan", "confirm.plan"),
    )
    for key, sentence in by_clock:
        if key in running and not (key == "wgs_gesprek" and "wgs_spoed" in running):
            sentences.append(page.say(sentence, date=_due(page, running[key])))
    if "wmo_clientondersteuning" in running and municipality:
        phone = municipality.client_support.number
        sentences.append(page.say("confirm.support", phone=phone))
    if possible & {"pw_voorschot", "pw_besluit"} or "pw_zoektermijn" in running | dict.fromkeys(
        possible
    ):
        sentences.append(page.say("confirm.no-benefit"))
    return sentences


def _due(page: Page, clock: Clock) -> str:
    return page.words.day(page.tongue, clock.due) if clock.due else ""


def _numbers(
    page: Page, request: Request, municipality: Municipality | None, *, signal: bool
) -> list[str]:
    """Whom to call now."""
    sentences = []
    money = {clock.key for clock in request.clocks} & {"wgs_spoed", "wgs_gesprek"}
    geldfit = page.flow.region.numbers.get("geldfit")
    if money and geldfit and not signal:
        sentences.append(page.say("confirm.money-help", phone=geldfit.number))
    if municipality is None:
        return sentences
    urgent, usual = municipality.urgent.number, municipality.phone.number
    if request.urgency.level in ("nu", "vandaag", "drie_werkdagen"):
        sentences.append(page.say("confirm.urgent-phone", phone=urgent))
        if urgent == usual:
            return sentences
    sentences.append(page.say("confirm.call", phone=usual))
    return sentences
