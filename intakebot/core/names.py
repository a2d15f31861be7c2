"""Dutch names for what the core knows by code, for the people who read requests and rules.

They are data of the revision: the core holds no human language. A missing name falls back to its
code, so that nothing here can fail; `check` reports what is missing.
"""

from __future__ import annotations

import re

from intakebot.core.session import Value

_PLACE = re.compile(r"\{(\w+)\}")


def fill(template: str, **values: str) -> str:
    """The template with its {places} filled in; a place without a value stays as it is."""
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), template)


class FactName(Value, frozen=True):
    """How one fact is called.

    `clauses` hold a subordinate clause for each value, to stand after "als": "iemand schulden
    heeft". `about` stands after "bekend is": "of iemand schulden heeft".
    """

    label: str
    about: str = ""
    domains: tuple[str, ...] = ()  # the team sees it under the first of these that is there
    values: dict[str, str] = {}  # value -> words, "ja" -> "ja"
    clauses: dict[str, str] = {}  # value -> clause


class Names(Value, frozen=True):
    """All names of a revision."""

    domains: dict[str, str] = {}  # code -> "geld"
    facts: dict[str, FactName] = {}
    signals: dict[str, str] = {}  # category -> "gevaar nu"
    languages: dict[str, str] = {}  # code -> "Arabisch"
    roles: dict[str, str] = {}  # relatie, as heard -> role of the reporter
    strengths: tuple[str, ...] = ()  # facts that say what the person can, likes, wants
    words: dict[str, str] = {}  # small sentences with {places}, by key

    def say(self, key: str, **values: str) -> str:
        """The sentence with its places filled in."""
        return fill(self.words.get(key, key), **values)

    def domain(self, code: str) -> str:
        """The name of a life domain."""
        return self.domains.get(code, code)

    def fact(self, name: str) -> FactName:
        """How this fact is called."""
        return self.facts.get(name, FactName(label=name))

    def value(self, name: str, value: str) -> str:
        """The words of one value of a fact; every yes-or-no answer has words of its own."""
        return self.fact(name).values.get(value) or self.words.get(f"answer.{value}", value)

    def one_of(self, words: tuple[str, ...], key: str) -> str:
        """The words in a row, with the word of `key` ("of", "en") before the last one."""
        if len(words) < 2:  # noqa: PLR2004 - one word needs no "of"
            return "".join(words)
        return f"{', '.join(words[:-1])} {self.say(key)} {words[-1]}"
