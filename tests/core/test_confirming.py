"""The confirmation: which sentences, with which values, for which request. A legal one only when its clock runs."""

from dataclasses import replace
from datetime import date
from typing import Literal

import msgspec
import pytest

from intakebot.core.region import Municipality, Number
from intakebot.core.request import Clock, Contact, Request, Urgency
from intakebot.core.session import Tongue
from intakebot.core.talking.confirming import confirmation
from intakebot.core.talking.page import Page
from tests.core.law import FLOW, REGION, a_request, a_session

PLACE = next(one for one in REGION.municipalities if one.gm == "GM0294")
PLACE = msgspec.structs.replace(
    PLACE, urgent=msgspec.structs.replace(PLACE.urgent, number="0544-2")
)
URGENT, USUAL, SUPPORT = PLACE.urgent.number, PLACE.phone.number, PLACE.client_support.number
GELDFIT = REGION.numbers["geldfit"].number
SIGNAL = "0800-1"
NUMBERS = REGION.numbers | {"zorgwekkend_gedrag": Number(name="Meldpunt", number=SIGNAL)}
DUE = date(2026, 12, 21)
TALKS = "confirm.debts-talk date=2026-12-21 in nl"
HELP = f"confirm.money-help phone={GELDFIT}"
NO_BENEFIT = "confirm.no-benefit"
NOT_OFFICIAL = f"confirm.not-official phone={USUAL}"


class Keys:
    """Words that are their own keys and values."""

    def say(self, tongue: Tongue, key: str, **values: str) -> str:  # noqa: ARG002 - the same in each
        return " ".join([key, *(f"{name}={value}" for name, value in values.items())])

    def day(self, tongue: Tongue, day: date) -> str:
        return f"{day} in {tongue.lang}"

    def direction(self, tongue: Tongue) -> Literal["ltr", "rtl"]:  # noqa: ARG002 - idem
        return "ltr"


FLOW_HERE = replace(FLOW, region=msgspec.structs.replace(REGION, numbers=NUMBERS))
PAGE = Page(flow=FLOW_HERE, session=a_session(), words=Keys(), today=date(2026, 11, 23))


def sentences(
    municipality: Municipality | None = PLACE, page: Page = PAGE, **parts: object
) -> list[str]:
    request: Request = msgspec.structs.replace(a_request(), **parts)
    return confirmation(page, request, municipality).text.split("\n")


def clocks(told: str) -> tuple[Clock, ...]:
    """ "wgs_spoed ?pw_besluit": with a question mark only a person can start it."""
    return tuple(
        Clock(
            key=one.strip("?"),
            due=None if one.startswith("?") else DUE,
            law="Wet",
            started_by="",
            status="possible" if one.startswith("?") else "running",
        )
        for one in told.split()
    )


def contact(phone: str | None) -> Contact:
    return msgspec.structs.replace(a_request().contact, phone=phone)


def test_it_says_when_it_was_sent_its_number_who_reads_it_and_whom_to_call() -> None:
    queue = msgspec.structs.replace(a_request().routing, queue=PLACE.teams[-1].queue)
    promise = date(2026, 12, 7)

    assert sentences(routing=queue, promise_on=promise, contact=contact("+31612345678")) == [
        "confirm.sent-on date=2026-11-23 in nl",
        "confirm.number reference=IB-7K3Q-9M2X",
        f"confirm.team-calls team={PLACE.teams[-1].label} date=2026-12-07 in nl",
        f"confirm.call phone={USUAL}",
        "confirm.withdraw",
    ]


def test_it_is_private_and_in_the_own_tongue() -> None:
    page = replace(PAGE, session=a_session(lang="ar"))
    told = confirmation(page, a_request(), None)

    assert (told.kind, told.private, told.tongue) == ("request", True, Tongue(lang="ar"))


