"""From what a user has (numbers, texts, pictures) to the rows that are examined."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tlbook._base.checks import (
    check_choice,
    check_labels,
    check_same_features,
    check_texts,
    is_text,
)
from tlbook._base.estimators import check_column_names, column_names
from tlbook.diagnosis.soundness import LEAST_CLASS, LEAST_ROWS, check_rows, check_source_labels

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
    labeled : (X, y) or None
    columns : tuple of str
    kind : {"numbers", "texts", "pictures"}
    contents : pair of arrays of str, or None
        What equal rows have in common, for texts and pictures.
    numbers : array of shape (m,)
        Row numbers of ``target`` in what the user gave.
    notes : tuple of str
        What was done to the data on the way.
    """

    X: np.ndarray
    y: np.ndarray
    target: np.ndarray
    labeled: tuple[np.ndarray, np.ndarray] | None
    columns: tuple[str, ...]
    kind: str
    contents: tuple[np.ndarray, np.ndarray] | None
    numbers: np.ndarray
    notes: tuple[str, ...] = ()


def read_rows(source: Any, target: Any, labeled: Any, kind: str = "auto") -> Rows:
    """Check what the user gave and return it as rows of numbers.

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
    features, columns, notes = _features(rows_of, kind)
    X, Xt = features["source"], features["target"]
    y = check_source_labels(_plain(ys), len(X))
    extra = None
    if labeled is not None:
        labels = check_labels(_plain(yl), len(features["labeled"]), "y of labeled")
        unknown = np.setdiff1d(labels.astype(str), y.astype(str))
        if len(unknown):
            raise ValueError(
                f"labeled: got the classes {', '.join(unknown[:5])}, which the source has not"
            )
        names = np.unique(y)
        extra = features["labeled"], names[np.searchsorted(names.astype(str), labels.astype(str))]
    contents = None if kind == "numbers" else (_contents(Xs), _contents(target))
    return Rows(X, y, Xt, extra, columns, kind, contents, np.arange(len(Xt)), notes)


def reduced(rows: Rows, seed: int = 0) -> Rows:
    """Return at most ``MOST_ROWS`` rows of each domain and ``MOST_FEATURES`` features."""
    rng = np.random.default_rng(seed)
    X, y, Xt, labeled, columns = rows.X, rows.y, rows.target, rows.labeled, rows.columns
    notes, numbers = list(rows.notes), rows.numbers
    if len(X) > MOST_ROWS:
        kept = _draw(y, rng)
        notes.append(f"{len(kept):,} of {len(X):,} source rows were drawn at random")
        X, y = X[kept], y[kept]
    if len(Xt) > MOST_ROWS:
        chosen = np.sort(rng.choice(len(Xt), MOST_ROWS, replace=False))
        notes.append(f"{MOST_ROWS:,} of {len(Xt):,} target rows were drawn at random")
        Xt, numbers = Xt[chosen], numbers[chosen]
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
    return labels


def _kind(X: Any, kind: str) -> str:
    if kind != "auto":
        return kind
    if column_names(X) is None and is_text(X):
        return "texts"
    return "pictures" if np.ndim(X) in (3, 4) else "numbers"


def _features(
    given: dict[str, Any], kind: str
) -> tuple[dict[str, np.ndarray], tuple[str, ...], tuple[str, ...]]:
    if kind == "texts":
        from tlbook.text import embed

        words = {name: check_texts(X, name) for name, X in given.items()}
        found = {name: np.asarray(embed(X), dtype=np.float64) for name, X in words.items()}
        few = [name for name in ("source", "target") if len(found[name]) < LEAST_ROWS]
        if few:
            raise ValueError(f"{few[0]}: got {len(words[few[0]])} texts, want {LEAST_ROWS}")
        note = "texts were turned into 384 numbers each by MiniLM, on this machine"
    elif kind == "pictures":
        found = {name: _of_pictures(X, name) for name, X in given.items()}
        note = "pictures were turned into 128 numbers each by the frozen network signnet (24 × 24)"
    else:
        names = column_names(given["source"])
        for name, X in given.items():
            check_column_names(X, names, name)
        plain = None if names is None else [str(each) for each in names]
        found = {name: _numbers(X, name, plain) for name, X in given.items()}
        note = ""
    for name in found:
        check_same_features(found["source"], found[name], ("source", name))
    d = found["source"].shape[1]
    own = column_names(given["source"]) if kind == "numbers" else None
    columns = tuple(map(str, own)) if own is not None else tuple(f"feature {j}" for j in range(d))
    return found, columns, (note,) if note else ()


def _numbers(X: Any, name: str, columns: Sequence[str] | None) -> np.ndarray:
    least = 1 if name == "labeled" else LEAST_ROWS
    return check_rows(X.to_numpy() if columns is not None else X, name, columns, least)


def _of_pictures(X: Any, name: str) -> np.ndarray:
    from tlbook import models
    from tlbook.finetuning import cached_features

    pictures = np.asarray(X)
    if pictures.ndim == 3:
        pictures = pictures[:, None]
    if pictures.ndim != 4 or pictures.dtype.kind not in "uif":
        raise ValueError(f"{name}: got shape {pictures.shape}, want pictures (n, channels, h, w)")
    if pictures.dtype.kind in "ui":
        pictures = pictures / 255
    pictures = pictures.astype(np.float32)
    if not np.isfinite(pictures).all() or pictures.min() < 0 or pictures.max() > 1:
        raise ValueError(f"{name}: got pixels outside [0, 1], want floats in [0, 1] or uint8")
    if pictures.shape[1] == 1:
        pictures = pictures.repeat(3, axis=1)
    network = models.create("signnet", weights="embedded")
    return cached_features(network, pictures).astype(np.float64)


def _contents(X: Any) -> np.ndarray:
    def digest(each: Any) -> str:
        raw = each.encode() if isinstance(each, str) else np.ascontiguousarray(each).tobytes()
        return hashlib.blake2b(raw, digest_size=12).hexdigest()

    return np.array([digest(each) for each in X])
