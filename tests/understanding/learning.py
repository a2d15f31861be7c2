"""`make learning`: learns from made-up sentences what people say, and writes content/likeness.msgpack.

learning/<lang>.tsv holds a sentence a line, with its labels before it: life domains, danger that is
said plainly, danger between the lines, `-` for none, and `?` where the other kind was not looked at.
Two straight lines are drawn, one for domains and one for danger (ridge regression), through all
languages at once. scikit-learn does it, in an environment of its own: nothing of it is needed to run.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import msgspec

from intakebot import content
from intakebot.core.hearing.clauses import clauses_of, sentences_of
from intakebot.core.hearing.domains import Lexicon, hear
from intakebot.core.hearing.likeness import Judging, LikenessData, Weights, everything
from intakebot.core.hearing.opinion import Signs, judged
from intakebot.core.hearing.safety import CATEGORIES, Phrases, find
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
DANGER = {
    "IMM": "immediate",
    "SUI": "suicide",
    "VIO": "violence",
    "CHI": "child",
    "BAS": "basic_need",
}
HINTED = {"HIM", "HSU", "HVI", "HCH", "HBA"}
UNKNOWN, NOTHING = "?", "-"
ROWS = 1 << 17
STEPS = 127  # of a signed byte
SOLID = 1.0  # how much the weights are held back
# The largest weights are cut to this one of so many: a few would make the steps of all others coarse.
CUT = 0.99999


@dataclass(frozen=True)
class Sentence:
    """A made-up sentence; None: that kind of label was not looked at."""

    text: str
    domains: frozenset[str] | None
    danger: frozenset[str] | None
    hinted: bool = False  # danger between the lines


def read(path: Path) -> Iterator[Sentence]:
    """The sentences of one file."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        written, tab, text = line.partition("\t")
        labels = written.split(",")
        wrong = set(labels) - {*DOMAINS, *DANGER, *HINTED, UNKNOWN, NOTHING}
        if wrong or not tab or not text:
            message = f"{path.name}, line {number}: {wrong or 'labels, a tab and a sentence'}"
            raise ValueError(message)
        domains = frozenset(DOMAINS[it] for it in labels if it in DOMAINS)
        danger = frozenset(DANGER[it] for it in labels if it in DANGER)
        hinted = not HINTED.isdisjoint(labels)
        unknown = UNKNOWN in labels
        yield Sentence(
            text=text,
            domains=None if unknown and not domains else domains,
            danger=None if hinted or (unknown and domains) else danger,
            hinted=hinted,
        )


def digest() -> str:
    """Of all sentences, as they are now."""
    sha = hashlib.sha256()
    for path in sorted(SENTENCES.glob("*.tsv")):
        sha.update(path.read_bytes())
    return sha.hexdigest()


class Lines(NamedTuple):
    """What was learned of one kind of label: a weight for each row and label, and a floor."""

    weights: Any
    floors: list[float]


def learn(sentences: Sequence[Sentence], stories: Sequence[tuple[str, Story]]) -> LikenessData:
    """What these sentences teach, and then these stories, each with its language."""
    import numpy as np  # noqa: PLC0415 - in an environment of its own

    weighed, rare = _weighed(sentences)
    domains = _lines(weighed, [it.domains for it in sentences], [*DOMAINS.values()], rare)
    danger = _danger(weighed, sentences, rare)
    weights = np.hstack([domains.weights, danger.weights])
    scales = np.quantile(np.abs(weights), CUT, axis=0) / STEPS
    step = float((rare**2).max()) / STEPS
    table = np.empty((ROWS, weights.shape[1] + 1), np.int8)
    table[:, :-1] = np.clip(np.rint(weights / scales), -STEPS, STEPS)
    table[:, -1] = np.rint(rare**2 / step)
    data = LikenessData(
        learned=digest(),
        domains=_even([*DOMAINS.values()], 0),
        danger=_even([*DANGER.values()], len(DOMAINS)),
        scales=tuple(map(float, scales)),
        floors=(*domains.floors, *danger.floors),
        step=step,
        rows=table.tobytes(),
    )
    return _judged(data, stories)


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


