"""Domains: the life domains and facts that an inhabitant's own words speak of.

`hear` reads a story with the lexicons of all languages and gives every domain and fact with the
words that led to it. It decides nothing and guesses nothing: no words, no domain.

1. A text is cut into sentences, and a sentence into clauses (at commas and at words like "maar").
   Nothing is matched across clauses.
2. Each sentence has one language: the one whose `marks` it holds most of, else that of the text,
   else that of the session. Its own lexicon forgives spelling; the others read exactly, and do not
   read the words that the language claims for itself (`ours`: Dutch "arm" is not an English arm).
3. A `subjects` pattern speaks for its domain as it stands. A `troubles` pattern does too, unless a
   `denials` pattern stands around it ("geen schulden"). No pattern counts that shares a word with a
   `not` pattern of the same domain, unless it holds that one and more; nor in a clause that says
   that all is well (`fine`), nor before a clause that says that it is over (`settled`).
4. Facts are found likewise; what is kept is a value, the words, the sentence, or an age band.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import assert_never

from intakebot.core.facts import Fact, HeardDomain
from intakebot.core.hearing.clauses import (
    SENTENCE_CHARS_MAX,
    Clause,
    clauses_of,
    sentences_of,
)
from intakebot.core.hearing.lexicon import (
    Keeps,
    Language,
    Lexicon,
    LexiconData,
    Role,
    Sense,
    compile_lexicon,
)
from intakebot.core.hearing.opinion import WEIGHED_WORDS_MIN, second_opinion
from intakebot.core.hearing.patterns import Match
from intakebot.core.limits import LINE_CHARS_MAX
from intakebot.core.session import Value

__all__ = ["Hearing", "Lexicon", "LexiconData", "compile_lexicon", "hear"]

EVIDENCE_MAX = 4  # pieces a domain; more would be the story again
AROUND_WORDS = 3
AFTERTHOUGHT_WORDS_MAX = 4  # "De stroom gaat eraf. Donderdag al."
# The first age above each band, and the band.
AGES = (
    (12, "onder_12"),
    (16, "12_15"),
    (18, "16_17"),
    (27, "18_26"),
    (67, "27_66"),
    (111, "67_plus"),
)
AGE_DIGITS_MAX = 3
AGE_MIN = 6  # who is younger does not write


class Hearing(Value, frozen=True):
    """What a story speaks of, in the order in which it is told."""

    domains: tuple[HeardDomain, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One pattern found in one clause."""

    sense: Sense
    clause: Clause
    match: Match


def hear(lexicon: Lexicon, texts: Sequence[str], lang: str | None) -> Hearing:
    """The life domains and facts in these texts, each with the words that led to it.

    `lang` is the language of the session; sentences may be in any language of the lexicon.
    """
    clauses = clauses_of(lexicon.turns, texts)
    tongues = _tongues(lexicon, clauses, lang)
    searched = [_search(language, clauses, tongues) for language in lexicon.languages]
    found = [one for each in searched for one in _standing(each, clauses)]
    found.sort(key=lambda one: (one.clause.number, one.match.start))
    sentences = sentences_of(clauses)
    told = {(one.sense.name, one.clause.sentence) for one in found}
    short = {n for n, sentence in sentences.items() if _is_short(sentence)}
    kept = _nearest([one for one in found if _has_company(one, told, short)], clauses)
    domains = _domains(kept, sentences)
    if lexicon.weights is not None and sum(len(it.words) for it in clauses) >= WEIGHED_WORDS_MIN:
        taken_back = _named(chain.from_iterable(searched)) - _named(kept)
        domains = second_opinion(lexicon.weights, domains, sentences, taken_back)
    return Hearing(domains=domains, facts=_facts(kept, sentences))


# ----------------------------------------------------------------------- the language of a sentence


def _tongues(lexicon: Lexicon, clauses: Sequence[Clause], lang: str | None) -> dict[int, Language]:
    """The language of each sentence."""
    session = sorted(lexicon.languages, key=lambda language: language.code != lang)
    tongues: dict[int, Language] = {}
    whole: dict[str, list[str]] = {}
    for clause in clauses:
        whole.setdefault(clause.text, []).extend(word.folded for word in clause.words)
    of_text = {text: _most_marked(session, words) for text, words in whole.items()}
    for number, sentence in sentences_of(clauses).items():
        words = [word.folded for clause in sentence for word in clause.words]
        order = sorted(session, key=lambda language: language is not of_text[sentence[0].text])
        tongues[number] = _most_marked(order, words)
    return tongues


