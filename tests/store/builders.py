"""Small values with defaults, for tests that need a session or a request to be there."""

from datetime import UTC, date, datetime

from intakebot.core.events import Message
from intakebot.core.request import (
    Clock,
    Contact,
    DomainPart,
    FactPart,
    FlowRef,
    Interpreter,
    Place,
    Reporter,
    Request,
    Routing,
    StoryPart,
    Subject,
    Suggested,
    Urgency,
)
from intakebot.core.session import Answer, Saying, Session, Tongue
from intakebot.store.people import Member
from intakebot.store.sessions import Stored, create
from intakebot.store.vault import Vault
from intakebot.store.work import Work

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
QUEUE, OTHER_QUEUE = "GM0294/sociaal-team", "GM1586/sociaal-team"
STORY = "Marsupilami en ik slapen in de auto."


def a_session(name: str = "sessie1", story: str = STORY) -> Session:
    return Session(
        id=name,
        flow="integraal",
        revision="1",
        started_at=NOW,
        tongue=Tongue(lang="nl"),
        story=(Saying(text=story, lang="nl", at=NOW),),
        answers=(
            Answer(question="domeinen", value=("financien", "huisvesting"), at=NOW),
            Answer(question="dreiging", value="ontruiming", at=NOW),
            Answer(question="schulden", value="ja", at=NOW),
        ),
    )


def a_message(text: str = "Waar woont u?", *, unasked: bool = False) -> Message:
    return Message(text=text, tongue=Tongue(lang="nl"), unasked=unasked)


def a_domain(code: str, fact: str, days: int = 30) -> DomainPart:
    return DomainPart(
        code=code,
        source="story",
        confirmed=True,
        evidence=(f"eigen woorden over {code}",),
        facts=(FactPart(question=fact, value="ja", words_nl="ja"),),
        law="Wgs",
        retention=f"{days} dagen",
        retention_days=days,
    )


def a_request(
    reference: str = "IB-7K3Q-9M2X",
    *,
    queue: str = QUEUE,
    urgency: str = "gewoon",
    promise_on: date = date(2026, 12, 7),
    due: date | None = None,
    called: str | None = "Zoë van Dijk",
    domains: tuple[DomainPart, ...] | None = None,
) -> Request:
    clocks = (
        Clock(key="wmo", due=due, law="Wmo 2015", started_by="melding", status="running"),
        Clock(key="pw", due=date(2026, 11, 24), law="Pw", started_by="melding", status="possible"),
    )
    if domains is None:
        domains = (a_domain("huisvesting", "dreiging", 30), a_domain("financien", "schulden", 60))
    return Request(
        reference=reference,
        type="hulpvraag_integraal",
        created_at=NOW,
        channel="web",
        language="nl",
        reading_level=None,
        flow=FlowRef(id="integraal", revision="1"),
        reporter=Reporter(),
        subject=Subject(),
        story=(StoryPart(question="verhaal", text=STORY, language="nl", audio="spraak1"),),
        attachments=(),
        domains=domains,
        facts=(),
        strengths=(),
        to_ask=(),
        place=Place(postcode="7101", gm="GM0294", place="Winterswijk"),
        contact=Contact(
            called=called,
            phone="+31612345678",
            safe_ways=("chat",),
            safe_times=(),
            interpreter=Interpreter(needed=False, language=None),
        ),
        urgency=Urgency(level=urgency, reasons=()),  # type: ignore[arg-type]  # a word of the five
        safety=(),
        clocks=clocks if due else clocks[1:],
        consents=(),
        routing=Routing(queue=queue, rule="team", why_nl="Woont in Winterswijk."),
        suggested=Suggested(),
        promise_on=promise_on,
        summary_nl="Slaapt in de auto.",
    )


def a_member(name: str = "fatma", queues: tuple[str, ...] = (QUEUE,)) -> Member:
    return Member(
        member=name,
        login=f"{name}@example.org",
        name=name.title(),
        phone="0543 123456",
        admin=False,
        queues=queues,
    )


def begin(
    vault: Vault, name: str = "sessie1", address: str = "4242", *, channel: str = "telegram"
) -> Work[Stored]:
    chat = vault.chat(channel, "7", address)
    return (yield from create(vault, chat, a_session(name), NOW))
