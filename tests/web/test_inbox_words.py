"""The words of the inbox: the same keys in Dutch and English, and none that the pages lack."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from intakebot import content
from intakebot.store.requests import Status
from intakebot.web.inbox import saying
from intakebot.web.inbox.queue import LISTS
from tests.words.reading import sentences, words

LANGUAGES = ("nl", "en")
PLACE = re.compile(r"\{(\w+)\}")
IN_CODE = re.compile(r'(?:inbox\.say|inbox\.has|Refused|_plain\(inbox, request,)\(?\s*"([a-z_.]+)"')
IN_TEMPLATES = re.compile(r'say\("inbox\.([a-z_.]+)"[,)]')
WORDS_MAX = 15


@pytest.fixture(scope="module")
def files(root: Path) -> dict[str, Catalog]:
    found = {}
    for lang in LANGUAGES:
        with (root / "locales" / lang / "LC_MESSAGES" / "inbox.po").open("rb") as opened:
            found[lang] = read_po(opened, abort_invalid=True)
    return found


def texts(catalogue: Catalog) -> dict[str, str]:
    return {str(it.id): str(it.string) for it in catalogue if it.id}


def test_both_languages_have_the_same_keys_and_places(files: dict[str, Catalog]) -> None:
    dutch, english = (
        {key: set(PLACE.findall(text)) for key, text in texts(files[lang]).items()}
        for lang in LANGUAGES
    )

    assert dutch == english


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_empty_or_fuzzy(files: dict[str, Catalog], lang: str) -> None:
    assert [it.id for it in files[lang] if it.id and (it.fuzzy or not it.string)] == []


def test_every_key_that_a_page_names_exists(root: Path, files: dict[str, Catalog]) -> None:
    web = root / "intakebot" / "web"
    named = {
        key
        for path in (web / "inbox").glob("*.py")
        for key in IN_CODE.findall(path.read_text("utf-8"))
    } | {
        key
        for path in (web / "templates" / "inbox").glob("*.html")
        for key in IN_TEMPLATES.findall(path.read_text("utf-8"))
    }
    missing = {key for key in named if f"inbox.{key}" not in texts(files["nl"])}

    assert len(named) > 100
    assert missing == set()


def test_every_key_that_is_put_together_exists(files: dict[str, Catalog]) -> None:
    revision = content.load_revision()
    made = {
        *(f"clock.{rule.key}" for rule in revision.clocks),
        *(f"profile.{rule.profile}" for rule in revision.profiles),
        *(f"type.{rule.type}" for rule in revision.types),
        *(f"level.{it}" for it in saying.LEVELS),
        *(f"outcome.{it}" for it in saying.OUTCOMES),
        *(f"{kind}.{it}" for it in LISTS for kind in ("list", "empty")),
        *(f"status.{it}" for it in Status),
        *(f"column.{it}" for it in ("urgency", "request", "about", "place", "since", "due")),
    }

    assert {key for key in made if f"inbox.{key}" not in texts(files["nl"])} == set()


def test_no_dutch_sentence_is_long(files: dict[str, Catalog]) -> None:
    long = [
        sentence
        for text in texts(files["nl"]).values()
        for sentence in sentences(text)
        if len(words(sentence)) > WORDS_MAX
    ]

    assert long == []
