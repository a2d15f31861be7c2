"""Conditions: what each operator means, which values count, and the sentence an admin reads."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intakebot import content
from intakebot.core.facts import Fact, Known
from intakebot.core.flow import Revision, Rule
from intakebot.core.law.conditions import counting, holds, in_words
from intakebot.core.names import Names, fill
from intakebot.core.session import Answer
from tests.core.law import MONDAY, REVISION, a_known, changed, rows

FLOW = """
schema: intakebot-flow/1
id: proef
revision: "1"
title: Proef
sections:
  - key: een
    title: Een
    questions:
      - key: kleur
        kind: choices
        label: Kleur
        text: Welke kleur?
        choices: [{id: rood, label: Rood}, {id: blauw, label: Blauw}]
      - {key: eten, kind: yes_no, text: Hebt u eten?, fact: eten}
      - {key: waar, kind: text, text: Waar?}
      - {key: huis, kind: text, text: Hoe woont u?, fact: woont}
"""
TRIAL = content.read_revision(FLOW)


def a_rule(written: str) -> Rule:
    """A rule in one line: "all(schulden=ja kinderen=ja)", "not(?inkomen)".

    `name=a,b` a fact, `?name` a known fact, `@a,b` a domain, `!a,b` and `~a,b` a hard or soft
    signal, `#question=a,b` an answer; `all(…)`, `any(…)`, `not(…)`.
    """
    rule: Rule = msgspec.convert(_tree(written.strip()), Rule)
    return rule


def _tree(written: str) -> dict[str, object]:
    for word in ("all", "any"):
        if written.startswith(f"{word}("):
            return {"if": word, "of": [_tree(part) for part in _parts(written[4:-1])]}
    if written.startswith("not("):
        return {"if": "not", "of": _tree(written[4:-1])}
    if written.startswith("?"):
        return {"if": "known", "name": written[1:]}
    if written.startswith("@"):
        return {"if": "domain", "among": written[1:].split(",")}
    if written[0] in "!~":
        strength = "hard" if written[0] == "!" else "soft"
        return {"if": "signal", "among": written[1:].split(","), "strength": strength}
    name, _, values = written.lstrip("#").partition("=")
    if written.startswith("#"):
        return {"if": "answer", "question": name, "among": values.split(",")}
    return {"if": "fact", "name": name, "among": values.split(",")}


def _parts(written: str) -> list[str]:
    """The parts between spaces that stand in no brackets."""
    parts, depth = [""], 0
    for char in written:
        depth += (char == "(") - (char == ")")
        if char == " " and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part for part in parts if part]


# What is known: facts (= answered, : heard), domains (~ not confirmed), signals (! hard).
HOLDS = """
    rule                          | facts                              | domains            | signals   | holds
    ------------------------------+------------------------------------+--------------------+-----------+------
    all()                         |                                    |                    |           | yes
    any()                         |                                    |                    |           | no
    not(all())                    |                                    |                    |           | no
    not(any())                    |                                    |                    |           | yes
    schulden=ja                   |                                    |                    |           | no
    schulden=ja                   | schulden=ja                        |                    |           | yes
    schulden=ja                   | schulden:ja                        |                    |           | yes
    schulden=ja,nee               | schulden=nee                       |                    |           | yes
    schulden=ja                   | schulden=nee                       |                    |           | no
    schulden=ja                   | schulden:ja schulden=nee           |                    |           | no
    schulden=ja                   | schulden=nee schulden:ja           |                    |           | no
    schulden=ja                   | inkomen=ja                         |                    |           | no
    dreiging=water                | dreiging:stroom dreiging:water     |                    |           | yes
    dreiging=stroom               | dreiging:stroom dreiging:water     |                    |           | yes
    dreiging=stroom               | dreiging=stroom dreiging=water     |                    |           | yes
    ?inkomen                      |                                    |                    |           | no
    ?inkomen                      | inkomen=weet_niet                  |                    |           | yes
    ?inkomen                      | inkomen:geen                       |                    |           | yes
    not(?inkomen)                 | inkomen:geen                       |                    |           | no
    @financien                    |                                    | financien          |           | yes
    @financien,werk               |                                    | werk               |           | yes
    @financien                    |                                    | ~financien         |           | no
    @financien                    |                                    |                    |           | no
    !child                        |                                    |                    | child!    | yes
    !child                        |                                    |                    | child     | no
    ~child                        |                                    |                    | child     | yes
    ~child                        |                                    |                    | child!    | yes
    ~child,violence               |                                    |                    | suicide!  | no
    !child                        |                                    |                    | suicide! child! | yes
    all(a=1 b=1)                  | a=1 b=1                            |                    |           | yes
    all(a=1 b=1)                  | a=1                                |                    |           | no
    any(a=1 b=1)                  | b=1                                |                    |           | yes
    any(a=1 b=1)                  | b=2                                |                    |           | no
    not(any(a=1 @financien))      | a=2                                | werk               |           | yes
    all(not(a=1) any(b=1 !child)) | b=1                                |                    |           | yes
