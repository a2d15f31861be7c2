"""Overlays: which texts of a flow are translated, and from which Dutch each translation was made.

`flow/<lang>.yaml` maps a path to its translation. `source` is the fingerprint of the Dutch text; a
text that changes afterwards makes the translation stale, which `stale` and a test report. Someone
who has read the new Dutch and corrected the translation writes the fingerprints anew:

    python -c "from intakebot.content import overlays; overlays.refresh('en')"

Easy Dutch (A2) has no translation: in the other languages there is one plain text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from intakebot import content
from intakebot.core.flow import Revision, Translated
from intakebot.core.texts import dutch, fingerprint

# Marks of direction cannot be seen in an editor, so they are written as escapes.
UNSEEN = ("\u2066", "\u2067", "\u2068", "\u2069")


def stale(revision: Revision, lang: str) -> tuple[str, ...]:
    """The paths whose translation is missing, left over, or made from other Dutch."""
    source = {path: fingerprint(text) for path, text in dutch(revision.sections).items()}
    made = {path: text.source for path, text in revision.translations.get(lang, {}).items()}
    return tuple(sorted(path for path in source | made if source.get(path) != made.get(path)))


def refresh(lang: str) -> None:
    """Write the overlay of this language with the fingerprints of today's Dutch."""
    shipped = content.load_revision()
    source = dutch(shipped.sections)
    texts = shipped.translations[lang]
    written = written_out({path: texts[path] for path in source if path in texts}, source)
    file_of(lang).write_text(written, "utf-8")


def file_of(lang: str) -> Path:
    """Where the overlay of this language stands; the package must be a folder, not a zip."""
    return Path(str(content.FOLDER)) / "flow" / f"{lang}.yaml"


def written_out(texts: Mapping[str, Translated], source: Mapping[str, str]) -> str:
    """The overlay as a file, with the fingerprints of `source`."""
    lines = [
        "# Translations of integrale-intake.yaml. `source` is the fingerprint of the Dutch text;",
        "# `reviewed_by` is empty until a native reader has read it. See content/overlays.py.",
    ]
    for path, text in texts.items():
        lines += [
            "",
            f"{path}:",
            f'  source: "{fingerprint(source[path])}"',
            f"  reviewed_by: {_quoted(text.reviewed_by)}",
        ]
        if text.reviewed_on:
            lines.append(f"  reviewed_on: {_quoted(text.reviewed_on)}")
        lines.append(f"  text: {_quoted(text.text)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str | None) -> str:
    """A YAML scalar: JSON is YAML."""
    written = json.dumps(text, ensure_ascii=False)
    for char in UNSEEN:
        written = written.replace(char, f"\\u{ord(char):04x}")
    return written
