"""The file for catalogues of public software holds what its standard asks, and the version of now."""

import tomllib
from pathlib import Path

import yaml

# https://yml.publiccode.tools: keys that must be there, and a part of the words that may be used.
REQUIRED = {
    "publiccodeYmlVersion",
    "name",
    "url",
    "platforms",
    "developmentStatus",
    "softwareType",
    "description",
    "legal",
    "maintenance",
    "localisation",
}
CATEGORIES = {
    "communications",
    "customer-service-and-support",
    "digital-citizenship",
    "workflow-management",
}
STATUSES = {"concept", "development", "beta", "stable", "obsolete"}
SHORT_CHARS_MAX, LONG_CHARS = 150, range(150, 10_001)
FEATURE_CHARS_MAX = 100


def test_publiccode_is_as_its_standard_asks(root: Path) -> None:
    told = yaml.safe_load((root / "publiccode.yml").read_text("utf-8"))
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]

    assert told.keys() >= REQUIRED
    assert told["softwareVersion"] == project["version"]
    assert told["legal"]["license"] == "EUPL-1.2"
    assert told["developmentStatus"] in STATUSES
    assert set(told["categories"]) <= CATEGORIES
    assert told["maintenance"]["type"] == "community"
    assert all(contact["name"] for contact in told["maintenance"]["contacts"])
    for words in told["description"].values():
        assert len(words["shortDescription"]) <= SHORT_CHARS_MAX
        assert len(words["longDescription"]) in LONG_CHARS
        assert all(len(feature) <= FEATURE_CHARS_MAX for feature in words["features"])


def test_its_languages_are_those_with_words(root: Path) -> None:
    told = yaml.safe_load((root / "publiccode.yml").read_text("utf-8"))
    there = {it.name.replace("_", "-") for it in (root / "locales").iterdir() if it.is_dir()}

    assert set(told["localisation"]["availableLanguages"]) == there
