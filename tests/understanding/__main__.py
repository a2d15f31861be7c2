"""`make understanding`: how much of made-up stories is understood, per language, as a table.

python -m tests.understanding             the stories that were kept apart
python -m tests.understanding --seen nl   the others, and what goes wrong in them: to learn from
"""

from __future__ import annotations

import argparse
import sys

from intakebot import content
from tests.understanding.measuring import Score, languages, measure, read

HEAD = f"{'':6} {'recall':>7} {'precision':>9} {'plain':>6} {'all danger':>10} {'alarms':>7}"


def main() -> int:
    """Print the table."""
    asked = argparse.ArgumentParser(prog="python -m tests.understanding")
    asked.add_argument("languages", nargs="*", help="none is all")
    asked.add_argument("--seen", action="store_true", help="those to learn from, and what is wrong")
    chosen = asked.parse_args()
    shelf = content.load()
    out = sys.stdout
    out.write(f"{HEAD}\n")
    for lang in chosen.languages or languages():
        stories = [it for it in read(lang) if it.apart != chosen.seen]
        score = measure(shelf.lexicon, shelf.phrases, lang, stories)
        out.write(f"{line(lang, score)}\n")
        if chosen.seen and chosen.languages:
            out.writelines(f"       {wrong}\n" for wrong in score.wrong)
    return 0


def line(lang: str, score: Score) -> str:
    """One line of the table."""
    return (
        f"{lang:6} {score.recall:7.2f} {score.precision:9.2f} {score.said_plainly:6.2f}"
        f" {score.danger:10.2f} {score.false_alarms:7.2f}"
    )


if __name__ == "__main__":
    sys.exit(main())