def _most_marked(languages: Sequence[Language], words: Sequence[str]) -> Language:
    """The language with most of its marks among the words; the first one where that is a draw."""
    return max(languages, key=lambda language: sum(word in language.marks for word in words))


# --------------------------------------------------------------------------- finding the patterns


def _search(
    language: Language,
    clauses: Sequence[Clause],
    tongues: dict[int, Language],
) -> list[Found]:
    """Every pattern of one language in the whole story."""
    found: list[Found] = []
    known: dict[tuple[str, str], frozenset[int]] = {}
    for clause in clauses:
        tongue = tongues[clause.sentence]
        own = tongue is language
        atoms: list[frozenset[int]] = []
        for word in clause.words:
            key = (word.folded, tongue.code)
            if key not in known:
                hidden = not own and word.folded in tongue.ours
                known[key] = (
                    frozenset() if hidden else language.patterns.atoms(word.folded, loosely=own)
                )
            atoms.append(known[key])
        if any(atoms):
            words = [word.folded for word in clause.words]
            found.extend(
                Found(language.senses[match.sense], clause, match)
                for match in language.patterns.find(words, atoms)
            )
    return found


def _standing(found: Sequence[Found], clauses: Sequence[Clause]) -> Iterator[Found]:
    """What is left when everything is taken back that the story itself takes back."""
    off = {one.sense.rule for one in found if one.sense.role is Role.UNLESS}
    barred: dict[tuple[int, str], list[Match]] = {}
    denied: set[tuple[int, Role, int]] = set()
    for one in found:
        where = one.clause.number
        match one.sense.role:
            case Role.NOT:
                barred.setdefault((where, one.sense.rule), []).append(one.match)
            case Role.DENIED_AFTER:
                denied.add((where, Role.DENIED_AFTER, one.match.end))
            case Role.DENIED_BEFORE:
                denied.add((where, Role.DENIED_BEFORE, one.match.start))
            case _:
                pass
    speaking = [one for one in found if one.sense.role in {Role.SUBJECT, Role.TROUBLE, Role.FACT}]
    over = _over(found, {one.clause.number for one in speaking}, clauses)
    for one in speaking:
        where = one.clause.number
        if one.sense.rule in off or where in over:
            continue
        if any(_takes_back(bar, one.match) for bar in barred.get((where, one.sense.rule), ())):
            continue
        if one.sense.role is not Role.SUBJECT and (
            (where, Role.DENIED_AFTER, one.match.start) in denied
            or (where, Role.DENIED_BEFORE, one.match.end) in denied
        ):
            continue
        yield one


def _over(found: Sequence[Found], speaking: set[int], clauses: Sequence[Clause]) -> set[int]:
    """The clauses in which all is well, and those that the next clause says are over."""
    over = {one.clause.number for one in found if one.sense.role is Role.FINE}
    settled = {one.clause.number for one in found if one.sense.role is Role.SETTLED}
    order = [clause.number for clause in clauses]
    before = dict(zip(order[1:], order, strict=False))
    return over | settled | {before[n] for n in settled - speaking if n in before}


def _takes_back(bar: Match, match: Match) -> bool:
    """Whether the two share a word, and `match` does not hold all of `bar` and more."""
    shares = bar.start < match.end and match.start < bar.end
    holds = match.start <= bar.start and bar.end <= match.end
    return shares and not (holds and match.end - match.start > bar.end - bar.start)


def _is_short(sentence: Sequence[Clause]) -> bool:
    """Whether this sentence may be an afterthought to the one before."""
    return sum(len(clause.words) for clause in sentence) <= AFTERTHOUGHT_WORDS_MAX


def _has_company(one: Found, told: set[tuple[str, int]], short: set[int]) -> bool:
    """Whether the fact that this one must stand beside is there; true when it needs none."""
    needed = one.sense.fact.beside if one.sense.fact else None
    if needed is None:
        return True
    here = one.clause.sentence
    return (needed, here) in told or (here in short and (needed, here - 1) in told)