"""


@pytest.mark.parametrize("row", rows(HOLDS), ids=lambda row: f"{row[0]} of {' '.join(row[1:4])}")
def test_when_a_rule_holds(row: list[str]) -> None:
    rule, facts, domains, signals, expected = row

    assert holds(a_rule(rule), a_known(facts, domains, signals)) == (expected == "yes")


ANSWERS = """
    rule                 | answer            | holds
    ---------------------+-------------------+------
    #kleur=rood          |                   | no
    #kleur=rood          | kleur skipped     | no
    #kleur=rood          | kleur rood        | yes
    #kleur=rood          | kleur blauw       | no
    #kleur=rood          | kleur rood,blauw  | yes
    #kleur=rood,geel     | kleur geel,blauw  | yes
    #kleur=rood          | waar rood         | no
"""


@pytest.mark.parametrize("row", rows(ANSWERS), ids=lambda row: f"{row[0]} after {row[1]}")
def test_an_answer_counts_when_it_is_on_the_path(row: list[str]) -> None:
    rule, said, expected = row
    answers = []
    if said:
        question, _, word = said.partition(" ")
        value = None if word == "skipped" else tuple(word.split(",")) if "," in word else word
        answers = [Answer(question=question, value=value, at=MONDAY)]
    known = Known(answers=tuple(answers))

    assert holds(a_rule(rule), known) == (expected == "yes")


def test_the_last_question_that_answered_a_fact_counts() -> None:
    """So a later question can take back what an earlier one said, and ticks of one stay together."""
    earlier = Fact(name="voor_wie", value="mij", source="answer", question="voor_wie")
    later = Fact(name="voor_wie", value="ander", source="answer", question="over_ander")
    other = later.replace(value="gezin")

    assert counting(Known(facts=(earlier, later)), "voor_wie") == ("ander",)
    assert counting(Known(facts=(earlier, later, other)), "voor_wie") == ("ander", "gezin")


IN_WORDS = """
    rule                                  | sentence
    --------------------------------------+---------------------------------------------------------------------
    all()                                 | Altijd.
    any()                                 | Nooit.
    all(all() schulden=ja)                | Alleen als iets altijd zo is en iemand schulden heeft.
    not(any())                            | Alleen als het niet zo is dat iets nooit zo is.
    schulden=ja                           | Alleen als iemand schulden heeft.
    all(schulden=ja kinderen=ja)          | Alleen als iemand schulden heeft en er kinderen thuis wonen.
    any(schulden=ja kinderen=ja eten=nee) | Alleen als iemand schulden heeft, er kinderen thuis wonen of er geen geld voor eten is.
    all(schulden=ja)                      | Alleen als iemand schulden heeft.
    all(schulden=ja any(kinderen=ja eten=nee)) | Alleen als iemand schulden heeft en (er kinderen thuis wonen of er geen geld voor eten is).
    any(schulden=ja all(kinderen=ja eten=nee)) | Alleen als iemand schulden heeft of (er kinderen thuis wonen en er geen geld voor eten is).
    all(inkomen=geen,wel schulden=ja)     | Alleen als (iemand geen inkomen heeft of iemand inkomen heeft) en iemand schulden heeft.
    not(schulden=ja)                      | Alleen als het niet zo is dat iemand schulden heeft.
    not(inkomen=geen,wel)                 | Alleen als het niet zo is dat (iemand geen inkomen heeft of iemand inkomen heeft).
    not(all(schulden=ja kinderen=ja))     | Alleen als het niet zo is dat (iemand schulden heeft en er kinderen thuis wonen).
    ?leeftijd                             | Alleen als bekend is hoe oud iemand is.
    not(?leeftijd)                        | Alleen als nog niet bekend is hoe oud iemand is.
    ?lievelingskleur                      | Alleen als bekend is lievelingskleur.
    woont=toren                           | Alleen als dit bekend is: Woont is toren.
    eten=weet_niet                        | Alleen als dit bekend is: Geld voor eten is weet ik niet.
    richting=werk                         | Alleen als dit bekend is: Wil het liefst is werken.
    lievelingskleur=rood                  | Alleen als dit bekend is: lievelingskleur is rood.
    @financien                            | Alleen als het over ‘geld en schulden’ gaat.
    @financien,onzin,mantelzorg           | Alleen als het over ‘geld en schulden’, ‘onzin’ of ‘mantelzorg’ gaat.
    !violence                             | Alleen als er een duidelijk signaal is van ‘geweld’.
    !onzin                                | Alleen als er een duidelijk signaal is van ‘onzin’.
    ~violence,child                       | Alleen als er een signaal is, ook een zwak signaal, van ‘geweld’ of ‘een kind in nood’.
    #kleur=rood,blauw                     | Alleen als het antwoord op ‘Kleur’ ‘Rood’ of ‘Blauw’ is.
    #kleur=groen                          | Alleen als het antwoord op ‘Kleur’ ‘groen’ is.
    #eten=weet_niet                       | Alleen als het antwoord op ‘Hebt u eten?’ ‘weet ik niet’ is.
    #waar=hier                            | Alleen als het antwoord op ‘Waar?’ ‘hier’ is.
    #huis=geen_plek,boot                  | Alleen als het antwoord op ‘Hoe woont u?’ ‘zonder vaste plek’ of ‘boot’ is.
    #weg=ja                               | Alleen als het antwoord op ‘weg’ ‘ja’ is.
