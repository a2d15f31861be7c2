"""`make learning`: learns from made-up sentences what people say, and writes content/likeness.msgpack.

learning/<lang>.tsv holds a sentence a line, with its labels before it: life domains, danger, `-` for
none, and `?` where the other kind was not looked at. A straight line is drawn for each life domain
(ridge regression), through all languages at once; how much each sign of it says is learned of the
stories that are not kept apart. scikit-learn does it, in an environment of its own: nothing of it is
needed to run.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import msgspec

from intakebot import content
from intakebot.core.hearing.clauses import clauses_of, sentences_of
from intakebot.core.hearing.domains import hear
from intakebot.core.hearing.likeness import Judging, LikenessData, Weights, everything
from intakebot.core.hearing.opinion import Signs, judged
from tests.understanding.measuring import Story, languages
from tests.understanding.measuring import read as stories_of

HERE = Path(__file__).parent
SENTENCES = HERE / "learning"
WEIGHTS = HERE.parents[1] / "intakebot" / "content" / "likeness.msgpack"
DOMAINS = {
    "fin": "financien",
    "wer": "werk_opleiding",
    "tij": "tijdsbesteding",
    "hui": "huisvesting",
    "rel": "huiselijke_relaties",
    "gee": "geestelijke_gezondheid",
    "lic": "lichamelijke_gezondheid",
    "mid": "middelengebruik",
    "bas": "basale_adl",
    "ins": "instrumentele_adl",
    "soc": "sociaal_netwerk",
    "par": "maatschappelijke_participatie",
    "jus": "justitie",
    "opv": "opvoeden_opgroeien",
    "taa": "taal_inburgering",
    "man": "mantelzorg",
}
# Danger is labelled too, for whoever will learn it: said plainly, and between the lines.
DANGER = {"IMM", "SUI", "VIO", "CHI", "BAS", "HIM", "HSU", "HVI", "HCH", "HBA"}
UNKNOWN, NOTHING = "?", "-"
ROWS = 1 << 17
STEPS = 127  # of a signed byte
SOLID = 1.0  # how much the weights are held back
# The largest weights are cut to this one of so many: a few would make the steps of all others coarse.
CUT = 0.99999


class Sentence(NamedTuple):
    """A made-up sentence, and the life domains that its words carry."""

    text: str
    domains: frozenset[str]


def read(path: Path) -> Iterator[Sentence]:
    """The sentences of one file of which the life domains are known."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        written, tab, text = line.partition("\t")
        labels = written.split(",")
        wrong = set(labels) - {*DOMAINS, *DANGER, UNKNOWN, NOTHING}
        if wrong or not tab or not text:
            message = f"{path.name}, line {number}: {wrong or 'labels, a tab and a sentence'}"
            raise ValueError(message)
        domains = frozenset(DOMAINS[it] for it in labels if it in DOMAINS)
        if domains or UNKNOWN not in labels:
            yield Sentence(text, domains)


def digest() -> str:
    """Of all sentences, as they are now."""
    sha = hashlib.sha256()
    for path in sorted(SENTENCES.glob("*.tsv")):
        sha.update(path.read_bytes())
    return sha.hexdigest()


def learn(sentences: Sequence[Sentence], stories: Sequence[tuple[str, Story]]) -> LikenessData:
    """What these sentences teach, and then these stories, each with its language."""
    import numpy as np  # noqa: PLC0415 - in an environment of its own
    from sklearn.linear_model import Ridge  # noqa: PLC0415 - idem

    labels = [*DOMAINS.values()]
    weighed, rare = _weighed(sentences)
    wanted = [[1.0 if it in one.domains else -1.0 for it in labels] for one in sentences]
    line = Ridge(alpha=SOLID, solver="sparse_cg", tol=1e-3).fit(weighed, wanted)
    weights = line.coef_.T * rare[:, None]
    scales = np.quantile(np.abs(weights), CUT, axis=0) / STEPS
    step = float((rare**2).max()) / STEPS
    table = np.empty((ROWS, len(labels) + 1), np.int8)
    table[:, :-1] = np.clip(np.rint(weights / scales), -STEPS, STEPS)
    table[:, -1] = np.rint(rare**2 / step)
    none = (0.0,) * len(labels)
    data = LikenessData(
        learned=digest(),
        judging=Judging(
            labels=tuple(labels), begin=none, slopes=none, sums=(0.0,) * len(Signs._fields)
        ),
        scales=tuple(map(float, scales)),
        floors=tuple(map(float, line.intercept_)),
        step=step,
        rows=table.tobytes(),
    )
    return msgspec.structs.replace(data, judging=_judging(data, stories))


