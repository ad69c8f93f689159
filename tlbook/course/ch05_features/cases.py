"""The tasks of chapter 05 as rows of numbers, and the pseudo-tasks on which settings are chosen.

A pseudo-task is made of the labeled source alone: it is cut into two parts that differ as domains
do (upright and slanted fonts, NumPy and SciPy), and one part plays the target. Its labels are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from sklearn.model_selection import cross_val_predict

from tlbook import data
from tlbook._base.checks import check_choice
from tlbook.course.ch05_features.methods import classifier, flat
from tlbook.data.cache import cached
from tlbook.data.docstrings.corpus import corpus
from tlbook.data.fonts import DIGITS, FONTS
from tlbook.data.fonts_to_handwriting import WARP, to_bitmaps
from tlbook.data.glyphs import RASTER, balanced_labels, draw_blocks
from tlbook.data.random import generator
from tlbook.domains import Domain, Task, label_shift
from tlbook.evaluation.compare import Predict
from tlbook.instances.label_shift import bbse_prior

N_SOURCE = 1250
"""Printed digits that are rendered; 1,000 of them are the source."""
N_ARM = 940
"""Handwritten digits in each arm of the label-shift experiment, half of them to test on."""
COMPONENTS = 100
"""Dimensions of the TF-IDF vectors after the singular value decomposition."""

Labeled = tuple[np.ndarray, np.ndarray]


class Represented:
    """A task whose inputs are seen as rows of numbers; its labels stay sealed in ``task``.

    It has what methods and :func:`tlbook.evaluation.measure` ask of a task.

    Parameters
    ----------
    task : Task
    rows : function
        From inputs to rows (n, d). It has learned nothing from a label.
    """

    def __init__(self, task: Task, rows: Callable[[Any], np.ndarray]) -> None:
        self.task, self.rows, self.name, self.seed = task, rows, task.name, task.seed
        self.source = Domain.lazy("source rows", lambda: (rows(task.source.X), task.source.y))
        self.target = Domain.lazy("target rows", lambda: (rows(task.target.X), None))

    @property
    def looks(self) -> int:
        """How often target labels were asked for so far."""
        return self.task.looks

    def label(self, k: int, seed: int = 0) -> Labeled:
        """Buy ``k`` labels per class, as rows."""
        X, y = self.task.label(k, seed)
        return self.rows(X), y

    def score(self, predict: Predict) -> float:
        """Return the accuracy of ``predict``, which takes rows, on the target's test part."""
        return self.task.score(lambda X: predict(self.rows(X)))


def case(name: str, seed: int) -> Task | Represented:
    """Return one of ``CASES``: a task whose inputs are rows of numbers.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    return CASES[check_choice(name, "name", CASES)](seed)


def digits_case(seed: int) -> Represented:
    """Return fonts → handwriting: 1,000 printed digits, 1,000 unlabeled handwritten ones."""
    return Represented(data.load("fonts-to-handwriting", seed=seed, n_source=N_SOURCE), flat)


def label_shift_case(seed: int, shifted: bool, source: Labeled | None = None) -> Task:
    """Return fonts → handwriting with the digits 0–4 cut to a tenth, or the same number of all.

    Both arms have the same numbers of target rows: 470 unlabeled, 470 to test on. ``source`` takes
    the place of the 1,000 printed digits.
    """
    X, y = source or _printed_digits(seed)
    world = label_shift(data.load("handwriting"), 0.9 if shifted else 0.0, n=N_ARM, seed=seed)
    rows, labels, half = flat(world.X), _labels(world), N_ARM // 2
    return Task.from_arrays(
        source=(X, y),
        validation=(X[:10], y[:10]),  # not used: the source stays whole
        target_train=(rows[:half], labels[:half]),
        target_test=(rows[half:], labels[half:]),
        name="fonts-to-handwriting, label shift" if shifted else "fonts-to-handwriting, matched",
        seed=seed,
    )


def _printed_digits(seed: int) -> Labeled:
    source = data.load("fonts-to-handwriting", seed=seed, n_source=N_SOURCE).source
    return flat(source.X), _labels(source)


def estimated_mix_case(seed: int) -> Task:
    """Return the label shift with the source drawn anew in the class mix that BBSE estimates.

    The estimate uses source labels and the plain classifier's answers on the unlabeled target.
    """
    X, y = _printed_digits(seed)
    held_out = cross_val_predict(classifier(), X, y, cv=3)
    answers = classifier().fit(X, y).predict(label_shift_case(seed, shifted=True).target.X)
    rows = rows_in_mix(y, bbse_prior(y, held_out, answers).prior, seed)
    return label_shift_case(seed, shifted=True, source=(X[rows], y[rows]))


def rows_in_mix(y: np.ndarray, mix: np.ndarray, seed: int) -> np.ndarray:
    """Return about ``len(y)`` row numbers in the class mix given, but 3 of every class or more."""
    rng = np.random.default_rng([seed, 0x313C])
    rows = []
    for c, share in zip(np.unique(y), mix, strict=True):
        mine, wanted = np.flatnonzero(y == c), max(3, round(share * len(y)))
        rows.append(rng.choice(mine, wanted, replace=wanted > len(mine)))
    return np.concatenate(rows)


def texts_case(seed: int, vectors: str) -> Represented:
    """Return docstrings, NumPy and SciPy → torch, as MiniLM embeddings or TF-IDF vectors."""
    task = data.load("docstrings", seed=seed)
    return Represented(task, vectorizer(vectors, task.source.X, task.target.X))


def _labels(domain: Domain) -> np.ndarray:
    assert domain.y is not None
    return domain.y


def vectorizer(kind: str, source: Any, target: Any) -> Callable[[Any], np.ndarray]:
    """Return a function from texts to rows; TF-IDF learns its words from both unlabeled domains."""
    from tlbook.text import embed, tfidf

    if check_choice(kind, "kind", ("MiniLM", "TF-IDF")) == "MiniLM":
        return lambda texts: embed(texts, device="cpu").astype(np.float64)
    return tfidf(COMPONENTS).fit([*source, *target]).transform


CASES: dict[str, Callable[[int], Task | Represented]] = {
    "digits": digits_case,
    "MiniLM": lambda seed: texts_case(seed, "MiniLM"),
    "TF-IDF": lambda seed: texts_case(seed, "TF-IDF"),
    "matched": lambda seed: label_shift_case(seed, shifted=False),
    "label shift": lambda seed: label_shift_case(seed, shifted=True),
    "label shift, estimated mix": estimated_mix_case,
}


# -- the pseudo-tasks: two parts of the source ----------------------------------------------------

SLANTED = tuple(f for f in FONTS if "Oblique" in f or "Ita" in f or f == "cmti10")
UPRIGHT = tuple(f for f in FONTS if f not in SLANTED)
SERIF = tuple(
    f for f in FONTS if "Serif" in f or "STIX" in f or f in ("cmr10", "cmb10", "cmtt10", "cmti10")
)
SANS = tuple(f for f in FONTS if f not in SERIF)

FONT_PARTS = {"upright": UPRIGHT, "slanted": SLANTED, "sans": SANS, "serif": SERIF}
LIBRARIES = ("NumPy", "SciPy")


def pseudo_task(name: str, seed: int) -> Task:
    """Return one of those in ``PSEUDO``: a part of the labeled source plays the target.

    The stand-in's rows are what is adapted to and what is scored.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    known = {pair: make for pairs in PSEUDO.values() for pair, make in pairs.items()}
    (X, y), stand_in = known[check_choice(name, "name", known)](seed)
    return Task(  # from_arrays would refuse to score the rows that are adapted to
        name,
        source=Domain(f"{name} (source)", X, y),
        validation=Domain(f"{name} (validation)", X[:10], y[:10]),  # not used
        target_train=stand_in,
        target_test=stand_in,
        seed=seed,
    )