"""


@pytest.mark.parametrize("row", rows(IN_WORDS), ids=lambda row: row[0])
def test_a_rule_in_words(row: list[str]) -> None:
    rule, sentence = row

    assert in_words(a_rule(rule), TRIAL) == sentence


def test_no_rule_is_always() -> None:
    assert in_words(None, REVISION) == "Altijd."


def test_every_shipped_rule_can_be_read_by_an_admin() -> None:
    """No codes are left in the sentences: each fact, value, domain and signal has a Dutch name."""
    questions = [question.when for question in REVISION.questions()]
    urgency = [rule.when for rule in REVISION.urgency]
    started = [rule.when for rule in REVISION.clocks]
    chosen = [*(rule.when for rule in REVISION.types), *(rule.when for rule in REVISION.profiles)]
    for rule in (*questions, *urgency, *started, *chosen):
        sentence = in_words(rule, REVISION)

        assert "dit bekend is:" not in sentence
        assert "_" not in sentence
        assert "{" not in sentence


def test_every_fact_that_a_question_makes_known_has_a_name() -> None:
    questions = REVISION.questions()
    facts = {question.fact for question in questions if question.fact}
    facts |= {name for question in questions for choice in question.choices for name in choice.sets}

    assert facts <= set(REVISION.names.facts)


def test_a_place_without_a_value_stays_and_a_value_is_not_filled_again() -> None:
    assert fill("{a} en {b}", a="{b}") == "{b} en {b}"


def test_without_names_the_codes_are_shown() -> None:
    nameless = changed(TRIAL, names=Names())

    assert in_words(a_rule("schulden=ja"), nameless) == "rule.only_if"


NAMES = st.sampled_from(["a", "b", "schulden"])
VALUES = st.lists(st.sampled_from(["1", "2", "ja"]), max_size=3).map(",".join)
LEAVES = st.one_of(
    st.builds("{}={}".format, NAMES, VALUES),
    st.builds("?{}".format, NAMES),
    st.builds("@{}".format, VALUES),
    st.builds("!{}".format, VALUES),
    st.builds("~{}".format, VALUES),
    st.builds("#{}={}".format, NAMES, VALUES),
)
RULES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: f"all({' '.join(parts)})"),
        st.lists(inner, max_size=3).map(lambda parts: f"any({' '.join(parts)})"),
        inner.map("not({})".format),
    ),
    max_leaves=12,
).map(a_rule)


@given(rule=RULES)
def test_every_rule_holds_or_not_and_has_a_sentence(rule: Rule) -> None:
    known = a_known("a=1 schulden:ja", "ja", "2!")

    assert holds(rule, known) != holds(a_rule_not(rule), known)
    assert in_words(rule, TRIAL).endswith(".")


def a_rule_not(rule: Rule) -> Rule:
    denied: Rule = msgspec.convert({"if": "not", "of": msgspec.to_builtins(rule)}, Rule)
    return denied


def test_the_revision_used_here_has_the_shipped_rules() -> None:
    assert isinstance(TRIAL, Revision)
    assert TRIAL.names == REVISION.names
