"""A few target labels with the source and without it: the curves of chapter 14.

A labeled target row counts ``weight`` source rows: it is the λ of ``L_S + λ L_T`` (chapter 09).
``GRID`` is what was tried, ``SETTINGS`` what won in the stored study ``text_few_tuning``.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from scipy.sparse import issparse
from scipy.sparse import vstack as sparse_vstack
from sklearn.naive_bayes import MultinomialNB

from tlbook._base.checks import check_choice, check_labels, check_positive, check_texts
from tlbook.course.ch14_text_practice.methods import (
    Predict,
    bayes,
    logistic,
    spread_logistic,
    vectors,
)

Labeled = tuple[Any, Any]

_WEIGHTS = (1.0, 3.0, 10.0, 30.0)
_ALPHA = (0.01, 0.03, 0.1, 0.3)
_C = (1.0, 10.0, 100.0)
_C_WORDS = (10.0, 100.0, 1000.0)

GRID: dict[str, tuple[dict[str, float], ...]] = {
    "TF-IDF + NB, source too": tuple(
        {"alpha": a, "weight": w} for a, w in product(_ALPHA, _WEIGHTS)
    ),
    "TF-IDF + LR, source too": tuple({"C": c, "weight": w} for c, w in product(_C_WORDS, _WEIGHTS)),
    "MiniLM + LR, source too": tuple({"C": c, "weight": w} for c, w in product(_C, _WEIGHTS)),
    "TF-IDF + NB, target only": tuple({"alpha": a} for a in _ALPHA),
    "TF-IDF + LR, target only": tuple({"C": c} for c in _C_WORDS),
    "MiniLM + LR, target only": tuple({"C": c} for c in _C),
}

SETTINGS: dict[str, dict[str, float]] = {
    "TF-IDF + NB, source too": {"alpha": 0.03, "weight": 3.0},
    "TF-IDF + LR, source too": {"C": 1000.0, "weight": 10.0},
    "MiniLM + LR, source too": {"C": 100.0, "weight": 30.0},
    "TF-IDF + NB, target only": {"alpha": 0.3},
    "TF-IDF + LR, target only": {"C": 100.0},
    "MiniLM + LR, target only": {"C": 100.0},
}


def fit_few(
    name: str,
    source: Labeled,
    few: Labeled | None,
    Xt: Any,
    settings: dict[str, float] | None = None,
) -> Predict:
    """Fit one method on the source, a few labeled target texts, or both.

    Parameters
    ----------
    name : str
        A name in ``GRID``.
    source : (texts, labels)
        Not looked at by "target only".
    few : (texts, labels) or None
        Labeled target texts; ``None`` stands for no label at all.
    Xt : texts
        Unlabeled target texts, from which TF-IDF learns its words too.
    settings : dict, optional
        Instead of the method's ``SETTINGS``.

    Raises
    ------
    ValueError
        If the name is unknown, nothing is labeled, or texts or labels do not fit.
    """
    check_choice(name, "name", GRID)
    alone = name.endswith("target only")
    if alone and few is None:
        raise ValueError("few: got None, 'target only' needs labeled target texts")
    chosen = dict(SETTINGS[name] if settings is None else settings)
    weight = check_positive(chosen.pop("weight", 1.0), "weight")
    kind, _, rest = name.partition(",")[0].partition(" + ")
    parts = [part for part in (None if alone else source, few) if part is not None]
    texts = [check_texts(X, "texts", min_rows=1) for X, _ in parts]
    labels = [check_labels(y, len(X), "labels") for X, (_, y) in zip(texts, parts, strict=True)]
    rows = vectors(kind, np.concatenate(texts), Xt)
    Z = [rows(X) for X in texts]
    y = np.concatenate(labels)
    counts = [np.full(len(X), 1.0) for X in texts]
    if few is not None:
        counts[-1] *= weight
    model: Any
    if rest == "NB":
        model = bayes(**chosen)
    else:
        model = (logistic if kind == "TF-IDF" else spread_logistic)(**chosen)
    _fit(model, sparse_vstack(Z).tocsr() if issparse(Z[0]) else np.vstack(Z), y, counts)
    return lambda X: model.predict(rows(check_texts(X, "X")))


def _fit(model: Any, Z: Any, y: np.ndarray, counts: list[np.ndarray]) -> None:
    weights = np.concatenate(counts)
    if isinstance(model, MultinomialNB) or not hasattr(model, "steps"):
        model.fit(Z, y, sample_weight=weights)
    else:
        model.fit(Z, y, **{f"{model.steps[-1][0]}__sample_weight": weights})