def _font_parts(first: str, second: str, seed: int) -> tuple[Labeled, Labeled]:
    return printed(FONT_PARTS[first], seed), printed(FONT_PARTS[second], seed + 1_000_000)


def printed(fonts: tuple[str, ...], seed: int, n: int = 1000) -> Labeled:
    """Return n printed digits of some fonts, made like the source of fonts → handwriting."""
    images, labels = _printed(n, fonts, seed)
    return flat(images) / 16, labels


@cached
def _printed(n: int, fonts: tuple[str, ...], seed: int) -> tuple[np.ndarray, np.ndarray]:
    from torch.nn.functional import avg_pool2d

    rng = generator("digits of some fonts", seed)
    labels = balanced_labels(n, len(DIGITS), rng)
    blocks = draw_blocks(
        labels, DIGITS, fonts, RASTER, WARP, rng, pixels=44, blur=1.5, softness=0.01
    )
    parts = [(avg_pool2d(to_bitmaps(block), 4) * 16).round().byte().numpy() for block in blocks]
    return np.concatenate(parts)[:, None], labels


def _text_parts(kind: str, first: str, second: str, seed: int) -> tuple[Labeled, Labeled]:
    """Return four fifths of the texts of each library; only topics that both of them have."""
    texts, topics, libraries, _ = corpus()
    rng = np.random.default_rng([seed, 0x7E57])
    shared = [
        c for c in np.unique(topics) if min(_count(topics, libraries, c, L) for L in LIBRARIES) > 4
    ]
    parts = []
    for library in (first, second):
        rows = np.flatnonzero((libraries == library) & np.isin(topics, shared))
        parts.append(rng.permutation(rows)[: len(rows) * 4 // 5])
    rows_of = vectorizer(kind, *(texts[rows] for rows in parts))
    return tuple((rows_of(texts[rows]), topics[rows]) for rows in parts)  # type: ignore[return-value]


def _count(topics: np.ndarray, libraries: np.ndarray, topic: Any, library: str) -> int:
    return int(((topics == topic) & (libraries == library)).sum())


Parts = Callable[[int], tuple[Labeled, Labeled]]
PSEUDO: dict[str, dict[str, Parts]] = {
    "digits": {
        "digits: upright → slanted": partial(_font_parts, "upright", "slanted"),
        "digits: sans → serif": partial(_font_parts, "sans", "serif"),
    },
    "MiniLM": {
        "MiniLM: NumPy → SciPy": partial(_text_parts, "MiniLM", "NumPy", "SciPy"),
        "MiniLM: SciPy → NumPy": partial(_text_parts, "MiniLM", "SciPy", "NumPy"),
    },
    "TF-IDF": {
        "TF-IDF: NumPy → SciPy": partial(_text_parts, "TF-IDF", "NumPy", "SciPy"),
        "TF-IDF: SciPy → NumPy": partial(_text_parts, "TF-IDF", "SciPy", "NumPy"),
    },
}
"""For each main case its pseudo-tasks: a name, and a function of the seed that makes both parts."""