def _weighed(sentences: Sequence[Sentence]) -> tuple[Any, Any]:
    """A row for each sentence with all that is weighed in it, of length one; how rare each is."""
    import numpy as np  # noqa: PLC0415 - in an environment of its own
    from scipy import sparse  # noqa: PLC0415 - idem

    places: list[int] = []
    counts: list[int] = []
    ends = [0]
    for sentence in sentences:
        said = Counter(crc32(it.encode()) & (ROWS - 1) for it in everything(_words(sentence.text)))
        places += said
        counts += said.values()
        ends.append(len(places))
    seen: Any = sparse.csr_matrix(
        (np.array(counts, np.float32), places, ends), shape=(len(sentences), ROWS)
    )
    in_how_many = np.bincount(np.array(places), minlength=ROWS)
    rare = np.log((1 + len(sentences)) / (1 + in_how_many)) * (in_how_many > 0)
    lengths = np.sqrt(np.asarray(seen @ (rare**2)).ravel())
    lengths[lengths == 0] = 1
    return sparse.diags(1 / lengths) @ seen @ sparse.diags(rare), rare


def _words(text: str) -> list[str]:
    return [word.folded for clause in clauses_of(frozenset(), [text]) for word in clause.words]


def _judging(data: LikenessData, stories: Sequence[tuple[str, Story]]) -> Judging:
    """How much each sign says, as these stories teach it."""
    import numpy as np  # noqa: PLC0415 - in an environment of its own
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - idem

    labels = data.judging.labels
    examples = [*_examples(data, stories)]
    which = np.eye(len(labels))[[at for at, _, _ in examples]]
    signs = np.array([it for _, it, _ in examples], float)
    whole = np.hstack([signs, which, which * signs[:, :1]])
    fitted = LogisticRegression(C=1.0, max_iter=1000).fit(whole, [it for _, _, it in examples])
    found = [float(it) for it in fitted.coef_[0]]
    count, begin = len(Signs._fields), float(fitted.intercept_[0])
    return Judging(
        labels=labels,
        sums=tuple(found[:count]),
        begin=tuple(begin + it for it in found[count : count + len(labels)]),
        slopes=tuple(found[count + len(labels) :]),
    )


def _examples(
    data: LikenessData, stories: Sequence[tuple[str, Story]]
) -> Iterator[tuple[int, Signs, bool]]:
    """Of each story and label: the label's place, its signs, and whether the story carries it."""
    weights, lexicon = Weights(data), content.load_lexicon(None)
    for lang, story in stories:
        clauses = clauses_of(lexicon.turns, story.texts)
        sentences = [
            [word.folded for clause in each for word in clause.words]
            for each in sentences_of(clauses).values()
        ]
        told = {it.code for it in hear(lexicon, story.texts, lang).domains}
        for at, it in enumerate(judged(weights, sentences, told)):
            label = data.judging.labels[at]
            if label in story.domains or label not in story.may:
                yield at, it.signs, label in story.domains


def main() -> int:
    """Learn, and write what was learned."""
    sentences = [it for path in sorted(SENTENCES.glob("*.tsv")) for it in read(path)]
    stories = [(lang, it) for lang in languages() for it in stories_of(lang) if not it.apart]
    data = learn(sentences, stories)
    WEIGHTS.write_bytes(msgspec.msgpack.encode(data))
    size = math.ceil(WEIGHTS.stat().st_size / 1000)
    sys.stdout.write(f"{len(sentences)} sentences; {WEIGHTS.name}: {size} kB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
