"""Problems: every code that `check` can report, with what is wrong and what to do about it.

Codes are stable: an admin may search for one, and a code that is no longer used is not given to
another problem. They are grouped: F0 file and structure, F1 keys and choices, F2 texts, F3 kinds
and the conversation as a whole, F4 conditions, F5 rules, F6 names and translations, F7 regions.
Each has a file in tests/flows that shows it; docs/problems.md is made from this file.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from enum import StrEnum

from intakebot.core.names import fill
from intakebot.core.session import Value


class Severity(StrEnum):
    """What a problem stands in the way of."""

    ERROR = "error"  # the flow cannot be used
    WARNING = "warning"  # it can be used; somebody should look


class Problem(Value, frozen=True):
    """One thing that is wrong: where, what, and what to do about it."""

    code: str
    where: str
    what: str
    remedy: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """One line for the admin."""
        return f"{self.code} {self.where}: {self.what} {self.remedy}"


class Fault(Value, frozen=True):
    """A sort of problem: its code and its sentences, with {places} for what differs."""

    code: str
    what: str
    remedy: str
    severity: Severity = Severity.ERROR

    def at(self, where: str, **values: object) -> Problem:
        """This problem in this place."""
        words = {name: str(value) for name, value in values.items()}
        return Problem(
            code=self.code,
            where=where,
            what=fill(self.what, **words),
            remedy=fill(self.remedy, **words),
            severity=self.severity,
        )


def meant(wrong: str, known: Iterable[str], otherwise: str) -> str:
    """A question after the name that was probably meant; without one, `otherwise`."""
    near = get_close_matches(wrong, sorted(set(known)), n=1)
    return f'Did you mean "{near[0]}"?' if near else otherwise


def listed(words: Iterable[str]) -> str:
    """Some words in a row, to choose from."""
    return ", ".join(words)


def _warning(code: str, what: str, remedy: str) -> Fault:
    return Fault(code=code, what=what, remedy=remedy, severity=Severity.WARNING)


def _error(code: str, what: str, remedy: str) -> Fault:
    return Fault(code=code, what=what, remedy=remedy)


# ---- file and structure ----
FILE_TOO_BIG = _error(
    "F001", "is larger than {most} bytes.", "Split it, or take out what is no longer used."
)
NOT_TEXT = _error("F002", "is no text in UTF-8.", "Save it again as UTF-8.")
NOT_YAML = _error("F003", "is no {format}: {why}.", "Look at that place and the line before it.")
KEY_TWICE = _error(
    "F004", 'has the name "{name}" twice, so one would be lost.', "Keep one of the two."
)
GROWS = _error(
    "F005",
    "grows beyond {most} parts when its anchors are filled in.",
    "Write out what the anchors (&) stand for, or use fewer of them.",
)
NOT_MAPPING = _error("F006", "holds no fields.", "Begin with one that is shipped, and change it.")
UNKNOWN_FIELD = _error("F007", 'has a field "{name}" that is not known here.', "{meant}")
MISSING_FIELD = _error("F008", 'has no field "{name}".', "Add it.")
WRONG_VALUE = _error("F009", 'field "{name}": {why}.', "{meant}")
TOO_DEEP = _error(
    "F010", "has parts within parts, deeper than {most}.", "Look for a bracket that never closes."
)

# ---- keys and choices ----
QUESTION_TWICE = _error(
    "F101", "has the key of an earlier question.", "Give each question a key of its own."
)
SECTION_TWICE = _error(
    "F102", "has the key of an earlier section.", "Give each section a key of its own."
)
CHOICE_TWICE = _error(
    "F103", "has the id of an earlier choice.", "Give each choice of a question an id of its own."
)
NOT_PLAIN = _error(
    "F104",
    '"{name}" is no plain word.',
    "Use only small letters a-z, digits and _, and begin with a letter or a digit.",
)
ID_TOO_LONG = _error(
    "F105", "does not fit on a button of Telegram: {bytes} bytes.", "Use {most} bytes at most."
)
IS_MOVE = _error(
    "F106",
    'begins with "/", as the buttons that move do (/back, /stop).',
    "Take away the slash.",
)
RESERVED = _error(
    "F107", "has the id of the button that closes this question.", "Use another word as its id."
)
LABEL_TOO_LONG = _error(
    "F108",
    "{variant} does not fit on a button: {chars} characters.",
    "Use {most} characters at most.",
)
SAME_LABEL = _error(
    "F109", 'has the same words on its button as choice "{other}".', "Make the labels differ."
)
SAME_SPELLING = _warning(
    "F110",
    'is meant by "{word}", and so is choice "{other}": whoever types it is asked again.',
    "Keep that spelling under one of the two.",
)
TOO_MANY = _error(
    "F111", "has {count} {what}.", "{most} at most: look for what can be taken out or joined."
)

# ---- texts ----
EMPTY = _error("F201", 'field "{name}" is empty.', "Write the words, or take the field away.")
TEXT_TOO_LONG = _error(
    "F202",
    'field "{name}" is too long: {count} of the units that Telegram counts.',
    "Use {most} at most; what is longer is not read anyway.",
)
UNSENDABLE = _error(
    "F203",
    'field "{name}" holds a sign that cannot be sent: {sign}.',
    "Type that place again; it may have been copied from another program.",
)

# ---- kinds, and the conversation as a whole ----
NO_CHOICES = _error("F301", "is of kind {kind} and has no choices.", "Add `choices`.")
CHOICES_UNUSED = _error(
    "F302",
    "is of kind {kind}, which has no choices of its own.",
    'Take away `choices`, or make it "choice" or "choices".',
)
SECOND = _error("F303", 'is the second question of kind {kind}, after "{first}".', "Keep one.")
NO_READ_BACK = _error(
    "F304",
    "has no read-back, so nobody could look at what is sent.",
    "End with a question of kind read_back.",
)
READ_BACK_NOT_LAST = _error(
    "F305", 'comes before "{later}", which would then not be looked at.', "Put the read-back last."
)
DOMAIN_MISSING = _error(
    "F306", "offers no choice for life domain {codes}.", "Offer all sixteen life domains."
)
NOT_DOMAIN = _error("F307", "is no code of a life domain.", "{meant}")
NO_SUCH_ANSWER = _error(
    "F308", 'assumes "{value}", which is no answer to a question of kind {kind}.', "{meant}"
)
WAY_TOO_LONG = _error(
    "F309",
    "asks {count} questions on the usual way: {keys}, and the language.",
    "{most} at most: give some a `rank` or a `when`, or take them out.",
)
PLACE_NOT_ASKED = _warning(
    "F310",
    'never asks for fact "{fact}", by which a team is found: people must look for it.',
    "Add a question of kind {kind} with `fact: {fact}`.",
)
PHONE_NOT_ASKED = _warning(
    "F311",
    'never asks for fact "telefoon", so people can be reached in the chat only.',
    "Add a question of kind phone with `fact: telefoon`.",
)
RANK_WITHOUT_DOMAIN = _warning(
    "F312",
    "is a follow-up of rank {rank} and belongs to no life domain.",
    "Add `domain`, so that the team finds the answer there.",
)

# ---- conditions ----
UNKNOWN_QUESTION = _error(
    "F401", 'looks at "{name}", which is not a question in this flow.', "{meant}"
)
NOT_A_CHOICE = _error(
    "F402", 'looks for "{value}", which is no answer to question "{question}".', "{meant}"
)
COMES_LATER = _error(
    "F403",
    'looks at the answer to "{name}", which is not asked before it.',
    "Put that question first.",
)
UNKNOWN_FACT = _error("F404", 'looks at fact "{name}", which nothing makes known.', "{meant}")
UNKNOWN_VALUE = _error(
    "F405", 'looks for "{value}", which is never the value of fact "{fact}".', "{meant}"
)
KNOWN_LATER = _error(
    "F406",
    'looks at fact "{name}", which only a later question makes known ("{question}").',
    "Put that question first.",
)
UNKNOWN_DOMAIN = _error("F407", 'names life domain "{code}", which there is not.', "{meant}")
UNKNOWN_SIGNAL = _error("F408", 'looks for signal "{category}", which there is not.', "{meant}")
RULE_TOO_DEEP = _error(
    "F409",
    "has a condition with conditions within conditions, deeper than {most}.",
    "Say it with fewer all, any and not within each other.",
)
RULE_TOO_BIG = _error(
    "F410", "has a condition of {count} parts.", "{most} at most: say it with fewer."
)
NEVER = _error(
    "F411", "has a condition that can never be true.", "Look for two parts that exclude each other."
)
DEPENDS_ON_NOTHING = _error(
    "F412", 'depends on "{name}", which is not a question in this flow.', "{meant}"
)
DEPENDS_LATER = _error(
    "F413", 'depends on "{name}", which is not asked before it.', "Put that question first."
)

# ---- rules ----
RULE_TWICE = _error("F501", "has the key of an earlier rule.", "Give each rule a key of its own.")
NOT_CAUGHT = _error(
    "F502",
    "has no last routing rule that catches all, so a request could be nobody's.",
    "End with a rule without `when` and `gm`, and with `queue: onbekend`.",
)
NEVER_REACHED = _error(
    "F503", "is never reached: {earlier} always matches before it.", "Move it up, or take it out."
)
UNKNOWN_QUEUE = _error("F504", 'sends to queue "{queue}", which no team has.', "{meant}")
UNKNOWN_GM = _error("F505", 'names municipality "{gm}", which is not connected.', "{meant}")
NO_TYPE = _error(
    "F506",
    "has no last type that always holds, so a request could have none.",
    "End `types` with a rule whose `when` is {if: all, of: []}.",
)
TWO_LENGTHS = _error("F507", "has two lengths: {lengths}.", "Keep one of days, weeks and workdays.")
BELOW_ZERO = _error("F508", 'field "{name}" is below zero.', "Use zero or more.")
NOT_DESIGNATED = _warning(
    "F509",
    'is for "{kind}": no municipality designated this channel for it, so the clock never runs.',
    "{meant}",
)
NO_LAW = _warning(
    "F510",
    'has no law that always holds for life domain "{code}".',
    "Add a rule under `domains` without `when`.",
)

# ---- names and translations ----
NOT_TRANSLATED = _warning(
    "F601",
    "is offered to people, and the flow has no words in it: they read Dutch.",
    "Add the translation, or offer the language no longer.",
)
TEXT_MISSING = _warning("F602", '"{path}" is missing: people read Dutch.', "Translate: “{dutch}”")
TEXT_LEFT_OVER = _warning("F603", '"{path}" belongs to nothing in this flow.', "{meant}")
STALE = _warning(
    "F604", '"{path}" was made from other Dutch.', "Read it again beside the Dutch: “{dutch}”"
)
EMPTY_TRANSLATION = _warning("F605", '"{path}" is empty.', "Translate: “{dutch}”")
NO_NAME = _warning(
    "F606",
    '{sort} "{code}" has no Dutch name: people read the code.',
    "Add it to `names.{place}`.",
)

# ---- regions ----
NO_MUNICIPALITY = _error("F701", "has no municipality.", "Add it under `municipalities`.")
NOT_GM = _error("F702", "has no code of Statistics Netherlands (CBS).", "Write GM and four digits.")
GM_TWICE = _error("F703", "has the code of an earlier one.", "Give each a code of its own.")
NO_NUMBER = _error(
    "F704", 'field "{name}" holds no number to call.', "Write the number that people call."
)
NO_TEAM = _error(
    "F705", "has no team, so nobody reads its requests.", "Add a team with its queue under `teams`."
)
QUEUE_TWICE = _error(
    "F706", "has the queue of an earlier team.", "Give each team a queue of its own."
)
NOT_A_QUEUE = _error(
    "F707",
    "has no name that a queue can have.",
    "Write {gm}/ and a word of small letters, digits and dashes; not {gm}/onbekend.",
)
NOT_AN_AREA = _error(
    "F708",
    '"{area}" is no postcode area.',
    'Write four digits, or two of them with a dash, the lowest first, in quotes: "7101-7109".',
)
AREA_TWICE = _warning(
    "F709",
    "has postcode {area}, which {other} has too: only the first is looked at.",
    "Leave the postcode to the one where most people live; a person can move a request.",
)
NO_SUCH_LANGUAGE = _error(
    "F710", 'offers language "{lang}", and there are no words in it.', "{meant}"
)
NO_HELP_LINE = _error(
    "F711", 'has no help line "{key}", which people in danger are given.', "Add it under `numbers`."
)
OUT_OF_RANGE = _error("F712", 'field "{name}" is {value}.', "Write {least} to {most}.")
NO_SUCH_DOMAIN = _warning("F713", 'has a life domain "{code}", which is none.', "{meant}")
NO_AREA = _error("F714", "has no postcode area, so nobody is found to live there.", "Add `pc4`.")
NOBODY_FOR_PRIVACY = _error(
    "F715",
    "has no privacy officer, whom people who want their data gone must reach.",
    "Write the name and the way to reach in `privacy_officer`.",
)
NOT_REVIEWED = _error(
    "F716",
    'offers language "{lang}", which no native reader has read, and nobody decided to.',
    "Let one read it (locales/README.md), or write who decided to offer it in `unreviewed`.",
)
NOTHING_TO_DECIDE = _warning(
    "F717",
    'has a decision on language "{lang}", which {why}.',
    "Take it out of `unreviewed`.",
)