def _lines(
    weighed: Any,  # noqa: ANN401 - an array
    known: Sequence[frozenset[str] | None],
    labels: Sequence[str],
    rare: Any,  # noqa: ANN401 - an array
) -> Lines:
    """A straight line between the sentences that carry each label and those that do not."""
    from sklearn.linear_model import Ridge  # noqa: PLC0415 - in an environment of its own

    places = [at for at, it in enumerate(known) if it is not None]
    wanted = [[1.0 if it in (known[at] or ()) else -1.0 for it in labels] for at in places]
    line = Ridge(alpha=SOLID, solver="sparse_cg", tol=1e-3).fit(weighed[places], wanted)
    return Lines(line.coef_.T * rare[:, None], [float(it) for it in line.intercept_])


def _danger(weighed: Any, sentences: Sequence[Sentence], rare: Any) -> Lines:  # noqa: ANN401 - arrays
    """Danger is learned twice: what then looks like none, in sentences about life, is none."""
    labels = [*DANGER.values()]
    known = [it.danger for it in sentences]
    first = _lines(weighed, known, labels, rare)
    rows = weighed @ (first.weights / rare.clip(1e-9)[:, None])
    scores = (rows + first.floors).max(axis=1)
    harmless: frozenset[str] = frozenset()
    known = [
        harmless if it is None and one.domains and not one.hinted and score < 0 else it
        for it, one, score in zip(known, sentences, scores, strict=True)
    ]
    return _lines(weighed, known, labels, rare)


def _even(labels: Sequence[str], first: int) -> Judging:
    """As long as nothing was learned of stories."""
    zeros = (0.0,) * len(labels)
    sums = (0.0,) * len(Signs._fields)
    return Judging(labels=tuple(labels), first=first, begin=zeros, slopes=zeros, sums=sums)


# A label by its place, what is known of it in a story, and whether the story carries it.
Example = tuple[int, Signs, bool]


def _judged(data: LikenessData, stories: Sequence[tuple[str, Story]]) -> LikenessData:
    """With what is learned of stories: how much each sign says."""
    weights, lexicon, phrases = (
        Weights(data),
        content.load_lexicon(None),
        content.load_phrases(None),
    )
    domains = [it for lang, one in stories for it in of_domains(weights, lexicon, lang, one)]
    danger = [it for _, one in stories for it in of_danger(weights, phrases, one)]
    return msgspec.structs.replace(
        data, domains=_sums(data.domains, domains), danger=_sums(data.danger, danger)
    )


def of_domains(weights: Weights, lexicon: Lexicon, lang: str, story: Story) -> Iterator[Example]:
    """What a story teaches of life domains; nothing of those that it may carry."""
    told = {it.code for it in hear(lexicon, story.texts, lang).domains}
    for at, it in enumerate(judged(weights, weights.domains, _sentences(story), told)):
        label = weights.domains.labels[at]
        if label in story.domains or label not in story.may:
            yield at, it.signs, label in story.domains


def of_danger(weights: Weights, phrases: Phrases, story: Story) -> Iterator[Example]:
    """What a story teaches of danger; nothing of what it hints at."""
    found = [it for text in story.texts for it in find(phrases, text)]
    told = {it.category for it in found if it.strength == "hard"}
    for at, it in enumerate(judged(weights, weights.danger, _sentences(story), told)):
        level = story.crisis.get(CATEGORIES[at])
        if level != "hinted":
            yield at, it.signs, level == "plain"


def _sentences(story: Story) -> list[list[str]]:
    return [
        [word.folded for clause in each for word in clause.words]
        for each in sentences_of(clauses_of(frozenset(), story.texts)).values()
    ]


def _sums(judging: Judging, examples: Sequence[Example]) -> Judging:
    import numpy as np  # noqa: PLC0415 - in an environment of its own
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - idem

    which = np.eye(len(judging.labels))[[at for at, _, _ in examples]]
    signs = np.array([it for _, it, _ in examples], float)
    whole = np.hstack([signs, which, which * signs[:, :1]])
    fitted = LogisticRegression(C=1.0, max_iter=1000).fit(whole, [it for _, _, it in examples])
    found = [float(it) for it in fitted.coef_[0]]
    count, labels = len(Signs._fields), len(judging.labels)
    begin = float(fitted.intercept_[0])
    return msgspec.structs.replace(
        judging,
        sums=tuple(found[:count]),
        begin=tuple(begin + it for it in found[count : count + labels]),
        slopes=tuple(found[count + labels :]),
    )


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
