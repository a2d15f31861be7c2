"""Logic: whether a condition can be true at all, whatever a person says.

Every leaf of a condition is a small claim that is true or not. All combinations that go together
are tried, as far as the condition needs them: two different answers to a question with one answer
do not go together, nor does a fact with a value that is not known.
"""

from __future__ import annotations

from typing import assert_never

from intakebot.core.flow import (
    AllOf,
    AnswerIn,
    AnyOf,
    DomainIn,
    FactIn,
    Known,
    Not,
    Rule,
    SignalIn,
)

# A claim: its sort, what it is about, and the value; "" is "any value".
Claim = tuple[str, str, str]
Claims = dict[Claim, bool]
# So many combinations are looked at; a condition that needs more is taken to be possible.
TRIES_MAX = 400


def can_hold(rule: Rule, *, single: frozenset[str] = frozenset(), unknown: str = "") -> bool:
    """Whether something makes the rule true.

    `single` are the questions with one answer; `unknown` is a fact that is not known here.
    """
    return _Search(single, unknown).finds(rule, {})


def always_holds(rule: Rule | None) -> bool:
    """Whether nothing makes the rule false."""
    return rule is None or not can_hold(Not(of=rule))


class _Search:
    """Looks for a combination that makes a rule true."""

    def __init__(self, single: frozenset[str], unknown: str) -> None:
        self._single = single
        self._unknown = unknown
        self._tries = 0

    def finds(self, rule: Rule, claims: Claims) -> bool:
        self._tries += 1
        if self._tries > TRIES_MAX:
            return True
        told = _told(rule, claims)
        if not isinstance(told, tuple):
            return told
        return any(
            self._together(more) and self.finds(rule, more)
            for more in ({**claims, told: True}, {**claims, told: False})
        )

    def _together(self, claims: Claims) -> bool:
        """Whether these claims can be so at once."""
        true = {claim for claim, holds in claims.items() if holds}
        for sort, about, value in true:
            match sort:
                case "fact" if about == self._unknown:
                    return False
                case "fact" if claims.get(("fact", about, "")) is False:
                    return False
                case "answer" if about in self._single:
                    if any(s == sort and a == about and v != value for s, a, v in true):
                        return False
                case "signal" if claims.get(("signal", about, "soft")) is False:
                    return False
                case _:
                    pass
        return True


def _told(rule: Rule, claims: Claims) -> bool | Claim:
    """Whether the rule holds with these claims, or else a claim that it waits for."""
    match rule:
        case AllOf(of=rules):
            return _joined(tuple(_told(one, claims) for one in rules), until=False)
        case AnyOf(of=rules):
            return _joined(tuple(_told(one, claims) for one in rules), until=True)
        case Not(of=other):
            told = _told(other, claims)
            return told if isinstance(told, tuple) else not told
        case AnswerIn(question=question, among=among):
            return _among("answer", tuple((question, value) for value in among), claims)
        case FactIn(name=name, among=among):
            return _among("fact", tuple((name, value) for value in among), claims)
        case Known(name=name):
            return _among("fact", ((name, ""),), claims)
        case DomainIn(among=among):
            return _among("domain", tuple((code, "") for code in among), claims)
        case SignalIn(among=among, strength=strength):
            return _among("signal", tuple((one, strength) for one in among), claims)
        case _:
            assert_never(rule)


def _joined(told: tuple[bool | Claim, ...], *, until: bool) -> bool | Claim:
    """The first that decides; else the first claim that is waited for; else the opposite."""
    if any(one is until for one in told):
        return until
    return next((one for one in told if isinstance(one, tuple)), not until)


def _among(sort: str, wanted: tuple[tuple[str, str], ...], claims: Claims) -> bool | Claim:
    leaves = ((sort, about, value) for about, value in wanted)
    return _joined(tuple(claims.get(leaf, leaf) for leaf in leaves), until=True)