def _nearest(found: Sequence[Found], clauses: Sequence[Clause]) -> list[Found]:
    """What is left when of several days that are told only the one beside the threat counts.

    That is the one with the fewest words between, for each value of the fact that it stands beside;
    where they share words, or stand as near, the longest and then the first.
    """
    before = dict(
        zip(
            (clause.number for clause in clauses),
            accumulate((len(clause.words) for clause in clauses), initial=0),
            strict=False,
        )
    )
    rivals = [one for one in found if one.sense.fact is not None and one.sense.fact.nearest]
    beside = {one.sense.fact.beside for one in rivals if one.sense.fact is not None}
    places: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for one in found:
        if one.sense.name in beside:
            first = before[one.clause.number]
            place = (first + one.match.start, first + one.match.end)
            places.setdefault((one.sense.name, one.sense.value), []).append(place)
    best: dict[tuple[str, str, str], tuple[tuple[int, int], Found]] = {}
    for one in rivals:
        assert one.sense.fact is not None
        length = one.match.end - one.match.start
        start = before[one.clause.number] + one.match.start
        for (name, value), taken in places.items():
            if name == one.sense.fact.beside:
                rank = (_apart(start, start + length, taken), -length)
                held = best.get((one.sense.name, name, value))
                if held is None or rank < held[0]:
                    best[one.sense.name, name, value] = (rank, one)
    kept = {id(one) for _, one in best.values()}
    losing = {id(one) for one in rivals} - kept
    return [one for one in found if id(one) not in losing]


def _apart(start: int, end: int, taken: Sequence[tuple[int, int]]) -> int:
    """The words between these words and the nearest of the places, which stand in order."""
    at = bisect(taken, (start, end))
    near = taken[max(0, at - 2) : at + 1]
    return min(max(0, start - there_end, there_start - end) for there_start, there_end in near)


# ------------------------------------------------------------------------ domains and facts, told


def _named(found: Iterable[Found]) -> set[str]:
    """The life domains that patterns speak for."""
    return {one.sense.name for one in found if one.sense.role in {Role.SUBJECT, Role.TROUBLE}}


def _domains(
    found: Sequence[Found], sentences: dict[int, tuple[Clause, ...]]
) -> tuple[HeardDomain, ...]:
    heard: dict[str, dict[str, None]] = {}
    for one in found:
        fact = one.sense.fact
        for code in (one.sense.name,) if fact is None else fact.domains:
            heard.setdefault(code, {})[_evidence(one, sentences)] = None
    return tuple(
        HeardDomain(code=code, evidence=tuple(words)[:EVIDENCE_MAX])
        for code, words in heard.items()
    )


def _facts(found: Sequence[Found], sentences: dict[int, tuple[Clause, ...]]) -> tuple[Fact, ...]:
    facts: dict[tuple[str, str], Fact] = {}
    for one in found:
        if one.sense.fact is None:
            continue
        value = _value(one, sentences)
        if value is None:
            continue
        evidence = _evidence(one, sentences)
        for name, said in ((one.sense.name, value), *one.sense.fact.implies.items()):
            fact = Fact(name=name, value=said, source="story", evidence=evidence)
            facts.setdefault((name, said), fact)
    return tuple(facts.values())


def _value(one: Found, sentences: dict[int, tuple[Clause, ...]]) -> str | None:
    assert one.sense.fact is not None
    words = one.clause.words[slice(*one.match.kept)]
    written = one.clause.text[words[0].start : words[-1].end][:LINE_CHARS_MAX]
    match one.sense.fact.keeps:
        case Keeps.VALUE:
            return one.sense.value
        case Keeps.WORDS:
            return written
        case Keeps.SENTENCE:
            return _evidence(one, sentences)
        case Keeps.AGE:
            return _age_band(words[0].folded)
        case _:
            assert_never(one.sense.fact.keeps)


def _age_band(digits: str) -> str | None:
    age = int(digits) if digits.isdecimal() and len(digits) <= AGE_DIGITS_MAX else 0
    if age < AGE_MIN:
        return None
    return next((band for limit, band in AGES if age < limit), None)


def _evidence(one: Found, sentences: dict[int, tuple[Clause, ...]]) -> str:
    """The sentence as it was written, when it is short; else the words around the match."""
    text, words = one.clause.text, one.clause.words
    whole = sentences[one.clause.sentence]
    start, end = whole[0].words[0].start, whole[-1].words[-1].end
    if end - start > SENTENCE_CHARS_MAX:
        start = words[max(0, one.match.start - AROUND_WORDS)].start
        end = words[min(len(words), one.match.end + AROUND_WORDS) - 1].end
    return text[start:end][:LINE_CHARS_MAX]
