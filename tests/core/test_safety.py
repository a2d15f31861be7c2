"""Crisis signals: what is plainly said is found, and what only sounds like it is not."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from intakebot.core.folding import fold
from intakebot.core.hearing.factors import factors
from intakebot.core.hearing.phrases import Text
from intakebot.core.hearing.safety import BadPhrases, Found, Phrases, compile_phrases, find
from intakebot.core.limits import LINE_CHARS_MAX, SAID_CHARS_MAX

SENTENCES = yaml.safe_load((Path(__file__).parent / "crisis.yaml").read_text("utf-8"))
DANGER = yaml.safe_load((Path(__file__).parent / "danger.yaml").read_text("utf-8"))
SHIPPED = Path(__file__).parents[2] / "intakebot" / "content" / "safety.yaml"
PHRASES = compile_phrases(yaml.safe_load(SHIPPED.read_text("utf-8")))


def a_language(**fields: object) -> Phrases:
    return compile_phrases({"nl": {"review": "low", **fields}})


def signals(text: str, phrases: Phrases = PHRASES) -> list[tuple[str, str]]:
    return [(found.category, found.strength) for found in find(phrases, text)]


def faults(**fields: object) -> list[tuple[str, str]]:
    with pytest.raises(BadPhrases) as raised:
        a_language(**fields)
    return [(fault.where, fault.what) for fault in raised.value.faults]


def said(listed: Mapping[str, Mapping[str, list[str]]]) -> list[tuple[str, str]]:
    return [
        (category, text)
        for categories in listed.values()
        for category, texts in categories.items()
        for text in texts
    ]


@pytest.mark.parametrize(("category", "text"), said(SENTENCES["positive"]))
def test_plainly_said_danger_is_found(category: str, text: str) -> None:
    assert (category, "hard") in signals(text)


@pytest.mark.parametrize("text", [t for texts in SENTENCES["negative"].values() for t in texts])
def test_what_only_sounds_like_danger_is_not_hard(text: str) -> None:
    assert "hard" not in [strength for _, strength in signals(text)]


@pytest.mark.parametrize(
    ("held_out", "all_min"), [(False, 0.95), (True, 0.9)], ids=["seen", "held_out"]
)
def test_danger_that_is_hinted_at_is_found_and_harmless_words_are_left_alone(
    *, held_out: bool, all_min: float
) -> None:
    found: dict[str, list[set[str]]] = {"plain": [], "hinted": [], "harmless": []}
    for said_once in DANGER:
        if said_once.get("held_out", False) == held_out:
            strengths = {strength for _, strength in signals(said_once["text"])}
            found[said_once["kind"]].append(strengths)
    every = found["plain"] + found["hinted"]
    heard = sum(map(bool, every)) / len(every)
    false = sum("hard" in strengths for strengths in found["harmless"]) / len(found["harmless"])
    hinted = sum(map(bool, found["hinted"])) / len(found["hinted"])
    print(f"held_out={held_out}: all {heard:.2f}, hinted {hinted:.2f}, false alarms {false:.2f}")  # noqa: T201 - the figures are the point

    assert all("hard" in strengths for strengths in found["plain"])
    assert heard >= all_min
    assert false <= 0.05


@pytest.mark.parametrize(
    "filler", ["Ik woon in Eibergen en heb schulden. ", "نحن عائلة من سوريا. "]
)
def test_danger_is_found_anywhere_in_a_long_message(filler: str) -> None:
    around = filler * 30

    assert ("suicide", "hard") in signals(f"{around}Ik wil niet meer leven. {around}")


def test_every_language_is_looked_for_at_once() -> None:
    text = "Mijn huis is koud. زوجي يضربني. I want to die."

    assert signals(text) == [("suicide", "hard"), ("violence", "hard")]


def test_hard_stands_before_soft_and_each_category_once() -> None:
    text = "De deurwaarder komt. Mijn man slaat mij. Hij slaat me elke dag."

    assert signals(text) == [("violence", "hard"), ("basic_need", "soft")]


def test_the_own_words_are_the_sentence_it_was_found_in() -> None:
    found = find(PHRASES, "Ik heb schulden! Mijn MAN slaaat mij, elke dag. En dan?")

    expected = "Mijn MAN slaaat mij, elke dag"
    assert found == (Found(category="violence", strength="hard", words=expected),)


@pytest.mark.parametrize("place", range(4))
def test_the_own_words_are_the_first_that_said_it(place: int) -> None:
    """The sentence is the right one, wherever it stands."""
    phrases = a_language(violence={"hard": ["slaat"]})
    story = ["Ik ben Jan", "Ik heb schulden", "Het is koud", "En dan"]
    story[place:place] = ["Hij slaat mij", "Zij slaat ook"]

    assert [one.words for one in find(phrases, ". ".join(story))] == ["Hij slaat mij"]


def test_of_a_long_sentence_the_part_around_the_signal_is_kept() -> None:
    story = "en toen gingen wij naar de maaaaarkt " * 20
    (found,) = find(PHRASES, f"{story} en mijn man slaat mij {story}")

    assert "mijn man slaat mij" in found.words
    assert len(found.words) <= LINE_CHARS_MAX


def counted(letters: int) -> str:
    """So many letters, no part of which looks like another part."""
    return "".join(f"{number:04} " for number in range(letters // 5 + 1))[:letters]


def test_a_sentence_that_fits_is_kept_whole() -> None:
    phrases = a_language(violence={"hard": ["slaat mij"]})
    raw = counted(LINE_CHARS_MAX - len(" slaat mij")) + " slaat mij"

    assert [one.words for one in find(phrases, raw)] == [raw]
    assert [one.words for one in find(phrases, f"{raw}!")] == [raw]
    assert [one.words for one in find(phrases, f"{raw}s")] != [f"{raw}s"]


@pytest.mark.parametrize(
    ("phrase", "before", "said"),
    [
        ("slaat mij", "Ik ben Jan. Ik heb schulden. Het is koud. ", "|slaat mij"),
        ("slaat mij", "helpppppp oooooo neeeee ", "|slaat mij"),
        ("aa?u", "helpppppp ", "|aaaaaau"),  # it begins with what was stretched
        ("~od", "helpppppp ", "do|ooooood"),  # or within that
        ("~dood", "helpppppp ", "zzzzzz|dood"),  # or right behind it
    ],
)
def test_as_much_is_kept_before_the_signal_as_from_it_on(
    phrase: str, before: str, said: str
) -> None:
    """However long the sentence is, what stands before it, and how words were stretched."""
    half = LINE_CHARS_MAX // 2
    story = f"{before}{counted(400)}{said}{counted(400)}. En dan? Dan niet."
    start, end = story.split("|")
    phrases = a_language(immediate={"hard": [phrase]})

    assert [one.words for one in find(phrases, start + end)] == [start[-half:] + end[:half].strip()]


def test_of_a_long_sentence_its_begin_and_its_end_can_be_what_is_kept() -> None:
    phrases = a_language(suicide={"hard": ["dood", "~死"]}, child={"hard": [" slaat"]})
    half = LINE_CHARS_MAX // 2

    begin = f"Dood wil ik {counted(900)}"
    assert [one.words for one in find(phrases, begin)] == [begin[:LINE_CHARS_MAX].strip()]
    end = f"{counted(902)}死"
    assert [one.words for one in find(phrases, end)] == [end[-half - 1 :].strip()]
    # The space that a phrase begins with can be the end of a sentence, behind its last letter.
    (found,) = find(phrases, f"{counted(900)} hij. Slaat")
    assert found.words.endswith("hij")


def test_long_ago_is_soft_unless_it_goes_on() -> None:
    assert signals("Vroeger sloeg mijn man mij") == [("violence", "soft")]
    assert signals("Vroeger sloeg mijn man mij en gisteren weer") == [("violence", "hard")]
    assert signals("Vroeger was het goed. Mijn man slaat mij.") == [("violence", "hard")]


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("Hij sloeg mij", "hard"),
        ("Vroeger sloeg hij mij", "soft"),
        ("Vroeger sloeg hij mij en nu weer", "hard"),
        ("Hij sloeg mij. Vroeger was het goed.", "hard"),
        ("Ik ben Jan. Vroeger was het goed. Hij sloeg mij.", "hard"),
        ("Vroeger sloeg hij mij. Het gaat nu weer. Ik ben Jan.", "soft"),
        ("Ik ben Jan. Vroeger sloeg hij mij. Gisteren sloeg hij mij.", "hard"),
    ],
)
def test_long_ago_is_said_in_the_sentence_itself(text: str, strength: str) -> None:
    phrases = a_language(violence={"hard": ["sloeg"]}, long_ago=["vroeger"], still=["weer"])

    assert signals(text, phrases) == [("violence", strength)]


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("wil dood(?! graag)", "Ik wil dood graag", False),
        ("wil dood(?! graag)", "Ik wil dood. Graag hulp", True),
        ("wil(?= dood)", "Ik wil dood", True),
        ("wil(?= dood)", "Ik wil. Dood", False),
        ("(?<!dag )morgen", "Dag morgen", False),
        ("(?<!dag )morgen", "Goede dag. Morgen", True),
        # What is looked for itself may be cut in two, also behind such a bracket.
        ("wil dood", "Ik wil. Dood", True),
        ("(ik wil|wij willen) dood", "Ik. Wil. Dood", True),
        ("wil(?! ik) dood", "Ik wil. Dood", True),
    ],
)
def test_a_phrase_reaches_over_the_end_of_a_sentence_but_looks_within_it(
    phrase: str, text: str, *, found: bool
) -> None:
    phrases = a_language(suicide={"hard": [phrase]})

    assert signals(text, phrases) == [("suicide", "hard")] * found


@pytest.mark.parametrize("place", range(3))
def test_danger_is_found_wherever_its_words_stand_as_well(place: int) -> None:
    """Its words alone, far before and far behind it, are no danger and hide none."""
    phrases = a_language(violence={"hard": ["hij slaat"]})
    story = ["De klok slaat."] * 2
    story[place:place] = ["Hij slaat."]

    assert signals(counted(400).join(story), phrases) == [("violence", "hard")]


def test_what_takes_a_signal_away_must_stand_in_the_same_sentence() -> None:
    assert signals("Ik wil niet meer leven van een uitkering") == []
    assert signals("Ik wil niet meer leven. Van een uitkering rondkomen lukt niet.") == [
        ("suicide", "hard")
    ]


def test_a_gap_reaches_over_three_words_of_one_sentence_and_no_negation() -> None:
    phrases = a_language(negations=["niet"], violence={"hard": ["hij … slaat"]})

    assert signals("hij slaat", phrases) == [("violence", "hard")]
    assert signals("hij een twee drie slaat", phrases) == [("violence", "hard")]
    assert signals("hij een twee drie vier slaat", phrases) == []
    assert signals("hij wil niet slaat", phrases) == []
    assert signals("dat is hij. Zij slaat", phrases) == []


def test_a_gap_reaches_over_no_negation_at_all() -> None:
    phrases = a_language(negations=["niet", "nooit"], violence={"hard": ["hij … slaat"]})

    assert signals("hij zal slaat", phrases) == [("violence", "hard")]
    assert signals("hij niet slaat", phrases) == []
    assert signals("hij nooit slaat", phrases) == []


def test_a_gap_in_a_language_without_negations_reaches_over_any_word() -> None:
    phrases = a_language(violence={"hard": ["hij … slaat"]})

    assert signals("hij 's avonds altijd slaat", phrases) == [("violence", "hard")]


def test_a_set_is_one_of_its_words_as_a_whole() -> None:
    phrases = a_language(sets={"dader": ["man", "ex( man)?"]}, violence={"hard": ["{dader} slaat"]})

    assert signals("mijn ex man slaat", phrases) == [("violence", "hard")]
    assert signals("een mannetje slaat", phrases) == []


def test_a_phrase_begins_at_a_word_unless_it_says_otherwise() -> None:
    phrases = a_language(child={"hard": ["moord"]}, suicide={"hard": ["~dood"]})

    assert signals("zelfmoord", phrases) == []
    assert signals("de moordenaar", phrases) == [("child", "hard")]
    assert signals("hartdood", phrases) == [("suicide", "hard")]


def test_letters_that_join_may_stand_before_the_first_word() -> None:
    phrases = compile_phrases(
        {"ar": {"review": "low", "joined": "وف", "suicide": {"hard": ["بدي موت"]}}}
    )

    assert signals("وبدي موت", phrases) == [("suicide", "hard")]
    assert signals("عبدي موت", phrases) == []


def test_a_mask_takes_away_before_anything_is_looked_for() -> None:
    phrases = a_language(suicide={"hard": ["wil dood"]}, masks=["wil dood graag"])

    assert signals("ik wil dood graag werken", phrases) == []
    assert signals("ik wil dood graag werken. Ik wil dood", phrases) == [("suicide", "hard")]


def test_phrases_are_folded_like_the_text() -> None:
    phrases = a_language(suicide={"hard": ["SUÏCIDE, nu"]})

    assert signals("suicide nu", phrases) == [("suicide", "hard")]


def test_a_phrase_without_a_longer_word_is_looked_for_everywhere() -> None:
    phrases = a_language(immediate={"hard": [r"\d\d\d"]})

    assert signals("bel 112 nu", phrases) == [("immediate", "hard")]
    assert signals("112 bellen", phrases) == [("immediate", "hard")]


def test_a_phrase_may_be_any_word_of_some_length_and_as_long_as_is_said() -> None:
    """Refused is only what nobody needs to say, or what is longer than it may be."""
    phrases = a_language(immediate={"hard": [r"\w{3,4}(?!\w)", "a" * 400]})

    assert signals("SOS", phrases) == [("immediate", "hard")]
    assert signals("ik", phrases) == []


def test_all_that_is_wrong_is_said_with_its_place() -> None:
    wrong = [
        "(dood",
        "{onbekend} slaat",
        "(a|b)* dood",
        "x?",
        "a" * 500,
        "(?<!{wie} )dood",
        "(?i)dood",
    ]

    assert faults(sets={"wie": ["ik"]}, suicide={"hard": ["dood", *wrong]}, masks=["ok", "[a"]) == [
        ("nl.suicide.hard[1]", "not a regular expression: missing ), unterminated subpattern at position 0"),
        ("nl.suicide.hard[2]", "there is no set {onbekend} with words"),
        ("nl.suicide.hard[3]", "repeats a group or a point without end, which can be slow: say how often"),
        ("nl.suicide.hard[4]", "matches the empty text, so every message"),
        ("nl.suicide.hard[5]", "longer than 400 characters: make it two phrases"),
        ("nl.suicide.hard[6]", "looks back and has a set: a look back has one length, so write the words out"),
        ("nl.suicide.hard[7]", "has a named group, a flag or a reference, which phrases cannot have"),
        ("nl.masks[1]", "not a regular expression: unterminated character set at position 0"),
    ]  # fmt: skip


def test_a_fault_is_told_with_the_list_and_the_line_where_an_admin_finds_it() -> None:
    with pytest.raises(BadPhrases) as raised:
        a_language(child={"soft": ["[a"]}, long_ago=["ok", "x?"], still=["y?"])

    assert str(raised.value) == (
        "nl.child.soft[0]: not a regular expression: unterminated character set at position 0; "
        "nl.long_ago[1]: matches the empty text, so every message; "
        "nl.still[0]: matches the empty text, so every message"
    )


def test_a_wrong_word_of_a_set_is_said_too() -> None:
    assert faults(sets={"wie": ["ik", "(jij"]}) == [
        ("nl.sets.wie[1]", "not a regular expression: missing ), unterminated subpattern at position 0")
    ]  # fmt: skip
    assert faults(sets={"wie": ["{ik}"]}) == [("nl.sets.wie[0]", "a set cannot name a set")]
    assert faults(sets={"wie": ["ik", " … "]}) == [
        ("nl.sets.wie[1]", "matches the empty text, so every message")
    ]


def test_a_gap_within_a_word_of_a_set_reaches_over_nothing() -> None:
    phrases = a_language(sets={"slaat": ["slaat … mij"]}, violence={"hard": ["hij {slaat}"]})

    assert signals("hij slaat vaak mij", phrases) == []


def test_a_wrong_shape_is_said() -> None:
    (fault,) = faults(suicide={"zacht": []})

    assert fault == ("safety", "Object contains unknown field `zacht` - at `$[...].suicide`")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("wil dood(?! graag)", {"dood"}),
        ("(?:mijn|mn)[ \\n](?:man|vrouw)", {"man", "vrouw"}),
        ("zelfmoord\\w*", {"zelfmoord"}),
        ("(?:a|b)c", set()),
        ("x(?:ab)?", set()),
        ("(?:ab|)c", set()),
        ("do{0,2}d", set()),
        ("kli{2}maat", {"maat"}),
        ("ab*cde", {"cde"}),
        ("schuld*en", {"schul"}),
        ("kli{,2}mt", {"kl"}),
        ("(mijn|deze) x", {"mijn", "deze"}),
        ("{wie} x", {"man", "ex"}),
        ("{wie}? xy", {"xy"}),
    ],
)
def test_every_match_of_a_pattern_holds_one_of_its_factors(
    pattern: str, expected: set[str]
) -> None:
    assert factors(pattern, {"wie": frozenset({"man", "ex"})}) == expected


@pytest.mark.laws
def test_looking_around_factors_finds_what_looking_everywhere_finds() -> None:
    sentences = [text for _, text in said(SENTENCES["positive"])]
    texts = [Text("\n".join(map(fold, sentences[at : at + 40]))) for at in range(0, 400, 40)]
    differing = [
        phrase.pattern.pattern
        for language in PHRASES.languages
        for _, _, phrase in language.phrases
        for text in texts
        if any(text.matches(phrase)) != bool(phrase.pattern.search(text.text))
    ]

    assert differing == []


@pytest.mark.laws
@given(st.text(st.characters(codec=None, categories=None)))
def test_nothing_raises_on_any_text(text: str) -> None:
    find(PHRASES, text)


@pytest.mark.parametrize(
    "words",
    ["mijn man ", "ik wil niet meer ", "he is my ", "زوجي ", "a", "' ", "slaat me ", "in de "],
)
def test_the_longest_message_is_read_to_its_end(words: str) -> None:
    """A pattern that looks back too far would hang here; speed itself is for `make bench`."""
    text = (words * SAID_CHARS_MAX)[:SAID_CHARS_MAX]
    plain = f"{text}. Ik wil zelfmoord plegen."

    assert "suicide" in [found.category for found in find(PHRASES, plain)]
