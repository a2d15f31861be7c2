"""A flow set of any number of questions, in which the same person is asked the same ones.

Ten of the shipped questions stand in every one of them; the rest are shipped follow-ups again and
again, each set behind a question of its own about a subject that nobody brings up.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count as numbers
from itertools import islice

import msgspec

from intakebot.core.flow import AllOf, DomainIn, FactIn, Flow, Kind, Question, Rank, Rule, ready

# The questions of a short talk about debts, from the first to the read-back.
ALWAYS = (
    "voor_wie",
    "verhaal",
    "domeinen",
    "schulden",
    "dreiging",
    "postcode",
    "plaats",
    "naam",
    "telefoon",
    "controle",
)
# The added questions stand behind this one.
AFTER = "dreiging"
# Life domains that somebody with debts does not speak of.
ELSEWHERE = ("justitie", "middelengebruik", "opvoeden_opgroeien", "taal_inburgering")


def grown(flow: Flow, count: int) -> Flow:
    """The shipped flow with `count` questions, at least ten; its rules and live data as they are."""
    assert count >= len(ALWAYS)
    kept = tuple(flow.by_key[key] for key in ALWAYS)
    added = tuple(islice(_subjects(flow), count - len(kept)))
    at = ALWAYS.index(AFTER) + 1
    questions = kept[:at] + added + kept[at:]
    section = msgspec.structs.replace(flow.revision.sections[0], questions=questions)
    revision = msgspec.structs.replace(
        flow.revision, sections=(section,), revision=f"{flow.revision.revision}-{count}"
    )
    return ready(revision, flow.lexicon, flow.phrases, flow.spoken, flow.region)


def _subjects(flow: Flow) -> Iterator[Question]:
    """Subject after subject: the question whether it matters, and the follow-ups behind it."""
    asked = [q for q in flow.revision.questions() if q.rank and q.kind is Kind.YES_NO and q.when]
    for number in numbers(1):
        subject = f"onderwerp_{number}"
        yield Question(
            key=subject,
            kind=Kind.YES_NO,
            text=f"Speelt onderwerp {number} bij u?",
            label=f"Onderwerp {number}",
            fact=subject,
            rank=Rank.PLAN,
            when=DomainIn(among=(ELSEWHERE[number % len(ELSEWHERE)],)),
        )
        brought_up = FactIn(name=subject, among=("ja",))
        for question in asked:
            key = f"{question.key}_{number}"
            assert question.when is not None
            both: tuple[Rule, ...] = (question.when, brought_up)
            yield msgspec.structs.replace(
                question, key=key, fact=key, depends=(subject,), when=AllOf(of=both)
            )
