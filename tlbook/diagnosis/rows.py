"""From what a user has (numbers, texts, pictures) to the rows that are examined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tlbook._base.checks import check_choice, check_labels, is_text
from tlbook._base.estimators import column_names
from tlbook.diagnosis.as_numbers import checked, contents, turned
from tlbook.diagnosis.soundness import LEAST_CLASS, check_source_labels

KINDS = ("auto", "numbers", "texts", "pictures")
MOST_ROWS = 1500
"""Rows of a domain that are examined; more are drawn from at random."""
MOST_FEATURES = 60
"""Features that are examined; more are projected on principal components of both domains."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Source, target and labeled target rows as numbers, with what is said of them.

    Attributes
    ----------
    X, y, target : arrays of shape (n, d), (n,) and (m, d)
        Of texts and pictures at most ``MOST_ROWS``: the others were not turned into numbers.
    labeled : (X, y) or None
    columns : tuple of str
    kind : {"numbers", "texts", "pictures"}
    contents : pair of arrays of str, or None
        What equal rows have in common, for texts and pictures.
    numbers : array of shape (m,)
        Row numbers of ``target`` in what the user gave.
    notes : tuple of str
        What was done to the data on the way.
    labels : array
        Of all source rows that the user gave.
    warnings : tuple of str
        What to look at before anything else.
    """

    X: np.ndarray
    y: np.ndarray
    target: np.ndarray
    labeled: tuple[np.ndarray, np.ndarray] | None
    columns: tuple[str, ...]
    kind: str
    contents: tuple[np.ndarray, np.ndarray] | None
    numbers: np.ndarray
    notes: tuple[str, ...]
    labels: np.ndarray
    warnings: tuple[str, ...] = ()


def read_rows(source: Any, target: Any, labeled: Any, kind: str = "auto", seed: int = 0) -> Rows:
    """Check what the user gave and return it as rows of numbers.

    Of more texts or pictures than ``MOST_ROWS`` some are drawn at random before a network reads
    them: all would take hours.

    Raises
    ------
    ValueError
        In one line that names the argument, what came and what is wanted.
    """
    check_choice(kind, "kind", KINDS)
    Xs, ys = _pair(source, "source")
    rows_of = {"source": Xs, "target": target}
    if labeled is not None:
        rows_of["labeled"], yl = _pair(labeled, "labeled")
    kind = _kind(Xs, kind)
    rows = checked(rows_of, kind)
    labels = check_source_labels(_plain(ys), len(rows["source"]))
    notes: tuple[str, ...] = ()
    y, numbers, copies = labels, np.arange(len(rows["target"])), None
    if kind != "numbers":
        copies = contents(rows["source"]), contents(rows["target"])
        kept, numbers, notes = _drawn(labels, len(numbers), np.random.default_rng(seed))
        rows |= {"source": rows["source"][kept], "target": rows["target"][numbers]}
        y = labels[kept]
    features, said, warnings = turned(rows, kind)
    X, Xt, extra = features["source"], features["target"], None
    if labeled is not None:
        extra = features["labeled"], _known(_plain(yl), len(features["labeled"]), y)
    own = column_names(Xs) if kind == "numbers" else [f"feature {j}" for j in range(X.shape[1])]
    columns = [f"feature {j}" for j in range(X.shape[1])] if own is None else own
    return Rows(
        X,
        y,
        Xt,
        extra,
        tuple(map(str, columns)),
        kind,
        copies,
        numbers,
        (*said, *notes),
        labels,
        warnings,
    )


def _known(given: np.ndarray, n: int, y: np.ndarray) -> np.ndarray:
    """Return labels of the labeled rows as the source writes them."""
    labels = check_labels(given, n, "y of labeled").astype(str)
    written = {str(c): c for c in np.unique(y)}
    unknown = sorted(set(labels.tolist()) - set(written))
    if unknown:
        raise ValueError(
            f"labeled: got the classes {', '.join(unknown[:5])}, which the source has not; want "
            f"{', '.join(list(written)[:5])}"
        )
    return np.array([written[label] for label in labels.tolist()])


def reduced(rows: Rows, seed: int = 0) -> Rows:
    """Return at most ``MOST_ROWS`` rows of each domain and ``MOST_FEATURES`` features."""
    rng = np.random.default_rng(seed)
    X, y, Xt, labeled, columns = rows.X, rows.y, rows.target, rows.labeled, rows.columns
    notes, numbers = list(rows.notes), rows.numbers
    if rows.kind == "numbers":
        kept, chosen, said = _drawn(y, len(Xt), rng)
        notes += said
        X, y, Xt, numbers = X[kept], y[kept], Xt[chosen], numbers[chosen]
    if X.shape[1] > MOST_FEATURES:
        from sklearn.decomposition import PCA
        from sklearn.preprocessing import StandardScaler

        both = np.concatenate([X, Xt])
        scaler = StandardScaler(with_std=rows.kind == "numbers").fit(both)
        size = min(MOST_FEATURES, len(both) - 1)
        pca = PCA(size, random_state=seed).fit(scaler.transform(both))
        X, Xt = (pca.transform(scaler.transform(each)) for each in (X, Xt))
        if labeled is not None:
            labeled = pca.transform(scaler.transform(labeled[0])), labeled[1]
        share = pca.explained_variance_ratio_.sum()
        notes.append(
            f"{len(columns):,} features were projected on {size} principal components of both "
            f"domains, which keep {share:.0%} of the variance"
        )
        columns = tuple(f"component {j + 1}" for j in range(size))
    return replace(
        rows, X=X, y=y, target=Xt, labeled=labeled, columns=columns, numbers=numbers,
        notes=tuple(notes),
    )  # fmt: skip


def _drawn(
    y: np.ndarray, m: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return the source and the target rows to examine, and what was drawn."""
    kept, chosen, notes = np.arange(len(y)), np.arange(m), []
    if len(y) > MOST_ROWS:
        kept = _draw(y, rng)
        notes.append(f"{len(kept):,} of {len(y):,} source rows were drawn at random")
    if m > MOST_ROWS:
        chosen = np.sort(rng.choice(m, MOST_ROWS, replace=False))
        notes.append(f"{MOST_ROWS:,} of {m:,} target rows were drawn at random")
    return kept, chosen, tuple(notes)


def _draw(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return row numbers with the class shares kept, and some rows of every class."""
    share = MOST_ROWS / len(y)
    chosen = []
    for c in np.unique(y):
        inside = np.flatnonzero(y == c)
        size = min(len(inside), max(2 * LEAST_CLASS, round(share * len(inside))))
        chosen.append(rng.choice(inside, size, replace=False))
    return np.sort(np.concatenate(chosen))


def _pair(given: Any, name: str) -> tuple[Any, Any]:
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise ValueError(f"{name}: got {type(given).__name__}, want a pair (X, y)")
    return given[0], given[1]


def _plain(y: Any) -> np.ndarray:
    labels = np.asarray(y)
    if labels.dtype.kind == "O":
        missing = sum(label is None or label != label for label in labels.ravel())
        if missing:
            raise ValueError(f"y: got {missing} missing label(s), want one per row")
        labels = labels.astype(str)
    if labels.dtype.kind == "f" and (labels == np.round(labels)).all():
        labels = labels.astype(np.int64)  # 1.0 in one table and 1 in another are one class
    return labels


def _kind(X: Any, kind: str) -> str:
    if kind != "auto":
        return kind
    if column_names(X) is None and is_text(X):
        return "texts"
    return "pictures" if np.ndim(X) in (3, 4) else "numbers"
