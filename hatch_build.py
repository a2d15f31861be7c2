"""Compiles the word catalogues, for the wheel and for `pip install -e .` alike.

Only the .po files are kept in git: people translate those. Each becomes a .mo beside it. In a wheel
both travel to `intakebot/locales/`, in a checkout they stay in `locales/`.
"""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CATALOGUES = "*/LC_MESSAGES/*.po"


def compile_catalogues(locales: Path) -> list[Path]:
    """The .mo file of each catalogue under *locales*, written anew, without fuzzy translations."""
    compiled = []
    for source in sorted(locales.glob(CATALOGUES)):
        with source.open("rb") as words:
            catalogue = read_po(words, abort_invalid=True)
        target = source.with_suffix(".mo")
        with target.open("wb") as binary:
            write_mo(binary, catalogue)
        compiled.append(target)
    return compiled


class CatalogueHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own business
    """What hatchling calls before it packs."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and take the catalogues along; *version* is "standard" or "editable"."""
        root = Path(self.root)
        compiled = compile_catalogues(root / "locales")
        if self.target_name != "wheel" or version == "editable":
            return
        for file in compiled:
            for kept in (file, file.with_suffix(".po")):
                build_data["force_include"][str(kept)] = f"intakebot/{kept.relative_to(root)}"
