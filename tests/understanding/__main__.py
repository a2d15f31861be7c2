"""`make understanding`: how much of made-up stories is understood, per language.

python -m tests.understanding                 the stories that were kept apart, as a table
python -m tests.understanding --write docs    … and writes docs/understanding.md with its picture
python -m tests.understanding --seen nl       the others, and what goes wrong in them: to learn from
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from intakebot import content
from tests.understanding.measuring import Score, languages, measure, read
from tests.understanding.picture import Row, understanding

HEAD = (
    f"{'':6} {'recall':>7} {'precision':>9} {'plain':>6} {'asked':>6} {'all danger':>10}"
    f" {'alarms':>7} {'cards':>6}"
)
CONFUSIONS_SHOWN = 4
PAGE = """# How much is understood

What `make understanding ARGS="--write docs"` measured, by its own hand, on {count} made-up stories
in {languages} languages that were kept apart: nobody looked at them who made lists of words or
sentences to learn from. They were written to be hard: clumsy spelling, no punctuation, dialect,
rambling, one line, jargon, mixed languages, and traps. A machine wrote them: a first measure, no
proof. The labels are one writer's.

![Understood, per language](images/understanding.svg)

| | life domains heard | rightly | plain danger, for sure | … or asked after | all danger | false alarms | needless cards |
|---|---|---|---|---|---|---|---|
{table}

*Rightly*: of the domains that were heard, those that the words may carry. *For sure*: the request
says so, and a person looks the same day. *Asked after*: the crisis card is shown, and for danger to
somebody it is asked. *False alarms*: for sure, in stories without danger; *needless cards*: a card
in one of them. The button "not safe" stands below every question, whatever was heard.

## What is taken for what

The life domains that were missed most, and what was heard instead ("nothing": no other domain).

{confusions}

{told}.
"""


def main() -> int:
    """Print the table, and write the page where asked."""
    asked = argparse.ArgumentParser(prog="python -m tests.understanding")
    asked.add_argument("languages", nargs="*", help="none is all")
    asked.add_argument("--seen", action="store_true", help="those to learn from, and what is wrong")
    asked.add_argument("--write", type=Path, help="the folder of documents to write into")
    chosen = asked.parse_args()
    shelf = content.load()
    out = sys.stdout
    out.write(f"{HEAD}\n")
    scores: dict[str, Score] = {}
    count = 0
    for lang in chosen.languages or languages():
        stories = [it for it in read(lang) if it.apart != chosen.seen]
        count += len(stories)
        score = scores[lang] = measure(shelf.lexicon, shelf.phrases, lang, stories)
        out.write(f"{line(lang, score)}\n")
        if chosen.seen and chosen.languages:
            out.writelines(f"       {wrong}\n" for wrong in score.wrong)
    if chosen.write:
        write(chosen.write, scores, count)
    return 0


def line(lang: str, score: Score) -> str:
    """One line of the table."""
    return (
        f"{lang:6} {score.recall:7.2f} {score.precision:9.2f} {score.said_plainly:6.2f}"
        f" {score.asked_after:6.2f} {score.danger:10.2f} {score.false_alarms:7.2f}"
        f" {score.needless_cards:6.2f}"
    )


def write(docs: Path, scores: Mapping[str, Score], count: int) -> None:
    """The page and its picture."""
    called = content.load_revision().names.languages
    told = f"{datetime.now(UTC):%Y-%m-%d}, {count} stories in {len(scores)} languages, kept apart"
    rows = [
        Row(
            name=called[lang],
            recall=it.recall,
            precision=it.precision,
            sure=it.said_plainly,
            asked=it.asked_after,
        )
        for lang, it in scores.items()
    ]
    table = "\n".join(
        f"| {called[lang]} | {it.recall:.2f} | {it.precision:.2f} | {it.said_plainly:.2f}"
        f" | {it.asked_after:.2f} | {it.danger:.2f} | {it.false_alarms:.2f}"
        f" | {it.needless_cards:.2f} |"
        for lang, it in scores.items()
    )
    confusions = "\n".join(f"- {called[lang]}: {confused(it)}." for lang, it in scores.items())
    page = PAGE.format(
        count=count, languages=len(scores), table=table, confusions=confusions, told=told
    )
    (docs / "images").mkdir(exist_ok=True)
    (docs / "images" / "understanding.svg").write_text(understanding(rows, f"{told}."), "utf-8")
    (docs / "understanding.md").write_text(page, "utf-8")


def confused(score: Score) -> str:
    """What was taken for what most often, in words."""
    missed = {pair: often for pair, often in score.confusions.items() if pair[0]}
    most = sorted(missed, key=lambda pair: (-missed[pair], pair))[:CONFUSIONS_SHOWN]
    return ", ".join(
        f"{code} as {heard or 'nothing'} ({missed[code, heard]})" for code, heard in most
    )


if __name__ == "__main__":
    sys.exit(main())