def test_who_has_no_telephone_is_written_to_and_without_a_team_a_municipality_reads_it() -> None:
    queue = msgspec.structs.replace(a_request().routing, queue="elsewhere")

    assert sentences(routing=queue, contact=contact(None), promise_on=DUE)[2] == (
        f"confirm.team-writes team={PLACE.name} date=2026-12-21 in nl"
    )
    assert sentences(None, routing=queue, contact=contact("06"), promise_on=DUE)[2:] == [
        "confirm.team-calls team=confirm.a-person date=2026-12-21 in nl",
        "confirm.withdraw",
    ]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("", []),
        ("wgs_spoed", ["confirm.debts-urgent date=2026-12-21 in nl", HELP]),
        ("wgs_gesprek", [TALKS, HELP]),
        ("wgs_gesprek wgs_spoed", ["confirm.debts-urgent date=2026-12-21 in nl", HELP]),
        ("wmo_onderzoek", ["confirm.research date=2026-12-21 in nl"]),
        ("wmo_plan", ["confirm.plan date=2026-12-21 in nl"]),
        ("wmo_clientondersteuning", [f"confirm.support phone={SUPPORT}"]),
        ("pw_zoektermijn", [NO_BENEFIT]),
        ("?pw_zoektermijn", [NOT_OFFICIAL, NO_BENEFIT]),
        ("?pw_voorschot", [NO_BENEFIT]),
        ("?pw_besluit", [NO_BENEFIT]),
        ("pw_besluit", []),
        ("?wmo_onderzoek", [NOT_OFFICIAL]),
        ("?wgs_gesprek", [NOT_OFFICIAL, HELP]),
        ("?wgs_spoed", [NOT_OFFICIAL, HELP]),
        ("?wmo_plan", []),
    ],
)
def test_a_legal_sentence_stands_there_when_its_clock_runs(told: str, expected: list[str]) -> None:
    assert sentences(clocks=clocks(told))[3:-2] == expected


def test_outside_every_municipality_there_are_no_numbers_of_one() -> None:
    running = clocks("?wgs_spoed wmo_clientondersteuning wmo_plan")

    assert sentences(None, clocks=running)[3:-1] == [
        "confirm.not-official-anywhere",
        "confirm.plan date=2026-12-21 in nl",
        HELP,
    ]


def test_a_clock_without_a_date_has_none_in_its_sentence() -> None:
    (plan,) = clocks("wmo_plan")

    assert sentences(clocks=(msgspec.structs.replace(plan, due=None),))[3] == "confirm.plan date="


def test_a_signal_is_thanked_for_and_starts_nothing() -> None:
    told = sentences(type="zorgsignaal_derde", clocks=clocks("wgs_spoed wmo_plan"))

    assert told[2:-2] == [f"confirm.signal-thanks phone={SIGNAL}"]


def test_without_a_number_in_the_region_the_national_one_is_given() -> None:
    region = msgspec.structs.replace(REGION, numbers={})
    page = replace(PAGE, flow=replace(FLOW, region=region))

    assert sentences(page=page, type="zorgsignaal_derde")[2] == (
        "confirm.signal-thanks phone=0800-1205"
    )
    assert HELP not in sentences(page=page, clocks=clocks("wgs_spoed"))


@pytest.mark.parametrize(
    ("band", "is_child"), [("onder_12", True), ("12_15", True), ("16_17", False), (None, False)]
)
def test_a_child_reads_a_word_for_children(band: str | None, *, is_child: bool) -> None:
    subject = msgspec.structs.replace(a_request().subject, age_band=band)

    assert ("confirm.child" in sentences(subject=subject)) is is_child


@pytest.mark.parametrize("level", ["nu", "vandaag", "drie_werkdagen", "week", "gewoon"])
def test_what_is_urgent_has_the_urgent_number_first(
    level: Literal["nu", "vandaag", "drie_werkdagen", "week", "gewoon"],
) -> None:
    is_urgent = level in {"nu", "vandaag", "drie_werkdagen"}
    first = [f"confirm.urgent-phone phone={URGENT}"] if is_urgent else []
    urgency = Urgency(level=level, reasons=())

    assert sentences(urgency=urgency)[3:-1] == [*first, f"confirm.call phone={USUAL}"]


def test_one_number_is_said_once() -> None:
    same = msgspec.structs.replace(PLACE, urgent=PLACE.phone)

    assert sentences(same, urgency=Urgency(level="nu", reasons=()))[3:-1] == [
        f"confirm.urgent-phone phone={USUAL}"
    ]
